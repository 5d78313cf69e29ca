"""Trim and fill: how many studies a symmetrical funnel would have beside those that there are, and the pool with them.

It moves studies until the funnel is symmetrical and says nothing of why it is not; where effects differ between
studies it adds some to complete funnels too (Peters and others 2007, Statistics in Medicine 26:4544-4562).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.asymmetry import refuse_few
from taprev.synthesis.kernels.mixed_effects import MixedFit, mixed_effects
from taprev.synthesis.kernels.refusals import refuse_word, sound_effects
from taprev.vocabulary import MissingSide, TrimEstimator

ROUNDS = 100


@dataclass(frozen=True)
class TrimFill:
    """The number of studies that were filled in on a side, their effects and variances, and the pool with them."""

    k0: int
    side: MissingSide
    estimator: TrimEstimator
    yi: np.ndarray
    vi: np.ndarray
    fit: MixedFit


def trim_fill(
    yi: ArrayLike,
    vi: ArrayLike,
    side: str,
    estimator: str = "L0",
    method: str | None = "REML",
    test: str = "auto",
    level: float = 0.95,
) -> TrimFill:
    """Fill in the studies that a symmetrical funnel would have.

    Effects are ranked by their distance from the pool of those that are not trimmed. With S the sum of the ranks on
    the longer side, L0 = (4 S - k(k+1)) / (2k - 1); with g the length of the rightmost run of ranks, R0 = g - 1. The
    k0 most extreme effects are mirrored about the pool without them.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    side : str
        The side on which studies are thought to be missing: left (small effects) or right.
    estimator : str
        L0 or R0.
    method, test, level
        As in `mixed_effects`, for every pool.

    Returns
    -------
    TrimFill

    Raises
    ------
    ValueError
        For unsound data, fewer than ten studies, studies that are all of one size, an unknown choice, and a funnel for
        which the number of studies does not settle.

    References
    ----------
    Duval and Tweedie 2000, Biometrics 56:455-463 and Journal of the American Statistical Association 95:89-98.
    """
    refuse_word("side", side, tuple(MissingSide))
    refuse_word("estimator", estimator, tuple(TrimEstimator))
    missing, how = MissingSide(side), TrimEstimator(estimator)
    y, v = sound_effects(yi, vi)
    refuse_few(y.size, np.sqrt(v))
    sign = -1.0 if missing == MissingSide.RIGHT else 1.0
    order = np.argsort(sign * y, kind="stable")
    turned, variances = sign * y[order], v[order]
    k0, centre = _settled(turned, variances, how, method)
    extreme = turned[turned.size - k0 :]
    filled_y = sign * np.concatenate([turned, 2 * centre - extreme])
    filled_v = np.concatenate([variances, variances[turned.size - k0 :]])
    fit = mixed_effects(filled_y, filled_v, None, method, test, level=level)
    return TrimFill(k0, missing, how, filled_y[y.size :], filled_v[y.size :], fit)


def _settled(y: np.ndarray, v: np.ndarray, estimator: TrimEstimator, method: str | None) -> tuple[int, float]:
    """Return how many of the largest effects have no counterpart, and the pool of the others."""
    k0 = 0
    for _ in range(ROUNDS):
        kept = y.size - k0
        if kept < 2:
            break
        centre = float(mixed_effects(y[:kept], v[:kept], None, method, "z").beta[0])
        unmatched = _unmatched(y - centre, estimator)
        if unmatched == k0:
            return k0, centre
        k0 = unmatched
    raise ValueError("trim and fill does not settle on a number of studies for this funnel")


def _unmatched(distance: np.ndarray, estimator: TrimEstimator) -> int:
    k = distance.size
    ranks_of = np.empty(k)
    ranks_of[np.argsort(np.abs(distance), kind="stable")] = np.arange(1, k + 1)
    signed = np.sign(distance) * ranks_of
    if estimator == TrimEstimator.R0:
        return max(0, int(k - max(-signed[signed < 0], default=0.0)) - 1)
    ranks = float(signed[signed > 0].sum())
    return max(0, round((4 * ranks - k * (k + 1)) / (2 * k - 1)))
