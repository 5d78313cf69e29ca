"""Which rows of events may enter a pool without corrections, in which empty cells count as well."""

from __future__ import annotations

from collections import defaultdict

from taprev.effects.hierarchy import rank
from taprev.effects.rows import EffectRow, changed
from taprev.extraction.tables import Row
from taprev.settings import Domain

CONTROL = ("measure", "timepoint", "event_arm2", "totaln_arm2")


def events_to_pool(rows: list[EffectRow], extracted: list[Row], domain: Domain) -> list[EffectRow]:
    """Mark the rows of events that stand for their sample among events, one a sample.

    A sample is stood for by what the hierarchy chose, or, where none of its rows has an effect of its own, by the
    first of its rows in the hierarchy. Clusters, changes within an arm, time series and rows that are excluded or
    never pooled stay outside, and so does a second arm with the same control group, the arm that is pooled by its
    effect coming first, unless the group is divided.
    """
    samples: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, (row, source) in enumerate(zip(rows, extracted, strict=True)):
        if row.scale and row.fate != "excluded" and source["statistic"] == "events" and _plain(row, source):
            samples[row.contrast, row.axis, row.study, row.sample].append(position)
    chosen = {(row.contrast, row.axis, row.study, row.sample) for row in rows if row.chosen}
    rows, controls = list(rows), {}
    for key, positions in sorted(samples.items(), key=lambda item: item[0] not in chosen):
        standing = [p for p in positions if rows[p].chosen] if key in chosen else positions
        if not standing:
            continue
        best = min(standing, key=lambda p: rank(extracted[p], domain))
        control = (*key[:3], *(extracted[best].get(name, "") for name in CONTROL))
        whole = rows[best].totaln_arm2 == float(extracted[best]["totaln_arm2"])
        if not whole or controls.setdefault(control, key) == key:
            rows[best] = changed(rows[best], events=True)
    return rows


def _plain(row: EffectRow, source: Row) -> bool:
    within = source["arm"] or source["unit_of_allocation"] == "cluster" or row.contrast == "time_series"
    return not (within or row.never_pooled)
