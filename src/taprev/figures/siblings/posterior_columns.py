"""Where the axes and the figures of a stratum's posteriors stand."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.drawing.estimate_columns import FigureColumns, fit_columns
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale, fit_scale, level_ticks
from taprev.figures.forest.layout_strata import has_bar
from taprev.figures.siblings.frame import INDENT, Content
from taprev.figures.siblings.posterior_text import mean_head, mean_parts, new_setting, tau, tau_parts
from taprev.wording import labels

ROOM, LEAST_PLOT, GAP = 210.0, 90.0, 26.0


@dataclass(frozen=True)
class PosteriorColumns:
    """Where both axes and their figures stand."""

    mean: Track
    mean_figures: FigureColumns
    tau: Track
    tau_figures: FigureColumns


def lay_out(page: Page, stratum: Content) -> PosteriorColumns:
    """Return where things stand; the axis of the mean takes two thirds of what the figures leave over."""
    fit, fits, scale = stratum["fit"], stratum["bayes"], stratum["scale"]
    means = [labels.estimate_parts(fit["estimate"], fit["ci_lb"], fit["ci_ub"], scale)]
    means += [mean_parts(b["mu"], scale) for b in fits]
    taus = [tau_parts(fit), *(mean_parts(b["tau"], "smd") for b in fits)]
    tau_figures = fit_columns(taus, page.right, "τ, between studies")
    width = max(tau_figures.upper - tau_figures.begin, 0.0)
    news = [new_setting(b["predictive"], scale) for b in fits]
    from_right = fit_columns(means, 0.0, max([mean_head(stratum), *news], key=len))
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


def _mean_scale(fit: Content, fits: list[Content], scale: str, width: float) -> AxisScale:
    points = [
        fit["ci_lb"],
        fit["ci_ub"],
        *(end for b in fits for end in (b["mu"]["ci_lb"], b["mu"]["ci_ub"])),
    ]
    intervals = [(b["predictive"]["ci_lb"], b["predictive"]["ci_ub"]) for b in fits]
    intervals += [(fit["pi_lb"], fit["pi_ub"])] if has_bar(fit) else []
    return fit_scale(points, intervals, labels.is_ratio(scale), width)


def _tau_scale(fit: Content, fits: list[Content], width: float) -> AxisScale:
    """Return an axis of tau that begins at zero; a far upper bound of the pooled number is cut."""
    value, _, high = tau(fit)
    ends = [value, *(b["tau"]["ci_ub"] for b in fits)]
    reach = min(high, 1.3 * max(ends)) if high else max(ends)
    high = 1.06 * max(*ends, reach) or 1.0
    return AxisScale(0.0, high, level_ticks(0.0, high, width))
