"""Meta-regression and subgroups: equal to metafor and clubSandwich, and refused where they would say nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import TypeAdapter

from helpers import REFERENCE
from taprev.synthesis.moderators import meta_regression, refuse_few, subgroups
from taprev.synthesis.results import Regression
from taprev.wording.notes import reason

STORED = json.loads((REFERENCE / "moderators.json").read_text())
CASES = list(zip(STORED["sets"], STORED["fits"], strict=True))
IDS = [one["id"] for one in STORED["sets"]]
CLOSE = 1e-9


def regression(one: dict, ci_method: str = "hksj"):
    names = [f"x{i}" for i in range(len(one["X"][0]))]
    return meta_regression(one["yi"], one["vi"], one["X"], names, ci_method, one["study"])


def column(fit, name: str) -> np.ndarray:
    return np.array([getattr(term, name) for term in fit.terms])


def test_the_grid_is_whole():
    assert len(CASES) == 6 and {len(one["X"][0]) for one, _ in CASES} == {1, 2}
    assert sum(fit["subgroups"] is not None for _, fit in CASES) == 3
    assert sum(len(set(one["study"])) < len(one["study"]) for one, _ in CASES) == 2


@pytest.mark.parametrize(("one", "theirs"), CASES, ids=IDS)
def test_meta_regression_with_hksj_equals_metafor(one, theirs):
    fit, se = regression(one), np.array(theirs["se"])
    for name in ("estimate", "se", "ci_lb"):
        assert np.max(np.abs(column(fit, name) - theirs[name]) / se) <= CLOSE
    assert column(fit, "pval") == pytest.approx(theirs["pval"], abs=CLOSE)
    assert abs(fit.tau2 - theirs["tau2"]) / (theirs["tau2"] + min(one["vi"])) <= CLOSE
    assert (fit.QM, fit.QM_pval) == pytest.approx((theirs["QM"], theirs["QM_pval"]), rel=CLOSE)
    assert (fit.R2, fit.QE, fit.QE_pval) == pytest.approx(
        (theirs["R2"], theirs["QE"], theirs["QE_pval"]), rel=1e-8, abs=1e-8
    )


@pytest.mark.parametrize(("one", "theirs"), CASES, ids=IDS)
def test_cr2_errors_and_degrees_of_freedom_equal_clubsandwich(one, theirs):
    fit = regression(one, "cr2")
    assert column(fit, "se") == pytest.approx(theirs["cr2_se"], rel=1e-8)
    assert column(fit, "df") == pytest.approx(theirs["cr2_df"], rel=1e-8)
    joint = [theirs[name] for name in ("cr2_QM", "cr2_QM_df2", "cr2_QM_pval")]
    assert (fit.QM, fit.QM_df2, fit.QM_pval) == pytest.approx(joint, rel=1e-8)


def test_with_one_moderator_the_joint_test_is_its_own_t():
    one = next(one for one, _ in CASES if one["id"] == "assink")
    fit = regression(one, "cr2")
    slope = fit.terms[1]
    assert (fit.QM, fit.QM_df2, fit.QM_pval) == pytest.approx(((slope.estimate / slope.se) ** 2, slope.df, slope.pval))


def test_a_regression_is_read_back_as_it_was_written():
    """Whole degrees of freedom stay whole, so that a seal of earlier results holds."""
    kept = TypeAdapter(Regression)
    for method, kind in (("hksj", int), ("cr2", float)):
        fit = regression(CASES[0][0], method)
        again = kept.validate_json(kept.dump_json(fit))
        assert again == fit and type(again.QM_df2) is type(fit.QM_df2) is kind


def test_too_few_clusters_for_a_joint_test_leave_it_out():
    study = np.repeat(["a", "b", "c", "d"], 4)
    X = np.column_stack(
        [np.isin(study, ["a", "d"]), np.isin(study, ["c", "d"]), [0] * 4 + [1, 0, 0, 0] + [1, 1, 0, 0, 0, 0, 1, 1]]
    )
    yi = [0.22, 0.1, -0.02, 0.18, 0.44, 0.23, 0.59, 0.24, 0.31, 0.76, 0.46, 0.15, 0.25, 0.46, 0.88, 0.22]
    fit = meta_regression(yi, [0.04] * 16, X, ["x", "y", "z"], "cr2", study)
    assert (fit.QM, fit.QM_df2, fit.QM_pval) == (None, None, None)
    assert [term.df for term in fit.terms] == pytest.approx([1.107, 1.053, 1.269, 1.998], abs=1e-3)


@pytest.mark.parametrize(("one", "theirs"), [c for c in CASES if c[1]["subgroups"]])
def test_subgroups_and_their_test_equal_metafor(one, theirs):
    found, expected = subgroups(one["yi"], one["vi"], one["group"]), theirs["subgroups"]
    assert [group.level for group in found.groups] == expected["levels"]
    for group, estimate, se in zip(found.groups, expected["estimate"], expected["se"], strict=True):
        assert abs(group.estimate - estimate) / se <= CLOSE
    assert (found.Q, found.Q_pval) == pytest.approx((expected["Q"], expected["Q_pval"]), rel=1e-8)


def test_a_group_of_one_study_counts_with_its_own_variance():
    found = subgroups([0.1, 0.2, 0.9], [0.04, 0.04, 0.04], ["a", "a", "b"])
    assert found.groups[1].k == 1 and found.groups[1].estimate == 0.9
    assert pytest.approx((0.9 - 0.15) ** 2 / (0.04 + 0.02), rel=1e-12) == found.Q


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: meta_regression([0.1, 0.2, 0.3], [0.1] * 3, [[1], [1], [1]], ["x"]),
            "collinear|singular|determine",
        ),
        (
            lambda: meta_regression([0.1, 0.2, 0.4, 0.3], [0.1] * 4, [[1, 2], [2, 4], [3, 6], [4, 8]], ["x", "z"]),
            "collinear|singular|determine",
        ),
        (lambda: meta_regression([0.1, 0.2], [0.1] * 2, [[1], [2]], ["x"]), "more effects .here 2. than coefficients"),
        (lambda: meta_regression([0.1, np.nan, 0.3], [0.1] * 3, [[1], [2], [3]], ["x"]), "missing"),
        (lambda: meta_regression([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], [[1], [2], [3]], ["x"]), "zero"),
        (
            lambda: meta_regression([0.1, 0.2, 0.3], [0.1] * 3, [[1], [np.nan], [3]], ["x"]),
            "finite|missing|NaN|nan",
        ),
        (
            lambda: meta_regression([0.1, 0.2, 0.3], [0.1] * 3, [[1], [2], [3]], ["x"], "wald"),
            "must be one of",
        ),
        (
            lambda: meta_regression([0.1] * 5, [0.1] * 5, [[1], [2], [3], [4], [5]], ["x"]),
            "lie exactly on the model",
        ),
        (lambda: subgroups([0.1, 0.2], [0.1, 0.1], ["a", "a"]), "one group only"),
    ],
)
def test_what_cannot_be_computed_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@pytest.mark.parametrize("far", (0.0, 2e3, 1e6, 1e8))
def test_a_moderator_far_from_zero_keeps_its_slope(far):
    yi = [0.10, 0.31, 0.22, 0.55, 0.38, 0.61, 0.74, 0.58, 0.93, 0.80]
    term = meta_regression(yi, [0.01] * 10, far + np.arange(10.0)[:, None], ["x"]).terms[1]
    assert (term.estimate, term.se) == pytest.approx((0.0802424, 0.0126943), abs=5e-8)


@pytest.mark.parametrize("ci_method", ("hksj", "cr2"))
def test_scale_and_distance_from_zero_do_not_matter(ci_method):
    rng = np.random.default_rng(4)
    yi, vi, x = rng.normal(0.3, 0.4, 12), rng.uniform(0.01, 0.2, 12), rng.normal(size=(12, 1))
    usual = meta_regression(yi, vi, x, ["x"], ci_method)
    for unit in (1e-17, 1e15):
        scaled = meta_regression(yi * unit, vi * unit**2, x, ["x"], ci_method)
        assert column(scaled, "se") / unit == pytest.approx(column(usual, "se"), rel=1e-12)
    far = meta_regression(yi + 1e6, vi, x, ["x"], ci_method)
    assert column(far, "se") == pytest.approx(column(usual, "se"), rel=1e-8)
    assert far.terms[1].estimate == pytest.approx(usual.terms[1].estimate, abs=1e-9)
    moved = meta_regression(yi, vi, x * 1e9 + 1e12, ["x"], ci_method)
    assert moved.terms[1].estimate * 1e9 == pytest.approx(usual.terms[1].estimate, rel=1e-6)


def test_fewer_than_ten_studies_a_covariate_are_refused_unless_asked_for_knowingly():
    assert (
        reason(refuse_few(9, 1, False))
        == "9 studies are too few for 1 covariate: at least 10 are needed, ten for each."
    )
    assert "at least 20" in reason(refuse_few(19, 2, False))
    assert refuse_few(10, 1, False) is refuse_few(20, 2, False) is refuse_few(3, 1, True) is None


@pytest.mark.reference
def test_r_still_gives_the_stored_values(forked_r, tmp_path):
    output = tmp_path / "moderators.json"
    run = forked_r(REFERENCE / "moderators.R", output)
    assert run.returncode == 0, run.stderr
    for (_, old), new in zip(CASES, json.loads(output.read_text())["fits"], strict=True):
        for name in ("estimate", "se", "cr2_se", "cr2_df"):
            assert new[name] == pytest.approx(old[name], rel=1e-7, abs=1e-10), (old["id"], name)
