"""What changed between two editions: rows and cells of the extracted tables, and settings."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from taprev.extraction.tables import Row
from taprev.provenance.diff.editions import Edition, ExtractedTable
from taprev.provenance.diff.results import CellChange, ColumnChange, RowChange, SettingChange
from taprev.settings import Settings

MADE_BY = ("version", "source", "earlier")
OUTCOMES = "outcomes"


def column_changes(old: Edition, new: Edition) -> list[ColumnChange]:
    """Return the columns that came or went, of tables that both editions have."""
    changes = []
    for name in [name for name in old.tables if name in new.tables]:
        before, after = old.tables[name].columns, new.tables[name].columns
        changes += [ColumnChange(name, column, "went") for column in before if column not in after]
        changes += [ColumnChange(name, column, "came") for column in after if column not in before]
    return changes


def row_changes(old: Edition, new: Edition) -> list[RowChange]:
    """Return every row of every table that came, went, was renamed or changed, the outcomes first."""
    names = list(dict.fromkeys([OUTCOMES, *old.tables, *new.tables]))
    labels = {row["study"]: row["label"] for edition in (old, new) for row in edition.tables["studies"].rows}
    nothing = ExtractedTable((), (), ())
    return [
        change
        for name in names
        for change in _changes(name, old.tables.get(name, nothing), new.tables.get(name, nothing), labels)
    ]


def _changes(name: str, old: ExtractedTable, new: ExtractedTable, labels: dict[str, str]) -> list[RowChange]:
    before, after = _by_key(old, old.key or new.key), _by_key(new, new.key or old.key)
    renamed = _renamed(before, after) if name == OUTCOMES else {}
    changes = []
    for key, row in after.items():
        study, domain = labels.get(row.get("study", ""), ""), _domain(name, row)
        if key in renamed.values():
            was = next(earlier for earlier, later in renamed.items() if later == key)
            changes.append(RowChange(name, key, "renamed", was=was, study=study, domain=domain))
        elif key not in before:
            changes.append(RowChange(name, key, "came", study=study, domain=domain))
        elif cells := _cells(before[key], row):
            changes.append(RowChange(name, key, "changed", cells=cells, study=study, domain=domain))
    for key, row in before.items():
        if key not in after and key not in renamed:
            study = labels.get(row.get("study", ""), "")
            changes.append(RowChange(name, key, "went", study=study, domain=_domain(name, row)))
    return changes


def _domain(table: str, row: Row) -> str:
    return row.get("domain", "") if table == OUTCOMES else ""


def _by_key(table: ExtractedTable, key: tuple[str, ...]) -> dict[str, Row]:
    """Return the rows by what names them; a name that occurs again gets a number."""
    seen: Counter[str] = Counter()
    rows = {}
    for row in table.rows:
        name = ", ".join(row.get(column, "") for column in key)
        seen[name] += 1
        rows[name if seen[name] == 1 else f"{name} ({seen[name]})"] = row
    return rows


def _cells(old: Row, new: Row) -> tuple[CellChange, ...]:
    columns = dict.fromkeys([*old, *new])
    return tuple(
        CellChange(column, old.get(column, ""), new.get(column, ""))
        for column in columns
        if old.get(column, "") != new.get(column, "")
    )


def _renamed(old: dict[str, Row], new: dict[str, Row]) -> dict[str, str]:
    """Return the earlier and the later name of each result that differs in nothing but its name."""
    went = {_but_its_name(row): name for name, row in reversed(old.items()) if name not in new}
    later_names = {}
    for name, row in new.items():
        if name not in old and (was := went.pop(_but_its_name(row), None)) is not None:
            later_names[was] = name
    return later_names


def _but_its_name(row: Row) -> frozenset[tuple[str, str]]:
    return frozenset((column, cell) for column, cell in row.items() if column != "result" and cell)


def setting_changes(old: Settings, new: Settings) -> list[SettingChange]:
    """Return every setting that changed, each as deep as both editions have it; lists are one value."""
    before, after = (side.model_dump(mode="json", exclude=set(MADE_BY)) for side in (old, new))
    return _differences(before, after, ())


def _differences(old: dict[str, Any], new: dict[str, Any], path: tuple[str, ...]) -> list[SettingChange]:
    changes = []
    for name in dict.fromkeys([*new, *old]):
        here = (*path, name)
        was, now = old.get(name), new.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            changes += _differences(was, now, here)
        elif name not in old or name not in new or was != now:
            change = "came" if name not in old else "went" if name not in new else "changed"
            changes.append(SettingChange(".".join(here), change, was, now, _text(was), _text(now), here))
    return changes


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
