"""Figures that are used and do not stand in the printed expression of their row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from taprev.extraction.plausibility.expression import PRINTED, SIZES, printed_figures
from taprev.extraction.plausibility.printed import TEST, numbers, plain, sample_sizes
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.read_elsewhere import read_elsewhere
from taprev.extraction.tables import Row
from taprev.vocabulary import Statistic

WITHOUT_MAGNITUDE = (Statistic.DIRECTION, Statistic.P_BOUND, Statistic.COUNTS)
WITHOUT_N = (Statistic.RATIO, Statistic.EFFECT)
"""Their formulas use no n."""
ASK = "Add it to as_reported as it is printed, or name its place in read_elsewhere, as in n_arm1: table 1, page 3."


def n_not_printed(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The n that a formula uses does not stand in the printed expression, so that nobody can compare it there."""
    missing: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in _with_magnitude(tables.rows):
        if row["statistic"] not in WITHOUT_N and _expression(row) and (columns := _sizes_not_printed(row)):
            missing[row["study"], row["report"], *(f"{name} {row[name]}" for name in columns)].append(row)
    for (study, _, *sizes), rows in missing.items():
        found = f"found {' and '.join(sizes)} in {_results(rows)}, and no n in the printed expression."
        yield RowFinding("", study, sizes[0].split()[0], found, ASK)


def figures_without_expression(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Figures stand in cells, and nothing says how they are printed; as_reported is empty.

    A review that keeps no expressions at all, as one of an imported file, need only say where its figures stand.
    """
    rows = [row for row in _with_magnitude(tables.rows) if any(map(row.get, PRINTED))]
    kept = any(map(_expression, rows))
    silent: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if not _expression(row) and not read_elsewhere(row) and (kept or not row["location"]):
            silent[row["study"], row["report"]].append(row)
    for (study, _), group in silent.items():
        found = f"found figures without a printed expression in {_results(group)}."
        yield RowFinding("", study, "as_reported", found, "Write them as they are printed.")


def _with_magnitude(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row["statistic"] not in WITHOUT_MAGNITUDE)


def _expression(row: Row) -> str:
    """Return what is kept of the print of a row: the expression, and words of the source that hold a figure."""
    quote = row["source_quote"] if numbers(row["source_quote"]) else ""
    return " ".join(filter(None, (row["as_reported"], quote)))


def _sizes_not_printed(row: Row) -> list[str]:
    """Return the columns of n that the expression does not print, also not as degrees of freedom or as a total."""
    text = _expression(row)
    if _prints_sizes(text):
        return []
    printed = printed_figures(row) | set(map(float, numbers(text)))
    filled = [name for name in SIZES if row[name] and name not in read_elsewhere(row)]
    return [name for name in filled if float(row[name]) not in printed]


@cache
def _prints_sizes(text: str) -> bool:
    return bool(sample_sizes(text)) or any(test["df"] for test in TEST["t"].finditer(plain(text)))


def _results(rows: list[Row]) -> str:
    return ", ".join(row["result"] for row in rows)
