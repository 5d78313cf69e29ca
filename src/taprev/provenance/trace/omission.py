"""What the pooled numbers of a domain would be without one row."""

from __future__ import annotations

from taprev.effects.fates import effect_rows, settled_pools
from taprev.effects.rows import EffectRow, changed
from taprev.extraction.tables import Row
from taprev.settings import Settings
from taprev.synthesis.result import Fit
from taprev.synthesis.strata import combined_strata, strata

Where = tuple[tuple[str, ...], str, int]
"""Where a stratum stands, whatever its name: its contrasts, its scale, and which way is better."""


def fits(domain: str, rows: list[EffectRow], settings: Settings) -> dict[Where, Fit]:
    """Return what the rows of a domain pool, stratum by stratum."""
    made = [*strata(domain, rows, settings, alone=True), *combined_strata(domain, rows, settings, alone=True)]
    return {(one.contrasts, one.scale, one.favours_sign): one.fit for one in made if one.fit}


def without(
    domain: str, result: str, rows: list[EffectRow], outcomes: list[Row], studies: dict[str, Row],
    settings: Settings, bias: dict[str, str],
) -> list[EffectRow]:  # fmt: skip
    """Return the effect rows of a domain as they would be without one result.

    `rows` are the effect rows as they are and `outcomes` the extracted rows of the domain. Another result of the
    same study may take the place of the one left out; which result stands for a sample rests on its study alone.
    """
    study = next(row.study for row in rows if row.result == result)
    own = [row for row in outcomes if row["study"] == study and row["result"] != result]
    anew = {row.result: row for row in effect_rows(domain, own, studies, settings, bias)}
    kept = [anew.get(row.result, row) for row in rows if row.result != result]
    return settled_pools([_unsettled(row) for row in kept])


def _unsettled(row: EffectRow) -> EffectRow:
    return changed(row, fate="shown", reason="") if row.poolable and row.fate == "pooled" else row
