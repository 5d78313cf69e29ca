"""A review of RevMan as rows of the tables: an outcome is a domain, footnotes are notes, support texts are reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taprev.exchange.answers import Answers
from taprev.exchange.bias_items import ToolOfFile, as_declared, as_known, tools_with
from taprev.exchange.imported import SUBGROUP, Imported, KeptTable, ReadDomain
from taprev.exchange.names import Names, plain
from taprev.exchange.revman_pools import pools_of, shown_number
from taprev.exchange.revman_review import RevManGroup, RevManOutcome, RevManResult, RevManReview
from taprev.exchange.revman_rows import as_printed, figures_of, given_effect
from taprev.exchange.rows import outcome_row, report_row, study_row
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, OutcomeKind, PublicationStatus, RevManMeasure, Scale, Totals

NO_UNIT = "units"
NOT_HELD = ("analysis", "subgroup", "study", "figures", "footnote")


@dataclass(frozen=True)
class _Place:
    """Where the rows of a group go: the domain, the outcome and the group."""

    domain: ReadDomain
    outcome: RevManOutcome
    group: RevManGroup


def imported_from(review: RevManReview, answers: Answers) -> Imported:
    """Return the rows, domains and pooled results of a review of RevMan, and what has no place among them."""
    studies, reports, domains, results = (Names(word) for word in ("study", "report", "outcome", "result"))
    labels = {study.key: study.name for study in review.studies}
    unlisted = [key for key in _keys(review) if key not in labels]
    study_rows = [
        study_row(
            studies.name(one.key, one.name),
            one.name,
            year=one.year,
            publication_status=PublicationStatus.JOURNAL if one.journal else "",
            programme=_programme(review),
            note=one.note,
        )
        for one in review.studies
    ]
    study_rows += [study_row(studies.name(key, key), key) for key in unlisted]
    told = [(one.key, one.name, one.citation, one.doi, one.year) for one in review.studies]
    report_rows = [
        report_row(
            reports.name(key, name),
            studies.name(key, name),
            cited or _label(name, year),
            f"the file {review.file}",
            doi=doi,
            year=year,
        )
        for key, name, cited, doi, year in (*told, *((key, key, "", "", "") for key in unlisted))
    ]
    places = list(_places(review, domains))
    outcomes, not_held, remarks = [], [], []
    for place in places:
        samples = _samples(places, place)
        for position, result in enumerate(place.group.results):
            cells = figures_of(place.outcome, result.figures)
            if cells is None:
                not_held.append(_kept(place, result, labels))
                continue
            sample, key = samples[position], f"{place.outcome.number} {place.group.name} {result.study} {position}"
            outcomes.append(
                outcome_row(
                    results.name(key, f"a{place.outcome.number} {labels.get(result.study, result.study)}"),
                    studies.name(result.study, result.study),
                    reports.name(result.study, result.study),
                    place.domain.name,
                    **{**cells, "sample": sample, SUBGROUP: _subgroup(place), **_words(review, place, result)},
                )
            )
    tool, judged = _judged(review, answers, outcomes, studies)
    remarks = [*review.remarks, *_remarks(review, outcomes, unlisted), *_bias_remarks(review, tool)]
    texts = KeptTable("texts", ("where", "text"), tuple((a, b) for a, b in review.texts), "texts that no table holds")
    rows = KeptTable("results_without_a_place", NOT_HELD, tuple(not_held), "rows without a figure or a direction")
    return Imported(
        format=review.format,
        tables={
            "studies": tuple(study_rows),
            "reports": tuple(report_rows),
            "outcomes": tuple(outcomes),
            "risk_of_bias": tuple(judged),
        },
        domains=tuple(dict.fromkeys(place.domain for place in places if place.outcome.kind != OutcomeKind.OTHER)),
        title=review.title,
        arms=_arms(review),
        pooled=tuple(pool for outcome in review.outcomes for pool in pools_of(outcome)),
        remarks=tuple(remarks),
        kept=tuple(table for table in (rows, texts) if table.rows),
        tool=tool.declaration if tool and judged else None,
    )


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


def _kept(place: _Place, result: RevManResult, labels: dict[str, str]) -> tuple[str, ...]:
    outcome = place.outcome
    if outcome.kind == OutcomeKind.OTHER:
        figures = "; ".join(result.figures.values())
    else:
        figures = as_printed(outcome.kind, result.figures)
    study = labels.get(result.study, result.study)
    return (f"{shown_number(outcome.number)} {outcome.name}", place.group.name, study, figures, result.footnote)


def _judged(
    review: RevManReview, answers: Answers, outcomes: list[Row], studies: Names
) -> tuple[ToolOfFile | None, list[Row]]:
    """Return the tool of the file and a row for each result of a judged study."""
    items = list(dict.fromkeys(one.item for one in review.judgements))
    if not items:
        return None, []
    levels = {one.level for one in review.judgements}
    fitting = tools_with(items, levels, {*answers.contrast.values()})
    tool = as_known(fitting[0], items) if fitting else as_declared(items, review.file)
    rows = []
    for one in review.judgements:
        study = studies.name(one.study, one.study)
        for row in outcomes:
            if row["study"] == study:
                made = {"result": row["result"], "tool": tool.name, "version": tool.version}
                rows.append({**made, "domain": tool.domains[one.item], "judgement": one.level, "reason": one.support})
    return tool, rows


def _remarks(review: RevManReview, outcomes: list[Row], unlisted: list[str]) -> Iterator[str]:
    if unlisted:
        yield f"Studies with results that the list of the file does not have: {', '.join(unlisted)}."
    for outcome in review.outcomes:
        name = f"{shown_number(outcome.number)} {outcome.name}"
        if outcome.measure == RevManMeasure.RD:
            yield f"{name}: the file pools risk differences, which taprev does not; its events become a risk ratio."
        if outcome.measure == RevManMeasure.OTHER and outcome.kind != OutcomeKind.OTHER:
            yield f'{name}: "{outcome.typed_measure}" is no measure that taprev knows; read as a difference in units.'
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
            f"{len(several)} times a study stands in an outcome more than once; the file pools such rows as "
            "independent, and each is a sample of its own here. Where they share a control group, write its name in "
            "group_arm2."
        )


def _bias_remarks(review: RevManReview, tool: ToolOfFile | None) -> Iterator[str]:
    if review.not_judged:
        yield (
            f"Risk of bias: {review.not_judged} items were opened and not judged (unclear, without a text, or not "
            "applicable); they are no judgements."
        )
    if tool and tool.declaration:
        yield (
            "Risk of bias: the items of the file are those of no tool that taprev knows; the codebook declares them as "
            f"the tool {tool.name}."
        )
