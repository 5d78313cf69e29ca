"""The certificate of a fit: proof that tau2 solves the equation it claims to solve."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from taprev.synthesis.kernels.likelihood import FULL, RESTRICTED, Likelihood
from taprev.synthesis.kernels.scaled import Sets, moments
from taprev.synthesis.kernels.tau2 import unweighted
from taprev.synthesis.results import Certificate
from taprev.vocabulary import Tau2Method

Residual = Callable[[Sets, np.ndarray, np.ndarray], np.ndarray]

TOLERANCE = 1e-10
EQUATIONS = {
    Tau2Method.REML: "y'PPy / tr(P) - 1, the score of the restricted likelihood over its trace term",
    Tau2Method.ML: "y'PPy / sum(w) - 1, the score of the likelihood over its trace term",
    Tau2Method.PM: "Q(tau2) / (k - 1) - 1, the Paule-Mandel equation",
    Tau2Method.DL: "(Q(0) - (k - 1) - tau2 tr(P)) / max(Q(0), k - 1), the DerSimonian-Laird moment equation",
    Tau2Method.HE: "(S / (k - 1) - sum(v) / k - tau2) / max of the first two, S = sum (y - mean)^2, "
    "the Hedges equation",
    Tau2Method.HS: "(Q(0) - k - tau2 sum(w)) / max(Q(0), k), the Hunter-Schmidt moment equation",
    Tau2Method.SJ: "1 - tau2 (k - 1) / (s Q(s)), s = sum (y - mean)^2 / k, the Sidik-Jonkman equation",
}


def residuals(sets: Sets, tau2: np.ndarray, tau2_method: str) -> np.ndarray:
    """Return the dimensionless residual of the estimating equation of each set; 0 for a single study."""
    single = sets.k < 2
    df = np.where(single, 1, sets.k - 1)
    return np.where(single, 0.0, _RESIDUALS[tau2_method](sets, tau2, df))


def _score(kind: Likelihood) -> Residual:
    def residual(sets: Sets, tau2: np.ndarray, df: np.ndarray) -> np.ndarray:
        m = moments(sets, tau2)
        return m.slope / np.where(sets.k < 2, 1.0, kind.trace(m)) - 1.0

    return residual


def _moment(sets: Sets, tau2: np.ndarray, expected: np.ndarray, factor: str) -> np.ndarray:
    m = moments(sets, np.zeros_like(tau2))
    return (m.Q - expected - tau2 * getattr(m, factor)) / np.maximum(m.Q, expected)


def _hedges(sets: Sets, tau2: np.ndarray, df: np.ndarray) -> np.ndarray:
    squares, mean_v = unweighted(sets)
    return (squares / df - mean_v - tau2) / np.maximum(squares / df, mean_v)


def _sidik_jonkman(sets: Sets, tau2: np.ndarray, df: np.ndarray) -> np.ndarray:
    start = unweighted(sets)[0] / sets.k
    expected = start * moments(sets, start).Q
    return np.where(start > 0, 1.0 - tau2 * df / np.where(start > 0, expected, 1.0), 0.0)


_RESIDUALS: dict[str, Residual] = {
    Tau2Method.REML: _score(RESTRICTED),
    Tau2Method.ML: _score(FULL),
    Tau2Method.PM: lambda sets, tau2, df: moments(sets, tau2).Q / df - 1.0,
    Tau2Method.DL: lambda sets, tau2, df: _moment(sets, tau2, df, "trace"),
    Tau2Method.HE: _hedges,
    Tau2Method.HS: lambda sets, tau2, df: _moment(sets, tau2, sets.k, "total"),
    Tau2Method.SJ: _sidik_jonkman,
}


def holds(residual: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Return whether each residual is zero, or not positive where tau2 is 0, to the tolerance."""
    return np.where(tau2 > 0, np.abs(residual) <= TOLERANCE, residual <= TOLERANCE) & np.isfinite(residual)


def certify(sets: Sets, tau2: np.ndarray, tau2_method: str) -> np.ndarray:
    """Return the residuals, or raise ArithmeticError naming the first set whose solution is none."""
    residual = residuals(sets, tau2, tau2_method)
    failed = np.flatnonzero(~(holds(residual, tau2) & np.isfinite(tau2)))
    if failed.size:
        where = f" of set {failed[0] + 1}" if tau2.size > 1 else ""
        raise ArithmeticError(
            f"{tau2_method} found no certified solution{where}: the residual of its equation is "
            f"{residual[failed[0]]:.3g} and should be zero within {TOLERANCE:g}"
        )
    return residual


def certificate(residual: float, tau2: float, tau2_method: str) -> Certificate:
    """Return the certificate of one fit."""
    return Certificate(
        equation=EQUATIONS[tau2_method],
        residual=residual,
        boundary=tau2 == 0.0,
        tolerance=TOLERANCE,
        holds=bool(holds(np.array(residual), np.array(tau2))),
    )
