"""Tests of asymmetry, trim and fill and selection models agree with metafor and lm, and refuse what says nothing."""

from __future__ import annotations

import json
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import taprev
from helpers import REFERENCE
from samples.foreign import CELLS
from taprev.synthesis.kernels.asymmetry import (
    clustered_test,
    from_sizes,
    harbord,
    peters,
    rank_correlation,
    regression_test,
)
from taprev.synthesis.kernels.mixed_effects import mixed_effects
from taprev.synthesis.kernels.selection import selection_model
from taprev.synthesis.kernels.trim_fill import trim_fill

TESTS_OF_COUNTS = {"peters": peters, "harbord": harbord}
PARTS = (
    *("regressions", "hartung", "clustered", "ranks", "filled", "selected", "of_counts"),
    *("preferred", "beyond", "bias"),
)
MODELS = {"rma": "mixed", "lm": "multiplicative"}


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "small_study.json").read_text("utf-8"))


def of(one: dict, part: str = "sets") -> dict:
    return next(case for case in stored()[part] if case["id"] == one["id"])


def every(part: str, *names: str):
    return pytest.mark.parametrize(
        "one", stored()[part], ids=lambda one: "-".join(str(one[name]) for name in ("id", *names))
    )


@every("regressions", "model", "predictor")
def test_metafor_gives_the_same_regression_test(one):
    case = of(one)
    predictor = None if one["predictor"] == "sei" else case["vi"]
    made = regression_test(case["yi"], case["vi"], predictor, MODELS[one["model"]])
    for name in ("slope", "se", "stat", "pval", "limit", "limit_lb", "limit_ub"):
        assert getattr(made, name) == pytest.approx(one[name], rel=1e-8, abs=1e-10), name
    assert made.df == one["df"]


@every("hartung")
def test_metafor_gives_the_same_test_with_the_error_of_knapp_and_hartung(one):
    case = of(one)
    predictor = from_sizes(case["n_arm1"], case["n_arm2"]) if case.get("n_arm1") else None
    assert_same(regression_test(case["yi"], case["vi"], predictor, test="knha"), one, rel=1e-7)


@every("clustered")
def test_clubsandwich_gives_the_same_test_of_nested_effects(one):
    case = of(one, "nested")
    made = clustered_test(case["yi"], case["vi"], case["study"])
    assert made.k == len(case["yi"])
    assert_same(made, one, rel=1e-4)


def assert_same(made, one, rel):
    for name in ("slope", "se", "df", "pval", "limit", "limit_lb", "limit_ub"):
        assert getattr(made, name) == pytest.approx(one[name], rel=rel, abs=rel / 10), name


@every("ranks")
def test_metafor_gives_the_same_rank_test(one):
    made = rank_correlation(of(one)["yi"], of(one)["vi"])
    assert (made.tau, made.pval) == pytest.approx((one["tau"], one["pval"]), rel=1e-10)


@every("of_counts", "test")
def test_lm_gives_the_same_tests_of_counts(one):
    made = TESTS_OF_COUNTS[one["test"]](*(of(one, "counts")[name] for name in CELLS))
    assert (made.slope, made.se, made.pval) == pytest.approx((one["slope"], one["se"], one["pval"]), rel=1e-9)


@every("filled", "estimator", "side")
def test_metafor_fills_in_the_same_studies(one):
    case = of(one)
    made = trim_fill(case["yi"], case["vi"], one["side"], one["estimator"], "DL", "z")
    assert made.k0 == one["k0"] == made.yi.size == made.vi.size
    told = float(made.fit.beta[0]), float(made.fit.se[0]), made.fit.tau2
    assert told == pytest.approx((one["estimate"], one["se"], one["tau2"]), rel=1e-10)


