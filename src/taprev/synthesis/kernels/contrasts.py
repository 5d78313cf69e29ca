"""Combinations of coefficients under CR2: each by itself (Satterthwaite's t), and all of them together (HTZ)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from taprev.synthesis.kernels.blocks import Blocks, laid_out
from taprev.synthesis.kernels.intervals import interval
from taprev.synthesis.kernels.refusals import numbers, refuse_level
from taprev.synthesis.kernels.robust import Gls, gls, in_doubles, linear_forms, moments, working

DEPENDENT = 1e-10
SMALLEST_SPREAD = 1e-12


@dataclass(frozen=True)
class CombinedCoefficient:
    """A combination of coefficients with its CR2 standard error and Satterthwaite's t."""

    estimate: float
    se: float
    df: float
    ci_lb: float
    ci_ub: float
    pval: float


@dataclass(frozen=True)
class JointTest:
    """The test that several combinations of coefficients are all zero: F with `df1` and `df2` degrees of freedom."""

    F: float
    df1: int
    df2: float
    pval: float


@dataclass(frozen=True)
class _Combined:
    """Combinations of coefficients, in scaled units: their values, forms and covariance by the working model."""

    at: Blocks
    fit: Gls
    estimates: np.ndarray
    forms: np.ndarray
    model: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """The CR2 covariance."""
        scores = self.at.layout.sums(self.forms * self.fit.residuals)
        return scores @ scores.T


@in_doubles()
def linear_contrasts(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | np.ndarray,
    contrasts: ArrayLike,
    X: ArrayLike | None = None,
    rho: float = 0.0,
    sigma2_study: float = 0.0,
    sigma2_effect: float = 0.0,
    level: float = 0.95,
) -> tuple[CombinedCoefficient, ...]:
    """Return combinations of coefficients, each with its own CR2 standard error and Satterthwaite's t.

    Parameters
    ----------
    yi, vi, study, X, rho, sigma2_study, sigma2_effect
        As in `robust.cr2`; the components are those of a fit by `multilevel`.
    contrasts : array_like, shape (q, p)
        A row for each combination, with a number for each coefficient.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    tuple of CombinedCoefficient
        One for each row.

    Raises
    ------
    ValueError
        For what `robust.cr2` refuses, and for contrasts of another width, without a number or all zero.
    ArithmeticError
        If the variances are too far apart for doubles.

    References
    ----------
    Tipton 2015, Psychological Methods 20:375-393; clubSandwich's `linear_contrast`.
    """
    refuse_level(level)
    combined = _combined(yi, vi, study, contrasts, X, rho, sigma2_study, sigma2_effect)
    _refuse_no_spread(combined)
    expected, squares = moments(combined.at, combined.fit, combined.forms)
    unit = combined.at.layout.unit
    printed = interval(
        combined.estimates * unit, np.sqrt(np.diag(combined.covariance)) * unit, expected**2 / squares, level
    )
    columns = (combined.estimates * unit, printed.se, printed.df, printed.ci_lb, printed.ci_ub, printed.pval)
    return tuple(CombinedCoefficient(*map(float, row)) for row in zip(*columns, strict=True))


