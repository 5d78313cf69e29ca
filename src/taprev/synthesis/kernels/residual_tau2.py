"""The variance between studies that moderators leave, by every estimator, for one set of effects or for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taprev.synthesis.kernels.newton import falling_root
from taprev.vocabulary import GeneralisedQ, Tau2Method

POINTS = 200
FINEST, WIDEST = 1e-3, 100.0
"""The grid on which maxima are sought after 0, in units of the smallest variance and of the largest squared residual.

Nearer to 0 the weights hardly change, and the score falls through zero once at most.
"""
MOST_NUMBERS = 4_000_000
"""How many numbers a scan may hold at once."""
Estimator = Tau2Method | GeneralisedQ


@dataclass(frozen=True)
class Projected:
    """Effects without what a weighted design explains, for sets in the leading axes.

    P = W - WX (X'WX)^-1 X'W. `residuals` are weighted, so that their squares sum to y'Py (`squares`); `trace` is that
    of P, `log_determinant` log |X'WX|, and `basis` an orthonormal basis of the weighted design.
    """

    w: np.ndarray
    residuals: np.ndarray
    basis: np.ndarray
    log_determinant: np.ndarray

    @property
    def squares(self) -> np.ndarray:
        """y'Py."""
        return np.asarray(np.sum(self.residuals**2, axis=-1))

    @property
    def trace(self) -> np.ndarray:
        """The trace of P."""
        return np.asarray(np.sum(self.w * (1.0 - np.sum(self.basis**2, axis=-1)), axis=-1))

    @property
    def trace_of_square(self) -> np.ndarray:
        """The trace of PP."""
        own = np.sum(self.w**2 * (1.0 - 2.0 * np.sum(self.basis**2, axis=-1)), axis=-1)
        crossed = np.swapaxes(self.basis, -1, -2) @ (self.w[..., None] * self.basis)
        return np.asarray(own + np.sum(crossed**2, axis=(-1, -2)))

    @property
    def steepness(self) -> np.ndarray:
        """y'PPy, by which y'Py falls with tau2."""
        return np.asarray(np.sum(self.w * self.residuals**2, axis=-1))

    @property
    def bend(self) -> np.ndarray:
        """y'PPPy."""
        s = self.w * self.residuals
        explained = np.einsum("...kp,...k->...p", self.basis, s)
        return np.asarray(np.sum(s**2, axis=-1) - np.sum(explained**2, axis=-1))


def projected(y: np.ndarray, design: np.ndarray, w: np.ndarray) -> Projected:
    """Return effects without what a design explains, at weights w.

    Parameters
    ----------
    y : ndarray, shape (..., k)
    design : ndarray, shape (k, p)
    w : ndarray, shape (..., k)

    Returns
    -------
    Projected
    """
    root = np.sqrt(w)
    basis, sizes = _orthonormal(root, design)
    residuals = _without(_without(root * y, basis), basis)
    return Projected(w, residuals, np.moveaxis(basis, 0, -1), 2.0 * np.sum(np.log(sizes), axis=0))


def _orthonormal(root: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return orthonormal columns of the weighted design, and the lengths whose product is its volume.

    By the method of Gram and Schmidt, each column freed twice from those before it: as exact as `numpy.linalg.qr`, and
    several times faster over many sets.
    """
    p = design.shape[1]
    basis, sizes = np.empty((p, *root.shape)), np.empty((p, *root.shape[:-1]))
    for j in range(p):
        rest = _without(_without(root * design[:, j], basis[:j]), basis[:j])
        sizes[j] = np.sqrt(np.sum(rest**2, axis=-1))
        basis[j] = rest / sizes[j][..., None]
    return basis, sizes


def _without(x: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return vectors without their part along each direction of a basis."""
    for direction in basis:
        x = x - np.sum(direction * x, axis=-1, keepdims=True) * direction
    return x


def residual_tau2(
    y: np.ndarray, v: np.ndarray, design: np.ndarray, method: Estimator | None, weights: np.ndarray | None = None
) -> float:
    """Return the variance between studies that a design leaves.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects, and their sampling variances in squared units of `y`.
    design : ndarray, shape (k, p)
        Of full rank, with p < k.
    method : Tau2Method, GeneralisedQ or None
        An estimator; None for a model with one common effect.
    weights : ndarray, shape (k,), optional
        The weights of GENQ.

    Returns
    -------
    float
        In squared units of `y`, 0 at the least. For REML and ML the highest of all maxima, to the last digits.

    References
    ----------
    Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261-293 (HS, HE, DL, ML, REML); Raudenbush
    2009, in Handbook of Research Synthesis, 295-315 (with moderators); Paule and Mandel 1982, Journal of Research of
    the National Bureau of Standards 87:377-385; Sidik and Jonkman 2005, Journal of the Royal Statistical Society C
    54:367-384; DerSimonian and Kacker 2007, Contemporary Clinical Trials 28:105-114 (GENQ).
    """
    return float(residual_tau2_batch(y[None], v[None], design, method, weights)[0])


def residual_tau2_batch(
    Y: np.ndarray,
    V: np.ndarray,
    design: np.ndarray,
    method: Estimator | None,
    weights: np.ndarray | None = None,
    points: int = POINTS,
) -> np.ndarray:
    """Return the variance that one design leaves in each of many sets of effects.

    Parameters
    ----------
    Y, V : ndarray, shape (sets, k)
    design, method, weights
        As in `residual_tau2`.
    points : int
        How many values of tau2 are looked at for maxima of a likelihood, before each is refined.

    Returns
    -------
    ndarray, shape (sets,)
    """
    if method is None:
        return np.zeros(len(Y))
    if method in (Tau2Method.REML, Tau2Method.ML):
        together = max(1, MOST_NUMBERS // (points * len(design) * (1 + design.shape[1])))
        parts = [slice(first, first + together) for first in range(0, len(Y), together)]
        restricted = method == Tau2Method.REML
        return np.concatenate([_highest(Y[part], V[part], design, restricted, points) for part in parts])
    if method == Tau2Method.PM:
        return _paule_mandel(Y, V, design)
    return np.maximum(_in_one_step(Y, V, design, method, weights), 0.0)


def log_likelihood(y: np.ndarray, v: np.ndarray, design: np.ndarray, tau2: float, restricted: bool) -> float:
    """Return the highest (restricted) log likelihood of a model at a value of tau2, up to a constant of the data.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Effects and sampling variances.
    design : ndarray, shape (k, p)
    tau2 : float
        In the units of `v`.
    restricted : bool
        Whether it is the restricted one.

    Returns
    -------
    float
    """
    return 0.5 * float(_height(projected(y, design, 1.0 / (v + tau2)), restricted))


def _in_one_step(
    Y: np.ndarray, V: np.ndarray, design: np.ndarray, method: Estimator, weights: np.ndarray | None
) -> np.ndarray:
    k, p = design.shape
    if method == Tau2Method.SJ:
        first = np.var(Y, axis=1)
        at = projected(Y, design, 1.0 / (V + first[:, None]))
        return np.where(first > 0, first * at.squares / (k - p), 0.0)
    if method in (Tau2Method.HE, GeneralisedQ.GENQ):
        at = projected(Y, design, np.broadcast_to(1.0 if weights is None else weights, Y.shape))
        expected = np.sum(V * at.w * (1.0 - np.sum(at.basis**2, axis=-1)), axis=-1)
        return np.asarray((at.squares - expected) / at.trace)
    fixed = projected(Y, design, 1.0 / V)
    if method == Tau2Method.DL:
        return np.asarray((fixed.squares - (k - p)) / fixed.trace)
    return np.asarray((fixed.squares - k) / np.sum(1.0 / V, axis=1))


def _paule_mandel(Y: np.ndarray, V: np.ndarray, design: np.ndarray) -> np.ndarray:
    freedom, unit = design.shape[0] - design.shape[1], V.min(axis=1)
    tau2 = np.zeros(len(Y))
    above = np.flatnonzero(projected(Y, design, 1.0 / V).squares > freedom)
    y, v, unit = Y[above], V[above], unit[above]

    def excess(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        total = np.exp(x)
        at = projected(y, design, 1.0 / (v + (total - unit)[:, None]))
        return np.log(at.squares / freedom), -total * at.steepness / at.squares

    if above.size:
        low, high = np.log(unit), np.log(unit + _widest(y, v, design))
        tau2[above] = np.maximum(np.exp(falling_root(excess, low, low, high)) - unit, 0.0)
    return tau2


def _highest(Y: np.ndarray, V: np.ndarray, design: np.ndarray, restricted: bool, points: int) -> np.ndarray:
    """Return the highest maximum of each (restricted) likelihood: every fall of its score through zero is followed.

    The score is sought as the log of y'PPy over its trace term, in log(tau2 + min v), where it is nearly straight.
    """
    unit = V.min(axis=1)
    shares = np.linspace(0.0, 1.0, points - 1)
    inside = FINEST * unit * np.exp(shares[:, None] * np.log(_widest(Y, V, design) / (FINEST * unit)))
    grid = np.concatenate([np.zeros((1, len(Y))), inside])
    with np.errstate(divide="ignore"):
        scores = _log_ratio(projected(Y, design, 1.0 / (V + grid[..., None])), restricted)
    at, sets = np.nonzero((scores[:-1] > 0) & ~(scores[1:] > 0))
    roots = _refined(Y[sets], V[sets], design, restricted, grid[at, sets], grid[at + 1, sets])
    edge = np.flatnonzero(~(scores[0] > 0))
    columns, candidates = np.concatenate([edge, sets]), np.concatenate([np.zeros(edge.size), roots])
    height = _height(projected(Y[columns], design, 1.0 / (V[columns] + candidates[:, None])), restricted)
    order = np.lexsort((height, columns))
    tau2 = np.zeros(len(Y))
    tau2[columns[order]] = candidates[order]
    return tau2


def _refined(
    y: np.ndarray, v: np.ndarray, design: np.ndarray, restricted: bool, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return the root of each score between two values of tau2, to the last digits."""
    if not low.size:
        return low
    unit = v.min(axis=1)

    def score(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        total = np.exp(x)
        at = projected(y, design, 1.0 / (v + (total - unit)[:, None]))
        term = at.trace if restricted else np.sum(at.w, axis=-1)
        fall = at.trace_of_square if restricted else np.sum(at.w**2, axis=-1)
        return _log_ratio(at, restricted), total * (fall / term - 2.0 * at.bend / at.steepness)

    ends = np.log(unit + low), np.log(unit + high)
    return np.maximum(np.exp(falling_root(score, 0.5 * (ends[0] + ends[1]), *ends)) - unit, 0.0)


def _log_ratio(at: Projected, restricted: bool) -> np.ndarray:
    return np.asarray(np.log(at.steepness / (at.trace if restricted else np.sum(at.w, axis=-1))))


def _height(at: Projected, restricted: bool) -> np.ndarray:
    spread = np.sum(np.log(at.w), axis=-1) - at.squares
    return np.asarray(spread - at.log_determinant if restricted else spread)


def _widest(Y: np.ndarray, V: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Return a tau2 above every maximum: beyond the squares of all residuals the likelihood falls."""
    return WIDEST * (projected(Y, design, np.ones(Y.shape)).squares + V.max(axis=1))
