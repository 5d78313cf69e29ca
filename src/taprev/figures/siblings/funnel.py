"""Funnel plots with contours of significance, one for each stratum that pools ten studies or more.

Effect against standard error, the most precise on top. The contours lie around no difference (Peters and others
2008, Journal of Clinical Epidemiology 61:991-996), the pseudo-interval around the pooled estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taprev.drawing import legend, theme
from taprev.drawing.axis import level_axis
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.scale import fit_scale, level_ticks
from taprev.figures.siblings import frame, plane
from taprev.figures.siblings.frame import INDENT, PooledSection, points
from taprev.figures.siblings.funnel_text import CONTOURS, MORE_CAUSES, distance, fitted, se, selected, why_not
from taprev.synthesis.results import Fit, Stratum, Synthesis
from taprev.wording import estimates, labels, small_study

LEFT, RIGHT, HEIGHT = 84.0, 690.0, 400.0
DASHES = {0.1: (1.2, 1.8), 0.05: (5.0, 3.0), 0.01: None}
SHADES = {0.1: theme.PAPER, 0.05: theme.BAND, 0.01: theme.SHADE}
AROUND = (8.0, 2.5)
FITTED, SELECTED = (2.5, 1.2), (1.0, 1.4)


@dataclass(frozen=True)
class Plot:
    """The axis of the effect, and the standard error from `top`, zero, down to `bottom`, `deepest`."""

    track: Track
    top: float
    bottom: float
    deepest: float

    def y(self, error: float) -> float:
        """Return where a standard error is drawn."""
        return self.top + error / self.deepest * (self.bottom - self.top)

    def ray(self, origin: float, slope: float) -> tuple[float, float]:
        """Return where the line `origin + slope * se` leaves the plot, at its foot or at a side."""
        scale, error = self.track.scale, self.deepest
        wall = scale.high if slope > 0 else scale.low
        if slope and abs(slope) * error > abs(wall - origin):
            error = (wall - origin) / slope
        return self.track.x(origin + slope * error), self.y(error)

    def holds(self, effect: float) -> bool:
        """Return whether an effect lies on the axis."""
        return self.track.scale.low <= effect <= self.track.scale.high

    def within(self, origin: float, slope: float) -> list[float]:
        """Return between which standard errors the line `origin + slope * se` lies on the axis, none where nowhere."""
        if not slope:
            return [0.0, self.deepest] if self.holds(origin) else []
        walls = sorted((wall - origin) / slope for wall in (self.track.scale.low, self.track.scale.high))
        first, last = max(0.0, walls[0]), min(self.deepest, walls[1])
        return [first, last] if first < last else []


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw a funnel for each pooled stratum of ten studies, or why there is none; return where they end."""
    y, drawn = frame.each_pooled(page, content, y, why_not, funnel), frame.pooled(content)
    if any(not why_not(section.stratum) for section in drawn):
        page.rule(page.left, page.right, y + 20)
        y = page.block(MORE_CAUSES, y + 27) + 2
    elif drawn:
        y = legend.key(page, y, [])
    return y


def funnel(page: Page, section: PooledSection, y: float) -> float:
    """Draw the funnel of a stratum with its key at right."""
    stratum = section.stratum
    plot = _plot(stratum, y + 26)
    _contours(page, plot)
    _around(page, plot, section.fit)
    _models(page, plot, stratum)
    shown = points(stratum)
    face = theme.PAPER if section.hollow else theme.ESTIMATE
    effects, errors = [plot.track.x(s.effect.yi) for s in shown], [plot.y(se(s)) for s in shown]
    page.marks(effects, errors, "o", 6.5, face, theme.ESTIMATE, 1.3)
    _errors(page, plot)
    _key(page, plot, section)
    bottom = level_axis(page, plot.track, plot.bottom, frame.axis_name(stratum), frame.own_sides(stratum)) + 4
    for text in small_study.words(stratum):
        bottom = page.block(text, bottom, x=INDENT)
    return bottom


def _plot(stratum: Stratum, top: float) -> Plot:
    fit, shown = stratum.pooled, points(stratum)
    deepest = 1.08 * max(se(study) for study in shown)
    reach = distance(1 - fit.level) * deepest
    around = [(fit.estimate - reach, fit.estimate + reach), (-reach, reach)]
    scale = fit_scale([study.effect.yi for study in shown], around, stratum.scale)
    return Plot(Track(scale, LEFT, RIGHT), top, top + HEIGHT, deepest)


