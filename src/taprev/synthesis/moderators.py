"""What might explain differences between studies: subgroups with their test, and meta-regression.

tau2 is that of REML with the moderators in the model (see `multilevel`); coefficients and errors are computed given it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.special import chdtrc, fdtrc, stdtr, stdtrit

from taprev.notes import Note, note
from taprev.synthesis.kernels.contrasts import joint_test
from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.refusals import refuse_word, sound_design, sound_effects, sound_labels
from taprev.synthesis.kernels.robust import cr2
from taprev.synthesis.results import Fit, FittedPoint, Regression, Subgroup, Subgroups, Term
from taprev.vocabulary import CiMethod, NoteCode

STUDIES_PER_COVARIATE = 10
CI_METHODS = (CiMethod.HKSJ, CiMethod.CR2)
SMALLEST_SE = 1e-12
POINTS_OF_A_LINE = 25


def refuse_few(studies: int, covariates: int, knowingly: bool) -> Note | None:
    """Return why a moderator is not examined, or None.

    Parameters
    ----------
    studies : int
        The number of studies.
    covariates : int
        The number of covariates.
    knowingly : bool
        Whether the settings ask for it despite few studies.

    Returns
    -------
    Note or None
        The reason: fewer than ten studies for each covariate.

    References
    ----------
    Cochrane Handbook 10.11.5.1.
    """
    needed = STUDIES_PER_COVARIATE * covariates
    if knowingly or studies >= needed:
        return None
    return note(NoteCode.TOO_FEW_FOR_MODERATOR, studies=studies, covariates=covariates, needed=needed)


def meta_regression(
    yi, vi, X, names: Sequence[str], ci_method: str = CiMethod.HKSJ, study=None, level: float = 0.95
) -> Regression:
    """Regress effects on moderators under a random-effects model.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        The effects, and their sampling variances in squared units of `yi`.
    X : array_like, shape (k, p)
        The moderators, without the intercept, which is added.
    names : sequence of str, length p
        The names of the columns of `X`.
    ci_method : str
        hksj or cr2.
    study : sequence of hashable, length k, optional
        The clusters of cr2; by default each effect is its own.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    Regression
        The coefficients, tau2 with and without the moderators, and the tests.

    Raises
    ------
    ValueError
        For unsound data, a design that is singular or leaves no degree of freedom, effects that lie exactly on the
        model, and an unknown choice.

    References
    ----------
    Knapp and Hartung 2003, Statistics in Medicine 22:2693-2710 (hksj); Tipton and Pustejovsky 2015, Journal of
    Educational and Behavioral Statistics 40:604-634 (QM with cr2, see `contrasts.joint_test`).
    """
    refuse_word("ci_method", ci_method, CI_METHODS)
    yi, vi = sound_effects(yi, vi, "effect")
    columns: np.ma.MaskedArray = np.ma.asarray(X, dtype=float)
    design = sound_design(np.ma.column_stack([np.ones(len(columns)), columns]), yi.size)
    p = design.shape[1]
    alone = np.arange(yi.size)
    fit = multilevel(yi, vi, alone, X=design, ci_method=CiMethod.WALD, level=level)
    tau2 = fit.sigma2_study + fit.sigma2_effect
    beta, covariance = _knapp_hartung(yi, vi, design, tau2)
    _refuse_no_spread(np.sqrt(np.diag(covariance)), [coefficient.model_se for coefficient in fit.coefficients])
    df, omnibus = np.full(p, float(yi.size - p)), _omnibus(beta[1:], covariance[1:, 1:], yi.size - p)
    if ci_method == CiMethod.CR2:
        clusters = alone if study is None else study
        robust = cr2(yi, vi, clusters, design, sigma2_effect=tau2)
        beta, covariance, df = robust.coefficients, robust.covariance, robust.df
        omnibus = _robust_omnibus(yi, vi, clusters, design, tau2)
    without = random_effects(yi, vi, tau2_method="REML", ci_method=CiMethod.WALD).variance
    return Regression(
        k=yi.size,
        ci_method=ci_method,
        terms=tuple(_terms(["intercept", *names], beta, np.sqrt(np.diag(covariance)), df, level)),
        tau2=tau2,
        tau2_without=without,
        R2=100.0 * max(1.0 - tau2 / without, 0.0) if without > 0 else None,
        QE=fit.QE,
        QE_df=fit.QE_df,
        QE_pval=fit.QE_pval,
        QM=omnibus[0],
        QM_df1=beta.size - 1,
        QM_df2=omnibus[1],
        QM_pval=omnibus[2],
    )


def fitted_line(
    yi, vi, x, tau2: float, ci_method: str = CiMethod.HKSJ, study=None, level: float = 0.95
) -> tuple[FittedPoint, ...]:
    """Return the line of a meta-regression on one number, from its least value to its largest.

    The mean at a value is the intercept of the regression on the distance from it, with that intercept's own degrees
    of freedom.

    Parameters
    ----------
    yi, vi, x : array_like, shape (k,)
        The effects, their sampling variances, and the moderator.
    tau2 : float
        What the moderator leaves between studies, as `meta_regression` estimates it.
    ci_method, study, level
        As in `meta_regression`.

    Returns
    -------
    tuple of FittedPoint
    """
    yi, vi = sound_effects(yi, vi, "effect")
    x = np.asarray(x, float)
    clusters = np.arange(yi.size) if study is None else study
    points = []
    for value in np.linspace(x.min(), x.max(), POINTS_OF_A_LINE):
        design = np.column_stack([np.ones(yi.size), x - value])
        if ci_method == CiMethod.CR2:
            robust = cr2(yi, vi, clusters, design, sigma2_effect=tau2)
            beta, covariance, df = robust.coefficients, robust.covariance, robust.df
        else:
            beta, covariance = _knapp_hartung(yi, vi, design, tau2)
            df = np.full(2, yi.size - 2.0)
        at = next(_terms(["mean"], beta[:1], np.sqrt(np.diag(covariance))[:1], df[:1], level))
        points.append(FittedPoint(float(value), at.estimate, at.ci_lb, at.ci_ub))
    return tuple(points)


def subgroups(yi, vi, groups: Sequence[str], **how) -> Subgroups:
    """Pool each group by itself and test the difference between them, with a separate tau2 for each.

    Q = sum (estimate - mean)^2 / se^2 over groups, with Wald standard errors.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        The effects, and their sampling variances in squared units of `yi`.
    groups : sequence of str, length k
        The group of each effect.
    **how
        The choices of `random_effects`.

    Returns
    -------
    Subgroups
        The fit of each group, and the test.

    Raises
    ------
    ValueError
        If there is only one group.

    References
    ----------
    Borenstein and others 2009, ch. 19.
    """
    yi, vi = sound_effects(yi, vi)
    group_of = sound_labels("groups", groups, yi.size)
    levels = list(dict.fromkeys(group_of.tolist()))
    if len(levels) < 2:
        raise ValueError("there is one group only, and nothing to compare it with")
    fits = [random_effects(yi[group_of == level], vi[group_of == level], **how) for level in levels]
    wald = np.array([next(i.se for i in fit.intervals if i.ci_method == CiMethod.WALD) for fit in fits])
    estimates = np.array([fit.estimate for fit in fits])
    w = 1.0 / wald**2
    Q = float(np.sum(w * (estimates - np.sum(w * estimates) / w.sum()) ** 2))
    return Subgroups(
        groups=tuple(_subgroup(str(level), fit) for level, fit in zip(levels, fits, strict=True)),
        Q=Q,
        Q_df=len(levels) - 1,
        Q_pval=float(chdtrc(len(levels) - 1, Q)),
    )


def _subgroup(level: str, fit: Fit) -> Subgroup:
    return Subgroup(
        level=level,
        k=fit.k,
        estimate=fit.estimate,
        se=fit.se,
        ci_lb=fit.ci_lb,
        ci_ub=fit.ci_ub,
        tau2=fit.variance,
        ci_method=fit.ci_method,
        I2=fit.I2 or 0.0,
        Q=fit.Q,
        Q_df=fit.Q_df,
        Q_pval=fit.Q_pval,
    )


def _knapp_hartung(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, tau2: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients and their HKSJ covariance, given tau2, by a QR decomposition of the weighted design.

    The moderators are centred for it and the intercept is moved back, so that one far from zero costs no digits.
    """
    root = 1.0 / np.sqrt(vi + tau2)
    back = np.eye(design.shape[1])
    back[0, 1:] = -design[:, 1:].mean(axis=0)
    Q, R = np.linalg.qr(root[:, None] * (design @ back))
    y = root * (yi - yi[0])
    gamma = Q.T @ y
    back = back @ np.linalg.inv(R)
    beta = back @ gamma
    beta[0] += yi[0]
    spread = float(np.sum((y - Q @ gamma) ** 2)) / (yi.size - design.shape[1])
    return beta, spread * back @ back.T


