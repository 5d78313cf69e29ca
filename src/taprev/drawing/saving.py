"""Figures to files: named, described, sealed, the same from run to run, and whole or not at all."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

import matplotlib
import pypdfium2
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from PIL.PngImagePlugin import PngInfo

from taprev.drawing import theme
from taprev.drawing.embedding import cut_by_harfbuzz
from taprev.drawing.paging import page_title
from taprev.drawing.tagging import tagged
from taprev.ground.extras import documents_here
from taprev.ground.files import write_bytes
from taprev.ground.places import page_mark, page_of
from taprev.ground.seal import identifier, sealed

KINDS = (".svg", ".png", *((".pdf",) if documents_here() else ()))
"""The usual endings; what tags a PDF comes with the extra `documents`."""
IN_PRINT, TIFF_DPI = 0.5, 600
"""EPS and TIFF are as large as they are printed, half the size at which figures are drawn."""
COMPRESSION = {"compress_level": 2}
FURTHER = ". The first page has the words of the whole figure."
_FONT = re.compile(r"""(<text style="[^"]*font-family: )'DejaVu Sans'(, '[^']*')*""")
_BOX = re.compile(r"^(%%(?:HiRes|Page)?BoundingBox:) ([\d. ]+)$", re.MULTILINE)
_DRAWN = "%%EndProlog\nmpldict begin\n"
_DATED = re.compile(r"^%%CreationDate:.*\n", re.MULTILINE)
_NO_TURN = re.compile(r' transform="rotate\(-0 [\d.]+ [\d.]+\)"(?=>)')


