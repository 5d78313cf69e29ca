"""Permutation tests: of all the ways in which the data could have fallen by chance, how many say as much.

Without moderators every effect might have had the other sign; with moderators any study might have had the values of
any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial, prod

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.mixed_effects import MixedFit, mixed_effects
from taprev.synthesis.kernels.random_effects import random_effects_batch
from taprev.synthesis.kernels.refusals import sound_design, sound_effects
from taprev.synthesis.kernels.residual_tau2 import projected, residual_tau2_batch
from taprev.vocabulary import CiMethod, MetaTest

MOST_ARRANGEMENTS = 50_000
"""How many arrangements are all gone through; of more a sample is drawn."""
FEWEST_DRAWS = 100
SCAN_POINTS = 20
AT_ONCE = 4_096
TIES = 1e-8
FINEST_BOUND = 1e-8
MOST_STEPS = 100
INTERVAL_OF_TEST = {MetaTest.KNHA: CiMethod.HKSJ, MetaTest.ADHOC: CiMethod.HKSJ_MODIFIED}


@dataclass(frozen=True)
class Permuted:
    """The permutation test of each coefficient, and of all moderators together (None without moderators).

    `drawn` arrangements were fitted of the `arrangements` that there are. `ci_lb` and `ci_ub` hold the effects that the
    exact test does not refuse: None with moderators, where a sample was drawn, and where there are so few arrangements
    that no p value is below 1 - level.
    """

    pval: np.ndarray
    QM_pval: float | None
    arrangements: int
    drawn: int
    ci_lb: float | None
    ci_ub: float | None
    level: float

    @property
    def exact(self) -> bool:
        """Whether all arrangements were gone through."""
        return self.arrangements <= MOST_ARRANGEMENTS


def permutation_test(
    yi: ArrayLike,
    vi: ArrayLike,
    X: ArrayLike | None = None,
    method: str | None = "REML",
    test: str = "auto",
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 1,
) -> Permuted:
    """Test the coefficients of a model by permutation.

    p is the share of arrangements whose statistic, |coefficient| / error, is at least that of the data, which are one
    of them. Without moderators the arrangements are the 2^k signs of the effects, with moderators the distinct orders
    of the rows of the design. Up to 50,000 are all gone through; of more, `draws` are taken, the data being the first.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects, and their sampling variances in squared units of `yi`.
    X : array_like, shape (k, p), optional
        The design, with its own intercept; by default a column of ones.
    method, test, level
        As in `mixed_effects`. The test says which error the statistic has; auto is decided once, by the data.
    draws : int
        How many arrangements are drawn where there are too many for all.
    seed : int
        Of the draw, so that it can be repeated.

    Returns
    -------
    Permuted

    Raises
    ------
    ValueError
        For what `mixed_effects` refuses, and for fewer than a hundred draws.

    References
    ----------
    Follmann and Proschan 1999, Biometrics 55:732-737; Higgins and Thompson 2004, Statistics in Medicine 23:1663-1682;
    Viechtbauer and others 2015, Psychological Methods 20:360-374.
    """
    if draws < FEWEST_DRAWS:
        raise ValueError(f"{draws} draws say little about a p value; draw {FEWEST_DRAWS} or more")
    fit = mixed_effects(yi, vi, X, method, test, level=level)
    y, v = sound_effects(yi, vi)
    design = sound_design(X, y.size)
    random = np.random.default_rng(seed)
    if np.all(design == 1.0):
        return _of_signs(y, v, fit, draws, random)
    return _of_orders(y, v, design, fit, draws, random)


def _of_signs(y: np.ndarray, v: np.ndarray, fit: MixedFit, draws: int, random: np.random.Generator) -> Permuted:
    """Return the test over the signs of the effects; the first effect keeps its own, since |z| has no sign."""
    exact = 2**y.size <= MOST_ARRANGEMENTS
    signs = _signs(y.size) if exact else random.choice([-1.0, 1.0], (draws, y.size))
    signs[0] = 1.0

    def pval(mu: float) -> float:
        return float(np.mean(_at_least(np.abs(_standardised(signs * (y - mu), v, fit)))))

    bounded = exact and 1.0 / len(signs) < 1.0 - fit.level
    half = float(fit.se[0])
    lower, upper = (_bound(pval, fit, sign * half) if bounded else None for sign in (-1.0, 1.0))
    return Permuted(
        pval=np.array([pval(0.0)]),
        QM_pval=None,
        arrangements=2**y.size,
        drawn=2**y.size if exact else draws,
        ci_lb=lower,
        ci_ub=upper,
        level=fit.level,
    )


def _signs(k: int) -> np.ndarray:
    """Return every choice of signs of k effects that leaves the first as it is, the unchanged ones first."""
    bits = (np.arange(2 ** (k - 1))[:, None] >> np.arange(k - 1)) & 1
    return np.column_stack([np.ones(len(bits)), 1.0 - 2.0 * bits])


def _standardised(Y: np.ndarray, v: np.ndarray, fit: MixedFit) -> np.ndarray:
    """Return the pooled effect of each set over its error; infinite where effects without spread need one."""
    if fit.method is None:
        return np.asarray(Y @ (1.0 / v) / np.sqrt(np.sum(1.0 / v)))
    made = random_effects_batch(Y, np.broadcast_to(v, Y.shape), fit.method, INTERVAL_OF_TEST.get(fit.test, "wald"))
    spreadless = (made.Q == 0) & (fit.test == MetaTest.KNHA) & (made.estimate != 0)
    return np.where(spreadless, np.inf, made.estimate / made.se)


def _bound(pval: Callable[[float], float], fit: MixedFit, step: float) -> float:
    """Return the effect farthest to one side that the test does not refuse at the level."""
    near = float(fit.beta[0])
    far = near + step
    for _ in range(MOST_STEPS):
        if pval(far) <= 1.0 - fit.level:
            break
        near, far = far, far + 2.0 * (far - near)
    else:
        raise ArithmeticError("the test refuses no effect, however far from the estimate")
    for _ in range(MOST_STEPS):
        middle = 0.5 * (near + far)
        if abs(far - near) <= FINEST_BOUND * abs(step) or middle in (near, far):
            break
        near, far = (middle, far) if pval(middle) > 1.0 - fit.level else (near, middle)
    return near


def _of_orders(
    y: np.ndarray, v: np.ndarray, design: np.ndarray, fit: MixedFit, draws: int, random: np.random.Generator
) -> Permuted:
    """Return the test over the orders of the rows of the design."""
    rows, labels = np.unique(design, axis=0, return_inverse=True)
    labels = labels.ravel()
    counts = np.bincount(labels)
    total = factorial(y.size) // prod(factorial(int(count)) for count in counts)
    exact = total <= MOST_ARRANGEMENTS
    own = labels[None, :]
    drawn = _orders(counts) if exact else random.permuted(np.repeat(own, draws - 1, axis=0), axis=1)
    sets = np.argsort(np.concatenate([own, drawn]), axis=1, kind="stable")
    parts = [sets[first : first + AT_ONCE] for first in range(0, len(sets), AT_ONCE)]
    told = [_statistics(y[part], v[part], rows[np.sort(labels)], fit) for part in parts]
    stats, QMs = np.concatenate([one[0] for one in told]), np.concatenate([one[1] for one in told])
    counted = slice(1, None) if exact else slice(None)
    tested = fit.QM_df > 0
    return Permuted(
        pval=np.mean(_at_least(np.abs(stats))[counted], axis=0),
        QM_pval=float(np.mean(_at_least(QMs)[counted])) if tested else None,
        arrangements=total,
        drawn=total if exact else draws,
        ci_lb=None,
        ci_ub=None,
        level=fit.level,
    )


def _at_least(stats: np.ndarray) -> np.ndarray:
    """Return which statistics are at least the first, but for rounding."""
    return np.asarray(stats >= stats[0] - TIES * (1.0 + np.where(np.isfinite(stats[0]), stats[0], 0.0)))


def _orders(counts: np.ndarray) -> np.ndarray:
    """Return every distinct order of labels, each of which occurs so many times, a row each."""
    orders, left = np.empty((1, 0), dtype=int), counts[None]
    for _ in range(counts.sum()):
        rows, labels = np.nonzero(left)
        orders = np.column_stack([orders[rows], labels])
        left = left[rows] - np.eye(counts.size, dtype=int)[labels]
    return orders


def _statistics(Y: np.ndarray, V: np.ndarray, design: np.ndarray, fit: MixedFit) -> tuple[np.ndarray, np.ndarray]:
    """Return each coefficient over its error, shape (sets, p), and the test of all moderators, for sets of effects."""
    k, p = design.shape
    w = 1.0 / (V + residual_tau2_batch(Y, V, design, fit.method, points=SCAN_POINTS)[:, None])
    at = projected(Y, design, w)
    root = np.sqrt(w)
    R = np.swapaxes(at.basis, -1, -2) @ (root[..., None] * design)
    back = np.linalg.inv(R)
    beta = np.einsum("nij,nkj,nk->ni", back, at.basis, root * Y)
    s2 = at.squares / (k - p)
    spread = {MetaTest.KNHA: s2, MetaTest.ADHOC: np.maximum(s2, 1.0)}.get(fit.test, np.ones(len(Y)))
    covariance = back @ np.swapaxes(back, -1, -2) * spread[:, None, None]
    tested = np.flatnonzero(~np.all(design == 1.0, axis=0))
    part, among = beta[:, tested], covariance[:, tested[:, None], tested]
    QM = np.einsum("ni,ni->n", part, np.linalg.solve(among, part[..., None])[..., 0]) if tested.size else s2
    return beta / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)), np.asarray(QM)
