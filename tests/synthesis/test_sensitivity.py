"""The sensitivity of the strata: variants of effects, the panel, nested models, priors, moderators and units."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from samples.synthesis import with_fit
from taprev.effects.descriptors import described
from taprev.effects.fates import effect_rows
from taprev.effects.variants import read_variants, variants, variants_json
from taprev.extraction.levels_of_settings import settings_problems
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.judged import with_levels_of_tools
from taprev.settings.figures import Figures
from taprev.settings.sections import (
    Dependence,
    Important,
    Instrument,
    Intracluster,
    Moderator,
    ResultScope,
    ScopeSet,
    Sensitivity,
    TauPrior,
)
from taprev.synthesis import random_effects
from taprev.synthesis.crosscheck import crosscheck
from taprev.synthesis.domain import synthesise
from taprev.synthesis.kernels.henmi_copas import henmi_copas
from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.kernels.permutation import permutation_test
from taprev.synthesis.kernels.profile_likelihood import profile_intervals
from taprev.synthesis.results import from_json, to_json
from taprev.vocabulary import Fate
from taprev.wording.notes import reason, sentence, sentences
from taprev.wording.sensitivity import nesting_words
from taprev.wording.strata import stratum_words

KNOWLEDGE = "staff_knowledge"


@pytest.fixture(scope="module")
def made(shipped):
    """Return a function that synthesises a domain under changed settings: made(domain, **changes)."""
    settings, outcomes, studies = shipped

    def make(domain: str, bias: dict[str, str] | None = None, **changes):
        chosen = settings.model_copy(update=changes)
        rows = effect_rows(domain, outcomes, studies, chosen, bias)
        every = variants(domain, outcomes, studies, chosen, bias or {})
        return synthesise(domain, rows, chosen, {"version": "test"}, every)

    return make


def before_after(synthesis):
    return next(stratum for stratum in synthesis.strata if stratum.name.startswith("before_after"))


def lines(stratum, factor: str) -> dict:
    return {line.level: line for line in stratum.panel.one_at_a_time if line.factor == factor}


def test_the_usual_specification_is_the_printed_number(made, shipped):
    pooled = 0
    for domain in shipped[0].domains:
        for stratum in made(domain).strata:
            if stratum.fit is None:
                continue
            pooled += 1
            usual = {line.estimate for line in stratum.panel.one_at_a_time if line.usual}
            assert usual == {stratum.fit.estimate}
    assert pooled == 3


@pytest.mark.parametrize(("r", "level"), [(0.3, "0.3"), (0.7, "0.7"), (0.9, "0.9")])
def test_a_level_of_the_panel_is_the_number_of_a_review_that_chose_it(made, shipped, r, level):
    assumptions = shipped[0].assumptions
    changed = assumptions.model_copy(update={"r_pre_post": assumptions.r_pre_post.model_copy(update={"value": r})})
    line = lines(before_after(made(KNOWLEDGE)), "r_pre_post")[level]
    fit = before_after(made(KNOWLEDGE, assumptions=changed)).fit
    assert (line.estimate, line.ci_lb, line.ci_ub) == pytest.approx((fit.estimate, fit.ci_lb, fit.ci_ub), rel=1e-12)


def test_scope_sets_add_what_the_review_leaves_out(made, shipped):
    settings, _, studies = shipped
    added = ScopeSet(name="clients", label="with client programmes", add=("client_programme",))
    sensitivity = settings.sensitivity.model_copy(update={"scopes": (added,)})
    found = variants("patient_ptsd", shipped[1], studies, settings.model_copy(update={"sensitivity": sensitivity}), {})
    assert next(axis.name for axis in found.axes) == "scope"
    wider = settings.scope.model_copy(update={"include": (*settings.scope.include, "client_programme")})
    rows = effect_rows("patient_ptsd", shipped[1], studies, settings.model_copy(update={"scope": wider}))
    expected = {row.result for row in rows if row.chosen}
    usual = {row.result for row in effect_rows("patient_ptsd", shipped[1], studies, settings) if row.chosen}
    column = found.yi.shape[1] // 2
    at = {one.result for one, yi in zip(found.results, found.yi, strict=True) if not np.isnan(yi[column])}
    assert at == expected > usual


def test_results_judged_at_high_risk_of_bias_leave(made):
    usual = before_after(made(KNOWLEDGE))
    gone = usual.studies[0].results[0]
    panel = before_after(made(KNOWLEDGE, bias={gone: "high"}))
    line = lines(panel, "risk_of_bias")
    assert set(line) == {"every judgement", "without high, serious, critical"}
    assert line["every judgement"].estimate == usual.fit.estimate
    assert line["without high, serious, critical"].estimate != usual.fit.estimate


def test_results_without_an_overall_judgement_that_stay_are_counted(made):
    usual = before_after(made(KNOWLEDGE))
    gone, *others = [result for study in usual.studies if study.fate == "pooled" for result in study.results]

    def told(bias):
        return [one for one in before_after(made(KNOWLEDGE, bias=bias)).panel.notes if one.code == "unjudged_stay"]

    [some] = told({gone: "high", others[0]: "low", others[1]: "not assessed"})
    assert some.figures == {"results": len(others) - 1}
    assert sentences([some]) == [
        f"Where results are left out for their risk of bias, {len(others) - 1} results without an overall judgement "
        "stay."
    ]
    assert told(dict.fromkeys(others, "low") | {gone: "high"}) == [] == told({gone: "low"})


def test_a_rung_of_the_settings_leaves_out_what_another_tool_calls_it(made, shipped):
    gone = before_after(made(KNOWLEDGE)).studies[0].results[0]
    tool = {"tool": "EPHPP", "version": "2004"}
    judged = [{"result": gone, **tool, "domain": "overall", "judgement": "weak", "rung": "high"}]
    assert lines(before_after(made(KNOWLEDGE, bias={gone: "weak"})), "risk_of_bias") == {}
    sensitivity = with_levels_of_tools(shipped[0], judged).sensitivity
    line = lines(before_after(made(KNOWLEDGE, bias={gone: "weak"}, sensitivity=sensitivity)), "risk_of_bias")
    assert set(line) == {"every judgement", "without high, serious, critical, weak"}
    assert len({one.estimate for one in line.values()}) == 2


def test_an_assumed_intracluster_correlation_pools_what_prints_a_cluster_size(made, shipped):
    settings, outcomes, studies = shipped
    randomised = [row for row in outcomes if row["domain"] == "staff_attitudes" and row["contrast"] == "randomised"]
    base = next(row for row in randomised if row["result"] == "r117")
    clusters = {
        "unit_of_allocation": "cluster",
        "n_clusters_arm1": "6",
        "n_clusters_arm2": "6",
        "cluster_size": "10",
    }
    twins = [base, {**base, **clusters, "result": "x1", "study": "Kotake2025", "icc": ""}]
    icc = settings.assumptions.model_copy(update={"icc": Intracluster(grid=(0.01, 0.1))})
    chosen = settings.model_copy(update={"assumptions": icc})
    every = variants("staff_attitudes", twins, studies, chosen, {})
    axis = next(axis for axis in every.axes if axis.name == "icc")
    assert (axis.levels, axis.usual) == (("none", "0.01", "0.1"), 0)
    place = [one.result for one in every.results].index("x1")
    assert every.poolable[place].reshape(-1, 3)[0].tolist() == [False, True, True]
    rows = effect_rows("staff_attitudes", twins, studies, chosen)
    stratum = synthesise("staff_attitudes", rows, chosen, {}, every).strata[0]
    assert stratum.fit is None and "icc" in rows[1].leans_on


def test_effects_that_are_only_shown_have_their_own_panel(made):
    stratum = before_after(made("seclusion_restraint_youth"))
    assert stratum.fit is None
    widths = [line.ci_ub - line.ci_lb for line in stratum.panel.one_at_a_time]
    assert [line.level.split(":")[0] for line in stratum.panel.one_at_a_time] == ["1", "2", "5", "10"]
    assert np.array(widths) / widths[0] == pytest.approx(np.sqrt([1, 2, 5, 10]), rel=1e-12)


def test_variants_come_back_from_their_json(shipped):
    settings, outcomes, studies = shipped
    for domain in (KNOWLEDGE, "harms"):
        found = variants(domain, outcomes, studies, settings, {})
        again = read_variants(variants_json(found))
        assert (again.axes, again.results) == (found.axes, found.results)
        for name in ("yi", "vi", "poolable"):
            assert np.array_equal(getattr(again, name), getattr(found, name), equal_nan=True) or name == "poolable"
        assert np.array_equal(again.poolable, found.poolable)


def test_exact_effects_only_may_leave_nothing(made, shipped):
    line = lines(before_after(made(KNOWLEDGE)), "pool_tiers")["exact only"]
    assert (line.k, line.estimate) == (0, None)
    off = Sensitivity(exact_only=False, tau2_methods=("REML",), scopes=())
    assert "pool_tiers" not in {
        line.factor for line in before_after(made(KNOWLEDGE, sensitivity=off)).panel.one_at_a_time
    }


@pytest.mark.parametrize(("model", "rho"), [("three_level", 0.0), ("che", 0.6)])
def test_nested_models_can_be_the_headline(made, shipped, model, rho):
    pooling = shipped[0].synthesis.model_copy(update={"dependence": Dependence(model=model, fewest_studies=3)})
    synthesis = made(KNOWLEDGE, synthesis=pooling)
    stratum = before_after(synthesis)
    pooled = [study for study in stratum.studies if study.fate == "pooled"]
    theirs = multilevel([s.yi for s in pooled], [s.vi for s in pooled], [s.study for s in pooled], rho=rho)
    fit = stratum.fit
    assert (fit.k, fit.nesting.studies, fit.ci_method) == (11, 5, "cr2")
    assert (fit.estimate, fit.se, fit.df) == (theirs.estimate, theirs.se, theirs.df)
    assert fit.tau2 == theirs.sigma2_study + theirs.sigma2_effect
    assert sum(study.weight for study in pooled) == pytest.approx(100.0)
    assert all(len(study.results) == 1 for study in pooled)
    content = from_json(to_json(synthesis))
    said = stratum_words(next(s for s in content.strata if s.fit), "Staff knowledge")
    assert said.startswith("Pooling 11 effects of 5 studies (434 people, measured straight after) gives a change of")
    assert "lies between studies" in nesting_words(content.strata[-1].fit.nesting)
    checks = crosscheck(content)
    assert {check.verdict for check in checks} == {"agrees", "R reference only"}
    assert any(check.engine == "statsmodels" for check in checks)


def test_the_crosscheck_of_a_nested_fit_can_fail(made, shipped):
    pooling = shipped[0].synthesis.model_copy(update={"dependence": Dependence(model="che", fewest_studies=3)})
    content = made(KNOWLEDGE, synthesis=pooling)
    position, fit = next((place, s.fit) for place, s in enumerate(content.strata) if s.fit)
    nesting = replace(fit.nesting, sigma2_study=fit.nesting.sigma2_study * 1.05)
    for wrong in ({"estimate": fit.estimate * 1.0001}, {"nesting": nesting}):
        checks = crosscheck(with_fit(content, position, **wrong))
        assert "disagrees" in {check.verdict for check in checks}


def test_with_few_studies_the_average_stands_in_and_says_so(made, shipped):
    pooling = shipped[0].synthesis.model_copy(update={"dependence": Dependence(model="che", fewest_studies=6)})
    fit = before_after(made(KNOWLEDGE, synthesis=pooling)).fit
    assert fit.nesting is None and fit.estimate == before_after(made(KNOWLEDGE)).fit.estimate
    assert any("5 studies are fewer than 6" in note for note in sentences(fit.notes))


def test_the_nested_alternatives_stand_beside_the_average(made):
    stratum = before_after(made(KNOWLEDGE))
    assert [line.level.split(" (df")[0] for line in stratum.panel.dependence] == [
        "three levels",
        "correlated effects, rho 0.4",
        "correlated effects, rho 0.6",
        "correlated effects, rho 0.8",
    ]
    assert {line.k for line in stratum.panel.dependence} == {11}


def test_each_study_is_left_out_with_its_samples(made):
    stratum = before_after(made(KNOWLEDGE))
    pooled = [study for study in stratum.studies if study.fate == "pooled"]
    left = [study for study in pooled if study.study != "SSWR2018_MHtraining"]
    fit = random_effects([s.yi for s in left], [s.vi for s in left])
    line = next(line for line in stratum.panel.leave_one_out if line.k == 4)
    assert (line.level, line.estimate) == ("Freisthler 2018", pytest.approx(fit.estimate, rel=1e-12))


def test_priors_that_do_not_apply_are_left_out(made, shipped):
    priors = (TauPrior(family="half_normal", scale=0.5), TauPrior(family="rhodes_2015"))
    assert [fit.prior for fit in before_after(made(KNOWLEDGE, bayes=priors)).bayes] == ["half-normal with scale 0.5"]
    combined = made("staff_attitudes", bayes=priors).sensitivity[0]
    assert len(combined.bayes) == 1


def test_an_important_difference_and_an_instrument_are_used_with_their_sources(made, shipped):
    domain = (
        shipped[0]
        .domains[KNOWLEDGE]
        .model_copy(
            update={
                "important": Important(value=0.2, source="a panel"),
                "instrument": Instrument(name="Scale", sd=8.0, source="a manual"),
            }
        )
    )
    stratum = before_after(made(KNOWLEDGE, domains={**shipped[0].domains, KNOWLEDGE: domain}))
    assert stratum.bayes[0].important == 0.2
    assert stratum.bayes[0].p_important < stratum.bayes[0].p_better
    assert (stratum.in_units.estimate, stratum.in_units.ci_lb) == (
        8 * stratum.fit.estimate,
        8 * stratum.fit.ci_lb,
    )
    assert stratum.in_units.source == "a manual"


def test_moderators_are_refused_when_few_and_examined_when_asked_for_knowingly(made):
    few = (
        Moderator(column="setting", label="Setting"),
        Moderator(column="year", label="Year", kind="number"),
    )
    refused = before_after(made(KNOWLEDGE, moderators=few)).moderators
    assert ["too few for" in reason(one.refused) for one in refused] == [True, True]
    knowingly = tuple(one.model_copy(update={"knowingly": True}) for one in few)
    groups, slope = before_after(made(KNOWLEDGE, moderators=knowingly)).moderators
    assert sum(group.k for group in groups.subgroups.groups) == 5 and groups.subgroups.Q_df > 0
    assert "not_reported" not in {group.level for group in groups.subgroups.groups}
    assert [term.name for term in slope.regression.terms] == ["intercept", "Year"]
    assert slope.regression.ci_method == "cr2"
    other = before_after(made(KNOWLEDGE, moderators=(few[0].model_copy(update={"domains": ("harms",)}),)))
    assert other.moderators == ()


def test_a_moderator_may_be_a_column_of_the_outcomes(made, shipped):
    _, outcomes, studies = shipped
    kinds = {row["result"]: "several items" if "scale" in row["measure"] else "one test" for row in outcomes}
    rated = [{**row, "kind": kinds[row["result"]]} for row in outcomes]
    asked = (Moderator(column="kind", label="Kind", knowingly=True), Moderator(column="setting", label="S"))
    chosen = shipped[0].model_copy(update={"moderators": asked, "figures": Figures(descriptors=("kind",))})
    rows = described(effect_rows(KNOWLEDGE, rated, studies, chosen), studies, [], chosen, rated, tools=shipped_tools())
    stratum = before_after(synthesise(KNOWLEDGE, rows, chosen, {"version": "test"}))
    pooled = [study for study in stratum.studies if study.weight is not None]
    levels = {study.label: " and ".join(sorted({kinds[name] for name in study.results})) for study in pooled}
    assert len(set(levels.values())) > 1
    assert {study.label: study.descriptors["kind"] for study in pooled} == levels
    counts = {group.level: group.k for group in stratum.moderators[0].subgroups.groups}
    assert counts == dict(Counter(levels.values()))
    assert stratum.moderators[1].refused


def test_results_are_left_out_by_a_column_of_the_outcomes(shipped):
    settings, outcomes, studies = shipped
    rated = [{**row, "rater": "trainer" if row["result"] == "r007" else "self"} for row in outcomes]
    own = ResultScope(column="rater", include=("self",), why="rated by the trainers")
    scope = settings.scope.model_copy(update={"results": (own,)})
    domain = next(row["domain"] for row in outcomes if row["result"] == "r007")
    usual, chosen = (
        {row.result: row for row in effect_rows(domain, rated, studies, one)}
        for one in (settings, settings.model_copy(update={"scope": scope}))
    )
    assert usual["r007"].fate != Fate.EXCLUDED and chosen["r007"].fate == Fate.EXCLUDED
    assert reason(chosen["r007"].reason) == "rated by the trainers" and not chosen["r007"].votes
    assert all(chosen[name].fate == usual[name].fate for name in usual if usual[name].study != usual["r007"].study)


def test_a_word_of_the_scope_that_no_result_has_is_refused(review, shipped):
    settings = shipped[0]
    own = ResultScope(column="location", include=("abstract", "Abstract"), why="w")
    scope = settings.scope.model_copy(update={"results": (own,)})
    extracted = review / "data" / "extracted"
    [problem] = settings_problems(extracted, settings.model_copy(update={"scope": scope}))
    assert 'found "Abstract", which no result has. Results have ' in problem.sentence()


def test_a_moderator_that_cannot_be_read_is_refused_with_a_sentence(made):
    words = (Moderator(column="setting", label="Setting", kind="number", knowingly=True),)
    refused = before_after(made(KNOWLEDGE, moderators=words)).moderators[0].refused
    assert reason(refused).startswith("Not estimable")


def test_a_wider_scope_is_told_where_the_review_itself_pools_nothing(made, shipped):
    settings = shipped[0]
    wider = settings.scope.model_copy(update={"include": (*settings.scope.include, "client_programme")})
    for domain in ("patient_ptsd", "patient_mental_health"):
        usual, rerun = made(domain), made(domain, scope=wider)
        pooled = next(s for s in rerun.strata if s.fit)
        told = [one for one in (*usual.outside, *usual.strata) if one.panel and one.panel.multiverse]
        assert [one.contrasts for one in told] == [pooled.contrasts]
        lines = {one.level: one for one in told[0].panel.one_at_a_time if one.factor == "scope"}
        assert lines["the review's programmes"].estimate is None
        assert lines["with client programmes"].estimate == pytest.approx(pooled.fit.estimate, rel=1e-12)


def test_a_nested_headline_is_marked_among_the_nested_models(made, shipped):
    pooling = shipped[0].synthesis.model_copy(update={"dependence": Dependence(model="che", fewest_studies=3)})
    stratum = before_after(made(KNOWLEDGE, synthesis=pooling))
    marked = [line for line in (*stratum.panel.one_at_a_time, *stratum.panel.dependence) if line.usual]
    assert [line.estimate for line in marked] == [stratum.fit.estimate]
    assert "average several results" in sentence(stratum.panel.notes[0])


def test_a_nested_model_that_cannot_be_fitted_falls_back_in_writing(shipped, shipped_rows):
    settings = shipped[0]
    pooling = settings.synthesis.model_copy(update={"dependence": Dependence(model="che", fewest_studies=3)})
    equal = [replace(row, yi=0.3) if row.yi is not None else row for row in shipped_rows[KNOWLEDGE]]
    fit = before_after(synthesise(KNOWLEDGE, equal, settings.model_copy(update={"synthesis": pooling}), {})).fit
    assert fit.nesting is None and any("have no spread" in note for note in sentences(fit.notes))


def test_the_crosscheck_finds_a_component_wrongly_at_zero(made, shipped):
    pooling = shipped[0].synthesis.model_copy(update={"dependence": Dependence(model="che", fewest_studies=3)})
    content = made(KNOWLEDGE, synthesis=pooling)
    position, fit = next((place, s.fit) for place, s in enumerate(content.strata) if s.fit)
    wrong = with_fit(content, position, nesting=replace(fit.nesting, sigma2_study=0.0, sigma2_effect=0.0))
    found = [check.verdict for check in crosscheck(wrong) if check.quantity.startswith("components")]
    assert found == ["disagrees"]


def test_priors_and_combinations_that_are_refused_say_why(made, shipped):
    priors = (TauPrior(family="half_normal", scale=0.5), TauPrior(family="rhodes_2015"))
    notes = sentences(before_after(made(KNOWLEDGE, bayes=priors)).panel.notes)
    assert any("Rhodes 2015 describes randomised trials" in note for note in notes)
    many, few = tuple(x / 200 for x in range(180)), tuple(x / 12 for x in range(12))
    assumptions = shipped[0].assumptions
    wide = assumptions.model_copy(
        update={
            "r_pre_post": assumptions.r_pre_post.model_copy(update={"grid": many}),
            "rho": assumptions.rho.model_copy(update={"grid": few}),
        }
    )
    stratum = before_after(made(KNOWLEDGE, assumptions=wide))
    assert stratum.fit is not None and stratum.panel.multiverse is None
    assert any("20,000 are the most" in note for note in sentences(stratum.panel.notes))


def test_studies_of_one_name_are_left_out_apart(shipped, shipped_rows):
    rows = [replace(row, label="Smith 2020") for row in shipped_rows[KNOWLEDGE]]
    lines = before_after(synthesise(KNOWLEDGE, rows, shipped[0], {})).panel.leave_one_out
    assert [line.level for line in lines] == ["Smith 2020"] * 5
    assert Counter(line.k for line in lines) == {4: 1, 5: 4}


def test_other_intervals_of_the_same_effects_are_those_of_their_methods(made):
    stratum = before_after(made(KNOWLEDGE))
    lines = {line.level: line for line in stratum.panel.intervals}
    pooled = [study for study in stratum.studies if study.fate == Fate.POOLED]
    yi, vi = [study.effect.yi for study in pooled], [study.effect.vi for study in pooled]
    assert list(lines)[:5] == ["Wald", "HKSJ", "modified HKSJ", "profile likelihood", "Henmi and Copas"]
    assert [name for name, line in lines.items() if line.usual] == ["HKSJ"]
    assert (lines["HKSJ"].estimate, lines["HKSJ"].ci_lb) == (stratum.fit.estimate, stratum.fit.ci_lb)
    copas, profile = henmi_copas(yi, vi), profile_intervals(yi, vi, method="ML")
    assert (lines["Henmi and Copas"].estimate, lines["Henmi and Copas"].ci_ub) == (copas.estimate, copas.ci_ub)
    assert lines["profile likelihood"].ci_lb == profile.ci_lb[0]
    exact = permutation_test(yi, vi, method="DL", test="z")
    [permuted] = [line for name, line in lines.items() if name.startswith("exact permutation test")]
    assert permuted.level.endswith(f"(p {exact.pval[0]:.3f})") and permuted.ci_ub == exact.ci_ub
    assert all(line in stratum.panel.alternatives for line in lines.values())


def test_fewer_than_six_effects_are_not_permuted(made):
    few = [
        stratum
        for domain in ("staff_attitudes", "youth_behaviour")
        for stratum in made(domain).strata
        if stratum.panel and stratum.panel.intervals
    ]
    assert few
    for stratum in few:
        assert not any(line.level.startswith("exact permutation") for line in stratum.panel.intervals)


def test_no_other_interval_is_the_usual_one_beside_a_nested_model(made, shipped):
    settings, _, _ = shipped
    nested = settings.synthesis.model_copy(update={"dependence": Dependence(model="three_level", fewest_studies=3)})
    strata = [stratum for stratum in made(KNOWLEDGE, synthesis=nested).strata if stratum.fit and stratum.fit.nesting]
    assert strata and not any(line.usual for stratum in strata for line in stratum.panel.intervals)
