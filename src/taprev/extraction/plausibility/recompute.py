"""Tests, p values and intervals recomputed from one another, with the rounding of what was printed.

Every check compares two spans of values, what is printed and what follows from the other figures, and asks
only where no value lies in both. (The idea is statcheck's: Nuijten and others 2016, Behav Res 48:1205.)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from taprev.extraction.interval_level import level_of
from taprev.extraction.plausibility.design import df_span, error_df, f_df2, paired, parallel
from taprev.extraction.plausibility.printed import figure_of_test
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.plausibility.spans import (
    Span,
    apart,
    joined,
    over_corners,
    p_of_f,
    p_of_t,
    p_printed,
    p_span,
    quantile,
    size_span,
    span,
    written,
)
from taprev.extraction.tables import Row, figure
from taprev.vocabulary import FEWEST_CORRELATED, Adjustment, Allocation

LOOK_UP = "Look the figures up; if they are printed so, say which one is used."
EXACT_SYMMETRY, LOOSE_SYMMETRY = 0.05, 0.15
COVARIATES = 10
ESTIMATES = ("md", "smd", "ratio", "pearson_r")
NORMAL: Span = (math.inf, math.inf)


def p_against_t(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed t at its degrees of freedom."""
    t, p = figure_of_test(row, "t"), p_span(row)
    if t and p:
        yield from _p_finding(row, p, p_of_t(size_span(t), df_span(row)), f"t = {t}")


