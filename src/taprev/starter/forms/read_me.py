"""The first sheet of a form: how it is filled in, what its colours mean, and which columns a statistic asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from taprev.starter.forms.needs import in_need, users
from taprev.starter.forms.sheet_plan import OUTCOMES, FormSheet
from taprev.vocabulary import Statistic

NAME, FACE = "Read me", "Calibri"
CHARACTERS_OF_A_LINE, LINE_HEIGHT = 112, 15.5
COLOURS = {
    "required": ("1F4E79", "FFFFFF"),
    "figures": ("DDEBF7", "1F1F1F"),
    "optional": ("EDEDED", "1F1F1F"),
    "lacking": ("FFE699", "1F1F1F"),
    "unused": ("D9D9D9", "1F1F1F"),
}
LEGEND = (
    ("required", "a column that every row fills in"),
    ("figures", "a column of figures: the statistic of the row says which are used"),
    ("optional", "a column that may stay empty"),
    ("lacking", "this row needs the cell, and it is empty"),
    ("unused", "the statistic of this row does not use the cell"),
)
HOW = (
    "Write one row for each result, below the example. Copy what is printed; what is not printed stays empty.",
    "Cells are text, so that 0.90 keeps its last digit and 3-4 does not become a date. A decimal comma (0,90) is read "
    "as a point where all figures of the sheet have one. Write nothing between thousands: 1234.",
    "Where an arrow appears beside a cell, choose one of its words.",
    "Columns fold in groups behind the first of each, whose help begins with [+]: the sign + above the columns opens a "
    "group, the sign - folds it. What you wrote in a folded column is read.",
    "The line of help and the example may stay: they are recognised by the words in brackets in their first cell, and "
    "are not read. Overwrite these words only where the row is yours.",
    "Do not rename, move or remove columns or sheets. Formulas are refused: paste values.",
    "Save the file as it is (XLSX), and close it. Then run: taprev check",
)


def write_read_me(sheet: Worksheet, title: str, sheets: Sequence[FormSheet], told: Iterable[str]) -> None:
    """Write the first sheet."""
    sheet.title = NAME
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 96
    rows: list[tuple[str, str, str]] = [("", title, "title"), *(("", text, "") for text in told)]
    rows += [("", "", ""), ("", "How to fill it in", "head"), *((str(n), text, "") for n, text in enumerate(HOW, 1))]
    rows += [("", "", ""), ("", "Colours", "head"), *((colour, text, "colour") for colour, text in LEGEND)]
    rows += [("", "", ""), ("", "Sheets", "head"), *((plan.table, plan.title, "") for plan in sheets)]
    if any(plan.table == OUTCOMES for plan in sheets):
        columns = [column.name for plan in sheets if plan.table == OUTCOMES for column in plan.columns]
        rows += [("", "", ""), ("", "Which figures a statistic takes (those it cannot do without first)", "head")]
        rows += [(str(one), _figures(str(one), columns), "") for one in Statistic]
    for number, (left, text, style) in enumerate(rows, start=1):
        _row(sheet, number, left, text, style)


def _figures(statistic: str, columns: Sequence[str]) -> str:
    needed = [name for name in columns if statistic in in_need(name)]
    others = [name for name in columns if statistic in users(name) and name not in needed]
    also = f"{'; also ' if needed else ''}{', '.join(others)}" if others else ""
    return f"{', '.join(needed)}{also}" or "no figure: which way the result points, in direction"


def _row(sheet: Worksheet, number: int, left: str, text: str, style: str) -> None:
    label, said = sheet.cell(number, 1, left or None), sheet.cell(number, 2, text or None)
    said.alignment = Alignment(wrap_text=True, vertical="top", indent=1)
    label.alignment = Alignment(vertical="top", horizontal="right")
    label.font = said.font = Font(FACE, 11)
    if style == "title":
        said.font = Font(FACE, 18, bold=True, color=COLOURS["required"][0])
    elif style == "head":
        said.font = Font(FACE, 13, bold=True, color=COLOURS["required"][0])
    elif style == "colour":
        fill, _ = COLOURS[left]
        label.fill, label.value = PatternFill("solid", fgColor=fill), None
    lines = -(-len(text) // CHARACTERS_OF_A_LINE) if style != "title" else 2
    sheet.row_dimensions[number].height = LINE_HEIGHT * max(lines, 1) + (4 if style == "head" else 0)
