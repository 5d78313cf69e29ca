"""A figure that was looked up as it is told: the verdict, the words around it, and the picture of its place."""

from __future__ import annotations

from collections import Counter
from functools import reduce

from taprev.extraction.looked_up import LookedUpFigure
from taprev.sources.asked import AskedFigure, AskedRow
from taprev.sources.indexed import IndexedPage
from taprev.sources.lookup import FoundFigure, IndexedSource
from taprev.sources.page import PrintedWord, Rectangle
from taprev.sources.picture import picture
from taprev.sources.spelling import Reading
from taprev.vocabulary import SourceVerdict

WORDS_AROUND = 14
OTHER_SIGN = "printed with the other sign"


class PlacePictures:
    """The pictures so far, each under a name that no other has, whatever its capitals; none where none are wanted."""

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted
        self.files: dict[str, bytes] = {}
        self._taken: Counter[str] = Counter()

    def add(self, result: str, column: str, content: bytes) -> str:
        """Keep a picture and return its name."""
        stem = f"{result}_{column}"
        self._taken[stem.lower()] += 1
        again = self._taken[stem.lower()]
        name = f"{stem}{'' if again == 1 else f'~{again}'}.png"
        self.files[name] = content
        return name


def unseen(asked: AskedRow, figure: AskedFigure, verdict: SourceVerdict, said: str) -> LookedUpFigure:
    """Return a figure of which no place is known."""
    return LookedUpFigure(asked.result, asked.report, figure.column, figure.text, asked.page, verdict, said=said)


def told(
    asked: AskedRow, found: FoundFigure, file: str, source: IndexedSource, pictures: PlacePictures, said: str
) -> LookedUpFigure:
    """Return a figure with its place, of which a picture is kept where the source has pages."""
    remarks = "; ".join(filter(None, (said, OTHER_SIGN if found.other_sign else "")))
    if found.reading is None or found.page is None:
        return unseen(asked, found.figure, found.verdict, remarks)
    page = source.page(found.page)
    before, printed, after = _around(page, found, found.reading)
    shown = _picture(source, page, found, found.reading) if pictures.wanted else b""
    return LookedUpFigure(
        result=asked.result,
        report=asked.report,
        column=found.figure.column,
        value=found.figure.text,
        page=asked.page,
        verdict=found.verdict,
        page_found=str(found.page) if source.source.pdf else "",
        file=file,
        spelled=found.spelled or "",
        before=before,
        printed=printed,
        after=after,
        picture=pictures.add(asked.result, found.figure.column, shown) if shown else "",
        said=remarks,
    )


def _around(page: IndexedPage, found: FoundFigure, reading: Reading) -> tuple[str, str, str]:
    """Return the words before a figure, those that print it, and those after it, as far as they are read together."""
    own = list(found.stretch) if reading.first in found.stretch else list(range(reading.first, reading.last + 1))
    at = own.index(reading.first)
    end = own.index(reading.last) if reading.last in own else at
    pieces = (own[max(0, at - WORDS_AROUND) : at], own[at : end + 1], own[end + 1 : end + 1 + WORDS_AROUND])
    before, printed, after = (" ".join(page.words[i].text for i in piece) for piece in pieces)
    return before, printed, after


def _picture(source: IndexedSource, page: IndexedPage, found: FoundFigure, reading: Reading) -> bytes:
    document = source.source.pdf
    if document is None:
        return b""
    words = [page.words[i] for i in range(reading.first, reading.last + 1)]
    row = [word for word in (page.words[i] for i in found.stretch) if _side_by_side(word, words[0])] or words
    shown = document[page.page.number - 1]
    try:
        return picture(shown, _mark(words, reading), _hull(row), words[0].turned)
    finally:
        shown.close()


def _side_by_side(word: PrintedWord, other: PrintedWord) -> bool:
    return abs(word.frame.bottom - other.frame.bottom) < (other.frame.bottom - other.frame.top) / 3


def _mark(words: list[PrintedWord], reading: Reading) -> Rectangle:
    """Return the place of a figure alone, without what is glued to it: of an upright word its share of the letters."""
    hull = _hull(words)
    if words[0].turned or len(words) > 1 or not words[0].text:
        return hull
    width, letters = hull.right - hull.left, len(words[0].text)
    begin = hull.left + width * reading.begin / letters
    return Rectangle(begin, hull.top, hull.left + width * reading.end / letters, hull.bottom)


def _hull(words: list[PrintedWord]) -> Rectangle:
    return reduce(Rectangle.around, (word.place for word in words if word.place is not None))
