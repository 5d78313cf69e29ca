"""Every estimator of tau2: how it is solved, the equation it must satisfy, and what computes it a second time.

A new estimator is one entry here, one word of `Tau2Method` and one name in `tests/reference/random_effects.R`;
`tests/test_registries.py` compares the three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from taprev.synthesis.kernels import tau2 as solve
from taprev.synthesis.kernels.likelihood import (
    FULL,
    RESTRICTED,
    Likelihood,
    full_likelihood,
    restricted_likelihood,
)
from taprev.synthesis.kernels.scaled import Moments, Sets, moments
from taprev.vocabulary import Tau2Method

Residual = Callable[[Sets, np.ndarray, np.ndarray, Moments], np.ndarray]


class SecondEngine(Enum):
    """What the crosscheck compares an estimate of tau2 with."""

    RESTRICTED_LIKELIHOOD = "PyMARE, which may not find a higher restricted likelihood"
    LIKELIHOOD = "PyMARE, which may not find a higher likelihood"
    DERSIMONIAN_LAIRD = "PyMARE, its closed form of DerSimonian and Laird"
    HEDGES = "PyMARE, its closed form of Hedges"
    PAULE_MANDEL = "statsmodels, which may not find a smaller residual"
    NONE = "nothing but the stored reference from R"


@dataclass(frozen=True)
class Estimator:
    """One estimator: its solution in scaled units, its equation in words, its residual and its second engine.

    The residual takes the sets, tau2, k - 1 and the moments at tau2.
    """

    solve: Callable[[Sets], np.ndarray]
    equation: str
    residual: Residual
    second: SecondEngine


def _score(kind: Likelihood) -> Residual:
    def residual(sets: Sets, tau2: np.ndarray, df: np.ndarray, at: Moments) -> np.ndarray:
        return at.slope / np.where(sets.k < 2, 1.0, kind.trace(at)) - 1.0

    return residual


def _moment(sets: Sets, tau2: np.ndarray, expected: np.ndarray, factor: str) -> np.ndarray:
    m = moments(sets, np.zeros_like(tau2))
    return (m.Q - expected - tau2 * getattr(m, factor)) / np.maximum(m.Q, expected)


def _hedges(sets: Sets, tau2: np.ndarray, df: np.ndarray, at: Moments) -> np.ndarray:
    squares, mean_v = solve.unweighted(sets)
    return (squares / df - mean_v - tau2) / np.maximum(squares / df, mean_v)


def _sidik_jonkman(sets: Sets, tau2: np.ndarray, df: np.ndarray, at: Moments) -> np.ndarray:
    start = solve.unweighted(sets)[0] / sets.k
    expected = start * moments(sets, start).Q
    return np.where(start > 0, 1.0 - tau2 * df / np.where(start > 0, expected, 1.0), 0.0)


ESTIMATORS: dict[Tau2Method, Estimator] = {
    Tau2Method.REML: Estimator(
        restricted_likelihood,
        "y'PPy / tr(P) - 1, the score of the restricted likelihood over its trace term",
        _score(RESTRICTED),
        SecondEngine.RESTRICTED_LIKELIHOOD,
    ),
    Tau2Method.ML: Estimator(
        full_likelihood,
        "y'PPy / sum(w) - 1, the score of the likelihood over its trace term",
        _score(FULL),
        SecondEngine.LIKELIHOOD,
    ),
    Tau2Method.DL: Estimator(
        solve.dersimonian_laird,
        "(Q(0) - (k - 1) - tau2 tr(P)) / max(Q(0), k - 1), the DerSimonian-Laird moment equation",
        lambda sets, tau2, df, at: _moment(sets, tau2, df, "trace"),
        SecondEngine.DERSIMONIAN_LAIRD,
    ),
    Tau2Method.PM: Estimator(
        solve.paule_mandel,
        "Q(tau2) / (k - 1) - 1, the Paule-Mandel equation",
        lambda sets, tau2, df, at: at.Q / df - 1.0,
        SecondEngine.PAULE_MANDEL,
    ),
    Tau2Method.HE: Estimator(
        solve.hedges,
        "(S / (k - 1) - sum(v) / k - tau2) / max of the first two, S = sum (y - mean)^2, the Hedges equation",
        _hedges,
        SecondEngine.HEDGES,
    ),
    Tau2Method.HS: Estimator(
        solve.hunter_schmidt,
        "(Q(0) - k - tau2 sum(w)) / max(Q(0), k), the Hunter-Schmidt moment equation",
        lambda sets, tau2, df, at: _moment(sets, tau2, sets.k, "total"),
        SecondEngine.NONE,
    ),
    Tau2Method.SJ: Estimator(
        solve.sidik_jonkman,
        "1 - tau2 (k - 1) / (s Q(s)), s = sum (y - mean)^2 / k, the Sidik-Jonkman equation",
        _sidik_jonkman,
        SecondEngine.NONE,
    ),
}
