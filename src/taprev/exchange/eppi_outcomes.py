"""The figures of an outcome of EPPI-Reviewer, by what their descriptions say they are."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from taprev.exchange.rows import whole
from taprev.vocabulary import GivenEffect, RatioKind, Statistic

Part = Mapping[str, object]
"""A part of the file: an object of its JSON."""

MOST_DATA = 14
DESCRIBED = (
    (re.compile(r"group 1 (?:n|size|sample)", re.I), "n_arm1"),
    (re.compile(r"group 2 (?:n|size|sample)", re.I), "n_arm2"),
    (re.compile(r"group 1 mean", re.I), "mean_arm1"),
    (re.compile(r"group 2 mean", re.I), "mean_arm2"),
    (re.compile(r"group 1 (?:sd|standard dev)", re.I), "sd_arm1"),
    (re.compile(r"group 2 (?:sd|standard dev)", re.I), "sd_arm2"),
    (re.compile(r"group 1 (?:se|standard err)", re.I), "se_arm1"),
    (re.compile(r"group 2 (?:se|standard err)", re.I), "se_arm2"),
    (re.compile(r"group 1 no events?", re.I), "none_arm1"),
    (re.compile(r"group 2 no events?", re.I), "none_arm2"),
    (re.compile(r"group 1 events?", re.I), "event_arm1"),
    (re.compile(r"group 2 events?", re.I), "event_arm2"),
    (re.compile(r"t[- ]value", re.I), "t"),
    (re.compile(r"p[- ]value", re.I), "p"),
    (re.compile(r"group\(?s?\)? size", re.I), "n"),
    (re.compile(r"correlation|^r\b", re.I), "pearson_r"),
)
GIVEN = (
    ("SMD", "SESMD", GivenEffect.SMD, ""),
    ("MeanDifference", "SEMeanDifference", GivenEffect.MD, ""),
    ("OddsRatio", "SEOddsRatio", GivenEffect.LOG_RATIO, RatioKind.ODDS),
    ("RiskRatio", "SERiskRatio", GivenEffect.LOG_RATIO, RatioKind.RISK),
)
MANUAL = 0


def text_in(part: Part, name: str) -> str:
    value = part.get(name)
    return "" if value is None else " ".join(str(value).split())


def parts_in(part: Part, name: str) -> list[Part]:
    """Return a list of objects by its name; none where it is no such list."""
    value = part.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _figures(outcome: Part) -> dict[str, str]:
    """Return the data of an outcome by what their descriptions say they are."""
    made: dict[str, str] = {}
    for number in range(1, MOST_DATA + 1):
        described, value = text_in(outcome, f"Data{number}Desc"), text_in(outcome, f"Data{number}")
        name = next((name for pattern, name in DESCRIBED if pattern.search(described)), "")
        if name and value and name not in made:
            made[name] = value
    return made


def data_in_words(outcome: Part) -> str:
    pairs = ((text_in(outcome, f"Data{n}Desc"), text_in(outcome, f"Data{n}")) for n in range(1, MOST_DATA + 1))
    return "; ".join(f"{described}: {value}" for described, value in pairs if described)


def cells_of_outcome(outcome: Part) -> dict[str, str] | None:
    """Return the figures of an outcome; None where its description does not say what they are."""
    try:
        figures = _figures(outcome)
        if outcome.get("OutcomeTypeId") == MANUAL:
            return _given(outcome)
        people = {arm: n for arm in ("n_arm1", "n_arm2") if (n := whole(figures.get(arm, ""))) and int(n) > 1}
        for way in (_means, _events, _tests):
            if made := way(figures):
                return {**people, **made}
    except (ValueError, TypeError):
        return None
    return None


def _means(figures: Mapping[str, str]) -> dict[str, str] | None:
    made: dict[str, str] = {"statistic": Statistic.MEANS}
    for arm in ("arm1", "arm2"):
        n, sd = whole(figures.get(f"n_{arm}", "")), figures.get(f"sd_{arm}", "")
        if not n or not figures.get(f"mean_{arm}"):
            return None
        if not sd and figures.get(f"se_{arm}"):
            sd = repr(float(figures[f"se_{arm}"]) * math.sqrt(int(n)))
            made["note"] = "SD from the standard error and n."
        if not sd or float(sd) <= 0:
            return None
        made |= {f"mean_{arm}": figures[f"mean_{arm}"], f"sd_{arm}": sd}
    return made


def _events(figures: Mapping[str, str]) -> dict[str, str] | None:
    made: dict[str, str] = {"statistic": Statistic.EVENTS, "ratio_kind": RatioKind.ODDS}
    for arm in ("arm1", "arm2"):
        events, none = whole(figures.get(f"event_{arm}", "")), whole(figures.get(f"none_{arm}", ""))
        if not events or not none or int(events) + int(none) < 1:
            return None
        made |= {f"event_{arm}": events, f"totaln_{arm}": str(int(events) + int(none))}
    return made


def _tests(figures: Mapping[str, str]) -> dict[str, str] | None:
    if figures.get("pearson_r") and whole(figures.get("n", "")):
        n = whole(figures["n"])
        return {"statistic": Statistic.CORRELATION, "pearson_r": figures["pearson_r"], "n_arm1": n}
    t, both = figures.get("t", ""), figures.get("n_arm1") and figures.get("n_arm2")
    return {"statistic": Statistic.T, "t": t} if t and float(t) and both else None


def _given(outcome: Part) -> dict[str, str] | None:
    """Return an effect that was typed in, with its standard error; ratios become logs."""
    for name, error, given, kind in GIVEN:
        effect, se = float(text_in(outcome, name) or 0), float(text_in(outcome, error) or 0)
        if effect and se > 0:
            yi = math.log(effect) if given == GivenEffect.LOG_RATIO else effect
            made = {"statistic": Statistic.EFFECT, "effect_measure": given, "ratio_kind": kind}
            return {**made, "yi": repr(yi), "se": repr(se), "as_reported": f"{name} {effect:g}, SE {se:g}"}
    return None
