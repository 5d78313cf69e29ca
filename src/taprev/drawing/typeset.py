"""Text measured, wrapped and shortened before it is drawn; widths are in points."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left
from functools import lru_cache
from unicodedata import east_asian_width

from matplotlib import ft2font

from taprev.drawing import fonts, theme

ELLIPSIS = "…"
FULL_WIDTH, EMPTY_BOX_LACKS = 0x1100, 0.4
MEASURED = 65_536
BREAK = re.compile(r"(?<! [=<>]) (?![=<>] )")


@lru_cache(maxsize=MEASURED)
def width(text: str, kind: theme.Type) -> float:
    """Return how much room a text needs in a style of type, also where a reader's own font draws what ours lacks."""
    return drawn_width(text, kind) + EMPTY_BOX_LACKS * kind.size * _full_width(text)


@lru_cache(maxsize=MEASURED)
def drawn_width(text: str, kind: theme.Type) -> float:
    """Return how wide a text runs as we draw it, with an empty box for each character that the font lacks."""
    font = fonts.face(kind.weight, kind.slant)
    font.set_size(kind.size, 72)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        font.set_text(text, 0.0, flags=ft2font.LoadFlags.NO_HINTING, features=theme.NO_LIGATURES)
    return font.get_width_height()[0] / 64


def _full_width(text: str) -> int:
    """Return how many full-width characters are lacking; an empty box is narrower than the square that readers see."""
    wide = [char for char in text if ord(char) >= FULL_WIDTH and east_asian_width(char) in "WF"]
    lacking = fonts.lacking("".join(wide)) if wide else set()
    return sum(char in lacking for char in wide)


def shorten(text: str, kind: theme.Type, room: float) -> str:
    """Return the text, or as much of its beginning as fits with an ellipsis."""
    if width(text, kind) <= room:
        return text
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        fits = width(text[:middle].rstrip() + ELLIPSIS, kind) <= room
        short, long = (middle, long) if fits else (short, middle - 1)
    kept = text[:short]
    at_word = kept.rfind(" ", short - 12)
    return (kept[:at_word] if at_word > 0 else kept).rstrip(" ,;:·") + ELLIPSIS


def wrap(text: str, kind: theme.Type, room: float, most: int = 99) -> list[str]:
    """Return the lines of a text broken at spaces outside equations; what exceeds `most` lines ends in an ellipsis."""
    lines: list[str] = []
    words = BREAK.split(text)
    while words and len(lines) < most - 1:
        line = _take(words, kind, room)
        lines.append(line)
    if words:
        lines.append(shorten(" ".join(words), kind, room))
    return lines or [""]


def wrap_even(text: str, kind: theme.Type, room: float, most: int = 99) -> list[str]:
    """Return the lines of a wrapped text at the narrowest room that takes no more of them."""
    needed = len(wrap(text, kind, room))
    if not 1 < needed <= most:
        return wrap(text, kind, room, most)
    shares = range(10, 21)
    enough = bisect_left(shares, -needed, key=lambda share: -len(wrap(text, kind, room * share / 20)))
    return wrap(text, kind, room * shares[enough] / 20)


def _take(words: list[str], kind: theme.Type, room: float) -> str:
    """Remove from `words` what fits on one line and return it; a word too long for a line is divided."""
    line = words.pop(0)
    if width(line, kind) > room:
        cut = len(shorten(line, kind, room)) - 2
        words.insert(0, line[max(cut, 1) :])
        return line[: max(cut, 1)]
    fitting = _fitting(line, words, kind, room)
    line = " ".join([line, *words[:fitting]])
    del words[:fitting]
    return line


def _fitting(line: str, words: list[str], kind: theme.Type, room: float) -> int:
    """Return how many words still fit on a line: guessed from the widths of letters, then measured as they stand."""

    def fits(count: int) -> bool:
        return width(" ".join([line, *words[:count]]), kind) <= room

    space = width("x x", kind) - 2 * width("x", kind)
    count, used = 0, width(line, kind)
    for word in words:
        used += space + sum(width(letter, kind) for letter in word)
        if used > room:
            break
        count += 1
    while count and not fits(count):
        count -= 1
    while count < len(words) and fits(count + 1):
        count += 1
    return count
