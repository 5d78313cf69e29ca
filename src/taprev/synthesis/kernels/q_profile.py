"""The interval of the variance between studies, and of what follows from it, by the Q-profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtri

from taprev.synthesis.kernels.refusals import refuse_level, sound_design, sound_effects
from taprev.synthesis.kernels.residual_tau2 import projected

CLOSE = 4 * float(np.finfo(float).eps)


@dataclass(frozen=True)
class HeterogeneityBounds:
    """The bounds of tau2, and of I2 (in percent) and H2, which rise with it; `level` is that of the interval."""

    level: float
    tau2_lb: float
    tau2_ub: float
    I2_lb: float
    I2_ub: float
    H2_lb: float
    H2_ub: float


def q_profile(yi: ArrayLike, vi: ArrayLike, X: ArrayLike | None = None, level: float = 0.95) -> HeterogeneityBounds:
    """Return the values of tau2 at which the weighted squares y'Py lie between two quantiles of chi-square.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects, and their sampling variances in squared units of `yi`.
    X : array_like, shape (k, p), optional
        The design, with its own intercept; by default a column of ones.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    HeterogeneityBounds
        Both bounds are zero where the squares are below the lower quantile already at tau2 = 0.

    Raises
    ------
    ValueError
        For unsound data, a design that is singular or leaves no degree of freedom, and a level outside (0, 1).

    References
    ----------
    Viechtbauer 2007, Statistics in Medicine 26:37-52.
    """
    refuse_level(level)
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    freedom = y.size - design.shape[1]
    tails = (1.0 - level) / 2, (1.0 + level) / 2
    lower, upper = (_crossing(y, v, design, float(chdtri(freedom, tail))) for tail in tails)
    typical = freedom / float(projected(y, design, 1.0 / v).trace)
    return HeterogeneityBounds(
        level=level,
        tau2_lb=lower,
        tau2_ub=upper,
        I2_lb=100.0 * lower / (lower + typical),
        I2_ub=100.0 * upper / (upper + typical),
        H2_lb=lower / typical + 1.0,
        H2_ub=upper / typical + 1.0,
    )


def _crossing(y: np.ndarray, v: np.ndarray, design: np.ndarray, quantile: float) -> float:
    def excess(tau2: float) -> float:
        return float(projected(y, design, 1.0 / (v + tau2)).squares) - quantile

    if excess(0.0) <= 0:
        return 0.0
    high = float(v.max())
    while excess(high) > 0:
        high *= 4.0
    return float(brentq(excess, 0.0, high, xtol=np.finfo(float).tiny, rtol=CLOSE, maxiter=500))
