"""The coefficients of a model with their errors, tests and intervals, each alone and all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from taprev.vocabulary import MetaTest

SMALLEST_SE = 1e-12


@dataclass(frozen=True)
class Coefficients:
    """Coefficients under metafor's names, an array each; `dfs` is None where the test is normal."""

    estimate: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    dfs: float | None
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    covariance: np.ndarray


def coefficients(estimate: np.ndarray, covariance: np.ndarray, dfs: float | None, level: float) -> Coefficients:
    """Return coefficients with what follows from their covariance.

    Parameters
    ----------
    estimate : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
    dfs : float or None
        Degrees of freedom of t; None for the normal distribution.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    Coefficients
    """
    se = np.sqrt(np.diag(covariance))
    half, stat = quantile(dfs, level) * se, estimate / se
    return Coefficients(estimate, se, stat, dfs, two_sided(stat, dfs), estimate - half, estimate + half, covariance)


def least_squares(y: np.ndarray, design: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients at weights w, (X'WX)^-1 X'Wy, and their covariance (X'WX)^-1, by a QR decomposition.

    Parameters
    ----------
    y, w : ndarray, shape (k,)
    design : ndarray, shape (k, p)

    Returns
    -------
    tuple of ndarray, shape (p,), and ndarray, shape (p, p)
    """
    root = np.sqrt(w)
    Q, R = np.linalg.qr(root[:, None] * design)
    back = np.linalg.inv(R)
    return back @ (Q.T @ (root * y)), back @ back.T


def has_intercept(design: np.ndarray) -> bool:
    """Return whether a column of ones follows from the columns of a design, as from those of all groups.

    Parameters
    ----------
    design : ndarray, shape (k, p)

    Returns
    -------
    bool
    """
    ones = np.ones(len(design))
    return bool(np.allclose(design @ np.linalg.lstsq(design, ones)[0], ones))


def spread_of(test: MetaTest, residuals: np.ndarray, w: np.ndarray, freedom: int) -> float:
    """Return the factor by which a test multiplies the covariance of a model.

    Parameters
    ----------
    test : MetaTest
    residuals, w : ndarray, shape (k,)
        What the model leaves of the effects, and its weights.
    freedom : int
        k - p.

    Returns
    -------
    float
        1 for z and t; sum w e^2 / (k - p) for knha, and that or 1 for adhoc.

    Raises
    ------
    ValueError
        With knha, for effects that lie exactly on the model.

    References
    ----------
    Knapp and Hartung 2003, Statistics in Medicine 22:2693-2710.
    """
    if test not in (MetaTest.KNHA, MetaTest.ADHOC):
        return 1.0
    s2 = float(np.sum(w * residuals**2)) / freedom
    if test == MetaTest.ADHOC:
        return max(s2, 1.0)
    if s2 < SMALLEST_SE**2:
        raise ValueError("the effects lie exactly on the model and have no spread to estimate an error from")
    return s2


def omnibus(
    design: np.ndarray, beta: np.ndarray, vb: np.ndarray, dfs: float | None
) -> tuple[float | None, int, float | None]:
    """Return the test of all coefficients but the intercept together.

    Parameters
    ----------
    design : ndarray, shape (k, p)
        Its columns of ones are intercepts.
    beta : ndarray, shape (p,)
    vb : ndarray, shape (p, p)
        Their covariance.
    dfs : float or None
        Degrees of freedom of the denominator of an F; None for a chi-square.

    Returns
    -------
    tuple of float or None, int, float or None
        The statistic, how many coefficients it tests, and its p value; None, 0, None where there are none.
    """
    tested = np.flatnonzero(~np.all(design == 1.0, axis=0))
    return (None, 0, None) if tested.size == 0 else tested_together(beta[tested], vb[np.ix_(tested, tested)], dfs)


def tested_together(beta: np.ndarray, vb: np.ndarray, dfs: float | None) -> tuple[float, int, float]:
    """Return the test of several coefficients, or sums of them, together: statistic, their number, and p value.

    Parameters
    ----------
    beta : ndarray, shape (m,)
    vb : ndarray, shape (m, m)
        Their covariance.
    dfs : float or None
        As in `omnibus`.

    Returns
    -------
    tuple of float, int, float
    """
    m = beta.size
    QM = float(beta @ np.linalg.solve(vb, beta))
    return (QM, m, float(chdtrc(m, QM))) if dfs is None else (QM / m, m, float(fdtrc(m, dfs, QM / m)))


def quantile(dfs: float | None, level: float) -> float:
    """Return the quantile of an interval of a level: of t with so many degrees of freedom, or of the normal.

    Parameters
    ----------
    dfs : float or None
        None for the normal distribution.
    level : float
        Between 0 and 1.

    Returns
    -------
    float
    """
    return float(ndtri(0.5 + level / 2) if dfs is None else stdtrit(dfs, 0.5 + level / 2))


def two_sided(stat: np.ndarray, dfs: float | None) -> np.ndarray:
    """Return the two-sided p values of statistics.

    Parameters
    ----------
    stat : ndarray
    dfs : float or None
        Degrees of freedom of t; None for the normal distribution.

    Returns
    -------
    ndarray
    """
    return np.asarray(2.0 * (ndtr(-np.abs(stat)) if dfs is None else stdtr(dfs, -np.abs(stat))))
