"""Slips of people who extract: a figure of a row, altered in one of the ways in which figures go wrong."""

from __future__ import annotations

import random
from collections.abc import Callable

from made_papers import Row

FIGURES = (
    *("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2", "n_arm1", "n_arm2", "md", "smd", "ci_lb", "ci_ub", "p"),
    *("event_arm1", "event_arm2", "totaln_arm1", "totaln_arm2"),
)
Slip = Callable[[random.Random, str, str, Row, list[Row]], str]


def figures_of(row: Row) -> list[str]:
    return [name for name in FIGURES if row.get(name)]


def digit_swapped(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """One digit is another."""
    places = [i for i, letter in enumerate(value) if letter.isdigit()]
    at = rng.choice(places)
    return value[:at] + rng.choice([d for d in "123456789" if d != value[at]]) + value[at + 1 :]


def digits_exchanged(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """Two neighbouring digits changed places."""
    places = [
        i
        for i in range(len(value) - 1)
        if value[i : i + 2].isdigit() and value[i] != value[i + 1] and value[i + 1] != "0"
    ]
    if not places:
        return ""
    at = rng.choice(places)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def neighbouring_arm(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """The figure of the other arm."""
    if not column.endswith(("1", "2")):
        return ""
    return row[column[:-1] + "21"[int(column[-1]) - 1]]


def third_arm(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """The figure of a group that the row does not compare."""
    return row.get(f"third_{column.rpartition('_arm')[0]}", "")


def neighbouring_row(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """The figure of the row above or below."""
    same = [one for one in rows if one["statistic"] == row["statistic"]]
    at = same.index(row)
    return rng.choice([same[i] for i in (at - 1, at + 1) if 0 <= i < len(same)])[column]


def sign_lost(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """A minus is lost, or one is put."""
    if column not in ("mean_arm1", "mean_arm2", "md", "smd", "ci_lb", "ci_ub") or float(value) == 0:
        return ""
    return value[1:] if value.startswith("-") else f"-{value}"


def point_moved(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """The decimal point is one place further left or right."""
    if "." not in value:
        return ""
    moved = float(value) * rng.choice((10, 0.1))
    return f"{moved:.4f}".rstrip("0").rstrip(".")


def other_page(rng: random.Random, column: str, value: str, row: Row, rows: list[Row]) -> str:
    """The figure of the same scale in the table of another time, on another page."""
    others = [
        r
        for r in rows
        if r["measure"] == row["measure"] and r.get("timepoint") != row.get("timepoint") and r.get(column)
    ]
    return rng.choice(others)[column] if others else ""


OF_VALUE = (digit_swapped, digits_exchanged, sign_lost, point_moved)
OF_PLACE = (neighbouring_arm, third_arm, neighbouring_row, other_page)
SLIPS: dict[str, Slip] = {one.__name__: one for one in (*OF_VALUE, *OF_PLACE)}


def planted(name: str, rng: random.Random, row: Row, rows: list[Row]) -> tuple[str, Row] | None:
    """Return a row with one slip of a class and the column in which it is, or None where the class does not apply."""
    columns = figures_of(row)
    rng.shuffle(columns)
    for column in columns:
        value = SLIPS[name](rng, column, row[column], row, rows)
        if value and float(value) != float(row[column]):
            return column, {**row, column: value}
    return None
