"""Small studies and selection in sentences and rows: what each test and model gives, and what it assumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taprev.synthesis.results import Corrected, LargestBias, Preferred, SmallStudies, Stratum, Tested, TrueShare
from taprev.vocabulary import AsymmetryTest, Correction, ShareOf
from taprev.wording import estimates, labels, notes, sentences
from taprev.wording.estimates import NumberStyle

ALPHA = 0.1
"""The level at which a test of asymmetry is read, because it has little power (Egger and others 1997)."""
WHICH = {
    AsymmetryTest.SIZES: "Takes the numbers of people in place of standard errors, which hold the effect itself.",
    AsymmetryTest.EGGER: "Valid where the standard error does not depend on the effect.",
    AsymmetryTest.PETERS: "Valid for odds ratios, whose standard error holds the effect.",
    AsymmetryTest.HARBORD: "Valid for odds ratios of trials; takes empty cells.",
    AsymmetryTest.BEGG: "Assumes no form, and has less power than a regression.",
}
ASSUMES = {
    Correction.PET: "Assumes that effects change with the standard error along a line, whatever the reason.",
    Correction.PEESE: "Assumes that effects change with the variance along a line, whatever the reason.",
    Correction.ONE_STEP: "Assumes that publication depends on the p value alone, with a step at significance.",
    Correction.TWO_STEPS: "Assumes the same, with a second step where the direction changes.",
    Correction.TRIM_FILL: (
        "Makes the funnel symmetrical. It says nothing of why it is not, and adds studies to complete funnels too "
        "where effects differ."
    ),
}
BOUND_ASSUMES = "Assumes only that larger studies are never less likely to be published."
TENTHS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "all")


@dataclass(frozen=True)
class MethodRow:
    """A method with what it gives and what it assumes, as text."""

    method: str
    gives: str
    assumes: str


def rows(stratum: Stratum) -> list[MethodRow]:
    """Return a row for each test and model of the panel of a stratum; none where the panel is refused."""
    panel = stratum.small_studies
    if panel is None or panel.refused:
        return []
    style = estimates.style(stratum)
    return [
        *(MethodRow(_named(test), _tested(test), WHICH[test.test]) for test in panel.tests),
        *(MethodRow(model.model.said, _corrected(model, style), ASSUMES[model.model]) for model in panel.models),
        *_bias_row(panel.biases, style),
    ]


def _p(value: float | None) -> str:
    return labels.equation("p", labels.pvalue(value))


def _named(test: Tested) -> str:
    name = f"{test.test.said[0].upper()}{test.test.said[1:]}"
    return f"{name}, the usual test for this measure" if test.usual else name


def _tested(test: Tested) -> str:
    if test.refused or test.slope is None:
        return notes.reason(test.refused)
    if test.test == AsymmetryTest.BEGG:
        return f"{labels.equation('tau', labels.number(test.slope))}, {_p(test.pval)}"
    return f"slope {labels.number(test.slope)}, {_p(test.pval)}"


def _corrected(model: Corrected, style: NumberStyle) -> str:
    if model.refused:
        return notes.reason(model.refused)
    number = estimates.estimate(model.estimate, model.ci_lb, model.ci_ub, style)
    if model.weights:
        chances = labels.listed([labels.number(weight) for weight in model.weights[1:]])
        return f"{number}; the others published {chances} times as often; no selection: {_p(model.pval)}"
    if model.added is not None:
        return f"{number}, with {labels.count(model.added, 'study', 'studies')} added"
    return number


def _bias_row(biases: tuple[LargestBias, ...], style: NumberStyle) -> Iterator[MethodRow]:
    if biases:
        told = [
            f"at most {labels.number(one.largest, style.alone)} if {one.unpublished} were not published"
            for one in biases
        ]
        on = f" ({labels.analysed_on(style.scale)})" if labels.back_transformed(style.scale) else ""
        yield MethodRow(f"Largest bias by unpublished studies (Copas and Jackson){on}", "; ".join(told), BOUND_ASSUMES)


def words(stratum: Stratum) -> list[str]:
    """Return what the panel of a stratum comes to, or why there is none; empty where nothing is pooled."""
    panel = stratum.small_studies
    if panel is None:
        return []
    if panel.refused:
        return notes.sentences((panel.refused,))
    style = estimates.style(stratum)
    told = [test_words(panel), *_preference_words(panel, style), *map(share_words, panel.shares)]
    return [sentences.sentence(text) for text in told if text]


def asymmetric(panel: SmallStudies) -> bool:
    """Return whether the usual test says that small studies differ from large ones."""
    test = panel.usual
    return test is not None and test.pval is not None and test.pval < ALPHA


def test_words(panel: SmallStudies) -> str:
    """Return what the usual test of small-study effects says, or why it is not made."""
    test = panel.usual
    if test is None or test.refused or test.pval is None:
        return f"The usual test of small-study effects is {notes.reason(test.refused)}" if test else ""
    found = "differ from" if asymmetric(panel) else "are not shown to differ from"
    return f"Small studies {found} large ones ({test.test.said}: {_p(test.pval)})"


def _preference_words(panel: SmallStudies, style: NumberStyle) -> Iterator[str]:
    told = panel.preferred
    if told is None:
        yield f"A preference for significant results is not looked into: {notes.reason(panel.unmoved)}"
        return
    yield _needed(told)
    if told.worst_estimate is not None:
        number = estimates.estimate(told.worst_estimate, told.worst_ci_lb, told.worst_ci_ub, style)
        others = labels.count(panel.k - told.affirmative, "other result gives", "other results give")
        yield f"At the worst, the {others} {number} alone"


def _needed(told: Preferred) -> str:
    if told.for_estimate == 1.0:
        return "The pooled effect does not lie on the preferred side, so that no preference is needed to explain it"
    if told.for_estimate is None:
        mean = "No preference for significant results, however strong, moves the pooled effect to no difference"
    else:
        often = f"{_times(told.for_estimate)} as often as others"
        mean = f"Significant results published {often} would move it to no difference"
    match told.for_bound:
        case 1.0:
            return f"{mean}; its interval includes no difference as it is"
        case None:
            return f"{mean}, nor the end of its interval" if told.for_estimate is None else mean
        case ratio:
            return f"{mean}; from {_times(ratio)} as often on its interval includes no difference"


def _times(ratio: float) -> str:
    decimals = 0 if ratio >= 10 else 1 if ratio >= 1.1 else 2
    return f"{labels.number(ratio, decimals)} times"


def share_words(share: TrueShare) -> str:
    """Return in how many of ten settings the true effect is on a side, as a sentence; why not where it is refused."""
    what = "an important benefit" if share.of == ShareOf.IMPORTANT else "any benefit"
    if share.refused or share.share is None:
        return f"How many settings see {what} is {notes.reason(share.refused)}"
    tenths = TENTHS[round(10 * share.share)]
    percent = " to ".join(labels.number(100 * end, 0) for end in (share.ci_lb or 0.0, share.ci_ub or 0.0))
    return (
        f"In about {tenths} of ten settings like these the true effect is {share.of.said} "
        f"({labels.percent(100 * share.share)}, interval {percent})"
    )
