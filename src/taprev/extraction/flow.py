"""The flow of records (PRISMA 2020) as `flow.csv` holds it: the count of every box, and the parts that it is made of.

A count that nobody recorded is None and never 0. Counts that the tables hold are counted from them where the file
leaves them out: studies.csv and reports.csv have a row for everything in the review, the previous version included.

Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement. BMJ 2021;372:n71.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.extraction.tables import Row, allowed, read_rows
from taprev.ground.files import csv_text
from taprev.vocabulary import DETAILED_BOXES, PREVIOUS_VERSION, FlowBox

TABLE = "flow.csv"
COLUMNS = ("box", "name", "n", "note")
NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class FlowPart:
    """A database, register, other source or reason of exclusion, and how many records or reports it stands for.

    `typed` marks the words of an older table, whose note holds the number too.
    """

    name: str
    n: int | None = None
    note: str = ""
    typed: bool = False


@dataclass(frozen=True)
class FlowCount:
    """How many there are in a box, None where nobody recorded it; `doubt` says what contradicts it elsewhere."""

    n: int | None = None
    note: str = ""
    parts: tuple[FlowPart, ...] = ()
    doubt: str = ""

    @property
    def recorded(self) -> bool:
        """Whether the count, or one of its parts, was recorded."""
        return self.n is not None or bool(self.parts)


@dataclass(frozen=True)
class Flow:
    """The count of every box."""

    counts: Mapping[FlowBox, FlowCount]

    def __getitem__(self, box: FlowBox) -> FlowCount:
        """Return a count; a box that the file does not have was not recorded."""
        return self.counts.get(box, FlowCount())

    def n(self, box: FlowBox) -> int | None:
        """Return how many there are in a box, None where nobody recorded it."""
        return self[box].n

    def any_recorded(self, boxes: Iterable[FlowBox]) -> bool:
        """Return whether one of the boxes was recorded."""
        return any(self[box].recorded for box in boxes)

    @property
    def updates(self) -> bool:
        """Whether the review updates a previous version, of which something was counted."""
        return self.any_recorded(PREVIOUS_VERSION)


@dataclass(frozen=True)
class TableCount:
    """A table that holds what three boxes count: of the previous version, new, and in total."""

    table: str
    previous: FlowBox
    new: FlowBox
    total: FlowBox


TABLES = (
    TableCount("studies.csv", FlowBox.PREVIOUS_STUDIES, FlowBox.NEW_STUDIES, FlowBox.TOTAL_STUDIES),
    TableCount("reports.csv", FlowBox.PREVIOUS_REPORTS, FlowBox.NEW_REPORTS, FlowBox.TOTAL_REPORTS),
)


def read_flow(folder: Path) -> Flow:
    """Return the flow of the tables in `folder`; what the file leaves out and a table holds is counted there."""
    return counted_from_tables(flow_of(read_rows(folder / TABLE)), rows_of_tables(folder))


def rows_of_tables(folder: Path) -> dict[str, int]:
    """Return how many rows each table has that a box counts."""
    return {counted.table: len(read_rows(folder / counted.table)) for counted in TABLES}


def counted_from_tables(flow: Flow, rows: Mapping[str, int]) -> Flow:
    """Return the flow with the counts that follow from the tables where it leaves them out."""
    made = {}
    for counted in TABLES:
        for box, n in expected(flow, counted, rows[counted.table]).items():
            if flow.n(box) is None and n >= 0 and (box != counted.total or flow.updates):
                made[box] = FlowCount(n, f"Counted from {counted.table}.")
    return Flow({**flow.counts, **made})


def expected(flow: Flow, counted: TableCount, rows: int) -> dict[FlowBox, int]:
    """Return what follows from the rows of a table: the total, and what is new as far as the rest is known."""
    earlier = flow.n(counted.previous) if flow.updates else 0
    new = {} if earlier is None else {counted.new: rows - earlier}
    return {**new, counted.total: rows}


def flow_of(rows: Sequence[Row]) -> Flow:
    """Return the flow of the rows of `flow.csv`."""
    own: dict[FlowBox, FlowCount] = {}
    for row in rows:
        box, name, n = FlowBox(row["box"]), row.get("name", ""), number_of(row["n"])
        count = own.get(box, FlowCount())
        if name:
            own[box] = replace(count, parts=(*count.parts, FlowPart(name, n, row["note"])))
        else:
            own[box] = replace(count, n=n, note=row["note"], parts=count.parts or _parts_of_note(box, row))
    return Flow(own)


def number_of(text: str) -> int | None:
    """Return the number of a cell, None where it says that nobody recorded one."""
    return None if text == NOT_RECORDED else int(text)


def cell_of(n: int | None) -> str:
    """Return a number as a cell says it."""
    return NOT_RECORDED if n is None else str(n)


def _parts_of_note(box: FlowBox, row: Row) -> tuple[FlowPart, ...]:
    """Return what a count is made of by its note, in a table that was begun without names."""
    if "name" in row or box not in DETAILED_BOXES or row["n"] == NOT_RECORDED:
        return ()
    return tuple(FlowPart(text.strip(), typed=True) for text in row["note"].split(";") if text.strip())


def flow_csv(flow: Flow) -> str:
    """Return a flow as the text of `flow.csv`, with a row for every box and below it one for each of its parts."""
    rows: list[tuple[str, str, str, str]] = []
    for box in FlowBox:
        count = flow[box]
        rows.append((box, "", cell_of(count.n), count.note))
        rows += [(box, part.name, cell_of(part.n), part.note) for part in count.parts]
    return csv_text(COLUMNS, rows, guarded=False)


def without_a_place(folder: Path) -> list[str]:
    """Return a sentence where a codebook in `folder` is older than the boxes of today, so that it refuses them."""
    known = allowed(folder, "flow", "box") if (folder / "datapackage.yaml").is_file() else tuple(FlowBox)
    if not (older := [box for box in FlowBox if box not in known]):
        return []
    return [
        f"The codebook of this review (datapackage.yaml) does not know {', '.join(older)}. Before `taprev check`, give "
        "its table flow the columns and boxes that the codebook of a new review has (taprev init)."
    ]
