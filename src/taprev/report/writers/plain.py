"""Text as every format can hold it: clean lines, and the way they are read."""

from __future__ import annotations

import unicodedata

from taprev.wording import labels


def line(text: str) -> str:
    """Return text on one line, without what a file cannot hold."""
    return labels.clean(text)


def lines(text: str) -> list[str]:
    """Return the lines of a cell, each of them clean."""
    return [line(part) for part in text.split("\n")]


def right_to_left(text: str) -> bool:
    """Return whether the first letter of the text belongs to a script that is read from right to left."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"
