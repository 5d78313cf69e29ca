"""Rates by Mantel-Haenszel, tests of association and of one odds ratio, and pools without each study: as metafor."""

from __future__ import annotations

import json

import numpy as np
import pytest

from helpers import REFERENCE
from taprev.synthesis.kernels.association import breslow_day, cochran_mantel_haenszel, rate_association
from taprev.synthesis.kernels.omission import without_each
from taprev.synthesis.kernels.rates import mantel_haenszel_rates
from taprev.synthesis.kernels.refusals import COUNTS_AND_TIMES, EVENTS_AND_TOTALS
from taprev.synthesis.kernels.sparse import mantel_haenszel, peto
from taprev.wording.notes import sentence

STORED = json.loads((REFERENCE / "sparse.json").read_text())
TABLES = [pytest.param(one, id=one["id"]) for one in STORED["further"]]
RATES = [pytest.param(one, id=one["id"]) for one in STORED["rates"]]
CLOSE = 1e-10


def tables(one: dict) -> list:
    return [one[name] for name in EVENTS_AND_TOTALS]


def rates(one: dict) -> list:
    return [one[name] for name in COUNTS_AND_TIMES]


def test_the_sets_are_published_and_some_studies_say_nothing():
    assert len(TABLES) == 11 and len(RATES) == 18
    assert sum(min(np.add(one["count_arm1"], one["count_arm2"])) == 0 for one in STORED["rates"]) >= 5
    assert sum(one["tests"]["k_pos"] < len(one["event_arm1"]) for one in STORED["further"]) >= 3


@pytest.mark.parametrize("one", RATES)
def test_rates_equal_metafor(one):
    fit = mantel_haenszel_rates(*rates(one))
    for name in ("estimate", "se", "ci_lb", "ci_ub"):
        assert getattr(fit, name) == pytest.approx(one[name], abs=CLOSE * one["se"]), name
    assert fit.pval == pytest.approx(one["pval"], rel=1e-8, abs=1e-14)
    assert pytest.approx(one["Q"], rel=CLOSE, abs=CLOSE) == fit.Q
    assert fit.Q_pval == pytest.approx(one["Q_pval"], abs=CLOSE) and fit.Q_df == max(one["k_yi"] - 1, 0)
    assert sum(fit.weights) == pytest.approx(100)


@pytest.mark.parametrize("one", RATES)
def test_the_association_of_rates_equals_metafor(one):
    corrected, plain = rate_association(*rates(one)), rate_association(*rates(one), correct=False)
    assert (corrected.statistic, corrected.pval) == pytest.approx(
        (one["tests"]["MH"], one["tests"]["MH_pval"]), rel=1e-9
    )
    assert plain.statistic == pytest.approx(one["tests"]["MH_plain"], rel=1e-9)
    assert corrected.df == plain.df == 1


@pytest.mark.parametrize("one", TABLES)
def test_the_association_of_tables_and_one_odds_ratio_equal_metafor(one):
    wanted = one["tests"]
    found = cochran_mantel_haenszel(*tables(one))
    assert (found.statistic, found.pval) == pytest.approx((wanted["MH"], wanted["MH_pval"]), rel=1e-9)
    assert cochran_mantel_haenszel(*tables(one), correct=False).statistic == pytest.approx(wanted["MH_plain"], rel=1e-9)
    for tarone, name in ((True, "TA"), (False, "BD")):
        test = breslow_day(*tables(one), tarone=tarone)
        assert (test.statistic, test.pval) == pytest.approx((wanted[name], wanted[f"{name}_pval"]), rel=1e-8), name
        assert test.df == wanted["k_pos"] - 1


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "PETO"])
@pytest.mark.parametrize("one", TABLES)
def test_pools_without_each_study_equal_metafor(one, measure):
    studies = list(range(len(one["event_arm1"])))
    how = {} if measure == "PETO" else {"measure": measure}
    found = without_each(peto if measure == "PETO" else mantel_haenszel, studies, *tables(one), **how)
    assert [row.study for row in found] == studies
    told = {row.study for row in found} - set(pool_of_all(one, measure).double_zero)
    for row in found:
        assert row.fit.estimate == pytest.approx(one[measure]["estimate"][row.study], abs=CLOSE)
        assert row.fit.se == pytest.approx(one[measure]["se"][row.study], rel=CLOSE)
        if row.study in told:
            assert pytest.approx(one[measure]["Q"][row.study], rel=1e-8, abs=1e-9) == row.fit.Q


