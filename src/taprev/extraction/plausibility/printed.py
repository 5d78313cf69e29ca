"""The free text `as_reported` read tolerantly: numbers, tests and samples as they are printed.

A figure that the consensus sets aside is still printed, and may still contradict what was kept. The parser
knows a few forms, "t(49) = 9.26", "F₃ = 4.56", "p < .001", "n = 36 vs 38", and finds nothing in the others.
"""

from __future__ import annotations

import re
from functools import cache

from taprev.extraction.tables import Row

NUMBER = r"\d*\.?\d+"
EVERY_NUMBER = re.compile(NUMBER)
PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉−‐", "0123456789--")
RAISED_POINT = re.compile(r"(?<=\d)·(?=\d)")
DASH_AS_MINUS = re.compile(r"(?:(?<=[=<>(\[,;:])|(?<=[^\d.]\s)|^)–(?=\.?\d)")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
SIGNED = re.compile(rf"(?:(?<=[\s=<>(\[,;:–])|(?<=\d/)|^)-(?={NUMBER})")
TEST = {
    "t": re.compile(rf"(?<![A-Za-z])t\s*(?:\(\s*(?P<df>{NUMBER})\s*\)|[\d.]*\)?)\s*=\s*(?P<value>-?{NUMBER})"),
    "F": re.compile(
        rf"(?<![A-Za-z])F\s*[(\[]?\s*(?P<df1>\d+)?\s*(?:,\s*(?P<df2>{NUMBER}))?\s*[)\]]?\s*=\s*(?P<value>{NUMBER})"
    ),
    "z": re.compile(rf"(?<![A-Za-z])[zZ]\s*=\s*(?P<value>-?{NUMBER})"),
}
P = re.compile(rf"(?<![A-Za-z])[pP]\s*(<=|>=|[=<>≤≥])\s*({NUMBER})")
SAMPLE = re.compile(r"(?<![A-Za-z])[nN]\s*=\s*(\d+)(?:\s*vs\.?\s*(\d+)\b(?!\.\d|\s*[(\[]))?")
PERCENT = re.compile(rf"({NUMBER})\s*%")


@cache
def plain(text: str) -> str:
    """Return printed text with ordinary digits, points and minus signs, and no thousands separators."""
    return THOUSANDS.sub("", DASH_AS_MINUS.sub("-", RAISED_POINT.sub(".", text.translate(PLAIN))))


def numbers(text: str) -> list[str]:
    """Return every number of a printed expression without its sign, as printed."""
    return EVERY_NUMBER.findall(plain(text))


def negative_numbers(text: str) -> list[str]:
    """Return the numbers that are printed with a minus sign; the dash of a range is none."""
    clean = plain(text)
    after = (re.match(NUMBER, clean[sign.end() :]) for sign in SIGNED.finditer(clean))
    return [number.group() for number in after if number]


def percentages(text: str) -> list[str]:
    """Return the numbers that are printed as percentages."""
    return PERCENT.findall(plain(text))


def sample_sizes(text: str) -> list[str]:
    """Return the numbers that are printed as sample sizes."""
    return [size for pair in SAMPLE.findall(plain(text)) for size in pair if size]


def p_values(text: str) -> list[tuple[str, str]]:
    """Return every printed p as its sign (one of = < > ≤ ≥) and its number."""
    return [(sign.replace("<=", "≤").replace(">=", "≥"), value) for sign, value in P.findall(plain(text))]


def figure_of_test(row: Row, column: str) -> str:
    """Return t, F, z or a df of a row as text: the cell, or what is printed where the cell is empty."""
    if row[column]:
        return row[column]
    kind = {"df": "t", "df1": "F", "df2": "F"}.get(column, column)
    if kind != column and row[kind]:
        return ""
    return _printed_test(kind, row["as_reported"]).get("value" if kind == column else column) or ""


@cache
def _printed_test(kind: str, text: str) -> dict[str, str | None]:
    """Return the parts of the one test of a kind that a text prints; nothing where it prints none or several."""
    matches = list(TEST[kind].finditer(plain(text)))
    return matches[0].groupdict() if len(matches) == 1 else {}
