"""Contrasts of means of two groups of people, and a single mean.

Arm 1 is the programme, arm 2 the comparator. Every function returns `yi` and its large-sample `vi`, as
metafor's `escalc` does (Viechtbauer 2010, J Stat Softw 36(3)).
"""

from __future__ import annotations

import math

from taprev.effects.hedges import hedges_j


def md(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2) -> tuple[float, float]:
    """Return the mean difference and its variance sd1^2/n1 + sd2^2/n2."""
    return mean_arm1 - mean_arm2, sd_arm1**2 / n_arm1 + sd_arm2**2 / n_arm2


def pooled_sd(sd_arm1: float, n_arm1: float, sd_arm2: float, n_arm2: float) -> float:
    """Return sqrt(((n1 - 1) sd1^2 + (n2 - 1) sd2^2) / (n1 + n2 - 2))."""
    return math.sqrt(((n_arm1 - 1) * sd_arm1**2 + (n_arm2 - 1) * sd_arm2**2) / (n_arm1 + n_arm2 - 2))


def smd(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2) -> tuple[float, float]:
    """Return Hedges' g with the pooled standard deviation, and its variance."""
    sd = pooled_sd(sd_arm1, n_arm1, sd_arm2, n_arm2)
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * (mean_arm1 - mean_arm2) / sd, n_arm1, n_arm2)


def smd_from_g(g: float, n_arm1: float, n_arm2: float, factor: float = 1.0) -> tuple[float, float]:
    """Return g and its variance factor^2 (1/n1 + 1/n2) + g^2 / (2 (n1 + n2)); the factor is 1 for raw scores."""
    return g, factor**2 * (1 / n_arm1 + 1 / n_arm2) + g**2 / (2 * (n_arm1 + n_arm2))


def smd_from_t(t: float, n_arm1: float, n_arm2: float, factor: float = 1.0) -> tuple[float, float]:
    """Return g = J(n1 + n2 - 2) t sqrt(1/n1 + 1/n2) factor, and its variance.

    `factor` turns the standard deviation behind t into that of raw scores: sqrt(2 (1 - r)) for change scores,
    sqrt(1 - r^2) for residuals of a model that adjusts for the score before.
    """
    d = t * math.sqrt(1 / n_arm1 + 1 / n_arm2) * factor
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * d, n_arm1, n_arm2, factor)


def smd_from_change(
    mean_change_arm1, sd_change_arm1, n_arm1, mean_change_arm2, sd_change_arm2, n_arm2, r_pre_post
) -> tuple[float, float]:
    """Return g of change scores in units of raw scores, with the factor sqrt(2 (1 - r)), and its variance.

    The SD of raw scores is that of the changes over sqrt(2 (1 - r)), r the correlation of before and after,
    where both times have one SD (Cochrane Handbook 6.5.2.8; Borenstein 2009, chapter 4).
    """
    factor = math.sqrt(2 * (1 - r_pre_post))
    d = (mean_change_arm1 - mean_change_arm2) / pooled_sd(sd_change_arm1, n_arm1, sd_change_arm2, n_arm2)
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * d * factor, n_arm1, n_arm2, factor)


def smdh(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2) -> tuple[float, float]:
    """Return the standardised difference by sqrt((sd1^2 + sd2^2)/2), for arms of unequal SD, and its variance.

    v = J^2 (y^2 (sd1^4/(n1-1) + sd2^4/(n2-1)) / (8 s^4) + (sd1^2/(n1-1) + sd2^2/(n2-1)) / s^2), with
    s^2 = (sd1^2 + sd2^2)/2 and J of n1 + n2 - 2 (Bonett 2009, J Educ Behav Stat 34:225; escalc's SMDH).
    """
    j = hedges_j(n_arm1 + n_arm2 - 2)
    one, other = sd_arm1**2, sd_arm2**2
    square = (one + other) / 2
    yi = j * (mean_arm1 - mean_arm2) / math.sqrt(square)
    spread = (one / square) ** 2 / (n_arm1 - 1) + (other / square) ** 2 / (n_arm2 - 1)
    return yi, j**2 * (yi**2 * spread / 8 + (one / square) / (n_arm1 - 1) + (other / square) / (n_arm2 - 1))


def rom(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2) -> tuple[float, float]:
    """Return the log ratio of means and its variance sd1^2/(n1 m1^2) + sd2^2/(n2 m2^2).

    Hedges, Gurevitch and Curtis 1999, Ecology 80:1150. Raises ValueError where a mean is not above 0.
    """
    for name, mean in (("mean_arm1", mean_arm1), ("mean_arm2", mean_arm2)):
        if mean <= 0:
            raise ValueError(f"a ratio of means needs means above 0, found {name} = {mean:g}")
    vi = (sd_arm1 / mean_arm1) ** 2 / n_arm1 + (sd_arm2 / mean_arm2) ** 2 / n_arm2
    return log_of_ratio(mean_arm1, mean_arm2), vi


def mn(mean_arm1, sd_arm1, n_arm1) -> tuple[float, float]:
    """Return a single mean and its variance sd^2/n."""
    return mean_arm1, sd_arm1**2 / n_arm1


def log_of_ratio(one: float, other: float) -> float:
    """Return log(one/other) of two positive numbers, also where their ratio leaves the range of numbers."""
    ratio = one / other
    return math.log(ratio) if 0 < ratio < math.inf else math.log(one) - math.log(other)


def generic(yi: float, vi: float | None = None, se: float | None = None) -> tuple[float, float]:
    """Return an effect that is known with its variance or its standard error."""
    if (vi is None) == (se is None):
        raise ValueError("GEN needs either vi or se")
    return yi, vi if vi is not None else se**2
