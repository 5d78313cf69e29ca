"""Pooling of rare events without a continuity correction: Mantel-Haenszel and Peto.

Both assume one common effect. They equal metafor's `rma.mh` and `rma.peto` with `add = 0`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from taprev.notes import Note, note
from taprev.synthesis.kernels.refusals import refuse_level, sound_tables
from taprev.synthesis.results import SparseFit
from taprev.vocabulary import EventMeasure, NoteCode


@dataclass(frozen=True)
class ArmTables:
    """Tables of two arms: events and others of both arms, (studies,) each; `n1`, `n2` and `N` their people."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray

    @property
    def n1(self) -> np.ndarray:
        """The people of arm 1."""
        return self.a + self.b

    @property
    def n2(self) -> np.ndarray:
        """The people of arm 2."""
        return self.c + self.d

    @property
    def N(self) -> np.ndarray:
        """The people of both arms."""
        return self.n1 + self.n2

    def only(self, kept: np.ndarray) -> ArmTables:
        """Return some of the tables."""
        return ArmTables(self.a[kept], self.b[kept], self.c[kept], self.d[kept])


Common = tuple[float, float, np.ndarray]


def mantel_haenszel(
    event_arm1: ArrayLike,
    totaln_arm1: ArrayLike,
    event_arm2: ArrayLike,
    totaln_arm2: ArrayLike,
    measure: str = EventMeasure.OR,
    level: float = 0.95,
) -> SparseFit:
    """Pool events and totals of two arms by the method of Mantel and Haenszel.

    Nothing is added to a cell. Studies without any event are left out of OR and RR, and studies in which everybody
    has the event are left out of OR, because they say nothing about the ratio; an RD keeps them.

    Parameters
    ----------
    event_arm1, totaln_arm1 : array_like, shape (studies,)
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : array_like, shape (studies,)
        The same for the comparator.
    measure : str
        OR, RR (both on the log scale) or RD.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    SparseFit
        The common effect, with the positions of the studies that are left out.

    Raises
    ------
    ValueError
        For unsound tables, an unknown choice, and if no effect exists.

    References
    ----------
    Variances: OR by Robins, Breslow and Greenland 1986 (Biometrics 42:311), RR by Greenland and Robins 1985
    (Biometrics 41:55), RD by Sato, Greenland and Robins 1989 (Biometrics 45:1323).
    """
    if measure not in set(POOLS):
        raise ValueError(f"measure is {measure!r}; it must be one of {', '.join(POOLS)}")
    refuse_level(level)
    cells = tables_of(*sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2))
    nobody, everybody = double(cells)
    chosen = EventMeasure(measure)
    left_out = {EventMeasure.OR: nobody | everybody, EventMeasure.RR: nobody, EventMeasure.RD: np.zeros_like(nobody)}
    if (nobody | everybody).all():
        raise ValueError(_nothing_to_pool(nobody, everybody))
    return _fit(chosen, cells, left_out[chosen], level, POOLS[chosen])


def peto(
    event_arm1: ArrayLike, totaln_arm1: ArrayLike, event_arm2: ArrayLike, totaln_arm2: ArrayLike, level: float = 0.95
) -> SparseFit:
    """Pool events and totals of two arms by Peto's one-step log odds ratio.

    The estimate is sum(a - E)/sum(V) with variance 1/sum(V), where E and V are the hypergeometric mean and variance.
    Studies in which nobody or everybody has the event are left out. The method is for rare events, arms of similar
    size and small effects (Cochrane Handbook 10.4.4.1).

    Parameters
    ----------
    event_arm1, totaln_arm1 : array_like, shape (studies,)
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : array_like, shape (studies,)
        The same for the comparator.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    SparseFit
        The common effect, with the positions of the studies that are left out.

    Raises
    ------
    ValueError
        For unsound tables, and if every study would be left out.

    References
    ----------
    Yusuf and others 1985, Prog Cardiovasc Dis 27:335; Cochrane Handbook 10.4.4.1.
    """
    refuse_level(level)
    cells = tables_of(*sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2))
    nobody, everybody = double(cells)
    if (nobody | everybody).all():
        raise ValueError(_nothing_to_pool(nobody, everybody))
    return _fit(EventMeasure.PETO, cells, nobody | everybody, level, _peto)


