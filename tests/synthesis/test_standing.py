"""Judgements of missing evidence beside the syntheses: what they count for, and what they leave as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from samples.synthesis import invented_domain, invented_stratum, invented_study, invented_vote
from taprev.synthesis.domain import synthesise
from taprev.synthesis.missing_evidence import astray, with_missing_evidence
from taprev.synthesis.results import from_json, seal, to_json
from taprev.synthesis.results.standing import evidence_of, votes_of
from taprev.vocabulary import Better, Scale

ROW = {
    "domain": "invented_domain",
    "stratum": "before_after",
    "evidence": "2 of 3 available: invented-0, invented-1; missing: invented-7",
    "risk": "high",
    "answers": "4.1 Y",
    "reason": "Invented reason.",
    "judged_by": "first assessor",
    "judged_on": "2026-11-28",
}


@pytest.fixture
def domain():
    """Two before-after studies in the number, and a third that gives its direction alone; one trial."""
    studies = [invented_study(i, 0.3 + 0.1 * i, 0.05) for i in range(2)]
    votes = [invented_vote(i, "before_after", "better", i < 2) for i in (0, 1, 7)]
    strata = [invented_stratum("before_after", studies, 0.01), invented_stratum("randomised", [], None)]
    return invented_domain(strata, votes=tuple(votes))


def judged_as(domain, *rows):
    return with_missing_evidence(domain, [ROW | row for row in rows])


def test_a_judgement_counts_for_the_evidence_that_stands_in_it(domain):
    own, other = judged_as(domain, {"evidence": f"  {ROW['evidence'].replace('; ', ';  ')} "}).strata
    assert (own.missing_evidence.risk, own.missing_evidence.outdated) == ("high", False)
    assert own.missing_evidence.answers == {"4.1": "Y"} and own.missing_evidence.reason == "Invented reason."
    assert (other.missing_evidence.risk, other.missing_evidence.evidence) == (None, "0 of 0 available")


def test_when_the_evidence_changes_the_judgement_counts_no_longer(domain):
    found = invented_vote(8, "before_after", "worse")
    made = judged_as(replace(domain, votes=(*domain.votes, found)), {})
    own = made.strata[0].missing_evidence
    assert own.risk is None and own.outdated and own.judged_evidence == ROW["evidence"]
    [said] = astray(made, [ROW])
    assert 'and it is now "2 of 4 available: invented-0, invented-1; missing: invented-7, invented-8"' in said
    assert "Judge it again in data/extracted/missing_evidence.csv." in said


def test_a_judgement_of_no_synthesis_is_named(domain):
    rows = [ROW | {"stratum": "controlled"}, ROW | {"domain": "another", "stratum": "controlled"}]
    assert list(astray(judged_as(domain, *rows), rows)) == [
        "Invented outcome domain: a judgement of missing evidence names controlled, which is no synthesis here."
    ]
    assert list(astray(judged_as(domain, {}), [ROW])) == []


def test_without_a_judgement_nothing_is_said_and_the_seal_stays(domain):
    assert with_missing_evidence(domain, []) == domain
    written = json.loads(to_json(domain))
    older = json.loads(to_json(domain))
    for stratum in older["strata"]:
        assert stratum.pop("missing_evidence") is None
    assert seal(older) == written["seal"] == seal(written)
    assert from_json(json.dumps(older)) == from_json(json.dumps(written))


def test_a_judgement_is_sealed_and_read_back(domain):
    made = judged_as(domain, {})
    back = from_json(to_json(made))
    assert back.strata == made.strata
    assert len({from_json(to_json(one)).seal for one in (domain, made, judged_as(domain, {"risk": "low"}))}) == 3


@pytest.fixture
def two_axes(shipped, shipped_rows):
    """A before-after design with a rate ratio of a study that has nothing else, and one of a study that has an SMD."""
    rows = shipped_rows["staff_attitudes"]
    turned = {"scale": Scale.LOG_RATE_RATIO, "better": Better.HIGHER}
    alone = next(row for row in rows if row.study == "SSWR2024_preschool" and row.yi is not None)
    both = next(row for row in rows if row.study == "Hall2016" and row.yi is not None)
    made = [replace(row, **turned) if row is alone else row for row in rows]
    made.append(replace(both, result="another", **turned))
    content = synthesise("staff_attitudes", made, shipped[0], {})
    return {stratum.name: stratum for stratum in content.strata}, content


def test_a_study_stands_under_the_synthesis_that_its_result_belongs_to(two_axes):
    strata, content = two_axes
    smd, ratio = strata["before_after_smd_higher"], strata["before_after_log_rate_ratio_higher"]
    of_smd, of_ratio = ({vote.study for vote in votes_of(one, content)} for one in (smd, ratio))
    everyone = {vote.study for vote in content.votes if vote.contrast == "before_after"}
    assert everyone - of_smd == {"SSWR2024_preschool"}
    assert everyone - of_ratio == {study.study for study in smd.studies} - {"Hall2016"}
    for one, own in ((smd, of_smd), (ratio, of_ratio)):
        assert one.missing_results.studies == len(own)
        assert one.missing_results.with_magnitude == len({study.study for study in one.studies})
        assert f"of {len(own)} available" in evidence_of(one, votes_of(one, content))
