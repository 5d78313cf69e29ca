"""What people judged of the certainty of evidence, and whether it still belongs to the number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.judgements import TABLE
from taprev.extraction.tables import Row, read_rows
from taprev.synthesis.results import SignTest, Stratum
from taprev.vocabulary import CertaintyLevel, Concern, GradeDomain
from taprev.wording import estimates, labels, sentences

NOT_POOLED = "not pooled"


@dataclass(frozen=True)
class Judgement:
    """What was judged of one stratum, by whom and when; `number` is the pooled number as it then stood."""

    domain: str
    stratum: str
    number: str
    start: CertaintyLevel
    concerns: dict[GradeDomain, Concern]
    raised: int
    certainty: CertaintyLevel
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
        CertaintyLevel(row["start"]),
        {domain: Concern(row[domain]) for domain in GradeDomain},
        int(row["raised"] or 0),
        CertaintyLevel(row["certainty"]),
        row["reason"],
        row["judged_by"],
        row["judged_on"],
    )


def number(stratum: Stratum, tests: Iterable[SignTest]) -> str:
    """Return what is judged, as the evidence profile prints it: the pooled number, or the directions."""
    if stratum.fit:
        return sentences.number(stratum.fit, estimates.style(stratum))
    own = [sentences.votes(test.votes) for test in tests if test.contrast in stratum.contrasts]
    return "; ".join([NOT_POOLED, *own])


def same(judged: str, stratum: Stratum, tests: Iterable[SignTest]) -> bool:
    """Return whether a number is the one that was judged; a hyphen counts as a minus sign.

    A pooled number is compared with as many decimals as the judgement gives, so that a judgement does not lapse when
    numbers are printed with other digits; fewer than two are too few where the number has more.
    """
    now, then = number(stratum, tests), _plain(judged)
    given = re.match(r"-?<?\d+(?:\.(\d+))? \[", then)
    fit = stratum.fit
    if then == _plain(now) or fit is None or given is None:
        return then == _plain(now)
    digits = len(given.group(1) or "")
    has = estimates.decimals(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
    parts = estimates.at_decimals(digits, fit.estimate, fit.ci_lb, fit.ci_ub, stratum.scale)
    return digits >= min(has, estimates.USUAL) and then == _plain(f"{' '.join(parts)}, k = {fit.k}")


def _plain(text: str) -> str:
    return " ".join(text.replace(labels.MINUS, "-").split())
