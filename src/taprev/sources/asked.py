"""What is looked up: the printed figures of each row, and what is known of the place where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from taprev.extraction.plausibility.printed import numbers
from taprev.extraction.tables import Row
from taprev.sources.spelling import AskedNumber

CODED = ("months",)
"""Numbers of a row that people code; no source prints them as they are."""
SIGNLESS = ("z",)
PAGES = re.compile(r"\d+")
NAMED_PAGE = re.compile(r"(?:\bp\.?|\bpp\.?|\bpages?)\s*(\d+)", re.IGNORECASE)
NAMED_TABLE = re.compile(r"\b(table|figure|fig)\.?\s*(s?\d+)", re.IGNORECASE)
COUNTED = ("n_", "event_", "totaln_", "count_")
LABELS = ("measure", "timepoint", "group_arm1", "group_arm2")


@dataclass(frozen=True)
class AskedFigure:
    """A stored figure of a row, by its column, which is the `rank`-th that is filled."""

    column: str
    text: str
    figure: AskedNumber
    rank: int

    @cached_property
    def statistic(self) -> str:
        """The column without its arm: mean of mean_arm1."""
        return self.column.rpartition("_arm")[0] if self.arm else self.column

    @cached_property
    def arm(self) -> int:
        """1 or 2, or 0 where the figure belongs to no arm."""
        return int(self.column[-1]) if self.column.endswith(("_arm1", "_arm2")) else 0

    @property
    def of_people(self) -> bool:
        """Whether it is a number of people."""
        return self.column.startswith(("n_arm", "totaln_"))


@dataclass(frozen=True)
class AskedRow:
    """A row of outcomes.csv as it is looked up: its figures, the page it names, its quote and its words.

    `also` are the other numbers of its printed expression; `table` is the table or figure that its location names.
    """

    result: str
    report: str
    page: str
    pages: tuple[str, ...]
    table: tuple[str, str] | None
    quote: str
    expression: str
    labels: tuple[str, ...]
    figures: tuple[AskedFigure, ...]
    computed: tuple[AskedFigure, ...]
    also: tuple[AskedNumber, ...]


def asked_row(row: Row, columns: Iterable[str]) -> AskedRow:
    """Return what is looked up of a row; `columns` are those that hold numbers by the codebook."""
    filled = [name for name in columns if name not in CODED and row.get(name)]
    figures = tuple(AskedFigure(name, row[name], _asked(name, row[name]), rank) for rank, name in enumerate(filled))
    expression = row.get("as_reported") or ""
    printed = [AskedNumber.of(number, True) for number in dict.fromkeys(numbers(expression))]
    computed = _computed(row, figures, {number.size for number in printed})
    own = {figure.figure.size for figure in figures}
    page, location = row.get("page") or "", row.get("location") or ""
    named = NAMED_TABLE.search(location)
    return AskedRow(
        result=row["result"],
        report=row["report"],
        page=page,
        pages=tuple(PAGES.findall(page)) or tuple(NAMED_PAGE.findall(location)),
        table=(named[1].lower(), named[2].lower()) if named else None,
        quote=row.get("source_quote") or "",
        expression=expression,
        labels=tuple(row.get(name) or "" for name in LABELS),
        figures=tuple(figure for figure in figures if figure not in computed),
        computed=computed,
        also=tuple(number for number in printed if number.size not in own),
    )


def _asked(name: str, text: str) -> AskedNumber:
    return AskedNumber.of(text, signless=name in SIGNLESS, ratio=name == "ratio", counted=name.startswith(COUNTED))


def _computed(row: Row, figures: tuple[AskedFigure, ...], printed: set) -> tuple[AskedFigure, ...]:
    """Return the figures that `assumes` says were made of printed ones: they are not in the printed expression."""
    if not printed or not row.get("assumes"):
        return ()
    return tuple(figure for figure in figures if figure.figure.size not in printed and not figure.of_people)
