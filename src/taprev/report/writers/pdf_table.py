"""A table on the pages of a PDF file: quiet rules, heads on every page, and rows that stay whole where they can."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taprev.report.documents.document import Picture, Table, TableCell
from taprev.report.writers import plain
from taprev.report.writers.paper import PETROL, RULE, TINT, widths
from taprev.report.writers.pdf_paper import CAPTION, Paper, PrintType, picture_height

TEXT = PrintType(7.5, leading=1.35)
HEAD = replace(TEXT, bold=True)
SECTION = replace(HEAD, colour=PETROL)
LINK = replace(TEXT, colour=PETROL)
ACROSS, DOWN, CLOSE = 2, 1.1, 0.6
THICK, MIDDLE, THIN = 0.45, 0.25, 0.12


@dataclass(frozen=True)
class CellLines:
    """The lines of a cell, where they are and how they are set."""

    lines: list[str]
    x: float
    width: float
    kind: PrintType
    right: bool
    link: str = ""
    picture: Picture | None = None

    @property
    def height(self) -> float:
        """The height of the lines and of the picture beneath them."""
        drawn = picture_height(self.picture, self.width) + DOWN if self.picture else 0
        return len(self.lines) * TEXT.line + drawn


PdfRow = list[CellLines]


def put_table(paper: Paper, table: Table) -> None:
    """Put a table below what is there."""
    heads = _row(paper, table, tuple(TableCell(plain.line(column.head)) for column in table.columns), HEAD)
    repeated = heads if _height(paper, heads) <= paper.eph / 2 else []
    paper.y += CAPTION.before if table.caption else 0
    caption = paper.fitted(table.caption, paper.epw, CAPTION) if table.caption else []
    if not paper.room(len(caption) * CAPTION.line + _height(paper, heads) + 4 * TEXT.line):
        paper.add_page()
    if caption:
        paper.say(table.caption, replace(CAPTION, before=0))
    _rule(paper, THICK, PETROL)
    _put_row(paper, [], heads)
    _rule(paper, MIDDLE, PETROL)
    for section in table.sections:
        rows = [_row(paper, table, cells, TEXT) for cells in section.rows]
        if section.name:
            _put_name(paper, repeated, section.name, rows[:1])
        for row in rows:
            _put_row(paper, repeated, row)
            _rule(paper, THIN, RULE)
    _rule(paper, THICK, PETROL)
    paper.y += 3


def _row(paper: Paper, table: Table, cells: tuple[TableCell, ...], kind: PrintType) -> PdfRow:
    row, x = [], paper.l_margin
    for cell, column, width in zip(cells, table.columns, widths(table.columns, paper.epw), strict=True):
        across = min(ACROSS, width / 6)
        inner = width - 2 * across
        lines = [part for text in plain.lines(cell.text) for part in paper.fitted(text, inner, kind) or [""]]
        link = plain.address(cell.address)
        row.append(CellLines(lines, x + across, inner, LINK if link else kind, column.numbers, link, cell.picture))
        x += width
    return row


def _down(paper: Paper) -> float:
    """Return the white above and below a row, less of it in a compact document."""
    return CLOSE if paper.compact else DOWN


def _height(paper: Paper, row: PdfRow) -> float:
    return max([TEXT.line, *(cell.height for cell in row)]) + 2 * _down(paper)


def _put_name(paper: Paper, repeated: PdfRow, name: str, first: list[PdfRow]) -> None:
    """Put the name of a section on a tint, on the page of its first row."""
    width = paper.epw - 2 * ACROSS
    row = [CellLines(paper.fitted(name, width, SECTION), paper.l_margin + ACROSS, width, SECTION, False)]
    if not paper.room(_height(paper, row) + min(sum(_height(paper, one) for one in first), 6 * TEXT.line)):
        _turn(paper, repeated)
    _put_row(paper, repeated, row, tinted=True)
    _rule(paper, THIN, RULE)


def _put_row(paper: Paper, repeated: PdfRow, row: PdfRow, tinted: bool = False) -> None:
    """Put a row, on the next page where this one has no room; one that no page can hold is divided."""
    if not paper.room(_height(paper, row)):
        _turn(paper, repeated)
    while not paper.room(_height(paper, row)):
        many = int((paper.lowest - paper.y - 2 * _down(paper)) // TEXT.line)
        _put_lines(paper, [replace(cell, lines=cell.lines[:many], picture=None) for cell in row], tinted)
        row = [replace(cell, lines=cell.lines[many:]) for cell in row]
        _turn(paper, repeated)
    _put_lines(paper, row, tinted)


def _turn(paper: Paper, repeated: PdfRow) -> None:
    """Go on with a new page under the same heads."""
    _rule(paper, THICK, PETROL)
    paper.add_page()
    _rule(paper, THICK, PETROL)
    if repeated:
        _put_lines(paper, repeated)
        _rule(paper, MIDDLE, PETROL)


def _put_lines(paper: Paper, row: PdfRow, tinted: bool = False) -> None:
    top, height = paper.y, _height(paper, row)
    if tinted:
        paper.set_fill_color(f"#{TINT}")
        paper.rect(paper.l_margin, top + MIDDLE, paper.epw, height - MIDDLE, style="F")
    for cell in row:
        for number, line in enumerate(cell.lines):
            y = top + _down(paper) + number * TEXT.line
            paper.put(line, cell.x, y, cell.width, cell.kind, cell.right, cell.link)
        if cell.picture:
            y = top + 2 * _down(paper) + len(cell.lines) * TEXT.line
            paper.draw(cell.picture, cell.x, y, cell.width * cell.picture.share)
    paper.set_xy(paper.l_margin, top + height)


def _rule(paper: Paper, thickness: float, colour: str) -> None:
    paper.set_line_width(thickness)
    paper.set_draw_color(f"#{colour}")
    paper.line(paper.l_margin, paper.y, paper.l_margin + paper.epw, paper.y)
