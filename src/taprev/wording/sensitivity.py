"""The sensitivity of a stratum in sentences and rows: how each choice changes its number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from taprev.notes import Note
from taprev.settings.sections import Important
from taprev.synthesis.results import (
    Alternative,
    BayesFit,
    CombinedP,
    InUnits,
    Moderation,
    Nesting,
    Outside,
    Posterior,
    Regression,
    SparseFit,
    Stratum,
    Subgroups,
)
from taprev.vocabulary import Scale
from taprev.wording import estimates, labels, notes
from taprev.wording.choices import multiverse_words
from taprev.wording.estimates import POINTS, TAU, NumberStyle


def panel_words(stratum: Stratum | Outside) -> dict[str, Any] | None:
    """Return the panel of a stratum as text, or None where it has none."""
    panel, style = stratum.panel, estimates.style(stratum)
    if panel is None:
        return None
    influential = [study.label for study in panel.influence if study.influential]
    return {
        "multiverse": multiverse_words(panel.multiverse, style),
        "rows": list(_rows(panel.alternatives, style)),
        "influential": _influential(influential, len(panel.influence)),
        "notes": notes.sentences(panel.notes),
    }


def _rows(alternatives: Iterable[Alternative], style: NumberStyle) -> Iterator[dict[str, Any]]:
    before = ""
    for alternative in alternatives:
        choice = alternative.factor.said
        yield {
            "choice": "" if choice == before else choice,
            "level": alternative.level + (" (as taken)" if alternative.usual else ""),
            "number": _number(alternative, style),
            "k": alternative.k,
        }
        before = choice


def _number(alternative: Alternative, style: NumberStyle) -> str:
    if alternative.estimate is None:
        return "nothing to pool" if alternative.k == 0 else "not pooled"
    return estimates.estimate(alternative.estimate, alternative.ci_lb, alternative.ci_ub, style)


def _influential(names: list[str], of: int) -> str:
    if not of:
        return ""
    if not names:
        return f"By the usual cut-offs none of the {of} effects is influential."
    verb = "is" if len(names) == 1 else "are"
    return f"Influential by the usual cut-offs {verb} {'; '.join(names)}."


def bayes_words(stratum: Stratum, important: Important | None = None) -> str:
    """Return the Bayesian fits in sentences: under the first prior in full, under the others the mean alone."""
    if not stratum.bayes:
        return ""
    style = estimates.style(stratum)
    first, *others = stratum.bayes
    that = "" if labels.after_words(stratum.contrasts) or labels.is_correlation(stratum.scale) else "that "
    side = f"{that}{labels.sides(stratum)[stratum.favours_sign > 0]}"
    sentence = (
        f"Under a prior of the between-study SD that is {first.prior} the mean is {_span(first.mu, style)} "
        f"(median, {labels.level(first.level)} % credible interval), in a new setting "
        f"{_span(first.predictive, style)}, and the between-study SD {_span(first.tau, TAU)}. The posterior "
        f"probability of a mean {side} is {_probability(first.p_better)}.{_important(first, important)}"
    )
    beside = "; ".join(f"{fit.prior}, {_span(fit.mu, style)}" for fit in others)
    return f"{sentence} Under other priors the mean is: {beside}." if beside else sentence


def _important(fit: BayesFit, important: Important | None) -> str:
    if important is None or fit.p_important is None or fit.p_important_new is None:
        return ""
    return (
        f" That the mean exceeds the minimal important difference ({important.value:g}; {important.source}) has a "
        f"probability of {_probability(fit.p_important)}, and that the effect in a new setting does "
        f"{_probability(fit.p_important_new)}."
    )


def _span(posterior: Posterior, style: NumberStyle) -> str:
    return estimates.estimate(posterior.median, posterior.ci_lb, posterior.ci_ub, style)


def _probability(p: float) -> str:
    return labels.pvalue(p) if p < 0.01 or p > 0.99 else labels.number(p)


def moderator_words(moderation: Moderation, style: NumberStyle) -> str:
    """Return what a moderator explains, or why it was not examined."""
    if moderation.subgroups:
        return f"{moderation.label}: {_subgroups(moderation.subgroups, style)}"
    if moderation.regression:
        return f"{moderation.label}: {_slope(moderation.regression)}"
    return f"{moderation.label}: {notes.reason(moderation.refused)}"


def _subgroups(subgroups: Subgroups, style: NumberStyle) -> str:
    groups = "; ".join(
        f"{group.level.replace('_', ' ')} "
        f"{estimates.estimate(group.estimate, group.ci_lb, group.ci_ub, style)}, k = {group.k}"
        for group in subgroups.groups
    )
    p = labels.equation("p", labels.pvalue(subgroups.Q_pval))
    return f"{groups}. Test of difference: Q = {labels.number(subgroups.Q)}, df = {subgroups.Q_df}, {p}."


def _slope(regression: Regression) -> str:
    slope = regression.terms[1]
    p = labels.equation("p", labels.pvalue(slope.pval))
    explained = "" if regression.R2 is None else f"; {labels.percent(regression.R2)} of tau2 taken up"
    return (
        f"slope {labels.number(slope.estimate, 3)} "
        f"[{labels.number(slope.ci_lb, 3)}, {labels.number(slope.ci_ub, 3)}], {p}, k = {regression.k}{explained}."
    )


def nesting_words(nesting: Nesting | None) -> str:
    """Return how the variance of nested effects divides, or nothing."""
    if nesting is None:
        return ""
    between, within = (labels.tau2(sigma2) for sigma2 in (nesting.sigma2_study, nesting.sigma2_effect))
    rho = f", taking results of one study to correlate at {nesting.rho:g}" if nesting.rho else ""
    return f"Of τ², {between} lies between studies and {within} between effects of one study{rho}."


def units_words(in_units: InUnits | None, level: float) -> str:
    """Return the pooled number in the units of a familiar instrument, with the source of its SD."""
    if in_units is None:
        return ""
    number, *ends = estimates.estimate_parts(in_units.estimate, in_units.ci_lb, in_units.ci_ub, POINTS)
    return (
        f"On the {in_units.instrument} this would be {number} points {' '.join(ends)} "
        f"({labels.level(level)} % CI), a positive number being better, taking the SD of its scores as "
        f"{in_units.sd:g} ({in_units.source})."
    )


def sparse_words(fit: SparseFit | None, note: Note | None = None) -> str:
    """Return the pool of events without corrections, and which samples it leaves out, or why there is none."""
    if fit is None:
        return notes.reason(note)
    method, scale = labels.events_pool(fit.measure)
    out = len(fit.double_zero)
    who = "nobody" if scale == Scale.LOG_RISK_RATIO else "nobody or everybody"
    left = f"; {labels.count(out, 'sample', 'samples')} in which {who} had the event left out"
    number = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, NumberStyle(scale))
    return (
        f"Events pooled without any correction ({method}, one common effect): {labels.ratio_name(scale).lower()} "
        f"{number} from {labels.count(fit.k_used, 'sample', 'samples')}{left if out else ''}."
    )


def combined_p_words(combined: CombinedP) -> str:
    """Return a combination of p values with the question it answers."""
    studies = labels.count(combined.studies, "study", "studies")
    where = f"{combined.method}, {labels.contrast(combined.contrast)}, {studies}"
    if combined.pval_withheld:
        return f"{where}: {combined.question} {notes.reason(combined.pval_withheld)}"
    better, worse = (labels.equation("p", labels.pvalue(p)) for p in (combined.pval_better, combined.pval_worse))
    return f"{where}: {combined.question} Better: {better}; worse: {worse} (one-sided)."
