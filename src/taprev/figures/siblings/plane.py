"""A plane of two axes for the figures in which each study is a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taprev.drawing import legend, theme, typeset
from taprev.drawing.axis import level_axis
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale, level_ticks

LEFT, RIGHT, HEIGHT = 84.0, 690.0, 400.0
SMALLEST, LARGEST = 5.0, 16.0
WIDEST_NAME, BEYOND = 260.0, 14.0
"""The room of a name at a point, and how far it may run beyond the plane."""


@dataclass(frozen=True)
class Plane:
    """A level axis, and an upright one from `bottom` up to `top`."""

    track: Track
    upright: AxisScale
    top: float
    bottom: float

    def x(self, value: float) -> float:
        """Return where a value of the level axis is drawn."""
        return self.track.x(value)

    def y(self, value: float) -> float:
        """Return where a value of the upright axis is drawn."""
        return self.bottom - self.upright.fraction(value) * (self.bottom - self.top)


def level_scale(values: Sequence[float], zero: bool = True) -> AxisScale:
    """Return an axis of plain numbers that holds some values, and nought where it shall begin there."""
    low, high = min(values), max(values)
    low = min(low, 0.0) if zero else low
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    low = low if zero and low == 0.0 else low - pad
    return AxisScale(low, high + pad, level_ticks(low, high + pad, RIGHT - LEFT))


def plane(level: AxisScale, upright: AxisScale, y: float) -> Plane:
    """Return the plane of two axes below y."""
    return Plane(Track(level, LEFT, RIGHT), upright, y + 26, y + 26 + HEIGHT)


def axes(page: Page, at: Plane, level_name: str, upright_name: str, sides: tuple[str, str] | None = None) -> float:
    """Draw both axes with their names, and return where they end."""
    page.line((at.track.left,) * 2, (at.top, at.bottom), theme.INK, 1.0)
    for value, label in at.upright.ticks:
        page.line((at.track.left - 5, at.track.left), (at.y(value),) * 2, theme.INK, 1.0)
        page.text(at.track.left - 9, at.y(value) + 4.5, label, theme.AXIS, "right")
    page.text(page.left, at.top - 10, upright_name, theme.AXIS)
    return level_axis(page, at.track, at.bottom, level_name, sides, at.track.right + BEYOND)


def sizes(weights: Sequence[float]) -> list[float]:
    """Return the sizes of marks whose areas are as weights, the smallest still in sight."""
    most = max(weights)
    return [max(SMALLEST, LARGEST * (weight / most) ** 0.5) for weight in weights]


def key_at_right(page: Page, track: Track, top: float, entries: Sequence[tuple[legend.Paint, str]]) -> float:
    """Draw the meaning of marks and lines at the right of a plane, and return where it ends."""
    x, y = track.right + 22, top + 14
    for paint, words in entries:
        paint(page, x + 12, y - 4.4)
        room = page.right - x - 34
        lines = [line for part in words.split("\n") for line in typeset.wrap(part, theme.SMALL, room)]
        for number, text in enumerate(lines):
            page.text(x + 34, y + 16 * number, text, theme.SMALL)
        y += 16 * len(lines) + 8
    return y


@dataclass(frozen=True)
class _Box:
    """A part of the page that a mark or a name takes up."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        """Return whether two boxes have a place in common."""
        beside = self.right <= other.left or other.right <= self.left
        return not beside and self.top < other.bottom and other.top < self.bottom


def named_points(
    page: Page, at: Plane, points: Sequence[tuple[float, float]], names: Sequence[str], size: float = 6.5
) -> int:
    """Write the names of the first points where they keep clear of all marks and of each other.

    Parameters
    ----------
    page : Page
    at : Plane
    points : sequence of (x, y)
        All points, on the page.
    names : sequence of str
        Of as many of the first points.
    size : float
        Of the marks.

    Returns
    -------
    int
        How many names found a place.
    """
    half = size / 2 + 1
    taken = [_Box(x - half, x + half, y - half, y + half) for x, y in points]
    marks = len(taken)
    for (x, y), full in zip(points, names, strict=False):
        name = typeset.shorten(full, theme.SMALL, WIDEST_NAME)
        free = (box for box in _beside(at, x, y, typeset.width(name, theme.SMALL)) if not any(map(box.meets, taken)))
        if box := next(free, None):
            page.text(box.left, box.bottom - 4, name, theme.SMALL)
            taken.append(box)
    return len(taken) - marks


def _beside(at: Plane, x: float, y: float, width: float) -> list[_Box]:
    """Return the places of a name at a point that lie within the plane: right, left, above and below."""
    beside, over = (x + 9, x - 9 - width), (x - width / 2, x - 4, x + 4 - width)
    places = [*((begin, y) for begin in beside), *((begin, y + down) for down in (-14, 14) for begin in over)]
    boxes = [_Box(begin, begin + width, middle - 8, middle + 8) for begin, middle in places]
    left, right = at.track.left + 4, at.track.right + BEYOND
    return [box for box in boxes if left < box.left and box.right < right and at.top < box.top < at.bottom - 18]
