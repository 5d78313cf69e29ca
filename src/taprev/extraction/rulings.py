"""The adjudications: which of them decides a cell, and which of them are not valid.

An adjudication decides one cell (its `result` is filled) or many (its `where` says which: `column=value`
pairs joined by semicolons, in which `first` and `second` stand for the two readings of the cell). A decision
for a row overrides a rule. `first`, `second` and `value` decide a disagreement; `correct` replaces a
reading on which both forms agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row

HEADER = ["result", "column", "where", "decision", "value", "reason"]
DECISIONS = ("first", "second", "value", "correct")


def rulings_for(first_row: Row, second_row: Row, column: str, rulings: list[Row]) -> list[int]:
    """Return the positions of the rulings that decide a cell: a row's own, or else the rules, in their order."""
    agree = (first_row[column] or "") == (second_row[column] or "")
    fitting = [
        position
        for position, ruling in enumerate(rulings)
        if ruling["column"] == column
        and (ruling["decision"] == "correct") == agree
        and ruling["result"] in ("", first_row["result"])
        and _fits(ruling["where"], first_row, second_row, column)
    ]
    return [position for position in fitting if rulings[position]["result"]] or fitting


def _fits(where: str, first_row: Row, second_row: Row, column: str) -> bool:
    for clause in filter(None, (part.strip() for part in where.split(";"))):
        name, _, wanted = (part.strip() for part in clause.partition("="))
        value = {"first": first_row[column], "second": second_row[column]}.get(name, first_row.get(name, ""))
        if (value or "") != wanted:
            return False
    return True


def ruled_value(ruling: Row, first: str, second: str) -> str:
    """Return what a ruling puts into a cell with these two readings."""
    return {"first": first, "second": second}.get(ruling["decision"], ruling["value"])


def conflict(path: Path, fitting: list[int], rulings: list[Row], cell: Row) -> Iterator[Problem]:
    """Yield a problem for rulings of equal rank that would fill a cell (result, column, first, second) differently."""
    values = {ruled_value(rulings[position], cell["first"], cell["second"]) for position in fitting}
    if len(values) > 1:
        rows = " and ".join(str(position + 2) for position in fitting)
        found = f"rows {rows} decide this cell differently."
        advice = "Keep one of them, narrow its `where`, or decide the row alone."
        yield Problem(path.as_posix(), fitting[-1] + 2, cell["result"], "", cell["column"], found, advice)


def ruling_problems(path: Path, rulings: list[Row], first: dict[str, Row], header: list[str]) -> list[Problem]:
    """Return every ruling that is not valid, whatever the forms say in its cell."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str, str, bool], int] = {}
    for number, ruling in enumerate(rulings, start=2):
        key = (ruling["result"], ruling["column"], ruling["where"], ruling["decision"] == "correct")
        findings = [
            (ruling["decision"] not in DECISIONS, "decision", f"Use one of: {', '.join(DECISIONS)}."),
            (ruling["column"] not in header, "column", "Use a column of outcomes.csv."),
            (bool(ruling["result"]) and ruling["result"] not in first, "result", "No form has this result."),
            (not ruling["reason"], "reason", "Every decision needs its reason."),
            (key in seen, "result", f"Row {seen.get(key)} already decides this cell; keep one of the two."),
        ]
        seen.setdefault(key, number)
        problems += [
            Problem(path.as_posix(), number, ruling["result"], "", column, f'found "{ruling[column]}".', advice)
            for wrong, column, advice in findings
            if wrong
        ]
    return problems


def idle_rulings(path: Path, rulings: list[Row], used: set[int], problems: list[Problem]) -> list[Problem]:
    """Return a problem for every ruling that decides nothing and has no other fault."""
    faulty = {problem.row for problem in problems}
    return [
        _idle(path, position + 2, ruling)
        for position, ruling in enumerate(rulings)
        if position not in used and position + 2 not in faulty
    ]


def _idle(path: Path, number: int, ruling: Row) -> Problem:
    state = "disagree" if ruling["decision"] == "correct" else "agree"
    return Problem(
        path.as_posix(),
        number,
        ruling["result"],
        "",
        ruling["column"],
        "this adjudication decides nothing:",
        f"the forms {state} there, or a decision of its own stands above it. Remove it or correct it.",
    )
