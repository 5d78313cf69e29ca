"""What a bubble plot of a meta-regression or of groups says: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taprev.figures.siblings import frame
from taprev.synthesis.results import Moderation, Stratum, Synthesis
from taprev.wording import estimates, labels, sensitivity

NAME = "Effects by what might explain their differences"
COLUMNS = ("section", "moderator", "row", "label", "value", "scale", "yi", "vi", "ci_lb", "ci_ub", "reason")
MOST_GROUPS = 12
NOT_ASKED = "The settings name no moderator that has enough studies here."


def examined(stratum: Stratum) -> list[Moderation]:
    """Return the moderators of a stratum that were examined."""
    return [one for one in stratum.moderators if one.refused is None and one.effects]


def drawable(stratum: Stratum) -> list[Moderation]:
    """Return the moderators of a stratum that were examined and have no more groups than a plane has room for."""
    return [one for one in examined(stratum) if len(group_names(one)) <= MOST_GROUPS]


def group_names(one: Moderation) -> list[str]:
    """Return the groups of a moderator as they are printed."""
    return [labels.clean(group.level).replace("_", " ") for group in (one.subgroups.groups if one.subgroups else ())]


def not_drawable(stratum: Stratum) -> Iterator[str]:
    """Yield which moderators have too many groups to be drawn."""
    for one in examined(stratum):
        if (number := len(group_names(one))) > MOST_GROUPS:
            yield f"{labels.clean(one.label)} has {number} groups, too many to draw; the table of the figure has them."


def why_not(stratum: Stratum) -> str:
    """Return why a stratum has no bubble plot, or nothing where it has one."""
    if few := frame.too_few(stratum):
        return few
    if drawable(stratum):
        return ""
    return " ".join(not_drawable(stratum)) or NOT_ASKED


def words(content: Synthesis) -> Iterator[str]:
    """Yield what each moderator explains, or why there is no plot."""
    return frame.words_of_each(content, why_not, _told)


def _told(stratum: Stratum) -> Iterator[str]:
    style = estimates.style(stratum)
    yield from (sensitivity.moderator_words(one, style) for one in drawable(stratum))
    yield from not_drawable(stratum)


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield every effect with its value of each moderator, the groups, and the points of each line."""
    for section in frame.pooled(content):
        for one in examined(section.stratum):
            base = {
                "section": section.label,
                "moderator": labels.clean(one.label),
                "scale": section.stratum.scale,
                "reason": why_not(section.stratum),
            }
            for effect in one.effects:
                yield {**base, "row": "effect", **vars(effect)}
            for group in one.subgroups.groups if one.subgroups else ():
                ends = {"yi": group.estimate, "ci_lb": group.ci_lb, "ci_ub": group.ci_ub}
                yield {**base, "row": "group", "value": group.level, **ends}
            for point in one.line:
                ends = {"yi": point.estimate, "ci_lb": point.ci_lb, "ci_ub": point.ci_ub}
                yield {**base, "row": "line", "value": point.value, **ends}
