"""Whether a codebook has the shape of one, before anything is read by it: every slip with its line, all at once.

People edit `datapackage.yaml` for a review of their own. What its tables hold is for `required_columns` to say; here it
is only asked whether it can be read, and whether it still refuses what no figure can be.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from taprev.extraction.problems import Problem
from taprev.ground.shipped import CODEBOOK, shipped
from taprev.ground.yaml_loader import LoaderOfEachKeyOnce

TYPES = ("string", "number", "integer", "date", "year")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LOWER, EPSILON = ("minimum", "exclusiveMinimum"), 1e-300
CONSTRAINTS = (*BOUNDS, "enum", "pattern", "required", "unique")
AS_SHIPPED = ("dialect", "encoding", "format")
"""How tables are read; another way would pass over rows, or read other signs."""
EMPTY_CELL = [""]
Slip = tuple[int | None, str, str]
"""The line, what was found, and what to do."""


def shape_problems(path: Path) -> list[Problem]:
    """Return everything for which the codebook at `path` cannot be read, or lets through what no figure can be."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [Problem(path.as_posix(), None, "", "", "", "this file is not UTF-8 text.", "Save it as UTF-8.")]
    return [Problem(path.as_posix(), line, "", "", "", found, advice) for line, found, advice in _slips(text)]


@lru_cache(maxsize=4)
def _slips(text: str) -> tuple[Slip, ...]:
    try:
        whole, tree = yaml.load(text, Loader=LoaderOfEachKeyOnce), yaml.compose(text, Loader=LoaderOfEachKeyOnce)
    except yaml.YAMLError as error:
        mark, problem = (getattr(error, name, None) for name in ("problem_mark", "problem"))
        found = f"the codebook is not YAML: {problem or 'it holds a sign that no text has'}."
        return ((mark.line + 1 if mark else None, found, "Correct the line, or restore the file."),)
    tables = whole.get("resources") if isinstance(whole, dict) else None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return ((None, "the codebook cannot be read as a data package: it lists no tables.", "Restore resources."),)
    lines = _Lines(tree)
    own = [slip for number, table in enumerate(tables) for slip in _of_table(table, number, lines)]
    if "missingValues" in whole:
        own.append((lines.of("missingValues"), "missingValues stands beside the tables.", "Remove it."))
    names = [table.get("name") for table in tables]
    own += [
        (lines.of("resources", number), f"the table {name} stands twice.", "Keep one of the two.")
        for number, name in enumerate(names)
        if name in names[:number]
    ]
    if own:
        return tuple(own)
    held = {table["name"]: {field["name"] for field in table["schema"]["fields"]} for table in tables}
    return tuple(slip for number, table in enumerate(tables) for slip in _of_keys(table, number, held, lines))


