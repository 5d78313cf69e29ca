"""What must be cleared before a run: what a stopped run left, and first results that are not of these inputs.

Snakemake makes again what is missing. It remembers what a result was made of beside the review, and where that memory
is lost, as in a copied folder, it goes by time stamps alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from taprev.extraction.snapshot import read_kept
from taprev.ground.files import remove_unfinished
from taprev.ground.fingerprint import file_sha256, fingerprint_on_disk
from taprev.provenance.manifest import SETTINGS, SETTLED
from taprev.provenance.receipts import FOLDER_MARK, lost
from taprev.settings import SettingsError, read_settings
from taprev.settings.reading import same_choices

BESIDE_THE_DATA = ("CITATION.cff", "config/involvement.yaml")
"""Inputs that are checked and kept with the tables."""


def clear_interrupted(folder: Path) -> None:
    """Remove Snakemake's lock, unfinished files, and declared folders that lost a file; nothing else may run."""
    shutil.rmtree(folder / ".snakemake" / "locks", ignore_errors=True)
    results = folder / "results"
    for part in (results, folder / "data"):
        remove_unfinished(part)
    for mark in list(results.rglob(FOLDER_MARK)):
        if lost(mark.parent):
            shutil.rmtree(mark.parent)


def clear_outdated(folder: Path) -> None:
    """Remove the settled settings and the mark of the check where code, choices or data are not those of them."""
    results = folder / "results"
    if not _settled(folder / SETTINGS, results / SETTLED):
        (results / SETTLED).unlink(missing_ok=True)
    if not _as_checked(folder, results / "audit"):
        (results / "audit" / "checked.csv").unlink(missing_ok=True)


def _as_checked(folder: Path, audit: Path) -> bool:
    """Return whether the inputs are those that were checked, and their copies those that were kept."""
    beside = (path for path in (folder / name for name in BESIDE_THE_DATA) if path.is_file())
    if any((audit / path.name).is_file() and not _same(path, audit / path.name) for path in beside):
        return False
    kept = read_kept(audit)
    files = [(folder / "data" / one.file, one.sha256) for one in kept]
    files += [(audit / one.copy, one.copy_sha256) for one in kept if one.copy]
    return bool(kept) and all(not path.is_file() or file_sha256(path) == checksum for path, checksum in files)


def _same(path: Path, copy: Path) -> bool:
    return path.read_bytes() == copy.read_bytes()


def _settled(settings: Path, settled: Path) -> bool:
    try:
        return read_settings(settled).source == fingerprint_on_disk() and same_choices(settings, settled)
    except (SettingsError, OSError):
        return False
