"""The pooled number of a stratum, and what it would be without each of its studies in turn."""

from __future__ import annotations

from taprev.drawing import legend
from taprev.drawing.page import Page
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import PooledSection
from taprev.figures.siblings.ladder import Ladder, ladder, ladder_key
from taprev.figures.siblings.leave_one_out_text import left_out, notes, why_not
from taprev.synthesis.results import Synthesis

PRINTED = {"whole": "no study", "head": "Left out", "numbers": "What is left", "absent": "nothing to pool"}
POOLED = "without the study at left"


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw every pooled stratum with a row for each study that is left out, and return where they end."""
    y, drawn = frame.each_pooled(page, content, y, why_not, without_each), frame.pooled(content)
    shown = [section for section in drawn if not why_not(section.stratum)]
    return legend.key(page, y, ladder_key(shown, POOLED)) if drawn else y


def without_each(page: Page, section: PooledSection, y: float) -> float:
    """Draw the whole estimate of a stratum over those without each study."""
    stratum = section.stratum
    shown = Ladder(rows=left_out(stratum), **PRINTED)
    return ladder(page, section, shown, notes(stratum), y)
