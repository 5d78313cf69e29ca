"""The level of a printed interval: of its cell, or else of the words of the printed expression."""

from __future__ import annotations

import re

from taprev.extraction.tables import Row, figure

USUAL_LEVEL = 95.0
LEVEL = re.compile(
    r"(?<![\d.])(\d{2}(?:\.\d+)?)\s*%\s*-?\s*(?:C\.?I\b|CrI\b|confidence|credib|interval)", re.IGNORECASE
)


def named_level(row: Row) -> float | None:
    """Return the one level, in percent, that the printed expression names with an interval, or None."""
    levels = {float(level) for level in LEVEL.findall(row["as_reported"])}
    return levels.pop() if len(levels) == 1 else None


def level_of(row: Row) -> float:
    """Return the level of the printed interval in percent: its cell, the words of the expression, or 95."""
    return figure(row, "ci_level") or named_level(row) or USUAL_LEVEL


def level_in_words(row: Row) -> float | None:
    """Return the level that only the words of the expression give, where it is not the usual one."""
    named = named_level(row)
    return None if figure(row, "ci_level") or named == USUAL_LEVEL else named
