"""Two independent forms and the adjudications between them, merged cell by cell into the consensus.

An adjudication decides one cell (its `result` is filled) or many (its `where` says which: `column=value`
pairs joined by semicolons, in which `first` and `second` stand for the two readings of the cell). A decision
for a row stands above a rule. `first`, `second` and `value` decide a disagreement; `correct` replaces a
reading on which both forms agree. Notes are not compared: both are kept.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, columns, file_problems, read_rows
from taprev.files import write_text

HEADER = ["result", "column", "where", "decision", "value", "reason"]
DECISIONS = ("first", "second", "value", "correct")
KEPT_FROM_BOTH = "note"


@dataclass(frozen=True)
class Cell:
    """One cell of the consensus: its value, both readings, and the reason where they differ."""

    result: str
    column: str
    first: str
    second: str
    value: str
    reason: str
    decided: bool


@dataclass(frozen=True)
class Reconciliation:
    """The consensus rows, every decided cell, and what stands in the way."""

    rows: tuple[Row, ...]
    decided: tuple[Cell, ...]
    open_cells: tuple[Cell, ...]
    problems: tuple[Problem, ...]


def reconcile(data: Path) -> Reconciliation:
    """Merge the two forms under `data/raw` by the adjudications beside them."""
    header = columns(data / "extracted", "outcomes")
    paths = {name: data / "raw" / f"form_{name}.csv" for name in ("first", "second")}
    ruling = data / "raw" / "adjudication.csv"
    broken = [p for path in paths.values() for p in file_problems(path, header)]
    broken += file_problems(ruling, HEADER)
    if broken:
        return Reconciliation((), (), (), tuple(broken))
    first, second = ({row["result"]: row for row in read_rows(path)} for path in paths.values())
    broken = [*_row_problems(paths, first, second), *_repeated(paths)]
    if broken:
        return Reconciliation((), (), (), tuple(broken))
    rulings = read_rows(ruling)
    return _merged(first, second, rulings, header, ruling)


def _merged(
    first: dict[str, Row], second: dict[str, Row], rulings: list[Row], header: list[str], path: Path
) -> Reconciliation:
    problems = _ruling_problems(path, rulings, first, header)
    used: set[int] = set()
    rows, decided, still_open = [], [], []
    for result, one in first.items():
        cells = [_cell(one, second[result], column, rulings, used) for column in header]
        rows.append({cell.column: cell.value for cell in cells})
        decided += [cell for cell in cells if cell.decided]
        still_open += [cell for cell in cells if cell.first != cell.second and not cell.decided]
    still_open = [cell for cell in still_open if cell.column != KEPT_FROM_BOTH]
    problems += [_idle(path, number, rulings[number - 2]) for number in _idle_rows(rulings, used, problems)]
    return Reconciliation(tuple(rows), tuple(decided), tuple(still_open), tuple(problems))


def _cell(one: Row, two: Row, column: str, rulings: list[Row], used: set[int]) -> Cell:
    first, second = one[column] or "", two[column] or ""
    if column == KEPT_FROM_BOTH:
        return Cell(one["result"], column, first, second, _both(first, second), "", False)
    number = _ruling_for(one, two, column, rulings)
    if number is None:
        return Cell(one["result"], column, first, second, first if first == second else "", "", False)
    used.add(number)
    ruling = rulings[number]
    value = {"first": first, "second": second}.get(ruling["decision"], ruling["value"])
    return Cell(one["result"], column, first, second, value, ruling["reason"], True)


def _both(first: str, second: str) -> str:
    if first == second:
        return first
    return " ".join(
        f"{who} extractor: {text}" for who, text in (("First", first), ("Second", second)) if text
    )


def _ruling_for(one: Row, two: Row, column: str, rulings: list[Row]) -> int | None:
    """Return the position of the ruling for a cell, a row's own before a rule, or None."""
    agree = (one[column] or "") == (two[column] or "")
    fitting = [
        (not ruling["result"], position)
        for position, ruling in enumerate(rulings)
        if ruling["column"] == column
        and (ruling["decision"] == "correct") == agree
        and ruling["result"] in ("", one["result"])
        and _fits(ruling["where"], one, two, column)
    ]
    return min(fitting)[1] if fitting else None


def _fits(where: str, one: Row, two: Row, column: str) -> bool:
    for clause in filter(None, (part.strip() for part in where.split(";"))):
        name, _, wanted = (part.strip() for part in clause.partition("="))
        found = {"first": one[column], "second": two[column]}.get(name, one.get(name, ""))
        if (found or "") != wanted:
            return False
    return True


