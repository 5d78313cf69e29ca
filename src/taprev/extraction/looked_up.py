"""What looking figures up in their sources found, and the one reader of its table, `results/audit/sources.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from taprev.ground.files import records_csv, unguard
from taprev.vocabulary import IN_PLACE, LOOKED_UP, SourceVerdict

SOURCES = "sources.csv"
SOURCE_FILES = "source_files.csv"
PLACES = "places"
READ_BY_OCR = "read by OCR"


@dataclass(frozen=True)
class LookedUpFigure:
    """A figure of a row and where its source prints it; a page is that of the file, from 1.

    `page` is the page as the row names it. `before`, `printed` and `after` are the words around the figure, and
    `picture` the file that shows the place, in the folder `places` beside the table. `said` is what else is to be said;
    `read_by` is the program that read the words off a scan, with its version, where one did.
    """

    result: str
    report: str
    column: str
    value: str
    page: str
    verdict: SourceVerdict
    page_found: str = ""
    file: str = ""
    spelled: str = ""
    before: str = ""
    printed: str = ""
    after: str = ""
    picture: str = ""
    said: str = ""
    read_by: str = ""

    @property
    def in_place(self) -> bool:
        """Whether it stands where its row stands."""
        return self.verdict in IN_PLACE

    @property
    def looked_up(self) -> bool:
        """Whether its source was read."""
        return self.verdict in LOOKED_UP


@dataclass(frozen=True)
class SourceFile:
    """A file that is kept, or named as kept, with its checksums and what is to be said of it."""

    file: str
    reports: str
    read_on: str
    sha256: str
    recorded_sha256: str
    pages: str
    without_text: str
    said: str


def looked_up_csv(figures: Iterable[LookedUpFigure]) -> str:
    """Return figures that were looked up as CSV."""
    return records_csv(LookedUpFigure, figures)


def read_looked_up(path: Path) -> list[LookedUpFigure]:
    """Return the figures that were looked up; none where there is no table."""
    return [LookedUpFigure(**_with_verdict(row)) for row in _rows(path, LookedUpFigure)]


def read_source_files(path: Path) -> list[SourceFile]:
    """Return what is recorded of the files that are kept; nothing where there is no table."""
    return [SourceFile(**row) for row in _rows(path, SourceFile)]


def _with_verdict(row: dict[str, str]) -> dict:
    return {**row, "verdict": SourceVerdict(row["verdict"])}


def _rows(path: Path, kind: type) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    names = [field.name for field in fields(kind)]
    return [{name: unguard(row.get(name) or "") for name in names} for row in rows]
