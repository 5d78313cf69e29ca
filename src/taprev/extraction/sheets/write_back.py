"""Cells and rows written into a table where it stands: a CSV file keeps its dialect, a workbook its formats.

Nothing else that was typed is changed. A file is written whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from taprev.extraction.sheets.book_parts import BookParts
from taprev.extraction.sheets.column_types import ColumnTypes, column_types
from taprev.extraction.sheets.grid import CANONICAL, Dialect
from taprev.extraction.sheets.places import BOOKS, Place, open_elsewhere
from taprev.extraction.sheets.reading import ReadTable, Row, read_table
from taprev.extraction.sheets.text_file import decoded, dialect_of, encoded
from taprev.ground.files import csv_rows, write_bytes

NewCells = Mapping[tuple[int, str], str]
"""Texts by row and column; rows are counted as a spreadsheet does."""


def write_back(path: Path, cells: NewCells | None = None, more: Sequence[Row] = (), header: Sequence[str] = ()) -> None:
    """Write texts into cells of the table of a path, and rows below its last; `header` adds columns.

    Raises ValueError with a sentence where the table cannot be read, or where its workbook is open or holds what would
    be lost.
    """
    table = read_table(path)
    if not table.legible:
        raise ValueError("\n".join(problem.sentence() for problem in table.problems))
    cells, header = dict(cells or {}), list(header or table.header)
    if table.place.file.suffix in BOOKS:
        content = _in_book(table.place, cells, more, header)
    else:
        local = [_local(row, table.dialect or CANONICAL, column_types(path)) for row in more]
        content = _in_text(table, cells, local, header)
    write_bytes(table.place.file, content)


def rows_in_dialect(path: Path, header: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Return a table as CSV in the dialect that the file of a path has now; canonical where there is none to read."""
    table = read_table(path) if path.is_file() else None
    dialect = (table.dialect if table else None) or CANONICAL
    types = column_types(path)
    lines = [header, *([_local(row, dialect, types).get(name, "") for name in header] for row in rows)]
    text = "".join([dialect.sep_line, *(_line(line, dialect) for line in lines)])
    return encoded(text, dialect, path.read_bytes() if table else b"")


def _local(row: Row, dialect: Dialect, types: ColumnTypes) -> Row:
    """Return a row with decimal commas where its file has them."""
    if not dialect.decimal_comma:
        return row
    return {name: text.replace(".", ",") if types.holds_number(name, row) else text for name, text in row.items()}


def _in_text(table: ReadTable, cells: NewCells, more: Sequence[Row], header: Sequence[str]) -> bytes:
    content = table.place.file.read_bytes()
    text, encoding = decoded(content)
    dialect, body = dialect_of(text, encoding)
    if tuple(header) == table.header:
        lines = _changed_lines(body, dialect, cells)
    else:
        lines = _with_columns(body, dialect, cells, header)
    if more:
        names = next(csv.reader(io.StringIO("".join(lines), newline=""), delimiter=dialect.delimiter))
        if not lines[-1].endswith(("\n", "\r")):
            lines.append(dialect.newline)
        lines += [_line([row.get(name, "") for name in names], dialect) for row in more]
    return encoded(dialect.sep_line + "".join(lines), dialect, content)


def _changed_lines(body: str, dialect: Dialect, cells: NewCells) -> list[str]:
    """Return the lines of a CSV text with texts in some of its cells; lines without one stay as they are."""
    lines = list(io.StringIO(body, newline=""))
    reader = csv.reader(lines, delimiter=dialect.delimiter)
    header = next(reader)
    new: dict[int, dict[int, str]] = {}
    for (number, column), text in cells.items():
        new.setdefault(number, {})[header.index(column)] = text
    begins = reader.line_num
    for number, record in enumerate(reader, start=2):
        if own := new.get(number):
            if [*own] == [0] and not record[0]:
                lines[begins] = own[0] + lines[begins].removeprefix('""')
            else:
                changed = [own.get(position, text) for position, text in enumerate(record)]
                lines[begins : reader.line_num] = [_line(changed, dialect), *[""] * (reader.line_num - begins - 1)]
        begins = reader.line_num
    return lines


def _with_columns(body: str, dialect: Dialect, cells: NewCells, header: Sequence[str]) -> list[str]:
    """Return the lines of a CSV text with the columns of a longer header, and texts in some of its cells."""
    names, *records = csv.reader(io.StringIO(body, newline=""), delimiter=dialect.delimiter)
    lines = [_line(header, dialect)]
    for number, record in enumerate(records, start=2):
        row = dict(zip(names, record, strict=False))
        lines.append(
            _line([cells.get((number, name), row.get(name, "")) for name in header] if record else [], dialect)
        )
    return lines


def _line(cells: Collection[str], dialect: Dialect) -> str:
    return csv_rows([cells], dialect.delimiter, dialect.newline)


def _in_book(place: Place, cells: NewCells, more: Sequence[Row], header: Sequence[str]) -> bytes:
    from openpyxl import load_workbook

    from taprev.extraction.sheets.books import named_sheet, xlsx_bytes

    content = place.file.read_bytes()
    if open_elsewhere(place.file):
        raise ValueError(f"{place.file.as_posix()}: somebody has it open. Save and close it, then run this again.")
    if BookParts(content).drawn:
        what = "the workbook holds charts, pictures or controls, which would be lost if taprev wrote into it."
        raise ValueError(f"{place.file.as_posix()}: {what} Remove them, or save the sheet as CSV UTF-8.")
    book = load_workbook(io.BytesIO(content), keep_vba=place.file.suffix == ".xlsm")
    sheet = named_sheet(book, place.sheet)
    names = [str(cell.value or "").strip() for cell in sheet[1]]
    if not set(header) <= set(names):
        _reorder(sheet, names, header)
        names = list(header)
    place_of = {name: position for position, name in enumerate(names, start=1) if name}
    for (number, column), text in cells.items():
        _put(sheet, number, place_of[column], text)
    last = max((number for number, row in enumerate(sheet.iter_rows(values_only=True), start=1) if any(row)), default=1)
    for number, row in enumerate(more, start=last + 1):
        for name, text in row.items():
            if name in place_of:
                _put(sheet, number, place_of[name], text)
    return xlsx_bytes(book)


def _reorder(sheet, names: Sequence[str], header: Sequence[str]) -> None:
    """Give a sheet the columns of a longer header in its order; each cell goes with its column."""
    for number, cells in enumerate(list(sheet.iter_rows(values_only=True)), start=1):
        row = dict(zip(names, cells, strict=False))
        for position, name in enumerate(header, start=1):
            sheet.cell(number, position).value = name if number == 1 else row.get(name)


def _put(sheet, number: int, column: int, text: str) -> None:
    """Write a text into a cell as text, whatever it begins with."""
    cell = sheet.cell(number, column)
    cell.value, cell.number_format = text or None, "@"
    if text:
        cell.data_type = "s"
