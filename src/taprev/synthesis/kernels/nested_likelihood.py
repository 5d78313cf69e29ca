"""The likelihoods of nested effects, restricted (REML) and full (ML), at given variance components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from taprev.synthesis.kernels.blocks import BlockLayout, Blocks, blocks
from taprev.synthesis.kernels.robust import Gls, gls
from taprev.vocabulary import Tau2Method

Likelihood = Callable[[BlockLayout, Sequence[float] | np.ndarray], float]


@dataclass(frozen=True)
class Score:
    """The derivatives of a log-likelihood: pairs for (sigma2_study, sigma2_effect).

    The gradient is (`data` - `trace`) / 2, `whole` the trace before the design's part is subtracted, which is that
    of ML; `expected` is the expected information, `hessian` exact.
    """

    data: np.ndarray
    trace: np.ndarray
    whole: np.ndarray
    expected: np.ndarray
    hessian: np.ndarray

    @property
    def gradient(self) -> np.ndarray:
        """The slope of the log-likelihood."""
        return (self.data - self.trace) / 2

    @property
    def residuals(self) -> np.ndarray:
        """The gradient without a unit, as the certificate has it."""
        return self.data / np.where(self.trace > 0, self.trace, 1.0) - 1.0


def restricted_likelihood(layout: BlockLayout, theta: Sequence[float] | np.ndarray) -> float:
    """Return the restricted log-likelihood at `theta`, both scaled, without its constant.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : sequence of float or ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.

    Returns
    -------
    float
        The log-likelihood.

    References
    ----------
    Harville 1977, Journal of the American Statistical Association 72:320-338.
    """
    at = blocks(layout, *theta)
    fit = gls(at)
    log_root = np.log(np.diag(fit.root)).sum()
    return float(log_root - 0.5 * (at.log_det + fit.residuals @ at.solve(fit.residuals)))


def full_likelihood(layout: BlockLayout, theta: Sequence[float] | np.ndarray) -> float:
    """Return the log-likelihood of ML at `theta`, both scaled, without its constant.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : sequence of float or ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.

    Returns
    -------
    float
        The log-likelihood at the coefficients that are best there.

    References
    ----------
    Harville 1977, Journal of the American Statistical Association 72:320-338.
    """
    at = blocks(layout, *theta)
    residuals = gls(at).residuals
    return float(-0.5 * (at.log_det + residuals @ at.solve(residuals)))


LIKELIHOODS: dict[Tau2Method, Likelihood] = {
    Tau2Method.REML: restricted_likelihood,
    Tau2Method.ML: full_likelihood,
}


def score(layout: BlockLayout, theta: np.ndarray, method: Tau2Method = Tau2Method.REML) -> Score:
    """Return the derivatives at `theta`, all of them sums over studies.

    With P = W - WQ B Q'W, Py the weighted residuals and D the derivatives of M, 11' within studies and I:
    gradient (y'PDPy - tr(PD)) / 2, expected information tr(PDPD') / 2, Hessian tr(PDPD') / 2 - y'PDPD'Py. ML has W
    in place of P in the traces.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.
    method : Tau2Method
        REML or ML.

    Returns
    -------
    Score
        The derivatives, in scaled units.

    References
    ----------
    Harville 1977, Journal of the American Statistical Association 72:320-338.
    """
    at = blocks(layout, *theta)
    fit = gls(at)
    Y = fit.root.T @ fit.WQ
    u = at.solve(fit.residuals)
    u_sums = at.totals(fit.residuals)
    whole = np.array([at.precision.sum(), at.trace])
    lost, expected = _traces(at, fit, Y, method)
    moved = np.stack([layout.one * u_sums[layout.owner], u])
    weighed = at.solve(moved)
    second = moved @ weighed.T - (moved @ Y.T) @ (moved @ Y.T).T
    return Score(np.array([u_sums @ u_sums, u @ u]), whole - lost, whole, expected, expected - second)


def _traces(at: Blocks, fit: Gls, Y: np.ndarray, method: Tau2Method) -> tuple[np.ndarray, np.ndarray]:
    """Return what the design takes from the traces of W D, and the expected information; ML loses nothing."""
    layout, precision, precision2 = at.layout, at.precision, at.precision2
    if method == Tau2Method.ML:
        both = precision2.sum()
        return np.zeros(2), np.array([[np.sum(precision**2), both], [both, at.trace2]]) / 2
    S = at.totals(fit.root.T @ layout.Q)
    YY, SS, WY = Y @ Y.T, S @ S.T, at.solve(Y)
    both = precision2.sum() - 2 * np.sum(layout.sums(layout.one * WY) * S) + np.sum(SS * YY)
    study2 = np.sum(precision**2) - 2 * np.sum(precision * np.sum(S**2, axis=0)) + np.sum(SS**2)
    effect2 = at.trace2 - 2 * np.sum(Y * WY) + np.sum(YY**2)
    return np.array([np.trace(SS), np.trace(YY)]), np.array([[study2, both], [both, effect2]]) / 2
