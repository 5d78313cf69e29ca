"""Between-study variance: DL, PM and REML for many sets at once, and the Q-profile bounds.

All functions take `Sets` (see `scaled`) and return tau2 in its scaled units, one value a set.
"""

from __future__ import annotations

import numpy as np

from taprev.synthesis.scaled import Sets, curvatures, log_likelihood, moments

SCAN_POINTS = 12
FINE_SCAN = 8
WIDEST_STEP = 0.75
LARGEST_RATIO = 1e300
MOST_PASSES = 200
LAST_STEP = 1e-10
EPSILON = np.finfo(float).eps


def dersimonian_laird(sets: Sets) -> np.ndarray:
    """Return the DerSimonian-Laird moment estimate, `max(0, (Q - (k - 1)) / tr(P))` at tau2 = 0.

    DerSimonian and Laird (1986), Controlled Clinical Trials 7:177-188.
    """
    at_zero = moments(sets, np.zeros(sets.k.size))
    excess = np.maximum(at_zero.Q - (sets.k - 1), 0.0)
    return np.divide(excess, at_zero.trace, out=np.zeros_like(excess), where=excess > 0)


def paule_mandel(sets: Sets) -> np.ndarray:
    """Return the Paule-Mandel estimate, the root of `Q(tau2) = k - 1`, or 0 where Q(0) is smaller.

    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87:377-385.
    """
    return q_root(sets, sets.k - 1.0)


def q_profile(sets: Sets, lower_chi2: np.ndarray, upper_chi2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Q-profile bounds, the roots of `Q(tau2)` at the upper and the lower chi-square quantile.

    Viechtbauer (2007), Statistics in Medicine 26:37-52. An empty profile set gives 0 and 0.
    """
    return q_root(sets, upper_chi2), q_root(sets, lower_chi2)


def q_root(sets: Sets, target: np.ndarray) -> np.ndarray:
    """Return where `Q(tau2)` falls to `target`, or 0 where it never exceeds it.

    1/Q is concave in tau2, so Newton's method on it from 0 climbs to the root without overshooting.
    """
    tau2 = np.zeros(sets.k.size)
    active = np.arange(tau2.size)
    for _ in range(MOST_PASSES):
        m = moments(sets, tau2[active])
        Q, aim = m.Q, target[active]
        step = np.divide((Q / aim - 1.0) * Q, m.slope, out=np.zeros_like(Q), where=aim < Q)
        tau2[active] += step
        moving = step > LAST_STEP * (tau2[active] + sets.smallest)
        if not moving.any():
            break
        active, sets = active[moving], sets.take(moving)
    return tau2


def restricted_likelihood(sets: Sets) -> np.ndarray:
    """Return the global maximiser of the restricted likelihood (REML).

    Every root of the score lies in [0, sum (y - mean)^2 - min v]. The score is scanned there, each fall
    through zero is refined to the root, and where several maxima or the boundary compete their likelihoods
    decide. Sets whose score turns back so close to zero that two roots may hide between points are scanned
    again on a fine grid.
    """
    grid, scores = _scan(sets, SCAN_POINTS)
    tau2 = _highest_maximum(sets, grid, scores)
    close = np.flatnonzero(_may_hide_roots(sets, grid, scores))
    if close.size:
        subset = sets.take(close)
        tau2[close] = _highest_maximum(subset, *_scan(subset, FINE_SCAN * len(grid)))
    return tau2


def _scan(sets: Sets, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points, even in log(tau2 + min v), from 0 to beyond the last possible root, and their scores."""
    mean = sets.y.sum(axis=0) / sets.k
    squares = (np.where(np.isfinite(sets.v), sets.y - mean, 0.0) ** 2).sum(axis=0)
    width = np.log(1.01 * np.clip(squares / sets.smallest, 1.0, LARGEST_RATIO))
    enough = 1 + int(np.ceil(width.max(initial=0.0) / WIDEST_STEP))
    shares = np.linspace(0.0, 1.0, max(points, enough))[:, None]
    grid = sets.smallest * np.expm1(shares * width)
    return grid, np.stack([_log_ratio(sets, tau2) for tau2 in grid])


def _may_hide_roots(sets: Sets, grid: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return whether the log ratio turns back near zero, at a scan point or just above the boundary.

    Its slope in log(tau2 + min v) lies between -2 and 1, because no eigenvalue of P exceeds
    1/(tau2 + min v); so between two points it moves at most two thirds of their distance and back.
    """
    reach = 2.0 / 3.0 * np.log((grid[-1] + sets.smallest) / sets.smallest) / (len(grid) - 1)
    before, here, after = np.sign(scores[1:-1]) * np.stack([scores[:-2], scores[1:-1], scores[2:]])
    hidden = ((here <= reach) & (here <= before) & (here <= after)).any(axis=0)
    near = np.flatnonzero((scores[0] <= 0) & (scores[0] >= -reach))
    rising = _newton_step(sets.take(near), np.zeros(near.size))[1] == np.inf
    hidden[near[rising]] = True
    return hidden


def _highest_maximum(sets: Sets, grid: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the best of the roots where the scanned score falls through zero, and of the boundary."""
    at, columns = np.nonzero((scores[:-1] > 0) & ~(scores[1:] > 0))
    low, high = grid[at, columns], grid[at + 1, columns]
    roots = _refine(sets.take(columns), low, high, scores[at, columns], scores[at + 1, columns])
    boundary = np.flatnonzero(~(scores[0] > 0))
    return _best(sets, np.concatenate([boundary, columns]), np.concatenate([np.zeros(boundary.size), roots]))


def _log_ratio(sets: Sets, tau2: np.ndarray) -> np.ndarray:
    """Return log(y'PPy / tr(P)): zero where the REML score is, and of its sign."""
    m = moments(sets, tau2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(m.slope / m.trace)


def _newton_step(sets: Sets, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log ratio and Newton's step for it in log(tau2 + min v), where it is nearly straight."""
    m = moments(sets, tau2)
    cubic, trace2 = curvatures(m)
    slope, trace = m.slope, m.trace
    score = np.log(slope / trace)
    gradient = (tau2 + sets.smallest) * (trace2 / trace - 2.0 * cubic / slope)
    step = np.divide(-score, gradient, out=np.full_like(score, np.inf), where=gradient < 0)
    return score, step


def _refine(
    sets: Sets, low: np.ndarray, high: np.ndarray, above: np.ndarray, below: np.ndarray
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
        score, step = _newton_step(sets, tau2)
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


def _best(sets: Sets, columns: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return for each set the candidate of the highest restricted likelihood."""
    likelihood = np.zeros(candidates.size)
    contested = (np.bincount(columns, minlength=sets.k.size) > 1)[columns]
    if contested.any():
        likelihood[contested] = log_likelihood(sets.take(columns[contested]), candidates[contested])
    order = np.lexsort((likelihood, columns))
    tau2 = np.zeros(sets.k.size)
    tau2[columns[order]] = candidates[order]
    return tau2


ESTIMATORS = {"REML": restricted_likelihood, "DL": dersimonian_laird, "PM": paule_mandel}
