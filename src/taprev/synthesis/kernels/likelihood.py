"""Between-study variance by likelihood: the global maximiser of the restricted (REML) or the full one (ML).

All functions take `Sets` (see `scaled`) and return tau2 in its scaled units, one value for each set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np

from taprev.synthesis.kernels.scaled import Moments, Sets, cubic, moments, products, room_for, trace_of_square

SCAN_POINTS = 9
FINER = 4
FINEST_SCAN = 96
WIDEST_STEP = 0.75
LARGEST_RATIO = 1e300
MOST_PASSES = 200
LAST_STEP = 1e-8
EPSILON = np.finfo(float).eps
Ends = tuple[np.ndarray, np.ndarray]


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
    fall=lambda m: products(m.w, m.w),
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
    If there are several maxima, or one and the boundary, the highest likelihood decides. Where scan points are too far
    apart, or the score turns back so close to zero that two roots may lie between them, the set is scanned again on a
    finer grid.

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
    mean = sets.y.sum(axis=0) / sets.k
    squares = (np.where(np.isfinite(sets.v), sets.y - mean, 0.0) ** 2).sum(axis=0)
    width, room = np.log(1.01 * np.clip(kind.reach * squares / sets.smallest, 1.0, LARGEST_RATIO)), room_for(sets)
    scans = list(_scans(sets, kind, width, room))
    falls, boundary = _joined(falls for falls, _ in scans), np.concatenate([boundary for _, boundary in scans])
    roots = _refine(sets.take(falls.columns), kind, falls, room)
    tau2 = np.concatenate([np.zeros(boundary.size), roots])
    return _best(sets, kind, np.concatenate([boundary, falls.columns]), tau2)


@dataclass(frozen=True)
class Falls:
    """Where a scanned score falls through zero: the set, both scan points, and the log ratio at each."""

    columns: np.ndarray
    low: np.ndarray
    high: np.ndarray
    above: np.ndarray
    below: np.ndarray


def _joined(falls: Iterable[Falls]) -> Falls:
    parts = list(falls)
    return Falls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Falls)))


def _scans(sets: Sets, kind: Likelihood, width: np.ndarray, room: np.ndarray) -> Iterator[tuple[Falls, np.ndarray]]:
    """Yield the falls of each set, and the sets whose boundary may be the maximum, as the scan becomes finer.

    The points are even in log(tau2 + min v), from 0 to `width` beyond it, where no root can be any more. Sets between
    whose points roots may hide are left to the next scan.
    """
    points, columns = SCAN_POINTS, np.arange(width.size)
    while columns.size:
        grid = sets.smallest * np.expm1(np.linspace(0.0, 1.0, points)[:, None] * width)
        scores = _log_ratios(sets, kind, grid, room)
        steps = width / (points - 1)
        again = steps > WIDEST_STEP
        if points < FINEST_SCAN:
            again |= _may_hide_roots(sets, kind, steps, scores, room)
        at, places = _where((scores[:-1] > 0) & ~(scores[1:] > 0) & ~again)
        ends, ratios = (grid[at, places], grid[at + 1, places]), (scores[at, places], scores[at + 1, places])
        yield Falls(columns[places], *ends, *ratios), columns[~(scores[0] > 0) & ~again]
        rest = np.flatnonzero(again)
        sets, width, columns = sets.take(rest), width[rest], columns[rest]
        points = max(FINER * points, 1 + int(np.ceil(width.max(initial=0.0) / WIDEST_STEP)))


def _may_hide_roots(
    sets: Sets, kind: Likelihood, steps: np.ndarray, scores: np.ndarray, room: np.ndarray
) -> np.ndarray:
    """Return whether the log ratio turns back near zero, at a scan point or just above the boundary.

    Its slope in log(tau2 + min v) lies between -2 and 1, because no eigenvalue of P exceeds
    1/(tau2 + min v); so between two points it moves at most two thirds of their distance and back.
    """
    reach, size, hidden = 2.0 / 3.0 * steps, np.abs(scores[1:-1]), np.zeros(steps.size, dtype=bool)
    at, columns = _where(size <= reach)
    here, sign = size[at, columns], np.sign(scores[at + 1, columns])
    turns = (here <= sign * scores[at, columns]) & (here <= sign * scores[at + 2, columns])
    hidden[columns[turns]] = True
    near = np.flatnonzero((scores[0] <= 0) & (scores[0] >= -reach))
    rising = _newton_step(sets.take(near), kind, np.zeros(near.size), room)[1] == np.inf
    hidden[near[rising]] = True
    return hidden


def _where(holds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and the columns where a table is true, as `np.nonzero` does, in about half its time."""
    rows, columns = np.unravel_index(np.flatnonzero(holds), holds.shape)
    return rows, columns


