"""The methods paragraph, written from the settings that were used."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.extraction.snapshot import KeptCopy
from taprev.extraction.tables import Row
from taprev.report.extraction_words import extraction_words
from taprev.settings import Settings
from taprev.synthesis.results import Stratum, Synthesis
from taprev.vocabulary import DependenceModel, NoteCode, PoolModel, Scale
from taprev.wording import labels

HIERARCHY = (
    "Of several results of one sample, intention to treat stands before per protocol, a total before a subscale before "
    "an item, adjusted before crude, and the time nearest to the target of the domain before others"
)


def methods_paragraphs(
    settings: Settings, contents: list[Synthesis], agreement: Iterable[Row] = (), kept: Iterable[KeptCopy] = ()
) -> list[str]:
    """Return the methods of the review as paragraphs of plain text, for the settings and measures that were used.

    `agreement` holds the rows of the table of agreement, `kept` the record of how the tables were read.
    """
    return list(methods(settings, contents, agreement, kept).values())


def methods(
    settings: Settings, contents: list[Synthesis], agreement: Iterable[Row] = (), kept: Iterable[KeptCopy] = ()
) -> dict[str, str]:
    """Return each paragraph of the methods under the name of what it describes."""
    strata = [stratum for content in contents for stratum in content.strata]
    scales = {stratum.scale for stratum in strata if stratum.studies}
    measures = {study.measure for stratum in strata for study in stratum.studies}
    return {
        "extraction": _extraction(settings, agreement) + _otherwise(kept),
        "effects": _effects(settings, scales, measures),
        "synthesis": _synthesis(settings) + _empty_cells({stratum.fit.model for stratum in strata if stratum.fit}),
        "sensitivity": _sensitivity(settings, _unjudged(strata)),
        "directions": _directions(settings),
    }


def _extraction(settings: Settings, agreement: Iterable[Row]) -> str:
    search = "found by a systematic search" if settings.review.systematic_search else "not found by a systematic search"
    scopes = ", ".join(scope.replace("_", " ") for scope in settings.scope.include)
    results = "".join(
        f" Of results only those with {_listed(part.include)} as {part.column.replace('_', ' ')} count; others are "
        f"left out ({labels.clean(part.why)})."
        for part in settings.scope.results
    )
    read = f"{extraction_words(settings, agreement)}{_once(settings)}"
    return f"The evidence was {search}. {read} Programmes of these kinds belong to the review: {scopes}.{results}"


def _otherwise(kept: Iterable[KeptCopy]) -> str:
    """Say that tables were read otherwise than typed, where any was."""
    tables = sum(one.otherwise for one in kept)
    if not tables:
        return ""
    many = "One table or form was" if tables == 1 else f"{tables} tables and forms were"
    return (
        f" {many} not read as typed throughout (decimal commas, empty rows and the like); "
        "results/audit/as_read.csv says what was read how."
    )


def _once(settings: Settings) -> str:
    if settings.extraction.once or not settings.agreement.coded_once:
        return ""
    return (
        " What the received files had no column for (pairing, part of a scale, what a figure assumes) was read once, "
        "from both extractors' notes."
    )


def _effects(settings: Settings, scales: set[Scale], measures: set[str]) -> str:
    a = settings.assumptions
    texts = []
    if "SMD" in measures:
        texts.append("Effects between groups are standardised mean differences (Hedges' g).")
    if "SMCR" in measures:
        texts.append(
            "Effects within one group are the change divided by the standard deviation before (SMCR). Where no "
            f"correlation of before and after scores is printed it is taken as {a.r_pre_post.value:g}."
        )
    if Scale.MD in scales:
        texts.append("Mean differences stay in the units and the direction of their instrument.")
    if Scale.SMD in scales:
        texts.append("A positive standardised value is better.")
    if any(labels.is_ratio(scale) for scale in scales):
        texts.append("Ratios stay in their printed orientation, and ratios of different kinds stand apart.")
    if Scale.FISHER_Z in scales:
        texts.append(
            "Correlations are analysed as Fisher's z, shown as r, and never pooled with effects of another kind; they "
            "show what goes together and not an effect of the programme."
        )
    texts.append(
        "An effect is called exact when it follows from printed figures alone, and assumed when it needs a stated "
        "assumption or when rounding could move its variance by more than a quarter; a bound on p gives no effect."
    )
    return " ".join(texts)


def _synthesis(settings: Settings) -> str:
    s, rho = settings.synthesis, settings.assumptions.rho.value
    level = labels.level(s.level)
    return (
        "Randomised, controlled and before-after contrasts are not pooled with one another, except randomised with "
        "controlled in a sensitivity analysis that is marked as one, and interrupted time "
        f"series are not pooled. The between-study variance is estimated by {s.tau2_method.said}. The interval of "
        f"the pooled effect is {s.ci_method.said}, at {level} %; the others are computed "
        "beside it. I2 follows from the between-study variance, with Q-profile bounds; the prediction interval has "
        f"{s.prediction_df} degrees of freedom and is drawn from five samples on. {HIERARCHY}; "
        "equals are averaged with a "
        f"correlation of {rho:g}.{_nested(settings)} Estimates, intervals, the between-study variance and Q are "
        "computed a second time by PyMARE or statsmodels."
    )


BY_COUNTS = {
    PoolModel.EXACT_LIKELIHOOD: "odds ratios by a random-effects model with the exact likelihood (Stijnen and others "
    "2010), maximum likelihood and intervals of the profile likelihood",
    PoolModel.MANTEL_HAENSZEL: "risk ratios by Mantel-Haenszel with one common effect",
}


def _empty_cells(models: set[PoolModel]) -> str:
    by_counts = "; ".join(words for model, words in BY_COUNTS.items() if model in models)
    if not by_counts:
        return ""
    return (
        f" Where a sample has an empty cell, its stratum is pooled by the counts: {by_counts}. Inverse variance "
        "without these samples and with half an event added stands beside it; other choices, years and nested effects "
        "are not varied there."
    )


def _nested(settings: Settings) -> str:
    how = settings.synthesis.dependence
    if how.model == DependenceModel.COMPOSITE:
        return ""
    return (
        f" Where a stratum has a study with several effects, and at least {how.fewest_studies} studies, every effect "
        "is pooled instead, nested in its study, with both variance components by REML and a CR2 interval."
    )


def _unjudged(strata: list[Stratum]) -> int:
    """Return how many results without an overall judgement stay where others leave for their risk of bias."""
    notes = [note for stratum in strata if stratum.panel for note in stratum.panel.notes]
    return sum(int(note.figures["results"]) for note in notes if note.code == NoteCode.UNJUDGED_STAY)


def _sensitivity(settings: Settings, unjudged: int) -> str:
    a, how = settings.assumptions, settings.sensitivity
    grids = {
        "the correlation of before and after scores": a.r_pre_post.grid,
        "that of results of the same people": a.rho.grid,
        "the intracluster correlation": a.icc.grid,
        "the overdispersion of counts": a.overdispersion.grid,
    }
    tried = "; ".join(f"{name} {_listed(values)}" for name, values in grids.items() if values)
    others = [f"the between-study variance by {_listed(how.tau2_methods)}"]
    others += ["exact effects only"] if how.exact_only else []
    others += [scope.label for scope in how.scopes]
    asked = dict.fromkeys(domain.converted for domain in settings.domains.values() if domain.converted)
    others += [f"{conversion.said} in the domains that ask for it (Hasselblad and Hedges 1995)" for conversion in asked]
    if how.without_risk_of_bias:
        stay = labels.count(unjudged, "result", "results") if unjudged else "results"
        stay += " without an overall judgement " + ("stays" if unjudged == 1 else "stay")
        others.append(f"without results at {_listed(how.without_risk_of_bias)} risk of bias ({stay})")
    nested = "The nested models stand beside, and every other choice is tried on averages of equals."
    if settings.synthesis.dependence.model == DependenceModel.COMPOSITE:
        nested = "Effects nested in studies (three levels, and correlated effects) stand beside."
    priors = _listed([prior.family.said for prior in settings.bayes])
    bayes = f" Bayesian fits have a flat prior of the mean and these of its spread: {priors}." if priors else ""
    return (
        f"Each pooled number is recomputed under every combination of the choices that bear on it: {tried}; "
        f"{'; '.join(others)}. Each study is left out in turn, and studies are added by year. {nested}{bayes}"
    )


def _listed(values) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float | int) else value for value in values)


def _directions(settings: Settings) -> str:
    p = (
        ""
        if settings.review.systematic_search
        else " The p value of the sign test is withheld without a systematic search."
    )
    return (
        "Every study with a direction votes once in each contrast, whatever its significance; a study whose results "
        "share a direction in fewer than 70 % is unclear, and so is a null without a printed sign. The share of "
        f"better directions has an exact (Clopper-Pearson) interval.{p}"
    )
