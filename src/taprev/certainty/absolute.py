"""What a pooled ratio of events means among a thousand people, or among more where the event is rare.

Cochrane Handbook for Systematic Reviews of Interventions, version 6.5, 14.1.5.5 and 15.4.4: the risk without the
programme is the median of the comparison groups that were pooled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from taprev.synthesis.results import Stratum
from taprev.vocabulary import Scale

PEOPLE = (1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Absolute:
    """How many of so many `people` have the event: without the programme, with it, and the interval of the latter."""

    people: int
    control_risk: float
    without: float
    with_programme: float
    ci_lb: float
    ci_ub: float


def _of_risk_ratio(ratio: float, risk: float) -> float:
    return min(1.0, ratio * risk)


def _of_odds_ratio(ratio: float, risk: float) -> float:
    return ratio * risk / (1 - risk + ratio * risk)


RISKS: dict[Scale, Callable[[float, float], float]] = {
    Scale.LOG_RISK_RATIO: _of_risk_ratio,
    Scale.LOG_ODDS_RATIO: _of_odds_ratio,
}


def absolute(stratum: Stratum, control_risk: float | None) -> Absolute | None:
    """Return what the pooled ratio of a stratum means for people whose risk is `control_risk`.

    None where nothing is pooled, the scale is no ratio of risks or odds, or the risk is not known.
    """
    risk_of, fit = RISKS.get(stratum.scale), stratum.fit
    if risk_of is None or fit is None or control_risk is None:
        return None
    people = next((people for people in PEOPLE if people * control_risk >= 1), PEOPLE[-1])
    risks = [people * risk_of(math.exp(value), control_risk) for value in (fit.estimate, fit.ci_lb, fit.ci_ub)]
    return Absolute(people, control_risk, people * control_risk, *risks)
