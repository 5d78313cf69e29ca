"""How often extracted cells are wrong, by a sample that a person compared with the sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

from taprev.extraction.forms import ragged
from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, file_problems, named, number_of, read_rows, same_cell, there
from taprev.ground.files import csv_text
from taprev.provenance.cell_sample import HEADER, NAME, SampledCell, every_cell
from taprev.provenance.trace.results import DomainTrace
from taprev.synthesis.sign_test import clopper_pearson
from taprev.vocabulary import CellVerdict

COLUMNS = ("layer", "of", "checked", "wrong", "rate", "ci_lb", "ci_ub", "not_found")
CONSENSUS = "outcomes"
LEVEL = 0.95


@dataclass(frozen=True)
class ErrorRate:
    """How many checked cells are wrong, with the exact interval of the share; `not_found` were not in the source."""

    layer: str
    of: str
    checked: int
    wrong: int
    rate: float | None
    ci_lb: float | None
    ci_ub: float | None
    not_found: int


@dataclass(frozen=True)
class CheckedCell:
    """A cell that a person looked up: what stands in the source, and who read what."""

    row: Row
    truth: str
    readings: Mapping[str, str]

    @property
    def found(self) -> bool:
        """Whether the source has it."""
        return self.row["verdict"] != CellVerdict.NOT_FOUND


def read_checked(data: Path, traces: Iterable[DomainTrace]) -> tuple[list[CheckedCell], list[Problem], list[str]]:
    """Return the cells that were looked up, what is wrong with the sheet, and what of it is not counted any more.

    A cell whose value is another today is not counted: nobody compared that value.
    """
    path = data / "raw" / f"{NAME}.csv"
    if not there(path):
        return [], [], []
    if problems := sheet_problems(data):
        return [], problems, []
    cells = {(one.evidence.result, one.cell.column): one for one in every_cell(traces)}
    rows = read_rows(path)
    if astray := [_astray(path, row) for row in rows if _key(row) not in cells]:
        return [], astray, []
    filled = [row for row in rows if row["verdict"]]
    outdated = [row for row in filled if not same_cell(cells[_key(row)].cell.value, row["value"])]
    remarks = [
        f"{named(path)}, row {number_of(row)} ({row['result']}, {row['column']}): {row['value']} was compared, and "
        f"{cells[_key(row)].cell.value} stands there today; it is not counted. Compare it anew."
        for row in outdated
    ]
    if waiting := len(rows) - len(filled):
        remarks.append(f"{named(path)}: {waiting} of {len(rows)} drawn cells have no verdict and are not counted.")
    return [_checked(row, cells[_key(row)]) for row in filled if row not in outdated], [], remarks


def sheet_problems(data: Path) -> list[Problem]:
    """Return what is wrong with the sheet by itself, whatever the cells are today."""
    path = data / "raw" / f"{NAME}.csv"
    if not there(path):
        return []
    if broken := file_problems(path, list(HEADER)) or ragged(path):
        return broken
    seen: set[tuple[str, str]] = set()
    return [problem for row in read_rows(path) for problem in _problems(path, row, seen)]


def _astray(path: Path, row: Row) -> Problem:
    found = f"no filled cell {row['column']} of {row['result']}."
    return Problem(named(path), number_of(row), row["result"], row["study"], "column", found, "Draw a new sample.")


def _key(row: Row) -> tuple[str, str]:
    return row["result"], row["column"]


def _problems(path: Path, row: Row, seen: set[tuple[str, str]]) -> list[Problem]:
    """Return what is wrong with a row, and add its cell to those that were seen."""
    verdicts, again = [verdict.value for verdict in CellVerdict], _key(row) in seen
    seen.add(_key(row))
    findings = [
        (
            bool(row["verdict"]) and row["verdict"] not in verdicts,
            "verdict",
            f'found "{row["verdict"]}".',
            f"Write {', '.join(verdicts)}, or nothing.",
        ),
        (again, "column", f"{row['column']} of {row['result']} stands here twice.", "Keep one of the two rows."),
        (
            row["verdict"] == CellVerdict.WRONG and bool(row["printed"]) and same_cell(row["printed"], row["value"]),
            "printed",
            f'found "{row["printed"]}", which is the value, beside a wrong cell.',
            "Write what the source prints, or right as verdict.",
        ),
        (
            row["verdict"] == CellVerdict.WRONG and not row["printed"],
            "printed",
            "empty beside a wrong cell.",
            "Write what the source prints.",
        ),
    ]
    return [
        Problem(named(path), number_of(row), row["result"], row["study"], column, found, advice)
        for wrong, column, found, advice in findings
        if wrong
    ]


def _checked(row: Row, sampled: SampledCell) -> CheckedCell:
    truth = row["printed"] if row["verdict"] == CellVerdict.WRONG else row["value"]
    forms = [] if sampled.cell.once else [name for name in sampled.evidence.places if name != CONSENSUS]
    readings = {form: sampled.cell.readings.get(form, sampled.cell.value) for form in forms}
    return CheckedCell(row, truth, readings)


def error_rates(cells: list[CheckedCell]) -> list[ErrorRate]:
    """Return the share of wrong cells by part of the sample, by column, and by form.

    The interval is that of Clopper and Pearson (1934), *Biometrika* 26:404; it takes cells as independent. There is no
    share of all cells, because pooled ones were drawn more often. A form is wrong where its own reading is not what
    the source prints, whatever the consensus made of it; a cell that was coded once for all forms is nobody's reading.
    """

    def wrong(cell: CheckedCell) -> bool:
        return cell.row["verdict"] == CellVerdict.WRONG

    made = []
    for layer in ("part", "column"):
        for value in dict.fromkeys(cell.row[layer] for cell in cells):
            made.append(_rate(layer, value, [cell for cell in cells if cell.row[layer] == value], wrong))
    for form in dict.fromkeys(form for cell in cells for form in cell.readings):
        own = [cell for cell in cells if form in cell.readings]
        made.append(_rate("form", form, own, partial(_misread, form)))
    return made


def _misread(form: str, cell: CheckedCell) -> bool:
    return not same_cell(cell.readings[form], cell.truth)


def _rate(layer: str, of: str, cells: list[CheckedCell], wrong: Callable[[CheckedCell], bool]) -> ErrorRate:
    found = [cell for cell in cells if cell.found]
    count, n = sum(map(wrong, found)), len(found)
    lb, ub = clopper_pearson(count, n, LEVEL) if n else (None, None)
    return ErrorRate(layer, of, n, count, count / n if n else None, lb, ub, len(cells) - n)


def rates_csv(rates: Iterable[ErrorRate]) -> str:
    """Return the error rates as CSV text."""
    return csv_text(COLUMNS, (astuple(rate) for rate in rates))