class _Lines:
    """Where the parts of a YAML file stand, by the words and places that lead to them."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def of(self, *way: str | int) -> int | None:
        """Return the line of a part, or of the last part on the way that is there."""
        node, line = self.tree, None
        for step in way:
            found = self._below(node, step)
            if found is None:
                break
            node, line = found[1], found[0].start_mark.line + 1
        return line

    @staticmethod
    def _below(node: Any, step: str | int) -> tuple[Any, Any] | None:
        if isinstance(node, yaml.MappingNode):
            return next(((key, value) for key, value in node.value if key.value == step), None)
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            return node.value[step], node.value[step]
        return None


def _of_table(table: dict[str, Any], number: int, lines: _Lines) -> Iterator[Slip]:
    way: tuple[str | int, ...] = ("resources", number)
    for word in ("name", "path"):
        if not isinstance(table.get(word), str):
            yield lines.of(*way, word), f"a table has no {word}, or one that is no text.", f"Write its {word}."
            return
    named, shipped_way = f"the table {table['name']}", _as_shipped()
    for word in AS_SHIPPED:
        if word in table and table[word] != shipped_way.get(word):
            found = f"{named} is to be read another way ({word})."
            yield lines.of(*way, word), found, f"Restore {word}: {shipped_way.get(word)}."
    schema = table.get("schema")
    schema = schema if isinstance(schema, dict) else {}
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields or not all(isinstance(field, dict) for field in fields):
        yield lines.of(*way, "schema"), f"{named} lists no columns.", "Restore its schema > fields."
        return
    if schema.get("missingValues", EMPTY_CELL) != EMPTY_CELL:
        found = f"{named} takes other cells than the empty one for missing."
        yield lines.of(*way, "schema", "missingValues"), found, "Write missingValues: ['']."
    seen: set[str] = set()
    for place, field in enumerate(fields):
        at = (*way, "schema", "fields", place)
        name = field.get("name")
        if not isinstance(name, str) or not name:
            found = f"{named}: a column is named {name!r}, which YAML does not read as a text."
            yield lines.of(*at), found, "Give it a name, in quotation marks where it is yes, no or a number."
            continue
        if name in seen:
            yield lines.of(*at), f"{named}: the column {name} stands twice.", "Keep one of the two."
        seen.add(name)
        for words, found, advice in _of_field(field, _bounds().get((table["name"], name), {})):
            yield lines.of(*at, *words), f"{named}, column {name}: {found}", advice


def _of_keys(table: dict[str, Any], number: int, held: Mapping[str, set[str]], lines: _Lines) -> Iterator[Slip]:
    """Yield what is wrong with how a table refers to others; `held` are the columns of every table."""
    keys = table["schema"].get("foreignKeys", [])
    for place, key in enumerate(keys if isinstance(keys, list) else [keys]):
        if wrong := _wrong_key(key, table["name"], held):
            at = lines.of("resources", number, "schema", "foreignKeys", place)
            yield at, f"the table {table['name']} refers {wrong}", "Correct the key, or restore it."


def _wrong_key(key: Any, table: str, held: Mapping[str, set[str]]) -> str:
    names, others = key_columns(key), key_columns(key.get("reference") if isinstance(key, dict) else None)
    if not names or len(names) != len(others) or not isinstance(other := referred(key, table), str):
        return "to another in a way that cannot be read."
    if other not in held:
        return f"to {other}, which is no table of this codebook."
    strange = [*(name for name in names if name not in held[table]), *(one for one in others if one not in held[other])]
    return f"by {strange[0]}, which is no column." if strange else ""


def key_columns(key: Any) -> list[str]:
    """Return the columns that a key, or what it refers to, names in a list or alone; none where it names none."""
    names = key.get("fields") if isinstance(key, dict) else None
    names = [names] if isinstance(names, str) else names
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []


def referred(key: dict[str, Any], table: str) -> str:
    """Return the table to which a key of a table refers: that table itself where it names none."""
    return key["reference"].get("resource") or table


def _of_field(field: dict[str, Any], bounds: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield what is wrong with a column: the words that lead there, what was found, and what to do."""
    if field.get("type") not in TYPES:
        yield ("type",), f"its type is {field.get('type') or 'missing'}.", f"Write one of {', '.join(TYPES)}."
    for word in ("description", "unit"):
        if word in field and not isinstance(field[word], str):
            yield (
                (word,),
                f"its {word} is no text.",
                "Write it, in quotation marks, or remove it.",
            )
    held = field.get("constraints", {})
    if not isinstance(held, dict):
        yield ("constraints",), "its constraints are empty.", "Write them below, or remove the word."
        return
    for word, value in held.items():
        if wrong := _wrong_constraint(str(word), value):
            yield ("constraints", str(word)), f"{word}: {wrong}", "Correct it."
    lost = [f"{word}: {value}" for word, value in bounds.items() if not _as_narrow(word, value, held)]
    if lost:
        yield ("constraints",), f"it no longer refuses what no figure can be ({', '.join(lost)}).", "Restore it."


def _wrong_constraint(word: str, value: Any) -> str:
    if word not in CONSTRAINTS:
        return f"taprev does not know this; it knows {', '.join(CONSTRAINTS)}."
    if word in BOUNDS and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"{value!r} is no number."
    if word == "enum" and not (isinstance(value, list) and value and all(isinstance(one, str) for one in value)):
        return "it is a list of words, in quotation marks where they are yes, no or a number."
    if word == "pattern":
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", FutureWarning)
                re.compile(value)
        except (re.error, TypeError, FutureWarning) as error:
            place = error.pos if isinstance(error, re.error) else None
            where = "" if place is None else f", from character {place + 1} on"
            return f"it is no regular expression that is read alike everywhere{where}."
    if word in ("required", "unique") and not isinstance(value, bool):
        return f"{value!r} is neither true nor false."
    return ""


def _as_narrow(word: str, value: float, held: dict[str, Any]) -> bool:
    """Return whether constraints refuse all that a bound refuses."""
    inclusive, exclusive, turn = (
        ("minimum", "exclusiveMinimum", 1) if word in LOWER else ("maximum", "exclusiveMaximum", -1)
    )
    beyond = {
        name: turn * (held[name] - value) for name in (inclusive, exclusive) if isinstance(held.get(name), int | float)
    }
    return beyond.get(exclusive, -1) >= 0 or beyond.get(inclusive, -1) >= (0 if word == inclusive else EPSILON)


@lru_cache(maxsize=1)
def _as_shipped() -> dict[str, Any]:
    return {word: value for word, value in _shipped_tables()[0].items() if word in AS_SHIPPED}


@lru_cache(maxsize=1)
def _bounds() -> dict[tuple[str, str], dict[str, Any]]:
    """Return the bounds of every column of the shipped codebook."""
    return {
        (table["name"], field["name"]): {word: value for word, value in held.items() if word in BOUNDS}
        for table in _shipped_tables()
        for field in table["schema"]["fields"]
        if (held := field.get("constraints", {}))
    }


@lru_cache(maxsize=1)
def _shipped_tables() -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = yaml.load(shipped(CODEBOOK).read_text(encoding="utf-8"), Loader=LoaderOfEachKeyOnce)[
        "resources"
    ]
    return tables
