"""From rows to strata: what may meet, votes, composites, seals, and the second computation."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import taprev
from samples.synthesis import with_fit
from taprev.settings.sections import Moderator
from taprev.synthesis.crosscheck import crosscheck
from taprev.synthesis.directions import direction_of
from taprev.synthesis.domain import synthesise
from taprev.synthesis.kernels.composite import composite
from taprev.synthesis.results import from_json, to_json
from taprev.synthesis.sign_test import clopper_pearson, sign_pval
from taprev.vocabulary import Better, Contrast, Scale, Tau2Method
from taprev.wording.notes import sentences


@pytest.fixture(scope="module")
def rows_of(shipped, shipped_rows):
    return shipped[0], shipped_rows


@pytest.fixture(scope="module")
def domains(rows_of):
    settings, rows = rows_of
    return {name: synthesise(name, own, settings, {"version": "test"}) for name, own in rows.items()}


def stratum(synthesis, name):
    return next(s for s in (*synthesis.strata, *synthesis.sensitivity) if s.name == name)


def test_designs_never_meet_in_one_stratum(domains):
    for synthesis in domains.values():
        contrast_of = {row.result: row.contrast for row in synthesis.rows}
        for s in synthesis.strata:
            assert {contrast_of[result] for study in s.studies for result in study.results} <= set(s.contrasts)
            assert s.fit is None or len({study.measure for study in s.studies}) == 1


def test_only_the_before_after_strata_pool(domains):
    pooled = {(name, s.name): s.fit.k for name, d in domains.items() for s in d.strata if s.fit}
    assert pooled == {
        ("staff_attitudes", "before_after"): 4,
        ("staff_knowledge", "before_after"): 6,
        ("youth_behaviour", "before_after"): 2,
    }


def test_the_combined_stratum_is_a_sensitivity_analysis_of_two_studies(domains):
    combined = stratum(domains["staff_attitudes"], "controlled_any")
    assert combined.fit.k == 2 and combined.fit.ci_method == "wald"
    assert {study.fate for study in combined.studies} == {"pooled"}
    assert all(row.fate != "pooled" for row in domains["staff_attitudes"].rows if row.result in ("r110", "r117"))


def test_two_cohorts_of_one_study_are_two_samples_and_it_says_so(domains):
    knowledge = stratum(domains["staff_knowledge"], "before_after")
    assert "6 independent samples come from 5 studies." in sentences(knowledge.cautions)
    assert math.isclose(sum(study.weight for study in knowledge.studies if study.weight), 100)


def test_fates_sum_to_the_rows(domains):
    for synthesis in domains.values():
        assert sum(synthesis.fates.values()) == len(synthesis.rows)
    assert sum(len(synthesis.rows) for synthesis in domains.values()) == 154


def test_a_domain_without_rows_says_so(domains):
    assert domains["harms"].strata == ()
    assert sentences(domains["harms"].notes) == ["No result in this non-systematic set."]


def test_missing_results_count_studies_and_not_rows(domains):
    missing = stratum(domains["staff_attitudes"], "before_after").missing_results
    assert (missing.with_magnitude, missing.studies) == (4, 15)


def test_children_and_adults_are_apart(domains):
    assert {domains[name].population for name in ("seclusion_restraint", "seclusion_restraint_youth")} == {
        "patients",
        "children and youth",
    }


def test_a_sum_does_not_hide_its_parts(domains):
    azeem = stratum(domains["seclusion_restraint_youth"], "before_after").studies
    assert [round(math.exp(s.yi), 2) for s in azeem] == [0.33, 0.08, 1.25]
    [vote] = [v for v in domains["seclusion_restraint_youth"].votes if v.study == "Azeem2011"]
    assert vote.direction == "unclear"


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(1e-4, 4)), min_size=1, max_size=12),
    st.floats(0, 0.99),
)
def test_a_composite_is_the_quadratic_form_of_its_covariance(results, rho):
    yi, vi = np.array(results).T
    covariance = rho * np.sqrt(np.outer(vi, vi)) + (1 - rho) * np.diag(vi)
    share = np.full(len(yi), 1 / len(yi))
    mean, variance = composite(yi, vi, rho)
    assert mean == pytest.approx(float(share @ yi))
    assert variance == pytest.approx(float(share @ covariance @ share))


@pytest.mark.parametrize(
    ("directions", "vote"),
    [
        (["better"], "better"),
        (["better"] * 7 + ["worse"] * 3, "better"),
        (["better"] * 2 + ["worse"], "unclear"),
        (["worse"] * 3 + ["no_difference"], "worse"),
        (["no_difference"], "unclear"),
        (["mixed"], "unclear"),
    ],
)
def test_several_results_vote_as_one_by_seventy_percent(directions, vote):
    assert direction_of(directions) == vote


def test_sign_test_and_interval_are_exact():
    """Nine of ten: 2 (1 + 10) / 2^10, and the limits solve the binomial tails."""
    assert sign_pval(9, 10) == pytest.approx(22 / 1024)
    assert sign_pval(5, 10) == 1.0
    lb, ub = clopper_pearson(9, 10, 0.95)

    def at_least(x, n, p):
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(x, n + 1))

    assert at_least(9, 10, lb) == pytest.approx(0.025)
    assert 1 - at_least(10, 10, ub) == pytest.approx(0.025)
    assert clopper_pearson(0, 4, 0.95)[0] == 0 and clopper_pearson(4, 4, 0.95)[1] == 1


def test_the_p_value_is_withheld_without_a_systematic_search(rows_of):
    settings, rows = rows_of
    searched = settings.model_copy(update={"review": settings.review.model_copy(update={"systematic_search": True})})
    for used, shown in ((settings, False), (searched, True)):
        tests = synthesise("staff_knowledge", rows["staff_knowledge"], used, {}).sign_tests
        assert [(test.pval is not None) == shown for test in tests] == [True] * len(tests)
        assert all((test.pval_withheld is None) == shown for test in tests)


def test_significance_never_moves_a_vote(rows_of):
    settings, rows = rows_of
    own = rows["staff_attitudes"]
    doubtful = [dataclasses.replace(row, vi=None if row.vi is None else row.vi * 1e4) for row in own]
    assert (
        synthesise("staff_attitudes", own, settings, {}).votes
        == synthesise("staff_attitudes", doubtful, settings, {}).votes
    )


def test_the_seal_moves_with_the_numbers_and_only_then(domains):
    synthesis = domains["staff_knowledge"]
    sealed = json.loads(to_json(synthesis))["seal"]
    released = dataclasses.replace(synthesis, made_by={"version": "9.9"})
    assert json.loads(to_json(released))["seal"] == sealed
    moved = dataclasses.replace(synthesis, studies=synthesis.studies + 1)
    assert json.loads(to_json(moved))["seal"] != sealed


def test_a_tampered_json_is_refused(domains):
    text = to_json(domains["staff_knowledge"])
    assert from_json(text).domain == "staff_knowledge"
    with pytest.raises(ValueError, match="changed after it was written"):
        from_json(text.replace('"k": 6', '"k": 7'))


def test_ratios_of_opposite_orientation_do_not_share_a_stratum(rows_of):
    settings, rows = rows_of
    mixed = [
        dataclasses.replace(row, better=Better.HIGHER) if row.result == "r030" else row
        for row in rows["seclusion_restraint_youth"]
    ]
    made = synthesise("seclusion_restraint_youth", mixed, settings, {}).strata
    signs = {s.name: (s.favours_sign, len(s.studies)) for s in made if s.studies}
    assert signs == {
        "before_after_log_rate_ratio_higher": (1, 1),
        "before_after_log_rate_ratio_lower": (-1, 2),
    }


def test_a_combined_pool_takes_each_sample_once(rows_of):
    settings, rows = rows_of
    doi = next(row for row in rows["staff_attitudes"] if row.result == "r117")
    twice = [*rows["staff_attitudes"], dataclasses.replace(doi, result="again", contrast=Contrast.CONTROLLED)]
    made = synthesise("staff_attitudes", twice, settings, {})
    pooled = [(s.study, s.results) for s in stratum(made, "controlled_any").studies]
    assert pooled == [("Kotake2025", ("r110",)), ("Doi2025", ("r117",))]


def test_missing_results_are_counted_on_the_axis_of_the_stratum(rows_of):
    settings, rows = rows_of
    own = [
        dataclasses.replace(row, scale=Scale.LOG_RATE_RATIO) if row.result == "r131" else row
        for row in rows["staff_attitudes"]
    ]
    made = synthesise("staff_attitudes", own, settings, {})
    counts = {s.name: s.missing_results.with_magnitude for s in made.strata if s.contrasts == ("before_after",)}
    assert counts == {"before_after_smd_higher": 3, "before_after_log_rate_ratio_higher": 1}


def checked(synthesis):
    return crosscheck(from_json(to_json(synthesis)))


def test_a_second_engine_agrees_with_every_pooled_number(domains):
    checks = [check for synthesis in domains.values() for check in checked(synthesis)]
    assert {check.verdict for check in checks} == {"agrees", "R reference only"}
    assert {check.quantity for check in checks if check.engine == "none"} == {
        "I2 and H2",
        "prediction interval",
    }


ENGINES = {"ML": "PyMARE", "DL": "PyMARE", "HE": "PyMARE", "PM": "statsmodels", "HS": "none", "SJ": "none"}


def test_every_estimator_but_the_usual_is_listed_with_its_second_engine():
    assert set(ENGINES) == set(Tau2Method) - {Tau2Method.REML}


@pytest.mark.parametrize("method", ENGINES)
def test_other_estimators_are_checked_too(rows_of, method):
    settings, rows = rows_of
    how = settings.synthesis.model_copy(update={"tau2_method": method})
    chosen = settings.model_copy(update={"synthesis": how})
    checks = checked(synthesise("staff_knowledge", rows["staff_knowledge"], chosen, {}))
    assert checks[0].engine == ENGINES[method] and {check.verdict for check in checks} == {
        "agrees",
        "R reference only",
    }


@pytest.mark.parametrize(("name", "factor"), [("tau2", 1.01), ("estimate", 1.0001), ("tau2_ub", 1.001), ("Q", 1.0001)])
def test_the_crosscheck_can_fail(domains, name, factor):
    content = domains["staff_knowledge"]
    number = getattr(content.strata[1].fit, name)
    assert "disagrees" in {check.verdict for check in crosscheck(with_fit(content, 1, **{name: number * factor}))}


def test_an_interval_that_is_wrong_is_found(domains):
    content = domains["staff_knowledge"]
    first, *others = content.strata[1].fit.intervals
    wrong = with_fit(content, 1, intervals=(dataclasses.replace(first, ci_lb=first.ci_lb + 1e-6), *others))
    assert [c.quantity for c in crosscheck(wrong) if c.verdict == "disagrees"] == ["ci_lb, wald (in standard errors)"]


def explained(rows_of, kind, values, one_sample=False):
    """Staff knowledge with a moderator of its six samples, or of one sample of each of its five studies."""
    how = Moderator(column="dose", label="Dose", kind=kind, knowingly=True)
    settings = rows_of[0].model_copy(update={"moderators": (how,)})
    own = rows_of[1]["staff_knowledge"]
    first = {row.study: row.sample for row in reversed(own) if row.fate == "pooled"}
    if one_sample:
        own = [row for row in own if row.sample == first.get(row.study, row.sample)]
    by_study = dict(zip(dict.fromkeys(row.study for row in own), values, strict=False))
    rows = [replace(row, moderators=json.dumps({"dose": str(by_study.get(row.study, ""))})) for row in own]
    return synthesise("staff_knowledge", rows, settings, {})


def of_moderators(content):
    return [check for check in checked(content) if "Dose" in check.quantity]


@pytest.mark.parametrize("far", [0.0, 1e6])
@pytest.mark.parametrize(("one_sample", "method"), [(True, "hksj"), (False, "cr2")])
def test_a_second_engine_agrees_with_a_meta_regression(rows_of, far, one_sample, method):
    content = explained(rows_of, "number", [0.7 * i**2 + far for i in range(40)], one_sample)
    [regression] = [m.regression for s in content.strata for m in s.moderators if m.regression]
    assert regression.ci_method == method
    verdicts = [check.verdict for check in of_moderators(content)]
    assert verdicts == (["agrees"] * 4 if one_sample else ["agrees", "R reference only"] * 2)


def with_regression(content, **changes):
    """The synthesis with numbers of the slope of its regression changed."""
    position = next(i for i, s in enumerate(content.strata) if any(m.regression for m in s.moderators))
    [moderation] = content.strata[position].moderators
    intercept, slope = moderation.regression.terms
    wrong = replace(moderation.regression, terms=(intercept, replace(slope, **changes)))
    strata = list(content.strata)
    strata[position] = replace(strata[position], moderators=(replace(moderation, regression=wrong),))
    return replace(content, strata=tuple(strata))


@pytest.mark.parametrize(("name", "says"), [("estimate", "slope by Dose"), ("se", "se, slope by Dose")])
def test_a_wrong_coefficient_disagrees(rows_of, name, says):
    content = explained(rows_of, "number", [0.7 * i**2 for i in range(40)], one_sample=True)
    [regression] = [m.regression for s in content.strata for m in s.moderators if m.regression]
    slope = regression.terms[1]
    wrong = with_regression(content, **{name: getattr(slope, name) + 1e-6 * slope.se})
    [bad] = [check for check in crosscheck(wrong) if check.verdict == "disagrees"]
    assert bad.domain == "staff_knowledge" and bad.quantity.startswith(says)


def test_a_wrong_coefficient_stops_the_run_and_names_the_domain(rows_of, tmp_path):
    content = explained(rows_of, "number", [0.7 * i**2 for i in range(40)], one_sample=True)
    [regression] = [m.regression for s in content.strata for m in s.moderators if m.regression]
    wrong = with_regression(content, estimate=regression.terms[1].estimate * 1.001)
    path = tmp_path / "staff_knowledge.json"
    path.write_text(to_json(wrong), encoding="utf-8")
    done = taprev(tmp_path, "crosscheck", path, "--out", tmp_path / "crosscheck.csv")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "staff_knowledge, before_after: slope by Dose" in done.stderr
    assert "disagrees" in (tmp_path / "crosscheck.csv").read_text("utf-8")


def test_a_second_engine_agrees_with_subgroups_and_finds_a_wrong_one(rows_of):
    content = explained(rows_of, "groups", ["short", "long"] * 20)
    found = of_moderators(content)
    assert {check.verdict for check in found} == {"agrees"} and len(found) == 5
    position = next(i for i, s in enumerate(content.strata) if any(m.subgroups for m in s.moderators))
    [moderation] = content.strata[position].moderators
    first, *others = moderation.subgroups.groups
    groups = replace(moderation.subgroups, groups=(replace(first, estimate=first.estimate + 1e-5), *others))
    strata = list(content.strata)
    strata[position] = replace(strata[position], moderators=(replace(moderation, subgroups=groups),))
    bad = [check for check in crosscheck(replace(content, strata=tuple(strata))) if check.verdict == "disagrees"]
    assert [check.quantity.split(" of ")[0] for check in bad] == ["estimate"]
