"""The one form in which every later step reads a table: UTF-8, commas, decimal points, rows with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from taprev.extraction.sheets.reading import ReadTable, read_table
from taprev.ground.files import csv_rows

Cells = Iterable[str | None]


def canonical(path: Path) -> bytes:
    """Return a table as canonical CSV; a file that already is one is returned byte for byte."""
    table = read_table(path)
    return table.place.file.read_bytes() if table.as_typed else canonical_csv(table)


def canonical_csv(table: ReadTable) -> bytes:
    """Return the rows of a table as CSV; an empty line stands for each row that was passed over."""
    rows = {number: list(row.values()) for number, row in table.rows.items()}
    return numbered_csv(table.header, rows).encode("utf-8")


def numbered_csv(header: Iterable[str], rows: Mapping[int, Cells], delimiter: str = ",", newline: str = "\n") -> str:
    """Return rows as CSV text in which each has its number, the header being row 1."""
    passed_over: Cells = ()
    numbered = (rows.get(number, passed_over) for number in range(2, max(rows, default=1) + 1))
    return csv_rows(chain([header], numbered), delimiter, newline)
