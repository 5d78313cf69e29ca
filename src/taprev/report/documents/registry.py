"""Every document of a review: its name, its title, the formats it is taken away in and the function that builds it.

A new document is one entry here and its name in the Snakefile; `tests/test_registries.py` compares both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taprev.report.documents.brief import brief
from taprev.report.documents.characteristics import characteristics
from taprev.report.documents.document import Document
from taprev.report.documents.evidence_profile import evidence_profile
from taprev.report.documents.exclusions import exclusions
from taprev.report.documents.findings import Known
from taprev.report.documents.missing_evidence import missing_evidence
from taprev.report.documents.plain_summary import plain_summary
from taprev.report.documents.reporting import reporting
from taprev.report.documents.slides import slides
from taprev.report.documents.summary_of_findings import summary_of_findings
from taprev.report.writers.as_docx import as_docx
from taprev.report.writers.as_html import as_html
from taprev.report.writers.as_pdf import as_pdf
from taprev.report.writers.as_pptx import as_pptx
from taprev.report.writers.as_xlsx import as_xlsx
from taprev.settings import Settings
from taprev.settings.citation import NOT_CITED, CitationFile
from taprev.settings.involvement import Involvement

WRITERS: dict[str, Callable[[Document], bytes]] = {
    "html": as_html,
    "docx": as_docx,
    "xlsx": as_xlsx,
    "pdf": as_pdf,
    "pptx": as_pptx,
}
TABLES, PAGES = ("html", "docx", "xlsx"), ("html", "docx", "pdf")


@dataclass(frozen=True)
class Sources:
    """What documents are built from: domains and certainty, extracted tables, settings, involvement, citation."""

    known: Sequence[Known]
    extracted: Path
    settings: Settings
    involvement: Involvement
    citation: CitationFile = NOT_CITED


@dataclass(frozen=True)
class DocumentEntry:
    """One document: the stem of its files, its title in the list of figures and documents, its formats."""

    stem: str
    title: str
    formats: tuple[str, ...]
    build: Callable[[Sources], Document]

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(f"{self.stem}.{kind}" for kind in self.formats)


DOCUMENTS = (
    DocumentEntry(
        "policy_brief",
        "Policy brief, two pages",
        PAGES,
        lambda s: brief(s.known, s.extracted, s.settings, s.involvement),
    ),
    DocumentEntry(
        "plain_summary",
        "Summary in plain words, one page",
        ("html", "docx"),
        lambda s: plain_summary(s.known, s.extracted, s.settings),
    ),
    DocumentEntry("slides", "Slides", ("pptx",), lambda s: slides(s.known, s.extracted, s.settings, s.citation)),
    DocumentEntry(
        "summary_of_findings", "Summary of findings", TABLES, lambda s: summary_of_findings(s.known, s.settings)
    ),
    DocumentEntry(
        "evidence_profile",
        "Evidence profile for a judgement of certainty",
        TABLES,
        lambda s: evidence_profile(s.known, s.settings),
    ),
    DocumentEntry(
        "characteristics",
        "Characteristics of the studies",
        TABLES,
        lambda s: characteristics(s.known, s.extracted, s.settings),
    ),
    DocumentEntry(
        "exclusions", "What was left out, and why", TABLES, lambda s: exclusions(s.known, s.extracted, s.settings)
    ),
    DocumentEntry(
        "missing_evidence",
        "Missing evidence: who measured what, and what is in each number (ROB-ME)",
        TABLES,
        lambda s: missing_evidence(s.known, s.extracted, s.settings),
    ),
    DocumentEntry(
        "reporting",
        "Reporting checklists (PRISMA 2020, SWiM, GRIPP2)",
        TABLES,
        lambda s: reporting(s.known, s.extracted, s.settings, s.involvement),
    ),
)


def every_document(
    known: Sequence[Known],
    extracted: Path,
    settings: Settings,
    involvement: Involvement,
    citation: CitationFile = NOT_CITED,
) -> dict[str, Document]:
    """Return every document by the stem of its files."""
    sources = Sources(known, extracted, settings, involvement, citation)
    return {entry.stem: entry.build(sources) for entry in DOCUMENTS}


def written(documents: Mapping[str, Document]) -> dict[str, bytes]:
    """Return documents in all their formats by the name of the file."""
    return {
        f"{entry.stem}.{kind}": WRITERS[kind](documents[entry.stem])
        for entry in DOCUMENTS
        if entry.stem in documents
        for kind in entry.formats
    }