def p_against_z(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed z."""
    z, p = figure_of_test(row, "z"), p_span(row)
    if z and p:
        yield from _p_finding(row, p, p_of_t(size_span(z), NORMAL), f"z = {z}")


def p_against_F(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed F with its degrees of freedom uncorrected."""
    F, df1, p = figure_of_test(row, "F"), figure_of_test(row, "df1"), p_span(row)
    if F and df1 and p:
        wanted = p_of_f(size_span(F), float(df1), f_df2(row, float(df1)))
        yield from _p_finding(row, p, wanted, f"F = {F} with df1 = {df1}")


def _p_finding(row: Row, printed: Span, wanted: Span, basis: str) -> Iterator[Finding]:
    if not apart(printed, wanted):
        return
    ask = LOOK_UP
    if not apart(printed, (wanted[0] / 2, wanted[1] / 2)):
        ask = f"It fits a one-sided test. {LOOK_UP}"
    yield "p", f"found p {' '.join(p_printed(row))}, but {basis} gives {written(wanted)}.", ask


def p_against_correlation(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed correlation and its n."""
    n, p = figure(row, "n_arm1"), p_span(row)
    partial = row["adjustment"] == Adjustment.ADJUSTED or row["unit_of_allocation"] == Allocation.CLUSTER
    if not row.get("pearson_r") or p is None or n is None or n < FEWEST_CORRELATED or partial:
        return
    low, high = size_span(row["pearson_r"])
    if high < 1:
        t = tuple(r * math.sqrt((n - 2) / (1 - r**2)) for r in (low, high))
        yield from _p_finding(row, p, p_of_t((t[0], t[1]), (n - 2, n - 2)), f"r = {row['pearson_r']} of {n:g} people")


def p_against_interval(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed interval."""
    limits, p = interval(row), p_span(row)
    if limits is None or p is None or not symmetric(row, limits):
        return
    level = level_of(row) / 100
    wanted = joined(_p_of_interval(limits, df, level) for df in {math.inf, error_df(row) or math.inf})
    yield from _p_finding(row, p, wanted, f"the interval from {row['ci_lb']} to {row['ci_ub']}")


def _p_of_interval(limits: tuple[Span, Span], df: float, level: float) -> Span:
    def ratio(low: float, high: float) -> float:
        return abs(low + high) / (high - low) if high > low else math.inf

    least, most = over_corners(ratio, *limits)
    if limits[0][0] + limits[1][0] <= 0 <= limits[0][1] + limits[1][1]:
        least = 0.0
    factor = quantile(df, level)
    return p_of_t((least * factor, most * factor), (df, df))


def p_against_standard_error(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed estimate and its standard error."""
    estimate, p = estimate_span(row), p_span(row)
    if estimate is None or p is None or not row["se"] or row.get("pearson_r"):
        return
    size = (0.0 if estimate[0] < 0 < estimate[1] else min(map(abs, estimate)), max(map(abs, estimate)))
    low, high = size_span(row["se"])
    t = size[0] / high, size[1] / low if low else math.inf
    wanted = joined(p_of_t(t, (df, df)) for df in {math.inf, error_df(row) or math.inf})
    yield from _p_finding(row, p, wanted, f"the estimate and its standard error {row['se']}")


def interval_against_standard_error(row: Row) -> Iterator[Finding]:
    """The printed interval is not as wide as the printed standard error makes it."""
    limits = interval(row)
    if limits is None or not row["se"] or row.get("pearson_r"):
        return
    width = max(limits[1][0] - limits[0][1], 0.0), limits[1][1] - limits[0][0]
    se = size_span(row["se"])
    level = level_of(row) / 100
    factors = quantile(math.inf, level), quantile(max(error_df(row) or math.inf, 1.0), level)
    if apart(width, (2 * min(factors) * se[0], 2 * max(factors) * se[1])):
        found = f"found {row['se']} beside an interval from {row['ci_lb']} to {row['ci_ub']}."
        yield "se", found, "Is it a standard error, a standard deviation, or an interval of another level?"


def interval_not_symmetric(row: Row) -> Iterator[Finding]:
    """The printed estimate is not in the middle of its interval, on the log or Fisher's scale where it has one."""
    limits = interval(row)
    if limits is not None and not symmetric(row, limits):
        column = next(name for name in ESTIMATES if row.get(name))
        found = f"found {row[column]} with an interval from {row['ci_lb']} to {row['ci_ub']}."
        yield column, found, "Is one of the three misread, or was the interval computed on another scale?"


def df_against_n(row: Row) -> Iterator[Finding]:
    """The printed degrees of freedom do not fit the people analysed."""
    df, most = figure(row, "df"), error_df(row)
    if df is None or most is None:
        return
    low, high = span(row["df"]) if "." in row["df"] else (df, df)
    if parallel(row):
        welch = min(figure(row, "n_arm1") or 0, figure(row, "n_arm2") or 0) - 1
        least = welch if "." in row["df"] else most - COVARIATES
    else:
        least = most
    if high < least or low > most:
        kind = "pairs" if paired(row) else "people in two groups"
        found = f"found {row['df']} degrees of freedom, where the n of {kind} gives {most:g}."
        yield "df", found, "Which n was analysed?"


def interval(row: Row) -> tuple[Span, Span] | None:
    """Return the spans of both limits, logged for a ratio and as Fisher's z for a correlation.

    None where they are missing, out of order or outside what such a number can be.
    """
    if not (row["ci_lb"] and row["ci_ub"]) or float(row["ci_lb"]) >= float(row["ci_ub"]):
        return None
    limits = span(row["ci_lb"]), span(row["ci_ub"])
    column = next((name for name in ESTIMATES if row.get(name)), "")
    low, high = (_analysed(column, values) for values in limits)
    return (low, high) if low and high else None


def estimate_span(row: Row) -> Span | None:
    """Return the span of the printed difference, standardised difference, log ratio or Fisher's z, or None."""
    column = next((name for name in ESTIMATES if row.get(name)), None)
    return None if column is None else _analysed(column, span(row[column]))


def symmetric(row: Row, limits: tuple[Span, Span]) -> bool:
    """Return whether the estimate may be the middle of its interval; true where no estimate is printed."""
    estimate = estimate_span(row)
    if estimate is None:
        return True
    middles = [(low + high) / 2 for low, high in itertools.product(*limits)]
    tolerance = LOOSE_SYMMETRY if row["smd"] else EXACT_SYMMETRY
    slack = tolerance * (limits[1][1] - limits[0][0]) / 2
    if row["smd"] and float(row["smd"]) * sum(middles) < 0:
        estimate = -estimate[1], -estimate[0]
    return not apart(estimate, (min(middles) - slack, max(middles) + slack))


def _analysed(column: str, values: Span) -> Span | None:
    """Return a span on the scale of the analysis, or None where it has no place there."""
    if column == "ratio":
        return (math.log(values[0]), math.log(values[1])) if values[0] > 0 else None
    if column == "pearson_r":
        return (math.atanh(values[0]), math.atanh(values[1])) if values[0] > -1 and values[1] < 1 else None
    return values