@every("selected", "side", "steps")
def test_metafor_gives_the_same_selection_model(one):
    case = of(one)
    made = selection_model(case["yi"], case["vi"], one["steps"], one["side"])
    assert made.ll == pytest.approx(one["ll"], abs=1e-9)
    assert (made.estimate, made.tau2) == pytest.approx((one["estimate"], one["tau2"]), abs=1e-6)
    assert made.delta == pytest.approx(np.array(one["delta"]), rel=1e-5)
    assert (made.lrt, made.lrt_pval) == pytest.approx((one["lrt"], one["lrt_pval"]), abs=1e-6)
    assert list(made.counts) == one["k"] and made.ci_lb < made.estimate < made.ci_ub


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    """Of every third set: metafor takes twenty seconds over all of them."""
    output = tmp_path / "fresh.json"
    done = forked_r(REFERENCE / "small_study.R", output, "3")
    assert done.returncode == 0, done.stderr
    fresh = json.loads(output.read_text("utf-8"))
    of_effects = {one["id"] for one in stored()["sets"][::3] + stored()["nested"][::3]}
    of_counts = {one["id"] for one in stored()["counts"][::3]}
    for part in PARTS:
        again = of_counts if part == "of_counts" else of_effects
        for old, new in zip([one for one in stored()[part] if one["id"] in again], fresh[part], strict=True):
            for name, value in old.items():
                same = value == new[name] if isinstance(value, str | None) else None
                assert same or np.ravel(new[name]) == pytest.approx(np.ravel(value), rel=1e-4, abs=1e-7), (old, name)


def test_the_interval_of_a_selection_model_ends_where_its_likelihood_has_fallen_enough():
    """The profile likelihood is computed here by a grid over the other parameters, without the optimiser."""
    case = of({"id": "writing"})
    y, v = np.array(case["yi"]), np.array(case["vi"])
    fit = selection_model(y, v)
    cut = np.sqrt(v) * 1.959963984540054

    def log_likelihood(mu, tau2, delta):
        s = np.sqrt(v + tau2)
        normal = -0.5 * ((y - mu) / s) ** 2 - np.log(s * math.sqrt(2 * math.pi))
        chance = np.array(
            [0.5 * math.erfc(-(bound - mu) / one / math.sqrt(2)) for bound, one in zip(cut, s, strict=True)]
        )
        return float(np.sum(normal + np.log(np.where(y >= cut, 1, delta)) - np.log(1 - chance + delta * chance)))

    assert log_likelihood(fit.estimate, fit.tau2, fit.delta[1]) == pytest.approx(fit.ll, abs=1e-9)
    for bound in (fit.ci_lb, fit.ci_ub):
        grid = ((tau2, delta) for tau2 in np.linspace(0, 0.12, 40) for delta in np.geomspace(0.05, 5, 60))
        assert max(log_likelihood(bound, *one) for one in grid) == pytest.approx(fit.ll - 3.841459 / 2, abs=0.01)


def test_an_effect_within_its_own_standard_error_makes_no_asymmetry_of_sizes():
    """Studies of nearly one size whose effects do not depend on it: the standard error sees asymmetry, sizes do not."""
    d = np.tile([0.0, 0.4, 0.8, 1.2, 1.6], 4)
    n = np.repeat([20.0, 22.0, 20.0, 22.0], 5)
    vi = 2 / n + d**2 / (4 * n)
    by_size = regression_test(d, vi, from_sizes(n, n), "multiplicative")
    by_error = regression_test(d, vi, model="multiplicative")
    assert abs(by_size.stat) < 0.5 < 1.5 < by_error.stat


