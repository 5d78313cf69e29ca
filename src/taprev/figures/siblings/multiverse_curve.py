"""The upper half of a specification curve: sorted estimates with their intervals, one column for each.

Up to `MOST_APART` combinations are drawn apart. Beyond, neighbours share a column: the band reaches from the lowest to
the highest end of their intervals, so that thousands stay legible and the file small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan

from taprev.drawing import theme, typeset
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale, fit_scale
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import StratumSection
from taprev.figures.siblings.multiverse_text import PooledSpecification, sorted_specifications, usual
from taprev.synthesis.results import Multiverse

LEFT, RIGHT, HEIGHT = 252.0, 858.0, 236.0
WIDEST = 60.0
MOST_APART, MOST_COLUMNS, COLUMNS = 120, 300, 101


@dataclass(frozen=True)
class Curve:
    """The sorted specifications of a stratum and where they are drawn.

    `own` is the position of the review's own specification, None where it pools nothing.
    """

    section: StratumSection
    specs: list[PooledSpecification]
    own: int | None
    scale: AxisScale
    left: float
    right: float
    top: float

    @property
    def bottom(self) -> float:
        return self.top + HEIGHT

    @property
    def step(self) -> float:
        return (self.right - self.left) / len(self.specs)

    @property
    def apart(self) -> bool:
        """Whether every specification has a column of its own."""
        return len(self.specs) <= MOST_APART

    @property
    def cuts(self) -> bool:
        """Whether an interval runs out of the axis."""
        return any(s.ci_lb < self.scale.low or s.ci_ub > self.scale.high for s in self.specs)

    def x(self, position: float) -> float:
        """Return the middle of a column."""
        return self.left + (position + 0.5) * self.step

    def y(self, value: float) -> float:
        """Return where a value is drawn, held within the axis."""
        return self.bottom - self.scale.fraction(value) * HEIGHT

    def columns(self) -> Iterator[tuple[float, float, list[PooledSpecification]]]:
        """Yield the columns that neighbours share: their left and right edge, and their specifications."""
        size = len(self.specs)
        columns = size if size <= MOST_COLUMNS else COLUMNS
        for i in range(columns):
            first, last = i * size // columns, (i + 1) * size // columns
            yield self.left + first * self.step, self.left + last * self.step, self.specs[first:last]


def lay_curve(section: StratumSection, multiverse: Multiverse, top: float) -> Curve:
    """Return the curve of a multiverse with its upper edge at `top`."""
    specs, taken = sorted_specifications(multiverse), usual(multiverse)
    own = next((i for i, spec in enumerate(specs) if spec.levels == taken), None)
    ends = [(spec.ci_lb, spec.ci_ub) for spec in specs]
    scale = fit_scale([s.estimate for s in specs], ends, section.stratum.scale)
    right = min(RIGHT, LEFT + WIDEST * len(specs))
    return Curve(section, specs, own, scale, LEFT, right, top)


def draw_curve(page: Page, curve: Curve) -> None:
    """Draw the axis, the line of no difference, and the estimates with their intervals."""
    _axis(page, curve)
    page.line((curve.left, curve.right), (curve.y(0.0),) * 2, theme.INK, 0.9, order=1.5)
    (_apart if curve.apart else _together)(page, curve)


def _axis(page: Page, curve: Curve) -> None:
    page.line((curve.left,) * 2, (curve.top, curve.bottom), theme.INK, 1.0)
    for value, label in curve.scale.ticks:
        y = curve.y(value)
        page.line((curve.left - 5, curve.left), (y, y), theme.INK, 1.0)
        page.text(curve.left - 9, y + 4.5, label, theme.AXIS, "right")
    stratum, y = curve.section.stratum, curve.y(0.0)
    below, above = frame.own_sides(stratum)
    under = min(max(y + 15, curve.top + 30), curve.bottom - 2)
    page.text(page.left, under - 21, f"↑ {above}", theme.SMALL)
    page.text(page.left, under, f"↓ {below}", theme.SMALL)
    lines = typeset.wrap(frame.axis_name(stratum), theme.AXIS, curve.left - page.left - 66, most=3)
    high = y < curve.top + HEIGHT / 2
    first = curve.bottom - 16 * (len(lines) - 1) if high else curve.top + 10
    for number, text in enumerate(lines):
        page.text(page.left, first + 16 * number, text, theme.AXIS)


def _apart(page: Page, curve: Curve) -> None:
    face = theme.PAPER if curve.section.hollow else theme.ESTIMATE
    xs: list[float] = []
    ys: list[float] = []
    for i, spec in enumerate(curve.specs):
        xs += [curve.x(i), curve.x(i), nan]
        ys += [curve.y(spec.ci_lb), curve.y(spec.ci_ub), nan]
    page.line(xs, ys, theme.INK, min(theme.LINE, curve.step / 4))
    size = min(6.5, 0.66 * curve.step)
    middles = [curve.x(i) for i in range(len(curve.specs))]
    page.marks(
        middles,
        [curve.y(s.estimate) for s in curve.specs],
        "o",
        size,
        face,
        theme.ESTIMATE,
        min(1.3, size / 4),
    )
    for marker, y, beyond in (
        ("v", curve.bottom, [s.ci_lb < curve.scale.low for s in curve.specs]),
        ("^", curve.top, [s.ci_ub > curve.scale.high for s in curve.specs]),
    ):
        cut = [x for x, out in zip(middles, beyond, strict=True) if out]
        page.marks(cut, [y] * len(cut), marker, min(6.0, 0.7 * curve.step), theme.INK, theme.INK, 0.0)


def _together(page: Page, curve: Curve) -> None:
    upper: list[tuple[float, float]] = []
    lower: list[tuple[float, float]] = []
    middle: list[tuple[float, float]] = []
    for left, right, specs in curve.columns():
        low, high = curve.y(min(s.ci_lb for s in specs)), curve.y(max(s.ci_ub for s in specs))
        upper += [(left, high), (right, high)]
        lower += [(left, low), (right, low)]
        estimates = [s.estimate for s in specs]
        middle += [(left, curve.y(estimates[0])), (right, curve.y(estimates[-1]))]
    page.shape([*upper, *reversed(lower)], theme.PREDICTION, "none", 0.0, order=1)
    page.line([x for x, _ in middle], [y for _, y in middle], theme.INK, 1.8)
