"""Workbooks as they are written: opened as they were typed, lengthened by texts, and saved.

This module loads openpyxl, which costs more than a table of CSV: who writes no workbook does not import it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from taprev.extraction.sheets.workbook import named_like
from taprev.extraction.spreadsheet import cell_text, sheet_text

UNREADABLE = (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, EOFError)


def xlsx_bytes(book: Workbook) -> bytes:
    """Return a workbook as the bytes of its file, with the signs by which grouped columns are folded."""
    for sheet in book.worksheets:
        levels = [column.outlineLevel or 0 for column in sheet.column_dimensions.values()]
        sheet.column_dimensions.max_outline = max(levels, default=0) or None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def open_book(path: Path) -> Workbook:
    """Return an XLSX file as it was typed; ValueError where it is none."""
    try:
        return load_workbook(io.BytesIO(path.read_bytes()))
    except (*UNREADABLE, zlib.error):
        raise ValueError(f"{path}: this is not a readable XLSX file. Save it again as XLSX.") from None


def named_sheet(book: Workbook, name: str) -> Worksheet:
    """Return the sheet called `name` whatever its capitals, or the only one there is."""
    return next(sheet for sheet in book.worksheets if named_like(sheet.title, name, len(book.worksheets)))


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
