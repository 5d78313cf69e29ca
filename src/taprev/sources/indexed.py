"""A page made ready to be searched: its numbers, and the stretches in which the figures of a row may stand together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from taprev.sources.page import SourcePage
from taprev.sources.spelling import AskedNumber, Reading, plain, readings, spelled
from taprev.vocabulary import SpelledAs

Stretch = tuple[int, ...]
"""Words that are read together, by their index on the page, in the order of their reading."""
MOST_WORDS = 70
LONGEST_ROW = 120
ROWS_TOGETHER = 3
ENDS = re.compile(r"(?:[^\W\d]|\)|\])[.!?][)\]\u201d\u2019\"']?(?:\d{1,3}(?:[,-]\d{1,3})*|[a-h])?$|\d[.!?]$")
ABBREVIATED = re.compile(r"(?:^|[^\w])(?:vs|v|cf|e\.g|i\.e|no|fig|ca|al|resp|approx|incl|[a-z])\.$", re.IGNORECASE)
TOKEN = re.compile(r"\d+(?:[.,]\d+)*|\.\d+|[^\W\d_]+|[<>=%]")
MOST_NUMBERS, SHARE_OF_NUMBERS = 9, 0.3
GUTTER, CROSSED = 6.0, 0.15


class IndexedPage:
    """The words of a page with its numbers by their size, its rows, its sentences and its tokens."""

    def __init__(self, page: SourcePage) -> None:
        self.page = page
        self.words = page.words
        self.readings = readings([word.text for word in page.words])
        self._of_figure: dict[AskedNumber, dict[Reading, SpelledAs]] = {}
        self._of_stretch: dict[Stretch, tuple[tuple[Reading, ...], frozenset[str], str]] = {}

    @cached_property
    def at_word(self) -> dict[int, list[Reading]]:
        """The numbers that begin in each word."""
        found: dict[int, list[Reading]] = defaultdict(list)
        for reading in self.readings:
            found[reading.first].append(reading)
        return found

    def spellings(self, figure: AskedNumber) -> dict[Reading, SpelledAs]:
        """Return the numbers of the page that spell a figure, whatever their sign."""
        if figure not in self._of_figure:
            found = ((reading, spelled(figure, reading)) for reading in self.readings)
            self._of_figure[figure] = {reading: how for reading, how in found if how}
        return self._of_figure[figure]

    @cached_property
    def columns(self) -> tuple[tuple[int, ...], ...]:
        """The rows of each column of a page in two columns, the left column first; none on other pages."""
        gutter = self._gutter()
        if gutter is None:
            return ()
        sides: tuple[list[Stretch], list[Stretch]] = ([], [])
        for row in self.page.rows:
            for side, own in enumerate((lambda i: self._middle(i) < gutter, lambda i: self._middle(i) >= gutter)):
                if part := tuple(filter(own, row)):
                    sides[side].append(part)
        return (*sides[0], *sides[1])

    def _middle(self, i: int) -> float:
        return self.words[i].frame.middle

    def _gutter(self) -> float | None:
        """Return where the space between two columns is, across which hardly a row has a word."""
        upright = [row for row in self.page.rows if self.words[row[0]].turned == 0]
        if len(upright) < 8:
            return None
        left = min(word.frame.left for word in self.words)
        right = max(word.frame.right for word in self.words)
        places = [left + (right - left) * part / 100 for part in range(35, 66)]
        crossed = [sum(self._crosses(row, place) for row in upright) for place in places]
        least = min(crossed)
        if least > CROSSED * len(upright):
            return None
        both = [place for place, count in zip(places, crossed, strict=True) if count == least]
        return both[len(both) // 2]

    def _crosses(self, row: Stretch, place: float) -> bool:
        half = GUTTER / 2
        return any(self.words[i].frame.left < place + half and self.words[i].frame.right > place - half for i in row)

    @cached_property
    def sentences(self) -> tuple[Stretch, ...]:
        """The sentences in the order of the text; what has no end is cut after seventy words."""
        found: list[Stretch] = []
        own: list[int] = []
        for i in range(len(self.words)):
            if own and (len(own) >= MOST_WORDS or self._begins(i)):
                found.append(tuple(own))
                own = []
            own.append(i)
        return (*found, tuple(own)) if own else tuple(found)

    def _is_row(self, row: Stretch) -> bool:
        """Return whether words may be a row of a table: not too many, and no sentence ends among them."""
        own = set(row[:LONGEST_ROW])
        return len(row) <= LONGEST_ROW and not any(i - 1 in own and self._begins(i) for i in row[1:])

    def _is_table(self, sentence: Stretch) -> bool:
        """Return whether words are rather the cells of a table than a sentence: so many of them are numbers."""
        numbers = sum(word in self.at_word for word in sentence)
        return numbers > MOST_NUMBERS and numbers > SHARE_OF_NUMBERS * len(sentence)

    def _begins(self, i: int) -> bool:
        last, word = self.words[i - 1 - self._is_mark(i - 1)].text, self.words[i].text
        ended = ENDS.search(last) is not None and ABBREVIATED.search(last) is None
        return ended and (word[:1].isupper() or word[:1] in '([\u201c"')

    @cached_property
    def stretches(self) -> tuple[tuple[Stretch, ...], ...]:
        """What may hold a row, piece by piece: one to three rows of a table, one or two sentences."""
        rows = (*self._together(self.page.rows), *self._together(self.columns))
        found = [pieces for pieces in rows if all(map(self._is_row, pieces))]
        prose = [one for one in self.sentences if not self._is_table(one)]
        following = {one[0]: one for one in prose}
        found += [(one,) for one in prose]
        found += [(one, following[one[-1] + 1]) for one in prose if one[-1] + 1 in following]
        return tuple(dict.fromkeys(found))

    def _together(self, rows: Sequence[Stretch]) -> Iterator[tuple[Stretch, ...]]:
        for i in range(len(rows)):
            for count in range(1, ROWS_TOGETHER + 1):
                own = rows[i : i + count]
                if len(own) == count and all(self._under(a, b) for a, b in pairwise(own)):
                    yield tuple(own)

    def _under(self, row: Stretch, below: Stretch) -> bool:
        one, other = self.words[row[0]], self.words[below[0]]
        height = one.frame.bottom - one.frame.top
        return one.turned == other.turned and 0 < other.frame.bottom - one.frame.bottom < 3 * height

    def _is_mark(self, i: int) -> bool:
        """Return whether a word is the mark of a reference or a footnote, glued to the word before."""
        glued = i > 0 and self.words[i].line == self.words[i - 1].line
        return glued and abs(self.words[i].frame.left - self.words[i - 1].frame.right) < 1

    def places_in(self, stretch: Stretch) -> tuple[Reading, ...]:
        """Return the numbers of a stretch in the order of their reading."""
        return self._known(stretch)[0]

    def tokens_in(self, stretch: Stretch) -> frozenset[str]:
        """Return the letters, numbers and signs of a stretch."""
        return self._known(stretch)[1]

    def text_of(self, stretch: Stretch) -> str:
        """Return the words of a stretch."""
        return self._known(stretch)[2]

    def _known(self, stretch: Stretch) -> tuple[tuple[Reading, ...], frozenset[str], str]:
        if stretch not in self._of_stretch:
            numbers = (r for word in stretch for r in sorted(self.at_word.get(word, ()), key=lambda r: r.begin))
            words = frozenset(token for token, _ in self.tokens(stretch))
            self._of_stretch[stretch] = tuple(numbers), words, " ".join(self.words[i].text for i in stretch)
        return self._of_stretch[stretch]

    @cached_property
    def in_orders(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """The tokens of the page in the order of the text, and in that of its rows."""
        return self.tokens(range(len(self.words))), self.tokens(i for row in self.page.rows for i in row)

    def tokens(self, order: Iterable[int]) -> list[tuple[str, int]]:
        """Return the letters, numbers and signs of words, each with its word, without marks and capitals."""
        found: list[tuple[str, int]] = []
        divided = ""
        for i in order:
            text = divided + plain(self.words[i].text).lower()
            last = i + 1 == len(self.words) or self.words[i + 1].line != self.words[i].line
            if text.endswith("-") and last and text[-2:-1].isalpha():
                divided = text[:-1]
                continue
            divided = ""
            found += [(token, i) for token in tokens(text)]
        return found


def tokens(text: str) -> list[str]:
    """Return the words, numbers and signs of a text, without marks and capitals; zeros before a point are left out."""
    return [token.lstrip("0") or "0" if token[0] in "0." else token for token in TOKEN.findall(plain(text).lower())]
