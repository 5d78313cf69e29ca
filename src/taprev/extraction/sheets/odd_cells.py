"""Cells that show something else than what was typed: dates that a spreadsheet made, and its errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taprev.extraction.sheets.column_types import ColumnTypes
from taprev.extraction.sheets.figures import ERRORS, each
from taprev.extraction.sheets.grid import Grid, Refusal, many

SHORT_DATE = re.compile(r"\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|[A-Z][a-z]{2}-\d{2}")
LONGEST = 6
AS_TEXT = "Type it again as text, with an apostrophe in front: '3-4."


def made_dates(grid: Grid, types: ColumnTypes, passed: Mapping[int, str]) -> Iterator[Refusal]:
    """Yield the cells of a workbook that became dates, outside the columns of days."""
    for (number, position), (shown, perhaps) in grid.dates.items():
        if number not in passed and not types.dated(grid.header[position]):
            found = f"the spreadsheet made {shown} of what was typed, perhaps of {perhaps}."
            yield Refusal(found, AS_TEXT, number, position)


def shown_errors(grid: Grid, cells: dict[int, tuple[str, ...]], types: ColumnTypes) -> Iterator[Refusal]:
    """Yield the errors of a spreadsheet that a CSV file shows as text."""
    texts = {p for p, name in enumerate(grid.header) if not types.numeric(name)} if grid.dialect else set()
    for address, text in each(cells, texts.__contains__):
        if text.startswith("#") and ERRORS.fullmatch(text):
            yield Refusal(f'found "{text}", an error of the spreadsheet.', "Type what the report prints.", *address)


def like_dates(grid: Grid, cells: dict[int, tuple[str, ...]], types: ColumnTypes) -> Iterator[str]:
    """Say where a text in a CSV file looks like a date that Excel made of something else, such as 3-Apr or Mar-04."""
    texts = (
        {p for p, name in enumerate(grid.header) if not types.numeric(name)} if grid.dialect and types.types else set()
    )
    found = [
        (at, text)
        for at, text in each(cells, texts.__contains__)
        if len(text) <= LONGEST and SHORT_DATE.fullmatch(text)
    ]
    if found:
        (row, position), text = found[0]
        where = f'"{text}" in {grid.header[position]} of row {row}'
        yield f"{many(len(found), 'text')} that a spreadsheet may have made a date of, first {where}: read as typed"
