"""CSV files as Excel and others write them: encodings, delimiters, empty rows and columns."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import replace

from taprev.extraction.sheets.grid import Dialect, Encoding, Grid, Refusal, many, remarks, unread
from taprev.vocabulary import RemarkCode

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
SAID = {Encoding.UTF_16: "UTF-16", Encoding.WINDOWS: "Windows-1252"}
BLOCK = 16
"""Excel leaves out the last delimiters of rows by blocks of sixteen where the last columns are empty there."""


TOO_LONG = f"a cell has more than {csv.field_size_limit():,} signs."


def text_grid(content: bytes) -> Grid:
    """Return the cells of a CSV file."""
    try:
        text, encoding = decoded(content)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return unread("the file is not text in UTF-8, UTF-16 or Windows-1252.", "Save it as UTF-8.", line)
    if not text.strip():
        return unread("the file is empty.", "It needs at least its header.")
    dialect, body = dialect_of(text, encoding)
    try:
        lines = list(csv.reader(io.StringIO(body, newline=""), delimiter=dialect.delimiter))
    except csv.Error:
        if body.count('"') % 2 == 0:
            return unread(TOO_LONG, "Shorten it.")
        return unread("a quotation mark is opened and never closed.", "Close it, or write it twice inside a text.")
    grid = _grid(lines, dialect, text)
    return replace(grid, refusals=(*grid.refusals, *_control_characters(text)))


def _control_characters(text: str) -> tuple[Refusal, ...]:
    """Return a refusal for the first character of a text that is none."""
    control = CONTROL.search(text)
    if control is None:
        return ()
    line = text[: control.start()].count("\n") + 1
    return (Refusal(control_character(text), "Remove it; it is not text.", line),)


def control_character(text: str) -> str:
    """Return which control character is the first of a text, or nothing."""
    control = CONTROL.search(text)
    return f"found the control character U+{ord(control[0]):04X}." if control else ""


def decoded(content: bytes) -> tuple[str, Encoding]:
    """Return the text of a file and its encoding: what its mark says, else UTF-8, else Windows-1252.

    Raises UnicodeDecodeError where it is text in none of these.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode(Encoding.UTF_16), Encoding.UTF_16
    try:
        marked = content.startswith(codecs.BOM_UTF8)
        return content.decode(Encoding.MARKED_UTF_8), Encoding.MARKED_UTF_8 if marked else Encoding.UTF_8
    except UnicodeDecodeError:
        return content.decode(Encoding.WINDOWS), Encoding.WINDOWS


def encoded(text: str, dialect: Dialect, before: bytes) -> bytes:
    """Return a text in the encoding of its file, or in UTF-8 with a mark where that encoding lacks a character.

    `before` is what was in the file.
    """
    if dialect.encoding == Encoding.UTF_16:
        big = before.startswith(codecs.BOM_UTF16_BE)
        return before[:2] + text.encode("utf-16-be" if big else "utf-16-le")
    try:
        return text.encode(dialect.encoding)
    except UnicodeEncodeError:
        return text.encode(Encoding.MARKED_UTF_8)


def dialect_of(text: str, encoding: Encoding) -> tuple[Dialect, str]:
    """Return how a CSV text is written, and what follows a first line such as `sep=;`.

    The delimiter is the one that divides the header into most cells.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    first, end, rest = text.partition("\n")
    named = re.fullmatch(r"\"?sep=(.)\"?\s*", first, re.IGNORECASE | re.DOTALL)
    if named and end:
        return Dialect(encoding, named[1], newline, first + end), rest
    cells = {mark: len(next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])) for mark in DELIMITERS}
    return Dialect(encoding, max(cells, key=lambda mark: cells[mark]), newline), text


def _grid(lines: list[list[str]], dialect: Dialect, text: str) -> Grid:
    while lines and not lines[-1]:
        lines.pop()
    header, *records = lines or [[]]
    empty = _empty_columns(header, records)
    kept = [position for position in range(len(header)) if position not in empty]
    short = _left_out_by_excel(records, len(header))
    rows = {}
    for number, record in enumerate(records, start=2):
        if any(record):
            whole = [*record, *[""] * (len(header) - len(record))] if number in short else record
            rows[number] = (*(whole[p] for p in kept if p < len(whole)), *whole[len(header) :])
    passed_over = len(records) - len(rows)
    excel = f"{many(len(short), 'row')} without the last, empty cells, as Excel leaves them out" if short else ""
    said = remarks(
        (RemarkCode.DIALECT, _written_as(dialect, text)),
        (RemarkCode.EMPTY, f"{many(passed_over, 'empty row')} passed over" if passed_over else ""),
        (RemarkCode.EMPTY, f"{many(len(empty), 'empty column')} passed over" if empty else ""),
        (RemarkCode.SHORT_ROWS, excel),
    )
    utf_8 = dialect.encoding in (Encoding.UTF_8, Encoding.MARKED_UTF_8)
    as_typed = utf_8 and dialect.delimiter == "," and not (empty or short or dialect.sep_line)
    names = tuple(header[position] for position in kept)
    if not names:
        return unread("the first row is empty.", "It needs the header.", 1)
    return Grid(names, rows, dialect, said, as_typed=as_typed)


def _empty_columns(header: list[str], records: list[list[str]]) -> set[int]:
    """Return the columns that have neither a name nor a cell that holds anything."""
    unnamed = [position for position, name in enumerate(header) if not name]
    return {p for p in unnamed if not any(len(record) > p and record[p] for record in records)}


def _left_out_by_excel(records: list[list[str]], width: int) -> set[int]:
    """Return the numbers of short rows that come in whole blocks, of one length, below a first block of whole rows."""
    short: set[int] = set()
    if any(0 < len(record) < width for record in records[: BLOCK - 1]):
        return short
    for start in range(BLOCK - 1, len(records), BLOCK):
        block = records[start : start + BLOCK]
        lengths = {len(record) for record in block}
        if len(lengths) == 1 and 1 < max(lengths) < width and (short or len(block) >= BLOCK // 4):
            short |= set(range(start + 2, start + 2 + len(block)))
    return short


def _written_as(dialect: Dialect, text: str) -> str:
    """Say which dialect was read, where it is not UTF-8 with commas."""
    encoding, mark = SAID.get(dialect.encoding, ""), DELIMITERS.get(dialect.delimiter, f'"{dialect.delimiter}"')
    if not encoding and dialect.delimiter == ",":
        return ""
    said = f"read as {' '.join(filter(None, (f'{mark}-separated', encoding)))} text"
    if dialect.encoding != Encoding.WINDOWS:
        return said
    strange = Counter(word for word in re.findall(r"\w+", text) if not word.isascii()) or Counter(
        character for character in text if not character.isascii()
    )
    shown = ", ".join(f'"{word}"' for word, _ in strange.most_common(3))
    return f"{said} (the file does not say its encoding; right if {shown} {'is' if len(strange) == 1 else 'are'})"
