"""The pooled number of a stratum, and what it would be without each of its studies in turn."""

from __future__ import annotations

from taprev.drawing import legend, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import INDENT, PooledSection
from taprev.figures.siblings.ladder import Ladder, ladder, ladder_key, size_note
from taprev.figures.siblings.leave_one_out_text import left_out, notes, why_not
from taprev.synthesis.results import Synthesis

PRINTED = {"whole": "no study", "head": "Left out", "numbers": "What is left", "absent": "nothing to pool"}
POOLED = "without the study at left"


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw every pooled stratum with a row for each study that is left out, and return where they end."""
    drawn = frame.pooled(content)
    for section in drawn:
        y = without_each(page, section, y)
    shown = [section for section in drawn if not why_not(section.stratum)]
    return legend.key(page, y, ladder_key(shown, POOLED)) if drawn else y


def without_each(page: Page, section: PooledSection, y: float) -> float:
    """Draw the whole estimate of a stratum over those without each study."""
    stratum = section.stratum
    y = frame.section_head(page, section, size_note(section), y)
    if reason := why_not(stratum):
        y = page.block(reason, y + 4, theme.CAUTION, INDENT)
        return frame.cautions(page, section, y)
    shown = Ladder(rows=left_out(stratum), **PRINTED)
    return frame.cautions(page, section, ladder(page, section, shown, notes(stratum), y))
