"""The Bayesian posteriors of a domain: mean and tau side by side under each prior, beneath the pooled number."""

from __future__ import annotations

from taprev.drawing import legend, marks, theme
from taprev.drawing.page import Page
from taprev.figures.forest.layout_strata import has_bar
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import INDENT, Content, StratumSection
from taprev.figures.siblings.posterior_columns import ROOM, PosteriorColumns, lay_out
from taprev.figures.siblings.posterior_text import (
    chances,
    mean_axis,
    mean_head,
    mean_parts,
    new_setting,
    notes,
    tau,
    tau_parts,
    why_not,
)
from taprev.wording import labels

PITCH, QUIET, MIDDLE = 27.0, 16.0, 4.7


def draw(page: Page, content: Content, y: float) -> float:
    """Draw every pooled stratum with a row for each prior, and return where they end."""
    drawn = frame.pooled(content)
    for one in drawn:
        y = stratum(page, one, y)
    if not drawn:
        return y
    y = legend.key(page, y, _key(drawn)) + 4
    for text in notes(content):
        y = frame.line(page, text, y, x=page.left) + 2
    return y


def stratum(page: Page, one: StratumSection, y: float) -> float:
    """Draw the pooled number of a stratum, and beneath it the posteriors under each prior."""
    fit = one.stratum["fit"]
    y = frame.section(page, one, f"k = {fit['k']}", y)
    if why := why_not(one.stratum):
        y = frame.line(page, why, y + 4, theme.CAUTION)
        return frame.cautions(page, one, y)
    places = lay_out(page, one.stratum)
    base = y + 18
    page.text(INDENT, base, "Prior of τ", theme.HEAD)
    page.text(places.mean_figures.upper, base, mean_head(one.stratum), theme.HEAD, "right")
    page.text(places.tau_figures.upper, base, "τ, between studies", theme.HEAD, "right")
    top = base + 10
    y = _pooled_row(page, places, one, base + 30)
    for b in one.stratum["bayes"]:
        y = _prior_row(page, places, one, b, y + PITCH)
    bottom = y + 12
    page.line((places.mean.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    page.line((places.tau.x(0.0),) * 2, (top, bottom), theme.INK, 0.9, order=1.5)
    name, beside = mean_axis(one.stratum), places.tau.left - 24
    end = frame.axis(page, places.mean, bottom, name, frame.own_sides(one.stratum), beside)
    frame.axis(page, places.tau, bottom, "τ")
    return frame.cautions(page, one, end)


def _pooled_row(page: Page, places: PosteriorColumns, one: StratumSection, y: float) -> float:
    fit, scale = one.stratum["fit"], one.stratum["scale"]
    page.text(INDENT, y, "none: the pooled number", theme.STRONG)
    method = f"{fit['tau2_method']}, {labels.ci_method(fit['ci_method'])}"
    page.text(INDENT, y + QUIET, method, theme.SMALL)
    if has_bar(fit):
        marks.prediction_interval(page, places.mean, y - MIDDLE, fit["pi_lb"], fit["pi_ub"])
    if fit["pi_lb"] is not None:
        told = f"new setting {labels.interval(fit['pi_lb'], fit['pi_ub'], scale)}"
        page.text(places.mean_figures.upper, y + QUIET, told, theme.SMALL, "right")
    ends = tuple(places.mean.x(fit[name]) for name in ("ci_lb", "estimate", "ci_ub"))
    marks.diamond(page, ends, y - MIDDLE, 7.0, one.hollow, dashed=fit["k"] == 2)
    parts = labels.estimate_parts(fit["estimate"], fit["ci_lb"], fit["ci_ub"], scale)
    places.mean_figures.write(page, parts, y, theme.STRONG)
    value, low, high = tau(fit)
    if low is not None and high is not None:
        marks.interval(page, places.tau, y - MIDDLE, low, high, theme.INK)
    page.mark(places.tau.x(value), y - MIDDLE, "D", 7.0, theme.PAPER, theme.ESTIMATE, 1.4)
    tau_figures = tau_parts(fit)
    if tau_figures[1]:
        places.tau_figures.write(page, tau_figures, y, theme.STRONG)
    else:
        page.text(places.tau_figures.estimate, y, tau_figures[0], theme.STRONG, "right")
    return y + QUIET


def _prior_row(page: Page, places: PosteriorColumns, one: StratumSection, b: Content, y: float) -> float:
    """Draw what one prior makes of mean, new setting and tau, and return its last baseline."""
    scale = one.stratum["scale"]
    lines = page.paragraph(INDENT, y, labels.clean(b["prior"]), theme.BODY, ROOM, QUIET, most=4)
    below = y + (lines - 1) * QUIET
    marks.prediction_interval(page, places.mean, y - MIDDLE, b["predictive"]["ci_lb"], b["predictive"]["ci_ub"])
    marks.interval(page, places.mean, y - MIDDLE, b["mu"]["ci_lb"], b["mu"]["ci_ub"], theme.INK)
    legend.dot(page, places.mean.x(b["mu"]["median"]), y - MIDDLE, one.hollow)
    places.mean_figures.write(page, mean_parts(b["mu"], scale), y, theme.BODY)
    page.text(places.mean_figures.upper, y + QUIET, new_setting(b["predictive"], scale), theme.SMALL, "right")
    marks.interval(page, places.tau, y - MIDDLE, b["tau"]["ci_lb"], b["tau"]["ci_ub"], theme.INK)
    legend.dot(page, places.tau.x(b["tau"]["median"]), y - MIDDLE, True)
    places.tau_figures.write(page, mean_parts(b["tau"], "smd"), y, theme.BODY)
    for text in chances(b, one.stratum):
        below += QUIET
        page.text(INDENT, below, text, theme.SMALL)
    return below


def _key(drawn: list[StratumSection]) -> list[tuple[legend.Paint, str]]:
    """Return the marks that occur, each once."""
    shown = [one for one in drawn if not why_not(one.stratum)]
    entries: list[tuple[legend.Paint, str]] = []
    for hollow, two in dict.fromkeys((one.hollow, one.stratum["fit"]["k"] == 2) for one in shown):
        word = "two effects only, no verdict" if two else "not a comparison with a control group"
        entries.append((legend.diamond_key(hollow, two), f"pooled number{f', {word}' if hollow else ''}"))
    entries += legend.dot_entries((one.hollow for one in shown), "posterior median and interval")
    return [*entries, (legend.prediction, "a new setting")] if shown else []
