"""Which rows of events may enter a pool without corrections, where empty cells count as well, and which model holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from taprev.effects.hierarchy import rank
from taprev.effects.rows import EffectRow, Standing, changed, standing_of
from taprev.extraction.tables import Row
from taprev.notes import note
from taprev.settings import Domain
from taprev.vocabulary import Allocation, Contrast, EmptyCells, Fate, NoteCode, PoolModel, Scale, Statistic

CONTROL = ("measure", "timepoint", "event_arm2", "totaln_arm2")
MODELS_OF_COUNTS = {
    Scale.LOG_ODDS_RATIO: PoolModel.EXACT_LIKELIHOOD,
    Scale.LOG_RISK_RATIO: PoolModel.MANTEL_HAENSZEL,
}


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
        undivided = rows[best].totaln_arm2 == float(extracted[best]["totaln_arm2"])
        if not undivided or controls.setdefault(control, key) == key:
            rows[best] = changed(rows[best], events=True)
    return [_aside(row, source) for row, source in zip(rows, extracted, strict=True)]


def _aside(row: EffectRow, source: Row) -> EffectRow:
    """Return counts with an empty cell that represent no sample with the reason."""
    if row.fate != Fate.EMPTY_CELL or row.events or row.never_pooled or source["statistic"] != Statistic.EVENTS:
        return row
    clusters = source["unit_of_allocation"] == Allocation.CLUSTER
    return changed(row, reason=note(NoteCode.COUNTS_OF_CLUSTERS if clusters else NoteCode.COUNTS_STAND_ASIDE))


def headline_model(rows: Iterable[EffectRow], empty_cells: EmptyCells) -> PoolModel:
    """Return the model that pools the rows of one contrast and axis.

    It is inverse variance unless a sample that says something about the ratio has an empty cell. Then odds ratios are
    pooled by the exact likelihood, in which a ratio without counts has its place as well, and risk ratios by
    Mantel-Haenszel, which knows counts alone: beside a ratio without them inverse variance stays.

    Parameters
    ----------
    rows : iterable of EffectRow
        Rows of one contrast and axis, with `events` set.
    empty_cells : EmptyCells
        What the settings do with empty cells.

    Returns
    -------
    PoolModel
        The model.
    """
    own = [row for row in rows if row.fate != Fate.EXCLUDED and (row.poolable or row.events)]
    scale = own[0].scale if own and own[0].scale else Scale.SMD
    model = MODELS_OF_COUNTS.get(scale, PoolModel.INVERSE_VARIANCE)
    alone = {(row.study, row.sample) for row in own if row.poolable}
    alone -= {(row.study, row.sample) for row in own if row.events}
    held = any(row.yi is None and informative(row) for row in counted(own, model))
    if empty_cells == EmptyCells.LEFT_OUT or not held or (alone and model == PoolModel.MANTEL_HAENSZEL):
        return PoolModel.INVERSE_VARIANCE
    return model


def counted(rows: Iterable[EffectRow], model: PoolModel) -> list[EffectRow]:
    """Return the rows that a model pools by their counts: none for inverse variance.

    The exact likelihood takes whole people only; a control group that is divided between arms leaves parts.

    Parameters
    ----------
    rows : iterable of EffectRow
        Rows of one contrast and axis, with `events` set.
    model : PoolModel
        The model of the stratum.

    Returns
    -------
    list of EffectRow
        The rows, in their order.
    """
    if model == PoolModel.INVERSE_VARIANCE:
        return []
    marked = [row for row in rows if row.events and row.fate != Fate.EXCLUDED and not row.never_pooled]
    if model == PoolModel.MANTEL_HAENSZEL:
        return marked
    return [row for row in marked if whole(row)]


def limited(rows: Iterable[EffectRow], model: PoolModel) -> bool:
    """Return whether the samples of a model of counts set a limit to the ratio on both sides.

    They set none where every sample has the fewest events in the same arm that its totals allow; Mantel-Haenszel needs
    an event in each arm.

    Parameters
    ----------
    rows : iterable of EffectRow
        Rows of one contrast and axis.
    model : PoolModel
        The model of the stratum.

    Returns
    -------
    bool
        True where a ratio without counts is among them.
    """
    rows = list(rows)
    own = [row for row in counted(rows, model) if informative(row)]
    there = {(row.study, row.sample) for row in own}
    if any(row.poolable and (row.study, row.sample) not in there for row in rows):
        return True
    tables = [table_of(row) for row in own]
    if model == PoolModel.MANTEL_HAENSZEL:
        return any(a > 0 for a, _, _, _ in tables) and any(c > 0 for _, _, c, _ in tables)
    least = all(a == max(0.0, a + c - n2) for a, _, c, n2 in tables)
    most = all(a == min(n1, a + c) for a, n1, c, _ in tables)
    return not (least or most)


def whole(row: EffectRow) -> bool:
    """Return whether the counts of a row are whole numbers, which a divided control group leaves seldom.

    Parameters
    ----------
    row : EffectRow
        A row with events and totals of both arms.

    Returns
    -------
    bool
    """
    return all(float(count).is_integer() for count in table_of(row))


def informative(row: EffectRow) -> bool:
    """Return whether the counts of a row say something about a ratio: for odds not nobody and not everybody.

    Parameters
    ----------
    row : EffectRow
        A row with events and totals of both arms.

    Returns
    -------
    bool
    """
    event_arm1, totaln_arm1, event_arm2, totaln_arm2 = table_of(row)
    events, people = event_arm1 + event_arm2, totaln_arm1 + totaln_arm2
    return 0 < events < people or (row.scale == Scale.LOG_RISK_RATIO and events > 0)


def table_of(row: EffectRow) -> tuple[float, float, float, float]:
    """Return the events and totals of both arms of a row that has them.

    Parameters
    ----------
    row : EffectRow
        A row marked for a pool of events.

    Returns
    -------
    tuple of float
        `event_arm1`, `totaln_arm1`, `event_arm2`, `totaln_arm2`.
    """
    return row.event_arm1 or 0.0, row.totaln_arm1 or 0.0, row.event_arm2 or 0.0, row.totaln_arm2 or 0.0


def _plain(row: EffectRow, source: Row) -> bool:
    within = source["arm"] or source["unit_of_allocation"] == Allocation.CLUSTER or row.contrast == Contrast.TIME_SERIES
    return not (within or row.never_pooled)
