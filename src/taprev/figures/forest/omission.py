"""What a pooled number would be without each of its rows, drawn from the trace of its domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from taprev.drawing import marks, saving, theme, typeset
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale, fit_scale
from taprev.figures.forest.plot import side_words
from taprev.wording import labels

WIDTH = 880.0
NAMES, PLOT_LEFT = 72.0, 400.0
PITCH, MIDDLE = 23.0, 4.6
MOST = 40

Content = Mapping[str, Any]


@dataclass(frozen=True)
class OmittedRow:
    """A row that is left out: the result, its name, how far the number moves, and what the number would be."""

    result: str
    name: str
    moved: float
    without: Content


@dataclass(frozen=True)
class OmissionColumns:
    """Where the axis and the figures stand, in points; figures end at their column's x."""

    track: marks.Track
    parts: tuple[float, float, float]
    samples: float


def rows_without(stratum: Content, trace: Content) -> list[OmittedRow]:
    """Return the rows of a pooled number, that first which moves it most when it is left out.

    `stratum` is one of a synthesis, `trace` the trace of its domain. How far the number moves is on the scale of
    the analysis (the logarithm of a ratio), and infinite where nothing can be pooled then.
    """
    touched = [
        (one, touch)
        for one in trace["results"].values()
        for touch in one["touches"]
        if touch["stratum"] == stratum["name"]
    ]
    several = len({one["outcome"] for one, _ in touched}) > 1
    found = [OmittedRow(one["result"], _name(one, several), _moved(touch), touch["without"]) for one, touch in touched]
    return sorted(found, key=lambda row: -row.moved)


def _name(one: Content, several: bool) -> str:
    """Return the study, with its outcome where the rows have several."""
    return labels.clean(f"{one['label']}: {one['outcome']}" if several else one["label"])


def _moved(touch: Content) -> float:
    left = touch["without"]["estimate"]
    return float("inf") if left is None else abs(left - touch["estimate"])


def without_png(stratum: Content, trace: Content) -> tuple[bytes, str]:
    """Return the picture of a pooled number without each of its rows, as PNG, and what it says in words.

    Raises ValueError for a stratum that has no pooled number.
    """
    if stratum["fit"] is None:
        raise ValueError(f"{trace['domain']}, {stratum['name']}: nothing is pooled here.")
    rows = rows_without(stratum, trace)
    title, said = f"{labels.clean(trace['label'])}: without each row", words(stratum, rows)
    with theme.style():
        return saving.pictures(_figure(stratum, rows), title, said, trace, [".png"])[".png"], said


def words(stratum: Content, rows: list[OmittedRow]) -> str:
    """Return what the picture says: the number, and what it would be without each row."""
    said = [f"{labels.clean(stratum['label'])}: {_number(stratum['fit'], stratum)}."]
    said += [f"Without {row.result} ({row.name}): {_number(row.without, stratum)}." for row in rows[:MOST]]
    return " ".join([*said, *_more(rows)])


def _number(fit: Content, stratum: Content) -> str:
    if fit["estimate"] is None:
        return f"nothing to pool, k = {fit['k']}"
    return f"{' '.join(_parts(fit, stratum))}, k = {fit['k']}"


def _parts(fit: Content, stratum: Content) -> tuple[str, ...]:
    return labels.estimate_parts(fit["estimate"], fit["ci_lb"], fit["ci_ub"], stratum["scale"])


def _more(rows: list[OmittedRow]) -> Iterator[str]:
    if len(rows) > MOST:
        yield f"{labels.count(len(rows) - MOST, 'more row moves', 'more rows move')} it no further."


