"""The subgroups of a stratum: a head for each, its diamond, and the test of their difference."""

from __future__ import annotations

from collections.abc import Sequence

from taprev.drawing.pooled_marks import diamond_style
from taprev.figures.forest.layout_order import NOT_REPORTED, level_words
from taprev.figures.forest.rows import DiamondRow, GroupHead, QuietLine, Row
from taprev.synthesis.results import Moderation, Stratum, Subgroup, Subgroups
from taprev.wording import estimates, labels, notes, sentences


def moderation(stratum: Stratum, column: str) -> Moderation | None:
    """Return what the synthesis says of a column as a moderator of a stratum."""
    return next((moderator for moderator in stratum.moderators if moderator.column == column), None)


def subgroups(stratum: Stratum, column: str) -> Subgroups | None:
    """Return the groups of a column with the test of their difference, None where the synthesis refused them."""
    moderator = moderation(stratum, column)
    return moderator.subgroups if moderator else None


def groups(stratum: Stratum, column: str) -> Sequence[Subgroup]:
    """Return the groups that the synthesis made, none where it refused."""
    made = subgroups(stratum, column)
    return made.groups if made else ()


def pooled_groups(stratum: Stratum, column: str) -> dict[str, Subgroup]:
    """Return, by their level, the groups in which the synthesis pooled two samples or more."""
    return {group.level: group for group in groups(stratum, column) if group.k > 1}


def group_head(index: int, stratum: Stratum, column: str, level: str) -> GroupHead:
    """Return the head of a group, `Country: Norway`."""
    moderator = moderation(stratum, column)
    name = labels.clean(moderator.label) if moderator else labels.clean(column.replace("_", " ")).capitalize()
    return GroupHead(index, f"{name}: {level_words(level) if level else NOT_REPORTED}")


def group_rows(index: int, stratum: Stratum, column: str, level: str) -> list[Row]:
    """Return the diamond of a group with its heterogeneity, where the synthesis pooled two samples or more."""
    group = pooled_groups(stratum, column).get(level)
    if group is None:
        return []
    diamond = DiamondRow(
        panel=index,
        label=labels.model_words(stratum.pooled, group.ci_method, group.k),
        value=group.estimate,
        ci_lb=group.ci_lb,
        ci_ub=group.ci_ub,
        prediction=None,
        estimate=estimates.estimate_parts(group.estimate, group.ci_lb, group.ci_ub, estimates.style(stratum)),
        weight=labels.weight(weight_of(stratum, column, level)),
        style=diamond_style(stratum.contrasts, group.k),
        thin=False,
        group=True,
    )
    return [diamond, QuietLine(index, "heterogeneity", sentences.spread(group))]


def weight_of(stratum: Stratum, column: str, level: str) -> float:
    """Return the share of a group in the weights of its stratum, in percent."""
    own = (study for study in stratum.studies if study.descriptors.get(column) == level)
    return sum(study.weight or 0.0 for study in own)


def difference_rows(index: int, stratum: Stratum, column: str) -> list[Row]:
    """Return the test of the difference between groups, or why there is none."""
    return [QuietLine(index, "note", text) for text in difference_words(stratum, column)]


def difference_words(stratum: Stratum, column: str) -> list[str]:
    """Return the sentence on the difference between the groups of a stratum that was pooled."""
    moderator = moderation(stratum, column) if column and stratum.fit else None
    if moderator is None:
        return []
    if moderator.refused:
        return [f"Groups are not pooled by themselves. {sentences.sentence(notes.reason(moderator.refused))}"]
    return [sentences.difference(moderator.label, moderator.subgroups)] if moderator.subgroups else []
