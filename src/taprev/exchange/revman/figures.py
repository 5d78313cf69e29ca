"""A row of RevMan as a row of outcomes.csv: its figures where the table has a place for them, else its direction."""

from __future__ import annotations

from taprev.exchange.direction import POINTS
from taprev.exchange.revman.review import Cells, RevManOutcome
from taprev.exchange.rows import whole
from taprev.vocabulary import GivenEffect, OutcomeKind, RatioKind, RevManMeasure, Statistic

ARMS = ("arm1", "arm2")


def figures_of(outcome: RevManOutcome, figures: Cells) -> dict[str, str] | None:
    """Return the cells of a result, or None where the file gives neither figures nor a direction."""
    made = {
        OutcomeKind.DICH: _events,
        OutcomeKind.CONT: _means,
        OutcomeKind.IV: _estimate,
        OutcomeKind.IPD: _observed,
        OutcomeKind.OTHER: _nothing,
    }[outcome.kind](outcome, figures)
    if made is None:
        return None
    printed = as_printed(outcome.kind, figures)
    if outcome.swapped and "event_arm1" in made:
        without = " v ".join(f"{made[f'event_{arm}']}/{made[f'totaln_{arm}']}" for arm in ARMS)
        printed = f"{printed} with the event, {without} without it"
    return {**_people(figures), **made, "as_reported": printed}


def as_printed(kind: OutcomeKind, figures: Cells) -> str:
    """Return the figures of a row as a person would copy them from the file."""
    if kind == OutcomeKind.DICH:
        return " v ".join(f"{figures.get(f'event_{arm}', '')}/{figures.get(f'n_{arm}', '')}" for arm in ARMS)
    if kind == OutcomeKind.CONT:
        parts = ("mean", "sd", "n")
        return " v ".join(", ".join(f"{part} {figures.get(f'{part}_{arm}', '')}" for part in parts) for arm in ARMS)
    if kind == OutcomeKind.IPD:
        return f"O-E {figures.get('o_e', '')}, variance {figures.get('variance', '')}"
    return f"estimate {figures.get('yi', '')}, SE {figures.get('se', '')}"


def _people(figures: Cells) -> dict[str, str]:
    """Return the numbers of people, where they are numbers that the table takes."""
    counted = {f"n_{arm}": whole(figures.get(f"n_{arm}", "")) for arm in ARMS}
    return {name: n for name, n in counted.items() if n and int(n) >= 2}


def _events(outcome: RevManOutcome, figures: Cells) -> dict[str, str] | None:
    cells = {}
    for arm in ARMS:
        event, total = whole(figures.get(f"event_{arm}", "")), whole(figures.get(f"n_{arm}", ""))
        if not event or not total or int(total) < 1 or not 0 <= int(event) <= int(total):
            return _share_points(outcome, figures)
        cells[f"event_{arm}"] = str(int(total) - int(event)) if outcome.swapped else event
        cells[f"totaln_{arm}"] = total
    kind = RatioKind.ODDS if outcome.measure.ratio_kind == RatioKind.ODDS else RatioKind.RISK
    return {"statistic": Statistic.EVENTS, "ratio_kind": kind, **cells}


def _share_points(outcome: RevManOutcome, figures: Cells) -> dict[str, str] | None:
    """Return the direction of events that are no whole numbers of people; None where an arm has none."""
    try:
        share1, share2 = (float(figures[f"event_{arm}"]) / float(figures[f"n_{arm}"]) for arm in ARMS)
    except (KeyError, ValueError, ZeroDivisionError):
        return None
    return _pointing((share1 - share2) * (-1 if outcome.swapped else 1))


def _means(outcome: RevManOutcome, figures: Cells) -> dict[str, str] | None:
    means = {f"mean_{arm}": figures.get(f"mean_{arm}", "") for arm in ARMS}
    sds = {f"sd_{arm}": figures.get(f"sd_{arm}", "") for arm in ARMS}
    if not all(means.values()):
        return None
    people = _people(figures)
    if len(people) == 2 and all(sd and float(sd) > 0 for sd in sds.values()):
        return {"statistic": Statistic.MEANS, **means, **sds}
    if all(not text or float(text) == 0 for text in (*means.values(), *sds.values())):
        return None
    return _pointing(float(means["mean_arm1"]) - float(means["mean_arm2"]))


def _estimate(outcome: RevManOutcome, figures: Cells) -> dict[str, str] | None:
    yi, se = figures.get("yi", ""), figures.get("se", "")
    if not yi:
        return None
    if not se or not float(se) > 0:
        return _pointing(float(yi))
    given, kind = given_effect(outcome)
    return {"statistic": Statistic.EFFECT, "yi": yi, "se": se, "effect_measure": given, "ratio_kind": kind}


def given_effect(outcome: RevManOutcome) -> tuple[GivenEffect, str]:
    """Return what an estimate of an outcome is, and what it compares where it is a ratio."""
    if outcome.ratio:
        return GivenEffect.LOG_RATIO, outcome.measure.ratio_kind or ""
    return (GivenEffect.SMD if outcome.measure == RevManMeasure.SMD else GivenEffect.MD), ""


def _observed(outcome: RevManOutcome, figures: Cells) -> dict[str, str] | None:
    """Return the log ratio (O - E)/V with its variance 1/V (Yusuf and others 1985)."""
    gap, variance = figures.get("o_e", ""), figures.get("variance", "")
    if not gap or not variance or not float(variance) > 0:
        return None
    V = float(variance)
    return {
        "statistic": Statistic.EFFECT,
        "yi": repr(float(gap) / V),
        "vi": repr(1 / V),
        "effect_measure": GivenEffect.LOG_RATIO,
        "ratio_kind": outcome.measure.ratio_kind or RatioKind.HAZARD,
    }


def _nothing(outcome: RevManOutcome, figures: Cells) -> None:
    return None


def _pointing(sign: float) -> dict[str, str]:
    return {"statistic": Statistic.DIRECTION, POINTS: repr(sign)}
