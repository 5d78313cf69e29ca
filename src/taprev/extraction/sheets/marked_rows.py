"""Rows of a form that are no data: a line of help under the head, and an example.

Each is marked in its first column with words in round brackets. No identifier of a study, report, result, domain or box
has a bracket, so that no row of data can be taken for one; where the mark is overwritten the row is the reader's own.
"""

from __future__ import annotations

HELP, EXAMPLE = "(what to write)", "(example, not read)"


def mark_of(first_cell: str) -> str:
    """Return the mark that a row carries in its first cell, or nothing."""
    text = " ".join(first_cell.split())
    return next((mark for mark in (HELP, EXAMPLE) if text.startswith(mark)), "")
