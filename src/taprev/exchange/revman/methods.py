"""The effects and pooled results of RevMan, computed as RevMan computes them.

Deeks JJ, Higgins JPT. Statistical algorithms in Review Manager 5 (2010). These numbers are compared with those that a
file stores, and are published nowhere: taprev pools by its own kernels. Effects of ratios are logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from taprev.synthesis.kernels.sparse import mantel_haenszel
from taprev.vocabulary import RevManMeasure

Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class RevManPool:
    """A pooled effect with its interval, its test and its heterogeneity; `weights` in percent, (studies,)."""

    k: int
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    z: float
    pval: float
    tau2: float
    Q: float
    df: int
    Q_pval: float
    I2: float
    weights: tuple[float, ...]


def event_effects(cells: np.ndarray, measure: RevManMeasure) -> Arrays:
    """Return the effect and standard error of each study of events; NaN where a ratio is not defined.

    Parameters
    ----------
    cells : ndarray, shape (studies, 4)
        With the event and without it in arm 1, then in arm 2. One half is added to the four cells of a study where
        an empty one leaves no effect or no standard error.
    measure : RevManMeasure
        OR, RR or RD, or PETO_OR for Peto's log odds ratio (O - E)/V, to which nothing is added.

    Returns
    -------
    tuple of ndarray, shape (studies,)
        Effects, as logs for ratios, and standard errors.
    """
    if measure == RevManMeasure.PETO_OR:
        gap, V = observed_minus_expected(cells)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(V > 0, gap / V, np.nan), np.where(V > 0, 1 / np.sqrt(V), np.nan)
    a, b, c, d = corrected(cells, measure).T
    n1, n2 = a + b, c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == RevManMeasure.OR:
            yi, vi = np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
        elif measure == RevManMeasure.RR:
            yi, vi = np.log(a / n1 / (c / n2)), 1 / a + 1 / c - 1 / n1 - 1 / n2
        else:
            yi, vi = a / n1 - c / n2, a * b / n1**3 + c * d / n2**3
    undefined = _undefined(cells, measure)
    return np.where(undefined, np.nan, yi), np.where(undefined, np.nan, np.sqrt(vi))


def corrected(cells: np.ndarray, measure: RevManMeasure) -> np.ndarray:
    """Return the cells with one half added to those of each study in which an empty cell leaves no effect or SE."""
    a, b, c, d = (cells == 0).T
    empty = {
        RevManMeasure.OR: a | b | c | d,
        RevManMeasure.RR: a | c | (b & d),
        RevManMeasure.RD: (a | b) & (c | d),
    }[measure]
    return cells + 0.5 * empty[:, None]


def _undefined(cells: np.ndarray, measure: RevManMeasure) -> np.ndarray:
    a, b, c, d = (cells == 0).T
    if measure == RevManMeasure.RD:
        return np.zeros(len(cells), dtype=bool)
    return (a & c) | (b & d) if measure == RevManMeasure.OR else a & c


def observed_minus_expected(cells: np.ndarray) -> Arrays:
    """Return events minus their hypergeometric mean in arm 1, and the hypergeometric variance, of each study."""
    a, b, c, d = cells.T
    n1, n2 = a + b, c + d
    N = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        V = n1 * n2 * (a + c) * (b + d) / (N**2 * (N - 1))
    return a - (a + c) * n1 / N, np.nan_to_num(V)


def mean_effects(figures: np.ndarray, measure: RevManMeasure) -> Arrays:
    """Return the effect and standard error of each study of means.

    SMD: g = (1 - 3/(4N - 9)) (m1 - m2)/s, s the pooled standard deviation, with SE^2 = N/(n1 n2) + g^2/(2(N - 3.94)).

    Parameters
    ----------
    figures : ndarray, shape (studies, 6)
        Mean, standard deviation and number of people of arm 1, then of arm 2.
    measure : RevManMeasure
        MD or SMD.

    Returns
    -------
    tuple of ndarray, shape (studies,)
        Effects and standard errors.
    """
    m1, sd1, n1, m2, sd2, n2 = figures.T
    N = n1 + n2
    if measure == RevManMeasure.MD:
        return m1 - m2, np.sqrt(sd1**2 / n1 + sd2**2 / n2)
    s = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (N - 2))
    g = (m1 - m2) / s * (1 - 3 / (4 * N - 9))
    return g, np.sqrt(N / (n1 * n2) + g**2 / (2 * (N - 3.94)))


def inverse_variance(yi: np.ndarray, se: np.ndarray, random: bool, level: float = 0.95) -> RevManPool:
    """Return the inverse-variance pool of effects and standard errors; the random one by DerSimonian and Laird."""
    w = 1 / se**2
    common = float((w * yi).sum() / w.sum())
    return _pool(yi, se, common, float(1 / np.sqrt(w.sum())), w, random, level)


def mantel_haenszel_pool(cells: np.ndarray, measure: RevManMeasure, random: bool, level: float = 0.95) -> RevManPool:
    """Return the Mantel-Haenszel pool of events; the random one takes Q about the Mantel-Haenszel estimate.

    Parameters
    ----------
    cells : ndarray, shape (studies, 4)
        Of studies that have an effect. One half is added to the cells of a study as for its own effect, in the pooled
        estimate too; metafor adds nothing there unless told.
    measure : RevManMeasure
        OR, RR or RD. The standard error of RD is that of Greenland and Robins 1985.
    random : bool
        Whether the estimate is the random-effects one.
    level : float
        The level of the interval.

    Returns
    -------
    RevManPool

    Raises
    ------
    ValueError
        If no common effect exists.
    """
    yi, se = event_effects(cells, measure)
    a, b, c, d = corrected(cells, measure).T
    n1, n2 = a + b, c + d
    if measure == RevManMeasure.RD:
        K = float((n1 * n2 / (n1 + n2)).sum())
        estimate = float(((a * n2 - c * n1) / (n1 + n2)).sum()) / K
        J = float(((a * b * n2**3 + c * d * n1**3) / (n1 * n2 * (n1 + n2) ** 2)).sum())
        common_se, weights = float(np.sqrt(J)) / K, n1 * n2 / (n1 + n2)
    else:
        fit = mantel_haenszel(a, n1, c, n2, measure)
        estimate, common_se, weights = fit.estimate, fit.se, np.array(fit.weights)
    return _pool(yi, se, estimate, common_se, weights, random, level)


def peto_pool(gap: np.ndarray, V: np.ndarray, level: float = 0.95) -> RevManPool:
    """Return Peto's pool of O - E and V: sum(O - E)/sum(V), with standard error 1/sqrt(sum(V))."""
    return inverse_variance(gap / V, 1 / np.sqrt(V), random=False, level=level)


