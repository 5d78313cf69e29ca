"""What a row's design says of its degrees of freedom and of the sign of its figures."""

from __future__ import annotations

import math

from taprev.extraction.plausibility.printed import figure_of_test
from taprev.extraction.plausibility.spans import FEWEST_DF, Span, span
from taprev.extraction.tables import Row, figure
from taprev.vocabulary import Contrast, SdBasis

MODELLED = (SdBasis.CHANGE, SdBasis.RESIDUAL)


def paired(row: Row) -> bool:
    """Return whether the same people are measured before and after."""
    return row["contrast"] == "before_after" and row["pairing"] == "matched"


def parallel(row: Row) -> bool:
    """Return whether two groups of different people are compared."""
    return row["contrast"] in (Contrast.RANDOMISED, Contrast.CONTROLLED) or row["pairing"] == "unmatched"


def crude(row: Row) -> bool:
    """Return whether a printed test can rest on the printed means alone: raw scores, not adjusted."""
    return row["sd_basis"] not in MODELLED and row["adjustment"] != "adjusted"


def error_df(row: Row) -> float | None:
    """Return the degrees of freedom of a t test on all people analysed, or None where they are not known."""
    n_arm1, n_arm2 = figure(row, "n_arm1"), figure(row, "n_arm2")
    if paired(row) and n_arm1:
        return n_arm1 - 1
    return n_arm1 + n_arm2 - 2 if parallel(row) and n_arm1 and n_arm2 else None


def df_span(row: Row) -> Span:
    """Return the degrees of freedom that t may have: printed, or what the sample leaves open."""
    printed = figure_of_test(row, "df")
    if printed:
        low, high = span(printed) if "." in printed else (float(printed), float(printed))
        return max(low, FEWEST_DF), max(high, FEWEST_DF)
    return least_df(row), math.inf


def least_df(row: Row) -> float:
    """Return the fewest degrees of freedom that a test may have: 1 where the sample is not printed.

    A model has fewer than its sample gives: covariates take some (half are allowed for), and unequal variances
    leave no fewer than the smaller group has (Welch).
    """
    free = error_df(row)
    if not free:
        return FEWEST_DF
    smaller = min(figure(row, "n_arm1") or free, (figure(row, "n_arm2") if parallel(row) else None) or free) - 1
    return max(FEWEST_DF, min(free / 2, smaller))


def f_df2(row: Row, df1: float) -> list[float]:
    """Return the denominators that F may have: printed, or those of the designs that fit the sample.

    Repeated measures of n people have df1 (n - 1) as a univariate test and n - df1 as a multivariate one.
    """
    printed = figure_of_test(row, "df2")
    if printed:
        return [max(value, FEWEST_DF) for value in ((float(printed),) if "." not in printed else span(printed))]
    n = figure(row, "n_arm1")
    if paired(row) and n and n > df1:
        low, high = n - df1, df1 * (n - 1)
    else:
        low, high = least_df(row), math.inf
    return _grid(max(low, FEWEST_DF), min(high, 1e6))


def _grid(low: float, high: float) -> list[float]:
    steps = 24
    return [low * (high / low) ** (step / steps) for step in range(steps + 1)]
