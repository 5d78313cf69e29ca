"""Between-study variance by likelihood: the global maximiser of the restricted (REML) or the full one (ML).

All functions take `Sets` (see `scaled`) and return tau2 in its scaled units, one value for each set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from taprev.synthesis.kernels.scaled import Moments, Sets, cubic, moments, trace_of_square

SCAN_POINTS = 12
FINE_SCAN = 8
WIDEST_STEP = 0.75
LARGEST_RATIO = 1e300
MOST_PASSES = 200
LAST_STEP = 1e-10
EPSILON = np.finfo(float).eps


@dataclass(frozen=True)
class Likelihood:
    """How REML and ML differ: the score is (y'PPy - trace) / 2, and `fall` is how fast the trace falls with tau2.

    `reach` times sum (y - mean)^2 less min v lies beyond the last root; `logs` is the log-determinant term.
    """

    trace: Callable[[Moments], np.ndarray]
    fall: Callable[[Moments], np.ndarray]
    logs: Callable[[Moments], np.ndarray]
    reach: float


def _log_weights(m: Moments) -> np.ndarray:
    return np.log(m.w, out=np.zeros_like(m.w), where=m.w > 0).sum(axis=0)


RESTRICTED = Likelihood(
    trace=lambda m: m.trace,
    fall=trace_of_square,
    logs=lambda m: _log_weights(m) - np.log(m.total),
    reach=1.0,
)
FULL = Likelihood(
    trace=lambda m: m.total,
    fall=lambda m: (m.w * m.w).sum(axis=0),
    logs=_log_weights,
    reach=2.0,
)


def restricted_likelihood(sets: Sets) -> np.ndarray:
    """Return the global maximiser of the restricted likelihood (REML).

    Every root of the score lies in [0, sum (y - mean)^2 - min v].

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.
    """
    return maximiser(sets, RESTRICTED)


def full_likelihood(sets: Sets) -> np.ndarray:
    """Return the global maximiser of the full likelihood (ML).

    Every root of its score lies in [0, 2 sum (y - mean)^2 - min v]: beyond it every w (y - mu)^2 is below 1.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.
    """
    return maximiser(sets, FULL)


def maximiser(sets: Sets, kind: Likelihood) -> np.ndarray:
    """Return the global maximiser of a likelihood.

    The score is scanned over the range that can hold its roots, and every fall through zero is refined to the root.
    If there are several maxima, or one and the boundary, the highest likelihood decides. Where the score turns back
    so close to zero that two roots may lie between scan points, the set is scanned again on a fine grid.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    kind : Likelihood
        `RESTRICTED` or `FULL`.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.
    """
    grid, scores = _scan(sets, kind, SCAN_POINTS)
    tau2 = _highest_maximum(sets, kind, grid, scores)
    close = np.flatnonzero(_may_hide_roots(sets, kind, grid, scores))
    if close.size:
        subset = sets.take(close)
        tau2[close] = _highest_maximum(subset, kind, *_scan(subset, kind, FINE_SCAN * len(grid)))
    return tau2


def _scan(sets: Sets, kind: Likelihood, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points, even in log(tau2 + min v), from 0 to beyond the last possible root, and their scores."""
    mean = sets.y.sum(axis=0) / sets.k
    squares = (np.where(np.isfinite(sets.v), sets.y - mean, 0.0) ** 2).sum(axis=0)
    width = np.log(1.01 * np.clip(kind.reach * squares / sets.smallest, 1.0, LARGEST_RATIO))
    enough = 1 + int(np.ceil(width.max(initial=0.0) / WIDEST_STEP))
    shares = np.linspace(0.0, 1.0, max(points, enough))[:, None]
    grid = sets.smallest * np.expm1(shares * width)
    return grid, np.stack([_log_ratio(sets, kind, tau2) for tau2 in grid])


def _may_hide_roots(sets: Sets, kind: Likelihood, grid: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return whether the log ratio turns back near zero, at a scan point or just above the boundary.

    Its slope in log(tau2 + min v) lies between -2 and 1, because no eigenvalue of P exceeds
    1/(tau2 + min v); so between two points it moves at most two thirds of their distance and back.
    """
    reach = 2.0 / 3.0 * np.log((grid[-1] + sets.smallest) / sets.smallest) / (len(grid) - 1)
    before, here, after = np.sign(scores[1:-1]) * np.stack([scores[:-2], scores[1:-1], scores[2:]])
    hidden = ((here <= reach) & (here <= before) & (here <= after)).any(axis=0)
    near = np.flatnonzero((scores[0] <= 0) & (scores[0] >= -reach))
    rising = _newton_step(sets.take(near), kind, np.zeros(near.size))[1] == np.inf
    hidden[near[rising]] = True
    return hidden


def _highest_maximum(sets: Sets, kind: Likelihood, grid: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the best of the roots where the scanned score falls through zero, and of the boundary."""
    at, columns = np.nonzero((scores[:-1] > 0) & ~(scores[1:] > 0))
    low, high = grid[at, columns], grid[at + 1, columns]
    roots = _refine(sets.take(columns), kind, low, high, scores[at, columns], scores[at + 1, columns])
    boundary = np.flatnonzero(~(scores[0] > 0))
    tau2 = np.concatenate([np.zeros(boundary.size), roots])
    return _best(sets, kind, np.concatenate([boundary, columns]), tau2)


def _log_ratio(sets: Sets, kind: Likelihood, tau2: np.ndarray) -> np.ndarray:
    """Return log(y'PPy / trace): zero where the score is, and of its sign."""
    m = moments(sets, tau2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(m.slope / kind.trace(m))


def _newton_step(sets: Sets, kind: Likelihood, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log ratio and Newton's step for it in log(tau2 + min v), where it is nearly straight."""
    m = moments(sets, tau2)
    slope, trace = m.slope, kind.trace(m)
    score = np.log(slope / trace)
    gradient = (tau2 + sets.smallest) * (kind.fall(m) / trace - 2.0 * cubic(m) / slope)
    step = np.divide(-score, gradient, out=np.full_like(score, np.inf), where=gradient < 0)
    return score, step


def _refine(
    sets: Sets, kind: Likelihood, low: np.ndarray, high: np.ndarray, above: np.ndarray, below: np.ndarray
) -> np.ndarray:
    """Return the root in each bracket by Newton's method, bisecting only where Newton does not shrink it.

    `above` and `below` are the log ratios at `low` and `high`. Convergence is tested before any bisection.
    """
    smallest = sets.smallest
    last = np.log((high + smallest) / (low + smallest))
    tau2 = low + (low + smallest) * np.expm1(last * above / (above - below))
    roots, active = tau2.copy(), np.arange(tau2.size)
    for _ in range(MOST_PASSES):
        if not active.size:
            break
        smallest = sets.smallest
        score, step = _newton_step(sets, kind, tau2)
        low, high = np.where(score > 0, tau2, low), np.where(score > 0, high, tau2)
        flat = np.abs(score) <= 4 * EPSILON
        proposal = np.where(flat, tau2, tau2 + (tau2 + smallest) * np.expm1(np.minimum(step, 700.0)))
        done = flat | (np.abs(step) <= LAST_STEP)
        trusted = done | ((proposal > low) & (proposal < high) & (np.abs(step) <= last / 2))
        middle = np.sqrt((low + smallest) * (high + smallest)) - smallest
        tau2 = np.maximum(np.where(trusted, proposal, middle), 0.0)
        last = np.where(trusted, np.abs(step), np.log((high + smallest) / (low + smallest)) / 2)
        roots[active] = tau2
        going = ~done
        active, sets = active[going], sets.take(going)
        tau2, low, high, last = tau2[going], low[going], high[going], last[going]
    return roots


def _best(sets: Sets, kind: Likelihood, columns: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return for each set the candidate of the highest likelihood."""
    likelihood = np.zeros(candidates.size)
    contested = (np.bincount(columns, minlength=sets.k.size) > 1)[columns]
    if contested.any():
        likelihood[contested] = log_likelihood(sets.take(columns[contested]), kind, candidates[contested])
    order = np.lexsort((likelihood, columns))
    tau2 = np.zeros(sets.k.size)
    tau2[columns[order]] = candidates[order]
    return tau2


def log_likelihood(sets: Sets, kind: Likelihood, tau2: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of each set, up to a constant of the set.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    kind : Likelihood
        `RESTRICTED` or `FULL`.
    tau2 : ndarray, shape (sets,)
        Where it is taken, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        The log-likelihoods.
    """
    m = moments(sets, tau2)
    return 0.5 * (kind.logs(m) - m.Q)