def pool_of_all(one: dict, measure: str):
    return peto(*tables(one)) if measure == "PETO" else mantel_haenszel(*tables(one), measure)


@pytest.mark.parametrize("one", RATES)
def test_rates_without_each_study_equal_metafor(one):
    found = without_each(mantel_haenszel_rates, list(range(len(one["count_arm1"]))), *rates(one))
    for position, row in enumerate(found):
        theirs = one["without"]["estimate"][position]
        if theirs is None:
            assert row.fit is None and "the common rate ratio is not finite" in row.refused
            continue
        assert row.fit.estimate == pytest.approx(theirs, abs=CLOSE * max(1, one["se"]))
        assert row.fit.se == pytest.approx(one["without"]["se"][position], rel=CLOSE)


def test_all_tables_of_a_study_leave_together_and_what_is_not_finite_is_told():
    a, n1, c, n2 = [2, 3, 0, 1], [20, 30, 25, 40], [0, 0, 4, 2], [20, 30, 25, 41]
    found = without_each(mantel_haenszel, ["x", "y", "y", "z"], a, n1, c, n2, measure="RR")
    assert [row.study for row in found] == ["x", "y", "z"]
    assert found[1].fit.estimate == pytest.approx(mantel_haenszel([2, 1], [20, 40], [0, 2], [20, 41], "RR").estimate)
    alone = without_each(mantel_haenszel, ["x", "y"], [2, 3], [20, 30], [0, 4], [20, 30])
    assert alone[1].fit is None and "not finite" in alone[1].refused and alone[0].fit.k == 1


def test_studies_without_an_event_are_left_out_of_rates_and_named():
    fit = mantel_haenszel_rates([4, 0, 3], [100, 50, 80], [2, 0, 0], [110, 60, 85])
    assert fit.double_zero == (1,) and (fit.k, fit.k_used) == (3, 2) and fit.weights[1] == 0
    without = mantel_haenszel_rates([4, 3], [100, 80], [2, 0], [110, 85])
    assert (fit.estimate, fit.se) == pytest.approx((without.estimate, without.se), rel=1e-14)
    assert "study 2" in str(fit.notes[0].figures) and "nobody has the event" in sentence(fit.notes[0])


def test_other_units_of_time_and_swapped_arms_do_not_matter():
    x1, t1, x2, t2 = rates(STORED["rates"][0])
    fit = mantel_haenszel_rates(x1, t1, x2, t2)
    years = mantel_haenszel_rates(x1, np.array(t1) / 365.25, x2, np.array(t2) / 365.25)
    assert (years.estimate, years.se) == pytest.approx((fit.estimate, fit.se), rel=1e-12)
    swapped = mantel_haenszel_rates(x2, t2, x1, t1)
    assert (swapped.estimate, swapped.se) == pytest.approx((-fit.estimate, fit.se), rel=1e-12)
    assert breslow_day([4, 8], [20, 40], [4, 8], [20, 40]).statistic == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: mantel_haenszel_rates([0, 0], [9, 9], [1, 2], [9, 9]), "no study has an event in arm 1"),
        (lambda: mantel_haenszel_rates([1, 2], [9, 0], [1, 2], [9, 9]), "study 2: time_arm1 is 0"),
        (lambda: mantel_haenszel_rates([1, 2], [9, 9], [1, 2], [9, 9], level=95), "level is 95"),
        (lambda: mantel_haenszel([1], [9], [1], [9], "IRR"), "measure is 'IRR'; it must be one of OR, RR, RD"),
        (lambda: rate_association([0, 0], [9, 9], [0, 0], [9, 9]), "no study has an event"),
        (lambda: cochran_mantel_haenszel([0, 9], [9, 9], [0, 8], [9, 8]), "nobody or everybody has the event"),
        (lambda: breslow_day([0, 3], [9, 9], [0, 4], [9, 8]), "one study alone says something"),
        (lambda: breslow_day([0, 0], [9, 9], [1, 4], [9, 8]), "not finite"),
        (lambda: without_each(peto, ["a", "b"], [1], [9], [2], [9]), "studies has 2 values and there are 1 effects"),
        (lambda: without_each(peto, ["a", "a"], [1, 2], [9, 9], [2, 3], [9, 9]), "there is one study only"),
        (lambda: without_each(peto, ["a", "b"], [1, 20], [9, 9], [2, 3], [9, 9]), "study 2: event_arm1 is 20"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_a_sentence(call, told):
    with pytest.raises(ValueError, match=told):
        call()
