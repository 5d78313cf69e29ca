"""What a funnel plot shows, or why a stratum has none: in sentences, and as a table at full precision.

Below ten studies the plot is not drawn (Cochrane Handbook, 13.3.5.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import points, studies
from taprev.figures.twin_columns import fields_of
from taprev.synthesis.results import Corrected, Stratum, Study, Synthesis
from taprev.vocabulary import AsymmetryTest, Correction, Scale
from taprev.wording import labels, small_study

NAME = "Funnel plot"
COLUMNS = ("section", "row", "label", "scale", "yi", "vi", "ci_lb", "ci_ub", "weight", "results", "reason")
OF_AN_EFFECT = ("label", "yi", "vi", "ci_lb", "ci_ub", "weight")
CONTOURS = (0.1, 0.05, 0.01)
MORE_CAUSES = (
    "A lopsided funnel has more causes than studies that were not published: small studies may differ in people, "
    "programme or conduct."
)


@dataclass(frozen=True)
class FittedTest:
    """The line of a test of asymmetry: effect against the standard error, or that which no effect would have."""

    said: str
    intercept: float
    slope: float
    pval: str


def why_not(stratum: Stratum) -> str:
    """Return why a pooled stratum has no funnel, or nothing where it has one."""
    return frame.too_few(stratum)


def fitted(stratum: Stratum) -> FittedTest | None:
    """Return the line of the usual test where it has a place in a funnel, None where it has none.

    The root of 1/n1 + 1/n2 is the standard error that a standardised difference of nothing would have.
    """
    test = stratum.small_studies.usual if stratum.small_studies else None
    if test is None or test.slope is None or test.intercept is None:
        return None
    if test.test == AsymmetryTest.SIZES:
        if stratum.scale != Scale.SMD or labels.after_words(stratum.contrasts):
            return None
    elif test.test != AsymmetryTest.EGGER:
        return None
    return FittedTest(test.test.said, test.intercept, test.slope, labels.equation("p", labels.pvalue(test.pval)))


def selected(stratum: Stratum) -> Corrected | None:
    """Return what a selection model with one step leaves of the pooled effect, None where it is not identified."""
    models = stratum.small_studies.models if stratum.small_studies else ()
    return next((one for one in models if one.model == Correction.ONE_STEP and one.estimate is not None), None)


def distance(share: float) -> float:
    """Return how many standard errors an effect lies from no difference at a two-sided p value."""
    return NormalDist().inv_cdf(1 - share / 2)


def se(study: Study) -> float:
    """Return the standard error of an effect."""
    return study.effect.vi**0.5


def words(content: Synthesis) -> Iterator[str]:
    """Yield, for each stratum, its pooled number and how its effects lie, or why it has no funnel."""
    yield from frame.words_of_each(content, why_not, _told)
    if any(not why_not(section.stratum) for section in frame.pooled(content)):
        yield MORE_CAUSES


def _told(stratum: Stratum) -> Iterator[str]:
    yield from _lie(stratum)
    yield from small_study.words(stratum)


def _lie(stratum: Stratum) -> Iterator[str]:
    """Yield the span of the standard errors, and how many effects lie where."""
    fit, shown = stratum.pooled, points(stratum)
    low, high = (labels.significant(end(se(study) for study in shown), 2) for end in (min, max))
    number = labels.count(studies(stratum), "study", "studies")
    effects = labels.count(len(shown), "effect", "effects")
    yield f"{effects} of {number} have standard errors from {low} to {high}"
    counts = [sum(abs(s.effect.yi) > distance(p) * se(s) for s in shown) for p in CONTOURS]
    beyond = ", ".join(f"{n} beyond p = {p:.2f}" for n, p in zip(counts, CONTOURS, strict=True))
    yield f"tested alone against {frame.no_difference(stratum)}, {beyond}"
    reach = distance(1 - fit.level)
    inside = sum(abs(s.effect.yi - fit.estimate) <= reach * se(s) for s in shown)
    yield (
        f"{inside} of {len(shown)} lie within the lines around the pooled number, where {labels.level(fit.level)} "
        "in 100 would lie if studies differed by chance alone"
    )


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield every pooled effect of every pooled stratum, drawn or not, and its pooled number."""
    for section in frame.pooled(content):
        stratum, fit = section.stratum, section.fit
        base = {"section": section.label, "scale": stratum.scale}
        for study in points(stratum):
            yield {**base, "row": "effect", **fields_of(study, OF_AN_EFFECT), "results": " ".join(study.results)}
        ends = {"yi": fit.estimate, "ci_lb": fit.ci_lb, "ci_ub": fit.ci_ub}
        yield {**base, "row": "pooled", "label": labels.model(fit), **ends, "reason": why_not(stratum)}
