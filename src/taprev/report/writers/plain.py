"""Text as every format can hold it: clean lines, the way they are read, and addresses that may be followed."""

from __future__ import annotations

import re
import unicodedata

from taprev.wording import labels

ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}|[^\s<>\":#/\\][^\s<>\":\\]{0,2000}")


def line(text: str) -> str:
    """Return text on one line, without what a file cannot hold."""
    return labels.clean(text)


def lines(text: str) -> list[str]:
    """Return the lines of a cell, each of them clean."""
    return [line(part) for part in text.split("\n")]


def address(text: str) -> str:
    """Return an address of the web or of a file nearby, or nothing where it is neither."""
    return text if ADDRESS.fullmatch(text) else ""


def right_to_left(text: str) -> bool:
    """Return whether the first letter of the text belongs to a script that is read from right to left."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"
