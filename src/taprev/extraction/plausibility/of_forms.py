"""What two forms show beside each other: one that was copied from the other, and rows under exchanged identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from taprev.extraction.plausibility.expression import CELLS
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.tables import Row, same_number

IN_OWN_WORDS = ("as_reported", "location", "source_quote", "assumes", "note")
"""Cells that two people write alike only by chance."""
FEWEST_CELLS = 10
ALL_ALIKE = 0.98
FIGURES = (*CELLS, "n_arm1", "n_arm2")
FEWEST_FIGURES = 2


def form_copied(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two forms agree letter for letter in the cells that people write in their own words."""
    for (one, rows), (other, others) in combinations(tables.forms.items(), 2):
        both = [(rows[result], others[result]) for result in rows if result in others]
        written = [(a[name], b[name]) for a, b in both for name in IN_OWN_WORDS if a.get(name) or b.get(name)]
        alike = sum(first == second for first, second in written)
        if len(written) >= FEWEST_CELLS and alike >= ALL_ALIKE * len(written):
            found = f"found {alike} of {len(written)} cells of free text alike in the forms {one} and {other}."
            yield RowFinding("", both[0][0]["study"], "", found, "Were the two filled in by people who did not confer?")


def identifiers_exchanged(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two results have each other's figures in another form, as when their identifiers were exchanged."""
    for (one, rows), (other, others) in combinations(tables.forms.items(), 2):
        apart = [r for r in rows if r in others and _filled(rows[r]) and not _alike(rows[r], others[r])]
        for first, second in combinations(apart, 2):
            if _alike(rows[first], others[second]) and _alike(rows[second], others[first]):
                found = f"found the figures of {second} in form {other} under {first} in form {one}, and the reverse."
                yield RowFinding(first, rows[first]["study"], "result", found, "Which form has the identifiers right?")


def _filled(row: Row) -> bool:
    return sum(bool(row.get(name)) for name in FIGURES) >= FEWEST_FIGURES


def _alike(one: Row, other: Row) -> bool:
    pairs = [(one.get(name, ""), other.get(name, "")) for name in FIGURES]
    return all(a == b or (a and b and same_number(a, b)) for a, b in pairs)
