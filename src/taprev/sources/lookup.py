"""Looking the figures of a row up: at the quote, in the stretch of the row, elsewhere on the page, on another page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from taprev.sources.anchors import quoted
from taprev.sources.asked import AskedFigure, AskedRow
from taprev.sources.indexed import IndexedPage, Stretch
from taprev.sources.opening import OpenSource
from taprev.sources.spelling import Reading, same_sign
from taprev.sources.stretches import ROUNDINGS, Hits, Standing, best_standing, standing_in
from taprev.vocabulary import SourceVerdict, SpelledAs

HEADS_ABOVE = 60


@dataclass(frozen=True)
class FoundFigure:
    """The verdict on a figure, and where it stands: its page, the number that prints it, the words around it."""

    figure: AskedFigure
    verdict: SourceVerdict
    page: int | None = None
    reading: Reading | None = None
    stretch: Stretch = ()
    spelled: SpelledAs | None = None
    other_sign: bool = False
    anchored: bool = False


class IndexedSource:
    """An opened source whose pages are made ready when they are asked for."""

    def __init__(self, source: OpenSource) -> None:
        self.source = source
        self._pages: dict[int, IndexedPage] = {}

    def page(self, number: int) -> IndexedPage:
        """Return a page by its number in the file."""
        if number not in self._pages:
            self._pages[number] = IndexedPage(self.source.page(number))
        return self._pages[number]

    @property
    def count(self) -> int:
        """How many pages there are."""
        return self.source.count

    def in_file(self, names: Sequence[str]) -> list[int]:
        """Return the pages that bear these numbers in the file."""
        return [int(name) for name in names if name.isdigit() and 1 <= int(name) <= self.count]

    def as_printed(self, names: Sequence[str]) -> list[int]:
        """Return the pages that bear these numbers in the file's own count, or printed at their head or foot."""
        every = range(1, self.count + 1)
        return [number for number in every if {self.page(number).page.label, self._folio(number)} & {*names}]

    def _folio(self, number: int) -> str:
        """Return the number that stands alone at the head or foot of a page, where one does."""
        words = self.page(number).words
        rows = self.page(number).page.rows
        for row in (*rows[:1], *rows[-1:]):
            alone = [words[i].text for i in row if words[i].text.isdigit()]
            if len(alone) == 1 and len(row) < 12:
                return alone[0]
        return ""


def look_up(asked: AskedRow, source: IndexedSource) -> list[FoundFigure]:
    """Return the verdict on every figure of a row."""
    own = source.in_file(asked.pages)
    found = _in_place(asked, source, own)
    if not found and asked.pages:
        own = list(dict.fromkeys((*own, *source.as_printed(asked.pages))))
        found = _in_place(asked, source, own)
    stated = bool(own)
    own = own or list(range(1, source.count + 1))
    if all(not source.page(number).words for number in own):
        return [FoundFigure(figure, SourceVerdict.NO_TEXT, own[0]) for figure in asked.figures]
    found = found or _in_place(asked, source, own)
    others = [number for number in range(1, source.count + 1) if number not in own]
    if not found:
        moved = _in_place(asked, source, others)
        found = {figure: replace(one, verdict=SourceVerdict.OTHER_PAGE) for figure, one in moved.items()}
    anchored = bool(found)
    home = next((one.page for one in found.values()), None)
    near = [home] if home and not stated else own
    verdicts = [found.get(f) or _anywhere(f, source, near, [*own, *others], anchored) for f in asked.figures]
    return [*verdicts, *(FoundFigure(figure, SourceVerdict.COMPUTED) for figure in asked.computed)]


def _in_place(asked: AskedRow, source: IndexedSource, pages: Sequence[int]) -> dict[AskedFigure, FoundFigure]:
    """Return the figures that stand where the row stands, on the page on which it stands best."""
    best: tuple[float, dict[AskedFigure, FoundFigure]] = (0.0, {})
    for number in pages:
        page = source.page(number)
        hits = {figure: page.spellings(figure.figure) for figure in asked.figures}
        if not any(hits.values()) and not asked.quote:
            continue
        score, found = _on_page(asked, page, hits)
        if score > best[0]:
            best = score, found
    return best[1]


