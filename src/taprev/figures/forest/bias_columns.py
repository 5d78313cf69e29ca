"""The risk of bias next to the rows of a forest plot: its columns, a cell for each, and what the columns mean.

A domain of a tool is found by its name. Its number (D1, D2, ...) is its position among the domains of that tool in the
figure, and the key says which name has which number. Where nobody assessed anything there is no column, and the key
says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from taprev.synthesis.results import RiskOfBias, Study, StudyVote, Synthesis
from taprev.vocabulary import RobRung
from taprev.wording import labels

OVERALL = "overall"
ALONE = "RoB"
NOT_ASSESSED = labels.MISSING
NOBODY = "Risk of bias: not assessed."
NO_OVERALL = "without an overall judgement"

Tool = tuple[str, str]


@dataclass(frozen=True)
class Bias:
    """The domains of every tool in a figure, by name and in order, and what the levels amount to.

    The overall judgement is none of the domains. There is no tool where nobody assessed anything.
    """

    domains: Mapping[Tool, tuple[str, ...]]
    rungs: Mapping[str, RobRung] = field(default_factory=dict)

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the heads of the columns: the numbers of the domains and the overall judgement."""
        if not self.domains:
            return ()
        most = max(len(names) for names in self.domains.values())
        return (*(f"D{position + 1}" for position in range(most)), OVERALL) if most else (ALONE,)

    def cells(self, judged: RiskOfBias | None) -> tuple[str, ...]:
        """Return a judgement for each column: a dash where none was made, nothing where the tool has no domain."""
        if not self.domains:
            return ()
        if judged is None or _tool(judged) not in self.domains:
            return (*("" for _ in self.heads[1:]), NOT_ASSESSED)
        names = self.domains[_tool(judged)]
        made = {name: level for name, level in judged.judgements.items() if self._was_made(level)}
        cells = [made.get(name, NOT_ASSESSED) for name in names]
        cells += [""] * (len(self.heads) - 1 - len(cells))
        return (*cells, made.get(OVERALL, NOT_ASSESSED))

    def _was_made(self, level: str) -> bool:
        return self.rungs.get(level) != RobRung.NOT_ASSESSED

    def words(self) -> Iterator[str]:
        """Yield, for each tool whose domains were judged, which number stands for which domain."""
        if not self.domains:
            yield NOBODY
        for (tool, version), names in self.domains.items():
            if names:
                numbered = (f"D{number}{labels.NBSP}{labels.clean(name)}" for number, name in enumerate(names, 1))
                yield f"{tool} ({version}): {', '.join(numbered)}."


def bias_of(content: Synthesis) -> Bias:
    """Return the tools of a domain with the domains that were judged; the fullest judgement gives their order."""
    judged = [row.risk_of_bias for row in _rows(content) if row.risk_of_bias and row.risk_of_bias.assessed]
    domains: dict[Tool, dict[str, None]] = {_tool(judgement): {} for judgement in judged}
    for judgement in sorted(judged, key=lambda judgement: -len(judgement.judgements)):
        domains[_tool(judgement)] |= dict.fromkeys(name for name in judgement.judgements if name != OVERALL)
    rungs = {level: rung for judgement in judged for level, rung in judgement.rungs.items()}
    return Bias({tool: tuple(names) for tool, names in domains.items()}, rungs)


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


def _overall(judged: RiskOfBias | None) -> str:
    if judged is None or not judged.assessed:
        return RobRung.NOT_ASSESSED
    return judged.judgements.get(OVERALL, NO_OVERALL)
