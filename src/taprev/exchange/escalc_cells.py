"""A row under the names of metafor's `escalc` as cells of outcomes.csv: counts or means, else its effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from taprev.exchange.rows import whole
from taprev.exchange.typed_figures import ABOVE_ZERO, ANY_NUMBER, CORRELATION, EMPTY_IT, FigureRule, whole_from
from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, RatioKind, Scale, Statistic

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


OF_SCALES: Mapping[str, str] = {
    Scale.SMD: "SMD",
    Scale.MD: "MD",
    Scale.FISHER_Z: "ZCOR",
    Scale.LOG_ODDS_RATIO: "OR",
    Scale.LOG_RISK_RATIO: "RR",
    Scale.LOG_HAZARD_RATIO: "HR",
    Scale.LOG_RATE_RATIO: "IRR",
    Scale.LOG_RATIO: "ROM",
}
"""The measure of each scale, as taprev exports effects."""
EFFECT = ("yi", "vi", "se", "ci_lb", "ci_ub")
ARMS_OF_EVENTS = (("arm1", "ai", "bi", "n1i"), ("arm2", "ci", "di", "n2i"))
ARMS_OF_MEANS = (("arm1", "m1i", "sd1i", "n1i"), ("arm2", "m2i", "sd2i", "n2i"))
OF_METAFOR: Mapping[str, str] = {
    **{mean: f"mean_{arm}" for arm, mean, _, _ in ARMS_OF_MEANS},
    **{sd: f"sd_{arm}" for arm, _, sd, _ in ARMS_OF_MEANS},
    **{n: f"n_{arm}" for arm, _, _, n in ARMS_OF_MEANS},
    **{events: f"event_{arm}" for arm, events, *_ in ARMS_OF_EVENTS},
    **{"ri": "pearson_r", "ni": "n_arm1", "sei": "se"},
}
"""The columns of outcomes.csv by the names that metafor has for them."""


def _of_events(measure: GivenMeasure) -> bool:
    return measure.ratio in (RatioKind.ODDS, RatioKind.RISK)


def _of_means(measure: GivenMeasure) -> bool:
    return measure.given in (GivenEffect.SMD, GivenEffect.MD)


def figure_rules(measures: Iterable[GivenMeasure]) -> dict[str, FigureRule]:
    """Return the rule of each column of figures, by the names of escalc; means need two people in an arm."""
    people = whole_from(2 if all(map(_of_means, measures)) else 1)
    return {
        **dict.fromkeys(("yi", "ci_lb", "ci_ub", "m1i", "m2i"), ANY_NUMBER),
        **dict.fromkeys(("vi", "se", "sd1i", "sd2i"), ABOVE_ZERO),
        **dict.fromkeys(("ai", "bi", "ci", "di"), whole_from(0)),
        **dict.fromkeys(("n1i", "n2i"), people),
        "ri": CORRELATION,
        "ni": whole_from(2),
    }


def impossible_rows(path: Path, rows: Iterable[tuple[int, Row]], names: Mapping[str, str]) -> Iterator[str]:
    """Yield every row whose figures contradict one another; `names` has the column of each name of escalc."""
    pairs = (("ci_ub", "ci_lb"), ("n1i", "ai"), ("n2i", "ci"))
    what = ("the upper end of the interval, not above the lower one", "people, fewer than", "people, fewer than")
    for number, row in rows:
        for (larger, smaller), words in zip(pairs, what, strict=True):
            more, less = (row.get(names.get(name, ""), "") for name in (larger, smaller))
            wrong = more and less and (float(more) < float(less) or (larger == "ci_ub" and float(more) == float(less)))
            if wrong:
                found = f'found "{more}", {words} ("{less}" in the column {names[smaller]}).'
                yield Problem(path.as_posix(), number, "", "", names[larger], found, EMPTY_IT).sentence()


def cells_of_row(row: Row, measure: GivenMeasure) -> dict[str, str] | None:
    """Return the cells of a row: its counts or means where the measure can be made of them, else its effect."""
    if _of_events(measure) and (made := _events(row, measure)):
        return made
    if _of_means(measure) and (made := _means(row)):
        return made
    if measure.given == GivenEffect.FISHER_Z and row.get("ri") and whole(row.get("ni", "")):
        return {"statistic": Statistic.CORRELATION, "pearson_r": row["ri"], "n_arm1": whole(row["ni"])}
    return _effect(row, measure)


def lacking(row: Row, names: Mapping[str, str], measure: GivenMeasure) -> str:
    """Return why a row gives no effect of a measure: the columns that are empty in it, or that none is there."""
    of_arms = ARMS_OF_EVENTS if _of_events(measure) else ARMS_OF_MEANS if _of_means(measure) else ()
    used = (*(name for arm in of_arms for name in arm[1:]), *EFFECT)
    used = (*used, "ri", "ni") if measure.given == GivenEffect.FISHER_Z else used
    empty = [names[name] for name in used if name in names and not row.get(name)]
    return (
        f"nothing in the column{'s' * (len(empty) > 1)} {', '.join(empty)}"
        if empty
        else "it has no columns that give this measure"
    )


def _events(row: Row, measure: GivenMeasure) -> dict[str, str] | None:
    made: dict[str, str] = {"statistic": Statistic.EVENTS, "ratio_kind": measure.ratio}
    for arm, event, other, n in ARMS_OF_EVENTS:
        events = whole(row.get(event, ""))
        total = whole(row.get(n, "")) or (events and whole(row.get(other, "")) and str(int(events) + int(row[other])))
        if not events or not total or not 0 <= int(events) <= int(total) or int(total) < 1:
            return None
        made |= {f"event_{arm}": events, f"totaln_{arm}": total}
        made |= {f"n_{arm}": total} if int(total) > 1 else {}
    return made


def _means(row: Row) -> dict[str, str] | None:
    made: dict[str, str] = {"statistic": Statistic.MEANS}
    for arm, mean, sd, n in ARMS_OF_MEANS:
        people = whole(row.get(n, ""))
        if not row.get(mean) or not row.get(sd) or not people:
            return None
        made |= {f"mean_{arm}": row[mean], f"sd_{arm}": row[sd], f"n_{arm}": people}
    return made


def _effect(row: Row, measure: GivenMeasure) -> dict[str, str] | None:
    if not row.get("yi"):
        return None
    made: dict[str, str] = {"statistic": Statistic.EFFECT, "effect_measure": measure.given, "ratio_kind": measure.ratio}
    made |= {"yi": repr(float(row["yi"])) if "e" in row["yi"].casefold() else row["yi"]}
    made |= {f"n_{arm}": n for arm, name in (("arm1", "n1i"), ("arm2", "n2i")) if (n := whole(row.get(name, "")))}
    if row.get("vi"):
        return {**made, "vi": row["vi"]}
    if row.get("se"):
        return {**made, "se": row["se"]}
    if row.get("ci_lb") and row.get("ci_ub"):
        se = (float(row["ci_ub"]) - float(row["ci_lb"])) / (2 * Z)
        return {
            **made,
            "se": repr(se),
            "note": f"SE from the interval {row['ci_lb']} to {row['ci_ub']}, read as of 95 %.",
        }
    return None
