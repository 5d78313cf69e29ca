"""What an exporter is given, and what it hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings
from taprev.settings.citation import CitationFile
from taprev.synthesis.results import Synthesis, read_synthesis

TURNED = "Standardised differences are turned so that a positive one is better, whichever end of a scale is."


@dataclass(frozen=True)
class ReviewToExport:
    """A review that was run: its folder, that of its results, its settings and how it is cited.

    Tables are the copies that the run was made from.
    """

    folder: Path
    results: Path
    settings: Settings
    citation: CitationFile

    @property
    def extracted(self) -> Path:
        """The folder with the copies of the tables."""
        return self.results / "audit" / "extracted"

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none where the review does not have it."""
        path = self.extracted / f"{table}.csv"
        return read_rows(path) if path.is_file() else []

    @cached_property
    def contents(self) -> tuple[Synthesis, ...]:
        """The results of every domain; ValueError where the review has not been run."""
        paths = [self.results / "synthesis" / f"{name}.json" for name in self.settings.domains]
        if missing := [path for path in paths if not path.is_file()]:
            raise ValueError(f"{missing[0].as_posix()}: there is no such result. Run make review first.")
        return tuple(map(read_synthesis, paths))


def as_whole(value: float | None) -> float | int | None:
    """Return a number of people or a year without decimals where it has none."""
    return int(value) if value is not None and float(value).is_integer() else value


@dataclass(frozen=True)
class Exported:
    """Files by their name, and what a person must know of them: what has no place in the format, a sentence each."""

    files: Mapping[str, bytes]
    remarks: tuple[str, ...] = ()
