"""The evidence profile: what a judgement of certainty rests on, what the numbers suggest, and what people judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taprev.certainty.assessment import Assessment, astray
from taprev.certainty.suggestion import Suggestion
from taprev.report.documents.document import Column, Document, Heading, Items, Paragraph, Table, TableCell, TableSection
from taprev.report.documents.findings import Known, number, signs
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings
from taprev.synthesis.results import Stratum
from taprev.wording import labels

COLUMNS = (
    Column("What is asked", 0.14),
    Column("What the numbers say", 0.46),
    Column("They suggest", 0.2),
    Column("People judged", 0.2),
)
LOWERS = {
    None: "the numbers cannot say",
    0: "not lowered",
    1: "one level lower",
    2: "two levels lower",
    3: "three levels lower",
}
WHAT = (
    "This is no judgement. It sets out the numbers on which a judgement of certainty rests, and what fixed rules make "
    "of them; people judge, with the reports at hand."
)
HOW = (
    "A judgement is a row of data/extracted/certainty.csv. It counts for the number that stands in it, so copy the "
    "number from here; when it moves, the judgement counts no longer."
)
CAPTION = "What a judgement rests on, by outcome and design."
NOTHING = "No outcome has a row in this review."


def evidence_profile(known: Sequence[Known], settings: Settings) -> Document:
    """Return the profile of every outcome and design."""
    sections = tuple(
        TableSection(_heading(outcome, stratum), tuple(_rows(outcome, stratum, assessed)))
        for outcome in known
        for stratum, assessed in outcome.strata
        if assessed.suggestion
    )
    stray = tuple(text for outcome in known for text in astray(outcome.certainty))
    return Document(
        title="Evidence profile",
        subtitle=settings.review.title,
        blocks=(
            Paragraph(WHAT, "lead"),
            Paragraph(HOW, "note"),
            *((Table("Evidence profile", CAPTION, COLUMNS, sections),) if sections else (Paragraph(NOTHING),)),
            *((Heading("Judgements that belong to no number"), Items(stray)) if stray else ()),
        ),
        imprint=imprint(settings),
    )


def _heading(outcome: Known, stratum: Stratum) -> str:
    pooled = f"{number(stratum)}, k = {stratum.fit.k}" if stratum.fit else "not pooled"
    return f"{outcome.label}, {labels.clean(stratum.label)}: {pooled}"


def _rows(outcome: Known, stratum: Stratum, assessed: Assessment) -> Iterator[tuple[TableCell, ...]]:
    """Yield what to judge, where the certainty starts, what each concern makes of it, and where it ends."""
    suggested, judged = assessed.suggestion, assessed.judgement if assessed.certainty else None
    if suggested is None:
        return
    asked = f"domain: {outcome.synthesis.domain}\nstratum: {stratum.name}\nnumber: {assessed.number}"
    yield _row("Row to judge", asked, "", "")
    yield _row("Start", suggested.start_reason, suggested.start, judged.start if judged else "")
    for concern in suggested.concerns:
        by_people = judged.concerns[concern.domain].said if judged else ""
        least = "at least " if concern.at_least and concern.levels else ""
        yield _row(concern.domain.said.capitalize(), concern.reason, f"{least}{LOWERS[concern.levels]}", by_people)
    if judged and judged.raised:
        yield _row("Raised", "", "", f"by {judged.raised}")
    by_people = f"{signs(judged.certainty)}\n{judged.reason}" if judged else assessed.status
    yield _row("Certainty", "", _suggested(suggested), by_people)


def _row(*texts: str) -> tuple[TableCell, ...]:
    return tuple(TableCell(text) for text in texts)


def _suggested(suggested: Suggestion) -> str:
    level = signs(suggested.certainty)
    return f"at most {level}" if suggested.at_most else level
