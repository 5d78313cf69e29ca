"""The fate of every extracted row of a domain: pooled, shown but not pooled, direction only, or excluded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from taprev.effects.arms import contrasts_of_arms
from taprev.effects.comparators import one_comparator_once
from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.effects.hierarchy import choose
from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row, figure
from taprev.settings import Domain, Settings

FEW_CLUSTERS = 4
AS_EXTRACTED = (
    "result", "study", "sample", "report", "domain", "population", "contrast", "timepoint", "better", "direction",
)  # fmt: skip


def effect_rows(
    name: str, outcomes: Iterable[Row], studies: dict[str, Row], settings: Settings
) -> list[EffectRow]:
    """Return every row of a domain with its effect and its fate, in the order of `outcomes.csv`."""
    domain = settings.domains[name]
    extracted = [row for row in outcomes if row["domain"] == name]
    rows = [_derived(row, studies[row["study"]], domain, settings) for row in extracted]
    rows = contrasts_of_arms(rows, extracted, domain.scale, settings.assumptions)
    return _pooled(choose(one_comparator_once(rows, extracted), extracted, domain))


def _derived(row: Row, study: Row, domain: Domain, settings: Settings) -> EffectRow:
    """Return a row as excluded, as direction only, or as shown; whether it is pooled is decided later."""
    effect = derive(row, domain.scale, settings.assumptions)
    fate, reason = "shown", ""
    if isinstance(effect, NoMagnitude):
        fate, reason = "direction_only", effect.reason
    if why := _excluded(row, study, domain, settings):
        fate, reason = "excluded", why
    blank = EffectRow(
        **{name: row[name] for name in AS_EXTRACTED},
        **{name: figure(row, name) for name in ("months", "n_arm1", "n_arm2")},
        label=study["label"],
        outcome=row["measure"],
        votes=fate != "excluded",
        assumptions=row["assumes"],
        fate=fate,
        reason=reason,
    )
    if isinstance(effect, NoMagnitude):
        return replace(blank, tier=effect.tier)
    shown = _never_pooled(row, effect, settings)
    return replace(
        blank, scale=effect.scale, measure=effect.measure, yi=effect.yi, vi=effect.vi,
        derivation=effect.derivation, tier=effect.tier, assumptions="; ".join(effect.assumptions),
        never_pooled=shown, reason=reason or shown,
    )  # fmt: skip


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
    return _cluster_reason(row)


def _cluster_reason(row: Row) -> str:
    if row["unit_of_allocation"] != "cluster":
        return ""
    clusters = [figure(row, "n_clusters_arm1"), figure(row, "n_clusters_arm2")]
    if any(n == 1 for n in clusters):
        return "one cluster in an arm: the programme cannot be told from the cluster"
    if any(n is not None and n < FEW_CLUSTERS for n in clusters):
        return f"fewer than {FEW_CLUSTERS} clusters in an arm"
    if None in clusters:
        return "clusters were allocated, and their number is not printed"
    if not (row["icc"] and row["cluster_size"]):
        return "clusters were allocated, and no intracluster correlation or cluster size is printed"
    return ""


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
        return replace(row, reason="the only sample with a magnitude in its stratum")
    equals = combined[row.contrast, row.axis, row.study, row.sample]
    why = f"combined with {len(equals) - 1} equals of the same sample" if len(equals) > 1 else ""
    return replace(row, fate="pooled", reason=why)
