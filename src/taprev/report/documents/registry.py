"""Every document of a review: its name, its title and the function that builds it.

A new document is one entry here and its formats in `formats.py`; `tests/test_registries.py` compares both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from taprev.ground.seal import identifier_of_all
from taprev.report.documents.brief import brief
from taprev.report.documents.characteristics import characteristics
from taprev.report.documents.document import Document
from taprev.report.documents.evidence_profile import evidence_profile
from taprev.report.documents.exclusions import exclusions
from taprev.report.documents.findings import Known
from taprev.report.documents.formats import formats_here
from taprev.report.documents.missing_evidence import missing_evidence
from taprev.report.documents.plain_summary import plain_summary
from taprev.report.documents.reporting import reporting
from taprev.report.documents.slides import slides
from taprev.report.documents.summary_of_findings import summary_of_findings
from taprev.settings import Settings
from taprev.settings.citation import NOT_CITED, CitationFile
from taprev.settings.involvement import Involvement


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
    """One document: the stem of its files, its title in the list of figures and documents."""

    stem: str
    title: str
    build: Callable[[Sources], Document]

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats in which this environment writes it."""
        return formats_here(self.stem)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(f"{self.stem}.{kind}" for kind in self.formats)


DOCUMENTS = (
    DocumentEntry(
        "policy_brief",
        "Policy brief, two pages",
        lambda s: brief(s.known, s.extracted, s.settings, s.involvement),
    ),
    DocumentEntry(
        "plain_summary",
        "Summary in plain words, one page",
        lambda s: plain_summary(s.known, s.extracted, s.settings),
    ),
    DocumentEntry("slides", "Slides", lambda s: slides(s.known, s.extracted, s.settings, s.citation)),
    DocumentEntry("summary_of_findings", "Summary of findings", lambda s: summary_of_findings(s.known, s.settings)),
    DocumentEntry(
        "evidence_profile",
        "Evidence profile for a judgement of certainty",
        lambda s: evidence_profile(s.known, s.settings),
    ),
    DocumentEntry(
        "characteristics",
        "Characteristics of the studies",
        lambda s: characteristics(s.known, s.extracted, s.settings),
    ),
    DocumentEntry("exclusions", "What was left out, and why", lambda s: exclusions(s.known, s.extracted, s.settings)),
    DocumentEntry(
        "missing_evidence",
        "Missing evidence: who measured what, and what is in each number (ROB-ME)",
        lambda s: missing_evidence(s.known, s.extracted, s.settings),
    ),
    DocumentEntry(
        "reporting",
        "Reporting checklists (PRISMA 2020, SWiM, GRIPP2)",
        lambda s: reporting(s.known, s.extracted, s.settings, s.involvement),
    ),
)


def writer(kind: str) -> Callable[[Document], bytes]:
    """Return the function that writes a document in a format; its library is loaded with it."""
    made: Callable[[Document], bytes] = getattr(import_module(f"taprev.report.writers.as_{kind}"), f"as_{kind}")
    return made


def each_document(sources: Sources) -> Iterator[tuple[DocumentEntry, Document]]:
    """Yield one document after the other, so that those of many outcomes are not all held at once."""
    named = identifier_of_all({one.synthesis.domain: one.synthesis.seal for one in sources.known})
    for entry in DOCUMENTS:
        yield entry, replace(entry.build(sources), identifier=named)


def written(entry: DocumentEntry, document: Document) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file of a document."""
    for kind in entry.formats:
        yield f"{entry.stem}.{kind}", writer(kind)(document)
