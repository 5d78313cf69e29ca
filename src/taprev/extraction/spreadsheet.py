"""The sheet of a worksheet that a person fills: read by the rules of every other table, and written as text.

A cell whose text is not what was typed (a formula, a date, an error, a control character) is named in `odd`. What is
written stays text, so that no cell is taken for a formula. Workbooks are written by `sheets.books`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path

from taprev.extraction.sheets.column_types import OF_DECISIONS, ColumnTypes
from taprev.extraction.sheets.grid import CANONICAL, Dialect, Grid, Refusal, Remark
from taprev.extraction.sheets.odd_cells import made_dates, shown_errors
from taprev.extraction.sheets.places import BOOKS, OTHER_BOOKS
from taprev.extraction.sheets.text_file import CONTROL, control_character, decoded, dialect_of, encoded, text_grid
from taprev.extraction.sheets.workbook import workbook_grid
from taprev.extraction.tables import Row
from taprev.ground.files import csv_rows, guard, unguard

LONGEST = 32_000
CellAddress = tuple[int, str]


@dataclass(frozen=True)
class Spreadsheet:
    """The header, the rows that hold anything, by their number in the sheet, and the odd cells with what is odd.

    `dialect` is that of a CSV file; with a semicolon, numbers carry decimal commas. `remarks` say what was read
    otherwise than a person would expect.
    """

    header: tuple[str, ...]
    rows: dict[int, Row]
    odd: dict[CellAddress, Refusal] = field(default_factory=dict)
    dialect: Dialect = CANONICAL
    remarks: tuple[Remark, ...] = ()


def read_sheet(path: Path, name: str) -> Spreadsheet:
    """Return the sheet called `name` of an XLSX file (or its only one), or a CSV file; ValueError says why not."""
    if path.suffix.lower() in (*BOOKS, *OTHER_BOOKS[:1]):
        grid = workbook_grid(path.read_bytes(), name)
    elif path.suffix.lower() in (".csv", ".txt"):
        grid = text_grid(path.read_bytes())
    else:
        raise ValueError(f"{path}: this is neither XLSX nor CSV. Save the sheet as one of them.")
    if not grid.header:
        raise ValueError("\n".join(f"{path}: {refusal.found} {refusal.advice}" for refusal in grid.refusals))
    header = _header(path, [name.strip() for name in grid.header])
    rows = {}
    for number, cells in grid.rows.items():
        row = {n: unguard(str(text).strip()) for n, text in zip(header, cells, strict=False) if n}
        if any(row.values()):
            rows[number] = {**dict.fromkeys(filter(None, header), ""), **row}
    odd = {(one.row, header[one.column or 0]): one for one in _odd(grid) if one.row in rows}
    return Spreadsheet(tuple(filter(None, header)), rows, odd, grid.dialect or CANONICAL, grid.remarks)


def _odd(grid: Grid) -> Iterator[Refusal]:
    """Yield what is wrong with single cells; the columns of a worksheet hold text, but for the day of a decision."""
    types, width = ColumnTypes(OF_DECISIONS), len(grid.header)
    yield from made_dates(grid, types, {})
    yield from shown_errors(grid, grid.rows, types)
    for number, cells in grid.rows.items():
        if any(cells[width:]):
            found = "the row is longer than the header."
            yield Refusal(found, "A text with a comma needs quotation marks.", number, width - 1)
        for column, text in enumerate(cells[:width]):
            if why := control_character(text):
                yield Refusal(why, "Remove it; it is not text.", number, column)
    yield from (one for one in grid.refusals if one.column is not None)


def said_of_sheet(path: Path, name: str) -> list[str]:
    """Return in one sentence what was read otherwise in a sheet than a person would expect, or nothing."""
    remarks = read_sheet(path, name).remarks
    return [f"{path.as_posix()}: {'; '.join(remark.words for remark in remarks)}."] if remarks else []


def cell_text(value: object) -> str:
    """Return what a cell of a sheet holds as text, without spaces around it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


def sheet_text(text: str) -> str:
    """Return text as a sheet can hold it: no control characters, no more than 32,000 characters."""
    return CONTROL.sub(" ", text)[:LONGEST]


def csv_lines(rows: Iterable[Iterable[str]], dialect: Dialect = CANONICAL) -> str:
    """Return rows as CSV text, each cell guarded."""
    guarded = ([guard(sheet_text(text)) for text in row] for row in rows)
    return csv_rows(guarded, dialect.delimiter, dialect.newline)


def longer_csv(content: bytes, rows: Iterable[Iterable[str]], more: Mapping[str, str]) -> bytes:
    """Return a CSV file with rows below its last, and with columns at its right, as `widen` adds them.

    It keeps its dialect, and its other cells stay as they were typed. ValueError where it is no text.
    """
    text, encoding = decoded(content)
    dialect, body = dialect_of(text, encoding)
    body = _widened(body, dialect, more) if more else body
    end = "" if body.endswith("\n") else dialect.newline
    return encoded(f"{dialect.sep_line}{body}{end}{csv_lines(rows, dialect)}", dialect, content)


def _widened(body: str, dialect: Dialect, more: Mapping[str, str]) -> str:
    header, *lines = csv.reader(io.StringIO(body, newline=""), delimiter=dialect.delimiter)

    def wider(line: list[str]) -> list[str]:
        """Return a line with the further cells, but not an empty one."""
        return [*line, *[""] * (len(header) - len(line)), *more.values()] if any(line) else line

    return csv_rows([[*header, *more], *map(wider, lines)], dialect.delimiter, dialect.newline)


def _header(path: Path, names: list[str]) -> list[str]:
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise ValueError(f"{path}: columns named twice: {', '.join(twice)}. Rename one of each.")
    return names
