"""The certainty of a domain: for every stratum its numbers, the suggestion, the judgement and the statement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from taprev.certainty.absolute import Absolute, absolute
from taprev.certainty.basis import Basis, CertaintyTables, basis, overall_judgements
from taprev.certainty.judgements import Judgement, judgements, number, same
from taprev.certainty.statements import statement
from taprev.certainty.suggestion import Suggestion, suggestion
from taprev.extraction.tables import read_rows
from taprev.settings import Settings

JUDGED, NOT_YET, OUTDATED = "judged", "not yet judged", "judged for another number"


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
    status: str
    certainty: str
    statement: str


def read_tables(extracted: Path) -> CertaintyTables:
    """Return what certainty reads of the extraction."""
    return CertaintyTables(
        studies={row["study"]: row for row in read_rows(extracted / "studies.csv")},
        outcomes={row["result"]: row for row in read_rows(extracted / "outcomes.csv")},
        judged=overall_judgements(read_rows(extracted / "risk_of_bias.csv")),
    )


def assess(
    content: Mapping[str, Any],
    tables: CertaintyTables,
    judged: Mapping[tuple[str, str], Judgement],
    settings: Settings,
) -> tuple[Assessment, ...]:
    """Return the certainty of every main stratum of a domain, as read from its JSON."""
    return tuple(_stratum(stratum, content, tables, judged, settings) for stratum in content["strata"])


def _stratum(
    stratum: Mapping[str, Any],
    content: Mapping[str, Any],
    tables: CertaintyTables,
    judged: Mapping[tuple[str, str], Judgement],
    settings: Settings,
) -> Assessment:
    domain = settings.domains[content["domain"]]
    rests_on = basis(stratum, _votes(stratum, content), domain, tables, settings)
    found = judged.get((content["domain"], stratum["name"]))
    now = number(stratum, content["sign_tests"])
    status = NOT_YET if found is None else JUDGED if same(found.number, now) else OUTDATED
    certainty = found.certainty if found and status == JUDGED else ""
    told = statement(stratum, certainty, domain, settings.certainty) if certainty and stratum["fit"] else ""
    return Assessment(
        stratum["name"],
        stratum["label"],
        now,
        rests_on,
        absolute(stratum, rests_on.control_risk),
        suggestion(rests_on),
        found,
        status,
        certainty,
        told,
    )


def _votes(stratum: Mapping[str, Any], content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the votes of a design, without studies that are drawn on another of its axes alone."""
    design = set(stratum["contrasts"])
    others = [one for one in content["strata"] if one is not stratum and design & set(one["contrasts"])]
    elsewhere = {study["study"] for one in others for study in one["studies"]}
    elsewhere -= {study["study"] for study in stratum["studies"]}
    return [vote for vote in content["votes"] if vote["contrast"] in design and vote["study"] not in elsewhere]


def assessments_json(content: Mapping[str, Any], made: tuple[Assessment, ...], orphans: tuple[str, ...]) -> str:
    """Return the certainty of a domain as JSON; `orphans` are judged strata that the domain does not have."""
    whole = {
        "domain": content["domain"],
        "label": content["label"],
        "seal": content["seal"],
        "strata": [asdict(one) for one in made],
        "judged_without_stratum": list(orphans),
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def all_assessments(contents: list[dict[str, Any]], extracted: Path, settings: Settings) -> dict[str, str]:
    """Return the certainty of every domain as JSON text by its name."""
    tables, judged = read_tables(extracted), judgements(extracted)
    made = {}
    for content in contents:
        name, has = content["domain"], {stratum["name"] for stratum in content["strata"]}
        orphans = tuple(stratum for domain, stratum in judged if domain == name and stratum not in has)
        made[name] = assessments_json(content, assess(content, tables, judged, settings), orphans)
    return made


def astray(certainty: Mapping[str, Any]) -> Iterator[str]:
    """Yield every judgement of a domain, as read from its JSON, that belongs to no number of this run."""
    for stratum in certainty["judged_without_stratum"]:
        yield f"{certainty['label']}: a judgement names the design {stratum}, which has no row here."
    for one in certainty["strata"]:
        if one["status"] == OUTDATED:
            yield (
                f'{certainty["label"]}, {one["label"]}: judged for "{one["judgement"]["number"]}", and the number is '
                f'now "{one["number"]}". Judge it again, or correct the number in data/extracted/certainty.csv.'
            )
