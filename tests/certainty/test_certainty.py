"""Certainty: the numbers a judgement rests on, the suggestion, the judgement of people, and the statement."""

from __future__ import annotations

import csv
import math
import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import invented
from samples.synthesis import invented_study, sample
from taprev.certainty.absolute import absolute
from taprev.certainty.assessment import Assessment, all_assessments, certainty_json, read_certainty
from taprev.certainty.basis import Basis, CertaintyTables, basis, overall_judgements
from taprev.certainty.contributors import (
    Contributor,
    OverallJudgement,
    by_robins,
    contributors,
    people,
)
from taprev.certainty.information import size_of_change, size_of_events, size_of_means
from taprev.certainty.judgements import number
from taprev.certainty.statements import statement
from taprev.certainty.suggestion import Suggestion, suggestion
from taprev.extraction.checks import extraction_problems
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.judged import in_words
from taprev.extraction.tables import columns
from taprev.settings.certainty import Certainty, Direct
from taprev.settings.sections import Domain, Important
from taprev.synthesis import random_effects
from taprev.synthesis.results import MissingResults, Synthesis
from taprev.synthesis.results.standing import votes_of
from taprev.vocabulary import (
    CertaintyLevel,
    Concern,
    Contrast,
    GradeDomain,
    JudgementStatus,
    MissingEvidenceRisk,
    RobRung,
    Scale,
)
from taprev.wording import labels

CAUSAL = re.compile(r"\b(improve|worsen|reduce|increase|result|make|lead|caus|effect|impact)", re.IGNORECASE)
SOUND = Basis(
    contrasts=("randomised",),
    k=5,
    studies=5,
    participants=900.0,
    estimate=0.5,
    ci_lb=0.3,
    ci_ub=0.7,
    pi_lb=0.1,
    pi_ub=0.9,
    tau2=0.01,
    I2=10.0,
    important=None,
    risk_of_bias={"low": 100.0},
    rungs=shipped_tools().rungs,
    sides={"better": 100.0},
    overlap=100.0,
    by_robins=False,
    asked=("primary care",),
    directness={"direct": 100.0},
    control_risk=None,
    needed=786,
    needed_for="a difference of 0.2 standard deviations",
    with_magnitude=5,
    measured=5,
    read_in_full=0,
    systematic_search=True,
)


def suggested(**changes: object) -> Suggestion:
    made = suggestion(replace(SOUND, **changes))
    assert made is not None
    return made


def levels(**changes: object) -> dict[str, int | None]:
    return {concern.domain: concern.levels for concern in suggested(**changes).concerns}


def test_sizes_are_those_of_r(rscript):
    script = (
        "z <- qnorm(.975) + qnorm(.8);"
        "cat(2 * ceiling(2 * z^2 / .2^2), ceiling(2 * (1 - .5) * z^2 / .2^2),"
        " 2 * ceiling(z^2 * (.1 * .9 + .075 * .925) / .025^2))"
    )
    ran = subprocess.run([rscript, "-e", script], capture_output=True, text=True, check=True)
    ours = [
        size_of_means(0.2, 0.05, 0.8),
        size_of_change(0.2, 0.5, 0.05, 0.8),
        size_of_events(0.1, 0.25, 0.05, 0.8),
    ]
    assert ours == [int(word) for word in ran.stdout.split()]


def test_nothing_lowers_sound_evidence():
    made = suggested()
    assert (made.start, made.certainty, made.at_most) == ("high", "high", False)
    assert set(levels().values()) == {0} and tuple(levels()) == tuple(GradeDomain)


