"""What stands on the evidence map: what each study says of an outcome in a design, in words, and what finds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row
from taprev.notes import unique
from taprev.report.audit.result_files import file_names
from taprev.settings import Settings
from taprev.synthesis.directions import said_by_study
from taprev.synthesis.results import RowFate, Stratum, Study, StudyVote, Synthesis
from taprev.vocabulary import Contrast, Fate, Vote
from taprev.wording import context, labels, mapping
from taprev.wording.adverse import adverse, printed
from taprev.wording.overall_risk import risk
from taprev.wording.strata import marked, marks_words, study_number

OVERALL_RISK = "overall risk of bias"


@dataclass(frozen=True)
class MapEntry:
    """What one study says of one outcome in one design.

    `counted` is whether it belongs to the headline review; `narrow` says why an interval marked ‡ is likely too
    narrow. `wrong_way` holds its results whose printed direction is worse, `facets` what a reader may filter by, and
    `pages` each result with the file of its audit page.
    """

    domain: str
    level: str
    study: str
    label: str
    design: str
    direction: Vote
    counted: bool
    number: str
    narrow: str
    people: str
    time: str
    compared_with: str
    read: str
    wrong_way: tuple[str, ...]
    facets: dict[str, str]
    pages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Domain:
    """A domain with what is looked up in it: votes by study and contrast, and of each result what is shown of it."""

    content: Synthesis
    votes: dict[tuple[str, Contrast], StudyVote]
    rows: dict[str, RowFate]
    samples: dict[str, list[tuple[Stratum, Study]]]
    wrong: dict[str, str]


def entries(
    contents: Sequence[Synthesis], rows: Mapping[str, Sequence[EffectRow]], studies: Iterable[Row], settings: Settings
) -> list[MapEntry]:
    """Return every entry, domain by domain.

    Parameters
    ----------
    contents : sequence of Synthesis
        The domains of the review.
    rows : mapping of str to sequence of EffectRow
        The rows of every domain, those that the headline review leaves out included.
    studies : iterable of Row
        The table of studies.
    settings : Settings

    Returns
    -------
    list of MapEntry
    """
    by_name = {study["study"]: study for study in studies}
    files = file_names(row.result for content in contents for row in rows[content.domain])
    made = []
    for content in contents:
        own, domain = sorted(rows[content.domain], key=_who), _domain(content)
        for (name, _), group in groupby(own, key=_who):
            made.append(_entry(domain, list(group), by_name[name], settings, files))
    return made


def _who(row: EffectRow) -> tuple[str, int]:
    return row.study, labels.contrast_rank(row.contrast)


def _domain(content: Synthesis) -> _Domain:
    samples: dict[str, list[tuple[Stratum, Study]]] = {}
    for stratum in content.strata:
        for study in stratum.studies:
            for result in study.results:
                samples.setdefault(result, []).append((stratum, study))
    return _Domain(
        content=content,
        votes={(vote.study, vote.contrast): vote for vote in content.votes},
        rows={row.result: row for row in content.rows},
        samples=samples,
        wrong={one.row.result: one.alone for one in adverse([content])},
    )


def _entry(
    domain: _Domain, group: list[EffectRow], study: Row, settings: Settings, files: Mapping[str, str]
) -> MapEntry:
    kept = [row for row in group if row.fate != Fate.EXCLUDED]
    vote = domain.votes.get((group[0].study, group[0].contrast)) or said_by_study(kept or group)[0]
    number, narrow = _number(domain, kept or group)
    return MapEntry(
        domain=domain.content.domain,
        level=mapping.level(study[settings.map.columns]),
        study=vote.study,
        label=labels.clean(vote.label),
        design=vote.contrast.said,
        direction=vote.direction,
        counted=bool(kept),
        number=number,
        narrow=narrow,
        people=context.voters(vote),
        time=context.when([vote.context]),
        compared_with=context.compared_with([vote.contrast], [vote.context]),
        read=context.read(vote.context.read),
        wrong_way=tuple(domain.wrong[row.result] for row in group if row.result in domain.wrong),
        facets=_facets(domain.content, vote, study, settings),
        pages=tuple((row.result, files[row.result]) for row in group),
    )


def _number(domain: _Domain, rows: list[EffectRow]) -> tuple[str, str]:
    """Return the numbers of a study with their intervals, or what is printed, and why an interval is too narrow."""
    held = [pair for row in rows for pair in domain.samples.get(row.result, ())]
    if held:
        numbers = [marked(study_number(stratum, study), study.marks) for stratum, study in held]
        reasons = unique(note for _, study in held for note in study.marks)
        return "; ".join(dict.fromkeys(numbers)), marks_words(reasons)
    shown = dict.fromkeys(printed(domain.rows[row.result]) for row in rows)
    return mapping.printed_only(shown, any(row.magnitude for row in rows)), ""


def _facets(content: Synthesis, vote: StudyVote, study: Row, settings: Settings) -> dict[str, str]:
    """Return what a study may be found by, under the name of the filter."""
    wanted = {part.name: mapping.level(study[part.column]) for part in settings.gap_map}
    return {
        "people": labels.population(content.population),
        "design": vote.contrast.said,
        **wanted,
        "what was read": mapping.read_level(vote.context.read),
        OVERALL_RISK: labels.clean(risk(vote)[0]),
    }


def levels(found: Iterable[MapEntry], studies: Iterable[Row], known: Sequence[str], column: str) -> list[str]:
    """Return the columns of the map: the levels that a study of the review has, in the order of the codebook."""
    said = [mapping.level(name) for name in known]
    held = {mapping.level(study[column]) for study in studies} | {entry.level for entry in found}
    return [*(name for name in said if name in held), *sorted(held - {*said})]


def directions(found: Iterable[MapEntry]) -> dict[str, Vote]:
    """Return which way each study points; a study that points differently in two designs is unclear.

    The script of the page counts by the same rule after a filter.
    """
    said: dict[str, set[Vote]] = {}
    for entry in found:
        said.setdefault(entry.study, set()).add(entry.direction)
    return {study: next(iter(ways)) if len(ways) == 1 else Vote.UNCLEAR for study, ways in said.items()}
