"""Which studies are known to have measured an outcome, whether their result is in its synthesis, and what follows.

ROB-ME, steps 2 (which results are missing) and 4 (the judgement of each synthesis). Page MJ, Sterne JAC, Boutron I, et
al. ROB-ME: a tool for assessing risk of bias due to missing evidence in systematic reviews with meta-analysis. BMJ
2023;383:e076754. The judgement itself is made by people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from taprev.extraction.missing_evidence import read_missing_evidence
from taprev.report.documents.document import Column, Document, Heading, Items, Paragraph, Table, TableCell, TableSection
from taprev.report.documents.findings import Known
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings
from taprev.synthesis.missing_evidence import astray
from taprev.synthesis.results import RowFate, Stratum, StudyVote
from taprev.synthesis.results.standing import evidence_of, votes_of
from taprev.vocabulary import Fate
from taprev.wording import context, labels, notes, sentences
from taprev.wording.missing_evidence import risk, why

COLUMNS = (
    Column("Study", 0.2),
    Column("Its result", 0.16),
    Column("Direction", 0.12),
    Column("What was read", 0.16),
    Column("Why it is not in the number", 0.36),
)
TO_JUDGE = (
    Column("Outcome and design", 0.26),
    Column("domain", 0.16),
    Column("stratum", 0.16),
    Column("evidence", 0.42),
)
WHAT = (
    "For every outcome and design, the studies that are known to have measured it. A study whose result is not in the "
    "number may have left it out because of what it found; people judge that, with the reports at hand. Studies that "
    "nobody found cannot stand here, and a report that was not read in full can print more than was read."
)
HOW = (
    "A judgement (low risk, some concerns, high risk) is a row of data/extracted/missing_evidence.csv. It counts for "
    "the evidence that stands in it, so copy domain, stratum and evidence from the last table; when the evidence "
    "changes, the judgement counts no longer."
)
IN, SHOWN, NOT = "in the number", "shown, not pooled", "direction alone"
SINGLE = "the number shown"


def missing_evidence(known: Sequence[Known], extracted: Path, settings: Settings) -> Document:
    """Return the table of studies that measured each outcome, what became of their result, and what people judged."""
    placed = [(outcome, stratum) for outcome in known for stratum, _ in outcome.strata if _votes(outcome, stratum)]
    sections = tuple(
        TableSection(_heading(outcome, stratum), (*_rows(outcome, stratum), _judged(stratum)))
        for outcome, stratum in placed
    )
    judged = read_missing_evidence(extracted)
    stray = tuple(text for outcome in known for text in astray(outcome.synthesis, judged))
    nothing = Paragraph("No outcome has a result in this review.")
    table = Table("Missing evidence", "Studies that measured each outcome.", COLUMNS, sections)
    to_judge = Table("To judge", "What to copy into a judgement.", TO_JUDGE, (_to_judge(placed),))
    return Document(
        title="Missing evidence",
        subtitle=settings.review.title,
        blocks=(
            Paragraph(settings.review.evidence_set, "lead"),
            Paragraph(WHAT),
            *((table, Paragraph(HOW, "note"), to_judge) if sections else (nothing,)),
            *((Heading("Judgements that belong to no synthesis, or to other evidence"), Items(stray)) if stray else ()),
        ),
        imprint=imprint(settings),
        landscape=True,
    )


def _votes(outcome: Known, stratum: Stratum) -> list[StudyVote]:
    return votes_of(stratum, outcome.synthesis)


def _heading(outcome: Known, stratum: Stratum) -> str:
    return f"{_name(outcome, stratum)}: {context.magnitudes(stratum.missing_results)}"


def _name(outcome: Known, stratum: Stratum) -> str:
    return f"{outcome.label}, {labels.clean(stratum.label)}"


def _rows(outcome: Known, stratum: Stratum) -> Iterator[tuple[TableCell, ...]]:
    elsewhere = {
        result
        for other in outcome.synthesis.strata
        if other is not stratum
        for study in other.studies
        for result in study.results
    }
    rows = {row.result: row for row in outcome.synthesis.rows if row.result not in elsewhere}
    drawn = {study.study for study in stratum.shown}
    for vote in _votes(outcome, stratum):
        own = [rows[result] for result in vote.results if result in rows]
        yield _row(
            labels.clean(vote.label),
            _standing(vote, stratum, drawn),
            vote.direction.said,
            vote.context.read.said,
            _why(own, vote.study in drawn and bool(stratum.fit)),
        )


def _row(*texts: str) -> tuple[TableCell, ...]:
    return tuple(TableCell(text) for text in texts)


def _standing(vote: StudyVote, stratum: Stratum, drawn: set[str]) -> str:
    """Return what became of the result of a study in this synthesis, whatever it gives on another axis."""
    if vote.study not in drawn:
        return SHOWN if any(vote.study == study.study for study in stratum.studies) else NOT
    return IN if stratum.fit else SINGLE if len(drawn) == 1 else SHOWN


def _why(own: Sequence[RowFate], pooled: bool) -> str:
    """Return the reasons of the results of a study that are in no number, each once."""
    if pooled:
        return ""
    reasons = dict.fromkeys(notes.reason(row.reason) for row in own if row.reason and row.fate != Fate.POOLED)
    return " ".join(sentences.sentence(text) for text in reasons)


def _judged(stratum: Stratum) -> tuple[TableCell, ...]:
    """Return the row of the judgement of a synthesis, or that nobody judged it."""
    judged = stratum.missing_evidence
    return _row("Judgement (ROB-ME)", risk(judged), "", "", why(judged))


def _to_judge(placed: Sequence[tuple[Known, Stratum]]) -> TableSection:
    rows = (
        _row(
            _name(outcome, stratum),
            outcome.synthesis.domain,
            stratum.name,
            evidence_of(stratum, _votes(outcome, stratum)),
        )
        for outcome, stratum in placed
    )
    return TableSection("", tuple(rows))
