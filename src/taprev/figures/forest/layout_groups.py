"""The subgroups of a stratum: a head for each, its diamond, and the test of their difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taprev.figures.forest.layout_order import NOT_REPORTED, told
from taprev.figures.forest.rows import DiamondRow, GroupHead, QuietLine, Row
from taprev.wording import labels, sentences

Stratum = Mapping[str, Any]


def moderation(stratum: Stratum, column: str) -> Mapping[str, Any] | None:
    """Return what the synthesis says of a column as a moderator of a stratum."""
    return next((one for one in stratum["moderators"] if one["column"] == column), None)


def group_head(index: int, stratum: Stratum, column: str, level: str) -> GroupHead:
    """Return the head of a group, `Country: Norway`."""
    one = moderation(stratum, column)
    name = labels.clean(one["label"]) if one else labels.clean(column.replace("_", " ")).capitalize()
    return GroupHead(index, f"{name}: {told(level) if level else NOT_REPORTED}")


def group_rows(index: int, stratum: Stratum, column: str, level: str) -> list[Row]:
    """Return the diamond of a group with its heterogeneity, where the synthesis pooled two samples or more."""
    group = next((one for one in groups(stratum, column) if one["level"] == level), None)
    if group is None or group["k"] < 2:
        return []
    diamond = DiamondRow(
        panel=index,
        label=labels.model({**group, "tau2_method": stratum["fit"]["tau2_method"]}),
        value=group["estimate"],
        ci_lb=group["ci_lb"],
        ci_ub=group["ci_ub"],
        prediction=None,
        estimate=labels.estimate_parts(group["estimate"], group["ci_lb"], group["ci_ub"], stratum["scale"]),
        weight=labels.weight(weight_of(stratum, column, level)),
        hollow=labels.after_words(stratum["contrasts"]) or group["k"] == 2,
        dashed=group["k"] == 2,
        thin=False,
        group=True,
    )
    return [diamond, QuietLine(index, "heterogeneity", sentences.spread(group))]


def weight_of(stratum: Stratum, column: str, level: str) -> float:
    """Return the share of a group in the weights of its stratum, in percent."""
    own = (s for s in stratum["studies"] if s["descriptors"].get(column) == level)
    return sum(study["weight"] or 0.0 for study in own)


def groups(stratum: Stratum, column: str) -> list[Mapping[str, Any]]:
    """Return the groups that the synthesis pooled, none where it refused."""
    one = moderation(stratum, column)
    return one["subgroups"]["groups"] if one and one["subgroups"] else []


def difference_rows(index: int | None, stratum: Stratum, column: str) -> list[Row]:
    """Return the test of the difference between groups, or why there is none."""
    return [QuietLine(index, "note", text) for text in difference_words(stratum, column)]


def difference_words(stratum: Stratum, column: str) -> list[str]:
    """Return the sentence on the difference between the groups of a stratum that was pooled."""
    one = moderation(stratum, column) if column and stratum["fit"] else None
    if one is None:
        return []
    if one["refused"]:
        return [f"Groups are not pooled by themselves. {sentences.sentence(one['refused'])}"]
    return [sentences.difference(one)] if one["subgroups"] else []
