"""The certificate of a fit: proof that tau2 solves the equation it claims to solve."""

from __future__ import annotations

import numpy as np

from taprev.synthesis.result import Certificate
from taprev.synthesis.scaled import Sets, moments

TOLERANCE = 1e-10
EQUATIONS = {
    "REML": "y'PPy / tr(P) - 1, the score of the restricted likelihood over its trace term",
    "PM": "Q(tau2) / (k - 1) - 1, the Paule-Mandel equation",
    "DL": "(Q(0) - (k - 1) - tau2 tr(P)) / max(Q(0), k - 1), the DerSimonian-Laird moment equation",
}


def residuals(sets: Sets, tau2: np.ndarray, tau2_method: str) -> np.ndarray:
    """Return the dimensionless residual of the estimating equation of each set; 0 for a single study."""
    single = sets.k < 2
    df = np.where(single, 1, sets.k - 1)
    m = moments(sets, np.zeros_like(tau2) if tau2_method == "DL" else tau2)
    if tau2_method == "REML":
        residual = m.slope / np.where(single, 1.0, m.trace) - 1.0
    elif tau2_method == "PM":
        residual = m.Q / df - 1.0
    else:
        residual = (m.Q - df - tau2 * m.trace) / np.maximum(m.Q, df)
    return np.where(single, 0.0, residual)


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