def _contours(page: Page, plot: Plot) -> None:
    """Draw the contours of significance around no difference: shaded between, each line in its own stroke."""
    x, left, right = plot.track.x(0.0), plot.track.left, plot.track.right
    page.box(left, plot.top, right - left, plot.bottom - plot.top, theme.PAPER, order=0.2)
    for order, share in enumerate(reversed(CONTOURS)):
        ends = [plot.ray(0.0, side * distance(share)) for side in (-1, 1)]
        corners = [(end, plot.bottom) for end, foot in ends if foot < plot.bottom]
        area = [(x, plot.top), ends[1], *reversed(corners), ends[0]]
        page.shape(_in_turn(area, plot), SHADES[share], "none", 0.0, order=0.3 + 0.1 * order)
        for end, foot in ends:
            page.line((x, end), (plot.top, foot), theme.RULE, 1.0, order=1, dash=DASHES[share])
    page.line((x, x), (plot.top, plot.bottom), theme.INK, 0.9, order=1.5)


def _in_turn(area: list[tuple[float, float]], plot: Plot) -> list[tuple[float, float]]:
    """Return the corners of a contour from its tip clockwise: right, the foot from right to left, left."""
    tip, *rest = area
    right = sorted((p for p in rest if p[0] > tip[0]), key=lambda p: p[1])
    left = sorted((p for p in rest if p[0] <= tip[0]), key=lambda p: -p[1])
    return [tip, *right, *left]


def _around(page: Page, plot: Plot, fit: Fit) -> None:
    """Draw the pooled estimate, and the lines between which studies would lie that differ by chance alone."""
    x = plot.track.x(fit.estimate)
    page.line((x, x), (plot.top, plot.bottom), theme.ESTIMATE, 1.1, order=2, dash=legend.WHOLE)
    for side in (-1, 1):
        end, foot = plot.ray(fit.estimate, side * distance(1 - fit.level))
        page.line((x, end), (plot.top, foot), theme.ESTIMATE, 1.3, order=2, dash=AROUND)


def _models(page: Page, plot: Plot, stratum: Stratum) -> None:
    """Draw the line of the usual test, and the effect that a selection model leaves."""
    if line := fitted(stratum):
        ends = plot.within(line.intercept, line.slope)
        xs = [plot.track.x(line.intercept + line.slope * error) for error in ends]
        page.line(xs, [plot.y(error) for error in ends], theme.INK, 1.6, order=2.5, dash=FITTED)
    if (left := selected(stratum)) and plot.holds(left.estimate or 0.0):
        x = plot.track.x(left.estimate or 0.0)
        page.line((x, x), (plot.top, plot.bottom), theme.GREY, 1.6, order=2.2, dash=SELECTED)


def _modelled(plot: Plot, stratum: Stratum) -> Iterator[tuple[legend.Paint, str]]:
    """Yield the keys of the line of a test and of a selection model, and whether they lie beyond the axis."""
    if line := fitted(stratum):
        yield (
            legend.line_key(theme.INK, 1.6, FITTED),
            f"{line.said}\n{line.pval}{_beyond(bool(plot.within(line.intercept, line.slope)))}",
        )
    if left := selected(stratum):
        number = estimates.estimate(left.estimate, left.ci_lb, left.ci_ub, estimates.style(stratum))
        yield (
            legend.line_key(theme.GREY, 1.6, SELECTED),
            f"what a selection model leaves\n{number}{_beyond(plot.holds(left.estimate or 0.0))}",
        )


def _beyond(drawn: bool) -> str:
    return "" if drawn else ", beyond the axis"


def _errors(page: Page, plot: Plot) -> None:
    """Draw the axis of the standard error."""
    page.line((plot.track.left,) * 2, (plot.top, plot.bottom), theme.INK, 1.0)
    for value, label in level_ticks(0.0, plot.deepest):
        y = plot.y(value)
        page.line((plot.track.left - 5, plot.track.left), (y, y), theme.INK, 1.0)
        page.text(plot.track.left - 9, y + 4.5, label, theme.AXIS, "right")
    page.text(page.left, plot.top - 10, "Standard error", theme.AXIS)


def _key(page: Page, plot: Plot, section: PooledSection) -> None:
    """Draw the meaning of marks and lines at the right of the plot."""
    fit, stratum = section.fit, section.stratum
    level = f"{labels.level(fit.level)}{labels.NBSP}%"
    pooled = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
    entries = [
        (
            lambda p, a, b: legend.dot(p, a, b, section.hollow, 6.5),
            f"one effect{', no control group' * section.hollow}",
        ),
        (legend.line_key(theme.ESTIMATE, 1.1, legend.WHOLE), f"pooled estimate\n{pooled}"),
        (
            legend.line_key(theme.ESTIMATE, 1.3, AROUND),
            f"{level} of effects, if they differed by chance alone",
        ),
        (legend.line_key(theme.INK, 0.9), frame.no_difference(stratum)),
        *(
            (
                legend.line_key(theme.RULE, 1.0, DASHES[p]),
                f"p = {p:.2f} against {frame.no_difference(stratum)}",
            )
            for p in CONTOURS
        ),
        *_modelled(plot, stratum),
    ]
    plane.key_at_right(page, plot.track, plot.top, entries)
