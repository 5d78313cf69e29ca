"""What the Bayesian fits of a domain say: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taprev.figures.forest.alternative_text import number_words
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import Content
from taprev.wording import labels, sentences

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
NONE_HELD = "No Bayesian fit: the settings list no prior that applies here."
FROM_TAU2 = "τ of the pooled number is the square root of τ² and of its bounds."
LOG = "τ is on the scale of the logarithm of the ratio."


def why_not(stratum: Content) -> str:
    """Return why a pooled stratum has no posterior, or nothing where it has one."""
    if stratum["bayes"]:
        return ""
    given = (stratum["panel"] or {}).get("notes", ())
    return next((note for note in given if "Bayesian" in note or "prior" in note.lower()), NONE_HELD)


def mean_axis(stratum: Content) -> str:
    """Return the name of the axis of the mean with its unit."""
    if labels.is_ratio(stratum["scale"]):
        return frame.axis_name(stratum)
    return f"Mean ({labels.clean(stratum['unit']) if stratum['scale'] == 'md' else 'SD units'})"


def mean_head(stratum: Content) -> str:
    """Return the head over the printed means, with the level of their intervals."""
    scale, level = stratum["scale"], labels.level(stratum["fit"]["level"])
    return f"{labels.ratio_name(scale) if labels.is_ratio(scale) else 'Mean'} [{level}{labels.NBSP}%]"


def mean_parts(one: Content, scale: str) -> tuple[str, ...]:
    """Return the pieces of a posterior: its median with its credible interval."""
    return labels.estimate_parts(one["median"], one["ci_lb"], one["ci_ub"], scale)


def tau(fit: Content) -> tuple[float, float | None, float | None]:
    """Return tau of a pooled number with its bounds, where it has them: the roots of tau2."""
    ends = (fit["tau2_lb"], fit["tau2_ub"])
    low, high = (None if end is None else end**0.5 for end in ends)
    return fit["tau2"] ** 0.5, low, high


def tau_parts(fit: Content) -> tuple[str, ...]:
    """Return the pieces of tau of a pooled number; without bounds the estimate stands alone."""
    value, low, high = tau(fit)
    if low is None or high is None:
        return labels.number(value), "", ""
    return labels.estimate_parts(value, low, high, "smd")


def chances(one: Content, stratum: Content) -> list[str]:
    """Return the posterior probabilities of a fit: of the better side, and beyond the important difference."""
    side = max(labels.sides(stratum["contrasts"], stratum["favours_sign"]), key=_is_better)
    said = [f"P({side})" + _equals(one["p_better"])]
    if one["p_important"] is not None:
        size = labels.effect(stratum["favours_sign"] * one["important"], stratum["scale"])
        said.append(f"P(mean beyond {size})" + _equals(one["p_important"]))
        said.append(f"P(new setting beyond {size})" + _equals(one["p_important_new"]))
    return said


def _is_better(side: str) -> bool:
    return side in ("better after", "favours programme")


def _equals(p: float) -> str:
    return labels.equation("", labels.pvalue(p) if p < 0.01 or p > 0.99 else labels.number(p))


def new_setting(one: Content, scale: str) -> str:
    """Return what to expect in a new setting, `new setting [−0.50, 1.96]`."""
    return f"new setting {labels.interval(one['ci_lb'], one['ci_ub'], scale)}"


def notes(content: Content) -> Iterator[str]:
    """Yield what must be known to read the figure."""
    drawn = [one.stratum for one in frame.pooled(content) if one.stratum["bayes"]]
    if drawn:
        yield (
            f"Posteriors: median and {labels.level(drawn[0]['bayes'][0]['level'])}{labels.NBSP}% credible interval, "
            f"under a flat prior of the mean. {FROM_TAU2}"
        )
    if any(labels.is_ratio(stratum["scale"]) for stratum in drawn):
        yield LOG


def words(content: Content) -> Iterator[str]:
    """Yield, for each stratum, its pooled number and what each prior makes of mean, tau and a new setting."""
    for one in frame.pooled(content):
        stratum, fit = one.stratum, one.stratum["fit"]
        said = [f"{labels.model(fit)}: {number_words(stratum, fit['estimate'], fit)}, {_tau_words(fit)}"]
        said += [
            why_not(stratum),
            *(_fit_words(b, stratum) for b in stratum["bayes"]),
            *frame.warnings(stratum),
        ]
        yield " ".join([f"{one.label.rstrip('.')}:", *(sentences.sentence(text) for text in said if text)])
    yield from notes(content)


def _tau_words(fit: Content) -> str:
    return f"τ {' '.join(part for part in tau_parts(fit) if part)}"


def _fit_words(one: Content, stratum: Content) -> str:
    scale = stratum["scale"]
    return (
        f"prior of τ {one['prior']}: mean {' '.join(mean_parts(one['mu'], scale))}, "
        f"{new_setting(one['predictive'], scale)}, τ {' '.join(mean_parts(one['tau'], 'smd'))}, "
        f"{', '.join(chances(one, stratum))}"
    )


def twin(content: Content) -> Iterator[dict[str, Any]]:
    """Yield the pooled number with its tau2, then mean, tau and new setting under each prior."""
    for one in frame.pooled(content):
        stratum, fit = one.stratum, one.stratum["fit"]
        base = {"section": one.label, "scale": stratum["scale"]}
        shared = {**base, "fit": labels.model(fit), "k": fit["k"], "level": fit["level"]}
        yield {
            **shared,
            "quantity": "mean",
            "reason": why_not(stratum),
            **_of(fit, "estimate", "ci_lb", "ci_ub"),
        }
        tau2 = {"estimate": fit["tau2"], "ci_lb": fit["tau2_lb"], "ci_ub": fit["tau2_ub"]}
        yield {**shared, "quantity": "tau2", **tau2}
        if fit["pi_lb"] is not None:
            yield {**shared, "quantity": "new setting", "ci_lb": fit["pi_lb"], "ci_ub": fit["pi_ub"]}
        for b in stratum["bayes"]:
            told = {**base, "fit": b["prior"], "k": b["k"], "level": b["level"]}
            chance = _of(b, "p_better", "important", "p_important", "p_important_new")
            yield {**told, "quantity": "mean", **b["mu"], **chance}
            yield {**told, "quantity": "tau", **b["tau"]}
            yield {**told, "quantity": "new setting", **b["predictive"]}


def _of(row: Content, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}
