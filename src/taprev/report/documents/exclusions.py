"""What was left out, and why: studies outside the scope, results excluded, and results that are not pooled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taprev.extraction.flow import read_flow
from taprev.extraction.tables import read_rows
from taprev.report.documents.document import Column, Document, Paragraph, Table, TableCell, TableSection
from taprev.report.documents.findings import Known
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings
from taprev.vocabulary import OTHER_METHODS, Fate, FlowBox
from taprev.wording import flow, notes, sentences

COLUMNS = (
    Column("Study", 0.16),
    Column("Result", 0.07),
    Column("Outcome", 0.18),
    Column("Measure", 0.22),
    Column("Design", 0.1),
    Column("Why", 0.27),
)
FATES = {
    Fate.EXCLUDED: "Left out",
    Fate.SHOWN: "Shown, not pooled",
    Fate.EMPTY_CELL: "Counts with an empty cell, not pooled",
    Fate.DIRECTION_ONLY: "Counted by direction only",
}


def exclusions(known: Sequence[Known], extracted: Path, settings: Settings) -> Document:
    """Return every result that is not pooled, by what became of it, with the reason."""
    names = {row["study"]: row["label"] for row in read_rows(extracted / "studies.csv")}
    sections = tuple(TableSection(title, tuple(_rows(known, fate, names))) for fate, title in FATES.items())
    return Document(
        title="What was left out, and why",
        subtitle=settings.review.title,
        blocks=(
            Paragraph(settings.review.evidence_set, "lead"),
            Paragraph(_reports(extracted)),
            Table(
                "Exclusions",
                "Every result that is in no pooled number.",
                COLUMNS,
                tuple(section for section in sections if section.rows),
            ),
        ),
        imprint=imprint(settings),
        landscape=True,
    )


def _reports(extracted: Path) -> str:
    counts = read_flow(extracted)
    boxes = (FlowBox.REPORTS_EXCLUDED, *([FlowBox.OTHER_EXCLUDED] if counts.any_recorded(OTHER_METHODS) else []))
    told = sentences.sentence(". ".join(flow.told(counts, boxes)))
    return f"{told} Only reports that were read in full before they were left out are counted here."


def _rows(known: Sequence[Known], fate: str, names: Mapping[str, str]) -> Iterator[tuple[TableCell, ...]]:
    for outcome in known:
        for row in outcome.synthesis.unpooled:
            if row.fate == fate:
                texts = (
                    names[row.study],
                    row.result,
                    outcome.label,
                    row.measure_text,
                    row.contrast.said,
                    sentences.sentence(notes.reason(row.reason)),
                )
                yield tuple(TableCell(text) for text in texts)
