"""Profile-likelihood intervals of the coefficients of a model and of the variance that it leaves between studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtri

from taprev.synthesis.kernels.coefficients import least_squares
from taprev.synthesis.kernels.refusals import refuse_level, refuse_word, sound_design, sound_effects
from taprev.synthesis.kernels.residual_tau2 import log_likelihood, residual_tau2
from taprev.vocabulary import Tau2Method

LIKELIHOODS = (Tau2Method.REML, Tau2Method.ML)
MOST_STEPS = 200
CLOSE = 4 * float(np.finfo(float).eps)


@dataclass(frozen=True)
class ProfileIntervals:
    """`beta` are the coefficients by maximum likelihood with their bounds; `tau2` is that of `method`.

    The coefficients have the full likelihood whatever the method, since the restricted one does not compare them.
    """

    method: Tau2Method
    level: float
    beta: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    tau2: float
    tau2_lb: float
    tau2_ub: float


def profile_intervals(
    yi: ArrayLike, vi: ArrayLike, X: ArrayLike | None = None, method: str = "REML", level: float = 0.95
) -> ProfileIntervals:
    """Return profile-likelihood intervals.

    They hold the values at which the highest likelihood, over all other parameters, lies no more than half a quantile
    of chi-square (1 df) below the maximum. Unlike the Wald interval they allow for tau2 not being known, and they need
    not be symmetrical.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects, and their sampling variances in squared units of `yi`.
    X : array_like, shape (k, p), optional
        The design, with its own intercept; by default a column of ones.
    method : str
        REML or ML: the likelihood of tau2.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    ProfileIntervals

    Raises
    ------
    ValueError
        For unsound data, a design that is singular or leaves no degree of freedom, and another method.
    ArithmeticError
        If a bound is not found.

    References
    ----------
    Hardy and Thompson 1996, Statistics in Medicine 15:619-629; Viechtbauer 2007, Statistics in Medicine 26:37-52.
    """
    refuse_level(level)
    refuse_word("method", method, LIKELIHOODS)
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    drop = float(chdtri(1, 1.0 - level)) / 2
    tau2 = residual_tau2(y, v, design, Tau2Method(method))
    lower, upper = _bounds_of_tau2(y, v, design, tau2, method == Tau2Method.REML, drop)
    full = residual_tau2(y, v, design, Tau2Method.ML)
    beta, vb = least_squares(y, design, 1.0 / (v + full))
    se = np.sqrt(np.diag(vb))
    floor = log_likelihood(y, v, design, full, restricted=False) - drop
    bounds = [
        [_crossing(_profile_of(y, v, design, j), float(beta[j]), sign * float(se[j]), floor) for sign in (-1.0, 1.0)]
        for j in range(beta.size)
    ]
    ci_lb, ci_ub = np.array(bounds).T
    return ProfileIntervals(Tau2Method(method), level, beta, ci_lb, ci_ub, tau2, lower, upper)


def _bounds_of_tau2(
    y: np.ndarray, v: np.ndarray, design: np.ndarray, tau2: float, restricted: bool, drop: float
) -> tuple[float, float]:
    def height(value: float) -> float:
        return log_likelihood(y, v, design, value, restricted)

    floor = height(tau2) - drop
    lower = 0.0 if height(0.0) >= floor else _root(lambda value: height(value) - floor, 0.0, tau2)
    return lower, _crossing(height, tau2, tau2 + float(v.min()), floor)


def _profile_of(y: np.ndarray, v: np.ndarray, design: np.ndarray, j: int) -> Callable[[float], float]:
    """Return the highest likelihood over everything else as a function of one coefficient."""
    others = np.delete(design, j, axis=1)

    def height(value: float) -> float:
        rest = y - value * design[:, j]
        return log_likelihood(rest, v, others, residual_tau2(rest, v, others, Tau2Method.ML), restricted=False)

    return height


def _crossing(height: Callable[[float], float], top: float, step: float, floor: float) -> float:
    """Return where a likelihood falls to a floor, in the direction of a step."""
    near = top
    for _ in range(MOST_STEPS):
        far = near + step
        if height(far) < floor:
            return _root(lambda value: height(value) - floor, near, far)
        near, step = far, 2.0 * step
    raise ArithmeticError("the likelihood falls so slowly that its interval has no end that could be found")


def _root(function: Callable[[float], float], one: float, other: float) -> float:
    low, high = sorted((one, other))
    return float(brentq(function, low, high, xtol=np.finfo(float).tiny, rtol=CLOSE, maxiter=MOST_STEPS))
