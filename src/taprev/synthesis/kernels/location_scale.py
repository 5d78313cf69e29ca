"""A location-scale model: moderators explain effects, and others by how much true effects differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from taprev.synthesis.kernels.climb import Hill, climbed
from taprev.synthesis.kernels.coefficients import (
    Coefficients,
    coefficients,
    has_intercept,
    least_squares,
    omnibus,
    quantile,
    spread_of,
)
from taprev.synthesis.kernels.prediction import Predicted
from taprev.synthesis.kernels.refusals import numbers, refuse_level, refuse_word, sound_design, sound_effects
from taprev.synthesis.kernels.residual_tau2 import log_likelihood, projected, residual_tau2
from taprev.vocabulary import MetaTest, Tau2Method

LIKELIHOODS = (Tau2Method.REML, Tau2Method.ML)
TESTS = (MetaTest.Z, MetaTest.T, MetaTest.KNHA, MetaTest.ADHOC)
LEAST_CURVATURE = 1e-6
"""Of the likelihood by the logarithm of tau2; with less, its standard error would be above 1,000."""
SLOPES = (-2.0, 2.0)
LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class LocationScaleFit:
    """A fitted location-scale model: `location` holds the coefficients of the mean, `scale` those of log tau2.

    `tau2` is the variance between studies at the values of each study. `QM` and `QS` test all coefficients but the
    intercept together, of the mean and of the scale; `lrt` compares with one variance for all studies (None where the
    scale has an intercept alone).
    """

    k: int
    method: Tau2Method
    test: MetaTest
    level: float
    location: Coefficients
    scale: Coefficients
    tau2: np.ndarray
    ll: float
    QM: float | None
    QM_df: int
    QM_pval: float | None
    QS: float | None
    QS_df: int
    QS_pval: float | None
    lrt: float | None
    lrt_pval: float | None


@dataclass(frozen=True)
class _Spreads:
    """The data; `Z` is the scale's design with columns at right angles and of mean square 1, whatever its units."""

    y: np.ndarray
    v: np.ndarray
    X: np.ndarray
    Z: np.ndarray
    restricted: bool


