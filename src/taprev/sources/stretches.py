"""Which printed number of a stretch is which figure of a row, and in which stretch the row most likely stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taprev.extraction.plausibility.expression import FELL
from taprev.sources.arms import arm_of, in_another_arm, step_in
from taprev.sources.asked import AskedFigure, AskedRow
from taprev.sources.indexed import IndexedPage, Stretch, tokens
from taprev.sources.spelling import Reading, same_sign
from taprev.vocabulary import SpelledAs

FOR_BOTH = ("each", "both", "either", "per", "every")
LABELLED, NAMED = 0.5, 0.5
OTHER_NUMBER, LONE_PIECE, FURTHER_PIECE = 0.03, 1.3, 0.1
ROUNDED = 0.7
ENOUGH = 0.5
ROUNDINGS = frozenset({SpelledAs.FEWER_DIGITS, SpelledAs.MORE_DIGITS})
Hits = Mapping[AskedFigure, Mapping[Reading, SpelledAs]]


@dataclass(frozen=True)
class Placed:
    """A figure in its place: the number that prints it, and how."""

    reading: Reading
    spelled: SpelledAs


@dataclass(frozen=True)
class Standing:
    """How a row stands in a stretch: its figures in their places, those that stand in another's, and how well."""

    stretch: Stretch
    placed: Mapping[AskedFigure, Placed]
    score: float
    share: float
    named: float

    @property
    def holds(self) -> bool:
        """Whether the row stands here: most of it does, and either two of its figures or its name."""
        return self.share >= ENOUGH and (len(self.placed) > 1 or self.named >= NAMED)


def weight(figure: AskedFigure) -> float:
    """Return how much a figure says of its place: one digit stands everywhere, four do not."""
    digits = len(figure.text.strip("-").replace(".", "").lstrip("0"))
    return min(1.0, 0.15 + 0.25 * digits)


def best_standing(page: IndexedPage, asked: AskedRow, hits: Hits, near: Stretch = ()) -> Standing | None:
    """Return how a row stands in the stretch of a page in which most of it stands, or None where none of it does.

    The stretch holds a part of `near`, where that is given.
    """
    beginning = {reading.first for own in hits.values() for reading in own}
    candidates = [s for s in page.stretches if all(not beginning.isdisjoint(piece) for piece in (s[0], s[-1]))]
    standings = (standing_in(page, asked, hits, *pieces) for pieces in candidates)
    close = set(near)
    standings = (one for one in standings if not close or not close.isdisjoint(one.stretch))
    return max(standings, key=lambda one: round(one.score, 9), default=None)


def standing_in(page: IndexedPage, asked: AskedRow, hits: Hits, *pieces: Stretch) -> Standing:
    """Return how a row stands in a stretch of some pieces."""
    stretch = tuple(word for piece in pieces for word in piece)
    own = set(stretch)
    printed = page.places_in(stretch)
    places = {place: i for i, place in enumerate(dict.fromkeys(reading.place for reading in printed))}
    order = {reading: places[reading.place] for reading in printed}
    falls = FELL.search(page.text_of(stretch)) is not None
    within = {
        figure: _with_sign(figure, {r: how for r, how in found.items() if r.first in own}, falls)
        for figure, found in hits.items()
    }
    placed = _rounded_alike(_in_their_arms(_distributed(within, order, _for_both(page, stretch)), order))
    gained = sum(weight(f) * (1.0 if p.spelled not in ROUNDINGS else ROUNDED) for f, p in placed.items())
    whole = sum(weight(figure) for figure in hits) or 1.0
    sizes = {reading.size for reading in printed}
    also = sum(number.size in sizes for number in asked.also)
    named = _named(page, asked, stretch)
    spare = len(places) - len(placed) - also
    score = gained + 0.5 * also + LABELLED * named - OTHER_NUMBER * max(spare, 0) - _divided(pieces, placed)
    return Standing(stretch, placed, score, sum(map(weight, placed)) / whole, named)


def _divided(pieces: Sequence[Stretch], placed: Mapping[AskedFigure, Placed]) -> float:
    """Return what it costs that a row is divided: little where each piece holds an arm, or a statistic, of its own."""
    if len(pieces) == 1:
        return 0.0
    piece_of = {word: i for i, piece in enumerate(pieces) for word in piece}
    at = [(figure, piece_of[one.reading.first]) for figure, one in placed.items()]
    held = [sum(i == piece for _, i in at) for piece in range(len(pieces))]
    by_arm = _each_in_one({(f.arm, i) for f, i in at}) and len({f.arm for f, _ in at}) > 1
    by_statistic = (
        _each_in_one({(f.statistic, i) for f, i in at}) and min((count for count in held if count), default=0) > 1
    )
    return (FURTHER_PIECE if by_arm or by_statistic else LONE_PIECE) * (len(pieces) - 1)


def _each_in_one(pairs: set[tuple]) -> bool:
    return len({name for name, _ in pairs}) == len(pairs)


