"""Small studies and selection in sentences and rows: what each test and model gives, and what it assumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taprev.synthesis.results import Corrected, LargestBias, Preferred, SmallStudies, Stratum, Tested, TrueShare
from taprev.vocabulary import AsymmetryTest, Correction, Scale, SelectedSide
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
OF_SIZES = {
    Correction.PET: (
        "Assumes that effects change with the root of 1/n, in place of the standard error, along a line, whatever the "
        "reason."
    ),
    Correction.PEESE: (
        "Assumes that effects change with 1/n, in place of the variance, along a line, whatever the reason."
    ),
}
"""Of measures whose standard error holds the effect; n are the people, and 1/n is 1/n1 + 1/n2 where two arms are."""
BOUND_ASSUMES = "Assumes that effects are normal, and that larger studies are never less likely to be published."
BELOW_TEN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TENTHS = ("fewer than one", *(f"about {number}" for number in BELOW_TEN), "more than nine")
WIDEST_SHARE = 0.9
"""A share whose interval is wider than this is not told in words."""
PREFERRED = "significant results on the better side"


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
        *(MethodRow(_named(test), _tested(test), _which(test, stratum.scale)) for test in panel.tests),
        *(
            MethodRow(_capital(model.model.said), _corrected(model, style), _assumes(model, panel))
            for model in panel.models
        ),
        *_bias_row(panel.biases, style),
    ]


def _p(value: float | None) -> str:
    return labels.equation("p", labels.pvalue(value))


def _capital(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}"


def _named(test: Tested) -> str:
    name = _capital(test.test.said)
    return f"{name}, the usual test for this measure" if test.usual else name


def _tested(test: Tested) -> str:
    if test.refused or test.slope is None:
        return notes.reason(test.refused)
    if test.test == AsymmetryTest.BEGG:
        return f"{labels.equation('tau', labels.number(test.slope))}, {_p(test.pval)}"
    few = f", too few degrees of freedom to rely on ({labels.number(test.df, 1)})" if test.few_df else ""
    return f"slope {labels.number(test.slope)}, {_p(test.pval)}{few}"


def _which(test: Tested, scale: Scale) -> str:
    """Return what a test is for; those of odds ratios take the same events where the pool is of risk ratios."""
    of_odds = test.test in (AsymmetryTest.PETERS, AsymmetryTest.HARBORD) and scale != Scale.LOG_ODDS_RATIO
    return WHICH[test.test] + (" Here it tests the odds ratios of the same events." if of_odds else "")


def _assumes(model: Corrected, panel: SmallStudies) -> str:
    by_sizes = panel.usual is not None and panel.usual.test == AsymmetryTest.SIZES
    return (ASSUMES | OF_SIZES if by_sizes else ASSUMES)[model.model]


def _corrected(model: Corrected, style: NumberStyle) -> str:
    if model.refused:
        return notes.reason(model.refused)
    number = estimates.estimate(model.estimate, model.ci_lb, model.ci_ub, style)
    if model.weights:
        equal = f"equal chances: {_p(model.pval)}"
        return f"{number}; {_chances(model.weights[1:])} times as often as significant ones; {equal}"
    if model.added is not None:
        return f"{number}, with {labels.count(model.added, 'study', 'studies')} added"
    return number


def _chances(weights: tuple[float, ...]) -> str:
    """Return how often results of each further interval of p values are published."""
    first, *second = [labels.number(weight) for weight in weights]
    if second:
        return f"others on the better side published {first} and those on the other side {second[0]}"
    return f"others published {first}"


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
    told = [test_words(panel), *_preference_words(panel, stratum), *_shares_words(panel.shares)]
    return [sentences.sentence(text) for text in told if text]


def asymmetric(panel: SmallStudies) -> bool:
    """Return whether the usual test says that small studies differ from large ones."""
    test = panel.usual
    return test is not None and test.pval is not None and test.pval < ALPHA


def better_when_small(panel: SmallStudies) -> bool:
    """Return whether the usual test says that small studies have better results than large ones."""
    test = panel.usual
    if test is None or test.slope is None or not asymmetric(panel):
        return False
    return (test.slope > 0) == (panel.side == SelectedSide.GREATER)


def test_words(panel: SmallStudies) -> str:
    """Return what the usual test of small-study effects says, or why it is not made."""
    test = panel.usual
    if test is None or test.refused or test.pval is None:
        return f"The usual test of small-study effects is {notes.reason(test.refused)}" if test else ""
    found = "are not shown to differ from"
    if asymmetric(panel):
        found = "have better results than" if better_when_small(panel) else "have worse results than"
    return f"Small studies {found} large ones ({test.test.said}: {_p(test.pval)})"


def _preference_words(panel: SmallStudies, stratum: Stratum) -> Iterator[str]:
    told = panel.preferred
    if told is None:
        yield f"A calculation of a preference for {PREFERRED} is {notes.reason(panel.unmoved)}"
        return
    yield _needed(told, stratum)
    if told.worst_estimate is not None and told.for_estimate != 1.0:
        number = estimates.estimate(told.worst_estimate, told.worst_ci_lb, told.worst_ci_ub, estimates.style(stratum))
        others = f"In the worst case only the {panel.k - told.affirmative} other results count, and they give {number}"
        beyond = told.for_estimate is None and told.worst_estimate * stratum.favours_sign <= 0
        yield f"{others} with a variance between studies of their own" if beyond else others


def _needed(told: Preferred, stratum: Stratum) -> str:
    """Return what a preference would do to the pooled effect, and to its interval as it is printed."""
    nothing = labels.nothing(stratum.contrasts)
    if told.for_estimate == 1.0:
        return "The pooled effect is not on the better side, so that there is no benefit for a preference to explain"
    if told.for_estimate is None:
        mean = f"However strongly {PREFERRED} were preferred, the pooled effect would stay on the better side"
    else:
        often = f"{_times(told.for_estimate)} as often as others"
        mean = f"The pooled effect would come to {nothing} if {PREFERRED} were published {often}"
    if stratum.pooled.ci_lb <= 0 <= stratum.pooled.ci_ub:
        return f"{mean}; its interval includes {nothing} as it is"
    match told.for_bound:
        case 1.0:
            return f"{mean}; the robust interval that is used for this includes {nothing} without any preference"
        case None:
            return f"{mean}, and so would its interval" if told.for_estimate is None else mean
        case ratio:
            often = f"{_times(ratio)} as often as others"
            return f"{mean}; its interval would include {nothing} if they were published {often}"


def _times(ratio: float) -> str:
    decimals = 0 if ratio >= 10 else 1 if ratio >= 1.1 else 2
    return f"{labels.number(ratio, decimals)} times"


def _shares_words(shares: tuple[TrueShare, ...]) -> list[str]:
    """Return the sentence of each share, a reason that several have in common once."""
    return list(dict.fromkeys(map(share_words, shares)))


def share_words(share: TrueShare) -> str:
    """Return in how many of ten settings the true effect is on a side, as a sentence; why not where it is refused."""
    if share.refused or share.share is None:
        return f"An estimate of how many settings see a true effect on the better side is {notes.reason(share.refused)}"
    lower, upper = share.ci_lb or 0.0, share.ci_ub or 0.0
    percent = " to ".join(labels.number(100 * end, 0) for end in (lower, upper))
    numbers = f"({labels.percent(100 * share.share)}, interval {percent})"
    if upper - lower > WIDEST_SHARE:
        return f"In how many settings like these the true effect is {share.of.said} cannot be told {numbers}"
    return (
        f"In {TENTHS[round(10 * share.share)]} of ten settings like these the true effect is {share.of.said} {numbers}"
    )
