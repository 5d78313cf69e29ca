"""Ratios printed within each arm of a comparison, turned into the contrast between the arms."""

from __future__ import annotations

from collections import defaultdict

from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.effects.rounding import rounding_note
from taprev.effects.rows import EffectRow, changed
from taprev.extraction.tables import Row
from taprev.notes import note, unique
from taprev.settings import Assumptions
from taprev.vocabulary import RATIOS, ROUNDING, Arm, Fate, NoteCode

ONE_ARM = note(NoteCode.CHANGE_WITHIN_ARM)


def contrasts_of_arms(
    rows: list[EffectRow], extracted: list[Row], scale: str, assumptions: Assumptions
) -> list[EffectRow]:
    """Give the programme's row the ratio of both arms' ratios; the comparator's row becomes a part of it.

    A ratio within one arm is shown and never pooled if the other arm is not printed; so is a figure that is not a
    ratio. The change of a comparator arm alone does not vote.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of a domain with their effects.
    extracted : list of Row
        The same rows as extracted, in the same order.
    scale : str
        The scale of the domain.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.

    Returns
    -------
    list of EffectRow
        The rows in the same order.
    """
    arms: dict[tuple[object, ...], list[int]] = defaultdict(list)
    rows = list(rows)
    for position, row in enumerate(extracted):
        if row["arm"] == Arm.COMPARATOR:
            rows[position] = changed(rows[position], votes=False)
        if row["arm"] and rows[position].fate == Fate.SHOWN:
            arms[row["study"], row["sample"], row["timepoint"], rows[position].scale].append(position)
    for positions in arms.values():
        named = {extracted[position]["arm"]: position for position in positions}
        if len(positions) == 2 and len(named) == 2 and rows[positions[0]].scale in RATIOS:
            programme, comparator = named[Arm.PROGRAMME], named[Arm.COMPARATOR]
            effect1, effect2 = (derive(extracted[p], scale, assumptions) for p in (programme, comparator))
            if isinstance(effect1, NoMagnitude) or isinstance(effect2, NoMagnitude):
                continue
            rows[programme] = _contrast(rows[programme], rows[comparator], effect1, effect2)
            why = note(NoteCode.PART_OF_CONTRAST, result=rows[programme].result)
            rows[comparator] = changed(rows[comparator], part_of=rows[programme].result, reason=why)
        else:
            for position in positions:
                within = {"never_pooled": ONE_ARM, "reason": ONE_ARM, "arm": extracted[position]["arm"]}
                rows[position] = changed(rows[position], **within)
    return rows


def _contrast(row: EffectRow, comparator: EffectRow, effect: Effect, other: Effect) -> EffectRow:
    vi = effect.vi + other.vi
    reach = (
        effect.reach[0] - other.reach[1],
        effect.reach[1] - other.reach[0],
        effect.reach[2] + other.reach[2],
        effect.reach[3] + other.reach[3],
    )
    assumed = unique(taken for taken in (*effect.assumptions, *other.assumptions) if taken.code not in ROUNDING)
    rounded = rounding_note(vi, reach)
    return changed(
        row,
        outcome=f"{row.outcome}, divided by {comparator.result}",
        yi=effect.yi - other.yi,
        vi=vi,
        derivation="log ratio of the ratios within each arm",
        assumptions=(*assumed, *((rounded,) if rounded else ())),
        leans_on=" ".join(dict.fromkeys((*effect.leans_on, *other.leans_on))),
    )