@pytest.mark.parametrize("unit", [1e-5, 1e5])
def test_a_selection_model_does_not_depend_on_the_unit_of_the_effects(unit):
    case = of({"id": "writing"})
    y, v = np.array(case["yi"]), np.array(case["vi"])
    plain, other = selection_model(y, v, (0.025, 0.5)), selection_model(unit * y, unit**2 * v, (0.025, 0.5))
    numbers = (plain.estimate, plain.ci_lb, plain.ci_ub)
    assert (other.estimate, other.ci_lb, other.ci_ub) == pytest.approx(unit * np.array(numbers), rel=1e-6)
    assert other.delta == pytest.approx(plain.delta, rel=1e-6) and other.lrt == pytest.approx(plain.lrt, abs=1e-9)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda y, v: regression_test(y[:9], v[:9]), "9 studies cannot tell asymmetry from chance; it takes 10"),
        (lambda y, v: regression_test(y, [0.1] * 12), "all of one size"),
        (lambda y, v: regression_test(y, v, [1.0] * 11), "12 finite numbers"),
        (lambda y, v: regression_test(y, v, model="lm"), "mixed or multiplicative"),
        (lambda y, v: regression_test(y, v, level=95), "level is 95"),
        (lambda y, v: regression_test([0.0] * 12, v, v, "multiplicative"), "exactly on a line"),
        (lambda y, v: rank_correlation(y[:4], v[:4]), "4 studies"),
        (lambda y, v: trim_fill(y[:9], v[:9], "left"), "9 studies"),
        (lambda y, v: trim_fill(y, v, "up"), "side is 'up'; it must be one of left, right"),
        (lambda y, v: selection_model(y[:9], v[:9]), "9 studies cannot tell selection from chance"),
        (lambda y, v: selection_model(y, v, [0.5, 0.1]), "each above the one before"),
        (lambda y, v: selection_model(y, v, [1e-12]), "hold 0, 12 results; a weight needs 2 or more"),
        (lambda y, v: from_sizes([0], [1]), "without people"),
        (lambda y, v: peters([0] * 10, [9] * 10, [1] * 10, [9] * 10), "empty cell and no odds ratio"),
        (lambda y, v: harbord([0] * 10, [9] * 10, [0] * 10, [9] * 10), "nobody or everybody"),
        (lambda y, v: harbord([1] * 10, [9] * 10, [2] * 10, [9] * 10), "all of one size"),
    ],
)
def test_what_says_nothing_is_refused_with_a_sentence(make, said):
    y, v = np.linspace(-0.4, 0.7, 12), np.linspace(0.05, 0.4, 12)
    with pytest.raises(ValueError, match=said):
        make(y, v)


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 2)), min_size=10, max_size=14), st.sampled_from("LR"))
def test_a_turned_funnel_is_filled_in_on_the_other_side(rows, estimator):
    yi, vi = map(np.array, zip(*rows, strict=True))
    try:
        left, right = (trim_fill(sign * yi, vi, side, f"{estimator}0") for sign, side in ((1, "left"), (-1, "right")))
    except ValueError:
        return
    assert left.k0 == right.k0 and left.yi == pytest.approx(-right.yi)


def test_a_data_frame_is_asked_under_the_names_of_metafor():
    case = of({"id": "teachers"})
    data = pd.DataFrame({name: case[name] for name in ("yi", "vi", "n_arm1", "n_arm2")})
    fit = taprev.meta(data, method="DL", test="z")
    assert fit.regtest() == regression_test(case["yi"], case["vi"])
    assert fit.regtest("vi") == regression_test(case["yi"], case["vi"], case["vi"])
    sized = fit.regtest(sizes=(data["n_arm1"], data["n_arm2"]))
    assert sized == regression_test(case["yi"], case["vi"], from_sizes(case["n_arm1"], case["n_arm2"]))
    assert fit.ranktest() == rank_correlation(case["yi"], case["vi"])
    filled = fit.trimfill("left")
    assert filled.k0 == 3 and filled.fit.test == "z"
    both = (np.append(case["yi"], filled.yi), np.append(case["vi"], filled.vi))
    assert filled.fit.beta == pytest.approx(mixed_effects(*both, None, "DL", "z").beta)
    assert fit.selmodel().estimate == selection_model(case["yi"], case["vi"]).estimate
    with pytest.raises(ValueError, match="it must be sei, vi, or a number for each study"):
        fit.regtest("ni")
    explained = taprev.meta(data.assign(late=range(len(data))), mods=["late"])
    for asked in (explained.regtest, explained.ranktest, explained.selmodel, lambda: explained.trimfill("left")):
        with pytest.raises(ValueError, match="for a model without moderators"):
            asked()
