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
    return level_axis(page, at.track, at.bottom, level_name, sides)


def sizes(weights: Sequence[float]) -> list[float]:
    """Return the sizes of marks whose areas are as weights, the smallest still in sight."""
    most = max(weights)
    return [max(SMALLEST, LARGEST * (weight / most) ** 0.5) for weight in weights]


def bubble_key(page: Page, x: float, y: float) -> None:
    """Draw the mark of a study whose area means something."""
    page.mark(x, y, "o", 9.0, theme.PAPER, theme.ESTIMATE, 1.3)


def key_at_right(page: Page, track: Track, top: float, entries: Sequence[tuple[legend.Paint, str]]) -> None:
    """Draw the meaning of marks and lines at the right of a plane."""
    x, y = track.right + 22, top + 14
    for paint, words in entries:
        paint(page, x + 12, y - 4.4)
        room = page.right - x - 34
        lines = [line for part in words.split("\n") for line in typeset.wrap(part, theme.SMALL, room)]
        for number, text in enumerate(lines):
            page.text(x + 34, y + 16 * number, text, theme.SMALL)
        y += 16 * len(lines) + 8


def named_points(page: Page, at: Plane, named: Sequence[tuple[float, float, str]]) -> None:
    """Write the names of some points beside them, those first that come first, as far as they keep apart."""
    taken: list[tuple[float, float, float]] = []
    for x, y, name in named:
        width = typeset.width(name, theme.SMALL)
        begin = x + 9 if x + 9 + width <= at.track.right + 14 else x - 9 - width
        clash = any(abs(base - y) < 14 and begin < end and left < begin + width for left, end, base in taken)
        if not clash and begin > at.track.left + 4:
            page.text(begin, y + 4, name, theme.SMALL)
            taken.append((begin, begin + width, y))
