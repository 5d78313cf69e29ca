"""The forest plot of an audit page: where the marks of its rows lie, in the units of its drawing.

The rows are those of the forest plot (`figures.forest.rows`), so that a mark means the same in both.
"""

from __future__ import annotations

from typing import Any

from taprev.drawing.scale import AxisScale, fit_scale
from taprev.figures.forest.rows import DiamondRow, StudyRow

WIDTH, HEIGHT = 340.0, 26.0
MIDDLE = HEIGHT / 2
LEAST, MOST = 2.2, 7.0
DIAMOND = 6.0


def scale_of(rows: list[StudyRow], diamond: DiamondRow | None, scale: str) -> AxisScale:
    """Return the axis that holds every study of a stratum and its pooled number."""
    effects = [row.effect for row in rows if row.effect]
    points = [effect.yi for effect in effects]
    intervals = [(effect.ci_lb, effect.ci_ub) for effect in effects]
    if diamond:
        points += [diamond.ci_lb, diamond.ci_ub]
        intervals.append((diamond.ci_lb, diamond.ci_ub))
    return fit_scale(points, intervals, scale)


def study_mark(row: StudyRow, scale: AxisScale) -> dict[str, Any] | None:
    """Return the line of an interval, whether it runs out of the axis, and the square, whose area is the weight.

    None for counts with an empty cell.
    """
    own = row.effect
    if own is None:
        return None
    half = max(LEAST, MOST * row.share**0.5) if row.pooled else LEAST
    x = _at(own.yi, scale)
    return {
        "x1": _at(own.ci_lb, scale),
        "x2": _at(own.ci_ub, scale),
        "out_left": own.ci_lb < scale.low,
        "out_right": own.ci_ub > scale.high,
        "left": round(x - half, 2),
        "top": round(MIDDLE - half, 2),
        "side": round(2 * half, 2),
        "pooled": row.pooled,
    }


def diamond_class(row: DiamondRow) -> str:
    """Return the style-sheet classes of a diamond: filled, or hollow and perhaps dashed."""
    return " ".join(["hollow" if row.style.hollow else "diamond", *(["dashed"] if row.style.dashed else [])])


def diamond(estimate: float, ci_lb: float, ci_ub: float, scale: AxisScale) -> str:
    """Return the corners of a diamond as the points of a polygon."""
    left, middle, right = (_at(value, scale) for value in (ci_lb, estimate, ci_ub))
    top, foot = MIDDLE - DIAMOND, MIDDLE + DIAMOND
    return f"{left},{MIDDLE} {middle},{top} {right},{MIDDLE} {middle},{foot}"


def axis(scale: AxisScale) -> dict[str, Any]:
    """Return the null line and the ticks of an axis."""
    return {"null": _at(0.0, scale), "ticks": [(_at(value, scale), text) for value, text in scale.ticks]}


def _at(value: float, scale: AxisScale) -> float:
    return round(WIDTH * scale.fraction(value), 2)
