"""L'Abbé plots: the share with an event in one group against the other, for ratios of events.

L'Abbé, Detsky and O'Rourke 1987, Annals of Internal Medicine 107:224-233.
"""

from __future__ import annotations

import math

from taprev.drawing import legend, theme
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale, level_ticks
from taprev.figures.siblings import frame, plane
from taprev.figures.siblings.frame import PooledSection
from taprev.figures.siblings.labbe_text import risks, why_not
from taprev.synthesis.results import Synthesis
from taprev.vocabulary import Scale
from taprev.wording import estimates

STEPS = 60


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw a plane for each pooled stratum of events, or why there is none; return where they end."""
    y = frame.each_pooled(page, content, y, why_not, both_groups)
    return legend.key(page, y, []) if frame.pooled(content) else y


def both_groups(page: Page, section: PooledSection, y: float) -> float:
    """Draw the shares of both groups of each study, the line of no difference and that of the pooled ratio."""
    stratum, fit = section.stratum, section.fit
    found = risks(stratum)
    most = min(1.0, 1.08 * max(max(one.programme, one.comparator) for one in found))
    axis = _shares(most)
    at = plane.plane(axis, axis, y)
    page.line((at.x(0.0), at.x(most)), (at.y(0.0), at.y(most)), theme.INK, 0.9, order=1.5)
    curve = [point for point in _curve(fit.estimate, stratum.scale, most) if point[1] <= most]
    xs, ys = [at.x(x) for x, _ in curve], [at.y(share) for _, share in curve]
    page.line(xs, ys, theme.ESTIMATE, 1.3, order=2, dash=legend.WHOLE)
    for one, size in zip(found, plane.sizes([one.weight for one in found]), strict=True):
        page.mark(at.x(one.comparator), at.y(one.programme), "o", size, theme.PAPER, theme.ESTIMATE, 1.3)
    number = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
    plane.key_at_right(
        page,
        at.track,
        at.top,
        [
            (
                lambda p, a, b: p.mark(a, b, "o", 9.0, theme.PAPER, theme.ESTIMATE, 1.3),
                "one study; its area is its weight",
            ),
            (legend.line_key(theme.INK, 0.9), frame.no_difference(stratum)),
            (legend.line_key(theme.ESTIMATE, 1.3, legend.WHOLE), f"pooled ratio\n{number}"),
        ],
    )
    end = plane.axes(
        page, at, f"Share with the event, {stratum.arms.comparator}", f"Share with the event, {stratum.arms.programme}"
    )
    return end + 6


def _shares(most: float) -> AxisScale:
    ticks = level_ticks(0.0, most, plane.HEIGHT)
    return AxisScale(0.0, most, tuple((value, f"{100 * value:.3g} %") for value, _ in ticks))


def _curve(estimate: float, scale: str, most: float) -> list[tuple[float, float]]:
    """Return the shares that the pooled ratio gives at each share of the comparison group."""
    ratio = math.exp(estimate)
    points = [most * step / STEPS for step in range(STEPS + 1)]
    if scale == Scale.LOG_RISK_RATIO:
        return [(share, ratio * share) for share in points]
    return [(share, ratio * share / (1 - share + ratio * share)) for share in points]
