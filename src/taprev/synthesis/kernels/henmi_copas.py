"""An interval for a pooled effect that small studies move little: that of Henmi and Copas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaln

from taprev.synthesis.kernels.newton import falling_root
from taprev.synthesis.kernels.refusals import refuse_level, sound_set, sound_sets
from taprev.synthesis.kernels.residual_tau2 import residual_tau2_batch
from taprev.vocabulary import Tau2Method

REACH = 10.0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)
FIRST, NEAR = 1.0, 1e-9
LARGEST = float(np.finfo(float).max)


@dataclass(frozen=True)
class FixedWeighted:
    """The common-effect estimate with an error and an interval that allow for differences between studies."""

    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    level: float


@dataclass(frozen=True)
class FixedWeightedArrays:
    """As `FixedWeighted`, an array of shape (sets,) each."""

    estimate: np.ndarray
    se: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    tau2: np.ndarray
    level: float


@dataclass(frozen=True)
class _Spread:
    """Q given R = sqrt(sum w) (estimate - mu), a gamma with these moments; arrays of shape (sets,)."""

    freedom: np.ndarray
    tau2: np.ndarray
    W1: np.ndarray
    W2: np.ndarray
    W3: np.ndarray
    W4: np.ndarray


def henmi_copas(yi: ArrayLike, vi: ArrayLike, level: float = 0.95) -> FixedWeighted:
    """Pool effects by the weights of a common effect, with an interval that allows for differences between studies.

    Small studies, which publication bias moves most, weigh less than under a random-effects model. The interval is
    estimate ± u se with se^2 = (1 + tau2 W2) / W1, tau2 by DerSimonian and Laird and Wr = sum w^r (over W1 for r > 1),
    where u is the quantile of the ratio, its distribution found by taking Q given the estimate as a gamma.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects, and their sampling variances in squared units of `yi`; two studies or more.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    FixedWeighted

    Raises
    ------
    ValueError
        For unsound data, one study, and a level outside (0, 1).

    References
    ----------
    Henmi and Copas 2010, Statistics in Medicine 29:2969-2983.
    """
    refuse_level(level)
    made = _pooled(*sound_set(yi, vi), level)
    return FixedWeighted(
        estimate=float(made.estimate[0]),
        se=float(made.se[0]),
        ci_lb=float(made.ci_lb[0]),
        ci_ub=float(made.ci_ub[0]),
        tau2=float(made.tau2[0]),
        level=level,
    )


def henmi_copas_batch(Y: ArrayLike, V: ArrayLike, level: float = 0.95) -> FixedWeightedArrays:
    """Pool many sets at once by `henmi_copas`.

    Parameters
    ----------
    Y, V : array_like, shape (sets, studies)
        Effects and sampling variances; every set has all its studies.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    FixedWeightedArrays

    Raises
    ------
    ValueError
        As in `henmi_copas`, and where a study is absent from a set.
    """
    refuse_level(level)
    y, v = sound_sets(Y, V)
    if not np.isfinite(v).all():
        raise ValueError("a study is absent from a set; henmi_copas_batch takes sets of one size")
    return _pooled(y, v, level)


def _pooled(y: np.ndarray, v: np.ndarray, level: float) -> FixedWeightedArrays:
    k = y.shape[1]
    if k < 2:
        raise ValueError("1 study has no spread between studies to allow for; two are needed")
    tau2 = residual_tau2_batch(y, v, np.ones((k, 1)), Tau2Method.DL)
    unit = v.min(axis=1)
    w = unit[:, None] / v
    W1 = w.sum(axis=1)
    W2, W3, W4 = ((w**r).sum(axis=1) / W1 for r in (2, 3, 4))
    spread = _Spread(np.full(len(y), k - 1.0), tau2 / unit, W1, W2, W3, W4)
    inflation = 1.0 + spread.tau2 * W2
    estimate, se = (w * y).sum(axis=1) / W1, np.sqrt(unit * inflation / W1)
    half = np.sqrt(inflation) * _quantile(spread, (1.0 - level) / 2) * se
    return FixedWeightedArrays(estimate, se, estimate - half, estimate + half, tau2, level)


def _quantile(spread: _Spread, tail: float) -> np.ndarray:
    """Return the x beyond which a tail of the ratio lies; the tail falls with x."""

    def beyond(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share, slope = _tail(spread, x)
        return np.log(share / tail), slope / share

    return falling_root(beyond, np.full(spread.tau2.size, FIRST), 0.0, REACH, near=NEAR)


def _tail(spread: _Spread, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability that R / sqrt(1 + W2 tau2 of Q) lies beyond x deviations of R, and its slope by x.

    Given R at r deviations, that is Q below ratio ((r / x)^2 - 1) + k - 1 with ratio = W1 / W2 - 1.
    """
    r = x[:, None] + 0.5 * REACH * (NODES + 1.0)
    ratio, x = (spread.W1 / spread.W2 - 1.0)[:, None], np.maximum(x, np.finfo(float).tiny)[:, None]
    mean, variance = _moments_of_Q(spread, np.concatenate([x, r], axis=1))
    shape, unit = mean**2 / variance, variance / mean
    with np.errstate(over="ignore"):
        bound = ratio * ((r / x) ** 2 - 1.0) + spread.freedom[:, None]
        bound = np.minimum(np.concatenate([spread.freedom[:, None], bound], axis=1), LARGEST) / unit
        rising = (
            np.exp((shape[:, 1:] - 1.0) * np.log(bound[:, 1:]) - bound[:, 1:] - gammaln(shape[:, 1:])) / unit[:, 1:]
        )
    below = gammainc(shape, bound)
    weights = 0.5 * REACH * WEIGHTS * _density(r)
    slope = -below[:, 0] * _density(x[:, 0]) - np.sum(weights * rising * 2.0 * ratio * r**2 / x**3, axis=1)
    return np.sum(weights * below[:, 1:], axis=1), slope


def _density(r: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-(r**2) / 2) / np.sqrt(2 * np.pi))


def _moments_of_Q(spread: _Spread, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the variance of Q where R is r standard deviations from its mean."""
    freedom, tau2, W1, W2, W3, W4 = (
        getattr(spread, name)[:, None] for name in ("freedom", "tau2", "W1", "W2", "W3", "W4")
    )
    VR = 1.0 + tau2 * W2
    far = (r**2 - 1.0) / VR
    second, third = W3 - W2**2, W4 - 2.0 * W2 * W3 + W2**3
    mean = freedom + tau2 * (W1 - W2) + tau2**2 * far * second
    variance = 2.0 * (freedom + 2.0 * tau2 * (W1 - W2) + tau2**2 * (W1 * W2 - 2.0 * W3 + W2**2))
    variance = variance + 4.0 * tau2**2 * far * (second + tau2 * third)
    return mean, variance + 2.0 * tau2**4 * ((1.0 - 2.0 * r**2) / VR**2) * second**2
