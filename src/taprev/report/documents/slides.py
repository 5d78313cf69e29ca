"""The slides: question, findings, what may be said and what not, what went the wrong way, and what is not known.

Each heading begins a slide, and each slide has beside it, for the speaker, how to cite it and the seal of its numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from taprev.drawing.paging import parts
from taprev.extraction.tables import Row, read_rows
from taprev.figures.forest.excerpt import excerpt
from taprev.figures.overviews.at_a_glance import Glance, glances, number_of
from taprev.figures.overviews.miniature import board
from taprev.notes import unique
from taprev.report.documents.answer import Found, compared, everyday, findings, may_not_say, may_say, sure
from taprev.report.documents.brief import judged_so_far, rests, unknown
from taprev.report.documents.document import (
    Aside,
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
from taprev.report.documents.findings import Known, outcomes_of
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings
from taprev.settings.citation import NOT_CITED, CitationFile
from taprev.tables import evidence
from taprev.vocabulary import WITH_COMPARATOR
from taprev.wording import context, labels, sentences
from taprev.wording.adverse import adverse
from taprev.wording.citations import CitedReview, cite_slide, cite_slides, cited_review
from taprev.wording.strata import marks_words

SAID = (Column("You may say", 0.5), Column("You may not say", 0.5))
LINES = 14
READ_SO = (
    "Better lies to the right of the line. Dot: one study. Diamond: several pooled. Hollow: no control group. "
    "Dashed: two effects only. Numbers are standard deviations with intervals."
)
NO_FINDING = "No number of this review says which way anything goes."
NOTHING_WORSE = "No extracted result has a printed direction that is worse."


def slides(known: Sequence[Known], extracted: Path, settings: Settings, citation: CitationFile = NOT_CITED) -> Document:
    """Return the slides of the review."""
    used = outcomes_of([outcome.synthesis for outcome in known])
    studies = [row for row in read_rows(extracted / "studies.csv") if row["study"] in used]
    found = findings(known, settings.certainty.critical)
    note = settings.review.content_note
    cited = cited_review(settings, citation)
    blocks = (
        *((Paragraph(note, "note"),) if note else ()),
        Paragraph(settings.review.evidence_set),
        _cite(cited, settings.review.title, known),
        *_findings(found, settings, cited),
        *_said(found, known, studies, settings, cited),
        *_wrong_way(known, cited),
        *_at_a_glance(known, settings, cited),
        *_rest(known, studies, settings, cited),
    )
    return Document(settings.review.title, settings.review.question, blocks, imprint(settings), landscape=True)


def _cite(cited: CitedReview, title: str, known: Sequence[Known]) -> Aside:
    """Return how a slide is cited, with the seals of the outcomes whose numbers it shows."""
    seals = [f"{labels.clean(one.label)} {one.synthesis.seal}" for one in known if one.synthesis.seal]
    seal = f" Seals of the numbers: {'; '.join(seals)}." if seals else ""
    return Aside(f"Cite as: {cite_slide(cited, title)}{seal}")


def _findings(found: Sequence[Sequence[Found]], settings: Settings, cited: CitedReview) -> Iterator[Block]:
    """Yield a slide for each finding: the sentence, its numbers with people, time and comparison, and the picture."""
    if not found:
        yield Heading("What was found")
        yield Paragraph(NO_FINDING, "lead")
        yield _cite(cited, "What was found", [])
    for number, finding in enumerate(found, start=1):
        first = finding[0]
        title = f"Finding {number}: {labels.listed([labels.inside(one.outcome.label) for one in finding])}"
        yield Heading(title)
        yield Paragraph(f"Results were {compared(first)}.", "lead")
        for one in finding:
            lead = f"{labels.clean(one.outcome.label)}: " if len(finding) > 1 else ""
            yield Paragraph(f"{lead}{one.number}", "body")
        yield Paragraph(_around(first))
        yield Paragraph(f"{sentences.sentence(sure(first))}")
        notes = [marks_words(unique(note for one in finding for note in one.stratum.marks)), everyday(first)]
        yield from (Paragraph(text, "note") for text in notes if text)
        yield from _picture(finding, settings)
        yield _cite(cited, title, [one.outcome for one in finding])


def _around(found: Found) -> str:
    """Return the studies, the people, the time and the comparison of a number, in a sentence."""
    studies = labels.count(len({sample.study for sample in found.samples}), "study", "studies")
    contrasts = set(found.stratum.contrasts)
    against = f"compared with {context.compared_with(found.stratum.contrasts, found.samples)}"
    time = context.measured_at(found.samples)
    name = f"{labels.clean(found.study.label.partition(':')[0])}, " if found.study else ""
    told = [context.who(found.samples), f"{studies} ({name}{found.contrast.said})", time]
    return sentences.sentence(", ".join(filter(None, [*told, against if contrasts & WITH_COMPARATOR else ""])))


def _picture(finding: Sequence[Found], settings: Settings) -> Iterator[Picture]:
    """Yield the forest plot of a finding, or its lines of the overview where it is of many outcomes or rows."""
    first = finding[0]
    drawn = excerpt(first.outcome.synthesis, first.stratum, settings.figures) if len(finding) == 1 else None
    if drawn:
        yield Picture(*drawn)
        return
    every = glances([one.outcome.synthesis for one in finding], settings.populations)
    own = {(one.outcome.synthesis.domain, one.stratum.label) for one in finding}
    yield from _board([line for line in every if (line.domain, line.stratum) in own])


def _board(lines: Sequence[Glance], among: Sequence[Glance] = ()) -> Iterator[Picture]:
    png = board(lines, among)
    if png:
        told = (f"{one.label}, {labels.contrast(one.contrasts[0])}: {number_of(one)}." for one in lines if one.drawn)
        yield Picture(png, " ".join(told))


def _said(
    found: Sequence[Sequence[Found]],
    known: Sequence[Known],
    studies: Sequence[Row],
    settings: Settings,
    cited: CitedReview,
) -> Iterator[Block]:
    may = list(may_say(found, known))
    may_not = list(may_not_say(found, known, settings, evidence.harms_sought(list(studies))))
    cells = tuple(TableCell("\n".join(texts) or labels.MISSING) for texts in (may, may_not))
    yield Heading("What may be said, and what not")
    yield Table("What may be said", "", SAID, (TableSection("", (cells,)),))
    yield _cite(cited, "What may be said, and what not", [one.outcome for finding in found for one in finding])


def _wrong_way(known: Sequence[Known], cited: CitedReview) -> Iterator[Block]:
    wrong = adverse(outcome.synthesis for outcome in known)
    names = {one.domain for one in wrong}
    yield Heading("What went the wrong way")
    yield Items(tuple(f"{one.outcome}: {one.said}." for one in wrong)) if wrong else Paragraph(NOTHING_WORSE, "lead")
    yield _cite(cited, "What went the wrong way", [one for one in known if one.synthesis.domain in names])


def _at_a_glance(known: Sequence[Known], settings: Settings, cited: CitedReview) -> Iterator[Block]:
    """Yield the numbers of all outcomes on one axis, as many to a slide as can be read."""
    lines = [line for line in glances([one.synthesis for one in known], settings.populations) if line.drawn]
    divided = parts([1] * len(lines), LINES) if lines else []
    for number, part in enumerate(divided, start=1):
        title = "The sizes at a glance" + (f", {number} of {len(divided)}" if len(divided) > 1 else "")
        yield Heading(title)
        marks = marks_words(unique(note for line in lines[part] for note in line.marks))
        yield from (Paragraph(text, "note") for text in (READ_SO, marks) if text)
        yield from _board(lines[part], lines)
        names = {line.domain for line in lines[part]}
        yield _cite(cited, title, [one for one in known if one.synthesis.domain in names])


def _rest(known: Sequence[Known], studies: Sequence[Row], settings: Settings, cited: CitedReview) -> Iterator[Block]:
    """Yield what is not known, how sure we are and what it rests on, and where the sources stand."""
    yield Heading("What is not known")
    yield Items(tuple(unknown(known, studies, settings)))
    yield _cite(cited, "What is not known", [])
    yield Heading("How sure we are, and what it rests on")
    yield Items((*judged_so_far(known), rests(known, settings)))
    yield _cite(cited, "How sure we are, and what it rests on", known)
    yield Heading("Sources, and how to cite")
    yield Items(
        (
            f"{labels.count(len(studies), 'study', 'studies')}: each with its reports in the characteristics of the "
            "studies (characteristics.html), beside this file.",
            "Every number leads back to what was printed: audit/index.html of the same results.",
            f"Cite as: {cite_slides(cited)}",
            "The seal of each number stands in the notes of its slide.",
        )
    )
    yield _cite(cited, "Sources, and how to cite", known)
