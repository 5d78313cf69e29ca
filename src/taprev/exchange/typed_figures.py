"""Figures in the tables of others: what is absent, what is no number, what cannot be, and what may be two things.

Every format that is a table asks here, so that a cell is read alike wherever it stands.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.sheets.figures import ONE_GROUP, read_figures
from taprev.extraction.tables import Row
from taprev.ground.files import PLAIN_NUMBER

WORDS_OF_ABSENCE = frozenset({"", "na", "n/a", "n.a.", "nr", "n.r.", "n/r"})
DASHES = frozenset({"-", "–", "—", "\u2212"})
"""A dash stands for nothing among figures; among judgements it may be a sign."""
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: .*)?", re.ASCII)
EMPTY_IT = "Correct the cell, or leave it empty."
AS_PRINTED = "Type the figure that is printed, with a decimal point and nothing between thousands."


@dataclass(frozen=True)
class FigureRule:
    """What a figure of a column can be, and the words for it; `whole` says that it counts."""

    allowed: Callable[[float], bool]
    words: str
    whole: bool = False


ANY_NUMBER = FigureRule(math.isfinite, "which is not a finite number")
ABOVE_ZERO = FigureRule(lambda figure: 0 < figure < math.inf, "which must be above 0")
CORRELATION = FigureRule(lambda figure: -1 < figure < 1, "which must lie between -1 and 1")


def whole_from(least: int) -> FigureRule:
    """Return the rule of a column that counts, such as people."""
    words = f"which must be a whole number, at least {least}"
    return FigureRule(lambda figure: figure.is_integer() and figure >= least, words, whole=True)


@dataclass(frozen=True)
class TypedRows:
    """The rows of a table as they are read, with what a person must know of it, and every cell that is refused."""

    rows: tuple[tuple[int, Row], ...]
    remarks: tuple[str, ...]
    faults: tuple[str, ...]


def without_absence(text: str, figure: bool = False) -> str:
    """Return the text of a cell, nothing where it says that there is nothing."""
    bare = text.strip()
    return "" if bare.casefold() in WORDS_OF_ABSENCE or (figure and bare in DASHES) else bare


def typed_rows(path: Path, rows: Iterable[tuple[int, Row]], figures: Mapping[str, FigureRule]) -> TypedRows:
    """Return rows in which absent cells are empty; `figures` has the columns of figures and the rule of each."""
    made, faults = [], []
    absent, minus_signs = Counter[str](), 0
    for number, row in rows:
        read = {column: without_absence(text, column in figures) for column, text in row.items()}
        for column, rule in figures.items():
            typed = row.get(column, "")
            if not read.get(column):
                absent[typed.strip()] += bool(typed.strip())
                continue
            read[column], fault = figure_of(read[column], rule)
            minus_signs += not fault and read[column] != typed.strip()
            faults += [Problem(path.as_posix(), number, "", "", column, *fault).sentence()] if fault else []
        made.append((number, read))
    marks = ", ".join(f'"{mark}" ({count})' for mark, count in absent.items() if count)
    said = [f"Cells of figures that are read as absent: {marks}."] if marks else []
    said += [f"Long minus signs (−) that are read as -: {minus_signs}."] if minus_signs else []
    return TypedRows(tuple(made), tuple(said), tuple(faults))


def figure_of(text: str, rule: FigureRule = ANY_NUMBER) -> tuple[str, tuple[str, str] | None]:
    """Return a figure as it is read, and what was found and what to do where it is refused."""
    here = (0, 0)
    made = read_figures([(here, text)], commas_are_free=False)
    read = made.read.get(here, text)
    if made.asked:
        return text, (made.asked[0].found, made.asked[0].advice)
    if ISO_DATE.fullmatch(text):
        return text, (f'found "{text}", a date; a spreadsheet makes one of a figure such as 3-4 or 3.4.', AS_PRINTED)
    if not PLAIN_NUMBER.fullmatch(read):
        return text, (f'found "{text}", which is not a number.', EMPTY_IT)
    if rule.whole and ONE_GROUP.fullmatch(read):
        both = f"which may be {read.replace('.', '')} (point between thousands) or {read} (decimal point)"
        return text, (f'found "{text}", {both}.', AS_PRINTED)
    return read, None if rule.allowed(float(read)) else (f'found "{text}", {rule.words}.', EMPTY_IT)
