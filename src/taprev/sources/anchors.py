"""Where the words that an extractor copied stand on a page, although spaces, dashes and line breaks differ."""

from __future__ import annotations

from difflib import SequenceMatcher

from taprev.sources.indexed import IndexedPage, Stretch, tokens

ALIKE = 0.75
"""So much of a quote must stand in its order, or it is another sentence."""
LEAST_TOKENS = 4
WIDER = 1.6


def quoted(page: IndexedPage, quote: str) -> Stretch:
    """Return the words of a page that a quote copies; none where it does not stand there."""
    wanted = tokens(quote)
    if len(wanted) < LEAST_TOKENS:
        return ()
    found = [_best(printed, wanted) for printed in page.in_orders]
    share, words = max(found, key=lambda one: one[0])
    return words if share >= ALIKE else ()


def _best(printed: list[tuple[str, int]], wanted: list[str]) -> tuple[float, Stretch]:
    """Return how much of the wanted tokens stands in one place, and the words from the first to the last of them."""
    names = [token for token, _ in printed]
    if len(set(wanted) & set(names)) < ALIKE * len(set(wanted)):
        return 0.0, ()
    matcher = SequenceMatcher(None, names, wanted, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    widest = WIDER * len(wanted) + 3
    best, span = 0, (0, 0)
    for i, first in enumerate(blocks):
        size, end = 0, first.a
        for block in blocks[i:]:
            if block.a + block.size - first.a > widest:
                break
            size, end = size + block.size, block.a + block.size
        if size > best:
            best, span = size, (first.a, end)
    words = tuple(dict.fromkeys(word for _, word in printed[slice(*span)]))
    return best / len(wanted), words
