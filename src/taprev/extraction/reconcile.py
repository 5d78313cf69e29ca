"""Two independent forms and the adjudications between them, merged cell by cell into the consensus.

`rulings` describes what an adjudication may say. Notes are not compared: both are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.rulings import (
    HEADER,
    conflict,
    idle_rulings,
    ruled_value,
    ruling_problems,
    rulings_for,
)
from taprev.extraction.tables import Row, columns, file_problems, number_columns, read_rows, same_number

KEPT_FROM_BOTH = "note"


@dataclass(frozen=True)
class ReconciledCell:
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
    """The consensus rows, the decided and the open cells, and the problems; an open cell is empty in its row."""

    rows: tuple[Row, ...]
    decided: tuple[ReconciledCell, ...]
    open_cells: tuple[ReconciledCell, ...]
    problems: tuple[Problem, ...]


def form_paths(data: Path) -> dict[str, Path]:
    """Return the paths of the two forms under the data folder."""
    return {name: data / "raw" / f"form_{name}.csv" for name in ("first", "second")}


def adjudication_path(data: Path) -> Path:
    """Return the path of the adjudications under the data folder."""
    return data / "raw" / "adjudication.csv"


def reconcile(data: Path) -> Reconciliation:
    """Merge the two forms under `data/raw` by the adjudications in the same folder."""
    header = columns(data / "extracted", "outcomes")
    paths, ruling = form_paths(data), adjudication_path(data)
    broken = [p for path in paths.values() for p in file_problems(path, header) or _ragged(path)]
    broken += file_problems(ruling, HEADER) or _ragged(ruling)
    if broken:
        return Reconciliation((), (), (), tuple(broken))
    first, second = ({row["result"]: row for row in read_rows(path)} for path in paths.values())
    broken = [*_one_form_only(paths, first, second), *_repeated(paths)]
    if broken:
        return Reconciliation((), (), (), tuple(broken))
    numbers = frozenset(number_columns(data / "extracted", "outcomes"))
    return _merged(first, second, read_rows(ruling), header, numbers, ruling)


def _merged(
    first: dict[str, Row],
    second: dict[str, Row],
    rulings: list[Row],
    header: list[str],
    numbers: frozenset[str],
    path: Path,
) -> Reconciliation:
    problems = ruling_problems(path, rulings, first, header)
    used: set[int] = set()
    ruled = {ruling["column"] for ruling in rulings} - {KEPT_FROM_BOTH}
    rows: list[Row] = []
    decided: list[ReconciledCell] = []
    still_open: list[ReconciledCell] = []
    conflicts: list[Problem] = []
    for result, first_row in first.items():
        second_row = second[result]
        row: Row = {}
        for column in header:
            fitting = rulings_for(first_row, second_row, column, rulings) if column in ruled else []
            used.update(fitting[:1])
            ruling = rulings[fitting[0]] if fitting else None
            cell = _cell(first_row, second_row, column, ruling, column in numbers)
            conflicts += conflict(path, fitting, rulings, vars(cell))
            row[column] = cell.value
            decided += [cell] * cell.decided
            still_open += [cell] * _is_open(cell)
        rows.append(row)
    faulty = {problem.row for problem in problems}
    problems += [problem for problem in conflicts if problem.row not in faulty]
    problems += idle_rulings(path, rulings, used, problems)
    return Reconciliation(tuple(rows), tuple(decided), tuple(still_open), tuple(problems))


def _cell(first_row: Row, second_row: Row, column: str, ruling: Row | None, number: bool) -> ReconciledCell:
    first, second = first_row[column], second_row[column]
    if column == KEPT_FROM_BOTH:
        return ReconciledCell(first_row["result"], column, first, second, _both(first, second), "", False)
    if ruling is None:
        return ReconciledCell(first_row["result"], column, first, second, _agreed(first, second, number), "", False)
    value = ruled_value(ruling, first, second)
    return ReconciledCell(first_row["result"], column, first, second, value, ruling["reason"], True)


def _agreed(first: str, second: str, number: bool) -> str:
    """Return what both forms say; of one number that with more digits, which a spreadsheet may drop."""
    if number and same_number(first, second):
        return max(first, second, key=len)
    return first if first == second else ""


def _is_open(cell: ReconciledCell) -> bool:
    return cell.first != cell.second and not (cell.decided or cell.value or cell.column == KEPT_FROM_BOTH)


def _both(first: str, second: str) -> str:
    if first == second:
        return first
    return " ".join(f"{who} extractor: {text}" for who, text in (("First", first), ("Second", second)) if text)


def _ragged(path: Path) -> list[Problem]:
    """Return a problem for every row that is longer or shorter than the header."""
    return [
        Problem(
            path.as_posix(),
            number,
            row["result"] or "",
            row.get("study") or "",
            "",
            f"the row has {'extra' if None in row else 'missing'} cells.",
            "Count its commas; a text with a comma needs quotation marks.",
        )
        for number, row in enumerate(read_rows(path), start=2)
        if None in row or None in row.values()
    ]


def _one_form_only(paths: dict[str, Path], first: dict[str, Row], second: dict[str, Row]) -> list[Problem]:
    missing = [("second", result, row) for result, row in first.items() if result not in second]
    missing += [("first", result, row) for result, row in second.items() if result not in first]
    return [
        Problem(
            paths[name].as_posix(),
            None,
            result,
            row["study"],
            "",
            "this result is in the other form only.",
            "Extract it in both forms, or take it out of both.",
        )
        for name, result, row in missing
    ]


def _repeated(paths: dict[str, Path]) -> list[Problem]:
    problems = []
    for path in paths.values():
        seen: set[str] = set()
        for number, row in enumerate(read_rows(path), start=2):
            if row["result"] in seen:
                found = f'found "{row["result"]}" again; it already stands in an earlier row.'
                problems.append(
                    Problem(
                        path.as_posix(),
                        number,
                        row["result"],
                        row["study"],
                        "result",
                        found,
                        "Give the row an identifier of its own, or remove it.",
                    )
                )
            seen.add(row["result"])
    return problems
