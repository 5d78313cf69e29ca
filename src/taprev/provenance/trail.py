"""The trail of every extracted cell in the words of W3C PROV: who read what where, what decided it, what used it.

Each line of `trail.jsonl` is a document in PROV-JSON (W3C Member Submission of 24 April 2013); the documents share
their identifiers, so that the whole file is one graph. A result has a line with the place in its report, its effect and
the pooled numbers that use it, and each of its filled cells has one. A cell that all extractors read alike is
attributed to each of them; where they differ, each reading is an entity of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taprev.extraction.tables import Row, number_of
from taprev.provenance.trace.results import CellHistory, DomainTrace, ResultEvidence
from taprev.vocabulary import CellRole

NAME = "trail.jsonl"
PREFIX = {"t": "urn:taprev:"}
FORM, ONLY = "form_", "only"
PLACE = ("report", "citation", "doi", "source_url", "read_in", "location", "page", "source_quote", "as_reported")
Record = dict[str, Any]


def trail(trace: DomainTrace, rulings: Iterable[Row]) -> Iterator[bytes]:
    """Yield the lines of a domain; `rulings` are the decisions of adjudication.csv."""
    by_row = {number_of(ruling): ruling for ruling in rulings}
    for result in trace.results.values():
        yield _line(of_result(trace, result))
        for cell in result.cells:
            if cell.value or cell.readings:
                yield _line(of_cell(result, cell, by_row))


def of_result(trace: DomainTrace, result: ResultEvidence) -> Record:
    """Return the place of a result in its report, its effect, and the pooled numbers that use it."""
    name = result.result
    place, report = f"t:place/{name}", f"t:report/{result.source['report']}"
    said = {f"t:{part}": text for part in PLACE if (text := result.source.get(part))}
    made: Record = {
        "entity": {report: {"prov:type": "t:Report"}, place: {"prov:type": "t:Place", **said}},
        "wasDerivedFrom": {f"_:place/{name}": {"prov:generatedEntity": place, "prov:usedEntity": report}},
    }
    if effect := result.effect:
        own, deriving = f"t:effect/{name}", f"t:deriving/{name}"
        made["entity"][own] = {
            "prov:type": "t:Effect",
            "t:measure": effect.measure,
            "t:yi": effect.yi,
            "t:vi": effect.vi,
            "t:fate": str(result.fate),
        }
        made["activity"] = {deriving: {"t:derivation": effect.derivation}}
        made["wasGeneratedBy"] = {f"_:effect/{name}": {"prov:entity": own, "prov:activity": deriving}}
    for touch in result.touches:
        number = f"t:number/{trace.domain}/{touch.stratum}"
        made["entity"][number] = {
            "prov:type": "t:PooledNumber",
            "t:label": touch.label,
            "t:scale": str(touch.scale),
            "t:k": touch.k,
            "t:estimate": touch.estimate,
            "t:ci_lb": touch.ci_lb,
            "t:ci_ub": touch.ci_ub,
            "t:seal": trace.seal,
        }
        made["wasDerivedFrom"][f"_:number/{trace.domain}/{touch.stratum}/{name}"] = {
            "prov:generatedEntity": number,
            "prov:usedEntity": f"t:effect/{name}",
            "t:weight": touch.weight,
        }
    return made


def of_cell(result: ResultEvidence, cell: CellHistory, rulings: Mapping[int, Row]) -> Record:
    """Return a cell of the consensus with what each extractor read, the decision between them, and what used it."""
    at = f"{result.result}.{cell.column}"
    own = f"t:cell/{at}"
    forms = [place.removeprefix(FORM) for place in result.places if place.startswith(FORM)]
    made: Record = {
        "entity": {
            own: {
                "prov:type": "t:Cell",
                "prov:value": cell.value,
                "t:study": result.study,
                "t:column": cell.column,
                "t:row": result.places.get("outcomes"),
                "t:role": str(cell.role),
                "t:settled": cell.settled,
            }
        },
        "agent": {},
        "wasAttributedTo": {},
        "wasDerivedFrom": {f"_:printed/{at}": _derived(own, f"t:place/{result.result}")},
    }
    made["entity"][own] = {name: value for name, value in made["entity"][own].items() if value is not None}
    for form in forms or [ONLY]:
        agent, read = f"t:extractor/{form}", f"t:reading/{form}/{at}" if cell.readings else own
        made["agent"][agent] = {"prov:type": "t:Extractor"}
        made["wasAttributedTo"][f"_:read/{form}/{at}"] = {"prov:entity": read, "prov:agent": agent}
        if cell.readings:
            row = {"t:row": result.places[f"{FORM}{form}"]} if f"{FORM}{form}" in result.places else {}
            made["entity"][read] = {"prov:type": "t:Reading", "prov:value": cell.readings.get(form, "")} | row
            made["wasDerivedFrom"][f"_:kept/{form}/{at}"] = _derived(own, read)
    _decided(made, own, cell, rulings)
    if result.effect and cell.role != CellRole.DESCRIBES:
        made["used"] = {f"_:used/{at}": {"prov:activity": f"t:deriving/{result.result}", "prov:entity": own}}
    return made


def _derived(made: str, used: str) -> Record:
    return {"prov:generatedEntity": made, "prov:usedEntity": used}


def _decided(made: Record, own: str, cell: CellHistory, rulings: Mapping[int, Row]) -> None:
    """Add the decision that a cell rests on, if one does: its reason, and by whom and when where that is recorded."""
    if cell.ruling is None:
        return
    decision, ruling = f"t:decision/{cell.ruling}", rulings.get(cell.ruling, {})
    day = ruling.get("decided_on", "")
    made["activity"] = {decision: {"t:reason": cell.reason} | ({"t:decided_on": day} if day else {})}
    made["wasGeneratedBy"] = {f"_:decided{own[1:]}": {"prov:entity": own, "prov:activity": decision}}
    if who := ruling.get("decided_by", ""):
        made["agent"][f"t:decider/{cell.ruling}"] = {"prov:type": "prov:Person", "t:name": who}
        made["wasAssociatedWith"] = {
            f"_:by/{cell.ruling}": {"prov:activity": decision, "prov:agent": f"t:decider/{cell.ruling}"}
        }


def _line(made: Record) -> bytes:
    return (json.dumps({"prefix": PREFIX, **made}, ensure_ascii=False, allow_nan=False) + "\n").encode()
