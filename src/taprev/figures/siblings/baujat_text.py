"""What a Baujat plot says: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taprev.figures.siblings import frame
from taprev.synthesis.results import Influence, Stratum, Synthesis
from taprev.wording import labels

NAME = "Which studies differ, and which of them move the pooled number"
COLUMNS = ("section", "label", "differs", "moves", "reason")
NESTED = "The pooled number takes its effects as nested in studies, and these diagnostics take them as independent."
NONE_HELD = "The influence of each study was not computed."
NAMED = 5


@dataclass(frozen=True)
class StudyMoved:
    """A study, what it adds to heterogeneity, and how far the pooled number moves without it."""

    label: str
    differs: float
    moves: float


def studies_moved(stratum: Stratum) -> list[StudyMoved]:
    """Return the effects of a stratum, that first which does most of both."""
    shown, panel, fit = frame.points(stratum), stratum.panel, stratum.pooled
    if panel is None or len(panel.influence) != len(shown) or fit.tau2 is None:
        return []
    found = [
        moved(one, study.effect.yi, study.effect.vi, fit.estimate, fit.tau2)
        for one, study in zip(panel.influence, shown, strict=True)
    ]
    return sorted(found, key=lambda one: -one.differs * one.moves)


def moved(found: Influence, yi: float, vi: float, estimate: float, tau2: float) -> StudyMoved:
    """Return what a study adds to heterogeneity, and how far the pooled effect moves without it.

    The first is (yi - estimate)^2 / (vi + tau2), the second the square of the move over the squared standard error
    without the study, which is cook_d / cov_r (Baujat and others 2002, as metafor has it for random effects).
    """
    return StudyMoved(found.label, (yi - estimate) ** 2 / (vi + tau2), found.cook_d / found.cov_r)


def why_not(stratum: Stratum) -> str:
    """Return why a stratum has no Baujat plot, or nothing where it has one."""
    if few := frame.too_few(stratum):
        return few
    return NESTED if frame.nested(stratum) else "" if studies_moved(stratum) else NONE_HELD


def words(content: Synthesis) -> Iterator[str]:
    """Yield which studies differ most and move the number most, or why there is no plot."""
    return frame.words_of_each(content, why_not, _first)


def _first(stratum: Stratum) -> Iterator[str]:
    yield "the effects that differ most and move the number most, first"
    for one in studies_moved(stratum)[:NAMED]:
        differs, moves = labels.number(one.differs), labels.number(one.moves)
        yield f"{labels.clean(one.label)}: squared residual {differs}, squared move {moves}"


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield both numbers of every effect, drawn or not."""
    for section in frame.pooled(content):
        reason = why_not(section.stratum)
        for one in [] if frame.nested(section.stratum) else studies_moved(section.stratum):
            yield {"section": section.label, **vars(one), "reason": reason}
