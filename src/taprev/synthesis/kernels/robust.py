"""Standard errors that hold when the working covariance is wrong: CR2 with Satterthwaite degrees of freedom."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.blocks import BlockLayout, Blocks, blocks, laid_out

TOLERANCE = 1e-8
DETERMINED = 1e-10
SMALLEST_SE = 1e-12
TOO_FAR_APART = "the variances of the effects, or of the effects and the model, are too far apart for doubles"


@dataclass(frozen=True)
class Robust:
    """Coefficients with their CR2 covariance, in the units of the data; `df` has one value for each coefficient.

    `model_covariance` is that of the working model, (X'WX)^-1.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    df: np.ndarray
    model_covariance: np.ndarray

    @property
    def se(self) -> np.ndarray:
        """The CR2 standard errors."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True)
class Gls:
    """The weighted fit in the coordinates of `Layout.Q`: `WQ` is M^-1 Q, `root` L with LL' = (Q'WQ)^-1."""

    WQ: np.ndarray
    root: np.ndarray
    gamma: np.ndarray
    residuals: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """The covariance of `gamma` under the working model."""
        return self.root @ self.root.T


@contextmanager
def in_doubles() -> Iterator[None]:
    """Leave overflow to the certificates, and raise ArithmeticError for a matrix that cannot be factored.

    Yields
    ------
    None

    Raises
    ------
    ArithmeticError
        If numpy cannot factor a matrix; the message says that the variances are too far apart.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except np.linalg.LinAlgError as error:
        raise ArithmeticError(TOO_FAR_APART) from error


def gls(at: Blocks) -> Gls:
    """Return the generalised least-squares fit with weights W = M^-1.

    Parameters
    ----------
    at : Blocks
        The covariance M, with the effects and their design.

    Returns
    -------
    Gls
        The fit, in scaled units and in the coordinates of `BlockLayout.Q`.

    Raises
    ------
    LinAlgError
        If Q'WQ cannot be factored; `in_doubles` makes an ArithmeticError of it.
    """
    Q, y = at.layout.Q, at.layout.y
    WQ = at.solve(Q)
    root = np.linalg.inv(np.linalg.cholesky(Q @ WQ.T)).T
    gamma = root @ (root.T @ (WQ @ y))
    residuals = y - gamma @ Q
    return Gls(WQ, root, gamma, residuals)


def cr2(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | np.ndarray,
    X: ArrayLike | None = None,
    rho: float = 0.0,
    sigma2_study: float = 0.0,
    sigma2_effect: float = 0.0,
) -> Robust:
    """Return the coefficients of `yi` on `X` and their CR2 covariance, with the studies as clusters.

    The weights are W = M^-1 with the components as given. With `Phi` = M, A_j = R' (R (Phi_j - X_j (X'WX)^-1 X_j')
    R')^(-1/2) R, R'R = Phi_j, and V = sum of B X_j'W_j A_j e_j e_j' A_j W_j X_j B, B = (X'WX)^-1. The degrees of
    freedom are Satterthwaite's, 2 E(V)^2 / Var(V) under the working model.

    Parameters
    ----------
    yi : array_like, shape (n,)
        The effects.
    vi : array_like, shape (n,) or (n, n)
        Their sampling variances, in squared units of `yi`, or the matrix of their covariances.
    study : sequence of hashable, length n
        The study of each effect.
    X : array_like, shape (n, p), optional
        The design, with its own intercept; a column of ones if not given.
    rho : float
        The correlation of the errors within a study, at least 0 and below 1.
    sigma2_study, sigma2_effect : float
        The variance components, in squared units of `yi`. The between-study variance of a meta-regression of
        independent effects is `sigma2_effect`.

    Returns
    -------
    Robust
        The coefficients, their CR2 covariance, and the degrees of freedom.

    Raises
    ------
    ValueError
        For what `blocks.laid_out` refuses, for a component that is negative or not finite, and if CR2 does not
        exist: one study alone determines a coefficient (clubSandwich takes a pseudo-inverse there and leaves that
        study out of the variance), or the effects lie exactly on the model.
    ArithmeticError
        If the adjustment does not make the variance unbiased.

    References
    ----------
    Bell and McCaffrey 2002, Survey Methodology 28:169-181; Pustejovsky and Tipton 2018, Journal of Business and
    Economic Statistics 36:672-683; degrees of freedom: Tipton 2015, Psychological Methods 20:375-393.
    """
    return linearised(working(laid_out(yi, vi, study, X, rho), sigma2_study, sigma2_effect))


