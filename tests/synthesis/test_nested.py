"""ML, given sampling covariances and profile intervals of nested effects, against metafor's `rma.mv`.

The values and the script that made them are in `reference/nested.*`; its README says how closely they agree.
"""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import REFERENCE
from taprev.synthesis.kernels.blocks import laid_out
from taprev.synthesis.kernels.component_profile import component_intervals
from taprev.synthesis.kernels.multilevel import MultilevelFit, multilevel
from taprev.synthesis.kernels.nested_likelihood import LIKELIHOODS, full_likelihood, score
from taprev.synthesis.kernels.robust import cr2
from taprev.vocabulary import Tau2Method

STORED = json.loads((REFERENCE / "nested.json").read_text())
SETS = {one["id"]: one for one in STORED["sets"]}
FITS = [pytest.param(one, id=f"{one['set']}-{one['method']}") for one in STORED["fits"]]
CLOSE = 1e-6


def data_of(name: str) -> dict:
    one = SETS[name]
    yi, V, moderator = np.array(one["yi"]), np.array(one["V"]), one.get("moderator")
    X = np.column_stack([np.ones(yi.size), moderator]) if moderator else None
    return dict(yi=yi, vi=V, study=one["study"], X=X)


@cache
def ours(name: str, method: str) -> MultilevelFit:
    return multilevel(**data_of(name), ci_method="wald", method=method)


def unit_of(name: str, fit: MultilevelFit) -> float:
    V = data_of(name)["vi"]
    return fit.sigma2_study + fit.sigma2_effect + float((np.diag(V) if V.ndim == 2 else V).min())


def test_the_sets_cover_printed_and_assumed_covariances_and_both_methods():
    published = {name.split("-")[0] for name in SETS}
    assert len(published) >= 8
    assert len({name.split("-")[0] for name in SETS if np.ndim(SETS[name]["V"]) == 2}) >= 7
    assert {one["method"] for one in STORED["fits"]} == {"ML", "REML"}
    assert sum(bool(one.get("moderator")) for one in SETS.values()) >= 5
    assert sum(one["sigma2_study"] < 1e-9 for one in STORED["fits"]) >= 4


