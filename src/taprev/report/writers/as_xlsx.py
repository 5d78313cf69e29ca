"""A document as a workbook: a sheet for every table, to be filtered and sorted, after a sheet that describes it."""

from __future__ import annotations

import re
from textwrap import wrap

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as Filtered
from openpyxl.worksheet.table import TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from taprev.extraction.sheets.books import append_texts, xlsx_bytes
from taprev.report.documents.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    TableCell,
)
from taprev.report.writers import plain
from taprev.report.writers.archive import undated
from taprev.report.writers.paper import INK, LANGUAGE, MAKER, PETROL, QUIET, RULE, TINT, UNDATED, widths
from taprev.wording.addresses import followed

ABOUT, GROUP, GROUP_SHARE = "About", "Group", 0.15
FONT = {"name": "Arial", "size": 10, "color": INK}
TEXT, QUIETER, BOLD = Font(**FONT), Font(**FONT | {"color": QUIET}), Font(**FONT, bold=True)
TITLE, PART = (Font(**FONT | {"size": size}, bold=True) for size in (16, 12))
LINK = Font(**FONT | {"color": PETROL}, underline="single")
KINDS = {"body": TEXT, "lead": BOLD, "note": QUIETER}
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
DIGITS = 15
WIDTHS = {False: 105, True: 150}
ABOUT_WIDTH = 70
LINE, TALLEST = 13, 409
BROAD, BROAD_BOLD, INDENT = 0.9, 1.0, 1.5
LONGEST_NAME, LONGEST_HEAD, LONGEST_FOOT = 31, 255, 200
CORE = "docProps/core.xml"


def as_xlsx(document: Document) -> bytes:
    """Return the document as the bytes of an XLSX file."""
    book = Workbook()
    tables = [block for block in document.blocks if isinstance(block, Table)]
    names = sheet_names([table.name for table in tables])
    _write_about(book.active, document, dict(zip(names, tables, strict=True)))
    for number, (name, table) in enumerate(zip(names, tables, strict=True), start=1):
        _write_table(book.create_sheet(name), document, table, number)
    return undated(xlsx_bytes(book), {CORE: _properties(document)})


def sheet_names(names: list[str]) -> list[str]:
    """Return names that a workbook takes, each of them once."""
    taken = [ABOUT]
    for name in names:
        bare = plain.line(re.sub(r"[\[\]:*?/\\]", " ", name))[:LONGEST_NAME].strip(" '") or "Table"
        number, free = 2, bare
        while free.casefold() in map(str.casefold, [*taken, "History"]):
            end = f" {number}"
            number, free = number + 1, bare[: LONGEST_NAME - len(end)].rstrip() + end
        taken.append(free)
    return taken[1:]


def _write_about(sheet: Worksheet, document: Document, tables: dict[str, Table]) -> None:
    """Write what the document says outside its tables, one line in each row."""
    sheet.title = ABOUT
    lines = [(document.title, TITLE), (document.subtitle, QUIETER)]
    lines += [line for block in document.blocks for line in _said(block)]
    lines += [("Sheets", PART)] if tables else []
    lines += [(f"{name}: {table.caption}", TEXT) for name, table in tables.items()]
    lines.append((document.imprint, QUIETER))
    append_texts(sheet, ([plain.line(text)] for text, _ in lines))
    for (cell,), (_, font) in zip(sheet.iter_rows(max_col=1), lines, strict=True):
        cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = ABOUT_WIDTH
    _heighten(sheet, [ABOUT_WIDTH])
    sheet.sheet_view.showGridLines = False
    _lay(sheet, document)


def _said(block: Block) -> list[tuple[str, Font]]:
    match block:
        case Heading(text, level):
            return [(text, PART if level == 2 else BOLD)]
        case Paragraph(text, kind):
            return [(text, KINDS[kind])]
        case Items(lines):
            return [(f"• {text}", TEXT) for text in lines]
        case Picture(alternative=text):
            return [(f"Picture: {text}", QUIETER)]
    return []


