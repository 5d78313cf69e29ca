"""A document as a PDF file for the printer: A4, its fonts embedded, and the same bytes whenever it is written."""

from __future__ import annotations

import unicodedata

from taprev.report.documents.document import Block, Document, Heading, Items, Paragraph, Picture, Table
from taprev.report.writers import plain
from taprev.report.writers.paper import PETROL, TINT
from taprev.report.writers.pdf_paper import (
    BODY,
    BOX,
    LEAD,
    NOTE,
    PART,
    SMALLER_PART,
    SUBTITLE,
    TITLE,
    Paper,
    picture_height,
)
from taprev.report.writers.pdf_table import put_table

KINDS = {"body": BODY, "note": NOTE}
PARTS = {2: PART, 3: SMALLER_PART}
INDENT = 4.5
BAR = 1.2
NAMED = 20


def as_pdf(document: Document) -> bytes:
    """Return the document as the bytes of a PDF file."""
    with Paper(document, pages=0) as counted:
        _lay(counted, document)
    with Paper(document, counted.pages_count) as paper:
        _lay(paper, document)
        return bytes(paper.output())


def _lay(paper: Paper, document: Document) -> None:
    """Lay a document on paper, and say at its end which characters could not be shown."""
    paper.say(document.title, TITLE)
    if document.subtitle:
        paper.say(document.subtitle, SUBTITLE)
    for block in document.blocks:
        _put(paper, block)
    if paper.lacking:
        paper.say(lacking_words(list(paper.lacking)), NOTE)


def lacking_words(lacking: list[str]) -> str:
    """Return the sentence that says which characters are shown as a box."""
    named = [f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip() for char in lacking[:NAMED]]
    more = len(lacking) - len(named)
    rest = f" and {more} more" if more else ""
    return f"{BOX} stands for characters that the font of this file lacks: {', '.join(named)}{rest}."


def _put(paper: Paper, block: Block) -> None:
    match block:
        case Heading(text, level):
            _put_heading(paper, text, level)
        case Paragraph(text, "lead"):
            _put_lead(paper, text)
        case Paragraph(text, kind):
            paper.say(text, KINDS[kind])
        case Items(lines):
            _put_items(paper, lines)
        case Table():
            put_table(paper, block)
        case Picture():
            _put_picture(paper, block)


def _put_heading(paper: Paper, text: str, level: int) -> None:
    """Put a heading with room for two lines under it, and name it among the bookmarks."""
    kind = PARTS[level]
    height = kind.before + kind.after + kind.line * len(paper.fitted(text, paper.epw, kind))
    if not paper.room(height + 2 * BODY.line):
        paper.add_page()
    paper.start_section(plain.line(text), level - 2, strict=False)
    paper.say(text, kind)


def _put_lead(paper: Paper, text: str) -> None:
    """Put what must be read first on a tint, line by line, with a bar before it."""
    lines = paper.fitted(text, paper.epw - 2 * INDENT, LEAD)
    paper.y += LEAD.before
    if not paper.room(LEAD.line * min(len(lines) + 1, 6)):
        paper.add_page()
    for number, line in enumerate(["", *lines, ""]):
        height = LEAD.line if 0 < number <= len(lines) else LEAD.line / 3
        if not paper.room(height):
            paper.add_page()
        top = paper.y
        paper.set_fill_color(f"#{TINT}")
        paper.rect(paper.l_margin, top, paper.epw, height, style="F")
        paper.set_fill_color(f"#{PETROL}")
        paper.rect(paper.l_margin, top, BAR, height, style="F")
        paper.put(line, paper.l_margin + INDENT, top, paper.epw - 2 * INDENT, LEAD)
        paper.y = top + height
    paper.y += LEAD.after


def _put_items(paper: Paper, lines: tuple[str, ...]) -> None:
    for line in lines:
        if not paper.room(BODY.line):
            paper.add_page()
        paper.put("•", paper.l_margin + 1, paper.y, INDENT, BODY)
        paper.y -= BODY.line
        paper.say(line, BODY, INDENT)
        paper.y -= BODY.after / 2
    paper.y += BODY.after / 2


def _put_picture(paper: Paper, picture: Picture) -> None:
    """Put a picture as wide as its share, and never taller than the page."""
    height = picture_height(picture, paper.epw)
    smaller = min(1.0, (paper.lowest - paper.t_margin) / height)
    paper.y += BODY.after
    if not paper.room(height * smaller):
        paper.add_page()
    top = paper.y
    paper.draw(picture, paper.l_margin, top, paper.epw * picture.share * smaller)
    paper.set_xy(paper.l_margin, top + height * smaller + BODY.after)