def kinds_of(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the endings of the files of a figure: the usual ones, and those of further formats."""
    return (*KINDS, *(f".{name}" for name in formats))


class Sealed(Protocol):
    """What a figure is drawn from: a name that can begin a file name, and the seal of its numbers."""

    @property
    def domain(self) -> str: ...

    @property
    def seal(self) -> str: ...


def pictures(
    figures: Iterable[Figure], title: str, words: str, content: Sealed, pages: int = 1, kinds: Sequence[str] = KINDS
) -> dict[str, bytes]:
    """Return the pages of a figure as SVG, PNG and one PDF, EPS and TIFF where wanted, with title and seal inside.

    Parameters
    ----------
    figures : iterable of Figure
        The drawn pages; each is saved before the next is asked for.
    title : str
    words : str
        The alternative text of the whole.
    content : Sealed
        A synthesis, or whatever else has a `domain` and a `seal`.
    pages : int, optional
        How many pages there are.
    kinds : sequence of str, optional
        The endings that are wanted.

    Returns
    -------
    dict of str to bytes
        The content of each file by its ending; further pages are _2.svg, _2.png and so on.
    """
    titles = [page_title(title, number, pages) for number in range(1, pages + 1)]
    said = [(named, words if place == 0 else named + FURTHER) for place, named in enumerate(titles)]
    files: dict[str, bytes] = {}

    def drawn() -> Iterator[Figure]:
        for number, (figure, named) in enumerate(zip(figures, said, strict=True), 1):
            if ".svg" in kinds:
                files[f"{page_mark(number)}.svg"] = svg(figure, *named, content)
            if ".eps" in kinds:
                files[f"{page_mark(number)}.eps"] = eps(figure, named[0], content)
            yield figure

    with _no_missing_glyph():
        book = _book(drawn())
    with pypdfium2.PdfDocument(book) as document:
        sizes = [page.get_size() for page in document]
        for number, (page, named) in enumerate(zip(document, said, strict=True), 1):
            if ".png" in kinds:
                files[f"{page_mark(number)}.png"] = png(page, *named, content)
            if ".tiff" in kinds:
                files[f"{page_mark(number)}.tiff"] = tiff(page, named[0], content)
    if ".pdf" in kinds:
        files[".pdf"] = pdf(book, sizes, said, title, words, content)
    return files


def svg(figure: Figure, title: str, words: str, content: Sealed) -> bytes:
    """Return a figure as SVG: text stays text, and screen readers meet its title and its words."""
    buffer = io.StringIO()
    named = identifier(content.domain, content.seal)
    metadata = {"Title": title, "Identifier": named, "Creator": "taprev", "Date": None, "Format": None}
    figure.savefig(buffer, format="svg", metadata=metadata)
    text = _NO_TURN.sub("", _FONT.sub(rf"\1{theme.FALLBACK}", buffer.getvalue()))
    named = f'<title id="figure-title">{escape(title)}</title>\n <desc id="figure-desc">{escape(words)}</desc>'
    text = text.replace(f"<title>{escape(title)}</title>", named, 1)
    text = text.replace("<svg ", '<svg role="img" aria-labelledby="figure-title figure-desc" ', 1)
    return sealed(text.encode())


def png(page: pypdfium2.PdfPage, title: str, words: str, content: Sealed) -> bytes:
    """Return a page of a PDF as PNG with its title, words, domain and seal as text chunks."""
    buffer, chunks = io.BytesIO(), PngInfo()
    metadata = {
        "Title": title,
        "Description": words,
        "Domain": content.domain,
        "Seal": content.seal,
        "Identifier": identifier(content.domain, content.seal),
        "Software": "taprev",
    }
    for key, value in metadata.items():
        chunks.add_itxt(key, value)
    dots = theme.DPI, theme.DPI
    page.render(scale=theme.DPI / 72).to_pil().save(buffer, "png", pnginfo=chunks, dpi=dots, **COMPRESSION)
    return sealed(buffer.getvalue())


def tiff(page: pypdfium2.PdfPage, title: str, content: Sealed) -> bytes:
    """Return a page of a PDF as TIFF, with 600 dots to the printed inch, compressed without loss."""
    buffer = io.BytesIO()
    told = f"{title} {identifier(content.domain, content.seal)}".encode("ascii", "replace").decode()
    drawn = page.render(scale=IN_PRINT * TIFF_DPI / 72).to_pil().convert("RGB")
    drawn.save(buffer, "tiff", compression="tiff_lzw", dpi=(TIFF_DPI, TIFF_DPI), description=told, software="taprev")
    return sealed(buffer.getvalue())


def eps(figure: Figure, title: str, content: Sealed) -> bytes:
    """Return a figure as EPS, as large as it is printed; letters are outlines (Type 3), of whatever font they are."""
    buffer, named = io.StringIO(), identifier(content.domain, content.seal)
    with matplotlib.rc_context({"ps.fonttype": 3}):
        figure.savefig(buffer, format="eps", metadata={"Creator": "taprev"})
    text = _DATED.sub("", buffer.getvalue())
    text = text.replace("\n", f"\n%%Title: {title} {named}\n", 1)
    text = text.replace(_DRAWN, f"{_DRAWN}{IN_PRINT} {IN_PRINT} scale\n", 1)
    text = _BOX.sub(lambda box: f"{box[1]} " + " ".join(_half(corner) for corner in box[2].split()), text)
    return sealed(text.encode("ascii", "replace"))


def _half(corner: str) -> str:
    return f"{IN_PRINT * float(corner):.6f}" if "." in corner else str(math.ceil(IN_PRINT * int(corner)))


def pdf(
    book: bytes,
    sizes: Sequence[tuple[float, float]],
    said: Sequence[tuple[str, str]],
    title: str,
    words: str,
    content: Sealed,
) -> bytes:
    """Return the pages of a figure as one tagged PDF with title, words, domain and seal in its information."""
    keywords = identifier(content.domain, content.seal)
    named = {"title": title, "words": words, "keywords": keywords}
    return sealed(tagged(book, sizes, [words for _, words in said], named))


def _book(figures: Iterable[Figure]) -> bytes:
    """Return figures as the pages of one PDF."""
    buffer = io.BytesIO()
    with cut_by_harfbuzz(), PdfPages(buffer, metadata={"CreationDate": None}) as book:
        for figure in figures:
            figure.savefig(book, format="pdf")
    return buffer.getvalue()


@contextmanager
def _no_missing_glyph() -> Iterator[None]:
    """Keep quiet where a font lacks a character: PDF and PNG have a box, readers of an SVG a font of their own."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def remove_left_over(folder: Path, names: Collection[str], drawn: Collection[Path]) -> None:
    """Remove what an earlier run drew of figures of these names, pages included, and this one did not."""
    for left in set(folder.iterdir()) - set(drawn):
        if any(page_of(left.stem, name) for name in names):
            left.unlink()


def write(out_dir: Path, name: str, files: Mapping[str, bytes]) -> list[Path]:
    """Write each file under its ending and return the paths; each is replaced whole or left as it was."""
    paths = []
    for ending, data in files.items():
        path = out_dir / f"{name}{ending}"
        write_bytes(path, data)
        paths.append(path)
    return paths
