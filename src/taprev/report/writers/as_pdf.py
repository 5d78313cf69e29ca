"""A document as a PDF file for the printer and for screen readers: A4, tagged, and the same bytes whenever it is made.

Typst sets the pages (`document.typ`); it is given the document as data, its pictures as files, and the fonts.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from taprev.drawing.fonts import FAMILIES, lacking
from taprev.drawing.typesetting import compiled
from taprev.report.documents.document import (
    Aside,
    Block,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    TableCell,
)
from taprev.report.writers import plain
from taprev.report.writers.paper import INK, MAKER, PETROL, QUIET, RULE, TINT, margin, size, text_width, widths
from taprev.wording.addresses import followed

TEMPLATE, DATA = "document.typ", "document.json"
COLOURS = {"ink": INK, "quiet": QUIET, "rule": RULE, "petrol": PETROL, "tint": TINT}
TALLEST = 0.6
LARGE = 3_000_000
"""From so many bytes of pictures on a document is set by a process of its own, which gives their memory back."""
BOX = "□"
NAMED = 20
"""How many of the characters that are shown as a box are named."""


def as_pdf(document: Document) -> bytes:
    """Return the document as the bytes of a tagged PDF file (PDF/UA-1)."""
    content = PrintedContent()
    data = content.of(document)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / TEMPLATE).write_bytes((files("taprev.report.writers") / TEMPLATE).read_bytes())
        (folder / DATA).write_text(json.dumps(data), encoding="utf-8")
        for file, png in content.pictures.items():
            (folder / file).write_bytes(png)
        return compiled(folder / TEMPLATE, "ua-1", alone=sum(map(len, content.pictures.values())) >= LARGE)


class PrintedContent:
    """A document as the data that the template reads, and what was met on the way: pictures and lacking characters."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.lacking: dict[str, None] = {}

    def of(self, document: Document) -> dict[str, Any]:
        """Return the data of a document; at its end it says which characters are shown as a box."""
        blocks = [self.block(block) for block in document.blocks if not isinstance(block, Aside)]
        blocks = [block for block in blocks if block["kind"] != "heading" or block["text"]]
        data = {
            "title": self.line(document.title) or MAKER,
            "subtitle": self.line(document.subtitle),
            "imprint": self.line(document.imprint),
            "identifier": document.identifier,
        }
        if self.lacking:
            blocks.append({"kind": "note", "text": lacking_words(list(self.lacking))})
        return {
            **data,
            "blocks": blocks,
            "maker": MAKER,
            "fonts": FAMILIES,
            "landscape": document.landscape,
            "compact": document.compact,
            "margin": margin(document),
            "room": text_width(document),
            "tallest": TALLEST * size(document)[1],
            "colours": {name: f"#{colour}" for name, colour in COLOURS.items()},
        }

    def block(self, block: Block) -> dict[str, Any]:
        """Return the data of a block."""
        match block:
            case Heading(text, level):
                return {"kind": "heading", "text": self.line(text), "level": level}
            case Paragraph(text, kind):
                return {"kind": kind, "text": self.line(text)}
            case Items(lines):
                return {"kind": "items", "lines": [self.line(line) for line in lines]}
            case Picture():
                return {"kind": "picture", **self.picture(block)}
            case Table():
                return {"kind": "table", **self.table(block)}
        raise TypeError(f"{type(block).__name__} is no block of a page")

    def table(self, table: Table) -> dict[str, Any]:
        """Return the data of a table."""
        shares = widths(table.columns, 1.0)
        columns = [
            {"head": self.line(column.head), "share": share, "numbers": column.numbers}
            for column, share in zip(table.columns, shares, strict=True)
        ]
        sections = [
            {"name": self.line(section.name), "rows": [[self.cell(cell) for cell in row] for row in section.rows]}
            for section in table.sections
        ]
        return {"caption": self.line(table.caption), "columns": columns, "sections": sections}

    def cell(self, cell: TableCell) -> dict[str, Any]:
        """Return the data of a cell."""
        return {
            "text": "\n".join(self.line(line) for line in cell.text.split("\n")),
            "address": followed(cell.address),
            "picture": self.picture(cell.picture) if cell.picture else None,
        }

    def picture(self, picture: Picture) -> dict[str, Any]:
        """Keep a picture under the name of its content, so that one that occurs twice is stored once."""
        file = f"{hashlib.sha256(picture.png).hexdigest()[:16]}.png"
        self.pictures[file] = picture.png
        return {"file": file, "alternative": self.line(picture.alternative), "share": picture.share}

    def line(self, text: str) -> str:
        """Return clean text with a box for every character that no font has."""
        shown = plain.line(text)
        boxed = lacking(shown)
        self.lacking |= dict.fromkeys(char for char in shown if char in boxed)
        return "".join(BOX if char in boxed else char for char in shown if _seen(char))


def _seen(char: str) -> bool:
    """Return whether a character is shown at all: invisible ones that steer the text have no place on paper."""
    return unicodedata.category(char) != "Cf" or char in "\u200b\u2060\u00ad"


def lacking_words(lacking: list[str]) -> str:
    """Return the sentence that says which characters are shown as a box."""
    named = [f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip() for char in lacking[:NAMED]]
    more = len(lacking) - len(named)
    rest = f" and {more} more" if more else ""
    return f"{BOX} stands for characters that the font of this file lacks: {', '.join(named)}{rest}."
