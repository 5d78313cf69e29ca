"""Checksums: of the package's own source, of files, and of pieces of settings."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taprev.settings import Settings

PACKAGE = Path(__file__).parents[1]
SUFFIXES = (".py", ".html", ".css", ".js", ".csv", ".R", ".xml")


def source_fingerprint() -> str:
    """Return the first sixteen hex digits of the SHA-256 of the package's modules, templates, tables and R scripts."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SUFFIXES:
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def content_sha256(content: Any) -> str:
    """Return the SHA-256 of plain data (dicts, lists, numbers, text), whatever the order of keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


SLICE = {"review", "populations", "assumptions", "synthesis", "scope", "sensitivity", "bayes", "moderators"}


def made_by(domain: str, effects: str, variants: str, review: Settings) -> dict[str, Any]:
    """Return what a domain's synthesis was made by: the code, its effects and its own slice of the settings."""
    how = review.model_dump(mode="json", include=SLICE)
    return {
        "version": review.version,
        "source": review.source,
        "effects_sha256": hashlib.sha256(effects.encode()).hexdigest(),
        "variants_sha256": hashlib.sha256(variants.encode()).hexdigest(),
        "settings_sha256": content_sha256({**how, "domain": review.domains[domain].model_dump(mode="json")}),
    }
