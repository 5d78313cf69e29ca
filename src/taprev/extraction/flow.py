"""The arithmetic of the flow of records (PRISMA 2020), wherever both sides of it were counted.

A review that found no report by other methods than databases and registers writes 0 for `other_reports`.

Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement. BMJ 2021;372:n71.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.tables import read_rows
from taprev.vocabulary import FlowBox

TABLE = "flow.csv"
NOT_RECORDED = "not recorded"
SUMS = {
    FlowBox.RECORDS_SCREENED: ((FlowBox.DATABASE_RESULTS, FlowBox.REGISTER_RESULTS), ("duplicates",)),
    FlowBox.REPORTS_SOUGHT: (("records_screened",), ("records_excluded",)),
    FlowBox.REPORTS_ASSESSED: (("reports_sought",), ("reports_not_retrieved",)),
    FlowBox.NEW_REPORTS: ((FlowBox.REPORTS_ASSESSED, FlowBox.OTHER_REPORTS), ("reports_excluded",)),
}
ROWS = {FlowBox.NEW_STUDIES: "studies.csv", FlowBox.NEW_REPORTS: "reports.csv"}


def flow_problems(folder: Path) -> Iterator[Problem]:
    """Yield every count that contradicts the boxes before it, or the rows of the table that it counts."""
    path = folder / TABLE
    rows = read_rows(path)
    row_number = {row["box"]: number for number, row in enumerate(rows, start=2)}
    counts = {row["box"]: int(row["n"]) for row in rows if row["n"] != NOT_RECORDED}
    for box, found, advice in (*_sums(counts), *_rows(counts, folder)):
        yield Problem(path.as_posix(), row_number[box], "", "", "n", found, advice)


def _sums(counts: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    for box, (added, taken) in SUMS.items():
        if not all(part in counts for part in (*added, *taken)):
            continue
        expected = sum(counts[part] for part in added) - sum(counts[part] for part in taken)
        if expected < 0:
            found = f"found {counts[taken[0]]} for {taken[0]}, which is more than there were ({' + '.join(added)})."
            yield taken[0], found, 'One of these counts is wrong: look them up, or write "not recorded".'
        if box not in counts or expected < 0:
            continue
        if counts[box] != expected:
            terms = " + ".join(f"{part} ({counts[part]})" for part in added)
            less = "".join(f" - {part} ({counts[part]})" for part in taken)
            found = f"found {counts[box]} for {box}, but {terms}{less} is {expected}."
            yield box, found, 'One of these counts is wrong: look them up, or write "not recorded".'


def _rows(counts: Mapping[str, int], folder: Path) -> Iterator[tuple[str, str, str]]:
    for box, table in ROWS.items():
        held = len(read_rows(folder / table))
        if box in counts and counts[box] != held:
            found = f"found {counts[box]} for {box}, but {table} has {_counted(held)}."
            yield box, found, "Correct the count, or complete the table."


def _counted(rows: int) -> str:
    """Return a count of rows in words."""
    return f"{rows} row" if rows == 1 else f"{rows} rows"
