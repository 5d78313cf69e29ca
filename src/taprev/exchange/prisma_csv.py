"""The CSV file of the R package PRISMA2020, read into a flow of records and written from one.

Reading corrects nothing unsaid: what is read otherwise than typed, cannot be read, or has no place is named in a
remark. A cell that holds no number is a count that was not recorded, with the printed text in its note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.exchange.prisma_cells import EMPTY, read_cell
from taprev.exchange.prisma_template import COLUMNS, HELD, HELD_PARTS, MISSING, ROWS, Cell, TemplateRow
from taprev.extraction.flow import Flow, FlowCount, FlowPart
from taprev.extraction.flow_checks import flow_findings
from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, file_problems, header_of, read_rows, said_of
from taprev.ground.files import csv_text
from taprev.vocabulary import FlowBox

KEY, COUNT = "data", "n"


@dataclass(frozen=True)
class Exchanged:
    """What was read or written, and what a person must know of it, a sentence each."""

    flow: Flow
    remarks: tuple[str, ...]


def prisma_problems(path: Path) -> list[Problem]:
    """Return why a file cannot be read as one of the R package PRISMA2020 (all problems at once)."""
    if not path.is_file():
        return [Problem(path.as_posix(), None, "", "", "", "this file is missing.", "Name a file that exists.")]
    header = header_of(path)
    if broken := file_problems(path, header):
        return broken
    advice = f"The file of the R package PRISMA2020 has the columns {', '.join(COLUMNS)}."
    return [
        Problem(path.as_posix(), 1, "", "", name, "this column is missing.", advice)
        for name in (KEY, COUNT)
        if name not in header
    ]


def read_prisma(path: Path) -> Exchanged:
    """Return the flow of a file of the R package PRISMA2020, which `prisma_problems` found readable.

    Parameters
    ----------
    path : Path
        The CSV file; its columns may stand in any order, and rows may be missing.

    Returns
    -------
    Exchanged
        A flow with every box, and the remarks on what was read otherwise than typed or not at all.
    """
    rows = [{name or "": cell or "" for name, cell in row.items() if isinstance(cell, str)} for row in read_rows(path)]
    unknown = [name for name in header_of(path) if name not in COLUMNS]
    remarks = [*said_of(path)]
    remarks += [f"Columns that the file does not have by rule, not kept: {_listed(unknown)}."] if unknown else []
    counts = {box: FlowCount() for box in FlowBox}
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        template = _template_of(row)
        if template is None or template.cell is Cell.HEADING or template.key in seen:
            remarks += _not_read(number, row, template, seen)
        elif template.counts:
            read = read_cell(template, row.get(COUNT, "").strip())
            counts[template.counts] = _joined(counts[template.counts], read.count)
            remarks += [f"row {number}, {template.key}: {remark}" for remark in read.remarks]
        remarks += _relabelled(number, row, template)
        if template and template.key:
            seen.setdefault(template.key, number)
    flow = Flow(counts)
    return Exchanged(flow, (*remarks, *_of_the_whole(flow, seen)))


def _template_of(row: Row) -> TemplateRow | None:
    key = row.get(KEY, "").strip()
    if key in EMPTY:
        return next((one for one in ROWS if not one.key and one.box == row.get("box", "").strip()), None)
    return next((one for one in ROWS if one.key == key), None)


def _not_read(number: int, row: Row, template: TemplateRow | None, seen: dict[str, int]) -> Iterator[str]:
    """Yield why the count of a row is not read, where it has one."""
    text = row.get(COUNT, "").strip()
    if template is None:
        named = f'"{row.get(KEY, "").strip()}"'
        yield f'row {number}: {named} is not a key of this file, so its count "{text}" is not kept.'
    elif template.key in seen and template.cell is not Cell.HEADING:
        yield f'row {number}: {template.key} is in row {seen[template.key]} already, so "{text}" is not read.'
    elif text not in (*EMPTY, "0"):
        yield f'row {number}: found "{text}" beside the heading "{template.text}", which has no count; not read.'


def _relabelled(number: int, row: Row, template: TemplateRow | None) -> Iterator[str]:
    """Yield that the words of a box are not kept where somebody changed them."""
    words = row.get("boxtext", "").strip()
    if template and words not in (*EMPTY, template.text):
        yield f'row {number}: the words of the box, "{words}", are not kept; taprev has its own.'


def _joined(one: FlowCount, other: FlowCount) -> FlowCount:
    """Return what two rows say of one box: its total and its parts."""
    note = " ".join(filter(None, (one.note, other.note)))
    return replace(one, n=other.n if one.n is None else one.n, note=note, parts=one.parts + other.parts)


def _of_the_whole(flow: Flow, seen: dict[str, int]) -> Iterator[str]:
    """Yield what is to be said of all counts together: missing rows, noughts, and sums that do not hold."""
    if missing := [row.key for row in ROWS if row.key and row.cell is not Cell.HEADING and row.key not in seen]:
        yield f"Rows that the file does not have, kept as not recorded: {_listed(missing)}."
    if noughts := [box for box in FlowBox if flow.n(box) == 0]:
        yield (
            f"0 is read as 0, so that there were none: {_listed(noughts)}. The file comes with 0 in every row; "
            'write "not recorded" where nobody counted, or where there is no previous version and no other method.'
        )
    for finding in flow_findings(flow):
        yield f"{finding.found} {finding.advice}"


def write_prisma(flow: Flow) -> tuple[str, tuple[str, ...]]:
    """Return a flow as the CSV file that the R package PRISMA2020 reads, and what has no place in that file.

    Parameters
    ----------
    flow : Flow
        The flow of records; a count that was not recorded becomes NA, and never 0.

    Returns
    -------
    tuple of str and tuple of str
        The text of the file, with every row of the package's template in its order, and a sentence for each loss.
    """
    rows = ((*row.cells, _cell(row, flow)) for row in ROWS)
    return csv_text(COLUMNS, rows, guarded=False), tuple(_losses(flow))


def _cell(row: TemplateRow, flow: Flow) -> str:
    """Return the cell of a row: a count, or the parts of a box one after the other."""
    if row.counts is None:
        return MISSING
    count = flow[row.counts]
    parts = _named(count) if row.cell in (Cell.PARTS, Cell.REASONS) else []
    if parts:
        return "; ".join(f"{part.name}, {_number_or_missing(part.n)}" for part in parts)
    return MISSING if row.cell is Cell.PARTS else _number_or_missing(count.n)


def _named(count: FlowCount) -> list[FlowPart]:
    """Return the parts of a count that have a name and a number apart."""
    return [part for part in count.parts if not part.typed]


def _number_or_missing(n: int | None) -> str:
    return MISSING if n is None else str(n)


def _losses(flow: Flow) -> Iterator[str]:
    """Yield a sentence for everything that the file has no place for, and for what contradicts a count in it."""
    if boxes := [box for box in FlowBox if box not in HELD and flow[box].recorded]:
        yield f"Boxes without a place in this file: {_listed(boxes)}."
    if boxes := [box for box in FlowBox if flow[box].parts and (box not in HELD_PARTS or not _named(flow[box]))]:
        yield f"Parts without a place in this file: of {_listed(boxes)}."
    if boxes := [box for box in FlowBox if flow[box].note or any(part.note for part in flow[box].parts)]:
        yield f"Notes without a place in this file: of {_listed(boxes)}."
    yield from (f"{box}: {flow[box].doubt}" for box in FlowBox if flow[box].doubt)
    for row in ROWS:
        if row.counts and row.cell in (Cell.PARTS, Cell.REASONS):
            yield from _lost_in_a_list(row, flow[row.counts])


def _lost_in_a_list(row: TemplateRow, count: FlowCount) -> Iterator[str]:
    parts = _named(count)
    known = [part.n for part in parts if part.n is not None]
    summed = sum(known) if len(known) == len(parts) else None
    if row.cell is Cell.REASONS and parts and count.n != summed:
        told = "not recorded" if count.n is None else count.n
        yield f"{row.counts}: the file has no place for a total beside reasons; {told} is left out."
    if names := [part.name for part in parts if "," in part.name]:
        yield f"{row.counts}: R prints these names up to their first comma: {_listed(names, '; ')}."


def _listed(names: Sequence[str], between: str = ", ") -> str:
    return between.join(name or "(empty)" for name in names)
