"""The folder of the sources that a team keeps. Nothing heavy is imported: the Snakefile asks here for its files."""

from __future__ import annotations

from pathlib import Path

FOLDER = "data/raw/sources"
README = "README.md"


def is_source(name: str) -> bool:
    """Return whether a file of a review, by its path there, is a source: it is kept beside it, and not passed on."""
    return Path(name).is_relative_to(FOLDER)


def files_there(folder: Path | str = FOLDER) -> list[Path]:
    """Return the files in the folder of sources, without what begins with a dot and its README."""
    folder = Path(folder)
    found = folder.rglob("*") if folder.is_dir() else ()
    own = (path for path in found if path.is_file() and path.name != README)
    return sorted(path for path in own if not any(p.startswith((".", "~$")) for p in path.relative_to(folder).parts))
