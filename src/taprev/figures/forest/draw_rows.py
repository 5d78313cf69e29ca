"""The rows of a forest plot: studies, diamonds, the lines beneath them, directions and votes.

Every function draws one row with its upper edge at y and returns how high the row is, in points.
"""

from __future__ import annotations

from taprev.drawing import marks, theme, typeset
from taprev.drawing.judgement_signs import light
from taprev.drawing.page import Page
from taprev.figures.forest import rows
from taprev.figures.forest.bias_columns import NOT_ASSESSED, WITHOUT_OVERALL
from taprev.figures.forest.canvas import Canvas
from taprev.figures.forest.columns import SLASH, Arms
from taprev.wording import labels

PITCH, QUIET_PITCH = 22.0, 16.5
LEAD = 15.0
MIDDLE = 4.8
BAND = 56.0


def study_row(sheet: Canvas, row: rows.StudyRow, y: float) -> float:
    """Draw one sample, with the reason beneath it where it is not pooled."""
    page, columns, track = sheet.page, sheet.columns, sheet.track(row.panel)
    base, kind = y + 16, theme.BODY if row.pooled else theme.BODY_QUIET
    below = about(sheet, row, base, kind)
    marks.tier(page, columns.tier, base - MIDDLE, row.tier)
    line = below + columns.drop if columns.stacked else base
    middle, below = line - MIDDLE, max(below, line)
    if own := row.effect:
        colour = theme.INK if row.pooled else theme.GREY
        marks.interval(page, track, middle, own.ci_lb, own.ci_ub, colour)
        if row.narrow:
            marks.open_ends(page, track, middle, own.ci_lb, own.ci_ub, colour)
        if row.pooled:
            marks.square(page, track.x(own.yi), middle, row.share, sheet.look.square)
        else:
            marks.open_square(page, track.x(own.yi), middle)
    figures(sheet, row.estimate, line, kind)
    page.text(columns.weight, base, row.weight, kind if row.pooled else theme.REASON, "right")
    if row.reason:
        room = columns.quiet_room
        most = 9 if columns.stacked else 2 if room > 300 else 4
        below += 16 * labelled(sheet, below + 16, row.reason, theme.REASON, room, 16, most) + 3
    height = below - base + PITCH
    if row.shaded:
        page.box(page.left - 6, y, page.right - page.left + 12, height, theme.ZEBRA, order=0.3)
    return height


def labelled(sheet: Canvas, y: float, words: str, kind: theme.Type, room: float, lead: float, most: int) -> int:
    """Set a text where labels begin, over the lines of the axis in a column, and return how many lines it took."""
    columns = sheet.columns
    return sheet.page.paragraph(columns.label, y, words, kind, room, lead, most, backed=columns.stacked)


def about(sheet: Canvas, row: rows.StudyRow | rows.DirectionRow, base: float, kind: theme.Type) -> float:
    """Set the label of a study with all that is shown next to it or beneath it, and return its lowest baseline."""
    page, columns = sheet.page, sheet.columns
    most = 9 if columns.stacked else 3
    lines = labelled(sheet, base, row.label, kind, columns.room, QUIET_PITCH, most)
    below = base + (lines - 1) * QUIET_PITCH
    events = getattr(row, "events", ())
    beneath = [] if columns.arms else [arms_words(row.n_arm1, row.n_arm2, events)]
    if columns.arms and events:
        pairs(page, columns.arms, events, base, kind)
    elif columns.arms:
        sizes(page, columns.arms, row, base, kind)
    beneath += [] if columns.descriptors else [text for text in row.descriptors if text != labels.MISSING]
    beneath += [row.text] if columns.stacked and isinstance(row, rows.DirectionRow) else []
    if beneath:
        text = " · ".join(beneath)
        below += 16 * labelled(sheet, below + 16, text, theme.SMALL, columns.quiet_room, 16, 3)
    lowest = below
    for (x, width), text in zip(columns.descriptors, row.descriptors, strict=False):
        lines = page.paragraph(x, base, text, theme.SMALL, width, LEAD, most=3)
        lowest = max(lowest, base + (lines - 1) * LEAD)
    lights(sheet, row.bias, base - MIDDLE)
    return lowest


def arms_words(n_arm1: str, n_arm2: str, events: tuple[str, ...]) -> str:
    """Return the sizes of the arms, or their events, where they have no columns."""
    if events:
        return f"events {events[0]} / {events[1]} and {events[2]} / {events[3]}"
    return f"n {' / '.join(part for part in (n_arm1, n_arm2) if part) or labels.MISSING}"


def pairs(page: Page, arms: Arms, events: tuple[str, ...], base: float, kind: theme.Type) -> None:
    """Set the events and the total of each arm, aligned from row to row."""
    for arm in (0, 1):
        page.text(arms.events[arm], base, events[2 * arm], kind, "right")
        page.text(arms.events[arm] + SLASH, base, "/", kind, "center")
        page.text(arms.totals[arm], base, events[2 * arm + 1], kind, "right")


