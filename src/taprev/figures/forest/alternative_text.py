"""The alternative text of a forest plot: what the data say, for those who do not see the drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taprev.figures.forest import bias_columns, layout_groups
from taprev.figures.forest.layout import panels_of, sensitivity_label
from taprev.figures.forest.layout_strata import cautions_of, notes_of
from taprev.settings.figures import USUAL, Figures
from taprev.vocabulary import Vote
from taprev.wording import labels, sentences

NO_OVERALL = "There is no overall estimate over all designs."
FEW = 3


def alternative_text(content: Mapping[str, Any], how: Figures = USUAL) -> str:
    """Return the sentences that say what a domain's evidence is, what it gives, and what it lacks."""
    panels = panels_of(content)
    said = [f"{labels.clean(content['label'])}. {sentences.counts(content).replace(' · ', ', ')}."]
    said += [stratum_text(s, labels.clean(s["label"]), how) for panel in panels for s in panel.strata]
    said += [stratum_text(s, sensitivity_label(s["label"]), how) for panel in panels for s in panel.sensitivity]
    said += dict.fromkeys(important_words(panel.important) for panel in panels if panel.important)
    directions = [*direction_sentences(content), *vote_sentences(content)]
    said += [NO_OVERALL] if panels else []
    notes = [sentences.sentence(note) for note in content["notes"]]
    said += [*directions, *notes] if panels or directions else [sentences.nothing(notes), *notes[1:]]
    said += [sentences.fates(content["fates"]), sentences.sentence(content["evidence_set"])]
    return " ".join([*said, f"{sentences.made_by(content)}."])


def stratum_text(stratum: Mapping[str, Any], label: str, how: Figures) -> str:
    """Return what a stratum gives: its pooled number with its cautions, or why there is none."""
    shown = [study for study in stratum["studies"] if study["fate"] != "pooled"]
    missing = stratum["missing_results"]
    said = [sentences.missing_results(missing) if missing["studies"] else "no study"]
    if stratum["fit"]:
        said += [
            pooled_words(stratum),
            sentences.in_units(stratum["in_units"]),
            *heterogeneity_words(stratum),
        ]
        said += [*group_words(stratum, how.subgroups), *notes_of(stratum)]
    else:
        said += [stratum["not_estimable"] or "", *study_words(stratum)]
    said += cautions_of(stratum)
    said += [f"{labels.count(len(shown), 'effect is', 'effects are')} shown and not pooled"] if shown else []
    bias = bias_columns.counted(stratum["studies"]) if how.risk_of_bias else ""
    said += [f"Risk of bias overall: {bias}"] if bias else []
    return " ".join([f"{label.rstrip('.')}:", *(sentences.sentence(part) for part in said if part)])


def pooled_words(stratum: Mapping[str, Any]) -> str:
    """Return the pooled number, its side and whether its interval holds no difference; neither for k = 2."""
    fit = stratum["fit"]
    said = f"{labels.model(fit)}: {number_words(stratum, fit['estimate'], fit)}"
    if fit["k"] == 2:
        return said
    left, right = labels.sides(stratum["contrasts"], stratum["favours_sign"])
    side = "no difference" if fit["estimate"] == 0 else right if fit["estimate"] > 0 else left
    holds = "includes" if fit["ci_lb"] <= 0 <= fit["ci_ub"] else "excludes"
    noun = "change" if labels.after_words(stratum["contrasts"]) else "difference"
    return f"{said}, {side}; the interval {holds} no {noun}"


def number_words(stratum: Mapping[str, Any], value: float, limits: Mapping[str, Any]) -> str:
    """Return a number with the name of its measure and its interval."""
    scale, contrasts = stratum["scale"], stratum["contrasts"]
    name = labels.axis_label(scale, stratum["unit"], contrasts).removesuffix(" (log scale)")
    return f"{name[:1].lower()}{name[1:]} {labels.estimate(value, limits['ci_lb'], limits['ci_ub'], scale)}"


def group_words(stratum: Mapping[str, Any], column: str) -> Iterator[str]:
    """Yield the number of every subgroup that was pooled, and the test of their difference."""
    for group in layout_groups.groups(stratum, column) if column else ():
        head = layout_groups.group_head(0, stratum, column, group["level"]).label
        yield f"{head}, k = {group['k']}, {number_words(stratum, group['estimate'], group)}"
    yield from layout_groups.difference_words(stratum, column)


def important_words(important: Mapping[str, Any]) -> str:
    """Return how small a difference is too small to matter, and who says so."""
    value = labels.significant(important["value"], 3)
    source = labels.clean(important["source"]).rstrip(".")
    return f"A band marks what is smaller than the smallest difference that matters, {value} ({source})."


def heterogeneity_words(stratum: Mapping[str, Any]) -> tuple[str, str]:
    """Return heterogeneity and the prediction interval, where there is one."""
    heterogeneity = sentences.heterogeneity(stratum["fit"]).replace(" · ", ", ")
    return f"Heterogeneity: {heterogeneity}", sentences.prediction(stratum["fit"], stratum["scale"])


def study_words(stratum: Mapping[str, Any]) -> Iterator[str]:
    """Yield the number of every study of a stratum that was not pooled, while they are few."""
    studies = stratum["studies"]
    for study in studies if len(studies) <= FEW else ():
        yield f"{labels.clean(study['label'])}: {number_words(stratum, study['yi'], study)}"


def direction_sentences(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many studies printed a direction without a usable magnitude."""
    alone = [vote["direction"] for vote in content["votes"] if not vote["with_magnitude"]]
    if alone:
        counts = ", ".join(f"{alone.count(name)} {name}" for name in Vote)
        studies = labels.count(len(alone), "study", "studies")
        yield f"{studies} printed a direction without a usable magnitude: {counts}."


def vote_sentences(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the votes of every contrast, pooled studies too, and why a p value is withheld."""
    for test in content["sign_tests"]:
        pval = "" if test["pval"] is None else labels.equation("p", labels.pvalue(test["pval"]))
        parts = (sentences.votes(test), sentences.votes_share(test), pval)
        contrast = labels.contrast(test["contrast"])
        yield f"All directions, {contrast}, pooled ones too: {', '.join(part for part in parts if part)}."
    yield from sentences.withheld(content["sign_tests"])
