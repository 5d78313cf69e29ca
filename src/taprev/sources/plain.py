"""The words of plain text and of HTML, line by line; nothing in a page is run or fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from taprev.sources.page import PrintedWord, Rectangle, SourcePage

if TYPE_CHECKING:
    from lxml import etree

LETTER, LINE = 6.0, 12.0
"""A letter and a line of a source without pages, as if it were printed."""
CELL = 3
MOST_WORDS = 200_000
NOT_READ = ("script", "style", "noscript", "template", "head", "iframe", "object", "svg")
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """address article aside blockquote body br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6
        header hr li main nav ol p pre section table tbody tfoot thead tr ul""",
    )
)
CELLS = frozenset({"td", "th"})
RAISED = frozenset({"sup", "sub"})


def text_page(text: str) -> SourcePage:
    """Return a plain text as one page; a form feed begins none."""
    return _page(text.replace("\f", "\n").splitlines())


def html_page(content: bytes) -> SourcePage:
    """Return the text of an HTML page; a row of a table is a line. ValueError where it cannot be read."""
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        tree = html.document_fromstring(content, parser=parser)
    except etree.LxmlError as error:
        raise ValueError(str(error)) from error
    for element in [*tree.iter(*NOT_READ)]:
        element.drop_tree() if element.getparent() is not None else None
    return _page("".join(_pieces(tree)).splitlines())


def _pieces(element: etree._Element) -> Iterator[str]:
    """Yield the text of an element in the order of its reading, a line for each block and each row of a table."""
    from lxml import etree

    walk = etree.iterwalk(element, events=("start", "end"))
    for event, one in walk:
        name = one.tag if isinstance(one.tag, str) else ""
        if event == "start":
            yield "\n" if name in BLOCKS else " " if name in RAISED else ""
            yield _inline(one.text, name == "pre")
        else:
            yield "\n" if name in BLOCKS else " " * CELL if name in CELLS else ""
            yield _inline(one.tail, False)


def _inline(text: str | None, kept: bool) -> str:
    if not text:
        return ""
    return text if kept else _one_space(text)


def _one_space(text: str) -> str:
    """Return text whose spaces and ends of lines are one space each; what does not break is kept."""
    for mark in "\r\n\t":
        text = text.replace(mark, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _page(lines: Iterable[str]) -> SourcePage:
    words: list[PrintedWord] = []
    for number, line in enumerate(lines):
        at, foot = 0, LINE * (number + 1)
        for piece in line.replace("\t", " " * CELL).split(" "):
            if piece.strip():
                frame = Rectangle(LETTER * at, foot - LINE, LETTER * (at + len(piece)), foot)
                if len(words) == MOST_WORDS:
                    raise ValueError(f"more than {MOST_WORDS:,} words")
                words.append(PrintedWord(piece.strip(), frame, None, 0, number))
            at += len(piece) + 1
    return SourcePage(1, "", tuple(words))
