"""Identifiers for results whose rows in the forms have none: the same result gets the same one in every form.

Rows are matched by their study and what they measure, by the narrowest of `KEYS` that tells one row from all others.
Where that leaves a choice nothing is written and the rows are named: people decide which of them are one result. An
identifier that is there is never changed, and none is given twice: not that of a row that was taken out either.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.forms import form_words, ragged, spelled_otherwise, unfilled
from taprev.extraction.problems import Problem, first_of
from taprev.extraction.rulings import adjudication_path
from taprev.extraction.sheets.write_back import write_back
from taprev.extraction.spreadsheet import read_sheet
from taprev.extraction.tables import (
    UTF_8,
    Row,
    codebook,
    columns,
    file_name,
    file_problems,
    named,
    numbered_rows,
    read_rows,
    required_columns,
    same_number,
    there,
)
from taprev.extraction.worksheet import NAME, worksheet_paths

KEYS = (
    ("sample", "domain", "measure", "timepoint", "contrast", "scale_part", "analysis_set", "adjustment", "arm"),
    ("sample", "domain", "measure", "timepoint", "contrast"),
    ("domain", "measure", "timepoint"),
    ("measure", "timepoint"),
)
"""Two rows in which measure or timepoint differ are never taken as one result: people say whether they are."""
SETS_APART = ("sample", "contrast", "months", "arm")
"""Columns in which rows of one result do not differ where both are filled; wording in them is looser than a word."""
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class FormRow:
    """A row of a form by its place; `number` counts as a spreadsheet does, the header being row 1."""

    form: str
    number: int
    row: Row


@dataclass(frozen=True)
class Identified:
    """The identifiers to write by form and row, a sentence for each match, and what people have to decide."""

    new: dict[tuple[str, int], str]
    sentences: tuple[str, ...]
    problems: tuple[Problem, ...]


class _Results:
    """The results known so far: the rows of each by form, under an identifier or under none yet."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, FormRow]] = {}
        self.unnamed: list[dict[str, FormRow]] = []

    def lacking(self, form: str, study: str) -> list[dict[str, FormRow]]:
        """Return the results of a study that a form does not have yet."""
        every = (*self.named.values(), *self.unnamed)
        return [rows for rows in every if form not in rows and _any(rows).row["study"] == study]


def identify(data: Path, paths: Mapping[str, Path], used: Iterable[str] = ()) -> Identified:
    """Return identifiers for the rows of the forms that have none; `paths` are the forms by name, all readable.

    `used` holds identifiers that the settings name; like those in the files of the review, they are given to no row. A
    row in which required cells are empty gets none before they are filled in.
    """
    required = required_columns(data / "extracted", "outcomes")
    forms = {form: _numbered(form, path) for form, path in paths.items()}
    known, said, problems = _Results(), [], []
    for form, rows in forms.items():
        for own in rows:
            if own.row["result"]:
                known.named.setdefault(own.row["result"], {})[form] = own
    for form, rows in forms.items():
        without = [own for own in rows if not own.row["result"] and not unfilled(own.row, required)]
        for study in dict.fromkeys(own.row["study"] for own in without):
            left = [own for own in without if own.row["study"] == study]
            left, sentences = _match(form, left, known.lacking(form, study))
            said += sentences
            asked = [(own, near) for own in left if (near := _near(own, known.lacking(form, study)))]
            problems += [_ambiguous(paths, own, near) for own, near in asked]
            known.unnamed += [{form: own} for own in left if all(own is not one for one, _ in asked)]
    return Identified(_named(data, known, used), tuple(said), tuple(problems))


def write_identifiers(data: Path, paths: Mapping[str, Path], used: Iterable[str] = ()) -> tuple[list[str], list[str]]:
    """Write identifiers into the rows of the forms that have none, and into nothing else.

    Returns a sentence for each match and for each form that was written, and a sentence for each row about which people
    must decide. Forms that cannot be read are left as they are; `reconcile` says why.
    """
    header = columns(data / "extracted", "outcomes")
    if any(file_problems(path, header) or ragged(path) for path in paths.values()):
        return [], []
    rows = {form: read_rows(path) for form, path in paths.items()}
    if any(spelled_otherwise(paths, rows, "result")):
        return [], []
    if any(not row["result"] for own in rows.values() for row in own):
        doubtful = [problem.sentence() for problem in spelled_otherwise(paths, rows, "study")]
        if doubtful:
            return [], doubtful
    made = identify(data, paths, used)
    sentences = list(made.sentences)
    for form, path in paths.items():
        own = {number: name for (place, number), name in made.new.items() if place == form}
        if own:
            write_back(path, {(number, "result"): name for number, name in own.items()})
            written = "identifier of 1 result" if len(own) == 1 else f"identifiers of {len(own)} results"
            sentences.append(f"{named(path)}: {written} written: {first_of(own.values())}.")
    return sentences, [problem.sentence() for problem in made.problems]


def _numbered(form: str, path: Path) -> list[FormRow]:
    return [FormRow(form, number, row) for number, row in numbered_rows(path) if None not in row]


def _any(rows: Mapping[str, FormRow]) -> FormRow:
    return next(iter(rows.values()))


