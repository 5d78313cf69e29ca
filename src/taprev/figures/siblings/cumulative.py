"""The pooled number of a stratum as its studies appeared, one year after the other."""

from __future__ import annotations

from taprev.drawing import legend
from taprev.drawing.page import Page
from taprev.figures.siblings import frame
from taprev.figures.siblings.cumulative_text import added, notes, why_not
from taprev.figures.siblings.frame import PooledSection
from taprev.figures.siblings.ladder import Ladder, ladder, ladder_key
from taprev.synthesis.results import Synthesis

PRINTED = {"whole": "all studies", "head": "Up to and with", "numbers": "Pooled", "absent": "one effect"}
POOLED = "up to and with the study at left"


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw every pooled stratum with a row for each year that added studies, and return where they end."""
    y, drawn = frame.each_pooled(page, content, y, why_not, year_by_year), frame.pooled(content)
    shown = [section for section in drawn if not why_not(section.stratum)]
    return legend.key(page, y, ladder_key(shown, POOLED)) if drawn else y


def year_by_year(page: Page, section: PooledSection, y: float) -> float:
    """Draw the whole estimate of a stratum over those of its studies up to each year."""
    stratum = section.stratum
    shown = Ladder(rows=added(stratum), **PRINTED)
    return ladder(page, section, shown, notes(stratum), y)
