"""The forms of the extractors and the adjudications between them, merged cell by cell into the consensus.

A result that a form lacks is a disagreement like any other: it is taken or left out, with a reason. `rulings`
describes what an adjudication may say, `twice` which results more than one form should have. Notes are not compared:
all are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from taprev.extraction.basis import READINGS, in_words
from taprev.extraction.forms import FormRows, form_paths, form_words, of_result, ragged, read_forms, results_of
from taprev.extraction.problems import IN_SETTINGS, Problem
from taprev.extraction.rulings import (
    NOTHING_SAID,
    WHOLE,
    Fitting,
    Positions,
    Readings,
    adjudication_path,
    adjudication_problems,
    conflict,
    idle_rulings,
    positions_of,
    read_rulings,
    ruled_value,
    ruling_problems,
    rulings_for,
    rulings_for_whole,
)
from taprev.extraction.tables import Row, columns, number_columns, number_of, required_columns, same_number
from taprev.extraction.twice import asked_forms, is_twice, sample_problems, sampled_studies, studies_read
from taprev.settings.extraction import ExtractionPlan
from taprev.vocabulary import Decision

KEPT_FROM_BOTH = "note"
DESCRIBES = ("domain", "sample", "measure", "timepoint", "contrast", "statistic")
NOT_FIGURES = ("months", "page")
USUAL = ExtractionPlan()


@dataclass(frozen=True)
class EarlierDecision:
    """A decision that was made on other readings than today's and is not counted; `row` is that of adjudication.csv."""

    row: int
    rule: bool
    decision: str
    value: str
    reason: str
    made_on: str

    def sentence(self) -> str:
        """Say what was decided, why, and on what."""
        what = " ".join(filter(None, (self.decision, self.value)))
        upon = "other readings, or before this result was there" if self.rule else self.made_on
        return f'row {self.row} of adjudication.csv decided {what} ("{self.reason}") on {upon}'


@dataclass(frozen=True)
class ReconciledCell:
    """One cell of the consensus: its value, the reading of each form, and the reason and row of its adjudication.

    Of a whole result that a form lacks (`column` is `result`), a reading is what the form has of it in short. `basis`
    is what a decision about it is made on, in words; `earlier` a decision that was made on something else.
    """

    result: str
    column: str
    readings: Readings
    value: str
    reason: str
    decided: bool
    ruling: int | None = None
    basis: str = ""
    earlier: EarlierDecision | None = None

    @property
    def whole(self) -> bool:
        """Whether the question is if the result belongs to the review at all."""
        return self.column == WHOLE


@dataclass(frozen=True)
class Reconciliation:
    """The consensus rows, the decided and the open cells, and the problems.

    An open cell is empty in its row; a result has its row also while it is open whether it is taken. `forms` holds the
    rows of every form by result, `left_out` the results that were decided to be none of the review's.
    """

    rows: tuple[Row, ...]
    decided: tuple[ReconciledCell, ...]
    open_cells: tuple[ReconciledCell, ...]
    problems: tuple[Problem, ...]
    forms: FormRows = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Merging:
    """What a result is merged by: the forms, the rulings with their file, the plan, its studies, and the columns."""

    forms: FormRows
    rulings: list[Row]
    path: Path
    plan: ExtractionPlan
    sampled: frozenset[str]
    read: dict[str, frozenset[str]]
    header: list[str]
    numbers: frozenset[str]

    @cached_property
    def positions(self) -> Positions:
        """Where the rulings about each cell stand."""
        return positions_of(self.rulings)


@dataclass
class _Merged:
    """What was merged so far; `used` holds the positions of the rulings that decided something."""

    rows: list[Row] = field(default_factory=list)
    decided: list[ReconciledCell] = field(default_factory=list)
    still_open: list[ReconciledCell] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


def reconcile(data: Path, plan: ExtractionPlan = USUAL) -> Reconciliation:
    """Merge the forms under `data/raw` by the adjudications in the same folder; `plan` says what stands twice."""
    header = columns(data / "extracted", "outcomes")
    paths, path = form_paths(data), adjudication_path(data)
    required = required_columns(data / "extracted", "outcomes")
    read = read_forms(paths, header, required)
    broken = [*read.problems, *(adjudication_problems(path) or ragged(path))]
    if not broken:
        broken = [*_strangers(plan, paths), *sample_problems(data / "extracted", plan.twice, read.rows)]
    if broken:
        return Reconciliation((), (), (), tuple(broken))
    numbers = frozenset(number_columns(data / "extracted", "outcomes"))
    sampled = sampled_studies(data / "extracted", plan.twice)
    studies = studies_read(read.rows)
    return _merge(_Merging(read.rows, read_rulings(path), path, plan, sampled, studies, header, numbers))


def _strangers(plan: ExtractionPlan, paths: dict[str, Path]) -> Iterator[Problem]:
    for name in plan.extractors:
        if name not in paths:
            found = f'found "{name}", and there is no data/raw/form_{name}.csv.'
            advice = f"Use one of: {', '.join(paths)}."
            yield Problem(f"{IN_SETTINGS}, extraction > extractors", None, "", "", "", found, advice)