@pytest.mark.parametrize("theirs", FITS)
def test_components_likelihood_and_information_criteria_equal_metafor(theirs):
    fit = ours(theirs["set"], theirs["method"])
    for part in ("sigma2_study", "sigma2_effect"):
        assert abs(getattr(fit, part) - theirs[part]) <= CLOSE * unit_of(theirs["set"], fit), part
    for part in ("log_likelihood", "AIC", "BIC"):
        assert getattr(fit, part) == pytest.approx(theirs[part], abs=1e-9), part
    assert theirs["QE"] == pytest.approx(fit.QE, rel=1e-10)
    assert theirs["QE_pval"] == pytest.approx(fit.QE_pval, rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("theirs", FITS)
def test_estimates_errors_and_weights_equal_metafor(theirs):
    fit = ours(theirs["set"], theirs["method"])
    estimates = np.array([one.estimate for one in fit.coefficients])
    assert np.max(np.abs(estimates - theirs["estimate"]) / theirs["se"]) <= CLOSE
    assert [one.se for one in fit.coefficients] == pytest.approx(theirs["se"], rel=CLOSE)
    if theirs.get("weights"):
        assert np.max(np.abs(np.array(fit.weights) - theirs["weights"])) <= CLOSE * 100 / fit.k


@pytest.mark.parametrize("theirs", FITS)
def test_profile_intervals_equal_metafor(theirs):
    fit = ours(theirs["set"], theirs["method"])
    mine = component_intervals(**data_of(theirs["set"]), method=theirs["method"])
    for interval, stored in zip((mine.study, mine.effect), theirs["intervals"], strict=True):
        assert interval.ci_lb <= interval.sigma2 <= interval.ci_ub
        for end in ("ci_lb", "ci_ub"):
            gap = abs(getattr(interval, end) - stored[end])
            assert gap <= CLOSE * (stored[end] + unit_of(theirs["set"], fit)), (stored["component"], end)


def test_correlated_and_hierarchical_effects_are_a_case_of_given_covariances():
    name = "bornmann2007-rho"
    data, rho = data_of(name), SETS[name]["rho"]
    short = {**data, "vi": np.diag(data["vi"]), "rho": rho}
    for method in ("ML", "REML"):
        whole, built = multilevel(**data, method=method), multilevel(**short, method=method)
        for part in ("sigma2_study", "sigma2_effect", "log_likelihood", "estimate", "se", "df", "QE"):
            assert getattr(whole, part) == pytest.approx(getattr(built, part), rel=1e-8), part
        assert whole.weights == pytest.approx(built.weights, rel=1e-7)
        mine, theirs = component_intervals(**short, method=method), component_intervals(**data, method=method)
        assert (mine.study.ci_lb, mine.study.ci_ub) == pytest.approx((theirs.study.ci_lb, theirs.study.ci_ub), rel=1e-8)
        assert mine.effect.ci_ub == pytest.approx(theirs.effect.ci_ub, rel=1e-8)


@st.composite
def nested_data(draw):
    """Effects of 3 to 6 studies with covariances of their errors; sometimes with a moderator."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sizes = rng.integers(1, 5, draw(st.integers(3, 6)))
    sizes[0] = max(sizes[0], 2)
    study = rng.permutation(np.repeat(np.arange(sizes.size), sizes))
    n = study.size
    root = rng.normal(size=(n, n)) * np.equal.outer(study, study) * np.exp(rng.normal(-1.5, 0.5, n))[:, None]
    V = root @ root.T + 0.01 * np.eye(n)
    yi = rng.normal(0.3, rng.choice([0.0, 1.0]), sizes.size)[study] + rng.normal(0, np.sqrt(np.diag(V)) + 0.3)
    X = np.column_stack([np.ones(n), rng.normal(size=n)]) if draw(st.booleans()) else None
    return dict(yi=yi, vi=V, study=study, X=X)


COMPONENTS = st.sampled_from([(0.0, 0.0), (0.5, 0.0), (0.0, 0.3), (2.0, 0.1)])


@given(data=nested_data(), theta=COMPONENTS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_likelihood_and_derivatives_are_those_of_dense_matrices(data, theta):
    layout = laid_out(**data)
    scaled = np.array(theta) / layout.unit**2
    y, X = data["yi"], np.ones((data["yi"].size, 1)) if data["X"] is None else data["X"]
    same = np.equal.outer(data["study"], data["study"]).astype(float)
    W = np.linalg.inv(data["vi"] + theta[0] * same + theta[1] * np.eye(y.size))
    P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
    height = (np.linalg.slogdet(W)[1] - y @ P @ y) / 2
    assert full_likelihood(layout, scaled) - y.size * np.log(layout.unit) == pytest.approx(height, rel=1e-8, abs=1e-8)
    D = [same, np.eye(y.size)]
    for method, of_traces in ((Tau2Method.ML, W), (Tau2Method.REML, P)):
        found = score(layout, scaled, method)
        gradient = [(y @ P @ d @ P @ y - np.trace(of_traces @ d)) / 2 for d in D]
        hessian = [[np.trace(of_traces @ a @ of_traces @ b) / 2 - y @ P @ a @ P @ b @ P @ y for b in D] for a in D]
        np.testing.assert_allclose(found.gradient / layout.unit**2, gradient, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(
            found.hessian / layout.unit**4, hessian, rtol=1e-5, atol=1e-5 * np.abs(hessian).max()
        )


@given(data=nested_data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_no_components_on_a_dense_scan_have_a_higher_full_likelihood(data):
    fit, layout = multilevel(**data, ci_method="wald", method="ML"), laid_out(**data)
    if not all(one.boundary or one.holds for one in fit.certificates) or len(fit.certificates) < 2:
        return
    scan = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 20)])
    best = np.array([fit.sigma2_study, fit.sigma2_effect]) / layout.unit**2
    assert full_likelihood(layout, best) >= max(full_likelihood(layout, (a, b)) for a in scan for b in scan) - 1e-9


@given(data=nested_data(), theta=COMPONENTS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_cr2_with_given_covariances_is_that_of_its_definition(data, theta):
    y, study = data["yi"], data["study"]
    X = np.ones((y.size, 1)) if data["X"] is None else data["X"]
    Phi = data["vi"] + theta[0] * np.equal.outer(study, study) + theta[1] * np.eye(y.size)
    W = np.linalg.inv(Phi)
    B = np.linalg.inv(X.T @ W @ X)
    IH = np.eye(y.size) - X @ B @ X.T @ W
    parts = []
    for label in np.unique(study):
        j = np.flatnonzero(study == label)
        D = np.linalg.cholesky(Phi[np.ix_(j, j)]).T
        values, vectors = np.linalg.eigh(D @ (IH @ Phi @ IH.T)[np.ix_(j, j)] @ D.T)
        A = D.T @ (vectors / np.sqrt(values)) @ vectors.T @ D
        parts.append(B @ X[j].T @ W[np.ix_(j, j)] @ A @ IH[j])
    scores = np.stack(parts) @ y
    found = cr2(**data, sigma2_study=theta[0], sigma2_effect=theta[1])
    covariance = scores.T @ scores
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-6, atol=1e-9 * covariance.max())


def test_the_order_of_effects_does_not_matter():
    data = data_of("knapp2017")
    order = np.random.default_rng(1).permutation(data["yi"].size)
    moved = dict(
        yi=data["yi"][order], vi=data["vi"][np.ix_(order, order)], study=np.array(data["study"])[order], X=None
    )
    fit, other = multilevel(**data), multilevel(**moved)
    assert (other.estimate, other.se, other.df) == pytest.approx((fit.estimate, fit.se, fit.df), rel=1e-8)
    assert other.weights == pytest.approx(np.array(fit.weights)[order], rel=1e-6)


def test_the_ends_of_an_interval_are_where_the_likelihood_falls_by_half_a_quantile():
    data = data_of("konstantopoulos2011")
    layout, fit = laid_out(**data), ours("konstantopoulos2011", "ML")
    interval = component_intervals(**data, method="ML", level=0.9).study
    best = np.array([fit.sigma2_study, fit.sigma2_effect]) / layout.unit**2
    for end in (interval.ci_lb, interval.ci_ub):
        beside = np.linspace(0.2, 3.0, 4001) * best[1]
        height = max(full_likelihood(layout, (end / layout.unit**2, other)) for other in beside)
        assert 2 * (full_likelihood(layout, best) - height) == pytest.approx(2.7055434540954, abs=1e-6)


@given(data=nested_data(), method=st.sampled_from(["ML", "REML"]))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_the_profile_at_every_end_is_as_high_as_it_should_be(data, method):
    """The other component on a scan of 300 values, which comes within a few thousandths of its best."""
    layout, found = laid_out(**data), component_intervals(**data, method=method)
    if found.study is None or found.effect is None:
        return
    likelihood, scan = LIKELIHOODS[Tau2Method(method)], np.concatenate([[0.0], np.geomspace(1e-4, 1e5, 300)])
    highest = likelihood(layout, np.array([found.study.sigma2, found.effect.sigma2]) / layout.unit**2)
    for which, interval in enumerate((found.study, found.effect)):
        for end in (interval.ci_lb, interval.ci_ub):
            held = end / layout.unit**2
            heights = [likelihood(layout, (held, other) if which == 0 else (other, held)) for other in scan]
            loss = 2 * (highest - max(heights))
            assert loss <= 3.85 if end == 0 else loss == pytest.approx(3.8414588, abs=1e-2)


def test_a_component_that_cannot_be_estimated_has_no_interval():
    found = component_intervals([0.1, 0.4, 0.2, 0.9], [0.04, 0.05, 0.03, 0.06], ["a", "b", "c", "d"])
    assert found.effect is None and found.study.ci_ub > found.study.sigma2 >= found.study.ci_lb >= 0


Y, STUDY = [0.1, 0.3, 0.2, 0.5], ["a", "a", "b", "c"]
V = np.diag([0.04, 0.1, 0.05, 0.07])


def changed(row: int, column: int, value: float, both: bool = True) -> np.ndarray:
    matrix = V.copy()
    matrix[row, column] = value
    if both:
        matrix[column, row] = value
    return matrix


@pytest.mark.parametrize(
    ("V", "sentence"),
    [
        (changed(0, 1, 0.02, both=False), "V is not symmetric: the covariance of effects 1 and 2 is 0.02"),
        (changed(1, 2, 0.01), r"0.01 between effects 2 and 3, which are of different studies \('a' and 'b'\)"),
        (changed(0, 1, 0.2), "study 'a': its covariances in V are not positive definite"),
        (changed(2, 2, 0.0), "effect 3: the variance is zero"),
        (changed(0, 1, np.nan), "row 1, column 2 of V is missing or infinite"),
        (V[:, :3], "yi has 4 values and vi has 3|V has shape"),
        (V[:3, :3], "yi has 4 values and vi has 3"),
        ([[0.1, 0.2], [0.1]], "numbers only"),
    ],
)
def test_covariances_that_no_errors_have_are_refused(V, sentence):
    for fit in (multilevel, component_intervals, cr2):
        with pytest.raises(ValueError, match=sentence):
            fit(Y, V, STUDY)


def test_other_choices_are_refused():
    with pytest.raises(ValueError, match=r"rho must be 0; it is 0\.5"):
        multilevel(Y, V, STUDY, 0.5)
    for fit in (multilevel, component_intervals):
        with pytest.raises(ValueError, match="method is 'DL'; it must be one of REML, ML"):
            fit(Y, V, STUDY, method="DL")
    with pytest.raises(ValueError, match="level is 95"):
        component_intervals(Y, V, STUDY, level=95)


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    """Every eighth set is fitted again: metafor takes three minutes over all of them."""
    output = tmp_path / "nested.json"
    run = forked_r(REFERENCE / "nested.R", output, "8")
    assert run.returncode == 0, run.stderr
    again = {(one["set"], one["method"]): one for one in json.loads(output.read_text())["fits"]}
    assert len(again) >= 4
    for old in STORED["fits"]:
        new = again.get((old["set"], old["method"]))
        for part in ("log_likelihood", "AIC", "BIC", "estimate", "se") if new else ():
            assert new[part] == pytest.approx(old[part], rel=CLOSE, abs=1e-9), (old["set"], part)
