"""Contrasts of means of two groups of people, and a single mean.

Arm 1 is the programme, arm 2 the comparator. Every function returns `yi` and its large-sample `vi`, as
metafor's `escalc` does (Viechtbauer 2010, J Stat Softw 36(3)).
"""

from __future__ import annotations

import math

from taprev.effects.hedges import hedges_j

LOGISTIC, NORMAL = math.pi / math.sqrt(3), 1.65
"""What turns a standardised difference into a log odds ratio, where the scores are logistic or normal."""


def md(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return the mean difference and its variance sd1^2/n1 + sd2^2/n2.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` in the units of the outcome, and `vi` in their square.
    """
    return mean_arm1 - mean_arm2, sd_arm1**2 / n_arm1 + sd_arm2**2 / n_arm2


def pooled_sd(sd_arm1: float, n_arm1: float, sd_arm2: float, n_arm2: float) -> float:
    """Return sqrt(((n1 - 1) sd1^2 + (n2 - 1) sd2^2) / (n1 + n2 - 2)).

    Parameters
    ----------
    sd_arm1, n_arm1 : float
        Standard deviation and number of people of the programme.
    sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    float
        The pooled standard deviation, in the units of the outcome.

    References
    ----------
    Hedges 1981, J Educ Stat 6:107.
    """
    return math.sqrt(((n_arm1 - 1) * sd_arm1**2 + (n_arm2 - 1) * sd_arm2**2) / (n_arm1 + n_arm2 - 2))


def smd(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return Hedges' g with the pooled standard deviation, and its variance.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.
    """
    sd = pooled_sd(sd_arm1, n_arm1, sd_arm2, n_arm2)
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * (mean_arm1 - mean_arm2) / sd, n_arm1, n_arm2)


def smd_from_g(g: float, n_arm1: float, n_arm2: float, factor: float = 1.0) -> tuple[float, float]:
    """Return g and its variance factor^2 (1/n1 + 1/n2) + g^2 / (2 (n1 + n2)).

    Parameters
    ----------
    g : float
        Hedges' g, in standard deviations.
    n_arm1, n_arm2 : float
        Number of people of each arm.
    factor : float
        What turns the standard deviation behind g into that of raw scores; 1 for raw scores.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.
    """
    return g, factor**2 * (1 / n_arm1 + 1 / n_arm2) + g**2 / (2 * (n_arm1 + n_arm2))


def smd_from_t(t: float, n_arm1: float, n_arm2: float, factor: float = 1.0) -> tuple[float, float]:
    """Return g = J(n1 + n2 - 2) t sqrt(1/n1 + 1/n2) factor, and its variance.

    Parameters
    ----------
    t : float
        The t of the difference between the arms.
    n_arm1, n_arm2 : float
        Number of people of each arm.
    factor : float
        What turns the standard deviation behind t into that of raw scores: 1 for raw scores, sqrt(2 (1 - r)) for
        change scores, sqrt(1 - r^2) for residuals of a model that adjusts for the score before.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.
    """
    d = t * math.sqrt(1 / n_arm1 + 1 / n_arm2) * factor
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * d, n_arm1, n_arm2, factor)


def smd_from_change(
    mean_change_arm1: float,
    sd_change_arm1: float,
    n_arm1: float,
    mean_change_arm2: float,
    sd_change_arm2: float,
    n_arm2: float,
    r_pre_post: float,
) -> tuple[float, float]:
    """Return g of change scores in units of raw scores, with the factor sqrt(2 (1 - r)), and its variance.

    The SD of raw scores is the SD of the changes divided by sqrt(2 (1 - r)), where r is the correlation of before
    and after and the SD is the same at both times.

    Parameters
    ----------
    mean_change_arm1, sd_change_arm1, n_arm1 : float
        Mean and standard deviation of the changes and number of people of the programme.
    mean_change_arm2, sd_change_arm2, n_arm2 : float
        The same for the comparator.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of raw scores, and `vi`.

    References
    ----------
    Cochrane Handbook 6.5.2.8; Borenstein 2009, chapter 4.
    """
    factor = math.sqrt(2 * (1 - r_pre_post))
    d = (mean_change_arm1 - mean_change_arm2) / pooled_sd(sd_change_arm1, n_arm1, sd_change_arm2, n_arm2)
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * d * factor, n_arm1, n_arm2, factor)


def smd1(
    mean_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float, sd_arm1: float | None = None
) -> tuple[float, float]:
    """Return Glass's delta, the difference in SDs of the comparator with J(n2 - 1), and its variance.

    The variance is 1/n1 + 1/n2 + delta^2 / (2 n2), which takes the two SDs of the population to be equal.

    Parameters
    ----------
    mean_arm1, n_arm1 : float
        Mean and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        Mean, standard deviation and number of people of the comparator.
    sd_arm1 : float, optional
        Standard deviation of the programme; accepted and not used.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of the comparator, and `vi`.

    References
    ----------
    Glass 1976, Educ Res 5(10):3; Hedges 1981, J Educ Stat 6:107.
    """
    delta = hedges_j(n_arm2 - 1) * (mean_arm1 - mean_arm2) / sd_arm2
    return delta, 1 / n_arm1 + 1 / n_arm2 + delta**2 / (2 * n_arm2)


def smd1h(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return Glass's delta with a variance that allows for unequal SDs of the population.

    The variance is (sd1^2 / sd2^2) / (n1 - 1) + 1/(n2 - 1) + delta^2 / (2 (n2 - 1)). It is SMD1H of `escalc` since
    metafor 4.6; before, it was divided by n1 and n2.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator, whose standard deviation is the unit.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of the comparator, and `vi`.

    References
    ----------
    Glass 1976, Educ Res 5(10):3; Bonett 2008, Psychol Methods 13:99.
    """
    delta, _ = smd1(mean_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2)
    return delta, (sd_arm1 / sd_arm2) ** 2 / (n_arm1 - 1) + (1 + delta**2 / 2) / (n_arm2 - 1)


def log_odds_of_d(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return d as a log odds ratio of logistic scores, d pi / sqrt(3), and its variance.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`. d is not multiplied by J.

    References
    ----------
    Chinn 2000, Stat Med 19:3127; Hasselblad and Hedges 1995, Psychol Bull 117:167.
    """
    return _times(LOGISTIC, mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2)


def log_odds_of_d_normal(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return d as a log odds ratio of normal scores, 1.65 d, and its variance.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`. d is not multiplied by J.

    References
    ----------
    Cox and Snell 1989, Analysis of Binary Data.
    """
    return _times(NORMAL, mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2)


def _times(
    factor: float, mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    d, vi = smd_from_g((mean_arm1 - mean_arm2) / pooled_sd(sd_arm1, n_arm1, sd_arm2, n_arm2), n_arm1, n_arm2)
    return factor * d, factor**2 * vi


def smdh(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return the standardised difference by sqrt((sd1^2 + sd2^2)/2), for arms of unequal SD, and its variance.

    v = y^2 (sd1^4/(n1-1) + sd2^4/(n2-1)) / (8 s^4) + (sd1^2/(n1-1) + sd2^2/(n2-1)) / s^2, with y the corrected
    difference, s^2 = (sd1^2 + sd2^2)/2 and J of n1 + n2 - 2. It is SMDH of `escalc` since metafor 4.6; before, the
    variance was multiplied by J^2.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.

    References
    ----------
    Bonett 2009, J Educ Behav Stat 34:225.
    """
    j = hedges_j(n_arm1 + n_arm2 - 2)
    variance1, variance2 = sd_arm1**2, sd_arm2**2
    square = (variance1 + variance2) / 2
    yi = j * (mean_arm1 - mean_arm2) / math.sqrt(square)
    spread = (variance1 / square) ** 2 / (n_arm1 - 1) + (variance2 / square) ** 2 / (n_arm2 - 1)
    return yi, yi**2 * spread / 8 + (variance1 / square) / (n_arm1 - 1) + (variance2 / square) / (n_arm2 - 1)


def rom(
    mean_arm1: float, sd_arm1: float, n_arm1: float, mean_arm2: float, sd_arm2: float, n_arm2: float
) -> tuple[float, float]:
    """Return the log ratio of means and its variance sd1^2/(n1 m1^2) + sd2^2/(n2 m2^2).

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people of the programme.
    mean_arm2, sd_arm2, n_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If a mean is not above 0.

    References
    ----------
    Hedges, Gurevitch and Curtis 1999, Ecology 80:1150.
    """
    for name, mean in (("mean_arm1", mean_arm1), ("mean_arm2", mean_arm2)):
        if mean <= 0:
            raise ValueError(f"a ratio of means needs means above 0, found {name} = {mean:g}")
    vi = (sd_arm1 / mean_arm1) ** 2 / n_arm1 + (sd_arm2 / mean_arm2) ** 2 / n_arm2
    return log_of_ratio(mean_arm1, mean_arm2), vi


def mn(mean_arm1: float, sd_arm1: float, n_arm1: float) -> tuple[float, float]:
    """Return a single mean and its variance sd^2/n.

    Parameters
    ----------
    mean_arm1, sd_arm1, n_arm1 : float
        Mean, standard deviation and number of people.

    Returns
    -------
    tuple of float
        `yi` in the units of the outcome, and `vi` in their square.
    """
    return mean_arm1, sd_arm1**2 / n_arm1


def log_of_ratio(one: float, other: float) -> float:
    """Return log(one/other) of two positive numbers, even if their ratio overflows or underflows.

    Parameters
    ----------
    one, other : float
        Numerator and denominator, both above 0.

    Returns
    -------
    float
        The natural logarithm.
    """
    ratio = one / other
    return math.log(ratio) if 0 < ratio < math.inf else math.log(one) - math.log(other)


def generic(yi: float, vi: float | None = None, se: float | None = None) -> tuple[float, float]:
    """Return an effect whose variance or standard error is already known.

    Parameters
    ----------
    yi : float
        The effect, in any units.
    vi, se : float, optional
        Its variance or its standard error; exactly one of them.

    Returns
    -------
    tuple of float
        `yi` and `vi`.

    Raises
    ------
    ValueError
        If both `vi` and `se` are given, or neither.
    """
    if vi is not None and se is None:
        return yi, vi
    if se is not None and vi is None:
        return yi, se**2
    raise ValueError("GEN needs either vi or se")
