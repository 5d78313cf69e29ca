"""What must hold of the kernels for any data: invariance, the global optimum, and extremes of scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taprev.synthesis import random_effects, random_effects_batch
from taprev.vocabulary import Tau2Method

METHODS = tuple(str(method) for method in Tau2Method)


def log_likelihoods(yi, vi, tau2, method: str):
    """The (restricted) log-likelihood at each tau2 as in the textbook, without centring or scaling."""
    variances = vi + np.reshape(tau2, (-1, 1))
    w = 1 / variances
    mean = np.sum(w * yi, axis=1) / np.sum(w, axis=1)
    restriction = np.log(np.sum(w, axis=1)) if method == "REML" else 0.0
    return -0.5 * (
        np.sum(np.log(variances), axis=1) + restriction + np.sum(w * (yi - mean[:, np.newaxis]) ** 2, axis=1)
    )


@st.composite
def data_sets(draw):
    k = draw(st.integers(2, 12))
    effects = st.integers(-4000, 4000).map(lambda n: n / 1000)
    logs = st.integers(-600, 100).map(lambda n: n / 100)
    yi = np.array(draw(st.lists(effects, min_size=k, max_size=k)))
    return yi, np.exp(np.array(draw(st.lists(logs, min_size=k, max_size=k))))


def assert_same(fit, other, yi, vi, factor=1.0, shift=0.0, sign=1.0):
    """Assert that `other` is `fit` moved by a linear change of the effects."""
    unit = factor**2
    assert other.tau2 == pytest.approx(fit.tau2 * unit, rel=1e-8, abs=1e-9 * vi.min() * unit)
    assert other.estimate == pytest.approx(sign * fit.estimate * factor + shift, abs=1e-8 * fit.se * factor + 1e-12)
    wald, moved = fit.intervals[0], other.intervals[0]
    assert moved.se == pytest.approx(wald.se * factor, rel=1e-8)
    assert abs(other.I2 - fit.I2) < 1e-6
    assert abs(other.Q - fit.Q) <= 1e-7 * fit.Q + 1e-9


@pytest.mark.parametrize("method", METHODS)
@given(data=data_sets(), shift=st.sampled_from([-1e4, -3.0, 0.7, 1e4]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_shift_moves_the_estimate_only(method, data, shift):
    yi, vi = data
    fit, moved = (random_effects(y, vi, method) for y in (yi, yi + shift))
    assert moved.estimate - shift == pytest.approx(fit.estimate, abs=1e-6 * fit.intervals[0].se + 1e-9)
    assert moved.tau2 == pytest.approx(fit.tau2, rel=1e-5, abs=1e-6 * vi.min())


@pytest.mark.parametrize("method", METHODS)
@given(data=data_sets(), power=st.sampled_from([-17, -8, -1, 1, 7, 15]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_change_of_scale_scales_everything(method, data, power):
    yi, vi = data
    factor = 10.0 ** (power / 2)
    fit, scaled = random_effects(yi, vi, method), random_effects(yi * factor, vi * factor**2, method)
    assert_same(fit, scaled, yi, vi, factor=factor)


@pytest.mark.parametrize("method", METHODS)
@given(data=data_sets())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_change_of_sign_turns_the_interval_round(method, data):
    yi, vi = data
    fit, turned = random_effects(yi, vi, method), random_effects(-yi, vi, method)
    assert_same(fit, turned, yi, vi, sign=-1.0)
    assert (turned.ci_lb, turned.ci_ub) == pytest.approx((-fit.ci_ub, -fit.ci_lb), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(data=data_sets(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_order_of_studies_does_not_matter(method, data, seed):
    yi, vi = data
    order = np.random.default_rng(seed).permutation(yi.size)
    fit, mixed = random_effects(yi, vi, method), random_effects(yi[order], vi[order], method)
    assert_same(fit, mixed, yi, vi)
    assert mixed.weights == pytest.approx(np.array(fit.weights)[order], rel=1e-7)


@given(data=data_sets())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_study_twice_doubles_q_and_never_raises_tau2(data):
    yi, vi = data
    once, twice = (random_effects(np.tile(yi, n), np.tile(vi, n), "PM") for n in (1, 2))
    assert abs(twice.Q - 2 * once.Q) <= 1e-9 * once.Q + 1e-12
    assert twice.k == 2 * once.k
    assert twice.tau2 <= once.tau2 * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("method", ("REML", "ML"))
@given(data=data_sets())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_no_tau2_on_a_dense_scan_has_a_higher_likelihood(method, data):
    yi, vi = data
    fit = random_effects(yi, vi, method)
    top = np.sum((yi - yi.mean()) ** 2) + vi.min()
    scan = np.concatenate([[0.0], np.geomspace(1e-4 * vi.min(), top, 400)])
    highest = log_likelihoods(yi, vi, scan, method).max()
    assert log_likelihoods(yi, vi, fit.tau2, method)[0] >= highest - 1e-9


@pytest.mark.parametrize("method", ("REML", "ML"))
def test_the_higher_of_two_maxima_is_found(method):
    rng = np.random.default_rng(11)
    V = 10.0 ** rng.choice([-4.0, 0.0, 4.0], (200, 6))
    Y = rng.normal(0.0, np.sqrt(V)) * np.where(rng.random(V.shape) < 0.3, 4.0, 0.7)
    tau2 = random_effects_batch(Y, V, method).tau2
    several = 0
    for yi, vi, found in zip(Y, V, tau2, strict=True):
        scan = np.concatenate([[0.0], np.geomspace(1e-7, 1e7, 500)])
        heights = log_likelihoods(yi, vi, scan, method)
        inside = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
        several += inside.sum() + (heights[0] > heights[1]) > 1
        assert log_likelihoods(yi, vi, found, method)[0] >= heights.max() - 1e-9
    assert several > 20


@pytest.mark.parametrize("method", METHODS)
def test_a_variance_ratio_of_1e16_is_certified_and_follows_the_precise_study(method):
    yi, vi = [0.5, 0.1, 0.9, -0.4], [1e-16, 0.04, 0.05, 1.0]
    fit = random_effects(yi, vi, method, ci_method="wald")
    assert fit.certificate.holds
    equal = random_effects([0.5, 0.5001, 0.4999], [1e-16, 1.0, 1.0], method, ci_method="wald")
    assert (equal.tau2 == 0.0) == (method != "SJ")
    assert method == "SJ" or equal.estimate == pytest.approx(0.5, abs=1e-15)
    assert method == "SJ" or equal.se == pytest.approx(1e-8, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_far_from_zero_the_digits_of_the_spread_are_kept(method):
    yi, vi = np.array([0.125, 0.5, -0.25, 1.0, 0.75]), np.array([0.25, 0.125, 0.5, 0.0625, 0.25])
    near, far = random_effects(yi, vi, method), random_effects(yi + 2.0**30, vi, method)
    assert far.tau2 == pytest.approx(near.tau2, rel=1e-12, abs=1e-15)
    assert far.se == pytest.approx(near.se, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_data_beyond_the_range_of_floats_give_an_error_and_not_a_number(method):
    with pytest.raises(ValueError, match="study 1: the effect is too large to compute with"):
        random_effects([1e200, -1e200], [1.0, 1.0], method)


def test_variances_near_the_smallest_float_keep_their_standard_error():
    fit = random_effects([1e-160, 2e-160, 5e-160], [1e-320] * 3, ci_method="wald")
    usual = random_effects([1.0, 2.0, 5.0], [1.0] * 3, ci_method="wald")
    assert fit.se == pytest.approx(1e-160 * usual.se, rel=1e-3, abs=0.0)
