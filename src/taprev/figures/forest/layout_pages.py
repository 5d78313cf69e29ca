"""A layout divided into pages: title, heads and axis again on each, and nothing apart that belongs together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from taprev.drawing.paging import CONTINUED, page_title, parts
from taprev.figures.forest.layout import Layout
from taprev.figures.forest.rows import (
    AxisRow,
    ColumnHeads,
    DiamondRow,
    DirectionRow,
    Footer,
    GroupHead,
    Key,
    QuietLine,
    Row,
    SectionHead,
    Sides,
    StudyRow,
    VotesRow,
)

HEADS = (ColumnHeads, SectionHead, GroupHead, Sides)
COUNTED = (StudyRow, DiamondRow, DirectionRow, VotesRow)


@dataclass(frozen=True)
class Block:
    """Rows that stay together: the heads above a row, the row, and the lines beneath it.

    `again` is what is repeated above the block where it begins a page.
    """

    rows: tuple[Row, ...]
    panel: int | None
    again: tuple[Row, ...]

    @property
    def size(self) -> int:
        """Return how many rows of the page the block takes."""
        return sum(isinstance(row, COUNTED) for row in self.rows)


def pages(layout: Layout) -> list[Layout]:
    """Return the pages of a layout, of about the same length, each with at most so many rows as the settings say."""
    blocks = list(_blocks(layout.rows[1:]))
    divided = [blocks[part] for part in parts([block.size for block in blocks], layout.how.rows_per_page)]
    if len(divided) == 1:
        return [layout]
    header = layout.header
    foot = [row for row in layout.rows if isinstance(row, Footer)]
    keys = [row for row in layout.rows if isinstance(row, Key)]
    axes = {row.panel: row for row in layout.rows if isinstance(row, AxisRow)}
    made = []
    for number, together in enumerate(divided, 1):
        titled = replace(header, title=page_title(header.title, number, len(divided)))
        page = [titled, *together[0].again]
        for block, following in zip(together, [*together[1:], None], strict=True):
            page += block.rows
            if block.panel is not None and (following is None or following.panel != block.panel):
                page.append(axes[block.panel])
        made.append(replace(layout, rows=(*page, *keys, *(foot if number == len(divided) else foot[-1:]))))
    return made


def _blocks(rows: Sequence[Row]) -> Iterator[Block]:
    """Yield the blocks of the rows between title and key."""
    body = [row for row in rows if not isinstance(row, AxisRow | Key | Footer)]
    position, panel = 0, None
    above: dict[type, Row] = {}
    while position < len(body):
        first = position
        while position < len(body) - 1 and isinstance(body[position], HEADS):
            position += 1
        position += 1
        while position < len(body) and isinstance(body[position], QuietLine):
            position += 1
        block = tuple(body[first:position])
        again = () if isinstance(block[0], ColumnHeads) else tuple(_again(above, block))
        for row in block:
            if isinstance(row, HEADS):
                above = {kind: head for kind, head in above.items() if HEADS.index(kind) < HEADS.index(type(row))}
                above[type(row)] = row
            panel = row.panel if isinstance(row, ColumnHeads) else panel
        panel = None if _without_axis(block) else panel
        yield Block(block, panel, again)


def _without_axis(block: Sequence[Row]) -> bool:
    return any(isinstance(row, DirectionRow | VotesRow) for row in block)


def _again(above: dict[type, Row], block: Sequence[Row]) -> Iterator[Row]:
    """Yield the heads that hold for a block and are printed on an earlier page."""
    opened = min((HEADS.index(type(row)) for row in block if isinstance(row, HEADS)), default=len(HEADS))
    for kind in HEADS[:opened]:
        row = above.get(kind)
        if isinstance(row, SectionHead | GroupHead):
            yield replace(row, label=row.label + CONTINUED)
        elif row is not None:
            yield row
