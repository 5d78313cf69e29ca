"""Bayesian random effects by quadrature over tau, for strata of few studies.

y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau^2), mu flat or normal, tau by a prior. Given tau everything is normal,
so each posterior is a mixture of normals over the nodes of tau (Röver 2020, Journal of Statistical Software 93(6)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from taprev.notes import note
from taprev.synthesis.kernels.priors import NormalPrior, Prior
from taprev.synthesis.kernels.quadrature import Nodes, nodes, tau_quantile
from taprev.synthesis.kernels.refusals import refuse_level, sound_effects
from taprev.synthesis.results import BayesFit, Posterior
from taprev.vocabulary import NoteCode

NEGLIGIBLE = 1e-18
WIDEST = 12.0
LAST_STEP = 1e-13


@dataclass(frozen=True)
class _ScaledEffects:
    """Effects and variances about an origin in units of the smallest standard error, with the prior of mu.

    `precision` of that prior is 0 where it is flat.
    """

    y: np.ndarray
    v: np.ndarray
    origin: float
    unit: float
    mean: float
    precision: float

    @property
    def observed(self) -> int:
        """How many values the likelihood has once mu is integrated out; a flat prior costs one."""
        return self.y.size - (self.precision == 0.0)


@dataclass(frozen=True)
class _Mixture:
    """A mixture of normals: weights, means and standard deviations, one for each node of tau."""

    p: np.ndarray
    mean: np.ndarray
    sd: np.ndarray


def bayes(
    yi: ArrayLike,
    vi: ArrayLike,
    prior: Prior,
    level: float = 0.95,
    important: float | None = None,
    favours_sign: int = 1,
    mu_prior: NormalPrior | None = None,
) -> BayesFit:
    """Return the posteriors of the mean effect, tau, each study's effect and the effect in a new setting.

    With a normal prior of mu the marginal likelihood is that of all effects, mu integrated out under it; with a flat
    one it is a density up to a constant, and no two models with different means may be compared by it.

    Parameters
    ----------
    yi : array_like, shape (k,)
        The effects.
    vi : array_like, shape (k,)
        Their sampling variances, in squared units of `yi`.
    prior : Prior
        The prior of tau, with its scale in the units of `yi`.
    level : float
        The level of the credible intervals, between 0 and 1.
    important : float, optional
        The smallest difference that matters, above 0, in the units of `yi`.
    favours_sign : int
        1 if higher effects are better, -1 if lower ones are.
    mu_prior : NormalPrior, optional
        The prior of the mean effect, in the units of `yi`; flat if not given.

    Returns
    -------
    BayesFit
        The posteriors, and the probabilities of a better and of an important effect.

    Raises
    ------
    ValueError
        For unsound data, for one study under a prior whose tail is so heavy that the posterior has no end, and for a
        prior of mu that is flat in doubles.
    ArithmeticError
        If the quadrature does not settle.

    References
    ----------
    Röver 2020, Journal of Statistical Software 93(6).
    """
    y, v = sound_effects(yi, vi)
    refuse_level(level)
    if favours_sign not in (-1, 1):
        raise ValueError(f"favours_sign is {favours_sign!r}; it must be 1 where higher is better, or -1 where lower is")
    if important is not None and not important > 0.0:
        raise ValueError(f"the minimal important difference must be above 0, found {important}")
    if y.size == 1 and prior.tail <= 1.0 and mu_prior is None:
        raise ValueError("with this prior one study leaves the posterior without an end; two are needed")
    data = _scaled(y, v, mu_prior)
    unit, at_zero = data.unit, _log_likelihood(data, np.zeros(1))[0]

    def log_posterior(tau: np.ndarray) -> np.ndarray:
        return _log_likelihood(data, tau) + prior.log_density(tau * unit) + np.log(unit)

    def log_mass_below(tau: float) -> float:
        mass = prior.cdf(tau * unit)
        return float(at_zero + np.log(mass)) if mass > 0 else -np.inf

    tau_nodes = nodes(log_posterior, log_mass_below, 1.0, _moments(data.observed, prior))
    tails = ((1 - level) / 2, 0.5, (1 + level) / 2)
    of_tau = tuple(unit * tau_quantile(tau_nodes, log_posterior, log_mass_below, q) for q in tails)
    words = prior.words if mu_prior is None else f"{prior.words}; {mu_prior.words}"
    return _described(data, tau_nodes, of_tau, prior, words, level, important, favours_sign)


def _scaled(y: np.ndarray, v: np.ndarray, mu_prior: NormalPrior | None) -> _ScaledEffects:
    origin, unit = float(y[v.argmin()]), float(np.sqrt(v.min()))
    mean, precision = 0.0, 0.0
    if mu_prior is not None:
        mean, precision = (mu_prior.mean - origin) / unit, (unit / mu_prior.sd) ** 2
        if precision == 0.0:
            raise ValueError(f"a prior of the mean effect with SD {mu_prior.sd:g} is flat in doubles; leave it out")
    return _ScaledEffects((y - origin) / unit, v / unit**2, origin, unit, mean, precision)


def _moments(observed: int, prior: Prior) -> int:
    """Return how many moments of tau exist, at most the two that are given."""
    return sum(observed + prior.tail > moment for moment in (2.0, 3.0))


def _given_tau(data: _ScaledEffects, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of mu and its variance at each tau, and the weights (nodes, studies)."""
    w = 1.0 / (data.v + tau[:, None] ** 2)
    total = w.sum(axis=1) + data.precision
    return (w @ data.y + data.precision * data.mean) / total, 1.0 / total, w


