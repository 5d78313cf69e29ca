"""What a pooled number would be without each of its rows, drawn from the trace of its domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure

from taprev.drawing import marks, saving, theme, typeset
from taprev.drawing.axis import level_axis
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.pooled_marks import diamond_style, pooled_number
from taprev.drawing.scale import fit_scale
from taprev.provenance.trace.results import DomainTrace, IndirectNumber, ResultEvidence, Touch
from taprev.synthesis.results import Stratum
from taprev.synthesis.results.protocols import Number
from taprev.wording import estimates, labels

WIDTH = 880.0
NAMES, PLOT_LEFT = 72.0, 400.0
PITCH, MIDDLE = 23.0, 4.6
MOST = 40


@dataclass(frozen=True)
class OmittedRow:
    """A row that is left out: the result, its name, how far the number moves, and what the number would be."""

    result: str
    name: str
    moved: float
    without: IndirectNumber


@dataclass(frozen=True)
class OmissionColumns:
    """Where the axis and the columns of figures are, in points; figures end at their column's x."""

    track: Track
    parts: tuple[float, float, float]
    samples: float


def rows_without(stratum: Stratum, trace: DomainTrace) -> list[OmittedRow]:
    """Return the rows of a pooled number, that first which moves it most when it is left out.

    How far the number moves is on the scale of the analysis (the logarithm of a ratio), and infinite where nothing
    can be pooled then.
    """
    touched = [
        (evidence, touch)
        for evidence in trace.results.values()
        for touch in evidence.touches
        if touch.stratum == stratum.name
    ]
    several = len({evidence.outcome for evidence, _ in touched}) > 1
    rows = [
        OmittedRow(evidence.result, _name(evidence, several), _moved(touch), touch.without)
        for evidence, touch in touched
    ]
    return sorted(rows, key=lambda row: -row.moved)


def _name(evidence: ResultEvidence, several: bool) -> str:
    """Return the study, with its outcome where the rows have several."""
    return labels.clean(f"{evidence.label}: {evidence.outcome}" if several else evidence.label)


def _moved(touch: Touch) -> float:
    return float("inf") if touch.without.estimate is None else abs(touch.without.estimate - touch.estimate)


def without_png(stratum: Stratum, trace: DomainTrace) -> tuple[bytes, str]:
    """Return the picture of a pooled number without each of its rows, as PNG, and what it says in words.

    Raises ValueError for a stratum that has no pooled number.
    """
    if stratum.fit is None:
        raise ValueError(f"{trace.domain}, {stratum.name}: nothing is pooled here.")
    rows = rows_without(stratum, trace)
    title, description = f"{labels.clean(trace.label)}: without each row", words(stratum, rows)
    with theme.style():
        made = saving.pictures([_figure(stratum, rows)], title, description, trace, kinds=[".png"])
    return made[".png"], description


def words(stratum: Stratum, rows: list[OmittedRow]) -> str:
    """Return what the picture says: the number, and what it would be without each row."""
    opening = f"{labels.clean(stratum.label)}: {_number(stratum.pooled, stratum)}."
    lines = [f"Without {row.result} ({row.name}): {_number(row.without, stratum)}." for row in rows[:MOST]]
    return " ".join([opening, *lines, *_more(rows)])


def _number(number: Number, stratum: Stratum) -> str:
    if number.estimate is None:
        return f"nothing to pool, k = {number.k}"
    return f"{' '.join(_parts(number, stratum))}, k = {number.k}"


def _parts(number: Number, stratum: Stratum) -> tuple[str, ...]:
    return estimates.estimate_parts(number.estimate, number.ci_lb, number.ci_ub, estimates.style(stratum))


def _more(rows: list[OmittedRow]) -> Iterator[str]:
    if len(rows) > MOST:
        yield f"{labels.count(len(rows) - MOST, 'more row moves', 'more rows move')} it no further."