def _with_sign(figure: AskedFigure, found: Mapping[Reading, SpelledAs], falls: bool) -> dict[Reading, SpelledAs]:
    """Return the numbers that have the sign of a figure too; a fall may be said in words."""
    signed = {reading: how for reading, how in found.items() if same_sign(figure.figure, reading)}
    if signed or not (falls and figure.figure.negative):
        return signed
    return dict.fromkeys(found, SpelledAs.SIGN_IN_WORDS)


def _for_both(page: IndexedPage, stretch: Stretch) -> bool:
    return not page.tokens_in(stretch).isdisjoint(FOR_BOTH)


def _named(page: IndexedPage, asked: AskedRow, stretch: Stretch) -> float:
    """Return which part of the words by which the row is called stands in a stretch; its measure counts most."""
    wanted = {token for token in tokens(asked.labels[0]) if len(token) > 2 or token.isdigit()}
    if not wanted:
        return 0.0
    return len(wanted & page.tokens_in(stretch)) / len(wanted)


def _distributed(
    within: Mapping[AskedFigure, Mapping[Reading, SpelledAs]], order: Mapping[Reading, int], for_both: bool
) -> dict[AskedFigure, Placed]:
    """Give each figure a place of its own: as it is stored before rounded, as many figures as can be."""
    taken: dict[tuple[int, int], AskedFigure] = {}
    placed: dict[AskedFigure, Placed] = {}

    def found_room(figure: AskedFigure, tried: set[tuple[int, int]]) -> bool:
        def rank(reading: Reading) -> tuple[bool, int]:
            return within[figure][reading] in ROUNDINGS, order[reading]

        for reading in sorted((r for r in within[figure] if r in order), key=rank):
            if reading.place in tried:
                continue
            tried.add(reading.place)
            if reading.place not in taken or found_room(taken[reading.place], tried):
                taken[reading.place] = figure
                placed[figure] = Placed(reading, within[figure][reading])
                return True
        return False

    for figure in sorted(within, key=lambda f: all(how in ROUNDINGS for how in within[f].values())):
        found_room(figure, set())
    for figure in [one for one in within if one not in placed]:
        _settle(figure, within, placed, order, for_both)
    return _in_step(_in_turn(placed, order), within, order)


def _in_step(
    placed: dict[AskedFigure, Placed],
    within: Mapping[AskedFigure, Mapping[Reading, SpelledAs]],
    order: Mapping[Reading, int],
) -> dict[AskedFigure, Placed]:
    """Of a figure that is printed twice, take the place that is in step with the other figures of the arms."""
    for figure in [one for one in placed if one.arm and len(within[one]) > 1]:
        claimed = {one.reading.place for other, one in placed.items() if other != figure}
        free = {reading: how for reading, how in within[figure].items() if reading.place not in claimed}
        readings = {other: one.reading for other, one in placed.items()}
        if better := step_in(figure, list(free), readings, order):
            placed[figure] = Placed(better, free[better])
    return placed


def _in_turn(placed: dict[AskedFigure, Placed], order: Mapping[Reading, int]) -> dict[AskedFigure, Placed]:
    """Give figures that are alike their places in turn, those of the first arm first."""
    alike: dict[tuple, list[AskedFigure]] = defaultdict(list)
    for figure in sorted(placed, key=lambda f: f.arm):
        alike[figure.figure.size, figure.figure.negative, figure.figure.counted].append(figure)
    for figures in alike.values():
        places = sorted((placed[figure] for figure in figures), key=lambda one: order[one.reading])
        placed.update(zip(figures, places, strict=True))
    return placed


def _settle(
    figure: AskedFigure,
    within: Mapping[AskedFigure, Mapping[Reading, SpelledAs]],
    placed: dict[AskedFigure, Placed],
    order: Mapping[Reading, int],
    for_both: bool,
) -> None:
    """Say which of two figures a number that is printed once belongs to."""
    other = next((f for f in placed if f.statistic == figure.statistic and f.arm + figure.arm == 3), None)
    if other is None or placed[other].reading not in within[figure]:
        return
    reading = placed[other].reading
    here = Placed(reading, within[figure][reading])
    readings = {f: one.reading for f, one in placed.items()}
    if for_both and figure.of_people:
        placed[figure] = here
    elif arm_of(reading, figure, readings, order) == figure.arm:
        placed[figure] = here
        del placed[other]


def _rounded_alike(placed: Mapping[AskedFigure, Placed]) -> dict[AskedFigure, Placed]:
    """Leave out what is rounded where other figures with as many decimals are not: nobody rounds one alone."""
    as_stored = {f.figure.decimals for f, p in placed.items() if p.spelled not in ROUNDINGS}
    return {f: p for f, p in placed.items() if p.spelled not in ROUNDINGS or f.figure.decimals not in as_stored}


def _in_their_arms(placed: dict[AskedFigure, Placed], order: Mapping[Reading, int]) -> dict[AskedFigure, Placed]:
    """Leave out the figures that stand in the place of another arm."""
    misplaced = in_another_arm({figure: one.reading for figure, one in placed.items()}, order)
    return {figure: one for figure, one in placed.items() if figure not in misplaced}
