"""Whether small studies find other effects than large ones: regression and rank tests of a funnel.

Which test is valid depends on the measure. The standard error of a standardised difference and of a log odds ratio
holds the effect itself, so that a test on it finds asymmetry where there is none (Pustejovsky and Rodgers 2019; Peters
and others 2006): `sqrt(1/n1 + 1/n2)`, 1/n or the score's own variance take its place.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from taprev.synthesis.kernels.mixed_effects import mixed_effects
from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.kernels.refusals import refuse_level, sound_effects, sound_tables
from taprev.synthesis.results import FEWEST_STUDIES
from taprev.vocabulary import CiMethod

SMALLEST_RANGE = 1e-8


@dataclass(frozen=True)
class Asymmetry:
    """A test of k studies: the slope on the predictor, and the effect in the limit of an endless study.

    `df` is None where the test is normal.
    """

    k: int
    slope: float
    se: float
    stat: float
    df: float | None
    pval: float
    limit: float
    limit_lb: float
    limit_ub: float


@dataclass(frozen=True)
class RankCorrelation:
    """Kendall's tau of standardised effects and variances, with its two-sided p value, exact without ties."""

    k: int
    tau: float
    pval: float


def from_sizes(n_arm1: ArrayLike, n_arm2: ArrayLike) -> np.ndarray:
    """Return sqrt(1/n1 + 1/n2), which stands for the standard error of a standardised difference without its effect.

    Parameters
    ----------
    n_arm1, n_arm2 : array_like, shape (k,)
        People in each arm.

    Returns
    -------
    ndarray, shape (k,)

    References
    ----------
    Pustejovsky and Rodgers 2019, Research Synthesis Methods 10:57-71.
    """
    first, second = (np.asarray(n, float) for n in (n_arm1, n_arm2))
    if not (np.all(first > 0) and np.all(second > 0)):
        raise ValueError("a study without people in an arm has no size")
    return np.sqrt(1 / first + 1 / second)


