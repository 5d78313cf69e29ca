"""The fate of every extracted row of a domain: pooled, shown but not pooled, direction only, or excluded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from taprev.effects.arms import contrasts_of_arms
from taprev.effects.clusters import cluster_reason
from taprev.effects.comparators import one_comparator_once, samples_by_control
from taprev.effects.derive import Effect, NoMagnitude, as_extracted, derive
from taprev.effects.descriptors import characteristics
from taprev.effects.events import counted, events_to_pool, headline_model, informative, limited, whole
from taprev.effects.hierarchy import choose
from taprev.effects.rows import EffectRow, Place, Standing, changed, place_of, standing_of
from taprev.extraction.tables import Row, figure
from taprev.notes import Note, note
from taprev.settings import Domain, Settings
from taprev.vocabulary import (
    Allocation,
    Better,
    Contrast,
    EmptyCells,
    Fate,
    NoteCode,
    PoolModel,
    SharedControl,
    Statistic,
    Tier,
)


def effect_rows(
    name: str,
    outcomes: Iterable[Row],
    studies: dict[str, Row],
    settings: Settings,
    risk_of_bias: dict[str, str] | None = None,
) -> list[EffectRow]:
    """Return every row of a domain with its effect and its fate, in the order of `outcomes.csv`.

    Parameters
    ----------
    name : str
        The domain.
    outcomes : iterable of Row
        The rows of `outcomes.csv`, of all domains.
    studies : dict of str to Row
        The rows of `studies.csv` by study.
    settings : Settings
        The settings of the review.
    risk_of_bias : dict of str to str, optional
        The overall judgement of each result that has one.

    Returns
    -------
    list of EffectRow
        One row for each extracted row of the domain.
    """
    domain, judged = settings.domains[name], risk_of_bias or {}
    extracted = [row for row in outcomes if row["domain"] == name]
    bias = [judged.get(row["result"], "") for row in extracted]
    rows = [
        _derived(row, studies[row["study"]], domain, settings, judgement)
        for row, judgement in zip(extracted, bias, strict=True)
    ]
    divided = samples_by_control(rows, extracted) if settings.assumptions.shared_control == SharedControl.SPLIT else {}
    for position, arms in divided.items():
        row = extracted[position]
        rows[position] = _derived(row, studies[row["study"]], domain, settings, bias[position], arms)
    rows = contrasts_of_arms(rows, extracted, domain.scale, settings.assumptions)
    rows = choose(one_comparator_once(rows, extracted, divided), extracted, domain)
    return _pooled(events_to_pool(rows, extracted, domain), settings.synthesis.empty_cells)


def _derived(
    row: Row, study: Row, domain: Domain, settings: Settings, risk_of_bias: str, shared_by: int = 1
) -> EffectRow:
    """Return a row as excluded, as direction only, or as shown; whether it is pooled is decided later."""
    effect = derive(row, domain.scale, settings.assumptions, shared_by)
    excluded = _excluded(row, study, domain, settings)
    extracted = EffectRow(
        result=row["result"],
        study=row["study"],
        sample=row["sample"],
        label=study["label"],
        report=row["report"],
        domain=row["domain"],
        population=row["population"],
        contrast=Contrast(row["contrast"]),
        outcome=row["measure"],
        timepoint=row["timepoint"],
        months=figure(row, "months"),
        better=Better(row["better"]),
        n_arm1=figure(row, "n_arm1"),
        n_arm2=_share(figure(row, "n_arm2"), shared_by),
        direction=row["direction"],
        votes=not excluded,
        event_arm1=figure(row, "event_arm1"),
        totaln_arm1=figure(row, "totaln_arm1"),
        event_arm2=_share(figure(row, "event_arm2"), shared_by),
        totaln_arm2=_share(figure(row, "totaln_arm2"), shared_by),
        p=_usable_p(row),
        year=figure(study, "year"),
        risk_of_bias=risk_of_bias,
        moderators=_moderators(row, study, settings),
        n_counts=row.get("n_counts", ""),
        trend_per=row.get("trend_per", ""),
        as_reported=row.get("as_reported", ""),
        compared_with=study.get("comparator", ""),
    )
    if isinstance(effect, NoMagnitude):
        derived = _without_effect(extracted, effect, row, shared_by, settings)
    else:
        derived = _with_effect(extracted, effect, _never_pooled(row, effect.tier, effect.own_precision, settings))
    return changed(derived, fate=Fate.EXCLUDED, reason=excluded) if excluded else derived


def _without_effect(row: EffectRow, none: NoMagnitude, extracted: Row, shared_by: int, settings: Settings) -> EffectRow:
    """Return a row without an effect of its own: with a direction only, or with counts that have an empty cell."""
    if none.scale is None:
        return changed(row, tier=none.tier, assumptions=as_extracted(extracted), reason=none.reason)
    tier = Tier.ASSUMED if extracted["assumes"] or shared_by > 1 else Tier.EXACT
    never_pooled = _never_pooled(extracted, tier, False, settings)
    return changed(
        row,
        tier=tier,
        scale=none.scale,
        assumptions=as_extracted(extracted),
        never_pooled=never_pooled,
        fate=Fate.EMPTY_CELL,
        reason=never_pooled or none.reason,
    )


def _with_effect(row: EffectRow, effect: Effect, never_pooled: Note | None) -> EffectRow:
    return changed(
        row,
        scale=effect.scale,
        measure=effect.measure,
        yi=effect.yi,
        vi=effect.vi,
        derivation=effect.derivation,
        tier=effect.tier,
        assumptions=effect.assumptions,
        leans_on=" ".join(effect.leans_on),
        never_pooled=never_pooled,
        fate=Fate.SHOWN,
        reason=never_pooled,
    )


def _usable_p(row: Row) -> float | None:
    """Return the printed p where it tests one contrast (df1 = 1) of independent people, or None."""
    several = figure(row, "df1") not in (None, 1.0)
    dependent = row["unit_of_allocation"] == Allocation.CLUSTER or row["contrast"] == Contrast.TIME_SERIES
    return None if several or dependent or row["arm"] else figure(row, "p") or None


def _moderators(row: Row, study: Row, settings: Settings) -> str:
    columns = characteristics((moderator.column for moderator in settings.explaining), row, study)
    return json.dumps(columns, ensure_ascii=False) if columns else ""


def _share(people: float | None, shared_by: int) -> float | None:
    return people if people is None else people / shared_by


def _excluded(row: Row, study: Row, domain: Domain, settings: Settings) -> Note | None:
    if study["scope"] not in settings.scope.include:
        left_out = settings.scope.leave_out.get(study["scope"])
        scope = study["scope"]
        return note(NoteCode.LEFT_OUT, why=left_out) if left_out else note(NoteCode.OUTSIDE_SCOPE, scope=scope)
    for part in settings.scope.results:
        if row.get(part.column, "") not in part.include:
            return note(NoteCode.LEFT_OUT, why=part.why)
    if row["population"] != domain.population:
        return note(NoteCode.OTHER_PEOPLE, people=row["population"], domain=domain.population)
    return None


def _never_pooled(row: Row, tier: Tier, own_precision: bool, settings: Settings) -> Note | None:
    """Return why a row with a magnitude is shown whatever the other rows are, or None."""
    if row["contrast"] == Contrast.TIME_SERIES:
        return note(NoteCode.SERIES_NOT_POOLED)
    if tier not in settings.synthesis.pool_tiers:
        return note(NoteCode.TIER_NOT_POOLED, tier=str(tier))
    if row["statistic"] == Statistic.COUNTS:
        return note(NoteCode.COUNTS_NOT_POOLED)
    return cluster_reason(row, settings.assumptions, own_precision)


def _pooled(rows: list[EffectRow], empty_cells: EmptyCells) -> list[EffectRow]:
    """Pool the chosen results of each contrast and scale where they come from at least two samples.

    A sample with an empty cell is one of them where the model of the stratum can hold it.
    """
    places: dict[Place, list[EffectRow]] = defaultdict(list)
    for row in rows:
        places[place_of(row)].append(row)
    models = {place: headline_model(own, empty_cells) for place, own in places.items()}
    by_counts = {
        row.result
        for place, own in places.items()
        if limited(own, models[place])
        for row in counted(own, models[place])
        if informative(row)
    }
    strata = {
        place: {(row.study, row.sample) for row in own if row.poolable or row.result in by_counts}
        for place, own in places.items()
    }
    combined = _combined(rows)
    made = []
    for row in rows:
        pooled = row.result in by_counts and len(strata[place_of(row)]) > 1
        by_model = models[place_of(row)] != PoolModel.INVERSE_VARIANCE
        empty = row.fate == Fate.EMPTY_CELL
        made.append(_counted(row, pooled, by_model) if empty else _fate(row, strata, combined))
    return made


def _counted(row: EffectRow, pooled: bool, by_model: bool) -> EffectRow:
    """Return counts with an empty cell with their fate, and why they are in no pool where they are in none."""
    if pooled:
        return changed(row, fate=Fate.COUNTED, reason=None)
    if row.never_pooled or row.event_arm1 is None:
        return row
    if not informative(row):
        return changed(row, reason=note(NoteCode.SAYS_NOTHING))
    if row.events and by_model and not whole(row):
        return changed(row, reason=note(NoteCode.PARTS_OF_PEOPLE))
    return row


def _combined(rows: list[EffectRow]) -> dict[Standing, list[str]]:
    groups: dict[Standing, list[str]] = defaultdict(list)
    for row in rows:
        if row.chosen:
            groups[standing_of(row)].append(row.result)
    return groups


def _fate(row: EffectRow, strata: dict[Place, set[tuple[str, str]]], combined: dict[Standing, list[str]]) -> EffectRow:
    if not row.poolable:
        return row
    if len(strata[place_of(row)]) < 2:
        return changed(row, reason=note(NoteCode.ONLY_SAMPLE))
    equals = combined[standing_of(row)]
    why = note(NoteCode.ONE_OF_EQUALS, results=len(equals)) if len(equals) > 1 else None
    return changed(row, fate=Fate.POOLED, reason=why)
