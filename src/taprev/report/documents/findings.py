"""What a stratum found, in the few words of a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from taprev.certainty.assessment import Assessment, DomainCertainty
from taprev.certainty.judgements import Judgement
from taprev.synthesis.results import Stratum, Synthesis
from taprev.vocabulary import CertaintyLevel, Concern, Fate
from taprev.wording import context, labels, missing_evidence, sentences
from taprev.wording.strata import LIMITS, direction_words, marked, measured, study_number, verdict

SIGNS = {
    CertaintyLevel.HIGH: "⊕⊕⊕⊕",
    CertaintyLevel.MODERATE: "⊕⊕⊕◯",
    CertaintyLevel.LOW: "⊕⊕◯◯",
    CertaintyLevel.VERY_LOW: "⊕◯◯◯",
}
NONE = labels.MISSING


@dataclass(frozen=True)
class Known:
    """What is known of one outcome domain: its synthesis and its certainty, as read from their JSON."""

    synthesis: Synthesis
    certainty: DomainCertainty

    @property
    def label(self) -> str:
        """Return the name of the domain."""
        return self.synthesis.label

    @property
    def strata(self) -> list[tuple[Stratum, Assessment]]:
        """Return every main stratum with its assessment."""
        return list(zip(self.synthesis.strata, self.certainty.strata, strict=True))


def by_population(known: Sequence[Known], names: Mapping[str, str]) -> dict[str, list[Known]]:
    """Return the domains under the name of their population, in their order."""
    groups: dict[str, list[Known]] = {}
    for outcome in known:
        population = outcome.synthesis.population
        name = sentences.sentence(names.get(population, labels.population(population))).rstrip(".")
        groups.setdefault(name, []).append(outcome)
    return groups


def magnitudes(known: Sequence[Known]) -> tuple[int, int]:
    """Return how many studies give a usable magnitude and how many measured, counted by outcome."""
    counted = [outcome.synthesis.missing_results for outcome in known]
    return sum(missing.with_magnitude for missing in counted), sum(missing.studies for missing in counted)


def judged(known: Sequence[Known]) -> tuple[int, int]:
    """Return how many outcomes by design have a judged certainty, and how many there are."""
    assessed = [assessment for outcome in known for assessment in outcome.certainty.strata]
    return sum(bool(assessment.certainty) for assessment in assessed), len(assessed)


def judged_missing(known: Sequence[Known]) -> int:
    """Return of how many outcomes by design people judged the evidence that is missing from them."""
    judged = (stratum.missing_evidence for outcome in known for stratum, _ in outcome.strata)
    return sum(one is not None and one.risk is not None for one in judged)


def number(stratum: Stratum) -> str:
    """Return the pooled number with its unit, or what is shown instead: the single studies, or nothing."""
    fit = stratum.fit
    if fit:
        return marked(measured(stratum, fit.estimate, fit), stratum.marks)
    if not stratum.studies:
        return "no size given"
    shown = [f"{study.label}: {marked(study_number(stratum, study), study.marks)}" for study in stratum.studies]
    return "\n".join(["not pooled", *shown])


def people(stratum: Stratum) -> str:
    """Return the studies and people behind a number with its time and comparison, and what is known to be missing."""
    behind = [labels.count(len({study.study for study in stratum.shown}), "study", "studies")] if stratum.shown else []
    behind += [f"k = {stratum.fit.k}"] if stratum.fit else []
    behind += [context.of_number(stratum)] if stratum.shown else []
    against = f"compared with {context.compared_with(stratum.contrasts, stratum.shown)}" if stratum.shown else ""
    missing = [context.magnitudes(stratum.missing_results), missing_evidence.in_short(stratum.missing_evidence)]
    return "\n".join(filter(None, [", ".join(behind), against, *missing]))


def in_other_units(stratum: Stratum, assessed: Assessment) -> str:
    """Return a pooled number among a thousand people, or in points of an instrument people know."""
    absolute, units = assessed.absolute, stratum.in_units
    if absolute:
        with_it, lb, ub = (
            labels.number(value, 0) for value in (absolute.with_programme, absolute.ci_lb, absolute.ci_ub)
        )
        without = labels.number(absolute.without, 0)
        return f"{with_it} [{lb}, {ub}] of {absolute.people} with, {without} without (median risk)"
    return sentences.in_units(units) or NONE


def certainty(assessed: Assessment) -> str:
    """Return the certainty that people judged, with its signs and its concerns, or that nobody has yet."""
    if not assessed.certainty or not assessed.judgement:
        return assessed.status
    return "\n".join([signs(assessed.certainty), *concerns(assessed.judgement)])


def signs(level: CertaintyLevel) -> str:
    """Return a level of certainty with its signs, `⊕⊕◯◯ low`."""
    return f"{SIGNS[level]} {level.said}"


def concerns(judgement: Judgement) -> Iterator[str]:
    """Yield what lowered a certainty, as people judged it."""
    for domain, concern in judgement.concerns.items():
        if concern != Concern.NOT_SERIOUS:
            yield f"{concern.said} {domain.said}"


def meaning(outcome: Known, stratum: Stratum, assessed: Assessment) -> str:
    """Return the statement that people's judgement allows, or the bare direction of what was found."""
    if assessed.statement:
        return assessed.statement
    if stratum.fit:
        limits = [LIMITS[contrast] for contrast in stratum.contrasts]
        return " ".join([sentences.sentence(verdict(stratum, outcome.label)), *filter(None, limits)])
    tests = [test for test in outcome.synthesis.sign_tests if test.contrast in stratum.contrasts]
    return " ".join(direction_words(test) for test in tests) or NONE


def outcomes_of(contents: Sequence[Synthesis]) -> dict[str, list[str]]:
    """Return the outcomes of every study that the review uses."""
    by_study: dict[str, list[str]] = defaultdict(list)
    for content in contents:
        for study in dict.fromkeys(row.study for row in content.rows if row.fate != Fate.EXCLUDED):
            by_study[study].append(labels.inside(content.label))
    return by_study