@in_doubles()
def joint_test(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | np.ndarray,
    contrasts: ArrayLike,
    X: ArrayLike | None = None,
    rho: float = 0.0,
    sigma2_study: float = 0.0,
    sigma2_effect: float = 0.0,
) -> JointTest:
    """Test that several combinations of coefficients are all zero, by CR2 and the approximate Hotelling T2 (HTZ).

    With C the contrasts, b the coefficients, V their CR2 covariance and D = (C B C')^(-1/2) C V C' (C B C')^(-1/2),
    B the covariance by the working model, eta = q (q + 1) / (sum of the variances of all elements of D) and
    F = (eta - q + 1) / (eta q) b'C' (C V C')^-1 C b, with q and eta - q + 1 degrees of freedom. The variances are
    those under the working model. With one combination it is the square of Satterthwaite's t.

    Parameters
    ----------
    yi, vi, study, X, rho, sigma2_study, sigma2_effect
        As in `robust.cr2`; the components are those of a fit by `multilevel`.
    contrasts : array_like, shape (q, p)
        A row for each combination, with a number for each coefficient.

    Returns
    -------
    JointTest

    Raises
    ------
    ValueError
        For what `linear_contrasts` refuses, for rows that follow from the others, and where the studies leave no
        degree of freedom for a test of so many combinations.
    ArithmeticError
        If the variances are too far apart for doubles.

    References
    ----------
    Tipton and Pustejovsky 2015, Journal of Educational and Behavioral Statistics 40:604-634; clubSandwich's
    `Wald_test(test = "HTZ")`.
    """
    combined = _combined(yi, vi, study, contrasts, X, rho, sigma2_study, sigma2_effect)
    q = combined.estimates.size
    _refuse_dependent(combined.model, np.asarray(contrasts, dtype=float))
    _refuse_no_spread(combined)
    whiten = np.linalg.inv(np.linalg.cholesky(combined.model))
    eta = q * (q + 1) / _spread(combined.at, combined.fit, whiten @ combined.forms)
    df2 = eta - q + 1
    if not df2 > 0:
        raise ValueError(
            f"{combined.at.layout.starts.size} studies leave no degree of freedom for a joint test of {q} combinations "
            f"by CR2; test fewer of them together"
        )
    distance = whiten @ combined.estimates
    T2 = float(distance @ np.linalg.solve(whiten @ combined.covariance @ whiten.T, distance))
    F = df2 / (eta * q) * T2
    return JointTest(F=F, df1=q, df2=float(df2), pval=float(fdtrc(q, df2, F)))


def _combined(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | np.ndarray,
    contrasts: ArrayLike,
    X: ArrayLike | None,
    rho: float,
    sigma2_study: float,
    sigma2_effect: float,
) -> _Combined:
    at = working(laid_out(yi, vi, study, X, rho), sigma2_study, sigma2_effect)
    layout, fit = at.layout, gls(at)
    C = _sound_contrasts(contrasts, layout.shares.size)
    model = C @ layout.back @ fit.covariance @ layout.back.T @ C.T
    estimates = C @ layout.coefficients(fit.gamma) / layout.unit
    return _Combined(at, fit, estimates, C @ linear_forms(at, fit), model)


def _sound_contrasts(contrasts: ArrayLike, p: int) -> np.ndarray:
    C = numbers("contrasts", contrasts, 2)
    if C.shape[1] != p or not len(C):
        raise ValueError(f"contrasts has shape {C.shape}; each row must have a number for each of {p} coefficients")
    if not np.isfinite(C).all():
        raise ValueError(f"row {int(np.argwhere(~np.isfinite(C))[0][0]) + 1} of contrasts has a number that is missing")
    if not C.any(axis=1).all():
        raise ValueError(f"row {int(np.argmin(C.any(axis=1))) + 1} of contrasts is zero everywhere and tests nothing")
    return C


def _refuse_dependent(model: np.ndarray, C: np.ndarray) -> None:
    lengths = np.sqrt(np.diag(model))
    if len(C) > C.shape[1] or np.linalg.eigvalsh(model / np.outer(lengths, lengths))[0] < DEPENDENT:
        raise ValueError("a row of contrasts follows from the others; leave it out of the joint test")


def _refuse_no_spread(combined: _Combined) -> None:
    none = np.flatnonzero(np.diag(combined.covariance) <= SMALLEST_SPREAD**2 * np.diag(combined.model))
    if none.size:
        raise ValueError(f"row {none[0] + 1} of contrasts: the effects lie exactly on the model and have no spread")


def _spread(at: Blocks, fit: Gls, forms: np.ndarray) -> float:
    """Return the sum of the variances of all elements of D, of forms whose expected covariance is the identity.

    With P_ij = s_i (Phi - XBX') s_j for two studies and a pair of forms (as in `robust.moments`), the variance of an
    element is the sum over all i and j of P_ij of the first form times that of the second, and of the square of the
    mixed one.
    """
    layout = at.layout
    g = layout.sums(forms[:, None] * (fit.root.T @ layout.Q)[None])
    inner = np.einsum("spj,tpj->stj", g, g)
    diagonal = at.products(forms) - inner
    crossed = np.einsum("spj,tqj->stpq", g, g)
    alone = np.einsum("ssj,ttj->stj", diagonal, diagonal) + diagonal**2
    of_all = np.sum(crossed**2, axis=(2, 3)) + np.einsum("stpq,stqp->st", crossed, crossed)
    counted_twice = np.einsum("ssj,ttj->stj", inner, inner) + inner**2
    return float(np.sum(alone) + np.sum(of_all) - np.sum(counted_twice))
