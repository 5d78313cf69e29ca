"""The alternative text of a forest plot: what the data say, for those who do not see the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from taprev.figures.forest import bias_columns, layout_groups
from taprev.figures.forest.layout import panels_of, sensitivity_label
from taprev.figures.forest.layout_strata import cautions_of, notes_of
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import ImportantDifference, Stratum, Synthesis
from taprev.synthesis.results.protocols import Limits
from taprev.vocabulary import Vote
from taprev.wording import context, estimates, labels, missing_evidence, notes, sentences
from taprev.wording.verdicts import bears_verdict

NO_OVERALL = "There is no overall estimate over all designs."
FEW = 3


def alternative_text(content: Synthesis, how: Figures = USUAL) -> str:
    """Return the sentences that say what a domain's evidence is, what it gives, and what it lacks.

    Parameters
    ----------
    content : Synthesis
    how : Figures, optional
        The settings of figures.

    Returns
    -------
    str
    """
    panels = panels_of(content)
    every = [study for stratum in (*content.strata, *content.sensitivity) for study in stratum.studies]
    unjudged = how.risk_of_bias and every and not any(bias_columns.assessed(study) for study in every)
    how = how.model_copy(update={"risk_of_bias": how.risk_of_bias and not unjudged})
    texts = [f"{labels.clean(content.label)}. {sentences.counts(content).replace(' · ', ', ')}."]
    texts += [stratum_text(s, labels.clean(s.label), how) for panel in panels for s in panel.strata]
    texts += [stratum_text(s, sensitivity_label(s.label), how) for panel in panels for s in panel.sensitivity]
    texts += dict.fromkeys(important_words(panel.important) for panel in panels if panel.important)
    directions = [*direction_sentences(content), *vote_sentences(content)]
    texts += [bias_columns.NOBODY] if unjudged and panels else []
    texts += [NO_OVERALL] if panels else []
    own = [sentences.sentence(text) for text in notes.sentences(content.notes)]
    texts += [*directions, *own] if panels or directions else [sentences.nothing(content.notes), *own[1:]]
    texts += [sentences.fates(content.fates), sentences.sentence(content.evidence_set)]
    return " ".join([*texts, f"{sentences.made_by(content)}."])


def stratum_text(stratum: Stratum, label: str, how: Figures) -> str:
    """Return what a stratum gives: its pooled number with its cautions, or why there is none."""
    shown = [study for study in stratum.studies if study.weight is None]
    missing = stratum.missing_results
    texts = [context.magnitudes(missing) if missing.studies else "no study"]
    texts += [missing_evidence.in_full(stratum.missing_evidence)]
    if stratum.fit:
        texts += [
            context.of_number(stratum),
            pooled_words(stratum),
            sentences.in_units(stratum.in_units),
            *heterogeneity_words(stratum),
        ]
        texts += [*group_words(stratum, how.subgroups), *notes_of(stratum)]
    else:
        texts += [notes.why_not(stratum.not_estimable), *study_words(stratum)]
    texts += cautions_of(stratum)
    texts += [f"{labels.count(len(shown), 'sample is', 'samples are')} shown and not pooled"] if shown else []
    bias = bias_columns.counted(stratum.studies) if how.risk_of_bias else ""
    texts += [f"Risk of bias overall: {bias}"] if bias else []
    return " ".join([f"{label.rstrip('.')}:", *(sentences.sentence(part) for part in texts if part)])


def pooled_words(stratum: Stratum) -> str:
    """Return the pooled number, its side and whether its interval holds no difference; neither for two effects."""
    fit = stratum.pooled
    number = f"{labels.model(fit)}: {number_words(stratum, fit.estimate, fit)}"
    if not bears_verdict(fit.k):
        return number
    left, right = labels.sides(stratum)
    side = "no difference" if fit.estimate == 0 else right if fit.estimate > 0 else left
    holds = "includes" if fit.ci_lb <= 0 <= fit.ci_ub else "excludes"
    noun = "change" if labels.after_words(stratum.contrasts) else "difference"
    return f"{number}, {side}; the interval {holds} no {noun}"


def number_words(stratum: Stratum, value: float, limits: Limits) -> str:
    """Return a number with the name of its measure and its interval."""
    scale, contrasts = stratum.scale, stratum.contrasts
    name = labels.measure_name(scale, stratum.unit, contrasts)
    number = estimates.estimate(value, limits.ci_lb, limits.ci_ub, estimates.style(stratum))
    return f"{name[:1].lower()}{name[1:]} {number}"


def group_words(stratum: Stratum, column: str) -> Iterator[str]:
    """Yield the number of every subgroup that was pooled, and the test of their difference."""
    for group in layout_groups.groups(stratum, column) if column else ():
        head = layout_groups.group_head(0, stratum, column, group.level).label
        yield f"{head}, k = {group.k}, {number_words(stratum, group.estimate, group)}"
    yield from layout_groups.difference_words(stratum, column)


def important_words(important: ImportantDifference) -> str:
    """Return how small a difference is too small to matter, and who says so."""
    value = labels.significant(important.value, 3)
    source = labels.clean(important.source).rstrip(".")
    return f"A band marks what is smaller than the smallest difference that matters, {value} ({source})."


def heterogeneity_words(stratum: Stratum) -> tuple[str, str]:
    """Return heterogeneity and the prediction interval, where there is one."""
    fit = stratum.pooled
    heterogeneity = sentences.heterogeneity(fit).replace(" · ", ", ")
    return f"Heterogeneity: {heterogeneity}", sentences.prediction(fit, estimates.style(stratum))


def study_words(stratum: Stratum) -> Iterator[str]:
    """Yield the number of every study of a stratum that was not pooled, while they are few."""
    studies = stratum.studies
    for study in studies if len(studies) <= FEW else ():
        own = study.own
        number = number_words(stratum, own.yi, own) if own else labels.counts(study)
        yield f"{labels.clean(study.label)}: {number}"


def direction_sentences(content: Synthesis) -> Iterator[str]:
    """Yield how many studies give a direction without a usable magnitude."""
    alone = [vote.direction for vote in content.votes if not vote.with_magnitude]
    if alone:
        counts = ", ".join(f"{alone.count(name)} {name}" for name in Vote)
        studies = labels.count(len(alone), "study gives", "studies give")
        yield f"{studies} a direction without a usable magnitude: {counts}."


def vote_sentences(content: Synthesis) -> Iterator[str]:
    """Yield the votes of every contrast, pooled studies too, and why a p value is withheld."""
    for test in content.sign_tests:
        pval = "" if test.pval is None else labels.equation("p", labels.pvalue(test.pval))
        parts = (sentences.votes(test.votes), sentences.votes_share(test), pval)
        contrast = labels.contrast(test.contrast)
        yield f"All directions, {contrast}, pooled ones too: {', '.join(part for part in parts if part)}."
    yield from sentences.withheld(content.sign_tests)
