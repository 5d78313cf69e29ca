"""One table from its file: header and rows as text, what was read otherwise than typed, and what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.sheets.column_types import ColumnTypes, column_types
from taprev.extraction.sheets.figures import ReadFigures, each, read_figures
from taprev.extraction.sheets.grid import Dialect, Grid, Refusal, Remark, many, remarks
from taprev.extraction.sheets.marked_rows import BEGUN, EXAMPLE, HELP, mark_of, typed_over
from taprev.extraction.sheets.odd_cells import like_dates, made_dates, shown_errors
from taprev.extraction.sheets.places import BOOKS, OTHER_BOOKS, Place, open_elsewhere, places
from taprev.extraction.sheets.text_file import text_grid
from taprev.extraction.sheets.workbook import workbook_grid
from taprev.vocabulary import RemarkCode

Row = dict[str, str]


class NumberedRow(Row):
    """A row that knows its number in the file that a person edits, as a spreadsheet counts; the header is row 1."""

    __slots__ = ("number",)

    def __init__(self, cells: Mapping[str, str], number: int) -> None:
        super().__init__(cells)
        self.number = number


FAR = 10_000
"""How many empty rows there may be between two rows."""
ADVICE_TWICE = "Keep one of them: empty the other below its header, or move it away."


@dataclass(frozen=True)
class ReadCells:
    """What stands in a table, wherever it lies; rows have the numbers of a spreadsheet, the header being row 1.

    A row that is shorter than the header has None in its last columns, one that is longer its other cells under None,
    as `csv.DictReader` has it. `as_typed` is whether its file is UTF-8 text with commas in which nothing was read
    otherwise than typed; `legible` whether its cells could be read at all. `not_filled_in` are the rows of a form that
    name a study and nothing else; they are not among its rows.
    """

    header: tuple[str, ...]
    rows: Mapping[int, Row]
    dialect: Dialect | None
    remarks: tuple[Remark, ...]
    refusals: tuple[Refusal, ...]
    as_typed: bool
    legible: bool
    not_filled_in: tuple[Row, ...]


@dataclass(frozen=True)
class ReadTable(ReadCells):
    """A table as it was read from its place, with the refusals of its cells as problems that name it."""

    place: Place
    problems: tuple[Problem, ...]


def read_table(path: Path) -> ReadTable:
    """Return the table that a path names, wherever it stands; FileNotFoundError where there is none.

    Where a file and a sheet both have rows, the first is returned with a problem that names both; where neither has,
    the sheet. What cannot be read beside it is a problem of its own: nobody knows whether the table is in it.
    """
    found = [_read(place, column_types(path)) for place in places(path)]
    if not found:
        raise FileNotFoundError(2, "No such file or directory", path.as_posix())
    full = [table for table in found if table.rows]
    unread = [t for t in found if not t.legible and t.place.file.suffix not in OTHER_BOOKS]
    chosen = next(iter(full or unread or [t for t in found if not t.legible]), found[-1])
    beside = [table for table in unread if table is not chosen]
    problems = (*_twice(full), *chosen.problems, *(problem for table in beside for problem in table.problems))
    others = [table for table in found if table is not chosen and table not in (*full, *beside)]
    others = others if chosen.rows or not chosen.legible else []
    said = ((RemarkCode.OTHER_FILE, f"{table.place.said()} beside it {_not_read(table)}") for table in others)
    return replace(chosen, problems=problems, remarks=(*chosen.remarks, *remarks(*said)))


def _twice(full: Sequence[ReadTable]) -> Iterator[Problem]:
    """Yield a problem where a table has rows in more than one place."""
    if len(full) > 1:
        what = f"this table has rows here and in {' and in '.join(table.place.said() for table in full[1:])}."
        yield Problem(full[0].place.said(), None, "", "", "", what, ADVICE_TWICE)


def _not_read(table: ReadTable) -> str:
    return "has no rows and is not read" if table.legible else "is not read"


def _read(place: Place, types: ColumnTypes) -> ReadTable:
    book = place.file.suffix.lower() in (*BOOKS, *OTHER_BOOKS)
    content = place.file.read_bytes()
    table = _at(place, _parsed(content, book, place.sheet, tuple(types.types.items()), tuple(types.named.items())))
    if place.file.suffix in BOOKS and open_elsewhere(place.file):
        told = Remark(RemarkCode.OPEN, "somebody has it open, and what was saved last is read")
        return replace(table, remarks=(*table.remarks, told))
    return table


def _at(place: Place, cells: ReadCells) -> ReadTable:
    problems = tuple(_problem(place, cells.header, cells.rows, one) for one in cells.refusals)
    return ReadTable(**vars(cells), place=place, problems=problems)


@lru_cache(maxsize=48)
def _parsed(
    content: bytes,
    book: bool,
    sheet: str,
    types: tuple[tuple[str, str], ...],
    named: tuple[tuple[str, str], ...],
) -> ReadCells:
    grid = workbook_grid(content, sheet) if book else text_grid(content)
    return _typed(grid, ColumnTypes(dict(types), dict(named)))


def _typed(grid: Grid, types: ColumnTypes) -> ReadCells:
    """Read the cells of a grid by what their columns are meant to hold."""
    grid, far = _without_far_rows(grid)
    passed = {n: mark for n, row in grid.rows.items() if (mark := mark_of(grid.header, row))}
    cells = {number: row for number, row in grid.rows.items() if number not in passed}
    figures = _figures(grid, cells, types)
    for (number, position), text in figures.read.items():
        cells[number] = (*cells[number][:position], text, *cells[number][position + 1 :])
    rows = {number: _row(grid.header, row) for number, row in cells.items()}
    refusals = [
        *far,
        *(one for one in grid.refusals if one.row not in passed),
        *_typed_over(grid, passed),
        *figures.asked,
        *made_dates(grid, types, passed),
        *shown_errors(grid, cells, types),
    ]
    return ReadCells(
        header=grid.header,
        rows=rows,
        dialect=grid.dialect
        and replace(grid.dialect, decimal_comma=grid.dialect.delimiter == ";" and not figures.points),
        remarks=(
            *grid.remarks,
            *figures.remarks(),
            *remarks(*((RemarkCode.OF_FORM, words) for words in _passed_over(passed))),
            *remarks(*((RemarkCode.LIKE_DATES, words) for words in like_dates(grid, cells, types))),
        ),
        refusals=tuple(refusals),
        as_typed=grid.as_typed and not (figures.read or passed or far),
        legible=bool(grid.header),
        not_filled_in=tuple(_row(grid.header, grid.rows[number]) for number, mark in passed.items() if mark == BEGUN),
    )


def _without_far_rows(grid: Grid) -> tuple[Grid, list[Refusal]]:
    """Return a grid without what stands far below its other rows, and a refusal for the first such row.

    Each row keeps its number in every copy of a table, so that one stray cell would make a million lines.
    """
    numbers = [1, *sorted(grid.rows)]
    for before, number in pairwise(numbers):
        if number - before > FAR:
            text = next((str(cell) for cell in grid.rows[number] if cell), "")
            found = f'found "{text}" alone, {number - before:,} rows below row {before}.'
            near = {n: row for n, row in grid.rows.items() if n <= before}
            dates = {at: told for at, told in grid.dates.items() if at[0] <= before}
            kept = tuple(one for one in grid.refusals if (one.row or 0) <= before)
            advice = "Empty the cell, or move the row up to the others."
            return replace(grid, rows=near, dates=dates, refusals=kept), [Refusal(found, advice, number)]
    return grid, []


def _figures(grid: Grid, cells: dict[int, tuple[str, ...]], types: ColumnTypes) -> ReadFigures:
    """Read the figures; a table of decisions has them in the rows that are about a column of numbers."""
    numeric = {p for p, name in enumerate(grid.header) if types.numeric(name)}
    found = list(each(cells, numeric.__contains__))
    if types.named and set(types.named_by) <= set(grid.header):
        naming, holding = (grid.header.index(name) for name in types.named_by)
        about = ColumnTypes(types.named)
        found += [
            ((n, p), text) for (n, p), text in each(cells, {holding}.__contains__) if about.numeric(cells[n][naming])
        ]
    comma_between = grid.dialect is not None and grid.dialect.delimiter == ","
    odd = {*grid.dates, *((one.row, one.column) for one in grid.refusals)}
    return read_figures(((at, text) for at, text in found if at not in odd), not comma_between)


def _row(header: tuple[str, ...], cells: tuple[str, ...]) -> Row:
    row: dict = dict(zip(header, map(str, cells), strict=False))
    if len(cells) > len(header):
        row[None] = list(cells[len(header) :])
    for name in header[len(cells) :]:
        row[name] = None
    return row


def _typed_over(grid: Grid, passed: Mapping[int, str]) -> Iterator[Refusal]:
    """Yield a refusal for each row that still carries the mark of the example and names a study of one's own."""
    for number, mark in passed.items():
        if mark == EXAMPLE and typed_over(grid.header, grid.rows[number]):
            found = f'the row was changed, and its first cell still says "{EXAMPLE}", so it would not be read.'
            yield Refusal(found, f"Write its {grid.header[0]} over these words, or put the example back.", number)


def _passed_over(passed: Mapping[int, str]) -> Iterator[str]:
    if helped := sum(mark == HELP for mark in passed.values()):
        yield f"{many(helped, 'line')} of help passed over"
    if begun := sum(mark == BEGUN for mark in passed.values()):
        yield f"{many(begun, 'row')} with a study and nothing else passed over"
    if examples := [str(number) for number, mark in passed.items() if mark == EXAMPLE]:
        rows = f"row {examples[0]}" if len(examples) == 1 else f"rows {', '.join(examples)}"
        yield f'{rows} marked "{EXAMPLE}" passed over (overwrite the mark where a row is yours)'


def _problem(place: Place, header: tuple[str, ...], rows: Mapping[int, Row], refusal: Refusal) -> Problem:
    row = rows.get(refusal.row or 0, {}) if refusal.column is not None else {}
    column = header[refusal.column] if refusal.column is not None and refusal.column < len(header) else ""
    who = (row.get("result") or "", row.get("study") or "")
    where = place.file.as_posix() if refusal.of_book else place.said()
    return Problem(where, refusal.row, *who, column, refusal.found, refusal.advice)
