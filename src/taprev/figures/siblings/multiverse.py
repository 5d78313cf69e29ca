"""The specification curve: a pooled number under every combination of choices, over the matrix of the choices."""

from __future__ import annotations

from taprev.drawing import legend, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import INDENT, StratumSection
from taprev.figures.siblings.multiverse_curve import Curve, draw_curve, lay_curve
from taprev.figures.siblings.multiverse_matrix import draw_matrix
from taprev.figures.siblings.multiverse_text import NESTED, sections, whole, why_not
from taprev.synthesis.results import Multiverse, Synthesis
from taprev.wording import estimates
from taprev.wording.choices import NO_PROBABILITY, multiverse_words

BOLD = "Bold: as this review takes it. Moves: how far the estimate ranges over the levels of a choice, in the median"
BOLD += " combination of the others."
TOGETHER = "neighbouring combinations together; a row is the higher, the more of them take its level"


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw a curve and a matrix for every section, and return where they end."""
    shown, curves = sections(content), []
    for section in shown:
        y, curve = under_all_choices(page, section, y)
        curves += [curve] if curve else []
    if not shown:
        return y
    y = legend.key(page, y, _key(curves))
    return page.block(BOLD, y + 4) + 2 if curves else y


def under_all_choices(page: Page, section: StratumSection, y: float) -> tuple[float, Curve | None]:
    """Draw the curve of a stratum over its matrix, or the sentence in its place; return where they end."""
    stratum = section.stratum
    multiverse = whole(stratum)
    if multiverse is None:
        fit = frame.fit_of(stratum)
        y = frame.section_head(page, section, f"k = {fit.k}" if fit else "", y)
        y = page.block(why_not(stratum), y + 4, theme.CAUTION, INDENT)
        return frame.cautions(page, section, y), None
    y = frame.section_head(page, section, _note(multiverse), y)
    words = multiverse_words(multiverse, estimates.style(stratum))
    y = page.block(words, y + 4, theme.NOTE)
    if NO_PROBABILITY not in words:
        y = page.block(NO_PROBABILITY, y, theme.NOTE)
    curve = lay_curve(section, multiverse, y + 34)
    draw_curve(page, curve)
    bottom = draw_matrix(page, curve, multiverse, estimates.style(stratum), curve.bottom + 22)
    if curve.own is not None:
        _mark_own(page, curve, curve.own, bottom)
    y = page.block(NESTED, bottom + 4, x=INDENT) if frame.nested(stratum) else bottom + 4
    return frame.cautions(page, section, y), curve


def _note(multiverse: Multiverse) -> str:
    pooled = [spec.k for spec in multiverse.specifications if spec.estimate is not None]
    low, high = min(pooled), max(pooled)
    span = f"k = {low}" if low == high else f"k from {low} to {high}"
    return f"{multiverse.estimable:,} of {len(multiverse.specifications):,} combinations pooled · {span}"


def _mark_own(page: Page, curve: Curve, own: int, bottom: float) -> None:
    """Mark the column of the review's own choices from its number on top down to the matrix."""
    x, top, spec = curve.x(own), curve.top, curve.specs[own]
    if curve.apart:
        half = max(3.0, min(curve.step / 2, 11.0))
        page.box(x - half, top - 6, 2 * half, bottom - top + 6, theme.SHADE, order=0.4)
    else:
        page.line((x, x), (top - 6, bottom), theme.INK, 0.9, order=4.5, dash=legend.WHOLE)
    own_mark(page, x, curve.y(spec.estimate), curve.section.hollow)
    page.mark(x, top - 13, "v", 7.0, theme.INK, theme.INK, 0.0)
    number = estimates.estimate(spec.estimate, spec.ci_lb, spec.ci_ub, estimates.style(curve.section.stratum))
    left = x < (curve.left + curve.right) / 2
    page.text(x + (9 if left else -9), top - 9, f"this review {number}", theme.STRONG, "left" if left else "right")


def own_mark(page: Page, x: float, y: float, hollow: bool) -> None:
    """Draw the estimate of the review's own choices."""
    page.mark(x, y, "D", 8.0, theme.PAPER if hollow else theme.ESTIMATE, theme.ESTIMATE, 1.8)


def _key(curves: list[Curve]) -> list[tuple[legend.Paint, str]]:
    """Return the marks that occur, each once."""
    entries: list[tuple[legend.Paint, str]] = []
    entries += legend.dot_entries((curve.section.hollow for curve in curves if curve.apart), "one combination")
    if any(not curve.apart for curve in curves):
        entries.append((legend.band_of_curve, TOGETHER))
    own = [curve.section.hollow for curve in curves if curve.own is not None]
    if own:
        entries.append((lambda page, x, y: own_mark(page, x, y, all(own)), "the review's own choices"))
    if any(curve.apart for curve in curves):
        entries.append((lambda page, x, y: page.mark(x, y, "s", 7.5, theme.ESTIMATE, theme.ESTIMATE, 0.0), "taken"))
    if any(curve.cuts for curve in curves):
        entries.append((legend.clipped_up, "runs out of the axis"))
    return entries
