"""The key of a figure: each mark that occurs in it with its meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from taprev.drawing import marks, theme, typeset
from taprev.drawing.page import Page
from taprev.drawing.pooled_marks import DiamondStyle

Paint = Callable[[Page, float, float], None]
ROOM, GAP, LEAD = 32.0, 24.0, 21.0
WHOLE = (4.0, 2.5)


def key(page: Page, y: float, entries: Sequence[tuple[Paint, str]]) -> float:
    """Draw every mark with its meaning in as many lines as they need, under a hairline; return where they end."""
    page.rule(page.left, page.right, y + 20)
    if not entries:
        return y + 26
    x, base = page.left, y + 43
    for paint, words in entries:
        width = ROOM + typeset.width(words, theme.SMALL)
        if x > page.left and x + width > page.right:
            x, base = page.left, base + LEAD
        paint(page, x + 12, base - 4.4)
        page.text(x + ROOM, base, words, theme.SMALL)
        x += width + GAP
    return base + 12


def dot(page: Page, x: float, y: float, hollow: bool, size: float = 7.0) -> None:
    """Draw the mark of an estimate; hollow without a control group or for two effects."""
    page.mark(x, y, "o", size, theme.PAPER if hollow else theme.ESTIMATE, theme.ESTIMATE, 1.4)


def dot_key(hollow: bool) -> Paint:
    """Return the painter of an estimate within its interval."""

    def paint(page: Page, x: float, y: float) -> None:
        page.line((x - 12, x + 12), (y, y), theme.INK, theme.LINE)
        dot(page, x, y, hollow)

    return paint


def dot_entries(hollow: Iterable[bool], words: str) -> Iterator[tuple[Paint, str]]:
    """Yield the entries of filled and of hollow estimates, as far as they occur; the second says what hollow means."""
    kinds = set(hollow)
    if False in kinds:
        yield dot_key(False), words
    if True in kinds:
        yield dot_key(True), f"{words}; hollow: no control group, or two effects"


def diamond_key(style: DiamondStyle) -> Paint:
    """Return the painter of a pooled estimate."""
    return lambda page, x, y: marks.diamond(page, (x - 11, x, x + 11), y, 5.5, style)


def line_key(colour: str, width: float, dash: tuple[float, float] | None = None) -> Paint:
    """Return the painter of a line."""
    return lambda page, x, y: page.line((x - 12, x + 12), (y, y), colour, width, dash=dash)


def prediction(page: Page, x: float, y: float) -> None:
    """Draw the bar of what to expect in a new setting."""
    page.box(x - 12, y - 2.2, 24, 4.4, theme.PREDICTION)


def band(page: Page, x: float, y: float) -> None:
    """Draw the band of the interval of the whole estimate, with its line."""
    page.box(x - 12, y - 7, 24, 14, theme.BAND, order=0.5)
    page.line((x, x), (y - 7, y + 7), theme.ESTIMATE, 1.1, dash=WHOLE)


def band_of_curve(page: Page, x: float, y: float) -> None:
    """Draw the band of intervals of many combinations with the line of their estimates."""
    page.box(x - 12, y - 6, 24, 12, theme.PREDICTION)
    page.line((x - 12, x + 12), (y + 2, y - 2), theme.INK, 1.8)


def clipped_up(page: Page, x: float, y: float) -> None:
    """Draw the end of an upright interval that runs out of the axis."""
    page.line((x, x), (y - 4, y + 7), theme.INK, theme.LINE)
    page.mark(x, y - 5, "^", 6.0, theme.INK, theme.INK, 0.0)
