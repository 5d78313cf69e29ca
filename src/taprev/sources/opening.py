"""Opening a source: what kind of file it is, by its content, and what cannot be read, in one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pypdfium2

from taprev.ground.extras import documents_here
from taprev.ground.fingerprint import file_sha256
from taprev.sources.page import SourcePage
from taprev.sources.pdf import has_text, pdf_page
from taprev.sources.plain import html_page, text_page
from taprev.sources.recognised import Recogniser

MOST_PAGES = 2000
MOST_BYTES = 200_000_000
MOST_TEXT = 20_000_000
BEGINNING = 1024
SIGNATURES = {
    b"PK\x03\x04": "a ZIP file or a document of a word processor",
    b"\xd0\xcf\x11\xe0": "a document of an older word processor",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"II*\x00": "a picture (TIFF)",
    b"MM\x00*": "a picture (TIFF)",
    b"GIF8": "a picture (GIF)",
    b"{\\rtf": "a document in RTF",
}
SAVE = "Save it as PDF, HTML or plain text"


WANTS_EXTRA = "taprev reads with its extra: pip install 'taprev[documents]'. Or print it to a PDF."


class UnreadableSource(ValueError):
    """A source that cannot be read; the message says what was found and what to do."""


class OpenSource:
    """A source whose pages are read when they are asked for, each once."""

    def __init__(self, count: int, read: Callable[[int], SourcePage], pdf: pypdfium2.PdfDocument | None = None) -> None:
        self.count, self._read, self.pdf = count, read, pdf
        self._pages: dict[int, SourcePage] = {}

    def page(self, number: int) -> SourcePage:
        """Return a page by its number in the file, from 1."""
        if number not in self._pages:
            self._pages[number] = self._read(number)
        return self._pages[number]

    @cached_property
    def scanned(self) -> tuple[int, ...]:
        """The pages without text."""
        every = range(1, self.count + 1)
        if self.pdf is None:
            return tuple(number for number in every if not self.page(number).words)
        return tuple(number for number in every if not has_text(self.pdf, number))

    def close(self) -> None:
        """Let go of the file."""
        if self.pdf is not None:
            self.pdf.close()


def open_source(path: Path, ocr: Recogniser | None = None) -> OpenSource:
    """Return an opened source, a PDF, HTML or plain text by its content; `ocr` reads the pages without text.

    Raises UnreadableSource with a sentence where it is none of these, or is damaged, protected or too large.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableSource("it is empty (0 bytes). Save the report again.")
    if size > MOST_BYTES:
        raise UnreadableSource(f"it has {size // 1_000_000} MB, too many. Keep the part that was read.")
    with path.open("rb") as handle:
        beginning = handle.read(BEGINNING)
    if b"%PDF-" in beginning:
        return _open_pdf(path, ocr)
    for signature, kind in SIGNATURES.items():
        if beginning.startswith(signature):
            raise UnreadableSource(f"it is {kind}, which is not read. {SAVE}.")
    if size > MOST_TEXT:
        raise UnreadableSource(f"its text has more than {MOST_TEXT // 1_000_000} MB. Keep the part that was read.")
    content = path.read_bytes()
    if path.suffix.lower() == ".pdf" and not _looks_like_html(beginning):
        raise UnreadableSource("it is named as a PDF and is none. Save the report again.")
    if _looks_like_html(beginning) or path.suffix.lower() in (".html", ".htm", ".xhtml"):
        if not documents_here():
            raise UnreadableSource(f"it is HTML, which {WANTS_EXTRA}")
        return _plain(lambda: html_page(content))
    return _plain(lambda: text_page(_decoded(content)))


def _open_pdf(path: Path, ocr: Recogniser | None) -> OpenSource:
    try:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        protected = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        if protected:
            raise UnreadableSource("it is protected by a password. Save a copy without one.") from None
        raise UnreadableSource("it is a damaged PDF. Save the report again.") from None
    if not 0 < count <= MOST_PAGES:
        document.close()
        said = "has no page" if count < 1 else f"has {count} pages, more than {MOST_PAGES}"
        raise UnreadableSource(f"it {said}. Keep the part that was read.")

    checksum = file_sha256(path) if ocr else ""

    def read(number: int) -> SourcePage:
        try:
            page = pdf_page(document, number)
            return page if page.words or ocr is None else ocr.page(document, checksum, number)
        except pypdfium2.PdfiumError:
            return SourcePage(number, "", ())

    return OpenSource(count, read, document)


def _plain(read: Callable[[], SourcePage]) -> OpenSource:
    """Return a source without pages as one page."""
    try:
        page = read()
    except UnreadableSource:
        raise
    except ValueError as error:
        raise UnreadableSource(f"its text cannot be read ({error}). {SAVE}, of the part that was read.") from None
    return OpenSource(1, lambda number: page)


def _looks_like_html(beginning: bytes) -> bool:
    start = beginning.lower()
    return b"<!doctype html" in start or b"<html" in start


def _decoded(content: bytes) -> str:
    """Return text in UTF-8 or UTF-16 with its mark, or else in Windows-1252, which European programs write."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content:
        raise UnreadableSource(f"it is no text, nor a PDF. {SAVE}.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
