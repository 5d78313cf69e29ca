"""The policy brief: an answer first, what may be said and what not, what is not known, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from taprev.extraction.tables import Row, read_rows
from taprev.figures.overviews.at_a_glance import glances, number_of
from taprev.figures.overviews.miniature import board
from taprev.ground.places import FOREST, figure_place
from taprev.notes import unique
from taprev.report.documents.answer import everyday, finding_sentence, findings, may_not_say, may_say
from taprev.report.documents.beside import beside
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
    outcomes_of,
    signs,
)
from taprev.report.documents.imprint import imprint
from taprev.report.documents.reporting import GRIPP2, NOT_REPORTED
from taprev.report.extraction_words import twice_words
from taprev.settings import Settings
from taprev.settings.involvement import Involvement
from taprev.synthesis.results import Stratum, Study, votes_together
from taprev.tables import evidence
from taprev.vocabulary import WITH_COMPARATOR, Contrast, Fate, NoteCode
from taprev.wording import context, labels, sentences
from taprev.wording.adverse import adverse
from taprev.wording.shared_people import shared_short
from taprev.wording.strata import VOTES_IGNORE, marked, marks_words, measured, study_number

SAID = (Column("You may say", 0.46), Column("You may not say", 0.54))
OUTCOMES = (Column("Outcome: better·worse·unclear", 0.23), Column("Sizes that are known", 0.77))
DIRECTIONS = "With, without: studies with a comparison group, and without."
SET_ASIDE = (NoteCode.ANOTHER_STANDS, NoteCode.EARLIEST_STANDS)
STRIPS = (
    "Every size in standard deviations; better lies to the right of the line. Dot: one study; diamond: several pooled; "
    "hollow: no control group; dashed: two effects only; dotted ends and ‡: the interval is likely too narrow; "
    "§: a query about its figures is open. In "
    "brackets: where the true number lies if only chance plays a part. Randomised: chance decided who got it. "
    "Before-after: the same service before and after, so that other causes cannot be told apart."
)


def brief(known: Sequence[Known], extracted: Path, settings: Settings, involvement: Involvement) -> Document:
    """Return the policy brief of the review."""
    contents = [outcome.synthesis for outcome in known]
    used = outcomes_of(contents)
    studies = [row for row in read_rows(extracted / "studies.csv") if row["study"] in used]
    blocks = (
        *((Paragraph(settings.review.content_note, "note"),) if settings.review.content_note else ()),
        Paragraph(settings.review.evidence_set),
        *_answer(known, settings, studies),
        *_wrong_way(known),
        Heading("What is not known"),
        Items(tuple(unknown(known, studies, settings))),
        *_picture(known, settings),
        Paragraph(f"People with lived experience in this review: {labels.inside(_involved(involvement))}"),
        *_outcomes(known, settings),
        Heading("How sure we are, and what it rests on"),
        Paragraph(" ".join([*judged_so_far(known), rests(known, settings)])),
        *beside(contents, extracted, settings),
    )
    return Document(
        title=f"{settings.review.title}: policy brief",
        subtitle=settings.review.question,
        blocks=blocks,
        imprint=imprint(settings),
        compact=True,
    )


def _answer(known: Sequence[Known], settings: Settings, studies: Sequence[Row]) -> Iterator[Block]:
    """Yield the findings, what they mean in everyday terms, and what may be said of them and what not."""
    found = findings(known, settings.certainty.critical)
    yield Heading("The answer")
    if found:
        yield Items(tuple(finding_sentence(finding) for finding in found))
        if said := marks_words(unique(note for finding in found for one in finding for note in one.stratum.marks)):
            yield Paragraph(said, "note")
        if meaning := everyday(found[0][0]):
            yield Paragraph(meaning)
    else:
        yield Paragraph("No number of this review says which way anything goes.")
    may, may_not = (
        list(may_say(found, known)),
        list(may_not_say(found, known, settings, evidence.harms_sought(list(studies)))),
    )
    cells = tuple(TableCell("\n".join(f"• {text}" for text in texts) or NONE) for texts in (may, may_not))
    yield Table("What may be said", "", SAID, (TableSection("", (cells,)),))


def _wrong_way(known: Sequence[Known]) -> Iterator[Block]:
    """Yield every result whose printed direction is worse, with its figures."""
    yield Heading("What went the wrong way")
    found = adverse(outcome.synthesis for outcome in known)
    if found:
        yield Items(tuple(f"{one.outcome}: {one.said}." for one in found))
    else:
        yield Paragraph("No extracted result has a printed direction that is worse.")


def _picture(known: Sequence[Known], settings: Settings) -> Iterator[Block]:
    lines = glances([outcome.synthesis for outcome in known], settings.populations)
    png = board(lines)
    if png:
        drawn = "; ".join(
            f"{line.label}, {labels.contrast(line.contrasts[0])}: {number_of(line)}" for line in lines if line.drawn
        )
        yield Picture(png, f"{drawn}.")
        shared = shared_short(outcome.synthesis for outcome in known)
        yield Paragraph(" ".join(filter(None, [STRIPS, shared])), "note")


def _outcomes(known: Sequence[Known], settings: Settings) -> Iterator[Block]:
    """Yield the outcomes of each group of people, those without a size in one line."""
    held = [outcome for outcome in known if outcome.synthesis.strata]
    if not held:
        yield Paragraph("No outcome has a result in this review.")
        return
    sections = tuple(
        TableSection(population, tuple(_rows(group)))
        for population, group in by_population(held, settings.populations).items()
    )
    yield Heading("Outcomes by people")
    yield Table("Outcomes", "", OUTCOMES, sections)
    reasons = unique(note for outcome in held for s, _ in outcome.strata for note in s.marks)
    yield Paragraph(" ".join(filter(None, [DIRECTIONS, VOTES_IGNORE, marks_words(reasons)])), "note")


def _rows(outcomes: Sequence[Known]) -> Iterator[tuple[TableCell, ...]]:
    silent = []
    for outcome in outcomes:
        every = (_numbers(stratum, in_other_units(stratum, assessed)) for stratum, assessed in outcome.strata)
        numbers = [number for numbers in every for number in numbers]
        if not numbers:
            silent.append(outcome)
            continue
        said = [
            f"{assessed.statement} (certainty {signs(assessed.certainty)})"
            for _, assessed in outcome.strata
            if assessed.statement and assessed.certainty
        ]
        address = f"../figures/{figure_place(outcome.synthesis.domain, FOREST)}.svg"
        heading = TableCell(f"{outcome.label}\n{_directions(outcome)}", address)
        yield heading, TableCell("\n".join([*said, *numbers]))
    if silent:
        listed = "; ".join(f"{labels.inside(outcome.label)} ({_directions(outcome)})" for outcome in silent)
        yield TableCell("No size known"), TableCell(sentences.sentence(listed))


def _numbers(stratum: Stratum, other: str) -> Iterator[str]:
    """Yield each number of a design with its people, time and comparison."""
    design = sentences.sentence(labels.contrast(stratum.contrasts[0])).rstrip(".")
    fit = stratum.fit
    if fit:
        number = marked(measured(stratum, fit.estimate, fit), stratum.marks)
        units = "" if other == NONE else f"; {other}"
        yield f"{design}, {fit.k} pooled: {number}{units}; {_around(stratum, stratum.shown)}"
        return
    for study in stratum.studies:
        if study.reason is None or study.reason.code not in SET_ASIDE:
            number = marked(study_number(stratum, study), study.marks)
            yield f"{design}, {labels.clean(study.label)}: {number}; {_around(stratum, [study])}"


def _around(stratum: Stratum, samples: Sequence[Study]) -> str:
    """Return the people, the time and, where there is one, the comparison group."""
    grouped = bool(set(stratum.contrasts) & WITH_COMPARATOR)
    against = f"against {context.compared_with(stratum.contrasts, samples)}" if grouped else ""
    time = context.when(sample.context for sample in samples)
    return ", ".join(filter(None, [context.who(samples), time, against]))


def _directions(outcome: Known) -> str:
    """Return the votes with and without a comparison group, better, worse and unclear always together."""
    tests = outcome.synthesis.sign_tests
    kinds = (
        ("with", [test for test in tests if test.contrast in WITH_COMPARATOR]),
        ("without", [test for test in tests if test.contrast not in WITH_COMPARATOR]),
    )
    return ", ".join(f"{name} {sentences.votes_short(votes_together(own))}" for name, own in kinds if own)


def unknown(known: Sequence[Known], studies: Sequence[Row], settings: Settings) -> Iterator[str]:
    """Yield what the review has no result on, and whether anybody looked for harms."""
    empty = [labels.inside(outcome.label) for outcome in known if not outcome.synthesis.rows]
    if empty:
        yield f"This set has no result on: {'; '.join(empty)}. That does not mean that no evidence exists."
    if left := [labels.inside(outcome.label) for outcome in known if outcome.synthesis.rows and not outcome.strata]:
        yield f"Results that were found and left out, each with its reason, on: {'; '.join(left)}."
    if studies:
        yield evidence.harms_sentence(list(studies))
    yield from evidence.counted_sentences(list(studies), settings)


def judged_so_far(known: Sequence[Known]) -> Iterator[str]:
    """Yield how much of the evidence people judged, and how many studies give a size."""
    many, of = judged(known)
    if many:
        yield f"People judged the certainty of {many} of {of} outcomes by design (GRADE), and of no other."
    else:
        yield "Nobody has judged the certainty of this evidence yet (GRADE)."
    given, studies = magnitudes(known)
    yield f"Counted outcome by outcome, a study gives a size that can be used {given} of {studies} times."


def rests(known: Sequence[Known], settings: Settings) -> str:
    """Return how many results of which studies the review holds, and how they were found and extracted."""
    rows = [row for outcome in known for row in outcome.synthesis.rows if row.fate != Fate.EXCLUDED]
    if not rows:
        return "No result."
    designs = {contrast: {row.study for row in rows if row.contrast == contrast} for contrast in Contrast}
    by_design = ", ".join(f"{contrast.said} {len(studies)}" for contrast, studies in designs.items() if studies)
    search = "found" if settings.review.systematic_search else "not found"
    studies = labels.count(len({row.study for row in rows}), "study", "studies")
    return (
        f"{labels.count(len(rows), 'result', 'results')} of {studies} (by design, some with two: {by_design}), "
        f"{search} by a systematic search, {twice_words(settings)}."
    )


def _involved(involvement: Involvement) -> str:
    texts = {item: getattr(involvement, item) for item in GRIPP2}
    if not any(texts.values()):
        return f"{NOT_REPORTED.capitalize()}."
    return " ".join(sentences.sentence(text or f"{item}: {NOT_REPORTED}") for item, text in texts.items())
