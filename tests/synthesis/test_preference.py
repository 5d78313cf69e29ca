"""Preferred results, shares of true effects and largest biases agree with R, at their edges too."""

from __future__ import annotations

import json
import math
import tracemalloc
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import REFERENCE
from taprev.synthesis.kernels.fit_statistics import se_of_tau2
from taprev.synthesis.kernels.preference import STRONGEST, by_size, largest_bias, preference, robust_mean
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.shares import share_above
from taprev.vocabulary import Tau2Method


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "small_study.json").read_text("utf-8"))


def of(one: dict) -> dict:
    return next(case for part in ("sets", "nested") for case in stored()[part] if case["id"] == one["id"])


def every(part: str, *names: str):
    return pytest.mark.parametrize(
        "one", stored()[part], ids=lambda one: "-".join(str(one[name]) for name in ("id", *names))
    )


@every("preferred", "side")
def test_clubsandwich_gives_the_same_preference(one):
    case = of(one)
    yi, vi = np.array(case["yi"]), np.array(case["vi"])
    names = case.get("study") or list(range(yi.size))
    made = preference(yi, vi, names, one["side"], ci_method="hksj")
    assert made.affirmative == one["affirmative"]
    for ratio, stands in ((made.for_estimate, one["for_estimate"]), (made.for_bound, one["for_bound"])):
        assert ratio == (stands and pytest.approx(stands, rel=1e-5)) or (stands is None and ratio > STRONGEST)
    sign = -1 if one["side"] == "less" else 1
    worst = made.worst_estimate, made.worst_ci_lb, made.worst_ci_ub
    assert worst == pytest.approx((one["worst"], one["worst_lb"], one["worst_ub"]), rel=1e-6, abs=1e-8)
    total = vi + random_effects(yi, vi).tau2
    weights = np.where(sign * yi / np.sqrt(vi) > 1.959963984540054, 1, 5) / total
    told = robust_mean(sign * yi, weights, total, by_size(names))
    assert (told.mean, told.se, told.df) == pytest.approx((one["mean_5"], one["se_5"], one["df_5"]), rel=1e-6)


def test_a_robust_mean_takes_no_matrix_of_studies():
    """A study more takes a few numbers more and no row of a matrix, or thousands of studies would take hours."""
    y, v, studies = np.linspace(-1, 1, 4_000), np.linspace(0.1, 0.2, 4_000), by_size(np.arange(4_000) // 2)
    tracemalloc.start()
    robust_mean(y, 1 / v, v, studies)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 50 * y.nbytes


@every("beyond", "threshold")
def test_r_gives_the_same_share_beyond_a_threshold(one):
    case = of(one)
    fit = random_effects(case["yi"], case["vi"], ci_method="hksj")
    spread = se_of_tau2(case["yi"], case["vi"], fit.tau2, Tau2Method.REML)
    assert spread == pytest.approx(one["se_tau2"], rel=1e-6)
    made = share_above(fit.estimate, fit.se, fit.tau2, spread, fit.k, one["threshold"])
    told = one["share"], one["lb"], one["ub"]
    assert (made.share, made.ci_lb, made.ci_ub) == pytest.approx(told, rel=1e-6, abs=1e-9)


@every("bias", "unpublished")
def test_r_gives_the_same_largest_bias(one):
    assert largest_bias(of(one)["vi"], one["tau2"], one["unpublished"]) == pytest.approx(one["largest"], rel=1e-12)


def test_no_selection_by_size_biases_more_than_the_bound():
    """Studies of one mean, of which those beyond a line through it are published, at the line that leaves half."""
    s, p = np.array([0.1, 0.2, 0.4] * 4), 0.5
    density = math.exp(0) / math.sqrt(2 * math.pi)
    expected = s * density / p
    attained = float(np.sum(expected / s**2) / np.sum(1 / s**2))
    assert largest_bias(s**2, 0.0, s.size) == pytest.approx(attained)


@given(
    st.lists(st.tuples(st.floats(-1, 2), st.floats(0.01, 0.5)), min_size=10, max_size=16), st.sampled_from([1.0, -1.0])
)
def test_a_preference_of_that_strength_moves_the_mean_to_nothing(rows, sign):
    yi, vi = map(np.array, zip(*rows, strict=True))
    try:
        made = preference(sign * yi, vi, side="greater" if sign > 0 else "less")
    except ValueError:
        assume(False)
    assert made == preference(sign * yi, vi, [f"s{row}" for row in range(yi.size)], "greater" if sign > 0 else "less")
    if made.for_estimate is None or made.for_estimate == 1.0:
        return
    assert made.for_estimate > 1.0
    total = vi + random_effects(yi, vi).tau2
    weights = np.where(yi / np.sqrt(vi) > 1.959963984540054, 1.0, made.for_estimate) / total
    assert float(weights @ yi) == pytest.approx(0.0, abs=1e-8 * float(weights @ np.abs(yi)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda y, v: preference(y[:9], v[:9]), "9 studies cannot tell preference from chance; it takes 10"),
        (lambda y, v: preference(y, v, ["a", "b"] * 6), "2 studies cannot tell preference"),
        (lambda y, v: preference(y, v, ["a"]), "study"),
        (lambda y, v: preference(y + 9, v), "every result is significant"),
        (lambda y, v: preference(y - 9, v), "no result is significant"),
        (lambda y, v: preference(y, v, side="up"), "'up' is not a valid"),
        (lambda y, v: preference(y, v, level=95), "level is 95"),
        (lambda y, v: share_above(0.2, 0.1, 0.0, 0.1, 12, 0.0), "estimated as zero"),
        (lambda y, v: share_above(0.2, 0.1, 0.1, 0.1, 9, 0.0), "9 studies cannot tell how true effects are spread"),
        (lambda y, v: largest_bias(v, 0.1, 0), "give a number above 0"),
    ],
)
def test_what_says_nothing_is_refused_with_a_sentence(make, said):
    y, v = np.linspace(-0.4, 1.7, 12), np.linspace(0.05, 0.4, 12)
    with pytest.raises(ValueError, match=said):
        make(y, v)


def test_one_other_result_is_no_worst_case():
    y, v = np.append(np.full(11, 0.9) + np.linspace(0, 0.1, 11), 0.0), np.full(12, 0.04)
    made = preference(y, v)
    assert made.affirmative == 11 and made.worst_estimate is None and made.for_estimate is None
