"""Which of several results of one sample stands for it."""

from __future__ import annotations

import math
from collections import defaultdict

from taprev.effects.rows import EffectRow, changed
from taprev.extraction.tables import Row, figure
from taprev.settings import Domain
from taprev.vocabulary import Adjustment, AnalysisSet, ScalePart

RANKS = {
    "analysis_set": (AnalysisSet.INTENTION_TO_TREAT, "", AnalysisSet.PER_PROTOCOL),
    "scale_part": (ScalePart.TOTAL, "", ScalePart.SUBSCALE, ScalePart.ITEM),
    "adjustment": (Adjustment.ADJUSTED, "", Adjustment.CRUDE),
}
RANK_WORDS = {
    AnalysisSet.INTENTION_TO_TREAT: "intention to treat",
    AnalysisSet.PER_PROTOCOL: "per protocol",
    "": "not stated",
}


def choose(rows: list[EffectRow], extracted: list[Row], domain: Domain) -> list[EffectRow]:
    """Mark the results that stand for each sample by the hierarchy; the others are shown with the reason."""
    by_result = {row["result"]: row for row in extracted}
    samples: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        if row.fate == "shown" and not row.part_of:
            samples[row.contrast, row.axis, row.study, row.sample].append(position)
    rows = list(rows)
    for positions in samples.values():
        ranks = {p: (bool(rows[p].never_pooled), *rank(by_result[rows[p].result], domain)) for p in positions}
        best = min(positions, key=lambda p: ranks[p])
        equals = {p for p in positions if ranks[p] == ranks[best] and rows[p].timepoint == rows[best].timepoint}
        for p in positions:
            if p in equals:
                rows[p] = changed(rows[p], chosen=True)
            elif not rows[p].reason:
                rows[p] = changed(rows[p], reason=_set_aside(by_result, rows[best].result, rows[p].result))
    return rows


def rank(row: Row, domain: Domain) -> tuple:
    """Rank a result by the hierarchy: analysis set, part of the scale, adjustment, distance in time."""
    months = figure(row, "months")
    distance = math.inf if months is None else abs(months - domain.target_months)
    places = tuple(order.index(row[column]) for column, order in RANKS.items())
    return (*places, distance, math.inf if months is None else months)


def _set_aside(by_result: dict[str, Row], kept: str, aside: str) -> str:
    """Say what decided between two results of one sample."""
    for column in RANKS:
        if by_result[kept][column] != by_result[aside][column]:
            one, other = (RANK_WORDS.get(by_result[r][column], by_result[r][column]) for r in (aside, kept))
            return f"{one}; {kept} ({other}) stands for this sample"
    return f"{by_result[aside]['timepoint']}; {kept} ({by_result[kept]['timepoint']}) stands for this sample"
