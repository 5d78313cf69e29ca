"""The JSON Schemas in docs/ are those of the dataclasses, and the results of a real review fit them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from helpers import ROOT
from taprev.provenance.schemas import READERS, schemas

SCHEMAS = ROOT / "docs" / "schema"
RESULTS = {
    "synthesis": "synthesis/*.json",
    "certainty": "certainty/*.json",
    "trace": "audit/trace/*.json",
    "changes": "audit/changes.json",
}


def test_the_schemas_in_docs_are_those_of_the_code():
    kept = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.iterdir()}
    assert kept == schemas(), "run taprev schema"


@pytest.mark.workflow
@pytest.mark.parametrize("name", READERS)
def test_the_results_of_a_review_fit_their_schema(name, finished_example):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    files = sorted((finished_example / "results").glob(RESULTS[name]))
    assert files
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for file in files for error in validator.iter_errors(json.loads(file.read_text()))] == []