def _match(form: str, left: list[FormRow], results: list[dict[str, FormRow]]) -> tuple[list[FormRow], list[str]]:
    """Put rows to the results that they alone fit, the narrowest key first; return the rest, and what was matched."""
    said = []
    for key in KEYS:
        own = {id(row): _key(row.row, key) for row in left}
        theirs = {id(rows): _key(_any(rows).row, key) for rows in results}
        many, there = Counter(own.values()), Counter(theirs.values())
        for row in list(left):
            wanted = own[id(row)]
            if not any(wanted) or many[wanted] != 1 or there[wanted] != 1:
                continue
            fitting = next(rows for rows in results if theirs[id(rows)] == wanted)
            if _apart_from_any(row, fitting):
                continue
            said.append(_sentence(row, _any(fitting), key))
            fitting[form] = row
            left = [one for one in left if one is not row]
            results = [rows for rows in results if rows is not fitting]
    return left, said


def _key(row: Row, names: Iterable[str]) -> tuple[str, ...]:
    """Return what a row says in some columns, but for capitals and spaces."""
    return tuple(" ".join(row.get(name, "").casefold().split()) for name in names)


def _apart(row: Row, other: Row) -> bool:
    """Return whether two rows say different things in a column that tells results of a study apart."""
    pairs = [(row.get(name, ""), other.get(name, "")) for name in SETS_APART]
    return any(a and b and a.casefold() != b.casefold() and not same_number(a, b) for a, b in pairs)


def _apart_from_any(own: FormRow, rows: Mapping[str, FormRow]) -> bool:
    return any(_apart(own.row, other.row) for other in rows.values())


def _near(own: FormRow, results: list[dict[str, FormRow]]) -> list[FormRow]:
    """Return the rows of other forms that might be the same result: of its domain, and not set apart from it."""
    return [
        _any(rows)
        for rows in results
        if any(other.row["domain"] == own.row["domain"] for other in rows.values()) and not _apart_from_any(own, rows)
    ]


def _sentence(row: FormRow, other: FormRow, key: tuple[str, ...]) -> str:
    differ = _key(row.row, ("domain",)) != _key(other.row, ("domain",))
    doubt = "; their domains differ: two results need two identifiers" if differ else ""
    return (
        f"{row.row['study']}: row {row.number} of the {form_words(row.form)} form and row {other.number} of the "
        f"{form_words(other.form)} form are taken as one result by {', '.join(('study', *key))}{doubt}."
    )


def _ambiguous(paths: Mapping[str, Path], own: FormRow, near: list[FormRow]) -> Problem:
    places = " or ".join(f"row {other.number} of {file_name(paths[other.form])}" for other in near)
    found = f"the row has no identifier, and it may be the same result as {places}."
    advice = "Write one identifier in result of the rows that are one result, another in each that is not."
    return Problem(named(paths[own.form]), own.number, "", own.row["study"], "result", found, advice)


def _named(data: Path, known: _Results, used: Iterable[str]) -> dict[tuple[str, int], str]:
    """Give every row without an identifier that of its result, or a new one of its study."""
    new: dict[tuple[str, int], str] = {}
    for name, rows in known.named.items():
        new |= {(own.form, own.number): name for own in rows.values() if not own.row["result"]}
    if not known.unnamed:
        return new
    taken = {name.casefold() for name in (*known.named, *used, *_named_in_files(data))}
    for rows in known.unnamed:
        name = _next(_any(rows).row["study"], taken)
        taken.add(name.casefold())
        new |= {(own.form, own.number): name for own in rows.values()}
    return new


def _next(study: str, taken: Collection[str]) -> str:
    """Return the identifier after the last that was given to a result of a study, so that no gap is filled again."""
    stem = UNSAFE.sub("_", study).strip("_") or "result"
    numbered = re.compile(rf"{re.escape(stem.casefold())}_([0-9]+)")
    return f"{stem}_{max((int(found[1]) for name in taken if (found := numbered.fullmatch(name))), default=0) + 1}"


def _named_in_files(data: Path) -> set[str]:
    """Return every identifier in the tables, the decisions, the answers, the worksheets and an earlier consensus.

    Raises ValueError where a worksheet cannot be read.
    """
    extracted, raw = data / "extracted", data / "raw"
    files = [extracted / table["path"] for table in codebook(extracted).values()]
    files += [adjudication_path(data), raw / "answers.csv", *sorted((raw / "replaced").glob("*.csv"))]
    rows = [row for path in files if there(path) for row in _rows_as_far_as_legible(path)]
    rows += [row for path in worksheet_paths(data) if path.is_file() for row in read_sheet(path, NAME).rows.values()]
    return {(row.get("result") or "").strip() for row in rows} - {""}


def _rows_as_far_as_legible(path: Path) -> Iterator[Row]:
    """Yield the rows of a table that may be broken; an earlier consensus is kept as it was."""
    try:
        yield from read_rows(path)
        return
    except ValueError:
        if not path.is_file():
            return
    yield from csv.DictReader(io.StringIO(path.read_bytes().decode(UTF_8, errors="replace"), newline=""))
