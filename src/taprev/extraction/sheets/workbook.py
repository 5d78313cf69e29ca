"""A sheet of a workbook as cells of text; formulas, dates and errors are not what was typed and are named."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from taprev.extraction.sheets.book_parts import BookParts, SheetPart
from taprev.extraction.sheets.grid import Address, Grid, KeptNumber, Refusal, many, remarks, unread
from taprev.extraction.sheets.marked_rows import mark_of
from taprev.extraction.sheets.places import UNREADABLE
from taprev.vocabulary import RemarkCode

OLD_FORMAT = b"\xd0\xcf\x11\xe0"
LOCKED_BY = "EncryptedPackage".encode("utf-16-le")
PASTE_VALUES = "Copy the cell and paste it as a value, or type what the report prints."
REPAIR = "Open the file and save it again as XLSX, or go back to an earlier copy."
LARGEST_WHOLE = 1e15
PLAIN_FORMAT = re.compile(r"(?:#,##)?0\.(0+)")


@dataclass
class _SheetCells:
    """What is gathered while the rows of a sheet are read."""

    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    dates: dict[Address, tuple[str, str]] = field(default_factory=dict)
    percents: int = 0
    shorter: int = 0
    last: int = 1


def workbook_grid(content: bytes, wanted: str) -> Grid:
    """Return the cells of the sheet of a name, or of the only sheet with cells in sight."""
    if content.startswith(OLD_FORMAT):
        if LOCKED_BY in content:
            return unread("the workbook is protected by a password.", "Save it without one.", of_book=True)
        return unread("this is a workbook of the old kind (.xls).", "Open it and save it as XLSX.", of_book=True)
    try:
        parts = BookParts(content)
        sheet = _sheet(parts, wanted)
    except (*UNREADABLE, TypeError, SyntaxError, EOFError):
        return unread("this is not a readable XLSX file; it may be damaged.", REPAIR, of_book=True)
    try:
        if sheet is None:
            named = ", ".join(one.name for one in parts.sheets)
            advice = f'Give the sheet of this table the name "{wanted}".'
            return unread(f"found the sheets {named}, and none of them is {wanted}.", advice)
        return _grid(content, parts, sheet)
    except (*UNREADABLE, TypeError, SyntaxError, EOFError):
        return unread("this sheet cannot be read; the file may be damaged.", REPAIR)


def _sheet(parts: BookParts, wanted: str) -> SheetPart | None:
    """Return the sheet of a name whatever its capitals, or the only one."""
    return next((one for one in parts.sheets if named_like(one.name, wanted, len(parts.sheets))), None)


def named_like(name: str, wanted: str, sheets: int) -> bool:
    """Return whether a sheet is the one that is wanted, by its name or because a workbook has one alone."""
    return sheets == 1 or name.strip().casefold() == wanted.casefold()


def _grid(content: bytes, parts: BookParts, sheet: SheetPart) -> Grid:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        own: Any = book[sheet.name]
        own.reset_dimensions()
        lines = own.iter_rows()
        first = next(lines, ())
        header = [_text(cell).strip() for cell in first]
        cells = _read(lines, len(header))
    empty = [p for p, name in enumerate(header) if not name and not any(row[p] for row in cells.rows.values())]
    kept = [p for p in range(len(header)) if p not in empty]
    names = tuple(header[p] for p in kept)
    passed_over = cells.last - 1 - len(cells.rows)
    inner = sum(1 for p in empty if p < max(kept, default=0))
    data = {n: row for n, row in cells.rows.items() if not mark_of(header, row)}
    shares = f"{many(cells.percents, 'percentage')} read as a share (45% as 0.45)"
    shorter = f"{many(cells.shorter, 'figure')} shown with more decimals than the file keeps (0.90, read as 0.9)"
    said = remarks(
        (RemarkCode.EMPTY, f"{many(passed_over, 'empty row')} passed over" if passed_over > 0 else ""),
        (RemarkCode.EMPTY, f"{many(inner, 'empty column')} passed over" if inner else ""),
        *((RemarkCode.HIDDEN, words) for words in _hidden(parts, sheet, data, kept)),
        *((RemarkCode.BESIDE_CELLS, words) for words in _beside(parts, sheet)),
        (RemarkCode.FIGURES, shares if cells.percents else ""),
        (RemarkCode.FIGURES, shorter if cells.shorter else ""),
    )
    if not any(names):
        return unread("the sheet has no header in its first row.", "Restore it.")
    place = {p: position for position, p in enumerate(kept)}
    return Grid(
        header=names,
        rows={number: tuple(row[p] for p in kept) for number, row in cells.rows.items()} if empty else cells.rows,
        remarks=said,
        refusals=tuple(Refusal(one.found, one.advice, one.row, place[one.column or 0]) for one in cells.refusals),
        dates={(number, place[p]): told for (number, p), told in cells.dates.items()},
        as_typed=False,
    )


def _read(lines: Iterator[tuple[Any, ...]], width: int) -> _SheetCells:
    """Read the rows below the header, as wide as this; what stands further right has no column."""
    found = _SheetCells()
    for number, line in enumerate(lines, start=2):
        texts = [""] * width
        for position, cell in enumerate(line[:width]):
            if cell.value is not None:
                texts[position] = _cell(cell, (number, position), found)
        beyond = next((cell for cell in line[width:] if cell.value is not None and str(cell.value).strip()), None)
        if beyond is not None:
            what = f'found "{_text(beyond)}" to the right of the last column.'
            found.refusals.append(Refusal(what, "Give its column a name, or remove it.", number, width - 1))
        if any(texts):
            found.rows[number], found.last = tuple(texts), number
    return found


def _cell(cell: Any, address: Address, found: _SheetCells) -> str:
    """Return the text of a cell, and note where it is not what was typed."""
    value, kind = cell.value, cell.data_type
    if kind == "n" and isinstance(value, (int, float)) and not isinstance(value, bool):
        shown_as, text = cell.number_format, _number(value)
        found.percents += "%" in shown_as
        found.shorter += len(text.partition(".")[2]) < _decimals(shown_as)
        return text
    if kind == "f":
        formula = value if isinstance(value, str) else getattr(value, "text", None) or ""
        what = f"the cell holds a formula ({formula[:60]}), which is not what was printed."
        found.refusals.append(Refusal(what, PASTE_VALUES, *address))
        return str(formula)
    if kind == "e":
        found.refusals.append(Refusal(f"the cell shows the error {value}.", PASTE_VALUES, *address))
    if isinstance(value, (date, time, timedelta)):
        found.dates[address] = _date(value, cell.number_format)
    return _text(cell)


def _text(cell: Any) -> str:
    value = cell.value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return "" if value is None else str(value)


def _number(value: float) -> str:
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < LARGEST_WHOLE)
    return KeptNumber(int(value) if whole else f"{value:.15g}")


@cache
def _decimals(number_format: str) -> int:
    """Return how many decimals a number format shows; none where it is no plain one, such as that of a percentage."""
    plain = PLAIN_FORMAT.fullmatch(number_format)
    return len(plain[1]) if plain else 0


def _date(value: date | time | timedelta, shown_as: str) -> tuple[str, str]:
    """Return a date as ISO 8601, and what may have been typed where it is taken for one."""
    if not isinstance(value, date):
        return str(value), f"{str(value)[:5]!s}"
    day = f"{value:%Y-%m-%d}"
    if "d" not in shown_as.lower() and value.day == 1:
        return day, f"{value:%b}-{value:%y}, {value.month}-{value:%y} or {value.month}/{value:%Y}"
    return day, f"{value.day}-{value.month}, {value.month}-{value.day}, {value.day}/{value.month} or {value:%d.%m}"


def _hidden(parts: BookParts, sheet: SheetPart, rows: dict[int, tuple[str, ...]], kept: list[int]) -> Iterator[str]:
    """Say what is not in sight and is read all the same."""
    if not sheet.in_sight:
        yield "the sheet is hidden, and is read"
    hidden = parts.hidden_rows(sheet) & rows.keys()
    if hidden:
        by = " by a filter" if parts.filtered(sheet) else ""
        yield f"{many(len(hidden), 'hidden row')}{by}, read like the others"
    columns = [p for p in parts.hidden_columns(sheet) & set(kept) if any(row[p] for row in rows.values())]
    if columns:
        yield f"{many(len(columns), 'hidden column')} with cells, read like the others"


def _beside(parts: BookParts, sheet: SheetPart) -> Iterator[str]:
    """Say what the sheet has beside its cells."""
    if merged := parts.merged(sheet):
        few = ", ".join(merged[:3])
        yield f"merged cells ({few}): only the first cell of each holds the text that is read"
    if comments := parts.comments(sheet):
        yield f"{many(comments, 'comment')} of cells not read"
    if parts.links:
        yield "links to other workbooks not followed"
