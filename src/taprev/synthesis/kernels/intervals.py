"""Intervals for the pooled effect: Wald, HKSJ, modified HKSJ, and the prediction interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from taprev.vocabulary import CiChoice, CiMethod

Figures = TypeVar("Figures", float, np.ndarray)
SMALLEST_TAU2 = 1e-8
OF_ONE_LEVEL = (CiMethod.WALD, CiMethod.HKSJ, CiMethod.HKSJ_MODIFIED)


@dataclass(frozen=True)
class IntervalArrays:
    """One kind of interval for every set; `df` is NaN where the quantile is normal."""

    se: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    df: np.ndarray
    pval: np.ndarray


def standard_errors(wald: np.ndarray, Q: np.ndarray, k: np.ndarray) -> dict[str, np.ndarray]:
    """Return the standard error of each method.

    HKSJ: `se^2 = q / sum(w)`, `q = Q / (k - 1)`; modified: q no smaller than 1.

    Parameters
    ----------
    wald : ndarray, shape (sets,)
        The Wald standard errors.
    Q : ndarray, shape (sets,)
        The weighted sums of squares at the tau2 used.
    k : ndarray, shape (sets,)
        The number of studies of each set.

    Returns
    -------
    dict of str to ndarray
        The standard errors by method, each of shape (sets,).

    References
    ----------
    Knapp and Hartung 2003, Statistics in Medicine 22:2693-2710; Röver and others 2015, BMC Medical Research
    Methodology 15:99.
    """
    ratio = np.sqrt(Q / np.maximum(k - 1, 1))
    return {
        CiMethod.WALD: wald,
        CiMethod.HKSJ: wald * ratio,
        CiMethod.HKSJ_MODIFIED: wald * np.maximum(ratio, 1.0),
    }


def chosen_method(ci_method: str, k: np.ndarray, tau2: np.ndarray, smallest: np.ndarray, Q: np.ndarray) -> np.ndarray:
    """Return the name of the method used for each set.

    `auto` is HKSJ where k >= 3 and tau2 > 1e-8 min(v), and Wald otherwise. A named method is used wherever it exists;
    HKSJ does not exist for one study or, unmodified, for effects that are all equal.

    Parameters
    ----------
    ci_method : str
        A `CiChoice`.
    k, tau2, smallest, Q : ndarray, shape (sets,)
        Number of studies, tau2, smallest variance, and weighted sum of squares of each set.

    Returns
    -------
    ndarray of str, shape (sets,)
        A `CiMethod` for each set.
    """
    if ci_method == CiChoice.AUTO:
        return np.where((k >= 3) & (tau2 > SMALLEST_TAU2 * smallest), str(CiMethod.HKSJ), str(CiMethod.WALD))
    exists = np.full(k.shape, True)
    if ci_method != CiMethod.WALD:
        exists = k >= 2
    if ci_method == CiMethod.HKSJ:
        exists = exists & (Q > 0)
    return np.where(exists, str(ci_method), str(CiMethod.WALD))


def interval(estimate: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> IntervalArrays:
    """Return the interval `estimate ± quantile * se`.

    Parameters
    ----------
    estimate, se : ndarray, shape (n,)
        Estimates and their standard errors, in the same units.
    df : ndarray, shape (n,)
        Degrees of freedom of Student's t; NaN for the normal quantile.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    IntervalArrays
        The intervals, with the p values against zero.
    """
    half = two_sided_quantile(df, level) * se
    statistic = -np.abs(estimate / se)
    normal, tail = np.isnan(df), np.empty_like(statistic)
    tail[normal] = ndtr(statistic[normal])
    tail[~normal] = stdtr(df[~normal], statistic[~normal])
    return IntervalArrays(se, estimate - half, estimate + half, df, 2.0 * tail)


def two_sided_quantile(df: np.ndarray, level: float) -> np.ndarray:
    """Return the quantile that leaves (1 - level)/2 above it, normal where `df` is NaN.

    Parameters
    ----------
    df : ndarray, shape (sets,)
        Degrees of freedom of t.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    ndarray, shape (sets,)
        The quantiles.
    """
    distinct = np.unique(df)
    upper = 0.5 + level / 2
    quantiles = np.where(np.isnan(distinct), ndtri(upper), stdtrit(np.nan_to_num(distinct, nan=1.0), upper))
    return quantiles[np.searchsorted(distinct, df)]


def prediction_interval(
    estimate: Figures, se: Figures, tau2: Figures, df: Figures, level: float
) -> tuple[Figures, Figures]:
    """Return the interval for the effect in a new setting, `estimate ± t(df) sqrt(tau2 + se^2)`.

    Parameters
    ----------
    estimate, se : float or ndarray
        The pooled effect and its standard error.
    tau2 : float or ndarray
        The between-study variance, in squared units of `estimate`.
    df : float or ndarray
        Degrees of freedom of t.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    tuple of float or of ndarray
        The lower and the upper end.

    References
    ----------
    Higgins, Thompson and Spiegelhalter (2009), Journal of the Royal Statistical Society A 172:137-159.
    """
    half = stdtrit(df, 0.5 + level / 2) * np.sqrt(tau2 + se * se)
    return estimate - half, estimate + half
