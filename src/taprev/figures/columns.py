"""Where the columns of a forest plot stand, fitted to the widest text of each, in points from the left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taprev.figures import rows, theme, typeset
from taprev.figures.layout import Layout

LABEL = 28.0
RIGHT = theme.WIDTH - theme.MARGIN
LEAST_LABEL, MOST_LABEL = 190.0, 276.0
LEAST_PLOT = 220.0
QUIET = 404.0


@dataclass(frozen=True)
class Columns:
    """Label, arms, tier, plot, the three pieces of an estimate; figures end at their column's x."""

    room: float
    n_arm1: float
    slash: float
    n_arm2: float
    tier: float
    plot_left: float
    plot_right: float
    estimate: float
    lower: float
    upper: float

    @property
    def quiet_room(self) -> float:
        return self.plot_left - LABEL - 16


def columns_of(layout: Layout) -> Columns:
    """Return the columns of a layout: the plot takes what the text leaves over."""
    first, second, third = (_widest(_pieces(layout, place)) for place in range(3))
    heads = [(row.estimate, theme.HEAD) for row in layout.rows if isinstance(row, rows.ColumnHeads)]
    upper = RIGHT - _widest(_weights(layout)) - 22
    lower = upper - third - 5
    estimate = lower - second - 9
    plot_right = min(estimate - first, upper - _widest(heads)) - 26
    arm1, arm2 = (_widest(_arms(layout, name)) for name in ("n_arm1", "n_arm2"))
    after_label = 16 + arm1 + (16 + arm2 if arm2 else 0) + 30 + 38
    room = min(MOST_LABEL, max(LEAST_LABEL, _widest(_labels(layout))))
    room = max(LEAST_LABEL, min(room, plot_right - LEAST_PLOT - after_label - LABEL))
    n_arm1 = LABEL + room + 16 + arm1
    n_arm2 = n_arm1 + (16 + arm2 if arm2 else 0)
    plot_left = max(n_arm2 + 68, LABEL + QUIET)
    tier = plot_left - 38
    shift = tier - 30 - n_arm2
    return Columns(
        room + shift,
        n_arm1 + shift,
        n_arm1 + shift + 8,
        n_arm2 + shift,
        tier,
        plot_left,
        plot_right,
        estimate,
        lower,
        upper,
    )


def _widest(texts: Iterable[tuple[str, theme.Type]]) -> float:
    return max((typeset.width(text, kind) for text, kind in texts if text), default=0.0)


def _pieces(layout: Layout, place: int) -> Iterable[tuple[str, theme.Type]]:
    for row in layout.rows:
        if isinstance(row, rows.StudyRow | rows.DiamondRow):
            yield row.estimate[place], theme.BODY if isinstance(row, rows.StudyRow) else theme.STRONG


def _weights(layout: Layout) -> Iterable[tuple[str, theme.Type]]:
    yield "weight", theme.HEAD
    yield "not pooled", theme.REASON
    yield "p = 0.000", theme.BODY
    for row in layout.rows:
        if isinstance(row, rows.StudyRow) and row.pooled:
            yield row.weight, theme.BODY


def _arms(layout: Layout, name: str) -> Iterable[tuple[str, theme.Type]]:
    yield "00" if name == "n_arm1" else "", theme.BODY
    for row in layout.rows:
        if isinstance(row, rows.StudyRow | rows.DirectionRow):
            yield getattr(row, name), theme.BODY


def _labels(layout: Layout) -> Iterable[tuple[str, theme.Type]]:
    for row in layout.rows:
        if isinstance(row, rows.StudyRow | rows.DirectionRow):
            yield row.label, theme.BODY
