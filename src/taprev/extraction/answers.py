"""A filled worksheet read back: every answer tested, the sound ones appended to the adjudications.

No line of `adjudication.csv` is ever changed or removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

from taprev.extraction.basis import EMPTY, READINGS
from taprev.extraction.forms import results_of
from taprev.extraction.problems import Problem
from taprev.extraction.reconcile import KEPT_FROM_BOTH, USUAL, ReconciledCell, Reconciliation, reconcile
from taprev.extraction.rulings import (
    DECIDER,
    HEADER,
    Readings,
    adjudication_path,
    header_with,
    is_date,
    read_rulings,
)
from taprev.extraction.sheets.write_back import write_back
from taprev.extraction.spreadsheet import Spreadsheet, read_sheet, sheet_text
from taprev.extraction.table_problems import constraint_in_words
from taprev.extraction.tables import Row, codebook, header_of
from taprev.extraction.worksheet import ANSWER, NAME, NOT_ASKED, choices_for, header_problem, same_text, shows
from taprev.ground.files import PLAIN_NUMBER
from taprev.settings.extraction import ExtractionPlan
from taprev.vocabulary import OF_A_CELL

DAY = "Write the day as 2026-01-31, or leave it empty."
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
Finding = tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """One filled row of a worksheet; `row` is its number in the sheet, `odd` what was wrong with a cell of it."""

    row: int
    result: str
    study: str
    column: str
    readings: Readings
    decision: str
    value: str
    reason: str
    decided_by: str = ""
    decided_on: str = ""
    odd: tuple[Finding, ...] = ()

    @property
    def cell(self) -> tuple[str, str]:
        """The cell that is answered, as result and column."""
        return self.result, self.column

    @property
    def ruling(self) -> Row:
        """The answer as a row of the adjudications."""
        value = "" if self.decision not in OF_A_CELL or self.value == EMPTY else self.value
        cells = (*self.cell, "", self.decision, value, self.reason, self.decided_by, self.decided_on, "")
        return dict(zip(HEADER, cells, strict=True))


@dataclass(frozen=True)
class Answerable:
    """What the answers are checked against: the cells of the forms, what is open, what is decided, the codebook."""

    results: frozenset[str]
    open_cells: dict[tuple[str, str], ReconciledCell]
    decided: dict[tuple[str, str], ReconciledCell]
    fields: dict[str, dict]

    def asks(self, answer: Answer) -> bool:
        """Return whether the cell of an answer is open, with the readings that its row shows."""
        cell = self.open_cells.get(answer.cell)
        return cell is not None and shows(answer.readings, {f: sheet_text(text) for f, text in cell.readings.items()})


def record_answers(
    data: Path, path: Path, plan: ExtractionPlan = USUAL, decided_by: str = "", decided_on: str = ""
) -> tuple[int, list[str]]:
    """Append the sound answers of the worksheet at `path` to `adjudication.csv`.

    `decided_by` and `decided_on` stand for what an answer leaves empty. Returns how many answers there were, and a
    sentence for each that is not valid; an answer recorded before is skipped. Raises ValueError where forms,
    adjudications or the worksheet itself cannot be read, or where `decided_on` is not a day.
    """
    if not is_date(decided_on):
        raise ValueError(f'--decided-on: found "{decided_on}". {DAY}')
    merged = reconcile(data, plan)
    if merged.problems:
        raise ValueError("\n".join(problem.sentence() for problem in merged.problems))
    sheet = read_sheet(path, NAME)
    if sentence := header_problem(path, sheet, merged.forms):
        raise ValueError(sentence)
    fields = codebook(data / "extracted")["outcomes"]["schema"]["fields"]
    adjudications = adjudication_path(data)
    known = _forms(merged, fields)
    recorded = [_decision(ruling) for ruling in read_rulings(adjudications)]
    answers = _to_record(read_answers(sheet, fields, tuple(merged.forms)), recorded, known)
    answers = [
        replace(a, decided_by=a.decided_by or decided_by, decided_on=a.decided_on or decided_on) for a in answers
    ]
    problems = {answer.row: list(answer_problems(answer, answers, known)) for answer in answers}
    sound = [
        answer.ruling | {READINGS: known.open_cells[answer.cell].basis}
        for answer in answers
        if not problems[answer.row]
    ]
    if sound:
        _append(adjudications, sound)
    return len(sound), [
        Problem(path.as_posix(), a.row, a.result, a.study, *finding).sentence()
        for a in answers
        for finding in problems[a.row]
    ]


def _decision(ruling: Row) -> Row:
    """Return a ruling without who decided, when, and on what."""
    return {name: text for name, text in ruling.items() if name not in (*DECIDER, READINGS)}


def _to_record(answers: list[Answer], recorded: list[Row], forms: Answerable) -> list[Answer]:
    """Return the answers but for those recorded before.

    An answer to an open cell was not recorded before, even if an earlier decision on other readings reads the same.
    """
    return [a for a in answers if forms.asks(a) or _decision(a.ruling) not in recorded]


def read_answers(sheet: Spreadsheet, fields: list[dict], forms: tuple[str, ...]) -> list[Answer]:
    """Return the rows of a worksheet in which any part of an answer is filled in."""
    numbers = {field["name"] for field in fields if field["type"] in ("number", "integer", "year")}
    answers = []
    for number, row in sheet.rows.items():
        odd = tuple(
            (column, why.found, why.advice)
            for (n, column), why in sheet.odd.items()
            if n == number and column in ANSWER
        )
        if odd or any(row.get(name) for name in ANSWER):
            answer = Answer(
                number,
                row["result"],
                row["study"],
                row["column"],
                {form: row.get(form, NOT_ASKED) for form in forms},
                row["decision"].lower(),
                row["value"],
                row["reason"],
                row.get(DECIDER[0], ""),
                row.get(DECIDER[1], ""),
                odd,
            )
            comma = (
                sheet.dialect.delimiter == ";" and answer.column in numbers and DECIMAL_COMMA.fullmatch(answer.value)
            )
            answers.append(replace(answer, value=answer.value.replace(",", ".")) if comma else answer)
    return answers


def answer_problems(answer: Answer, answers: list[Answer], forms: Answerable) -> Iterator[Finding]:
    """Say everything for which an answer cannot be recorded."""
    if answer.odd:
        yield from answer.odd
        return
    if misplaced := list(_misplaced(answer, answers, forms)):
        yield from misplaced
        return
    cell = forms.open_cells[answer.cell]
    shown = {form: answer.readings[form] for form in cell.readings}
    if not forms.asks(answer):
        found = f"the sheet shows {_quoted(shown)}, the forms {_quoted(cell.readings)}."
        anew = next((other.row for other in answers if other.cell == answer.cell and forms.asks(other)), None)
        fresh = f"Row {anew} answers the cell as it is now: empty the answer of this one."
        yield answer.column, found, fresh if anew else "Run taprev reconcile for a fresh row, and answer that one."
        return
    yield from _incomplete(answer, cell)
    value = cell.readings.get(answer.decision, answer.ruling["value"])
    if cell.whole or answer.decision not in choices_for(cell):
        return
    if why := value_problem(value, forms.fields[answer.column]):
        yield "value", f'found "{value}" for {answer.column}; {why}.', "Correct the answer."


def value_problem(value: str, described: dict) -> str:
    """Return in plain words why the codebook's field cannot hold a value, or nothing."""
    from frictionless import Field

    if (
        value
        and described["type"] in ("number", "integer")
        and not (PLAIN_NUMBER.fullmatch(value) and isfinite(float(value)))
    ):
        return "it is not a plain number with a decimal point"
    _, notes = Field.from_descriptor(described).read_cell(value)
    return "; ".join(constraint_in_words(note) for note in (notes or {}).values())


