"""The certainty of a domain: for every stratum its numbers, the suggestion, the judgement and the statement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from taprev.certainty.absolute import Absolute, absolute
from taprev.certainty.basis import Basis, CertaintyTables, basis, overall_judgements
from taprev.certainty.judgements import Judgement, judgements, number, same
from taprev.certainty.statements import statement
from taprev.certainty.suggestion import Suggestion, suggestion
from taprev.extraction.risk_of_bias.judged import read_judged
from taprev.extraction.tables import read_rows
from taprev.settings import Settings
from taprev.synthesis.results import Stratum, Synthesis
from taprev.synthesis.results.standing import votes_of
from taprev.vocabulary import CertaintyLevel, JudgementStatus


@dataclass(frozen=True)
class Assessment:
    """The certainty of one stratum; `certainty` and `statement` are empty unless people judged this very number."""

    stratum: str
    label: str
    number: str
    basis: Basis
    absolute: Absolute | None
    suggestion: Suggestion | None
    judgement: Judgement | None
    status: JudgementStatus
    certainty: CertaintyLevel | Literal[""]
    statement: str


@dataclass(frozen=True)
class DomainCertainty:
    """The certainty of every main stratum of a domain, and the judged strata that the domain does not have."""

    domain: str
    label: str
    seal: str
    strata: tuple[Assessment, ...]
    judged_without_stratum: tuple[str, ...]


@cache
def adapter() -> TypeAdapter[DomainCertainty]:
    """Return the reader of a certainty's JSON, which also knows its JSON Schema."""
    return TypeAdapter(DomainCertainty)


def read_certainty(path: Path) -> DomainCertainty:
    """Return the certainty of a domain in a JSON file."""
    return adapter().validate_json(path.read_text(encoding="utf-8"))


def read_tables(extracted: Path) -> CertaintyTables:
    """Return what certainty reads of the extraction."""
    return CertaintyTables(
        studies={row["study"]: row for row in read_rows(extracted / "studies.csv")},
        outcomes={row["result"]: row for row in read_rows(extracted / "outcomes.csv")},
        judged=overall_judgements(read_judged(extracted)),
    )


def assess(
    content: Synthesis,
    tables: CertaintyTables,
    judged: Mapping[tuple[str, str], Judgement],
    settings: Settings,
) -> tuple[Assessment, ...]:
    """Return the certainty of every main stratum of a domain, as read from its JSON."""
    return tuple(_stratum(stratum, content, tables, judged, settings) for stratum in content.strata)


def _stratum(
    stratum: Stratum,
    content: Synthesis,
    tables: CertaintyTables,
    judged: Mapping[tuple[str, str], Judgement],
    settings: Settings,
) -> Assessment:
    domain = settings.domains[content.domain]
    rests_on = basis(stratum, votes_of(stratum, content), domain, tables, settings)
    judgement = judged.get((content.domain, stratum.name))
    now = number(stratum, content.sign_tests)
    status = _status(judgement, stratum, content)
    certainty = judgement.certainty if judgement and status == JudgementStatus.JUDGED else None
    sentence = statement(stratum, certainty, domain, settings.certainty) if certainty and stratum.fit else ""
    return Assessment(
        stratum.name,
        stratum.label,
        now,
        rests_on,
        absolute(stratum, rests_on.control_risk),
        suggestion(rests_on),
        judgement,
        status,
        certainty or "",
        sentence,
    )


def _status(judgement: Judgement | None, stratum: Stratum, content: Synthesis) -> JudgementStatus:
    if judgement is None:
        return JudgementStatus.NOT_YET
    return JudgementStatus.JUDGED if same(judgement.number, stratum, content.sign_tests) else JudgementStatus.OUTDATED


def all_assessments(contents: list[Synthesis], extracted: Path, settings: Settings) -> list[DomainCertainty]:
    """Return the certainty of every domain."""
    tables, judged = read_tables(extracted), judgements(extracted)
    made = []
    for content in contents:
        has = {stratum.name for stratum in content.strata}
        orphans = tuple(name for domain, name in judged if domain == content.domain and name not in has)
        assessed = assess(content, tables, judged, settings)
        made.append(DomainCertainty(content.domain, content.label, content.seal, assessed, orphans))
    return made


def certainty_json(certainty: DomainCertainty) -> str:
    """Return the certainty of a domain as JSON."""
    return json.dumps(asdict(certainty), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def astray(certainty: DomainCertainty) -> Iterator[str]:
    """Yield every judgement of a domain that belongs to no number of this run."""
    for stratum in certainty.judged_without_stratum:
        yield f"{certainty.label}: a judgement names the design {stratum}, which has no row here."
    for assessed in certainty.strata:
        if assessed.status == JudgementStatus.OUTDATED and assessed.judgement:
            yield (
                f'{certainty.label}, {assessed.label}: judged for "{assessed.judgement.number}", and the number is '
                f'now "{assessed.number}". Judge it again, or correct the number in data/extracted/certainty.csv.'
            )
