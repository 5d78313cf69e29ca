"""Which of several results of one sample represents it."""

from __future__ import annotations

import math
from collections import defaultdict

from taprev.effects.rows import EffectRow, Standing, changed, standing_of
from taprev.extraction.tables import Row, figure
from taprev.notes import Note, note
from taprev.settings import Domain
from taprev.vocabulary import Adjustment, AnalysisSet, Fate, NoteCode, ScalePart

RANKS = {
    "analysis_set": (AnalysisSet.INTENTION_TO_TREAT, "", AnalysisSet.PER_PROTOCOL),
    "scale_part": (ScalePart.TOTAL, "", ScalePart.SUBSCALE, ScalePart.ITEM),
    "adjustment": (Adjustment.ADJUSTED, "", Adjustment.NOT_STATED, Adjustment.CRUDE),
}


def choose(rows: list[EffectRow], extracted: list[Row], domain: Domain) -> list[EffectRow]:
    """Mark the results that represent each sample by the hierarchy; the others are shown with the reason.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of a domain with their effects.
    extracted : list of Row
        The same rows as extracted.
    domain : Domain
        The settings of the domain.

    Returns
    -------
    list of EffectRow
        The rows in the same order.
    """
    by_result = {row["result"]: row for row in extracted}
    samples: dict[Standing, list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        if row.fate == Fate.SHOWN and not row.part_of:
            samples[standing_of(row)].append(position)
    rows = list(rows)
    for positions in samples.values():
        ranks = {p: (bool(rows[p].never_pooled), *rank(by_result[rows[p].result], domain)) for p in positions}
        best = min(positions, key=lambda p: ranks[p])
        equals = {p for p in positions if ranks[p] == ranks[best] and rows[p].timepoint == rows[best].timepoint}
        for p in positions:
            if p in equals:
                rows[p] = changed(rows[p], chosen=True)
            elif not rows[p].reason:
                why = _set_aside(by_result, rows[best].result, rows[p].result, domain)
                rows[p] = changed(rows[p], reason=why)
    return rows


def rank(row: Row, domain: Domain) -> tuple[float, ...]:
    """Rank a result by the hierarchy: analysis set, part of the scale, adjustment, distance in time.

    Without a target time the earliest comes first.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    domain : Domain
        The settings of the domain, with its target time.

    Returns
    -------
    tuple of float
        Smaller comes first. The last two are the distance from the target time and the time itself, both in months.

    Raises
    ------
    ValueError
        If a cell holds a level that the hierarchy does not know.
    """
    months = figure(row, "months")
    distance = math.inf if months is None else abs(months - (domain.target_months or 0.0))
    places = tuple(order.index(row[column]) for column, order in RANKS.items())
    return (*places, distance, math.inf if months is None else months)


def _set_aside(by_result: dict[str, Row], kept: str, aside: str, domain: Domain) -> Note:
    """Return what decided between two results of one sample."""
    for column in RANKS:
        if by_result[kept][column] != by_result[aside][column]:
            own, others = (_rank_words(by_result[result][column]) for result in (aside, kept))
            return note(NoteCode.ANOTHER_STANDS, own=own, result=kept, others=others)
    own, others = (by_result[result]["timepoint"] for result in (aside, kept))
    known = all(by_result[result]["months"] for result in (aside, kept))
    earliest = domain.target_months is None and known
    code = NoteCode.EARLIEST_STANDS if earliest else NoteCode.ANOTHER_STANDS
    return note(code, own=own, result=kept, others=others)


def _rank_words(level: str) -> str:
    return level.replace("_", " ") if level else "not stated"
