"""Printed figures as the spans of values that rounding leaves open, and p values computed over such spans."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable

from taprev.extraction.plausibility.printed import p_values
from taprev.extraction.tables import Row, half_unit

Span = tuple[float, float]
SLACK = 1e-9
TABLE_FLOOR = 0.001
LEVEL = 0.95
FEWEST_DF = 1.0


def span(text: str) -> Span:
    """Return the values that are printed as `text`: half a unit of its last digit either way."""
    value, half = float(text), half_unit(text)
    return value - half, value + half


def size_span(text: str) -> Span:
    """Return the absolute values that are printed as `text`."""
    low, high = span(text.lstrip("+-"))
    return max(low, 0.0), high


def apart(first: Span, second: Span) -> bool:
    """Return whether no value lies in both spans."""
    return first[1] < second[0] - SLACK or second[1] < first[0] - SLACK


def over_corners(formula: Callable[..., float], *spans: Span) -> Span:
    """Return the least and the greatest value of a formula, monotone in each figure, over all its corners."""
    values = [formula(*corner) for corner in itertools.product(*spans)]
    return min(values), max(values)


def p_span(row: Row) -> Span | None:
    """Return the values that the printed p leaves open, or None where none, or more than one, is printed.

    A p of .001 or less that is one unit of its last digit is read as "at most": tables print it as their floor.
    """
    sign, text = p_printed(row)
    if not text:
        return None
    value, (low, high) = float(text), span(text)
    if not 0 <= value <= 1:
        return None
    if sign in "<≤":
        return 0.0, high if sign == "≤" else value
    if sign in ">≥":
        return value, 1.0
    floor = value <= TABLE_FLOOR and value <= 2 * half_unit(text) * (1 + SLACK)
    return (0.0 if floor else max(low, 0.0)), min(high, 1.0)


def p_printed(row: Row) -> tuple[str, str]:
    """Return the sign (= < > ≤ ≥) and the number of the printed p: the cells, or the printed expression."""
    if row["p"] or row["p_bound"]:
        return ("=", row["p"]) if row["p"] else ("<", row["p_bound"])
    printed = p_values(row["as_reported"])
    return printed[0] if len(printed) == 1 else ("", "")


def p_of_t(t: Span, df: Span) -> Span:
    """Return the two-sided p of |t| over spans of t and of its degrees of freedom (infinity is the normal)."""
    # Loaded here, as below: `taprev check` knows the checks by name, and asks none of them.
    from scipy.special import ndtr, stdtr

    def p(value: float, free: float) -> float:
        return 2 * float(ndtr(-value) if math.isinf(free) else stdtr(free, -value))

    return over_corners(p, t, df)


def p_of_f(f: Span, df1: float, df2: Iterable[float]) -> Span:
    """Return the p of F over its span and over the degrees of freedom it may have."""
    from scipy.special import fdtrc

    values = [float(fdtrc(df1, free, max(value, 0.0))) for value in f for free in df2]
    return min(values), max(values)


def quantile(df: float, level: float = LEVEL) -> float:
    """Return the factor between a standard error and half its interval of a level."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri((1 + level) / 2) if math.isinf(df) else stdtrit(df, (1 + level) / 2))


def joined(spans: Iterable[Span]) -> Span:
    """Return the span from the least to the greatest value of several."""
    lows, highs = zip(*spans, strict=True)
    return min(lows), max(highs)


def written(values: Span) -> str:
    """Return a span in words: one number where its ends print alike."""
    low, high = (f"{value:.3g}" for value in values)
    return low if low == high else f"{low} to {high}"