def working(layout: BlockLayout, sigma2_study: float, sigma2_effect: float) -> Blocks:
    """Return the covariance of the working model at components that are given.

    Parameters
    ----------
    layout : BlockLayout
        The effects, sorted by study.
    sigma2_study, sigma2_effect : float
        The variance components, in squared units of the data.

    Returns
    -------
    Blocks
        The covariance, in scaled units.

    Raises
    ------
    ValueError
        For a component that is negative or not finite.
    """
    for name, value in (("sigma2_study", sigma2_study), ("sigma2_effect", sigma2_effect)):
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} is {value!r}; it must be a finite number and not negative")
    return blocks(layout, sigma2_study / layout.unit**2, sigma2_effect / layout.unit**2)


@in_doubles()
def linearised(at: Blocks) -> Robust:
    """Return the CR2 covariance and degrees of freedom at these components; it raises the errors of `cr2`.

    Parameters
    ----------
    at : Blocks
        The covariance at these components, with the effects and their design.

    Returns
    -------
    Robust
        The coefficients, their covariance and the degrees of freedom, in the units of the data.

    Raises
    ------
    ValueError
        If CR2 does not exist.
    ArithmeticError
        If the adjustment does not make the variance unbiased, or the variances are too far apart for doubles.

    References
    ----------
    As for `cr2`.
    """
    layout, fit = at.layout, gls(at)
    s = linear_forms(at, fit)
    model = layout.back @ fit.covariance @ layout.back.T
    scores = layout.sums(s * fit.residuals)
    trace, squares = moments(at, fit, s)
    _certify(trace / np.diag(model))
    covariance = scores @ scores.T
    _refuse_no_spread(covariance, model)
    return Robust(
        coefficients=layout.coefficients(fit.gamma),
        covariance=covariance * layout.unit**2,
        df=trace**2 / squares,
        model_covariance=model * layout.unit**2,
    )


def linear_forms(at: Blocks, fit: Gls) -> np.ndarray:
    """Return s_j = A_j W_j X_j B of every study; CR2 is the sum over studies of (s_j'e_j)(s_j'e_j)'.

    Parameters
    ----------
    at : Blocks
        The covariance of the working model, with the effects and their design.
    fit : Gls
        The fit with it.

    Returns
    -------
    ndarray, shape (p, n)
        A row for each coefficient, in scaled units.

    Raises
    ------
    ValueError
        If CR2 does not exist, because one study alone determines a coefficient.

    References
    ----------
    As for `cr2`.
    """
    _refuse_alone(at.layout, fit)
    forms: np.ndarray = at.layout.back @ fit.covariance @ _adjusted(at, fit)
    return forms


def _refuse_alone(layout: BlockLayout, fit: Gls) -> None:
    """Refuse a design in which one study alone determines a direction, because the others have no weight there."""
    whitened, weighed = fit.root.T @ layout.Q, fit.root.T @ fit.WQ
    share = np.moveaxis(layout.sums(whitened[:, None] * weighed[None]), -1, 0)
    values, vectors = np.linalg.eigh((share + _transposed(share)) / 2)
    alone = np.flatnonzero(values[:, -1] > 1.0 - DETERMINED)
    if alone.size:
        direction = np.abs(layout.back @ fit.root @ vectors[alone[0], :, -1])
        coefficient = int(np.argmax(direction / np.linalg.norm(layout.back @ fit.root, axis=1)))
        raise ValueError(
            f"coefficient {coefficient + 1}: CR2 does not exist, because study {layout.labels[alone[0]]!r} alone "
            f"determines it; two studies at least must inform every coefficient"
        )


