"""A level axis with its ticks, its name, and what lies on both sides of no difference."""

from __future__ import annotations

from taprev.drawing import theme, typeset
from taprev.drawing.marks import Track
from taprev.drawing.page import Page

BETWEEN = 14.0


def side_words(page: Page, track: Track, base: float, left: str, right: str) -> None:
    """Set the words of both sides as close to the null line as the page has room for."""
    x, worse, better = track.x(0.0), f"← {left}", f"{right} →"
    before, behind = (typeset.width(words, theme.SMALL) for words in (worse, better))
    if x - 7 - before >= page.left and x + 7 + behind <= page.right:
        page.text(x - 7, base, worse, theme.SMALL, "right")
        page.text(x + 7, base, better, theme.SMALL)
        return
    begin = max(x - 7 - before, page.left)
    follow = min(max(x + 7, begin + before + BETWEEN), page.right - behind)
    begin = max(min(begin, follow - BETWEEN - before), page.left)
    page.paragraph(begin, base, worse, theme.SMALL, page.width, 0.0, backed=begin + before > x)
    page.paragraph(follow, base, better, theme.SMALL, page.width, 0.0, backed=follow < x)


def level_axis(
    page: Page,
    track: Track,
    y: float,
    name: str,
    sides: tuple[str, str] | None = None,
    right: float | None = None,
) -> float:
    """Draw a level axis with its ticks and its name.

    Parameters
    ----------
    page : Page
    track : Track
        The scale, and where on the page it is laid.
    y : float
        Where the line of the axis is drawn.
    name : str
        The name of the axis, shortened to the room that it has.
    sides : tuple of two str, optional
        What lies left and right of no difference.
    right : float, optional
        How far the name may reach, by default the right margin of the page.

    Returns
    -------
    float
        Where the axis ends.
    """
    page.line((track.left, track.right), (y, y), theme.INK, 1.0)
    for value, label in track.scale.ticks:
        page.line((track.x(value),) * 2, (y, y + 5), theme.INK, 1.0)
        page.text(track.x(value), y + 19, label, theme.AXIS, "center")
    middle = (track.left + track.right) / 2
    room = 2 * min(middle - page.left, (right or page.right) - middle)
    page.text(middle, y + 38, typeset.shorten(name, theme.AXIS, room), theme.AXIS, "center")
    if sides is None:
        return y + 44
    side_words(page, track, y + 57, *sides)
    return y + 63
