"""Step-function selection models: how likely results are to be published by their p values, and the effect without it.

Results whose one-sided p value lies in the first interval are published with weight 1, those of a further interval
with a weight that is estimated. The model assumes that selection works by p values alone, with these steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize
from scipy.special import chdtrc, chdtri, ndtr, ndtri

from taprev.synthesis.kernels.asymmetry import FEWEST
from taprev.synthesis.kernels.refusals import refuse_level, sound_effects
from taprev.vocabulary import SelectedSide

ROOT_2PI = float(np.sqrt(2 * np.pi))
LARGEST_WEIGHT = 100.0
FEWEST_OF_AN_INTERVAL = 2
ENOUGH = 1e-10
REACH = 200


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
    if y.size < FEWEST:
        raise ValueError(f"{y.size} studies cannot tell selection from chance; it takes {FEWEST}")
    sign = -1.0 if preferred == SelectedSide.LESS else 1.0
    data = _data(sign * y, v, cuts)
    counts = np.bincount(data.interval, minlength=cuts.size + 1)
    if counts.min() < FEWEST_OF_AN_INTERVAL:
        told = ", ".join(map(str, counts))
        raise ValueError(
            f"the intervals of p values hold {told} results; a weight needs {FEWEST_OF_AN_INTERVAL} or more"
        )
    fit = _highest(data)
    none = _highest(replace(data, bounds=data.bounds[:, :0], interval=np.zeros(y.size, int)))
    lower, upper = sorted(sign * bound for bound in _profile(data, fit, level))
    lrt = max(0.0, 2 * (fit.ll - none.ll))
    return SelectionFit(
        k=y.size,
        steps=tuple(map(float, cuts)),
        side=preferred,
        estimate=sign * fit.mu,
        ci_lb=lower,
        ci_ub=upper,
        level=level,
        tau2=fit.tau2,
        delta=np.concatenate([[1.0], fit.delta]),
        counts=tuple(map(int, counts)),
        ll=fit.ll,
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


@dataclass(frozen=True)
class _Maximum:
    mu: float
    tau2: float
    delta: np.ndarray
    ll: float


def _log_likelihood(data: _Data, mu: float, tau2: float, delta: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log likelihood and its derivatives by mu, tau2 and the weights."""
    s2 = data.v + tau2
    s = np.sqrt(s2)
    z = (data.y - mu) / s
    weights = np.concatenate([[1.0], delta])
    u = (data.bounds - mu) / s[:, None]
    below = np.column_stack([np.ones(s.size), ndtr(u)])
    share = below - np.column_stack([ndtr(u), np.zeros(s.size)])
    density = np.exp(-(u**2) / 2) / ROOT_2PI
    A = share @ weights
    jump = -np.diff(weights)
    ll = float(np.sum(np.log(weights[data.interval]) - np.log(ROOT_2PI * s) - z**2 / 2 - np.log(A)))
    by_mu = np.sum(z / s - (density @ jump) / s / A)
    by_tau2 = np.sum((z**2 - 1) / (2 * s2) - ((density * u) @ jump) / (2 * s2) / A)
    counts = np.bincount(data.interval, minlength=weights.size)[1:]
    by_delta = counts / delta - np.sum(share[:, 1:] / A[:, None], axis=0)
    return ll, np.concatenate([[by_mu, by_tau2], by_delta])


def _highest(data: _Data, mu: float | None = None) -> _Maximum:
    """Return the maximum of the likelihood, at a given mu where one is given; the highest from several starts."""
    steps = data.bounds.shape[1]
    spread = max(float(np.var(data.y)), 1e-12)
    unit = np.array([np.sqrt(spread), spread, *np.ones(steps)])
    free = slice(0 if mu is None else 1, None)

    def whole(x: np.ndarray) -> np.ndarray:
        return (x if mu is None else np.concatenate([[mu / unit[0]], x])) * unit

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        theta = whole(x)
        ll, slope = _log_likelihood(data, theta[0], theta[1], theta[2:])
        return -ll, -(slope * unit)[free]

    w = 1 / data.v
    centre = float(w @ data.y) / w.sum() / unit[0]
    limits = [(None, None), (0.0, None), *[(1e-8, LARGEST_WEIGHT)] * steps][free]
    starts = [np.array([centre, tau2, *[delta] * steps])[free] for tau2 in (0.01, 0.5) for delta in (1.0, 0.2)]
    how = {"maxiter": 2000, "maxfun": 20_000, "ftol": 1e-15, "gtol": ENOUGH}
    found = [minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits, options=how) for start in starts]
    best = min(found, key=lambda one: float(one.fun))
    theta = whole(best.x)
    return _Maximum(float(theta[0]), float(theta[1]), theta[2:], -float(best.fun))


def _profile(data: _Data, fit: _Maximum, level: float) -> tuple[float, float]:
    """Return the bounds of mu at which the profile likelihood has fallen by half a quantile of chi-square."""
    allowed = float(chdtri(1, 1 - level)) / 2

    def short(mu: float) -> float:
        return allowed - (fit.ll - _highest(data, mu).ll)

    step = float(np.sqrt(1 / np.sum(1 / (data.v + fit.tau2))))
    return _crossing(short, fit.mu, -step), _crossing(short, fit.mu, step)


def _crossing(short: Callable[[float], float], start: float, step: float) -> float:
    near = start
    for _ in range(REACH):
        far = near + step
        if short(far) < 0:
            return float(brentq(short, *sorted((near, far)), xtol=1e-10 * abs(step)))
        near, step = far, step * 1.5
    return float(np.copysign(np.inf, step))
