"""The variance between studies that moderators leave, by every estimator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from taprev.vocabulary import Tau2Method

POINTS = 200
FINEST, WIDEST = 1e-9, 100.0
"""The grid on which maxima are sought, in units of the smallest variance and of the largest squared residual."""
MOST_STEPS = 500


@dataclass(frozen=True)
class Projected:
    """Effects without what a weighted design explains: weighted residuals, shape (k,), trace of P and log |X'WX|.

    P = W - WX (X'WX)^-1 X'W; the squared residuals sum to y'Py.
    """

    residuals: np.ndarray
    trace: float
    log_determinant: float


def projected(y: np.ndarray, design: np.ndarray, w: np.ndarray) -> Projected:
    """Return effects without what a design explains, at weights w, by a QR decomposition.

    Parameters
    ----------
    y : ndarray, shape (k,)
    design : ndarray, shape (k, p)
    w : ndarray, shape (k,)

    Returns
    -------
    Projected
    """
    root = np.sqrt(w)
    Q, R = np.linalg.qr(root[:, None] * design)
    z = root * y
    trace = float(np.sum(w * (1.0 - np.sum(Q**2, axis=1))))
    return Projected(z - Q @ (Q.T @ z), trace, 2.0 * float(np.sum(np.log(np.abs(np.diag(R))))))


def residual_tau2(y: np.ndarray, v: np.ndarray, design: np.ndarray, method: Tau2Method | None) -> float:
    """Return the variance between studies that a design leaves.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects, and their sampling variances in squared units of `y`.
    design : ndarray, shape (k, p)
        Of full rank, with p < k.
    method : Tau2Method or None
        An estimator; None for a model with one common effect.

    Returns
    -------
    float
        In squared units of `y`, 0 at the least. For REML and ML the highest of all maxima, to the last digits.

    References
    ----------
    Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261-293 (HS, HE, DL, ML, REML); Raudenbush
    2009, in Handbook of Research Synthesis, 295-315 (with moderators); Paule and Mandel 1982, Journal of Research of
    the National Bureau of Standards 87:377-385; Sidik and Jonkman 2005, Journal of the Royal Statistical Society C
    54:367-384.
    """
    if method is None:
        return 0.0
    if method in (Tau2Method.REML, Tau2Method.ML):
        return _highest(y, v, design, method == Tau2Method.REML)
    if method == Tau2Method.PM:
        return _paule_mandel(y, v, design)
    return max(_in_one_step(y, v, design, method), 0.0)


def _in_one_step(y: np.ndarray, v: np.ndarray, design: np.ndarray, method: Tau2Method) -> float:
    k, p = design.shape
    if method == Tau2Method.SJ:
        first = float(np.var(y))
        if first == 0.0:
            return 0.0
        return first * _squares(projected(y, design, 1.0 / (v + first))) / (k - p)
    if method == Tau2Method.HE:
        plain = projected(y, design, np.ones(k))
        Q = np.linalg.qr(design)[0]
        return (_squares(plain) - float(np.sum(v * (1.0 - np.sum(Q**2, axis=1))))) / (k - p)
    fixed = projected(y, design, 1.0 / v)
    if method == Tau2Method.DL:
        return (_squares(fixed) - (k - p)) / fixed.trace
    return (_squares(fixed) - k) / float(np.sum(1.0 / v))


def _squares(one: Projected) -> float:
    return float(one.residuals @ one.residuals)


def _paule_mandel(y: np.ndarray, v: np.ndarray, design: np.ndarray) -> float:
    freedom = design.shape[0] - design.shape[1]

    def excess(tau2: float) -> float:
        return _squares(projected(y, design, 1.0 / (v + tau2))) - freedom

    if excess(0.0) <= 0:
        return 0.0
    upper = _widest(y, v, design)
    while excess(upper) > 0:
        upper *= 10.0
    return _root(excess, 0.0, upper)


def _highest(y: np.ndarray, v: np.ndarray, design: np.ndarray, restricted: bool) -> float:
    """Return the highest maximum of the (restricted) likelihood: every change of sign of its score is followed."""

    def score(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        at = projected(y, design, w)
        return float(np.sum(w * at.residuals**2)) - (at.trace if restricted else float(np.sum(w)))

    def height(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        at = projected(y, design, w)
        return float(np.sum(np.log(w))) - (at.log_determinant if restricted else 0.0) - _squares(at)

    grid = [0.0, *np.geomspace(FINEST * v.min(), _widest(y, v, design), POINTS)]
    scores = _scores(y, design, 1.0 / (v + np.array(grid)[:, None]), restricted)
    inside = [
        _root(score, low, high)
        for low, high, before, after in zip(grid, grid[1:], scores, scores[1:], strict=False)
        if before > 0 >= after
    ]
    return max([*([0.0] if scores[0] <= 0 else []), *inside], key=height)


def _scores(y: np.ndarray, design: np.ndarray, W: np.ndarray, restricted: bool) -> np.ndarray:
    """Return the score at each row of weights, shape (rows, k), in one go."""
    root = np.sqrt(W)
    Q = np.linalg.qr(root[..., None] * design)[0]
    z = root * y
    residuals = z - np.einsum("rkp,rp->rk", Q, np.einsum("rkp,rk->rp", Q, z))
    trace = W * (1.0 - np.sum(Q**2, axis=2)) if restricted else W
    return np.asarray(np.sum(W * residuals**2 - trace, axis=1))


def _widest(y: np.ndarray, v: np.ndarray, design: np.ndarray) -> float:
    """Return a tau2 above every maximum: beyond the squares of all residuals the likelihood falls."""
    residuals = projected(y, design, np.ones(y.size)).residuals
    return WIDEST * (float(residuals @ residuals) + float(v.max()))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that is above zero at `low` and not at `high` crosses zero, to the last digits."""
    return float(
        brentq(function, low, high, xtol=np.finfo(float).tiny, rtol=4 * np.finfo(float).eps, maxiter=MOST_STEPS)
    )
