"""From the rows of a stratum to what is drawn: equals of one sample as one study, every other row on its own."""

from __future__ import annotations

import math
from collections import defaultdict

from scipy.special import ndtri

from taprev.effects.rows import EffectRow
from taprev.notes import Note, note, unique
from taprev.settings import Settings
from taprev.synthesis.descriptors import context, descriptors, judged
from taprev.synthesis.kernels.composite import composite
from taprev.synthesis.results import Events, Study
from taprev.vocabulary import NoteCode, Tier


def drawn_studies(drawn: list[EffectRow], settings: Settings, together: bool = True) -> list[Study]:
    """Return what is drawn: chosen equals of one sample as one study, unless not `together`, and every other row.

    Parameters
    ----------
    drawn : list of EffectRow
        The rows of a stratum with an effect that is drawn.
    settings : Settings
        The settings of the review, with the correlation of equals and the level of the intervals.
    together : bool
        Whether equals of one sample are averaged.

    Returns
    -------
    list of Study
        The studies, in the order in which they first appear.
    """
    groups: dict[tuple[str, ...], list[EffectRow]] = defaultdict(list)
    for row in drawn:
        key = (row.contrast, row.study, row.sample) + (() if row.chosen and together else (row.result,))
        groups[key].append(row)
    drawn_rows: dict[tuple[str, ...], list[EffectRow]] = defaultdict(list)
    for key, group in groups.items():
        drawn_rows[key[:3]].append(group[0])
    distinct_by = {key: _told_apart(rows) for key, rows in drawn_rows.items()}
    return [_study(group, _which(group[0], distinct_by[key[:3]]), settings) for key, group in groups.items()]


def _told_apart(drawn: list[EffectRow]) -> list[str]:
    """Return what tells the rows drawn for a sample from one another: the outcome, the time, or both."""
    if len(drawn) == 1:
        return []
    names = [name for name in ("outcome", "timepoint") if len({getattr(row, name) for row in drawn}) > 1]
    return names or ["result"]


def _which(row: EffectRow, names: list[str]) -> str:
    return ", ".join(part for name in names if (part := getattr(row, name)))


def _study(group: list[EffectRow], which: str, settings: Settings) -> Study:
    first = group[0]
    yi, vi = _effect(group, settings.assumptions.rho.value)
    half = float(ndtri((1 + settings.synthesis.level) / 2)) * math.sqrt(vi or 0.0)
    return Study(
        study=first.study,
        sample=first.sample,
        label=_label(first, which, settings),
        n_arm1=max((row.n_arm1 for row in group if row.n_arm1 is not None), default=None),
        n_arm2=max((row.n_arm2 for row in group if row.n_arm2 is not None), default=None),
        yi=yi,
        vi=vi,
        ci_lb=None if yi is None else yi - half,
        ci_ub=None if yi is None else yi + half,
        measure=" and ".join(sorted({row.measure for row in group})),
        derivation=" and ".join(sorted({row.derivation for row in group})),
        tier=Tier.EXACT if len(group) == 1 and first.tier == Tier.EXACT else Tier.ASSUMED,
        assumptions=_assumptions(group, settings),
        fate=first.fate,
        reason=first.reason,
        weight=None,
        results=tuple(row.result for row in group),
        year=first.year,
        events=_events(group),
        descriptors=descriptors(group),
        risk_of_bias=judged(group),
        context=context(group),
    )


def _effect(group: list[EffectRow], rho: float) -> tuple[float, float] | tuple[None, None]:
    """Return the effect of one result, or the composite of equals; counts with an empty cell have none."""
    effects = [(row.yi, row.vi) for row in group if row.yi is not None and row.vi is not None]
    if not effects:
        return None, None
    return effects[0] if len(effects) == 1 else composite([yi for yi, _ in effects], [vi for _, vi in effects], rho)


def _events(group: list[EffectRow]) -> Events | None:
    """Return the events of a single result that counts them in both arms."""
    row = group[0]
    event1, total1, event2, total2 = row.event_arm1, row.totaln_arm1, row.event_arm2, row.totaln_arm2
    if len(group) > 1 or event1 is None or total1 is None or event2 is None or total2 is None:
        return None
    return Events(event1, total1, event2, total2)


def _label(row: EffectRow, which: str, settings: Settings) -> str:
    cohort = "" if row.sample == "all" else f", {row.sample.replace('_', ' ')}"
    arm = f", {getattr(settings.review.arms, row.arm)} arm alone" if row.arm else ""
    return row.label + cohort + arm + (f": {which}" if which else "")


def _assumptions(group: list[EffectRow], settings: Settings) -> tuple[Note, ...]:
    assumptions = unique(assumption for row in group for assumption in row.assumptions)
    if len(group) == 1:
        return assumptions
    return (*assumptions, note(NoteCode.RESULTS_CORRELATE, rho=settings.assumptions.rho.value))
