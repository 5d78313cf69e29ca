"""Why a file cannot be taken in: a folder, a locked or old workbook, a web page, a damaged archive, no head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from taprev.exchange.archive import is_zip, refuse_archive
from taprev.exchange.received import ReceivedFile
from taprev.exchange.tabular import SourceTable, first_lines, read_table
from taprev.extraction.sheets.grid import many
from taprev.extraction.sheets.workbook import LOCKED_BY, OLD_FORMAT

PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")
NO_TABLES: Mapping[bytes, str] = {
    b"%PDF": "this is a PDF. Take its figures over by hand, or get the table from its authors.",
    b"\x89PNG": "this is a picture, not a table.",
    b"\xff\xd8\xff": "this is a picture, not a table.",
    b"{\\rtf": "this is a text document (RTF). Copy its table into a spreadsheet and save that as XLSX or CSV.",
}
MEMBERS: Mapping[str, str] = {
    "xl/workbook.bin": "this is a binary workbook (.xlsb). Open it and save it as XLSX.",
    "word/document.xml": "this is a text document. Copy its table into a spreadsheet and save that as XLSX or CSV.",
    "content.xml": "this is an OpenDocument file (such as .ods). Open it and save it as XLSX, or a sheet of it as CSV.",
}
FEWEST_COLUMNS = 3
"""How many cells a row below a shorter first one has, where the first is no head but a title."""
MOST_NAMED = 12


def refuse_unreadable(path: Path) -> None:
    """Raise ValueError, with a sentence, for a file that no format can be read from, whatever its name."""
    if path.is_dir():
        raise ValueError(f"{path}: this is a folder. Name a file in it.")
    if not path.is_file():
        raise ValueError(f"{path}: this file is missing. Name a file that exists.")
    if not path.stat().st_size:
        raise ValueError(f"{path}: the file is empty.")
    received = ReceivedFile(path)
    if is_zip(received.head):
        refuse_archive(path)
    if why := _kind(received):
        raise ValueError(f"{path}: {why}")


def _kind(received: ReceivedFile) -> str:
    """Return what a file is, and what to do, where that is nothing to be read."""
    head = received.head
    if head.startswith(OLD_FORMAT):
        if LOCKED_BY in received.path.read_bytes():
            return "the workbook is protected by a password. Save it without one."
        return "this is a workbook of the old kind (.xls). Open it and save it as XLSX."
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGES):
        return "this is a web page (HTML), even where its name ends in .xls. Open it and save it as XLSX or CSV."
    of_head = (sentence for beginning, sentence in NO_TABLES.items() if head.startswith(beginning))
    of_members = (sentence for member, sentence in MEMBERS.items() if member in received.members)
    return next(of_head, "") or next(of_members, "")


def why_no_table(path: Path) -> str:
    """Return a sentence about a file of which no format knows the columns: why it is no table, or which it has."""
    if ReceivedFile(path).head.lstrip()[:1] in (b"<", b"{", b"["):
        return ""
    try:
        lines = first_lines(path)
        return _title_above(lines) or _columns(read_table(path))
    except ValueError as error:
        return str(error).removeprefix(f"{path}: ").strip()


def _columns(table: SourceTable) -> str:
    return f"its columns are {', '.join(table.header[:MOST_NAMED])}{', ...' if len(table.header) > MOST_NAMED else ''}."


def _title_above(lines: Sequence[Sequence[str]]) -> str:
    """Return a sentence where the first row is much shorter than one below it, as a title above a table is."""
    lengths = [sum(1 for cell in line if cell.strip()) for line in lines]
    longest = max(lengths, default=0)
    if longest < FEWEST_COLUMNS or lengths[0] * 2 > longest:
        return ""
    return (
        f"its first row has {many(lengths[0], 'filled cell')}, and row {lengths.index(longest) + 1} has {longest}. The "
        "head of the table must be in the first row: remove what is above it."
    )
