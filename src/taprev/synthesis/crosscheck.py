"""The one door to PyMARE and statsmodels: what is pooled is computed a second time.

Given the same tau2, a second engine must give the same estimate, standard error and interval. For tau2
itself its solution may not be better than ours: no higher likelihood (REML, ML), no smaller residual
of the estimating equation (PM); closed forms (DL, HE, Q) must be equal. What no second engine computes (HS and
SJ, I2 and H2 from tau2, the prediction interval) rests on the stored R reference only, and the file says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from taprev.ground.files import records_csv
from taprev.vocabulary import CiMethod, Tau2Method

SAME_TAU2 = 1e-10
PROFILE = 1e-6
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


def crosscheck(content: dict[str, Any]) -> list[Crosscheck]:
    """Return the checks of every pooled stratum of a domain (its JSON as plain dicts)."""
    checks = []
    for stratum in [*content["strata"], *content["sensitivity"]]:
        if stratum["fit"]:
            made = _stratum_checks(stratum)
            checks += [Crosscheck(content["domain"], stratum["name"], *parts) for parts in made]
    return checks


def _stratum_checks(stratum: dict[str, Any]) -> Iterator[tuple]:
    pooled = [study for study in stratum["studies"] if study["fate"] == "pooled"]
    yi = np.array([study["yi"] for study in pooled])
    vi = np.array([study["vi"] for study in pooled])
    fit = stratum["fit"]
    if fit["nesting"]:
        yield from _nested_checks(yi, vi, [study["study"] for study in pooled], fit)
        return
    yield _tau2_check(yi, vi, fit)
    for interval in fit["intervals"]:
        yield from _interval_checks(yi, vi, fit, interval)
    yield from _profile_checks(yi, vi, fit)
    gap = abs(fit["Q"] - (theirs := _pymare_Q(yi, vi))) / max(theirs, 1.0)
    yield _judged("Q (relative)", "PyMARE", fit["Q"], theirs, gap, SAME_TAU2)
    yield "I2 and H2", "none", fit["I2"], None, None, None, "R reference only"
    yield "prediction interval", "none", fit["pi_lb"], None, None, None, "R reference only"


def _nested_checks(yi: np.ndarray, vi: np.ndarray, studies: list[str], fit: dict[str, Any]) -> Iterator[tuple]:
    """Yield the checks of effects nested in studies: estimate, error of the model and likelihood, by statsmodels."""
    wald = next(one for one in fit["intervals"] if one["ci_method"] == "wald")
    if yi.size > MOST_DENSE:
        yield "estimate and error of the model", "none", fit["estimate"], None, None, None, "R reference only"
        return
    M = _nested_covariance(vi, studies, fit["nesting"])
    estimate, se, height = _statsmodels_gls(yi, M)
    yield _judged(
        "estimate (in standard errors)",
        "statsmodels",
        fit["estimate"],
        estimate,
        abs(fit["estimate"] - estimate) / se,
        SAME_TAU2,
    )
    yield _judged("se, wald (in standard errors)", "statsmodels", wald["se"], se, abs(wald["se"] - se) / se, SAME_TAU2)
    around = max(
        _statsmodels_gls(yi, _nested_covariance(vi, studies, nesting))[2]
        for nesting in _nearby(fit["nesting"], float(vi.min()))
    )
    gap = max(around - height, 0.0)
    yield _judged("components (restricted log-likelihood nearby)", "statsmodels", height, around, gap, SAME_TAU2)
    yield "CR2 standard error and degrees of freedom", "none", fit["se"], None, None, None, "R reference only"


def _nearby(nesting: dict[str, Any], smallest: float) -> Iterator[dict[str, Any]]:
    """Yield the components a little and a little more away, upwards from zero as well."""
    names = ("sigma2_study", "sigma2_effect")
    whole = sum(nesting[name] for name in names) + smallest
    for name in names:
        for step in (0.001, 0.05):
            for way in (-1, 1):
                moved = nesting[name] + way * step * (nesting[name] or whole)
                if moved >= 0:
                    yield nesting | {name: moved}


def _nested_covariance(vi: np.ndarray, studies: list[str], nesting: dict[str, Any]) -> np.ndarray:
    same = np.equal.outer(np.array(studies), np.array(studies))
    s = np.sqrt(vi)
    shared = np.where(same, nesting["rho"] * np.outer(s, s) + nesting["sigma2_study"], 0.0)
    return shared + np.diag((1 - nesting["rho"]) * vi + nesting["sigma2_effect"])


def _statsmodels_gls(yi: np.ndarray, M: np.ndarray) -> tuple[float, float, float]:
    """Return the estimate, its standard error and the restricted log-likelihood, up to a constant, given M."""
    from statsmodels.regression.linear_model import GLS

    found = GLS(yi, np.ones_like(yi), sigma=M).fit()
    variance = float(found.normalized_cov_params[0, 0])
    height = -0.5 * (float(np.linalg.slogdet(M)[1]) - np.log(variance) + float(np.sum(found.wresid**2)))
    return float(found.params[0]), variance**0.5, height


def _tau2_check(yi: np.ndarray, vi: np.ndarray, fit: dict[str, Any]) -> tuple:
    ours, method = fit["tau2"], fit["tau2_method"]
    if method == "PM":
        theirs = _statsmodels_pm(yi, vi)
        gap = _pm_residual(yi, vi, ours) - _pm_residual(yi, vi, theirs)
        return _judged("tau2 (residual of Q - (k-1))", "statsmodels", ours, theirs, max(gap, 0.0), SAME_TAU2)
    if method in (Tau2Method.HS, Tau2Method.SJ):
        return "tau2", "none", ours, None, None, None, "R reference only"
    theirs = _pymare_tau2(yi, vi, method)
    if method in (Tau2Method.DL, Tau2Method.HE):
        gap = abs(ours - theirs) / (ours + vi.min())
        return _judged("tau2 (relative to tau2 + min v)", "PyMARE", ours, theirs, gap, SAME_TAU2)
    gap = _loglik(yi, vi, theirs, method) - _loglik(yi, vi, ours, method)
    kind = "restricted log-likelihood" if method == "REML" else "log-likelihood"
    return _judged(f"tau2 ({kind})", "PyMARE", ours, theirs, max(gap, 0.0), SAME_TAU2)


def _interval_checks(yi: np.ndarray, vi: np.ndarray, fit: dict, interval: dict) -> Iterator[tuple]:
    theirs = _pymare_given_tau2(yi, vi, fit["tau2"], interval["ci_method"], 1 - fit["level"])
    ours = {"estimate": fit["estimate"], **{name: interval[name] for name in ("se", "ci_lb", "ci_ub")}}
    for name, value in ours.items():
        gap = abs(value - theirs[name]) / interval["se"]
        quantity = f"{name}, {interval['ci_method']} (in standard errors)"
        yield _judged(quantity, "PyMARE", value, theirs[name], gap, SAME_TAU2)


def _profile_checks(yi: np.ndarray, vi: np.ndarray, fit: dict) -> Iterator[tuple]:
    if fit["tau2_ub"] == 0.0:
        yield "Q-profile bounds of tau2", "none", 0.0, None, None, None, "R reference only"
        return
    bounds = _pymare_profile(yi, vi, 1 - fit["level"])
    for name, theirs in zip(("tau2_lb", "tau2_ub"), bounds, strict=True):
        gap = abs(fit[name] - theirs) / (fit[name] + vi.min())
        yield _judged(f"{name} (relative to itself + min v)", "PyMARE", fit[name], theirs, gap, PROFILE)


def _judged(quantity: str, engine: str, ours: float, theirs: float, gap: float, tolerance: float) -> tuple:
    verdict = "agrees" if gap <= tolerance else "disagrees"
    return quantity, engine, ours, float(theirs), float(gap), tolerance, verdict


def _pymare_tau2(yi: np.ndarray, vi: np.ndarray, method: str) -> float:
    from pymare import Dataset
    from pymare.estimators import DerSimonianLaird, Hedges, VarianceBasedLikelihoodEstimator

    closed = {Tau2Method.DL: DerSimonianLaird, Tau2Method.HE: Hedges}
    estimator = closed[method]() if method in closed else VarianceBasedLikelihoodEstimator(method=method)
    return float(np.ravel(estimator.fit_dataset(Dataset(y=yi, v=vi)).summary().tau2)[0])


def _pymare_given_tau2(yi: np.ndarray, vi: np.ndarray, tau2: float, ci_method: str, alpha: float) -> dict:
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


def _loglik(yi: np.ndarray, vi: np.ndarray, tau2: float, method: str) -> float:
    w, Q = _weighted(yi, vi, tau2)
    restriction = float(np.log(w.sum())) if method == "REML" else 0.0
    return -0.5 * (float(np.sum(np.log(vi + tau2))) + restriction + Q)


def checks_csv(checks: Iterable[Crosscheck]) -> str:
    """Return the checks as CSV text at full precision."""
    return records_csv(Crosscheck, checks)
