"""What metafor offers beside an estimate and an interval: each number is metafor's, or is refused with a sentence."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import REFERENCE
from taprev.synthesis.kernels.fit_statistics import fit_statistics, se_of_tau2, shrunken
from taprev.synthesis.kernels.henmi_copas import henmi_copas, henmi_copas_batch
from taprev.synthesis.kernels.location_scale import location_scale, predict_location_scale
from taprev.synthesis.kernels.mixed_effects import MixedFit, mixed_effects
from taprev.synthesis.kernels.newton import falling_root
from taprev.synthesis.kernels.permutation import _orders, permutation_test
from taprev.synthesis.kernels.profile_likelihood import profile_intervals
from taprev.synthesis.kernels.q_profile import q_profile
from taprev.synthesis.kernels.residual_tau2 import log_likelihood, residual_tau2, residual_tau2_batch
from taprev.synthesis.kernels.two_outcomes import two_outcomes, two_outcomes_grid
from taprev.vocabulary import Tau2Method

PARTS = ("fits", "generalised", "profiled", "means", "copas", "permuted", "scaled", "together")
NAMES = {"EB": "PM", "EE": None}


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "estimation.json").read_text("utf-8"))


def part(name: str, **only) -> list:
    """Return the parameters of a test: one for each stored result of a kind."""
    told = [one for one in stored()[name] if all(one[key] == value for key, value in only.items())]
    return [pytest.param(one, id=named(one)) for one in told]


def named(one: dict) -> str:
    return "-".join(str(one[key]) for key in ("id", "method", "test", "moderated") if key in one)


def data_of(one: dict, among: str = "sets") -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    case = next(case for case in stored()[among] if case["id"] == one["id"])
    yi, vi = np.array(case["yi"]), np.array(case["vi"])
    return yi, vi, np.column_stack([np.ones(yi.size), case["x"]]) if one.get("moderated") else None


def fitted(one: dict, test: str = "z") -> tuple[MixedFit, tuple]:
    yi, vi, X = data_of(one)
    return mixed_effects(yi, vi, X, NAMES.get(one["method"], one["method"]), test), (yi, vi, X)


def same(ours, theirs, scale: float | np.ndarray = 0.0, rel: float = 1e-6) -> None:
    """Assert that numbers agree, to a share of their own size or of what they are measured by."""
    difference = np.abs(np.ravel(ours) - np.ravel(theirs))
    far = difference / (np.abs(np.ravel(theirs)) + np.ravel(scale) + np.finfo(float).tiny)
    assert far.max() <= rel, (ours, theirs)


def test_every_method_has_eight_published_sets_or_more():
    for name in PARTS:
        assert len({one["id"] for one in stored()[name]}) >= 8, name


@pytest.mark.parametrize("one", part("fits"))
def test_fit_statistics_and_the_error_of_tau2_are_metafors(one):
    fit, (yi, vi, X) = fitted(one)
    same(fit.tau2, one["tau2"], vi.min())
    told = fit_statistics(fit, yi, vi, X)
    for name in ("ll", "deviance", "AIC", "BIC", "AICc"):
        same(getattr(told, name), one[name], 1.0)
    assert told.restricted == (one["method"] == "REML")
    if fit.method is not None:
        same(se_of_tau2(yi, vi, fit.tau2, fit.method, X), one["se_tau2"], vi.min())


@pytest.mark.parametrize("one", part("fits"))
def test_the_predicted_true_effects_are_metafors(one):
    fit, (yi, vi, X) = fitted(one)
    told = shrunken(fit, yi, vi, X)
    unit = np.sqrt(vi.min())
    same(told.pred, one["blup"], unit)
    same(told.se, one["blup_se"], unit)
    same(told.pi_lb, one["blup_lb"], unit)


@pytest.mark.parametrize("one", part("generalised"))
def test_the_generalised_q_estimator_is_metafors(one):
    yi, vi, _ = data_of(one)
    fit = mixed_effects(yi, vi, None, "GENQ", "z", one["weights"])
    same(fit.tau2, one["tau2"], vi.min())
    same([fit.beta[0], fit.se[0]], [one["beta"], one["se"]], fit.se[0])
    same([fit.QE, fit.I2], [one["QE"], one["I2"]], 1e-6)
    same(se_of_tau2(yi, vi, fit.tau2, fit.method, None, one["weights"]), one["se_tau2"], vi.min())


@pytest.mark.parametrize("one", part("profiled"))
def test_bounds_of_tau2_are_metafors(one):
    yi, vi, X = data_of(one)
    by_likelihood, by_q = profile_intervals(yi, vi, X, one["method"]), q_profile(yi, vi, X)
    same([by_likelihood.tau2_lb, by_likelihood.tau2_ub], [one["tau2_lb"], one["tau2_ub"]], vi.min())
    ours = [by_q.tau2_lb, by_q.I2_lb, by_q.H2_lb, by_q.tau2_ub, by_q.I2_ub, by_q.H2_ub]
    same(ours, one["qp"], np.tile([vi.min(), 1.0, 1.0], 2))


@pytest.mark.parametrize("one", part("means"))
def test_the_profile_likelihood_of_the_mean_is_that_of_a_search(one):
    yi, vi, _ = data_of(one)
    told = profile_intervals(yi, vi, None, "ML")
    width = one["ci_ub"] - one["ci_lb"]
    same([told.beta[0], told.ci_lb[0], told.ci_ub[0]], [one["estimate"], one["ci_lb"], one["ci_ub"]], width)


@pytest.mark.parametrize("one", part("copas"))
def test_the_interval_of_henmi_and_copas_is_metafors(one):
    yi, vi, _ = data_of(one)
    told = henmi_copas(yi, vi)
    for name in ("estimate", "se", "ci_lb", "ci_ub"):
        same(getattr(told, name), one[name], told.se)
    same(told.tau2, one["tau2"], vi.min())
    many = henmi_copas_batch(np.stack([yi, 2 * yi]), np.stack([vi, 4 * vi]))
    same(many.ci_lb, [told.ci_lb, 2 * told.ci_lb], told.se, 1e-12)


@pytest.mark.parametrize("one", part("permuted"))
def test_exact_permutation_tests_are_metafors(one):
    yi, vi, X = (None if array is None else array[: one["k"]] for array in data_of(one))
    told = permutation_test(yi, vi, X, NAMES.get(one["method"], one["method"]), one["test"])
    assert told.exact
    assert told.pval == pytest.approx(np.ravel(one["pval"]), abs=1e-12)
    if one["moderated"]:
        assert told.QM_pval == pytest.approx(one["QM_pval"], abs=1e-12)
        assert told.ci_lb is None
    else:
        assert told.QM_pval is None


@pytest.mark.parametrize("one", part("scaled"))
def test_location_scale_models_are_metafors(one):
    yi, vi, X = data_of(one, "scaled_sets")
    case = next(case for case in stored()["scaled_sets"] if case["id"] == one["id"])
    Z = np.column_stack([np.ones(yi.size), case["x"]])
    if one["se_alpha"][0] is None:
        with pytest.raises(ValueError, match="a variance between studies goes to zero"):
            location_scale(yi, vi, Z, X, one["method"], one["test"])
        return
    fit = location_scale(yi, vi, Z, X, one["method"], one["test"])
    same(fit.location.estimate, one["beta"], fit.location.se)
    same(fit.location.se, one["se"])
    same(fit.location.ci_lb, one["ci_lb"], fit.location.se)
    same(fit.location.pval, one["pval"], 1e-6)
    same(fit.scale.estimate, one["alpha"], fit.scale.se)
    same(fit.scale.se, one["se_alpha"])
    same([fit.QS, fit.ll], [one["QS"], one["ll"]], 1.0)
    new = predict_location_scale(fit, [[1.0]] if X is None else X[:1], Z[:1])
    same([new.pred[0], new.pi_ub[0]], [one["pred"], one["pred_pi_ub"]], fit.location.se[0])


@pytest.mark.parametrize("one", part("together"))
def test_two_outcomes_together_are_metafors(one):
    case = next(case for case in stored()["pairs"] if case["id"] == one["id"])
    yi, vi = (np.array([case[f"{name}1"], case[f"{name}2"]], float).T for name in ("y", "v"))
    fit = two_outcomes(yi, vi, case["within"], one["method"], one["test"])
    assert fit.ll >= one["ll"] - 1e-8
    if fit.at_edge:
        same(fit.ll, one["ll"], 1.0, 1e-4)
        return
    same(fit.ll, one["ll"], 1.0, 1e-9)
    same(fit.pooled.estimate, one["beta"], fit.pooled.se)
    same(fit.pooled.se, one["se"], 0, 2e-6)
    same(fit.pooled.ci_lb, one["ci_lb"], fit.pooled.se)
    same(fit.pooled.pval, one["pval"], 1e-3, 1e-5)
    same(fit.tau2, one["tau2"], np.nanmin(vi, axis=0), 1e-5)
    same(fit.rho, one["rho"], 1.0, 1e-5)
    same([fit.QM, fit.QM_pval], [one["QM"], one["QM_pval"]], 1e-6, 1e-5)
    ours = [fit.difference.estimate[0], fit.difference.se[0]]
    same(ours, [one["difference"], one["difference_se"]], fit.difference.se[0], 2e-6)


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    output = tmp_path / "fresh.json"
    done = forked_r(REFERENCE / "estimation.R", output, "short")
    assert done.returncode == 0, done.stderr
    fresh = json.loads(output.read_text("utf-8"))
    for name in PARTS:
        assert fresh[name], name
        kept = {named(one): one for one in stored()[name]}
        for new in fresh[name]:
            for key, value in kept[named(new)].items():
                if isinstance(value, str | bool) or value is None:
                    assert new[key] == value
                else:
                    assert np.ravel(new[key]) == pytest.approx(np.ravel(value), rel=1e-4, abs=1e-7), (named(new), key)


def random_set(seed: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return effects, variances and a moderator on which the spread of the effects depends."""
    random = np.random.default_rng(seed)
    vi, x = random.uniform(0.01, 0.3, k), random.normal(size=k)
    return random.normal(0.3, np.sqrt(vi + np.exp(x - 1))), vi, x


