"""Every way in which a table can break the codebook.

Frictionless finds what breaks its types, ranges, allowed values and keys; numbers that are not finite, which it lets
through, are found here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from taprev.extraction.cell_limits import limit_problems
from taprev.extraction.codebook_shape import key_columns, referred, shape_problems
from taprev.extraction.problems import Problem, empty_cells
from taprev.extraction.sheets.canonical import canonical, numbered_csv
from taprev.extraction.tables import (
    Row,
    codebook,
    columns,
    file_problems,
    named,
    numbered_rows,
    numeric_fields,
    package,
)
from taprev.ground.files import PLAIN_NUMBER, is_file

ADVICE = {
    "constraint-error": "Look the figure up in the report and correct the cell.",
    "type-error": "Write a plain number with a decimal point, or leave the cell empty.",
    "unique-error": "Two rows say the same result twice, or one of them needs another identifier.",
    "missing-cell": "The row is shorter than the header; count its commas and quotation marks.",
    "extra-cell": "The row is longer than the header; a text with a comma needs quotation marks.",
}
ADVICE_OF_CONSTRAINT = {"enum": "Use one of these words.", "required": "Fill the cell in."}
UNSAID = ("primary-key", "blank-row")
"""What Frictionless finds and is no problem: a key that another error names as well, and a row that is passed over."""


class NoDataPackage(ValueError):
    """A codebook that Frictionless cannot use, with what it says."""


def table_problems(folder: Path) -> list[Problem]:
    """Return every way in which the tables in `folder` break the codebook."""
    if unread := unreadable(folder):
        return unread
    broken = [
        p
        for name, table in codebook(folder).items()
        for p in file_problems(folder / table["path"], columns(folder, name))
    ]
    if broken:
        return list(dict.fromkeys(broken))
    paths = {name: folder / table["path"] for name, table in codebook(folder).items()}
    try:
        return [*cell_problems(package(folder), paths)]
    except NoDataPackage as fault:
        path, found = folder / "datapackage.yaml", f"the codebook cannot be used as a data package: {fault}."
        return [Problem(path.as_posix(), None, "", "", "", found, "Restore what was changed in it.")]


def unreadable(folder: Path) -> list[Problem]:
    """Return everything for which the codebook in `folder` cannot be read."""
    path = folder / "datapackage.yaml"
    if not is_file(path):
        return [Problem(path.as_posix(), None, "", "", "", "the codebook is missing.", "Restore it.")]
    return shape_problems(path)


def cell_problems(
    described: dict, paths: Mapping[str, Path], others: Mapping[str, Path] | None = None
) -> Iterator[Problem]:
    """Yield every cell that breaks the codebook, in the tables at `paths` by name.

    `described` is the data package of these tables; `others` are tables in it that they refer to, of which nothing is
    said.
    """
    yield from _codebook_problems(described, paths, others or {})
    yield from _finite_problems(described, paths)
    yield from limit_problems(described, paths)


def _codebook_problems(described: dict, paths: Mapping[str, Path], others: Mapping[str, Path]) -> Iterator[Problem]:
    _refuse_unusable(json.dumps(described, default=str))
    read = {table["name"]: paths.get(table["name"]) or others[table["name"]] for table in described["resources"]}
    for table in (table for table in described["resources"] if table["name"] in paths):
        path = paths[table["name"]]
        errors = _errors(*_by_itself(table, described, read))
        rows, where = dict(numbered_rows(path)) if errors else {}, named(path)
        misshapen = {e.row_number: e for e in errors if e.type in ("missing-cell", "extra-cell")}
        sound = [e for e in errors if getattr(e, "row_number", None) not in misshapen]
        empty = {n: fields for n, fields in _left_empty(sound).items() if len(fields) > 1}
        for at, fields in empty.items():
            row = rows.get(at, {})
            yield empty_cells(where, at, row.get("result") or "", row.get("study") or "", fields)
        named_alone = [e for e in sound if e.type not in UNSAID and not (_of_empty(e) and e.row_number in empty)]
        for error in [*misshapen.values(), *named_alone]:
            number = getattr(error, "row_number", None)
            yield _translated(error, where, rows.get(number, {}) if number else {}, number)


def _left_empty(errors) -> dict[int, list[str]]:
    """Return the columns of required cells that are empty, by row."""
    found: dict[int, list[str]] = {}
    for error in filter(_of_empty, errors):
        found.setdefault(error.row_number, []).append(error.field_name)
    return found


def _of_empty(error) -> bool:
    return error.type == "constraint-error" and '"required"' in error.note


@lru_cache(maxsize=8)
def _refuse_unusable(described: str) -> None:
    """Raise NoDataPackage where Frictionless cannot use a data package, whatever stands in its tables."""
    from frictionless import FrictionlessException, Package

    try:
        Package.from_descriptor(json.loads(described))
    except FrictionlessException as error:
        raise NoDataPackage(error.error.note) from None


def _by_itself(table: dict, described: dict, read: Mapping[str, Path]) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """Return the data package of one table as JSON and its files; those it refers to hold what it refers to alone.

    Frictionless copies every column of a table for each other that refers to it, which takes longer than the reading.
    """
    keys: dict[str, list[str]] = {}
    for key in table["schema"].get("foreignKeys", ()):
        keys.setdefault(referred(key, table["name"]), []).extend(key_columns(key["reference"]))
    by_name = {other["name"]: other for other in described["resources"]}
    others = {name: list(dict.fromkeys(names)) for name, names in keys.items() if name != table["name"]}
    tables = [table, *(_only(by_name[name], names) for name, names in others.items())]
    contents = [canonical(read[table["name"]]), *(_columns_of(read[name], names) for name, names in others.items())]
    files = zip((one["path"] for one in tables), contents, strict=True)
    return json.dumps({**described, "resources": tables}, default=str), tuple(files)


def _only(table: dict, names: Sequence[str]) -> dict:
    """Return a table of a data package with some of its columns and no keys."""
    schema = {name: part for name, part in table["schema"].items() if name not in ("primaryKey", "foreignKeys")}
    fields = {field["name"]: field for field in schema["fields"]}
    return {**table, "schema": {**schema, "fields": [fields[name] for name in names]}}


def _columns_of(path: Path, names: Sequence[str]) -> bytes:
    """Return some columns of a table as canonical CSV; one that it lacks is empty."""
    rows = {number: [row.get(name) for name in names] for number, row in numbered_rows(path)}
    return numbered_csv(names, rows).encode("utf-8")


@lru_cache(maxsize=64)
def _errors(described: str, files: tuple[tuple[str, bytes], ...]) -> list:
    """Return what Frictionless says of the first table of a data package; the same contents are validated once."""
    from frictionless import Package

    with TemporaryDirectory() as copies:
        for name, content in files:
            (Path(copies) / name).write_bytes(content)
        table = Package.from_descriptor(json.loads(described), basepath=copies).resources[0]
        return table.validate(limit_errors=10_000).tasks[0].errors


def _translated(error, where: str, row: Row, number: int | None) -> Problem:
    column = getattr(error, "field_name", "") or ""
    cell = getattr(error, "cell", "")
    found, advice = f'found "{cell}"; {error.note}.', ADVICE.get(error.type, "")
    if error.type == "foreign-key":
        column, other = error.field_names[0], error.reference_name
        found = f'found "{row.get(column, "")}", which {other}.csv does not have.'
        advice = f"Add it to {other}.csv or correct the spelling."
    elif error.type in ("missing-cell", "extra-cell"):
        column, found = "", f"the row has {error.type.split('-')[0]} cells."
    elif error.type == "unique-error":
        found = f'found "{cell}" again; it already stands in an earlier row.'
    elif error.type == "type-error" and '"date' in error.note:
        found, advice = f'found "{cell}", which is not a date.', "Write it as 2026-01-31."
    elif error.type == "type-error":
        found = f'found "{cell}", which is not a {"whole number" if "integer" in error.note else "number"}.'
    elif error.type == "constraint-error":
        found = f'found "{cell}"; {constraint_in_words(error.note)}.'
        advice = next((own for name, own in ADVICE_OF_CONSTRAINT.items() if f'"{name}"' in error.note), advice)
    who = (row.get("result") or "", row.get("study") or "")
    return Problem(where, number, *who, column, found, advice)


def constraint_in_words(note: str) -> str:
    """Say a constraint of the codebook in plain words."""
    words = {
        "exclusiveMinimum": "it must be above",
        "minimum": "it must be at least",
        "maximum": "it must be at most",
        "exclusiveMaximum": "it must be below",
        "enum": "the codebook allows",
        "pattern": "it does not have the form",
    }
    match = re.fullmatch(r'constraint "(\w+)" is "(.*)"', note)
    if not match:
        return note
    name, value = match.groups()
    if name == "enum":
        value = ", ".join(re.findall(r"'([^']*)'", value)) or value
    return "it must not be empty" if name == "required" else f"{words.get(name, name)} {value}"


def _finite_problems(described: dict, paths: Mapping[str, Path]) -> Iterator[Problem]:
    for table in (table for table in described["resources"] if table["name"] in paths):
        path, numeric = paths[table["name"]], numeric_fields(table)
        where = named(path)
        for number, row in numbered_rows(path):
            for column in numeric:
                if _not_plain(row.get(column) or ""):
                    found = f'found "{row[column]}", which is not a finite plain number.'
                    yield Problem(
                        where,
                        number,
                        row.get("result") or "",
                        row.get("study") or "",
                        column,
                        found,
                        "Leave the cell empty if the figure is not printed.",
                    )


def _not_plain(text: str) -> bool:
    """Return whether Python reads a number where a reviewer would not: NaN, infinity, 1_000, other digits."""
    try:
        return bool(text) and (not math.isfinite(float(text)) or not PLAIN_NUMBER.fullmatch(text))
    except ValueError:
        return False
