"""What two forms show beside each other: one that was copied from the other, and rows under exchanged identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from taprev.extraction.plausibility.expression import FIGURES
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.tables import Row
from taprev.ground.files import PLAIN_NUMBER

IN_OWN_WORDS = ("as_reported", "location", "source_quote", "assumes", "note")
"""Cells that two people write alike only by chance."""
FEWEST_CELLS = 10
ALL_ALIKE = 0.98


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
        figures = {name: (_figures(rows[name]), _figures(others[name])) for name in rows if name in others}
        apart = {name: pair for name, pair in figures.items() if pair[0] != pair[1] and sum(map(bool, pair[0])) > 1}
        by_other = {there: name for name, (_, there) in apart.items()}
        for first, (here, there) in apart.items():
            second = by_other.get(here, first)
            if first < second and apart[second][0] == there:
                found = f"found the figures of {second} in form {other} under {first} in form {one}, and the reverse."
                yield RowFinding(first, rows[first]["study"], "result", found, "Which form has the identifiers right?")


def _figures(row: Row) -> tuple[str, ...]:
    """Return the figures of a row as texts that are the same where the numbers are."""
    return tuple(_plain(row.get(name, "")) for name in FIGURES)


def _plain(text: str) -> str:
    return str(Decimal(text).normalize()) if PLAIN_NUMBER.fullmatch(text) else text