@pytest.mark.parametrize(
    ("domain", "expected", "changes"),
    [
        ("risk_of_bias", 2, {"risk_of_bias": {"high": 60.0, "low": 40.0}}),
        ("risk_of_bias", 1, {"risk_of_bias": {"high": 30.0, "low": 70.0}}),
        ("risk_of_bias", 1, {"risk_of_bias": {"some concerns": 60.0, "low": 40.0}}),
        ("risk_of_bias", 3, {"risk_of_bias": {"critical": 60.0, "low": 40.0}}),
        ("risk_of_bias", None, {"risk_of_bias": {"no information": 60.0, "low": 40.0}}),
        ("risk_of_bias", None, {"risk_of_bias": {"not assessed": 100.0}}),
        ("risk_of_bias", 2, {"risk_of_bias": {"weak": 60.0, "strong": 40.0}}),
        ("risk_of_bias", 3, {"risk_of_bias": {"very high": 60.0, "low": 40.0}}),
        ("inconsistency", 1, {"sides": {"better": 70.0, "worse": 30.0}, "overlap": 60.0}),
        ("inconsistency", 0, {"sides": {"better": 70.0, "worse": 30.0}, "overlap": 100.0}),
        ("inconsistency", 1, {"pi_lb": -0.1}),
        ("inconsistency", 0, {"pi_lb": 0.1, "important": 0.05}),
        ("inconsistency", 1, {"pi_lb": 0.1, "important": 0.2}),
        ("inconsistency", 0, {"k": 1, "sides": {"better": 100.0}}),
        ("indirectness", 1, {"directness": {"partly": 60.0, "indirect": 40.0}}),
        ("indirectness", 2, {"directness": {"indirect": 100.0}}),
        ("indirectness", None, {"asked": ()}),
        ("imprecision", 1, {"ci_lb": -0.1}),
        ("imprecision", 2, {"ci_lb": -0.1, "participants": 300.0}),
        ("imprecision", None, {"participants": None}),
        ("imprecision", None, {"needed": None}),
        ("imprecision", 1, {"participants": 500.0}),
        ("imprecision", 2, {"participants": 300.0}),
        ("imprecision", 1, {"important": 0.4}),
        ("imprecision", 0, {"important": 0.2, "pi_lb": 0.25}),
        ("imprecision", 2, {"important": 0.6, "estimate": 0.1, "ci_lb": -0.7, "ci_ub": 0.9}),
        ("publication_bias", 1, {"measured": 11, "read_in_full": 6}),
        ("publication_bias", None, {"measured": 11}),
        ("publication_bias", 1, {"systematic_search": False}),
    ],
)
def test_each_domain_lowers_by_its_numbers_and_says_why(domain, expected, changes):
    made = suggested(**changes)
    concern = next(concern for concern in made.concerns if concern.domain == domain)
    assert concern.levels == expected and concern.reason.endswith(".")
    others = {name: value for name, value in levels(**changes).items() if name != domain}
    assert set(others.values()) == {0}
    lowered = CertaintyLevel.HIGH.lowered(expected or 0)
    assert (made.certainty, made.at_most) == (lowered, expected is None)


def test_other_designs_start_low_unless_robins_was_judged():
    for contrast in ("controlled", "before_after"):
        assert suggested(contrasts=(contrast,)).start == "low"
        assert suggested(contrasts=(contrast,), by_robins=True).start == "high"
    assert suggestion(replace(SOUND, k=0)) is None


def test_what_is_not_known_keeps_a_suggestion_open():
    made = suggested(risk_of_bias={"high": 30.0, "not assessed": 70.0})
    assert (made.certainty, made.at_most) == ("moderate", True) and made.concerns[0].at_least
    unpooled = suggested(estimate=None, ci_lb=None, ci_ub=None, sides={}, overlap=None)
    found = {concern.domain: concern.levels for concern in unpooled.concerns}
    assert found["inconsistency"] is None and found["imprecision"] is None and unpooled.at_most


def test_only_robins_lets_a_design_start_high_and_people_count_once():
    many = [
        Contributor("a", "all", ("r1",), 40.0, 0.1, 0.0, 0.2, 50.0),
        Contributor("a", "all", ("r2",), 30.0, 0.2, 0.1, 0.3, 60.0),
        Contributor("b", "all", ("r3",), 30.0, 0.3, 0.2, 0.4, 10.0),
    ]
    assert people(many) == 70.0
    assert people([*many, replace(many[0], sample="other", participants=None)]) is None
    tools = {name: OverallJudgement("ROBINS-I", "serious", RobRung.HIGH) for name in ("r1", "r2", "r3")}
    assert by_robins(many, tools) and not by_robins(
        many, {**tools, "r2": OverallJudgement("RoB 2", "low", RobRung.LOW)}
    )
    for level in (RobRung.UNKNOWN, RobRung.NOT_ASSESSED):
        assert not by_robins(many, {**tools, "r2": OverallJudgement("ROBINS-I", "x", level)})
    assert not by_robins([], tools)


