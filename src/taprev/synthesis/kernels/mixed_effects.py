"""A mixed-effects model: effects explained by moderators, with what is left between studies by any estimator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from taprev.synthesis.kernels.coefficients import coefficients, has_intercept, least_squares, omnibus, spread_of
from taprev.synthesis.kernels.refusals import refuse_level, refuse_word, sound_design, sound_effects, sound_weights
from taprev.synthesis.kernels.residual_tau2 import Estimator, projected, residual_tau2
from taprev.vocabulary import GeneralisedQ, MetaTest, Tau2Method

NEAR_ZERO = 1e-8


@dataclass(frozen=True)
class MixedFit:
    """A mixed-effects model under metafor's names; arrays have a value for each coefficient.

    `vb` is the covariance of the coefficients, `test` the one that was made, `dfs` its degrees of freedom (None where
    it is normal). `I2` is in percent. `R2`, in percent, and the omnibus test (`QM`, of `QM_df` coefficients, an F with
    `QM_df2` where that is not None) are None without moderators. `weights` sum to one hundred percent; None where the
    model has moderators and each coefficient weighs the studies otherwise.
    """

    k: int
    method: Estimator | None
    test: MetaTest
    level: float
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    dfs: float | None
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    tau2: float
    I2: float
    H2: float
    R2: float | None
    QE: float
    QE_df: int
    QE_pval: float
    QM: float | None
    QM_df: int
    QM_df2: float | None
    QM_pval: float | None
    weights: np.ndarray | None


def mixed_effects(
    yi: ArrayLike,
    vi: ArrayLike,
    X: ArrayLike | None = None,
    method: str | None = "REML",
    test: str = "auto",
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> MixedFit:
    """Fit a mixed-effects model.

    With w = 1 / (vi + tau2) and W the matrix that holds them, beta = (X'WX)^-1 X'Wy and vb = (X'WX)^-1, which knha
    multiplies by s2 = sum w e^2 / (k - p), and adhoc by the larger of s2 and 1. With weights A of one's own,
    vb = (X'AX)^-1 X'A W^-1 A X (X'AX)^-1. I2 = 100 tau2 / (tau2 + (k - p) / tr P), P being that of w = 1 / vi.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        The effects, and their sampling variances in squared units of `yi`.
    X : array_like, shape (k, p), optional
        The design matrix, with a column of ones where there shall be an intercept; by default that column alone.
    method : str or None
        A `Tau2Method`, or GENQ by `weights`; None for a model with one effect common to all studies.
    test : str
        A `MetaTest`; auto is knha where k - p >= 2 and tau2 > 1e-8 min(vi), and z otherwise.
    weights : array_like, shape (k,), optional
        Weights in place of those of the model; tests are then z or t.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    MixedFit

    Raises
    ------
    ValueError
        For unsound data, a design that is singular or leaves no degree of freedom, effects that lie exactly on the
        model where the test needs their spread, and an unknown choice.

    References
    ----------
    Viechtbauer 2010, Journal of Statistical Software 36(3) (the model, and the names); Knapp and Hartung 2003,
    Statistics in Medicine 22:2693-2710 (knha).
    """
    _refuse_choices(method, test, level, weights is not None)
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    k, p = design.shape
    estimator = _estimator(method)
    own = None if weights is None else sound_weights(weights, k)
    tau2 = residual_tau2(y, v, design, estimator, own if estimator == GeneralisedQ.GENQ else None)
    made = _test_made(MetaTest(test), estimator, k - p, tau2, v, own is not None)
    w = 1.0 / (v + tau2)
    beta, vb = least_squares(y, design, w) if own is None else _coefficients_by(y, design, own, w)
    vb = vb * spread_of(made, y - design @ beta, w, k - p)
    return _fit(y, v, design, beta, vb, estimator, made, tau2, level, own)


def _refuse_choices(method: str | None, test: str, level: float, weighted: bool) -> None:
    for name, value, known in (("method", method, (*Tau2Method, *GeneralisedQ)), ("test", test, tuple(MetaTest))):
        if value is not None:
            refuse_word(name, value, known)
    refuse_level(level)
    if method == GeneralisedQ.GENQ and not weighted:
        raise ValueError("method is 'GENQ', which rests on weights of your own; give weights")
    if weighted and test in (MetaTest.KNHA, MetaTest.ADHOC):
        raise ValueError(f"test is {test!r}, which rests on the weights of the model; with your own use z or t")
    if method is None and test in (MetaTest.KNHA, MetaTest.ADHOC):
        raise ValueError(f"test is {test!r}, which allows for differences between studies; a common effect has none")


def _estimator(method: str | None) -> Estimator | None:
    if method is None:
        return None
    return GeneralisedQ.GENQ if method == GeneralisedQ.GENQ else Tau2Method(method)


def _test_made(
    test: MetaTest, method: Estimator | None, freedom: int, tau2: float, v: np.ndarray, own: bool
) -> MetaTest:
    if test != MetaTest.AUTO:
        return test
    spread = not own and method is not None and freedom >= 2 and tau2 > NEAR_ZERO * v.min()
    return MetaTest.KNHA if spread else MetaTest.Z


def _coefficients_by(
    y: np.ndarray, design: np.ndarray, own: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients by weights of one's own, and their covariance under the model."""
    Q, R = np.linalg.qr(np.sqrt(own)[:, None] * design)
    way = np.linalg.inv(R) @ (Q.T * np.sqrt(own))
    return way @ y, (way / w) @ way.T


def _fit(
    y: np.ndarray,
    v: np.ndarray,
    design: np.ndarray,
    beta: np.ndarray,
    vb: np.ndarray,
    method: Estimator | None,
    test: MetaTest,
    tau2: float,
    level: float,
    own: np.ndarray | None,
) -> MixedFit:
    k, p = design.shape
    dfs = None if test == MetaTest.Z else float(k - p)
    own_tests = coefficients(beta, vb, dfs, level)
    fixed = projected(y, design, 1.0 / v)
    QE, typical = float(fixed.squares), (k - p) / float(fixed.trace)
    common = method is None
    QM, QM_df, QM_pval = omnibus(design, beta, vb, dfs)
    moderated = p > 1 or not np.allclose(design, 1.0)
    weights = None if moderated else 1.0 / (v + tau2) if own is None else own
    return MixedFit(
        k=k,
        method=method,
        test=test,
        level=level,
        beta=beta,
        se=own_tests.se,
        stat=own_tests.stat,
        dfs=dfs,
        pval=own_tests.pval,
        ci_lb=own_tests.ci_lb,
        ci_ub=own_tests.ci_ub,
        vb=vb,
        tau2=tau2,
        I2=100.0 * max(0.0, QE - (k - p)) / max(QE, k - p) if common else 100.0 * tau2 / (tau2 + typical),
        H2=QE / (k - p) if common else tau2 / typical + 1.0,
        R2=_explained(y, v, design, method, tau2, own) if moderated else None,
        QE=QE,
        QE_df=k - p,
        QE_pval=float(chdtrc(k - p, QE)),
        QM=QM,
        QM_df=QM_df,
        QM_df2=dfs if QM_df else None,
        QM_pval=QM_pval,
        weights=None if weights is None else 100.0 * weights / weights.sum(),
    )


def _explained(
    y: np.ndarray, v: np.ndarray, design: np.ndarray, method: Estimator | None, tau2: float, own: np.ndarray | None
) -> float | None:
    """Return the share of the variance between studies that moderators explain, in percent."""
    if method is None or not has_intercept(design):
        return None
    without = residual_tau2(y, v, np.ones((y.size, 1)), method, own if method == GeneralisedQ.GENQ else None)
    return 100.0 * max(1.0 - tau2 / without, 0.0) if without > 0 else None
