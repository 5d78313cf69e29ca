"""How what is too long for a page is divided: pages of about the same length, and no block torn apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

CONTINUED = " (continued)"


def parts(sizes: Sequence[float], most: float | None) -> list[slice]:
    """Return the blocks of each page, of blocks of these sizes, where a page holds at most so much.

    A block that is longer than a page is a page, with the blocks without a size next to it. None for `most` divides
    nothing.
    """
    total = sum(sizes)
    if most is None or total <= most:
        return [slice(0, len(sizes))]
    pages = math.ceil(total / most)
    room = total / pages
    while len(starts := _starts(sizes, room)) > pages and room < most:
        room = min(room + min(size for size in sizes if size), most)
    return [slice(*ends) for ends in zip(starts, [*starts[1:], len(sizes)], strict=True)]


def _starts(sizes: Sequence[float], room: float) -> list[int]:
    """Return which blocks begin a page of so much room."""
    starts, filled = [0], 0.0
    for place, size in enumerate(sizes):
        if filled and size and filled + size > room:
            starts.append(place)
            filled = 0.0
        filled += size
    return starts


def page_title(title: str, number: int, of: int) -> str:
    """Return the title of a page of a figure."""
    return title if of == 1 else f"{title}, page {number} of {of}"
