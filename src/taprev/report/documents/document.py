"""A document as a list of blocks, whatever it is written as.

These classes only hold data. All text is plain text; a writer escapes it for its format.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 (a part of the document) or 3 (a part of a part)."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: `body`, `lead` (what must be read first, set larger) or `note` (set smaller)."""

    text: str
    kind: str = "body"


@dataclass(frozen=True)
class Items:
    """A list, one line an item."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A picture, the text that stands for it, and its share of the width of the page or cell."""

    png: bytes
    alternative: str
    share: float = 1.0


@dataclass(frozen=True)
class TableCell:
    """The text of a cell, a line break for every newline, the address it leads to, and a picture beneath it."""

    text: str
    address: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Column:
    """The head of a column, its share of the width of the table, and whether it holds numbers."""

    head: str
    share: float
    numbers: bool = False


@dataclass(frozen=True)
class TableSection:
    """Rows of a table under a name of their own; an empty name stands for none. The first cell heads its row."""

    name: str
    rows: tuple[tuple[TableCell, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table with a caption, one row of heads, and its rows in sections; `name` is that of its sheet."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    sections: tuple[TableSection, ...]


@dataclass(frozen=True)
class Aside:
    """What the speaker of a slide sees and the audience does not; only slides show it."""

    text: str


Block = Aside | Heading | Paragraph | Items | Table | Picture


@dataclass(frozen=True)
class Document:
    """A document: its title, its blocks, the imprint at the foot of every page, and its orientation.

    A `compact` one is set smaller, with less white, so that it keeps to few pages. `identifier` says in the file's own
    properties which numbers it was made from.
    """

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    imprint: str
    landscape: bool = False
    compact: bool = False
    identifier: str = ""