def log_tau2_likelihood(yi: np.ndarray, vi: np.ndarray, Z: np.ndarray, alpha: np.ndarray) -> float:
    """Return the restricted log likelihood of a location-scale model with one mean, up to metafor's constant."""
    w = 1 / (vi + np.exp(Z @ alpha))
    mean = np.sum(w * yi) / np.sum(w)
    ll = np.sum(np.log(w)) - np.sum(w * (yi - mean) ** 2) - np.log(np.sum(w)) + np.log(yi.size)
    return (ll - (yi.size - 1) * np.log(2 * np.pi)) / 2


@pytest.mark.parametrize("seed", range(12))
def test_the_likelihood_of_a_scale_is_nowhere_higher(seed):
    yi, vi, x = random_set(seed, 8 + seed % 3 * 6)
    Z = np.column_stack([np.ones(yi.size), x])
    found = [
        log_tau2_likelihood(yi, vi, Z, np.array([a, b])) for a in np.linspace(-8, 4, 49) for b in np.linspace(-6, 6, 49)
    ]
    assert location_scale(yi, vi, Z).ll >= max(found) - 1e-9


@pytest.mark.parametrize(("unit", "origin"), [(1e-5, 0.0), (1e6, 0.0), (1.0, 2000.0), (1e-4, 3.0)])
def test_a_scale_does_not_depend_on_the_units_of_its_moderator(unit, origin):
    yi, vi, x = random_set(4, 20)
    plain, other = (location_scale(yi, vi, np.column_stack([np.ones(20), z])) for z in (x, unit * x + origin))
    same(other.scale.estimate[1] * unit, plain.scale.estimate[1], rel=1e-8)
    same(other.scale.se[1] * unit, plain.scale.se[1], rel=1e-8)
    same(other.tau2, plain.tau2, rel=1e-8)
    same(other.ll, plain.ll, rel=1e-12)


