"""The whole difference between two editions of a review."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from taprev.extraction.tables import Row
from taprev.provenance.diff import conclusions as told
from taprev.provenance.diff.changes import OUTCOMES, column_changes, row_changes, setting_changes
from taprev.provenance.diff.domains import picture
from taprev.provenance.diff.editions import Edition
from taprev.provenance.diff.moves import moves
from taprev.provenance.diff.numbers import EditionDomain
from taprev.provenance.diff.results import (
    ConclusionChange,
    CountChange,
    Difference,
    EditionName,
    FateChange,
    Move,
    Refused,
    RowChange,
)
from taprev.provenance.diff.units import EditionData, evidence, merged, units
from taprev.wording import labels


def difference(old: Edition, new: Edition) -> Difference:
    """Return what changed from the old edition to the new one, and what that did to numbers and conclusions."""
    rows, settings = row_changes(old, new), setting_changes(old.settings, new.settings)
    columns = _all_columns(old, new)
    before, after = evidence(old, columns), evidence(new, columns)
    changes = units(before, after, rows, settings)
    order = merged(list(before.outcomes), list(after.outcomes))
    renamed = {change.was: change.row for change in rows if change.was}
    moved: list[Move] = []
    concluded: list[ConclusionChange] = []
    fated: list[FateChange] = []
    counts: list[CountChange] = []
    refused: list[Refused] = []
    for name in {**new.settings.domains, **old.settings.domains}:
        label = (new.settings.domains.get(name) or old.settings.domains[name]).label
        bearing = [unit for unit in changes if name in unit.domains]
        sides = _sides(name, (old, new), (before, after), same=not bearing)
        pictures = (sides[0].picture, sides[1].picture)
        refused += [Refused(name, side.edition, why) for side in sides if (why := side.picture.refused)]
        moved += moves(name, label, *sides, before, bearing, order)
        if not any(made.refused for made in pictures):
            concluded += told.conclusions(name, label, *pictures)
            fated += told.fates(*pictures, _labels(after.studies, before.studies), renamed)
            counts += told.counted(name, label, *pictures, (old.settings, new.settings))
    made = Difference(
        old=_named(old),
        new=_named(new),
        said=(),
        settings=tuple(settings),
        columns=tuple(column_changes(old, new)),
        rows=tuple(rows),
        moves=tuple(moved),
        conclusions=tuple(concluded),
        fates=tuple(fated),
        counts=tuple(counts),
        refused=tuple(refused),
    )
    return replace(made, said=tuple(summary(made)))


def _all_columns(old: Edition, new: Edition) -> dict[str, tuple[str, ...]]:
    """Return the columns of outcomes and studies in either edition."""
    return {
        name: tuple(dict.fromkeys([*new.tables[name].columns, *old.tables[name].columns]))
        for name in (OUTCOMES, "studies")
    }


def _sides(
    name: str, editions: tuple[Edition, Edition], both: tuple[EditionData, EditionData], same: bool
) -> tuple[EditionDomain, EditionDomain]:
    """Return a domain in both editions; if no change affects it, it is computed once."""
    old, new = editions
    there = name in old.settings.domains and name in new.settings.domains
    first = picture(name, both[0])
    second = first if same and there else picture(name, both[1])
    return (
        EditionDomain(old.label, first, old.stored.get(name)),
        EditionDomain(new.label, second, new.stored.get(name)),
    )


def _labels(*sides: dict[str, Row]) -> dict[str, str]:
    return {name: row["label"] for studies in reversed(sides) for name, row in studies.items()}


def _named(edition: Edition) -> EditionName:
    return EditionName(edition.label, edition.kind, edition.settings.version, edition.settings.source)


def summary(made: Difference) -> list[str]:
    """Return the difference in sentences: what changed, which numbers moved, which conclusions changed."""
    counted = Counter(move.change for move in made.moves)
    parts = [
        *_of_rows(made.rows),
        _of(len(made.settings), "setting", "settings"),
        _of(len(made.columns), "column of the codebook", "columns of the codebook"),
    ]
    changed = ", ".join(part for part in parts if part)
    lines = [
        f"Changed: {changed}." if changed else "Nothing changed in the extracted tables and in the settings.",
        _of_numbers(counted),
        _of(len(made.conclusions), "conclusion changed.", "conclusions changed.") or "No conclusion changed.",
    ]
    code = sum(len(move.notes) for move in made.moves)
    differ = _of(code, "stored number differs", "stored numbers differ")
    return [*lines, f"{differ} from what the present code computes."] if code else lines


def _of(number: int, singular: str, plural: str) -> str:
    return labels.count(number, singular, plural) if number else ""


def _of_rows(rows: tuple[RowChange, ...]) -> list[str]:
    names = {
        OUTCOMES: ("result", "results"),
        "studies": ("study", "studies"),
        "reports": ("report", "reports"),
        "risk_of_bias": ("judgement of risk of bias", "judgements of risk of bias"),
    }
    parts = []
    for (table, change), number in Counter((row.table, row.change) for row in rows).items():
        singular, plural = names.get(table, (f"row of {table}", f"rows of {table}"))
        parts.append(f"{labels.count(number, singular, plural)} {change}")
    return parts


def _of_numbers(counted: Counter[str]) -> str:
    if not set(counted) - {"unchanged"}:
        same = labels.count(counted["unchanged"], "pooled number is", "pooled numbers are")
        return f"No pooled number moved: {same} the same." if counted else "Nothing is pooled in either edition."
    names = ("moved", "appeared", "vanished", "unchanged")
    return "Pooled numbers: " + ", ".join(f"{counted[name]} {name}" for name in names if counted[name]) + "."
