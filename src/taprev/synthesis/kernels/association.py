"""Tests of events over all studies: of association (Cochran, Mantel and Haenszel) and of a common odds ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from taprev.synthesis.kernels.refusals import sound_counts, sound_tables
from taprev.synthesis.kernels.sparse import double, hypergeometric_variance, mantel_haenszel, tables_of
from taprev.vocabulary import EventMeasure


@dataclass(frozen=True)
class ChiSquaredTest:
    """A statistic that is chi-squared with `df` degrees of freedom under what it tests, with its p value."""

    statistic: float
    df: int
    pval: float


def cochran_mantel_haenszel(
    event_arm1: ArrayLike, totaln_arm1: ArrayLike, event_arm2: ArrayLike, totaln_arm2: ArrayLike, correct: bool = True
) -> ChiSquaredTest:
    """Test that events and arms have nothing to do with each other in any study.

    The statistic is (|sum(a - E)| - 1/2)^2 / sum(V), where E and V are the hypergeometric mean and variance.

    Parameters
    ----------
    event_arm1, totaln_arm1, event_arm2, totaln_arm2 : array_like, shape (studies,)
        As in `mantel_haenszel`.
    correct : bool
        Whether one half is subtracted for continuity, as in metafor.

    Returns
    -------
    ChiSquaredTest
        With one degree of freedom.

    Raises
    ------
    ValueError
        For unsound tables, and where in every study nobody or everybody has the event.

    References
    ----------
    Mantel and Haenszel 1959, Journal of the National Cancer Institute 22:719-748.
    """
    t = tables_of(*sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2))
    nobody, everybody = double(t)
    told = t.only(~(nobody | everybody))
    if not told.a.size:
        raise ValueError("in every study nobody or everybody has the event; there is no association to test")
    gap = float(np.sum(told.a - (told.a + told.c) * (told.n1 / told.N)))
    return _of_association(gap, float(hypergeometric_variance(told).sum()), correct)


def rate_association(
    count_arm1: ArrayLike, time_arm1: ArrayLike, count_arm2: ArrayLike, time_arm2: ArrayLike, correct: bool = True
) -> ChiSquaredTest:
    """Test that the rates of both arms are equal in every study.

    The statistic is (|sum(x1 - x t1 / T)| - 1/2)^2 / sum(x t1 t2 / T^2), with x the events of both arms.

    Parameters
    ----------
    count_arm1, time_arm1, count_arm2, time_arm2 : array_like, shape (studies,)
        As in `mantel_haenszel_rates`.
    correct : bool
        Whether one half is subtracted for continuity, as in metafor.

    Returns
    -------
    ChiSquaredTest
        With one degree of freedom.

    Raises
    ------
    ValueError
        For unsound counts or times, and where no study has an event.

    References
    ----------
    Rothman, Greenland and Lash 2008, Modern Epidemiology, 3rd edition, ch. 15.
    """
    x1, t1, x2, t2 = sound_counts(count_arm1, time_arm1, count_arm2, time_arm2)
    events, share1, share2 = x1 + x2, t1 / (t1 + t2), t2 / (t1 + t2)
    if not events.any():
        raise ValueError("no study has an event; there is no association to test")
    return _of_association(float(np.sum(x1 - events * share1)), float(np.sum(events * share1 * share2)), correct)


def breslow_day(
    event_arm1: ArrayLike, totaln_arm1: ArrayLike, event_arm2: ArrayLike, totaln_arm2: ArrayLike, tarone: bool = True
) -> ChiSquaredTest:
    """Test that all studies have one odds ratio, that of Mantel and Haenszel.

    The statistic is sum((a - E)^2 / V) - sum(a - E)^2 / sum(V), where E are the events of arm 1 that give a study with
    its margins the common odds ratio, and V = 1 / (1/E + ...) over the cells of that table.

    Parameters
    ----------
    event_arm1, totaln_arm1, event_arm2, totaln_arm2 : array_like, shape (studies,)
        As in `mantel_haenszel`.
    tarone : bool
        Whether the second term, Tarone's correction, is subtracted.

    Returns
    -------
    ChiSquaredTest
        With one degree of freedom less than there are studies with and without the event.

    Raises
    ------
    ValueError
        For what `mantel_haenszel` refuses, and for fewer than two studies that say something.

    References
    ----------
    Breslow and Day 1980, Statistical Methods in Cancer Research 1, ch. 4; Tarone 1985, Biometrika 72:91-95.
    """
    ratio = math.exp(mantel_haenszel(event_arm1, totaln_arm1, event_arm2, totaln_arm2, EventMeasure.OR).estimate)
    t = tables_of(*sound_tables(event_arm1, totaln_arm1, event_arm2, totaln_arm2))
    nobody, everybody = double(t)
    told = t.only(~(nobody | everybody))
    if told.a.size < 2:
        raise ValueError("one study alone says something about the odds ratio; there is nothing to compare it with")
    expected = _expected(told.n1, told.n2, told.a + told.c, ratio)
    b, c = told.n1 - expected, told.a + told.c - expected
    V = 1.0 / (1 / expected + 1 / b + 1 / c + 1 / (told.n2 - c))
    gaps = told.a - expected
    statistic = float(np.sum(gaps**2 / V) - (gaps.sum() ** 2 / V.sum() if tarone else 0.0))
    df = told.a.size - 1
    return ChiSquaredTest(max(statistic, 0.0), df, float(chdtrc(df, max(statistic, 0.0))))


def _expected(n1: np.ndarray, n2: np.ndarray, events: np.ndarray, ratio: float) -> np.ndarray:
    """Return the events of arm 1 in tables with these margins and this odds ratio, the root of a quadratic.

    The root is written as 2c / (b + sqrt(b^2 - 4ac)), which loses no digits where the ratio is near 1.
    """
    b = n2 - events + ratio * (n1 + events)
    c = ratio * n1 * events
    expected: np.ndarray = 2 * c / (b + np.sqrt(b**2 - 4 * (ratio - 1) * c))
    return expected


def _of_association(gap: float, variance: float, correct: bool) -> ChiSquaredTest:
    statistic = (abs(gap) - (0.5 if correct else 0.0)) ** 2 / variance
    return ChiSquaredTest(statistic, 1, float(chdtrc(1, statistic)))
