"""Random-effects meta-analysis of one set of studies, or of many sets in one call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from taprev.notes import note
from taprev.synthesis.kernels import notes as fit_notes
from taprev.synthesis.kernels.certificate import certificate
from taprev.synthesis.kernels.intervals import OF_ONE_LEVEL, prediction_interval
from taprev.synthesis.kernels.pool import H2_of, I2_of, Pooled, intervals, pool, tau2_bounds, used_methods
from taprev.synthesis.kernels.refusals import refuse_choices, sound_set, sound_sets
from taprev.synthesis.results import Fit, Interval
from taprev.vocabulary import CiMethod, NoteCode, PredictionDf, Tau2Method

Count = TypeVar("Count", int, np.ndarray)


@dataclass(frozen=True)
class FitArrays:
    """Random-effects fits of many sets: arrays with one value for each set, under the names of `Fit`.

    `df` is NaN where the interval is Wald; `residual` is that of the certificate, which every set has passed. The
    bounds of tau2, I2 and H2 and the prediction interval are None where they were not asked for, and NaN for a set of
    too few studies; `empty_profile` says where the bounds are those of an empty profile set.
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
    tau2_lb: np.ndarray | None = None
    tau2_ub: np.ndarray | None = None
    I2_lb: np.ndarray | None = None
    I2_ub: np.ndarray | None = None
    H2_lb: np.ndarray | None = None
    H2_ub: np.ndarray | None = None
    empty_profile: np.ndarray | None = None
    pi_lb: np.ndarray | None = None
    pi_ub: np.ndarray | None = None
    pi_df: np.ndarray | None = None


def random_effects(
    yi: ArrayLike,
    vi: ArrayLike,
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    pi_df: str = "k-1",
) -> Fit:
    """Pool effects under a random-effects model.

    I2 = 100 tau2 / (tau2 + s2) and H2 = tau2 / s2 + 1, with s2 = (k-1) sum(w) / (sum(w)^2 - sum(w^2)) and
    w = 1/vi; their intervals follow from the Q-profile bounds of tau2.

    Parameters
    ----------
    yi : array_like, shape (k,)
        The effects.
    vi : array_like, shape (k,)
        Their sampling variances, in squared units of `yi`.
    tau2_method : str
        REML, ML, DL, PM, HE, HS or SJ.
    ci_method : str
        wald, hksj, hksj_modified, or auto: HKSJ if k >= 3 and tau2 > 1e-8 min(vi), Wald otherwise. HKSJ does not
        exist for one study, nor for effects that are all equal; Wald is then used, with a note.
    level : float
        The level of the intervals, between 0 and 1.
    pi_df : str
        Degrees of freedom of the prediction interval: k-1 or k-2.

    Returns
    -------
    Fit
        `intervals` holds every method that exists. The prediction interval uses the standard error of the printed
        interval, and is None below three studies. With one study nothing is pooled: the study is returned, and the
        bounds of tau2, I2 and H2 are None.

    Raises
    ------
    ValueError
        For unsound data or an unknown choice, before anything is computed.
    ArithmeticError
        If the solution does not pass its certificate.

    References
    ----------
    Higgins and Thompson 2002, Statistics in Medicine 21:1539-1558 (I2 and H2); Viechtbauer 2007, Statistics in
    Medicine 26:37-52 (Q-profile).
    """
    refuse_choices(tau2_method, ci_method, level, pi_df)
    y, v = sound_set(yi, vi)
    pooled = pool(y, v, tau2_method)
    return _fit(pooled, v[0], tau2_method, ci_method, level, pi_df)


