"""What stands on a sheet of a form: its columns with their help, choices and groups; nothing is drawn here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from taprev.starter.forms.needs import in_need, users

LONGEST_HELP = 120
SMALLEST_GROUP = 3
OUTCOMES = "outcomes"


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
class ColumnGroup:
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
    fields: Sequence[Mapping[str, Any]],
    choices: Mapping[str, tuple[str, ...]],
    offers: Mapping[str, str],
) -> tuple[FormColumn, ...]:
    """Return the columns of a table.

    `choices` are those that the codebook does not list, such as the domains, and `offers` the sheets of the same
    workbook in whose first column those of a column stand.
    """
    return tuple(_column(table, field, choices, offers.get(field["name"], "")) for field in fields)


def _column(table: str, field: Mapping[str, Any], choices: Mapping[str, tuple[str, ...]], offers: str) -> FormColumn:
    name, limits = field["name"], field.get("constraints", {})
    allowed = tuple(map(str, limits.get("enum", ())))
    of_outcomes = table == OUTCOMES
    return FormColumn(
        name=name,
        help=_help(field),
        required=bool(limits.get("required")) and not (of_outcomes and name == "result"),
        choices=allowed or choices.get(name, ()),
        offers=offers,
        strict=bool(allowed),
        used_by=users(name) if of_outcomes else (),
        needed_by=in_need(name) if of_outcomes else (),
        type=field.get("type", "string"),
    )


def _help(field: Mapping[str, Any]) -> str:
    """Return the definition of a column in a line or two."""
    text = re.sub(r"\s+", " ", field.get("description", "")).strip().rstrip(".")
    if len(text) > LONGEST_HELP:
        text = f"{text[:LONGEST_HELP].rsplit(' ', 1)[0]} ..."
    unit = field.get("unit", "")
    return f"{text} ({unit})" if unit and unit not in text else text


def groups(columns: Sequence[FormColumn], in_sight: Sequence[str]) -> Iterator[ColumnGroup]:
    """Yield the groups that fold: figures of one statistic, printed effects and tests, and details that may stay empty.

    A group is in sight from the start where it has figures of one of these statistics.
    """
    start = 0
    for kind, run in groupby(columns, _kind):
        width = len(members := list(run))
        if kind and width >= SMALLEST_GROUP:
            wanted = any(set(in_sight) & set(column.used_by) for column in members if len(column.used_by) == 1)
            yield ColumnGroup(kind.replace("_", " "), start, start + width - 1, wanted)
        start += width


def _kind(column: FormColumn) -> str:
    """Return which group a column belongs to, or nothing where it stays in sight."""
    if column.figure and column.name.startswith("n_arm"):
        return ""
    if column.figure:
        return column.used_by[0] if len(column.used_by) == 1 and "arm" in column.name else "effects and tests"
    return "details" if not column.required and (column.choices or column.type != "string") else ""
