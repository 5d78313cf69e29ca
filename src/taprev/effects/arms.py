"""Ratios printed within each arm of a comparison, turned into the contrast between the arms."""

from __future__ import annotations

from collections import defaultdict

from taprev.effects.derive import Effect, derive
from taprev.effects.rounding import rounding_note
from taprev.effects.rows import EffectRow, changed
from taprev.extraction.tables import Row
from taprev.settings import Assumptions

ONE_ARM = "a change within one arm of a comparison, which no figure of the other arm makes a contrast"


def contrasts_of_arms(
    rows: list[EffectRow], extracted: list[Row], scale: str, assumptions: Assumptions
) -> list[EffectRow]:
    """Give the programme's row the ratio of both arms' ratios; the comparator's row becomes a part of it.

    A figure within one arm whose other arm is not printed, or that is no ratio, is shown and never pooled. A
    comparator arm's own change has no vote.
    """
    arms: dict[tuple[str, ...], list[int]] = defaultdict(list)
    rows = list(rows)
    for position, row in enumerate(extracted):
        if row["arm"] == "comparator":
            rows[position] = changed(rows[position], votes=False)
        if row["arm"] and rows[position].fate == "shown":
            arms[row["study"], row["sample"], row["timepoint"], rows[position].scale].append(position)
    for positions in arms.values():
        named = {extracted[position]["arm"]: position for position in positions}
        if len(positions) == 2 and len(named) == 2 and rows[positions[0]].scale.startswith("log_"):
            programme, comparator = named["programme"], named["comparator"]
            effects = [derive(extracted[p], scale, assumptions) for p in (programme, comparator)]
            rows[programme] = _contrast(rows[programme], rows[comparator], *effects)
            why = f"the comparator arm's own change, a part of {rows[programme].result}"
            rows[comparator] = changed(rows[comparator], part_of=rows[programme].result, reason=why)
        else:
            for position in positions:
                rows[position] = changed(rows[position], never_pooled=ONE_ARM, reason=ONE_ARM)
    return rows


def _contrast(row: EffectRow, comparator: EffectRow, one: Effect, other: Effect) -> EffectRow:
    vi = one.vi + other.vi
    reach = (
        one.reach[0] - other.reach[1],
        one.reach[1] - other.reach[0],
        one.reach[2] + other.reach[2],
        one.reach[3] + other.reach[3],
    )
    said = [note for note in (*one.assumptions, *other.assumptions) if "rounded" not in note and "rounding" not in note]
    notes = [*dict.fromkeys(said), rounding_note(vi, reach)]
    return changed(
        row,
        outcome=f"{row.outcome}, divided by {comparator.result}",
        yi=one.yi - other.yi,
        vi=vi,
        derivation="log ratio of the ratios within each arm",
        assumptions="; ".join(note for note in notes if note),
        leans_on=" ".join(dict.fromkeys((*one.leans_on, *other.leans_on))),
    )
