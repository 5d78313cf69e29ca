"""Judgements of RoB 2 against what its algorithm makes of the answers to its signalling questions.

The algorithm proposes and never decides: where people judged otherwise, they are asked, and nothing is filled in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.judged import assessed
from taprev.extraction.risk_of_bias.rob2 import ADHERING, TOOL, TOOLS, TREES, overall_levels_proposed, proposal
from taprev.extraction.risk_of_bias.tools import OVERALL
from taprev.extraction.tables import Row
from taprev.vocabulary import Rob2Level, SignallingAnswer

OTHERWISE = "Why was it judged otherwise? Or correct one of them."


@dataclass
class _Assessment:
    """What was answered and judged of one result with RoB 2."""

    result: str
    study: str
    answers: dict[str, SignallingAnswer] = field(default_factory=dict)
    judged: dict[str, str] = field(default_factory=dict)

    def found(self, column: str, found: str, ask: str) -> RowFinding:
        return RowFinding(self.result, self.study, column, found, ask)

    def trees(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each tree that questions were answered of, and the domain it is of."""
        for domain in shipped_tools().named(TOOL)[0].domains:
            for tree in (domain.short, f"{domain.short} {ADHERING}"):
                own = [name for name in domain.questions if name.endswith(ADHERING) == tree.endswith(ADHERING)]
                if tree in TREES and self.answers.keys() & set(own):
                    yield tree, domain.name


def _assessments(tables: ExtractedTables, tool: str = TOOL) -> Iterator[_Assessment]:
    studies = {row["result"]: row["study"] for row in tables.rows}
    by_result: dict[str, list[Row]] = defaultdict(list)
    for row in tables.judged:
        if row["tool"] == tool:
            by_result[row["result"]].append(row)
    for result, rows in by_result.items():
        made = _Assessment(result, studies.get(result, ""))
        for row in rows:
            if not row["rung"]:
                made.answers[row["domain"]] = SignallingAnswer(row["judgement"])
            elif assessed(row):
                made.judged[row["domain"]] = row["judgement"]
        yield made


def judgement_against_answers(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A domain of RoB 2 is judged otherwise than the answers to its signalling questions lead to."""
    for made in _assessments(tables):
        for tree, domain in made.trees():
            proposed = proposal(tree, made.answers)
            judged = made.judged.get(domain)
            if judged and proposed.level and judged != proposed.level:
                answers = ", ".join(f"{question} {made.answers[question]}" for question in proposed.passed)
                found = f'found "{judged}" for {domain}, where the answers {answers} lead to {proposed.level}.'
                yield made.found("judgement", found, OTHERWISE)


def answers_that_stop(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The algorithm of RoB 2 comes to a signalling question that has no answer it can go on from."""
    for made in _assessments(tables):
        for tree, domain in made.trees():
            stops = proposal(tree, made.answers).stops_at
            if stops:
                answer = made.answers.get(stops)
                found = (
                    f"found {answer or 'no answer'} to question {stops} of {domain}, to which the other answers lead."
                )
                yield made.found("judgement", found, "What is the answer?")


def overall_against_domains(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The overall judgement of RoB 2 is another than the judgements of its domains allow."""
    for tool in TOOLS:
        for made in _assessments(tables, tool):
            judged, proposed = made.judged.get(OVERALL), _overall_proposed(made, tool)
            if judged is not None and proposed and judged not in proposed:
                found = f'found "{judged}" overall, where the domains lead to {" or ".join(proposed)}.'
                yield made.found("judgement", found, OTHERWISE)


def _overall_proposed(made: _Assessment, tool: str) -> tuple[Rob2Level, ...]:
    """Return the overall judgements that the domains allow, none where an unjudged domain may still decide.

    One high domain decides whatever else is missing.
    """
    names = [domain.name for domain in shipped_tools().named(tool)[0].domains]
    levels = [Rob2Level(made.judged[name]) for name in names if made.judged.get(name) in tuple(Rob2Level)]
    if len(levels) < len(names) and Rob2Level.HIGH not in levels:
        return ()
    return overall_levels_proposed(levels)
