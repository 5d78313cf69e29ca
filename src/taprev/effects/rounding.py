"""How far the rounding of printed figures reaches into an effect and its variance."""

from __future__ import annotations

import itertools
import math

from taprev.effects.derivations import Derivation, PrintedFigures
from taprev.extraction.tables import Row, half_unit

ROUNDING_LIMIT = 0.25
Reach = tuple[float, float, float, float]


def reach(row: Row, chosen: Derivation, figures: PrintedFigures, sign: int) -> Reach:
    """Move every printed figure by half a unit of its last digit, in all combinations; counts are exact."""
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


def rounding_note(vi: float, reach: Reach) -> str:
    """Say how far rounding reaches, where it could move `vi` by more than a quarter."""
    low, high, vi_low, vi_high = reach
    if math.isinf(vi_high):
        return "the printed figures are rounded so far that their precision is open"
    if max(1 - vi_low / vi, vi_high / vi - 1) <= ROUNDING_LIMIT:
        return ""
    return f"rounding of the printed figures leaves the effect between {low:.2f} and {high:.2f}"
