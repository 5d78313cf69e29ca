"""The tables of a review: what the codebook says of their columns, and their rows as text.

`data/extracted/datapackage.yaml` is the codebook. How a table is read from its file, whatever that is, stands in
`sheets`; how it can break the codebook in `table_problems`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from decimal import Decimal
from functools import cache
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.sheets.column_types import codebook_of
from taprev.extraction.sheets.places import CODEBOOK, form_files, places
from taprev.extraction.sheets.reading import NumberedRow, Row, read_table
from taprev.ground.files import PLAIN_NUMBER

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
    whole = deepcopy(codebook_of((folder / CODEBOOK).read_bytes()))
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


def required_columns(folder: Path, table: str) -> list[str]:
    """Return the names of the columns that every row fills in."""
    fields = codebook(folder)[table]["schema"]["fields"]
    return [field["name"] for field in fields if field.get("constraints", {}).get("required")]


def number_columns(folder: Path, table: str) -> list[str]:
    """Return the names of the columns that hold numbers."""
    return numeric_fields(codebook(folder)[table])


def numeric_fields(table: dict) -> list[str]:
    """Return the names of the columns that hold numbers in a table as the codebook describes it."""
    return [field["name"] for field in table["schema"]["fields"] if field["type"] in ("number", "integer", "year")]


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
    """Return a row that was read with these columns too, empty where its file lacks them or the row ends before."""
    filled = {name: text or "" for name, text in row.items()}
    return NumberedRow({**dict.fromkeys(names, ""), **filled}, number_of(row))


def named(path: Path) -> str:
    """Return the file, and in a workbook the sheet, in which the table of a path stands, as people name it."""
    try:
        return read_table(path).place.said()
    except OSError:
        return path.as_posix()


def said_of(path: Path) -> list[str]:
    """Return in one sentence what was read otherwise than typed in a table, or nothing."""
    table = read_table(path)
    return [f"{table.place.said()}: {'; '.join(one.words for one in table.remarks)}."] if table.remarks else []


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


def same_cell(one: str, other: str) -> bool:
    """Return whether two cells say the same: one text, or one number."""
    return one == other or same_number(one, other)


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