def _row_problems(paths: dict[str, Path], first: dict[str, Row], second: dict[str, Row]) -> list[Problem]:
    missing = [("second", result, row) for result, row in first.items() if result not in second]
    missing += [("first", result, row) for result, row in second.items() if result not in first]
    return [
        Problem(paths[name].as_posix(), None, result, row["study"], "", "this result is in the other form only.",
                "Extract it in both forms, or take it out of both.")
        for name, result, row in missing
    ]  # fmt: skip


def _repeated(paths: dict[str, Path]) -> list[Problem]:
    problems = []
    for path in paths.values():
        seen: set[str] = set()
        for number, row in enumerate(read_rows(path), start=2):
            if row["result"] in seen:
                found = f'found "{row["result"]}" again; it already stands in an earlier row.'
                problems.append(
                    Problem(path.as_posix(), number, row["result"], row["study"], "result", found,
                            "Give the row an identifier of its own, or remove it.")
                )  # fmt: skip
            seen.add(row["result"])
    return problems


def _ruling_problems(
    path: Path, rulings: list[Row], first: dict[str, Row], header: list[str]
) -> list[Problem]:
    problems, seen = [], {}
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
            Problem(
                path.as_posix(), number, ruling["result"], "", column, f'found "{ruling[column]}".', advice
            )
            for wrong, column, advice in findings
            if wrong
        ]
    return problems


def _idle_rows(rulings: list[Row], used: set[int], problems: list[Problem]) -> list[int]:
    faulty = {problem.row for problem in problems}
    return [
        number for number in range(2, len(rulings) + 2) if number - 2 not in used and number not in faulty
    ]


def _idle(path: Path, number: int, ruling: Row) -> Problem:
    state = "disagree" if ruling["decision"] == "correct" else "agree"
    return Problem(
        path.as_posix(), number, ruling["result"], "", ruling["column"], "this adjudication decides nothing:",
        f"the forms {state} there, or a decision of its own stands above it. Remove it or correct it.",
    )  # fmt: skip


def write_consensus(data: Path) -> list[Problem]:
    """Write `outcomes.csv` from forms and adjudications, or return what stands in the way and write nothing."""
    result = reconcile(data)
    problems = [*result.problems, *(_open(data, cell) for cell in result.open_cells)]
    if not problems:
        out = io.StringIO()
        writer = csv.DictWriter(out, columns(data / "extracted", "outcomes"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(result.rows)
        write_text(data / "extracted" / "outcomes.csv", out.getvalue())
    return problems


def _open(data: Path, cell: Cell) -> Problem:
    return Problem(
        (data / "raw").as_posix(), None, cell.result, "", cell.column,
        f'the forms disagree ("{cell.first}" and "{cell.second}") and no adjudication decides.',
        "Add the decision and its reason to adjudication.csv, then run taprev reconcile.",
    )  # fmt: skip


def consensus_problems(data: Path) -> list[Problem]:
    """Return every cell in which `outcomes.csv` is not what forms and adjudications give."""
    path = data / "extracted" / "outcomes.csv"
    result = reconcile(data)
    if result.problems:
        return list(result.problems)
    open_cells = [_open(data, cell) for cell in result.open_cells]
    return open_cells or _differences(path, result.rows)


def _differences(path: Path, expected: tuple[Row, ...]) -> list[Problem]:
    found = {row["result"]: (number, row) for number, row in enumerate(read_rows(path), start=2)}
    wanted = {row["result"]: row for row in expected}
    problems = [
        Problem(path.as_posix(), number, result, row["study"], "", "no form has this result.",
                "Enter it in both forms, then run taprev reconcile.")
        for result, (number, row) in found.items() if result not in wanted
    ]  # fmt: skip
    problems += [
        Problem(path.as_posix(), None, result, row["study"], "", "both forms have this result, the consensus has not.",
                "Run taprev reconcile.")
        for result, row in wanted.items() if result not in found
    ]  # fmt: skip
    return problems + [
        Problem(path.as_posix(), number, result, row["study"], column,
                f'found "{row[column]}", but the forms and adjudications give "{wanted[result][column]}".',
                "Correct the forms or adjudicate with a reason, then run taprev reconcile.")
        for result, (number, row) in found.items() if result in wanted
        for column in row if row[column] != wanted[result][column]
    ]  # fmt: skip
