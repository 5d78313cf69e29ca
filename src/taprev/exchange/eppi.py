"""The JSON export of EPPI-Reviewer: outcomes with their data, and the passages of the source that codes stand on.

What a number of an outcome is, its description says (`Data3Desc`: Group 1 mean); the order is not relied on. Passages
are attached to codes and not to numbers: those of an outcome's own codes become its quote, all are kept in a table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, NamedResult, assembled
from taprev.exchange.eppi_outcomes import Part, cells_of_outcome, data_in_words, parts_in, text_in
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.tabular import decoded
from taprev.vocabulary import Statistic

NAME = "EPPI-Reviewer JSON"
REFERENCES, CODE_SETS = "References", "CodeSets"


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
        raise ValueError(f"{path}: the JSON in it is incomplete. Export it again.") from None
    references = parts_in(whole_file, REFERENCES) if isinstance(whole_file, dict) else []
    if not references:
        raise ValueError(f"{path}: the file has no list of references, as an export of EPPI-Reviewer has.")
    codes = {str(k): v for k, v in _codes(whole_file.get(CODE_SETS) or [])}
    named = _by_name(references)
    results, without = _results(named, codes, path)
    passages = [(name, *one) for name, reference in named.items() for one in _passages(reference, codes)]
    events = {one.domain for one in results if one.cells["statistic"] == Statistic.EVENTS}
    return assembled(
        Gathered(
            format=NAME,
            path=path,
            results=results,
            domains={one.domain: ReadDomain(one.domain, one.domain, event=one.domain in events) for one in results},
            studies={name: {"year": _year(reference)} for name, reference in named.items()},
            reports={name: _report(reference) for name, reference in named.items()},
            remarks=tuple(remarks),
            kept=(
                KeptTable("passages", ("study", "code", "text", "document"), tuple(passages), "passages behind codes"),
                KeptTable("outcomes", ("study", "outcome", "type", "data"), tuple(without), "outcomes without a place"),
            ),
        )
    )


def _by_name(references: Sequence[Part]) -> dict[str, Part]:
    """Return the references by a name that each has alone."""
    named: dict[str, Part] = {}
    for reference in references:
        item = text_in(reference, "ItemId")
        name = text_in(reference, "ShortTitle") or text_in(reference, "Title") or item
        named[name if name not in named else f"{name} (item {item})"] = reference
    return named


def _year(reference: Part) -> str:
    year = text_in(reference, "Year")
    return year if re.fullmatch(r"\d{4}", year) else ""


def _report(reference: Part) -> dict[str, str]:
    parts = (text_in(reference, "Title"), text_in(reference, "ParentTitle"), text_in(reference, "Year"))
    return {"citation": ". ".join(filter(None, parts)), "doi": text_in(reference, "DOI")}


def _results(
    named: Mapping[str, Part], codes: Mapping[str, str], path: Path
) -> tuple[list[NamedResult], list[tuple[str, ...]]]:
    """Return the outcomes that have figures, and what the others have."""
    results: list[NamedResult] = []
    without: list[tuple[str, ...]] = []
    for name, reference in named.items():
        passages = list(_passages(reference, codes))
        for outcome in parts_in(reference, "Outcomes"):
            if (cells := cells_of_outcome(outcome)) is None:
                what = text_in(outcome, "Title"), text_in(outcome, "OutcomeTypeName")
                without.append((name, *what, data_in_words(outcome)))
                continue
            told = _told(outcome, passages, path)
            domain = text_in(outcome, "OutcomeText") or text_in(outcome, "Title") or "outcome"
            key = text_in(outcome, "OutcomeId") or told["measure"]
            results.append(NamedResult(name, f"{name} {key}", domain, {**cells, **told}))
    return results, without


def _codes(sets: object) -> Iterator[tuple[str, str]]:
    """Yield the identifier and the name of every code, however deep it stands."""
    left = [sets]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if "AttributeId" in part:
                yield str(part["AttributeId"]), text_in(part, "AttributeName")
            left += part.values()
        elif isinstance(part, list):
            left += part


def _passages(reference: Part, codes: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for code in parts_in(reference, "Codes"):
        name = codes.get(text_in(code, "AttributeId"), text_in(code, "AttributeId"))
        if text_in(code, "AdditionalText"):
            yield name, text_in(code, "AdditionalText"), ""
        for passage in parts_in(code, "ItemAttributeFullTextDetails"):
            yield name, text_in(passage, "Text"), text_in(passage, "DocTitle")


def _told(outcome: Part, passages: Sequence[tuple[str, str, str]], path: Path) -> dict[str, str]:
    own = {text_in(code, "AttributeName") for code in _of_outcome(outcome)}
    quotes = [text for code, text, document in passages if code in own and document]
    time = f"{text_in(outcome, 'ItemTimepointValue')} {text_in(outcome, 'ItemTimepointMetric')}".strip()
    return {
        "measure": text_in(outcome, "Title") or text_in(outcome, "OutcomeText") or "outcome",
        "timepoint": time,
        "group_arm1": text_in(outcome, "grp1ArmName"),
        "group_arm2": text_in(outcome, "grp2ArmName"),
        "note": text_in(outcome, "OutcomeDescription"),
        "source_quote": " | ".join(quotes),
        "location": f"{path.name}, outcome {text_in(outcome, 'OutcomeId')}",
    }


def _of_outcome(outcome: Part) -> list[Part]:
    codes = outcome.get("OutcomeCodes")
    return (
        parts_in(codes, "OutcomeItemAttributesList") if isinstance(codes, dict) else parts_in(outcome, "OutcomeCodes")
    )
