"""The forest plot of an audit page: where each mark stands, in the units of its drawing."""

from __future__ import annotations

from typing import Any

from taprev.drawing.scale import AxisScale, fit_scale
from taprev.wording import labels

WIDTH, HEIGHT = 340.0, 26.0
MIDDLE = HEIGHT / 2
LEAST, MOST = 2.2, 7.0
DIAMOND = 6.0


def scale_of(stratum: dict[str, Any]) -> AxisScale:
    """Return the axis that holds every study of a stratum and its pooled number."""
    drawn = [*stratum["studies"], *([stratum["fit"]] if stratum["fit"] else [])]
    points = [study["yi"] for study in stratum["studies"]]
    if stratum["fit"]:
        points += [stratum["fit"]["ci_lb"], stratum["fit"]["ci_ub"]]
    intervals = [(one["ci_lb"], one["ci_ub"]) for one in drawn]
    return fit_scale(points, intervals, labels.is_ratio(stratum["scale"]))


def study_mark(study: dict[str, Any], scale: AxisScale, heaviest: float) -> dict[str, Any]:
    """Return the line of an interval, whether it runs out of the axis, and the square, whose area is the weight."""
    weight = study["weight"]
    half = LEAST if weight is None else max(LEAST, MOST * (weight / heaviest) ** 0.5)
    x = _at(study["yi"], scale)
    return {
        "x1": _at(study["ci_lb"], scale),
        "x2": _at(study["ci_ub"], scale),
        "out_left": study["ci_lb"] < scale.low,
        "out_right": study["ci_ub"] > scale.high,
        "left": round(x - half, 2),
        "top": round(MIDDLE - half, 2),
        "side": round(2 * half, 2),
        "pooled": weight is not None,
    }


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
