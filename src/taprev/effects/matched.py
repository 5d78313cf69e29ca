"""Events of matched pairs: the same people twice, or one person and a twin.

The four cells count pairs: with the event at both times, at the first of the two arms alone, at the second alone, at
neither. Every function returns `yi` and its large-sample `vi`, as metafor's `escalc` does for MPRD, MPRR, MPOR, MPORC
and MPPETO.
"""

from __future__ import annotations

import math


def risk_difference(
    count_both: float, count_arm1: float, count_arm2: float, count_neither: float
) -> tuple[float, float]:
    """Return the difference of the two marginal risks and its variance.

    Parameters
    ----------
    count_both, count_arm1, count_arm2, count_neither : float
        Pairs with the event in both arms, in arm 1 alone, in arm 2 alone, in neither.

    Returns
    -------
    tuple of float
        `yi` and `vi`.
    """
    n, p12, p21, _, _ = _shares(count_both, count_arm1, count_arm2, count_neither)
    return p12 - p21, (p12 * (1 - p12) + 2 * p12 * p21 + p21 * (1 - p21)) / n


def risk_ratio(count_both: float, count_arm1: float, count_arm2: float, count_neither: float) -> tuple[float, float]:
    """Return the log ratio of the two marginal risks and its variance.

    Parameters
    ----------
    count_both, count_arm1, count_arm2, count_neither : float
        As in `risk_difference`.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If nobody has the event in one of the arms.
    """
    n, p12, p21, risk1, risk2 = _shares(count_both, count_arm1, count_arm2, count_neither)
    _refuse_none(risk1, risk2)
    return math.log(risk1) - math.log(risk2), (p12 + p21) / (n * risk1 * risk2)


def odds_ratio(count_both: float, count_arm1: float, count_arm2: float, count_neither: float) -> tuple[float, float]:
    """Return the log ratio of the two marginal odds and its variance.

    Parameters
    ----------
    count_both, count_arm1, count_arm2, count_neither : float
        As in `risk_difference`.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If nobody or everybody has the event in one of the arms.
    """
    n, p12, p21, risk1, risk2 = _shares(count_both, count_arm1, count_arm2, count_neither)
    _refuse_none(risk1, risk2)
    if risk1 == 1 or risk2 == 1:
        raise ValueError("everybody has the event in one arm, which has no log odds; nothing is added to an empty cell")
    spread = p12 * (1 - p12) + p21 * (1 - p21) + 2 * p12 * p21
    yi = math.log(risk1 / (1 - risk1)) - math.log(risk2 / (1 - risk2))
    return yi, spread / (n * risk1 * (1 - risk1) * risk2 * (1 - risk2))


def conditional_odds_ratio(
    count_both: float, count_arm1: float, count_arm2: float, count_neither: float
) -> tuple[float, float]:
    """Return the log odds ratio within pairs, of those that differ, and its variance 1/b + 1/c.

    Parameters
    ----------
    count_both, count_arm1, count_arm2, count_neither : float
        As in `risk_difference`; only pairs that differ count.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If all pairs that differ differ in one way.
    """
    if not (count_arm1 and count_arm2):
        raise ValueError("no pair differs in one of the two ways, so there is no log odds ratio within pairs")
    return math.log(count_arm1) - math.log(count_arm2), 1 / count_arm1 + 1 / count_arm2


def peto_odds_ratio(
    count_both: float, count_arm1: float, count_arm2: float, count_neither: float
) -> tuple[float, float]:
    """Return Peto's log odds ratio within pairs, (b - E)/V with E = (b + c)/2 and V = (b + c)/4.

    Parameters
    ----------
    count_both, count_arm1, count_arm2, count_neither : float
        As in `risk_difference`; only pairs that differ count.

    Returns
    -------
    tuple of float
        `yi` on the log scale, and `vi`.

    Raises
    ------
    ValueError
        If no pair differs.
    """
    differ = count_arm1 + count_arm2
    if not differ:
        raise ValueError("no pair differs, so there is no log odds ratio within pairs")
    return (count_arm1 - differ / 2) / (differ / 4), 4 / differ


def _shares(both: float, arm1: float, arm2: float, neither: float) -> tuple[float, float, float, float, float]:
    """Return the number of pairs, the shares that differ either way, and the risks of the arms."""
    n = both + arm1 + arm2 + neither
    if not n:
        raise ValueError("there is no pair")
    return n, arm1 / n, arm2 / n, (both + arm1) / n, (both + arm2) / n


def _refuse_none(risk1: float, risk2: float) -> None:
    if not (risk1 and risk2):
        raise ValueError("nobody has the event in one arm, so there is no log ratio; nothing is added to an empty cell")
