"""The tables that a run was computed from, kept beside its results."""

from __future__ import annotations

from pathlib import Path

from taprev.extraction.tables import codebook
from taprev.ground.files import write_bytes


def keep_tables(extracted: Path, into: Path) -> None:
    """Copy the codebook and every table that it describes, byte for byte."""
    for name in ("datapackage.yaml", *(table["path"] for table in codebook(extracted).values())):
        write_bytes(into / name, (extracted / name).read_bytes())
