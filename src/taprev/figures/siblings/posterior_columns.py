"""Where the axes and the figures of a stratum's posteriors are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taprev.drawing.estimate_columns import FigureColumns, fit_columns
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.pooled_marks import prediction_bar
from taprev.drawing.scale import AxisScale, fit_scale, level_ticks
from taprev.figures.siblings.frame import INDENT
from taprev.figures.siblings.posterior_text import mean_head, new_setting, posterior_parts, tau, tau_parts
from taprev.synthesis.results import BayesFit, Fit, Stratum
from taprev.vocabulary import Scale
from taprev.wording import estimates
from taprev.wording.estimates import TAU

ROOM, LEAST_PLOT, GAP = 210.0, 90.0, 26.0


@dataclass(frozen=True)
class PosteriorColumns:
    """Where both axes and their figures are drawn."""

    mean: Track
    mean_figures: FigureColumns
    tau: Track
    tau_figures: FigureColumns


def lay_out(page: Page, stratum: Stratum) -> PosteriorColumns:
    """Return where things are drawn; the axis of the mean takes two thirds of what the figures leave over."""
    fit, fits, scale = stratum.pooled, stratum.bayes, stratum.scale
    style = estimates.style(stratum)
    means = [estimates.estimate_parts(fit.estimate, fit.ci_lb, fit.ci_ub, style)]
    means += [posterior_parts(bayes.mu, style) for bayes in fits]
    taus = [tau_parts(fit), *(posterior_parts(bayes.tau, TAU) for bayes in fits)]
    tau_figures = fit_columns(taus, page.right, "τ, between studies")
    width = max(tau_figures.upper - tau_figures.begin, 0.0)
    new_settings = [new_setting(bayes.predictive, style) for bayes in fits]
    from_right = fit_columns(means, 0.0, max([mean_head(stratum), *new_settings], key=len))
    left = INDENT + ROOM + 14
    free = page.right - width - GAP - left - GAP * 2 + from_right.begin
    mean_right = left + max(LEAST_PLOT, 0.62 * free)
    mean_figures = fit_columns(means, mean_right + GAP - from_right.begin, mean_head(stratum))
    tau_left = mean_figures.upper + GAP + 8
    tau_right = max(tau_left + 0.5 * LEAST_PLOT, tau_figures.begin - GAP)
    return PosteriorColumns(
        Track(_mean_scale(fit, fits, scale, mean_right - left), left, mean_right),
        mean_figures,
        Track(_tau_scale(fit, fits, tau_right - tau_left), tau_left, tau_right),
        tau_figures,
    )


def _mean_scale(fit: Fit, fits: Sequence[BayesFit], scale: Scale, width: float) -> AxisScale:
    ends = (end for bayes in fits for end in (bayes.mu.ci_lb, bayes.mu.ci_ub))
    intervals = [(bayes.predictive.ci_lb, bayes.predictive.ci_ub) for bayes in fits]
    bar = prediction_bar(fit)
    intervals += [bar] if bar else []
    return fit_scale([fit.ci_lb, fit.ci_ub, *ends], intervals, scale, width)


def _tau_scale(fit: Fit, fits: Sequence[BayesFit], width: float) -> AxisScale:
    """Return an axis of tau that begins at zero; a far upper bound of the pooled number is cut."""
    value, _, upper = tau(fit)
    ends = [value, *(bayes.tau.ci_ub for bayes in fits)]
    reach = min(upper, 1.3 * max(ends)) if upper else max(ends)
    high = 1.06 * max(*ends, reach) or 1.0
    return AxisScale(0.0, high, level_ticks(0.0, high, width))
