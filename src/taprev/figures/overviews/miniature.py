"""The numbers of one outcome as a small picture for a line of a table, on the axis that all outcomes share."""

from __future__ import annotations

import io
from collections.abc import Sequence

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.figures.overviews.at_a_glance import Glance, mark, track_of

WIDTH, LEAD, PAD, DPI = 260.0, 20.0, 4.0, 220


def strip(own: Sequence[Glance], every: Sequence[Glance]) -> bytes | None:
    """Return the marks of one outcome as PNG, or None where it has none; `every` outcome settles the axis."""
    drawn = [line for line in own if line.drawn]
    if not drawn:
        return None
    with theme.style():
        page = Page(WIDTH)
        track = track_of([line for line in every if line.drawn], PAD, WIDTH - PAD)
        height = LEAD * len(drawn) + 2 * PAD
        page.line((track.x(0.0),) * 2, (0.0, height), theme.GREY, 0.9, order=1.5)
        for position, line in enumerate(drawn):
            mark(page, track, line, PAD + LEAD * (position + 0.5))
        picture = io.BytesIO()
        page.close(height).savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    return picture.getvalue()