def location_scale(
    yi: ArrayLike,
    vi: ArrayLike,
    Z: ArrayLike,
    X: ArrayLike | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> LocationScaleFit:
    """Fit a model in which log tau2 depends on moderators.

    y ~ N(X beta, v + tau2) with log tau2 = Z alpha. alpha maximises the (restricted) likelihood, beta follows by
    generalised least squares, and the errors of alpha from the observed information.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects, and their sampling variances in squared units of `yi`.
    Z : array_like, shape (k, q)
        The design of the scale, with its own intercept.
    X : array_like, shape (k, p), optional
        The design of the mean; by default a column of ones.
    method : str
        REML or ML.
    test : str
        z, t (k - p and k - q degrees of freedom), knha or adhoc for the mean, which take t for the scale.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    LocationScaleFit

    Raises
    ------
    ValueError
        For unsound data or designs, unknown choices, and where the likelihood has no maximum because a variance
        between studies goes to zero.

    References
    ----------
    Viechtbauer and Lopez-Lopez 2022, Research Synthesis Methods 13:697-715.
    """
    refuse_level(level)
    refuse_word("method", method, LIKELIHOODS)
    refuse_word("test", test, TESTS)
    y, v = sound_effects(yi, vi)
    of_scale = sound_design(Z, y.size)
    even, back = _evened(of_scale)
    data = _Spreads(y, v, sound_design(X, y.size), even, method == Tau2Method.REML)
    gamma, hill = _maximum(data)
    beta, vb, tau2 = _means(data, gamma, MetaTest(test))
    normal = test == MetaTest.Z
    location = coefficients(beta, vb, None if normal else float(y.size - beta.size), level)
    alpha, va = back @ gamma, back @ np.linalg.inv(-hill.curvature) @ back.T
    scale = coefficients(alpha, va, None if normal else float(y.size - alpha.size), level)
    QM, QM_df, QM_pval = omnibus(data.X, beta, vb, location.dfs)
    QS, QS_df, QS_pval = omnibus(of_scale, alpha, va, scale.dfs)
    lrt = 2 * (hill.height - _constant(data)) if has_intercept(of_scale) and QS_df else None
    cost = y.size - beta.size if data.restricted else y.size
    plain = float(projected(y, data.X, np.ones(y.size)).log_determinant) / 2 if data.restricted else 0.0
    return LocationScaleFit(
        k=y.size,
        method=Tau2Method(method),
        test=MetaTest(test),
        level=level,
        location=location,
        scale=scale,
        tau2=tau2,
        ll=hill.height - cost * LOG_2PI / 2 + plain,
        QM=QM,
        QM_df=QM_df,
        QM_pval=QM_pval,
        QS=QS,
        QS_df=QS_df,
        QS_pval=QS_pval,
        lrt=None if lrt is None else max(lrt, 0.0),
        lrt_pval=None if lrt is None else float(chdtrc(QS_df, max(lrt, 0.0))),
    )


def predict_location_scale(fit: LocationScaleFit, X: ArrayLike, Z: ArrayLike, level: float | None = None) -> Predicted:
    """Return the mean effect and the interval of a new study at new values of the moderators.

    Parameters
    ----------
    fit : LocationScaleFit
    X : array_like, shape (n, p)
        Rows of the design of the mean.
    Z : array_like, shape (n, q)
        Rows of the design of the scale, for the same n.
    level : float, optional
        The level of the intervals; by default that of the fit.

    Returns
    -------
    Predicted
        The interval of a new study has t with k - p degrees of freedom whatever the test, as in `predict`.

    Raises
    ------
    ValueError
        For designs of another width or of different lengths, and for a level outside (0, 1).
    """
    mean, spread = numbers("X", X, 2), numbers("Z", Z, 2)
    level = fit.level if level is None else level
    refuse_level(level)
    for name, new, part in (("X", mean, fit.location), ("Z", spread, fit.scale)):
        if new.shape[1] != part.estimate.size:
            raise ValueError(f"{name} has {new.shape[1]} columns; the model has {part.estimate.size} coefficients")
    if len(mean) != len(spread):
        raise ValueError(f"X has {len(mean)} rows and Z {len(spread)}; both need one for each prediction")
    pred = mean @ fit.location.estimate
    se = np.sqrt(np.einsum("ij,jk,ik->i", mean, fit.location.covariance, mean))
    half = quantile(fit.location.dfs, level) * se
    freedom = float(fit.k - fit.location.estimate.size)
    far = quantile(freedom, level) * np.sqrt(se**2 + np.exp(spread @ fit.scale.estimate))
    return Predicted(pred, se, pred - half, pred + half, pred - far, pred + far)


def _evened(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return columns at right angles and of mean square 1, and what turns their coefficients into those of Z."""
    lengths = np.linalg.norm(Z, axis=0)
    Q, R = np.linalg.qr(Z / lengths)
    unit = np.sqrt(len(Z))
    return unit * Q, unit * np.linalg.inv(R) / lengths[:, None]


def _maximum(data: _Spreads) -> tuple[np.ndarray, Hill]:
    """Return the coefficients of the evened design at the highest maximum found from several starts."""
    found = [climbed(lambda gamma: _hill(data, gamma), start) for start in _starts(data)]
    gamma, hill = max(found, key=lambda one: one[1].height)
    if np.linalg.eigvalsh(-hill.curvature)[0] < LEAST_CURVATURE:
        raise ValueError(
            "the likelihood of this scale has no maximum: a variance between studies goes to zero, whose logarithm "
            "has no end; use fewer moderators of the scale, or pool such studies with others"
        )
    return gamma, hill


def _starts(data: _Spreads) -> list[np.ndarray]:
    """Return one variance for all studies at several sizes, and the usual one rising and falling along each column."""
    method = Tau2Method.REML if data.restricted else Tau2Method.ML
    typical = float(np.median(data.v))
    usual = max(residual_tau2(data.y, data.v, data.X, method), 0.05 * typical)
    level = [np.linalg.lstsq(data.Z, np.full(data.y.size, np.log(tau2)))[0] for tau2 in (usual, 0.2 * typical, typical)]
    sloped = [level[0] + slope * axis for axis in np.eye(data.Z.shape[1]) for slope in SLOPES]
    return [*level, *sloped]


def _constant(data: _Spreads) -> float:
    """Return the height of the likelihood with one variance for all studies."""
    method = Tau2Method.REML if data.restricted else Tau2Method.ML
    tau2 = residual_tau2(data.y, data.v, data.X, method)
    return log_likelihood(data.y, data.v, data.X, tau2, data.restricted)


def _hill(data: _Spreads, gamma: np.ndarray) -> Hill:
    """Return the (restricted) log likelihood of gamma with its slope and its curvature, beta being profiled out.

    With u = Py, slope Z'(tau2 (u^2 - diag P) / 2) and, for REML, curvature by dP = -P dV P; ML has w in place of
    diag P. Where a variance overflows there is no height.
    """
    with np.errstate(all="ignore"):
        return _derived(data, np.exp(data.Z @ gamma))


def _derived(data: _Spreads, tau2: np.ndarray) -> Hill:
    w = 1.0 / (data.v + tau2)
    at = projected(data.y, data.X, w)
    root = np.sqrt(w)
    basis = root[:, None] * at.basis
    P = np.diag(w) - basis @ basis.T
    u = root * at.residuals
    own = np.diag(P) if data.restricted else w
    squared = P**2 if data.restricted else np.diag(w**2)
    height = 0.5 * float(np.sum(np.log(w)) - at.squares - (at.log_determinant if data.restricted else 0.0))
    slope = 0.5 * tau2 * (u**2 - own)
    bend = np.diag(slope) + 0.5 * np.outer(tau2, tau2) * (squared - 2.0 * np.outer(u, u) * P)
    return Hill(height, data.Z.T @ slope, data.Z.T @ bend @ data.Z)


def _means(data: _Spreads, gamma: np.ndarray, test: MetaTest) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tau2 = np.exp(data.Z @ gamma)
    w = 1.0 / (data.v + tau2)
    beta, vb = least_squares(data.y, data.X, w)
    spread = spread_of(test, data.y - data.X @ beta, w, data.y.size - beta.size)
    return beta, vb * spread, tau2
