"""Random-effects meta-analysis of one set of studies, or of many sets in one call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from taprev.synthesis import cautions
from taprev.synthesis.kernels.certificate import certificate
from taprev.synthesis.kernels.intervals import OF_ONE_LEVEL, prediction_interval
from taprev.synthesis.kernels.pool import H2_of, I2_of, Pooled, intervals, pool, tau2_bounds, used_methods
from taprev.synthesis.kernels.refusals import refuse_choices, sound_set, sound_sets
from taprev.synthesis.results import Fit, Interval
from taprev.vocabulary import CiMethod


@dataclass(frozen=True)
class FitArrays:
    """Random-effects fits of many sets: arrays with one value a set, under the names of `Fit`.

    `df` is NaN where the interval is Wald; `residual` is that of the certificate, which every set has passed.
    """

    k: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    ci_method: np.ndarray
    df: np.ndarray
    pval: np.ndarray
    tau2: np.ndarray
    I2: np.ndarray
    H2: np.ndarray
    Q: np.ndarray
    Q_df: np.ndarray
    Q_pval: np.ndarray
    residual: np.ndarray
    tau2_method: str
    level: float


def random_effects(
    yi, vi, tau2_method: str = "REML", ci_method: str = "auto", level: float = 0.95, pi_df: str = "k-1"
) -> Fit:
    """Pool the effects `yi` with sampling variances `vi` under a random-effects model.

    `yi` and `vi` are one-dimensional and of equal length; `vi` is in squared units of `yi`. `tau2_method` is
    REML, ML, DL, PM, HE, HS or SJ. `ci_method` is wald, hksj, hksj_modified, or auto: HKSJ where k >= 3 and
    tau2 > 1e-8 min(vi), Wald otherwise. A named method is obeyed where it exists; HKSJ does not exist for one
    study, nor for effects that are all equal, and Wald then stands with a note. `fit.intervals` holds every
    method that exists. The prediction interval has k - 1 degrees of freedom (`pi_df="k-2"`: k - 2) and the
    standard error of the printed interval; it is None below three studies. With one study nothing is
    pooled: the study is returned, and the bounds of tau2, I2 and H2 are None.

    I2 = 100 tau2 / (tau2 + s2) and H2 = tau2 / s2 + 1, with s2 = (k-1) sum(w) / (sum(w)^2 - sum(w^2)) and
    w = 1/vi (Higgins and Thompson 2002, Statistics in Medicine 21:1539-1558); their intervals follow from the
    Q-profile bounds of tau2 (Viechtbauer 2007, Statistics in Medicine 26:37-52).

    Raises ValueError, before computing, for unsound data or an unknown choice, and ArithmeticError where the
    solution does not pass its certificate.
    """
    refuse_choices(tau2_method, ci_method, level, pi_df)
    y, v = sound_set(yi, vi)
    pooled = pool(y, v, tau2_method)
    return _fit(pooled, v[0], tau2_method, ci_method, level, pi_df)


def random_effects_batch(Y, V, tau2_method: str = "REML", ci_method: str = "auto", level: float = 0.95) -> FitArrays:
    """Pool many sets at once: `Y` and `V` of shape (sets, studies), NaN in both marking an absent study.

    Methods, rules and errors are those of `random_effects`; an error names the set and the study.
    """
    refuse_choices(tau2_method, ci_method, level)
    pooled = pool(*sound_sets(Y, V), tau2_method)
    methods = used_methods(pooled, ci_method)
    printed = intervals(pooled, methods, level)
    return FitArrays(
        k=pooled.k,
        estimate=pooled.estimate,
        se=printed.se,
        ci_lb=printed.ci_lb,
        ci_ub=printed.ci_ub,
        ci_method=methods,
        df=printed.df,
        pval=printed.pval,
        tau2=pooled.tau2,
        I2=I2_of(pooled.tau2, pooled.s2),
        H2=H2_of(pooled.tau2, pooled.s2),
        Q=pooled.Q,
        Q_df=pooled.k - 1,
        Q_pval=_Q_pval(pooled),
        residual=pooled.residual,
        tau2_method=tau2_method,
        level=level,
    )


def _fit(pooled: Pooled, vi: np.ndarray, tau2_method: str, ci_method: str, level: float, pi_df: str) -> Fit:
    k, tau2 = int(pooled.k[0]), float(pooled.tau2[0])
    used = str(used_methods(pooled, ci_method)[0])
    every = _every_interval(pooled, level)
    heterogeneity, empty = _heterogeneity(pooled, k, level)
    notes = [cautions.rule_note(ci_method, used, k), *cautions.size_notes(k)]
    notes += cautions.interval_notes(every, k) + cautions.prediction_notes(k, tau2)
    return Fit(
        k=k,
        estimate=float(pooled.estimate[0]),
        **_printed(every[used]),
        **heterogeneity,
        **_prediction(pooled, every[used], k, level, pi_df),
        weights=_weights(vi, tau2),
        tau2_method=tau2_method,
        level=level,
        intervals=tuple(every.values()),
        certificate=certificate(float(pooled.residual[0]), tau2, tau2_method),
        notes=tuple(notes + ([cautions.EMPTY_PROFILE] if empty else [])),
    )


def _every_interval(pooled: Pooled, level: float) -> dict[str, Interval]:
    found = {}
    for name in OF_ONE_LEVEL:
        if used_methods(pooled, name)[0] != name:
            continue
        arrays = intervals(pooled, np.array([name]), level)
        df = None if name == CiMethod.WALD else float(arrays.df[0])
        se, lb, ub, pval = (float(a[0]) for a in (arrays.se, arrays.ci_lb, arrays.ci_ub, arrays.pval))
        found[name] = Interval(ci_method=name, se=se, ci_lb=lb, ci_ub=ub, df=df, pval=pval)
    return found


def _printed(chosen: Interval) -> dict[str, object]:
    return {name: getattr(chosen, name) for name in ("ci_method", "se", "ci_lb", "ci_ub", "df", "pval")}


def _heterogeneity(pooled: Pooled, k: int, level: float) -> tuple[dict[str, object], bool]:
    tau2, s2 = float(pooled.tau2[0]), float(pooled.s2[0])
    found: dict[str, object] = {
        "tau2": tau2,
        "I2": I2_of(tau2, s2),
        "H2": H2_of(tau2, s2),
        "Q": float(pooled.Q[0]),
        "Q_df": k - 1,
        "Q_pval": float(_Q_pval(pooled)[0]),
    }
    if k < 2:
        return found | {f"{name}_{end}": None for name in ("tau2", "I2", "H2") for end in ("lb", "ub")}, False
    lower, upper, empty = tau2_bounds(pooled, level)
    for end, bound in (("lb", float(lower[0])), ("ub", float(upper[0]))):
        found |= {f"tau2_{end}": bound, f"I2_{end}": I2_of(bound, s2), f"H2_{end}": H2_of(bound, s2)}
    return found, bool(empty[0])


def _prediction(pooled: Pooled, printed: Interval, k: int, level: float, pi_df: str) -> dict[str, float | None]:
    if k < 3:
        return {"pi_lb": None, "pi_ub": None, "pi_df": None}
    df = float(k - 1 if pi_df == "k-1" else k - 2)
    lb, ub = prediction_interval(float(pooled.estimate[0]), printed.se, float(pooled.tau2[0]), df, level)
    return {"pi_lb": lb, "pi_ub": ub, "pi_df": df}


def _weights(vi: np.ndarray, tau2: float) -> tuple[float, ...]:
    w = vi.min() / (vi + tau2)
    return tuple(float(share) for share in 100.0 * w / w.sum())


def _Q_pval(pooled: Pooled) -> np.ndarray:
    return np.where(pooled.k > 1, chdtrc(np.maximum(pooled.k - 1.0, 1.0), pooled.Q), 1.0)
