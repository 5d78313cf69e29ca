"""Contrasts of events and of counts, and single proportions; nothing is ever added to a cell.

Every function returns `yi` and its large-sample `vi`, as metafor's `escalc` does with `add = 0`.
"""

from __future__ import annotations

import math

from taprev.effects.means import LOGISTIC, NORMAL, log_of_ratio


def odds_ratio(event_arm1: float, totaln_arm1: float, event_arm2: float, totaln_arm2: float) -> tuple[float, float]:
    """Return the log odds ratio and its variance, the sum of the inverse cells.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If a cell is empty.

    References
    ----------
    Woolf 1955, Ann Hum Genet 19:251.
    """
    a, c = event_arm1, event_arm2
    b, d = totaln_arm1 - a, totaln_arm2 - c
    _refuse_zero("log odds ratio", event_arm1=a, event_arm2=c)
    _refuse_full("log odds ratio", arm1=b, arm2=d)
    return log_of_ratio(a, b) - log_of_ratio(c, d), 1 / a + 1 / b + 1 / c + 1 / d


def d_of_odds_ratio(
    event_arm1: float, totaln_arm1: float, event_arm2: float, totaln_arm2: float
) -> tuple[float, float]:
    """Return a log odds ratio as a standardised difference of logistic scores, sqrt(3)/pi times it, and its variance.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people, of the programme.
    event_arm2, totaln_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.

    Raises
    ------
    ValueError
        If a cell is empty.

    References
    ----------
    Chinn 2000, Stat Med 19:3127.
    """
    yi, vi = odds_ratio(event_arm1, totaln_arm1, event_arm2, totaln_arm2)
    return yi / LOGISTIC, vi / LOGISTIC**2


def d_of_odds_ratio_normal(
    event_arm1: float, totaln_arm1: float, event_arm2: float, totaln_arm2: float
) -> tuple[float, float]:
    """Return a log odds ratio as a standardised difference of normal scores, divided by 1.65, and its variance.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people, of the programme.
    event_arm2, totaln_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` in standard deviations, and `vi`.

    Raises
    ------
    ValueError
        If a cell is empty.

    References
    ----------
    Cox and Snell 1989, Analysis of Binary Data.
    """
    yi, vi = odds_ratio(event_arm1, totaln_arm1, event_arm2, totaln_arm2)
    return yi / NORMAL, vi / NORMAL**2


def risk_ratio(event_arm1: float, totaln_arm1: float, event_arm2: float, totaln_arm2: float) -> tuple[float, float]:
    """Return the log risk ratio and its variance 1/a - 1/n1 + 1/c - 1/n2.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If an arm has no events.
    """
    _refuse_zero("log risk ratio", event_arm1=event_arm1, event_arm2=event_arm2)
    yi = log_of_ratio(event_arm1, totaln_arm1) - log_of_ratio(event_arm2, totaln_arm2)
    return yi, 1 / event_arm1 - 1 / totaln_arm1 + 1 / event_arm2 - 1 / totaln_arm2


def risk_difference(
    event_arm1: float, totaln_arm1: float, event_arm2: float, totaln_arm2: float
) -> tuple[float, float]:
    """Return the risk difference and its variance p1 (1 - p1)/n1 + p2 (1 - p2)/n2.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` as a difference of proportions, and `vi`.
    """
    p1, p2 = event_arm1 / totaln_arm1, event_arm2 / totaln_arm2
    return p1 - p2, p1 * (1 - p1) / totaln_arm1 + p2 * (1 - p2) / totaln_arm2


def peto_odds_ratio(
    event_arm1: float, totaln_arm1: float, event_arm2: float, totaln_arm2: float
) -> tuple[float, float]:
    """Return Peto's log odds ratio (a - E)/V and its variance 1/V, from the hypergeometric mean and variance.

    E = n1 m/N and V = n1 n2 m (N - m) / (N^2 (N - 1)), where m is the events and N the people of both arms.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event and all people of the programme.
    event_arm2, totaln_arm2 : float
        The same for the comparator.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If nobody has the event, or everybody.

    References
    ----------
    Yusuf and others 1985, Prog Cardiovasc Dis 27:335.
    """
    total, events = totaln_arm1 + totaln_arm2, event_arm1 + event_arm2
    if events == 0 or events == total:
        who = "nobody" if events == 0 else "everybody"
        raise ValueError(f"{who} has the event in either arm, and Peto's odds ratio does not exist")
    share = totaln_arm1 / total
    V = events * (total - events) * share * (totaln_arm2 / total) / (total - 1)
    return (event_arm1 - events * share) / V, 1 / V


