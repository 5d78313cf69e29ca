"""A review of RevMan as rows of the tables: an outcome is a domain, footnotes are notes, support texts are reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taprev.exchange.answers import Answers
from taprev.exchange.imported import SUBGROUP, Imported, KeptTable, ReadDomain
from taprev.exchange.names import Names, plain
from taprev.exchange.revman.bias import bias_remarks, judged_results
from taprev.exchange.revman.figures import as_printed, figures_of, given_effect
from taprev.exchange.revman.pools import pools_of, shown_number
from taprev.exchange.revman.review import RevManGroup, RevManOutcome, RevManResult, RevManReview, RevManStudy
from taprev.exchange.rows import outcome_row, report_row, study_row
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, OutcomeKind, PublicationStatus, Read, RevManMeasure, Scale, Totals

NO_UNIT = "units"
NOT_HELD = ("analysis", "subgroup", "study", "figures", "footnote")


@dataclass(frozen=True)
class _Place:
    """Where the rows of a group go: the domain, the outcome and the group."""

    domain: ReadDomain
    outcome: RevManOutcome
    group: RevManGroup


class _Ids:
    """The identifiers of a review of RevMan, and the label of each study."""

    def __init__(self, review: RevManReview) -> None:
        self.studies, self.reports = Names("study"), Names("report")
        self.domains, self.results = Names("outcome"), Names("result")
        self.labels = {study.key: study.name for study in review.studies}
        for key, name in self.labels.items():
            self.studies.name(key, name)
            self.reports.name(key, name)


def imported_from(review: RevManReview, answers: Answers) -> Imported:
    """Return the rows, domains and pooled results of a review of RevMan, and what has no place among them."""
    ids = _Ids(review)
    places = list(_places(review, ids.domains))
    outcomes, not_held = _outcomes(review, places, ids)
    unlisted = [RevManStudy(key, key) for key in _keys(review) if key not in ids.labels]
    tool, judged = judged_results(review, {*answers.contrast.values()}, outcomes, ids.studies)
    texts = KeptTable("texts", ("where", "text"), review.texts, "texts that no table holds")
    rows = KeptTable("results_without_a_place", NOT_HELD, tuple(not_held), "rows without a figure or a direction")
    return Imported(
        format=review.format,
        tables={
            "studies": tuple(_study(review, one, ids) for one in (*review.studies, *unlisted)),
            "reports": tuple(row for one in (*review.studies, *unlisted) for row in _reports(review, one, ids)),
            "outcomes": tuple(outcomes),
            "risk_of_bias": tuple(judged),
        },
        domains=tuple(dict.fromkeys(place.domain for place in places if place.outcome.kind != OutcomeKind.OTHER)),
        title=review.title,
        arms=_arms(review),
        pooled=tuple(pool for outcome in review.outcomes for pool in pools_of(outcome)),
        remarks=(*review.remarks, *_remarks(review, outcomes, unlisted), *bias_remarks(review, tool)),
        kept=tuple(table for table in (rows, texts) if table.rows),
        tool=tool.declaration if tool and judged else None,
    )


def _study(review: RevManReview, one: RevManStudy, ids: _Ids) -> Row:
    return study_row(
        ids.studies.name(one.key, one.name),
        one.name,
        year=one.year,
        publication_status=PublicationStatus.JOURNAL if one.journal else "",
        programme=_programme(review),
        note=one.note,
    )


def _reports(review: RevManReview, one: RevManStudy, ids: _Ids) -> Iterator[Row]:
    """Yield the report of a study that its results are of, and then its further references."""
    study = ids.studies.name(one.key, one.name)
    yield report_row(
        ids.reports.name(one.key, one.name),
        study,
        one.citation or _label(one.name, one.year),
        f"the file {review.file}",
        doi=one.doi,
        year=one.year,
    )
    for number, other in enumerate(one.further, start=2):
        name = ids.reports.name(f"{one.key} {number}", f"{one.name} report {number}")
        unread = f"nothing: a reference in {review.file}"
        row = report_row(name, study, other.citation, unread, doi=other.doi, year=other.year)
        yield {**row, "read": Read.NOT_CODED}


def _outcomes(review: RevManReview, places: Sequence[_Place], ids: _Ids) -> tuple[list[Row], list[tuple[str, ...]]]:
    """Return the rows of outcomes.csv, and the rows of the file that have neither figures nor a direction."""
    made, not_held = [], []
    for place in places:
        samples, outcome = _samples(places, place), place.outcome
        for position, (sample, result) in enumerate(zip(samples, place.group.results, strict=True)):
            label = ids.labels.get(result.study, result.study)
            cells = figures_of(outcome, result.figures)
            if cells is None:
                not_held.append(_kept(place, result, label))
                continue
            key = f"{outcome.number} {place.group.name} {result.study} {position}"
            told = {"sample": sample, SUBGROUP: _subgroup(place), **_words(review, place, result)}
            made.append(
                outcome_row(
                    ids.results.name(key, f"a{outcome.number} {label}"),
                    ids.studies.name(result.study, label),
                    ids.reports.name(result.study, label),
                    place.domain.name,
                    **{**cells, **told},
                )
            )
    return made, not_held


def _keys(review: RevManReview) -> list[str]:
    rows = (result for outcome in review.outcomes for group in outcome.groups for result in group.results)
    return list(dict.fromkeys(result.study for result in rows))


def _label(name: str, year: str) -> str:
    return name if not year or year in name else f"{name} {year}"


def _programme(review: RevManReview) -> str:
    labels = {outcome.arms[0] for outcome in review.outcomes if outcome.arms[0]}
    return labels.pop() if len(labels) == 1 else ""


def _arms(review: RevManReview) -> tuple[str, str]:
    """Return the words for both arms where all outcomes have the same, in a length that figures take."""
    pairs = {outcome.arms for outcome in review.outcomes if all(outcome.arms)}
    pair = pairs.pop() if len(pairs) == 1 else ("", "")
    return pair if all(1 <= len(word) <= 24 for word in pair) and pair[0].casefold() != pair[1].casefold() else ("", "")


def _places(review: RevManReview, domains: Names) -> Iterator[_Place]:
    """Yield the groups of all outcomes; a subgroup that is not pooled with the others is a domain of its own."""
    for outcome in review.outcomes:
        apart = outcome.subgroups and outcome.totals != Totals.ALL
        for group in outcome.groups:
            label = f"{outcome.name}: {group.name}" if apart else outcome.name
            key = f"{outcome.number} {group.name}" if apart else outcome.number
            yield _Place(_domain(domains.name(key, label), label, outcome), outcome, group)


def _domain(name: str, label: str, outcome: RevManOutcome) -> ReadDomain:
    md = outcome.kind == OutcomeKind.CONT and outcome.measure == RevManMeasure.MD
    md = md or (outcome.kind == OutcomeKind.IV and given_effect(outcome)[0] == GivenEffect.MD)
    return ReadDomain(
        name=name,
        label=label,
        scale=Scale.MD if md else Scale.SMD,
        unit=(outcome.unit or NO_UNIT) if md else "",
        event=outcome.kind in (OutcomeKind.DICH, OutcomeKind.IPD),
        measure=outcome.measure,
    )


def _samples(places: Sequence[_Place], place: _Place) -> list[str]:
    """Return the sample of each row of a group: `all`, or the subgroup where the domain has the study several times."""
    own = [one for one in places if one.domain == place.domain]
    times = Counter(result.study for one in own for result in one.group.results)
    made, seen = [], Counter[str]()
    for result in place.group.results:
        seen[result.study] += 1
        again = f"_{seen[result.study]}" if seen[result.study] > 1 else ""
        made.append("all" if times[result.study] == 1 else f"{plain(place.group.name, 'sample')}{again}")
    return made


def _subgroup(place: _Place) -> str:
    return place.group.name if place.outcome.subgroups and place.outcome.totals == Totals.ALL else ""


def _words(review: RevManReview, place: _Place, result: RevManResult) -> dict[str, str]:
    outcome = place.outcome
    notes = [
        f"Footnote: {result.footnote}" if result.footnote else "",
        "The file analyses people without the event; so do these counts." if outcome.swapped else "",
        "" if result.estimable else "Not estimable in the file.",
    ]
    return {
        "measure": outcome.name,
        "location": f"{review.file}, analysis {shown_number(outcome.number)}",
        "note": " ".join(filter(None, notes)),
    }


def _kept(place: _Place, result: RevManResult, study: str) -> tuple[str, ...]:
    outcome = place.outcome
    if outcome.kind == OutcomeKind.OTHER:
        figures = "; ".join(result.figures.values())
    else:
        figures = as_printed(outcome.kind, result.figures)
    return (f"{shown_number(outcome.number)} {outcome.name}", place.group.name, study, figures, result.footnote)


def _remarks(review: RevManReview, outcomes: list[Row], unlisted: Sequence[RevManStudy]) -> Iterator[str]:
    if unlisted:
        names = ", ".join(one.name for one in unlisted)
        yield f"Studies with results that the list of the file does not have: {names}."
    for outcome in review.outcomes:
        name = f"{shown_number(outcome.number)} {outcome.name}"
        if outcome.measure == RevManMeasure.RD:
            yield f"{name}: the file pools risk differences, which taprev does not; events become a risk ratio."
        if outcome.measure == RevManMeasure.OTHER and outcome.kind != OutcomeKind.OTHER:
            yield f'{name}: "{outcome.typed_measure}" is not a known measure; read as a difference in units.'
        if outcome.swapped:
            yield f"{name}: the file analyses people without the event; the counts are turned."
        if outcome.measure == RevManMeasure.MD and not outcome.unit:
            yield f'{name}: the file names no unit; the settings say "{NO_UNIT}".'
        if outcome.footnote:
            yield f"{name}: footnote of the outcome: {outcome.footnote}"
        for group in outcome.groups:
            if group.footnote:
                yield f"{name}, {group.name}: footnote of the subgroup: {group.footnote}"
    several = {(row["domain"], row["study"]) for row in outcomes if row["sample"] != "all"}
    if several:
        yield (
            f"{len(several)} times a study is in an outcome more than once; the file pools such rows as "
            "independent, and each is a sample of its own here. Where they share a control group, write its name in "
            "group_arm2."
        )
