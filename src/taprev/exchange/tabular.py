"""A table as people have it: CSV with commas, semicolons or tabs, in any of the usual encodings, or XLSX.

Every cell is text. A table separated by semicolons has decimal commas, which become points, and so has one separated by
tabs where its commas can be nothing else; a remark says so.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from taprev.exchange.archive import is_zip, refuse_unsafe
from taprev.extraction.problems import Problem
from taprev.extraction.sheets.books import UNREADABLE
from taprev.extraction.sheets.figures import COMMAS, MINUS, read_figures
from taprev.extraction.sheets.grid import Encoding, many
from taprev.extraction.sheets.text_file import decoded as decoded_text
from taprev.extraction.sheets.text_file import dialect_of
from taprev.extraction.spreadsheet import cell_text
from taprev.extraction.tables import Row
from taprev.ground.files import unguard

DECIMAL_COMMA = re.compile(r"-?\d+,\d+(?:[eE][+-]?\d+)?", re.ASCII)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UNCLOSED = "unexpected end of data"
"""What the csv module says of a text that ends within quotation marks."""
FIRST = 20
BEGINNING = 256 * 1024
"""How many bytes of a text are read for its head; a longer one is cut behind a line, and so between characters."""
TO_COMPUTE = "Open the file in a spreadsheet program and save it, or paste the cell as a value."
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class SourceTable:
    """A header and the rows below it by their number in a spreadsheet, with the remarks on their reading."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]
    remarks: tuple[str, ...] = ()

    def column(self, name: str) -> str | None:
        """Return a column by its name whatever the capitals, or None."""
        return next((one for one in self.header if one.casefold() == name.casefold()), None)


def read_table(path: Path, sheet: str = "", repeated: bool = False) -> SourceTable:
    """Return the table of a file; ValueError, with a sentence, where it holds none.

    With `repeated`, columns of one name are told apart by a number; otherwise they are refused, because nobody knows
    which of them is meant.
    """
    lines, remarks = _lines(path, sheet)
    return _table(path, lines, remarks, repeated)


def first_lines(path: Path) -> list[list[str]]:
    """Return the first rows of a file as they stand, the head among them; ValueError where it holds no rows."""
    return _lines(path, "")[0][:FIRST]


def _lines(path: Path, sheet: str) -> tuple[list[list[str]], list[str]]:
    with path.open("rb") as handle:
        head = handle.read(8)
    return _sheet_lines(path, sheet) if is_zip(head) else _lines_of(path, path.read_bytes())


def table_of(place: Path, content: bytes) -> SourceTable:
    """Return the table in the bytes of a CSV file; `place` names it in sentences."""
    lines, remarks = _lines_of(place, content)
    return _table(place, lines, remarks, False)


