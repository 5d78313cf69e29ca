"""A form as a workbook: frozen heads, help, choices, folding groups, and colours that follow the statistic of a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from taprev.extraction.sheets.books import xlsx_bytes
from taprev.extraction.sheets.marked_rows import HELP
from taprev.extraction.spreadsheet import sheet_text
from taprev.starter.forms.choices import LISTS, offer
from taprev.starter.forms.read_me import COLOURS, write_read_me
from taprev.starter.forms.sheet_plan import (
    EXAMPLE_ROW,
    FIRST_ROW,
    HEAD,
    HELP_ROW,
    LAST_ROW,
    FormColumn,
    FormSheet,
    groups,
)

NARROW, NUMBER, IDENTIFIER, LONG = 13, 13, 22, 38
LONG_TEXTS = (
    "note",
    "as_reported",
    "reason",
    "citation",
    "source_url",
    "measure",
    "source_quote",
    "location",
    "assumes",
)
FACE = "Calibri"
FOLDS = "[+]"
"""What the help of a column begins with behind which others fold."""
LINE = Side(style="thin", color="BFBFBF")
SMALL, SMALL_ITALIC = Font(FACE, 8, color="595959"), Font(FACE, 9, italic=True, color="7F7F7F")
CHARACTERS_OF_A_LINE = 1.5
TEXT_FORMAT, DAY_FORMAT = "@", "yyyy-mm-dd"


def form_book(title: str, sheets: Sequence[FormSheet], in_sight: Sequence[str], told: Iterable[str]) -> bytes:
    """Return the workbook of a form; `in_sight` are the statistics whose columns are not folded away.

    `told` are sentences for the first sheet about what this form is.
    """
    book = Workbook()
    first: Any = book.active
    made = [(book.create_sheet(plan.table), plan) for plan in sheets]
    lists: Any = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    for sheet, plan in made:
        _fill(sheet, plan)
        _look(sheet, plan, in_sight)
        offer(book, lists, sheet, plan)
        _colour(sheet, plan.columns)
    write_read_me(first, title, sheets, told)
    book.properties.creator = "taprev"
    book.properties.title = title
    return xlsx_bytes(book)


def _fill(sheet: Worksheet, plan: FormSheet) -> None:
    """Write the head, the help, the example and the rows that are begun, every cell as text."""
    names = [column.name for column in plan.columns]
    behind = {group.first: f"{FOLDS} {group.name}, to {names[group.last]}\n" for group in groups(plan.columns, ())}
    help_row = [f"{behind.get(position, '')}{column.help}" for position, column in enumerate(plan.columns)]
    help_row[0] = f"{HELP} {help_row[0]}"
    rows = [names, help_row, *([row.get(name, "") for name in names] for row in (plan.example, *plan.rows))]
    for number, row in enumerate(rows, start=HEAD):
        for position, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(number, position, sheet_text(text))
                cell.data_type, cell.number_format = "s", TEXT_FORMAT


def _look(sheet: Worksheet, plan: FormSheet, in_sight: Sequence[str]) -> None:
    """Set widths, heads, help and the groups that fold."""
    sheet.freeze_panes = f"{'C' if len(plan.columns) > 8 else 'B'}{EXAMPLE_ROW}"
    sheet.sheet_view.zoomScale = 100
    sheet.sheet_properties.outlinePr.summaryRight = False
    for position, column in enumerate(plan.columns, start=1):
        letter, width = get_column_letter(position), _width(column, position)
        own = sheet.column_dimensions[letter]
        own.width, own.number_format = width, DAY_FORMAT if column.type == "date" else TEXT_FORMAT
        head, told, shown = (sheet.cell(row, position) for row in (HEAD, HELP_ROW, EXAMPLE_ROW))
        fill, ink = COLOURS[_colour_of(column)]
        head.fill, head.font = PatternFill("solid", fgColor=fill), Font(FACE, 10, bold=True, color=ink)
        head.alignment = Alignment(vertical="center")
        told.font, told.alignment = SMALL, Alignment(wrap_text=True, vertical="top")
        told.fill = PatternFill("solid", fgColor="F7F7F7")
        told.border = head.border = Border(bottom=LINE, right=LINE)
        shown.font, shown.border = SMALL_ITALIC, Border(bottom=LINE)
    texts = [str(sheet.cell(HELP_ROW, position).value or "") for position in range(1, len(plan.columns) + 1)]
    lines = max(
        _lines(text, _width(column, p)) for p, (text, column) in enumerate(zip(texts, plan.columns, strict=True), 1)
    )
    sheet.row_dimensions[HEAD].height, sheet.row_dimensions[HELP_ROW].height = 20, 11 * lines + 4
    for group in groups(plan.columns, in_sight):
        letters = [get_column_letter(position + 1) for position in range(group.first + 1, group.last + 1)]
        for letter in letters:
            sheet.column_dimensions[letter].outlineLevel = 1
            sheet.column_dimensions[letter].hidden = not group.in_sight


def _colour_of(column: FormColumn) -> str:
    return "required" if column.required else "figures" if column.figure else "optional"


def _width(column: FormColumn, position: int) -> float:
    if position == 1:
        return IDENTIFIER
    if column.name in LONG_TEXTS:
        return LONG
    if column.offers or column.name in ("study", "report"):
        return IDENTIFIER
    longest = max((len(choice) for choice in column.choices), default=0 if column.figure else NARROW)
    return min(max(len(column.name) + 4, longest + 4, NUMBER), 30)


def _lines(text: str, width: float) -> int:
    return -(-(len(text) + 6) // int(width * CHARACTERS_OF_A_LINE))


def _colour(sheet: Worksheet, columns: Sequence[FormColumn]) -> None:
    """Grey what the statistic of a row does not use, and mark what it, or the codebook, asks for and the row lacks."""
    at = {column.name: get_column_letter(position) for position, column in enumerate(columns, start=1)}
    begun = f'${at[columns[1].name]}{FIRST_ROW}<>""'
    for column in columns:
        letter = at[column.name]
        own, cells = f"{letter}{FIRST_ROW}", f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}"
        if column.figure and "statistic" in at:
            statistic = f"${at['statistic']}{FIRST_ROW}"
            if column.needed_by:
                lacks = f'AND({statistic}<>"",{own}="",{_is_one_of(statistic, column.needed_by)})'
                sheet.conditional_formatting.add(cells, _filled("lacking", lacks))
            unused = f'AND({statistic}<>"",NOT({_is_one_of(statistic, column.used_by)}))'
            sheet.conditional_formatting.add(cells, _filled("unused", unused))
        elif column.required and column is not columns[0]:
            sheet.conditional_formatting.add(cells, _filled("lacking", f'AND({begun},{own}="")'))


def _is_one_of(cell: str, words: Iterable[str]) -> str:
    """Return a formula that is true where a cell holds one of some words, capitals told apart."""
    return f'ISNUMBER(FIND("|"&{cell}&"|","|{"|".join(words)}|"))'


def _filled(colour: str, formula: str) -> FormulaRule:
    return FormulaRule(formula=[formula], fill=PatternFill("solid", bgColor=COLOURS[colour][0]))