def rate_ratio(
    count_arm1: float, time_arm1: float, count_arm2: float, time_arm2: float, overdispersion: float = 1.0
) -> tuple[float, float]:
    """Return the log rate ratio and its variance, overdispersion times (1/count1 + 1/count2).

    Parameters
    ----------
    count_arm1, time_arm1 : float
        Events and person-time of the programme.
    count_arm2, time_arm2 : float
        The same for the comparator, in the same unit of time.
    overdispersion : float
        How many times larger the variance is than that of a Poisson count.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If a count is not above 0.
    """
    if count_arm1 <= 0 or count_arm2 <= 0:
        raise ValueError("a count of zero has no log rate ratio, and nothing is added to it")
    yi = log_of_ratio(count_arm1, time_arm1) - log_of_ratio(count_arm2, time_arm2)
    return yi, overdispersion * (1 / count_arm1 + 1 / count_arm2)


def rate_difference(count_arm1: float, time_arm1: float, count_arm2: float, time_arm2: float) -> tuple[float, float]:
    """Return the difference of two rates and its variance, count1/time1^2 + count2/time2^2.

    Parameters
    ----------
    count_arm1, time_arm1 : float
        Events and person-time of the programme.
    count_arm2, time_arm2 : float
        The same for the comparator, in the same unit of time.

    Returns
    -------
    tuple of float
        `yi` in events per unit of time, and `vi` in its square.
    """
    return count_arm1 / time_arm1 - count_arm2 / time_arm2, count_arm1 / time_arm1**2 + count_arm2 / time_arm2**2


def log_rate(count_arm1: float, time_arm1: float) -> tuple[float, float]:
    """Return the log of a rate and its variance 1/count.

    Parameters
    ----------
    count_arm1, time_arm1 : float
        Events and person-time.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If the count is not above 0.
    """
    if count_arm1 <= 0:
        raise ValueError("a count of zero has no log rate, and nothing is added to it")
    return log_of_ratio(count_arm1, time_arm1), 1 / count_arm1


def proportion(event_arm1: float, totaln_arm1: float) -> tuple[float, float]:
    """Return a proportion and its variance p (1 - p)/n.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people.

    Returns
    -------
    tuple of float
        `yi` and `vi`.
    """
    p = event_arm1 / totaln_arm1
    return p, p * (1 - p) / totaln_arm1


def log_proportion(event_arm1: float, totaln_arm1: float) -> tuple[float, float]:
    """Return the log of a proportion and its variance 1/a - 1/n.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If nobody has the event.
    """
    _refuse_zero("log of a proportion", event_arm1=event_arm1)
    return log_of_ratio(event_arm1, totaln_arm1), 1 / event_arm1 - 1 / totaln_arm1


def logit_proportion(event_arm1: float, totaln_arm1: float) -> tuple[float, float]:
    """Return the log odds of a proportion and their variance 1/a + 1/(n - a).

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If nobody has the event, or everybody.
    """
    _refuse_zero("log odds", event_arm1=event_arm1)
    _refuse_full("log odds", arm1=totaln_arm1 - event_arm1)
    others = totaln_arm1 - event_arm1
    return log_of_ratio(event_arm1, others), 1 / event_arm1 + 1 / others


def arcsine_proportion(event_arm1: float, totaln_arm1: float) -> tuple[float, float]:
    """Return the arcsine of the square root of a proportion and its variance 1/(4 n).

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people.

    Returns
    -------
    tuple of float
        `yi` in radians, and `vi`.
    """
    return math.asin(math.sqrt(event_arm1 / totaln_arm1)), 1 / (4 * totaln_arm1)


def freeman_tukey_proportion(event_arm1: float, totaln_arm1: float) -> tuple[float, float]:
    """Return the Freeman-Tukey double arcsine and its variance 1/(4 n + 2).

    It is (asin sqrt(a/(n+1)) + asin sqrt((a+1)/(n+1)))/2.

    Parameters
    ----------
    event_arm1, totaln_arm1 : float
        People with the event, and all people.

    Returns
    -------
    tuple of float
        `yi` in radians, and `vi`.

    References
    ----------
    Freeman and Tukey 1950, Ann Math Stat 21:607.
    """
    a, n = event_arm1, totaln_arm1
    yi = (math.asin(math.sqrt(a / (n + 1))) + math.asin(math.sqrt((a + 1) / (n + 1)))) / 2
    return yi, 1 / (4 * n + 2)


def _refuse_zero(what: str, **events: float) -> None:
    for name, value in events.items():
        if value == 0:
            raise ValueError(f"{name} is 0, so there is no {what}; nothing is added to an empty cell")


def _refuse_full(what: str, **without: float) -> None:
    for arm, value in without.items():
        if value == 0:
            why = f"everybody in {arm} has the event (event_{arm} = totaln_{arm})"
            raise ValueError(f"{why}, so there is no {what}; nothing is added to an empty cell")
