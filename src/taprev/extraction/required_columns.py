"""What taprev reads by name, and the codebook of a review must therefore have: columns, and words in them.

The codebook that taprev ships is the reference. A column that it marks `anew: drop` belongs to the shipped review
alone; in one that it marks `anew` otherwise a review has words of its own. A column or table that it marks `later` was
added after reviews had begun, and may be absent; `later` says what is then taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from taprev.extraction.problems import Problem
from taprev.extraction.tables import LATER, codebook, header_of, there
from taprev.ground.shipped import CODEBOOK, shipped

DROP = "drop"


def codebook_problems(folder: Path) -> Iterator[Problem]:
    """Yield every table and column that the codebook in `folder` lacks, and every word in it that taprev lacks."""
    theirs, path = codebook(folder), (folder / "datapackage.yaml").as_posix()
    for name, table in codebook(shipped(CODEBOOK).parent).items():
        if LATER in table and name not in theirs and not there(folder / table["path"]):
            continue
        for found, advice in _of_table(name, table, theirs.get(name)):
            yield Problem(path, None, "", "", "", found, advice)


def _of_table(name: str, ours: dict[str, Any], theirs: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if theirs is None:
        yield (
            f"the table {name} is missing.",
            "Restore it, in the codebook and as a CSV file with its header.",
        )
        return
    fields = {field["name"]: field for field in theirs["schema"]["fields"]}
    for field in ours["schema"]["fields"]:
        column = field["name"]
        if field.get("anew") == DROP or (LATER in field and column not in fields):
            continue
        if column not in fields:
            found = f"the table {name} has no column {column}, which taprev reads by name."
            yield found, f"Restore it, in the codebook and in the header of {theirs['path']}."
        elif "anew" not in field and (known := _enum(field)):
            yield from _words(f"table {name}, column {column}", known, _enum(fields[column]))


def taken_without(folder: Path) -> Iterator[str]:
    """Yield a sentence for every later table that the review in `folder` lacks, and for later columns of a table."""
    theirs = codebook(folder)
    for name, table in codebook(shipped(CODEBOOK).parent).items():
        if name not in theirs:
            yield f"There is no {table['path']} (new since the review was begun): {table[LATER]}."
            continue
        header = header_of(folder / theirs[name]["path"])
        lacking = (f for f in table["schema"]["fields"] if LATER in f and f["name"] not in header)
        for taken, fields in groupby(lacking, key=itemgetter(LATER)):
            columns = [field["name"] for field in fields]
            noun = "column" if len(columns) == 1 else "columns"
            yield f"{name}.csv has no {noun} {', '.join(columns)} (new since it was begun): {taken}."


def _enum(field: dict[str, Any]) -> list[str]:
    return [str(value) for value in field.get("constraints", {}).get("enum", ())]


def _words(where: str, known: list[str], allowed: list[str]) -> Iterator[tuple[str, str]]:
    """A column without a list of allowed values would take any."""
    it_knows = f"It knows: {', '.join(known)}."
    if not allowed:
        yield f"{where}: the allowed values (enum) are missing, and taprev does not know others.", it_knows
    elif strange := [value for value in allowed if value not in known]:
        named = ", ".join(f'"{value}"' for value in strange)
        yield f"{where}: taprev does not know {named}.", it_knows
