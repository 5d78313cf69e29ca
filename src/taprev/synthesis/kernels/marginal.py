"""The likelihood of a mean and a variance between studies, each study's own effect integrated out.

The effects are normal about the mean; each integral is a trapezoid sum about its mode, whose error falls
exponentially with the number of nodes because the integrand is smooth and log-concave.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taprev.synthesis.kernels.contributions import Contributions, Derivatives
from taprev.synthesis.kernels.newton import falling_root

DEEPEST = 38.0
FARTHEST = 8.8
REACHES = np.array([9.0, 13.0, 20.0, 32.0, 55.0])
WIDEST_STEP = 0.3
STEP_IN_SPREADS = 0.7
NUMBERS_AT_ONCE = 4_000_000
NODES = 40
LEAST_OF_TABLE = 0.4
STEP_OF_TABLE = 0.25
DEEPEST_OF_TABLE = 150.0
WIDEST_TAU = 40.0
OUTERMOST = FARTHEST * WIDEST_TAU + 20.0
EVEN_WITHIN = 15.0
SCANNED = 64
NARROWINGS = 4
PEAK_BETWEEN_NODES = 1.3


@dataclass(frozen=True)
class Tabulated:
    """Studies of one kind with the terms of their likelihood at nodes that serve every wide distribution of effects.

    `theta` are the nodes of each study, shape (studies, nodes), `step` their spacing, `terms` the log-likelihood and
    the first four derivatives of the likelihood over itself, `narrowest` the spread of the sharpest peak.
    """

    kind: Contributions
    theta: np.ndarray
    step: np.ndarray
    terms: Derivatives
    narrowest: np.ndarray


@dataclass(frozen=True)
class Marginal:
    """Log-likelihoods of every study, their gradients and second derivatives, shape (points, studies) each.

    `mu` and `tau2` name the parameter of a derivative.
    """

    log: np.ndarray
    mu: np.ndarray
    tau2: np.ndarray
    mu_mu: np.ndarray
    mu_tau2: np.ndarray
    tau2_tau2: np.ndarray


def tabulated(kind: Contributions) -> Tabulated:
    """Return the studies with their likelihood at nodes for every tau of at least 0.4 and at most `WIDEST_TAU`.

    The nodes reach as far as the likelihood counts, and lie as close as its narrowest peak asks for. They are even in
    asinh(theta / 15), so that they thin out where only wide distributions of effects still matter.

    Parameters
    ----------
    kind : Contributions
        Studies of one kind.

    Returns
    -------
    Tabulated
        The same studies.
    """
    high = np.full(kind.least.size, float(np.arcsinh(OUTERMOST / EVEN_WITHIN)))
    low = -high
    for _ in range(NARROWINGS):
        x = np.linspace(low, high, SCANNED, axis=1)
        log, _, second = kind.derivatives(EVEN_WITHIN * np.sinh(x), 2)
        counts = log >= log.max(axis=1, keepdims=True) - DEEPEST_OF_TABLE
        first, last = counts.argmax(axis=1), SCANNED - 1 - counts[:, ::-1].argmax(axis=1)
        rows = np.arange(low.size)
        low, high = x[rows, np.maximum(first - 1, 0)], x[rows, np.minimum(last + 1, SCANNED - 1)]
    narrowest = 1.0 / np.sqrt(PEAK_BETWEEN_NODES * np.maximum(-second.min(axis=1), 1e-300))
    finest = np.minimum(STEP_OF_TABLE, STEP_IN_SPREADS * narrowest) / EVEN_WITHIN
    count = int(np.ceil(((high - low) / finest).max())) + 1
    x = np.linspace(low, high, count, axis=1)
    theta = EVEN_WITHIN * np.sinh(x)
    step = EVEN_WITHIN * np.cosh(x) * ((high - low) / (count - 1))[:, None]
    return Tabulated(kind, theta, step, _ratios(*kind.derivatives(theta)), narrowest)


def marginal(kinds: Sequence[Tabulated], mu: np.ndarray, tau2: np.ndarray) -> Marginal:
    """Return the likelihood of every study at several means and variances.

    Parameters
    ----------
    kinds : sequence of Tabulated
        The studies.
    mu : ndarray, shape (points,)
        Means.
    tau2 : ndarray, shape (points,)
        Variances between studies, zero included.

    Returns
    -------
    Marginal
        Log-likelihoods and derivatives, the studies in the order of `kinds`. With l the log-likelihood of a study at
        its own effect, L the integral of exp(l) and E the mean under the integrand, L_mu / L = E[l'],
        L_mumu / L = E[l'' + l'^2], and so on to the fourth order; a derivative by tau2 is half the second one by mu,
        because a normal density solves the heat equation.
    """
    parts = [_of_kind(kind, mu, tau2) for kind in kinds]
    log, first, second, third, fourth = np.concatenate(parts, axis=2)
    return Marginal(
        log=log,
        mu=first,
        tau2=second / 2.0,
        mu_mu=second - first**2,
        mu_tau2=(third - first * second) / 2.0,
        tau2_tau2=(fourth - second**2) / 4.0,
    )


def _of_kind(studies: Tabulated, mu: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Return the log-likelihood and the first four L^(n) / L, as many points at a time as there is room for."""
    kind, tau = studies.kind, np.sqrt(tau2)
    size = kind.least.size
    result = np.empty((5, mu.size, size))
    zero, wide = tau == 0, tau >= LEAST_OF_TABLE
    if zero.any():
        at = np.repeat(mu[zero, None, None], size, axis=1)
        result[:, zero] = [ratio[..., 0] for ratio in _ratios(*kind.derivatives(at))]
    for chosen in _batches(wide, studies.theta.size):
        result[:, chosen] = _integrated(studies.theta, studies.step, studies.terms, mu[chosen], tau[chosen])
    for chosen in _batches(~zero & ~wide, NODES * kind.breadth * size):
        theta, step = _nodes(studies, mu[chosen], tau[chosen])
        result[:, chosen] = _integrated(theta, step, _ratios(*kind.derivatives(theta)), mu[chosen], tau[chosen])
    return result


def _batches(which: np.ndarray, numbers: int) -> list[np.ndarray]:
    positions = np.flatnonzero(which)
    together = max(1, NUMBERS_AT_ONCE // numbers)
    return [positions[start : start + together] for start in range(0, positions.size, together)]


def _integrated(theta: np.ndarray, step: np.ndarray, terms: Derivatives, mu: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """Return the log of the integral of exp(l) over normal effects, and the means of the ratios under it."""
    mean, spread = mu[:, None, None], tau[:, None, None]
    log = terms[0] - 0.5 * ((theta - mean) / spread) ** 2 + np.log(step)
    highest = log.max(axis=-1, keepdims=True)
    mass = np.exp(log - highest)
    total = mass.sum(axis=-1)
    log_likelihood = highest[..., 0] + np.log(total / (spread[..., 0] * math.sqrt(2.0 * math.pi)))
    means = (np.einsum("...sn,...sn->...s", mass, ratio) / total for ratio in terms[1:])
    return np.stack([log_likelihood, *means])


def _ratios(log: np.ndarray, d1: np.ndarray, d2: np.ndarray, d3: np.ndarray, d4: np.ndarray) -> Derivatives:
    """Return the log-likelihood and the first four derivatives of exp(l), over exp(l)."""
    square = d1**2
    third = d3 + 3.0 * d1 * d2 + d1 * square
    fourth = d4 + 4.0 * d1 * d3 + 3.0 * d2**2 + 6.0 * square * d2 + square**2
    return log, d1, d2 + square, third, fourth


def _nodes(studies: Tabulated, mu: np.ndarray, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return equally spaced nodes that hold all of the integrand, and their spacing in every study."""
    mean, spread = mu[:, None, None], tau[:, None, None]
    kind = studies.kind
    mode, local = _mode(studies, mean, spread)
    left, right = (_reach(kind, side, mode, local, mean, spread) for side in (-1.0, 1.0))
    finest = np.minimum(WIDEST_STEP, STEP_IN_SPREADS * local)
    count = int(np.ceil(((left + right) / finest).max())) + 1
    step = (left + right) / (count - 1)
    return mode - left + step * np.arange(count), step


def _mode(studies: Tabulated, mean: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each integrand is highest, nearly, and its spread there; a sum about it asks for no more."""
    kind = studies.kind
    start = np.repeat(mean, kind.least.size, axis=1)
    near = 0.05 / np.sqrt(1.0 / spread**2 + 1.0 / studies.narrowest[:, None] ** 2)

    def slope(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, first, second = kind.derivatives(theta, 2)
        return first - (theta - mean) / spread**2, second - 1.0 / spread**2

    mode = falling_root(slope, start, longest=2.0 + spread, near=near)
    return mode, 1.0 / np.sqrt(-slope(mode)[1])


def _reach(
    kind: Contributions, side: float, mode: np.ndarray, local: np.ndarray, mean: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Return how far from the mode the integrand counts on one side; beyond 8.8 tau it never does."""
    farthest = np.broadcast_to(FARTHEST * spread, local.shape)
    reaches = np.minimum(np.concatenate([local * REACHES, farthest], axis=-1), farthest)
    top = _height(kind, mode, mean, spread)
    counts = top - _height(kind, mode + side * reaches, mean, spread) < DEEPEST
    return np.take_along_axis(reaches, np.minimum(counts.sum(axis=-1, keepdims=True), REACHES.size), axis=-1)


def _height(kind: Contributions, theta: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return kind.derivatives(theta, 0)[0] - 0.5 * ((theta - mean) / spread) ** 2
