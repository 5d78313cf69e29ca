"""The pooled number of a stratum as its studies appeared, one year after the other."""

from __future__ import annotations

from taprev.drawing import legend, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import frame
from taprev.figures.siblings.cumulative_text import added, notes, why_not
from taprev.figures.siblings.frame import INDENT, PooledSection
from taprev.figures.siblings.ladder import Ladder, ladder, ladder_key, size_note
from taprev.synthesis.results import Synthesis

PRINTED = {"whole": "all studies", "head": "Up to and with", "numbers": "Pooled", "absent": "one effect"}
POOLED = "up to and with the study at left"


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw every pooled stratum with a row for each year that added studies, and return where they end."""
    drawn = frame.pooled(content)
    for section in drawn:
        y = year_by_year(page, section, y)
    shown = [section for section in drawn if not why_not(section.stratum)]
    return legend.key(page, y, ladder_key(shown, POOLED)) if drawn else y


def year_by_year(page: Page, section: PooledSection, y: float) -> float:
    """Draw the whole estimate of a stratum over those of its studies up to each year."""
    stratum = section.stratum
    y = frame.section_head(page, section, size_note(section), y)
    if reason := why_not(stratum):
        y = page.block(reason, y + 4, theme.CAUTION, INDENT)
        return frame.cautions(page, section, y)
    shown = Ladder(rows=added(stratum), **PRINTED)
    return frame.cautions(page, section, ladder(page, section, shown, notes(stratum), y))
