"""What the Bayesian fits of a domain say: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from taprev.figures.forest.alternative_text import number_words
from taprev.figures.siblings import frame
from taprev.figures.twin_columns import fields_of
from taprev.synthesis.results import BayesFit, Fit, Posterior, Stratum, Synthesis
from taprev.synthesis.results.protocols import Limits
from taprev.vocabulary import NoteCode, Scale
from taprev.wording import estimates, labels, sentences
from taprev.wording.estimates import TAU, NumberStyle

NAME = "Bayesian posteriors beside the pooled number"
COLUMNS = (
    "section",
    "fit",
    "quantity",
    "k",
    "scale",
    "estimate",
    "mean",
    "sd",
    "median",
    "ci_lb",
    "ci_ub",
    "level",
    "p_better",
    "important",
    "p_important",
    "p_important_new",
    "reason",
)
OF_A_NUMBER = ("estimate", "ci_lb", "ci_ub")
OF_CHANCES = ("p_better", "important", "p_important", "p_important_new")
NONE_HELD = "No Bayesian fit: the settings list no prior that applies here."
FROM_TAU2 = "τ of the pooled number is the square root of τ² and of its bounds."
LOG = "τ is on the scale of the logarithm of the ratio."
FISHER = "τ is on the scale of Fisher's z of the correlation."


def why_not(stratum: Stratum) -> str:
    """Return why a pooled stratum has no posterior, or nothing where it has one."""
    if stratum.bayes:
        return ""
    codes = (NoteCode.PRIOR_WITHOUT_SD, NoteCode.PRIOR_NOT_FOR_DESIGN, NoteCode.PRIOR_NOT_FOR_SCALE)
    return frame.panel_note(stratum, *codes) or NONE_HELD


def mean_axis(stratum: Stratum) -> str:
    """Return the name of the axis of the mean with its unit."""
    if labels.back_transformed(stratum.scale):
        return frame.axis_name(stratum)
    return f"Mean ({labels.clean(stratum.unit) if stratum.scale == Scale.MD else 'SD units'})"


def mean_head(stratum: Stratum) -> str:
    """Return the head over the printed means, with the level of their intervals."""
    scale, level = stratum.scale, labels.level(stratum.pooled.level)
    name = labels.shown_name(scale, stratum.unit) if labels.back_transformed(scale) else "Mean"
    return f"{name} [{level}{labels.NBSP}%]"


def posterior_parts(posterior: Posterior, style: NumberStyle) -> tuple[str, ...]:
    """Return the pieces of a posterior: its median with its credible interval."""
    return estimates.estimate_parts(posterior.median, posterior.ci_lb, posterior.ci_ub, style)


def tau(fit: Fit) -> tuple[float, float | None, float | None]:
    """Return tau of a pooled number with its bounds, where it has them: the roots of tau2."""
    ends = (fit.tau2_lb, fit.tau2_ub)
    low, high = (None if end is None else end**0.5 for end in ends)
    return fit.variance**0.5, low, high


def tau_parts(fit: Fit) -> tuple[str, ...]:
    """Return the pieces of tau of a pooled number, or the estimate alone where it has no bounds."""
    value, low, high = tau(fit)
    if low is None or high is None:
        return labels.number(value), "", ""
    return estimates.estimate_parts(value, low, high, TAU)


def chances(fit: BayesFit, stratum: Stratum) -> list[str]:
    """Return the posterior probabilities of a fit: of the better side, and beyond the important difference."""
    side = labels.sides(stratum)[stratum.favours_sign > 0]
    probabilities = [f"P({side})" + _equals(fit.p_better)]
    if fit.important is not None and fit.p_important is not None and fit.p_important_new is not None:
        size = estimates.effect(stratum.favours_sign * fit.important, estimates.style(stratum))
        probabilities.append(f"P(mean beyond {size})" + _equals(fit.p_important))
        probabilities.append(f"P(new setting beyond {size})" + _equals(fit.p_important_new))
    return probabilities


def _equals(p: float) -> str:
    return labels.equation("", labels.pvalue(p) if p < 0.01 or p > 0.99 else labels.number(p))


def new_setting(predictive: Limits, style: NumberStyle) -> str:
    """Return what to expect in a new setting, `new setting [−0.50, 1.96]`."""
    return f"new setting {estimates.interval(predictive.ci_lb, predictive.ci_ub, style)}"


def notes(content: Synthesis) -> Iterator[str]:
    """Yield what must be known to read the figure."""
    drawn = [section.stratum for section in frame.pooled(content) if section.stratum.bayes]
    if drawn:
        yield (
            f"Posteriors: median and {labels.level(drawn[0].bayes[0].level)}{labels.NBSP}% credible interval, "
            f"under a flat prior of the mean. {FROM_TAU2}"
        )
    if any(labels.is_ratio(stratum.scale) for stratum in drawn):
        yield LOG
    if any(labels.is_correlation(stratum.scale) for stratum in drawn):
        yield FISHER


def words(content: Synthesis) -> Iterator[str]:
    """Yield, for each stratum, its pooled number and what each prior makes of mean, tau and a new setting."""
    for section in frame.pooled(content):
        stratum, fit = section.stratum, section.fit
        texts = [
            f"{labels.model(fit)}: {number_words(stratum, fit.estimate, fit)}, {_tau_words(fit)}",
            why_not(stratum),
            *(_fit_words(bayes, stratum) for bayes in stratum.bayes),
            *frame.warnings(stratum),
        ]
        yield " ".join([f"{section.label.rstrip('.')}:", *(sentences.sentence(text) for text in texts if text)])
    yield from notes(content)


def _tau_words(fit: Fit) -> str:
    return f"τ {' '.join(part for part in tau_parts(fit) if part)}"


def _fit_words(fit: BayesFit, stratum: Stratum) -> str:
    style = estimates.style(stratum)
    return (
        f"prior of τ {fit.prior}: mean {' '.join(posterior_parts(fit.mu, style))}, "
        f"{new_setting(fit.predictive, style)}, τ {' '.join(posterior_parts(fit.tau, TAU))}, "
        f"{', '.join(chances(fit, stratum))}"
    )


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield the pooled number with its tau2, then mean, tau and new setting under each prior."""
    for section in frame.pooled(content):
        stratum, fit = section.stratum, section.fit
        base = {"section": section.label, "scale": stratum.scale}
        shared = {**base, "fit": labels.model(fit), "k": fit.k, "level": fit.level}
        yield {**shared, "quantity": "mean", "reason": why_not(stratum), **fields_of(fit, OF_A_NUMBER)}
        yield {**shared, "quantity": "tau2", "estimate": fit.tau2, "ci_lb": fit.tau2_lb, "ci_ub": fit.tau2_ub}
        if fit.pi_lb is not None:
            yield {**shared, "quantity": "new setting", "ci_lb": fit.pi_lb, "ci_ub": fit.pi_ub}
        for bayes in stratum.bayes:
            under = {**base, "fit": bayes.prior, "k": bayes.k, "level": bayes.level}
            yield {**under, "quantity": "mean", **asdict(bayes.mu), **fields_of(bayes, OF_CHANCES)}
            yield {**under, "quantity": "tau", **asdict(bayes.tau)}
            yield {**under, "quantity": "new setting", **asdict(bayes.predictive)}
