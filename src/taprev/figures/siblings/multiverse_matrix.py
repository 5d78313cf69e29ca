"""The lower half of a specification curve: which level of each choice every combination takes."""

from __future__ import annotations

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.figures.siblings.frame import INDENT, LEAD
from taprev.figures.siblings.multiverse_curve import Curve
from taprev.figures.siblings.multiverse_text import moves
from taprev.synthesis.results import Factor, Multiverse
from taprev.wording import labels
from taprev.wording.estimates import NumberStyle

PITCH, MIDDLE, FULL = 20.0, 4.7, 13.0


def draw_matrix(page: Page, curve: Curve, multiverse: Multiverse, style: NumberStyle, y: float) -> float:
    """Draw the rows of every choice, how far it moves the estimate at right, and return where they end."""
    page.text(page.right, y, "moves it by", theme.HEAD, "right")
    for choice, factor in enumerate(multiverse.factors):
        y = _head(page, factor, style, y + 8 * (choice > 0))
        for position, level in enumerate(factor.levels):
            y = _level(page, curve, (choice, position), labels.clean(level), position == factor.usual, y)
    return y + 6 - (PITCH - MIDDLE - 10)


def _head(page: Page, factor: Factor, style: NumberStyle, y: float) -> float:
    """Draw the name of a choice, and return the baseline of its first level."""
    room = page.right - page.left - 110
    lines = page.paragraph(page.left, y, factor.name.said, theme.HEAD, room, LEAD, most=2)
    y += (lines - 1) * LEAD
    page.text(page.right, y + PITCH, moves(factor, style), theme.BODY, "right")
    return y + PITCH


def _level(page: Page, curve: Curve, at: tuple[int, int], label: str, own: bool, y: float) -> float:
    """Draw which combinations take a level, and return the baseline of the next."""
    kind, room = theme.STRONG if own else theme.BODY, curve.left - INDENT - 14
    lines = page.paragraph(INDENT, y, label, kind, room, LEAD, most=2)
    choice, position = at
    if curve.apart:
        taken = [curve.x(i) for i, spec in enumerate(curve.specs) if spec.levels[choice] == position]
        if not taken:
            page.text(curve.left + 9, y, "nothing to pool", theme.REASON)
            return y + PITCH + (lines - 1) * LEAD
        page.rule(curve.left, curve.right, y - MIDDLE, theme.RULE, 0.35)
        size = min(8.0, 0.8 * curve.step)
        page.marks(taken, [y - MIDDLE] * len(taken), "s", size, theme.ESTIMATE, theme.ESTIMATE, 0.0)
    else:
        _skyline(page, curve, at, y)
    return y + PITCH + (lines - 1) * LEAD


def _skyline(page: Page, curve: Curve, at: tuple[int, int], y: float) -> None:
    """Fill each column by the share of its combinations that take a level; twice an even share fills it wholly."""
    choice, position = at
    base, levels = y + 2, max(spec.levels[choice] for spec in curve.specs) + 1
    outline = [(curve.left, base)]
    for left, right, specs in curve.columns():
        share = sum(spec.levels[choice] == position for spec in specs) / len(specs)
        high = FULL * min(1.0, share * max(1.0, levels / 2))
        outline += [(left, base - high), (right, base - high)]
    page.shape([*outline, (curve.right, base)], theme.ESTIMATE, "none", 0.0, order=2)
    page.rule(curve.left, curve.right, base, theme.RULE, 0.35)