@pytest.mark.parametrize("unit", [1e-20, 1e-5, 1e5, 1e20])
def test_likelihoods_climbed_to_the_last_digits_follow_the_unit_of_the_effects(unit):
    for seed in range(4, 9):
        yi, vi, x = random_set(seed, 14)
        Z = np.column_stack([np.ones(14), x])
        both, variances = np.column_stack([yi, yi[::-1] + x]), np.column_stack([vi, vi[::-1]])
        plain, other = (location_scale(c * yi, c * c * vi, Z) for c in (1.0, unit))
        same(other.tau2 / unit**2, plain.tau2, rel=1e-9)
        same(other.location.ci_ub / unit, plain.location.ci_ub, plain.location.se, rel=1e-9)
        plain, other = (two_outcomes(c * both, c * c * variances, 0.5) for c in (1.0, unit))
        same(other.pooled.ci_ub / unit, plain.pooled.ci_ub, plain.pooled.se, rel=1e-9)


def likelihood_of_mean(y: np.ndarray, v: np.ndarray, tau2: np.ndarray, restricted: bool) -> np.ndarray:
    """Return the (restricted) log likelihood of a model with one mean at each tau2, up to a constant."""
    w = 1 / (v + tau2[:, None])
    mean = np.sum(w * y, axis=1) / np.sum(w, axis=1)
    twice = np.sum(np.log(w), axis=1) - np.sum(w * (y - mean[:, None]) ** 2, axis=1)
    return (twice - np.log(np.sum(w, axis=1)) * restricted) / 2


