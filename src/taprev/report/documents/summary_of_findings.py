"""The summary of findings: for every outcome and design its studies, its number, its certainty, and what it means.

Guyatt GH, Thorlund K, Oxman AD, et al. GRADE guidelines 13: preparing summary of findings tables. J Clin Epidemiol
2013;66:173-83.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taprev.notes import unique
from taprev.report.documents.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
    TableCell,
    TableSection,
)
from taprev.report.documents.findings import (
    NONE,
    Known,
    by_population,
    certainty,
    in_other_units,
    meaning,
    number,
    people,
)
from taprev.report.documents.imprint import imprint
from taprev.report.documents.trimmed import trimmed
from taprev.settings import Settings
from taprev.wording import labels, missing_evidence, sentences
from taprev.wording.adverse import adverse
from taprev.wording.shared_people import shared_words
from taprev.wording.strata import marks_words

COLUMNS = (
    Column("Outcome and design", 0.17),
    Column("Studies, people, time, comparison", 0.24),
    Column("Number", 0.19),
    Column("In people or points", 0.10),
    Column("Certainty (GRADE)", 0.10),
    Column("What it means", 0.20),
)
READ = (
    "Numbers in SD are standardised mean differences; a positive one is better. Intervals are at {level} "
    "%. Designs are never pooled with one another, and a before-after number is a change and not an effect."
)
JUDGED = (
    "A certainty is published only where people judged the very number that stands beside it "
    "(data/extracted/certainty.csv). What the numbers suggest stands in the evidence profile and is no judgement."
)


def summary_of_findings(known: Sequence[Known], settings: Settings) -> Document:
    """Return the summary of findings of the outcomes that the settings call critical, or of all if they name none.

    The names of the others stand below it, those without a result apart.
    """
    critical = settings.certainty.critical
    chosen = [outcome for outcome in known if not critical or outcome.synthesis.domain in critical]
    held = [outcome for outcome in chosen if outcome.synthesis.rows]
    others = [outcome.label for outcome in known if outcome not in chosen and outcome.synthesis.rows]
    empty = [outcome.label for outcome in known if not outcome.synthesis.rows]
    sections = tuple(
        TableSection(name, tuple(row for outcome in group for row in _rows(outcome)))
        for name, group in by_population(held, settings.populations).items()
    )
    reasons = tuple(_reasons(held))
    shared = shared_words(outcome.synthesis for outcome in held)
    marks = marks_words(unique(note for outcome in held for s, _ in outcome.strata for note in s.marks))
    return Document(
        title="Summary of findings",
        subtitle=settings.review.title,
        blocks=(
            Paragraph(settings.review.evidence_set, "lead"),
            Paragraph(settings.review.question),
            trimmed(Table("Summary of findings", "What was found, by outcome and design.", COLUMNS, sections)),
            Paragraph(READ.format(level=labels.level(settings.synthesis.level)), "note"),
            Paragraph(JUDGED, "note"),
            *(Paragraph(text, "note") for text in (marks, shared) if text),
            *_wrong_way(held),
            *((Heading("Other outcomes"), Paragraph(_others(others))) if others else ()),
            *((Heading("Reasons of the judgements"), Items(reasons)) if reasons else ()),
            *((Heading("Outcomes without a result"), Paragraph(_without(empty))) if empty else ()),
        ),
        imprint=imprint(settings),
        landscape=True,
    )


def _rows(outcome: Known) -> Iterator[tuple[TableCell, ...]]:
    for stratum, assessed in outcome.strata:
        texts = (
            f"{outcome.label}\n{labels.clean(stratum.label)}",
            people(stratum),
            number(stratum),
            in_other_units(stratum, assessed),
            certainty(assessed),
            meaning(outcome, stratum, assessed),
        )
        yield tuple(TableCell(text) for text in texts)
    if not outcome.strata:
        fates = sentences.fates(outcome.synthesis.fates)
        yield tuple(TableCell(text) for text in (outcome.label, fates, NONE, NONE, NONE, "Every result is excluded."))


def _reasons(known: Sequence[Known]) -> Iterator[str]:
    for outcome in known:
        for stratum, assessed in outcome.strata:
            judged = assessed.judgement
            if judged and assessed.certainty:
                who = f"{judged.judged_by}, {judged.judged_on}"
                yield f"{outcome.label}, {labels.clean(stratum.label)}: {judged.reason} ({who})"
            if why := missing_evidence.why(stratum.missing_evidence):
                said = missing_evidence.in_short(stratum.missing_evidence)
                yield f"{outcome.label}, {labels.clean(stratum.label)}; {said}. {why}"


def _wrong_way(held: Sequence[Known]) -> Iterator[Block]:
    """Yield the results on these outcomes whose printed direction is worse."""
    found = adverse(outcome.synthesis for outcome in held)
    if found:
        yield Heading("Results that went the wrong way")
        yield Items(tuple(f"{one.outcome}: {one.said}." for one in found))


def _others(labels_of: Sequence[str]) -> str:
    return f"{'; '.join(labels_of)}: in the evidence profile."


def _without(empty: Sequence[str]) -> str:
    return f"{'; '.join(empty)}: {labels.NO_ROW}. That does not mean that no evidence exists."
