"""The reviewer's answers to queries, kept in `data/raw/answers.csv`, and queries joined with their answers.

An answer names its check and its result, or its study where the query is about a study. It belongs to every query of
that check there; one about a figure in its source stands unused where no source is kept. `found` says what the check
had found when it was answered: where it finds something else today, the answer is shown and not counted. An older file
lacks this column, and its answers stand. A query without an answer is open; it does not stop the review.
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from taprev.extraction.forms import form_paths, ragged, read_forms
from taprev.extraction.looked_up import SOURCES, read_looked_up
from taprev.extraction.plausibility import OF_SOURCES, REGISTRY, queries
from taprev.extraction.plausibility.query import EFFECT_LEAVES, Query
from taprev.extraction.problems import Problem
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.judged import read_judged
from taprev.extraction.sheets.write_back import write_back
from taprev.extraction.tables import (
    Row,
    columns,
    file_problems,
    header_of,
    named,
    number_of,
    read_rows,
    there,
    with_columns,
)

OLDER_HEADER = ["check", "result", "answer"]
FOUND = "found"
HEADER = [*OLDER_HEADER, FOUND]
EARLIER = "earlier_answer"
HOW = (
    "Answer in data/raw/answers.csv (check {check}, result {at}, and your answer), or correct the figure; extraction > "
    "open_queries: mark goes on without."
)
COLUMNS = ["check", "severity", "result", "study", "column", "found", "ask", "answer", EARLIER, "reason"]


def asked(data: Path, looked_up: Path | None = None) -> list[Query]:
    """Return every query of the extracted tables under `data`.

    `looked_up` is the table of figures as they were looked up in their sources, beside the tables where none is named.
    """
    outcomes, studies, reports = (
        read_rows(data / "extracted" / f"{name}.csv") for name in ("outcomes", "studies", "reports")
    )
    extracted = data / "extracted"
    judged, forms = read_judged(extracted), read_forms(form_paths(data), columns(extracted, "outcomes"), ())
    found = read_looked_up(looked_up or data / SOURCES)
    tools = tools_of(extracted)
    return queries(outcomes, studies, reports, judged, tools=tools, forms=forms.rows, looked_up=found)


def read_answers(data: Path, queries: list[Query]) -> tuple[list[Row], list[Problem]]:
    """Return the answers under `data/raw` and what is wrong with them; a missing file holds no answer."""
    path = data / "raw" / "answers.csv"
    if not there(path):
        return [], []
    broken = file_problems(path, HEADER if FOUND in header_of(path) else OLDER_HEADER)
    if broken := broken or ragged(path, short=False):
        return [], broken
    answers = [with_columns(row, [FOUND]) for row in read_rows(path)]
    return answers, _answer_problems(path, answers, {_key(query) for query in queries})


def answer_problems(data: Path) -> list[Problem]:
    """Return what is wrong with the answers to the queries of the extracted tables under `data`."""
    return read_answers(data, asked(data))[1]


def _key(query: Query) -> tuple[str, str]:
    return query.check, query.result or query.study


def _answer_problems(path: Path, answers: list[Row], keys: set[tuple[str, str]]) -> list[Problem]:
    names = {check.name for check in REGISTRY}
    known = {*names, EFFECT_LEAVES.name}
    of_sources = {check.__name__ for check in OF_SOURCES}
    seen: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for answer in answers:
        key = answer["check"], answer["result"]
        findings = [
            (key[0] not in known, "check", f'found "{key[0]}", which is no check.', "Correct its name."),
            (not answer["answer"], "answer", "found an empty answer.", "Write it, or remove the row."),
            (key in seen, "result", f"found row {seen.get(key)} again.", "Keep one of the two."),
            (
                key[0] in names - of_sources and key not in keys,
                "result",
                "this answer answers nothing:",
                "the check asks nothing there. Remove it or correct it.",
            ),
        ]
        seen.setdefault(key, number_of(answer))
        problems += [
            Problem(named(path), number_of(answer), answer["result"] or "", "", column, found, advice)
            for wrong, column, found, advice in findings
            if wrong
        ]
    return problems


def as_found(queries: list[Query]) -> dict[tuple[str, str], str]:
    """Return what each check finds at each result or study, all of its queries there in one text."""
    found: dict[tuple[str, str], list[str]] = {}
    for query in queries:
        found.setdefault(_key(query), []).append(f"{query.column}: {query.found}" if query.column else query.found)
    return {key: " ".join(sentences) for key, sentences in found.items()}


def outdated_answers(data: Path) -> list[str]:
    """Return a sentence for each answer that was given to another finding, and one for those that do not say."""
    queries = asked(data)
    answers, problems = read_answers(data, queries)
    if problems:
        return []
    now, path, sentences = as_found(queries), data / "raw" / "answers.csv", []
    for answer in answers:
        key = answer["check"], answer["result"]
        if answer[FOUND] and answer[FOUND] != now.get(key, answer[FOUND]):
            found = f'the answer was given to "{answer[FOUND]}", the check finds "{now[key]}" now: the query is open.'
            advice = f"Answer that, empty {FOUND}, and run taprev basis; or correct the figure."
            sentences.append(Problem(named(path), number_of(answer), key[1], "", FOUND, found, advice).sentence())
    silent = sum(not answer[FOUND] for answer in answers)
    if silent:
        sentences.append(
            f"{path.name}: {silent} of {len(answers)} answers do not say what the check had found ({FOUND}): they "
            "stand whatever it finds now. If the figures are as they were, taprev basis writes it."
        )
    return sentences


def record_findings(data: Path, looked_up: Path | None = None) -> int:
    """Write what the check finds now beside every answer that does not say it; return how many there were.

    `looked_up` is the table of figures as they were looked up in their sources.
    Raises ValueError where the answers cannot be read, or answer nothing.
    """
    queries, path = asked(data, looked_up), data / "raw" / "answers.csv"
    answers, problems = read_answers(data, queries)
    if problems:
        raise ValueError("\n".join(problem.sentence() for problem in problems))
    now = as_found(queries)
    silent = [answer for answer in answers if not answer[FOUND] and (answer["check"], answer["result"]) in now]
    found = {(number_of(answer), FOUND): now[answer["check"], answer["result"]] for answer in silent}
    if found:
        write_back(path, found, header=HEADER)
    return len(silent)


def answered(queries: list[Query], answers: list[Row]) -> list[Row]:
    """Return every query with its answer and the reason of its check; an open query has an empty answer.

    An answer that was given to another finding stands in `earlier_answer`.
    """
    given, now = {(answer["check"], answer["result"]): answer for answer in answers}, as_found(queries)
    reasons = {check.name: check.reason for check in (*REGISTRY, EFFECT_LEAVES)}
    rows = []
    for query in queries:
        answer = given.get(_key(query), dict.fromkeys(HEADER, ""))
        stands = answer[FOUND] in ("", now[_key(query)])
        texts = (answer["answer"], "") if stands else ("", answer["answer"])
        cells = (*astuple(query), *texts, reasons.get(query.check, ""))
        rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def open_query_problems(data: Path, queries: list[Query] | None = None) -> list[Problem]:
    """Return each open query as a problem, for a review that open queries stop; by default those of the tables."""
    queries = asked(data) if queries is None else queries
    path = data / "extracted" / "outcomes.csv"
    numbers = {row["result"]: number_of(row) for row in read_rows(path)}
    return [
        Problem(
            named(path),
            numbers.get(row["result"]),
            row["result"],
            row["study"],
            row["column"],
            f"{row['check']} is open: {row['found']}",
            f"{row['ask']} {HOW.format(check=row['check'], at=row['result'] or row['study'])}",
        )
        for row in answered(queries, read_answers(data, queries)[0])
        if not row["answer"]
    ]


def open_checks(data: Path, looked_up: Path | None = None) -> dict[str, list[str]]:
    """Return the checks whose queries nobody has answered, by result, or by study where they are about one.

    `looked_up` is the table of figures as they were looked up, beside the tables where none is named. Raises ValueError
    where the answers cannot be read.
    """
    queries = asked(data, looked_up)
    answers, problems = read_answers(data, queries)
    if problems:
        raise ValueError("\n".join(problem.sentence() for problem in problems))
    still_open: dict[str, list[str]] = {}
    for row in answered(queries, answers):
        if not row["answer"]:
            still_open.setdefault(row["result"] or row["study"], []).append(row["check"])
    return still_open
