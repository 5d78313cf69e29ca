"""What pooling under every combination of choices gives: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taprev.drawing.pooled_marks import PooledNumber, pooled_number
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import StratumSection
from taprev.figures.twin_columns import fields_of
from taprev.synthesis.results import Factor, Multiverse, Outside, Specification, Stratum, Synthesis
from taprev.vocabulary import NoteCode
from taprev.wording import estimates, labels, sentences
from taprev.wording.choices import NO_PROBABILITY, multiverse_words
from taprev.wording.estimates import NumberStyle

NAME = "The pooled number under every combination of choices"
COLUMNS = (
    "section",
    "specification",
    "k",
    "scale",
    "estimate",
    "ci_lb",
    "ci_ub",
    "tau2",
    "usual",
    "choices",
    "reason",
)
OF_A_NUMBER = ("k", "estimate", "ci_lb", "ci_ub", "tau2")
SEVERAL = "A pool of several designs is itself a sensitivity analysis; it is not pooled under other choices."
NO_CHOICE = "None of the choices that the settings list bears on this number."
NESTED = (
    "Under the combinations, results of one sample are averaged and samples of one study taken as independent; the "
    "pooled number of the forest plot takes them as nested."
)


@dataclass(frozen=True)
class PooledSpecification(PooledNumber):
    """A combination of choices under which something can be pooled, by the position of each level."""

    tau2: float | None
    levels: tuple[int, ...]


def sections(content: Synthesis) -> list[StratumSection]:
    """Return what the figure has a section for: every pooled stratum, and whatever other choices pool."""
    main = [StratumSection(s, labels.clean(s.label), True) for s in content.strata if s.fit or whole(s)]
    seconds = [section for section in frame.pooled(content) if not section.main]
    outside = [
        StratumSection(s, f"Outside the main results: {labels.clean(s.label)}", True)
        for s in content.outside
        if whole(s)
    ]
    return [*main, *seconds, *outside]


def whole(stratum: Stratum | Outside) -> Multiverse | None:
    """Return the multiverse of a stratum, or None."""
    return stratum.panel.multiverse if stratum.panel else None


def why_not(stratum: Stratum | Outside) -> str:
    """Return why a pooled stratum has no multiverse, or nothing where it has one."""
    if whole(stratum):
        return ""
    return frame.panel_note(stratum, NoteCode.MULTIVERSE_REFUSED) or (
        SEVERAL if len(stratum.contrasts) > 1 else NO_CHOICE
    )


def sorted_specifications(multiverse: Multiverse) -> list[PooledSpecification]:
    """Return the specifications that pool something, by their estimates."""
    pooled = [
        PooledSpecification(spec.k, number.estimate, number.ci_lb, number.ci_ub, spec.tau2, spec.levels)
        for spec in multiverse.specifications
        if (number := pooled_number(spec))
    ]
    return sorted(pooled, key=lambda spec: (spec.estimate, spec.levels))


def usual(multiverse: Multiverse) -> tuple[int, ...]:
    """Return the levels that the review takes."""
    return tuple(factor.usual for factor in multiverse.factors)


def moves(factor: Factor, style: NumberStyle) -> str:
    """Return how far a choice moves the number in the median combination, on the scale of the analysis."""
    if factor.moves is None:
        return labels.MISSING
    on = " (z)" if labels.is_correlation(style.scale) else " (log)" if labels.is_ratio(style.scale) else ""
    return labels.number(factor.moves, style.alone) + on


def words(content: Synthesis) -> Iterator[str]:
    """Yield, for each section, what all combinations give and what the review's own does."""
    for section in sections(content):
        multiverse = whole(section.stratum)
        texts = [why_not(section.stratum)] if multiverse is None else _under_all(section.stratum, multiverse)
        texts += frame.warnings(section.stratum)
        yield " ".join([f"{section.label.rstrip('.')}:", *(sentences.sentence(text) for text in texts if text)])


def _under_all(stratum: Stratum | Outside, multiverse: Multiverse) -> list[str]:
    """Return what all combinations give, what the review's own does, and which choice moves the number."""
    own = next(spec for spec in multiverse.specifications if spec.levels == usual(multiverse))
    number = estimates.estimate(own.estimate, own.ci_lb, own.ci_ub, estimates.style(stratum))
    factors = multiverse.factors
    taken = "; ".join(f"{factor.name.said}: {labels.clean(factor.levels[factor.usual])}" for factor in factors)
    moving = "; ".join(f"{factor.name.said} {moves(factor, estimates.style(stratum))}" for factor in factors)
    span = multiverse_words(multiverse, estimates.style(stratum))
    given = "nothing to pool" if own.estimate is None else number
    return [
        span,
        "" if NO_PROBABILITY in span else NO_PROBABILITY,
        f"the review's own choices ({taken}) give {given}, k = {own.k}",
        f"median movement by choice: {moving}",
        NESTED if frame.nested(stratum) else "",
    ]


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield every specification that pools something in the order of its drawing, then those that do not."""
    for section in sections(content):
        multiverse = whole(section.stratum)
        base = {"section": section.label, "scale": section.stratum.scale}
        if multiverse is None:
            yield {**base, "reason": why_not(section.stratum)}
            continue
        rest = [spec for spec in multiverse.specifications if spec.estimate is None]
        every: list[Specification | PooledSpecification] = [*sorted_specifications(multiverse), *rest]
        for number, spec in enumerate(every, 1):
            yield {
                **base,
                **fields_of(spec, OF_A_NUMBER),
                "specification": number,
                "usual": "yes" if spec.levels == usual(multiverse) else "",
                "choices": "; ".join(_chosen(multiverse, spec)),
                "reason": "nothing to pool" if spec.estimate is None else "",
            }


def _chosen(multiverse: Multiverse, spec: Specification | PooledSpecification) -> Iterator[str]:
    for factor, level in zip(multiverse.factors, spec.levels, strict=True):
        yield f"{factor.name} = {labels.clean(factor.levels[level])}"
