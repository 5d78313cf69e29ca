"""How far the rounding of printed figures reaches into an effect and its variance."""

from __future__ import annotations

import itertools
import math

from taprev.effects.derivations import Derivation, PrintedFigures
from taprev.extraction.tables import Row, half_unit
from taprev.notes import Note, note
from taprev.vocabulary import NoteCode

ROUNDING_LIMIT = 0.25
Reach = tuple[float, float, float, float]


def reach(row: Row, chosen: Derivation, figures: PrintedFigures, sign: int) -> Reach:
    """Move every printed figure by half a unit of its last digit, in all combinations; counts are exact.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    chosen : Derivation
        The derivation that the row takes.
    figures : dict of str to float
        The figures it takes.
    sign : int
        1 or -1, the sign of the effect.

    Returns
    -------
    tuple of float
        The lowest and highest `yi`, then the lowest and highest `vi`.
    """
    if chosen.exact:
        corners = [chosen.formula(figures)]
    else:
        ends = [(figures[n] - half_unit(row[n]), figures[n] + half_unit(row[n])) for n in chosen.figures]
        moved = dict(figures)
        corners = [_corner(chosen, figures, moved, values) for values in itertools.product(*ends)]
    effects = [sign * yi for yi, _ in corners]
    return min(effects), max(effects), min(vi for _, vi in corners), max(vi for _, vi in corners)


def _corner(
    chosen: Derivation, printed: PrintedFigures, moved: PrintedFigures, values: tuple[float, ...]
) -> tuple[float, float]:
    moved.update(zip(chosen.figures, values, strict=True))
    try:
        return chosen.formula(moved)
    except (ValueError, ArithmeticError):
        return chosen.formula(printed)[0], math.inf


def rounding_note(vi: float, reach: Reach) -> Note | None:
    """Return how far rounding reaches, if it could change `vi` by more than a quarter; otherwise None.

    Parameters
    ----------
    vi : float
        The variance from the figures as printed.
    reach : tuple of float
        The lowest and highest `yi`, then the lowest and highest `vi`, as `reach` returns them.

    Returns
    -------
    Note or None
        The range of `yi`, or that it is open because a rounded figure may be one that gives no effect.
    """
    low, high, vi_low, vi_high = reach
    if math.isinf(vi_high):
        return note(NoteCode.ROUNDING_OPEN)
    if max(1 - vi_low / vi, vi_high / vi - 1) <= ROUNDING_LIMIT:
        return None
    return note(NoteCode.ROUNDING_REACHES, low=low, high=high)
