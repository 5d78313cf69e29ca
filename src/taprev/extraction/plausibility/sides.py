"""The two sides of a printed comparison, as in "12.1 (3.06) → 13.75 (3.35); n = 79" or "53 of 254 vs 30 of 212".

A side holds its figures by their role: the centre (a mean, a median or a count), the spread in brackets after it, the
quartiles, the total of "53 of 254", and n. An expression may hold several comparisons. What is not understood is left
out, so that nothing is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from taprev.extraction.plausibility.printed import NUMBER, plain
from taprev.extraction.tables import Row

SIGNED = rf"(?<![\d.])[-+]?{NUMBER}"
BETWEEN = re.compile(r"\s(?:vs\.?|versus|v\.?|compared (?:with|to)|against)\s", re.IGNORECASE)
OVER_TIME = re.compile(r"\s*(?:→|->)\s*")
FROM_TO = re.compile(rf"\bfrom\s+(?P<left>{NUMBER}[^;]*?)\s+to\s+(?P<right>{NUMBER})", re.IGNORECASE)
CLAUSES = re.compile(r"\n|;(?![^(\[]*[)\]])")
BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
OTHER_FIGURE = re.compile(
    rf"(?<![A-Za-z])(?:p|t|F|z|d|g|r|f|b|β|δ|df|χ2|chi2|ES|SMD|OR|RR|IRR|HR|CI|IQR|difference|MD)\s*(?:\([^)]*\))?"
    rf"\s*(?:<=|>=|[:=<>≤≥])\s*{SIGNED}",
    re.IGNORECASE,
)
QUARTILES = re.compile(rf"({SIGNED})\s*[(\[]\s*({SIGNED})\s*(?:,|;|–|\bto\b|(?<=\d)-)\s*({SIGNED})\s*[)\]]")
ROLES = (
    (re.compile(r"(?<![A-Za-z])[nN]\s*=?\s*(\d+)(?![\d.])"), ("n",)),
    (re.compile(r"(\d+)\s*(?:/|out of|of)\s*(\d+)"), ("centre", "total")),
    (QUARTILES, ("centre", "q1", "q3")),
    (re.compile(rf"({SIGNED})\s*\(\s*(?:SD\s*[=:]?\s*)?({NUMBER})\s*[,;]?\s*\)"), ("centre", "spread")),
    (re.compile(rf"({SIGNED})\s*(?:±|\+/-|\+)\s*({NUMBER})"), ("centre", "spread")),
    (re.compile(rf"(?<![A-Za-z])SDs?\s*[=:]?\s*({NUMBER})"), ("spread",)),
    (re.compile(rf"({SIGNED})"), ("centre",)),
)
PERCENTAGE = re.compile(rf"[(\[]\s*{NUMBER}\s*%\s*[)\]]")
COMPARATOR = re.compile(
    r"\b(controls?|usual|comparison|comparator|wait(?:ing)?[- ]?list|placebo|TAU|(?:standard|routine) care|untrained"
    r"|no (?:programme|intervention|treatment|training))",
    re.IGNORECASE,
)
EARLIER = re.compile(
    r"\b(before|previously|baseline|pre(?:-?test)?|admission|intake|at (?:the )?(?:start|outset))\b", re.IGNORECASE
)
CELLS_OF_ROLE = {
    "mean": ("centre",),
    "mean_change": ("centre",),
    "median": ("centre",),
    "event": ("centre",),
    "count": ("centre",),
    "sd": ("spread",),
    "sd_change": ("spread",),
    "q1": ("q1",),
    "q3": ("q3",),
    "totaln": ("total", "n"),
    "n": ("n", "total"),
}
"""The roles that the figures of an arm may have, by the first part of the names of their columns."""
ARMS = ("arm1", "arm2")


class Sign(Enum):
    """What stands between two sides."""

    BETWEEN_ARMS = "vs"
    OVER_TIME = "→"
    LISTED = ";"


@dataclass(frozen=True)
class PrintedSide:
    """One side as printed, and its figures by role."""

    text: str
    figures: dict[str, tuple[float, ...]]

    def of(self, column: str) -> tuple[float, ...]:
        """Return the figures that a column of an arm, such as `sd`, may hold."""
        return tuple(figure for role in CELLS_OF_ROLE[column] for figure in self.figures.get(role, ()))


@dataclass(frozen=True)
class PrintedComparison:
    """Two sides in the order in which they are printed."""

    left: PrintedSide
    right: PrintedSide
    sign: Sign

    def arms(self, row: Row) -> tuple[PrintedSide, PrintedSide] | None:
        """Return the sides of arm 1 and of arm 2, or None where the design of the row leaves that open.

        Arm 2 is what is said to be a comparator or earlier; where nothing is said, the left side of an arrow, the right
        side of "vs", and before a programme the left side of both. Sides that are only listed must say it.
        """
        over_time = row["contrast"] == "before_after"
        if self.sign is Sign.OVER_TIME and not over_time:
            return None
        told = EARLIER if over_time else COMPARATOR
        left, right = (bool(told.search(side.text)) for side in (self.left, self.right))
        if self.sign is Sign.LISTED and left == right:
            return None
        second_is_left = left if left != right else over_time
        return (self.right, self.left) if second_is_left else (self.left, self.right)


@cache
def comparisons(text: str) -> tuple[PrintedComparison, ...]:
    """Return the comparisons that an expression prints, in their order."""
    return tuple(_read(plain(text)))


def _read(text: str) -> Iterator[PrintedComparison]:
    clauses = CLAUSES.split(text)
    divided = [one for clause in clauses for one in _of_clause(clause)]
    yield from divided or _listed(clauses)


def _of_clause(clause: str) -> Iterator[PrintedComparison]:
    inner = [bracket.group()[1:-1] for bracket in BRACKETS.finditer(clause) if _divided(bracket.group())]
    outer = BRACKETS.sub(lambda bracket: " " if _aside(bracket.group()) else bracket.group(), clause)
    for part in (outer, *inner):
        yield from _comparison(part)


def _listed(clauses: list[str]) -> Iterator[PrintedComparison]:
    """Yield the two clauses with a centre and its spread, as in "programme 12.1 (3.0); control 9.8 (2.9)"."""
    sides = [side for side in map(_side, clauses) if {"centre", "spread"} <= set(side.figures)]
    if len(sides) == 2:
        yield PrintedComparison(sides[0], sides[1], Sign.LISTED)


def _divided(text: str) -> bool:
    return bool(BETWEEN.search(text) or OVER_TIME.search(text))


def _aside(bracket: str) -> bool:
    """Return whether a bracket holds a comparison or words of its own, such as an interval, and no figure of a side.

    Words that tell a comparator or an earlier time are of the side, as in "(n = 81, waiting list)" or "(controls)".
    """
    words = re.sub(r"\b(?:SDs?|n|to|M|Mdn|IQR)\b|%", "", bracket, flags=re.IGNORECASE)
    for told in (COMPARATOR, EARLIER):
        words = re.sub(rf"{told.pattern}(?:s|\s+(?:arm|group|ward)s?)?\b", "", words, flags=re.IGNORECASE)
    return _divided(bracket) or bool(re.search(r"[A-Za-z]", words))


def _comparison(text: str) -> Iterator[PrintedComparison]:
    """Yield the comparison of a clause, or those between its commas, as in "12.1 (3.0) vs 9.8 (2.9), n = 50 vs 48"."""
    between_commas = re.split(r",(?![^(\[]*[)\]])", text)
    if len(between_commas) > 1 and all(map(_divided, between_commas)):
        for part in between_commas:
            yield from _comparison(part)
        return
    for sign, mark in ((Sign.OVER_TIME, OVER_TIME), (Sign.BETWEEN_ARMS, BETWEEN)):
        parts = mark.split(text)
        if len(parts) == 2:
            yield from _of_parts(parts[0], parts[1], sign)
            return
    if len(found := list(FROM_TO.finditer(text))) == 1:
        yield from _of_parts(found[0]["left"], text[found[0].start("right") :], Sign.OVER_TIME)


def _of_parts(left: str, right: str, sign: Sign) -> Iterator[PrintedComparison]:
    """Yield a comparison of two texts; the second number of "n = 36 vs 38" is an n as well."""
    one, two = _side(left), _side(right)
    if set(one.figures) == {"n"} and set(two.figures) == {"centre"}:
        two = PrintedSide(two.text, {"n": two.figures["centre"]})
    if one.figures and two.figures:
        yield PrintedComparison(one, two, sign)


def _side(text: str) -> PrintedSide:
    left = PERCENTAGE.sub(" ", OTHER_FIGURE.sub(" ", text))
    figures: dict[str, tuple[float, ...]] = {}
    for pattern, roles in ROLES:
        for match in pattern.finditer(left):
            for role, number in zip(roles, match.groups(), strict=True):
                figures[role] = (*figures.get(role, ()), float(number))
        left = pattern.sub(" ", left)
    return PrintedSide(text, figures)
