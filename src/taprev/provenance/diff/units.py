"""A unit of change: one row, study, judgement or setting, applied alone to the old evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from taprev.extraction.risk_of_bias.judged import in_words, overall_levels
from taprev.extraction.tables import Row
from taprev.provenance.diff.changes import OUTCOMES
from taprev.provenance.diff.editions import Edition, ExtractedTable
from taprev.provenance.diff.results import RowChange, SettingChange
from taprev.settings import Settings

BEARING = ("scope", "domains", "assumptions", "synthesis")


@dataclass(frozen=True)
class EditionData:
    """What the numbers of an edition are computed from; `outcomes` by result, in the order of the table."""

    settings: Settings
    outcomes: dict[str, Row]
    studies: dict[str, Row]
    risk_of_bias: dict[str, str]


@dataclass(frozen=True)
class Unit:
    """One change: what it puts in place of the old rows (None: the row goes), and the domains it affects.

    `order` is the order of the results where the unit is their order, `setting` the path of a setting.
    """

    kind: str
    name: str
    said: str
    domains: tuple[str, ...]
    outcomes: dict[str, Row | None] = field(default_factory=dict)
    studies: dict[str, Row] = field(default_factory=dict)
    risk_of_bias: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    setting: SettingChange | None = None


def evidence(edition: Edition, columns: dict[str, tuple[str, ...]]) -> EditionData:
    """Return what an edition is computed from; `columns` are filled in as empty where its codebook lacks them."""
    judged = edition.tables.get("risk_of_bias", ExtractedTable((), (), ())).rows
    return EditionData(
        settings=edition.settings,
        outcomes={row["result"]: row for row in _filled(edition, OUTCOMES, columns)},
        studies={row["study"]: row for row in _filled(edition, "studies", columns)},
        risk_of_bias=overall_levels(in_words(judged, edition.tools)),
    )


def _filled(edition: Edition, table: str, columns: dict[str, tuple[str, ...]]) -> list[Row]:
    return [{name: row.get(name, "") for name in columns[table]} for row in edition.tables[table].rows]


def units(old: EditionData, new: EditionData, rows: list[RowChange], settings: list[SettingChange]) -> list[Unit]:
    """Return the units of change, those of rows first."""
    shared = [name for name in new.settings.domains if name in old.settings.domains]
    return [
        *(_of_row(change, old, new) for change in rows if change.table == OUTCOMES),
        *_of_order(old, new),
        *_of_studies(old, new),
        *_of_judgements(old, new),
        *(_of_setting(change, shared) for change in settings if change.path[0] in BEARING),
    ]


def _of_row(change: RowChange, old: EditionData, new: EditionData) -> Unit:
    """Return the unit of a result, with the study or judgement that came with it."""
    row, was = new.outcomes.get(change.row), old.outcomes.get(change.was or change.row)
    outcomes: dict[str, Row | None] = {change.was: None} if change.was else {}
    outcomes[change.row] = row
    study = row["study"] if row else ""
    studies = {study: new.studies[study]} if study in new.studies and study not in old.studies else {}
    judged = change.row in new.risk_of_bias and change.row not in old.outcomes
    bias = {change.row: new.risk_of_bias[change.row]} if judged else {}
    domains = tuple(dict.fromkeys(version["domain"] for version in (was, row) if version))
    return Unit("row", change.row, _said_of_row(change), domains, outcomes, studies, bias)


def _said_of_row(change: RowChange) -> str:
    columns = ", ".join(cell.column for cell in change.cells)
    was = f", was {change.was}" if change.was else ""
    return f"{change.row} ({change.study}) {change.change}{was}" + (f": {columns}" if columns else "")


def _of_order(old: EditionData, new: EditionData) -> list[Unit]:
    """Return the unit of a new order, if the results that both editions have are in another order."""
    before, after = (
        [name for name in side.outcomes if name in other.outcomes] for side, other in ((old, new), (new, old))
    )
    if before == after:
        return []
    domains = dict.fromkeys(old.outcomes[name]["domain"] for name in before)
    moved = [domain for domain in domains if _of_domain(before, old, domain) != _of_domain(after, old, domain)]
    order = tuple(merged(list(new.outcomes), list(old.outcomes)))
    return [Unit("order", "order", "order of the rows", tuple(moved), order=order)] if moved else []


def _of_domain(names: list[str], evidence: EditionData, domain: str) -> list[str]:
    return [name for name in names if evidence.outcomes[name]["domain"] == domain]


def _of_studies(old: EditionData, new: EditionData) -> list[Unit]:
    units = []
    for name, row in new.studies.items():
        was = old.studies.get(name)
        if was is None or was == row:
            continue
        columns = ", ".join(column for column in row if row[column] != was.get(column, ""))
        domains = [
            outcome["domain"] for side in (old, new) for outcome in side.outcomes.values() if outcome["study"] == name
        ]
        said = f"study {row['label']}: {columns}"
        units.append(Unit("study", name, said, tuple(dict.fromkeys(domains)), studies={name: row}))
    return units


def _of_judgements(old: EditionData, new: EditionData) -> list[Unit]:
    units = []
    for name in [name for name in old.outcomes if name in new.outcomes]:
        was, now = old.risk_of_bias.get(name, ""), new.risk_of_bias.get(name, "")
        if was != now:
            domains = dict.fromkeys(side.outcomes[name]["domain"] for side in (old, new))
            said = f"risk of bias of {name}: {was or 'none'} → {now or 'none'}"
            units.append(Unit("judgement", name, said, tuple(domains), risk_of_bias={name: now}))
    return units


def _of_setting(change: SettingChange, shared: list[str]) -> Unit:
    own = change.path[0] == "domains" and len(change.path) > 1
    said = f"{change.name}: {change.old_text} → {change.new_text}"
    return Unit("setting", change.name, said, (change.path[1],) if own else tuple(shared), setting=change)


def merged(base: list[str], other: list[str]) -> list[str]:
    """Return `base` with what only `other` holds, each after the one that precedes it in `other`."""
    after: dict[str, list[str]] = {}
    known, last = set(base), ""
    for name in other:
        if name in known:
            last = name
        else:
            after.setdefault(last, []).append(name)
    return [*after.get("", []), *(item for name in base for item in (name, *after.get(name, [])))]


def applied(old: EditionData, unit: Unit, order: list[str]) -> EditionData:
    """Return the old evidence with one unit of change; `order` is the order of all results of both editions.

    Raises ValueError if a setting is not valid without the others that changed.
    """
    rows = old.outcomes | unit.outcomes
    places = unit.order or order
    return replace(
        old,
        settings=_with_setting(old.settings, unit.setting) if unit.setting else old.settings,
        outcomes={name: row for name in places if (row := rows.get(name))},
        studies=old.studies | unit.studies,
        risk_of_bias=old.risk_of_bias | unit.risk_of_bias,
    )


def _with_setting(settings: Settings, change: SettingChange) -> Settings:
    content = settings.model_dump(mode="json")
    *parents, last = change.path
    inner = content
    for name in parents:
        inner = inner[name]
    if change.change == "went":
        del inner[last]
    else:
        inner[last] = change.new
    return Settings.model_validate(content)
