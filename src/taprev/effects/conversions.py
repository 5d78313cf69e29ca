"""From a printed test, interval or p to its t, and from ratios to their logs.

Sources: Cochrane Handbook 6.5.2; Borenstein and others 2009, Introduction to Meta-Analysis, chapters 4 and 7.
"""

from __future__ import annotations

import math

from scipy.special import ndtri, stdtrit

LEVEL = 0.95


def t_quantile(df: float, level: float = LEVEL) -> float:
    """Return the two-sided t quantile for an interval of the given level.

    Parameters
    ----------
    df : float
        Degrees of freedom; infinite for the normal quantile.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    float
        The t that leaves (1 - level)/2 above it.
    """
    upper = (1 + level) / 2
    return float(ndtri(upper) if math.isinf(df) else stdtrit(df, upper))


def t_from_p(p: float, df: float) -> float:
    """Return |t| for a two-sided p.

    Parameters
    ----------
    p : float
        The two-sided p, between 0 and 1.
    df : float
        Degrees of freedom of the test; infinite for z.

    Returns
    -------
    float
        The absolute value of t.

    Raises
    ------
    ValueError
        If `p` is not between 0 and 1.
    """
    if not 0 < p < 1:
        raise ValueError(f"p must lie between 0 and 1, found {p:g}")
    return float(-ndtri(p / 2) if math.isinf(df) else -stdtrit(df, p / 2))


def se_from_p(difference: float, p: float, df: float) -> float:
    """Return the standard error of a difference that gives its printed two-sided p.

    Parameters
    ----------
    difference : float
        The difference, raw or standardised.
    p : float
        The two-sided p, between 0 and 1.
    df : float
        Degrees of freedom of the test; infinite for z.

    Returns
    -------
    float
        The standard error, in the units of the difference.

    Raises
    ------
    ValueError
        If `p` is not between 0 and 1, or the difference is 0.
    """
    if difference == 0:
        raise ValueError("a difference of 0 has no standard error that follows from its p")
    return abs(difference) / t_from_p(p, df)


def se_from_interval(ci_lb: float, ci_ub: float, df: float, level: float = LEVEL) -> float:
    """Return the standard error behind a printed interval of a difference, by the t quantile.

    Parameters
    ----------
    ci_lb, ci_ub : float
        The ends of the interval, in the units of the outcome.
    df : float
        Degrees of freedom of the interval; infinite for the normal quantile.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    float
        The standard error, in the units of the outcome.
    """
    return (ci_ub - ci_lb) / (2 * t_quantile(df, level))


def log_ratio_from_interval(ratio: float, ci_lb: float, ci_ub: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the log of a ratio and its variance from the printed interval, by the normal quantile.

    Parameters
    ----------
    ratio, ci_lb, ci_ub : float
        The ratio and the ends of its interval, as printed and not as logs.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.
    """
    se = se_from_interval(math.log(ci_lb), math.log(ci_ub), math.inf, level)
    return math.log(ratio), se**2


def log_ratio_from_p(ratio: float, p: float) -> tuple[float, float]:
    """Return the log of a ratio and the variance that gives the printed two-sided p.

    Parameters
    ----------
    ratio : float
        The ratio as printed, not its log.
    p : float
        The two-sided p, between 0 and 1.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If `p` is not between 0 and 1, or the ratio is 1.
    """
    if not 0 < p < 1:
        raise ValueError(f"p must lie between 0 and 1, found {p:g}")
    if ratio == 1:
        raise ValueError("a ratio of 1 has no standard error that follows from its p")
    se = abs(math.log(ratio)) / float(-ndtri(p / 2))
    return math.log(ratio), se**2


def d_from_cohens_f(cohens_f: float, n_arm1: float, n_arm2: float) -> float:
    """Return d = f / sqrt(p1 p2), where p1 and p2 are the shares of the arms; 2 f if the arms are equal.

    Parameters
    ----------
    cohens_f : float
        Cohen's f of two groups.
    n_arm1, n_arm2 : float
        Number of people of each arm.

    Returns
    -------
    float
        d, in standard deviations.

    References
    ----------
    Cohen 1988, 8.2.
    """
    total = n_arm1 + n_arm2
    return cohens_f / math.sqrt(n_arm1 * n_arm2 / total**2)
