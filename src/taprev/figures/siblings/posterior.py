"""The Bayesian posteriors of a domain: mean and tau side by side under each prior, beneath the pooled number."""

from __future__ import annotations

from taprev.drawing import legend, marks, theme
from taprev.drawing.axis import level_axis
from taprev.drawing.page import Page
from taprev.drawing.pooled_marks import prediction_bar
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import INDENT, PooledSection
from taprev.figures.siblings.posterior_columns import ROOM, PosteriorColumns, lay_out
from taprev.figures.siblings.posterior_text import (
    chances,
    mean_axis,
    mean_head,
    new_setting,
    notes,
    posterior_parts,
    tau,
    tau_parts,
    why_not,
)
from taprev.synthesis.results import BayesFit, Synthesis
from taprev.wording import estimates, labels
from taprev.wording.estimates import TAU

PITCH, QUIET, MIDDLE = 27.0, 16.0, 4.7


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw every pooled stratum with a row for each prior, and return where they end."""
    drawn = frame.pooled(content)
    for section in drawn:
        y = under_each_prior(page, section, y)
    if not drawn:
        return y
    y = legend.key(page, y, _key(drawn)) + 4
    for text in notes(content):
        y = page.block(text, y) + 2
    return y


def under_each_prior(page: Page, section: PooledSection, y: float) -> float:
    """Draw the pooled number of a stratum, and beneath it the posteriors under each prior."""
    stratum = section.stratum
    y = frame.section_head(page, section, f"k = {section.fit.k}", y)
    if reason := why_not(stratum):
        y = page.block(reason, y + 4, theme.CAUTION, INDENT)
        return frame.cautions(page, section, y)
    columns = lay_out(page, stratum)
    base = y + 18
    page.text(INDENT, base, "Prior of τ", theme.HEAD)
    page.text(columns.mean_figures.upper, base, mean_head(stratum), theme.HEAD, "right")
    page.text(columns.tau_figures.upper, base, "τ, between studies", theme.HEAD, "right")
    top = base + 10
    y = _pooled_row(page, columns, section, base + 30)
    for fit in stratum.bayes:
        y = _prior_row(page, columns, section, fit, y + PITCH)
    bottom = y + 12
    page.line((columns.mean.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    page.line((columns.tau.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    name, right = mean_axis(stratum), columns.tau.left - 24
    end = level_axis(page, columns.mean, bottom, name, frame.own_sides(stratum), right)
    level_axis(page, columns.tau, bottom, "τ")
    return frame.cautions(page, section, end)


def _pooled_row(page: Page, columns: PosteriorColumns, section: PooledSection, y: float) -> float:
    """Draw the pooled number with its new setting and its tau, and return its last baseline."""
    fit, style = section.fit, estimates.style(section.stratum)
    page.text(INDENT, y, "none: the pooled number", theme.STRONG)
    method = f"{fit.tau2_method}, {labels.ci_method(fit.ci_method)}"
    page.text(INDENT, y + QUIET, method, theme.SMALL)
    if bar := prediction_bar(fit):
        marks.prediction_interval(page, columns.mean, y - MIDDLE, *bar)
    if fit.pi_lb is not None:
        setting = f"new setting {estimates.interval(fit.pi_lb, fit.pi_ub, style)}"
        page.text(columns.mean_figures.upper, y + QUIET, setting, theme.SMALL, "right")
    ends = columns.mean.ends(fit.ci_lb, fit.estimate, fit.ci_ub)
    marks.diamond(page, ends, y - MIDDLE, 7.0, section.style)
    parts = estimates.estimate_parts(fit.estimate, fit.ci_lb, fit.ci_ub, style)
    columns.mean_figures.write(page, parts, y, theme.STRONG)
    value, low, high = tau(fit)
    if low is not None and high is not None:
        marks.interval(page, columns.tau, y - MIDDLE, low, high, theme.INK)
    page.mark(columns.tau.x(value), y - MIDDLE, "D", 7.0, theme.PAPER, theme.ESTIMATE, 1.4)
    tau_figures = tau_parts(fit)
    if tau_figures[1]:
        columns.tau_figures.write(page, tau_figures, y, theme.STRONG)
    else:
        page.text(columns.tau_figures.estimate, y, tau_figures[0], theme.STRONG, "right")
    return y + QUIET


def _prior_row(page: Page, columns: PosteriorColumns, section: PooledSection, fit: BayesFit, y: float) -> float:
    """Draw what one prior makes of mean, new setting and tau, and return its last baseline."""
    style, middle = estimates.style(section.stratum), y - MIDDLE
    lines = page.paragraph(INDENT, y, labels.clean(fit.prior), theme.BODY, ROOM, QUIET, most=4)
    below = y + (lines - 1) * QUIET
    marks.prediction_interval(page, columns.mean, middle, fit.predictive.ci_lb, fit.predictive.ci_ub)
    marks.interval(page, columns.mean, middle, fit.mu.ci_lb, fit.mu.ci_ub, theme.INK)
    legend.dot(page, columns.mean.x(fit.mu.median), middle, section.hollow)
    columns.mean_figures.write(page, posterior_parts(fit.mu, style), y, theme.BODY)
    page.text(columns.mean_figures.upper, y + QUIET, new_setting(fit.predictive, style), theme.SMALL, "right")
    marks.interval(page, columns.tau, middle, fit.tau.ci_lb, fit.tau.ci_ub, theme.INK)
    legend.dot(page, columns.tau.x(fit.tau.median), middle, True)
    columns.tau_figures.write(page, posterior_parts(fit.tau, TAU), y, theme.BODY)
    for text in chances(fit, section.stratum):
        below += QUIET
        page.text(INDENT, below, text, theme.SMALL)
    return below


def _key(drawn: list[PooledSection]) -> list[tuple[legend.Paint, str]]:
    """Return the marks that occur, each once."""
    shown = [section for section in drawn if not why_not(section.stratum)]
    entries: list[tuple[legend.Paint, str]] = []
    for style in dict.fromkeys(section.style for section in shown):
        words = "two effects only, no conclusion" if style.dashed else "not a comparison with a control group"
        entries.append((legend.diamond_key(style), f"pooled number{f', {words}' if style.hollow else ''}"))
    entries += legend.dot_entries((section.hollow for section in shown), "posterior median and interval")
    return [*entries, (legend.prediction, "a new setting")] if shown else []
