"""One design out of a forest plot, as a picture that can be read across a room."""

from __future__ import annotations

import io
from dataclasses import replace

from taprev.drawing import theme
from taprev.figures.forest.alternative_text import stratum_text
from taprev.figures.forest.layout import Layout, lay_out
from taprev.figures.forest.plot import figure
from taprev.figures.forest.rows import Footer, Header, StudyRow
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import Stratum, Synthesis

MOST, DPI = 12, 150


def excerpt(content: Synthesis, stratum: Stratum, how: Figures = USUAL) -> tuple[bytes, str] | None:
    """Return one design of a forest plot as PNG with its text alternative; None where it has too many rows to be read.

    Title, footer, risk of bias and further columns are left out: a slide has its own title, and the figure as a
    whole stands in the folder of figures.
    """
    few = how.model_copy(update={"descriptors": (), "risk_of_bias": False, "subgroups": ""})
    alone = replace(content, strata=(stratum,), sensitivity=(), outside=(), votes=(), sign_tests=())
    layout = lay_out(alone, few)
    if sum(isinstance(row, StudyRow) for row in layout.rows) > MOST:
        return None
    with theme.style():
        picture = io.BytesIO()
        figure(_bare(layout)).savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    return picture.getvalue(), stratum_text(stratum, content.label, few)


def _bare(layout: Layout) -> Layout:
    return replace(layout, rows=tuple(row for row in layout.rows if not isinstance(row, Header | Footer)))
