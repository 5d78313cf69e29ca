"""Which studies are known to have measured an outcome, and whether their result is in its synthesis (ROB-ME, step 2).

Page MJ, Sterne JAC, Boutron I, et al. ROB-ME: a tool for assessing risk of bias due to missing evidence in systematic
reviews with meta-analysis. BMJ 2023;383:e076754. The judgement itself is made by people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taprev.report.documents.document import Column, Document, Paragraph, Table, TableCell, TableSection
from taprev.report.documents.findings import Known
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings
from taprev.synthesis.results import RowFate, Stratum, StudyVote
from taprev.vocabulary import Fate
from taprev.wording import context, labels, notes, sentences

COLUMNS = (
    Column("Study", 0.2),
    Column("Its result", 0.16),
    Column("Direction", 0.12),
    Column("What was read", 0.16),
    Column("Why it is not in the number", 0.36),
)
WHAT = (
    "For every outcome and design, the studies that are known to have measured it. A study whose result is not in the "
    "number may have left it out because of what it found; people judge that, with the reports at hand. Studies that "
    "nobody found cannot stand here, and a report that was not read in full can print more than was read."
)
IN, SHOWN, NOT = "in the number", "shown, not pooled", "direction alone"
SINGLE = "the number shown"


def missing_evidence(known: Sequence[Known], settings: Settings) -> Document:
    """Return the table of studies that measured each outcome, with what became of their result."""
    sections = tuple(
        TableSection(_heading(outcome, stratum), tuple(_rows(outcome, stratum)))
        for outcome in known
        for stratum, _ in outcome.strata
    )
    sections = tuple(section for section in sections if section.rows)
    nothing = Paragraph("No outcome has a result in this review.")
    table = Table("Missing evidence", "Studies that measured each outcome.", COLUMNS, sections)
    return Document(
        title="Missing evidence",
        subtitle=settings.review.title,
        blocks=(Paragraph(settings.review.evidence_set, "lead"), Paragraph(WHAT), table if sections else nothing),
        imprint=imprint(settings),
        landscape=True,
    )


def _heading(outcome: Known, stratum: Stratum) -> str:
    return f"{outcome.label}, {labels.clean(stratum.label)}: {context.magnitudes(stratum.missing_results)}"


def _rows(outcome: Known, stratum: Stratum) -> Iterator[tuple[TableCell, ...]]:
    rows = {row.result: row for row in outcome.synthesis.rows}
    drawn = {study.study for study in stratum.shown}
    for vote in outcome.synthesis.votes:
        if vote.contrast in stratum.contrasts:
            own = [rows[result] for result in vote.results if result in rows]
            texts = (
                labels.clean(vote.label),
                _standing(vote, stratum, drawn),
                vote.direction.said,
                vote.context.read.said,
                _why(own, vote.study in drawn and bool(stratum.fit)),
            )
            yield tuple(map(TableCell, texts))


def _standing(vote: StudyVote, stratum: Stratum, drawn: set[str]) -> str:
    if vote.study not in drawn:
        return NOT if not vote.with_magnitude else SHOWN
    return IN if stratum.fit else SINGLE if len(drawn) == 1 else SHOWN


def _why(own: Sequence[RowFate], pooled: bool) -> str:
    """Return the reasons of the results of a study that are in no number, each once."""
    if pooled:
        return ""
    reasons = dict.fromkeys(notes.reason(row.reason) for row in own if row.reason and row.fate != Fate.POOLED)
    return " ".join(sentences.sentence(text) for text in reasons)
