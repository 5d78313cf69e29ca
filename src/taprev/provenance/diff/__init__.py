"""The living review: what changed between two editions, which numbers moved, and which change moved them."""

from taprev.provenance.diff.difference import Difference, difference, difference_json
from taprev.provenance.diff.editions import Edition, EditionError, read_edition

__all__ = ["Difference", "Edition", "EditionError", "difference", "difference_json", "read_edition"]