def test_what_was_assessed_without_an_overall_judgement_is_neither_graded_nor_called_not_assessed():
    head = ("result", "tool", "version", "domain", "judgement", "reason")
    rows = [
        ("r1", "MMAT non-randomised", "2018", "3.1", "Yes", ""),
        ("r2", "RoB 2", "2019", "overall", "not assessed", ""),
        ("r2", "EPHPP", "2004", "Global rating", "Weak", ""),
        ("r3", "RoB 2", "2019", "overall", "not assessed", ""),
        ("r4", "RoB 2", "2019", "1.1", "PY", ""),
    ]
    found = overall_judgements(in_words([dict(zip(head, row, strict=True)) for row in rows], shipped_tools()))
    assert {result: (one.tool, one.level, one.rung) for result, one in found.items()} == {
        "r1": ("MMAT non-randomised", "assessed, without an overall judgement", RobRung.UNRATED),
        "r2": ("EPHPP", "weak", RobRung.HIGH),
        "r3": ("RoB 2", "not assessed", RobRung.NOT_ASSESSED),
    }
    told = {"assessed, without an overall judgement": 60.0, "low": 40.0}
    made = suggested(risk_of_bias=told, rungs=SOUND.rungs | {"assessed, without an overall judgement": RobRung.UNRATED})
    assert made.concerns[0].levels is None


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.001, 2)), min_size=2, max_size=12),
    st.lists(st.sampled_from(RobRung), min_size=12, max_size=12),
    st.booleans(),
)
def test_shares_are_of_the_whole_weight_and_a_turned_scale_changes_only_signs(pairs, judged, turned):
    fit = random_effects([yi for yi, _ in pairs], [vi for _, vi in pairs])
    studies = [
        invented_study(i, yi, vi, weight=w) for i, ((yi, vi), w) in enumerate(zip(pairs, fit.weights, strict=True))
    ]
    stratum = invented(
        contrasts=(Contrast.RANDOMISED,),
        scale=Scale.SMD,
        fit=fit,
        studies=tuple(studies),
        missing_results=MissingResults(len(pairs), len(pairs)),
        favours_sign=-1 if turned else 1,
        missing_evidence=None,
        small_studies=None,
    )
    many = contributors(stratum, [])
    results = [result for one in many for result in one.results]
    tables = CertaintyTables(
        {one.study: {"setting": "a"} for one in many},
        {},
        {r: OverallJudgement("RoB 2", one, one) for r, one in zip(results, judged, strict=False)},
    )
    made = basis(stratum, [], Domain(label="x", population="y"), tables, _settings())
    for shares in (made.risk_of_bias, made.sides, made.directness):
        assert math.isclose(sum(shares.values()), 100, rel_tol=1e-9)
    sign = -1 if turned else 1
    assert made.estimate == sign * stratum.fit.estimate
    assert made.ci_lb is not None and made.ci_ub is not None and made.ci_lb <= made.estimate <= made.ci_ub
    for one in many:
        assert one.ci_lb <= one.yi <= one.ci_ub


def _settings(**changes: object):
    from taprev.settings import Settings
    from taprev.settings.sections import Review, Scope

    return Settings(
        review=Review(title="t", question="q", evidence_set="e"),
        scope=Scope(include=("a",)),
        domains={"x": Domain(label="x", population="y")},
        certainty=Certainty(direct=(Direct(column="setting", levels=("a",), label="a"),)),
        **changes,
    )


