"""What stands on a sheet of a form: its columns with their help, choices and groups; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from taprev.extraction.sheets.marked_rows import RESULT
from taprev.starter.forms.needs import in_need, users

LONGEST_HELP = 150
SMALLEST_GROUP = 3
OUTCOMES = "outcomes"
NAME_A_RESULT = "A short name of the result, another in each row, without spaces, such as first_2020_pain"
HEAD, HELP_ROW, EXAMPLE_ROW, FIRST_ROW, LAST_ROW = 1, 2, 3, 4, 3000


@dataclass(frozen=True)
class DescribedColumn:
    """A column as the codebook describes it."""

    name: str
    type: str
    description: str
    unit: str
    required: bool
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class FormColumn:
    """A column of a form; `used_by` and `needed_by` are the statistics that its figures belong to.

    `choices` are offered as a list, or else what stands in the first column of the sheet `offers`; `strict` is whether
    nothing else may stand there.
    """

    name: str
    help: str
    required: bool
    choices: tuple[str, ...] = ()
    strict: bool = True
    used_by: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    offers: str = ""
    type: str = "string"

    @property
    def figure(self) -> bool:
        """Whether the column holds figures of some statistics, and of others not."""
        return bool(self.used_by)


@dataclass(frozen=True)
class FoldingColumns:
    """Neighbouring columns that fold together behind the first of them, by their positions from 0."""

    name: str
    first: int
    last: int
    in_sight: bool


@dataclass(frozen=True)
class FormSheet:
    """A sheet for one table: its columns, an example, and the rows that are begun for the reader."""

    table: str
    title: str
    columns: tuple[FormColumn, ...]
    example: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...] = ()


def form_columns(
    table: str,
    described: Sequence[DescribedColumn],
    choices: Mapping[str, tuple[str, ...]],
    offers: Mapping[str, str],
    named_by_hand: bool = False,
) -> tuple[FormColumn, ...]:
    """Return the columns of a table.

    `choices` are those that the codebook does not list, such as the domains, or a part of what it lists, such as the
    populations of the domains, and `offers` the sheets of the same
    workbook in whose first column those of a column stand. Results are `named_by_hand` where no forms are merged.
    """
    columns = (_column(table, one, choices.get(one.name, ()), offers.get(one.name, "")) for one in described)
    if not named_by_hand or table != OUTCOMES:
        return tuple(columns)
    return tuple(replace(one, help=NAME_A_RESULT, required=True) if one.name == RESULT else one for one in columns)


def _column(table: str, described: DescribedColumn, choices: tuple[str, ...], offers: str) -> FormColumn:
    name = described.name
    of_outcomes = table == OUTCOMES
    return FormColumn(
        name=name,
        help=_help(described),
        required=described.required and not (of_outcomes and name == RESULT),
        choices=choices or described.allowed,
        offers=offers,
        strict=bool(described.allowed) and not choices,
        used_by=users(name) if of_outcomes else (),
        needed_by=in_need(name) if of_outcomes else (),
        type=described.type,
    )


def _help(described: DescribedColumn) -> str:
    """Return the definition of a column in a line or two."""
    text = " ".join(described.description.split()).rstrip(".")
    if len(text) > LONGEST_HELP:
        text = f"{text[:LONGEST_HELP].rsplit(' ', 1)[0]} ..."
    return f"{text} ({described.unit})" if described.unit and described.unit not in text else text


def groups(columns: Sequence[FormColumn], in_sight: Sequence[str]) -> Iterator[FoldingColumns]:
    """Yield the groups that fold: figures of one statistic, printed effects and tests, and details that may stay empty.

    A group is in sight from the start where it has figures of one of these statistics.
    """
    start = 0
    for kind, run in groupby(columns, _kind):
        width = len(members := list(run))
        if kind and width >= SMALLEST_GROUP:
            wanted = any(set(in_sight) & set(column.used_by) for column in members if len(column.used_by) == 1)
            yield FoldingColumns(kind.replace("_", " "), start, start + width - 1, wanted)
        start += width


def _kind(column: FormColumn) -> str:
    """Return which group a column belongs to, or nothing where it stays in sight."""
    if column.figure and column.name.startswith("n_arm"):
        return ""
    if column.figure:
        return column.used_by[0] if len(column.used_by) == 1 and "arm" in column.name else "effects and tests"
    return "details" if not column.required and (column.choices or column.type != "string") else ""
