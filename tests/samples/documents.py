"""Every document of a review at once, and their files, which the command makes one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from taprev.report.documents.document import Document
from taprev.report.documents.findings import Known
from taprev.report.documents.registry import DOCUMENTS, Sources, each_document, written
from taprev.settings import Settings
from taprev.settings.involvement import Involvement


def every_document(
    known: Sequence[Known], extracted: Path, settings: Settings, involvement: Involvement
) -> dict[str, Document]:
    """Return every document by the stem of its files."""
    sources = Sources(known, extracted, settings, involvement)
    return {entry.stem: document for entry, document in each_document(sources)}


def files_of(documents: Mapping[str, Document]) -> dict[str, bytes]:
    """Return documents in all their formats by the name of the file."""
    entries = [entry for entry in DOCUMENTS if entry.stem in documents]
    return {name: made for entry in entries for name, made in written(entry, documents[entry.stem])}
