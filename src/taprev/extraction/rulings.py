"""The adjudications: which of them decides a cell or a whole result, and which of them are not valid.

An adjudication decides one cell (its `result` is filled) or many (its `where` says which: `column=value`
pairs joined by semicolons, in which the name of a form, such as `first`, stands for its reading of the cell). A
decision for a row overrides a rule. The name of a form, or `value`, decides a disagreement; `correct` replaces a
reading on which all forms agree. `take` and `leave_out` decide, in the column `result`, about a whole result that a
form lacks. `decided_by` and `decided_on` say who decided, and when, `readings` what was decided on (`basis`): where the
forms say something else today, the decision is not counted and its cell is open again. An older file may lack these
columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from taprev.extraction.basis import READINGS, names, stands
from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, file_problems, header_of, named, number_of, read_rows, with_columns
from taprev.vocabulary import OF_A_CELL, OF_A_WHOLE_RESULT, Decision

DECIDER = ["decided_by", "decided_on"]
OLDER_HEADER = ["result", "column", "where", "decision", "value", "reason"]
HEADER = [*OLDER_HEADER, *DECIDER, READINGS]
WHOLE = "result"
"""The column in which an adjudication decides about a whole result."""
Readings = Mapping[str, str]
"""What each form says in a cell, by the name of the form."""
Positions = Mapping[tuple[str, str], Sequence[int]]
"""Where the rulings about each cell stand among all, by result and column."""


@dataclass(frozen=True)
class Fitting:
    """The positions of the rulings of a cell: those that decide it, and those that were made on other readings."""

    standing: tuple[int, ...] = ()
    outdated: tuple[int, ...] = ()


NOTHING_SAID = Fitting()


def adjudication_path(data: Path) -> Path:
    """Return the path of the adjudications under the data folder."""
    return data / "raw" / "adjudication.csv"


def adjudication_problems(path: Path) -> list[Problem]:
    """Return what is wrong with the file of the adjudications before any is looked at (at most one problem)."""
    return file_problems(path, header_with(header_of(path)))


def header_with(there: Collection[str]) -> list[str]:
    """Return the columns that a file of adjudications has if it has these of the later ones."""
    deciders = DECIDER if set(there) & set(DECIDER) else []
    return [*OLDER_HEADER, *deciders, *([READINGS] if READINGS in there else [])]


def read_rulings(path: Path) -> list[Row]:
    """Return the adjudications; the later columns are empty in a file begun without them."""
    return [with_columns(row, (*DECIDER, READINGS)) for row in read_rows(path)]


def without_decider(rulings: list[Row]) -> str:
    """Return a sentence where adjudications do not say who decided, or when; nothing where all of them do."""
    silent = sum(not all(ruling[name] for name in DECIDER) for ruling in rulings)
    if not silent:
        return ""
    return (
        f"adjudication.csv: {silent} of {len(rulings)} decisions do not say who decided, and when "
        f"({' and '.join(DECIDER)}): it is taken as not recorded."
    )


def without_readings(rulings: list[Row]) -> str:
    """Return a sentence where adjudications do not say what they were made on; nothing where all of them do."""
    silent = sum(not ruling[READINGS] for ruling in rulings)
    if not silent:
        return ""
    return (
        f"adjudication.csv: {silent} of {len(rulings)} decisions do not say what they were decided on ({READINGS}): "
        "they stand whatever the forms say now. If the forms are as they were, taprev basis writes it."
    )


def positions_of(rulings: list[Row]) -> Positions:
    """Return where the rulings about each cell stand, by result and column; rules have no result."""
    positions: dict[tuple[str, str], list[int]] = {}
    for position, ruling in enumerate(rulings):
        positions.setdefault((ruling["result"], ruling["column"]), []).append(position)
    return positions


def rulings_for(rows: Mapping[str, Row], column: str, rulings: list[Row], positions: Positions) -> Fitting:
    """Return the rulings of a cell: a row's own, or else the rules, in their order.

    `rows` holds the row of each form that has the result, by the name of the form; `positions` are those of the
    rulings.
    """
    about = _about(column, rows, positions)
    if not about:
        return NOTHING_SAID
    readings = {form: row[column] or "" for form, row in rows.items()}
    agree = len(set(readings.values())) == 1

    def decides(ruling: Row) -> bool:
        known = ruling["decision"] in readings or ruling["decision"] in OF_A_CELL
        return known and (ruling["decision"] == Decision.CORRECT) == agree

    def decided(ruling: Row) -> bool:
        return not agree or ruling["decision"] == Decision.CORRECT

    return _own_or_rules(rows, readings, readings, rulings, about, decides, decided)


def rulings_for_whole(rows: Mapping[str, Row], rulings: list[Row], positions: Positions, readings: Readings) -> Fitting:
    """Return the rulings about a result which a form lacks, as `rulings_for` does."""

    def decides(ruling: Row) -> bool:
        return ruling["decision"] in OF_A_WHOLE_RESULT

    return _own_or_rules(rows, {}, readings, rulings, _about(WHOLE, rows, positions), decides, decides)


def _about(column: str, rows: Mapping[str, Row], positions: Positions) -> list[int]:
    """Return the positions of the rules about a column, and of the rulings about that column of this result."""
    result = next(iter(rows.values()))["result"]
    return sorted({*positions.get(("", column), ()), *positions.get((result, column), ())})


def _own_or_rules(
    rows: Mapping[str, Row],
    named: Readings,
    readings: Readings,
    rulings: list[Row],
    positions: list[int],
    decides: Callable[[Row], bool],
    decided: Callable[[Row], bool],
) -> Fitting:
    """Divide the rulings of a cell by what they were made on; a rule does not take over from a row's own decision.

    `decides` says whether a ruling can decide what the forms say now, `decided` whether one that was made on something
    else is missed; `named` are the readings that a `where` may name.
    """
    row = next(iter(rows.values()))
    result, standing, outdated = row["result"], [], []
    for position in positions:
        ruling = rulings[position]
        fits = _fits(ruling["where"], row, named)
        on_this = fits and stands(ruling, result, readings)
        if on_this and decides(ruling):
            standing.append(position)
        elif decided(ruling) and ruling[READINGS] and (names(ruling, result) or (fits and not on_this)):
            outdated.append(position)
    own = [p for p in standing if rulings[p]["result"]]
    if not own and any(rulings[p]["result"] for p in outdated):
        standing = []
    return Fitting(tuple(own or standing), tuple(outdated))


def _fits(where: str, row: Row, readings: Readings) -> bool:
    for clause in filter(None, (part.strip() for part in where.split(";"))):
        name, _, wanted = (part.strip() for part in clause.partition("="))
        if (readings.get(name, row.get(name, "")) or "") != wanted:
            return False
    return True


def ruled_value(ruling: Row, readings: Readings) -> str:
    """Return what a ruling puts into a cell with these readings."""
    return readings.get(ruling["decision"], ruling["value"])


def conflict(
    path: Path, fitting: Collection[int], rulings: list[Row], result: str, column: str, readings: Readings
) -> Iterator[Problem]:
    """Yield a problem for rulings of equal rank that would decide a cell, or a whole result, differently."""
    whole = column == WHOLE
    values = {rulings[p]["decision"] if whole else ruled_value(rulings[p], readings) for p in fitting}
    if len(values) > 1:
        numbers = [number_of(rulings[position]) for position in fitting]
        rows = " and ".join(map(str, numbers))
        found = f"rows {rows} decide this {'result' if whole else 'cell'} differently."
        advice = "Keep one of them, narrow its `where`, or decide the row alone."
        yield Problem(named(path), max(numbers), result, "", column, found, advice)


def ruling_problems(
    path: Path, rulings: list[Row], results: Collection[str], forms: Collection[str], header: list[str]
) -> list[Problem]:
    """Return every ruling that is not valid, whatever the forms say in its cell."""
    problems: list[Problem] = []
    seen: dict[tuple[str | bool, ...], dict[str, int]] = {}
    for ruling in rulings:
        number = number_of(ruling)
        decision, of_a_cell = ruling["decision"], (*forms, *OF_A_CELL)
        about = (ruling["result"], ruling["column"], ruling["where"], decision == Decision.CORRECT)
        others = seen.setdefault(about, {})
        alike = (row for upon, row in others.items() if upon in ("", ruling[READINGS]) or not ruling[READINGS])
        same = next(alike, 0)
        whole = ruling["column"] == WHOLE
        findings = [
            (
                decision not in (*of_a_cell, *OF_A_WHOLE_RESULT),
                "decision",
                f"Use one of: {', '.join((*of_a_cell, *OF_A_WHOLE_RESULT))}.",
            ),
            (
                whole and decision in of_a_cell,
                "decision",
                f"A whole result (column {WHOLE}) is decided by {' or '.join(OF_A_WHOLE_RESULT)}.",
            ),
            (
                not whole and decision in OF_A_WHOLE_RESULT,
                "decision",
                f"It decides about a whole result: write {WHOLE} in its column.",
            ),
            (ruling["column"] not in header, "column", "Use a column of outcomes.csv."),
            (bool(ruling["result"]) and ruling["result"] not in results, "result", "No form has this result."),
            (not ruling["reason"], "reason", "Every decision needs its reason."),
            (not is_date(ruling["decided_on"]), "decided_on", "Write the day as 2026-01-31, or leave it empty."),
            (bool(same), "result", f"Row {same} already decides this cell; keep one of the two."),
        ]
        others.setdefault(ruling[READINGS], number)
        problems += [
            Problem(named(path), number, ruling["result"], "", column, f'found "{ruling[column]}".', advice)
            for wrong, column, advice in findings
            if wrong
        ]
    return problems


def is_date(text: str) -> bool:
    """Return whether a text is a day as ISO 8601 writes it, such as 2026-01-31, or empty."""
    if not text:
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def idle_rulings(path: Path, rulings: list[Row], used: set[int], problems: list[Problem]) -> list[Problem]:
    """Return a problem for every ruling that decides nothing and has no other fault."""
    faulty = {problem.row for problem in problems}
    return [
        _idle(path, number_of(ruling), ruling)
        for position, ruling in enumerate(rulings)
        if position not in used and number_of(ruling) not in faulty
    ]


def _idle(path: Path, number: int, ruling: Row) -> Problem:
    if ruling["column"] == WHOLE:
        state = "no form lacks such a result that should have it"
    elif ruling["decision"] == Decision.CORRECT:
        state = "the forms disagree there"
    else:
        state = "the forms agree there"
    return Problem(
        named(path),
        number,
        ruling["result"],
        "",
        ruling["column"],
        "this adjudication decides nothing:",
        f"{state}, the form that it names lacks the result, the result is left out, or a decision of its own stands "
        "above it. Remove it or correct it.",
    )