def _figure(stratum: Content, rows: list[OmittedRow]) -> Figure:
    page, fit, shown = Page(WIDTH), stratum["fit"], rows[:MOST]
    places = _places(page, stratum, [fit, *(row.without for row in shown if row.without["estimate"] is not None)])
    track, y = places.track, theme.MARGIN + 12
    page.text(page.left, y, "Left out", theme.HEAD)
    page.text(places.parts[-1], y, "What is left", theme.HEAD, "right")
    page.text(places.samples, y, "k", theme.HEAD, "right")
    page.rule(page.left, page.right, y + 8)
    top, y = y + 12, y + 30
    page.text(page.left, y, "no row", theme.STRONG)
    ends = tuple(track.x(fit[name]) for name in ("ci_lb", "estimate", "ci_ub"))
    hollow = labels.after_words(stratum["contrasts"]) or fit["k"] == 2
    marks.diamond(page, ends, y - MIDDLE, 7.0, hollow, dashed=fit["k"] == 2)
    _figures(page, places, fit, stratum, y, theme.STRONG)
    for row in shown:
        y += PITCH
        _row(page, places, row, stratum, y)
    page.box(ends[0], top, ends[2] - ends[0], y + 8 - top, theme.BAND, order=0.5)
    page.line((ends[1], ends[1]), (top, y + 8), theme.PREDICTION, 0.9, order=1)
    page.line((track.x(0.0),) * 2, (top, y + 16), theme.INK, 0.9, order=1.5)
    for said in _more(rows):
        page.text(page.left, y + 35, said, theme.REASON)
    return page.close(_axis(page, track, stratum, y + 16) + theme.MARGIN)


def _places(page: Page, stratum: Content, drawn: list[Content]) -> OmissionColumns:
    """Return where things stand: the axis takes what the names and the widest figures leave over."""
    pieces = zip(*(_parts(fit, stratum) for fit in drawn), strict=True)
    first, second, third = (max(typeset.width(text, theme.STRONG) for text in column) for column in pieces)
    upper = page.right - 42
    lower = upper - third - 5
    estimate = lower - second - 9
    track = marks.Track(_scale(stratum, drawn), PLOT_LEFT, estimate - first - 26)
    return OmissionColumns(track, (estimate, lower, upper), page.right)


def _scale(stratum: Content, drawn: list[Content]) -> AxisScale:
    fit = stratum["fit"]
    points = [fit["ci_lb"], fit["ci_ub"], *(one["estimate"] for one in drawn)]
    intervals = [(one["ci_lb"], one["ci_ub"]) for one in drawn]
    return fit_scale(points, intervals, labels.is_ratio(stratum["scale"]))


def _row(page: Page, places: OmissionColumns, row: OmittedRow, stratum: Content, y: float) -> None:
    page.text(page.left, y, typeset.shorten(row.result, theme.SMALL, NAMES - page.left - 6), theme.SMALL)
    page.text(NAMES, y, typeset.shorten(row.name, theme.BODY, PLOT_LEFT - NAMES - 16), theme.BODY)
    left, track = row.without, places.track
    if left["estimate"] is None:
        page.text(places.parts[-1], y, "nothing to pool", theme.REASON, "right")
        page.text(places.samples, y, str(left["k"]), theme.BODY_QUIET, "right")
        return
    marks.interval(page, track, y - MIDDLE, left["ci_lb"], left["ci_ub"], theme.INK)
    page.mark(track.x(left["estimate"]), y - MIDDLE, "o", 7.0, theme.ESTIMATE, theme.ESTIMATE, 0.0)
    _figures(page, places, left, stratum, y, theme.BODY)


def _figures(page: Page, places: OmissionColumns, fit: Content, stratum: Content, y: float, kind: theme.Type) -> None:
    for x, part in zip(places.parts, _parts(fit, stratum), strict=True):
        page.text(x, y, part, kind, "right")
    page.text(places.samples, y, str(fit["k"]), kind, "right")


def _axis(page: Page, track: marks.Track, stratum: Content, y: float) -> float:
    """Draw the axis with its ticks, its name and both sides, and return where it ends."""
    page.line((track.left, track.right), (y, y), theme.INK, 1.0)
    for value, label in track.scale.ticks:
        page.line((track.x(value),) * 2, (y, y + 5), theme.INK, 1.0)
        page.text(track.x(value), y + 19, label, theme.AXIS, "center")
    name = labels.axis_label(stratum["scale"], stratum["unit"], stratum["contrasts"])
    middle = (track.left + track.right) / 2
    page.text(middle, y + 38, typeset.shorten(name, theme.AXIS, WIDTH - PLOT_LEFT), theme.AXIS, "center")
    side_words(page, track, y + 57, *labels.sides(stratum["contrasts"], stratum["favours_sign"]))
    return y + 62
