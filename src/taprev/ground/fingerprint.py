"""Checksums: of the package's own source, of files, and of plain data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
SUFFIXES = (".py", ".html", ".css", ".js", ".csv", ".R", ".xml")


@cache
def source_fingerprint() -> str:
    """Return the fingerprint of the code that this process runs: as it was on disk when first asked for."""
    return fingerprint_on_disk()


def fingerprint_on_disk() -> str:
    """Return the first sixteen hex digits of the SHA-256 of the package's modules, templates, tables and R scripts.

    What it declares in YAML counts too, but not what new reviews are made from (`starter`), of which a wheel has more.
    """
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SUFFIXES or _declares(path.relative_to(PACKAGE)):
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _declares(path: Path) -> bool:
    return path.suffix == ".yaml" and path.parts[0] != "starter"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def checksums(files: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each of the files that exist, by their names: content decides, whatever its time stamp."""
    return {file: file_sha256(Path(file)) for file in files if Path(file).is_file()}


def content_sha256(content: Any) -> str:
    """Return the SHA-256 of plain data (dicts, lists, numbers, text), whatever the order of keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
