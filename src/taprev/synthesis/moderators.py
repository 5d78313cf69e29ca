"""What might explain differences between studies: subgroups with their test, and meta-regression.

tau2 is that of REML with the moderators in the model (see `multilevel`). Given it, PyMARE computes coefficients
and HKSJ errors; CR2 errors are ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, fdtrc, stdtr, stdtrit

from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.robust import cr2
from taprev.synthesis.results import Regression, Subgroup, Subgroups, Term
from taprev.vocabulary import CiMethod

STUDIES_PER_COVARIATE = 10
CI_METHODS = (CiMethod.HKSJ, CiMethod.CR2)
SMALLEST_SE = 1e-12
OF_A_GROUP = ("k", "estimate", "se", "ci_lb", "ci_ub", "tau2", "ci_method", "I2", "Q", "Q_df", "Q_pval")


def refuse_few(studies: int, covariates: int, knowingly: bool) -> str:
    """Say why a moderator is not examined, or nothing (Cochrane Handbook 10.11.5.1: ten studies a covariate)."""
    if knowingly or studies >= STUDIES_PER_COVARIATE * covariates:
        return ""
    needed = STUDIES_PER_COVARIATE * covariates
    terms = "1 covariate" if covariates == 1 else f"{covariates} covariates"
    return f"{studies} studies are too few for {terms}: at least {needed} are needed, ten for each."


def meta_regression(
    yi, vi, X, names: Sequence[str], ci_method: str = "hksj", study=None, level: float = 0.95
) -> Regression:
    """Regress effects on moderators under a random-effects model.

    `X` has shape (k, p) without the intercept, which is added; `names` are those of its columns. `ci_method` is
    hksj (Knapp and Hartung 2003, Statistics in Medicine 22:2693-2710) or cr2, whose clusters are `study`.
    Raises ValueError for unsound data, for a design that is singular or leaves no degree of freedom, for effects
    that lie exactly on the model, and for an unknown choice.
    """
    if ci_method not in CI_METHODS:
        raise ValueError(f"ci_method is {ci_method!r}; it must be one of {', '.join(CI_METHODS)}")
    yi, vi = np.asarray(yi, float), np.asarray(vi, float)
    design = np.column_stack([np.ones(yi.size), np.asarray(X, float)])
    p = design.shape[1]
    if yi.size <= p:
        raise ValueError(f"{yi.size} effects leave no degree of freedom for {p} coefficients")
    alone = np.arange(yi.size)
    fit = multilevel(yi, vi, alone, X=design, ci_method="wald", level=level)
    tau2 = fit.sigma2_study + fit.sigma2_effect
    beta, covariance = _knapp_hartung(yi, vi, design, tau2)
    _refuse_no_spread(np.sqrt(np.diag(covariance)), [one.model_se for one in fit.coefficients])
    df = np.full(p, float(yi.size - p))
    if ci_method == "cr2":
        robust = cr2(yi, vi, alone if study is None else study, design, sigma2_effect=tau2)
        beta, covariance, df = robust.coefficients, robust.covariance, robust.df
    without = random_effects(yi, vi, tau2_method="REML", ci_method="wald").tau2
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
        **_omnibus(beta[1:], covariance[1:, 1:], yi.size - p, ci_method),
    )


def subgroups(yi, vi, groups: Sequence[str], **how) -> Subgroups:
    """Pool each group by itself and test their difference (Borenstein and others 2009, ch. 19, separate tau2).

    Q = sum (estimate - mean)^2 / se^2 over groups with Wald standard errors. `how` are the choices of
    `random_effects`. Raises ValueError where there is one group only.
    """
    yi, vi, groups = np.asarray(yi, float), np.asarray(vi, float), np.asarray(groups)
    levels = list(dict.fromkeys(groups.tolist()))
    if len(levels) < 2:
        raise ValueError("there is one group only, and nothing to compare it with")
    fits = [random_effects(yi[groups == level], vi[groups == level], **how) for level in levels]
    wald = np.array([next(i.se for i in fit.intervals if i.ci_method == "wald") for fit in fits])
    estimates = np.array([fit.estimate for fit in fits])
    w = 1.0 / wald**2
    Q = float(np.sum(w * (estimates - np.sum(w * estimates) / w.sum()) ** 2))
    pooled = zip(levels, fits, strict=True)
    return Subgroups(
        groups=tuple(Subgroup(str(level), *(getattr(fit, name) for name in OF_A_GROUP)) for level, fit in pooled),
        Q=Q,
        Q_df=len(levels) - 1,
        Q_pval=float(chdtrc(len(levels) - 1, Q)),
    )


def _knapp_hartung(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, tau2: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients and their HKSJ covariance by PyMARE, given tau2; effects are centred on the first."""
    from pymare import Dataset
    from pymare.estimators import WeightedLeastSquares

    estimator = WeightedLeastSquares(tau2=tau2, small_sample_correction="knapp-hartung")
    estimator.fit_dataset(Dataset(y=yi - yi[0], v=vi, X=design, add_intercept=False))
    p = design.shape[1]
    beta = np.ravel(estimator.params_["fe_params"]).copy()
    beta[0] += yi[0]
    return beta, np.reshape(np.ravel(estimator.params_["inv_cov"]), (p, p))


def _refuse_no_spread(se: np.ndarray, model_se: list[float]) -> None:
    if not np.all(se > SMALLEST_SE * np.array(model_se)):
        raise ValueError("the effects lie exactly on the model and have no spread to estimate an error from")


def _terms(names: list[str], beta: np.ndarray, se: np.ndarray, df: np.ndarray, level: float):
    for name, estimate, error, freedom in zip(names, beta, se, df, strict=True):
        half = float(stdtrit(freedom, 0.5 + level / 2)) * error
        pval = 2.0 * float(stdtr(freedom, -abs(estimate / error)))
        numbers = (estimate, error, freedom, estimate - half, estimate + half, pval)
        yield Term(name, *map(float, numbers))


def _omnibus(beta: np.ndarray, covariance: np.ndarray, df2: int, ci_method: str) -> dict[str, float | None]:
    found: dict[str, float | None] = {"QM_df1": beta.size, "QM_df2": df2, "QM": None, "QM_pval": None}
    if ci_method == "hksj":
        F = float(beta @ np.linalg.solve(covariance, beta)) / beta.size
        found |= {"QM": F, "QM_pval": float(fdtrc(beta.size, df2, F))}
    return found
