"""The figures of a row as numbers, and how many of its people count in the pool."""

from __future__ import annotations

import math
from dataclasses import dataclass

from taprev.effects.derivations import Derivation, PrintedFigures
from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions
from taprev.vocabulary import Pairing

COUNTED = ("n", "event", "totaln", "count", "time")


@dataclass(frozen=True)
class Shares:
    """By how much the people of each arm are divided before the formula; 1 where each of them counts.

    Clusters divide both arms by the design effect, a control group that serves several arms its own alone.
    """

    arm1: float = 1.0
    arm2: float = 1.0


def family(row: Row) -> str:
    """Return `paired`, `partial` or `parallel` for a row's contrast."""
    if row["contrast"] != "before_after":
        return "parallel"
    return {Pairing.MATCHED: "paired", Pairing.UNMATCHED: "parallel"}.get(row["pairing"], "partial")


def figures_of(row: Row, chosen: Derivation, assumptions: Assumptions, shares: Shares) -> PrintedFigures:
    """Return the figures that a derivation takes from a row, with what is assumed in place of what is not printed.

    `people_arm1` and `people_arm2` are the people analysed; `n_arm1`, `n_arm2`, events, totals, counts and
    person-time are divided by the shares.
    """
    figures = {name: float(row[name]) for name in (*chosen.figures, *chosen.sizes)}
    people = [figure(row, "n_arm1") or math.nan, figure(row, "n_arm2")]
    paired = family(row) == "paired" or people[1] is None
    r = figure(row, "r_pre_post")
    figures |= {
        "r": assumptions.r_pre_post.value if r is None else r,
        "basis": row["sd_basis"],
        "error_df": people[0] - 1 if paired else people[0] + people[1] - 2,
        "overdispersion": assumptions.overdispersion.value,
        "time_arm1": figure(row, "time_arm1") or 1.0,
        "time_arm2": figure(row, "time_arm2") or 1.0,
        "people_arm1": people[0],
        "people_arm2": math.nan if people[1] is None else people[1],
    }
    for arm, share in (("arm1", shares.arm1), ("arm2", shares.arm2)):
        if share != 1.0:
            figures |= {f"{n}_{arm}": figures[f"{n}_{arm}"] / share for n in COUNTED if f"{n}_{arm}" in figures}
    return figures
