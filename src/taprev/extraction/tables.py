"""The extracted tables, read by the codebook, and every way in which a table can break it.

`data/extracted/datapackage.yaml` is the codebook. Frictionless finds what breaks its types, ranges, allowed values and
keys; the checks of the header and of numbers that are not finite, which Frictionless lets through, are here. How a
table is read from its file, whatever that is, stands in `sheets`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from taprev.extraction.problems import Problem
from taprev.extraction.sheets.canonical import canonical
from taprev.extraction.sheets.places import form_files, places
from taprev.extraction.sheets.reading import NumberedRow, Row, read_table
from taprev.ground.files import PLAIN_NUMBER
from taprev.ground.yaml_loader import Loader

UNSAID = ("primary-key", "blank-row")
"""What Frictionless finds and is no problem: a key that another error names as well, and a row that is passed over."""
ADVICE = {
    "constraint-error": "Look the figure up in the report and correct the cell.",
    "type-error": "Write a plain number with a decimal point, or leave the cell empty.",
    "unique-error": "Two rows say the same result twice, or one of them needs another identifier.",
    "missing-cell": "The row is shorter than the header; count its commas and quotation marks.",
    "extra-cell": "The row is longer than the header; a text with a comma needs quotation marks.",
}
ADVICE_OF_CONSTRAINT = {"enum": "Use one of these words.", "required": "Fill the cell in."}
LATER = "later"
UTF_8 = "utf-8-sig"
"""UTF-8 with or without the mark that Excel writes at the beginning of a file."""


@cache
def package(folder: Path) -> dict:
    """Return the data package in `folder`, which is the codebook of its tables.

    A column that was added to the codebook later is not asked of a table, and its forms, that were begun without it; a
    form that nobody has filled in does not ask for it. A table that was added later may be absent. The tools of risk of
    bias say what is judged and how; a list of tools and levels in the codebook of an older review no longer does.
    """
    whole = yaml.load((folder / "datapackage.yaml").read_text(encoding="utf-8"), Loader=Loader)
    filed = [table for table in whole["resources"] if there(folder / table["path"])]
    whole["resources"] = [table for table in whole["resources"] if LATER not in table or not filed or table in filed]
    for table in whole["resources"]:
        schema, begun = table["schema"], [folder / table["path"]]
        if table["name"] == "outcomes":
            raw = folder.parent / "raw"
            begun += [raw / f"{form}.csv" for form in form_files(raw) if filled_in(raw / f"{form}.csv")]
        had = {name for path in begun for name in header_of(path)}
        schema["fields"] = [f for f in schema["fields"] if LATER not in f or not had or f["name"] in had]
        if table["name"] == "risk_of_bias":
            for field in schema["fields"]:
                field.get("constraints", {}).pop("enum", None)
    return whole


def codebook(folder: Path) -> dict[str, dict]:
    """Return the tables of the data package in `folder` by name, as the codebook describes them."""
    return {table["name"]: table for table in package(folder)["resources"]}


def columns(folder: Path, table: str) -> list[str]:
    """Return the column names of a table in the order of the codebook."""
    return [field["name"] for field in codebook(folder)[table]["schema"]["fields"]]


def allowed(folder: Path, table: str, column: str) -> tuple[str, ...]:
    """Return the values that the codebook allows in a column; none where it takes any."""
    fields = codebook(folder)[table]["schema"]["fields"]
    matching = (field for field in fields if field["name"] == column)
    return tuple(value for field in matching for value in field.get("constraints", {}).get("enum", ()))


def number_columns(folder: Path, table: str) -> list[str]:
    """Return the names of the columns that hold numbers."""
    return [
        f["name"] for f in codebook(folder)[table]["schema"]["fields"] if f["type"] in ("number", "integer", "year")
    ]


def filled_in(path: Path) -> bool:
    """Return whether a table has a row below its header."""
    return bool(read_table(path).rows)


def header_of(path: Path) -> list[str]:
    """Return the column names of a table, or none where it cannot be read as one."""
    try:
        return list(read_table(path).header)
    except OSError:
        return []


def file_name(path: Path) -> str:
    """Return the name of the file in which the table of a path stands, without its folder."""
    try:
        return read_table(path).place.file.name
    except OSError:
        return path.name


def there(path: Path) -> bool:
    """Return whether the table of a path stands anywhere, in its CSV file or in a workbook."""
    return bool(places(path))


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a table as text; an empty cell is an empty string, and `number_of` says where a row stands.

    Raises ValueError with a sentence where the table cannot be read.
    """
    table = read_table(path)
    if not table.legible:
        raise ValueError("\n".join(problem.sentence() for problem in table.problems))
    return [NumberedRow(row, number) for number, row in table.rows.items()]


