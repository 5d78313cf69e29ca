"""What the settings ask to explain differences by, in each stratum: groups or a number, or why it is refused."""

from __future__ import annotations

import json

from taprev.effects.rows import EffectRow
from taprev.notes import note
from taprev.settings import Settings
from taprev.settings.sections import Moderator
from taprev.synthesis.descriptors import together
from taprev.synthesis.results import ExplainedEffect, Moderation, Study
from taprev.vocabulary import UNSAID, CiMethod, ModeratorKind, NoteCode


def explained(domain: str, pooled: list[Study], rows: list[EffectRow], settings: Settings) -> tuple[Moderation, ...]:
    """Return the moderators that the settings name for a domain, examined or refused.

    Parameters
    ----------
    domain : str
        The domain.
    pooled : list of Study
        The studies of a stratum that are pooled.
    rows : list of EffectRow
        Rows of all these studies, with the columns that the settings name.
    settings : Settings
        The settings of the review.

    Returns
    -------
    tuple of Moderation
        One for each moderator, with its groups or its regression, or with the reason for the refusal.
    """
    values = {row.result: json.loads(row.moderators or "{}") for row in rows}
    return tuple(_moderation(moderator, pooled, values, settings) for moderator in _wanted(domain, settings))


def refused_by_counts(domain: str, settings: Settings) -> tuple[Moderation, ...]:
    """Return the moderators that the settings name for a domain, none of which a model of counts examines.

    Parameters
    ----------
    domain : str
        The domain.
    settings : Settings
        The settings of the review.

    Returns
    -------
    tuple of Moderation
        One for each moderator, with the reason.
    """
    refused = note(NoteCode.MODERATORS_OF_COUNTS)
    return tuple(Moderation(moderator.column, moderator.label, refused) for moderator in _wanted(domain, settings))


def _wanted(domain: str, settings: Settings) -> list[Moderator]:
    return [moderator for moderator in settings.explaining if not moderator.domains or domain in moderator.domains]


def _moderation(
    moderator: Moderator, pooled: list[Study], values: dict[str, dict[str, str]], settings: Settings
) -> Moderation:
    from taprev.synthesis.moderators import fitted_line, meta_regression, refuse_few, subgroups

    levels = [together(values.get(name, {}).get(moderator.column, "") for name in study.results) for study in pooled]
    known = [study for study, level in zip(pooled, levels, strict=True) if level not in UNSAID]
    reported = [level for level in levels if level not in UNSAID]
    covariates = 1 if moderator.kind == ModeratorKind.NUMBER else max(len(set(reported)) - 1, 1)
    refused = refuse_few(len({study.study for study in known}), covariates, moderator.knowingly)
    if refused:
        return Moderation(moderator.column, moderator.label, refused)
    effects = tuple(
        ExplainedEffect(study.label, level, study.effect.yi, study.effect.vi)
        for study, level in zip(known, reported, strict=True)
    )
    yi, vi = [effect.yi for effect in effects], [effect.vi for effect in effects]
    how = settings.synthesis
    try:
        if moderator.kind == ModeratorKind.GROUPS:
            groups = subgroups(yi, vi, reported, tau2_method=how.tau2_method, ci_method=how.ci_method, level=how.level)
            return Moderation(moderator.column, moderator.label, None, subgroups=groups, effects=effects)
        studies = [study.study for study in known]
        method = CiMethod.HKSJ if len(set(studies)) == len(studies) else CiMethod.CR2
        X = [[_number(value, study.label)] for value, study in zip(reported, known, strict=True)]
        regression = meta_regression(yi, vi, X, [moderator.label], method, studies, how.level)
        line = fitted_line(yi, vi, [row[0] for row in X], regression.tau2, method, studies, how.level)
    except ValueError as error:
        return Moderation(moderator.column, moderator.label, note(NoteCode.MODERATOR_NOT_ESTIMABLE, why=str(error)))
    return Moderation(moderator.column, moderator.label, None, regression=regression, effects=effects, line=line)


def _number(value: str, label: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"{value!r} of {label} is not a number") from None