def _merge(by: _Merging) -> Reconciliation:
    results = results_of(by.forms)
    problems = ruling_problems(by.path, by.rulings, set(results), tuple(by.forms), by.header)
    merged = _Merged()
    for result in results:
        rows = of_result(by.forms, result)
        if _taken(result, rows, by, merged):
            _merge_row(result, rows, by, merged)
    faulty = {problem.row for problem in problems}
    problems += [problem for problem in merged.conflicts if problem.row not in faulty]
    problems += idle_rulings(by.path, by.rulings, merged.used, problems)
    return Reconciliation(
        tuple(merged.rows),
        tuple(merged.decided),
        tuple(merged.still_open),
        tuple(problems),
        by.forms,
        tuple(merged.left_out),
    )


def _taken(result: str, rows: dict[str, Row], by: _Merging, merged: _Merged) -> bool:
    """Settle whether a result belongs to the review; where that is open it is taken, and the question is noted."""
    asked = asked_forms(rows, by.read)
    if set(asked) <= set(rows) or not is_twice(next(iter(rows.values())), by.plan.twice, by.sampled):
        return True
    readings = {form: in_short(rows[form], by.header, by.numbers) if form in rows else "" for form in asked}
    study = next(iter(rows.values()))["study"]
    read = {form: text for form, text in readings.items() if form in rows or study in by.read[form]}
    basis, fitting = in_words(read), rulings_for_whole(rows, by.rulings, by.positions, read)
    merged.conflicts += conflict(by.path, fitting.standing, by.rulings, result, WHOLE, readings)
    merged.used.update(fitting.standing[:1], fitting.outdated)
    if not fitting.standing:
        earlier = _earlier(fitting, by.rulings)
        merged.still_open.append(ReconciledCell(result, WHOLE, readings, "", "", False, None, basis, earlier))
        return True
    ruling = by.rulings[fitting.standing[0]]
    taken = ruling["decision"] == Decision.TAKE
    value = result if taken else ""
    merged.decided.append(
        ReconciledCell(result, WHOLE, readings, value, ruling["reason"], True, number_of(ruling), basis),
    )
    merged.left_out += [] if taken else [result]
    return taken


def _merge_row(result: str, rows: dict[str, Row], by: _Merging, merged: _Merged) -> None:
    row: Row = {}
    for column in by.header:
        readings = {form: own[column] for form, own in rows.items()}
        ruled = column not in (KEPT_FROM_BOTH, WHOLE)
        fitting = rulings_for(rows, column, by.rulings, by.positions) if ruled else NOTHING_SAID
        if fitting == NOTHING_SAID and len(set(readings.values())) == 1:
            row[column] = next(iter(readings.values()))
            continue
        merged.conflicts += conflict(by.path, fitting.standing, by.rulings, result, column, readings)
        cell = _cell(result, column, readings, fitting, by.rulings, column in by.numbers)
        row[column] = cell.value
        merged.used.update(fitting.standing[:1])
        merged.used.update(fitting.outdated if cell.decided or _is_open(cell) else ())
        merged.decided += [cell] * cell.decided
        merged.still_open += [cell] * _is_open(cell)
    merged.rows.append(row)


def _cell(
    result: str, column: str, readings: Readings, fitting: Fitting, rulings: list[Row], number: bool
) -> ReconciledCell:
    if column == KEPT_FROM_BOTH:
        return ReconciledCell(result, column, readings, _all_notes(readings), "", False)
    agreed = _agreed(readings, number)
    if not fitting.standing:
        differ = len(set(readings.values())) > 1
        earlier = None if differ and agreed else _earlier(fitting, rulings)
        basis = in_words(readings) if differ or earlier else ""
        return ReconciledCell(result, column, readings, "" if earlier else agreed, "", False, None, basis, earlier)
    ruling = rulings[fitting.standing[0]]
    value, row = ruled_value(ruling, readings), number_of(ruling)
    return ReconciledCell(result, column, readings, value, ruling["reason"], True, row, in_words(readings))


def _earlier(fitting: Fitting, rulings: list[Row]) -> EarlierDecision | None:
    """Return the decision that was last made on other readings: of a row's own, or else of the rules."""
    own = [position for position in fitting.outdated if rulings[position]["result"]] or [*fitting.outdated]
    if not own:
        return None
    ruling = rulings[own[-1]]
    told = (ruling["decision"], ruling["value"], ruling["reason"], ruling[READINGS])
    return EarlierDecision(number_of(ruling), not ruling["result"], *told)


def _agreed(readings: Readings, number: bool) -> str:
    """Return what all forms say; of one number that with most digits, which a spreadsheet may drop."""
    first, *others = readings.values()
    if number and all(same_number(first, other) for other in others):
        return max(readings.values(), key=len)
    return first if all(other == first for other in others) else ""


def _is_open(cell: ReconciledCell) -> bool:
    if cell.decided or cell.column == KEPT_FROM_BOTH:
        return False
    return cell.earlier is not None or (len(set(cell.readings.values())) > 1 and not cell.value)


def _all_notes(readings: Readings) -> str:
    if len(set(readings.values())) == 1:
        return next(iter(readings.values()))
    return " ".join(f"{form_words(form).capitalize()} extractor: {text}" for form, text in readings.items() if text)


def in_short(row: Mapping[str, str], header: list[str], numbers: frozenset[str]) -> str:
    """Return a row in a line: what was measured, and its figures by column."""
    what = [row[name] for name in DESCRIBES if row.get(name)]
    figures = [f"{n} = {row[n]}" for n in header if n in numbers and n not in NOT_FIGURES and row[n]]
    return "; ".join((", ".join(what), *figures, row.get("direction", ""))).strip("; ")
