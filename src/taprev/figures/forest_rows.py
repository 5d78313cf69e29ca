"""The rows of a forest plot: studies, diamonds, the lines beneath them, directions and votes.

Every function draws one row with its upper edge at y and returns how high the row is, in points.
"""

from __future__ import annotations

from taprev.figures import forest_marks as marks
from taprev.figures import labels, rows, theme
from taprev.figures.columns import LABEL
from taprev.figures.sheet import Sheet

PITCH, QUIET_PITCH = 22.0, 16.5
MIDDLE = 4.8
BAND = 56.0


def study_row(sheet: Sheet, row: rows.StudyRow, y: float) -> float:
    """Draw one sample; its reason stands beneath it where it is not pooled."""
    page, columns, track = sheet.page, sheet.columns, sheet.track(row.panel)
    base, kind = y + 16, theme.BODY if row.pooled else theme.BODY_QUIET
    lines = page.paragraph(LABEL, base, row.label, kind, columns.room, QUIET_PITCH, most=3)
    sizes(sheet, row.n_arm1, row.n_arm2, base, kind)
    marks.tier(page, columns.tier, base - MIDDLE, row.tier)
    colour = theme.INK if row.pooled else theme.GREY
    marks.interval(page, track, base - MIDDLE, row.ci_lb, row.ci_ub, colour)
    if row.pooled:
        marks.square(page, track.x(row.yi), base - MIDDLE, row.share)
    else:
        marks.open_square(page, track.x(row.yi), base - MIDDLE)
    figures(sheet, row.estimate, base, kind)
    page.text(page.right, base, row.weight, kind if row.pooled else theme.REASON, "right")
    below = base + (lines - 1) * QUIET_PITCH
    if row.reason:
        room = columns.quiet_room
        below += 16 * page.paragraph(LABEL, below + 16, row.reason, theme.REASON, room, 16, most=2) + 3
    return below - base + PITCH


def sizes(sheet: Sheet, n_arm1: str, n_arm2: str, base: float, kind: theme.Type) -> None:
    """Set the sizes of the arms so that figures stand beneath figures."""
    page, columns = sheet.page, sheet.columns
    page.text(columns.n_arm1, base, n_arm1 or labels.MISSING, kind, "right")
    if n_arm2:
        page.text(columns.slash, base, "/", kind, "center")
        page.text(columns.n_arm2, base, n_arm2, kind, "right")


def figures(sheet: Sheet, estimate: tuple[str, ...], base: float, kind: theme.Type) -> None:
    """Set an estimate and both ends of its interval so that their points stand beneath each other."""
    columns = sheet.columns
    for x, part in zip((columns.estimate, columns.lower, columns.upper), estimate, strict=True):
        sheet.page.text(x, base, part, kind, "right")


def diamond(sheet: Sheet, row: rows.DiamondRow, y: float) -> float:
    """Draw a pooled estimate over its prediction interval."""
    page, track, base = sheet.page, sheet.track(row.panel), y + 20
    kind = theme.BODY if row.thin else theme.STRONG
    page.text(LABEL, base, row.label, kind)
    if row.prediction:
        marks.prediction_interval(page, track, base - MIDDLE, *row.prediction)
    ends = (track.x(row.ci_lb), track.x(row.value), track.x(row.ci_ub))
    marks.diamond(page, ends, base - MIDDLE, 3.6 if row.thin else 8.0, row.hollow, row.dashed)
    figures(sheet, row.estimate, base, kind)
    page.text(page.right, base, row.weight, kind, "right")
    return 27.0


def quiet_line(sheet: Sheet, row: rows.QuietLine, y: float) -> float:
    """Draw a line beneath a diamond, or the sentence in its place."""
    kind = theme.CAUTION if row.kind in ("caution", "not_estimable") else theme.SMALL
    room = sheet.columns.quiet_room
    lines = sheet.page.paragraph(LABEL, y + 13, row.text, kind, room, QUIET_PITCH - 0.5, most=4)
    return lines * (QUIET_PITCH - 0.5) + 2


def direction_row(sheet: Sheet, row: rows.DirectionRow, y: float) -> float:
    """Draw a direction in a band of its own, apart from any axis, and say it in words."""
    page, columns = sheet.page, sheet.columns
    top = y + 6 * row.first
    base = top + 16
    lines = page.paragraph(LABEL, base, row.label, theme.BODY, columns.room, QUIET_PITCH, most=3)
    sizes(sheet, row.n_arm1, row.n_arm2, base, theme.BODY)
    height = PITCH + (lines - 1) * QUIET_PITCH
    page.box(columns.plot_left, top, BAND, height, theme.BAND, order=0.5)
    marks.direction(page, columns.plot_left + BAND / 2, base - MIDDLE, row.direction)
    page.text(columns.plot_left + BAND + 16, base, row.text, theme.BODY_QUIET)
    return top - y + height


def votes_row(sheet: Sheet, row: rows.VotesRow, y: float) -> float:
    """Draw the votes of one contrast as counts, a share with its interval, and p where it is given."""
    page, columns, base = sheet.page, sheet.columns, y + 16
    page.text(LABEL, base, row.label, theme.BODY)
    page.text(columns.plot_left + 176, base, row.counts, theme.BODY, "right")
    page.text(columns.upper, base, row.share, theme.BODY, "right")
    page.text(page.right, base, row.pval, theme.BODY, "right")
    return PITCH


def sentence(sheet: Sheet, row: rows.Sentence, y: float) -> float:
    """Draw the sentence of a domain without rows."""
    page = sheet.page
    page.rule(page.left, page.right, y + 12)
    page.text(page.left, y + 47, row.text, theme.SECTION)
    return 74.0
