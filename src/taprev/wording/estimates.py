"""Estimates with their intervals as text, with as many decimals as their precision bears.

`None` becomes an en dash, intervals read `[lb, ub]`, log scales are shown as ratios and Fisher's z as a correlation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from taprev.synthesis.results import Outside, Stratum
from taprev.vocabulary import Scale
from taprev.wording.labels import MINUS, is_correlation, is_ratio, number

USUAL = 2
WIDTH_IN_SE = 3.92
WHOLE_FROM = 100.0
MOST = 12


@dataclass(frozen=True)
class NumberStyle:
    """How numbers of one scale are printed: with `digits` decimals, or with as many as each interval bears."""

    scale: str
    digits: int | None = None

    @property
    def alone(self) -> int:
        """The decimals of a number that stands without an interval."""
        return USUAL if self.digits is None else self.digits


TAU, POINTS = NumberStyle(Scale.SMD), NumberStyle(Scale.MD)


def style(stratum: Stratum | Outside) -> NumberStyle:
    """Return how the numbers of a stratum are printed: as its domain says, or as its pooled number bears.

    Parameters
    ----------
    stratum : Stratum or Outside

    Returns
    -------
    NumberStyle
        One number of decimals where something is pooled, so that a column of figures is even.
    """
    if isinstance(stratum, Outside):
        return NumberStyle(stratum.scale)
    fit, free = stratum.fit, NumberStyle(stratum.scale)
    if stratum.digits is not None or fit is None:
        return NumberStyle(stratum.scale, stratum.digits)
    return NumberStyle(stratum.scale, decimals(fit.estimate, fit.ci_lb, fit.ci_ub, free))


def decimals(value: float | None, lb: float | None, ub: float | None, style: NumberStyle) -> int:
    """Return with how many decimals an estimate and its interval are printed.

    Two significant digits of the standard error, which is taken as the width of the interval over 3.92. That of a ratio
    is its logarithm's times the ratio; below 1 it is the logarithm's, or one digit of the ratio's where that is finer.
    That of a correlation is (1 - r^2) times that of Fisher's z. Standardised effects, ratios and correlations have two
    decimals at the least. Where the style gives the decimals, an estimate has more only if its own standard error would
    vanish in them.

    Parameters
    ----------
    value, lb, ub : float or None
        The estimate and its interval on the scale of the analysis.
    style : NumberStyle

    Returns
    -------
    int
    """
    own = max(_least(style.scale), _own_decimals(value, lb, ub, style.scale))
    return own if style.digits is None else max(style.digits, own - 1)


def _least(scale: str) -> int:
    return 0 if scale == Scale.MD else USUAL


def _own_decimals(value: float | None, lb: float | None, ub: float | None, scale: str) -> int:
    if value is None or lb is None or ub is None:
        return USUAL
    se = (ub - lb) / WIDTH_IN_SE
    if is_correlation(scale):
        return _two_digits(se * (1 - math.tanh(value) ** 2))
    if not is_ratio(scale):
        return _two_digits(se)
    ratio = _ratio(value)
    return _two_digits(se * ratio) if ratio > 1 else max(_two_digits(se), _two_digits(se * ratio) - 1)


def _two_digits(se: float) -> int:
    if not (math.isfinite(se) and se > 0):
        return 0
    return min(MOST, 1 - int(f"{se:.1e}".partition("e")[2]))


def _ratio(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def effect(value: float | None, style: NumberStyle) -> str:
    """Return an effect as shown, at the decimals of its style or else at two; a ratio of its log, r of Fisher's z."""
    return _shown(value, style.alone, style.scale)


def _shown(value: float | None, digits: int, scale: str) -> str:
    if value is not None and is_correlation(scale):
        return _correlation(math.tanh(value), digits)
    if value is None or not is_ratio(scale):
        return number(value, digits)
    ratio = _ratio(value)
    if 2 * ratio < 10.0**-digits:
        return f"<{10.0**-digits:.{digits}f}"
    return number(ratio, 0 if ratio >= WHOLE_FROM and digits <= USUAL else digits)


def _correlation(r: float, digits: int) -> str:
    """Return a correlation, which no rounding brings to 1."""
    text = number(r, digits)
    if digits == 0 or abs(float(text.replace(MINUS, "-"))) < 1:
        return text
    nearest = number(1 - 10.0**-digits, digits)
    return f">{nearest}" if r > 0 else f"<{MINUS}{nearest}"


def estimate_parts(value: float | None, lb: float | None, ub: float | None, style: NumberStyle) -> tuple[str, ...]:
    """Return `("0.85", "[0.32,", "1.38]")`, the aligned pieces of `estimate`."""
    return at_decimals(decimals(value, lb, ub, style), value, lb, ub, style.scale)


def at_decimals(digits: int, value: float | None, lb: float | None, ub: float | None, scale: str) -> tuple[str, ...]:
    """Return the pieces of `estimate_parts` with exactly so many decimals."""
    shown, low, high = (_shown(one, digits, scale) for one in (value, lb, ub))
    return shown, f"[{low},", f"{high}]"


def interval(lb: float | None, ub: float | None, style: NumberStyle) -> str:
    """Return an interval as `[lb, ub]` at the decimals of its style or else at two."""
    return f"[{effect(lb, style)}, {effect(ub, style)}]"


def estimate(value: float | None, lb: float | None, ub: float | None, style: NumberStyle) -> str:
    """Return an estimate with its interval, `0.85 [0.32, 1.38]`."""
    return " ".join(estimate_parts(value, lb, ub, style))
