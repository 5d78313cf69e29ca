"""The numbers of all outcomes on one axis, as a small picture for a document."""

from __future__ import annotations

import io
from collections.abc import Sequence

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.drawing.typeset import shorten
from taprev.figures.overviews.at_a_glance import Glance, mark, number_of, track_of
from taprev.wording import labels

WIDTH, LEAD, PAD, DPI = 900.0, 19.0, 3.0, 150
NAME, PLOT, NUMBER = 0.46, 0.48, 0.8


def board(lines: Sequence[Glance], among: Sequence[Glance] = ()) -> bytes | None:
    """Return every number on the common axis as PNG, a line each with its outcome, design and figures.

    The axis is that of all lines `among` which these are drawn. None where no line has a number on it.
    """
    drawn = [line for line in lines if line.drawn]
    if not drawn:
        return None
    with theme.style():
        page = Page(WIDTH)
        track = track_of([line for line in among if line.drawn] or drawn, PLOT * WIDTH, NUMBER * WIDTH)
        height = LEAD * len(drawn) + 2 * PAD
        page.line((track.x(0.0),) * 2, (0.0, height), theme.GREY, 0.9, order=1.5)
        for position, line in enumerate(drawn):
            middle = PAD + LEAD * (position + 0.5)
            name = f"{labels.clean(line.label)}, {labels.contrast(line.contrasts[0])}"
            page.text(0, middle + 5, shorten(name, theme.BODY, NAME * WIDTH), theme.BODY)
            mark(page, track, line, middle)
            page.text(WIDTH, middle + 5, number_of(line), theme.BODY, "right")
        picture = io.BytesIO()
        page.close(height).savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    return picture.getvalue()
