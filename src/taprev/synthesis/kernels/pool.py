"""The pooled numbers of many sets: tau2 certified, the weighted mean, heterogeneity, and each interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from taprev.synthesis.kernels.certificate import certify
from taprev.synthesis.kernels.estimators import ESTIMATORS
from taprev.synthesis.kernels.intervals import Figures, IntervalArrays, chosen_method, interval, standard_errors
from taprev.synthesis.kernels.scaled import Sets, moments, room_for, scaled
from taprev.synthesis.kernels.tau2 import q_profile
from taprev.vocabulary import Tau2Method


@dataclass(frozen=True)
class Pooled:
    """What pooling gives before an interval is chosen: one value for each set, in the units of the data.

    `wald_se` is 1/sqrt(sum of 1/(vi + tau2)), `Q_at_tau2` the weighted sum of squares with the same weights, `Q`
    Cochran's with weights 1/vi, and `s2` the typical sampling variance.
    """

    sets: Sets
    tau2: np.ndarray
    residual: np.ndarray
    estimate: np.ndarray
    wald_se: np.ndarray
    Q_at_tau2: np.ndarray
    Q: np.ndarray
    s2: np.ndarray

    @property
    def k(self) -> np.ndarray:
        """The number of studies of each set."""
        return self.sets.k


def pool(Y: np.ndarray, V: np.ndarray, tau2_method: str) -> Pooled:
    """Return the pooled numbers of sound sets.

    Parameters
    ----------
    Y, V : ndarray, shape (sets, studies)
        Effects and sampling variances, NaN for an absent study.
    tau2_method : str
        A `Tau2Method`.

    Returns
    -------
    Pooled
        One value for each set, in the units of the data.

    Raises
    ------
    ArithmeticError
        If a solution does not pass its certificate.
    """
    with np.errstate(all="ignore"):
        sets = scaled(Y, V)
        tau2 = ESTIMATORS[Tau2Method(tau2_method)].solve(sets)
        room = room_for(sets)
        at_zero = moments(sets, np.zeros_like(tau2), room)
        Q, s2 = at_zero.Q, (sets.k - 1) / at_zero.trace
        m = moments(sets, tau2, room)
        residual = certify(sets, tau2, m, tau2_method)
    square = sets.unit**2
    return Pooled(
        sets=sets,
        tau2=tau2 * square,
        residual=residual,
        estimate=sets.origin + m.mean * sets.unit,
        wald_se=sets.unit / np.sqrt(m.total),
        Q_at_tau2=m.Q,
        Q=Q,
        s2=np.where(sets.k > 1, s2 * square, np.inf),
    )


def used_methods(pooled: Pooled, ci_method: str) -> np.ndarray:
    """Return the name of the interval used for each set.

    Parameters
    ----------
    pooled : Pooled
        The pooled numbers.
    ci_method : str
        A `CiChoice`.

    Returns
    -------
    ndarray of str, shape (sets,)
        Each a `CiMethod`.
    """
    smallest = pooled.sets.smallest * pooled.sets.unit**2
    return chosen_method(ci_method, pooled.k, pooled.tau2, smallest, pooled.Q_at_tau2)


def intervals(pooled: Pooled, methods: np.ndarray, level: float) -> IntervalArrays:
    """Return for each set the interval of the method named for it.

    Parameters
    ----------
    pooled : Pooled
        The pooled numbers.
    methods : ndarray of str, shape (sets,) or (1,)
        A `CiMethod` for each set, or one for all.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    IntervalArrays
        One value for each set, in the units of the data.
    """
    errors = standard_errors(pooled.wald_se, pooled.Q_at_tau2, pooled.k)
    se = np.select([methods == name for name in errors], list(errors.values()))
    df = np.where(methods == "wald", np.nan, pooled.k - 1.0)
    return interval(pooled.estimate, se, df, level)


def tau2_bounds(pooled: Pooled, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the Q-profile bounds of tau2 and whether the profile set is empty; for k >= 2.

    Parameters
    ----------
    pooled : Pooled
        The pooled numbers.
    level : float
        The level of the bounds, between 0 and 1.

    Returns
    -------
    tuple of ndarray, each of shape (sets,)
        The lower and the upper bounds, in squared units of the data, and whether the profile set is empty.

    References
    ----------
    Viechtbauer (2007), Statistics in Medicine 26:37-52.
    """
    upper = chdtri(pooled.k - 1.0, (1.0 - level) / 2.0)
    lower = chdtri(pooled.k - 1.0, (1.0 + level) / 2.0)
    with np.errstate(all="ignore"):
        lb, ub = q_profile(pooled.sets, lower, upper)
    square = pooled.sets.unit**2
    return lb * square, ub * square, lower > pooled.Q


def I2_of(tau2: Figures, s2: Figures) -> Figures:
    """Return the percentage of the total variance that is between studies, 100 tau2 / (tau2 + s2).

    Parameters
    ----------
    tau2 : float or ndarray
        The between-study variance, or a bound of it.
    s2 : float or ndarray
        The typical sampling variance, in the same units.

    Returns
    -------
    float or ndarray
        I2, from 0 to 100.

    References
    ----------
    Higgins and Thompson 2002, Statistics in Medicine 21:1539-1558.
    """
    return 100.0 * tau2 / (tau2 + s2)


def H2_of(tau2: Figures, s2: Figures) -> Figures:
    """Return the ratio of the total to the typical sampling variance, tau2 / s2 + 1.

    Parameters
    ----------
    tau2 : float or ndarray
        The between-study variance, or a bound of it.
    s2 : float or ndarray
        The typical sampling variance, in the same units.

    Returns
    -------
    float or ndarray
        H2, at least 1.

    References
    ----------
    Higgins and Thompson 2002, Statistics in Medicine 21:1539-1558.
    """
    return tau2 / s2 + 1.0