def _odds_ratio(t: ArmTables) -> Common:
    R, S = t.a / t.N * t.d, t.b / t.N * t.c
    if not (R.sum() > 0 and S.sum() > 0):
        arm, opposite_arm = (1, 2) if R.sum() == 0 else (2, 1)
        missing = f"an event in arm {arm} beside somebody without it in arm {opposite_arm}"
        raise ValueError(f"no study has {missing}; the common odds ratio is not finite")
    P, Q = (t.a + t.d) / t.N, (t.b + t.c) / t.N
    r, s = R.sum(), S.sum()
    variance = ((P * R).sum() / r**2 + (P * S + Q * R).sum() / (r * s) + (Q * S).sum() / s**2) / 2
    return math.log(r / s), variance, S


def _risk_ratio(t: ArmTables) -> Common:
    R, S = t.a * (t.n2 / t.N), t.c * (t.n1 / t.N)
    if not (R.sum() > 0 and S.sum() > 0):
        arm = 1 if R.sum() == 0 else 2
        raise ValueError(f"no study has an event in arm {arm}; the common risk ratio is not finite")
    spread = (t.n1 / t.N) * (t.n2 / t.N) * (t.a + t.c) - t.a / t.N * t.c
    return math.log(R.sum() / S.sum()), spread.sum() / (R.sum() * S.sum()), S


def _risk_difference(t: ArmTables) -> Common:
    share1, share2 = t.n1 / t.N, t.n2 / t.N
    weights = t.n1 * share2
    estimate = (t.a * share2 - t.c * share1).sum() / weights.sum()
    P = (t.c * share1**2 - t.a * share2**2 + share1 * share2 * (t.n2 - t.n1) / 2).sum()
    Q = (t.a * t.d / t.N + t.c * t.b / t.N).sum() / 2
    return estimate, (estimate * P + Q) / weights.sum() ** 2, weights


def _peto(t: ArmTables) -> Common:
    V = hypergeometric_variance(t)
    return ((t.a - (t.a + t.c) * t.n1 / t.N).sum() / V.sum(), 1 / V.sum(), V)


def hypergeometric_variance(t: ArmTables) -> np.ndarray:
    """Return the variance of the events of arm 1 in tables whose margins are fixed and whose arms are equal.

    Parameters
    ----------
    t : ArmTables

    Returns
    -------
    ndarray, shape (studies,)
    """
    return (t.a + t.c) * (t.b + t.d) * (t.n1 / t.N) * (t.n2 / t.N) / (t.N - 1)


POOLS: dict[EventMeasure, Callable[[ArmTables], Common]] = {
    EventMeasure.OR: _odds_ratio,
    EventMeasure.RR: _risk_ratio,
    EventMeasure.RD: _risk_difference,
}


def _fit(
    measure: EventMeasure, cells: ArmTables, left_out: np.ndarray, level: float, pool: Callable[[ArmTables], Common]
) -> SparseFit:
    common = pool(cells.only(~left_out))
    return described(measure, common, left_out, _heterogeneity(measure, cells, common[0]), level)


def described(
    measure: EventMeasure, common: Common, left_out: np.ndarray, heterogeneity: tuple[float, int], level: float
) -> SparseFit:
    """Return a common effect with its interval, its p value and what else a fit holds.

    Parameters
    ----------
    measure : EventMeasure
    common : tuple of float, float and ndarray
        The effect, its variance, and the weights of the studies that are used.
    left_out : ndarray of bool, shape (studies,)
        Which studies say nothing.
    heterogeneity : tuple of float and int
        Q, and the number of studies with an effect of their own that it rests on.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    SparseFit

    Raises
    ------
    ValueError
        If the effect has no positive, finite variance.
    """
    estimate, variance, used_weights = common
    if not (math.isfinite(estimate) and math.isfinite(variance) and variance > 0):
        raise ValueError("these tables give no common effect with a positive, finite variance")
    se, z = math.sqrt(variance), float(ndtri((1 + level) / 2))
    Q, of_their_own = heterogeneity
    weights = np.zeros(left_out.size)
    weights[~left_out] = 100 * used_weights / used_weights.sum()
    return SparseFit(
        measure=measure,
        k=left_out.size,
        k_used=int((~left_out).sum()),
        double_zero=tuple(int(position) for position in np.flatnonzero(left_out)),
        estimate=float(estimate),
        se=se,
        ci_lb=float(estimate - z * se),
        ci_ub=float(estimate + z * se),
        pval=float(2 * ndtr(-abs(estimate) / se)),
        Q=Q,
        Q_df=max(of_their_own - 1, 0),
        Q_pval=float(chdtrc(of_their_own - 1, Q)) if of_their_own > 1 else 1.0,
        weights=tuple(float(weight) for weight in weights),
        level=level,
        notes=_notes(measure, left_out, of_their_own),
    )


