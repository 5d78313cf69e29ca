"""Baujat plots: what each study adds to heterogeneity against how far the pooled number moves without it.

Baujat and others 2002, Statistics in Medicine 21:2641-2652.
"""

from __future__ import annotations

from taprev.drawing import legend, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import frame, plane
from taprev.figures.siblings.baujat_text import NAMED, studies_moved, why_not
from taprev.figures.siblings.frame import PooledSection
from taprev.synthesis.results import Synthesis
from taprev.wording import labels

DIFFERS = "Squared residual over its variance: how far the study lies from the others"
MOVES = "Squared move of the pooled number without the study, in its squared standard errors"


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw a plane for each pooled stratum of ten studies, or why there is none; return where they end."""
    y = frame.each_pooled(page, content, y, why_not, moved)
    return legend.key(page, y, []) if frame.pooled(content) else y


def moved(page: Page, section: PooledSection, y: float) -> float:
    """Draw the effects of a stratum, the five that do most of both by their names."""
    stratum = section.stratum
    found = studies_moved(stratum)
    at = plane.plane(
        plane.level_scale([one.differs for one in found]), plane.level_scale([one.moves for one in found]), y
    )
    xs, ys = [at.x(one.differs) for one in found], [at.y(one.moves) for one in found]
    page.marks(xs, ys, "o", 6.5, theme.PAPER if section.hollow else theme.ESTIMATE, theme.ESTIMATE, 1.3)
    names = [labels.clean(one.label) for one in found[:NAMED]]
    written = plane.named_points(page, at, list(zip(xs, ys, strict=True)), names)
    meaning = _meaning(section, written == len(names))
    plane.key_at_right(page, at.track, at.top, [(lambda p, a, b: legend.dot(p, a, b, section.hollow, 6.5), meaning)])
    return plane.axes(page, at, DIFFERS, MOVES) + 6


def _meaning(section: PooledSection, all_named: bool) -> str:
    """Return what a mark is, and which marks have their names."""
    who = f"one effect{', no control group' * section.hollow}"
    room = "" if all_named else ", where there is room"
    return f"{who}; the {NAMED} that lie farthest out have their names{room}"