def _figure(stratum: Stratum, rows: list[OmittedRow]) -> Figure:
    page, fit, shown = Page(WIDTH), stratum.pooled, rows[:MOST]
    columns = _columns(page, stratum, shown)
    track, y = columns.track, theme.MARGIN + 12
    page.text(page.left, y, "Left out", theme.HEAD)
    page.text(columns.parts[-1], y, "What is left", theme.HEAD, "right")
    page.text(columns.samples, y, "k", theme.HEAD, "right")
    page.rule(page.left, page.right, y + 8)
    top, y = y + 12, y + 30
    page.text(page.left, y, "no row", theme.STRONG)
    ends = track.ends(fit.ci_lb, fit.estimate, fit.ci_ub)
    marks.diamond(page, ends, y - MIDDLE, 7.0, diamond_style(stratum.contrasts, fit.k))
    _figures(page, columns, fit, stratum, y, theme.STRONG)
    for row in shown:
        y += PITCH
        _row(page, columns, row, stratum, y)
    page.box(ends[0], top, ends[2] - ends[0], y + 8 - top, theme.BAND, order=0.5)
    page.line((ends[1], ends[1]), (top, y + 8), theme.PREDICTION, 0.9, order=1)
    page.line((track.x(0.0),) * 2, (top, y + 16), theme.INK, 0.9, order=1.5)
    for text in _more(rows):
        page.text(page.left, y + 35, text, theme.REASON)
    name = labels.axis_label(stratum.scale, stratum.unit, stratum.contrasts)
    sides = labels.sides(stratum)
    return page.close(level_axis(page, track, y + 16, name, sides) + theme.MARGIN)


def _columns(page: Page, stratum: Stratum, shown: list[OmittedRow]) -> OmissionColumns:
    """Return where the columns begin and end: the axis takes what the names and the widest figures leave over."""
    fit = stratum.pooled
    numbers: list[Number] = [fit, *(row.without for row in shown if row.without.estimate is not None)]
    pieces = zip(*(_parts(number, stratum) for number in numbers), strict=True)
    first, second, third = (max(typeset.width(text, theme.STRONG) for text in column) for column in pieces)
    upper = page.right - 42
    lower = upper - third - 5
    estimate = lower - second - 9
    drawn = [number for row in shown if (number := pooled_number(row.without))]
    points = [fit.ci_lb, fit.ci_ub, fit.estimate, *(number.estimate for number in drawn)]
    intervals = [(fit.ci_lb, fit.ci_ub), *((number.ci_lb, number.ci_ub) for number in drawn)]
    scale = fit_scale(points, intervals, stratum.scale)
    return OmissionColumns(Track(scale, PLOT_LEFT, estimate - first - 26), (estimate, lower, upper), page.right)


def _row(page: Page, columns: OmissionColumns, row: OmittedRow, stratum: Stratum, y: float) -> None:
    page.text(page.left, y, typeset.shorten(row.result, theme.SMALL, NAMES - page.left - 6), theme.SMALL)
    page.text(NAMES, y, typeset.shorten(row.name, theme.BODY, PLOT_LEFT - NAMES - 16), theme.BODY)
    number = pooled_number(row.without)
    if number is None:
        page.text(columns.parts[-1], y, "nothing to pool", theme.REASON, "right")
        page.text(columns.samples, y, str(row.without.k), theme.BODY_QUIET, "right")
        return
    marks.interval(page, columns.track, y - MIDDLE, number.ci_lb, number.ci_ub, theme.INK)
    page.mark(columns.track.x(number.estimate), y - MIDDLE, "o", 7.0, theme.ESTIMATE, theme.ESTIMATE, 0.0)
    _figures(page, columns, number, stratum, y, theme.BODY)


def _figures(
    page: Page, columns: OmissionColumns, number: Number, stratum: Stratum, y: float, kind: theme.Type
) -> None:
    for x, part in zip(columns.parts, _parts(number, stratum), strict=True):
        page.text(x, y, part, kind, "right")
    page.text(columns.samples, y, str(number.k), kind, "right")
