"""What was read, put into a review that exists: into empty tables or behind their rows, and over nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.exchange.decisions import decisions
from taprev.exchange.imported import Imported
from taprev.exchange.rows import NOT_CODED_WORD
from taprev.extraction.flow import without_a_place
from taprev.extraction.problems import Problem
from taprev.extraction.rulings import HEADER as ADJUDICATION
from taprev.extraction.sheets.grid import many
from taprev.extraction.sheets.places import places
from taprev.extraction.tables import Row, allowed, codebook, columns, read_rows
from taprev.ground.files import csv_text
from taprev.settings import Settings

KEYS = {
    "studies": ("study",),
    "reports": ("report",),
    "outcomes": ("result",),
    "components": ("study", "component", "level"),
    "risk_of_bias": ("result", "tool", "domain"),
    "flow": ("box", "name"),
}
"""The columns by which two rows of a table are the same."""
NOT_RECORDED, SETTING = "not recorded", "setting"


@dataclass(frozen=True)
class Additions:
    """The texts of the tables that change, by their path in the review, and why nothing may be written."""

    texts: dict[str, str]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


def additions(review: Path, imported: Imported, settings: Settings, add: bool) -> Additions:
    """Return the tables of a review with what was read in them.

    A table that has rows is touched only with `add`, and then only by rows with new identifiers; all clashes, domains
    that the settings do not have and columns that the codebook lacks are problems, and nothing is to be written then.
    """
    folder, texts, problems = review / "data" / "extracted", dict[str, str](), list[Problem]()
    known = codebook(folder)
    for name, read in imported.tables.items():
        if not read or name not in known:
            continue
        path, rows = folder / known[name]["path"], tuple(_in_words_of(folder, name, row) for row in read)
        problems += _in_books(path)
        problems += _unfit(path, folder, name, rows)
        there = [row for row in read_rows(path) if not _untouched(name, row)]
        problems += _clashes(path, name, there, rows) if add else _filled(path, there)
        header = columns(folder, name)
        every = [*there, *rows]
        texts[path.relative_to(review).as_posix()] = _text(header, every)
    problems += _unknown_domains(imported, settings)
    problems += [*_other_people(imported, settings), *_unknown_columns(folder, imported)]
    for path, text, there in _of_forms(review, imported):
        problems += [*_in_books(path), *_filled(path, there)]
        texts[path.relative_to(review).as_posix()] = text
    remarks = tuple(without_a_place(folder)) if "flow" in imported.tables else ()
    return Additions(texts, tuple(problems), remarks)


def _of_forms(review: Path, imported: Imported) -> Iterator[tuple[Path, str, list[Row]]]:
    """Yield the forms and the decisions of several extractors, with what stands in their files; they must be empty."""
    header, raw = columns(review / "data" / "extracted", "outcomes"), review / "data" / "raw"
    for form, rows in imported.forms.items():
        yield _to_fill(raw / f"form_{form}.csv", header, list(rows))
    if imported.forms:
        yield _to_fill(raw / "adjudication.csv", ADJUDICATION, list(decisions(imported, header)))


def _to_fill(path: Path, header: list[str], rows: list[Row]) -> tuple[Path, str, list[Row]]:
    return path, _text(header, rows), read_rows(path) if places(path) else []


def _in_words_of(folder: Path, table: str, row: Row) -> Row:
    """Return a row in which what nobody coded is "not reported" where the codebook has no word for it."""
    if table != "studies" or row.get(SETTING) != NOT_CODED_WORD or NOT_CODED_WORD in allowed(folder, table, SETTING):
        return row
    return {**row, SETTING: "not_reported"}


def _unfit(path: Path, folder: Path, table: str, rows: tuple[Row, ...]) -> Iterator[Problem]:
    """Yield, once for each column, what the codebook of the review requires or does not allow."""
    for field in codebook(folder)[table]["schema"]["fields"]:
        column, limits = field["name"], field.get("constraints", {})
        asked = f"In the file of --map: tables: {{{table}: {{constants: {{{column}: YOURS}}}}}}."
        if limits.get("required") and (empty := sum(not row.get(column) for row in rows)):
            advice = "Give the address of the file: --address." if column == "source_url" else asked
            found = f"{many(empty, 'row')} of what was read would be empty here, and the codebook requires this column."
            yield _problem(path, column, found, advice)
        words = allowed(folder, table, column)
        strange = sorted({row[column] for row in rows if row.get(column)} - set(words)) if words else []
        if strange:
            found = f"the rows that were read have {', '.join(strange)}, and the codebook allows {', '.join(words)}."
            yield _problem(path, column, found, asked)


def _untouched(table: str, row: Row) -> bool:
    """Return whether a row is one that a new review has: a box of the flow that nobody recorded."""
    return table == "flow" and row.get("n") == NOT_RECORDED and not row.get("note")


def _text(header: list[str], rows: list[Row]) -> str:
    return csv_text(header, ([row.get(name, "") for name in header] for row in rows), guarded=False)


def _in_books(path: Path) -> Iterator[Problem]:
    """Yield each workbook in which a table stands: a CSV file beside it would be a second place for one table."""
    for place in places(path):
        if place.file != path:
            where = f"the sheet {place.sheet} of this workbook" if place.sheet else "this file"
            found = f"the table {path.stem} is in {where}, and taprev import writes only CSV. Nothing was written."
            advice = (
                f"Save the sheet as {path.name} and take it out of the workbook; or import into a new folder "
                "(--into FOLDER) and copy the rows by hand."
            )
            yield _problem(place.file, "", found, advice)


def _filled(path: Path, there: list[Row]) -> Iterator[Problem]:
    if there:
        found = f"the table has {many(len(there), 'row')}, and nothing is written over them."
        behind = "Use --add to put rows with new identifiers below them, or name another folder (--into)."
        raw = "Import the file into a new folder, or empty this one first."
        standing = " and ".join(place.said() for place in places(path))
        yield Problem(standing, None, "", "", "", found, raw if path.parent.name == "raw" else behind)


def _clashes(path: Path, table: str, there: list[Row], rows: tuple[Row, ...]) -> Iterator[Problem]:
    taken = {_key(table, row): number for number, row in enumerate(there, start=2)}
    for row in rows:
        if (number := taken.get(_key(table, row))) is not None:
            found = f'found "{", ".join(filter(None, _key(table, row)))}", which row {number} has already.'
            yield _problem(path, KEYS[table][0], found, "Take one of them out, or give the new one another name.")


def _key(table: str, row: Row) -> tuple[str, ...]:
    return tuple(row.get(name, "").casefold() for name in KEYS[table])


def _unknown_domains(imported: Imported, settings: Settings) -> Iterator[Problem]:
    new = [domain for domain in imported.domains if domain.name not in settings.domains]
    if new:
        listed = "; ".join(f"{one.name}: {{label: {one.label}, population: all_ages}}" for one in new)
        names = ", ".join(domain.name for domain in new)
        found = f"the file has the domains {names}, which the settings do not have."
        advice = f"Add them under domains ({listed}), or name yours in a mapping (domains: {{{new[0].name}: YOURS}})."
        yield _problem(Path("config/review.yaml"), "", found, advice)


def _other_people(imported: Imported, settings: Settings) -> Iterator[Problem]:
    """Yield each domain of the review whose people are not those of the rows: these would be left out of it."""
    seen = {(row["domain"], row.get("population", "")) for row in imported.rows("outcomes")}
    for name, people in sorted(seen):
        domain = settings.domains.get(name)
        if domain and people != domain.population:
            found = f"the domain {name} is about {domain.population}, and the rows that were read are about {people}."
            advice = f"In the file of --map: tables: {{outcomes: {{constants: {{population: {domain.population}}}}}}}."
            yield _problem(Path("config/review.yaml"), "population", found, advice)


def _unknown_columns(folder: Path, imported: Imported) -> Iterator[Problem]:
    for name in imported.columns_added:
        if name not in columns(folder, "outcomes"):
            found = f"the file has a column {name}, and the table outcomes of this review has none."
            yield _problem(folder / "datapackage.yaml", "", found, "Add it to the codebook and to the header.")
    if imported.tool:
        found = "the file has items of risk of bias that no known tool has."
        advice = "Declare the tool in the codebook (tools of risk_of_bias), and import the judgements with --tool."
        yield _problem(folder / "datapackage.yaml", "risk_of_bias", found, advice)


def _problem(path: Path, column: str, found: str, advice: str) -> Problem:
    return Problem(path.as_posix(), None, "", "", column, found, advice)
