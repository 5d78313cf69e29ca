"""The lists of words that a form offers: on a hidden sheet, each under a name that a spreadsheet program keeps."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from taprev.extraction.sheets.books import xlsx_bytes
from taprev.starter.forms.sheet_plan import FIRST_ROW, HEAD, LAST_ROW, FormSheet

LISTS = "lists"


def offer(book: Workbook, lists: Worksheet, sheet: Worksheet, plan: FormSheet) -> None:
    """Offer the choices of each column as a list; they stand on a hidden sheet, under a name."""
    for position, column in enumerate(plan.columns, start=1):
        if column.choices or column.offers:
            name = f"{plan.table}_{column.name}"
            where = _sheet_list(column.offers) if column.offers else _list(lists, name, column.choices)
            book.defined_names[name] = DefinedName(name, attr_text=where)
            sheet.add_data_validation(_choose_from(name, position, column.strict))


def _choose_from(name: str, position: int, strict: bool) -> DataValidation:
    """Return the offer of a named list in a column; where it is not strict, other words are asked about once."""
    offered = DataValidation(type="list", formula1=name, allow_blank=True, showErrorMessage=True)
    offered.errorStyle, offered.errorTitle = "stop" if strict else "warning", "taprev"
    offered.error = "The codebook has other words for this column." if strict else "This is not in the list. Keep it?"
    letter = get_column_letter(position)
    offered.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
    return offered


def _list(lists: Worksheet, name: str, choices: Sequence[str]) -> str:
    """Write choices below their name in a column of the hidden sheet, and return their range."""
    names = [cell.value for cell in lists[1]]
    place = names.index(name) + 1 if name in names else len([one for one in names if one]) + 1
    for (cell,) in lists.iter_rows(min_col=place, max_col=place):
        cell.value = None
    for number, text in enumerate((name, *choices), start=1):
        lists.cell(number, place, text).data_type = "s"
    letter = get_column_letter(place)
    return f"{LISTS}!${letter}$2:${letter}${max(len(choices), 1) + 1}"


def _sheet_list(table: str) -> str:
    """Return the filled cells in the first column of another sheet, however many there will be."""
    first, cells = f"{table}!$A${FIRST_ROW}", f"{table}!$A${FIRST_ROW}:$A${LAST_ROW}"
    return f"OFFSET({first},0,0,MAX(1,COUNTA({cells})),1)"


def relisted(content: bytes, table: str, choices: Mapping[str, tuple[str, ...]]) -> bytes:
    """Return a form that somebody filled, with these choices in columns of a table; nothing else is changed.

    A list that follows another sheet of the workbook stays as it is.
    """
    book = load_workbook(io.BytesIO(content))
    if LISTS not in book.sheetnames:
        return content
    for column, own in choices.items():
        name, sheet = f"{table}_{column}", book[table]
        if name not in book.defined_names:
            position = next(cell.column for cell in sheet[HEAD] if cell.value == column)
            sheet.add_data_validation(_choose_from(name, position, strict=False))
        elif book.defined_names[name].attr_text.startswith("OFFSET"):
            continue
        book.defined_names[name] = DefinedName(name, attr_text=_list(book[LISTS], name, own))
    return xlsx_bytes(book)
