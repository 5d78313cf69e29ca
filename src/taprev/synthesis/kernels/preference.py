"""How strongly significant results would have to be preferred to move a pooled number, and the worst that could be.

Affirmative results are significant and on the preferred side. If they were published so many times as often as the
others, the others would stand for so many more, and count for more. Nothing is assumed of why, or of the sizes of the
studies that are missing; nothing says that there was such a preference.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.refusals import refuse_length, refuse_level, sound_effects
from taprev.synthesis.results import FEWEST_STUDIES, Preferred
from taprev.vocabulary import SelectedSide

SIGNIFICANT = 0.05
STRONGEST = 1e6
"""A preference beyond this is not looked for; the bound is then said to hold under any."""
STEPS = 49


@dataclass(frozen=True)
class RobustMean:
    """A weighted mean with its CR2 standard error and Satterthwaite degrees of freedom."""

    mean: float
    se: float
    df: float


@dataclass(frozen=True)
class _Effects:
    """Effects turned so that affirmative ones are positive, their variances about the mean, and their clusters."""

    y: np.ndarray
    total: np.ndarray
    studies: list[np.ndarray]
    affirmative: np.ndarray

    def mean(self, ratio: float) -> RobustMean:
        """Return the mean when affirmative results are published so many times as often."""
        weights = np.where(self.affirmative, 1.0, ratio) / self.total
        return robust_mean(self.y, weights, self.total, self.studies)


def preference(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | None = None,
    side: str = "greater",
    tau2_method: str = "REML",
    ci_method: str = "hksj",
    level: float = 0.95,
) -> Preferred:
    """Return how strongly affirmative results would have to be preferred to move a mean to nothing.

    With a preference of eta the mean is sum(e y / (v + tau2)) / sum(e / (v + tau2)), e being 1 for affirmative results
    and eta for the others, and tau2 that of all results. Its interval is by CR2 with the studies as clusters.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    study : sequence of hashable, length k, optional
        The study of each effect; by default each is of its own.
    side : str
        The results that are preferred: greater (large effects) or less (small ones).
    tau2_method, ci_method : str
        As in `random_effects`, for the variance between studies and for the worst case.
    level : float
        The level of the intervals.

    Returns
    -------
    Preferred

    Raises
    ------
    ValueError
        For unsound data, fewer than ten studies, and where no result or every one is affirmative.

    References
    ----------
    Mathur and VanderWeele 2020, Journal of the Royal Statistical Society C 69:1091-1119. CR2: as in `robust.cr2`, with
    weights that are not the inverse of the working variance.
    """
    refuse_level(level)
    y, v = sound_effects(yi, vi)
    names = list(range(y.size)) if study is None else list(study)
    refuse_length("study", names, y.size)
    sign = -1.0 if SelectedSide(side) == SelectedSide.LESS else 1.0
    affirmative = sign * y / np.sqrt(v) > ndtri(1 - SIGNIFICANT / 2)
    _refuse(len(set(names)), affirmative)
    tau2 = random_effects(y, v, tau2_method=tau2_method, ci_method=ci_method).variance
    effects = _Effects(sign * y, v + tau2, by_size(names), affirmative)
    rest = ~affirmative
    worst = random_effects(y[rest], v[rest], tau2_method, ci_method, level) if rest.sum() > 1 else None
    return Preferred(
        affirmative=int(affirmative.sum()),
        for_estimate=_for_estimate(effects),
        for_bound=_for_bound(effects, level),
        worst_estimate=worst.estimate if worst else None,
        worst_ci_lb=worst.ci_lb if worst else None,
        worst_ci_ub=worst.ci_ub if worst else None,
    )


def _refuse(studies: int, affirmative: np.ndarray) -> None:
    if studies < FEWEST_STUDIES:
        raise ValueError(f"{studies} studies cannot tell preference from chance; it takes {FEWEST_STUDIES}")
    if affirmative.all():
        raise ValueError(
            "every result is significant and on the preferred side, so that none is left to stand for what is missing"
        )
    if not affirmative.any():
        raise ValueError("no result is significant and on the preferred side, so that none can have been preferred")


def _for_estimate(effects: _Effects) -> float | None:
    """Return the preference at which the mean is nothing: the others' sum must outweigh that of the affirmative."""
    pulls = effects.y / effects.total
    up, down = float(pulls[effects.affirmative].sum()), float(pulls[~effects.affirmative].sum())
    if up + down <= 0:
        return 1.0
    return up / -down if down < 0 else None


def _for_bound(effects: _Effects, level: float) -> float | None:
    """Return the preference at which the lower bound is nothing; None where it stays above under any."""

    def bound(log_ratio: float) -> float:
        at = effects.mean(float(np.exp(log_ratio)))
        return at.mean - float(stdtrit(at.df, 0.5 + level / 2)) * at.se

    if bound(0.0) <= 0:
        return 1.0
    steps = np.linspace(0.0, np.log(STRONGEST), STEPS)
    for near, far in pairwise(map(float, steps)):
        if bound(far) <= 0:
            return float(np.exp(brentq(bound, near, far, xtol=1e-12)))
    return None


