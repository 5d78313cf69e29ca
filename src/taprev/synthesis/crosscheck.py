"""What is pooled is computed a second time; only this module calls PyMARE and statsmodels to check our results.

Given the same tau2, a second engine must give the same estimate, standard error and interval. For tau2
itself its solution may not be better than ours: no higher likelihood for a likelihood, no smaller residual of the
estimating equation for a root; closed forms and Q must be equal. Which engine is the second for an estimator is
given with the estimator (`kernels/estimators.py`). So it is with the coefficients of meta-regressions and their errors,
and with the means of subgroups and Q between them. What no second engine computes (some estimators, I2 and H2
from tau2, the prediction interval) is checked against the stored R reference only, and the file says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from taprev.ground.files import records_csv
from taprev.synthesis.kernels.estimators import ESTIMATORS, SecondEngine
from taprev.synthesis.results import Fit, Interval, Moderation, Nesting, Regression, Stratum, Subgroups, Synthesis
from taprev.vocabulary import CiMethod, Fate, PoolModel, Tau2Method

SAME_TAU2 = 1e-10
PROFILE = 1e-6
COEFFICIENT = 1e-8
MOST_DENSE = 1_000
CORRECTIONS = {
    CiMethod.WALD: "wald",
    CiMethod.HKSJ: "knapp-hartung",
    CiMethod.HKSJ_MODIFIED: "knapp-hartung-conservative",
}


@dataclass(frozen=True)
class Crosscheck:
    """One number computed twice; `difference` and `tolerance` are in the unit that `quantity` names."""

    domain: str
    stratum: str
    quantity: str
    engine: str
    ours: float | None
    theirs: float | None
    difference: float | None
    tolerance: float | None
    verdict: str


def crosscheck(content: Synthesis) -> list[Crosscheck]:
    """Return the checks of every pooled stratum of a domain.

    Parameters
    ----------
    content : Synthesis
        The synthesis of the domain.

    Returns
    -------
    list of Crosscheck
        One for each number that is computed twice, and for those that no second engine computes.
    """
    checks = []
    for stratum in [*content.strata, *content.sensitivity]:
        if stratum.fit:
            parts_of_checks = [
                *_stratum_checks(stratum),
                *(check for moderation in stratum.moderators for check in _moderation_checks(moderation)),
            ]
            checks += [Crosscheck(content.domain, stratum.name, *parts) for parts in parts_of_checks]
    return checks


def _stratum_checks(stratum: Stratum) -> Iterator[tuple]:
    fit = stratum.pooled
    if fit.model != PoolModel.INVERSE_VARIANCE:
        yield f"estimate, {fit.model.said}", "none", fit.estimate, None, None, None, "R reference only"
        return
    pooled = [study.effect for study in stratum.studies if study.fate == Fate.POOLED]
    yi = np.array([effect.yi for effect in pooled])
    vi = np.array([effect.vi for effect in pooled])
    if fit.nesting:
        studies = [study.study for study in stratum.studies if study.fate == Fate.POOLED]
        yield from _nested_checks(yi, vi, studies, fit, fit.nesting)
        return
    yield _tau2_check(yi, vi, fit)
    for interval in fit.intervals:
        yield from _interval_checks(yi, vi, fit, interval)
    yield from _profile_checks(yi, vi, fit)
    gap = abs(fit.Q - (theirs := _pymare_Q(yi, vi))) / max(theirs, 1.0)
    yield _judged("Q (relative)", "PyMARE", fit.Q, theirs, gap, SAME_TAU2)
    yield "I2 and H2", "none", fit.I2, None, None, None, "R reference only"
    yield "prediction interval", "none", fit.pi_lb, None, None, None, "R reference only"


def _moderation_checks(moderation: Moderation) -> Iterator[tuple]:
    """Yield the checks of a moderator that was examined: the coefficients of a regression, or the groups."""
    yi, vi = (np.array([getattr(effect, name) for effect in moderation.effects]) for name in ("yi", "vi"))
    values = [effect.value for effect in moderation.effects]
    if moderation.regression:
        yield from _regression_checks(yi, vi, np.array(values, float), moderation.label, moderation.regression)
    if moderation.subgroups:
        yield from _subgroup_checks(yi, vi, np.array(values), moderation.label, moderation.subgroups)


def _regression_checks(
    yi: np.ndarray, vi: np.ndarray, x: np.ndarray, label: str, regression: Regression
) -> Iterator[tuple]:
    """Yield the checks of both coefficients and their errors given tau2; the error of CR2 has no second engine."""
    theirs = _statsmodels_wls(yi, vi + regression.tau2, x)
    for name, term, (estimate, se) in zip(("intercept", "slope"), regression.terms, theirs, strict=True):
        what = f"{name} by {label}"
        gap = abs(term.estimate - estimate) / term.se
        yield _judged(f"{what} (in standard errors)", "statsmodels", term.estimate, estimate, gap, COEFFICIENT)
        if regression.ci_method == CiMethod.HKSJ:
            yield _judged(f"se, {what} (relative)", "statsmodels", term.se, se, abs(term.se / se - 1), COEFFICIENT)
        else:
            yield f"se, {what}", "none", term.se, None, None, None, "R reference only"


def _statsmodels_wls(yi: np.ndarray, variance: np.ndarray, x: np.ndarray) -> list[tuple[float, float]]:
    """Return intercept and slope, each with its Knapp-Hartung error, from a design with the moderator centred."""
    from statsmodels.regression.linear_model import WLS

    middle = float(x.mean())
    fit = WLS(yi, np.column_stack([np.ones_like(x), x - middle]), weights=1 / variance).fit()
    contrasts = np.array([[1.0, -middle], [0.0, 1.0]])
    errors = np.sqrt(np.diag(contrasts @ fit.cov_params() @ contrasts.T))
    return [(float(b), float(se)) for b, se in zip(contrasts @ fit.params, errors, strict=True)]


def _subgroup_checks(
    yi: np.ndarray, vi: np.ndarray, group_of: np.ndarray, label: str, found: Subgroups
) -> Iterator[tuple]:
    """Yield the checks of the mean and error of every group, given its tau2, and of Q between the groups."""
    means, errors = [], []
    for group in found.groups:
        own = group_of == group.level
        wald = _pymare_given_tau2(yi[own], vi[own], group.tau2, CiMethod.WALD, 0.05)
        theirs = _pymare_given_tau2(yi[own], vi[own], group.tau2, CiMethod(group.ci_method), 0.05)
        what = f"of {label}: {group.level} (in standard errors)"
        for name, ours in (("estimate", group.estimate), ("se", group.se)):
            gap = abs(ours - theirs[name]) / group.se
            yield _judged(f"{name} {what}", "PyMARE", ours, theirs[name], gap, COEFFICIENT)
        means.append(wald["estimate"])
        errors.append(wald["se"])
    w = 1 / np.square(errors)
    Q = float(np.sum(w * (means - np.average(means, weights=w)) ** 2))
    gap = abs(found.Q - Q) / max(Q, 1.0)
    yield _judged(f"Q between groups by {label} (relative)", "PyMARE", found.Q, Q, gap, COEFFICIENT)


def _nested_checks(yi: np.ndarray, vi: np.ndarray, studies: list[str], fit: Fit, nesting: Nesting) -> Iterator[tuple]:
    """Yield the checks of effects nested in studies: estimate, error of the model and likelihood, by statsmodels."""
    wald = next(interval for interval in fit.intervals if interval.ci_method == CiMethod.WALD)
    if yi.size > MOST_DENSE:
        yield "estimate and error of the model", "none", fit.estimate, None, None, None, "R reference only"
        return
    M = _nested_covariance(vi, studies, nesting)
    estimate, se, height = _statsmodels_gls(yi, M)
    yield _judged(
        "estimate (in standard errors)",
        "statsmodels",
        fit.estimate,
        estimate,
        abs(fit.estimate - estimate) / se,
        SAME_TAU2,
    )
    yield _judged("se, wald (in standard errors)", "statsmodels", wald.se, se, abs(wald.se - se) / se, SAME_TAU2)
    around = max(
        _statsmodels_gls(yi, _nested_covariance(vi, studies, moved))[2] for moved in _nearby(nesting, float(vi.min()))
    )
    gap = max(around - height, 0.0)
    yield _judged("components (restricted log-likelihood nearby)", "statsmodels", height, around, gap, SAME_TAU2)
    yield "CR2 standard error and degrees of freedom", "none", fit.se, None, None, None, "R reference only"


def _nearby(nesting: Nesting, smallest: float) -> Iterator[Nesting]:
    """Yield the components moved by 0.1 % and by 5 %; a component of zero is moved upwards only."""
    whole = nesting.sigma2_study + nesting.sigma2_effect + smallest
    for step in (-0.001, 0.001, -0.05, 0.05):
        study = nesting.sigma2_study + step * (nesting.sigma2_study or whole)
        effect = nesting.sigma2_effect + step * (nesting.sigma2_effect or whole)
        if study >= 0:
            yield replace(nesting, sigma2_study=study)
        if effect >= 0:
            yield replace(nesting, sigma2_effect=effect)


def _nested_covariance(vi: np.ndarray, studies: list[str], nesting: Nesting) -> np.ndarray:
    same = np.equal.outer(np.array(studies), np.array(studies))
    s = np.sqrt(vi)
    shared = np.where(same, nesting.rho * np.outer(s, s) + nesting.sigma2_study, 0.0)
    return shared + np.diag((1 - nesting.rho) * vi + nesting.sigma2_effect)


def _statsmodels_gls(yi: np.ndarray, M: np.ndarray) -> tuple[float, float, float]:
    """Return the estimate, its standard error and the restricted log-likelihood, up to a constant, given M."""
    from statsmodels.regression.linear_model import GLS

    fit = GLS(yi, np.ones_like(yi), sigma=M).fit()
    variance = float(fit.normalized_cov_params[0, 0])
    height = -0.5 * (float(np.linalg.slogdet(M)[1]) - np.log(variance) + float(np.sum(fit.wresid**2)))
    return float(fit.params[0]), variance**0.5, height


def _tau2_check(yi: np.ndarray, vi: np.ndarray, fit: Fit) -> tuple:
    ours, second = fit.variance, ESTIMATORS[Tau2Method(fit.tau2_method or "")].second
    if second == SecondEngine.NONE:
        return "tau2", "none", ours, None, None, None, "R reference only"
    if second == SecondEngine.PAULE_MANDEL:
        theirs = _statsmodels_pm(yi, vi)
        gap = _pm_residual(yi, vi, ours) - _pm_residual(yi, vi, theirs)
        return _judged("tau2 (residual of Q - (k-1))", "statsmodels", ours, theirs, max(gap, 0.0), SAME_TAU2)
    theirs = _pymare_tau2(yi, vi, second)
    if second in (SecondEngine.DERSIMONIAN_LAIRD, SecondEngine.HEDGES):
        gap = abs(ours - theirs) / (ours + vi.min())
        return _judged("tau2 (relative to tau2 + min v)", "PyMARE", ours, theirs, gap, SAME_TAU2)
    restricted = second == SecondEngine.RESTRICTED_LIKELIHOOD
    gap = _loglik(yi, vi, theirs, restricted) - _loglik(yi, vi, ours, restricted)
    kind = "restricted log-likelihood" if restricted else "log-likelihood"
    return _judged(f"tau2 ({kind})", "PyMARE", ours, theirs, max(gap, 0.0), SAME_TAU2)


def _interval_checks(yi: np.ndarray, vi: np.ndarray, fit: Fit, interval: Interval) -> Iterator[tuple]:
    theirs = _pymare_given_tau2(yi, vi, fit.variance, interval.ci_method, 1 - fit.level)
    ours = {"estimate": fit.estimate, "se": interval.se, "ci_lb": interval.ci_lb, "ci_ub": interval.ci_ub}
    for name, value in ours.items():
        gap = abs(value - theirs[name]) / interval.se
        quantity = f"{name}, {interval.ci_method} (in standard errors)"
        yield _judged(quantity, "PyMARE", value, theirs[name], gap, SAME_TAU2)


def _profile_checks(yi: np.ndarray, vi: np.ndarray, fit: Fit) -> Iterator[tuple]:
    if fit.tau2_ub == 0.0:
        yield "Q-profile bounds of tau2", "none", 0.0, None, None, None, "R reference only"
        return
    bounds = _pymare_profile(yi, vi, 1 - fit.level)
    for name, ours, theirs in zip(("tau2_lb", "tau2_ub"), (fit.tau2_lb, fit.tau2_ub), bounds, strict=True):
        if ours is not None:
            gap = abs(ours - theirs) / (ours + vi.min())
            yield _judged(f"{name} (relative to itself + min v)", "PyMARE", ours, theirs, gap, PROFILE)


def _judged(quantity: str, engine: str, ours: float, theirs: float, gap: float, tolerance: float) -> tuple:
    verdict = "agrees" if gap <= tolerance else "disagrees"
    return quantity, engine, ours, float(theirs), float(gap), tolerance, verdict


def _pymare_tau2(yi: np.ndarray, vi: np.ndarray, second: SecondEngine) -> float:
    from pymare import Dataset
    from pymare.estimators import DerSimonianLaird, Hedges, VarianceBasedLikelihoodEstimator

    estimator = {
        SecondEngine.DERSIMONIAN_LAIRD: DerSimonianLaird(),
        SecondEngine.HEDGES: Hedges(),
        SecondEngine.RESTRICTED_LIKELIHOOD: VarianceBasedLikelihoodEstimator(method="REML"),
        SecondEngine.LIKELIHOOD: VarianceBasedLikelihoodEstimator(method="ML"),
    }[second]
    return float(np.ravel(estimator.fit_dataset(Dataset(y=yi, v=vi)).summary().tau2)[0])


def _pymare_given_tau2(yi: np.ndarray, vi: np.ndarray, tau2: float, ci_method: CiMethod, alpha: float) -> dict:
    from pymare import Dataset
    from pymare.estimators import WeightedLeastSquares

    estimator = WeightedLeastSquares(tau2=tau2, small_sample_correction=CORRECTIONS[ci_method])
    stats = estimator.fit_dataset(Dataset(y=yi, v=vi)).summary().get_fe_stats(alpha)
    names = {"estimate": "est", "se": "se", "ci_lb": "ci_l", "ci_ub": "ci_u"}
    return {name: float(np.ravel(stats[key])[0]) for name, key in names.items()}


def _pymare_profile(yi: np.ndarray, vi: np.ndarray, alpha: float) -> tuple[float, float]:
    from pymare import Dataset
    from pymare.estimators import WeightedLeastSquares

    stats = WeightedLeastSquares().fit_dataset(Dataset(y=yi, v=vi)).summary().get_re_stats(alpha=alpha)
    return float(np.ravel(stats["ci_l"])[0]), float(np.ravel(stats["ci_u"])[0])


def _pymare_Q(yi: np.ndarray, vi: np.ndarray) -> float:
    from pymare import Dataset
    from pymare.estimators import WeightedLeastSquares

    stats = WeightedLeastSquares().fit_dataset(Dataset(y=yi, v=vi)).summary().get_heterogeneity_stats()
    return float(np.ravel(stats["Q"])[0])


def _statsmodels_pm(yi: np.ndarray, vi: np.ndarray) -> float:
    from statsmodels.stats.meta_analysis import combine_effects

    return float(combine_effects(yi, vi, method_re="pm").tau2)


def _weighted(yi: np.ndarray, vi: np.ndarray, tau2: float) -> tuple[np.ndarray, float]:
    w = 1 / (vi + tau2)
    centred = yi - np.average(yi, weights=w)
    return w, float(np.sum(w * centred**2))


def _pm_residual(yi: np.ndarray, vi: np.ndarray, tau2: float) -> float:
    """Return |Q(tau2) - (k-1)|, or how far Q(0) lies above k - 1 at the boundary."""
    gap = _weighted(yi, vi, tau2)[1] - (len(yi) - 1)
    return max(gap, 0.0) if tau2 == 0 else abs(gap)


def _loglik(yi: np.ndarray, vi: np.ndarray, tau2: float, restricted: bool) -> float:
    w, Q = _weighted(yi, vi, tau2)
    restriction = float(np.log(w.sum())) if restricted else 0.0
    return -0.5 * (float(np.sum(np.log(vi + tau2))) + restriction + Q)


def checks_csv(checks: Iterable[Crosscheck]) -> str:
    """Return the checks as CSV text at full precision.

    Parameters
    ----------
    checks : iterable of Crosscheck
        The numbers computed twice.

    Returns
    -------
    str
        The CSV text, with a header.
    """
    return records_csv(Crosscheck, checks)
