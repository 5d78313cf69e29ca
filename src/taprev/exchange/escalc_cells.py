"""A row under the names of metafor's `escalc` as cells of outcomes.csv: counts or means, else its effect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taprev.exchange.rows import whole
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, RatioKind, Statistic

Z = 1.959963984540054
"""The normal quantile of an interval of 95 percent."""


@dataclass(frozen=True)
class GivenMeasure:
    """What a person says that effects are: the word of the codebook, and what a ratio compares."""

    given: GivenEffect
    ratio: str = ""


MEASURES = {
    "SMD": GivenMeasure(GivenEffect.SMD),
    "MD": GivenMeasure(GivenEffect.MD),
    "OR": GivenMeasure(GivenEffect.LOG_RATIO, RatioKind.ODDS),
    "RR": GivenMeasure(GivenEffect.LOG_RATIO, RatioKind.RISK),
    "HR": GivenMeasure(GivenEffect.LOG_RATIO, RatioKind.HAZARD),
    "IRR": GivenMeasure(GivenEffect.LOG_RATIO, RatioKind.RATE),
    "ROM": GivenMeasure(GivenEffect.LOG_RATIO),
    "ZCOR": GivenMeasure(GivenEffect.FISHER_Z),
}


def cells_of_row(row: Row, measure: GivenMeasure, path: Path, number: int) -> dict[str, str] | None:
    """Return the cells of a row: its counts or means where the measure can be made of them, else its effect."""
    try:
        if measure.ratio in (RatioKind.ODDS, RatioKind.RISK) and (made := _events(row, measure)):
            return made
        if measure.given in (GivenEffect.SMD, GivenEffect.MD) and (made := _means(row)):
            return made
        if measure.given == GivenEffect.FISHER_Z and row.get("ri") and whole(row.get("ni", "")):
            return {"statistic": Statistic.CORRELATION, "pearson_r": row["ri"], "n_arm1": whole(row["ni"])}
        return _effect(row, measure)
    except ValueError:
        raise ValueError(f"{path}: row {number} has a cell that is no number. Correct it, or leave it empty.") from None


def _events(row: Row, measure: GivenMeasure) -> dict[str, str] | None:
    made: dict[str, str] = {"statistic": Statistic.EVENTS, "ratio_kind": measure.ratio}
    for arm, event, other, n in (("arm1", "ai", "bi", "n1i"), ("arm2", "ci", "di", "n2i")):
        events = whole(row.get(event, ""))
        total = whole(row.get(n, "")) or (events and whole(row.get(other, "")) and str(int(events) + int(row[other])))
        if not events or not total or not 0 <= int(events) <= int(total) or int(total) < 1:
            return None
        made |= {f"event_{arm}": events, f"totaln_{arm}": total}
        made |= {f"n_{arm}": total} if int(total) > 1 else {}
    return made


def _means(row: Row) -> dict[str, str] | None:
    made: dict[str, str] = {"statistic": Statistic.MEANS}
    for arm, mean, sd, n in (("arm1", "m1i", "sd1i", "n1i"), ("arm2", "m2i", "sd2i", "n2i")):
        people = whole(row.get(n, ""))
        if not row.get(mean) or not row.get(sd) or not people or float(row[sd]) <= 0 or int(people) < 2:
            return None
        made |= {f"mean_{arm}": row[mean], f"sd_{arm}": row[sd], f"n_{arm}": people}
    return made


def _effect(row: Row, measure: GivenMeasure) -> dict[str, str] | None:
    if not row.get("yi"):
        return None
    made: dict[str, str] = {"statistic": Statistic.EFFECT, "effect_measure": measure.given, "ratio_kind": measure.ratio}
    made |= {"yi": repr(float(row["yi"])) if "e" in row["yi"].casefold() else row["yi"]}
    made |= {f"n_{arm}": n for arm, name in (("arm1", "n1i"), ("arm2", "n2i")) if (n := whole(row.get(name, "")))}
    if row.get("vi") and float(row["vi"]) > 0:
        return {**made, "vi": row["vi"]}
    if row.get("se") and float(row["se"]) > 0:
        return {**made, "se": row["se"]}
    if row.get("ci_lb") and row.get("ci_ub") and float(row["ci_ub"]) > float(row["ci_lb"]):
        se = (float(row["ci_ub"]) - float(row["ci_lb"])) / (2 * Z)
        return {
            **made,
            "se": repr(se),
            "note": f"SE from the interval {row['ci_lb']} to {row['ci_ub']}, read as of 95 %.",
        }
    return None
