"""The forest plot of the whole evidence of one outcome domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from matplotlib.figure import Figure

from taprev.drawing import marks, saving, theme, typeset
from taprev.drawing.axis import side_words
from taprev.drawing.page import Page
from taprev.figures.forest import draw_rows, rows
from taprev.figures.forest.alternative_text import alternative_text
from taprev.figures.forest.bias_columns import ALONE
from taprev.figures.forest.canvas import Canvas
from taprev.figures.forest.columns import (
    BEFORE_LIGHTS,
    SLASH,
    Arms,
    ForestColumns,
    columns_of,
    page_height,
    page_margin,
    page_width,
)
from taprev.figures.forest.footer import footer, key
from taprev.figures.forest.layout import Layout, lay_out
from taprev.figures.forest.layout_pages import pages
from taprev.figures.forest.styles import APPEARANCES
from taprev.figures.forest.twin import twin
from taprev.ground.places import FOREST
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import Synthesis
from taprev.wording import sentences

NAME, TITLE = FOREST, "Forest plot of the whole evidence"
LINE = 15.0

ON_AXIS = (rows.GroupHead, rows.Sides, rows.StudyRow, rows.DiamondRow, rows.QuietLine)

Extent = tuple[float, float]


def why_no_forest(content: Synthesis) -> str:
    """Return why a domain has no forest plot, or nothing where it has one."""
    return "" if content.has_evidence else sentences.nothing(content.notes)


def forest_files(content: Synthesis, how: Figures = USUAL) -> dict[str, bytes]:
    """Return the forest plot of a domain, its data and its alternative text.

    Parameters
    ----------
    content : Synthesis
        A domain, as `read_synthesis` returns it.
    how : Figures, optional
        The settings of figures.

    Returns
    -------
    dict of str to bytes
        The content of its files by their endings: .svg, .png, .pdf, .csv, .txt and further formats. A long figure is
        divided into pages, the pages of one PDF; further ones are _2.svg, _2.png and so on.
    """
    layout, words = lay_out(content, how), alternative_text(content, how)
    columns = columns_of(layout)
    with theme.style():
        layouts = pages(layout, fitting(layout, columns))
        sheets = (figure(page, columns) for page in layouts)
        title = f"{how.caption(NAME, content.domain) or 'Forest plot'}: {layout.header.title}"
        pictures = saving.pictures(sheets, title, words, content, len(layouts), saving.kinds_of(how.formats))
    return {**pictures, ".csv": twin(content, how).encode(), ".txt": f"{words}\n".encode()}


def figure(layout: Layout, columns: ForestColumns | None = None) -> Figure:
    """Return the drawn figure of a layout; call it within `theme.style()`.

    Parameters
    ----------
    layout : Layout
        The rows of the figure, or of one page of it.
    columns : ForestColumns, optional
        The columns of the whole figure where the layout is one page of it, by default those that fit the layout.

    Returns
    -------
    Figure
    """
    page = Page(page_width(layout), 2 * layout.how.type_size / theme.SMALLEST, page_margin(layout))
    sheet = canvas(page, layout, columns or columns_of(layout))
    spans: dict[int, list[Extent]] = {}
    bands: dict[int, list[Extent]] = {}
    y, top = theme.MARGIN, theme.MARGIN
    for row in layout.rows:
        height = DRAWERS[type(row)](sheet, row, y)
        if isinstance(row, ON_AXIS) and row.panel is not None:
            spans.setdefault(row.panel, []).append((y, y + height))
            bands.setdefault(row.panel, []).extend([(y, y + height)] * (type(row) is not rows.Sides))
        if isinstance(row, rows.SectionHead | rows.Sides):
            top = y + height
        if isinstance(row, rows.DiamondRow) and row.line:
            marks.pooled_line(page, sheet.track(row.panel), row.value, (top, y + 10), sheet.look.diamond)
        if isinstance(row, rows.AxisRow):
            foot = (y, y + 8.0)
            null_line(sheet, row, [*spans.pop(row.panel, []), foot])
            important_band(sheet, row, [*bands.pop(row.panel, []), foot])
        y += height
    return page.close(y + theme.MARGIN)


def canvas(page: Page, layout: Layout, columns: ForestColumns) -> Canvas:
    """Return what the rows of a layout are drawn on."""
    look = APPEARANCES[layout.how.style]
    return Canvas(page, columns, layout.scales, layout.descriptors, layout.bias, layout.rungs, look)


def fitting(layout: Layout, columns: ForestColumns) -> Callable[[Layout], bool]:
    """Return what says whether a page of a layout is no higher than its paper; use it within `theme.style()`."""
    sheet, most = canvas(Page(page_width(layout), margin=page_margin(layout)), layout, columns), page_height(layout)

    @cache
    def height(row: rows.Row) -> float:
        return DRAWERS[type(row)](sheet, row, theme.MARGIN)

    return lambda page: most is None or sum(map(height, page.rows)) + 2 * theme.MARGIN <= most


def null_line(sheet: Canvas, row: rows.AxisRow, spans: Sequence[Extent]) -> None:
    """Draw the line of no difference through the rows of a panel."""
    for span in joined(spans):
        marks.null_line(sheet.page, sheet.track(row.panel), span)


def important_band(sheet: Canvas, row: rows.AxisRow, spans: Sequence[Extent]) -> None:
    """Draw the band of what is too small to matter through the rows of a panel, where it is named."""
    if row.important is None:
        return
    for span in joined(spans):
        marks.important_band(sheet.page, sheet.track(row.panel), row.important, span)


def joined(spans: Sequence[Extent]) -> list[Extent]:
    """Return spans with those that touch made one; headings between rows are left out."""
    whole: list[Extent] = []
    for top, bottom in spans:
        if whole and top <= whole[-1][1] + 0.01:
            whole[-1] = whole[-1][0], bottom
        else:
            whole.append((top, bottom))
    return whole


def header(sheet: Canvas, row: rows.Header, y: float) -> float:
    """Draw the title, in as many lines as it needs, and the counts."""
    page = sheet.page
    room = page.right - page.left
    lines = page.paragraph(page.left, y + 20, row.title, theme.TITLE, room, 27)
    base = y + 20 + (lines - 1) * 27 + 25
    more = page.paragraph(page.left, base, row.subtitle, theme.SUBTITLE, room, 18)
    return base - y + (more - 1) * 18 + 12


def column_heads(sheet: Canvas, row: rows.ColumnHeads, y: float) -> float:
    """Draw the heads of the columns."""
    page, columns, base = sheet.page, sheet.columns, y + 36
    page.text(page.left, base, sheet.look.study_head, theme.HEAD)
    for (x, width), head in zip(columns.descriptors, sheet.descriptors, strict=False):
        heads = typeset.wrap(head, theme.HEAD, width, 2)
        for position, line in enumerate(heads):
            page.text(x, base - LINE * (len(heads) - 1 - position), line, theme.HEAD)
    if columns.arms:
        arms_heads(page, columns.arms, row, base)
    if row.panel is not None:
        if not columns.stacked:
            page.text(columns.tier, base, "tier", theme.HEAD, "center")
        page.text(columns.upper, base + columns.drop, sheet.look.signed(row.estimate), theme.HEAD, "right")
        page.text(columns.weight, base, sheet.look.weight_head, theme.HEAD, "right")
    alone = len(columns.bias) == 1
    for x, position in columns.bias:
        page.text(x, base, ALONE if alone else sheet.bias[position], theme.HEAD, "center")
    if not alone and columns.bias:
        page.text(columns.right + BEFORE_LIGHTS, base - LINE, "Risk of bias", theme.HEAD)
    return 40.0 + columns.drop


def arms_heads(page: Page, arms: Arms, row: rows.ColumnHeads, base: float) -> None:
    """Draw the heads of the sizes of the arms, or of their events."""
    if row.events:
        for x, name in zip(arms.totals, row.events, strict=True):
            page.text(x, base - LINE, name, theme.HEAD, "right")
            page.text(x, base, "events / n", theme.HEAD, "right")
    elif arms.plain[1] > arms.plain[0]:
        page.text(arms.plain[0] + SLASH, base, "n", theme.HEAD, "center")
    else:
        page.text(arms.plain[0], base, "n", theme.HEAD, "right")


def section_head(sheet: Canvas, row: rows.SectionHead, y: float) -> float:
    """Draw the name of a section with its note, over a hairline."""
    page, base = sheet.page, y + 32
    kind = theme.SECTION_QUIET if row.quiet else theme.SECTION
    whole = page.right - page.left
    room = whole - typeset.width(row.note, theme.NOTE) - 24
    beneath = room < min(typeset.width(row.label, kind), whole / 3)
    lines = page.paragraph(page.left, base, row.label, kind, whole if beneath else room, 19)
    base += (lines - 1) * 19
    if beneath:
        base += 17 * page.paragraph(page.left, base + 17, row.note, theme.NOTE, whole, 17)
    else:
        page.text(page.right, base, row.note, theme.NOTE, "right")
    page.rule(page.left, page.right, base + 8)
    return base + 12 - y


def sides(sheet: Canvas, row: rows.Sides, y: float) -> float:
    """Draw what lies left and right of the null line of one section."""
    side_words(sheet.page, sheet.track(row.panel), y + 15, row.left, row.right)
    return 21.0


def axis(sheet: Canvas, row: rows.AxisRow, y: float) -> float:
    """Draw the axis with its ticks and name, and the two sides beneath."""
    page, track, line = sheet.page, sheet.track(row.panel), y + 8
    page.line((track.left, track.right), (line, line), theme.INK, 1.0)
    for value, label in track.scale.ticks:
        x = track.x(value)
        page.line((x, x), (line, line + 5), theme.INK, 1.0)
        page.text(x, line + 19, label, theme.AXIS, "center")
    middle = (track.left + track.right) / 2
    room = 2 * min(middle - page.left, page.right - middle)
    names = typeset.wrap(row.label, theme.AXIS, room, 3 if sheet.columns.stacked else 2)
    for number, name in enumerate(names):
        page.text(middle, line + 38 + number * LINE, name, theme.AXIS, "center")
    end = 50.0 + LINE * (len(names) - 1)
    if not row.left:
        return end
    side_words(page, track, y + end + 16, row.left, row.right)
    return end + 20.0


DRAWERS: dict[type, Callable[[Canvas, Any, float], float]] = {
    rows.Header: header,
    rows.ColumnHeads: column_heads,
    rows.SectionHead: section_head,
    rows.GroupHead: draw_rows.group_head,
    rows.Sides: sides,
    rows.StudyRow: draw_rows.study_row,
    rows.DiamondRow: draw_rows.diamond,
    rows.QuietLine: draw_rows.quiet_line,
    rows.AxisRow: axis,
    rows.DirectionRow: draw_rows.direction_row,
    rows.VotesRow: draw_rows.votes_row,
    rows.Sentence: draw_rows.sentence,
    rows.Key: key,
    rows.Footer: footer,
}
