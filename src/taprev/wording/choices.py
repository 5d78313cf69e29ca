"""The choices of a review in words, and what pooling under every combination of them gives, in sentences."""

from __future__ import annotations

from taprev.synthesis.results import Multiverse
from taprev.vocabulary import Choice
from taprev.wording import estimates, labels
from taprev.wording.estimates import NumberStyle

PLURAL = (Choice.SCOPE, Choice.POOL_TIERS)
NO_PROBABILITY = "These counts describe the combinations; they are no probability."


def multiverse_words(whole: Multiverse | None, style: NumberStyle) -> str:
    """Return what pooling under every combination of choices gives, in sentences."""
    if whole is None:
        return ""
    combinations, estimable = len(whole.specifications), whole.estimable
    usual = tuple(factor.usual for factor in whole.factors)
    pooled = next(s.estimate for s in whole.specifications if s.levels == usual) is not None
    opening = "" if pooled else "The choices of this review pool nothing here. "
    if estimable == 1:
        only = estimates.effect(whole.median, style)
        return f"{opening}Of the {combinations:,} combinations of choices one can be pooled, to {only}."
    could = "" if estimable == combinations else f", {estimable:,} of which can be pooled,"
    lowest, median, highest = (estimates.effect(value, style) for value in (whole.lowest, whole.median, whole.highest))
    span = f"lies between {lowest} and {highest}, with a median of {median}"
    if lowest == highest:
        span = f"is {median} throughout"
    sentence = (
        f"{opening}Under the {combinations:,} combinations of the choices that bear on it{could} the pooled number "
        f"{span}; {_keep_sign(whole.same_sign, estimable)} on the same side of no difference, whatever their "
        f"intervals. {NO_PROBABILITY}"
    )
    moving = {f.name: f.moves for f in whole.factors if 2 * (f.moves or 0.0) >= 10.0**-style.alone}
    if not moving:
        return sentence
    most = max(moving, key=lambda name: moving[name] or 0.0)
    amount = labels.number(moving[most], style.alone)
    on = f" on the {labels.analysed_on(style.scale)}" if labels.back_transformed(style.scale) else ""
    move = "move" if most in PLURAL else "moves"
    return f"{sentence} {_choice(most)} {move} it most, by {amount}{on} in the median combination."


def _keep_sign(same: int, estimable: int) -> str:
    every = "both lie" if estimable == 2 else f"all {estimable:,} lie"
    return every if same == estimable else f"{same:,} of {estimable:,} lie"


def _choice(name: Choice) -> str:
    words = name.said
    return f"The {words[0].lower()}{words[1:]}"
