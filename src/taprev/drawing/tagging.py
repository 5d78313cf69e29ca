"""A PDF whose pages are pictures, tagged so that a screen reader meets each picture with its text alternative."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from taprev.drawing.typesetting import compiled

PAGES = """
#let it = json("pages.json")
#set document(title: it.title, description: it.words, keywords: it.keywords, author: "taprev", date: none)
#set text(lang: "en", region: "GB")
#for (place, sheet) in it.pages.enumerate() {
  set page(width: sheet.width * 1pt, height: sheet.height * 1pt, margin: 0pt)
  image("book.pdf", page: place + 1, alt: sheet.words, width: 100%)
}
"""


def tagged(book: bytes, sizes: Sequence[tuple[float, float]], said: Sequence[str], named: dict[str, str]) -> bytes:
    """Return a PDF with each page as one tagged picture.

    Parameters
    ----------
    book : bytes
        The PDF, whose fonts and text it keeps.
    sizes : sequence of two float
        Width and height of each page in points.
    said : sequence of str
        The text alternative of each page.
    named : dict of str to str
        `title`, `words` (the text alternative of the whole) and `keywords` of the file.

    Returns
    -------
    bytes
    """
    pages = [{"width": w, "height": h, "words": words} for (w, h), words in zip(sizes, said, strict=True)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "book.pdf").write_bytes(book)
        (folder / "pages.json").write_text(json.dumps({**named, "pages": pages}), encoding="utf-8")
        (folder / "pages.typ").write_text(PAGES)
        return compiled(folder / "pages.typ")
