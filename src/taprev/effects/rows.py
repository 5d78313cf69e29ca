"""The fate of every extracted row of a domain: pooled, shown but not pooled, direction only, or excluded.

`results/effects/{domain}.csv` is the one home of fates; the synthesis, the figure's footer and the tables
derive from it.
"""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields, replace

from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.extraction.tables import Row, figure
from taprev.settings import Domain, Settings

FEW_CLUSTERS = 4
RANKS = {
    "analysis_set": ("intention_to_treat", "", "per_protocol"),
    "scale_part": ("total", "", "subscale", "item"),
    "adjustment": ("adjusted", "", "crude"),
}
RANK_WORDS = {"intention_to_treat": "intention to treat", "per_protocol": "per protocol", "": "not stated"}


@dataclass(frozen=True)
class EffectRow:
    """One extracted result with its effect, if it has one, and its fate.

    `chosen` marks the results that stand for their sample; several chosen results of one sample are equals
    and are combined. `poolable` is false where no second sample could make the row pooled. `votes` is false
    where the row says nothing of its own about direction. `yi` and `vi` are None without a magnitude.
    """

    result: str
    study: str
    sample: str
    label: str
    report: str
    domain: str
    population: str
    contrast: str
    outcome: str
    timepoint: str
    months: float | None
    better: str
    n_arm1: float | None
    n_arm2: float | None
    direction: str
    votes: bool
    scale: str
    measure: str
    yi: float | None
    vi: float | None
    derivation: str
    tier: str
    assumptions: str
    chosen: bool
    poolable: bool
    fate: str
    reason: str


def effect_rows(
    name: str, outcomes: Iterable[Row], studies: dict[str, Row], settings: Settings
) -> list[EffectRow]:
    """Return every row of a domain with its effect and its fate, in the order of `outcomes.csv`."""
    domain = settings.domains[name]
    extracted = [row for row in outcomes if row["domain"] == name]
    rows = [_derived(row, studies[row["study"]], domain, settings) for row in extracted]
    rows = _contrasts_of_arms(rows, extracted)
    by_result = {row["result"]: row for row in extracted}
    rows = _chosen(rows, by_result, domain)
    return _pooled(rows)


