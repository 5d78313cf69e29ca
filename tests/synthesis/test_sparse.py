"""Mantel-Haenszel and Peto pooling: equal to metafor, identities, and refusals."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taprev.effects import effect_size
from taprev.synthesis.kernels.refusals import EVENTS_AND_TOTALS as COLUMNS
from taprev.synthesis.kernels.sparse import mantel_haenszel, peto
from taprev.synthesis.results import SparseFit
from taprev.wording.notes import sentence

PARITY = 1e-10
MEASURES = ("OR", "RR", "RD", "PETO")
SPARSE = ([0, 2, 0, 9, 1], [20, 31, 12, 9, 40], [3, 0, 0, 7, 4], [22, 29, 15, 7, 44])


def pooled(measure: str, *tables, level: float = 0.95) -> SparseFit:
    return peto(*tables, level=level) if measure == "PETO" else mantel_haenszel(*tables, measure, level)


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests" / "reference" / "sparse.json").read_text())


def test_the_whole_grid_of_sets_and_measures_is_stored(reference):
    names = [one["id"] for one in reference["sets"]]
    assert len(names) == len(set(names)) == 47 and sum(name.startswith("random") for name in names) == 40
    found = sorted((result["set"], result["measure"]) for result in reference["results"])
    assert found == sorted(itertools.product(names, MEASURES))


@pytest.mark.parametrize("measure", MEASURES)
def test_common_effects_equal_metafor(reference, measure):
    sets = {one["id"]: [one[name] for name in COLUMNS] for one in reference["sets"]}
    results = [r for r in reference["results"] if r["measure"] == measure and r["fitted"] and r["se"] > 0]
    assert len(results) > 40
    for expected in results:
        fit = pooled(measure, *sets[expected["set"]])
        for name in ("estimate", "se", "ci_lb", "ci_ub"):
            assert getattr(fit, name) == pytest.approx(expected[name], abs=PARITY * expected["se"])
        assert fit.pval == pytest.approx(expected["pval"], rel=1e-8, abs=PARITY)
        assert pytest.approx(expected["Q"], rel=PARITY, abs=PARITY) == fit.Q
        assert fit.Q_pval == pytest.approx(expected["Q_pval"], abs=PARITY)
        assert fit.Q_df == max(expected["k_yi"] - 1, 0)


def test_where_metafor_has_no_estimate_there_is_a_refusal(reference):
    sets = {one["id"]: [one[name] for name in COLUMNS] for one in reference["sets"]}
    without = [r for r in reference["results"] if not r["fitted"] or not r["se"]]
    assert without
    for result in without:
        with pytest.raises(ValueError, match=r"not finite|no effect to pool"):
            pooled(result["measure"], *sets[result["set"]])


@pytest.mark.reference
def test_the_reference_of_sparse_pooling_is_what_r_gives(forked_r, tmp_path, reference):
    out = tmp_path / "sparse.json"
    done = forked_r("tests/reference/sparse.R", out)
    assert done.returncode == 0, done.stderr
    anew = json.loads(out.read_text())
    assert [one["id"] for one in anew["sets"]] == [one["id"] for one in reference["sets"]]
    for one, other in zip(reference["results"], anew["results"], strict=True):
        assert one.keys() == other.keys()
        for name, value in one.items():
            exact = isinstance(value, (str, bool)) or value is None
            assert other[name] == (value if exact else pytest.approx(value, rel=1e-12))


def test_studies_that_say_nothing_are_left_out_and_named():
    odds, risks, differences, one_step = (pooled(measure, *SPARSE) for measure in MEASURES)
    assert odds.double_zero == one_step.double_zero == (2, 3) and risks.double_zero == (2,)
    assert differences.double_zero == () and differences.k_used == differences.k == 5
    assert (odds.k, odds.k_used) == (5, 3) and odds.weights[2] == odds.weights[3] == 0
    assert odds.notes[0].figures["studies"] == "study 3, study 4"
    assert sentence(odds.notes[0]).startswith("2 samples are left out, because nobody or everybody has the event")
    assert sentence(risks.notes[0]).startswith("1 sample is left out, because nobody has the event in both arms")
    assert len(odds.notes) == 1 and odds.Q_df == 0
    two_of_three = pooled("OR", [0, 2, 3], [20, 31, 40], [3, 4, 6], [22, 29, 44])
    assert sentence(two_of_three.notes[0]) == "Q rests on the 2 of 3 studies with an effect and variance of their own"


@pytest.mark.parametrize("measure", ["OR", "RR", "PETO"])
def test_a_study_left_out_changes_nothing(measure):
    kept = [[column[i] for i in (0, 1, 4)] for column in SPARSE]
    more = [[*column, extra] for column, extra in zip(kept, (0, 50, 0, 60), strict=True)]
    one, other = pooled(measure, *kept), pooled(measure, *more)
    assert (one.estimate, one.se, one.Q) == (other.estimate, other.se, other.Q)
    assert other.double_zero == (3,)


@pytest.mark.parametrize("measure", MEASURES)
def test_swapping_the_arms_turns_the_sign(measure):
    a, n1, c, n2 = SPARSE
    one, other = pooled(measure, a, n1, c, n2), pooled(measure, c, n2, a, n1)
    assert other.estimate == pytest.approx(-one.estimate, rel=1e-12)
    assert other.se == pytest.approx(one.se, rel=1e-12) and pytest.approx(one.Q, rel=1e-12) == other.Q
    assert other.ci_lb == pytest.approx(-one.ci_ub, rel=1e-12)


@pytest.mark.parametrize("measure", ["OR", "PETO"])
def test_counting_the_others_turns_the_odds_ratio(measure):
    a, n1, c, n2 = (np.array(column, dtype=float) for column in SPARSE)
    one, other = pooled(measure, a, n1, c, n2), pooled(measure, n1 - a, n1, n2 - c, n2)
    assert other.estimate == pytest.approx(-one.estimate, rel=1e-12)
    assert other.se == pytest.approx(one.se, rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_one_study_is_its_own_effect(measure):
    fit = pooled(measure, [4], [50], [9], [48])
    own = effect_size(measure, event_arm1=4, totaln_arm1=50, event_arm2=9, totaln_arm2=48)
    assert fit.estimate == pytest.approx(own.yi, rel=1e-12)
    assert fit.se == pytest.approx(math.sqrt(own.vi), rel=5e-3 if measure == "RD" else 1e-12)
    assert (fit.Q, fit.Q_df, fit.Q_pval) == (0, 0, 1) and fit.weights == (100,)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_wider_level_gives_a_wider_interval(measure):
    narrow, wide = (pooled(measure, *SPARSE, level=level) for level in (0.9, 0.99))
    assert wide.ci_lb < narrow.ci_lb < narrow.estimate < narrow.ci_ub < wide.ci_ub


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (([0, 0], [10, 12], [0, 0], [9, 11]), "in every study nobody has the event"),
        (([5, 6], [5, 6], [7, 8], [7, 8]), "in every study everybody has the event"),
        (([0, 5], [10, 5], [0, 4], [9, 4]), "nobody or everybody has the event"),
        (([3], [10, 12], [0, 0], [9, 11]), "rows of equal length"),
        (([3, 13], [10, 12], [0, 0], [9, 11]), "study 2: event_arm1 is 13, and must be at most totaln_arm1"),
        (([3, -1], [10, 12], [0, 0], [9, 11]), "study 2: event_arm1 is -1"),
        (([3, math.nan], [10, 12], [0, 0], [9, 11]), "study 2: event_arm1 is nan"),
        (([0, 0], [0, 12], [0, 0], [9, 11]), "study 1: totaln_arm1 is 0"),
        (([], [], [], []), "are empty"),
        ((["a"], [1], [1], [1]), "numbers only"),
    ],
)
@pytest.mark.parametrize("measure", MEASURES)
def test_unsound_tables_are_refused_with_a_sentence(measure, tables, said):
    with pytest.raises(ValueError, match=said):
        pooled(measure, *tables)


def test_a_ratio_without_events_in_one_arm_is_refused():
    for measure, said in (("OR", "an event in arm 1 beside"), ("RR", "no study has an event in arm 1")):
        with pytest.raises(ValueError, match=said):
            mantel_haenszel([0, 0], [10, 12], [1, 2], [9, 11], measure)
    assert peto([0, 0], [10, 12], [1, 2], [9, 11]).estimate < 0


def test_unknown_choices_are_refused():
    with pytest.raises(ValueError, match="measure is 'SMD'"):
        mantel_haenszel(*SPARSE, "SMD")
    with pytest.raises(ValueError, match="level is 95"):
        peto(*SPARSE, level=95)


counts = st.lists(
    st.tuples(st.integers(-1, 60), st.integers(0, 60), st.integers(-1, 60), st.integers(0, 60)), max_size=8
)


@given(counts, st.sampled_from(MEASURES))
def test_any_tables_give_a_finite_effect_or_a_sentence(tables, measure):
    try:
        fit = pooled(measure, *([row[i] for row in tables] for i in range(4)))
    except ValueError as error:
        assert str(error)
    else:
        assert math.isfinite(fit.estimate) and fit.se > 0 and fit.Q >= 0 and 0 <= fit.Q_pval <= 1
        assert fit.ci_lb < fit.estimate < fit.ci_ub and sum(fit.weights) == pytest.approx(100)
        assert fit.k_used + len(fit.double_zero) == fit.k