def numbered_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a table, each with its number."""
    return ((number_of(row), row) for row in read_rows(path))


def number_of(row: Row) -> int:
    """Return the number of a row that was read, in the file that a person edits; the header is row 1."""
    assert isinstance(row, NumberedRow)
    return row.number


def with_columns(row: Row, names: Iterable[str]) -> Row:
    """Return a row that was read with these columns too, empty where its file lacks them."""
    return NumberedRow({**dict.fromkeys(names, ""), **row}, number_of(row))


def named(path: Path) -> str:
    """Return the file, and in a workbook the sheet, in which the table of a path stands, as people name it."""
    try:
        return read_table(path).place.said()
    except OSError:
        return path.as_posix()


def said_of(path: Path) -> list[str]:
    """Return in one sentence what was read otherwise than typed in a table, or nothing."""
    table = read_table(path)
    return [f"{table.place.said()}: {'; '.join(table.remarks)}."] if table.remarks else []


def by_value(rows: Iterable[Row], column: str) -> defaultdict[str, list[Row]]:
    """Return the rows by their value in a column, in their order; a value that no row has gives no rows."""
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(row)
    return grouped


def figure(row: Row, column: str) -> float | None:
    """Return a cell as a number, or None where it is empty."""
    text = row.get(column, "")
    return float(text) if text else None


def same_number(one: str, other: str) -> bool:
    """Return whether two cells print one number, such as 10.5 and 10.50, with other digits or the same."""
    if not (PLAIN_NUMBER.fullmatch(one) and PLAIN_NUMBER.fullmatch(other)):
        return False
    return Decimal(one) == Decimal(other)


def half_unit(text: str) -> float:
    """Return half a unit of the last printed digit: 0.05 for "0.3", 0.5 for "12"."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def file_problems(path: Path, header: list[str]) -> list[Problem]:
    """Return what is wrong with a table before the codebook is asked about any cell: its file, header, odd cells."""
    if not there(path):
        made = "Run taprev reconcile." if path.name == "outcomes.csv" else "Make it with its header alone."
        return [Problem(path.as_posix(), None, "", "", "", "this file is missing.", f"Restore it. {made}")]
    table = read_table(path)
    names = list(table.header)
    if not table.legible or names == header:
        return list(table.problems)
    advice = "Use the header of the codebook, in its order."
    return [Problem(table.place.said(), 1, "", "", "", _header_difference(names, header), advice), *table.problems]


def _header_difference(names: list[str], header: list[str]) -> str:
    missing = [name for name in header if name not in names]
    unknown = [name or "(empty)" for name in names if name not in header]
    parts = [f"columns missing: {', '.join(missing)}." if missing else ""]
    parts.append(f"columns not in the codebook: {', '.join(unknown)}." if unknown else "")
    if not missing and not unknown:
        repeated = sorted({name for name in names if names.count(name) > 1})
        parts.append(f"columns named twice: {', '.join(repeated)}." if repeated else "the order differs.")
    return "the header is wrong; " + " ".join(part for part in parts if part)


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
        return broken
    return [*_codebook_problems(folder), *_finite_problems(folder)]


def unreadable(folder: Path) -> list[Problem]:
    """Return why the codebook in `folder` cannot be read (at most one problem)."""
    path = folder / "datapackage.yaml"
    if not path.is_file():
        return [Problem(path.as_posix(), None, "", "", "", "the codebook is missing.", "Restore it.")]
    try:
        for name, table in codebook(folder).items():
            _ = table["path"], columns(folder, name)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        found = "the codebook cannot be read as a data package."
        return [Problem(path.as_posix(), None, "", "", "", found, "Restore it.")]
    return []


def _codebook_problems(folder: Path) -> Iterator[Problem]:
    from frictionless import Package

    paths = {name: folder / table["path"] for name, table in codebook(folder).items()}
    with TemporaryDirectory() as copies:
        for path in paths.values():
            (Path(copies) / path.name).write_bytes(canonical(path))
        tables = Package.from_descriptor(package(folder), basepath=copies)
        tasks = tables.validate(limit_errors=10_000).tasks
    for task in tasks:
        path = paths[task.name]
        rows = dict(numbered_rows(path)) if task.errors else {}
        misshapen = {e.row_number: e for e in task.errors if e.type in ("missing-cell", "extra-cell")}
        sound = [e for e in task.errors if getattr(e, "row_number", None) not in misshapen]
        for error in [*misshapen.values(), *(e for e in sound if e.type not in UNSAID)]:
            number = getattr(error, "row_number", None)
            yield _translated(error, path, rows.get(number, {}) if number else {}, number)


def _translated(error, path: Path, row: Row, number: int | None) -> Problem:
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
    return Problem(named(path), number, *who, column, found, advice)


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


def _finite_problems(folder: Path) -> Iterator[Problem]:
    for name, table in codebook(folder).items():
        path, numeric = folder / table["path"], number_columns(folder, name)
        for number, row in numbered_rows(path):
            for column in numeric:
                if _not_plain(row.get(column) or ""):
                    found = f'found "{row[column]}", which is not a finite plain number.'
                    yield Problem(
                        named(path),
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
