"""A correlation and its Fisher transform, as metafor's `escalc`, and what its printed precision is worth on z."""

from __future__ import annotations

import math

from taprev.effects.conversions import LEVEL, se_from_interval, se_from_p
from taprev.vocabulary import FEWEST_CORRELATED


def correlation(r: float, n_arm1: float) -> tuple[float, float]:
    """Return a correlation and its variance (1 - r^2)^2 / (n - 1).

    Parameters
    ----------
    r : float
        The correlation.
    n_arm1 : float
        Number of people.

    Returns
    -------
    tuple of float
        `yi` and `vi`.

    Raises
    ------
    ValueError
        If there are fewer than 4 people.
    """
    _refuse_few(n_arm1)
    return r, (1 - r**2) ** 2 / (n_arm1 - 1)


def fisher_z(r: float, n_arm1: float) -> tuple[float, float]:
    """Return Fisher's z = atanh(r) and its variance 1/(n - 3).

    Parameters
    ----------
    r : float
        The correlation.
    n_arm1 : float
        Number of people.

    Returns
    -------
    tuple of float
        `yi` as z, and `vi`.

    Raises
    ------
    ValueError
        If there are fewer than 4 people.
    """
    _refuse_few(n_arm1)
    return _z(r), 1 / (n_arm1 - 3)


def fisher_z_from_interval(r: float, ci_lb: float, ci_ub: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Fisher's z of a correlation and its variance from the printed interval, by the normal quantile.

    SE = (atanh(upper) - atanh(lower)) / (2 z).

    Parameters
    ----------
    r, ci_lb, ci_ub : float
        The correlation and the ends of its interval, as printed.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        `yi` as z, and `vi`.

    Raises
    ------
    ValueError
        If the correlation or an end of the interval does not lie between -1 and 1.

    References
    ----------
    Borenstein and others 2009, Introduction to Meta-Analysis, chapter 6.
    """
    return _z(r), se_from_interval(_z(ci_lb), _z(ci_ub), math.inf, level) ** 2


def fisher_z_from_se(r: float, se: float) -> tuple[float, float]:
    """Return Fisher's z of a correlation and its variance (se / (1 - r^2))^2 from the standard error of r.

    Parameters
    ----------
    r, se : float
        The correlation and its standard error, as printed.

    Returns
    -------
    tuple of float
        `yi` as z, and `vi`.

    Raises
    ------
    ValueError
        If the correlation does not lie between -1 and 1.

    References
    ----------
    The delta method: the derivative of atanh(r) is 1 / (1 - r^2).
    """
    return _z(r), (se / (1 - r**2)) ** 2


def fisher_z_from_p(r: float, p: float) -> tuple[float, float]:
    """Return Fisher's z of a correlation and the variance that gives the printed two-sided p.

    Parameters
    ----------
    r : float
        The correlation as printed.
    p : float
        The two-sided p, between 0 and 1.

    Returns
    -------
    tuple of float
        `yi` as z, and `vi`.

    Raises
    ------
    ValueError
        If the correlation does not lie between -1 and 1 or is 0, or `p` is not between 0 and 1.
    """
    z = _z(r)
    return z, se_from_p(z, p, math.inf) ** 2


def _z(r: float) -> float:
    if not -1 < r < 1:
        raise ValueError(f"a correlation of {r:g} has no Fisher's z: it and its interval must lie between -1 and 1")
    return math.atanh(r)


def _refuse_few(n_arm1: float) -> None:
    if n_arm1 < FEWEST_CORRELATED:
        raise ValueError(f"a correlation needs at least {FEWEST_CORRELATED} people, found n_arm1 = {n_arm1:g}")
