"""One fit and a batch: published numbers, the rules for the interval, small sets, notes and certificates."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from taprev.synthesis import random_effects, random_effects_batch
from taprev.synthesis.kernels.estimators import ESTIMATORS
from taprev.vocabulary import Tau2Method
from taprev.wording.notes import sentences

METHODS = tuple(str(method) for method in Tau2Method)
CI_METHODS = ("wald", "hksj", "hksj_modified")
BCG_COUNTS = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)


def bcg() -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios of tuberculosis after BCG vaccination (Colditz and others 1994, JAMA 271:698-702)."""
    a, b, c, d = np.array(BCG_COUNTS, dtype=float).T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


@pytest.mark.parametrize(
    ("method", "tau2", "estimate", "se"),
    [("REML", 0.3132, -0.7145, 0.1798), ("DL", 0.3088, -0.7141, 0.1787), ("PM", 0.3181, -0.7150, 0.1809)],
)
def test_bcg_gives_the_numbers_printed_by_metafor(method, tau2, estimate, se):
    fit = random_effects(*bcg(), tau2_method=method, ci_method="wald")
    assert (fit.tau2, fit.estimate, fit.se) == pytest.approx((tau2, estimate, se), abs=6e-5)
    assert (fit.Q, fit.Q_df) == pytest.approx((152.2330, 12), abs=6e-5)


def test_bcg_heterogeneity_and_its_q_profile():
    fit = random_effects(*bcg())
    assert (fit.I2, fit.I2_lb, fit.I2_ub) == pytest.approx((92.22, 81.92, 97.68), abs=0.006)
    assert (fit.H2, fit.H2_lb, fit.H2_ub) == pytest.approx((12.86, 5.53, 43.07), abs=0.006)
    assert (fit.tau2_lb, fit.tau2_ub) == pytest.approx((0.1197, 1.1115), abs=6e-5)


@pytest.mark.parametrize("method", METHODS)
def test_certificates_are_zero_inside_and_not_positive_at_the_boundary(method):
    inside, boundary = random_effects(*bcg(), method), random_effects([0.3, 0.305, 0.295], [0.04] * 3, method)
    assert inside.certificate.holds and not inside.certificate.boundary
    assert abs(inside.certificate.residual) < 1e-13
    assert boundary.certificate.holds and boundary.certificate.boundary == (method != "SJ")
    assert boundary.certificate.residual < -0.9 or method == "SJ"


def test_a_solution_that_fails_its_certificate_is_not_returned(monkeypatch):
    wrong = replace(ESTIMATORS[Tau2Method.PM], solve=lambda sets: sets.smallest)
    monkeypatch.setitem(ESTIMATORS, Tau2Method.PM, wrong)
    with pytest.raises(ArithmeticError, match="PM found no certified solution"):
        random_effects(*bcg(), "PM")


@pytest.mark.parametrize("ci_method", ("auto", *CI_METHODS))
@pytest.mark.parametrize("method", METHODS)
def test_a_batch_equals_its_sets_one_by_one_and_absent_studies_do_not_count(method, ci_method):
    rng = np.random.default_rng(3)
    V = np.exp(rng.normal(-2.0, 1.0, (40, 9)))
    Y = rng.normal(0.2, np.sqrt(V + rng.choice([0.0, 0.2], (40, 1))))
    absent = rng.random(V.shape) < 0.4
    absent[:, 4] = False
    absent[0, [0, 1, 2, 3, 5, 6, 7, 8]] = True
    Y[absent] = V[absent] = np.nan
    batch = random_effects_batch(Y, V, method, ci_method)
    names = ("k", "estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2", "H2", "Q", "Q_df", "Q_pval")
    for row, gone in enumerate(absent):
        fit = random_effects(Y[row, ~gone], V[row, ~gone], method, ci_method)
        assert batch.ci_method[row] == fit.ci_method
        expected = [getattr(fit, name) for name in names]
        assert [getattr(batch, name)[row] for name in names] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_auto_is_hksj_with_heterogeneity_and_wald_without():
    assert random_effects(*bcg()).ci_method == "hksj"
    homogeneous = random_effects([0.3, 0.305, 0.295, 0.3], [0.04] * 4)
    assert homogeneous.ci_method == "wald"
    assert any("tau2 is estimated to be zero" in note for note in sentences(homogeneous.notes))
    pair = random_effects([0.0, 2.0], [0.04, 0.05])
    assert pair.ci_method == "wald" and pair.tau2 > 0
    assert any("fewer than three" in note for note in sentences(pair.notes))


@pytest.mark.parametrize("ci_method", CI_METHODS)
def test_a_named_interval_is_obeyed_and_all_three_stand_beside_it(ci_method):
    fit = random_effects([0.3, 0.31, 0.29, 0.3], [0.04] * 4, ci_method=ci_method)
    assert fit.ci_method == ci_method
    assert [interval.ci_method for interval in fit.intervals] == list(CI_METHODS)
    printed = next(interval for interval in fit.intervals if interval.ci_method == ci_method)
    assert (fit.se, fit.ci_lb, fit.ci_ub, fit.pval) == (
        printed.se,
        printed.ci_lb,
        printed.ci_ub,
        printed.pval,
    )


