"""The marks of a forest plot: squares and intervals, diamonds, prediction intervals, arrows and tiers."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.drawing.pooled_marks import DiamondStyle as DiamondStyle
from taprev.drawing.pooled_marks import diamond_style as diamond_style
from taprev.drawing.scale import AxisScale
from taprev.vocabulary import Tier, Vote

LARGEST, SMALLEST = 13.0, 4.5
HEAD = 7.5
OPEN_END = 14.0
ARROW = 11.0
DASHED, DOTTED, LINE_WIDTH = (5.0, 3.0), (1.2, 2.0), 1.1


@dataclass(frozen=True)
class Track:
    """A scale laid between two places of the page."""

    scale: AxisScale
    left: float
    right: float

    def x(self, value: float) -> float:
        """Return where a value is drawn, held within the axis."""
        return self.left + self.scale.fraction(value) * (self.right - self.left)

    def ends(self, lb: float, estimate: float, ub: float) -> tuple[float, float, float]:
        """Return where a diamond begins, is highest and ends."""
        return self.x(lb), self.x(estimate), self.x(ub)

    def cuts(self, lb: float, ub: float) -> tuple[bool, bool]:
        """Return whether an interval runs out of the axis at its left and at its right."""
        return lb < self.scale.low, ub > self.scale.high


def null_line(page: Page, track: Track, span: tuple[float, float]) -> None:
    """Draw the line of no difference."""
    x = track.x(0.0)
    page.line((x, x), span, theme.INK, 0.9, order=1.5)


def important_band(page: Page, track: Track, value: float, span: tuple[float, float]) -> None:
    """Draw the band of what is too small to matter, with an edge at both ends."""
    left, right = track.x(-value), track.x(value)
    page.box(left, span[0], right - left, span[1] - span[0], theme.BAND, order=0.5)
    for x in (left, right):
        page.line((x, x), span, theme.RULE, theme.HAIRLINE, order=1.1, dash=DASHED)


def pooled_line(
    page: Page, track: Track, value: float, span: tuple[float, float], colour: str = theme.ESTIMATE
) -> None:
    """Draw the line of a pooled estimate through its studies."""
    x = track.x(value)
    page.line((x, x), span, colour, LINE_WIDTH, order=1.2, dash=DOTTED)


def interval(page: Page, track: Track, y: float, lb: float, ub: float, colour: str) -> None:
    """Draw the line of an interval; an end that runs out of the axis becomes an arrowhead."""
    cut_left, cut_right = track.cuts(lb, ub)
    page.line((track.x(lb) + 3 * cut_left, track.x(ub) - 3 * cut_right), (y, y), colour, theme.LINE)
    if cut_left:
        arrowhead(page, track.left, y, -1, colour)
    if cut_right:
        arrowhead(page, track.right, y, 1, colour)


def open_ends(page: Page, track: Track, y: float, lb: float, ub: float, colour: str) -> None:
    """Draw a dotted end beyond both ends of an interval that is likely too narrow."""
    for x, edge, sign in ((track.x(lb), track.left, -1), (track.x(ub), track.right, 1)):
        reach = min(OPEN_END, sign * (edge - x))
        if reach > 0:
            page.line((x, x + sign * reach), (y, y), colour, theme.LINE, dash=DOTTED)


def arrowhead(page: Page, x: float, y: float, sign: int, colour: str) -> None:
    """Draw a filled head whose tip is at x, pointing right (1) or left (-1)."""
    page.shape([(x, y), (x - sign * HEAD, y - 3.6), (x - sign * HEAD, y + 3.6)], colour, colour, 0.0)


def square(page: Page, x: float, y: float, share: float, colour: str = theme.ESTIMATE) -> None:
    """Draw the square of a pooled study; its area is its weight."""
    page.mark(x, y, "s", max(SMALLEST, LARGEST * share**0.5), colour, colour, 0.0)


def open_square(page: Page, x: float, y: float) -> None:
    """Draw the mark of a study that is shown and not pooled."""
    page.mark(x, y, "s", 6.0, theme.PAPER, theme.GREY, 1.3)


def prediction_interval(page: Page, track: Track, y: float, lb: float, ub: float) -> None:
    """Draw the bar behind a diamond; an end that runs out of the axis becomes an arrowhead."""
    cut_left, cut_right = track.cuts(lb, ub)
    if cut_left:
        arrowhead(page, track.left, y, -1, theme.PREDICTION)
    if cut_right:
        arrowhead(page, track.right, y, 1, theme.PREDICTION)
    left, right = track.x(lb) + (HEAD - 1) * cut_left, track.x(ub) - (HEAD - 1) * cut_right
    page.box(left, y - 2.2, right - left, 4.4, theme.PREDICTION)


def diamond(
    page: Page,
    ends: tuple[float, float, float],
    y: float,
    half: float,
    style: DiamondStyle,
    colour: str = theme.ESTIMATE,
) -> None:
    """Draw the diamond of a pooled number.

    Parameters
    ----------
    page : Page
    ends : tuple of three float
        Where the diamond begins, is highest and ends.
    y : float
        Its middle.
    half : float
        Half of its height.
    style : DiamondStyle
        Whether it is hollow and dashed, as `diamond_style` says.
    colour : str, optional
    """
    left, centre, right = ends
    face = theme.PAPER if style.hollow else colour
    corners = [(left, y), (centre, y - half), (right, y), (centre, y + half)]
    page.shape(corners, face, colour, theme.EDGE, style.dashed)


def tier(page: Page, x: float, y: float, name: Tier) -> None:
    """Draw how an effect was obtained: exact filled, assumed open, a bound as an open triangle."""
    marker = {Tier.EXACT: "o", Tier.ASSUMED: "o", Tier.BOUND: "^"}.get(name)
    if marker:
        face = theme.ESTIMATE if name == Tier.EXACT else theme.PAPER
        page.mark(x, y, marker, 6.5, face, theme.ESTIMATE)


def direction(page: Page, x: float, y: float, name: Vote, better_right: bool = True) -> None:
    """Draw a direction: an arrow to the better or the worse side, a dash for unclear; all of one length."""
    sign = {Vote.BETTER: 1, Vote.WORSE: -1}.get(name, 0) * (1 if better_right else -1)
    if sign == 0:
        page.line((x - 5, x + 5), (y, y), theme.GREY, 3.0)
        return
    page.line((x - sign * ARROW, x + sign * (ARROW - 6)), (y, y), theme.GREY, 1.6)
    arrowhead(page, x + sign * ARROW, y, sign, theme.GREY)
