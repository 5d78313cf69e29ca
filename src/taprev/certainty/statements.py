"""What a judged number means, in one sentence made from certainty, size and direction.

Santesso N, Glenton C, Dahm P, et al. GRADE guidelines 26: informative statements to communicate the findings of
systematic reviews of interventions. J Clin Epidemiol 2020;119:126-35. Without a minimal important difference a
sentence speaks of direction only, and without a comparator no verb says that the programme caused anything.
"""

from __future__ import annotations

from taprev.settings.certainty import Certainty
from taprev.settings.sections import Domain, Important
from taprev.synthesis.results import Stratum
from taprev.vocabulary import CertaintyLevel
from taprev.wording import labels
from taprev.wording.verdicts import bears_verdict

TRIVIAL, SMALL, IMPORTANT, LARGE, UNSIZED = "trivial", "small", "important", "large", "unsized"
OPEN = "The interval also allows for no difference."
NO_CAUSE = "nothing shows what caused this"


def size(estimate: float, important: Important | None) -> str:
    """Return how large an estimate is by the thresholds that are set for its domain."""
    amount = abs(estimate)
    if important is None:
        return TRIVIAL if amount < 0.005 else UNSIZED
    if amount < important.value:
        return TRIVIAL
    if important.large is not None and amount >= important.large:
        return LARGE
    return SMALL if important.moderate is not None and amount < important.moderate else IMPORTANT


def statement(stratum: Stratum, certainty: CertaintyLevel, domain: Domain, grade: Certainty) -> str:
    """Return the statement of GRADE guideline 26 for a pooled stratum; two effects allow no conclusion."""
    fit = stratum.pooled
    if not bears_verdict(fit.k) and certainty != CertaintyLevel.VERY_LOW:
        return f"Only two effects were pooled: they are too few for a conclusion on {labels.inside(domain.label)}."
    how = size(fit.estimate, domain.important if stratum.scale == domain.scale else None)
    if labels.is_correlation(stratum.scale):
        sentence = _association(stratum, certainty, domain, grade)
    elif labels.after_words(stratum.contrasts):
        sentence = _change(stratum, certainty, how, domain, grade)
    else:
        sentence = _effect(stratum, certainty, how, domain, grade)
    undecided = how == UNSIZED and fit.ci_lb <= 0 <= fit.ci_ub and certainty != CertaintyLevel.VERY_LOW
    return f"{sentence} {OPEN}" if undecided else sentence


def _effect(stratum: Stratum, certainty: CertaintyLevel, how: str, domain: Domain, grade: Certainty) -> str:
    verb, noun, outcome = _direction(stratum, domain)
    if certainty == CertaintyLevel.VERY_LOW:
        return f"The evidence is very uncertain about the effect of {labels.inside(grade.programme)} on {outcome}."
    adverb, bare = {
        CertaintyLevel.HIGH: ("", grade.plural),
        CertaintyLevel.MODERATE: ("probably ", grade.plural),
        CertaintyLevel.LOW: ("may ", True),
    }[certainty]
    if how == TRIVIAL:
        return f"{grade.programme} {adverb}{_verb('make', bare)} little to no difference to {outcome}."
    if how == LARGE:
        return f"{grade.programme} {adverb}{_verb('result', bare)} in a large {noun} {outcome}."
    slightly = " slightly" if how == SMALL else ""
    return f"{grade.programme} {adverb}{_verb(verb, bare)} {outcome}{slightly}."


def _direction(stratum: Stratum, domain: Domain) -> tuple[str, str, str]:
    """Return the verb, the noun and what they are about: an event goes up or down, an outcome gets better or worse."""
    up = stratum.pooled.estimate > 0
    if domain.event and labels.is_ratio(stratum.scale):
        return (*(("increase", "increase in") if up else ("reduce", "reduction in")), domain.event)
    better = up == (stratum.favours_sign > 0)
    words = ("improve", "improvement in") if better else ("worsen", "worsening of")
    return (*words, labels.inside(domain.label))


WERE = {
    CertaintyLevel.HIGH: "were",
    CertaintyLevel.MODERATE: "were probably",
    CertaintyLevel.LOW: "may have been",
}


def _association(stratum: Stratum, certainty: CertaintyLevel, domain: Domain, grade: Certainty) -> str:
    """Return what a correlation means, which has no threshold of importance and no cause."""
    outcome, programme = labels.inside(domain.label), labels.inside(grade.programme)
    if certainty == CertaintyLevel.VERY_LOW:
        return f"The evidence is very uncertain about how {outcome} goes together with {programme}."
    better = (stratum.pooled.estimate > 0) == (stratum.favours_sign > 0)
    word = "better" if better else "worse"
    return f"Results on {outcome} {WERE[certainty]} {word} with more of {programme}; {NO_CAUSE}."


def _change(stratum: Stratum, certainty: CertaintyLevel, how: str, domain: Domain, grade: Certainty) -> str:
    outcome, programme = labels.inside(domain.label), labels.inside(grade.programme)
    if certainty == CertaintyLevel.VERY_LOW:
        return f"The evidence is very uncertain about how {outcome} changed after {programme}."
    were = WERE[certainty]
    if how == TRIVIAL:
        return f"Results on {outcome} {were} little or no different after {programme} than before; {NO_CAUSE}."
    better = (stratum.pooled.estimate > 0) == (stratum.favours_sign > 0)
    much = {LARGE: "much ", SMALL: "slightly "}.get(how, "")
    word = f"{much}{'better' if better else 'worse'}"
    return f"Results on {outcome} {were} {word} after {programme} than before; {NO_CAUSE}."


def _verb(verb: str, bare: bool) -> str:
    return verb if bare else f"{verb}s"
