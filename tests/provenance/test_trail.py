"""The trail is PROV-JSON, line by line, and one graph: from the report to the pooled number and back."""

from __future__ import annotations

import json

import pytest

from taprev.extraction.tables import read_rows
from taprev.provenance.trail import NAME
from taprev.synthesis.results import read_synthesis

# What each relation must name, by https://www.w3.org/Submission/2013/SUBM-prov-json-20130424/
RELATIONS = {
    "wasDerivedFrom": {"prov:generatedEntity": "entity", "prov:usedEntity": "entity"},
    "wasAttributedTo": {"prov:entity": "entity", "prov:agent": "agent"},
    "wasGeneratedBy": {"prov:entity": "entity", "prov:activity": "activity"},
    "used": {"prov:activity": "activity", "prov:entity": "entity"},
    "wasAssociatedWith": {"prov:activity": "activity", "prov:agent": "agent"},
}
THINGS = ("entity", "activity", "agent")


@pytest.fixture(scope="module")
def lines(finished):
    return [json.loads(line) for line in (finished / "results" / "audit" / NAME).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def graph(lines):
    """Everything that the lines say, joined."""
    whole = {kind: {} for kind in (*THINGS, *RELATIONS)}
    for line in lines:
        for kind, records in line.items():
            if kind != "prefix":
                whole[kind] |= records
    return whole


@pytest.mark.workflow
def test_every_line_is_a_document_of_prov_json(lines):
    for line in lines:
        assert line["prefix"] == {"t": "urn:taprev:"} and set(line) <= {"prefix", *THINGS, *RELATIONS}
        for kind in (*THINGS, *RELATIONS):
            for identifier, record in line.get(kind, {}).items():
                assert identifier.startswith("t:" if kind in THINGS else "_:") and isinstance(record, dict)
                assert set(RELATIONS.get(kind, {})) <= set(record)
                assert all(isinstance(value, str | int | float) for value in record.values())


@pytest.mark.workflow
def test_what_a_relation_names_is_there(graph):
    for relation, ends in RELATIONS.items():
        for record in graph[relation].values():
            assert all(record[end] in graph[kind] for end, kind in ends.items()), record


@pytest.mark.workflow
def test_every_filled_cell_is_there_with_who_read_it_and_leads_to_its_pooled_number(finished, graph):
    rows = read_rows(finished / "data" / "extracted" / "outcomes.csv")
    cells = {f"t:cell/{row['result']}.{column}": text for row in rows for column, text in row.items() if text}
    assert {name: graph["entity"][name]["prov:value"] for name in cells} == cells
    readers = {(one["prov:entity"], one["prov:agent"]) for one in graph["wasAttributedTo"].values()}
    assert {("t:cell/r013.study", "t:extractor/first"), ("t:cell/r013.study", "t:extractor/second")} <= readers
    differing = [name for name in graph["entity"] if name.startswith("t:reading/first/")]
    assert differing and all((name, "t:extractor/first") in readers for name in differing)
    for domain in ("staff_knowledge", "staff_attitudes"):
        for stratum in read_synthesis(finished / "results" / "synthesis" / f"{domain}.json").strata:
            if stratum.fit:
                number = f"t:number/{domain}/{stratum.name}"
                assert graph["entity"][number]["t:estimate"] == stratum.fit.estimate
                used = [one for one in graph["wasDerivedFrom"].values() if one["prov:generatedEntity"] == number]
                assert len(used) >= stratum.fit.k and all("t:weight" in one for one in used)


@pytest.mark.workflow
def test_a_decision_stands_with_its_reason(finished, graph):
    decided = [one for one in graph["wasGeneratedBy"].values() if one["prov:activity"].startswith("t:decision/")]
    assert decided and all(graph["activity"][one["prov:activity"]]["t:reason"] for one in decided)
