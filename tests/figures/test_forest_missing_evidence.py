"""What a forest plot says of missing evidence: nothing where nobody judged any, and else the same in all its forms."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from samples.synthesis import content, sample
from taprev.figures.forest import rows
from taprev.figures.forest.alternative_text import alternative_text
from taprev.figures.forest.layout import lay_out
from taprev.figures.forest.twin import twin
from taprev.synthesis.results import MissingEvidence
from taprev.vocabulary import MissingEvidenceRisk

MADE = {
    "evidence": "2 of 3 available: A, B; missing: C",
    "judged_evidence": "2 of 3 available: A, B; missing: C",
    "reason": "=Invented reason",
    "judged_by": "first assessor",
    "judged_on": "2026-11-28",
}
CASES = [
    (MissingEvidence(**MADE, risk=MissingEvidenceRisk.LOW), "low risk"),
    (MissingEvidence(**MADE, risk=MissingEvidenceRisk.SOME_CONCERNS), "some concerns"),
    (MissingEvidence(**MADE, risk=MissingEvidenceRisk.HIGH), "high risk"),
    (MissingEvidence("1 of 1 available: A"), "not assessed"),
    (MissingEvidence(**MADE), "to be judged again, the evidence has changed"),
]


def with_judgement(name, judged):
    domain = sample(name)
    return content(replace(domain, strata=tuple(replace(s, missing_evidence=judged) for s in domain.strata)))


def quiet(domain):
    return [row.text for row in lay_out(domain).rows if isinstance(row, rows.QuietLine) and "ROB-ME" in row.text]


@pytest.mark.parametrize("name", ["sixty_studies", "one_study", "directions_only", "mixed_scales"])
@pytest.mark.parametrize(("judged", "said"), CASES)
def test_every_section_says_it_in_the_figure_its_text_and_its_data(name, judged, said):
    domain = with_judgement(name, judged)
    assert quiet(domain) == [f"Missing evidence (ROB-ME): {said}."] * len(domain.strata)
    full = f"Risk of bias due to missing evidence (ROB-ME): {said}."
    assert alternative_text(domain).count(full) == len(domain.strata)
    told = [row for row in csv.DictReader(io.StringIO(twin(domain))) if row["row"] == "missing evidence (ROB-ME)"]
    assert [(row["section"], row["label"]) for row in told] == [(s.label, said) for s in domain.strata]
    reason = "'=Invented reason. (first assessor, 2026-11-28)" if judged.risk else ""
    assert {row["reason"] for row in told} == {reason}


@pytest.mark.parametrize("name", ["sixty_studies", "one_study", "directions_only"])
def test_without_a_judgement_the_figure_is_silent(name):
    domain = sample(name)
    assert quiet(domain) == [] and "ROB-ME" not in alternative_text(domain) + twin(domain)