def _on_page(asked: AskedRow, page: IndexedPage, hits: Hits) -> tuple[float, dict[AskedFigure, FoundFigure]]:
    number, score = page.page.number, 0.0
    found: dict[AskedFigure, FoundFigure] = {}
    at_quote: Standing | None = None
    for quote in (asked.quote, asked.expression):
        stretch = quoted(page, quote) if quote and at_quote is None else ()
        if stretch:
            at_quote = standing_in(page, asked, hits, stretch)
            found |= _as_found(at_quote, number, SourceVerdict.AT_QUOTE)
            score += 10 + at_quote.score
    row = best_standing(page, asked, hits, near=at_quote.stretch if at_quote else ())
    if row and row.holds:
        taken = {one.reading.place for one in found.values() if one.reading}
        beside = _as_found(row, number, SourceVerdict.WITH_ROW)
        found = {f: one for f, one in beside.items() if one.reading and one.reading.place not in taken} | found
        score += row.score + _of_table(asked, page)
    if found:
        found = dict(_at_heads(asked, page, hits, found)) | found
    return score, found


def _of_table(asked: AskedRow, page: IndexedPage) -> float:
    """Return a little where the page has the table or figure that the row names."""
    if asked.table is None:
        return 0.0
    names = [token for token, _ in page.in_orders[0]]
    return 0.3 if asked.table in pairwise(names) else 0.0


def _as_found(standing: Standing, page: int, verdict: SourceVerdict) -> dict[AskedFigure, FoundFigure]:
    return {
        figure: FoundFigure(figure, verdict, page, placed.reading, standing.stretch, placed.spelled, anchored=True)
        for figure, placed in standing.placed.items()
    }


def _at_heads(
    asked: AskedRow, page: IndexedPage, hits: Hits, found: dict[AskedFigure, FoundFigure]
) -> Iterator[tuple[AskedFigure, FoundFigure]]:
    """Yield the numbers of people that stand, as n = 45, at the head of the columns of their arm."""
    columns = {arm: _column_of(page, arm, found) for arm in (1, 2)}
    for figure in asked.figures:
        if figure in found or not figure.of_people or columns[figure.arm] is None:
            continue
        across, top = columns[figure.arm] or (0.0, 0.0)
        other = columns[3 - figure.arm]
        for reading, how in hits[figure].items():
            frame = page.words[reading.first].frame
            if not reading.counted or frame.bottom >= top:
                continue
            nearer = other is None or abs(frame.middle - across) < abs(frame.middle - other[0])
            if nearer and abs(frame.middle - across) < HEADS_ABOVE:
                stretch = next(row for row in page.page.rows if reading.first in row)
                yield (
                    figure,
                    FoundFigure(figure, SourceVerdict.WITH_ROW, page.page.number, reading, stretch, how, anchored=True),
                )
                break


def _column_of(page: IndexedPage, arm: int, found: dict[AskedFigure, FoundFigure]) -> tuple[float, float] | None:
    frames = [page.words[one.reading.first].frame for f, one in found.items() if f.arm == arm and one.reading]
    if not frames:
        return None
    return sum(frame.middle for frame in frames) / len(frames), min(frame.top for frame in frames)


def _anywhere(
    figure: AskedFigure, source: IndexedSource, near: Sequence[int], every: Sequence[int], anchored: bool
) -> FoundFigure:
    """Return the verdict on a figure that does not stand where its row stands; there a rounded one says nothing."""
    turned: FoundFigure | None = None
    for number in dict.fromkeys((*near, *every)):
        page = source.page(number)
        verdict = SourceVerdict.ON_PAGE if number in near else SourceVerdict.OTHER_PAGE
        for reading, how in page.spellings(figure.figure).items():
            if how in ROUNDINGS:
                continue
            stretch = next((row for row in page.page.rows if reading.first in row), ())
            if same_sign(figure.figure, reading):
                return FoundFigure(figure, verdict, number, reading, stretch, how, anchored=anchored)
            if turned is None and number in near:
                turned = FoundFigure(
                    figure, SourceVerdict.NOT_FOUND, number, reading, stretch, how, other_sign=True, anchored=anchored
                )
    return turned or FoundFigure(figure, SourceVerdict.NOT_FOUND, anchored=anchored)
