"""Judgements of risk of bias due to missing evidence as people wrote them down, one for a synthesis (ROB-ME).

The tool asks eleven signalling questions, 3.1 to 3.3 once for the review and 4.1 to 4.8 of every synthesis, and comes
to a level. The answers to a question differ between its versions, so each takes every answer.

Page MJ, Sterne JAC, Boutron I, et al. ROB-ME: a tool for assessing risk of bias due to missing evidence in systematic
reviews with meta-analysis. BMJ 2023;383:e076754. Form of 1 October 2023: riskofbias.info.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, by_value, named, number_of, read_rows, there
from taprev.settings import Settings
from taprev.vocabulary import Better, Contrast, Scale, SignallingAnswer

TABLE = "missing_evidence.csv"
QUESTIONS = ("3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8")
BETWEEN = ";"


def read_missing_evidence(extracted: Path) -> list[Row]:
    """Return the judgements of a review; none where it has no such table."""
    path = extracted / TABLE
    return read_rows(path) if there(path) else []


def answers_in(text: str) -> dict[str, SignallingAnswer]:
    """Return the answers in a cell by their question; ValueError where one is none of the tool."""
    return {question: SignallingAnswer(answer) for question, answer in map(_question_and_answer, _parts(text))}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


def _question_and_answer(part: str) -> tuple[str, str]:
    question, _, answer = part.partition(" ")
    return question, answer.strip()


def missing_evidence_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    """Yield every judgement of an unknown domain or synthesis, made twice, or with an answer that is none."""
    path = folder / TABLE
    rows = read_missing_evidence(folder)
    made = Counter((row["domain"], row["stratum"]) for row in rows)
    of_domain = by_value(read_rows(folder / "outcomes.csv"), "domain")
    for row in rows:
        designs = {result["contrast"] for result in of_domain[row["domain"]]}
        findings = [*_unplaced(row, settings, designs), *_wrong_answers(row["answers"])]
        if made[row["domain"], row["stratum"]] > 1:
            found = f'found "{row["domain"]}, {row["stratum"]}" more than once.'
            findings.append(("stratum", found, "Keep one judgement of it."))
        for column, found, advice in findings:
            yield Problem(named(path), number_of(row), "", "", column, found, advice)


def _unplaced(row: Row, settings: Settings, designs: set[str]) -> Iterator[tuple[str, str, str]]:
    domain, stratum = row["domain"], row["stratum"]
    if domain not in settings.domains:
        known = ", ".join(settings.domains)
        yield "domain", f'found "{domain}", which is not a configured domain.', f"Use one of: {known}."
    design = design_of(stratum)
    if design is None:
        known = ", ".join(Contrast)
        advice = f"Use a design ({known}) or the longer name that the document missing evidence gives."
        yield "stratum", f'found "{stratum}", which names no synthesis.', advice
    elif domain in settings.domains and design not in designs:
        found = f'found "{stratum}", but no result of {domain} is of this design.'
        yield "stratum", found, "Correct the domain or the design."


def design_of(stratum: str) -> Contrast | None:
    """Return the design in the name of a stratum, which may go on with a scale and which way is better."""
    axes = {f"_{scale}_{better}" for scale in Scale for better in Better}
    return next((c for c in Contrast if stratum == c or stratum.removeprefix(c) in axes), None)


def _wrong_answers(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the answers to signalling questions in a cell."""
    pairs = [_question_and_answer(part) for part in _parts(text)]
    for question, answer in pairs:
        if question not in QUESTIONS:
            found = f'found "{question}", which is no signalling question of ROB-ME.'
            yield "answers", found, f"It has: {', '.join(QUESTIONS)}. Write 4.1 Y; 4.2 PN."
        if answer not in tuple(SignallingAnswer):
            found = f'found "{answer}" for {question}, which is no answer.'
            yield "answers", found, f"Use one of: {', '.join(SignallingAnswer)}. Write 4.1 Y; 4.2 PN."
    for question, times in Counter(question for question, _ in pairs).items():
        if times > 1:
            yield "answers", f"found {question} more than once.", "Keep one answer to it."
