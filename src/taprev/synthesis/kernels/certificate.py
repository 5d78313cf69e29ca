"""The certificate of a fit: proof that tau2 solves the equation it claims to solve."""

from __future__ import annotations

import numpy as np

from taprev.synthesis.kernels.estimators import ESTIMATORS
from taprev.synthesis.kernels.scaled import Moments, Sets
from taprev.synthesis.results import Certificate
from taprev.vocabulary import Tau2Method

TOLERANCE = 1e-10


def residuals(sets: Sets, tau2: np.ndarray, at: Moments, tau2_method: str) -> np.ndarray:
    """Return the dimensionless residual of the estimating equation of each set; 0 for a single study.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    tau2 : ndarray, shape (sets,)
        The solutions, in scaled units.
    at : Moments
        The sums at these solutions.
    tau2_method : str
        A `Tau2Method`.

    Returns
    -------
    ndarray, shape (sets,)
        The residuals.
    """
    single = sets.k < 2
    df = np.where(single, 1, sets.k - 1)
    return np.where(single, 0.0, ESTIMATORS[Tau2Method(tau2_method)].residual(sets, tau2, df, at))


def holds(residual: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Return whether each residual is zero, or not positive where tau2 is 0, to the tolerance.

    Parameters
    ----------
    residual : ndarray, shape (sets,)
        The residuals, without a unit.
    tau2 : ndarray, shape (sets,)
        The solutions, in any units.

    Returns
    -------
    ndarray of bool, shape (sets,)
        False also where a residual is not finite.
    """
    return np.where(tau2 > 0, np.abs(residual) <= TOLERANCE, residual <= TOLERANCE) & np.isfinite(residual)


def certify(sets: Sets, tau2: np.ndarray, at: Moments, tau2_method: str) -> np.ndarray:
    """Return the residual of each set's estimating equation, and make sure that all of them hold.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    tau2 : ndarray, shape (sets,)
        The solutions, in scaled units.
    at : Moments
        The sums at these solutions.
    tau2_method : str
        A `Tau2Method`.

    Returns
    -------
    ndarray, shape (sets,)
        The residuals, without a unit.

    Raises
    ------
    ArithmeticError
        If a residual is not zero within the tolerance; the message names the first such set.
    """
    residual = residuals(sets, tau2, at, tau2_method)
    failed = np.flatnonzero(~(holds(residual, tau2) & np.isfinite(tau2)))
    if failed.size:
        where = f" of set {failed[0] + 1}" if tau2.size > 1 else ""
        raise ArithmeticError(
            f"{tau2_method} found no certified solution{where}: the residual of its equation is "
            f"{residual[failed[0]]:.3g} and should be zero within {TOLERANCE:g}"
        )
    return residual


def certificate(residual: float, tau2: float, tau2_method: Tau2Method) -> Certificate:
    """Return the certificate of a single fit.

    Parameters
    ----------
    residual : float
        The residual of its estimating equation, without a unit.
    tau2 : float
        The solution, in any units.
    tau2_method : Tau2Method
        The estimator.

    Returns
    -------
    Certificate
        The equation, its residual and tolerance, and whether it holds.
    """
    return Certificate(
        equation=ESTIMATORS[tau2_method].equation,
        residual=residual,
        boundary=tau2 == 0.0,
        tolerance=TOLERANCE,
        holds=bool(holds(np.array(residual), np.array(tau2))),
    )
