"""The numbers that a judgement of certainty rests on, for one stratum.

Everything is turned so that positive is better, and stays on the scale of the analysis (ratios in logs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from taprev.certainty.contributors import (
    Contributor,
    OverallJudgement,
    by_robins,
    contributors,
    people,
    shares,
    worst_judgement,
)
from taprev.certainty.information import size_of_change, size_of_events, size_of_means
from taprev.extraction.risk_of_bias.judged import NO_OVERALL, assessed, judgements, overall
from taprev.extraction.tables import Row
from taprev.settings import Settings
from taprev.settings.certainty import Direct
from taprev.settings.sections import Domain
from taprev.synthesis.results import SmallStudies, Stratum, StudyVote
from taprev.vocabulary import WITH_COMPARATOR, Contrast, MissingEvidenceRisk, Read, RobRung, Scale, Side

EVENTS = (Scale.LOG_RISK_RATIO, Scale.LOG_ODDS_RATIO)
DIRECT, PARTLY, INDIRECT = "direct", "partly", "indirect"


@dataclass(frozen=True)
class CertaintyTables:
    """What certainty reads of the extraction: studies and outcomes by their key, and overall judgements by result."""

    studies: Mapping[str, Row]
    outcomes: Mapping[str, Row]
    judged: Mapping[str, OverallJudgement]


@dataclass(frozen=True)
class Basis:
    """The numbers of one stratum, every share in percent.

    `estimate` to `I2` are None where nothing is pooled, and the shares then count studies and not weight. `sides` has
    the shares of estimates that are better, trivial or worse, seen from the important difference or, without one,
    from no difference; `overlap` is the share of intervals that hold the pooled number. `needed` people are the
    optimal information size, for `needed_for`; None where it cannot be computed. `asked` is what directness refers
    to, and `control_risk` the median share of events in the comparison groups, for ratios of risks and odds.
    `rungs` says what each level of `risk_of_bias` amounts to, `by_robins` whether every result was judged with
    ROBINS-I, `without_effect` how much of the weight are counts with an empty cell, of which `sides` and `overlap`
    know nothing. `read_in_full` is how many of the studies without a magnitude were read in full. `missing_evidence` is
    what people judged of the missing evidence (ROB-ME), with its reason, None where nobody judged what there is now.
    `small_studies` are the tests and models of small studies and selection, on the scale of the stratum.
    """

    contrasts: tuple[Contrast, ...]
    k: int
    studies: int
    participants: float | None
    estimate: float | None
    ci_lb: float | None
    ci_ub: float | None
    pi_lb: float | None
    pi_ub: float | None
    tau2: float | None
    I2: float | None
    important: float | None
    by_robins: bool
    risk_of_bias: dict[str, float]
    rungs: dict[str, RobRung]
    sides: dict[str, float]
    overlap: float | None
    asked: tuple[str, ...]
    directness: dict[str, float]
    control_risk: float | None
    needed: int | None
    needed_for: str
    with_magnitude: int
    measured: int
    read_in_full: int
    systematic_search: bool
    without_effect: float = 0.0
    missing_evidence: MissingEvidenceRisk | None = None
    missing_evidence_reason: str = ""
    small_studies: SmallStudies | None = None


def basis(
    stratum: Stratum,
    votes: Sequence[StudyVote],
    domain: Domain,
    tables: CertaintyTables,
    settings: Settings,
) -> Basis:
    """Return the numbers that a judgement of the certainty of `stratum` rests on."""
    many, judged = contributors(stratum, votes), stratum.missing_evidence
    fit, sign = stratum.fit, stratum.favours_sign
    worst = [worst_judgement(effect, tables.judged) for effect in many]
    important = domain.important.value if domain.important and stratum.scale == domain.scale else None
    control_risk = _control_risk(many, tables.outcomes) if stratum.scale in EVENTS else None
    needed, needed_for = _information(stratum, domain, important, control_risk, settings)
    ci_lb, ci_ub = _turned(fit.ci_lb, fit.ci_ub, sign) if fit else (None, None)
    pi_lb, pi_ub = _turned(fit.pi_lb, fit.pi_ub, sign) if fit else (None, None)
    return Basis(
        contrasts=stratum.contrasts,
        k=fit.k if fit else len(many),
        studies=len({effect.study for effect in many}),
        participants=people(many),
        estimate=sign * fit.estimate if fit else None,
        ci_lb=ci_lb,
        ci_ub=ci_ub,
        pi_lb=pi_lb,
        pi_ub=pi_ub,
        tau2=fit.tau2 if fit else None,
        I2=fit.I2 if fit else None,
        important=important,
        by_robins=by_robins(many, tables.judged),
        risk_of_bias=shares(many, lambda effect: worst_judgement(effect, tables.judged).level),
        rungs={judgement.level: judgement.rung for judgement in worst},
        sides=_sides(many, important) if fit else {},
        overlap=_overlap(many, sign * fit.estimate) if fit else None,
        asked=tuple(part.label for part in settings.certainty.direct),
        directness=shares(many, lambda effect: _directness(tables.studies[effect.study], settings.certainty.direct)),
        control_risk=control_risk,
        needed=needed,
        needed_for=needed_for,
        with_magnitude=stratum.missing_results.with_magnitude,
        measured=stratum.missing_results.studies,
        read_in_full=stratum.missing_results.read.get(Read.FULL_TEXT, 0),
        systematic_search=settings.review.systematic_search,
        without_effect=sum(effect.share for effect in many if effect.yi is None) if fit else 0.0,
        missing_evidence=judged.risk if judged else None,
        missing_evidence_reason=judged.reason if judged and judged.risk else "",
        small_studies=stratum.small_studies,
    )


def _turned(lb: float | None, ub: float | None, sign: int) -> tuple[float | None, float | None]:
    """Return both limits of an interval, the lower one first where the scale is turned."""
    if lb is None or ub is None:
        return None, None
    return (lb, ub) if sign > 0 else (-ub, -lb)


def _sides(many: Sequence[Contributor], important: float | None) -> dict[str, float]:
    """Return the weight on each side among the samples that have an effect of their own, in percent."""
    found = shares([effect for effect in many if effect.yi is not None], lambda effect: _side(effect.yi, important))
    total = sum(found.values())
    if all(effect.yi is not None for effect in many):
        return found
    return {side: 100 * share / total for side, share in found.items()} if total else {}


def _side(yi: float | None, important: float | None) -> Side:
    threshold = important or 0.0
    if yi is None or abs(yi) < threshold or yi == 0:
        return Side.TRIVIAL
    return Side.BETTER if yi > 0 else Side.WORSE


def _overlap(many: Sequence[Contributor], estimate: float) -> float | None:
    """Return how many of the intervals hold the estimate, in percent; None where no sample has one."""
    intervals = [(e.ci_lb, e.ci_ub) for e in many if e.ci_lb is not None and e.ci_ub is not None]
    if not intervals:
        return None
    return 100 * sum(low <= estimate <= high for low, high in intervals) / len(intervals)


def _directness(study: Row, asked: Sequence[Direct]) -> str:
    """Return whether a study meets all, some or none of what the settings ask about; all if they ask for nothing."""
    met = [study[part.column] in part.levels for part in asked]
    return DIRECT if all(met) else PARTLY if any(met) else INDIRECT


def _information(
    stratum: Stratum,
    domain: Domain,
    important: float | None,
    control_risk: float | None,
    settings: Settings,
) -> tuple[int | None, str]:
    """Return the optimal information size and what it is the size for."""
    how, scale = settings.certainty, stratum.scale
    if control_risk is not None:
        needed_for = f"a relative risk reduction of {how.modest_reduction:.0%} from a risk of {control_risk:.1%}"
        return size_of_events(control_risk, how.modest_reduction, how.alpha, how.power), needed_for
    unit = {Scale.SMD: 1.0, Scale.MD: domain.instrument.sd if domain.instrument else None}.get(scale)
    if unit is None:
        return None, ""
    difference = important / unit if important else how.small_effect
    needed_for = f"a difference of {difference:g} standard deviations"
    if set(stratum.contrasts) <= WITH_COMPARATOR:
        return size_of_means(difference, how.alpha, how.power), needed_for
    r = settings.assumptions.r_pre_post.value
    return size_of_change(difference, r, how.alpha, how.power), needed_for


def _control_risk(many: Sequence[Contributor], outcomes: Mapping[str, Row]) -> float | None:
    """Return the median risk of the comparison groups, where events are printed; a sample counts once."""
    risks: dict[tuple[str, str], float] = {}
    for effect in many:
        for row in (outcomes[result] for result in effect.results):
            if row["event_arm2"] and row["totaln_arm2"]:
                risks.setdefault((effect.study, effect.sample), float(row["event_arm2"]) / float(row["totaln_arm2"]))
    risk = median(risks.values()) if risks else 0.0
    return risk if 0 < risk < 1 else None


def overall_judgements(judged: Sequence[Row]) -> dict[str, OverallJudgement]:
    """Return the overall judgement of every result, from rows in the words of their tools.

    Where somebody assessed a result by a tool that gives no overall judgement, its level says so.
    """
    rows = judgements(judged)
    made = {row["result"]: OverallJudgement(row["tool"], NO_OVERALL, RobRung.UNRATED) for row in rows if assessed(row)}
    given = {
        result: OverallJudgement(row["tool"], row["judgement"], RobRung(row["rung"]))
        for result, row in overall(rows).items()
        if assessed(row) or result not in made
    }
    return made | given