def test_of_several_maxima_the_highest_is_taken_with_few_points_too():
    """Half of the studies are precise and close together, the others are far apart: two maxima are common."""
    random = np.random.default_rng(11)
    precise = np.arange(8) < 4
    Y = np.where(precise, random.normal(0, 0.03, (200, 8)), random.normal(0, 3, (200, 8)))
    V = np.where(precise, 1e-3, 1.0) * random.uniform(0.5, 2, (200, 8))
    X, several = np.ones((8, 1)), 0
    for restricted, method in ((True, Tau2Method.REML), (False, Tau2Method.ML)):
        found = residual_tau2_batch(Y, V, X, method, points=20)
        for y, v, tau2 in zip(Y, V, found, strict=True):
            scan = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 400)])
            heights = likelihood_of_mean(y, v, scan, restricted)
            inside = np.pad(heights, 1, constant_values=-np.inf)
            several += np.sum((heights > inside[:-2]) & (heights > inside[2:])) > 1
            assert log_likelihood(y, v, X, tau2, restricted) >= heights.max() - 1e-12
    assert several > 20


def test_a_common_effect_of_zeros_has_no_heterogeneity():
    fit = mixed_effects([0.0, 0.0, 0.0], [0.02, 0.03, 0.02], method=None)
    assert (fit.QE, fit.I2, fit.H2) == (0.0, 0.0, 0.0)


def test_ties_among_arrangements_are_ties_in_large_studies_too():
    random = np.random.default_rng(3)
    yi = random.integers(1, 4, 9) / 3.0
    p = [permutation_test(yi, np.full(9, v), method=None).pval[0] for v in (1.0, 1e-10, 1e-22)]
    assert p[0] == p[1] == p[2]