def test_an_hksj_narrower_than_wald_is_marked_and_the_modified_one_is_not_narrower():
    fit = random_effects([0.3, 0.305, 0.295, 0.3], [0.04] * 4)
    wald, hksj, modified = fit.intervals
    assert hksj.ci_ub - hksj.ci_lb < wald.ci_ub - wald.ci_lb < modified.ci_ub - modified.ci_lb
    assert modified.se == pytest.approx(wald.se)
    assert any("narrower than the Wald" in note for note in sentences(fit.notes))
    assert not any("narrower" in note for note in sentences(random_effects(*bcg()).notes))


def test_few_studies_and_intervals_that_disagree_about_zero_are_told():
    few = random_effects([0.9, 0.2, 0.6], [0.04, 0.04, 0.04])
    assert few.intervals[0].ci_lb > 0 > few.intervals[1].ci_lb
    assert any("conclusion depends on which interval is used" in note for note in sentences(few.notes))
    agreed = random_effects([1.9, 2.2, 2.6], [0.04, 0.04, 0.04])
    assert not any("conclusion depends" in note for note in sentences(agreed.notes))


def test_a_single_study_is_returned_as_it_is():
    fit = random_effects([0.4], [0.09], ci_method="hksj")
    assert (fit.k, fit.estimate, fit.ci_method, fit.tau2, fit.I2, fit.weights) == (
        1,
        0.4,
        "wald",
        0.0,
        0.0,
        (100.0,),
    )
    assert fit.se == pytest.approx(0.3)
    assert (fit.tau2_lb, fit.tau2_ub, fit.pi_lb) == (None, None, None)
    assert any("nothing was pooled" in note for note in sentences(fit.notes))


@pytest.mark.parametrize("method", METHODS)
def test_two_studies_with_equal_variances_have_the_moment_solution(method):
    fit = random_effects([0.0, 2.0], [0.5, 0.5], method)
    by_hand = {"ML": 2.0 / 2 - 0.5, "HS": (4.0 - 2.0) / 4.0, "SJ": 1.0 * (2.0 / 1.5)}
    assert fit.tau2 == pytest.approx(by_hand.get(method, 2.0 - 0.5), rel=1e-14)
    assert any("Only two effects" in note for note in sentences(fit.notes))
    assert fit.pi_lb is None


@pytest.mark.parametrize("ci_method", ("auto", *CI_METHODS))
def test_equal_effects_give_a_number_and_never_nan(ci_method):
    fit = random_effects([0.3, 0.3, 0.3], [0.04, 0.05, 0.06], ci_method=ci_method)
    assert fit.estimate == 0.3
    assert fit.ci_lb < 0.3 < fit.ci_ub
    assert 0.0 < fit.pval < 1.0
    assert fit.ci_method == ("hksj_modified" if ci_method == "hksj_modified" else "wald")
    assert any("all equal" in note for note in sentences(fit.notes)) == (ci_method == "hksj")


def test_an_empty_profile_set_is_zero_to_zero_with_a_note():
    fit = random_effects([0.3, 0.305, 0.295, 0.3], [0.04] * 4)
    assert (fit.tau2_lb, fit.tau2_ub, fit.I2_ub, fit.H2_ub) == (0.0, 0.0, 0.0, 1.0)
    assert any("profile set" in note for note in sentences(fit.notes))
    assert not any("profile set" in note for note in sentences(random_effects(*bcg()).notes))


def test_the_prediction_interval_uses_the_printed_standard_error():
    t_12, t_11 = 2.1788128296672284, 2.2009851600916384
    fit, fewer = (random_effects(*bcg(), pi_df=pi_df) for pi_df in ("k-1", "k-2"))
    half = np.sqrt(fit.tau2 + fit.se**2)
    assert (fit.pi_lb, fit.pi_ub) == pytest.approx((fit.estimate - t_12 * half, fit.estimate + t_12 * half), rel=1e-12)
    assert fewer.pi_ub == pytest.approx(fit.estimate + t_11 * half, rel=1e-12)
    assert (fit.pi_df, fewer.pi_df) == (12, 11)


@pytest.mark.parametrize(("k", "told"), [(3, True), (4, True), (5, False)])
def test_the_prediction_interval_of_three_or_four_studies_has_a_caution(k, told):
    fit = random_effects([0.0, 1.0, 2.0, 3.0, 4.0][:k], [0.04] * k)
    assert fit.pi_lb < fit.ci_lb
    assert any(f"rests on {k} studies" in note for note in sentences(fit.notes)) == told


def test_weights_are_percentages_of_inverse_total_variances():
    yi, vi = bcg()
    fit = random_effects(yi, vi)
    w = 1 / (vi + fit.tau2)
    assert fit.weights == pytest.approx(100 * w / w.sum(), rel=1e-12)
    assert sum(fit.weights) == pytest.approx(100.0)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_level_widens_the_interval_and_p_agrees_with_it(level):
    yi, vi = bcg()
    fit = random_effects(yi, vi, level=level)
    at_limit = random_effects(yi - fit.ci_ub, vi, level=level)
    assert at_limit.pval == pytest.approx(1 - level, rel=1e-8)


def test_a_fit_holds_plain_numbers_that_json_can_write():
    for yi, vi in (bcg(), ([0.4], [0.09]), ([0.3, 0.3], [1.0, 1.0])):
        text = json.dumps(random_effects(yi, vi), default=lambda part: vars(part), allow_nan=False)
        assert json.loads(text)["k"] == len(yi)
