"""What a file holds before anybody asks what its columns mean: cells as text, by the rows that a spreadsheet counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from taprev.vocabulary import RemarkCode

Address = tuple[int, int]
"""The row as a spreadsheet counts it, the first being 1, and the position of the column, the first being 0."""


class Encoding(StrEnum):
    """How the text of a CSV file was encoded; the value is the name of Python's codec."""

    UTF_8 = "utf-8"
    MARKED_UTF_8 = "utf-8-sig"
    UTF_16 = "utf-16"
    WINDOWS = "cp1252"


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written; `sep_line` is its first line where that names the delimiter."""

    encoding: Encoding = Encoding.UTF_8
    delimiter: str = ","
    newline: str = "\n"
    sep_line: str = ""
    decimal_comma: bool = False


CANONICAL = Dialect()


class KeptNumber(str):
    """The text of a cell that a spreadsheet keeps as a number: nobody typed its decimal point."""

    __slots__ = ()


@dataclass(frozen=True)
class Remark:
    """What is to be said of the reading of a table: what it is about, and the words, a part of a sentence."""

    code: RemarkCode
    words: str


def remarks(*said: tuple[RemarkCode, str]) -> tuple[Remark, ...]:
    """Return the remarks that have words."""
    return tuple(Remark(code, words) for code, words in said if words)


@dataclass(frozen=True)
class Refusal:
    """Why a file, or a cell of it, cannot be read: what was found, and what to do.

    `of_book` is whether it is said of a whole workbook, and of no single sheet.
    """

    found: str
    advice: str
    row: int | None = None
    column: int | None = None
    of_book: bool = False


@dataclass(frozen=True)
class Grid:
    """The cells of a table as text; rows without any are left out, and keep their numbers.

    `dialect` is that of a CSV file, and None in a workbook. `dates` are the cells that hold a date, as it is shown and
    as it may have been typed. `remarks` say what was read otherwise than a person would expect. A row of a CSV file may
    have more or fewer cells than the header. `as_typed` is whether the file is UTF-8 text with commas, and holds
    nothing but these cells.
    """

    header: tuple[str, ...]
    rows: dict[int, tuple[str, ...]]
    dialect: Dialect | None = None
    remarks: tuple[Remark, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    dates: dict[Address, tuple[str, str]] = field(default_factory=dict)
    as_typed: bool = True


def unread(found: str, advice: str, row: int | None = None, of_book: bool = False) -> Grid:
    """Return the grid of a file that cannot be read."""
    return Grid((), {}, None, (), (Refusal(found, advice, row, of_book=of_book),))


def many(number: int, one: str, more: str = "") -> str:
    """Return a number of things in words: 1 empty row, 2 empty rows."""
    return f"{number} {one}" if number == 1 else f"{number} {more or one + 's'}"
