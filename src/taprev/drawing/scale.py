"""The axis of a panel: how far it reaches and where its ticks are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from taprev.vocabulary import Scale
from taprev.wording import labels

MOST_TICKS = 7
LEAST_GAP = 0.128
PLOT, CHARACTER, SPACE = 220.0, 8.0, 8.0
RATIO_TICKS = (
    (0.9, 0.95, 1, 1.05, 1.1),
    (0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5),
    (0.5, 0.75, 1, 1.5, 2),
    (0.25, 0.5, 1, 2, 4),
    (0.1, 0.2, 0.5, 1, 2, 5, 10),
    (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
    (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
    (0.001, 0.01, 0.1, 1, 10, 100, 1000),
)

LEAST_R = 0.1
CORRELATION_TICKS = (
    (0, 0.05, 0.1, 0.15, 0.2),
    (0, 0.1, 0.2, 0.3, 0.4, 0.5),
    (0, 0.2, 0.4, 0.6, 0.8, 0.9),
    (0, 0.3, 0.6, 0.8, 0.9),
    (0, 0.5, 0.8, 0.95, 0.99),
    (0, 0.7, 0.95, 0.99),
    (0, 0.9, 0.99, 0.999),
    (0,),
)


@dataclass(frozen=True)
class AxisScale:
    """An axis from `low` to `high` on the scale of the analysis, with its ticks as (position, text).

    Ticks that were `given` stay as they are however wide the plot is.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    scale: str = Scale.SMD
    given: bool = False

    def fraction(self, value: float) -> float:
        """Return where a value lies, 0 at the left end and 1 at the right end, held within both."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def on(self, plot: float) -> AxisScale:
        """Return the axis with as many ticks as a plot narrower than usual has room for."""
        if self.given or plot >= PLOT:
            return self
        return replace(self, ticks=_ticks(self.low, self.high, self.scale, plot))


def fit_scale(
    points: Sequence[float], intervals: Sequence[tuple[float, float]], scale: str, plot: float = PLOT
) -> AxisScale:
    """Return an axis that holds every point, the null, and as much of the intervals as stays legible.

    `points` are estimates and the ends of diamonds. An interval may run beyond them by half their spread, or
    by the width of a typical interval where that is more, before it is clipped.
    """
    inner_low, inner_high = min(0.0, *points, 0.0), max(0.0, *points, 0.0)
    typical = median(ub - lb for lb, ub in intervals) if intervals else 0.0
    reach = max(0.5 * (inner_high - inner_low), typical)
    low = min(inner_low, max(min((lb for lb, _ in intervals), default=0.0), inner_low - reach))
    high = max(inner_high, min(max((ub for _, ub in intervals), default=0.0), inner_high + reach))
    if labels.is_ratio(scale):
        low, high = min(low, math.log(0.9)), max(high, math.log(1.1))
    if labels.is_correlation(scale):
        low, high = min(low, -LEAST_R), max(high, LEAST_R)
    pad = 0.06 * (high - low) or 1.0
    low, high = low - pad, high + pad
    return AxisScale(low, high, _ticks(low, high, scale, plot), scale)


def ticked_scale(points: Sequence[float], ticks: Sequence[float], scale: str) -> AxisScale:
    """Return an axis with ticks that were asked for, as they are printed; it holds them, every point and the null.

    Raises ValueError for ticks that a logarithm, or Fisher's z, cannot place.
    """
    if labels.is_ratio(scale) and min(ticks) <= 0:
        raise ValueError("the ticks of a ratio must be above 0: change them in the settings of figures")
    if labels.is_correlation(scale) and max(map(abs, ticks)) >= 1:
        raise ValueError("the ticks of a correlation must lie between -1 and 1: change them in the settings of figures")
    place = math.log if labels.is_ratio(scale) else math.atanh if labels.is_correlation(scale) else float
    shown = tuple((place(tick), labels.significant(tick, 4)) for tick in sorted(set(ticks)))
    positions = (0.0, *points, *(position for position, _ in shown))
    pad = 0.03 * (max(positions) - min(positions)) or 1.0
    return AxisScale(min(positions) - pad, max(positions) + pad, shown, scale, given=True)


def _ticks(low: float, high: float, scale: str, plot: float) -> tuple[tuple[float, str], ...]:
    if labels.is_ratio(scale):
        return _ratio_ticks(low, high, LEAST_GAP * PLOT / plot)
    if labels.is_correlation(scale):
        return _correlation_ticks(low, high, LEAST_GAP * PLOT / plot)
    return level_ticks(low, high, plot)


def level_ticks(low: float, high: float, plot: float = PLOT) -> tuple[tuple[float, str], ...]:
    """Return ticks at the closest round step whose labels keep apart on a plot so wide."""
    power = 10.0 ** math.floor(math.log10((high - low) / 10))
    for step in (m * power for m in (1, 2, 5, 10, 20, 50)):
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        ticks = tuple((i * step, labels.number(i * step, decimals)) for i in range(first, last + 1))
        widest = CHARACTER * max((len(text) for _, text in ticks), default=0) + SPACE
        if widest <= plot * step / (high - low):
            return ticks
    return ticks


def _correlation_ticks(low: float, high: float, least_gap: float) -> tuple[tuple[float, str], ...]:
    """Return as many of 0 and the round correlations either way from it as keep apart on Fisher's scale."""
    apart: list[tuple[tuple[float, str], ...]] = []
    for sizes in CORRELATION_TICKS:
        signed = sorted({sign * size for size in sizes for sign in (-1, 1)})
        inside = tuple((math.atanh(r), labels.significant(r, 4)) for r in signed if low <= math.atanh(r) <= high)
        gaps = [(b[0] - a[0]) / (high - low) for a, b in pairwise(inside)]
        if min(gaps, default=1.0) >= least_gap and len(inside) <= MOST_TICKS:
            apart.append(inside)
    return max(apart, key=len)


def _ratio_ticks(low: float, high: float, least_gap: float = LEAST_GAP) -> tuple[tuple[float, str], ...]:
    apart = []
    for ratios in RATIO_TICKS:
        inside = [(math.log(r), f"{r:g}") for r in ratios if low <= math.log(r) <= high]
        gaps = [(b[0] - a[0]) / (high - low) for a, b in pairwise(inside)]
        if len(inside) > MOST_TICKS or min(gaps, default=1.0) < least_gap:
            continue
        apart.append(tuple(inside))
        covered = math.log(ratios[0]) - low < 0.4 * (high - low) > high - math.log(ratios[-1])
        if len(inside) >= 3 and covered:
            return apart[-1]
    decades = range(math.ceil(low / math.log(10)), math.floor(high / math.log(10)) + 1)
    every = max(1, len(decades) // 4)
    powers = tuple((d * math.log(10), f"{10.0**d:g}") for d in decades if d % every == 0)
    return powers if len(powers) > 1 else max([powers, *apart], key=len)