def _derived(row: Row, study: Row, domain: Domain, settings: Settings) -> EffectRow:
    """Return a row as excluded, as direction only, or as shown; whether it is pooled is decided later."""
    effect = derive(row, domain.scale, settings.assumptions)
    fate, reason = "shown", ""
    if isinstance(effect, NoMagnitude):
        fate, reason = "direction_only", effect.reason
    if why := _excluded(row, study, domain, settings):
        fate, reason = "excluded", why
    blank = EffectRow(
        row["result"], row["study"], row["sample"], study["label"], row["report"], row["domain"],
        row["population"], row["contrast"], row["measure"], row["timepoint"], figure(row, "months"),
        row["better"], figure(row, "n_arm1"), figure(row, "n_arm2"), row["direction"], fate != "excluded",
        "", "", None, None, "", "", "", False, False, fate, reason,
    )  # fmt: skip
    if isinstance(effect, NoMagnitude):
        return replace(blank, tier=effect.tier)
    shown = _never_pooled(row, effect, settings)
    return replace(
        blank, scale=effect.scale, measure=effect.measure, yi=effect.yi, vi=effect.vi,
        derivation=effect.derivation, tier=effect.tier, assumptions="; ".join(effect.assumptions),
        poolable=fate == "shown" and not shown, reason=reason or shown,
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
    if not (row["icc"] and row["cluster_size"]):
        return "clusters were allocated, and no intracluster correlation or cluster size is printed"
    return ""


def _contrasts_of_arms(rows: list[EffectRow], extracted: list[Row]) -> list[EffectRow]:
    """Turn ratios printed within each arm into the contrast between the arms, which is their ratio."""
    arms: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for position, row in enumerate(extracted):
        if row["arm"]:
            arms[row["study"], row["sample"], row["timepoint"]][row["arm"]] = position
    rows = list(rows)
    for pair in arms.values():
        if set(pair) != {"programme", "comparator"}:
            continue
        programme, comparator = rows[pair["programme"]], rows[pair["comparator"]]
        if programme.yi is None or comparator.yi is None:
            continue
        rows[pair["programme"]] = replace(
            programme, yi=programme.yi - comparator.yi, vi=programme.vi + comparator.vi,
            derivation="log ratio of the ratios within each arm", assumptions=_without_rounding(programme),
        )  # fmt: skip
        why = f"the comparator arm's own change, which is the denominator of {programme.result}"
        rows[pair["comparator"]] = replace(comparator, reason=why, votes=False)
    return rows


def _without_rounding(row: EffectRow) -> str:
    return "; ".join(part for part in row.assumptions.split("; ") if not part.startswith("rounding"))


def _chosen(rows: list[EffectRow], by_result: dict[str, Row], domain: Domain) -> list[EffectRow]:
    """Mark the results that stand for each sample by the hierarchy; the others are shown with the reason."""
    rank = _ranking(by_result, domain)
    samples: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        if row.fate == "shown" and row.votes:
            samples[row.contrast, row.scale, row.study, row.sample].append(position)
    rows = list(rows)
    for positions in samples.values():
        best = min(rank(rows[p].result) for p in positions)
        kept = [p for p in positions if rank(rows[p].result) == best]
        for p in positions:
            if p in kept:
                rows[p] = replace(rows[p], chosen=True)
            elif not rows[p].reason:
                rows[p] = replace(rows[p], reason=_set_aside(by_result, rows[kept[0]].result, rows[p].result))
    return rows


def _ranking(by_result: dict[str, Row], domain: Domain) -> Callable[[str], tuple]:
    """Rank a result by the hierarchy: analysis set, part of the scale, adjustment, distance in time."""

    def rank(result: str) -> tuple:
        row = by_result[result]
        months = figure(row, "months")
        distance = math.inf if months is None else abs(months - domain.target_months)
        places = tuple(order.index(row[column]) for column, order in RANKS.items())
        return (*places, distance, math.inf if months is None else months)

    return rank


def _set_aside(by_result: dict[str, Row], kept: str, aside: str) -> str:
    """Say what decided between two results of one sample."""
    for column in RANKS:
        if by_result[kept][column] != by_result[aside][column]:
            one, other = (
                RANK_WORDS.get(by_result[r][column], by_result[r][column]) for r in (aside, kept)
            )
            return f"{one}; {kept} ({other}) stands for this sample"
    return f"{by_result[aside]['timepoint']}; {kept} ({by_result[kept]['timepoint']}) stands for this sample"


def _pooled(rows: list[EffectRow]) -> list[EffectRow]:
    """Pool the chosen results of each contrast and scale where they come from at least two samples."""
    strata: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        if row.chosen and row.poolable:
            strata[row.contrast, row.scale].add((row.study, row.sample))
    combined = _combined(rows)
    return [_fate(row, strata, combined) for row in rows]


def _combined(rows: list[EffectRow]) -> dict[tuple[str, ...], list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in rows:
        if row.chosen:
            groups[row.contrast, row.scale, row.study, row.sample].append(row.result)
    return groups


def _fate(row: EffectRow, strata: dict, combined: dict) -> EffectRow:
    if not (row.chosen and row.poolable):
        return row
    if len(strata[row.contrast, row.scale]) < 2:
        return replace(row, reason="the only sample with a magnitude in its stratum")
    equals = combined[row.contrast, row.scale, row.study, row.sample]
    why = f"combined with {len(equals) - 1} equals of the same sample" if len(equals) > 1 else ""
    return replace(row, fate="pooled", reason=why)


def rows_csv(rows: Iterable[EffectRow]) -> str:
    """Return the rows as CSV text at full precision; an empty cell is None."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(EffectRow))
    writer.writerows([_text(value) for value in astuple(row)] for row in rows)
    return out.getvalue()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) and value == round(value) and abs(value) < 1e15 else str(value)


def read_effect_rows(text: str) -> list[EffectRow]:
    """Return the rows of an effects file."""
    kinds = {field.name: str(field.type) for field in fields(EffectRow)}
    return [
        EffectRow(**{name: _value(kinds[name], cell) for name, cell in row.items()})
        for row in csv.DictReader(io.StringIO(text))
    ]


def _value(kind: str, cell: str) -> object:
    if kind == "bool":
        return cell == "yes"
    if kind.startswith("float"):
        return float(cell) if cell else None
    return cell
