"""The optimal information size: how many people one adequate trial of the same question would need.

Guyatt GH, Oxman AD, Kunz R, et al. GRADE guidelines 6: rating the quality of evidence: imprecision. J Clin Epidemiol
2011;64:1283-93. The sizes are those of a two-sided z test at `alpha` and `power`.
"""

from __future__ import annotations

import math


def size_of_means(difference: float, alpha: float, power: float) -> int:
    """Return the people that two equal groups need in all to show a difference in standard deviations.

    `2 * 2 (z_alpha/2 + z_power)^2 / difference^2`.
    """
    return 2 * math.ceil(2 * _z(alpha, power) ** 2 / difference**2)


def size_of_change(difference: float, r: float, alpha: float, power: float) -> int:
    """Return the people that one group needs to show a change, in standard deviations of the scores before.

    `2 (1 - r) (z_alpha/2 + z_power)^2 / difference^2`, where `r` is the correlation of before and after.
    """
    return math.ceil(2 * (1 - r) * _z(alpha, power) ** 2 / difference**2)


def size_of_events(control_risk: float, reduction: float, alpha: float, power: float) -> int:
    """Return the people that two equal groups need in all to show a relative risk reduction.

    `2 (z_alpha/2 + z_power)^2 (p1 (1 - p1) + p2 (1 - p2)) / (p1 - p2)^2`, with p1 the risk without the programme.
    """
    p1, p2 = control_risk, control_risk * (1 - reduction)
    return 2 * math.ceil(_z(alpha, power) ** 2 * (p1 * (1 - p1) + p2 * (1 - p2)) / (p1 - p2) ** 2)


def _z(alpha: float, power: float) -> float:
    # Who reads a judgement, as the report does, computes no size of it and loads no numerical library.
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2) + ndtri(power))