def _log_ratios(sets: Sets, kind: Likelihood, grid: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return log(y'PPy / trace) at each point of the grid (points, sets): zero where the score is, and of its sign.

    As many points as there is room for are done together, as sets of their own.
    """
    together = min(max(1, room.size // (2 * sets.v.size)), len(grid))
    copies = sets if together == 1 else sets.take(np.tile(np.arange(sets.k.size), together))
    scores = np.empty_like(grid)
    with np.errstate(divide="ignore", invalid="ignore"):
        for first in range(0, len(grid), together):
            tau2 = grid[first : first + together].ravel()
            m = moments(copies if tau2.size == copies.k.size else copies.take(np.arange(tau2.size)), tau2, room)
            scores[first : first + together] = np.log(m.slope / kind.trace(m)).reshape(-1, sets.k.size)
    return scores


def _newton_step(sets: Sets, kind: Likelihood, tau2: np.ndarray, room: np.ndarray | None = None) -> Ends:
    """Return the log ratio and Newton's step for it in log(tau2 + min v), where it is nearly straight."""
    m = moments(sets, tau2, room)
    slope, trace = m.slope, kind.trace(m)
    score = np.log(slope / trace)
    gradient = (tau2 + sets.smallest) * (kind.fall(m) / trace - 2.0 * cubic(m) / slope)
    step = np.divide(-score, gradient, out=np.full_like(score, np.inf), where=gradient < 0)
    return score, step


def _refine(sets: Sets, kind: Likelihood, falls: Falls, room: np.ndarray) -> np.ndarray:
    """Return the root of each fall by Newton's method, bisecting only where Newton does not shrink the bracket.

    Convergence is tested before any bisection; a last step of 1e-8 leaves an error of its square.
    """
    low, high, smallest = falls.low, falls.high, sets.smallest
    last = np.log((high + smallest) / (low + smallest))
    tau2 = low + (low + smallest) * np.expm1(last * falls.above / (falls.above - falls.below))
    roots, active = tau2.copy(), np.arange(tau2.size)
    for _ in range(MOST_PASSES):
        if not active.size:
            break
        smallest = sets.smallest
        score, step = _newton_step(sets, kind, tau2, room)
        low, high = np.where(score > 0, tau2, low), np.where(score > 0, high, tau2)
        flat = np.abs(score) <= 4 * EPSILON
        proposal = np.where(flat, tau2, tau2 + (tau2 + smallest) * np.expm1(np.minimum(step, 700.0)))
        done = flat | (np.abs(step) <= LAST_STEP)
        trusted = done | ((proposal > low) & (proposal < high) & (np.abs(step) <= last / 2))
        middle = np.sqrt((low + smallest) * (high + smallest)) - smallest
        tau2 = np.maximum(np.where(trusted, proposal, middle), 0.0)
        last = np.where(trusted, np.abs(step), np.log((high + smallest) / (low + smallest)) / 2)
        roots[active] = tau2
        if done.any():
            going = np.flatnonzero(~done)
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
