"""Bayesian random effects against a dense grid of another making, in its edges, and where a prior must not stand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from taprev.synthesis.kernels.bayes import bayes
from taprev.synthesis.kernels.priors import prior, refuse_prior
from taprev.wording.notes import reason, sentences

CLOSE = 1e-8
PRIORS = [
    ("half_normal", 0.5),
    ("half_normal", 0.05),
    ("half_cauchy", 0.5),
    ("turner_2015", None),
    ("rhodes_2015", None),
]
FEW = (np.array([0.7, 0.3, 1.1]), np.array([0.04, 0.09, 0.02]))


def simpson(low, high, points):
    weights = np.full(points, 2.0)
    weights[1::2], weights[[0, -1]] = 4.0, 1.0
    return np.linspace(low, high, points), weights * (high - low) / (points - 1)


class DenseGrid:
    """The posterior on a dense grid of log tau by Simpson's rule, written without the kernels.

    A second, coarser grid reaches far to the left, where log-t falls by a power only.
    """

    def __init__(self, yi, vi, family, scale):
        self.yi, self.vi = yi, vi
        left, simpson_left = simpson(-20_000.0, -45.0, 60_001)
        right, simpson_right = simpson(-45.0, 25.0, 60_001)
        self.x, weights = np.concatenate([left, right]), np.concatenate([simpson_left, simpson_right])
        self.tau = np.exp(self.x)
        w = 1 / (vi + self.tau[:, None] ** 2)
        self.mean, self.var = (w * yi).sum(1) / w.sum(1), 1 / w.sum(1)
        Q = (w * (yi - self.mean[:, None]) ** 2).sum(1)
        log = 0.5 * (np.log(w).sum(1) + np.log(self.var) - Q) + self.log_prior(family, scale) + self.x
        p = weights * np.exp(log - log.max())
        self.p = p / p.sum()

    def log_prior(self, family, scale):
        if family == "half_normal":
            return -0.5 * (self.tau / scale) ** 2
        if family == "half_cauchy":
            return -np.log(scale**2 + self.tau**2)
        logs = 2 * self.x
        if family == "turner_2015":
            return -0.5 * ((logs + 2.56) / 1.74) ** 2 - self.x
        return -3 * np.log1p(((logs + 3.44) / 2.59) ** 2 / 5) - self.x

    def moments(self, mean, var):
        centre = (self.p * mean).sum()
        return centre, math.sqrt((self.p * (var + (mean - centre) ** 2)).sum())

    def below(self, x, mean, var):
        return float((self.p * ndtr((x - mean) / np.sqrt(var))).sum())

    def shrunken(self, i):
        pull = self.vi[i] / (self.vi[i] + self.tau**2)
        return pull * self.mean + (1 - pull) * self.yi[i], (1 - pull) * self.vi[i] + pull**2 * self.var


def drawn(number):
    rng = np.random.default_rng(number)
    k = int(rng.integers(4, 12))
    vi = rng.uniform(0.005, 0.3, k)
    return rng.normal(0.4, np.sqrt(vi + rng.choice([0.0, 0.05, 0.5]))), vi


@pytest.mark.parametrize(("family", "scale"), PRIORS)
@pytest.mark.parametrize("number", range(8))
def test_every_number_equals_a_dense_grid(family, scale, number):
    yi, vi = drawn(number)
    fit, grid = bayes(yi, vi, prior(family, scale), important=0.2), DenseGrid(yi, vi, family, scale)
    kinds = [(fit.mu, grid.mean, grid.var), (fit.predictive, grid.mean, grid.var + grid.tau**2)]
    kinds += [(one, *grid.shrunken(i)) for i, one in enumerate(fit.studies)]
    for posterior, mean, var in kinds:
        assert (posterior.mean, posterior.sd) == pytest.approx(grid.moments(mean, var), rel=CLOSE, abs=CLOSE)
        levels = [grid.below(x, mean, var) for x in (posterior.ci_lb, posterior.median, posterior.ci_ub)]
        assert levels == pytest.approx([0.025, 0.5, 0.975], abs=CLOSE)
    assert (fit.tau.mean, fit.tau.sd) == pytest.approx(grid.moments(grid.tau, 0.0), rel=CLOSE)
    assert fit.p_better == pytest.approx(1 - grid.below(0.0, grid.mean, grid.var), abs=CLOSE)
    assert fit.p_important == pytest.approx(1 - grid.below(0.2, grid.mean, grid.var), abs=CLOSE)
    new = 1 - grid.below(0.2, grid.mean, grid.var + grid.tau**2)
    assert fit.p_important_new == pytest.approx(new, abs=CLOSE)


@pytest.mark.parametrize(("family", "scale"), PRIORS[:3])
def test_quantiles_of_tau_and_the_marginal_likelihood_equal_mpmath(family, scale):
    from mpmath import mp, mpf

    yi, vi = FEW
    fit = bayes(yi, vi, prior(family, scale))
    with mp.workdps(25):

        def density(tau):
            w = [1 / (mpf(float(v)) + tau**2) for v in vi]
            mean = sum(a * mpf(float(y)) for a, y in zip(w, yi, strict=True)) / sum(w)
            Q = sum(a * (mpf(float(y)) - mean) ** 2 for a, y in zip(w, yi, strict=True))
            s = mpf(scale)
            shape = (
                mp.sqrt(2 / mp.pi) / s * mp.exp(-((tau / s) ** 2) / 2)
                if family == "half_normal"
                else 2 / (mp.pi * s * (1 + (tau / s) ** 2))
            )
            return mp.sqrt(mp.fprod(w) / sum(w)) * mp.exp(-Q / 2) / (2 * mp.pi) * shape

        points = [0, 0.01, 0.1, 0.3, 1, 3, 10, mp.inf]
        whole = mp.quad(density, points)
        assert fit.log_marginal == pytest.approx(float(mp.log(whole)), abs=1e-9)
        for quantile, wanted in ((fit.tau.ci_lb, 0.025), (fit.tau.median, 0.5), (fit.tau.ci_ub, 0.975)):
            below = mp.quad(density, [0, quantile / 10, quantile / 2, quantile]) / whole
            assert float(below) == pytest.approx(wanted, abs=CLOSE)


def test_the_tail_of_a_half_cauchy_prior_with_three_studies_is_whole():
    """Mean and SD of tau in 30 digits, over log tau to e^100: the square of tau times its density falls as 1/tau^2."""
    from mpmath import mp, mpf

    yi, vi = [0.2, 0.5, 0.9], [0.04, 0.09, 0.06]
    fit = bayes(yi, vi, prior("half_cauchy", 0.5))
    with mp.workdps(30):

        def density(tau):
            w = [1 / (mpf(v) + tau**2) for v in vi]
            mean = sum(a * mpf(y) for a, y in zip(w, yi, strict=True)) / sum(w)
            Q = sum(a * (mpf(y) - mean) ** 2 for a, y in zip(w, yi, strict=True))
            return mp.sqrt(mp.fprod(w) / sum(w)) * mp.exp(-Q / 2) / (1 + (tau / mpf("0.5")) ** 2)

        def integral(moment):
            places = [-60, -9, *range(-5, 5), 9, 30, 100]
            return mp.quad(lambda x: density(mp.e**x) * mp.e ** (x * (1 + moment)), places)

        mass, first, second = map(integral, range(3))
        mean, sd = first / mass, mp.sqrt(second / mass - (first / mass) ** 2)
        assert (fit.tau.mean, fit.tau.sd) == pytest.approx((float(mean), float(sd)), rel=1e-10)


def test_scale_and_origin_of_the_data_do_not_matter():
    yi, vi = FEW
    usual = bayes(yi, vi, prior("half_normal", 0.5))
    for unit in (2.0**-56, 2.0**50):
        scaled = bayes(yi * unit, vi * unit**2, prior("half_normal", 0.5 * unit))
        assert scaled.mu.ci_lb / unit == pytest.approx(usual.mu.ci_lb, rel=1e-10)
        assert scaled.tau.median / unit == pytest.approx(usual.tau.median, rel=1e-10)
    far = bayes(yi + 2.0**30, vi, prior("half_normal", 0.5))
    assert far.mu.mean - 2.0**30 == pytest.approx(usual.mu.mean, abs=1e-6)
    assert far.mu.sd == pytest.approx(usual.mu.sd, rel=1e-6)


def test_one_study_is_its_own_posterior_widened_by_the_prior():
    fit = bayes([0.7], [0.04], prior("half_normal", 0.5))
    assert (fit.mu.mean, fit.mu.sd) == pytest.approx((0.7, math.sqrt(0.04 + 0.25)), rel=1e-12)
    assert fit.tau.median == pytest.approx(0.5 * 0.6744897501960817, rel=1e-12)


def test_a_tight_prior_gives_the_common_effect_and_no_heterogeneity():
    yi, vi = FEW
    w = 1 / vi
    fit = bayes(yi, vi, prior("half_normal", 1e-12))
    assert fit.mu.mean == pytest.approx(np.sum(w * yi) / w.sum(), rel=1e-12)
    assert fit.mu.sd == pytest.approx(1 / math.sqrt(w.sum()), rel=1e-12)
    assert fit.tau.median == pytest.approx(1e-12 * 0.6744897501960817, rel=1e-9)


def test_moments_that_do_not_exist_are_not_given():
    yi, vi = FEW
    two = bayes(yi[:2], vi[:2], prior("half_cauchy", 0.5))
    assert (two.mu.mean, two.mu.sd, two.tau.sd) == (None, None, None) and two.tau.mean is not None
    assert any("leave no mean" in note for note in sentences(two.notes))
    assert bayes(yi, vi, prior("half_cauchy", 0.5)).mu.sd is not None


def test_probabilities_follow_the_better_side():
    yi, vi = FEW
    up = bayes(yi, vi, prior("half_normal", 0.5), important=0.2)
    down = bayes(-yi, vi, prior("half_normal", 0.5), important=0.2, favours_sign=-1)
    assert (down.p_better, down.p_important) == pytest.approx((up.p_better, up.p_important), rel=1e-12)
    assert 0 < up.p_important_new < up.p_important < up.p_better < 1


def test_many_precise_studies_narrow_tau():
    rng = np.random.default_rng(5)
    vi = rng.uniform(0.01, 0.2, 400)
    fit = bayes(rng.normal(0.3, np.sqrt(vi + 0.16)), vi, prior("half_normal", 0.5))
    assert fit.tau.ci_lb < 0.4 < fit.tau.ci_ub and fit.tau.sd < 0.03


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: prior("half_normal", 0.0), "needs a finite scale above 0"),
        (lambda: prior("half_cauchy", math.inf), "needs a finite scale above 0"),
        (lambda: prior("half_normal"), "needs a finite scale above 0"),
        (lambda: prior("uniform", 1.0), "is not a prior of tau"),
        (lambda: bayes([0.1], [0.0], prior("half_normal", 0.5)), "the variance is zero"),
        (lambda: bayes([], [], prior("half_normal", 0.5)), "there is no study"),
        (lambda: bayes([0.1], [0.1], prior("rhodes_2015")), "two are needed"),
        (lambda: bayes([0.1], [0.1], prior("half_normal", 0.5), important=0.0), "must be above 0"),
        (lambda: bayes([0.1], [0.1], prior("half_normal", 0.5), level=95), "must lie between 0 and 1"),
    ],
)
def test_what_cannot_be_computed_is_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_empirical_priors_stand_only_where_they_were_estimated():
    assert refuse_prior("rhodes_2015", ("randomised",), "smd") is None
    assert refuse_prior("turner_2015", ("randomised",), "log_odds_ratio") is None
    assert "does not apply to this design" in reason(refuse_prior("rhodes_2015", ("before_after",), "smd"))
    assert "does not apply to this design" in reason(refuse_prior("rhodes_2015", ("randomised", "controlled"), "smd"))
    assert "does not apply to this scale" in reason(refuse_prior("turner_2015", ("randomised",), "smd"))
    assert refuse_prior("half_normal", ("before_after",), "smd") is None