def _misplaced(answer: Answer, answers: list[Answer], forms: Answerable) -> Iterator[Finding]:
    """Say why there is nothing to answer in the cell that is named."""
    same = [other for other in answers if other.cell == answer.cell and forms.asks(other) == forms.asks(answer)]
    twice = [str(other.row) for other in same]
    if answer.result not in forms.results:
        yield "result", f'found "{answer.result}".', "No form has this result."
    if answer.column not in forms.fields:
        yield "column", f'found "{answer.column}".', "Use a column of outcomes.csv."
    elif answer.column == KEPT_FROM_BOTH:
        yield (
            "column",
            f'found "{answer.column}".',
            "The notes of both forms are kept; there is nothing to decide.",
        )
    elif len(twice) > 1:
        yield answer.column, f"rows {' and '.join(twice)} answer the same cell.", "Keep one of them."
    elif answer.cell in forms.decided:
        reason = forms.decided[answer.cell].reason
        found = f'adjudication.csv already decides this cell ("{reason}").'
        yield answer.column, found, "No answer is overwritten: remove this one, or change the decision there."
    elif answer.result in forms.results and answer.cell not in forms.open_cells:
        yield (
            answer.column,
            "the forms agree in this cell.",
            "Remove the answer, or use `correct` in adjudication.csv.",
        )


def _incomplete(answer: Answer, cell: ReconciledCell) -> Iterator[Finding]:
    """Say what an answer lacks, or where it contradicts itself."""
    choices = choices_for(cell)
    if answer.decision not in choices:
        yield "decision", f'found "{answer.decision}".', f"Use one of: {', '.join(choices)}."
    if not is_date(answer.decided_on):
        yield DECIDER[1], f'found "{answer.decided_on}".', DAY
    if not answer.reason:
        yield "reason", "the reason is empty.", "Every decision needs its reason."
    if cell.whole and answer.value:
        yield "value", f'found "{answer.value}".', "A whole result is taken or left out: empty the value."
        return
    if answer.decision in OF_A_CELL and not answer.value:
        yield "value", "the value is empty.", f"Write it, or {EMPTY} where the cell shall be empty."
    reading = cell.readings.get(answer.decision)
    if reading is not None and answer.value and not same_text(answer.value, reading or EMPTY):
        found = f'found "{answer.value}", but {answer.decision} means "{reading}".'
        yield "value", found, "Empty the value, or decide for value."


def _forms(merged: Reconciliation, fields: list[dict]) -> Answerable:
    return Answerable(
        frozenset(results_of(merged.forms)),
        {(cell.result, cell.column): cell for cell in merged.open_cells},
        {(cell.result, cell.column): cell for cell in merged.decided},
        {field["name"]: field for field in fields},
    )


def _quoted(readings: Readings) -> str:
    return " and ".join(f'"{text}"' for text in readings.values())


def _append(path: Path, rulings: list[Row]) -> None:
    """Add rows at the end of the adjudications; no earlier cell is changed.

    A file begun without the later columns gets those that an answer fills, empty in its earlier rows.
    """
    filled = (name for ruling in rulings for name, text in ruling.items() if text)
    write_back(path, more=rulings, header=header_with([*header_of(path), *filled]))
