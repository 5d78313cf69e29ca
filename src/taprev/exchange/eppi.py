"""The JSON export of EPPI-Reviewer: outcomes with their data, and the passages of the source that codes stand on.

What a number of an outcome is, its description says (`Data3Desc`: Group 1 mean); the order is not relied on. Passages
are attached to codes and not to numbers: those of an outcome's own codes become its quote, all are kept in a table.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, NamedResult, assembled
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.revman_rows import whole
from taprev.exchange.tabular import decoded
from taprev.vocabulary import GivenEffect, RatioKind, Statistic

Part = Mapping[str, object]
"""A part of the file: an object of its JSON."""

NAME = "EPPI-Reviewer JSON"
REFERENCES, CODE_SETS = "References", "CodeSets"
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


def is_eppi(head: bytes) -> bool:
    """Return whether a file begins as an export of EPPI-Reviewer."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and (
        f'"{CODE_SETS}"'.encode() in head or f'"{REFERENCES}"'.encode() in head
    )


def read_eppi(path: Path, answers: Answers) -> Imported:
    """Return the outcomes of an export; ValueError where the file is cut off, or has no references."""
    text, remarks = decoded(path, path.read_bytes())
    try:
        whole_file = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError(f"{path}: the file is no whole JSON. Export it anew.") from None
    references = _parts(whole_file, REFERENCES) if isinstance(whole_file, dict) else []
    if not references:
        raise ValueError(f"{path}: the file has no list of references, as an export of EPPI-Reviewer has.")
    codes = {str(k): v for k, v in _codes(whole_file.get(CODE_SETS) or [])}
    results: list[NamedResult] = []
    without: list[tuple[str, ...]] = []
    passages: list[tuple[str, ...]] = []
    studies: dict[str, dict[str, str]] = {}
    reports: dict[str, dict[str, str]] = {}
    for reference in references:
        name = _text(reference, "ShortTitle") or _text(reference, "Title") or _text(reference, "ItemId")
        name = name if name not in studies else f"{name} (item {_text(reference, 'ItemId')})"
        year = _text(reference, "Year")
        studies[name] = {"year": year if re.fullmatch(r"\d{4}", year) else ""}
        cited = ". ".join(filter(None, (_text(reference, "Title"), _text(reference, "ParentTitle"), year)))
        reports[name] = {"citation": cited, "doi": _text(reference, "DOI")}
        own = list(_passages(reference, codes))
        passages += [(name, *one) for one in own]
        for outcome in _parts(reference, "Outcomes"):
            cells = _cells(outcome)
            if cells is None:
                without.append((name, _text(outcome, "Title"), _text(outcome, "OutcomeTypeName"), _data(outcome)))
                continue
            told = _told(outcome, own, path)
            domain = _text(outcome, "OutcomeText") or _text(outcome, "Title") or "outcome"
            results.append(NamedResult(name, _text(outcome, "OutcomeId") or told["measure"], domain, {**cells, **told}))
    events = {one.domain for one in results if one.cells["statistic"] == Statistic.EVENTS}
    return assembled(
        Gathered(
            format=NAME,
            path=path,
            results=results,
            domains={one.domain: ReadDomain(one.domain, one.domain, event=one.domain in events) for one in results},
            studies=studies,
            reports=reports,
            remarks=tuple(remarks),
            kept=(
                KeptTable("passages", ("study", "code", "text", "document"), tuple(passages), "passages behind codes"),
                KeptTable("outcomes", ("study", "outcome", "type", "data"), tuple(without), "outcomes without a place"),
            ),
        )
    )


def _text(part: Part, name: str) -> str:
    value = part.get(name)
    return "" if value is None else " ".join(str(value).split())


def _parts(part: Part, name: str) -> list[Part]:
    """Return a list of objects by its name; none where it is no such list."""
    value = part.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _codes(sets: object) -> Iterator[tuple[str, str]]:
    """Yield the identifier and the name of every code, however deep it stands."""
    left = [sets]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if "AttributeId" in part:
                yield str(part["AttributeId"]), _text(part, "AttributeName")
            left += part.values()
        elif isinstance(part, list):
            left += part


def _passages(reference: Part, codes: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for code in _parts(reference, "Codes"):
        name = codes.get(_text(code, "AttributeId"), _text(code, "AttributeId"))
        if _text(code, "AdditionalText"):
            yield name, _text(code, "AdditionalText"), ""
        for passage in _parts(code, "ItemAttributeFullTextDetails"):
            yield name, _text(passage, "Text"), _text(passage, "DocTitle")


def _figures(outcome: Part) -> dict[str, str]:
    """Return the data of an outcome by what their descriptions say they are."""
    made: dict[str, str] = {}
    for number in range(1, MOST_DATA + 1):
        described, value = _text(outcome, f"Data{number}Desc"), _text(outcome, f"Data{number}")
        name = next((name for pattern, name in DESCRIBED if pattern.search(described)), "")
        if name and value and name not in made:
            made[name] = value
    return made


def _data(outcome: Part) -> str:
    pairs = ((_text(outcome, f"Data{n}Desc"), _text(outcome, f"Data{n}")) for n in range(1, MOST_DATA + 1))
    return "; ".join(f"{described}: {value}" for described, value in pairs if described)


def _cells(outcome: Part) -> dict[str, str] | None:
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
        effect, se = float(_text(outcome, name) or 0), float(_text(outcome, error) or 0)
        if effect and se > 0:
            yi = math.log(effect) if given == GivenEffect.LOG_RATIO else effect
            made = {"statistic": Statistic.EFFECT, "effect_measure": given, "ratio_kind": kind}
            return {**made, "yi": repr(yi), "se": repr(se), "as_reported": f"{name} {effect:g}, SE {se:g}"}
    return None


def _told(outcome: Part, passages: Sequence[tuple[str, str, str]], path: Path) -> dict[str, str]:
    own = {_text(code, "AttributeName") for code in _of_outcome(outcome)}
    quotes = [text for code, text, document in passages if code in own and document]
    time = f"{_text(outcome, 'ItemTimepointValue')} {_text(outcome, 'ItemTimepointMetric')}".strip()
    return {
        "measure": _text(outcome, "Title") or _text(outcome, "OutcomeText") or "outcome",
        "timepoint": time,
        "group_arm1": _text(outcome, "grp1ArmName"),
        "group_arm2": _text(outcome, "grp2ArmName"),
        "note": _text(outcome, "OutcomeDescription"),
        "source_quote": " | ".join(quotes),
        "location": f"{path.name}, outcome {_text(outcome, 'OutcomeId')}",
    }


def _of_outcome(outcome: Part) -> list[Part]:
    codes = outcome.get("OutcomeCodes")
    return _parts(codes, "OutcomeItemAttributesList") if isinstance(codes, dict) else _parts(outcome, "OutcomeCodes")
