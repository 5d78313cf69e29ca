"""The pooled number of a stratum, and what it would be without each of its studies in turn."""

from __future__ import annotations

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
from taprev.figures.siblings.leave_one_out_text import left_out, notes, parts, why_not
from taprev.synthesis.results import Alternative, Fit, Synthesis
from taprev.synthesis.results.protocols import Number
from taprev.vocabulary import Fate
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
class LeaveOneOutColumns:
    """Where the axis and the figures are drawn."""

    track: Track
    figures: FigureColumns


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw every pooled stratum with a row for each study that is left out, and return where they end."""
    drawn = frame.pooled(content)
    for section in drawn:
        y = without_each(page, section, y)
    return legend.key(page, y, _key(drawn)) if drawn else y


def without_each(page: Page, section: PooledSection, y: float) -> float:
    """Draw the whole estimate of a stratum over those without each study."""
    stratum, fit, rows = section.stratum, section.fit, left_out(section.stratum)
    y = frame.section_head(page, section, _note(section), y)
    if reason := why_not(stratum):
        y = page.block(reason, y + 4, theme.CAUTION, INDENT)
        return frame.cautions(page, section, y)
    columns = _columns(page, section, rows)
    track = columns.track
    base = _heads(page, columns, fit, y)
    top, y = base + 10, base + 30
    ends = track.ends(fit.ci_lb, fit.estimate, fit.ci_ub)
    page.text(INDENT, y, "no study", theme.STRONG)
    marks.diamond(page, ends, y - MIDDLE, 7.0, section.style)
    _figures(page, columns, fit, section, y, theme.STRONG)
    y += 4
    for row in rows:
        y = _row(page, columns, row, section, y + PITCH)
    bottom = y + 10
    page.box(ends[0], top, ends[2] - ends[0], bottom - top, theme.BAND, order=0.5)
    page.line((ends[1],) * 2, (top, bottom), theme.ESTIMATE, 1.1, order=1.2, dash=legend.WHOLE)
    page.line((track.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    y = level_axis(page, track, bottom, frame.axis_name(stratum), frame.own_sides(stratum))
    for text in notes(stratum):
        y = page.block(text, y, x=INDENT)
    return frame.cautions(page, section, y)


def _note(section: PooledSection) -> str:
    studies = {study.study for study in section.stratum.studies if study.fate == Fate.POOLED}
    return f"{labels.count(len(studies), 'study', 'studies')} · k = {section.fit.k}"


def _columns(page: Page, section: PooledSection, rows: list[Alternative]) -> LeaveOneOutColumns:
    """Return where things are drawn: the axis takes what the names and the widest figures leave over."""
    fit, scale = section.fit, section.stratum.scale
    whole = PooledNumber(fit.k, fit.estimate, fit.ci_lb, fit.ci_ub)
    drawn = [whole, *(number for row in rows if (number := pooled_number(row)))]
    figures = fit_columns([parts(number, section.stratum) for number in drawn], page.right - 42, _head(fit))
    points = [fit.ci_lb, fit.ci_ub, *(number.estimate for number in drawn)]
    intervals = [(number.ci_lb, number.ci_ub) for number in drawn]
    axis = fit_scale(points, intervals, scale)
    return LeaveOneOutColumns(Track(axis, LABELS + 14, max(LABELS + 14 + LEAST_PLOT, figures.begin - 26)), figures)


def _heads(page: Page, columns: LeaveOneOutColumns, fit: Fit, y: float) -> float:
    base = y + 18
    page.text(INDENT, base, "Left out", theme.HEAD)
    page.text(columns.figures.upper, base, _head(fit), theme.HEAD, "right")
    page.text(page.right, base, "k", theme.HEAD, "right")
    return base


def _head(fit: Fit) -> str:
    return f"What is left [{labels.level(fit.level)}{labels.NBSP}% CI]"


def _row(page: Page, columns: LeaveOneOutColumns, row: Alternative, section: PooledSection, y: float) -> float:
    """Draw what is left without one study, and return the baseline of the last line of its name."""
    lines = page.paragraph(INDENT, y, labels.clean(row.level), theme.BODY, ROOM, WRAPPED, most=3)
    number = pooled_number(row)
    if number is None:
        page.text(columns.figures.upper, y, "nothing to pool", theme.REASON, "right")
        page.text(page.right, y, str(row.k), theme.BODY_QUIET, "right")
    else:
        marks.interval(page, columns.track, y - MIDDLE, number.ci_lb, number.ci_ub, theme.INK)
        legend.dot(page, columns.track.x(number.estimate), y - MIDDLE, section.hollow)
        _figures(page, columns, number, section, y, theme.BODY)
    return y + (lines - 1) * WRAPPED


def _figures(
    page: Page, columns: LeaveOneOutColumns, number: Number, section: PooledSection, y: float, kind: theme.Type
) -> None:
    columns.figures.write(page, parts(number, section.stratum), y, kind)
    page.text(page.right, y, str(number.k), kind, "right")


def _key(drawn: list[PooledSection]) -> list[tuple[legend.Paint, str]]:
    """Return the marks that occur, each once."""
    shown = [section for section in drawn if not why_not(section.stratum)]
    styles = {section.style for section in shown}
    entries = [(legend.diamond_key(style), words) for style, words in WORDS.items() if style in styles]
    several = (section.hollow for section in shown if not section.style.dashed)
    entries += legend.dot_entries(several, "without the study at left")
    if shown:
        entries.append((legend.band, "line and interval of the whole estimate"))
    return entries
