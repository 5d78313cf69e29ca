"""Step-function selection models: how likely results are to be published by their p values, and the effect without it.

Results whose one-sided p value lies in the first interval are published with weight 1, those of a further interval
with a weight that is estimated. The model assumes that selection works by p values alone, with these steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, ndtr, ndtri

from taprev.synthesis.kernels.climb import Hill, climbed
from taprev.synthesis.kernels.refusals import refuse_level, sound_effects
from taprev.synthesis.results import FEWEST_STUDIES
from taprev.vocabulary import SelectedSide

ROOT_2PI = float(np.sqrt(2 * np.pi))
LEAST_LOG, MOST_LOG = float(np.log(1e-8)), float(np.log(100.0))
"""The logs of the least and the largest weight that is looked for."""
FEWEST_OF_AN_INTERVAL = 2
REACH = 60


@dataclass(frozen=True)
class SelectionFit:
    """A fitted selection model; `delta` are the weights of the intervals of p values, the first of which is 1.

    `ci_lb` and `ci_ub` are profile-likelihood bounds of the estimate, `lrt` compares with no selection (`lrt_df`
    weights), `counts` are the results of each interval.
    """

    k: int
    steps: tuple[float, ...]
    side: SelectedSide
    estimate: float
    ci_lb: float
    ci_ub: float
    level: float
    tau2: float
    delta: np.ndarray
    counts: tuple[int, ...]
    ll: float
    lrt: float
    lrt_df: int
    lrt_pval: float


@dataclass(frozen=True)
class _Data:
    """Effects turned so that large ones are preferred, with the bounds of each interval on the scale of each effect."""

    y: np.ndarray
    v: np.ndarray
    bounds: np.ndarray
    interval: np.ndarray


def selection_model(
    yi: ArrayLike, vi: ArrayLike, steps: ArrayLike = (0.025,), side: str = "greater", level: float = 0.95
) -> SelectionFit:
    """Fit a step-function selection model by maximum likelihood.

    The density of an effect is w(p) phi((y - mu) / s) / s / A with s2 = vi + tau2, w the weight of the interval of its
    p value, and A the sum over intervals of their weight times their probability under the model.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    steps : array_like
        One-sided p values at which the weight changes, rising, each between 0 and 1.
    side : str
        The results that are preferred: greater (large effects) or less (small ones).
    level : float
        The level of the interval.

    Returns
    -------
    SelectionFit

    Raises
    ------
    ValueError
        For unsound data, fewer than ten studies, steps that are not rising, and an interval with fewer than two
        results, whose weight cannot be told.

    References
    ----------
    Hedges 1992, Statistical Science 7:246-255; Vevea and Hedges 1995, Psychometrika 60:419-435.
    """
    refuse_level(level)
    preferred = SelectedSide(side)
    y, v = sound_effects(yi, vi)
    cuts = _sound_steps(steps)
    if y.size < FEWEST_STUDIES:
        raise ValueError(f"{y.size} studies cannot tell selection from chance; it takes {FEWEST_STUDIES}")
    sign = -1.0 if preferred == SelectedSide.LESS else 1.0
    data = _data(sign * y, v, cuts)
    counts = np.bincount(data.interval, minlength=cuts.size + 1)
    if counts.min() < FEWEST_OF_AN_INTERVAL:
        told = ", ".join(map(str, counts))
        raise ValueError(
            f"the intervals of p values hold {told} results; a weight needs {FEWEST_OF_AN_INTERVAL} or more"
        )
    theta, highest = _highest(data)
    _, unselected = _highest(replace(data, bounds=data.bounds[:, :0], interval=np.zeros(y.size, int)))
    lower, upper = sorted(sign * bound for bound in _profile(data, theta, highest, level))
    lrt = max(0.0, 2 * (highest - unselected))
    return SelectionFit(
        k=y.size,
        steps=tuple(map(float, cuts)),
        side=preferred,
        estimate=sign * float(theta[0]),
        ci_lb=lower,
        ci_ub=upper,
        level=level,
        tau2=float(theta[1]),
        delta=np.concatenate([[1.0], np.exp(theta[2:])]),
        counts=tuple(map(int, counts)),
        ll=highest,
        lrt=lrt,
        lrt_df=cuts.size,
        lrt_pval=float(chdtrc(cuts.size, lrt)),
    )


def _sound_steps(steps: ArrayLike) -> np.ndarray:
    cuts = np.atleast_1d(np.asarray(steps, float))
    if cuts.size == 0 or np.any(cuts <= 0) or np.any(cuts >= 1) or np.any(np.diff(cuts) <= 0):
        raise ValueError("steps must be p values between 0 and 1, each above the one before it")
    return cuts


def _data(y: np.ndarray, v: np.ndarray, cuts: np.ndarray) -> _Data:
    bounds = np.sqrt(v)[:, None] * ndtri(1 - cuts)
    pvals = ndtr(-y / np.sqrt(v))
    return _Data(y, v, bounds, np.searchsorted(cuts, pvals, side="left"))


def _height(data: _Data, theta: np.ndarray) -> Hill:
    """Return the log likelihood with its derivatives; A = 1 + sum(g Phi(u)), g the rises of the weights from 1 on."""
    weights = np.concatenate([[1.0], np.exp(theta[2:])])
    s2, r = data.v + theta[1], data.y - theta[0]
    s, g = np.sqrt(s2), np.diff(weights)
    u = (data.bounds - theta[0]) / s[:, None]
    Phi, phi = ndtr(u), np.exp(-(u**2) / 2) / ROOT_2PI
    A = 1.0 + Phi @ g
    by = np.stack([-(phi @ g) / s, -((phi * u) @ g) / (2 * s2), *_within(Phi)]) / A
    counts = np.bincount(data.interval, minlength=weights.size)[1:]
    own = np.concatenate([[np.sum(r / s2), np.sum((r**2 / s2 - 1) / (2 * s2))], counts / weights[1:]])
    curvature = by @ by.T - np.sum(_bent(u, phi, g, s) / A, axis=-1) - np.diag([0, 0, *(counts / weights[1:] ** 2)])
    mixed = -np.sum(r / s2**2)
    curvature[:2, :2] += [[-np.sum(1 / s2), mixed], [mixed, np.sum(1 / (2 * s2**2) - r**2 / s2**3)]]
    ll = np.sum(np.log(weights[data.interval]) - np.log(ROOT_2PI * s) - r**2 / (2 * s2) - np.log(A))
    slope, to_logs = own - by.sum(axis=1), np.concatenate([[1.0, 1.0], weights[1:]])
    logs = np.diag([0, 0, *(weights[1:] * slope[2:])])
    return Hill(float(ll), slope * to_logs, curvature * np.outer(to_logs, to_logs) + logs)


def _within(x: np.ndarray) -> np.ndarray:
    """Return by how much a quantity of the bounds falls within each further interval, of shape (intervals, k)."""
    return (x - np.column_stack([x[:, 1:], np.zeros(len(x))])).T


def _bent(u: np.ndarray, phi: np.ndarray, g: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return the second derivatives of A by mu, tau2 and the weights, of shape (2 + weights, 2 + weights, k)."""
    bent = np.zeros((2 + g.size, 2 + g.size, s.size))
    bent[0, 0] = -((u * phi) @ g) / s**2
    bent[0, 1] = bent[1, 0] = -((phi * (u**2 - 1)) @ g) / (2 * s**3)
    bent[1, 1] = ((phi * u * (3 - u**2)) @ g) / (4 * s**4)
    bent[0, 2:] = bent[2:, 0] = -_within(phi / s[:, None])
    bent[1, 2:] = bent[2:, 1] = -_within(phi * u / (2 * s**2)[:, None])
    return bent


