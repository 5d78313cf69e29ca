"""The numbers that a source prints, in every spelling that is understood, and whether one is a stored figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from taprev.vocabulary import SpelledAs

MINUS = "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
SPACES = "\u00a0\u2007\u2009\u202f\u200a"
POINTS, RAISED = "\u00b7\u2219\u02d9", "\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079"
ORDINARY = str.maketrans(
    {
        **dict.fromkeys(MINUS, "-"),
        **dict.fromkeys(SPACES, " "),
        **dict.fromkeys(POINTS, "."),
        **dict.fromkeys(RAISED, "^"),
        "\u2019": "'",
    }
)
NUMBER = re.compile(r"(?<![\w.,])(?P<number>\d{1,3}(?:[ ,'.]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?|[.,]\d+)")
GLUED = re.compile(r"(?<=\d)(?:[a-h]{1,2}|[*\u2020\u2021\u00a7^#]+)(?=\W|$)")
BETWEEN = re.compile(
    r"[=<>\u2264\u2265\u00b1]|(?<=\d)[x\u00d7/](?=\d)|(?<=\d)-(?=[\d.])|(?<=\d%)-|(?<=\.\d),(?=-?\d*\.\d)|(?<=\.\d\d),(?=-?\d*\.\d)"
    r"|(?<=\.\d\d\d),(?=-?\d*\.\d)"
)
BEFORE_A_SIGN = " (=<>[,;:/\u2264\u2265~\u2248\u00b1|"
BELOW_TWENTY = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
UNITS = {word: value for value, word in enumerate(re.findall(r"\w+", BELOW_TWENTY))}
ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS = {word: 10 * value for value, word in enumerate(re.findall(r"\w+", ROUND), 2)}
LARGE = {"hundred": 100, "thousand": 1000}
LEAST_DIGITS = 2
"""A rounded figure must keep so many digits that count, or it is like many others."""
MOST_DECIMALS = 12
LONGEST = 18
"""Longer pieces of digits are identifiers, and no figures."""


@dataclass(frozen=True)
class Reading:
    """A number as a word or several print it: its size, its decimals, whether a minus or a % stands by it.

    `first` and `last` are the words by their index, `begin` and `end` the letters within the first and the last.
    """

    size: Decimal
    decimals: int
    negative: bool
    percent: bool
    spelled_out: bool
    first: int
    last: int
    begin: int
    end: int
    counted: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Where it begins; readings of one print share it."""
        return self.first, self.begin


def plain(text: str) -> str:
    """Return a printed word with ordinary letters, digits, signs and points."""
    marked = text.translate(ORDINARY)
    return marked if marked.isascii() else unicodedata.normalize("NFKC", marked)


def readings(words: Sequence[str]) -> list[Reading]:
    """Return every number that words in their order print; one that can be read in two ways is there twice."""
    cleaned = [plain(word) for word in words]
    found: list[Reading] = []
    for i, word in enumerate(cleaned):
        if any(letter.isdigit() for letter in word):
            found += _of_word(word, i, cleaned)
    return [*found, *_thousands(cleaned), *_in_words(cleaned)]


def _of_word(word: str, i: int, cleaned: Sequence[str]) -> Iterator[Reading]:
    for match in NUMBER.finditer(_parted(word)):
        begin, end = match.span("number")
        if end - begin > LONGEST:
            continue
        negative = _negative(word, begin, i, cleaned)
        percent = word[end : end + 2].strip()[:1] == "%" or (end == len(word) and _follows("%", i, cleaned))
        counted = _counted(word, begin, i, cleaned)
        listed = word[begin - 1 : begin] in ("(", "[") and word[end : end + 1] in (")", "]")
        for size, decimals, from_, to in _sizes(match["number"], begin, listed):
            yield Reading(size, decimals, negative and from_ == begin, percent, False, i, i, from_, to, counted)


def _parted(word: str) -> str:
    """Return a word letter for letter, with spaces for what is glued to its numbers: n=45a, 12/50, 0.12-0.45."""
    for marks in (GLUED, BETWEEN):
        word = marks.sub(lambda mark: " " * len(mark.group()), word)
    return word


def _follows(mark: str, i: int, cleaned: Sequence[str]) -> bool:
    return i + 1 < len(cleaned) and cleaned[i + 1].startswith(mark)


def _sizes(text: str, begin: int, listed: bool) -> Iterator[tuple[Decimal, int, int, int]]:
    """Yield each number that a piece of digits, points and commas can be, with its decimals and its letters.

    What is `listed` alone between brackets may be two: F(1,45).
    """
    end = begin + len(text)
    for separator, point in ((",", "."), (".", ","), (" ", "."), (" ", ","), ("'", ".")):
        grouped = (
            text.replace(separator, "")
            if re.fullmatch(rf"[1-9]\d{{0,2}}(\{separator}\d{{3}})+(\{point}\d+)?", text)
            else ""
        )
        if grouped:
            whole, _, decimals = grouped.partition(point)
            yield Decimal(f"{whole}.{decimals or 0}"), len(decimals), begin, end
    if re.fullmatch(r"\d*[.,]?\d+", text):
        whole, _, decimals = text.replace(",", ".").partition(".")
        yield Decimal(f"{whole or 0}.{decimals or 0}"), len(decimals), begin, end
    if listed and re.fullmatch(r"\d+,\d+", text):
        cut = text.index(",")
        yield Decimal(text[:cut]), 0, begin, begin + cut
        yield Decimal(text[cut + 1 :]), 0, begin + cut + 1, end