@pytest.mark.parametrize(
    "name", ["empty", "one_study", "two_studies", "sixty_studies", "directions_only", "mixed_scales"]
)
def test_every_kind_of_domain_has_its_numbers_and_no_certainty_of_its_own(name, tmp_path, root):
    told = sample(name)
    studies = {s for stratum in told.strata for s in (one.study for one in stratum.studies)}
    studies |= {vote.study for vote in told.votes} | {row.study for row in told.rows}
    settings = _settings().model_copy(update={"domains": {told.domain: Domain(label="x", population="y")}})
    from taprev.certainty.assessment import assess

    made = assess(told, CertaintyTables({s: {"setting": "b"} for s in studies}, _no_events(told), {}), {}, settings)
    assert len(made) == len(told.strata)
    for one in made:
        assert (one.status, one.certainty, one.statement) == (JudgementStatus.NOT_YET, "", "")
        assert one.basis.k == 0 or set(one.basis.risk_of_bias) == {RobRung.NOT_ASSESSED}
        pooled = next(s for s in told.strata if s.name == one.stratum).fit is not None
        assert one.number.startswith("not pooled") != pooled
        assert one.suggestion is None or (pooled or one.suggestion.certainty != "high")


def _no_events(told: Synthesis) -> dict:
    empty = {"event_arm2": "", "totaln_arm2": ""}
    return {result: empty for stratum in told.strata for s in stratum.studies for result in s.results}


@pytest.fixture
def write_judgement(review, shipped_contents):
    """Return a function that writes a judgement of the number of a stratum into a review."""
    extracted = review / "data" / "extracted"

    def write(**changes: str) -> None:
        row = {
            "domain": "staff_knowledge",
            "stratum": "before_after",
            "number": _number(shipped_contents),
            "start": "low",
            **dict.fromkeys(GradeDomain, "not_serious"),
            "imprecision": "serious",
            "raised": "",
            "certainty": "very_low",
            "reason": "Few people.",
            "judged_by": "first assessor",
            "judged_on": "2026-11-20",
            **changes,
        }
        with (extracted / "certainty.csv").open("w", encoding="utf-8", newline="") as handle:
            table = csv.DictWriter(handle, columns(extracted, "certainty"), lineterminator="\n")
            table.writeheader()
            table.writerow(row)

    return write


@pytest.fixture
def judged(write_judgement, review, shipped, shipped_contents):
    """Write a judgement of the number of a stratum into a review, and return the certainty of that stratum."""
    extracted = review / "data" / "extracted"

    def write(**changes: str) -> Assessment:
        write_judgement(**changes)
        made = all_assessments(shipped_contents, extracted, shipped[0])
        own = next(certainty for certainty in made if certainty.domain == "staff_knowledge")
        file = review / "certainty.json"
        file.write_text(certainty_json(own), encoding="utf-8")
        return next(one for one in read_certainty(file).strata if one.stratum == "before_after")

    return write


def _number(contents: list[Synthesis]) -> str:
    domain = next(one for one in contents if one.domain == "staff_knowledge")
    stratum = next(stratum for stratum in domain.strata if stratum.name == "before_after")
    return number(stratum, domain.sign_tests)


def test_a_certainty_is_published_only_for_the_number_that_people_judged(judged, review, shipped):
    one = judged()
    assert (one.status, one.certainty) == (JudgementStatus.JUDGED, "very_low")
    assert one.statement == (
        "The evidence is very uncertain about how staff knowledge changed after trauma-informed programmes."
    )
    assert extraction_problems(review / "data" / "extracted", shipped[0]) == []
    one = judged(number="0.80 [0.35, 1.24], k = 6")
    assert (one.status, one.certainty, one.statement) == (JudgementStatus.OUTDATED, "", "")
    assert one.suggestion.certainty in set(CertaintyLevel)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"certainty": "low"}, 'column certainty: found "low", but low, lowered by 1 and raised by 0, is very_low.'),
        ({"domain": "morale"}, 'column domain: found "morale", which is not a configured domain.'),
        ({"stratum": "beforeafter"}, 'column stratum: found "beforeafter", which begins with no design.'),
        ({"start": "middling"}, "column start"),
        ({"reason": ""}, "column reason"),
    ],
)
def test_check_refuses_a_judgement_that_cannot_be(write_judgement, review, shipped, changes, said):
    write_judgement(**changes)
    found = [problem.sentence() for problem in extraction_problems(review / "data" / "extracted", shipped[0])]
    assert len(found) == 1 and said in found[0] and "certainty.csv, row 2" in found[0]