def _highest(data: _Data) -> tuple[np.ndarray, float]:
    """Return the parameters at the maximum of the likelihood, the highest from several starts, and its height."""
    steps, spread = data.bounds.shape[1], max(float(np.var(data.y)), 1e-12 * float(data.v.min()))
    w = 1 / data.v
    centre = float(w @ data.y) / w.sum()
    grid = [(tau2, log) for tau2 in (0.01, 0.5) for log in ((0.0, np.log(0.2)) if steps else (0.0,))]
    starts = [np.array([centre, tau2 * spread, *[log] * steps]) for tau2, log in grid]
    found = [_climb(data, start) for start in starts]
    return max(found, key=lambda one: one[1])


def _climb(data: _Data, theta: np.ndarray, free: np.ndarray | bool = True) -> tuple[np.ndarray, float]:
    """Return the maximum reached within the bounds of the parameters, and its height."""
    weights = theta.size - 2
    low, high = np.array([-np.inf, 0.0, *[LEAST_LOG] * weights]), np.array([np.inf, np.inf, *[MOST_LOG] * weights])
    reached, hill = climbed(lambda at: _height(data, at), theta, low, high, free)
    return reached, hill.height


def _profile(data: _Data, theta: np.ndarray, highest: float, level: float) -> tuple[float, float]:
    """Return the bounds of mu at which the profile likelihood has fallen by half a quantile of chi-square."""
    floor = highest - float(chdtri(1, 1 - level)) / 2
    step = float(np.sqrt(1 / np.sum(1 / (data.v + theta[1]))))
    return _crossing(data, theta, floor, -step), _crossing(data, theta, floor, step)


def _crossing(data: _Data, theta: np.ndarray, floor: float, step: float) -> float:
    """Return where the profile likelihood falls to a floor on one side; infinite where it never does."""
    others = np.arange(theta.size) > 0

    def above(mu: float) -> float:
        nonlocal theta
        theta, ll = _climb(data, np.concatenate([[mu], theta[1:]]), others)
        return ll - floor

    near = float(theta[0])
    for _ in range(REACH):
        far = near + step
        if above(far) < 0:
            return float(brentq(above, *sorted((near, far)), xtol=1e-9 * abs(step)))
        near, step = far, step * 1.5
    return float(np.copysign(np.inf, step))
