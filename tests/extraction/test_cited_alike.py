"""Citations that share their words: asked once for all studies, and not beside a common DOI."""

from __future__ import annotations

import pytest

from taprev.extraction.plausibility.query import ExtractedTables
from taprev.extraction.plausibility.sources import studies_cited_alike
from taprev.extraction.risk_of_bias.tools import BiasTools

CITED = "Brown A 2011. Training of nurses about trauma in hospitals: trial"


def found(*dois):
    reports = [
        {"study": name, "report": f"{name}_1", "citation": CITED, "year": "2011", "doi": doi, "source_url": ""}
        for name, doi in zip("abcd", dois, strict=False)
    ]
    tables = ExtractedTables([], [], reports, [], BiasTools(()))
    return [(finding.study, finding.found) for finding in studies_cited_alike(tables)]


@pytest.mark.parametrize(("dois", "others"), [(("", ""), "b_1"), (("1", "2", "3", "4"), "b_1, c_1, d_1")])
def test_one_query_names_every_study_that_is_cited_alike(dois, others):
    ((study, said),) = found(*dois)
    assert study == "a" and said.endswith(f" of its words with {others}.") and "found a citation of 2011" in said


def test_studies_of_one_doi_are_left_to_the_query_about_it():
    assert found("10.1/x", "10.1/x", "https://10.1/X/") == []
