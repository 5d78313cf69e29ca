"""The posterior of tau on nodes: composite Gauss-Legendre quadrature over log tau, doubled until it stops changing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

POINTS = 8
PANEL = 0.25
LOWEST = 1e-9
DROPPED = 45.0
COARSE = 0.25
FARTHEST = 120.0
TOLERANCE = 1e-12
DOUBLINGS = 9
ABSCISSAE, SHARES = np.polynomial.legendre.leggauss(POINTS)
FINE_ABSCISSAE, FINE_SHARES = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True)
class Nodes:
    """Values of tau with their posterior probabilities `p`, which sum to one.

    `p[0]` belongs to tau below 1e-9 of the smallest standard error, where nothing depends on tau any more. `edges`
    are the limits of the panels in log tau, `below` the probability below each, `log_norm` the log of the integral.
    """

    tau: np.ndarray
    p: np.ndarray
    edges: np.ndarray
    below: np.ndarray
    log_norm: float


LogPosterior = Callable[[np.ndarray], np.ndarray]


def nodes(
    log_posterior: LogPosterior, log_mass_below: Callable[[float], float], smallest_se: float, moments: int = 0
) -> Nodes:
    """Return the nodes of a posterior of tau.

    Parameters
    ----------
    log_posterior : callable
        The log density as a function of tau, up to a constant.
    log_mass_below : callable
        The log of the same integral from 0 to its argument, where the likelihood is flat.
    smallest_se : float
        The smallest standard error, in the units of tau.
    moments : int
        The highest moment of tau that is taken from the nodes and exists; the nodes reach as far as it needs.

    Returns
    -------
    Nodes
        Values of tau with their posterior probabilities.

    Raises
    ------
    ArithmeticError
        If the integral and the mean of log tau do not settle when the panels are doubled.
    """
    start = np.log(LOWEST * smallest_se)
    first, last = _range(log_posterior, start, moments)
    atom = log_mass_below(float(np.exp(start)))
    panels = max(int(np.ceil((last - first) / PANEL)), 1)
    before = None
    for _ in range(DOUBLINGS):
        trial = _on_panels(log_posterior, np.linspace(first, last, panels + 1), float(np.exp(start)), atom)
        summary = np.array([trial.log_norm, np.sum(trial.p[1:] * np.log(trial.tau[1:])), trial.p[0]])
        if before is not None and np.all(np.abs(summary - before) <= TOLERANCE * (1.0 + np.abs(summary))):
            return trial
        before, panels = summary, 2 * panels
    raise ArithmeticError("the quadrature over tau did not settle; look for an effect of an impossible size")


def tau_quantile(
    found: Nodes, log_posterior: LogPosterior, log_mass_below: Callable[[float], float], probability: float
) -> float:
    """Return the quantile of tau.

    Parameters
    ----------
    found : Nodes
        The nodes of the posterior.
    log_posterior, log_mass_below : callable
        As in `nodes`.
    probability : float
        The probability below the quantile.

    Returns
    -------
    float
        The quantile, in the units of the nodes.
    """
    if probability <= found.p[0]:
        wanted_log = np.log(probability) + found.log_norm
        below = _bisected(lambda x: log_mass_below(float(np.exp(x))) < wanted_log, -690.0, np.log(found.tau[0]))
        return float(np.exp(below))
    panel = min(int(np.searchsorted(found.below, probability, side="right")) - 1, found.edges.size - 2)
    left, right = found.edges[panel], found.edges[panel + 1]
    wanted = probability - found.below[panel]
    x = _bisected(lambda x: _integral(log_posterior, left, x, found.log_norm) < wanted, left, right)
    return float(np.exp(x))


def _bisected(too_low: Callable[[float], bool], low: float, high: float) -> float:
    while high - low > 4 * np.spacing(max(abs(low), abs(high))):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return 0.5 * (low + high)


def _range(log_posterior: LogPosterior, start: float, moments: int) -> tuple[float, float]:
    """Return where, in log tau, the density and its moments are not negligible; a heavy tail ends far out."""
    grid = np.arange(start, start + FARTHEST, COARSE)
    heights = log_posterior(np.exp(grid)) + grid
    weighted = heights + moments * grid
    inside = np.flatnonzero((heights > heights.max() - DROPPED) | (weighted > weighted.max() - DROPPED))
    return float(grid[max(inside[0] - 1, 0)]), float(grid[min(inside[-1] + 1, grid.size - 1)])


def _on_panels(log_posterior: LogPosterior, edges: np.ndarray, lowest: float, atom: float) -> Nodes:
    half = 0.5 * np.diff(edges)[:, None]
    x = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * ABSCISSAE).ravel()
    logs = log_posterior(np.exp(x)) + x + np.log((half * SHARES).ravel())
    logs = np.concatenate([[atom], logs])
    highest = logs.max()
    log_norm = float(highest + np.log(np.sum(np.exp(logs - highest))))
    p = np.exp(logs - log_norm)
    below = np.concatenate([[p[0]], p[0] + np.cumsum(p[1:].reshape(-1, POINTS).sum(axis=1))])
    return Nodes(np.concatenate([[lowest], np.exp(x)]), p, edges, below, log_norm)


def _integral(log_posterior: LogPosterior, left: float, right: float, log_norm: float) -> float:
    half = 0.5 * (right - left)
    x = 0.5 * (left + right) + half * FINE_ABSCISSAE
    return float(np.sum(half * FINE_SHARES * np.exp(log_posterior(np.exp(x)) + x - log_norm)))
