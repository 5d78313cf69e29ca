"""Identifiers made of the names in a file: plain words, each used once, and the same again for the same name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 48
SPELT = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t"}
)
"""Small Latin letters that Unicode does not take apart, as catalogues spell them without marks."""


def plain(text: str, otherwise: str) -> str:
    """Return text as small letters, digits and underscores, or `otherwise` where nothing of it is left."""
    ascii_text = unicodedata.normalize("NFKD", text.casefold().translate(SPELT)).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.casefold())
    made = "_".join(words)
    if len(made) > LONGEST:
        made = made[: LONGEST + 1].rpartition("_")[0] or made[:LONGEST]
    return made or otherwise


def with_year(name: str, year: str) -> str:
    """Return the name of a study with its year behind it, where it is not in the name already."""
    return f"{name} {year}" if name and year and year not in name else name


class Names:
    """Identifiers by what they stand for; a second thing whose name comes to the same gets a number."""

    def __init__(self, otherwise: str, taken: Iterable[str] = ()) -> None:
        self.otherwise, self.of = otherwise, dict[str, str]()
        self.taken = {name.casefold() for name in taken}

    def name(self, key: str, text: str) -> str:
        """Return the identifier of `key`, made of `text` when it is asked for the first time."""
        if key not in self.of:
            stem = plain(text, self.otherwise)
            if not stem[0].isalpha():
                stem = f"{self.otherwise}_{stem}"
            made, number = stem, 2
            while made in self.taken:
                made, number = f"{stem}_{number}", number + 1
            self.taken.add(made)
            self.of[key] = made
        return self.of[key]
