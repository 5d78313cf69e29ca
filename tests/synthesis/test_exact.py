"""The exact likelihood of counts: equal to metafor or nearer to the maximum, identities, and refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import nchypergeom_fisher

from taprev.synthesis.kernels import contributions
from taprev.synthesis.kernels.contributions import Printed, Rates, Tables, tables
from taprev.synthesis.kernels.exact import exact_odds_ratio, exact_rate_ratio
from taprev.synthesis.kernels.marginal import marginal, tabulated
from taprev.synthesis.kernels.newton import falling_root
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.results import Fit

COLUMNS = ("arm1", "size1", "arm2", "size2")
SPARSE = ([0, 2, 0, 9, 1], [20, 31, 12, 10, 40], [3, 0, 0, 7, 4], [22, 29, 15, 9, 44])
BOUNDARY = ("hahn2001", "hine1989")
"""Sets whose maximum lies at tau2 = 0, where metafor stops above it with a standard error near zero."""


def table(a: float, n1: float, c: float, n2: float) -> Tables:
    [one] = tables(*(np.array([float(cell)]) for cell in (a, n1, c, n2)))
    return one


def fit_of(one: dict, **how) -> Fit:
    pool = exact_odds_ratio if one["measure"] == "OR" else exact_rate_ratio
    return pool(*(one[name] for name in COLUMNS), **how)


def height(one: dict, mu: float, tau2: float) -> float:
    return float(heights(one, np.array([mu]), np.array([tau2]))[0])


def heights(one: dict, mu: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    a, n1, c, n2 = (np.array(one[name]) for name in COLUMNS)
    told = (a + c > 0) & ((a + c < n1 + n2) | (one["measure"] == "IRR"))
    a, n1, c, n2 = (column[told] for column in (a, n1, c, n2))
    kinds = tables(a, n1, c, n2) if one["measure"] == "OR" else [Rates(a, a + c, np.log(n1 / n2))]
    return marginal([tabulated(kind) for kind in kinds], mu, tau2).log.sum(axis=1)


@pytest.fixture(scope="module")
def reference(root):
    content = json.loads((root / "tests" / "reference" / "exact.json").read_text())
    sets = {one["id"]: one for one in content["sets"]}
    return [(sets[result["set"]], result) for result in content["results"]]


def test_it_equals_metafor_or_lies_nearer_to_the_maximum(reference):
    fitted = [(one, result) for one, result in reference if result["fitted"]]
    assert len(fitted) >= 12
    for one, expected in fitted:
        fit = fit_of(one)
        theirs = height(one, expected["estimate"], expected["tau2"])
        assert theirs == pytest.approx(expected["llf"], rel=1e-10), one["id"]
        assert height(one, fit.estimate, fit.tau2) >= theirs - 1e-9, one["id"]
        assert pytest.approx(expected["Q"], rel=1e-8) == fit.Q, one["id"]
        if one["id"] in BOUNDARY:
            assert fit.tau2 == 0 and height(one, fit.estimate, 0.0) > theirs + 1e-4
            continue
        wald = fit.intervals[0]
        assert fit.estimate == pytest.approx(expected["estimate"], abs=2e-5 * wald.se), one["id"]
        assert fit.tau2 == pytest.approx(expected["tau2"], rel=1e-4, abs=1e-8), one["id"]
        assert wald.se == pytest.approx(expected["se"], rel=2e-4), one["id"]


def test_the_standard_error_is_that_of_the_curvature(reference):
    """metafor differences its likelihood twice and keeps some four digits of the standard error."""
    for one, _ in reference:
        fit = fit_of(one)
        if fit.tau2 < 0.05:
            continue
        steps = {}
        for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1), (0, 0)):
            steps[i, j] = height(one, fit.estimate + i * 2e-3, fit.tau2 + j * 2e-3)
        by_mu = (steps[1, 0] - 2 * steps[0, 0] + steps[-1, 0]) / 4e-6
        by_tau2 = (steps[0, 1] - 2 * steps[0, 0] + steps[0, -1]) / 4e-6
        mixed = (steps[1, 1] - steps[1, -1] - steps[-1, 1] + steps[-1, -1]) / 16e-6
        se = 1 / math.sqrt(-(by_mu - mixed**2 / by_tau2))
        assert fit.intervals[0].se == pytest.approx(se, rel=2e-4), one["id"]


@pytest.mark.parametrize("figures", [(3, 20, 5, 22), (0, 20, 4, 22), (9, 10, 7, 9), (40, 3000, 90, 2800)])
@pytest.mark.parametrize("theta", [-4.0, -0.3, 0.0, 2.5])
def test_a_table_has_the_noncentral_hypergeometric_likelihood(figures, theta):
    a, n1, c, n2 = figures
    log, *_ = table(*figures).derivatives(np.array([[theta]]))
    law = nchypergeom_fisher(n1 + n2, n1, a + c, math.exp(theta))
    assert log[0, 0] == pytest.approx(law.logpmf(a), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("kind", [table(2, 30, 7, 25), Rates(*(np.array([x]) for x in (3.0, 9.0, 0.4)))])
def test_derivatives_are_those_of_the_likelihood(kind):
    h, at = 1e-3, np.array([[0.7]])
    before, here, after = (kind.derivatives(at + step) for step in (-h, 0.0, h))
    for order in range(4):
        slope = (after[order] - before[order]) / (2 * h)
        assert here[order + 1][0, 0] == pytest.approx(slope[0, 0], rel=1e-4, abs=1e-6)


def test_a_window_over_a_large_table_loses_nothing(monkeypatch):
    theta = np.array([[-2.0, -0.4, 0.0, 0.9]])
    narrow = table(4000, 9000, 4300, 8800)
    assert narrow.reach < narrow.log_ratio.shape[1]
    monkeypatch.setattr(contributions, "SPREADS", 1e6)
    whole = table(4000, 9000, 4300, 8800)
    assert whole.reach == whole.log_ratio.shape[1]
    for part, full in zip(narrow.derivatives(theta), whole.derivatives(theta), strict=True):
        assert part == pytest.approx(full, rel=1e-9)


@pytest.mark.parametrize("tau2", [1e-6, 0.02, 0.15, 0.17, 1.0, 9.0, 60.0])
@pytest.mark.parametrize("figures", [(0, 20, 4, 22), (1, 19, 12, 19), (150, 400, 170, 390)])
def test_the_integral_is_that_of_another_quadrature(figures, tau2):
    one, mu, tau = table(*figures), -0.8, math.sqrt(tau2)
    found = marginal([tabulated(one)], np.array([mu]), np.array([tau2]))

    def inside(z: float) -> float:
        return math.exp(float(one.derivatives(np.array([[mu + tau * z]]), 0)[0][0, 0]) - z * z / 2)

    whole = sum(quad(inside, low, low + 1, epsabs=0, epsrel=1e-11)[0] for low in range(-9, 9))
    assert found.log[0, 0] == pytest.approx(math.log(whole / math.sqrt(2 * math.pi)), abs=1e-9)
    h = max(1e-4 * tau2, 1e-7)
    ends = marginal([tabulated(one)], np.array([mu, mu]), np.array([tau2 - h, tau2 + h]))
    assert found.tau2[0, 0] == pytest.approx((ends.log[1, 0] - ends.log[0, 0]) / (2 * h), rel=1e-4, abs=1e-6)


def test_ratios_without_counts_alone_are_the_maximum_likelihood_of_random_effects():
    yi, vi = [0.1, 0.9, -0.4, 0.6, 1.4], [0.05, 0.1, 0.08, 0.2, 0.06]
    nobody = ([0.0], [10.0], [0.0], [12.0])
    fit, known = exact_odds_ratio(*nobody, yi=yi, vi=vi), random_effects(yi, vi, tau2_method="ML")
    assert fit.k == 5 and fit.weights[0] == 0
    assert fit.estimate == pytest.approx(known.estimate, rel=1e-9)
    assert fit.tau2 == pytest.approx(known.tau2, rel=1e-8)
    assert pytest.approx(known.Q, rel=1e-9) == fit.Q
    assert pytest.approx(known.I2, rel=1e-8) == fit.I2


def test_a_ratio_of_a_large_study_may_stand_for_its_counts():
    a, n1, c, n2 = 4000, 20000, 4600, 21000
    yi = math.log(a / (n1 - a)) - math.log(c / (n2 - c))
    vi = 1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c)
    counted = exact_odds_ratio(*(values + [x] for values, x in zip(SPARSE, (a, n1, c, n2), strict=True)))
    known = exact_odds_ratio(*SPARSE, yi=[yi], vi=[vi])
    assert counted.estimate == pytest.approx(known.estimate, abs=1e-3)
    assert counted.ci_ub == pytest.approx(known.ci_ub, abs=2e-3)


def test_swapped_arms_turn_the_ratio_and_silent_studies_change_nothing():
    a, n1, c, n2 = SPARSE
    fit, turned = exact_odds_ratio(a, n1, c, n2), exact_odds_ratio(c, n2, a, n1)
    assert turned.estimate == pytest.approx(-fit.estimate, abs=1e-9)
    assert turned.ci_lb == pytest.approx(-fit.ci_ub, abs=1e-7)
    assert fit.k == 4 and fit.weights[2] == 0 and sum(fit.weights) == pytest.approx(100)
    more = exact_odds_ratio([*a, 0, 7], [*n1, 9, 7], [*c, 0, 8], [*n2, 9, 8])
    assert more.estimate == pytest.approx(fit.estimate, abs=1e-12) and more.k == fit.k
    without = [[x for i, x in enumerate(column) if i != 2] for column in SPARSE]
    assert exact_odds_ratio(*without).estimate == pytest.approx(fit.estimate, abs=1e-12)


def test_the_profile_interval_holds_what_the_likelihood_allows():
    fit = exact_odds_ratio(*SPARSE)
    one = {"measure": "OR", **dict(zip(COLUMNS, SPARSE, strict=True))}
    top = height(one, fit.estimate, fit.tau2)
    grid = np.concatenate([[0.0], np.geomspace(1e-3, 100.0, 4000)])
    for end in (fit.ci_lb, fit.ci_ub):
        best = heights(one, np.full(grid.size, end), grid).max()
        assert 2 * (top - best) == pytest.approx(3.841458820694124, abs=1e-4)
    wald = exact_odds_ratio(*SPARSE, ci_method="wald")
    assert wald.ci_method == "wald" and wald.estimate == fit.estimate
    assert wald.ci_ub - wald.ci_lb == pytest.approx(2 * 1.959963984540054 * wald.se)


rows = st.integers(1, 25).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(rows, rows), min_size=2, max_size=7))
def test_any_tables_give_a_certified_fit_or_a_sentence(studies):
    a, n1, c, n2 = zip(*((a, n1, c, n2) for (a, n1), (c, n2) in studies), strict=True)
    try:
        fit = exact_odds_ratio(a, n1, c, n2)
    except ValueError as error:
        assert str(error)
        return
    assert fit.certificate.holds and fit.ci_lb < fit.estimate < fit.ci_ub
    assert fit.tau2_lb <= fit.tau2 and (fit.tau2_ub is None or fit.tau2 <= fit.tau2_ub)
    assert all(math.isfinite(x) for x in (fit.se, fit.Q, fit.pval)) and fit.se > 0


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (([0, 0], [9, 9], [4, 3], [9, 9]), "arm 1 has the fewest events"),
        (([4, 3], [9, 9], [0, 0], [9, 9]), "arm 2 has the fewest events"),
        (([0, 3], [9, 9], [0, 2], [9, 9]), "1 of 2 studies say something"),
        (([0.5, 3], [9, 9], [1, 2], [9, 9]), "study 1: event_arm1 is 0.5, and must be a whole number"),
        (([3, 10], [9, 9], [1, 2], [9, 9]), "study 2: event_arm1 is 10, and must be at most totaln_arm1"),
        (([0, 8], [8, 8], [8, 0], [8, 8]), "opposite directions"),
        (([9e6, 8e6], [2e7, 2e7], [9e6, 1e7], [2e7, 2e7]), "at most 5,000,000"),
    ],
)
def test_what_has_no_estimate_is_refused_with_a_sentence(figures, sentence):
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(")):
        exact_odds_ratio(*figures)


def test_counts_beyond_a_million_are_pooled():
    fit = exact_odds_ratio([500_000, 0], [2_000_000, 40], [600_000, 3], [2_200_000, 41])
    ratio = math.log(5 / 15) - math.log(6 / 16)
    assert fit.estimate == pytest.approx(ratio, abs=0.01)


def test_rates_are_refused_and_pooled_like_odds():
    with pytest.raises(ValueError, match="study 1: time_arm1 is 0, and must be above zero"):
        exact_rate_ratio([1, 2], [0, 3], [1, 2], [3, 4])
    fit = exact_rate_ratio([0, 4, 2, 0], [10, 33, 20, 9], [5, 6, 0, 0], [11, 30, 21, 9])
    assert fit.k == 3 and fit.weights[3] == 0 and fit.model == "exact_likelihood"


def test_printed_effects_have_the_normal_likelihood():
    log, first, second, third, fourth = Printed(np.array([0.4]), np.array([0.1])).derivatives(np.array([[0.1]]))
    assert log[0, 0] == pytest.approx(-0.5 * (0.9 + math.log(0.2 * math.pi)))
    assert (first[0, 0], second[0, 0]) == pytest.approx((3.0, -10.0)) and third[0, 0] == fourth[0, 0] == 0


def test_a_root_that_is_not_there_is_said():
    with pytest.raises(ArithmeticError, match="found no end"):
        falling_root(lambda x: (np.ones_like(x), -np.ones_like(x)), np.zeros(1), longest=1.0)


@pytest.mark.parametrize(
    ("tables_of", "estimate", "ci_lb", "ci_ub"),
    [
        (([600, 0, 3], [1000, 20, 40], [700, 5, 6], [1000, 20, 40]), -0.46446, -1.6035, -0.2281),
        (([0, 6], [33, 70], [5, 11], [35, 72]), -1.04449, -11.9873, 1.4828),
        (([0, 3], [20, 50], [5, 2], [20, 50]), -1.60921, -29.591, 6.7657),
        (([0, 8, 3], [20, 50, 30], [5, 1, 4], [20, 50, 30]), -0.48728, -8.5374, 4.2610),
    ],
)
def test_more_events_than_people_in_one_arm_and_wide_spreads_are_held(tables_of, estimate, ci_lb, ci_ub):
    """Values by an independent likelihood (nested quadrature and optimisation)."""
    fit = exact_odds_ratio(*tables_of)
    assert fit.estimate == pytest.approx(estimate, abs=5e-5)
    assert (fit.ci_lb, fit.ci_ub) == pytest.approx((ci_lb, ci_ub), abs=2e-3)


@pytest.mark.parametrize("figures", [(240, 600, 450, 600), (600, 1000, 700, 1000), (30000, 40000, 35000, 40000)])
def test_the_mode_of_a_table_lies_among_its_possible_events(figures):
    one, theta = table(*figures), np.linspace(-370.0, 370.0, 401)[None, :]
    mode = one._mode(theta)
    assert np.all(np.isfinite(mode)) and np.all(np.diff(mode) >= -1e-6)
    assert mode.min() >= one.first[0] - 1 and mode.max() <= one.first[0] + one.size[0]


def test_a_billion_counts_keep_their_likelihood():
    fit = exact_rate_ratio([10**9, 0, 2], [1e10, 10, 20], [12 * 10**8, 4, 5], [1e10, 10, 20])
    assert fit.estimate == pytest.approx(math.log(1 / 1.2), abs=1e-4)


@pytest.mark.parametrize("how", [{"ci_method": "foo"}, {"pi_df": "foo"}, {"level": 2.0}])
def test_an_unknown_choice_is_refused(how):
    with pytest.raises(ValueError, match="must"):
        exact_odds_ratio(*SPARSE, **how)