def test_exact_orders_are_all_distinct_and_all_there():
    orders = _orders(np.array([3, 1, 2]))
    assert len(orders) == len(set(map(tuple, orders))) == 60
    assert (np.sort(orders, axis=1) == [0, 0, 0, 1, 2, 2]).all()


def test_a_search_for_roots_ends_where_its_steps_no_longer_move_it():
    """Steps that rounding swallows must not send a root that is found back to the middle of its bracket."""
    squares, calls = np.random.default_rng(1).uniform(1, 100, 500), []

    def at(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(x)
        return squares - x**2, -2 * x

    np.testing.assert_allclose(falling_root(at, np.full(500, 5.0), 0.0, 1e6), np.sqrt(squares), rtol=1e-15)
    assert len(calls) < 15


def test_a_single_search_and_a_batch_find_the_same_variance():
    random = np.random.default_rng(3)
    Y, V = random.normal(size=(60, 9)) * 0.6, random.uniform(0.02, 0.6, (60, 9))
    design = np.column_stack([np.ones(9), np.arange(9.0)])
    for method in Tau2Method:
        alone = [residual_tau2(y, v, design, method) for y, v in zip(Y, V, strict=True)]
        assert residual_tau2_batch(Y, V, design, method, points=40) == pytest.approx(alone, rel=1e-9, abs=1e-12)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=2, max_size=10), st.floats(0.01, 100))
def test_henmi_and_copas_follow_the_unit_and_hold_their_estimate(rows, unit):
    yi, vi = map(np.array, zip(*rows, strict=True))
    told, scaled = henmi_copas(yi, vi), henmi_copas(unit * yi, unit**2 * vi)
    assert told.ci_lb < told.estimate < told.ci_ub
    assert scaled.ci_lb == pytest.approx(unit * told.ci_lb, rel=1e-6, abs=1e-6 * unit)
    wider = henmi_copas(yi, vi, 0.99)
    assert wider.ci_lb < told.ci_lb < told.ci_ub < wider.ci_ub


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=3, max_size=6))
def test_the_exact_interval_holds_what_the_exact_test_does_not_refuse(rows):
    yi, vi = map(np.array, zip(*rows, strict=True))
    assume(np.ptp(yi) > 0.1)
    told = permutation_test(yi, vi, method="DL", test="z", level=0.6)
    if told.ci_lb is None:
        assert 1 / 2 ** (yi.size - 1) >= 0.4
        return
    step = 1e-3 * (told.ci_ub - told.ci_lb)
    for bound, outwards in ((told.ci_lb, -step), (told.ci_ub, step)):
        # No p is as small as 1 - 0.99, so that no second interval is looked for.
        assert permutation_test(yi - bound - outwards, vi, method="DL", test="z", level=0.99).pval[0] <= 0.4


def test_many_arrangements_are_drawn_and_the_draw_can_be_repeated():
    random = np.random.default_rng(5)
    yi, vi = random.normal(0.3, 0.5, 20), random.uniform(0.02, 0.2, 20)
    X = np.column_stack([np.ones(20), np.arange(20.0)])
    first, again = (permutation_test(yi, vi, X, "DL", "knha", draws=500, seed=4) for _ in range(2))
    assert not first.exact
    assert (first.drawn, first.arrangements) == (500, 2432902008176640000)
    assert first.pval.tolist() == again.pval.tolist()
    alone = permutation_test(yi, vi, None, "DL", "z", draws=500)
    assert alone.ci_lb is None
    assert alone.pval[0] >= 1 / 500


def test_a_profile_interval_need_not_be_symmetrical_and_holds_zero_variance_where_the_data_do():
    told = profile_intervals([0.0, 0.1, 0.9, 1.0, 3.0], [0.1, 0.2, 0.1, 0.1, 0.2], level=0.9)
    above, below = told.ci_ub[0] - told.beta[0], told.beta[0] - told.ci_lb[0]
    assert above != pytest.approx(below, rel=1e-3)
    alike = profile_intervals([0.1, 0.2, 0.15], [0.1, 0.1, 0.2])
    assert (alike.tau2, alike.tau2_lb) == (0, 0)
    assert alike.tau2_ub > 0