def _heterogeneity(measure: EventMeasure, cells: ArmTables, estimate: float) -> tuple[float, int]:
    """Return Q of the studies that have an effect and a variance of their own, and how many they are.

    A study with an empty cell has no log ratio; studies in which nobody or everybody has the event are not counted
    in any Q.
    """
    nobody, everybody = double(cells)
    t = cells.only(~(nobody | everybody))
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = OF_THEIR_OWN[measure](t)
        sound = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
        if measure == EventMeasure.PETO:
            return _heterogeneity_of_peto(t), int(sound.sum())
        terms = (yi[sound] - estimate) ** 2 / vi[sound]
    return (float(terms.sum()) if sound.sum() > 1 else 0.0), int(sound.sum())


def _heterogeneity_of_peto(t: ArmTables) -> float:
    V, gap = hypergeometric_variance(t), t.a - (t.a + t.c) * t.n1 / t.N
    return max(0.0, float((gap**2 / V).sum() - gap.sum() ** 2 / V.sum())) if V.size > 1 else 0.0


OF_THEIR_OWN: dict[EventMeasure, Callable[[ArmTables], tuple[np.ndarray, np.ndarray]]] = {
    EventMeasure.OR: lambda t: (np.log(t.a / t.b) - np.log(t.c / t.d), 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d),
    EventMeasure.RR: lambda t: (np.log(t.a / t.n1) - np.log(t.c / t.n2), 1 / t.a - 1 / t.n1 + 1 / t.c - 1 / t.n2),
    EventMeasure.RD: lambda t: (t.a / t.n1 - t.c / t.n2, t.a * t.b / t.n1**3 + t.c * t.d / t.n2**3),
    EventMeasure.PETO: lambda t: (np.zeros(t.a.size), 1 / hypergeometric_variance(t)),
}


def tables_of(a: np.ndarray, n1: np.ndarray, c: np.ndarray, n2: np.ndarray) -> ArmTables:
    """Return the tables of events and totals of both arms.

    Parameters
    ----------
    a, n1, c, n2 : ndarray, shape (studies,)
        Events and people of arm 1 and of arm 2.

    Returns
    -------
    ArmTables
    """
    return ArmTables(a, n1 - a, c, n2 - c)


def double(t: ArmTables) -> tuple[np.ndarray, np.ndarray]:
    """Return where nobody, and where everybody, has the event in both arms.

    Parameters
    ----------
    t : ArmTables

    Returns
    -------
    tuple of ndarray of bool, shape (studies,)
    """
    return (t.a == 0) & (t.c == 0), (t.b == 0) & (t.d == 0)


def _nothing_to_pool(nobody: np.ndarray, everybody: np.ndarray) -> str:
    who = "nobody" if nobody.all() else "everybody" if everybody.all() else "nobody or everybody"
    return f"in every study {who} has the event in both arms; there is no effect to pool"


def _notes(measure: EventMeasure, left_out: np.ndarray, of_their_own: int) -> tuple[Note, ...]:
    notes, used = [], int((~left_out).sum())
    if left_out.any():
        studies = ", ".join(f"study {position + 1}" for position in np.flatnonzero(left_out))
        who = "nobody has" if measure in (EventMeasure.RR, EventMeasure.IRR) else "nobody or everybody has"
        notes.append(note(NoteCode.EVENTS_LEFT_OUT, who=who, studies=studies))
    if 1 < of_their_own < used:
        notes.append(note(NoteCode.Q_OF_SOME, of_their_own=of_their_own, used=used))
    return tuple(notes)
