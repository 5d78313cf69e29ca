"""A layout divided into pages: title, heads and axis again on each, and nothing apart that belongs together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from taprev.drawing.paging import CONTINUED, page_title, parts
from taprev.figures.forest.layout import Layout, key_of_page
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


def pages(layout: Layout, fits: Callable[[Layout], bool] = lambda page: True) -> list[Layout]:
    """Return the pages of a layout.

    Parameters
    ----------
    layout : Layout
    fits : callable, optional
        Whether a layout is no higher than a page.

    Returns
    -------
    list of Layout
        Pages of about the same number of rows, at most as many as the settings say; one that is too high is divided
        further. A single block that is too high is a page.
    """
    blocks = list(_blocks(layout.rows[1:]))
    groups = [blocks[part] for part in parts([block.size for block in blocks], layout.how.rows_per_page)]
    if len(groups) > 1 or not fits(layout):
        groups = [part for group in groups for part in _fitted(layout, group, group[-1] is blocks[-1], fits)]
    if len(groups) == 1:
        return [layout]
    titles = [page_title(layout.header.title, number, len(groups)) for number in range(1, len(groups) + 1)]
    return [
        _page(layout, group, title, last=group[-1] is blocks[-1]) for group, title in zip(groups, titles, strict=True)
    ]


def _fitted(layout: Layout, blocks: list[Block], last: bool, fits: Callable[[Layout], bool]) -> Iterator[list[Block]]:
    """Yield as many blocks together as fit on a page; `last` is whether they end the figure."""
    title, first = page_title(layout.header.title, 1, 2), 0
    for end in range(1, len(blocks) + 1):
        page = _page(layout, blocks[first:end], title, last and end == len(blocks))
        if end - first > 1 and not fits(page):
            yield blocks[first : end - 1]
            first = end - 1
    yield blocks[first:]


def _page(layout: Layout, blocks: Sequence[Block], title: str, last: bool) -> Layout:
    """Return some blocks as a page of a layout, with title, heads, axes, key and footer."""
    axes = {row.panel: row for row in layout.rows if isinstance(row, AxisRow)}
    foot = [row for row in layout.rows if isinstance(row, Footer)]
    body: list[Row] = [*blocks[0].again]
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        body += block.rows
        if block.panel is not None and (following is None or following.panel != block.panel):
            body.append(axes[block.panel])
    keys = [key_of_page(row, body, layout.scales) for row in layout.rows if isinstance(row, Key)]
    header = replace(layout.header, title=title)
    return replace(layout, rows=(header, *body, *keys, *(foot if last else foot[-1:])))


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