def _pool(
    yi: np.ndarray, se: np.ndarray, common: float, common_se: float, weights: np.ndarray, random: bool, level: float
) -> RevManPool:
    """Return the pool about a common effect, or the random-effects pool with tau2 from Q about it."""
    w, df = 1 / se**2, len(yi) - 1
    Q = float((w * (yi - common) ** 2).sum())
    tau2 = max(0.0, (Q - df) / float(w.sum() - (w**2).sum() / w.sum())) if random and df else 0.0
    estimate, pooled_se = common, common_se
    if random:
        weights = 1 / (se**2 + tau2)
        estimate, pooled_se = float((weights * yi).sum() / weights.sum()), float(1 / np.sqrt(weights.sum()))
    z, reach = estimate / pooled_se, float(ndtri((1 + level) / 2)) * pooled_se
    return RevManPool(
        k=len(yi),
        estimate=estimate,
        se=pooled_se,
        ci_lb=estimate - reach,
        ci_ub=estimate + reach,
        z=abs(z),
        pval=float(2 * ndtr(-abs(z))),
        tau2=tau2,
        Q=Q,
        df=df,
        Q_pval=float(chdtrc(df, Q)) if df else 1.0,
        I2=max(0.0, 100 * (Q - df) / Q) if Q > 0 else 0.0,
        weights=tuple(float(share) for share in 100 * weights / weights.sum()),
    )


def between_subgroups(pools: Sequence[RevManPool]) -> RevManPool:
    """Return the inverse-variance pool of the pooled effects of subgroups, whose Q tests whether they differ."""
    yi, se = (np.array([getattr(pool, name) for pool in pools]) for name in ("estimate", "se"))
    return inverse_variance(yi, se, random=False)
