"""A normal prior of the mean effect: equal to numerical integration in R, to what bayesmeta prints, and to limits."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.special import ndtri

from helpers import REFERENCE
from taprev.synthesis.kernels.bayes import bayes
from taprev.synthesis.kernels.priors import normal_prior, prior
from taprev.wording.notes import sentences

STORED = json.loads((REFERENCE / "bayes.json").read_text())
SETS = {one["id"]: one for one in STORED["sets"]}
FITS = [pytest.param(one, id=f"{one['set']}-{one['family']}") for one in STORED["fits"]]
YI, VI = np.array([0.7, 0.3, 1.1]), np.array([0.04, 0.09, 0.02])
FLAT_ENOUGH = 1e6


def fit_of(one: dict, family: str, **how):
    mu = normal_prior(one["mean"], one["sd"])
    return bayes(one["yi"], one["vi"], prior(family, one["scale"]), mu_prior=mu, **how)


def test_nine_published_sets_and_both_priors_are_stored():
    assert len(SETS) == 9 and len(FITS) == 18
    assert {fit.values[0]["family"] for fit in FITS} == {"half_normal", "half_cauchy"}


@pytest.mark.parametrize("theirs", FITS)
def test_posteriors_and_the_marginal_likelihood_equal_integration_in_r(theirs):
    fit = fit_of(SETS[theirs["set"]], theirs["family"])
    assert fit.log_marginal == pytest.approx(theirs["log_marginal"], abs=1e-9)
    assert (fit.mu.mean - theirs["mu_mean"]) / theirs["mu_sd"] == pytest.approx(0, abs=1e-9)
    assert fit.mu.sd == pytest.approx(theirs["mu_sd"], rel=1e-8)
    assert (fit.tau.mean, fit.tau.sd) == pytest.approx((theirs["tau_mean"], theirs["tau_sd"]), rel=1e-8)
    assert fit.predictive.sd == pytest.approx(theirs["new_sd"], rel=1e-8)
    assert fit.studies[0].mean == pytest.approx(theirs["first_mean"], abs=1e-9)


def test_the_eight_schools_are_as_the_vignette_of_bayesmeta_prints_them():
    """tau to every printed digit; mu, whose posterior bayesmeta takes from a coarse grid of tau, to 2e-4 of its SD."""
    one = STORED["printed"]
    fit = bayes(one["yi"], np.square(one["sei"]), prior("half_cauchy", one["scale"]), mu_prior=normal_prior(0.0, 50.0))
    for name, value in one["tau"].items():
        assert getattr(fit.tau, name) == pytest.approx(value, abs=6e-7), name
    for name, value in one["mu"].items():
        assert abs(getattr(fit.mu, name) - value) <= 2e-4 * one["mu"]["sd"], name


def test_a_wide_prior_is_a_flat_one_and_costs_its_density():
    flat = bayes(YI, VI, prior("half_normal", 0.5), important=0.2)
    wide = bayes(YI, VI, prior("half_normal", 0.5), important=0.2, mu_prior=normal_prior(0.0, FLAT_ENOUGH))
    for name in ("mean", "sd", "median", "ci_lb", "ci_ub"):
        assert getattr(wide.mu, name) == pytest.approx(getattr(flat.mu, name), rel=1e-9)
        assert getattr(wide.tau, name) == pytest.approx(getattr(flat.tau, name), rel=1e-9)
    assert wide.p_important_new == pytest.approx(flat.p_important_new, rel=1e-9)
    density = -math.log(FLAT_ENOUGH) - 0.5 * math.log(2 * math.pi)
    assert wide.log_marginal == pytest.approx(flat.log_marginal + density, abs=1e-9)


def test_without_variance_between_studies_it_is_the_normal_posterior():
    fit = bayes(YI, VI, prior("half_normal", 1e-9), mu_prior=normal_prior(0.2, 0.1))
    total = np.sum(1 / VI) + 1 / 0.1**2
    mean, sd = (np.sum(YI / VI) + 0.2 / 0.1**2) / total, total**-0.5
    assert (fit.mu.mean, fit.mu.sd) == pytest.approx((mean, sd), rel=1e-9)
    assert (fit.mu.ci_lb, fit.mu.ci_ub) == pytest.approx((mean + sd * ndtri(0.025), mean + sd * ndtri(0.975)), rel=1e-9)
    joint = np.diag(VI) + 0.1**2
    gap = YI - 0.2
    density = -0.5 * (gap @ np.linalg.solve(joint, gap) + np.linalg.slogdet(joint)[1] + 3 * math.log(2 * math.pi))
    assert fit.log_marginal == pytest.approx(density, abs=1e-9)


def test_a_narrow_prior_holds_the_mean():
    fit = bayes(YI, VI, prior("half_cauchy", 0.5), mu_prior=normal_prior(-1.0, 1e-4))
    assert fit.mu.mean == pytest.approx(-1.0, abs=1e-5) and fit.mu.sd == pytest.approx(1e-4, rel=1e-3)
    assert fit.tau.median > bayes(YI, VI, prior("half_cauchy", 0.5)).tau.median


@pytest.mark.parametrize("unit", [1e-6, 1e5])
def test_units_and_origin_do_not_matter(unit):
    usual = bayes(YI, VI, prior("half_normal", 0.5), mu_prior=normal_prior(0.3, 0.4))
    moved = bayes(
        (YI + 10) * unit, VI * unit**2, prior("half_normal", 0.5 * unit), mu_prior=normal_prior(10.3 * unit, 0.4 * unit)
    )
    assert moved.mu.mean / unit - 10 == pytest.approx(usual.mu.mean, abs=1e-8)
    assert (moved.mu.sd / unit, moved.tau.median / unit) == pytest.approx((usual.mu.sd, usual.tau.median), rel=1e-9)
    assert moved.log_marginal + 3 * math.log(unit) == pytest.approx(usual.log_marginal, abs=1e-8)


def test_one_study_has_a_mean_that_a_flat_prior_does_not_leave():
    flat = bayes([0.4], [0.04], prior("half_cauchy", 0.5))
    fit = bayes([0.4], [0.04], prior("half_cauchy", 0.5), mu_prior=normal_prior(0.0, 1.0))
    assert flat.mu.mean is None and fit.mu.mean is not None and 0 < fit.mu.mean < 0.4
    assert fit.mu.sd < 1.0 and fit.predictive.sd is None and "leave no mean or SD" in sentences(fit.notes)[0]
    assert bayes([0.4], [0.04], prior("rhodes_2015"), mu_prior=normal_prior(0.0, 1.0)).mu.median > 0


def test_the_prior_is_in_the_words_of_the_fit():
    fit = bayes(YI, VI, prior("half_normal", 0.5), mu_prior=normal_prior(0.0, 4.0))
    assert fit.prior == "half-normal with scale 0.5; mean effect normal with mean 0 and SD 4"
    assert bayes(YI, VI, prior("half_normal", 0.5)).prior == "half-normal with scale 0.5"


@pytest.mark.parametrize(
    ("mean", "sd", "told"),
    [
        (math.nan, 1.0, "needs a finite mean, found nan"),
        (math.inf, 1.0, "needs a finite mean, found inf"),
        (0.0, 0.0, r"needs a finite SD above 0, found 0\.0"),
        (0.0, -1.0, "needs a finite SD above 0, found -1"),
        (0.0, math.inf, "needs a finite SD above 0, found inf"),
    ],
)
def test_priors_that_are_none_are_refused(mean, sd, told):
    with pytest.raises(ValueError, match=told):
        normal_prior(mean, sd)


def test_a_prior_that_is_flat_in_doubles_is_refused():
    with pytest.raises(ValueError, match=r"SD 1e\+200 is flat in doubles; leave it out"):
        bayes(YI, VI, prior("half_normal", 0.5), mu_prior=normal_prior(0.0, 1e200))


@pytest.mark.reference
def test_r_still_gives_the_stored_values(forked_r, tmp_path):
    output = tmp_path / "bayes.json"
    run = forked_r(REFERENCE / "bayes.R", output, "8")
    assert run.returncode == 0, run.stderr
    again = {(one["set"], one["family"]): one for one in json.loads(output.read_text())["fits"]}
    assert len(again) >= 4
    for old in STORED["fits"]:
        new = again.get((old["set"], old["family"]))
        for name in ("log_marginal", "mu_mean", "mu_sd", "tau_mean", "tau_sd") if new else ():
            assert new[name] == pytest.approx(old[name], rel=1e-9), (old["set"], name)
