"""A random-effects model with the exact likelihood of counts, which an empty cell does not stop.

Nothing is added to a cell. The likelihood of each study is conditional on its events in both arms together, its own
effect is normal about the mean, and mean and variance are found by maximum likelihood. It equals metafor's `rma.glmm`
with `model = "CM.EL"`; a study that printed a ratio without its counts joins with the normal likelihood of that ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, ndtr, ndtri

from taprev.notes import Note, note
from taprev.synthesis.kernels import notes as fit_notes
from taprev.synthesis.kernels.contributions import Contributions, Printed, Rates, order_of_tables, tables
from taprev.synthesis.kernels.intervals import prediction_interval
from taprev.synthesis.kernels.marginal import WIDEST_TAU, Marginal, Tabulated, marginal, tabulated
from taprev.synthesis.kernels.newton import falling_root
from taprev.synthesis.kernels.pool import H2_of, I2_of
from taprev.synthesis.kernels.refusals import (
    COUNTS_AND_TIMES,
    EVENTS_AND_TOTALS,
    refuse_choices,
    refuse_parts,
    sound_counts,
    sound_set,
    sound_tables,
)
from taprev.synthesis.results import Certificate, Fit, Interval
from taprev.vocabulary import CiChoice, CiMethod, NoteCode, PoolModel, PredictionDf, Tau2Method

TAUS = np.concatenate([[0.0], np.geomspace(0.04, WIDEST_TAU, 18)])
FEWER_TAUS = TAUS[::-2]
LONGEST_STEP = 2.0
TOLERANCE = 1e-6
EQUATION = "score of the exact likelihood"


@dataclass(frozen=True)
class Evidence:
    """The studies that say something about the effect, by kind, and where each stands among all of them."""

    kinds: tuple[Tabulated, ...]
    positions: np.ndarray
    studies: int

    @property
    def k(self) -> int:
        return self.positions.size


@dataclass(frozen=True)
class Solution:
    """The maximum of the likelihood, with the terms of every study there."""

    mu: float
    tau2: float
    log: float
    at: Marginal


def exact_odds_ratio(
    event_arm1: ArrayLike,
    totaln_arm1: ArrayLike,
    event_arm2: ArrayLike,
    totaln_arm2: ArrayLike,
    yi: ArrayLike = (),
    vi: ArrayLike = (),
    ci_method: str = CiChoice.AUTO,
    level: float = 0.95,
    pi_df: str = PredictionDf.K_MINUS_1,
) -> Fit:
    """Pool log odds ratios by the exact (noncentral hypergeometric) likelihood with normal random effects.

    Parameters
    ----------
    event_arm1, totaln_arm1 : array_like, shape (studies,)
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : array_like, shape (studies,)
        The same for the comparator.
    yi, vi : array_like, shape (others,)
        Log odds ratios, and their variances, of studies whose counts are not known.
    ci_method : str
        wald, or the profile likelihood for every other `CiChoice`.
    level : float
        The level of the intervals, between 0 and 1.
    pi_df : str
        Degrees of freedom of the prediction interval: k-1 or k-2.

    Returns
    -------
    Fit
        `model` is `exact_likelihood`, `tau2_method` ML. `weights` are each study's share of the information on the
        mean, 0 where nobody or everybody had the event; `k` counts the others. `I2` takes 1 / information of a study
        at the mean, without random effects, as its sampling variance; `Q` is the likelihood ratio against a model
        with an effect for each study.

    Raises
    ------
    ValueError
        For unsound tables, fewer than two studies that say something, and where the likelihood has no finite maximum.
    ArithmeticError
        If the maximum does not pass its certificate.

    References
    ----------
    Stijnen, Hamza and Ozdemir 2010, Statistics in Medicine 29:3046-3067.
    """
    refuse_choices(Tau2Method.ML, ci_method, level, pi_df)
    a, n1, c, n2 = sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2)
    refuse_parts(EVENTS_AND_TOTALS, (a, n1, c, n2))
    others = _printed(yi, vi)
    told = np.flatnonzero((a + c > 0) & (a + c < n1 + n2))
    chosen = tuple(column[told] for column in (a, n1, c, n2))
    kinds: list[Contributions] = list(tables(*chosen)) if told.size else []
    order = told[order_of_tables(*chosen)] if told.size else told
    return _fit(_evidence(kinds, order, a.size, others), ci_method, level, pi_df)


def exact_rate_ratio(
    count_arm1: ArrayLike,
    time_arm1: ArrayLike,
    count_arm2: ArrayLike,
    time_arm2: ArrayLike,
    yi: ArrayLike = (),
    vi: ArrayLike = (),
    ci_method: str = CiChoice.AUTO,
    level: float = 0.95,
    pi_df: str = PredictionDf.K_MINUS_1,
) -> Fit:
    """Pool log rate ratios by the exact (binomial) likelihood with normal random effects.

    Parameters
    ----------
    count_arm1, time_arm1 : array_like, shape (studies,)
        Events and person-time of the programme.
    count_arm2, time_arm2 : array_like, shape (studies,)
        The same for the comparator.
    yi, vi, ci_method, level, pi_df
        As in `exact_odds_ratio`, for log rate ratios.

    Returns
    -------
    Fit
        As `exact_odds_ratio`; the weight is 0 where no event happened.

    Raises
    ------
    ValueError, ArithmeticError
        As in `exact_odds_ratio`.
    """
    refuse_choices(Tau2Method.ML, ci_method, level, pi_df)
    a, time1, c, time2 = sound_counts(count_arm1, time_arm1, count_arm2, time_arm2)
    refuse_parts(COUNTS_AND_TIMES[::2], (a, c))
    told = np.flatnonzero(a + c > 0)
    kinds: list[Contributions] = []
    if told.size:
        kinds = [Rates(a[told], (a + c)[told], np.log(time1[told]) - np.log(time2[told]))]
    return _fit(_evidence(kinds, told, a.size, _printed(yi, vi)), ci_method, level, pi_df)


def _printed(yi: ArrayLike, vi: ArrayLike) -> Printed | None:
    if np.size(yi) == 0 and np.size(vi) == 0:
        return None
    y, v = sound_set(yi, vi)
    return Printed(y[0], v[0])


def _evidence(kinds: list[Contributions], order: np.ndarray, studies: int, others: Printed | None) -> Evidence:
    if others is not None:
        kinds = [*kinds, others]
        order = np.concatenate([order, studies + np.arange(others.yi.size)])
        studies += others.yi.size
    _refuse_one_sided(kinds, order.size, studies)
    return Evidence(tuple(tabulated(kind) for kind in kinds), order, studies)


def _fit(evidence: Evidence, ci_method: str, level: float, pi_df: str) -> Fit:
    found = _maximum(evidence)
    k, tau2 = evidence.k, found.tau2
    wald, profile = _wald(found, level), _profile(evidence, found, level)
    printed = wald if ci_method == CiChoice.WALD else profile
    tau2_lb, tau2_ub = _tau2_bounds(evidence, found, level)
    information = -marginal(evidence.kinds, np.array([found.mu]), np.zeros(1)).mu_mu[0]
    s2 = _typical_variance(information)
    df = float(k - 1 if pi_df == PredictionDf.K_MINUS_1 else k - 2)
    ends = prediction_interval(found.mu, printed.se, tau2, df, level)
    pi = (float(ends[0]), float(ends[1])) if k > 2 else (None, None)
    Q = _deviance(evidence)
    return Fit(
        k=k,
        estimate=found.mu,
        se=printed.se,
        ci_lb=printed.ci_lb,
        ci_ub=printed.ci_ub,
        ci_method=printed.ci_method,
        df=None,
        pval=printed.pval,
        tau2=tau2,
        tau2_lb=tau2_lb,
        tau2_ub=tau2_ub,
        I2=I2_of(tau2, s2),
        I2_lb=I2_of(tau2_lb, s2),
        I2_ub=None if tau2_ub is None else I2_of(tau2_ub, s2),
        H2=H2_of(tau2, s2),
        H2_lb=H2_of(tau2_lb, s2),
        H2_ub=None if tau2_ub is None else H2_of(tau2_ub, s2),
        Q=Q,
        Q_df=k - 1,
        Q_pval=float(chdtrc(k - 1, Q)),
        pi_lb=pi[0],
        pi_ub=pi[1],
        pi_df=df if k > 2 else None,
        weights=_weights(evidence, found),
        tau2_method=Tau2Method.ML,
        level=level,
        intervals=(wald, profile),
        certificate=_certificate(found),
        notes=_notes(evidence, printed, ci_method, tau2),
        model=PoolModel.EXACT_LIKELIHOOD,
    )


def _typical_variance(information: np.ndarray) -> float:
    """Return the typical sampling variance of Higgins and Thompson, 1 / information being that of each study."""
    w = information / information.max()
    apart = w.sum() ** 2 - (w**2).sum()
    return float((w.size - 1) * w.sum() / apart / information.max()) if apart > 0 else float(1 / information.sum())


def _refuse_one_sided(kinds: list[Contributions], k: int, studies: int) -> None:
    """Refuse what has no finite maximum: too few studies, or only studies whose effect has no end on the same side."""
    if k < 2:
        raise ValueError(f"{k} of {studies} studies say something about the ratio; two are needed")
    for ends, fewer, more in (
        (np.concatenate([kind.least for kind in kinds]), 1, 2),
        (np.concatenate([kind.most for kind in kinds]), 2, 1),
    ):
        if ends.all():
            raise ValueError(
                f"in every study arm {fewer} has the fewest events that the totals allow and arm {more} the most, so "
                "the ratio is not finite"
            )


def _sums(evidence: Evidence, mu: np.ndarray, tau2: np.ndarray) -> Marginal:
    """Return the log-likelihood of all studies together and its derivatives, shape (points,) each."""
    m = marginal(evidence.kinds, mu, tau2)
    parts = (m.log, m.mu, m.tau2, m.mu_mu, m.mu_tau2, m.tau2_tau2)
    return Marginal(*(part.sum(axis=1) for part in parts))


def _mean_at(evidence: Evidence, tau2: np.ndarray, start: np.ndarray, near: float | None = None) -> np.ndarray:
    """Return the mean of the highest likelihood at each variance; there is one, because it is concave in the mean."""

    def score(mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = _sums(evidence, mu, tau2)
        return at.mu, at.mu_mu

    return falling_root(score, start, longest=LONGEST_STEP, near=near)


def _maximum(evidence: Evidence) -> Solution:
    """Return the global maximum: every fall of the score of tau2 through zero is refined, the highest is kept."""
    grid = TAUS**2
    common = _mean_at(evidence, grid[:1], np.zeros(1))
    means = _mean_at(evidence, grid, np.repeat(common, grid.size), near=1e-3)
    scores = _sums(evidence, means, grid).tau2
    if scores[-1] > 0:
        raise ValueError(
            "the studies point so strongly in opposite directions that no spread between them is too large; the counts "
            "give no estimate"
        )
    candidates = [_at(evidence, float(common[0]), 0.0)] if scores[0] <= 0 else []
    for place in np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0)):
        tau2 = _variance(evidence, grid[place], grid[place + 1], float(means[place]))
        mu = float(_mean_at(evidence, np.array([tau2]), means[place : place + 1])[0])
        candidates.append(_at(evidence, mu, tau2))
    best = max(candidates, key=lambda candidate: candidate.log)
    if not _certificate(best).holds:
        raise ArithmeticError("the exact likelihood found no certified maximum")
    return best


def _at(evidence: Evidence, mu: float, tau2: float) -> Solution:
    at = marginal(evidence.kinds, np.array([mu]), np.array([tau2]))
    return Solution(mu, tau2, float(at.log.sum()), at)


def _variance(evidence: Evidence, low: float, high: float, mu: float) -> float:
    """Return the root of the score of tau2 between two values, the mean following it."""
    mean = np.array([mu])

    def score(tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean[:] = _mean_at(evidence, tau2, mean)
        at = _sums(evidence, mean, tau2)
        return at.tau2, at.tau2_tau2 - at.mu_tau2**2 / at.mu_mu

    return float(falling_root(score, np.array([0.5 * (low + high)]), low, high)[0])


def _information(found: Solution) -> float:
    """Return the observed information on the mean, tau2 being estimated too unless it is zero."""
    mu_mu, mu_tau2, tau2_tau2 = (float(part.sum()) for part in (found.at.mu_mu, found.at.mu_tau2, found.at.tau2_tau2))
    if found.tau2 == 0 or tau2_tau2 >= 0:
        return -mu_mu
    return -(mu_mu - mu_tau2**2 / tau2_tau2)


def _wald(found: Solution, level: float) -> Interval:
    se = 1.0 / math.sqrt(_information(found))
    half = float(ndtri((1 + level) / 2)) * se
    pval = float(2 * ndtr(-abs(found.mu) / se))
    return Interval(CiMethod.WALD, se, found.mu - half, found.mu + half, None, pval)


def _profile(evidence: Evidence, found: Solution, level: float) -> Interval:
    """Return the means whose profile likelihood is no lower than the quantile of chi-square with 1 df allows."""
    se = 1.0 / math.sqrt(_information(found))
    sides, allowed = np.array([-1.0, 1.0]), 0.5 * float(chdtri(1, 1 - level))

    def room(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = _best_variance(evidence, found.mu + sides * distance, found.tau2)
        return at.log - found.log + allowed, sides * at.mu

    start = np.full(2, math.sqrt(2.0 * allowed) * se)
    lower, upper = falling_root(room, start, low=0.0, longest=3.0 * se)
    drop = found.log - float(_best_variance(evidence, np.zeros(1), found.tau2).log[0])
    pval = float(chdtrc(1, max(0.0, 2.0 * drop)))
    return Interval(CiMethod.PROFILE, se, found.mu - float(lower), found.mu + float(upper), None, pval)


def _best_variance(evidence: Evidence, mu: np.ndarray, usual: float) -> Marginal:
    """Return the sums at the variance of the highest likelihood for each mean."""
    grid = np.unique(np.append(FEWER_TAUS**2, usual))
    scan = _sums(evidence, np.repeat(mu, grid.size), np.tile(grid, mu.size))
    best = scan.log.reshape(mu.size, -1).argmax(axis=1)
    scores = scan.tau2.reshape(mu.size, -1)[np.arange(mu.size), best]
    at_zero = (best == 0) & (scores <= 0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, grid.size - 1)]

    def score(tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = _sums(evidence, mu, tau2)
        return np.where(at_zero, 0.0, at.tau2), at.tau2_tau2

    return _sums(evidence, mu, falling_root(score, grid[best], low, high))


def _tau2_bounds(evidence: Evidence, found: Solution, level: float) -> tuple[float, float | None]:
    """Return the profile bounds of tau2; the upper one is None where the likelihood falls too little."""
    allowed = 0.5 * float(chdtri(1, 1 - level))
    mean = np.array([found.mu])

    def room(tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean[:] = _mean_at(evidence, tau2, mean)
        at = _sums(evidence, mean, tau2)
        return at.log - found.log + allowed, at.tau2

    def below(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, slope = room(found.tau2 - distance)
        return value, -slope

    lower, upper = 0.0, None
    if found.tau2 > 0 and room(np.zeros(1))[0][0] < 0:
        lower = found.tau2 - float(falling_root(below, np.array([found.tau2 / 2]), 0.0, found.tau2)[0])
    widest = np.array([TAUS[-1] ** 2])
    if room(widest)[0][0] < 0:
        upper = float(falling_root(room, np.array([2.0 * found.tau2 + 0.1]), found.tau2, widest)[0])
    return lower, upper


def _deviance(evidence: Evidence) -> float:
    """Return twice the log-likelihood that one common effect costs against an effect for each study."""
    zero = np.zeros(1)
    common = _at(evidence, float(_mean_at(evidence, zero, zero)[0]), 0.0)
    own = np.concatenate([_highest(studies.kind) for studies in evidence.kinds])
    return max(0.0, float(2.0 * (own.sum() - common.log)))


def _highest(kind: Contributions) -> np.ndarray:
    """Return the highest log-likelihood of each study; it is 0 where its effect has no end on one side."""
    endless = kind.least | kind.most
    sides = np.where(endless, 0.0, 1.0)[:, None]

    def score(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, first, second = kind.derivatives(theta, 2)
        return sides * first, second

    theta = falling_root(score, np.zeros((endless.size, 1)), longest=LONGEST_STEP)
    return np.where(endless, 0.0, kind.derivatives(theta, 0)[0][:, 0])


def _weights(evidence: Evidence, found: Solution) -> tuple[float, ...]:
    information = -found.at.mu_mu[0]
    weights = np.zeros(evidence.studies)
    weights[evidence.positions] = 100.0 * information / information.sum()
    return tuple(float(weight) for weight in weights)


def _certificate(found: Solution) -> Certificate:
    """Return the proof: the scores, in standard errors, are zero, or that of tau2 is not positive at the boundary."""
    at = found.at
    mean = float(at.mu.sum()) / math.sqrt(-float(at.mu_mu.sum()))
    spread = math.sqrt(abs(float(at.tau2_tau2.sum()))) or 1.0
    variance = float(at.tau2.sum()) / spread
    boundary = found.tau2 == 0.0
    residual = max(abs(mean), variance if boundary else abs(variance))
    return Certificate(EQUATION, residual, boundary, TOLERANCE, bool(residual <= TOLERANCE))


def _notes(evidence: Evidence, printed: Interval, ci_method: str, tau2: float) -> tuple[Note, ...]:
    out = np.setdiff1d(np.arange(evidence.studies), evidence.positions)
    if ci_method == CiChoice.WALD:
        first = note(NoteCode.INTERVAL_AS_ASKED, interval=str(printed.ci_method))
    elif ci_method == CiChoice.AUTO:
        first = note(NoteCode.PROFILE_BY_RULE)
    else:
        first = note(NoteCode.PROFILE_INSTEAD, asked=str(ci_method))
    notes = [first, *fit_notes.size_notes(evidence.k), *fit_notes.prediction_notes(evidence.k, tau2)]
    if out.size:
        studies = ", ".join(f"study {position + 1}" for position in out)
        notes.append(note(NoteCode.EVENTS_LEFT_OUT, who="nobody or everybody has", studies=studies))
    return tuple(notes)