def sheet_headers(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the first row of each sheet of an XLSX file, without reading the rest."""
    with _opened(path) as book:
        firsts = {str(page.title): next(_rows_of(page), ()) for page in book.worksheets}
    return {name: tuple(text for value in cells if (text := cell_text(value))) for name, cells in firsts.items()}


def header_only(path: Path, sheet: bool) -> tuple[str, ...]:
    """Return the columns of a table; none where it cannot be read."""
    try:
        if sheet:
            return next(iter(sheet_headers(path).values()), ())
        with path.open("rb") as handle:
            first = handle.read(BEGINNING)
        cut = first.rpartition(b"\n")[0] if len(first) == BEGINNING else b""
        lines, _ = _lines_of(path, cut or first, whole=False)
        return tuple(cell.strip() for cell in next(iter(lines), []) if cell.strip())
    except (ValueError, csv.Error, OSError):
        return ()


def _table(path: Path, lines: list[list[str]], remarks: list[str], repeated: bool) -> SourceTable:
    if not lines or not any(lines[0]):
        raise ValueError(f"{path}: the file holds no table: its first row has no header.")
    header = [cell.strip() for cell in lines[0]]
    twice = [name for name, count in Counter(filter(None, header)).items() if count > 1]
    if twice and not repeated:
        raise ValueError(f"{path}: columns named twice: {', '.join(twice)}. Rename one of each.")
    header = list(_apart(header)) if twice else header
    rows, longer = [], []
    for number, line in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in line[len(header) :]):
            longer.append(number)
        row = {name: cell for name, cell in zip(header, line, strict=False) if name}
        if any(row.values()):
            rows.append((number, dict.fromkeys(filter(None, header), "") | row))
    if longer:
        raise ValueError(
            f"{path}: row {longer[0]} is longer than the header; a text with a comma needs quotation marks."
        )
    return SourceTable(tuple(filter(None, header)), tuple(rows), tuple(remarks))


def _apart(header: Iterable[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for name in header:
        seen[name] += 1
        yield f"{name} ({seen[name]})" if name and seen[name] > 1 else name


def _lines_of(path: Path, content: bytes, whole: bool = True) -> tuple[list[list[str]], list[str]]:
    text, remarks = decoded(path, content)
    try:
        dialect, body = dialect_of(text, Encoding.UTF_8)
        read = csv.reader(io.StringIO(body), delimiter=dialect.delimiter)
        lines = [[unguard(cell.strip()) for cell in line] for line in read]
    except csv.Error as error:
        raise ValueError(f"{path}: the file cannot be read as a table ({error}).") from None
    if whole and (why := _cut_off(body, dialect.delimiter, lines)):
        raise ValueError(f"{path}: {why}")
    if dialect.delimiter == ";" or (dialect.delimiter == "\t" and _commas_are_decimal(lines)):
        lines, turned = _with_points(lines)
        if turned:
            remarks.append(f"Numbers with a decimal comma, which is read as a point: {turned}.")
    return lines, remarks


def _cut_off(body: str, delimiter: str, lines: list[list[str]]) -> str:
    """Return a sentence where a text ends within quotation marks, or within a row while all others are whole."""
    if body.count('"') % 2:
        try:
            list(csv.reader(io.StringIO(body), delimiter=delimiter, strict=True))
        except csv.Error as error:
            if str(error) == UNCLOSED:
                return "the file ends within quotation marks, so it is cut off, or a mark is missing. Get it again."
    filled = [line for line in lines if line]
    if body.endswith(("\n", "\r")) or len(filled) < 2 or len(filled[-1]) >= min(map(len, filled[:-1])):
        return ""
    return (
        f"the file ends in row {len(lines)}, which has {many(len(filled[-1]), 'cell')} where all others have "
        f"{len(filled[0])}, so it seems to be cut off. Get it again; where it is whole, end that row with a line break."
    )


def _commas_are_decimal(lines: list[list[str]]) -> bool:
    """Return whether the commas of figures between tabs can only be decimal ones, by the rule of our own tables."""
    every = (((row, place), cell) for row, line in enumerate(lines[1:]) for place, cell in enumerate(line))
    figures = ((at, cell) for at, cell in every if cell[:1].isdigit() or cell[:1] in ("-", MINUS))
    return bool(read_figures(figures, commas_are_free=True).counts[COMMAS])


def decoded(path: Path, content: bytes) -> tuple[str, list[str]]:
    """Return the text of a file in any of the usual encodings, and the remark on it; ValueError where it is none."""
    if not content.startswith(UTF_16) and BINARY.search(content[:4096]):
        raise ValueError(f"{path}: this is not a table, neither text nor XLSX.")
    try:
        text, encoding = decoded_text(content)
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is not text in UTF-8, UTF-16 or Windows-1252. Save it as UTF-8.") from None
    windows = encoding == Encoding.WINDOWS
    return text, ["The file is not UTF-8; it is read as Windows-1252."] if windows else []


def _with_points(lines: list[list[str]]) -> tuple[list[list[str]], int]:
    turned = 0
    for line in lines:
        for place, cell in enumerate(line):
            if DECIMAL_COMMA.fullmatch(cell):
                line[place] = cell.replace(",", ".")
                turned += 1
    return lines, turned


def _sheet_lines(path: Path, sheet: str) -> tuple[list[list[str]], list[str]]:
    with _opened(path) as book:
        names = [str(page.title) for page in book.worksheets]
        if not names or (sheet and sheet not in names):
            raise ValueError(f'{path}: no sheet is called "{sheet}". It has {", ".join(names) or "none"}.')
        title = sheet or names[0]
        lines = [[unguard(cell_text(value)) for value in row] for row in _rows_of(book[title])]
    if faults := [*_without_value(path, title, lines)]:
        raise ValueError("\n".join(faults))
    others = [name for name in names if name != title]
    remarks = [f'The sheet "{title}" was read; not read: {", ".join(others)}.'] if others and not sheet else []
    while lines and not any(lines[-1]):
        lines.pop()
    return lines, remarks


def _without_value(path: Path, title: str, lines: list[list[str]]) -> Iterator[str]:
    """Yield every formula whose value the file does not hold."""
    if all(map(all, lines)):
        return
    with _opened(path, values=False) as book:
        for number, (cells, line) in enumerate(zip(_rows_of(book[title]), lines, strict=False), start=1):
            for place, (cell, text) in enumerate(zip(cells, line, strict=False)):
                if not text and isinstance(cell, str) and cell.startswith("="):
                    column = lines[0][place] or str(place + 1)
                    found = f"found a formula without a value ({cell[:60]})."
                    yield Problem(path.as_posix(), number, "", "", column, found, TO_COMPUTE).sentence()


@contextmanager
def _opened(path: Path, values: bool = True) -> Iterator[Workbook]:
    """Open an XLSX file with the values last computed, or its formulas, row by row; ValueError where it is none."""
    refuse_unsafe(path)
    try:
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=values)
    except (*UNREADABLE, zlib.error):
        raise ValueError(f"{path}: this is not a readable XLSX file. Save it again as XLSX.") from None
    try:
        yield book
    finally:
        book.close()


def _rows_of(page: Worksheet) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a sheet, whatever size its file claims."""
    page.reset_dimensions()
    yield from page.iter_rows(values_only=True)
