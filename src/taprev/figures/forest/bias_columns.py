"""The risk of bias next to the rows of a forest plot: its columns, a cell for each, and what the columns mean.

A domain of a tool is found by its name and stands under its short name in that tool (D1b, 2.1, Q9). Tools share a
column where they share a short name; the key says which domain of which tool that is. A tool of which a domain was
judged has a column for every domain. Where nobody assessed anything there is no column, and the key says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from taprev.extraction.risk_of_bias.judged import NO_OVERALL
from taprev.synthesis.results import RiskOfBias, Study, StudyVote, Synthesis
from taprev.vocabulary import RobRung
from taprev.wording import labels

OVERALL = "overall"
ALONE = "RoB"
NOT_ASSESSED = labels.MISSING
NOBODY = "Risk of bias: not assessed."
WITHOUT_OVERALL = "•"

Tool = tuple[str, str]


@dataclass(frozen=True)
class Bias:
    """The short names of the domains of every tool in a figure, by name and in order, and what the levels amount to.

    The overall judgement is none of the domains. There is no tool where nobody assessed anything.
    """

    domains: Mapping[Tool, Mapping[str, str]]
    rungs: Mapping[str, RobRung] = field(default_factory=dict)

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the heads of the columns: the short names of the domains and the overall judgement."""
        if not self.domains:
            return ()
        shorts = _merged(names.values() for names in self.domains.values())
        return (*shorts, OVERALL) if shorts else (ALONE,)

    def cells(self, judged: RiskOfBias | None) -> tuple[str, ...]:
        """Return a judgement for each column.

        A dash says that nobody assessed it, `WITHOUT_OVERALL` that a result was assessed without an overall judgement;
        a cell is empty where the tool has no domain or the domain has no judgement.
        """
        if not self.domains:
            return ()
        domains = self.heads[:-1]
        if judged is None or _tool(judged) not in self.domains:
            return (*("" for _ in domains), NOT_ASSESSED)
        made = {name: self._cell(level) for name, level in judged.judgements.items()}
        own = {short: made.get(name, "") for name, short in self.domains[_tool(judged)].items()}
        overall = made.get(OVERALL, NOT_ASSESSED)
        if overall == NOT_ASSESSED and judged.assessed:
            overall = WITHOUT_OVERALL
        return (*(own.get(short, "") for short in domains), overall)

    def _cell(self, level: str) -> str:
        return NOT_ASSESSED if self.rungs.get(level) == RobRung.NOT_ASSESSED else level

    def words(self) -> Iterator[str]:
        """Yield, for each tool whose domains were judged, which short name stands for which domain."""
        if not self.domains:
            yield NOBODY
        for (tool, version), names in self.domains.items():
            if names:
                told = (f"{short}{labels.NBSP}{labels.clean(name)}" for name, short in names.items())
                yield f"{tool} ({version}): {', '.join(told)}."


def _merged(orders: Iterable[Iterable[str]]) -> list[str]:
    """Return every short name once, a new one behind the one that it follows in its tool."""
    merged: list[str] = []
    for order in orders:
        place = 0
        for short in order:
            if short not in merged:
                merged.insert(place, short)
            place = merged.index(short) + 1
    return merged


def bias_of(content: Synthesis) -> Bias:
    """Return the tools of a review's domain, each with all its domains where at least one of them was judged."""
    every = [row.risk_of_bias for row in _rows(content) if row.risk_of_bias]
    judged = [judgement for judgement in every if judgement.assessed]
    tools = {_tool(judgement): judgement.shorts for judgement in judged}
    by_domain = {_tool(judgement) for judgement in judged if _by_domain(judgement)}
    rungs = {level: rung for judgement in every for level, rung in judgement.rungs.items()}
    return Bias({tool: shorts if tool in by_domain else {} for tool, shorts in tools.items()}, rungs)


def _by_domain(judged: RiskOfBias) -> bool:
    """Return whether somebody judged a domain."""
    return any(
        name != OVERALL and judged.rungs.get(level) != RobRung.NOT_ASSESSED for name, level in judged.judgements.items()
    )


def _rows(content: Synthesis) -> Iterator[Study | StudyVote]:
    for stratum in content.strata:
        yield from stratum.studies
    yield from (vote for vote in content.votes if not vote.with_magnitude)


def _tool(judged: RiskOfBias) -> Tool:
    return labels.clean(judged.tool), labels.clean(judged.version)


def counted(studies: Iterable[Study]) -> str:
    """Return the overall judgements of studies in words, `3 low, 1 high, 2 not assessed`; empty without any."""
    made = [_overall(study.risk_of_bias) for study in studies]
    counts = {name: made.count(name) for name in dict.fromkeys(made)}
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def assessed(study: Study) -> bool:
    """Return whether somebody judged a domain of the risk of bias of a study, or the whole."""
    return study.risk_of_bias is not None and study.risk_of_bias.assessed


def _overall(judged: RiskOfBias | None) -> str:
    if judged is None or not judged.assessed:
        return RobRung.NOT_ASSESSED
    level = judged.judgements.get(OVERALL, NO_OVERALL)
    return NO_OVERALL if judged.rungs.get(level) == RobRung.NOT_ASSESSED else level