EFFECT = {
    "trivial": "little to no difference to pain",
    "small": "slightly",
    "important": "improve pain.",
    "large": "a large improvement in pain",
}
SIZES = {"trivial": 0.1, "small": 0.3, "important": 0.6, "large": 0.9}
THRESHOLDS = Important(value=0.2, moderate=0.5, large=0.8, source="invented")


def told(contrast: str, estimate: float, scale: str = "smd", favours_sign: int = 1, k: int = 5):
    """Return the few things that a statement reads of a pooled stratum."""
    fit = invented(k=k, estimate=estimate, ci_lb=estimate - 0.05, ci_ub=estimate + 0.05)
    contrasts = (Contrast(contrast),)
    return invented(contrasts=contrasts, scale=Scale(scale), favours_sign=favours_sign, fit=fit, pooled=fit)


@pytest.mark.parametrize("certainty", CertaintyLevel)
@pytest.mark.parametrize("size", SIZES)
def test_statements_follow_the_four_by_four_table_of_grade_26(certainty, size):
    domain, said = (
        Domain(label="Pain", population="y", important=THRESHOLDS),
        Certainty(programme="Exercises", plural=True),
    )
    sentence = statement(told("randomised", SIZES[size]), certainty, domain, said)
    if certainty == "very_low":
        assert sentence == "The evidence is very uncertain about the effect of exercises on pain."
        return
    assert EFFECT[size] in sentence
    assert {
        "high": not re.search("may|probably", sentence),
        "moderate": "probably" in sentence,
        "low": "may" in sentence,
    }[certainty]
    one = statement(told("randomised", SIZES[size]), certainty, domain, Certainty(programme="Exercise"))
    assert ("may" in one) or re.search(r"(improves|makes|results)\b", one)