def random_effects_batch(
    Y: ArrayLike,
    V: ArrayLike,
    tau2_method: str = "REML",
    ci_method: str = "auto",
    level: float = 0.95,
    bounds: bool = False,
    prediction: bool = False,
    pi_df: str = "k-1",
) -> FitArrays:
    """Pool many sets at once, by the methods and rules of `random_effects`.

    Parameters
    ----------
    Y : array_like, shape (sets, studies)
        The effects; NaN in both `Y` and `V` marks an absent study.
    V : array_like, shape (sets, studies)
        Their sampling variances, in squared units of `Y`.
    tau2_method, ci_method : str
        As in `random_effects`.
    level : float
        The level of the intervals, between 0 and 1.
    bounds : bool
        Whether the Q-profile bounds of tau2, I2 and H2 are wanted, which take a search each.
    prediction : bool
        Whether the prediction intervals are wanted.
    pi_df : str
        As in `random_effects`.

    Returns
    -------
    FitArrays
        Arrays of shape (sets,).

    Raises
    ------
    ValueError, ArithmeticError
        As in `random_effects`; the message names the set and the study.
    """
    refuse_choices(tau2_method, ci_method, level, pi_df)
    pooled = pool(*sound_sets(Y, V), tau2_method)
    methods = used_methods(pooled, ci_method)
    printed = intervals(pooled, methods, level)
    fits = FitArrays(
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
    fits = _with_bounds(fits, pooled) if bounds else fits
    return _with_prediction(fits, pi_df) if prediction else fits


def _with_bounds(fits: FitArrays, pooled: Pooled) -> FitArrays:
    lower, upper, empty = tau2_bounds(pooled, fits.level)
    lb, ub = (np.where(pooled.k > 1, bound, np.nan) for bound in (lower, upper))
    return replace(
        fits,
        tau2_lb=lb,
        tau2_ub=ub,
        I2_lb=I2_of(lb, pooled.s2),
        I2_ub=I2_of(ub, pooled.s2),
        H2_lb=H2_of(lb, pooled.s2),
        H2_ub=H2_of(ub, pooled.s2),
        empty_profile=empty & (pooled.k > 1),
    )


def _with_prediction(fits: FitArrays, pi_df: str) -> FitArrays:
    df = np.where(fits.k > 2, _prediction_df(fits.k, pi_df), np.nan)
    enough = np.flatnonzero(fits.k > 2)
    ends = np.full((2, fits.k.size), np.nan)
    ends[:, enough] = prediction_interval(
        fits.estimate[enough], fits.se[enough], fits.tau2[enough], df[enough], fits.level
    )
    return replace(fits, pi_lb=ends[0], pi_ub=ends[1], pi_df=df)


def _prediction_df(k: Count, pi_df: str) -> Count:
    return k - (1 if pi_df == PredictionDf.K_MINUS_1 else 2)


def _fit(pooled: Pooled, vi: np.ndarray, tau2_method: str, ci_method: str, level: float, pi_df: str) -> Fit:
    k, tau2, s2 = int(pooled.k[0]), float(pooled.tau2[0]), float(pooled.s2[0])
    every = _every_interval(pooled, level)
    used = CiMethod(used_methods(pooled, ci_method)[0])
    printed, method = every[used], Tau2Method(tau2_method)
    tau2_lb, tau2_ub, empty = _tau2_bounds(pooled, level)
    pi_lb, pi_ub, df = _prediction(pooled, printed, level, pi_df)
    notes = [fit_notes.interval_note(ci_method, used, k), *fit_notes.size_notes(k)]
    notes += fit_notes.interval_notes(every, k) + fit_notes.prediction_notes(k, tau2)
    return Fit(
        k=k,
        estimate=float(pooled.estimate[0]),
        se=printed.se,
        ci_lb=printed.ci_lb,
        ci_ub=printed.ci_ub,
        ci_method=used,
        df=printed.df,
        pval=printed.pval,
        tau2=tau2,
        tau2_lb=tau2_lb,
        tau2_ub=tau2_ub,
        I2=I2_of(tau2, s2),
        I2_lb=None if tau2_lb is None else I2_of(tau2_lb, s2),
        I2_ub=None if tau2_ub is None else I2_of(tau2_ub, s2),
        H2=H2_of(tau2, s2),
        H2_lb=None if tau2_lb is None else H2_of(tau2_lb, s2),
        H2_ub=None if tau2_ub is None else H2_of(tau2_ub, s2),
        Q=float(pooled.Q[0]),
        Q_df=k - 1,
        Q_pval=float(_Q_pval(pooled)[0]),
        pi_lb=pi_lb,
        pi_ub=pi_ub,
        pi_df=df,
        weights=_weights(vi, tau2),
        tau2_method=method,
        level=level,
        intervals=tuple(every.values()),
        certificate=certificate(float(pooled.residual[0]), tau2, method),
        notes=tuple(notes + ([note(NoteCode.EMPTY_PROFILE)] if empty else [])),
    )


def _every_interval(pooled: Pooled, level: float) -> dict[CiMethod, Interval]:
    by_method = {}
    for name in OF_ONE_LEVEL:
        if used_methods(pooled, name)[0] != name:
            continue
        arrays = intervals(pooled, np.array([str(name)]), level)
        df = None if name == CiMethod.WALD else float(arrays.df[0])
        se, lb, ub, pval = (float(a[0]) for a in (arrays.se, arrays.ci_lb, arrays.ci_ub, arrays.pval))
        by_method[name] = Interval(ci_method=name, se=se, ci_lb=lb, ci_ub=ub, df=df, pval=pval)
    return by_method


def _tau2_bounds(pooled: Pooled, level: float) -> tuple[float | None, float | None, bool]:
    """Return the Q-profile bounds of tau2 and whether the profile set is empty; None for one study."""
    if pooled.k[0] < 2:
        return None, None, False
    lower, upper, empty = tau2_bounds(pooled, level)
    return float(lower[0]), float(upper[0]), bool(empty[0])


def _prediction(
    pooled: Pooled, printed: Interval, level: float, pi_df: str
) -> tuple[float | None, float | None, float | None]:
    """Return the prediction interval and its degrees of freedom; None below three studies."""
    k = int(pooled.k[0])
    if k < 3:
        return None, None, None
    df = float(_prediction_df(k, pi_df))
    lb, ub = prediction_interval(float(pooled.estimate[0]), printed.se, float(pooled.tau2[0]), df, level)
    return float(lb), float(ub), df


def _weights(vi: np.ndarray, tau2: float) -> tuple[float, ...]:
    w = vi.min() / (vi + tau2)
    return tuple((100.0 * w / w.sum()).tolist())


def _Q_pval(pooled: Pooled) -> np.ndarray:
    return np.where(pooled.k > 1, chdtrc(np.maximum(pooled.k - 1.0, 1.0), pooled.Q), 1.0)
