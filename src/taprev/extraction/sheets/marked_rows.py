"""Rows of a form that are no data: a line of help under the head, an example, and rows that nobody has filled in yet.

The first two are marked in their first column with words in round brackets. No identifier of a study, report, result,
domain or box has a bracket, so that no row of data can be taken for one; where the mark is overwritten the row is the
reader's own. A form offers a row for each study: one that names its study and report, and nothing else, says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

HELP, EXAMPLE, BEGUN = "(what to write)", "(example, not read)", "(not filled in)"
OF_EXAMPLE = ("example_2020", "Example 2020")
"""What the example names, as study or by its label: a marked row of a study with neither was typed over."""
RESULT, OFFERED = "result", frozenset({"study", "report"})


def typed_over(header: Sequence[str], cells: Sequence[str]) -> bool:
    """Return whether a row that carries the mark of the example names another study."""
    named = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=False)}
    where = [name for name in ("study", "label") if name in named and name != header[0]]
    return any(named[name] and not named[name].startswith(OF_EXAMPLE) for name in where)


def mark_of(header: Sequence[str], cells: Sequence[str]) -> str:
    """Return the mark that a row carries in its first cell, `BEGUN` where nothing is filled in, or nothing."""
    text = " ".join(cells[0].split()) if cells else ""
    if not text and header[0] == RESULT:
        return BEGUN if {name for name, cell in zip(header, cells, strict=False) if cell} <= OFFERED else ""
    return next((mark for mark in (HELP, EXAMPLE) if text.startswith(mark)), "")