@pytest.mark.parametrize("certainty", CertaintyLevel)
@pytest.mark.parametrize("estimate", [-0.9, -0.3, 0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("important", [None, THRESHOLDS])
@pytest.mark.parametrize("contrast", ["before_after", "time_series"])
@pytest.mark.parametrize("scale", ["smd", "log_rate_ratio"])
def test_before_after_evidence_gets_no_causal_verb(certainty, estimate, important, contrast, scale):
    domain = Domain(label="Pain", population="y", important=important)
    sentence = statement(told(contrast, estimate, scale), certainty, domain, Certainty(programme="Exercise"))
    own = sentence.replace("nothing shows what caused this", "").replace("Results on", "")
    assert not CAUSAL.search(own), sentence


@pytest.mark.parametrize("contrast", ["randomised", "before_after"])
def test_two_effects_get_no_verdict_whatever_was_judged(contrast):
    domain, said = Domain(label="Pain", population="y", important=THRESHOLDS), Certainty(programme="Exercise")
    for certainty in ("high", "moderate", "low"):
        sentence = statement(told(contrast, 0.6, k=2), certainty, domain, said)
        assert sentence == "Only two effects were pooled: they are too few for a conclusion on pain."
    assert "very uncertain" in statement(told(contrast, 0.6, k=2), "very_low", domain, said)


def test_without_an_important_difference_a_statement_speaks_of_direction_only():
    domain, said = Domain(label="Pain", population="y"), Certainty(programme="Exercise")
    for estimate, verb in (
        (0.01, "may improve pain."),
        (5.0, "may improve pain."),
        (-2.0, "may worsen pain."),
    ):
        assert verb in statement(told("randomised", estimate), "low", domain, said)
    assert "The interval also allows for no difference." in statement(told("randomised", 0.01), "low", domain, said)


def test_a_ratio_is_better_or_worse_by_its_own_sign_and_reduces_only_what_is_named_as_an_event():
    said, plain = Certainty(programme="Exercise"), Domain(label="Safety", population="y")
    lower = told("randomised", -0.7, "log_risk_ratio", favours_sign=-1)
    higher = told("randomised", -0.7, "log_risk_ratio")
    assert statement(lower, "high", plain, said) == "Exercise improves safety."
    assert statement(higher, "high", plain, said) == "Exercise worsens safety."
    named = plain.model_copy(update={"event": "falls"})
    assert statement(lower, "high", named, said) == "Exercise reduces falls."
    after = told("before_after", -0.7, "log_rate_ratio", favours_sign=-1)
    assert statement(after, "low", named, said).startswith("Results on safety may have been better after exercise")


def test_an_abbreviation_keeps_its_capitals_inside_a_sentence():
    assert (labels.inside("PTSD of patients"), labels.inside("Staff")) == ("PTSD of patients", "staff")


def test_a_ratio_means_so_many_of_a_thousand():
    fit = invented(estimate=math.log(0.5), ci_lb=math.log(0.25), ci_ub=math.log(0.8))
    made = absolute(invented(scale=Scale.LOG_RISK_RATIO, fit=fit), 0.1)
    assert [round(v, 9) for v in (made.without, made.with_programme, made.ci_lb, made.ci_ub)] == [
        100,
        50,
        25,
        80,
    ]
    made = absolute(invented(scale=Scale.LOG_ODDS_RATIO, fit=fit), 0.5)
    assert math.isclose(made.with_programme, 1000 * 0.5 / 1.5)
    assert absolute(invented(scale=Scale.SMD, fit=fit), 0.1) is None
    assert absolute(invented(scale=Scale.LOG_RISK_RATIO, fit=None), 0.1) is None


def test_thresholds_stand_in_order():
    with pytest.raises(ValueError, match="each above the one before"):
        Important(value=0.5, moderate=0.2, source="x")
    assert Concern.NOT_SERIOUS.steps == 0


def test_a_study_drawn_on_another_axis_of_its_design_is_not_counted_twice():
    votes = [invented(study=name, contrast=Contrast.RANDOMISED) for name in "abc"]
    strata = [invented(contrasts=(Contrast.RANDOMISED,), studies=(invented(study=name),)) for name in "ab"]
    domain = invented(strata=strata, votes=votes)
    found = [[vote.study for vote in votes_of(stratum, domain)] for stratum in strata]
    assert found == [["a", "c"], ["b", "c"]]


FULL, NO_SEARCH = {}, {"systematic_search": False}
UNREAD = {"with_magnitude": 2, "measured": 6}


@pytest.mark.parametrize(
    ("risk", "counts", "expected"),
    [
        (None, FULL, 0),
        ("low", FULL, 0),
        ("some_concerns", FULL, 0),
        ("high", FULL, 1),
        ("low", NO_SEARCH, 1),
        ("some_concerns", NO_SEARCH, 1),
        ("high", NO_SEARCH, 1),
        (None, UNREAD, None),
        ("low", UNREAD, 0),
        ("some_concerns", UNREAD, None),
        ("high", UNREAD, 1),
    ],
)
def test_the_suggestion_follows_what_people_judged_of_missing_evidence(risk, counts, expected):
    judged = MissingEvidenceRisk(risk) if risk else None
    made = suggested(missing_evidence=judged, missing_evidence_reason="Invented reason", **counts)
    concern = made.concerns[-1]
    assert (concern.domain, concern.levels) == (GradeDomain.PUBLICATION_BIAS, expected)
    named = f"People judged missing evidence (ROB-ME): {judged.said}. Invented reason. " if judged else ""
    assert concern.reason.startswith(named) and ("ROB-ME" in concern.reason) == bool(judged)
    assert ("do not lower" in concern.reason) == (risk == "some_concerns")
    counted = suggested(**counts).concerns[-1].reason
    assert concern.reason.endswith(counted.removesuffix(".") + ".") or concern.reason.endswith(counted)


def test_a_high_risk_of_missing_evidence_takes_the_certainty_down_by_one():
    made = suggested(missing_evidence=MissingEvidenceRisk.HIGH, missing_evidence_reason="x")
    assert (made.certainty, made.at_most) == ("moderate", False)
