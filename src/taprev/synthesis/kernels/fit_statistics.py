"""How well a model fits, how sure its variance between studies is, and what it expects of the studies it has seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.coefficients import quantile
from taprev.synthesis.kernels.mixed_effects import MixedFit
from taprev.synthesis.kernels.refusals import refuse_level, sound_design, sound_effects, sound_weights
from taprev.synthesis.kernels.residual_tau2 import Estimator, projected
from taprev.vocabulary import GeneralisedQ, Tau2Method

LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class FitStatistics:
    """The log likelihood `ll` of a model, restricted or not, and what it costs by its number of parameters."""

    restricted: bool
    ll: float
    deviance: float
    AIC: float
    BIC: float
    AICc: float


@dataclass(frozen=True)
class Shrunken:
    """The best linear unbiased prediction of the true effect of each study, with its error and interval."""

    pred: np.ndarray
    se: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray


def fit_statistics(
    fit: MixedFit, yi: ArrayLike, vi: ArrayLike, X: ArrayLike | None = None, restricted: bool | None = None
) -> FitStatistics:
    """Return the log likelihood of a fitted model with its information criteria.

    The restricted one has metafor's constant, with log |X'X| / 2. The parameters are the coefficients and, unless the
    model has one common effect, tau2. Models with other coefficients are compared by the full likelihood alone.

    Parameters
    ----------
    fit : MixedFit
    yi, vi : array_like, shape (k,)
        The effects and sampling variances that it was fitted to.
    X : array_like, shape (k, p), optional
        Its design.
    restricted : bool, optional
        Which likelihood; by default the restricted one where tau2 was estimated by REML.

    Returns
    -------
    FitStatistics

    Raises
    ------
    ValueError
        For data that the model cannot have been fitted to.

    References
    ----------
    Viechtbauer 2010, Journal of Statistical Software 36(3).
    """
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    k, p = design.shape
    restricted = fit.method == Tau2Method.REML if restricted is None else restricted
    w = 1.0 / (v + fit.tau2)
    ll = -0.5 * (k * LOG_2PI - float(np.sum(np.log(w))) + float(np.sum(w * (y - design @ fit.beta) ** 2)))
    if restricted:
        plain, weighted = (float(projected(y, design, a).log_determinant) for a in (np.ones(k), w))
        ll += 0.5 * (p * LOG_2PI + plain - weighted)
    parameters, cases = p + (fit.method is not None), k - p if restricted else k
    few = max(cases, parameters + 2)
    return FitStatistics(
        restricted=restricted,
        ll=ll,
        deviance=-2 * ll,
        AIC=2 * (parameters - ll),
        BIC=parameters * float(np.log(cases)) - 2 * ll,
        AICc=2 * parameters * few / (few - parameters - 1) - 2 * ll,
    )


def se_of_tau2(
    yi: ArrayLike,
    vi: ArrayLike,
    tau2: float,
    method: Estimator,
    X: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> float:
    """Return the standard error of the variance between studies.

    From the expected information for ML, REML, PM; for the others from the variance of their quadratic form under the
    normal model.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    tau2 : float
        The estimate, in the units of `vi`.
    method : Tau2Method or GeneralisedQ
        The estimator that gave it.
    X : array_like, shape (k, p), optional
        The design of the model.
    weights : array_like, shape (k,), optional
        The weights of GENQ.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For unsound data.

    References
    ----------
    Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261-293; Jackson and others 2014, Research
    Synthesis Methods 5:266-276 (GENQ).
    """
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    freedom = y.size - design.shape[1]
    w = 1.0 / (v + tau2)
    if method == Tau2Method.ML:
        return float(np.sqrt(2.0 / np.sum(w**2)))
    if method == Tau2Method.REML:
        return float(np.sqrt(2.0 / projected(y, design, w).trace_of_square))
    if method == Tau2Method.PM:
        return float(np.sqrt(2.0 * y.size**2 / freedom) / np.sum(w))
    first = float(np.var(y))
    own = np.ones(y.size) if weights is None else sound_weights(weights, y.size)
    of_form: dict[Estimator, np.ndarray] = {
        Tau2Method.HE: np.ones(y.size),
        GeneralisedQ.GENQ: own,
        Tau2Method.SJ: 1.0 / (v + first),
    }
    a = of_form.get(method, 1.0 / v)
    spread = np.sqrt(_variance_of_form(v, tau2, design, a))
    trace = float(projected(y, design, a).trace)
    by: dict[Estimator, float] = {Tau2Method.SJ: first / freedom, Tau2Method.HS: 1.0 / float(np.sum(a))}
    return float(spread * by.get(method, 1.0 / trace))


def _variance_of_form(v: np.ndarray, tau2: float, design: np.ndarray, a: np.ndarray) -> float:
    """Return the variance of y'Py for normal effects of variances v + tau2, 2 tr(P S P S)."""
    root = np.sqrt(a)
    Q = np.linalg.qr(root[:, None] * design)[0]
    P = np.diag(a) - (root[:, None] * Q) @ (root[:, None] * Q).T
    spread = P * (v + tau2)
    return 2.0 * float(np.sum(spread * spread.T))


def shrunken(
    fit: MixedFit, yi: ArrayLike, vi: ArrayLike, X: ArrayLike | None = None, level: float | None = None
) -> Shrunken:
    """Return what a model expects of the true effect of each study that it was fitted to.

    pred = l y + (1 - l) X beta with l = tau2 / (tau2 + v), and its variance l v + (1 - l)^2 X vb X'.

    Parameters
    ----------
    fit : MixedFit
        Fitted with the weights of the model.
    yi, vi : array_like, shape (k,)
        The effects and sampling variances that it was fitted to.
    X : array_like, shape (k, p), optional
        Its design.
    level : float, optional
        The level of the intervals; by default that of the fit.

    Returns
    -------
    Shrunken

    Raises
    ------
    ValueError
        For data that the model cannot have been fitted to, and for a level outside (0, 1).

    References
    ----------
    Raudenbush and Bryk 1985, Journal of Educational Statistics 10:75-98; Morris 1983, Journal of the American
    Statistical Association 78:47-55.
    """
    level = fit.level if level is None else level
    refuse_level(level)
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    share = fit.tau2 / (fit.tau2 + v)
    pred = share * y + (1.0 - share) * (design @ fit.beta)
    of_mean = np.einsum("ij,jk,ik->i", design, fit.vb, design)
    se = np.sqrt(share * v + (1.0 - share) ** 2 * of_mean)
    half = quantile(fit.dfs, level) * se
    return Shrunken(pred, se, pred - half, pred + half)
