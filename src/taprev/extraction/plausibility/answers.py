"""The reviewer's answers to queries, kept in `data/raw/answers.csv`, and queries joined with their answers.

An answer names its check and its result, or its study where the query is about a study. It belongs to
every query of that check there. A query without an answer is open; it does not stop the review.
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from taprev.extraction.plausibility import REGISTRY, queries
from taprev.extraction.plausibility.query import Query
from taprev.extraction.problems import Problem
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.judged import read_judged
from taprev.extraction.tables import Row, file_problems, read_rows
from taprev.ground.files import csv_text

HEADER = ["check", "result", "answer"]
COLUMNS = ["check", "severity", "result", "study", "column", "found", "ask", "answer", "reason"]


def asked(data: Path) -> list[Query]:
    """Return every query of the extracted tables under `data`."""
    outcomes, studies, reports = (
        read_rows(data / "extracted" / f"{name}.csv") for name in ("outcomes", "studies", "reports")
    )
    extracted = data / "extracted"
    return queries(outcomes, studies, reports, read_judged(extracted), tools_of(extracted))


def read_answers(data: Path, queries: list[Query]) -> tuple[list[Row], list[Problem]]:
    """Return the answers under `data/raw` and what is wrong with them; a missing file holds no answer."""
    path = data / "raw" / "answers.csv"
    if not path.is_file():
        return [], []
    broken = file_problems(path, HEADER)
    if broken:
        return [], broken
    answers = read_rows(path)
    return answers, _answer_problems(path, answers, {_key(query) for query in queries})


def answer_problems(data: Path) -> list[Problem]:
    """Return what is wrong with the answers to the queries of the extracted tables under `data`."""
    return read_answers(data, asked(data))[1]


def _key(query: Query) -> tuple[str, str]:
    return query.check, query.result or query.study


def _answer_problems(path: Path, answers: list[Row], keys: set[tuple[str, str]]) -> list[Problem]:
    names = {check.name for check in REGISTRY}
    seen: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for number, answer in enumerate(answers, start=2):
        key = answer["check"], answer["result"]
        findings = [
            (key[0] not in names, "check", f'found "{key[0]}", which is no check.', "Correct its name."),
            (not answer["answer"], "answer", "found an empty answer.", "Write it, or remove the row."),
            (key in seen, "result", f"found row {seen.get(key)} again.", "Keep one of the two."),
            (
                key[0] in names and key not in keys,
                "result",
                "this answer answers nothing:",
                "the check asks nothing there. Remove it or correct it.",
            ),
        ]
        seen.setdefault(key, number)
        problems += [
            Problem(path.as_posix(), number, answer["result"] or "", "", column, found, advice)
            for wrong, column, found, advice in findings
            if wrong
        ]
    return problems


def answered(queries: list[Query], answers: list[Row]) -> list[Row]:
    """Return every query with its answer and the reason of its check; an open query has an empty answer."""
    given = {(answer["check"], answer["result"]): answer["answer"] for answer in answers}
    reasons = {check.name: check.reason for check in REGISTRY}
    cells = ((*astuple(q), given.get(_key(q), ""), reasons.get(q.check, "")) for q in queries)
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells]


def queries_csv(queries: list[Query], answers: list[Row]) -> str:
    """Return the queries with their answers as CSV."""
    return csv_text(COLUMNS, (row.values() for row in answered(queries, answers)))
