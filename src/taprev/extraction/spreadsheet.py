"""Sheets as people save them: XLSX by Excel or LibreOffice, CSV with a byte-order mark or semicolons.

Everything is read as text: 34.0 as "34", 0.077 as "0.077", an empty cell as "". A cell whose text is not what
was typed (a date, an error, a formula without a value) is named in `odd`. What is written stays text, so that
no cell is taken for a formula.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from taprev.extraction.tables import UTF_8, Row
from taprev.ground.files import guard, unguard

LONGEST = 32_000
UNREADABLE = (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, EOFError)
CellAddress = tuple[int, str]


@dataclass(frozen=True)
class Spreadsheet:
    """The header, the rows that hold anything, by their number in the sheet, and the odd cells with what is odd.

    `delimiter` is that of a CSV file; with a semicolon, numbers carry decimal commas.
    """

    header: tuple[str, ...]
    rows: dict[int, Row]
    odd: dict[CellAddress, str] = field(default_factory=dict)
    delimiter: str = ","


def read_sheet(path: Path, name: str) -> Spreadsheet:
    """Return the sheet called `name` of an XLSX file (or its only one), or a CSV file; ValueError says why not."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_xlsx(path, name)
    if path.suffix.lower() in (".csv", ".txt"):
        return _read_csv(path)
    raise ValueError(f"{path}: this is neither XLSX nor CSV. Save the sheet as one of them.")


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
    return ILLEGAL_CHARACTERS_RE.sub(" ", text)[:LONGEST]


def csv_lines(rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    """Return rows as CSV text, each cell guarded."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([guard(sheet_text(text)) for text in row] for row in rows)
    return out.getvalue()


def append_texts(sheet: Worksheet, rows: Iterable[Iterable[str]]) -> None:
    """Append rows of text to a sheet below its last row, each cell as text whatever it begins with."""
    for number, row in enumerate(rows, start=sheet.max_row + 1 if sheet["A1"].value else 1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column, sheet_text(text) or None)
            cell.number_format = "@"
            if text:
                cell.data_type = "s"


def widen(sheet: Worksheet, more: Mapping[str, str]) -> None:
    """Add columns at the right of a sheet; `more` holds what each has in the rows that are filled already."""
    width = max(cell.column for cell in sheet[1] if cell_text(cell.value))
    for column, (name, text) in enumerate(more.items(), start=width + 1):
        sheet.cell(1, column, name)
        for row in range(2, sheet.max_row + 1):
            if any(cell.value is not None for cell in sheet[row][:width]):
                sheet.cell(row, column, text or None)


def widened_csv(content: bytes, delimiter: str, more: Mapping[str, str]) -> bytes:
    """Return a CSV file with columns added at the right, as `widen` does; its other cells stay as they were typed."""
    text = content.decode(UTF_8)
    mark = content[: len(content) - len(text.encode("utf-8"))]
    first, end, rest = text.partition("\n")
    sep, text = (first + end, rest) if first.strip().lower().startswith("sep=") else ("", text)
    header, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if "\r\n" in text else "\n")
    writer.writerow([*header, *more])
    for line in lines:
        padded = [*line, *[""] * (len(header) - len(line))]
        writer.writerow([*padded, *more.values()] if any(line) else line)
    return mark + (sep + out.getvalue()).encode("utf-8")


def xlsx_bytes(book: Workbook) -> bytes:
    """Return a workbook as the bytes of its file, with the signs by which grouped columns are folded."""
    for sheet in book.worksheets:
        levels = [column.outlineLevel or 0 for column in sheet.column_dimensions.values()]
        sheet.column_dimensions.max_outline = max(levels, default=0) or None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def open_book(path: Path, values: bool = False) -> Workbook:
    """Return an XLSX file with its formulas, or with the values last computed; ValueError where it is none."""
    content = io.BytesIO(path.read_bytes())
    try:
        return load_workbook(content, data_only=values)
    except (*UNREADABLE, zlib.error):
        raise ValueError(f"{path}: this is not a readable XLSX file. Save it again as XLSX.") from None


def named_sheet(book: Workbook, name: str, path: Path) -> Worksheet:
    """Return the sheet called `name`, or the only one there is."""
    if name in book.sheetnames:
        return book[name]
    if len(book.worksheets) == 1:
        return book.worksheets[0]
    sheets = ", ".join(book.sheetnames)
    raise ValueError(f'{path}: found the sheets {sheets}, and none is called "{name}". Give it that name.')


def _read_xlsx(path: Path, name: str) -> Spreadsheet:
    typed, shown = (named_sheet(open_book(path, values), name, path) for values in (False, True))
    header = _header(path, [cell_text(cell.value) for cell in shown[1]])
    rows, odd = {}, {}
    for number, cells in enumerate(shown.iter_rows(min_row=2), start=2):
        row = {n: unguard(cell_text(cell.value)) for n, cell in zip(header, cells, strict=False) if n}
        for column, cell in zip(header, cells, strict=False):
            if column and (why := _odd(cell, typed.cell(number, cell.column).value)):
                odd[number, column] = why
        if any(row.values()) or any(position[0] == number for position in odd):
            rows[number] = row
    return Spreadsheet(tuple(n for n in header if n), rows, odd)


def _odd(cell, typed: object) -> str:
    if isinstance(cell.value, (date, time, timedelta)):
        return "the spreadsheet made a date or a time of what was typed."
    if cell.data_type == "e":
        return f"the cell shows the error {cell.value}."
    if cell.value is None and typed is not None:
        return "the cell holds a formula that was never computed."
    return ""


def _read_csv(path: Path) -> Spreadsheet:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f'{path}: this is not UTF-8 text. Save the sheet as "CSV UTF-8", or as XLSX.') from None
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        text, first = rest, rest.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = _header(path, [unguard(cell.strip()) for cell in lines[0]] if lines else [])
    rows, odd = {}, {}
    for number, line in enumerate(lines[1:], start=2):
        row = dict.fromkeys(filter(None, header), "")
        row |= {n: unguard(cell.strip()) for n, cell in zip(header, line, strict=False) if n}
        if any(line[len(header) :]):
            odd[number, header[-1]] = "the row is longer than the header; a text with a comma needs quotation marks."
        if any(row.values()):
            rows[number] = row
    return Spreadsheet(tuple(filter(None, header)), rows, odd, delimiter)


def _header(path: Path, names: list[str]) -> list[str]:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if not any(names):
        raise ValueError(f"{path}: the sheet has no header in its first row. Restore it.")
    if twice:
        raise ValueError(f"{path}: columns named twice: {', '.join(twice)}. Rename one of each.")
    return names