def _log_likelihood(data: _ScaledEffects, tau: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of tau with mu integrated out under its prior."""
    mean, variance, w = _given_tau(data, tau)
    Q = np.sum(w * (data.y - mean[:, None]) ** 2, axis=1)
    logs = np.log(w).sum(axis=1) + np.log(variance) - Q - data.observed * np.log(2.0 * np.pi)
    if data.precision > 0.0:
        logs += np.log(data.precision) - data.precision * (data.mean - mean) ** 2
    return 0.5 * logs


def _described(
    data: _ScaledEffects,
    found: Nodes,
    of_tau: tuple[float, ...],
    prior: Prior,
    words: str,
    level: float,
    important: float | None,
    favours_sign: int,
) -> BayesFit:
    k, origin, unit = data.y.size, data.origin, data.unit
    moments = _moments(data.observed, prior)
    used = found.p * np.maximum(found.tau, 1.0) ** moments > NEGLIGIBLE
    p, tau = found.p[used], found.tau[used]
    mean, variance, _ = _given_tau(data, tau)
    means_exist, spread_exists = moments >= 1, moments >= 2
    proper = data.precision > 0.0
    mu = _Mixture(p, mean, np.sqrt(variance))
    new = _Mixture(p, mean, np.sqrt(variance + tau**2))
    shrunken = [_shrunken(data.y[i], data.v[i], p, tau, mean, variance) for i in range(k)]

    def posterior(mixture: _Mixture, exists: bool) -> Posterior:
        return _posterior(mixture, origin, unit, level, exists)

    beyond = None if important is None else (favours_sign * important - origin) / unit
    return BayesFit(
        k=k,
        prior=words,
        level=level,
        mu=posterior(mu, spread_exists or proper),
        tau=_tau_posterior(p, unit * tau, of_tau, means_exist, spread_exists),
        predictive=posterior(new, spread_exists),
        studies=tuple(posterior(mixture, spread_exists or proper) for mixture in shrunken),
        p_better=_beyond(mu, -origin / unit, favours_sign),
        important=important,
        p_important=None if beyond is None else _beyond(mu, beyond, favours_sign),
        p_important_new=None if beyond is None else _beyond(new, beyond, favours_sign),
        log_marginal=found.log_norm - data.observed * float(np.log(unit)),
        notes=() if spread_exists else (note(NoteCode.NO_MEAN_UNDER_PRIOR),),
    )


def _shrunken(y: float, v: float, p: np.ndarray, tau: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> _Mixture:
    pull = v / (v + tau**2)
    return _Mixture(p, pull * mean + (1 - pull) * y, np.sqrt((1 - pull) * v + pull**2 * variance))


def _posterior(mixture: _Mixture, origin: float, unit: float, level: float, exists: bool) -> Posterior:
    tails = ((1 - level) / 2, 0.5, (1 + level) / 2)
    lb, median, ub = (origin + unit * _quantile(mixture, q) for q in tails)
    if not exists:
        return Posterior(None, None, median, lb, ub)
    mean = float(np.sum(mixture.p * mixture.mean))
    variance = float(np.sum(mixture.p * (mixture.sd**2 + (mixture.mean - mean) ** 2)))
    return Posterior(origin + unit * mean, unit * variance**0.5, median, lb, ub)


def _tau_posterior(
    p: np.ndarray, tau: np.ndarray, quantiles: tuple[float, ...], means: bool, spread: bool
) -> Posterior:
    lb, median, ub = quantiles
    mean = float(np.sum(p * tau)) if means else None
    sd = float(np.sum(p * (tau - mean) ** 2)) ** 0.5 if mean is not None and spread else None
    return Posterior(mean, sd, median, lb, ub)


def _beyond(mixture: _Mixture, threshold: float, side: int) -> float:
    return float(np.sum(mixture.p * ndtr(side * (mixture.mean - threshold) / mixture.sd)))


def _quantile(mixture: _Mixture, probability: float) -> float:
    """Return the quantile of a mixture of normals by Newton's method, bisecting where it leaves its bracket."""
    low = float(np.min(mixture.mean - WIDEST * mixture.sd))
    high = float(np.max(mixture.mean + WIDEST * mixture.sd))
    x = float(np.sum(mixture.p * mixture.mean))
    for _ in range(200):
        z = (x - mixture.mean) / mixture.sd
        gap = float(np.sum(mixture.p * ndtr(z))) - probability
        low, high = (x, high) if gap < 0 else (low, x)
        density = float(np.sum(mixture.p * np.exp(-0.5 * z**2) / mixture.sd)) / np.sqrt(2 * np.pi)
        step = x - gap / density if density > 0 else np.inf
        if abs(step - x) <= LAST_STEP * float(np.sum(mixture.p * mixture.sd)):
            return float(step)
        x = float(step) if low < step < high else 0.5 * (low + high)
    return x
