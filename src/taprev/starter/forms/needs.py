"""Which columns a statistic uses, and which it cannot do without: taken from the derivations and the checks of rows."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.effects.derivations import DERIVATIONS
from taprev.extraction.checks import FIGURES
from taprev.vocabulary import Statistic

BESIDE = {
    "ci_lb": ("ci_level",),
    "count_arm1": ("time_arm1", "time_arm2", "ratio_kind"),
    "event_arm1": ("ratio_kind",),
    "ratio": ("ratio_kind", "trend_per"),
    "yi": ("effect_measure", "ratio_kind"),
    "t": ("df",),
    "F": ("df1", "df2"),
    "p": ("df1",),
    "cohens_f": ("df1",),
    "p_bound": ("n_arm1", "n_arm2"),
}
"""What says more about a figure, and stands in a column of its own."""


def used_by(statistic: str) -> frozenset[str]:
    """Return the columns of figures that a statistic uses."""
    figures = set(FIGURES.get(statistic, ()))
    for way in DERIVATIONS:
        if way.statistic == statistic:
            figures |= {*way.figures, *way.sizes}
    return frozenset(figures | {more for figure in figures for more in BESIDE.get(figure, ())})


def needed_by(statistic: str) -> frozenset[str]:
    """Return the columns without which a row of a statistic is refused."""
    return frozenset(FIGURES.get(statistic, ()))


def users(column: str, statistics: Iterable[str] = tuple(Statistic)) -> tuple[str, ...]:
    """Return the statistics that use a column; none where it is no column of figures."""
    return tuple(str(one) for one in statistics if column in used_by(one))


def in_need(column: str, statistics: Iterable[str] = tuple(Statistic)) -> tuple[str, ...]:
    """Return the statistics that cannot do without a column."""
    return tuple(str(one) for one in statistics if column in needed_by(one))