def _write_table(sheet: Worksheet, document: Document, table: Table, number: int) -> None:
    """Write a table row by row, each with the name of its section first."""
    grouped = any(section.name for section in table.sections)
    whole = sum(column.share for column in table.columns)
    columns = (*([Column(GROUP, GROUP_SHARE * whole)] * grouped), *table.columns)
    heads = [plain.line(column.head) for column in columns]
    rows = [(*([TableCell(section.name)] * grouped), *row) for section in table.sections for row in section.rows]
    append_texts(sheet, [heads, *(["\n".join(plain.lines(cell.text)) for cell in row] for row in rows)])
    for cells, row in zip(sheet.iter_rows(min_row=2), rows, strict=False):
        for sheet_cell, column, cell in zip(cells, columns, row, strict=True):
            _finish(sheet_cell, column, cell)
    across = [round(width, 2) for width in widths(columns, WIDTHS[document.landscape])]
    for position, (column, width) in enumerate(zip(columns, across, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
        _head(sheet.cell(1, position), column)
    _heighten(sheet, across)
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    if rows:
        _filter(sheet, heads, number)
    _lay(sheet, document)


def _head(sheet_cell: SheetCell, column: Column) -> None:
    sheet_cell.font, sheet_cell.fill = BOLD, PatternFill("solid", fgColor=TINT)
    sheet_cell.border = Border(bottom=Side("medium", color=PETROL))
    sheet_cell.alignment = _alignment(column, "bottom")


def _alignment(column: Column, upright: str) -> Alignment:
    return Alignment("right" if column.numbers else "left", upright, wrap_text=True, indent=int(not column.numbers))


def _finish(sheet_cell: SheetCell, column: Column, cell: TableCell) -> None:
    """Make a number of a number in a column of numbers, link what leads somewhere, and give the cell its look."""
    sheet_cell.font, sheet_cell.border = TEXT, Border(bottom=Side("thin", color=RULE))
    sheet_cell.alignment = _alignment(column, "top")
    if column.numbers and is_number(cell.text):
        decimals = len(cell.text.partition(".")[2])
        sheet_cell.value = float(cell.text) if decimals else int(cell.text)
        sheet_cell.number_format = f"0.{'0' * decimals}" if decimals else "0"
    elif cell.text and followed(cell.address):
        text = sheet_cell.value
        sheet_cell.hyperlink = cell.address
        sheet_cell.value, sheet_cell.data_type = text, "s"
        sheet_cell.font = LINK


def _heighten(sheet: Worksheet, across: list[float]) -> None:
    """Give every row the height of its lines, since not every program does so when it opens the file."""
    for cells in sheet.iter_rows():
        tallest = max(_lines(cell, width) for cell, width in zip(cells, across, strict=True))
        sheet.row_dimensions[cells[0].row].height = min(LINE * tallest + 3, TALLEST)


def _lines(cell: SheetCell, width: float) -> float:
    """Return how many lines of common text the words of a cell take in a column so wide."""
    size = cell.font.size / TEXT.size
    characters = int((width - INDENT) / size / (BROAD_BOLD if cell.font.bold else BROAD))
    lines = str(cell.value or "").split("\n")
    return size * sum(max(1, len(wrap(line, max(1, characters)))) for line in lines)


def _filter(sheet: Worksheet, heads: list[str], number: int) -> None:
    """Make the rows a table of the spreadsheet, or filter them where a table cannot have such heads."""
    area = sheet.dimensions
    once = len({head.casefold() for head in heads}) == len(heads)
    if not (once and all(0 < len(head) <= LONGEST_HEAD for head in heads)):
        sheet.auto_filter.ref = area
        return
    filtered = Filtered(displayName=f"Table{number}", ref=area)
    filtered.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(filtered)


def _lay(sheet: Worksheet, document: Document) -> None:
    """Lay the sheet on A4 paper, no wider than a page, with the imprint at its foot."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if document.landscape else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.left.text = plain.line(document.imprint)[:LONGEST_FOOT].replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"


def _properties(document: Document) -> bytes:
    date = UNDATED.replace(tzinfo=None)
    return tostring(
        DocumentProperties(
            creator=MAKER,
            title=plain.line(document.title),
            keywords=document.identifier or None,
            language=LANGUAGE,
            created=date,
            modified=date,
        ).to_tree()
    )


def is_number(text: str) -> bool:
    """Return whether text is a number that a spreadsheet keeps to its last digit."""
    return bool(NUMBER.fullmatch(text)) and sum(char.isdigit() for char in text) <= DIGITS
