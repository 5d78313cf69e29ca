"""Pooling of rates of rare events without a correction: Mantel-Haenszel.

It assumes one common rate ratio and equals metafor's `rma.mh(measure = "IRR")` with `add = 0`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.refusals import refuse_level, sound_counts
from taprev.synthesis.kernels.sparse import described
from taprev.synthesis.results import SparseFit
from taprev.vocabulary import EventMeasure


def mantel_haenszel_rates(
    count_arm1: ArrayLike, time_arm1: ArrayLike, count_arm2: ArrayLike, time_arm2: ArrayLike, level: float = 0.95
) -> SparseFit:
    """Pool counts and person-time of two arms to a common log rate ratio by the method of Mantel and Haenszel.

    With R = sum(x1 t2 / T), S = sum(x2 t1 / T) and T = t1 + t2 the estimate is log(R / S) and its variance
    sum((x1 + x2) t1 t2 / T^2) / (R S). Nothing is added to a count; studies without any event are left out, because
    they say nothing about the ratio.

    Parameters
    ----------
    count_arm1, time_arm1 : array_like, shape (studies,)
        Events and person-time of the programme.
    count_arm2, time_arm2 : array_like, shape (studies,)
        The same for the comparator, with times in the same unit.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    SparseFit
        The common effect, with the positions of the studies that are left out.

    Raises
    ------
    ValueError
        For unsound counts or times, and if an arm has no event in any study.

    References
    ----------
    Rothman, Greenland and Lash 2008, Modern Epidemiology, 3rd edition, ch. 15; variance by Greenland and Robins
    1985, Biometrics 41:55.
    """
    refuse_level(level)
    x1, t1, x2, t2 = sound_counts(count_arm1, time_arm1, count_arm2, time_arm2)
    for arm, counts in ((1, x1), (2, x2)):
        if not counts.any():
            raise ValueError(f"no study has an event in arm {arm}; the common rate ratio is not finite")
    share1, share2 = t1 / (t1 + t2), t2 / (t1 + t2)
    R, S = (x1 * share2).sum(), x2 * share1
    variance = float(((x1 + x2) * share1 * share2).sum() / (R * S.sum()))
    estimate = math.log(R / S.sum())
    left_out = x1 + x2 == 0
    heterogeneity = _heterogeneity(x1, t1, x2, t2, estimate)
    return described(EventMeasure.IRR, (estimate, variance, S[~left_out]), left_out, heterogeneity, level)


def _heterogeneity(
    x1: np.ndarray, t1: np.ndarray, x2: np.ndarray, t2: np.ndarray, estimate: float
) -> tuple[float, int]:
    """Return Q of the studies with events in both arms, and how many they are."""
    both = (x1 > 0) & (x2 > 0)
    a, c = x1[both], x2[both]
    gaps = np.log(a / t1[both]) - np.log(c / t2[both]) - estimate
    return (float(np.sum(gaps**2 / (1 / a + 1 / c))) if both.sum() > 1 else 0.0), int(both.sum())