def _adjusted(at: Blocks, fit: Gls) -> np.ndarray:
    """Return A_j W_j Q_j of every study as (p, n), studies of one size at a time.

    With Phi_j = LL' and R = L', A_j = L (FF')^(-1/2) L' for F = L'L (I - ZZ')^(1/2), Z = L^-1 X_j B^(1/2); the
    singular values of F are the roots of eigenvalues, and keep twice their digits.
    """
    layout = at.layout
    adjusted = np.empty_like(layout.Q)
    for size in np.unique(layout.sizes):
        studies = np.flatnonzero(layout.sizes == size)
        rows = layout.starts[studies][:, None] + np.arange(size)
        L, Q = np.linalg.cholesky(_dense(at, rows)), np.moveaxis(layout.Q[:, rows], 0, -1)
        whitened = np.linalg.solve(L, Q)
        vectors, values, _ = np.linalg.svd(_transposed(L) @ L @ _root_of_complement(whitened @ fit.root))
        product = L @ (vectors @ ((_transposed(vectors) @ whitened) / values[..., None]))
        adjusted[:, rows] = np.moveaxis(product, -1, 0)
    return adjusted


def _root_of_complement(Z: np.ndarray) -> np.ndarray:
    """Return the square root of I - ZZ' for each matrix of the stack, no singular value of which exceeds 1."""
    directions, cosines, _ = np.linalg.svd(Z, full_matrices=False)
    lost = 1.0 - np.sqrt(np.maximum(1.0 - cosines**2, 0.0))
    return np.eye(Z.shape[1]) - (directions * lost[:, None, :]) @ _transposed(directions)


def _transposed(matrices: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrices, -1, -2)


def _dense(at: Blocks, rows: np.ndarray) -> np.ndarray:
    """Return M_j of the studies whose effects are in `rows`, (studies, size)."""
    s = at.s[rows]
    diagonal = np.eye(rows.shape[1]) / at.w[rows][:, None, :]
    one = at.layout.one[rows]
    between = at.sigma2_study * one[:, :, None] * one[:, None, :]
    return diagonal + at.layout.rho * s[:, :, None] * s[:, None, :] + between


def moments(at: Blocks, fit: Gls, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected CR2 variance of every combination of coefficients, and half the variance of it.

    These are the sum of the diagonal and of all squares of P, s_i (Phi - XBX') s_j. With a_i = s_i'Phi_i s_i and
    g_i = B^(1/2) X_i's_i, P_ii = a_i - |g_i|^2 and P_ij = -g_i'g_j, so that the double sum over studies is that of a
    matrix with a row and a column a coefficient.

    Parameters
    ----------
    at, fit
        As in `linear_forms`.
    s : ndarray, shape (combinations, n)
        The forms of `linear_forms`, or combinations of their rows.

    Returns
    -------
    tuple of ndarray, each of shape (combinations,)
        In scaled units.

    References
    ----------
    Tipton 2015, Psychological Methods 20:375-393.
    """
    whitened = fit.root.T @ at.layout.Q
    g = at.layout.sums(s[:, None] * whitened[None])
    lengths = np.sum(g**2, axis=1)
    diagonal = at.apply(s) - lengths
    crossed = np.einsum("cpj,cqj->cpq", g, g)
    others = np.sum(crossed**2, axis=(1, 2)) - np.sum(lengths**2, axis=1)
    return diagonal.sum(axis=1), np.sum(diagonal**2, axis=1) + others


def _certify(expected: np.ndarray) -> None:
    """Raise ArithmeticError if the expected CR2 variance, given as a ratio, is not that of the working model."""
    wrong = np.flatnonzero(~(np.abs(expected - 1.0) <= TOLERANCE))
    if wrong.size:
        raise ArithmeticError(
            f"coefficient {wrong[0] + 1}: the expected CR2 variance is {expected[wrong[0]]:.9g} times that of "
            f"the working model and should be equal to it within {TOLERANCE:g}"
        )


def _refuse_no_spread(covariance: np.ndarray, model: np.ndarray) -> None:
    none = np.flatnonzero(np.diag(covariance) <= SMALLEST_SE**2 * np.diag(model))
    if none.size:
        raise ValueError(
            f"coefficient {none[0] + 1}: CR2 does not exist, because the effects lie exactly on the model "
            f"and have no spread to estimate it from"
        )
