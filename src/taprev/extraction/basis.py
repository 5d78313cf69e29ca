"""What a decision was made on, written beside it, and whether the forms still say it.

A decision about one result carries the readings themselves: `first: 12.3; second: (empty)`. A rule decides many cells,
whose readings may be long: it carries each result with a checksum of its readings, `a_1 3fa2c1d4; a_2 07be55a0`. A
number counts as the same with other digits, since a spreadsheet may drop them. A decision that carries nothing was made
before there was the column, and stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations

from taprev.extraction.tables import Row
from taprev.ground.files import PLAIN_NUMBER

READINGS = "readings"
"""The column of the adjudications in which a decision says what it was made on."""
EMPTY = "(empty)"
BETWEEN, AFTER_NAME = "; ", ": "
DIGITS = 8


def in_words(readings: Mapping[str, str]) -> str:
    """Return the readings of a cell by form as one text."""
    return BETWEEN.join(f"{form}{AFTER_NAME}{text or EMPTY}" for form, text in readings.items())


def rule_in_words(cells: Iterable[tuple[str, str]]) -> str:
    """Return what a rule was made on; `cells` holds each result with its readings in words."""
    return BETWEEN.join(f"{result} {checksum(readings)}" for result, readings in cells)


def checksum(readings: str) -> str:
    """Return a short checksum of readings in words, the first digits of their SHA-256."""
    return hashlib.sha256(_plain(readings).encode()).hexdigest()[:DIGITS]


def stands(ruling: Row, result: str, readings: Mapping[str, str]) -> bool:
    """Return whether a decision was made on these readings of a cell, or does not say what it was made on.

    A form that joined since and reads what another form read then adds nothing to decide on.
    """
    made_on = ruling[READINGS]
    return not made_on or any(_made_on(ruling, result, in_words(part)) for part in _without_joined(readings))


def _made_on(ruling: Row, result: str, words: str) -> bool:
    made_on = ruling[READINGS]
    if ruling["result"]:
        return made_on == words or _plain(made_on) == _plain(words)
    return f"{BETWEEN}{result} {checksum(words)}{BETWEEN}" in f"{BETWEEN}{made_on}{BETWEEN}"


def _without_joined(readings: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Yield the readings, and then those of fewer forms in which every reading is still there."""
    every = {_number(text) for text in readings.values()}
    for count in range(len(readings), 0, -1):
        for forms in combinations(readings, count):
            part = {form: readings[form] for form in forms}
            if {_number(text) for text in part.values()} == every:
                yield part


def names(ruling: Row, result: str) -> bool:
    """Return whether a decision is about a result alone, or is a rule whose basis names it."""
    if ruling["result"]:
        return ruling["result"] == result
    return f"{BETWEEN}{result} " in f"{BETWEEN}{ruling[READINGS]}"


def _plain(readings: str) -> str:
    """Return readings in words with every number in the same digits."""
    parts = (part.partition(AFTER_NAME) for part in readings.split(BETWEEN))
    return BETWEEN.join(f"{name}{mark}{_number(text)}" for name, mark, text in parts)


def _number(text: str) -> str:
    return f"{Decimal(text).normalize():f}" if PLAIN_NUMBER.fullmatch(text) else text
