"""What the notebooks of a review take, in one place: a review that was begun earlier keeps its own copies of them.

A name here stays when the function behind it moves.
"""

from __future__ import annotations

from taprev.certainty.assessment import read_certainty
from taprev.extraction.tables import read_rows
from taprev.figures.forest.omission import rows_without, without_png
from taprev.ground.fingerprint import source_fingerprint
from taprev.ground.places import FOREST, figure_pages, figure_place
from taprev.ground.seal import seal_of
from taprev.provenance.diff.results import read_changes
from taprev.provenance.file_status import belongs
from taprev.provenance.trace.results import KEPT
from taprev.provenance.trace.targets import read_traces
from taprev.provenance.verify import verify
from taprev.settings import read_settings
from taprev.synthesis.results import read_synthesis
from taprev.wording import estimates, labels, notes
from taprev.wording.strata import direction_words, stratum_words

__all__ = [
    "FOREST",
    "KEPT",
    "belongs",
    "direction_words",
    "estimates",
    "figure_pages",
    "figure_place",
    "labels",
    "notes",
    "read_certainty",
    "read_changes",
    "read_rows",
    "read_settings",
    "read_synthesis",
    "read_traces",
    "rows_without",
    "seal_of",
    "source_fingerprint",
    "stratum_words",
    "verify",
    "without_png",
]