def regression_test(
    yi: ArrayLike,
    vi: ArrayLike,
    predictor: ArrayLike | None = None,
    model: str = "mixed",
    test: str = "z",
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on the imprecision of their studies (Egger's test and its relatives).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    predictor : array_like, shape (k,), optional
        What stands for imprecision; by default the standard errors.
    model : str
        mixed (variance between studies by REML, added to `vi`) or multiplicative (`vi` times an estimated factor, t
        with k - 2 degrees of freedom: Egger's own).
    test : str
        z or knha, of the mixed model.
    level : float
        The level of the interval of the limit.

    Returns
    -------
    Asymmetry

    Raises
    ------
    ValueError
        For unsound data, fewer than ten studies, and studies that are all of one size.

    References
    ----------
    Egger and others 1997, BMJ 315:629-634; Sterne and Egger 2005, in Publication Bias in Meta-Analysis, 99-110.
    """
    refuse_level(level)
    y, v = sound_effects(yi, vi)
    x = np.sqrt(v) if predictor is None else np.asarray(predictor, float)
    refuse_few(y.size, x)
    if model == "multiplicative":
        return _multiplicative(y, x, 1 / v, level)
    if model != "mixed":
        raise ValueError(f"model is {model!r}; it must be mixed or multiplicative")
    fit = mixed_effects(y, v, np.column_stack([np.ones(y.size), x]), "REML", test, level=level)
    slope = float(fit.beta[1]), float(fit.se[1]), float(fit.stat[1])
    limit = float(fit.beta[0]), float(fit.ci_lb[0]), float(fit.ci_ub[0])
    return Asymmetry(y.size, *slope, fit.dfs, float(fit.pval[1]), *limit)


def refuse_few(k: int, x: np.ndarray) -> None:
    """Raise ValueError where there are too few studies, or no differences of size, to test for asymmetry.

    Parameters
    ----------
    k : int
    x : ndarray, shape (k,)
        What stands for imprecision.
    """
    if x.shape != (k,) or not np.all(np.isfinite(x)):
        raise ValueError(f"the predictor must be {k} finite numbers, one for each study")
    refuse_few_studies(k)
    if np.ptp(x) <= SMALLEST_RANGE * np.abs(x).max():
        raise ValueError("the studies are all of one size, so that small ones cannot differ from large ones")


def refuse_few_studies(studies: int) -> None:
    """Raise ValueError where there are too few studies to test for asymmetry."""
    if studies < FEWEST_STUDIES:
        raise ValueError(f"{studies} studies cannot tell asymmetry from chance; it takes {FEWEST_STUDIES}")


def peters(
    event_arm1: ArrayLike, totaln_arm1: ArrayLike, event_arm2: ArrayLike, totaln_arm2: ArrayLike, level: float = 0.95
) -> Asymmetry:
    """Regress log odds ratios on 1/n, weighed by the inverse of 1/events + 1/others.

    Parameters
    ----------
    event_arm1, totaln_arm1, event_arm2, totaln_arm2 : array_like, shape (k,)
        People with the event, and all people, of each arm; every odds ratio must exist.
    level : float
        The level of the interval of the limit.

    Returns
    -------
    Asymmetry
        A t test with k - 2 degrees of freedom.

    Raises
    ------
    ValueError
        For unsound counts, an empty cell, fewer than ten studies, and studies that are all of one size.

    References
    ----------
    Peters and others 2006, JAMA 295:676-680.
    """
    a, n1, c, n2 = sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2)
    b, d, n = n1 - a, n2 - c, n1 + n2
    if np.any(np.minimum.reduce([a, b, c, d]) <= 0):
        raise ValueError("a study has an empty cell and no odds ratio; leave it out or use the test of Harbord")
    refuse_few(n.size, 1 / n)
    return _multiplicative(np.log(a * d / (b * c)), 1 / n, 1 / (1 / (a + c) + 1 / (b + d)), level)


def harbord(
    event_arm1: ArrayLike, totaln_arm1: ArrayLike, event_arm2: ArrayLike, totaln_arm2: ArrayLike, level: float = 0.95
) -> Asymmetry:
    """Regress the score Z/V of the odds ratio on 1/sqrt(V), weighed by V.

    Z is the events of arm 1 beyond their hypergeometric mean, V their hypergeometric variance; cells may be empty.

    Parameters
    ----------
    event_arm1, totaln_arm1, event_arm2, totaln_arm2 : array_like, shape (k,)
        People with the event, and all people, of each arm.
    level : float
        The level of the interval of the limit.

    Returns
    -------
    Asymmetry
        A t test with k - 2 degrees of freedom.

    Raises
    ------
    ValueError
        For unsound counts, a study in which nobody or everybody has the event, fewer than ten studies, and studies
        that are all of one size.

    References
    ----------
    Harbord, Egger and Sterne 2006, Statistics in Medicine 25:3443-3457.
    """
    a, n1, c, n2 = sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2)
    n, events = n1 + n2, a + c
    if np.any((events <= 0) | (events >= n)):
        raise ValueError("a study in which nobody or everybody has the event says nothing here; leave it out")
    V = n1 * n2 * events * (n - events) / (n**2 * (n - 1))
    refuse_few(n.size, 1 / np.sqrt(V))
    return _multiplicative((a - n1 * events / n) / V, 1 / np.sqrt(V), V, level)


def clustered_test(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable],
    predictor: ArrayLike | None = None,
    rho: float = 0.0,
    level: float = 0.95,
) -> Asymmetry:
    """Regress effects on imprecision where studies have several: nested in studies, with CR2 standard errors.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    study : sequence of hashable, length k
        The study of each effect.
    predictor : array_like, shape (k,), optional
        What stands for imprecision; by default the standard errors.
    rho : float
        The correlation of the errors within a study, at least 0 and below 1.
    level : float
        The level of the interval of the limit.

    Returns
    -------
    Asymmetry
        `k` counts effects; a t test with Satterthwaite degrees of freedom.

    Raises
    ------
    ValueError
        For unsound data, fewer than ten studies, effects that are all of one size, and where CR2 does not exist.

    References
    ----------
    Rodgers and Pustejovsky 2021, Psychological Methods 26:141-160.
    """
    y, v = sound_effects(yi, vi)
    x = np.sqrt(v) if predictor is None else np.asarray(predictor, float)
    refuse_few(y.size, x)
    refuse_few_studies(len(set(study)))
    fit = multilevel(y, v, study, rho, np.column_stack([np.ones(y.size), x]), CiMethod.CR2, level)
    limit, slope = fit.coefficients
    stat = slope.estimate / slope.se
    told = slope.estimate, slope.se, stat, slope.df, slope.pval
    return Asymmetry(y.size, *told, limit.estimate, limit.ci_lb, limit.ci_ub)


def rank_correlation(yi: ArrayLike, vi: ArrayLike) -> RankCorrelation:
    """Correlate the ranks of standardised effects and of their variances.

    An effect is standardised by (y - common) / sqrt(v - 1/sum(1/v)).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.

    Returns
    -------
    RankCorrelation

    Raises
    ------
    ValueError
        For unsound data, fewer than ten studies, and studies that are all of one size.

    References
    ----------
    Begg and Mazumdar 1994, Biometrics 50:1088-1101.
    """
    from scipy.stats import kendalltau

    y, v = sound_effects(yi, vi)
    refuse_few(y.size, np.sqrt(v))
    w = 1 / v
    standardised = (y - float(w @ y) / w.sum()) / np.sqrt(v - 1 / w.sum())
    ties = len(set(standardised)) < y.size or len(set(v)) < y.size
    tau, pval = kendalltau(standardised, v, method="asymptotic" if ties or y.size >= 50 else "exact")
    return RankCorrelation(y.size, float(tau), float(pval))


def _multiplicative(y: np.ndarray, x: np.ndarray, w: np.ndarray, level: float) -> Asymmetry:
    """Return the weighted regression whose residual variance is estimated."""
    design, root = np.column_stack([np.ones(y.size), x]), np.sqrt(w)
    Q, R = np.linalg.qr(root[:, None] * design)
    back = np.linalg.inv(R)
    beta = back @ (Q.T @ (root * y))
    df = y.size - 2.0
    spread = float(np.sum(w * (y - design @ beta) ** 2)) / df
    if spread <= 0:
        raise ValueError("the effects lie exactly on a line and have no spread to estimate an error from")
    limit_se, se = np.sqrt(spread * np.diag(back @ back.T))
    stat, half = beta[1] / se, float(stdtrit(df, 0.5 + level / 2)) * limit_se
    pval = 2 * float(stdtr(df, -abs(stat)))
    limit = float(beta[0]), float(beta[0] - half), float(beta[0] + half)
    return Asymmetry(y.size, float(beta[1]), float(se), float(stat), df, pval, *limit)