def test_an_assumed_correlation_can_be_varied_over_a_grid():
    random = np.random.default_rng(2)
    yi, vi = random.normal(0.4, 0.3, (8, 2)), random.uniform(0.02, 0.1, (8, 2))
    yi[0, 1] = vi[0, 1] = np.nan
    grid = (0.0, 0.4, 0.8)
    told = two_outcomes_grid(yi, vi, grid)
    assert [one.within for one in told] == list(grid)
    assert told[0].k == (8, 7)
    assert told[0].both == 7
    for one in told:
        alone = two_outcomes(yi, vi, one.within)
        assert alone.pooled.estimate.tolist() == one.pooled.estimate.tolist()


def test_two_outcomes_without_anything_in_common_are_two_pools():
    yi = [[0.1, 2.0], [0.5, 2.1], [0.9, 1.2], [0.2, 1.5]]
    vi = [[0.1, 0.2], [0.2, 0.1], [0.1, 0.1], [0.1, 0.3]]
    fit = two_outcomes(yi, vi, 0.0, "ML")
    alone = [mixed_effects([row[i] for row in yi], [row[i] for row in vi], method="ML").tau2 for i in (0, 1)]
    assert max(fit.tau2) >= 0
    assert all(tau2 >= 0 for tau2 in alone)
    assert fit.pooled.estimate[0] == pytest.approx(0.43, abs=0.1)


REFUSED = [
    (lambda: henmi_copas([0.1], [0.1]), "two are needed"),
    (lambda: henmi_copas([0.1, 0.2], [0.1, 0.0]), "the variance is zero"),
    (lambda: henmi_copas([0.1, 0.2], [0.1, 0.1], 95), "level is 95"),
    (lambda: henmi_copas_batch([[0.1, np.nan]], [[0.1, np.nan]]), "absent|two are needed"),
    (lambda: permutation_test([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], draws=10), "10 draws say little"),
    (lambda: permutation_test([0.1, 0.2], [0.1, 0.1], [[1.0, 0.0], [1.0, 1.0]]), "more effects"),
    (lambda: profile_intervals([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], method="DL"), "must be one of REML, ML"),
    (lambda: q_profile([0.1, 0.2, 0.3], [0.1, 0.1, -0.1]), "negative"),
    (lambda: location_scale([0.1, 0.2, 0.3], [0.1] * 3, np.ones((3, 1)), method="PM"), "must be one of REML, ML"),
    (lambda: location_scale([0.1, 0.2, 0.3], [0.1] * 3, np.ones((3, 1)), test="auto"), "must be one of z, t"),
    (lambda: location_scale([0.1, 0.1, 0.1, 0.1], [0.1] * 4, np.ones((4, 1))), "goes to zero"),
    (lambda: two_outcomes([[0.1, 0.2]] * 2, [[0.1, 0.2]] * 2, 0.5), "2 studies have both outcomes"),
    (lambda: two_outcomes([[0.1, 0.2]] * 4, [[0.1, 0.2]] * 4, 1.0), "correlations between -1 and 1"),
    (lambda: two_outcomes([[0.1, np.nan]] * 4, [[0.1, 0.2]] * 4, 0.5), "study 1 has an effect or a variance"),
    (lambda: two_outcomes([[0.1, 0.2]] * 4, [[0.1, 0.0]] * 4, 0.5), "study 1, outcome 2"),
    (lambda: two_outcomes([0.1, 0.2], [0.1, 0.2], 0.5), "dimension|shape"),
    (lambda: mixed_effects([0.1, 0.2, 0.4], [0.1] * 3, method="GENQ"), "give weights"),
]


@pytest.mark.parametrize(("asked", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_computed_is_refused_with_a_sentence(asked, said):
    with pytest.raises(ValueError, match=said):
        asked()
