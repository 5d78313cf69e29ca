"""Figures as people type them: decimal commas, thousands, signs, spaces; what is not certain is asked, not guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from taprev.extraction.sheets.grid import Address, KeptNumber, Refusal, Remark, many, remarks
from taprev.ground.files import PLAIN_NUMBER
from taprev.vocabulary import RemarkCode

SPACES = " \t\u00a0\u2009\u202f"
MINUS = "\u2212"
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([,.'\u2019 \u00a0\u2009\u202f])\d{3}(\1\d{3})*([.,]\d+)?", re.ASCII)
ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[,.]\d{3}", re.ASCII)
PERCENT = re.compile(r"[+-]?\d+([.,]\d+)?\s?%", re.ASCII)
MONTHS = "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
MADE_A_DATE = re.compile(
    rf"(\d{{1,2}}[-. ]+)?({MONTHS})[a-zé]*\.?([-. ]+\d{{2,4}})?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}", re.I
)
ERRORS = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|NV|BEZUG!|WERT!|ZAHL!)")
PRINTED = "Type the figure that is printed, with a decimal point and nothing between thousands."
ONE_MARK = "Type the figure that is printed, with nothing between thousands and the same decimal mark in every figure."


@dataclass
class ReadFigures:
    """The figures of a table as they are read: new texts by cell, what is asked, and how many were read otherwise.

    `points` is whether a figure was typed with a decimal point.
    """

    read: dict[Address, str] = field(default_factory=dict)
    asked: list[Refusal] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    points: bool = False

    def remarks(self) -> tuple[Remark, ...]:
        """Say how many figures were read otherwise than they were typed."""
        counted = (many(number, *words.split("|")) for words, number in self.counts.items())
        return remarks(*((RemarkCode.FIGURES, words) for words in counted))


COMMAS = "decimal comma read as a point|decimal commas read as points"
SIGNS = "long minus sign (−) read as -|long minus signs (−) read as -"
BLANKS = "figure read without the spaces around it|figures read without the spaces around them"


def read_figures(cells: Iterable[tuple[Address, str]], commas_are_free: bool) -> ReadFigures:
    """Read the cells of columns that hold numbers; `commas_are_free` is whether no comma stands between cells.

    A comma is read as a decimal one where it can be one, no other figure of the file has a decimal point, and some
    figure has a comma that can be nothing else. What cannot be a number is left as it is.
    """
    made, commas, groups = ReadFigures(), [], []
    advice = ONE_MARK if commas_are_free else PRINTED
    for address, text in cells:
        if isinstance(text, KeptNumber):
            continue
        plain = _plain(text, address, made)
        if PLAIN_NUMBER.fullmatch(plain):
            if "." in plain and ONE_GROUP.fullmatch(plain):
                groups.append((address, plain))
            made.points |= "." in plain and not ONE_GROUP.fullmatch(plain)
        elif DECIMAL_COMMA.fullmatch(plain):
            commas.append((address, plain))
        elif asked := _asked(plain, advice):
            made.asked.append(Refusal(*asked, *address))
    certain = commas_are_free and not made.points and any(not ONE_GROUP.fullmatch(text) for _, text in commas)
    for address, text in commas:
        if certain:
            made.read[address] = text.replace(",", ".")
            made.counts[COMMAS] += 1
        else:
            made.asked.append(Refusal(_with_comma(text, made.points), advice, *address))
    if commas:
        made.asked += [Refusal(_two_readings(text), advice, *address) for address, text in groups]
    return made


def _plain(text: str, address: Address, made: ReadFigures) -> str:
    """Return a figure without spaces around it and with a plain minus sign, noted where that makes it a number."""
    bare = text.strip(SPACES)
    plain = bare.replace(MINUS, "-", 1) if bare.startswith(MINUS) else bare
    if plain != text and (PLAIN_NUMBER.fullmatch(plain) or DECIMAL_COMMA.fullmatch(plain)):
        made.read[address] = plain
        made.counts[SIGNS] += plain != bare
        made.counts[BLANKS] += bare != text
        made.counts += Counter()
    return plain if made.read.get(address) == plain else text


def _with_comma(text: str, points: bool) -> str:
    if ONE_GROUP.fullmatch(text):
        return _two_readings(text)
    why = ", but other figures here have a decimal point" if points else ""
    return f'found "{text}", which may be {text.replace(",", ".")} with a decimal comma{why}.'


def _two_readings(text: str) -> str:
    mark = "comma" if "," in text else "point"
    whole, decimal = re.sub("[,.]", "", text), text.replace(",", ".")
    return f'found "{text}", which may be {whole} ({mark} between thousands) or {decimal} (decimal {mark}).'


def _asked(text: str, advice: str) -> tuple[str, str] | None:
    """Return what was found and what to do where a text is no number, but nearly."""
    if groups := THOUSANDS.fullmatch(text):
        whole, decimals = text, ""
        if groups[3]:
            whole, decimals = text[: -len(groups[3])], f".{groups[3][1:]}"
        return f'found "{text}", which may be {whole.replace(groups[1], "")}{decimals}.', advice
    if PERCENT.fullmatch(text):
        share = "Type the figure without the sign, as the codebook wants it: a share as 0.45, a percentage as 45."
        return f'found "{text}", a percentage.', share
    if ERRORS.fullmatch(text):
        return f'found "{text}", an error of the spreadsheet.', "Type what the report prints, or empty the cell."
    if MADE_A_DATE.fullmatch(text):
        advice = "Type again what is printed; in a spreadsheet as text, with an apostrophe in front: '3-4."
        return f'found "{text}": the spreadsheet may have made a date of a figure such as 3-4 or 3.4.', advice
    return None


def each(rows: dict[int, tuple[str, ...]], wanted: Callable[[int], bool]) -> Iterable[tuple[Address, str]]:
    """Yield the filled cells of the columns that are wanted, by row and position."""
    width = max(map(len, rows.values()), default=0)
    columns = [position for position in range(width) if wanted(position)]
    for number, row in rows.items():
        for position in columns:
            if position < len(row) and row[position]:
                yield (number, position), row[position]
