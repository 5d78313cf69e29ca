"""What people judged of the certainty of evidence, and whether it still belongs to the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taprev.extraction.judgements import TABLE
from taprev.extraction.tables import Row, read_rows
from taprev.vocabulary import GradeDomain
from taprev.wording import labels, sentences

NOT_POOLED = "not pooled"


@dataclass(frozen=True)
class Judgement:
    """What was judged of one stratum, by whom and when; `number` is the pooled number as it then stood."""

    domain: str
    stratum: str
    number: str
    start: str
    concerns: dict[str, str]
    raised: int
    certainty: str
    reason: str
    judged_by: str
    judged_on: str


def judgements(extracted: Path) -> dict[tuple[str, str], Judgement]:
    """Return every judgement by domain and stratum."""
    rows = read_rows(extracted / TABLE)
    return {(row["domain"], row["stratum"]): _judgement(row) for row in rows}


def _judgement(row: Row) -> Judgement:
    return Judgement(
        row["domain"],
        row["stratum"],
        row["number"],
        row["start"],
        {name: row[name] for name in GradeDomain},
        int(row["raised"] or 0),
        row["certainty"],
        row["reason"],
        row["judged_by"],
        row["judged_on"],
    )


def number(stratum: Mapping[str, Any], tests: Iterable[Mapping[str, Any]]) -> str:
    """Return what a judgement is made of, as the evidence profile prints it: the pooled number, or the directions."""
    if stratum["fit"]:
        return sentences.number(stratum["fit"], stratum["scale"])
    own = [sentences.votes(test) for test in tests if test["contrast"] in stratum["contrasts"]]
    return "; ".join([NOT_POOLED, *own])


def same(judged: str, now: str) -> bool:
    """Return whether a number is the one that was judged; a hyphen counts as a minus sign."""
    then, there = (" ".join(text.replace(labels.MINUS, "-").split()) for text in (judged, now))
    return then == there
