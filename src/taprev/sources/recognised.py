"""The words of a scanned page as tesseract reads them, where it is installed and the settings ask for it."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2

from taprev.settings.extraction import KeptSources
from taprev.sources.page import PrintedWord, Rectangle, SourcePage

PROGRAM = "tesseract"
DOTS = 300
"""Dots to the inch at which a page is drawn for it; tesseract reads these best."""
SCALE = DOTS / 72
LIMIT = 120
"""Seconds for a page; one that takes longer stays a page without text."""
MOST_PAGES = 200
"""Pages of a file that are read so; a longer scan is better given its text once."""
MOST_SIDE = 2400.0
"""Points: a page that is wider or higher is drawn smaller."""
LINE, WORD = "4", "5"
"""The levels of TSV on which its lines and words stand; the words of a line come after it."""


@dataclass(frozen=True)
class Recogniser:
    """The program that reads scanned pages, its version, and the languages that it is told to expect.

    `pages` holds those that were read by the checksum of their file and their number: each is read once in a run.
    """

    program: str
    version: str
    languages: tuple[str, ...]
    pages: dict[tuple[str, int], SourcePage] = field(default_factory=dict, compare=False)

    def page(self, document: pypdfium2.PdfDocument, checksum: str, number: int) -> SourcePage:
        """Return a page with the words that are recognised on it; with none where it takes too long or fails.

        Of a file no more than `MOST_PAGES` are read.
        """
        if (checksum, number) not in self.pages:
            if sum(file == checksum for file, _ in self.pages) >= MOST_PAGES:
                return SourcePage(number, "", ())
            self.pages[checksum, number] = self._read(document, number)
        return self.pages[checksum, number]

    def unread(self, checksum: str) -> tuple[int, ...]:
        """Return the pages of a file on which nothing could be read."""
        own = (number for (file, number), page in self.pages.items() if file == checksum and not page.words)
        return tuple(sorted(own))

    def _read(self, document: pypdfium2.PdfDocument, number: int) -> SourcePage:
        page = document[number - 1]
        try:
            width, height = page.get_size()
            scale = SCALE * min(1.0, MOST_SIDE / max(width, height))
            drawn = page.render(scale=scale).to_pil().convert("L")
            label = document.get_page_label(number - 1) or ""
        finally:
            page.close()
        with TemporaryDirectory() as folder:
            picture = Path(folder) / "page.png"
            drawn.save(picture, dpi=(DOTS, DOTS))
            table = self._table(picture)
        return SourcePage(number, label, tuple(words_of(table, scale)), recognised=True)

    def _table(self, picture: Path) -> str:
        words = [self.program, str(picture), "stdout", "-l", "+".join(self.languages), "--dpi", str(DOTS), "tsv"]
        alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        try:
            done = subprocess.run(words, capture_output=True, timeout=LIMIT, env=alone, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def recogniser(kept: KeptSources) -> Recogniser | None:
    """Return the program that reads scans; None where the settings do not ask for it or it cannot be used here."""
    version, languages = _installed() if kept.ocr else ("", frozenset())
    path = shutil.which(PROGRAM)
    if not version or path is None or not languages.issuperset(kept.languages):
        return None
    return Recogniser(path, version, kept.languages)


def why_not(kept: KeptSources) -> str:
    """Return why scans are not read although the settings ask for it, and what to do; nothing where they are."""
    if not kept.ocr or recogniser(kept):
        return ""
    _, languages = _installed()
    if not languages:
        return "The settings ask for OCR (extraction > sources > ocr), and tesseract is not installed here: install it."
    missing = ", ".join(name for name in kept.languages if name not in languages)
    return f"The settings ask for OCR, and tesseract lacks its language data for {missing}: install them."


@cache
def _installed() -> tuple[str, frozenset[str]]:
    """Return the version of tesseract and its languages; nothing where it is not here or does not answer."""
    path = shutil.which(PROGRAM)
    if path is None:
        return "", frozenset()
    said = [_asked(path, word) for word in ("--version", "--list-langs")]
    first = said[0].split()
    return (f"{PROGRAM} {first[1]}" if len(first) > 1 else ""), frozenset(said[1].splitlines()[1:])


def _asked(path: str, word: str) -> str:
    try:
        done = subprocess.run([path, word], capture_output=True, timeout=LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") or done.stderr.decode("utf-8", "replace")


def words_of(table: str, scale: float) -> Iterator[PrintedWord]:
    """Yield the words of a table in tesseract's TSV; `scale` is how many of its dots are a point.

    The foot of every word is that of its line, so that words side by side stand in one row.
    """
    foot, number = 0.0, -1
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row.get("level") not in (LINE, WORD):
            continue
        left, top, width, height = (float(row[name]) / scale for name in ("left", "top", "width", "height"))
        if row["level"] == LINE:
            foot, number = top + height, number + 1
        elif text := (row.get("text") or "").strip():
            frame = Rectangle(left, foot - height, left + width, foot)
            yield PrintedWord(text, frame, Rectangle(left, top, left + width, top + height), 0, number)
