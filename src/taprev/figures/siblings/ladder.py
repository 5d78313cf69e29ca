"""A ladder of pooled numbers: the whole estimate of a stratum over a row for each pool of some of its studies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taprev.drawing import legend, marks, theme
from taprev.drawing.axis import level_axis
from taprev.drawing.estimate_columns import FigureColumns, fit_columns
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.pooled_marks import DiamondStyle, PooledNumber, pooled_number
from taprev.drawing.scale import fit_scale
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import INDENT, PooledSection
from taprev.figures.siblings.leave_one_out_text import parts
from taprev.synthesis.results import Alternative, Fit
from taprev.synthesis.results.protocols import Number
from taprev.wording import labels

PITCH, WRAPPED, MIDDLE = 22.0, 16.5, 4.7
LABELS, ROOM = 268.0, 236.0
LEAST_PLOT = 180.0
WORDS = {
    DiamondStyle(): "whole estimate",
    DiamondStyle(hollow=True): "whole estimate, not a comparison with a control group",
    DiamondStyle(hollow=True, dashed=True): "whole estimate of two effects, no conclusion",
}


@dataclass(frozen=True)
class Ladder:
    """What stands in the rows of a ladder, and how they are called.

    `whole` names the row of the whole estimate, `head` the names at left, `numbers` the numbers at right, and `absent`
    is written where a row pools nothing.
    """

    rows: Sequence[Alternative]
    whole: str
    head: str
    numbers: str
    absent: str


@dataclass(frozen=True)
class LadderColumns:
    """Where the axis and the figures are drawn."""

    track: Track
    figures: FigureColumns


def ladder(page: Page, section: PooledSection, shown: Ladder, notes: Iterable[str], y: float) -> float:
    """Draw the whole estimate of a stratum over its rows, and return where they end.

    Parameters
    ----------
    page : Page
    section : PooledSection
    shown : Ladder
    notes : iterable of str
        What must be known to read the rows.
    y : float
        Where the ladder begins, beneath the head of its section.

    Returns
    -------
    float
    """
    stratum, fit = section.stratum, section.fit
    columns = _columns(page, section, shown)
    track = columns.track
    base = _heads(page, columns, shown, fit, y)
    top, y = base + 10, base + 30
    ends = track.ends(fit.ci_lb, fit.estimate, fit.ci_ub)
    page.text(INDENT, y, shown.whole, theme.STRONG)
    marks.diamond(page, ends, y - MIDDLE, 7.0, section.style)
    _figures(page, columns, fit, section, y, theme.STRONG)
    y += 4
    for row in shown.rows:
        y = _row(page, columns, row, shown, section, y + PITCH)
    bottom = y + 10
    page.box(ends[0], top, ends[2] - ends[0], bottom - top, theme.BAND, order=0.5)
    page.line((ends[1],) * 2, (top, bottom), theme.ESTIMATE, 1.1, order=1.2, dash=legend.WHOLE)
    page.line((track.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    y = level_axis(page, track, bottom, frame.axis_name(stratum), frame.own_sides(stratum))
    for text in notes:
        y = page.block(text, y, x=INDENT)
    return y


def _columns(page: Page, section: PooledSection, shown: Ladder) -> LadderColumns:
    """Return where things are drawn: the axis takes what the names and the widest figures leave over."""
    fit, scale = section.fit, section.stratum.scale
    whole = PooledNumber(fit.k, fit.estimate, fit.ci_lb, fit.ci_ub)
    drawn = [whole, *(number for row in shown.rows if (number := pooled_number(row)))]
    figures = fit_columns([parts(number, section.stratum) for number in drawn], page.right - 42, _head(shown, fit))
    points = [fit.ci_lb, fit.ci_ub, *(number.estimate for number in drawn)]
    intervals = [(number.ci_lb, number.ci_ub) for number in drawn]
    axis = fit_scale(points, intervals, scale)
    return LadderColumns(Track(axis, LABELS + 14, max(LABELS + 14 + LEAST_PLOT, figures.begin - 26)), figures)


def _heads(page: Page, columns: LadderColumns, shown: Ladder, fit: Fit, y: float) -> float:
    base = y + 18
    page.text(INDENT, base, shown.head, theme.HEAD)
    page.text(columns.figures.upper, base, _head(shown, fit), theme.HEAD, "right")
    page.text(page.right, base, "k", theme.HEAD, "right")
    return base


def _head(shown: Ladder, fit: Fit) -> str:
    return f"{shown.numbers} [{labels.level(fit.level)}{labels.NBSP}% CI]"


def _row(
    page: Page, columns: LadderColumns, row: Alternative, shown: Ladder, section: PooledSection, y: float
) -> float:
    """Draw one pool, and return the baseline of the last line of its name."""
    lines = page.paragraph(INDENT, y, labels.clean(row.level), theme.BODY, ROOM, WRAPPED, most=3)
    number = pooled_number(row)
    if number is None:
        page.text(columns.figures.upper, y, shown.absent, theme.REASON, "right")
        page.text(page.right, y, str(row.k), theme.BODY_QUIET, "right")
    else:
        marks.interval(page, columns.track, y - MIDDLE, number.ci_lb, number.ci_ub, theme.INK)
        legend.dot(page, columns.track.x(number.estimate), y - MIDDLE, section.hollow)
        _figures(page, columns, number, section, y, theme.BODY)
    return y + (lines - 1) * WRAPPED


def _figures(
    page: Page, columns: LadderColumns, number: Number, section: PooledSection, y: float, kind: theme.Type
) -> None:
    columns.figures.write(page, parts(number, section.stratum), y, kind)
    page.text(page.right, y, str(number.k), kind, "right")


def ladder_key(drawn: Sequence[PooledSection], pooled: str) -> list[tuple[legend.Paint, str]]:
    """Return the marks that occur in ladders, each once; `pooled` says what the mark of a row is."""
    styles = {section.style for section in drawn}
    entries = [(legend.diamond_key(style), words) for style, words in WORDS.items() if style in styles]
    several = (section.hollow for section in drawn if not section.style.dashed)
    entries += legend.dot_entries(several, pooled)
    if drawn:
        entries.append((legend.band, "line and interval of the whole estimate"))
    return entries
