"""What a L'Abbé plot says: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from taprev.figures.siblings import frame
from taprev.synthesis.results import FEWEST_STUDIES, Stratum, Synthesis
from taprev.vocabulary import Scale
from taprev.wording import labels

NAME = "The share with an event in both groups"
COLUMNS = (
    "section",
    "label",
    "event_arm1",
    "totaln_arm1",
    "event_arm2",
    "totaln_arm2",
    "risk_arm1",
    "risk_arm2",
    "reason",
)
NO_EVENTS = "The effects are no ratios of events, or not every one has its counts."
SCALES = (Scale.LOG_ODDS_RATIO, Scale.LOG_RISK_RATIO)


@dataclass(frozen=True)
class Risks:
    """The shares of people with an event in both groups of a study, and its weight in percent."""

    label: str
    programme: float
    comparator: float
    weight: float


def risks(stratum: Stratum) -> list[Risks]:
    """Return the risks of a stratum of ratios of events, or nothing where a study has no counts."""
    shown = [study for study in stratum.studies if study.weight is not None]
    if stratum.scale not in SCALES or any(study.events is None for study in shown):
        return []
    return [
        Risks(
            study.label,
            study.events.event_arm1 / study.events.totaln_arm1,
            study.events.event_arm2 / study.events.totaln_arm2,
            study.weight or 0.0,
        )
        for study in shown
        if study.events
    ]


def why_not(stratum: Stratum) -> str:
    """Return why a stratum has no L'Abbé plot, or nothing where it has one."""
    return "" if len(risks(stratum)) >= FEWEST_STUDIES else frame.too_few(stratum) or NO_EVENTS


def words(content: Synthesis) -> Iterator[str]:
    """Yield how many studies lie on which side, or why there is no plot."""
    return frame.words_of_each(content, why_not, _sides)


def _sides(stratum: Stratum) -> Iterator[str]:
    found = risks(stratum)
    fewer = sum(one.programme < one.comparator for one in found)
    more = sum(one.programme > one.comparator for one in found)
    yield (
        f"in {labels.count(fewer, 'study', 'studies')} a smaller share has the event with the {stratum.arms.programme} "
        f"than with the {stratum.arms.comparator}, in {more} a larger one, in {len(found) - fewer - more} the same"
    )
    low, high = (labels.percent(100 * end(one.comparator for one in found)) for end in (min, max))
    yield f"with the {stratum.arms.comparator} the share lies between {low} and {high}"


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield the counts and shares of every pooled study that has counts, drawn or not."""
    for section in frame.pooled(content):
        for study in section.stratum.studies:
            if study.weight is not None and study.events:
                events = study.events
                yield {
                    "section": section.label,
                    "label": study.label,
                    **vars(events),
                    "risk_arm1": events.event_arm1 / events.totaln_arm1,
                    "risk_arm2": events.event_arm2 / events.totaln_arm2,
                    "reason": why_not(section.stratum),
                }
