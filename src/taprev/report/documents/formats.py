"""Every document of a review by the stem of its files, and the formats that this environment can write it in."""

from __future__ import annotations

from taprev.ground.extras import documents_here

TABLES, PAGES = ("html", "docx", "xlsx"), ("html", "docx", "pdf")
WITHOUT_EXTRA = ("html", "xlsx")
FORMATS = {
    "policy_brief": PAGES,
    "plain_summary": ("html", "docx"),
    "slides": ("pptx",),
    "summary_of_findings": TABLES,
    "evidence_profile": TABLES,
    "characteristics": TABLES,
    "exclusions": TABLES,
    "missing_evidence": TABLES,
    "reporting": TABLES,
}


def formats_here(stem: str) -> tuple[str, ...]:
    """Return the formats in which this environment writes a document, without the extra `documents` fewer or none."""
    return tuple(kind for kind in FORMATS[stem] if kind in WITHOUT_EXTRA or documents_here())


def document_files() -> list[str]:
    """Return the names of the files of all documents, as this environment writes them."""
    return [f"{stem}.{kind}" for stem in FORMATS for kind in formats_here(stem)]
