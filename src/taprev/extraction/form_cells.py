"""Cells of the forms that no decision can make right: what the codebook or the settings do not allow in a column.

The rules are those of the table of outcomes. What a form leaves empty, and what stands in it twice, is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taprev.extraction.codebook_shape import referred
from taprev.extraction.forms import FormRows, form_paths, half_filled, of_result, ragged
from taprev.extraction.levels_of_settings import unplaced
from taprev.extraction.problems import Problem
from taprev.extraction.rulings import (
    WHOLE,
    Positions,
    adjudication_path,
    adjudication_problems,
    positions_of,
    read_rulings,
    ruled_value,
    rulings_for,
)
from taprev.extraction.table_problems import cell_problems
from taprev.extraction.tables import (
    Row,
    codebook,
    columns,
    file_problems,
    named,
    numbered_rows,
    package,
    read_rows,
    required_columns,
)
from taprev.settings import Settings
from taprev.vocabulary import Decision

OUTCOMES = "outcomes"
NOT_OF_A_FORM = ("required", "unique")


def refused_rows(data: Path, settings: Settings) -> list[Problem]:
    """Return why the forms cannot be merged as they are: half-filled rows, and cells that hold what they may not."""
    paths = _legible(data)
    required = required_columns(data / "extracted", OUTCOMES)
    half = (problem for path in paths.values() for problem in half_filled(path, read_rows(path), required))
    return [*half, *form_cell_problems(data, settings)]


def form_cell_problems(data: Path, settings: Settings) -> list[Problem]:
    """Return a problem for each cell of a form that holds what its column may not; none for one that was decided."""
    paths = _legible(data)
    found = [*_by_codebook(data / "extracted", paths), *_by_settings(paths, settings)] if paths else []
    decided = _decisions(data, paths)
    return [problem for problem in found if not (problem.result and decided.settle(problem))]


def _legible(data: Path) -> dict[str, Path]:
    """Return the forms by name, or none where a form or a table that they name cannot be read as a table."""
    extracted, forms = data / "extracted", form_paths(data)
    tables = codebook(extracted)
    files = [(extracted / table["path"], columns(extracted, name)) for name, table in tables.items()]
    files += [(path, columns(extracted, OUTCOMES)) for path in forms.values()]
    broken = any(file_problems(path, header) for path, header in files) or any(map(ragged, forms.values()))
    return {} if broken else forms


def _by_codebook(extracted: Path, forms: Mapping[str, Path]) -> Iterator[Problem]:
    whole, tables = package(extracted), codebook(extracted)
    outcomes = tables[OUTCOMES]["schema"]
    keys = [key for key in outcomes.get("foreignKeys", ()) if referred(key, OUTCOMES) != OUTCOMES]
    fields = [{**field, "constraints": _of_a_form(field)} for field in outcomes["fields"]]
    schema = {name: part for name, part in outcomes.items() if name != "primaryKey"}
    schema |= {"fields": fields, "foreignKeys": keys}
    paths = {f"form_{place}": path for place, path in enumerate(forms.values(), start=1)}
    described = [
        {**tables[OUTCOMES], "name": name, "path": f"{name}.csv", "schema": deepcopy(schema)} for name in paths
    ]
    others = {name: extracted / tables[name]["path"] for name in {referred(key, OUTCOMES) for key in keys}}
    yield from cell_problems({**whole, "resources": [*(tables[name] for name in others), *described]}, paths, others)


def _of_a_form(field: dict) -> dict:
    """Return the constraints of a column that a form obeys; `forms` says what an identifier may be."""
    if field["name"] == WHOLE:
        return {}
    return {name: value for name, value in field.get("constraints", {}).items() if name not in NOT_OF_A_FORM}


def _by_settings(forms: Mapping[str, Path], settings: Settings) -> Iterator[Problem]:
    for path in forms.values():
        for number, row in numbered_rows(path):
            for finding in unplaced(row, settings) if row["domain"] else ():
                yield Problem(named(path), number, row["result"], row["study"], *finding)


@dataclass(frozen=True)
class _Decisions:
    """What people decided, beside the rows of the forms by name and result."""

    rulings: list[Row]
    forms: FormRows
    files: Mapping[str, str]

    @cached_property
    def positions(self) -> Positions:
        """Where the rulings about each cell stand."""
        return positions_of(self.rulings)

    def settle(self, problem: Problem) -> bool:
        """Return whether an adjudication puts something else in the place of a cell, or leaves its result out."""
        left_out = (one["result"] for one in self.rulings if one["decision"] == Decision.LEAVE_OUT)
        if problem.result in left_out:
            return True
        rows = of_result(self.forms, problem.result)
        standing = rulings_for(rows, problem.column, self.rulings, self.positions).standing
        readings = {name: row[problem.column] for name, row in rows.items()}
        own = readings.get(self.files[problem.file])
        return bool(standing) and ruled_value(self.rulings[standing[0]], readings) != own


def _decisions(data: Path, paths: Mapping[str, Path]) -> _Decisions:
    path = adjudication_path(data)
    rulings = [] if adjudication_problems(path) or ragged(path) else read_rulings(path)
    forms = {form: {row["result"]: row for row in read_rows(own)} for form, own in paths.items()}
    return _Decisions(rulings, forms, {named(own): form for form, own in paths.items()})
