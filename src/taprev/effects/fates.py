"""The fate of every extracted row of a domain: pooled, shown but not pooled, direction only, or excluded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from taprev.effects.arms import contrasts_of_arms
from taprev.effects.clusters import cluster_reason
from taprev.effects.comparators import one_comparator_once, samples_by_control
from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.effects.events import events_to_pool
from taprev.effects.hierarchy import choose
from taprev.effects.rows import EffectRow, changed
from taprev.extraction.tables import Row, figure
from taprev.settings import Domain, Settings

AS_EXTRACTED = (
    "result",
    "study",
    "sample",
    "report",
    "domain",
    "population",
    "contrast",
    "timepoint",
    "better",
    "direction",
)
OF_THE_EFFECT = ("scale", "measure", "yi", "vi", "derivation", "tier")


def effect_rows(
    name: str,
    outcomes: Iterable[Row],
    studies: dict[str, Row],
    settings: Settings,
    risk_of_bias: dict[str, str] | None = None,
) -> list[EffectRow]:
    """Return every row of a domain with its effect and its fate, in the order of `outcomes.csv`.

    `risk_of_bias` holds the overall judgement of a result, where there is one.
    """
    domain, judged = settings.domains[name], risk_of_bias or {}
    extracted = [row for row in outcomes if row["domain"] == name]
    bias = [judged.get(row["result"], "") for row in extracted]
    rows = [
        _derived(row, studies[row["study"]], domain, settings, one) for row, one in zip(extracted, bias, strict=True)
    ]
    divided = samples_by_control(rows, extracted) if settings.assumptions.shared_control == "split" else {}
    for position, arms in divided.items():
        row = extracted[position]
        rows[position] = _derived(row, studies[row["study"]], domain, settings, bias[position], arms)
    rows = contrasts_of_arms(rows, extracted, domain.scale, settings.assumptions)
    rows = choose(one_comparator_once(rows, extracted, divided), extracted, domain)
    return _pooled(events_to_pool(rows, extracted, domain))


def _derived(
    row: Row, study: Row, domain: Domain, settings: Settings, risk_of_bias: str, shared_by: int = 1
) -> EffectRow:
    """Return a row as excluded, as direction only, or as shown; whether it is pooled is decided later."""
    effect = derive(row, domain.scale, settings.assumptions, shared_by)
    if isinstance(effect, NoMagnitude):
        fate, reason = "direction_only", effect.reason
        said = {"tier": effect.tier, "assumptions": row["assumes"], "scale": effect.scale}
        assumed = effect.scale and (row["assumes"] or shared_by > 1)
        if assumed and "assumed" not in settings.synthesis.pool_tiers:
            said["never_pooled"] = "the settings do not pool effects of tier assumed"
    else:
        fate, reason = "shown", _never_pooled(row, effect, settings)
        said = {name: getattr(effect, name) for name in OF_THE_EFFECT} | {"never_pooled": reason}
        said |= {"assumptions": "; ".join(effect.assumptions), "leans_on": " ".join(effect.leans_on)}
    if why := _excluded(row, study, domain, settings):
        fate, reason = "excluded", why
    return EffectRow(
        **{name: row[name] for name in AS_EXTRACTED},
        **{name: figure(row, name) for name in ("months", "n_arm1", "event_arm1", "totaln_arm1")},
        **{name: _share(figure(row, name), shared_by) for name in ("n_arm2", "event_arm2", "totaln_arm2")},
        **said,
        label=study["label"],
        outcome=row["measure"],
        year=figure(study, "year"),
        p=_usable_p(row),
        risk_of_bias=risk_of_bias,
        moderators=_moderators(study, settings),
        votes=fate != "excluded",
        fate=fate,
        reason=reason,
    )


def _usable_p(row: Row) -> float | None:
    """Return the printed p where it tests one contrast (df1 = 1) of independent people, or None."""
    several = figure(row, "df1") not in (None, 1.0)
    dependent = row["unit_of_allocation"] == "cluster" or row["contrast"] == "time_series"
    return None if several or dependent or row["arm"] else figure(row, "p")


def _moderators(study: Row, settings: Settings) -> str:
    columns = {moderator.column: study.get(moderator.column, "") for moderator in settings.explaining}
    return json.dumps(columns, ensure_ascii=False) if columns else ""


def _share(people: float | None, shared_by: int) -> float | None:
    return people if people is None else people / shared_by


def _excluded(row: Row, study: Row, domain: Domain, settings: Settings) -> str:
    if study["scope"] not in settings.scope.include:
        return settings.scope.leave_out.get(study["scope"], f"outside the scope: {study['scope']}")
    if row["population"] != domain.population:
        return f"the people are {row['population']}, and the domain is of {domain.population}"
    return ""


def _never_pooled(row: Row, effect: Effect, settings: Settings) -> str:
    """Say why a row with a magnitude is shown whatever the other rows are, or nothing."""
    if row["contrast"] == "time_series":
        return "interrupted time series are shown, not pooled"
    if effect.tier not in settings.synthesis.pool_tiers:
        return f"the settings do not pool effects of tier {effect.tier}"
    if row["statistic"] == "counts":
        return "counts of episodes are shown, not pooled: how far they cluster in few people is not known"
    return cluster_reason(row, settings.assumptions)


def _pooled(rows: list[EffectRow]) -> list[EffectRow]:
    """Pool the chosen results of each contrast and scale where they come from at least two samples."""
    strata: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        if row.poolable:
            strata[row.contrast, row.axis].add((row.study, row.sample))
    combined = _combined(rows)
    return [_fate(row, strata, combined) for row in rows]


def _combined(rows: list[EffectRow]) -> dict[tuple[str, ...], list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in rows:
        if row.chosen:
            groups[row.contrast, row.axis, row.study, row.sample].append(row.result)
    return groups


def _fate(row: EffectRow, strata: dict, combined: dict) -> EffectRow:
    if not row.poolable:
        return row
    if len(strata[row.contrast, row.axis]) < 2:
        return changed(row, reason="the only sample with a magnitude in its stratum")
    equals = combined[row.contrast, row.axis, row.study, row.sample]
    why = f"one of {len(equals)} equal results of the same sample" if len(equals) > 1 else ""
    return changed(row, fate="pooled", reason=why)
