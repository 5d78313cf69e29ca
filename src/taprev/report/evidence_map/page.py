"""The evidence map as one page that opens without a network: a table to click, filters, and every study beneath."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from taprev.effects.rows import EffectRow
from taprev.extraction.tables import allowed, read_rows
from taprev.ground.seal import identifier_of_all
from taprev.report.evidence_map.entries import MapEntry, directions, entries, levels
from taprev.report.templates import templates
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis
from taprev.vocabulary import Fate, Vote
from taprev.wording import labels, mapping


@dataclass(frozen=True)
class MapCount:
    """How many studies of a cell point which way; `name` says which of them are counted."""

    name: str
    studies: int
    ways: dict[Vote, int]


@dataclass(frozen=True)
class MapCell:
    """A cell of the map: its place, the studies of the headline review, those that it leaves out, and wrong ways."""

    place: str
    held: bool
    counts: tuple[MapCount, ...]
    wrong: int


@dataclass(frozen=True)
class MapRow:
    """An outcome: its name, the span of years of its studies, and its cells."""

    place: int
    label: str
    years: str
    cells: tuple[MapCell, ...]


@dataclass(frozen=True)
class MapListed:
    """An entry as a row of the table of all studies, with the numbers by which the script finds it."""

    entry: MapEntry
    outcome: str
    cell: str
    number_of_study: int
    options: tuple[int, ...] = field(default_factory=tuple)


def page(
    contents: Sequence[Synthesis], rows: Mapping[str, Sequence[EffectRow]], settings: Settings, extracted: Path
) -> str:
    """Return the page as HTML text.

    Parameters
    ----------
    contents : sequence of Synthesis
        The domains of the review, as read from their JSON.
    rows : mapping of str to sequence of EffectRow
        The rows of every domain.
    settings : Settings
    extracted : Path
        The folder of the extracted tables.

    Returns
    -------
    str
        The page; styles, script and data are in it.
    """
    studies, column = read_rows(extracted / "studies.csv"), settings.map.columns
    found = entries(contents, rows, studies, settings)
    known = allowed(extracted, "studies", column)
    heads = levels(found, studies, known, column)
    names = [mapping.level(name) for name in known]
    filters = _filters(found)
    return (
        templates()
        .get_template("evidence_map/map.html")
        .render(
            settings=settings,
            identifier=identifier_of_all({one.domain: one.seal for one in contents}),
            words=mapping,
            votes=tuple(Vote),
            column=mapping.column(column),
            heads=heads,
            without=[name for name in names if name not in heads],
            groups=_groups(contents, rows, found, heads),
            filters=filters,
            listed=_listed(contents, found, heads, filters),
            studies=len({entry.study for entry in found}),
        )
    )


def _groups(
    contents: Sequence[Synthesis],
    rows: Mapping[str, Sequence[EffectRow]],
    found: Sequence[MapEntry],
    heads: Sequence[str],
) -> list[tuple[str, list[MapRow]]]:
    """Return the rows of the map under the people whose outcomes they are, in the order of the review."""
    grouped: dict[str, list[MapRow]] = {}
    for place, content in enumerate(contents):
        own: dict[str, list[MapEntry]] = {head: [] for head in heads}
        for entry in found:
            if entry.domain == content.domain:
                own[entry.level].append(entry)
        kept = (row.year for row in rows[content.domain] if row.fate != Fate.EXCLUDED)
        cells = (_cell(f"{place}-{number}", own[head]) for number, head in enumerate(heads))
        people = labels.population(content.population)
        made = MapRow(place, labels.clean(content.label), mapping.years(kept), tuple(cells))
        grouped.setdefault(people.capitalize(), []).append(made)
    return list(grouped.items())


def _cell(place: str, own: Sequence[MapEntry]) -> MapCell:
    counted = [entry for entry in own if entry.counted]
    inside = {entry.study for entry in counted}
    aside = [entry for entry in own if entry.study not in inside]
    counts = (_count("in", counted), _count("out", aside))
    return MapCell(place, bool(own), counts, sum(len(entry.wrong_way) for entry in own))


def _count(name: str, own: Sequence[MapEntry]) -> MapCount:
    ways = directions(own)
    return MapCount(name, len(ways), dict(Counter(ways.values())))


def _filters(found: Iterable[MapEntry]) -> list[tuple[str, list[str]]]:
    """Return the filters that tell studies apart, each with the values that occur."""
    values: dict[str, set[str]] = {}
    for entry in found:
        for name, value in entry.facets.items():
            values.setdefault(name, set()).add(value)
    return [(name, sorted(held, key=str.lower)) for name, held in values.items()]


def _listed(
    contents: Sequence[Synthesis],
    found: Sequence[MapEntry],
    heads: Sequence[str],
    filters: Sequence[tuple[str, list[str]]],
) -> list[MapListed]:
    """Return every entry, outcome by outcome, those of one study in one outcome together."""
    names = {name: number for number, name in enumerate(dict.fromkeys(entry.study for entry in found))}
    made = []
    for place, content in enumerate(contents):
        own = [entry for entry in found if entry.domain == content.domain]
        for _, group in groupby(sorted(own, key=lambda entry: entry.label.lower()), key=lambda entry: entry.study):
            made += [
                MapListed(
                    entry=entry,
                    outcome=labels.clean(content.label),
                    cell=f"{place}-{heads.index(entry.level)}",
                    number_of_study=names[entry.study],
                    options=tuple(held.index(entry.facets[name]) for name, held in filters),
                )
                for entry in group
            ]
    return made