def _refuse_no_spread(se: np.ndarray, model_se: list[float]) -> None:
    if not np.all(se > SMALLEST_SE * np.array(model_se)):
        raise ValueError("the effects lie exactly on the model and have no spread to estimate an error from")


def _terms(names: list[str], beta: np.ndarray, se: np.ndarray, df: np.ndarray, level: float):
    for name, estimate, error, freedom in zip(names, beta, se, df, strict=True):
        half = float(stdtrit(freedom, 0.5 + level / 2)) * error
        pval = 2.0 * float(stdtr(freedom, -abs(estimate / error)))
        numbers = (estimate, error, freedom, estimate - half, estimate + half, pval)
        yield Term(name, *map(float, numbers))


Omnibus = tuple[float | None, float | None, float | None]


def _omnibus(beta: np.ndarray, covariance: np.ndarray, df2: int) -> Omnibus:
    """Return the F test of all coefficients together, its second degrees of freedom and its p value."""
    F = float(beta @ np.linalg.solve(covariance, beta)) / beta.size
    return F, df2, float(fdtrc(beta.size, df2, F))


def _robust_omnibus(
    yi: np.ndarray, vi: np.ndarray, clusters: Sequence[Hashable] | np.ndarray, design: np.ndarray, tau2: float
) -> Omnibus:
    """Return the same under CR2 (HTZ); None where the clusters leave no degree of freedom for it."""
    slopes = np.eye(design.shape[1])[1:]
    try:
        found = joint_test(yi, vi, clusters, slopes, design, sigma2_effect=tau2)
    except ValueError:
        return None, None, None
    return found.F, found.df2, found.pval
