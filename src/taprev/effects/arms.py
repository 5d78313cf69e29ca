"""Ratios printed within each arm of a comparison, turned into the contrast between the arms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row

ONE_ARM = "a change within one arm of a comparison, printed without the other arm's"


def contrasts_of_arms(rows: list[EffectRow], extracted: list[Row]) -> list[EffectRow]:
    """Give the programme's row the ratio of both arms' ratios; the comparator's row is shown as its denominator.

    A figure within one arm whose other arm is not printed is shown and never pooled.
    """
    arms: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for position, row in enumerate(extracted):
        if row["arm"] and rows[position].yi is not None and rows[position].fate == "shown":
            arms[row["study"], row["sample"], row["timepoint"]][row["arm"]] = position
    rows = list(rows)
    for pair in arms.values():
        if set(pair) != {"programme", "comparator"}:
            for position in pair.values():
                rows[position] = replace(rows[position], poolable=False, votes=False, reason=ONE_ARM)
            continue
        programme, comparator = rows[pair["programme"]], rows[pair["comparator"]]
        rows[pair["programme"]] = _contrast(programme, comparator)
        why = f"the comparator arm's own change, which is the denominator of {programme.result}"
        rows[pair["comparator"]] = replace(comparator, poolable=False, votes=False, reason=why)
    return rows


def _contrast(programme: EffectRow, comparator: EffectRow) -> EffectRow:
    assumptions = [part for part in programme.assumptions.split("; ") if not part.startswith("rounding")]
    return replace(
        programme,
        outcome=f"{programme.outcome}, divided by {comparator.result}",
        yi=programme.yi - comparator.yi,
        vi=programme.vi + comparator.vi,
        derivation="log ratio of the ratios within each arm",
        assumptions="; ".join(assumptions),
    )
