"""The foot of a forest plot: the key of its marks and its closing lines."""

from __future__ import annotations

from taprev.figures import forest_marks as marks
from taprev.figures import rows, theme, typeset
from taprev.figures.page import Page
from taprev.figures.sheet import Sheet

WORDS = {
    "arms": "n: programme / comparator, or the one group before and after",
    "exact": "exact, from printed figures",
    "assumed": "needs a stated assumption",
    "bound": "only a bound is printed",
    "pooled": "pooled; its area is its weight",
    "not_pooled": "shown, not pooled",
    "diamond": "pooled estimate",
    "hollow": "pooled estimate, not a comparison with a control group",
    "dashed": "two effects only, no verdict",
    "thin": "sensitivity analysis",
    "prediction": "prediction interval",
    "clipped": "runs out of the axis",
    "arrow": "direction without a usable magnitude (right: better, left: worse, dash: unclear)",
}
LEAD = 17.0
GAP = 24.0
ROOMS = {"arms": 0.0, "exact": 15.0, "assumed": 15.0, "bound": 15.0, "arrow": 38.0}
ROOM = 32.0


def key(sheet: Sheet, row: rows.Key, y: float) -> float:
    """Draw every mark with its meaning, in as many lines as they need."""
    page = sheet.page
    page.rule(page.left, page.right, y + 20)
    x, base = page.left, y + 43
    for name in row.marks:
        before = ROOMS.get(name, ROOM)
        width = before + typeset.width(WORDS[name], theme.SMALL)
        if x > page.left and x + width > page.right:
            x, base = page.left, base + LEAD + 4
        key_mark(page, name, x + (before - 7) / 2, base - 4.4)
        page.text(x + before, base, WORDS[name], theme.SMALL)
        x += width + GAP
    return base - y + 14


def key_mark(page: Page, name: str, x: float, y: float) -> None:
    """Draw one mark of the key about (x, y)."""
    if name in ("exact", "assumed", "bound"):
        marks.tier(page, x, y, name)
    elif name == "pooled":
        page.line((x - 11, x + 11), (y, y), theme.INK, theme.LINE)
        marks.square(page, x, y, 0.5)
    elif name == "not_pooled":
        page.line((x - 11, x + 11), (y, y), theme.GREY, theme.LINE)
        marks.open_square(page, x, y)
    elif name in ("diamond", "hollow", "dashed", "thin"):
        half = 2.6 if name == "thin" else 5.5
        marks.diamond(page, (x - 11, x, x + 11), y, half, name in ("hollow", "dashed"), name == "dashed")
    elif name == "prediction":
        page.box(x - 12, y - 2.2, 24, 4.4, theme.PREDICTION)
    elif name == "clipped":
        page.line((x - 11, x + 6), (y, y), theme.INK, theme.LINE)
        marks.arrowhead(page, x + 11, y, 1, theme.INK)
    elif name == "arrow":
        page.box(x - 15.5, y - 8, 31, 16, theme.BAND, order=0.5)
        marks.direction(page, x, y, "better")


def footer(sheet: Sheet, row: rows.Footer, y: float) -> float:
    """Draw a line of the footer, wrapped to the page."""
    page = sheet.page
    lines = page.paragraph(page.left, y + 13, row.text, theme.SMALL, page.right - page.left, LEAD - 1)
    return lines * (LEAD - 1) + 3
