"""Every document of a review, and the formats in which it is taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from taprev.report.documents.brief import brief
from taprev.report.documents.characteristics import characteristics
from taprev.report.documents.document import Document
from taprev.report.documents.evidence_profile import evidence_profile
from taprev.report.documents.exclusions import exclusions
from taprev.report.documents.findings import Known
from taprev.report.documents.formats import FORMATS
from taprev.report.documents.reporting import reporting
from taprev.report.documents.summary_of_findings import summary_of_findings
from taprev.report.writers.as_docx import as_docx
from taprev.report.writers.as_html import as_html
from taprev.report.writers.as_pdf import as_pdf
from taprev.report.writers.as_xlsx import as_xlsx
from taprev.settings import Settings
from taprev.settings.involvement import Involvement

WRITERS: dict[str, Callable[[Document], bytes]] = {
    "html": as_html,
    "docx": as_docx,
    "xlsx": as_xlsx,
    "pdf": as_pdf,
}


def every_document(
    known: Sequence[Known], extracted: Path, settings: Settings, involvement: Involvement
) -> dict[str, Document]:
    """Return every document by the name of its files."""
    return {
        "policy_brief": brief(known, extracted, settings, involvement),
        "summary_of_findings": summary_of_findings(known, settings),
        "evidence_profile": evidence_profile(known, settings),
        "characteristics": characteristics(known, extracted, settings),
        "exclusions": exclusions(known, extracted, settings),
        "reporting": reporting(known, settings, involvement),
    }


def written(documents: Mapping[str, Document]) -> dict[str, bytes]:
    """Return documents in all their formats by the name of the file."""
    return {f"{stem}.{kind}": WRITERS[kind](document) for stem, document in documents.items() for kind in FORMATS[stem]}