def sizes(page: Page, arms: Arms, row: rows.StudyRow | rows.DirectionRow, base: float, kind: theme.Type) -> None:
    """Set the sizes of the arms, aligned from row to row."""
    first, second = arms.plain
    page.text(first, base, row.n_arm1 or labels.MISSING, kind, "right")
    if row.n_arm2:
        page.text(first + SLASH, base, "/", kind, "center")
        page.text(second, base, row.n_arm2, kind, "right")


def lights(sheet: Canvas, bias: tuple[str, ...], y: float) -> None:
    """Draw the judgements of risk of bias, and what says that there is none."""
    for x, position in sheet.columns.bias if bias else ():
        if bias[position] in (NOT_ASSESSED, WITHOUT_OVERALL):
            sheet.page.text(x, y + MIDDLE, bias[position], theme.BODY_QUIET, "center")
        elif bias[position]:
            light(bias[position], sheet.rungs[bias[position]])(sheet.page, x, y)


def group_head(sheet: Canvas, row: rows.GroupHead, y: float) -> float:
    """Draw the name of a subgroup."""
    room = sheet.columns.quiet_room
    lines = labelled(sheet, y + 20, row.label, theme.SECTION_QUIET, room, QUIET_PITCH, 3)
    return 26.0 + (lines - 1) * QUIET_PITCH


def figures(sheet: Canvas, estimate: tuple[str, ...], base: float, kind: theme.Type) -> None:
    """Set an estimate and both ends of its interval, their decimal points aligned from row to row."""
    columns = sheet.columns
    for x, part in zip((columns.estimate, columns.lower, columns.upper), sheet.look.pieces(estimate), strict=True):
        sheet.page.text(x, base, part, kind, "right")


def diamond(sheet: Canvas, row: rows.DiamondRow, y: float) -> float:
    """Draw a pooled estimate over its prediction interval."""
    page, columns, track, base = sheet.page, sheet.columns, sheet.track(row.panel), y + 20
    kind = theme.BODY if row.thin or row.group else theme.STRONG
    lines = labelled(sheet, base, row.label, kind, columns.pooled_room, QUIET_PITCH, 3)
    below = base + (lines - 1) * QUIET_PITCH
    line = below + columns.drop if columns.stacked else base
    middle = line - MIDDLE
    if row.prediction:
        marks.prediction_interval(page, track, middle, *row.prediction)
    ends = track.ends(row.ci_lb, row.value, row.ci_ub)
    half = 3.6 if row.thin else 6.0 if row.group else 8.0
    marks.diamond(page, ends, middle, half, row.style, sheet.look.diamond)
    if row.narrow:
        marks.open_ends(page, track, middle, row.ci_lb, row.ci_ub, sheet.look.diamond)
    figures(sheet, row.estimate, line, kind)
    page.text(columns.weight, base, row.weight, kind, "right")
    return max(below, line) - y + 7.0


def quiet_line(sheet: Canvas, row: rows.QuietLine, y: float) -> float:
    """Draw a line beneath a diamond, or the sentence in its place."""
    kind = theme.CAUTION if row.kind in ("caution", "not_estimable") else theme.SMALL
    room = sheet.columns.quiet_room
    most = 4 if room > 300 and not sheet.columns.stacked else 9
    lines = labelled(sheet, y + 13, row.text, kind, room, QUIET_PITCH - 0.5, most)
    return lines * (QUIET_PITCH - 0.5) + 2


def direction_row(sheet: Canvas, row: rows.DirectionRow, y: float) -> float:
    """Draw a direction in a band of its own, apart from any axis, and say it in words."""
    page, columns = sheet.page, sheet.columns
    top = y + 6 * row.first
    base = top + 16
    height = about(sheet, row, base, theme.BODY) - base + PITCH
    left = columns.right - BAND if columns.stacked else columns.free
    page.box(left, top, BAND, height, theme.BAND, order=0.5)
    marks.direction(page, left + BAND / 2, base - MIDDLE, row.direction, row.better_right)
    if not columns.stacked:
        page.text(columns.free + BAND + 16, base, row.text, theme.BODY_QUIET)
    return top - y + height


def votes_row(sheet: Canvas, row: rows.VotesRow, y: float) -> float:
    """Draw the votes of one contrast as counts, a share with its interval, and p where it is given."""
    page, columns, base = sheet.page, sheet.columns, y + 16
    page.text(columns.label, base, row.label, theme.BODY)
    line = base + columns.drop
    if columns.stacked or columns.numbers_first:
        parts = (row.counts, sheet.look.signed(row.share), row.pval)
        shown, room = " · ".join(part for part in parts if part), columns.right - columns.free
        lines = page.paragraph(columns.free, line, shown, theme.BODY, room, QUIET_PITCH)
        return PITCH + columns.drop + QUIET_PITCH * (lines - 1)
    middle = min(columns.plot_left + 176, columns.upper - typeset.width(row.share, theme.BODY) - 16)
    page.text(middle, base, row.counts, theme.BODY, "right")
    page.text(columns.upper, base, row.share, theme.BODY, "right")
    page.text(columns.weight, base, row.pval, theme.BODY, "right")
    return PITCH


def sentence(sheet: Canvas, row: rows.Sentence, y: float) -> float:
    """Draw the sentence of a domain without rows."""
    page = sheet.page
    page.rule(page.left, page.right, y + 12)
    page.text(page.left, y + 47, row.text, theme.SECTION)
    return 74.0
