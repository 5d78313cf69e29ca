"""What an effect assumes, in words, where the row does not print it."""

from __future__ import annotations

from taprev.effects.derivations import PrintedFigures
from taprev.extraction.tables import Row
from taprev.vocabulary import Choice, SdBasis

ALWAYS = {
    "z read as t": "z of a rank test is taken as t of the scores",
    "midpoint": "the estimate is not printed and is taken as the middle of its interval",
    "SE from p": "the standard error is taken from the printed p",
    "medians": "means and SDs are taken from medians and quartiles, as of normal scores",
}


def assumption(key: str, row: Row, figures: PrintedFigures) -> str:
    """Say one assumption in words, or nothing where the row prints what would have been assumed."""
    basis, printed_r = row["sd_basis"], bool(row["r_pre_post"])
    r = f"the correlation of before and after scores is taken as {figures['r']:g}"
    match key:
        case "r":
            return "" if printed_r else r
        case "basis" if basis in (SdBasis.CHANGE, SdBasis.RESIDUAL):
            return "" if printed_r else r
        case "basis":
            return "" if basis == "raw" else "the difference is taken to be one of raw scores"
        case "taken as g":
            return "" if basis == "raw" else "the printed effect size is taken as Hedges' g"
        case "taken as SMCR":
            return "" if basis == "raw" else "the printed effect size is taken to divide by the SD before"
        case "f of two arms":
            return "" if row["df1"] == "1" else "f is taken to compare the two arms (df1 = 1)"
        case "equal periods":
            both = row["time_arm1"] and row["time_arm2"]
            return "" if both else "the two periods are taken to be equally long"
        case "overdispersion":
            return f"events are taken to vary {figures['overdispersion']:g} times as much as a Poisson count"
    return ALWAYS[key]


def leans_on(keys: tuple[str, ...], row: Row) -> tuple[str, ...]:
    """Return the assumptions of the settings, by name, on which the effect of a row rests."""
    changed = row["sd_basis"] in (SdBasis.CHANGE, SdBasis.RESIDUAL)
    rests = {
        Choice.R_PRE_POST: not row["r_pre_post"] and ("r" in keys or ("basis" in keys and changed)),
        Choice.ICC: row["unit_of_allocation"] == "cluster" and bool(row["cluster_size"]) and not row["icc"],
        Choice.OVERDISPERSION: "overdispersion" in keys,
    }
    return tuple(name for name, needed in rests.items() if needed)
