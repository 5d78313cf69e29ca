"""The policy brief: what was asked, what is known and not known, how sure we are, and what it rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from taprev.certainty.assessment import Assessment
from taprev.extraction.tables import read_rows
from taprev.figures.overviews.at_a_glance import Glance, glances
from taprev.figures.overviews.miniature import strip
from taprev.ground.places import FOREST, figure_place
from taprev.report.documents.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    TableCell,
    TableSection,
)
from taprev.report.documents.findings import (
    NONE,
    Known,
    by_population,
    in_other_units,
    judged,
    magnitudes,
    signs,
)
from taprev.report.documents.imprint import imprint
from taprev.report.documents.reporting import GRIPP2, NOT_REPORTED
from taprev.report.documents.trimmed import trimmed
from taprev.report.extraction_words import twice_words
from taprev.settings import Settings
from taprev.settings.involvement import Involvement
from taprev.settings.sections import Comparison
from taprev.synthesis.results import SignTest, Stratum
from taprev.tables import evidence
from taprev.vocabulary import WITH_COMPARATOR, Contrast, Fate, Vote
from taprev.wording import labels, sentences
from taprev.wording.strata import better_or_worse, measured, settled, study_number, verdict

KNOWN = (Column("Outcome", 0.23), Column("What is known", 0.39), Column("Its numbers", 0.38))
FEW = 4
STRIPS = (
    "The line is no difference, better lies to its right; all pictures share one axis, in standard "
    "deviations. A dot is one study, a diamond pools several; hollow: no control group; dashed: two effects "
    "only."
)


def brief(known: Sequence[Known], extracted: Path, settings: Settings, involvement: Involvement) -> Document:
    """Return the policy brief of the review."""
    blocks = (
        *((Paragraph(settings.review.content_note, "note"),) if settings.review.content_note else ()),
        Paragraph(settings.review.evidence_set, "lead"),
        Heading("What was asked"),
        Paragraph(settings.review.question),
        Heading("What is known"),
        *_known(known, settings),
        Heading("What is not known"),
        Items(tuple(_unknown(known, extracted, settings))),
        Heading("How sure we are"),
        Paragraph(" ".join(_sure(known, settings))),
        Heading("What it rests on"),
        Paragraph(_rests(known, settings)),
        *_beside(known, extracted, settings),
        Heading("People with lived experience in this review"),
        Paragraph(_involved(involvement)),
    )
    return Document(
        title=f"{settings.review.title}: policy brief",
        subtitle="For people who decide",
        blocks=blocks,
        imprint=imprint(settings),
        compact=True,
    )


def _known(known: Sequence[Known], settings: Settings) -> Iterator[Block]:
    every = glances([outcome.synthesis for outcome in known], settings.populations)
    by_domain = {domain: list(lines) for domain, lines in groupby(every, key=lambda line: line.domain)}
    held = [outcome for outcome in known if outcome.synthesis.strata]
    if not held:
        yield Paragraph("No outcome has a row in this review.")
        return
    sections = tuple(
        TableSection(population, tuple(_row(outcome, by_domain[outcome.synthesis.domain], every) for outcome in group))
        for population, group in by_population(held, settings.populations).items()
    )
    yield trimmed(Table("What is known", "", KNOWN, sections))
    if any(line.drawn for line in every):
        yield Paragraph(STRIPS, "note")


def _row(outcome: Known, own: Sequence[Glance], every: Sequence[Glance]) -> tuple[TableCell, ...]:
    held = [pair for pair in outcome.strata if pair[0].fit or len(pair[0].studies) == 1]
    numbers = [_number(*pair) for pair in held]
    png = strip(own, every)
    picture = Picture(png, f"{outcome.label}: {'; '.join(numbers)}.", 0.72) if png else None
    content = outcome.synthesis
    address = f"../figures/{figure_place(content.domain, FOREST)}.svg" if content.has_evidence else ""
    return (
        TableCell(outcome.label, address),
        TableCell(sentence(outcome)),
        TableCell("\n".join(numbers) or NONE, picture=picture),
    )


def _number(stratum: Stratum, assessed: Assessment) -> str:
    """Return a number with its design, and a pooled one also among people or in points where that is known."""
    design, fit = labels.contrast(stratum.contrasts[0]), stratum.fit
    if not fit:
        study = stratum.studies[0]
        return f"{design}: {study_number(stratum, study)}, one study"
    shown = measured(stratum, fit.estimate, fit)
    other = in_other_units(stratum, assessed)
    return f"{design}: {shown}, k = {fit.k}{'' if other == NONE else f'; {other}'}"


def sentence(outcome: Known) -> str:
    """Return what is known of one outcome, design by design, as plainly as people's judgement allows."""
    statements = [_pooled(outcome, stratum, assessed) for stratum, assessed in outcome.strata if stratum.fit]
    return " ".join([*statements, _directions(outcome)])


def _pooled(outcome: Known, stratum: Stratum, assessed: Assessment) -> str:
    """Return the statement of a judged number with its certainty, or the bare direction of one that is not."""
    if assessed.statement and assessed.certainty:
        return f"{assessed.statement} (certainty {signs(assessed.certainty)})"
    design = sentences.sentence(labels.contrast(stratum.contrasts[0])).rstrip(".")
    if not settled(stratum.pooled) or labels.after_words(stratum.contrasts):
        return f"{design}: {verdict(stratum, outcome.label)}."
    return f"{design}: the pooled number is {better_or_worse(stratum)}."


