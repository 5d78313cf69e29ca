"""The figures of a row as numbers, and how many of its people count in the pool."""

from __future__ import annotations

import math
from dataclasses import dataclass

from taprev.effects.derivations import Derivation, PrintedFigures
from taprev.extraction.interval_level import level_of
from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions
from taprev.vocabulary import Contrast, Pairing, SdBasis, Stated

COUNTED = ("n", "event", "totaln", "count", "time")


@dataclass(frozen=True)
class Shares:
    """By how much the people of each arm are divided before the formula is applied; 1 if each of them counts.

    Clusters divide both arms by the design effect; a control group that serves several arms divides only arm 2.
    """

    arm1: float = 1.0
    arm2: float = 1.0


def family(row: Row) -> str:
    """Return `paired`, `partial` or `parallel` for a row's contrast.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.

    Returns
    -------
    str
        `paired` for the same people measured twice, `partial` for people matched in part or not said to be matched,
        `parallel` for two groups.
    """
    if row["contrast"] != Contrast.BEFORE_AFTER or row["pairing"] == Pairing.UNMATCHED:
        return "parallel"
    return "paired" if row["pairing"] == Pairing.MATCHED else "partial"


def as_independent(row: Row) -> bool:
    """Return whether before and after of the same people were analysed as if they were different people.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.

    Returns
    -------
    bool
        Only where the cell `allows_for_repeated_measures` says no.
    """
    return family(row) == "paired" and row.get("allows_for_repeated_measures") == Stated.NO


def figures_of(row: Row, chosen: Derivation, assumptions: Assumptions, shares: Shares) -> PrintedFigures:
    """Return the figures that a derivation takes from a row, with what is assumed for those that are not printed.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    chosen : Derivation
        The derivation that the row takes.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    shares : Shares
        By how much `n_arm1`, `n_arm2`, events, totals, counts and person-time are divided.

    Returns
    -------
    dict of str to float
        The figures by name. `people_arm1` and `people_arm2` are the people analysed and are not divided; `factor`
        turns the t of changes or residuals into that of raw scores, `to_pairs` one of independent samples into a paired
        one.
    """
    figures = {name: float(row[name]) for name in (*chosen.figures, *chosen.sizes)}
    people = figure(row, "n_arm1") or math.nan
    others = figure(row, "n_arm2")
    printed_r = figure(row, "r_pre_post")
    r = assumptions.r_pre_post.value if printed_r is None else printed_r
    figures |= {
        "r": r,
        "factor": _factor(row["sd_basis"], r),
        "to_pairs": 1 / math.sqrt(1 - r) if as_independent(row) else 1.0,
        "error_df": _error_df(row, people, others),
        "level": level_of(row) / 100,
        "overdispersion": assumptions.overdispersion.value,
        "time_arm1": figure(row, "time_arm1") or 1.0,
        "time_arm2": figure(row, "time_arm2") or 1.0,
        "people_arm1": people,
        "people_arm2": math.nan if others is None else others,
    }
    for arm, share in (("arm1", shares.arm1), ("arm2", shares.arm2)):
        if share != 1.0:
            figures |= {f"{n}_{arm}": figures[f"{n}_{arm}"] / share for n in COUNTED if f"{n}_{arm}" in figures}
    return figures


def _error_df(row: Row, people: float, others: float | None) -> float:
    """Return the degrees of freedom of a printed difference; infinite where the n of a group is not printed."""
    if as_independent(row):
        others = people
    df = (
        people - 1
        if family(row) == "paired" and not as_independent(row)
        else people + (math.nan if others is None else others) - 2
    )
    return math.inf if math.isnan(df) else df


def _factor(basis: str, r: float) -> float:
    if basis == SdBasis.CHANGE:
        return math.sqrt(2 * (1 - r))
    return math.sqrt(1 - r**2) if basis == SdBasis.RESIDUAL else 1.0
