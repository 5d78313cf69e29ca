"""What the algorithm of RoB 2 proposes from the answers to its signalling questions; people judge.

Source: Sterne et al. 2019, BMJ 366:l4898, with its guidance of 22 August 2019 (individually randomised trials), for the
effect of assignment to the intervention and for that of adhering to it. Each tree asks a question and goes where the
answer leads: yes and probably yes go one way, so do no and probably no. Domain 2 of the effect of assignment has two
trees, and the graver result stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from taprev.vocabulary import Rob2Level, SignallingAnswer

TOOL, ADHERING = "RoB 2", "adhering"
TOOLS = (TOOL, "RoB 2 cluster", "RoB 2 crossover")
"""The tools that share the rule of the overall judgement; only the first has the trees below."""
LOW, CONCERNS, HIGH = Rob2Level


@dataclass(frozen=True)
class Asked:
    """A question and where each answer leads; None where the tool does not offer that answer."""

    question: str
    yes: Asked | Rob2Level
    no: Asked | Rob2Level
    ni: Asked | Rob2Level | None
    na: Asked | Rob2Level | None = None

    def leads_to(self, answer: SignallingAnswer) -> Asked | Rob2Level | None:
        """Return where an answer leads."""
        return {
            SignallingAnswer.YES: self.yes,
            SignallingAnswer.PROBABLY_YES: self.yes,
            SignallingAnswer.NO: self.no,
            SignallingAnswer.PROBABLY_NO: self.no,
            SignallingAnswer.NO_INFORMATION: self.ni,
            SignallingAnswer.NOT_APPLICABLE: self.na,
        }[answer]


@dataclass(frozen=True)
class Proposal:
    """What the answers of a domain lead to: a level, or the question at which they stop, and the questions passed."""

    level: Rob2Level | None
    stops_at: str
    passed: tuple[str, ...]


def _concealed() -> Asked:
    imbalance = Asked("1.3", yes=CONCERNS, no=LOW, ni=LOW)
    random = Asked("1.1", yes=imbalance, no=CONCERNS, ni=imbalance)
    return Asked("1.2", yes=random, no=HIGH, ni=Asked("1.3", yes=HIGH, no=CONCERNS, ni=CONCERNS))


def _deviations() -> Asked:
    balanced = Asked("2.5", yes=CONCERNS, no=HIGH, ni=HIGH)
    affected = Asked("2.4", yes=balanced, no=CONCERNS, ni=balanced)
    arose = Asked("2.3", yes=affected, no=LOW, ni=CONCERNS)
    return Asked("2.1", yes=arose, no=Asked("2.2", yes=arose, no=LOW, ni=arose), ni=arose)


def _analysis() -> Asked:
    impact = Asked("2.7", yes=HIGH, no=CONCERNS, ni=HIGH)
    return Asked("2.6", yes=LOW, no=impact, ni=impact)


def _adherence() -> Asked:
    analysis = Asked(f"2.6 {ADHERING}", yes=CONCERNS, no=HIGH, ni=HIGH)
    adhered = Asked(f"2.5 {ADHERING}", yes=analysis, no=LOW, ni=analysis, na=LOW)
    failures = Asked(f"2.4 {ADHERING}", yes=analysis, no=adhered, ni=analysis, na=adhered)
    balanced = Asked(f"2.3 {ADHERING}", yes=failures, no=analysis, ni=analysis, na=failures)
    personnel = Asked(f"2.2 {ADHERING}", yes=balanced, no=failures, ni=balanced)
    return Asked(f"2.1 {ADHERING}", yes=balanced, no=personnel, ni=balanced)


def _missing() -> Asked:
    likely = Asked("3.4", yes=HIGH, no=CONCERNS, ni=HIGH)
    could = Asked("3.3", yes=likely, no=LOW, ni=likely)
    evidence = Asked("3.2", yes=LOW, no=could, ni=None)
    return Asked("3.1", yes=LOW, no=evidence, ni=evidence)


def _measurement() -> Asked:
    likely = Asked("4.5", yes=HIGH, no=CONCERNS, ni=HIGH)
    differed = Asked("4.2", yes=HIGH, no=_assessors(LOW, likely), ni=_assessors(CONCERNS, likely))
    return Asked("4.1", yes=HIGH, no=differed, ni=differed)


def _assessors(unaware: Rob2Level, likely: Asked) -> Asked:
    influenced = Asked("4.4", yes=likely, no=unaware, ni=likely)
    return Asked("4.3", yes=influenced, no=unaware, ni=influenced)


def _selection() -> Asked:
    planned = Asked("5.1", yes=LOW, no=CONCERNS, ni=CONCERNS)
    analyses = Asked("5.3", yes=HIGH, no=planned, ni=CONCERNS)
    return Asked("5.2", yes=HIGH, no=analyses, ni=Asked("5.3", yes=HIGH, no=CONCERNS, ni=CONCERNS))


TREES: dict[str, tuple[Asked, ...]] = {
    "D1": (_concealed(),),
    "D2": (_deviations(), _analysis()),
    f"D2 {ADHERING}": (_adherence(),),
    "D3": (_missing(),),
    "D4": (_measurement(),),
    "D5": (_selection(),),
}
"""The trees of each domain by its short name; the second of D2 is of the effect of adhering to the intervention."""


def proposal(tree: str, answers: Mapping[str, SignallingAnswer]) -> Proposal:
    """Return what the answers to a domain's signalling questions lead to.

    Parameters
    ----------
    tree : str
        A name in `TREES`.
    answers : mapping of str to SignallingAnswer
        The answers by question; those that the way does not come to are not used.

    Returns
    -------
    Proposal
    """
    walks = [_walk(root, answers) for root in TREES[tree]]
    passed = tuple(question for walk in walks for question in walk.passed)
    stops = next((walk.stops_at for walk in walks if walk.stops_at), "")
    levels = [walk.level for walk in walks if walk.level]
    if Rob2Level.HIGH in levels or not stops:
        return Proposal(max(levels, key=lambda level: level.gravity), "", passed)
    return Proposal(None, stops, passed)


def _walk(place: Asked | Rob2Level, answers: Mapping[str, SignallingAnswer]) -> Proposal:
    passed: list[str] = []
    while isinstance(place, Asked):
        answer = answers.get(place.question)
        further = place.leads_to(answer) if answer else None
        if further is None:
            return Proposal(None, place.question, tuple(passed))
        passed.append(place.question)
        place = further
    return Proposal(place, "", tuple(passed))


def overall_levels_proposed(domains: Iterable[Rob2Level]) -> tuple[Rob2Level, ...]:
    """Return the overall judgements that the levels of all domains allow.

    Low where all are low, high where one is; otherwise some concerns, or high where several domains raise concerns and
    people find that these together lower the confidence in the result substantially.
    """
    levels = list(domains)
    if Rob2Level.HIGH in levels:
        return (Rob2Level.HIGH,)
    concerns = levels.count(Rob2Level.SOME_CONCERNS)
    if not concerns:
        return (Rob2Level.LOW,)
    return (Rob2Level.SOME_CONCERNS, Rob2Level.HIGH) if concerns > 1 else (Rob2Level.SOME_CONCERNS,)
