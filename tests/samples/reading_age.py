"""How hard a text is to read: the Flesch-Kincaid grade, and the age that goes with it.

Kincaid JP, Fishburne RP, Rogers RL, Chissom BS. Derivation of new readability formulas for Navy enlisted personnel.
Research Branch Report 8-75, 1975.
"""

from __future__ import annotations

import re

import pyphen

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?|\d+(?:\.\d+)?")
END = re.compile(r"[.!?](?:\s|$)")
VOWELS = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"(?<=[^aeiouyl])e(?=s?$)|(?<=[^aeiouydt])e(?=d$)")
HYPHENS = pyphen.Pyphen(lang="en_GB")
FIRST_YEAR = 5


def syllables(word: str) -> int:
    """Return the syllables of a word: its vowel sounds or its places for a hyphen, whichever are more.

    Hyphenation alone counts too few, because it leaves no single letter at the end of a line. A numeral has one
    syllable a digit.
    """
    if word[0].isdigit():
        return sum(char.isdigit() for char in word)
    small = word.lower()
    return max(1, len(VOWELS.findall(SILENT.sub("", small))), len(HYPHENS.positions(small)) + 1)


def grade(texts: list[str]) -> float:
    """Return the Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    words = [word for text in texts for word in WORD.findall(text)]
    ends = sum(max(1, len(END.findall(text))) for text in texts)
    return 0.39 * len(words) / ends + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def reading_age(texts: list[str]) -> float:
    """Return the age in years at which a school year of this grade is reached."""
    return grade(texts) + FIRST_YEAR