def by_size(names: Sequence[Hashable]) -> list[np.ndarray]:
    """Return the positions of the effects of each study, studies of one size together.

    Parameters
    ----------
    names : sequence of hashable, length k
        The study of each effect.

    Returns
    -------
    list of ndarray of int, each of shape (studies, size)
        A row for each study.
    """
    members: dict[Hashable, list[int]] = {}
    for position, name in enumerate(names):
        members.setdefault(name, []).append(position)
    of_size: dict[int, list[list[int]]] = {}
    for own in members.values():
        of_size.setdefault(len(own), []).append(own)
    return [np.array(studies) for _, studies in sorted(of_size.items())]


def robust_mean(y: np.ndarray, weights: np.ndarray, total: np.ndarray, studies: list[np.ndarray]) -> RobustMean:
    """Return a weighted mean with its CR2 standard error and Satterthwaite degrees of freedom.

    With H the matrix that gives the mean to each effect, Phi = diag(total) and D its root, the residuals of study j are
    adjusted by A_j = D_j (D_j ((I - H) Phi (I - H)')_jj D_j)^(-1/2) D_j. With o_j = A_j times the shares of study j,
    the degrees of freedom are tr(P)^2 / tr(PP), P_ij = o_i' ((I - H) Phi (I - H)')_ij o_j. P is a diagonal and a matrix
    of rank two, so that its sums need no matrix.

    Parameters
    ----------
    y, weights, total : ndarray, shape (k,)
        Effects, positive weights, and the variances of the working model.
    studies : list of ndarray of int
        The positions of the effects of each study, as `by_size` gives them.

    Returns
    -------
    RobustMean

    Raises
    ------
    ValueError
        Where the effects have no spread, so that there is no error to estimate.

    References
    ----------
    As for `robust.cr2`.
    """
    shares = weights / weights.sum()
    mean = float(shares @ y)
    spread = float(shares**2 @ total)
    forms = np.empty_like(shares)
    for rows in studies:
        forms[rows] = _adjusted(shares[rows], total[rows], spread)

    def of_studies(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x[rows].sum(axis=1) for rows in studies])

    variance = float(np.sum(of_studies(forms * (y - mean)) ** 2))
    if not variance > 0:
        raise ValueError("the effects have no spread to estimate an error from")
    s = of_studies(forms)
    a = 0.5 * spread * s - of_studies(forms * shares * total)
    diagonal = of_studies(forms**2 * total) + 2.0 * a * s
    others = 2.0 * ((a @ a) * (s @ s) + (a @ s) ** 2 - 2.0 * np.sum(a**2 * s**2))
    df = np.sum(diagonal) ** 2 / (np.sum(diagonal**2) + others)
    return RobustMean(mean, float(np.sqrt(variance)), float(df))


def _adjusted(shares: np.ndarray, total: np.ndarray, spread: float) -> np.ndarray:
    """Return A_j times the shares of each study, (studies, size)."""
    own, root = shares * total, np.sqrt(total)
    residual = np.eye(shares.shape[1]) * total[:, None, :] - own[:, None, :] - own[:, :, None] + spread
    values, vectors = np.linalg.eigh(root[:, :, None] * residual * root[:, None, :])
    values = np.maximum(values, values.max(axis=1, keepdims=True) * 1e-12)
    along = np.einsum("sij,si->sj", vectors, root * shares) / np.sqrt(values)
    return root * np.einsum("sij,sj->si", vectors, along)


def largest_bias(vi: ArrayLike, tau2: float, unpublished: float) -> float:
    """Return the most by which a pooled effect can be too large where so many studies were not published.

    With n studies, m unpublished, p = n / (n + m) and s2 = vi + tau2, the bound is phi(Phi^-1(p)) / p times
    sum(1 / s) / sum(1 / s2). It holds if the chance of being published never falls with the size of a study.

    Parameters
    ----------
    vi : array_like, shape (n,)
        Sampling variances.
    tau2 : float
        The variance between studies.
    unpublished : float
        How many studies were not published, above 0.

    Returns
    -------
    float

    References
    ----------
    Copas and Jackson 2004, Biometrics 60:146-153.
    """
    if not unpublished > 0:
        raise ValueError(f"{unpublished!r} studies not published bound nothing; give a number above 0")
    _, v = sound_effects(np.zeros(np.size(vi)), vi)
    s = np.sqrt(v + tau2)
    p = s.size / (s.size + unpublished)
    density = np.exp(-(float(ndtri(p)) ** 2) / 2) / np.sqrt(2 * np.pi)
    return float(density / p * np.sum(1 / s) / np.sum(1 / s**2))
