"""Which rows of events may enter a pool without corrections, where empty cells count as well."""

from __future__ import annotations

from collections import defaultdict

from taprev.effects.hierarchy import rank
from taprev.effects.rows import EffectRow, Standing, changed, standing_of
from taprev.extraction.tables import Row
from taprev.settings import Domain
from taprev.vocabulary import Allocation, Contrast, Fate, Statistic

CONTROL = ("measure", "timepoint", "event_arm2", "totaln_arm2")


def events_to_pool(rows: list[EffectRow], extracted: list[Row], domain: Domain) -> list[EffectRow]:
    """Mark the rows of events that represent their sample in a pool of events, one for each sample.

    A sample is represented by the row that the hierarchy chose or, if none of its rows has an effect of its own, by
    the first of its rows in the hierarchy. Left out are clusters, changes within an arm, time series, and rows that
    are excluded or never pooled. A second arm with the same control group is left out too, unless the group is
    divided; the arm whose effect is pooled comes first.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of a domain with their effects.
    extracted : list of Row
        The same rows as extracted, in the same order.
    domain : Domain
        The settings of the domain.

    Returns
    -------
    list of EffectRow
        The rows in the same order, with `events` set where it applies.
    """
    samples: dict[Standing, list[int]] = defaultdict(list)
    for position, (row, source) in enumerate(zip(rows, extracted, strict=True)):
        if row.scale and row.fate != Fate.EXCLUDED and source["statistic"] == Statistic.EVENTS and _plain(row, source):
            samples[standing_of(row)].append(position)
    chosen = {standing_of(row) for row in rows if row.chosen}
    rows = list(rows)
    controls: dict[tuple[object, ...], Standing] = {}
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
    within = source["arm"] or source["unit_of_allocation"] == Allocation.CLUSTER or row.contrast == Contrast.TIME_SERIES
    return not (within or row.never_pooled)
