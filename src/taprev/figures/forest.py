"""The forest plot of the whole evidence of one outcome domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from taprev.figures import forest_rows, rows, saving, theme, typeset
from taprev.figures.columns import columns_of
from taprev.figures.forest_footer import footer, key
from taprev.figures.forest_marks import Track
from taprev.figures.forest_text import alternative_text
from taprev.figures.forest_twin import twin
from taprev.figures.layout import Layout, lay_out
from taprev.figures.page import Page
from taprev.figures.sheet import Sheet

ON_AXIS = (rows.Sides, rows.StudyRow, rows.DiamondRow, rows.QuietLine)


def draw_forest(content: Mapping[str, Any], out_dir: Path) -> list[Path]:
    """Write `forest_{domain}` as .svg, .png, .pdf, .csv and .txt, and return the five paths.

    `content` is a domain as `from_json` returns it. Each file is replaced as a whole or not at all. Raises
    ValueError for a domain whose name cannot be part of a file name.
    """
    stem = saving.stem("forest", content["domain"])
    layout, words = lay_out(content), alternative_text(content)
    with theme.style():
        pictures = saving.pictures(figure(layout), f"Forest plot: {layout.rows[0].title}", words, content)
    files = {**pictures, ".csv": twin(content).encode(), ".txt": f"{words}\n".encode()}
    return saving.write(out_dir, stem, files)


def figure(layout: Layout) -> Figure:
    """Return the drawn figure of a layout; call it within `theme.style()`."""
    sheet = Sheet(Page(), columns_of(layout), layout.scales)
    spans: dict[int, list[tuple[float, float]]] = {}
    y = theme.MARGIN
    for row in layout.rows:
        height = DRAWERS[type(row)](sheet, row, y)
        if isinstance(row, ON_AXIS) and row.panel is not None:
            spans.setdefault(row.panel, []).append((y, y + height))
        if isinstance(row, rows.AxisRow):
            null_line(sheet.page, sheet.track(row.panel), [*spans.get(row.panel, []), (y, y + 8.0)])
        y += height
    return sheet.page.close(y + theme.MARGIN)


def null_line(page: Page, track: Track, spans: Sequence[tuple[float, float]]) -> None:
    """Draw the line of no difference through the rows of a panel, and leave out its headings."""
    x, (top, bottom) = track.x(0.0), spans[0]
    for next_top, next_bottom in (*spans[1:], (float("inf"), 0.0)):
        if next_top > bottom + 0.01:
            page.line((x, x), (top, bottom), theme.INK, 0.9, order=1.5)
            top = next_top
        bottom = next_bottom


def header(sheet: Sheet, row: rows.Header, y: float) -> float:
    """Draw the title, in as many lines as it needs, and the counts."""
    page = sheet.page
    room = page.right - page.left
    lines = page.paragraph(page.left, y + 20, row.title, theme.TITLE, room, 27)
    base = y + 20 + (lines - 1) * 27 + 25
    more = page.paragraph(page.left, base, row.subtitle, theme.SUBTITLE, room, 18)
    return base - y + (more - 1) * 18 + 12


def column_heads(sheet: Sheet, row: rows.ColumnHeads, y: float) -> float:
    """Draw the heads of the columns."""
    page, columns, base = sheet.page, sheet.columns, y + 36
    page.text(page.left, base, "Study, sample", theme.HEAD)
    if columns.n_arm2 > columns.n_arm1:
        page.text(columns.slash, base, "n", theme.HEAD, "center")
    else:
        page.text(columns.n_arm1, base, "n", theme.HEAD, "right")
    page.text(columns.tier, base, "tier", theme.HEAD, "center")
    page.text(columns.upper, base, row.estimate, theme.HEAD, "right")
    page.text(page.right, base, "weight", theme.HEAD, "right")
    return 40.0


def section_head(sheet: Sheet, row: rows.SectionHead, y: float) -> float:
    """Draw the name of a section with its note, over a hairline."""
    page, base = sheet.page, y + 32
    kind = theme.SECTION_QUIET if row.quiet else theme.SECTION
    room = page.right - page.left - typeset.width(row.note, theme.NOTE) - 24
    lines = page.paragraph(page.left, base, row.label, kind, room, 19)
    base += (lines - 1) * 19
    page.text(page.right, base, row.note, theme.NOTE, "right")
    page.rule(page.left, page.right, base + 8)
    return base + 12 - y


def sides(sheet: Sheet, row: rows.Sides, y: float) -> float:
    """Draw what lies left and right of the null line of one section."""
    side_words(sheet.page, sheet.track(row.panel), y + 15, row.left, row.right)
    return 21.0


def side_words(page: Page, track: Track, base: float, left: str, right: str) -> None:
    """Set the words of both sides close to the null line."""
    x = track.x(0.0)
    page.text(x - 7, base, f"← {left}", theme.SMALL, "right")
    page.text(x + 7, base, f"{right} →", theme.SMALL)


def axis(sheet: Sheet, row: rows.AxisRow, y: float) -> float:
    """Draw the axis with its ticks and name, and the two sides beneath."""
    page, track, line = sheet.page, sheet.track(row.panel), y + 8
    page.line((track.left, track.right), (line, line), theme.INK, 1.0)
    for value, label in track.scale.ticks:
        x = track.x(value)
        page.line((x, x), (line, line + 5), theme.INK, 1.0)
        page.text(x, line + 19, label, theme.AXIS, "center")
    middle = (track.left + track.right) / 2
    name = typeset.shorten(row.label, theme.AXIS, 2 * min(middle - page.left, page.right - middle))
    page.text(middle, line + 38, name, theme.AXIS, "center")
    if not row.left:
        return 50.0
    side_words(page, track, line + 58, row.left, row.right)
    return 70.0


DRAWERS: dict[type, Callable[[Sheet, Any, float], float]] = {
    rows.Header: header,
    rows.ColumnHeads: column_heads,
    rows.SectionHead: section_head,
    rows.Sides: sides,
    rows.StudyRow: forest_rows.study_row,
    rows.DiamondRow: forest_rows.diamond,
    rows.QuietLine: forest_rows.quiet_line,
    rows.AxisRow: axis,
    rows.DirectionRow: forest_rows.direction_row,
    rows.VotesRow: forest_rows.votes_row,
    rows.Sentence: forest_rows.sentence,
    rows.Key: key,
    rows.Footer: footer,
}
