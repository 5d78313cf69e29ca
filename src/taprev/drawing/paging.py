"""How what is too long for a page is divided: pages of about the same length, and no block torn apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

CONTINUED = " (continued)"


def parts(sizes: Sequence[int], most: int | None) -> list[slice]:
    """Return the blocks of each page, of blocks that take so many rows, where a page holds at most so many.

    A block that is longer than a page is a page. None for `most` divides nothing.
    """
    total = sum(sizes)
    if not most or total <= most:
        return [slice(0, len(sizes))]
    even = math.ceil(total / math.ceil(total / most))
    ends, filled = [0], 0
    for place, size in enumerate(sizes):
        if filled and filled + size > even:
            ends.append(place)
            filled = 0
        filled += size
    return [slice(*ends) for ends in zip(ends, [*ends[1:], len(sizes)], strict=True)]


def page_title(title: str, number: int, of: int) -> str:
    """Return the title of a page of a figure."""
    return title if of == 1 else f"{title}, page {number} of {of}"