def _negative(word: str, begin: int, i: int, cleaned: Sequence[str]) -> bool:
    if begin and word[begin - 1] == "-":
        return begin == 1 or word[begin - 2] in BEFORE_A_SIGN
    if begin == 0 and i and cleaned[i - 1] in ("-", "(-", "[-"):
        return cleaned[i - 1] != "-" or i < 2 or not cleaned[i - 2][-1:].isdigit()
    return False


def _counted(word: str, begin: int, i: int, cleaned: Sequence[str]) -> bool:
    """Return whether a number is printed as a number of people: n = 45."""
    before = (" ".join(cleaned[max(0, i - 2) : i]) + " " + word[:begin]).lower()
    return re.search(r"(?:^|[^a-z])n\s*=\s*$", before) is not None


def _thousands(cleaned: Sequence[str]) -> Iterator[Reading]:
    """Yield the numbers whose thousands are divided by a space: 1 234."""
    for i in range(len(cleaned) - 1):
        left, right = re.search(r"(?<![\d.,])[1-9]\d{0,2}$", cleaned[i]), re.match(r"\d{3}(?![\d.])", cleaned[i + 1])
        if left and right:
            negative = _negative(cleaned[i], left.start(), i, cleaned)
            size = Decimal(left.group() + right.group())
            yield Reading(size, 0, negative, False, False, i, i + 1, left.start(), right.end())


def _in_words(cleaned: Sequence[str]) -> Iterator[Reading]:
    """Yield the whole numbers that are written in words: twenty-three, one hundred and five."""
    i = 0
    while i < len(cleaned):
        value, stop = _worded(cleaned, i)
        if stop > i:
            yield Reading(Decimal(value), 0, False, False, True, i, stop - 1, 0, len(cleaned[stop - 1]))
        i = max(stop, i + 1)


def _worded(cleaned: Sequence[str], start: int) -> tuple[int, int]:
    """Return the number that begins at a word, and the index after its last word; the index itself where none does."""
    total, part, stop = 0, 0, start
    for i in range(start, min(start + 8, len(cleaned))):
        pieces = [piece for piece in re.split(r"[^a-z]+", cleaned[i].lower()) if piece]
        if pieces == ["and"] and stop > start and part % 100 == 0 and part:
            continue
        if not pieces or not all(piece in UNITS or piece in TENS or piece in LARGE for piece in pieces):
            break
        for piece in pieces:
            if piece in LARGE:
                part = max(part, 1) * LARGE[piece]
                total, part = (total + part, 0) if piece == "thousand" else (total, part)
            else:
                part += UNITS.get(piece, 0) + TENS.get(piece, 0)
        stop = i + 1
        if cleaned[i][-1:] in ".,;:)":
            break
    return total + part, stop


@dataclass(frozen=True)
class AskedNumber:
    """A stored figure: its size, its decimals, and its sign, which does not count where `signless`.

    A `ratio` may be printed as the percentage by which something rose or fell; what is `counted` is never rounded.
    """

    size: Decimal
    decimals: int
    negative: bool
    signless: bool
    ratio: bool = False
    counted: bool = False

    @classmethod
    def of(cls, text: str, signless: bool = False, ratio: bool = False, counted: bool = False) -> AskedNumber:
        """Return a cell as a figure that is looked up."""
        value = Decimal(text)
        decimals = max(0, -int(value.as_tuple().exponent))
        return cls(abs(value), decimals, value < 0, signless, ratio, counted)

    def percentages(self) -> tuple[Decimal, ...]:
        """Return the percentages as which it may be printed."""
        return (100 * self.size, *((abs(100 - 100 * self.size),) if self.ratio else ()))


def spelled(figure: AskedNumber, printed: Reading) -> SpelledAs | None:
    """Return how a printed number spells a figure, whatever the sign, or None where it is another number."""
    if printed.size == figure.size:
        return SpelledAs.IN_WORDS if printed.spelled_out else SpelledAs.ALIKE
    if (
        printed.percent
        and not figure.counted
        and printed.size in [rounded(size, printed.decimals) for size in figure.percentages()]
    ):
        return SpelledAs.PERCENTAGE if printed.size else None
    if printed.spelled_out or figure.counted:
        return None
    if printed.decimals < figure.decimals and printed.size == rounded(figure.size, printed.decimals):
        return SpelledAs.FEWER_DIGITS if _digits(printed.size, printed.decimals) >= LEAST_DIGITS else None
    if figure.decimals < printed.decimals <= MOST_DECIMALS and figure.size == rounded(printed.size, figure.decimals):
        return SpelledAs.MORE_DIGITS if _digits(figure.size, figure.decimals) >= LEAST_DIGITS else None
    return None


def same_sign(figure: AskedNumber, printed: Reading) -> bool:
    """Return whether a printed number has the sign of a figure."""
    return figure.signless or figure.size == 0 or figure.negative == printed.negative


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Return a number with so many decimals, a half upward."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _digits(value: Decimal, decimals: int = 0) -> int:
    """Return how many digits of a number count."""
    return len(str(int(value.scaleb(decimals)))) if value else 0
