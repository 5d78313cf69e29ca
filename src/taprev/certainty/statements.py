"""What a judged number means, in one sentence made from certainty, size and direction.

Santesso N, Glenton C, Dahm P, et al. GRADE guidelines 26: informative statements to communicate the findings of
systematic reviews of interventions. J Clin Epidemiol 2020;119:126-35. Without a minimal important difference a
sentence speaks of direction only, and without a comparator no verb says that the programme caused anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taprev.figures import labels
from taprev.settings.judging import Certainty
from taprev.settings.parts import Domain, Important

TRIVIAL, SMALL, IMPORTANT, LARGE, UNSIZED = "trivial", "small", "important", "large", "unsized"
OPENS = "No difference lies within the interval."


def size(estimate: float, important: Important | None) -> str:
    """Return how large an estimate is beside the thresholds that are set for its domain."""
    if important is None:
        return UNSIZED
    amount = abs(estimate)
    if amount < important.value:
        return TRIVIAL
    if important.large is not None and amount >= important.large:
        return LARGE
    return SMALL if important.moderate is not None and amount < important.moderate else IMPORTANT


def statement(stratum: Mapping[str, Any], certainty: str, domain: Domain, said: Certainty) -> str:
    """Return the statement of GRADE guideline 26 for a pooled stratum."""
    fit, scale = stratum["fit"], stratum["scale"]
    outcome = f"{domain.label[0].lower()}{domain.label[1:]}"
    important = domain.important if scale == domain.scale else None
    how = size(fit["estimate"], important)
    if labels.after_words(stratum["contrasts"]):
        sentence = _change(stratum, certainty, how, outcome, said)
    else:
        sentence = _effect(stratum, certainty, how, outcome, said)
    open_question = how == UNSIZED and fit["ci_lb"] <= 0 <= fit["ci_ub"] and certainty != "very_low"
    return f"{sentence} {OPENS}" if open_question else sentence


def _effect(stratum: Mapping[str, Any], certainty: str, how: str, outcome: str, said: Certainty) -> str:
    if certainty == "very_low":
        return f"The evidence is very uncertain about the effect of {_within(said.programme)} on {outcome}."
    adverb, bare = {"high": ("", said.plural), "moderate": ("probably ", said.plural), "low": ("may ", True)}[
        certainty
    ]
    if how == TRIVIAL:
        return f"{said.programme} {adverb}{_verb('make', bare)} little to no difference to {outcome}."
    verb, noun = _direction(stratum)
    if how == LARGE:
        return f"{said.programme} {adverb}{_verb('result', bare)} in a large {noun} {outcome}."
    slightly = " slightly" if how == SMALL else ""
    return f"{said.programme} {adverb}{_verb(verb, bare)} {outcome}{slightly}."


def _direction(stratum: Mapping[str, Any]) -> tuple[str, str]:
    """Return the verb and the noun of the way an effect goes; a ratio goes up or down and is not turned."""
    up = stratum["fit"]["estimate"] > 0
    if labels.is_ratio(stratum["scale"]):
        return ("increase", "increase in") if up else ("reduce", "reduction in")
    return ("improve", "improvement in") if up else ("worsen", "worsening of")


def _change(stratum: Mapping[str, Any], certainty: str, how: str, outcome: str, said: Certainty) -> str:
    programme = _within(said.programme)
    if certainty == "very_low":
        return f"The evidence is very uncertain about how {outcome} changed after {programme}."
    were = {"high": "were", "moderate": "were probably", "low": "may have been"}[certainty]
    ratio = labels.is_ratio(stratum["scale"])
    subject = f"{'Rates' if ratio else 'Results'} of {outcome}" if ratio else f"Results on {outcome}"
    if how == TRIVIAL:
        return f"{subject} {were} little or no different after {programme} than before."
    up = stratum["fit"]["estimate"] > 0
    word = ("higher" if up else "lower") if ratio else ("better" if up else "worse")
    much = {LARGE: "much ", SMALL: "slightly "}.get(how, "")
    return (
        f"{subject} {were} {much}{word} after {programme} than before; nothing shows that it was the cause."
    )


def _verb(verb: str, bare: bool) -> str:
    return verb if bare else f"{verb}s"


def _within(programme: str) -> str:
    """Return the subject as it stands inside a sentence; an abbreviation keeps its capitals."""
    return programme if programme[1:2].isupper() else f"{programme[0].lower()}{programme[1:]}"
