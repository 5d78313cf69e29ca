"""Differences, tests and standardised effects recomputed from means, standard deviations and n."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from taprev.extraction.plausibility.design import crude, error_df, least_df, paired, parallel
from taprev.extraction.plausibility.printed import figure_of_test
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.plausibility.recompute import LOOK_UP, NORMAL
from taprev.extraction.plausibility.spans import (
    Span,
    apart,
    joined,
    over_corners,
    p_of_f,
    p_of_t,
    p_printed,
    p_span,
    size_span,
    span,
    written,
)
from taprev.extraction.tables import Row, figure

SMD_TOLERANCE = 0.15
MEANS = ("mean_arm1", "mean_arm2")
SPREADS = ("sd_arm1", "sd_arm2")


def md_against_means(row: Row) -> Iterator[Finding]:
    """The printed crude difference is not the difference of the printed means."""
    if not row["md"] or not all(row[name] for name in MEANS) or row["adjustment"] == "adjusted":
        return
    mean1, mean2 = (span(row[name]) for name in MEANS)
    wanted = mean1[0] - mean2[1], mean1[1] - mean2[0]
    if apart(span(row["md"]), wanted):
        means = f"{row['mean_arm1']} and {row['mean_arm2']}"
        found = f"found {row['md']}, but the means {means} differ by {written(wanted)}."
        yield "md", found, "Correct the misread one, or say that the difference is adjusted."


def t_against_means(row: Row) -> Iterator[Finding]:
    """The printed t cannot follow from the printed means, standard deviations and n."""
    t, wanted = figure_of_test(row, "t"), t_of_means(row)
    if t and wanted and apart(size_span(t), wanted):
        found = f"found t = {t}, but means, standard deviations and n give {_reach(wanted)}."
        yield "t", found, f"Is a standard error among the standard deviations? {LOOK_UP}"


def p_against_means(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed means, standard deviations and n."""
    p, wanted = p_span(row), t_of_means(row)
    if p is None or wanted is None or figure_of_test(row, "t"):
        return
    expected = p_of_t(wanted, (least_df(row), math.inf))
    if apart(p, expected):
        found = f"found p {' '.join(p_printed(row))}, but means, standard deviations and n give {written(expected)}."
        yield "p", found, f"Is a standard error among the standard deviations? {LOOK_UP}"


def t_of_means(row: Row) -> Span | None:
    """Return the |t| that means, SDs and n leave open, or None.

    Two groups: Student's and Welch's. Pairs: every correlation of before and after from -1 to 1.
    """
    if not all(row[name] for name in (*MEANS, *SPREADS, "n_arm1")) or not crude(row):
        return None
    mean1, mean2 = (span(row[name]) for name in MEANS)
    gap = max(mean1[0] - mean2[1], mean2[0] - mean1[1], 0.0), max(mean1[1] - mean2[0], mean2[1] - mean1[0])
    spreads = [size_span(row[name]) for name in SPREADS]
    if paired(row):
        return gap[0] * math.sqrt(float(row["n_arm1"])) / (spreads[0][1] + spreads[1][1]), math.inf
    if not (parallel(row) and row["n_arm2"]):
        return None
    ses = [over_corners(formula(row), *spreads) for formula in (_student, _welch)]
    low, high = joined(ses)
    return gap[0] / high, gap[1] / low if low else math.inf


def _student(row: Row) -> Callable[[float, float], float]:
    n1, n2 = figure(row, "n_arm1") or math.nan, figure(row, "n_arm2") or math.nan
    return lambda s1, s2: math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2) * (1 / n1 + 1 / n2))


def _welch(row: Row) -> Callable[[float, float], float]:
    n1, n2 = figure(row, "n_arm1") or math.nan, figure(row, "n_arm2") or math.nan
    return lambda s1, s2: math.sqrt(s1**2 / n1 + s2**2 / n2)


def smd_against_means(row: Row) -> Iterator[Finding]:
    """The printed standardised difference fits no usual standardiser of the printed means and SDs."""
    if not row["smd"] or not all(row[name] for name in (*MEANS, *SPREADS)) or not crude(row) or paired(row):
        return
    gap = abs(float(row["mean_arm1"]) - float(row["mean_arm2"]))
    rounding = sum(span(row[name])[1] - float(row[name]) for name in MEANS)
    spreads = [size_span(row[name]) for name in SPREADS]
    low, high = min(s[0] for s in spreads), max(s[1] for s in spreads)
    wanted = max(gap - rounding, 0) / high, (gap + rounding) / low if low else math.inf
    if apart(size_span(row["smd"]), (wanted[0] * (1 - SMD_TOLERANCE), wanted[1] * (1 + SMD_TOLERANCE))):
        found = f"found {row['smd']}, but means and standard deviations give {_reach(wanted)}."
        yield "smd", found, LOOK_UP


def smd_against_test(row: Row) -> Iterator[Finding]:
    """The printed standardised difference of two groups does not fit the printed t or p at their n."""
    n1, n2 = figure(row, "n_arm1") or math.nan, figure(row, "n_arm2") or math.nan
    if not (row["smd"] and n1 and n2 and parallel(row) and crude(row)):
        return
    low, high = size_span(row["smd"])
    scale = math.sqrt(n1 * n2 / (n1 + n2))
    wanted = low * scale * (1 - SMD_TOLERANCE), high * scale * (1 + SMD_TOLERANCE)
    t, p = figure_of_test(row, "t"), p_span(row)
    if t:
        wrong, printed = apart(size_span(t), wanted), f"t = {t}"
    elif p:
        expected = joined((p_of_t(wanted, (n1 + n2 - 2,) * 2), p_of_t(wanted, NORMAL)))
        wrong, printed = apart(p, expected), f"p {' '.join(p_printed(row))}"
    else:
        return
    if wrong:
        yield "smd", f"found {row['smd']} of {n1:g} and {n2:g} people beside {printed}.", LOOK_UP


def p_against_cohens_f(row: Row) -> Iterator[Finding]:
    """The printed p cannot follow from the printed Cohen's f of two groups."""
    p, free = p_span(row), error_df(row)
    if not (row["cohens_f"] and p and free and parallel(row)):
        return
    low, high = size_span(row["cohens_f"])
    df1 = float(row["df1"] or 1)
    wanted = p_of_f((low**2 * free / df1, high**2 * free / df1), df1, [free])
    if apart(p, wanted):
        printed_p = f"p {' '.join(p_printed(row))}"
        found = f"found {printed_p}, but f = {row['cohens_f']} of these people gives {written(wanted)}."
        yield "p", found, LOOK_UP


def _reach(wanted: Span) -> str:
    return f"at least {wanted[0]:.3g}" if math.isinf(wanted[1]) else written(wanted)
