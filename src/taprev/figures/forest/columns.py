"""Where the columns of a forest plot are, fitted to the widest text of each, in points from the left.

Where the page is too narrow for all of them, first the descriptors go beneath the label, then the sizes of the arms,
and the risk of bias by domain gives way to the overall judgement. In a column of a journal the rows are stacked: the
label with n and weight on one line, the plot with the estimate beneath it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from taprev.drawing import theme, typeset
from taprev.drawing.judgement_signs import SIZE
from taprev.figures.forest import rows
from taprev.figures.forest.bias_columns import ALONE
from taprev.figures.forest.layout import Layout
from taprev.figures.forest.styles import APPEARANCES, Appearance

INDENT, STACKED_INDENT = 12.0, 16.0
STACKED_MARGIN, STACKED_LABEL, STACKED_BELOW, DROP = 6.0, 130.0, 730.0, 17.0
BEFORE_NUMBERS, BEFORE_WEIGHT, BEFORE_UPPER, BEFORE_LOWER = 26.0, 22.0, 5.0, 9.0
LEAST_LABEL, MOST_LABEL = 190.0, 276.0
LEAST_PLOT = 220.0
QUIET = 404.0
GAP = 16.0
TIER, AFTER_TIER = 28.0, 32.0
ARM, SLASH = 16.0, 8.0
BETWEEN_ARMS = 20.0
LEAST_DESCRIPTOR = 44.0
LIGHT, BEFORE_LIGHTS, BETWEEN_HEADS = SIZE + 7.0, 16.0, 6.0


@dataclass(frozen=True)
class Arms:
    """The right ends of events and totals of both arms, or of their sizes; `events` and `totals` have two each."""

    events: tuple[float, float]
    totals: tuple[float, float]
    plain: tuple[float, float]


@dataclass(frozen=True)
class ForestColumns:
    """Label, descriptors, arms, tier, plot, the three pieces of an estimate, weight and risk of bias.

    Numbers end at their column's x, `right` is where the last ends, `free` where rows without an axis have room.
    `descriptors` are left end and width, `bias` the middle of each column with its position among the judgements; both
    are empty where they are not drawn as columns.
    """

    label: float
    room: float
    descriptors: tuple[tuple[float, float], ...]
    arms: Arms | None
    tier: float
    plot_left: float
    plot_right: float
    free: float
    estimate: float
    lower: float
    upper: float
    weight: float
    bias: tuple[tuple[float, int], ...]
    right: float
    numbers_first: bool = False
    stacked: bool = False

    @property
    def quiet_room(self) -> float:
        """How wide a line beneath a row may be."""
        return self.right - self.label if self.stacked else self.plot_left - self.label - 16

    @property
    def pooled_room(self) -> float:
        """How wide the label of a pooled estimate may be."""
        if self.stacked:
            return self.room
        return self.free - self.label if self.numbers_first else self.quiet_room

    @property
    def drop(self) -> float:
        """How far below the label of a row its marks and its estimate are."""
        return DROP if self.stacked else 0.0


@dataclass(frozen=True)
class Rung:
    """What is drawn as columns, and how narrow label and plot may become before the next rung is tried.

    `descriptors` is how wide the widest of them may be, nothing where they go beneath the label.
    """

    descriptors: float
    arms: bool
    domains: bool
    label: float
    plot: float


RUNGS = (
    Rung(118.0, True, True, LEAST_LABEL, LEAST_PLOT),
    Rung(118.0, True, True, 150.0, 200.0),
    Rung(84.0, True, True, 150.0, 200.0),
    Rung(84.0, True, True, 140.0, 170.0),
    Rung(0.0, True, True, 150.0, 170.0),
    Rung(0.0, False, True, 130.0, 150.0),
    Rung(0.0, False, False, 110.0, 130.0),
)


@dataclass(frozen=True)
class Widths:
    """How wide the text of each column is."""

    label: float
    descriptors: tuple[float, ...]
    events: tuple[float, ...]
    totals: tuple[float, ...]
    plain: tuple[float, ...]
    pieces: tuple[float, ...]
    estimate_head: float
    weight: float
    bias: tuple[float, ...]

    def capped(self, most: float) -> tuple[float, ...]:
        """Return the widths of the descriptors where none is wider than `most`, none where that is nothing."""
        return tuple(min(width, most) for width in self.descriptors) if most else ()

    def block(self) -> float:
        """Return the width of the sizes of both arms."""
        plain = self.plain[0] + (ARM + self.plain[1] if self.plain[1] else 0)
        if not any(self.events):
            return plain
        one, two = (e + ARM + t for e, t in zip(self.events, self.totals, strict=True))
        return max(plain, one + BETWEEN_ARMS + two)

    @property
    def numbers(self) -> float:
        """The width of an estimate with its interval, or of its head where that is wider."""
        one, two, three = self.pieces
        return max(one + BEFORE_LOWER + two + BEFORE_UPPER + three, self.estimate_head)

    def right(self, page: float, domains: bool) -> float:
        """Return where plot and numbers end: at the edge of the page, or before the risk of bias."""
        edge = page - theme.MARGIN
        return edge - sum(self.shown(domains)) - BEFORE_LIGHTS if self.bias else edge

    def shown(self, domains: bool) -> tuple[float, ...]:
        """Return the widths of the columns of risk of bias: all, or that of the overall judgement alone."""
        return self.bias if domains or not self.bias else (light_width(ALONE),)


def columns_of(layout: Layout) -> ForestColumns:
    """Return the columns of a layout on the highest rung that its page has room for; the plot takes what is left."""
    widths, page, look = _widths(layout), page_width(layout), APPEARANCES[layout.how.style]
    if is_stacked(layout):
        return _stacked(widths, page)
    rung = next((rung for rung in RUNGS if _plot(widths, rung, page, look) >= rung.plot), RUNGS[-1])
    return _placed(widths, rung, page, look)


def page_width(layout: Layout) -> float:
    """Return how wide the page is for type of the usual size."""
    return theme.WIDTH * layout.how.width / 170 * theme.SMALLEST / (2 * layout.how.type_size)


def page_height(layout: Layout) -> float | None:
    """Return how high the page is for type of the usual size, None where it may be as high as it gets."""
    height = layout.how.height
    return None if height is None else page_width(layout) * height / layout.how.width


def page_margin(layout: Layout) -> float:
    """Return the white around the page; a column of a journal has less of it."""
    return STACKED_MARGIN if is_stacked(layout) else theme.MARGIN


def is_stacked(layout: Layout) -> bool:
    """Return whether the page is too narrow for plot and numbers next to a label."""
    return page_width(layout) < STACKED_BELOW


def _plot(widths: Widths, rung: Rung, page: float, look: Appearance) -> float:
    """Return how wide the plot becomes next to the narrowest label."""
    room = min(widths.label, rung.label)
    return _plot_right(widths, rung, page, look) - _left(widths, rung, room, look)


def _left(widths: Widths, rung: Rung, room: float, look: Appearance) -> float:
    """Return where the plot begins at the earliest."""
    descriptors = sum(GAP + width for width in widths.capped(rung.descriptors))
    arms = GAP + widths.block() if rung.arms else 0.0
    numbers = widths.numbers + BEFORE_NUMBERS if look.numbers_first else 0.0
    weight = widths.weight + BEFORE_WEIGHT if look.weight_first else 0.0
    return theme.MARGIN + INDENT + room + descriptors + arms + TIER + AFTER_TIER + weight + numbers


def _plot_right(widths: Widths, rung: Rung, page: float, look: Appearance) -> float:
    right = widths.right(page, rung.domains)
    if look.weight_first:
        return right
    right -= widths.weight + BEFORE_WEIGHT
    return right if look.numbers_first else right - widths.numbers - BEFORE_NUMBERS


def _placed(widths: Widths, rung: Rung, page: float, look: Appearance) -> ForestColumns:
    label, right = theme.MARGIN + INDENT, widths.right(page, rung.domains)
    plot_right = _plot_right(widths, rung, page, look)
    most = MOST_LABEL * max(1.0, page / theme.WIDTH)
    room = min(most, max(LEAST_LABEL, widths.label))
    room = max(min(widths.label, rung.label), min(room, plot_right - rung.plot - _left(widths, rung, 0.0, look)))
    plot_left = max(_left(widths, rung, room, look), min(label + QUIET, plot_right - rung.plot))
    upper = plot_left - BEFORE_NUMBERS if look.numbers_first else plot_right + BEFORE_NUMBERS + widths.numbers
    weight = upper - widths.numbers - BEFORE_WEIGHT if look.weight_first else right
    lower = upper - widths.pieces[2] - BEFORE_UPPER
    begin = plot_left - (widths.numbers + BEFORE_NUMBERS if look.numbers_first else 0.0)
    tier = begin - (widths.weight + BEFORE_WEIGHT if look.weight_first else 0.0) - AFTER_TIER
    x = tier - TIER
    arms = _arms(widths, x) if rung.arms else None
    x -= widths.block() if rung.arms else -GAP
    descriptors: list[tuple[float, float]] = []
    for width in reversed(widths.capped(rung.descriptors)):
        x -= GAP + width
        descriptors.insert(0, (x, width))
    return ForestColumns(
        label=label,
        room=x - GAP - label,
        descriptors=tuple(descriptors),
        arms=arms,
        tier=tier,
        plot_left=plot_left,
        plot_right=plot_right,
        free=tier + AFTER_TIER,
        estimate=lower - widths.pieces[1] - BEFORE_LOWER,
        lower=lower,
        upper=upper,
        weight=weight,
        bias=_bias(widths, rung, right + BEFORE_LIGHTS),
        right=max(right, upper),
        numbers_first=look.numbers_first,
    )


def _stacked(widths: Widths, page: float) -> ForestColumns:
    """Return the columns of rows whose plot and estimate stand beneath the label."""
    right, label = page - STACKED_MARGIN, STACKED_MARGIN + STACKED_INDENT
    arms_right = right - widths.weight - BEFORE_WEIGHT / 2
    arms = arms_right - widths.block() - GAP - label >= STACKED_LABEL
    lower = right - widths.pieces[2] - BEFORE_UPPER
    return ForestColumns(
        label=label,
        room=arms_right - (widths.block() + GAP if arms else 0.0) - label,
        descriptors=(),
        arms=_arms(widths, arms_right) if arms else None,
        tier=STACKED_MARGIN + 5,
        plot_left=label,
        plot_right=right - widths.numbers - BEFORE_NUMBERS / 2,
        free=label,
        estimate=lower - widths.pieces[1] - BEFORE_LOWER,
        lower=lower,
        upper=right,
        weight=right,
        bias=(),
        right=right,
        stacked=True,
    )


def _arms(widths: Widths, right: float) -> Arms:
    """Return the columns of both arms, the last of which ends at `right`."""
    first = right - (ARM + widths.plain[1] if widths.plain[1] else 0)
    total = right - (widths.totals[1] + ARM + widths.events[1]) - BETWEEN_ARMS
    return Arms(
        events=(total - widths.totals[0] - ARM, right - widths.totals[1] - ARM),
        totals=(total, right),
        plain=(first, right),
    )


def _bias(widths: Widths, rung: Rung, left: float) -> tuple[tuple[float, int], ...]:
    """Return the middle of every column of risk of bias, the overall judgement last."""
    shown = widths.shown(rung.domains)
    first = len(widths.bias) - len(shown)
    ends = itertools.accumulate(shown, initial=left)
    return tuple((end + width / 2, first + at) for at, (end, width) in enumerate(zip(ends, shown, strict=False)))


def light_width(head: str) -> float:
    """Return how wide a column of risk of bias is: as its sign, or as its head where that is wider."""
    return max(LIGHT, typeset.width(head, theme.HEAD) + BETWEEN_HEADS)


def _widths(layout: Layout) -> Widths:
    look = APPEARANCES[layout.how.style]
    heads = [row for row in layout.rows if isinstance(row, rows.ColumnHeads)]
    events = [row.events for row in layout.rows if isinstance(row, rows.StudyRow) and row.events]
    named = _widest((name, theme.HEAD) for head in heads for name in head.events)
    pairs = [(0.0, 0.0), (0.0, 0.0)]
    if any(head.events for head in heads):
        for arm in (0, 1):
            event = _widest((cells[2 * arm], theme.BODY) for cells in events)
            total = max(_widest((cells[2 * arm + 1], theme.BODY) for cells in events), _widest(_sizes(layout, arm)))
            pairs[arm] = (event, max(total, named - ARM - event))
    return Widths(
        label=max(_widest(_labels(layout)), typeset.width(look.study_head, theme.HEAD)),
        descriptors=tuple(_descriptor(layout, position) for position in range(len(layout.descriptors))),
        events=(pairs[0][0], pairs[1][0]),
        totals=(pairs[0][1], pairs[1][1]),
        plain=(_widest([("00", theme.BODY), *_sizes(layout, 0)]), _widest(_sizes(layout, 1))),
        pieces=tuple(_widest(_pieces(layout, position)) for position in range(3)),
        estimate_head=_widest((look.signed(head.estimate), theme.HEAD) for head in heads),
        weight=_widest(_weights(layout)),
        bias=tuple(light_width(head) for head in layout.bias),
    )


def _widest(texts: Iterable[tuple[str, theme.Type]]) -> float:
    return max((typeset.width(text, kind) for text, kind in texts if text), default=0.0)


def _descriptor(layout: Layout, position: int) -> float:
    """Return how wide a column of descriptors is: as its widest text, and never narrower than a short word."""
    texts = [row.descriptors[position] for row in layout.rows if isinstance(row, rows.StudyRow | rows.DirectionRow)]
    widest = _widest([(layout.descriptors[position], theme.HEAD), *((text, theme.SMALL) for text in texts)])
    return max(LEAST_DESCRIPTOR, widest)


def _pieces(layout: Layout, position: int) -> Iterable[tuple[str, theme.Type]]:
    look = APPEARANCES[layout.how.style]
    for row in layout.rows:
        if isinstance(row, rows.StudyRow | rows.DiamondRow):
            yield look.pieces(row.estimate)[position], theme.BODY if isinstance(row, rows.StudyRow) else theme.STRONG


def _weights(layout: Layout) -> Iterable[tuple[str, theme.Type]]:
    yield "weight", theme.HEAD
    for row in layout.rows:
        if isinstance(row, rows.VotesRow):
            yield row.pval, theme.BODY
        if isinstance(row, rows.StudyRow) and not row.pooled:
            yield row.weight, theme.REASON
        if isinstance(row, rows.StudyRow | rows.DiamondRow) and row.weight:
            yield row.weight, theme.STRONG if isinstance(row, rows.DiamondRow) else theme.BODY


def _sizes(layout: Layout, arm: int) -> Iterable[tuple[str, theme.Type]]:
    for row in layout.rows:
        if isinstance(row, rows.StudyRow | rows.DirectionRow):
            yield (row.n_arm1, row.n_arm2)[arm], theme.BODY


def _labels(layout: Layout) -> Iterable[tuple[str, theme.Type]]:
    for row in layout.rows:
        if isinstance(row, rows.StudyRow | rows.DirectionRow):
            yield row.label, theme.BODY
