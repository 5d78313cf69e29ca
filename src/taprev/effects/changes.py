"""Changes of the same people between two times, and the difference of two such changes.

Arm 1 is after, arm 2 before. Every function returns `yi` and its large-sample `vi`, as metafor's `escalc`.
"""

from __future__ import annotations

import math

from taprev.effects.hedges import hedges_j
from taprev.effects.means import pooled_sd, rom, smd_from_g


def smcr(
    mean_arm1: float, mean_arm2: float, sd_arm2: float, n_arm1: float, r_pre_post: float, sd_arm1: float | None = None
) -> tuple[float, float]:
    """Return the standardised mean change in units of the SD before, J(n-1) (after - before) / sd_before.

    This is raw-score standardisation.

    Parameters
    ----------
    mean_arm1 : float
        Mean after.
    mean_arm2, sd_arm2 : float
        Mean and standard deviation before.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.
    sd_arm1 : float, optional
        Standard deviation after; accepted and not used.

    Returns
    -------
    tuple of float
        `yi` in standard deviations before, and `vi`.

    References
    ----------
    Becker 1988, Br J Math Stat Psychol 41:257.
    """
    return smcr_from_g(hedges_j(n_arm1 - 1) * (mean_arm1 - mean_arm2) / sd_arm2, n_arm1, r_pre_post)


def smcrh(
    mean_arm1: float, sd_arm1: float, mean_arm2: float, sd_arm2: float, n_arm1: float, r_pre_post: float
) -> tuple[float, float]:
    """Return the standardised mean change in units of the SD before, allowing for another SD after.

    The effect is that of `smcr`; its variance is s_d^2 / (sd_before^2 (n - 1)) + y^2 / (2 (n - 1)), with s_d the
    standard deviation of the changes.

    Parameters
    ----------
    mean_arm1, sd_arm1 : float
        Mean and standard deviation after.
    mean_arm2, sd_arm2 : float
        Mean and standard deviation before.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations before, and `vi`.

    References
    ----------
    Bonett 2008, equation 13, with the corrected effect, as metafor's `escalc`; releases that multiply it by J^2 besides
    (3.8.1) give a smaller variance.
    """
    yi, _ = smcr(mean_arm1, mean_arm2, sd_arm2, n_arm1, r_pre_post)
    spread = sd_of_changes(sd_arm1, sd_arm2, r_pre_post) / sd_arm2
    return yi, (spread**2 + yi**2 / 2) / (n_arm1 - 1)


def romc(
    mean_arm1: float, sd_arm1: float, mean_arm2: float, sd_arm2: float, n_arm1: float, r_pre_post: float
) -> tuple[float, float]:
    """Return the log ratio of the means of the same people after and before, and its variance.

    v = c1^2 / n + c2^2 / n - 2 r c1 c2 / n, with c the coefficient of variation sd / mean.

    Parameters
    ----------
    mean_arm1, sd_arm1 : float
        Mean and standard deviation after.
    mean_arm2, sd_arm2 : float
        Mean and standard deviation before.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.

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
    Lajeunesse 2011, equation 6, as metafor's `escalc`, measure ROMC.
    """
    yi, _ = rom(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm1)
    return yi, sd_of_changes(sd_arm1 / mean_arm1, sd_arm2 / mean_arm2, r_pre_post) ** 2 / n_arm1


def smcr_from_g(g: float, n_arm1: float, r_pre_post: float) -> tuple[float, float]:
    """Return a standardised mean change and its variance 2 (1 - r) / n + g^2 / (2 n).

    Parameters
    ----------
    g : float
        The standardised mean change, in standard deviations of raw scores.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.
    """
    return g, 2 * (1 - r_pre_post) / n_arm1 + g**2 / (2 * n_arm1)


def smcr_from_t(t: float, n_arm1: float, r_pre_post: float) -> tuple[float, float]:
    """Return the standardised mean change J(n-1) (t / sqrt(n)) sqrt(2 (1 - r)) from a paired t, and its variance.

    Parameters
    ----------
    t : float
        The paired t.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of raw scores, and `vi`.
    """
    g = hedges_j(n_arm1 - 1) * t / math.sqrt(n_arm1) * math.sqrt(2 * (1 - r_pre_post))
    return smcr_from_g(g, n_arm1, r_pre_post)


def smcr_from_change(
    mean_change_arm1: float, sd_change_arm1: float, n_arm1: float, r_pre_post: float
) -> tuple[float, float]:
    """Return the standardised mean change J(n-1) (mean change / SD of changes) sqrt(2 (1 - r)), and its variance.

    The SD of raw scores is the SD of the changes divided by sqrt(2 (1 - r)), as for the paired t.

    Parameters
    ----------
    mean_change_arm1, sd_change_arm1, n_arm1 : float
        Mean and standard deviation of the changes, and number of people.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of raw scores, and `vi`.
    """
    return smcr_from_t(mean_change_arm1 / sd_change_arm1 * math.sqrt(n_arm1), n_arm1, r_pre_post)


