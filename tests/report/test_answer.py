"""The answer of the brief: findings, what may be said and what not, and what went the wrong way, everywhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import html

from samples.documents import every_document, files_of
from samples.known import known_of
from taprev.report.documents import answer
from taprev.settings import Settings
from taprev.settings.involvement import Involvement
from taprev.wording.adverse import adverse


@pytest.fixture(scope="module")
def known(root, shipped, shipped_contents):
    return known_of(shipped_contents, root / "data" / "extracted", shipped[0])


@pytest.fixture(scope="module")
def findings(known, shipped):
    return answer.findings(known, shipped[0].certainty.critical)


@pytest.fixture(scope="module")
def texts(known, root, shipped):
    files = files_of(every_document(known, root / "data" / "extracted", shipped[0], Involvement()))
    pages = {name: html.fromstring(content) for name, content in files.items() if name.endswith(".html")}
    return {name: re.sub(r"\s+", " ", page.text_content()) for name, page in pages.items()}


def test_a_finding_has_its_design_its_people_its_time_and_how_sure_it_is(findings):
    assert 1 <= len(findings) <= answer.MOST
    for finding in findings:
        said = answer.finding_sentence(finding)
        assert re.search(r"(before-after|randomised|controlled) stud", said)
        assert re.search(r"\d+ people|n not given", said)
        assert "measured" in said or "time not given" in said
        assert "certainty" in said


def test_numbers_of_the_same_people_are_one_finding(findings):
    doi = next(finding for finding in findings if finding[0].study and finding[0].study.study == "Doi2025")
    assert len(doi) == 3 and answer.finding_sentence(doi).count("42 people") == 1


def test_results_of_the_same_people_that_point_both_ways_are_two_findings(known):
    turned = []
    for one in known:
        if one.synthesis.domain == "staff_safety":
            first, *rest = one.synthesis.strata
            study = replace(first.studies[0], yi=-0.8, ci_lb=-1.4, ci_ub=-0.2)
            strata = (replace(first, studies=(study,)), *rest)
            one = replace(one, synthesis=replace(one.synthesis, strata=strata))
        turned.append(one)
    said = [answer.finding_sentence(finding) for finding in answer.findings(turned, ("staff_safety",))]
    assert "safety of staff were worse with the programme than without" in said[0]
    assert all("safety of staff" not in text for text in said[1:])


def test_an_interval_that_is_too_narrow_is_no_finding(known, findings):
    assert not any(found.stratum.too_narrow for finding in findings for found in finding if found.study)
    assert any(s.too_narrow for one in known for s, _ in one.strata if len(s.studies) == 1)


def test_critical_outcomes_come_first_and_pooled_before_single(known):
    usual = answer.findings(known)
    assert usual[0][0].stratum.fit and usual[0][0].outcome.synthesis.domain == "staff_knowledge"
    chosen = answer.findings(known, ("staff_wellbeing",))
    assert chosen[0][0].outcome.synthesis.domain == "staff_wellbeing"


def test_what_may_not_be_said_has_its_reason(known, findings, shipped):
    said = list(answer.may_not_say(findings, known, shipped[0], harms_sought=False))
    assert any("no control group" in text and "staff knowledge" in text for text in said)
    assert any("measured within a month" in text for text in said)
    assert any("harm" in text for text in said)
    assert any("systematic search" in text for text in said)
    sought = list(answer.may_not_say(findings, known, shipped[0], harms_sought=True))
    assert not any("harm" in text for text in sought)


def test_without_a_number_that_says_which_way_there_is_no_finding(known):
    silent = [
        replace(one, synthesis=replace(one.synthesis, strata=()), certainty=replace(one.certainty, strata=()))
        for one in known
    ]
    assert answer.findings(silent) == []
    assert list(answer.may_say([], silent))


def test_an_sd_in_everyday_terms_is_the_normal_share(findings):
    pooled = next(finding[0] for finding in findings if finding[0].stratum.fit)
    assert pooled.stratum.pooled.estimate == pytest.approx(0.79, abs=0.005)
    assert "did better than 79 of 100 people before" in answer.everyday(pooled)


@pytest.mark.parametrize("name", ["policy_brief.html"])
def test_every_result_that_went_the_wrong_way_stands_with_its_figures(name, texts, shipped_contents):
    found = adverse(shipped_contents)
    assert {one.row.result for one in found} == {"r031", "r116", "r127"}
    for one in found:
        assert re.sub(r"\s+", " ", one.said) in texts[name]
    assert "20 → 25" in texts[name]


def test_the_summary_holds_the_critical_outcomes_and_what_went_wrong_among_them(texts, shipped_contents, shipped):
    critical = shipped[0].certainty.critical
    for one in adverse(content for content in shipped_contents if content.domain in critical):
        assert one.said in texts["summary_of_findings.html"]
    assert "Other outcomes" in texts["summary_of_findings.html"]


def test_every_number_of_the_brief_has_people_and_time(texts, known):
    page = texts["policy_brief.html"]
    for one in known:
        for stratum, _ in one.strata:
            for study in stratum.shown if not stratum.fit else ():
                if study.own and (study.reason is None or study.reason.code.value != "another_stands"):
                    assert answer.context.when([study.context]) in page
    assert "547 people and 73 teachers" in page and "434 people" in page
    assert "620" not in page


def test_critical_outcomes_are_seven_at_most_and_exist(shipped):
    data = shipped[0].model_dump()
    data["certainty"]["critical"] = ["nothing_such"]
    with pytest.raises(ValueError, match="nothing_such"):
        Settings.model_validate(data)
    data["certainty"]["critical"] = list(shipped[0].domains)[:8]
    with pytest.raises(ValueError, match="7"):
        Settings.model_validate(data)


def test_the_recommendations_of_the_other_source_stand_with_what_bears_on_them(texts, shipped):
    page = texts["policy_brief.html"]
    for one in shipped[0].compare_with.advice:
        assert one.says in page
    assert "Here: nothing." in page and "Studies in both reviews: WCDVS (there one of its nine sites" in page
    assert "potential harms (here no result)" in page
