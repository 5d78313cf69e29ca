"""The pooled number of a stratum, and what it would be without each of its studies in turn."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.drawing import legend, marks, theme
from taprev.drawing.estimate_columns import FigureColumns, fit_columns
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.scale import fit_scale
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import INDENT, Content, StratumSection
from taprev.figures.siblings.leave_one_out_text import left_out, notes, parts, why_not
from taprev.wording import labels

PITCH, WRAPPED, MIDDLE = 22.0, 16.5, 4.7
LABELS, ROOM = 268.0, 236.0
LEAST_PLOT = 180.0


@dataclass(frozen=True)
class LeaveOneOutColumns:
    """Where the axis and the figures stand."""

    track: Track
    figures: FigureColumns


def draw(page: Page, content: Content, y: float) -> float:
    """Draw every pooled stratum with a row for each study that is left out, and return where they end."""
    drawn = frame.pooled(content)
    for one in drawn:
        y = stratum(page, one, y)
    return legend.key(page, y, _key(drawn)) if drawn else y


def stratum(page: Page, one: StratumSection, y: float) -> float:
    """Draw the whole estimate of a stratum over those without each study."""
    fit, rows = one.stratum["fit"], left_out(one.stratum)
    y = frame.section(page, one, _note(one), y)
    if why := why_not(one.stratum):
        y = frame.line(page, why, y + 4, theme.CAUTION)
        return frame.cautions(page, one, y)
    places = _places(page, one, [fit, *(row for row in rows if row["estimate"] is not None)])
    base = _heads(page, places, fit, y)
    top, y = base + 10, base + 30
    ends = tuple(places.track.x(fit[name]) for name in ("ci_lb", "estimate", "ci_ub"))
    page.text(INDENT, y, "no study", theme.STRONG)
    marks.diamond(page, ends, y - MIDDLE, 7.0, one.hollow, dashed=fit["k"] == 2)
    _figures(page, places, fit, one, y, theme.STRONG)
    y += 4
    for row in rows:
        y = _row(page, places, row, one, y + PITCH)
    bottom = y + 10
    page.box(ends[0], top, ends[2] - ends[0], bottom - top, theme.BAND, order=0.5)
    page.line((ends[1],) * 2, (top, bottom), theme.ESTIMATE, 1.1, order=1.2, dash=legend.WHOLE)
    page.line((places.track.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    y = frame.axis(page, places.track, bottom, frame.axis_name(one.stratum), frame.own_sides(one.stratum))
    for text in notes(one.stratum):
        y = frame.line(page, text, y)
    return frame.cautions(page, one, y)


def _note(one: StratumSection) -> str:
    fit = one.stratum["fit"]
    studies = {study["study"] for study in one.stratum["studies"] if study["fate"] == "pooled"}
    return f"{labels.count(len(studies), 'study', 'studies')} · k = {fit['k']}"


def _places(page: Page, one: StratumSection, drawn: list[Content]) -> LeaveOneOutColumns:
    """Return where things stand: the axis takes what the names and the widest figures leave over."""
    printed = [parts(row, one.stratum) for row in drawn]
    figures = fit_columns(printed, page.right - 42, _head(one.stratum["fit"]))
    points = [drawn[0]["ci_lb"], drawn[0]["ci_ub"], *(row["estimate"] for row in drawn)]
    intervals = [(row["ci_lb"], row["ci_ub"]) for row in drawn]
    scale = fit_scale(points, intervals, labels.is_ratio(one.stratum["scale"]))
    return LeaveOneOutColumns(Track(scale, LABELS + 14, max(LABELS + 14 + LEAST_PLOT, figures.begin - 26)), figures)


def _heads(page: Page, places: LeaveOneOutColumns, fit: Content, y: float) -> float:
    base = y + 18
    page.text(INDENT, base, "Left out", theme.HEAD)
    page.text(places.figures.upper, base, _head(fit), theme.HEAD, "right")
    page.text(page.right, base, "k", theme.HEAD, "right")
    return base


def _head(fit: Content) -> str:
    return f"What is left [{labels.level(fit['level'])}{labels.NBSP}% CI]"


def _row(page: Page, places: LeaveOneOutColumns, row: Content, one: StratumSection, y: float) -> float:
    """Draw what is left without one study, and return the baseline of the last line of its name."""
    lines = page.paragraph(INDENT, y, labels.clean(row["level"]), theme.BODY, ROOM, WRAPPED, most=3)
    if row["estimate"] is None:
        page.text(places.figures.upper, y, "nothing to pool", theme.REASON, "right")
        page.text(page.right, y, str(row["k"]), theme.BODY_QUIET, "right")
    else:
        marks.interval(page, places.track, y - MIDDLE, row["ci_lb"], row["ci_ub"], theme.INK)
        legend.dot(page, places.track.x(row["estimate"]), y - MIDDLE, one.hollow)
        _figures(page, places, row, one, y, theme.BODY)
    return y + (lines - 1) * WRAPPED


def _figures(
    page: Page, places: LeaveOneOutColumns, row: Content, one: StratumSection, y: float, kind: theme.Type
) -> None:
    places.figures.write(page, parts(row, one.stratum), y, kind)
    page.text(page.right, y, str(row["k"]), kind, "right")


def _key(drawn: list[StratumSection]) -> list[tuple[legend.Paint, str]]:
    """Return the marks that occur, each once."""
    shown = [one for one in drawn if not why_not(one.stratum)]
    two = [one for one in shown if one.stratum["fit"]["k"] == 2]
    entries = []
    if any(one not in two and not one.hollow for one in shown):
        entries.append((legend.diamond_key(False), "whole estimate"))
    if any(one not in two and one.hollow for one in shown):
        entries.append((legend.diamond_key(True), "whole estimate, not a comparison with a control group"))
    if two:
        entries.append((legend.diamond_key(True, True), "whole estimate of two effects, no verdict"))
    entries += legend.dot_entries((one.hollow for one in shown if one not in two), "without the study at left")
    if shown:
        entries.append((legend.band, "line and interval of the whole estimate"))
    return entries