def sd_of_changes(sd_arm1: float, sd_arm2: float, r_pre_post: float) -> float:
    """Return sqrt(sd1^2 + sd2^2 - 2 r sd1 sd2), written as (sd1 - sd2)^2 + 2 (1 - r) sd1 sd2.

    Parameters
    ----------
    sd_arm1, sd_arm2 : float
        Standard deviation after and before.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    float
        The standard deviation of the changes, in the units of the outcome.

    References
    ----------
    Cochrane Handbook 6.5.2.8.
    """
    return math.sqrt((sd_arm1 - sd_arm2) ** 2 + 2 * (1 - r_pre_post) * sd_arm1 * sd_arm2)


def smcc(
    mean_arm1: float, sd_arm1: float, mean_arm2: float, sd_arm2: float, n_arm1: float, r_pre_post: float
) -> tuple[float, float]:
    """Return the mean change in units of the SD of changes, J(n-1) d, and its variance 1/n + y^2 / (2 n).

    It cannot be compared with an SMD or SMCR, which have another scale.

    Parameters
    ----------
    mean_arm1, sd_arm1 : float
        Mean and standard deviation after.
    mean_arm2, sd_arm2 : float
        Mean and standard deviation before.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of changes, and `vi`.

    References
    ----------
    Gibbons, Hedeker and Davis 1993, J Educ Stat 18:271.
    """
    return smcc_from_change(mean_arm1 - mean_arm2, sd_of_changes(sd_arm1, sd_arm2, r_pre_post), n_arm1)


def smcc_from_change(mean_change_arm1: float, sd_change_arm1: float, n_arm1: float) -> tuple[float, float]:
    """Return the SMCC of printed change scores, and its variance 1/n + y^2 / (2 n).

    Parameters
    ----------
    mean_change_arm1, sd_change_arm1, n_arm1 : float
        Mean and standard deviation of the changes, and number of people.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of changes, and `vi`.
    """
    yi = hedges_j(n_arm1 - 1) * mean_change_arm1 / sd_change_arm1
    return yi, 1 / n_arm1 + yi**2 / (2 * n_arm1)


def smcc_from_t(t: float, n_arm1: float) -> tuple[float, float]:
    """Return the SMCC J(n-1) t / sqrt(n) from a paired t, and its variance.

    Parameters
    ----------
    t : float
        The paired t.
    n_arm1 : float
        Number of people measured at both times.

    Returns
    -------
    tuple of float
        `yi` in standard deviations of changes, and `vi`.
    """
    return smcc_from_change(t, math.sqrt(n_arm1), n_arm1)


def mc(
    mean_arm1: float, sd_arm1: float, mean_arm2: float, sd_arm2: float, n_arm1: float, r_pre_post: float
) -> tuple[float, float]:
    """Return the mean change and its variance (sd1^2 + sd2^2 - 2 r sd1 sd2) / n.

    Parameters
    ----------
    mean_arm1, sd_arm1 : float
        Mean and standard deviation after.
    mean_arm2, sd_arm2 : float
        Mean and standard deviation before.
    n_arm1 : float
        Number of people measured at both times.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in the units of the outcome, and `vi` in their square.
    """
    return mc_from_change(mean_arm1 - mean_arm2, sd_of_changes(sd_arm1, sd_arm2, r_pre_post), n_arm1)


def mc_from_change(mean_change_arm1: float, sd_change_arm1: float, n_arm1: float) -> tuple[float, float]:
    """Return a printed mean change and its variance sd^2 / n.

    Parameters
    ----------
    mean_change_arm1, sd_change_arm1, n_arm1 : float
        Mean and standard deviation of the changes, and number of people.

    Returns
    -------
    tuple of float
        `yi` in the units of the outcome, and `vi` in their square.
    """
    return mean_change_arm1, sd_change_arm1**2 / n_arm1


def ppc(
    mean_post_arm1: float,
    mean_pre_arm1: float,
    sd_pre_arm1: float,
    n_arm1: float,
    mean_post_arm2: float,
    mean_pre_arm2: float,
    sd_pre_arm2: float,
    n_arm2: float,
    r_pre_post: float,
) -> tuple[float, float]:
    """Return the difference of two arms' changes in units of their pooled SD before, and its variance.

    J(n1 + n2 - 2) (change1 - change2) / s_pre, with v = 2 (1 - r) (1/n1 + 1/n2) + y^2 / (2 (n1 + n2)).
    This is d_ppc2 of Morris 2008, with the exact J and the large-sample variance, which puts it on the scale of an
    SMD and of change scores.

    Parameters
    ----------
    mean_post_arm1, mean_pre_arm1, sd_pre_arm1, n_arm1 : float
        Mean after, mean and standard deviation before, and number of people of the programme.
    mean_post_arm2, mean_pre_arm2, sd_pre_arm2, n_arm2 : float
        The same for the comparator.
    r_pre_post : float
        Correlation of the scores before and after.

    Returns
    -------
    tuple of float
        `yi` in standard deviations before, and `vi`.

    References
    ----------
    Morris 2008, Organ Res Methods 11:364.
    """
    sd = pooled_sd(sd_pre_arm1, n_arm1, sd_pre_arm2, n_arm2)
    difference = (mean_post_arm1 - mean_pre_arm1) - (mean_post_arm2 - mean_pre_arm2)
    g = hedges_j(n_arm1 + n_arm2 - 2) * difference / sd
    return smd_from_g(g, n_arm1, n_arm2, math.sqrt(2 * (1 - r_pre_post)))