def _directions(outcome: Known) -> str:
    """Return how many clear directions are better, with and without a comparison group."""
    tests = outcome.synthesis.sign_tests
    controlled = _share([test for test in tests if test.contrast in WITH_COMPARATOR])
    alone = _share([test for test in tests if test.contrast not in WITH_COMPARATOR])
    if not controlled:
        return f"No study had a comparison group; without one: {alone}."
    opening = f"Studies with a comparison group: {controlled}"
    return f"{opening}; without one: {alone}." if alone else f"{opening}."


def _share(tests: Sequence[SignTest]) -> str:
    """Return how many clear directions are better, and how many are unclear; empty where no study voted."""
    better, worse, unclear = (sum(test.votes[vote] for test in tests) for vote in Vote)
    clear = f"{better} of {better + worse} better" if better + worse else ""
    return ", ".join(filter(None, [clear, f"{unclear} unclear" if unclear else ""]))


def _unknown(known: Sequence[Known], extracted: Path, settings: Settings) -> Iterator[str]:
    empty = [labels.inside(outcome.label) for outcome in known if not outcome.synthesis.rows]
    if empty:
        yield f"No row at all: {'; '.join(empty)}. That does not mean that no evidence exists."
    silent = [
        labels.inside(outcome.label)
        for outcome in known
        if outcome.synthesis.votes and not outcome.synthesis.missing_results.with_magnitude
    ]
    if silent:
        yield f"Directions without a magnitude: {'; '.join(silent)}."
    if left := [labels.inside(outcome.label) for outcome in known if outcome.synthesis.rows and not outcome.strata]:
        yield f"Every result left out: {'; '.join(left)}."
    used = _outcomes(known)
    studies = [row for row in read_rows(extracted / "studies.csv") if row["study"] in used]
    if studies:
        yield evidence.harms_sentence(studies)
    yield from evidence.counted_sentences(studies, settings)


def _sure(known: Sequence[Known], settings: Settings) -> Iterator[str]:
    many, of = judged(known)
    if many:
        yield f"People judged the certainty of {many} of {of} outcomes by design (GRADE), and of no other."
    else:
        yield "Nobody has judged the certainty of this evidence yet (GRADE): results point a way, and that is all."
    printed, studies = magnitudes(known)
    yield f"Counted by outcome, {printed} of {studies} studies printed a magnitude that can be used."
    if settings.review.about:
        yield settings.review.about


def _rests(known: Sequence[Known], settings: Settings) -> str:
    rows = [row for outcome in known for row in outcome.synthesis.rows if row.fate != Fate.EXCLUDED]
    if not rows:
        return "No result."
    designs = {contrast: {row.study for row in rows if row.contrast == contrast} for contrast in Contrast}
    by_design = ", ".join(f"{contrast.said} {len(studies)}" for contrast, studies in designs.items() if studies)
    search = "found" if settings.review.systematic_search else "not found"
    studies = labels.count(len({row.study for row in rows}), "study", "studies")
    return (
        f"{labels.count(len(rows), 'result', 'results')} of {studies} (studies by design: {by_design}), {search} "
        f"by a systematic search, {twice_words(settings)}. Every number leads back to the printed figure in "
        "results/audit/index.html."
    )


def _beside(known: Sequence[Known], extracted: Path, settings: Settings) -> Iterator[Block]:
    """Yield what another review concluded, and the parts of programmes it names with the studies that have them."""
    other = settings.compare_with
    if other is None:
        return
    yield Heading(f"Beside {other.name}")
    yield Paragraph(f"{other.about} {_conclusions(other)}".strip())
    outcomes = _outcomes(known)
    recorded = [row for row in read_rows(extracted / "components.csv") if row["study"] in outcomes]
    named: list[str] = []
    silent: list[str] = []
    for part in other.parts:
        studies = {row["study"] for row in recorded if row["component"] in part.components}
        (named if studies else silent).append(labels.inside(part.name) + _bearing(studies, outcomes))
    if named:
        what = "Parts of programmes that it names, with the studies here that name them and what these measured"
        yield Paragraph(f"{what}: {'; '.join(named)}.")
    if silent:
        lead = "Parts that no study here names, which does not mean that they were not there"
        yield Paragraph(f"{lead}: {'; '.join(silent)}.")
    yield Paragraph(f"{other.citation} {other.parts_source}".strip(), "note")


def _outcomes(known: Sequence[Known]) -> dict[str, list[str]]:
    """Return the outcomes of every study that the review uses."""
    by_study: dict[str, list[str]] = defaultdict(list)
    for outcome in known:
        for study in dict.fromkeys(row.study for row in outcome.synthesis.rows if row.fate != Fate.EXCLUDED):
            by_study[study].append(labels.inside(outcome.label))
    return by_study


def _bearing(studies: Collection[str], outcomes: Mapping[str, list[str]]) -> str:
    """Return how many studies name a part and the outcomes they measured, or how many outcomes if there are many."""
    if not studies:
        return ""
    measured = dict.fromkeys(outcome for study in sorted(studies) for outcome in outcomes[study])
    what = ", ".join(measured) if len(measured) <= FEW else f"{len(measured)} outcomes"
    return f" ({labels.count(len(studies), 'study', 'studies')}: {what})"


def _conclusions(other: Comparison) -> str:
    listed = "; ".join(f"{labels.inside(conclusion.outcome)}: {conclusion.says}" for conclusion in other.conclusions)
    return f"It concluded: {listed}."


def _involved(involvement: Involvement) -> str:
    texts = {item: getattr(involvement, item) for item in GRIPP2}
    if not any(texts.values()):
        return f"{NOT_REPORTED.capitalize()} (GRIPP2 short form: aim, methods, results, influence, reflections)."
    return " ".join(sentences.sentence(text or f"{item}: {NOT_REPORTED}") for item, text in texts.items())
