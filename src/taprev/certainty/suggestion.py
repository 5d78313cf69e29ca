"""A suggestion for each GRADE domain from the numbers alone, with its reason; people judge.

The thresholds are this program's reading of GRADE: guidelines 6 (imprecision; Guyatt 2011, J Clin Epidemiol
64:1283), 8 (indirectness; 64:1303), 18 (studies that were not randomised; Schünemann 2019, 111:105), 34 (imprecision;
Zeng 2022, 150:216) and Core GRADE 2 and 3 (Guyatt 2025, BMJ 389:e081904 and e081905). GRADE itself gives no cut-offs
for shares of weight. A domain whose numbers do not exist gets no suggestion.

Missing results also follow what people judged with ROB-ME (Page 2023, BMJ 383:e076754). By how much a level of ROB-ME
lowers the certainty is this program's own rule: a high risk by one, some concerns not by themselves. Where nobody
judged, ten studies or more whose small ones differ from large ones (p < 0.1 by the test for their measure) lower it by
one if a model of selection takes an effect away that the pooled interval shows; that too is this program's own rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from taprev.certainty.basis import DIRECT, PARTLY, Basis
from taprev.synthesis.results import FEWEST_STUDIES, SmallStudies
from taprev.vocabulary import (
    WITH_COMPARATOR,
    CertaintyLevel,
    Contrast,
    Correction,
    GradeDomain,
    MissingEvidenceRisk,
    RobRung,
)
from taprev.wording import labels, sentences, small_study

UNKNOWN = (RobRung.UNKNOWN, RobRung.NOT_ASSESSED, RobRung.UNRATED)
MOST, QUARTER, FAR_FEWER = 50.0, 25.0, 0.5
NOTHING_POOLED = "Nothing is pooled."
FOLLOWS = {
    MissingEvidenceRisk.LOW: "",
    MissingEvidenceRisk.SOME_CONCERNS: "By themselves some concerns do not lower the certainty.",
    MissingEvidenceRisk.HIGH: "A high risk lowers the certainty by one level.",
}
NOT_ASKED = "The settings do not name the people and services that are asked about."


@dataclass(frozen=True)
class Lowering:
    """By how many levels one GRADE domain would lower the certainty, and why; None where numbers cannot say.

    `at_least` where what is not known could lower it further.
    """

    domain: GradeDomain
    levels: int | None
    reason: str
    at_least: bool = False


@dataclass(frozen=True)
class Suggestion:
    """Where the certainty starts, its concerns, and where it ends; `at_most` where something is not known."""

    start: CertaintyLevel
    start_reason: str
    concerns: tuple[Lowering, ...]
    certainty: CertaintyLevel
    at_most: bool


def suggestion(basis: Basis) -> Suggestion | None:
    """Return what the numbers of a stratum suggest, or None where no study contributes."""
    if not basis.k:
        return None
    start, why = _start(basis)
    concerns = (
        _risk_of_bias(basis),
        _inconsistency(basis),
        _indirectness(basis),
        _imprecision(basis),
        _missing(basis),
    )
    lowered = sum(concern.levels or 0 for concern in concerns)
    unknown = any(concern.levels is None or concern.at_least for concern in concerns)
    certainty = start.lowered(lowered)
    return Suggestion(start, why, concerns, certainty, unknown and certainty != CertaintyLevel.VERY_LOW)


def _start(basis: Basis) -> tuple[CertaintyLevel, str]:
    if set(basis.contrasts) == {Contrast.RANDOMISED}:
        return CertaintyLevel.HIGH, "Randomised studies start high."
    if basis.by_robins:
        return CertaintyLevel.HIGH, "Studies judged with ROBINS-I start high, and the judgement lowers them (GRADE 18)."
    without = "that were not randomised" if set(basis.contrasts) <= WITH_COMPARATOR else "without controls"
    return CertaintyLevel.LOW, f"Studies {without} start low, unless every result is judged with ROBINS-I."


def _unit(basis: Basis) -> str:
    return "Studies" if basis.estimate is None else "Weight"


def _risk_of_bias(basis: Basis) -> Lowering:
    by_level = basis.risk_of_bias
    critical, unknown = _at(basis, RobRung.CRITICAL), _at(basis, *UNKNOWN)
    grave, middling = _at(basis, RobRung.HIGH, RobRung.CRITICAL), _at(basis, RobRung.MODERATE)
    listed = "; ".join(f"{share:.0f} % {level}" for level, share in by_level.items())
    shares, open_end = f"{_unit(basis)} by overall risk of bias: {listed}.", unknown > QUARTER
    if critical > MOST:
        return Lowering(GradeDomain.RISK_OF_BIAS, 3, f"{shares} Most is at critical risk.")
    if grave > MOST:
        return Lowering(GradeDomain.RISK_OF_BIAS, 2, f"{shares} Most is at high, serious or critical risk.", open_end)
    if grave > QUARTER:
        return Lowering(
            GradeDomain.RISK_OF_BIAS, 1, f"{shares} More than a quarter is at high or graver risk.", open_end
        )
    if grave + middling > MOST:
        return Lowering(GradeDomain.RISK_OF_BIAS, 1, f"{shares} Less than half is at low risk.", open_end)
    if open_end:
        return Lowering(GradeDomain.RISK_OF_BIAS, None, f"{shares} Somebody must read the reports.")
    return Lowering(GradeDomain.RISK_OF_BIAS, 0, shares)


def _at(basis: Basis, *rungs: RobRung) -> float:
    """Return the share of what stands on any of some rungs, in percent."""
    return sum(share for level, share in basis.risk_of_bias.items() if basis.rungs[level] in rungs)


def _inconsistency(basis: Basis) -> Lowering:
    if basis.estimate is None:
        return Lowering(GradeDomain.INCONSISTENCY, None, NOTHING_POOLED)
    if basis.k < 2:
        return Lowering(GradeDomain.INCONSISTENCY, 0, "One sample cannot disagree with itself.")
    where = "the important difference" if basis.important else "no difference"
    listed = "; ".join(f"{share:.0f} % {side}" for side, share in basis.sides.items())
    held = f"{basis.overlap or 0:.0f} % of intervals hold the mean"
    reason = f"Weight by where estimates lie from {where}: {listed}; {held}." if basis.sides else ""
    if basis.without_effect:
        reason += f" {basis.without_effect:.0f} % of the weight are counts with an empty cell, which have no ratio."
    apart = 100 - max(basis.sides.values(), default=100.0) >= QUARTER
    thresholds = (basis.important, -basis.important) if basis.important else (0.0,)
    crossing = any(
        _across(basis.pi_lb, basis.pi_ub, at) and not _across(basis.ci_lb, basis.ci_ub, at) for at in thresholds
    )
    if crossing:
        reason += f" The prediction interval includes {where}, the confidence interval does not."
    return Lowering(GradeDomain.INCONSISTENCY, int((apart and basis.overlap != 100) or crossing), reason.strip())


def _across(lb: float | None, ub: float | None, threshold: float = 0.0) -> bool:
    return lb is not None and ub is not None and lb < threshold < ub


def _indirectness(basis: Basis) -> Lowering:
    if not basis.asked:
        return Lowering(
            GradeDomain.INDIRECTNESS, None, "The settings do not name the people and services that are asked about."
        )
    direct, partly = (basis.directness.get(kind, 0) for kind in (DIRECT, PARTLY))
    what = "studies come" if basis.estimate is None else "weight comes"
    reason = f"{direct:.0f} % of the {what} from {' in '.join(basis.asked)}"
    if len(basis.asked) > 1:
        reason += f", {partly:.0f} % meets that in part, {100 - direct - partly:.0f} % not at all"
    return Lowering(
        GradeDomain.INDIRECTNESS, 0 if direct >= MOST else 1 if direct + partly >= MOST else 2, f"{reason}."
    )


def _imprecision(basis: Basis) -> Lowering:
    """Lower for thresholds within the interval or for too few people, whichever lowers further."""
    if basis.estimate is None:
        return Lowering(GradeDomain.IMPRECISION, None, NOTHING_POOLED)
    crossed = list(_crossed(basis))
    opening = f"The interval crosses {' and '.join(crossed) if crossed else 'no threshold'}"
    if basis.needed is None or basis.participants is None:
        what = "the number of people" if basis.participants is None else "the optimal information size"
        return Lowering(
            GradeDomain.IMPRECISION, len(crossed) or None, f"{opening}; {what} is not known.", at_least=True
        )
    short = int(basis.participants < basis.needed) + int(basis.participants < FAR_FEWER * basis.needed)
    many = f"{labels.size(basis.participants)} people, where {basis.needed} would be needed to show"
    return Lowering(GradeDomain.IMPRECISION, max(len(crossed), short), f"{opening}; {many} {basis.needed_for}.")


def _crossed(basis: Basis) -> Iterator[str]:
    """Yield the thresholds inside the interval that matter for the estimate (Core GRADE 2)."""
    important = basis.important
    if important is None or basis.estimate is None:
        if _across(basis.ci_lb, basis.ci_ub):
            yield "no difference (no important difference is set)"
        return
    if abs(basis.estimate) >= important:
        side = important if basis.estimate > 0 else -important
        if _across(basis.ci_lb, basis.ci_ub, side):
            yield "the important difference"
        if _across(basis.ci_lb, basis.ci_ub, -side):
            yield "the important difference on the other side"
        return
    for side, name in ((important, "an important benefit"), (-important, "an important harm")):
        if _across(basis.ci_lb, basis.ci_ub, side):
            yield name


def _missing(basis: Basis) -> Lowering:
    """Follow what people judged of the missing evidence, beside what the counts of studies make of it."""
    counted = _missing_by_counts(basis)
    if basis.missing_evidence is None:
        return counted
    risk, why = basis.missing_evidence, sentences.sentence(basis.missing_evidence_reason)
    judged = f"People judged missing evidence (ROB-ME): {risk.said}. {why} {FOLLOWS[risk]}"
    reason = " ".join(f"{judged} {sentences.sentence(counted.reason)}".split())
    match risk:
        case MissingEvidenceRisk.HIGH:
            return replace(counted, levels=1, at_least=False, reason=reason)
        case MissingEvidenceRisk.LOW:
            return replace(counted, levels=counted.levels or 0, reason=reason)
        case MissingEvidenceRisk.SOME_CONCERNS:
            return replace(counted, reason=reason)


def _missing_by_counts(basis: Basis) -> Lowering:
    studies = labels.count(basis.measured, "study", "studies")
    printed = f"{basis.with_magnitude} of {studies} {'gives' if basis.measured == 1 else 'give'} a magnitude"
    known = basis.with_magnitude + basis.read_in_full
    unread = "" if known == basis.measured else f"; {basis.measured - known} of them were not read in full"
    if not basis.systematic_search:
        return Lowering(
            GradeDomain.PUBLICATION_BIAS, 1, f"The search was not systematic; {printed}{unread}.", bool(unread)
        )
    if 100 * basis.with_magnitude < MOST * known:
        return Lowering(GradeDomain.PUBLICATION_BIAS, 1, f"Only {printed}{unread}.", bool(unread))
    if 100 * basis.with_magnitude < MOST * basis.measured:
        return Lowering(GradeDomain.PUBLICATION_BIAS, None, f"{printed}{unread}, so what they print is not known.")
    return _missing_by_selection(basis, f"{printed}.")


def _missing_by_selection(basis: Basis, printed: str) -> Lowering:
    """Lower where small studies have better results than large ones and a model of selection takes the effect away."""
    panel = basis.small_studies
    if panel is None or panel.refused:
        test = " Below ten studies no test of small-study effects is of use." if basis.k < FEWEST_STUDIES else ""
        return Lowering(GradeDomain.PUBLICATION_BIAS, 0, f"{printed}{test}")
    gone = [model.said for model in _without_effect(panel)]
    matters = bool(gone) and not _across(basis.ci_lb, basis.ci_ub)
    reason = f"{printed} {sentences.sentence(small_study.test_words(panel))}"
    if matters:
        reason += f" The interval by {labels.listed(gone)} includes no difference."
    return Lowering(GradeDomain.PUBLICATION_BIAS, int(matters and small_study.better_when_small(panel)), reason)


def _without_effect(panel: SmallStudies) -> list[Correction]:
    """Return the models of selection whose interval includes no difference."""
    return [model.model for model in panel.models if _across(model.ci_lb, model.ci_ub)]
