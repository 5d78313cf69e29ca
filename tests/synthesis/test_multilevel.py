"""Dependent effects against metafor and clubSandwich, against dense algebra, and what must hold for any data.

The values and the script that made them are in `reference/multilevel.*`; its README says how closely they agree.
"""

from __future__ import annotations

import json
from functools import cache

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import REFERENCE
from taprev.synthesis import random_effects
from taprev.synthesis.kernels.blocks import blocks, laid_out
from taprev.synthesis.kernels.multilevel import MultilevelFit, multilevel
from taprev.synthesis.kernels.nested_likelihood import restricted_likelihood, score
from taprev.synthesis.kernels.robust import cr2
from taprev.wording.notes import sentence, sentences

CLOSE = 1e-6
ONE_STUDY_DECIDES = "random-30"


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "multilevel.json").read_text())


@cache
def sets() -> dict[str, dict]:
    return {one["id"]: one for one in stored()["sets"]}


def compared() -> list[dict]:
    return [fit for fit in stored()["fits"] if fit["set"] != ONE_STUDY_DECIDES]


def data_of(name: str) -> dict:
    one = sets()[name]
    yi, vi = np.array(one["yi"]), np.array(one["vi"])
    moderator = one.get("moderator")
    X = np.column_stack([np.ones(yi.size), moderator]) if moderator else None
    return dict(yi=yi, vi=vi, study=one["study"], X=X)


@cache
def ours(name: str, ci_method: str = "cr2") -> MultilevelFit:
    return multilevel(**data_of(name), rho=sets()[name]["rho"], ci_method=ci_method)


def unit_of(name: str) -> float:
    fit = ours(name, "wald")
    return fit.sigma2_study + fit.sigma2_effect + data_of(name)["vi"].min()


def values(name: str, of: str) -> np.ndarray:
    return np.array([getattr(one, of) for one in ours(name).coefficients])


def relative(mine, theirs) -> float:
    return float(np.max(np.abs(np.array(mine) / np.array(theirs) - 1)))


def test_the_sets_cover_sizes_correlations_and_the_boundary():
    published = {name.split("-")[0] for name in sets() if not name.startswith("random")}
    assert len(published) >= 6 and sum(name.startswith("random") for name in sets()) == 32
    studies = [len(set(one["study"])) for one in sets().values()]
    assert (min(studies), max(studies)) == (2, 47)
    assert {one["rho"] for one in sets().values()} == {0, 0.4, 0.6, 0.8}
    fits = stored()["fits"]
    assert sum(fit["sigma2_study"] == 0 or fit["sigma2_effect"] == 0 for fit in fits) >= 12
    assert sum(fit["sigma2_study"] == 0 == fit["sigma2_effect"] for fit in fits) >= 2
    assert sum(bool(one.get("moderator")) for one in sets().values()) >= 14
    made_by = stored()["made_by"]
    assert made_by["metafor"] and made_by["clubSandwich"] and made_by["seed"] and made_by["control"]


def test_components_and_likelihood():
    """Where a component differs by more, ours must have the higher likelihood and the exact score of zero."""
    judged = []
    for theirs in compared():
        name, fit = theirs["set"], ours(theirs["set"], "wald")
        gaps = [abs(getattr(fit, part) - theirs[part]) for part in ("sigma2_study", "sigma2_effect")]
        assert fit.log_likelihood >= theirs["log_likelihood"] - 1e-10, name
        if max(gaps) > CLOSE * unit_of(name):
            judged.append(name)
            assert exact_score(name, fit.sigma2_study, fit.sigma2_effect) < 1e-11
            continue
        assert fit.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-9), name
    assert judged == []


def test_estimates_and_their_model_standard_errors():
    for theirs in compared():
        fit = ours(theirs["set"], "wald")
        mine = np.array([one.estimate for one in fit.coefficients])
        assert np.max(np.abs(mine - theirs["estimate"]) / theirs["model_se"]) <= CLOSE, theirs["set"]
        assert relative([one.model_se for one in fit.coefficients], theirs["model_se"]) <= CLOSE, theirs["set"]
        assert relative(fit.QE, theirs["QE"]) <= 1e-12
        assert fit.QE_pval == pytest.approx(theirs["QE_pval"], rel=1e-8, abs=1e-14)


def test_cr2_standard_errors_degrees_of_freedom_and_p():
    for theirs in compared():
        name = theirs["set"]
        assert relative(values(name, "se"), theirs["cr2_se"]) <= CLOSE, name
        assert relative(values(name, "df"), theirs["cr2_df"]) <= CLOSE, name
        assert np.max(np.abs(values(name, "pval") - theirs["cr2_pval"])) <= CLOSE, name


def test_weights_and_wald_prediction_intervals():
    found = 0
    for theirs in stored()["fits"]:
        if theirs.get("weights") is None:
            continue
        fit, k = ours(theirs["set"], "wald"), len(theirs["weights"])
        gaps = np.abs(np.array(fit.weights) - theirs["weights"])
        assert gaps.max() <= CLOSE * 100 / k, theirs["set"]
        width = theirs["pi_ub"] - theirs["pi_lb"]
        assert abs(fit.pi_lb - theirs["pi_lb"]) + abs(fit.pi_ub - theirs["pi_ub"]) <= CLOSE * width
        found += 1
    assert found >= 25


def test_cr2_of_independent_effects_grouped_by_study():
    for theirs in compared():
        data = data_of(theirs["set"])
        robust = cr2(**data, sigma2_effect=theirs["independent"]["tau2"])
        assert relative(robust.se, theirs["independent"]["cr2_se"]) <= 1e-8, theirs["set"]
        assert relative(robust.df, theirs["independent"]["cr2_df"]) <= 1e-8, theirs["set"]


def test_what_one_study_decides_is_refused_where_clubsandwich_gives_a_number():
    theirs = next(fit for fit in stored()["fits"] if fit["set"] == ONE_STUDY_DECIDES)
    assert theirs["cr2_se"][0] < 0.05 * theirs["model_se"][0]
    with pytest.raises(ValueError, match=r"coefficient [12]: CR2 does not exist, because study [12] alone"):
        ours(ONE_STUDY_DECIDES)
    fit = ours(ONE_STUDY_DECIDES, "wald")
    assert fit.coefficients[0].cr2_se is None and "CR2 is not given" in sentence(fit.notes[-1])


def test_a_flat_likelihood_is_said_where_metafor_stops_anywhere():
    """Two studies and a moderator of studies: no sigma2_study changes the restricted likelihood."""
    theirs = next(fit for fit in stored()["fits"] if fit["set"] == ONE_STUDY_DECIDES)
    fit = ours(ONE_STUDY_DECIDES, "wald")
    assert theirs["sigma2_study"] > 0.0 == fit.sigma2_study and "cannot be estimated" in sentence(fit.notes[0])
    assert fit.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-10)


def exact_score(name: str, sigma2_study: float, sigma2_effect: float) -> float:
    """The larger gradient over its trace term, with 50 digits and dense matrices; at 0 only where it is positive."""
    with mpmath.workdps(50):
        data, rho = data_of(name), mpmath.mpf(sets()[name]["rho"])
        n, v = data["yi"].size, [mpmath.mpf(x) for x in data["vi"]]
        X = mpmath.matrix((np.ones((n, 1)) if data["X"] is None else data["X"]).tolist())
        same = [[data["study"][i] == data["study"][j] for j in range(n)] for i in range(n)]
        within = mpmath.matrix(n, n)
        M = mpmath.matrix(n, n)
        for i in range(n):
            for j in range(n):
                if same[i][j]:
                    within[i, j] = 1
                    covariance = v[i] if i == j else rho * mpmath.sqrt(v[i] * v[j])
                    M[i, j] = covariance + sigma2_study + (sigma2_effect if i == j else 0)
        W = M**-1
        P = W - W * X * (X.T * W * X) ** -1 * X.T * W
        u = P * mpmath.matrix(data["yi"].tolist())
        residuals = []
        for theta, D in ((sigma2_study, within), (sigma2_effect, mpmath.eye(n))):
            trace = sum(P[i, j] * D[j, i] for i in range(n) for j in range(n) if D[j, i] != 0)
            residual = (u.T * D * u)[0] / trace - 1
            residuals.append(abs(residual) if theta > 0 else max(residual, 0))
        return float(max(residuals))


@pytest.mark.parametrize("name", ["berkey1998", "berkey1998-outcome", "random-03", "random-09", "random-20"])
def test_the_exact_score_is_zero_at_our_solution(name):
    assert exact_score(name, ours(name).sigma2_study, ours(name).sigma2_effect) < 1e-11


@pytest.mark.parametrize("name", ["random-08", "random-13", "random-22"])
def test_where_metafor_is_farther_off_the_exact_score_says_so(name):
    theirs = next(fit for fit in stored()["fits"] if fit["set"] == name)
    assert exact_score(name, ours(name).sigma2_study, ours(name).sigma2_effect) < 1e-11
    assert exact_score(name, theirs["sigma2_study"], theirs["sigma2_effect"]) > 1e-8


def dense(layout, sigma2_study: float, sigma2_effect: float) -> np.ndarray:
    s, same = np.sqrt(layout.v), np.equal.outer(layout.owner, layout.owner)
    error = layout.rho * np.outer(s, s) * same + np.diag((1 - layout.rho) * layout.v)
    return error + sigma2_study * same + sigma2_effect * np.eye(s.size)


@st.composite
def nested_data(draw, smallest_size: int = 1):
    """Effects of 3 to 7 studies with at least one study of several effects; sometimes with a moderator."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sizes = rng.integers(smallest_size, 6, draw(st.integers(3, 7)))
    sizes[0] = max(sizes[0], 2)
    study = rng.permutation(np.repeat(np.arange(sizes.size), sizes))
    vi = np.exp(rng.normal(-3, 1, study.size))
    spread = rng.choice([0.0, 0.2, 1.0], 2)
    yi = rng.normal(0.3, spread[0], sizes.size)[study] + rng.normal(0, np.sqrt(vi + spread[1] ** 2))
    X = np.column_stack([np.ones(study.size), rng.normal(size=study.size)]) if draw(st.booleans()) else None
    return dict(yi=yi, vi=vi, study=study, X=X, rho=draw(st.sampled_from([0.0, 0.4, 0.8])))


COMPONENTS = st.sampled_from([(0.0, 0.0), (0.5, 0.0), (0.0, 0.3), (2.0, 0.1), (1e3, 1e-3)])


@given(data=nested_data(), theta=COMPONENTS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_block_algebra_is_that_of_dense_matrices(data, theta):
    layout = laid_out(**data)
    at, M = blocks(layout, *theta), dense(layout, *theta)
    W, B = np.linalg.inv(M), np.equal.outer(np.arange(layout.starts.size), layout.owner).astype(float)
    x = np.stack([layout.y, layout.v, np.ones(layout.y.size)])
    close = dict(rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(at.solve(x), x @ W, **close)
    np.testing.assert_allclose(at.totals(x), x @ W @ B.T, **close)
    np.testing.assert_allclose(at.precision, np.diag(B @ W @ B.T), **close)
    np.testing.assert_allclose(at.precision2, np.diag(B @ W @ W @ B.T), **close)
    np.testing.assert_allclose((at.trace, at.trace2), (np.trace(W), np.trace(W @ W)), **close)
    np.testing.assert_allclose(at.log_det, np.linalg.slogdet(M)[1], **close)
    np.testing.assert_allclose(at.apply(x).sum(axis=1), np.diag(x @ M @ x.T), **close)


@given(data=nested_data(), theta=COMPONENTS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_gradient_and_hessian_are_those_of_dense_matrices(data, theta):
    layout = laid_out(**data)
    W, Q, y = np.linalg.inv(dense(layout, *theta)), layout.Q.T, layout.y
    P = W - W @ Q @ np.linalg.inv(Q.T @ W @ Q) @ Q.T @ W
    D = [np.equal.outer(layout.owner, layout.owner).astype(float), np.eye(y.size)]
    found = score(layout, np.array(theta))
    gradient = [(y @ P @ d @ P @ y - np.trace(P @ d)) / 2 for d in D]
    hessian = [[np.trace(P @ a @ P @ b) / 2 - y @ P @ a @ P @ b @ P @ y for b in D] for a in D]
    unit = 1e-7 * max(1.0, np.abs(hessian).max())
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-6, atol=unit)
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-6, atol=unit)


def dense_cr2(data: dict, sigma2_study: float, sigma2_effect: float) -> tuple[np.ndarray, np.ndarray]:
    """CR2 and its degrees of freedom from the definition, with full matrices and the double sum over studies."""
    y, v, study = np.array(data["yi"]), np.array(data["vi"]), np.array(data["study"])
    X = np.ones((y.size, 1)) if data["X"] is None else data["X"]
    s, same = np.sqrt(v), np.equal.outer(study, study)
    Phi = same * (data["rho"] * np.outer(s, s) + sigma2_study)
    Phi += np.diag((1 - data["rho"]) * v + sigma2_effect)
    W = np.linalg.inv(Phi)
    B = np.linalg.inv(X.T @ W @ X)
    IH = np.eye(y.size) - X @ B @ X.T @ W
    rows = []
    for label in np.unique(study):
        j = np.flatnonzero(study == label)
        D = np.linalg.cholesky(Phi[np.ix_(j, j)]).T
        values, vectors = np.linalg.eigh(D @ (IH @ Phi @ IH.T)[np.ix_(j, j)] @ D.T)
        A = D.T @ (vectors / np.sqrt(values)) @ vectors.T @ D
        rows.append(B @ X[j].T @ W[np.ix_(j, j)] @ A @ IH[j])
    parts = np.stack(rows)
    scores = parts @ y
    P = np.einsum("jcn,nm,kcm->cjk", parts, Phi, parts)
    df = np.trace(P, axis1=1, axis2=2) ** 2 / np.sum(P**2, axis=(1, 2))
    return scores.T @ scores, df


@given(data=nested_data(), theta=COMPONENTS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_cr2_is_that_of_its_definition(data, theta):
    found = cr2(**data, sigma2_study=theta[0], sigma2_effect=theta[1])
    covariance, df = dense_cr2(data, *theta)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-6, atol=1e-9 * covariance.max())
    np.testing.assert_allclose(found.df, df, rtol=1e-6)


@given(data=nested_data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_no_components_on_a_dense_scan_have_a_higher_likelihood(data):
    fit, layout = multilevel(**data, ci_method="wald"), laid_out(**data)
    best = np.array([fit.sigma2_study, fit.sigma2_effect]) / layout.unit**2
    scan = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 22)])
    heights = [restricted_likelihood(layout, (a, b)) for a in scan for b in scan]
    assert restricted_likelihood(layout, best) >= max(heights) - 1e-9


def test_the_highest_of_several_maxima_is_found():
    rng, several = np.random.default_rng(7), 0
    scan = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 16)])
    for _ in range(60):
        study = np.repeat(np.arange(6), rng.integers(1, 6, 6))
        vi = 10.0 ** rng.uniform(-2, 2, study.size)
        yi = rng.normal(0, np.sqrt(vi)) * np.where(rng.random(study.size) < 0.3, 5.0, 0.5)
        rho = float(rng.choice([0.0, 0.8]))
        fit, layout = multilevel(yi, vi, study, rho, ci_method="wald"), laid_out(yi, vi, study, None, rho)
        heights = np.array([[restricted_likelihood(layout, (a, b)) for b in scan] for a in scan])
        padded = np.pad(heights, 1, constant_values=-np.inf)
        around = [padded[i : i + scan.size, j : j + scan.size] for i in range(3) for j in range(3)]
        several += np.sum(heights >= np.max(around, axis=0)) > 1
        found = np.array([fit.sigma2_study, fit.sigma2_effect]) / layout.unit**2
        assert restricted_likelihood(layout, found) >= heights.max() - 1e-9
    assert several >= 3


def test_a_maximum_on_a_ridge_beside_the_boundary_is_found():
    """The grid has one top, at sigma2_study = 0; the higher maximum lies between its points."""
    yi = [2.97, 5.34, 9.84, 6.45, -1.33, -7.51, -2.02, -1.08, 13.42, -2.44, 0.82, -0.81, -1.77, 2.94, -3.32]
    yi += [-2.78, 2.1, -0.35, -27.35, -1.75, -4.58, -1.7]
    vi = [13.0, 0.81, 5.3, 37.0, 0.042, 2.1, 0.046, 0.38, 13.0, 0.017, 0.96, 0.87, 0.16, 56.0, 1.3, 0.064]
    vi += [1.6, 1.0, 27.0, 0.027, 4.9, 0.11]
    fit = multilevel(yi, vi, [0] * 2 + [1] * 7 + [2] * 7 + [3, 4, 5] + [6] * 3, rho=0.8)
    assert fit.log_likelihood > -68.53 and fit.sigma2_study > 40.0


def assert_same(fit: MultilevelFit, other: MultilevelFit, smallest: float, factor=1.0, shift=0.0, sign=1.0):
    unit = (fit.sigma2_study + fit.sigma2_effect + smallest) * factor**2
    for part in ("sigma2_study", "sigma2_effect"):
        assert abs(getattr(other, part) - getattr(fit, part) * factor**2) <= 1e-7 * unit
    for i, (one, moved) in enumerate(zip(fit.coefficients, other.coefficients, strict=True)):
        wanted = sign * factor * one.estimate + (shift if i == 0 else 0.0)
        assert abs(moved.estimate - wanted) <= 1e-7 * one.model_se * factor + 1e-14 * abs(shift)
        assert moved.se == pytest.approx(one.se * factor, rel=1e-7)
        assert moved.df == pytest.approx(one.df, rel=1e-7)


@given(data=nested_data(), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_order_labels_sign_and_shift_do_not_matter(data, seed):
    fit, smallest = multilevel(**data), data["vi"].min()
    order = np.random.default_rng(seed).permutation(data["yi"].size)
    mixed = {key: value[order] for key, value in data.items() if isinstance(value, np.ndarray)}
    moved = multilevel(**{**data, **mixed})
    assert_same(fit, moved, smallest)
    if fit.weights:
        assert moved.weights == pytest.approx(np.array(fit.weights)[order], rel=1e-5, abs=1e-6)
    assert_same(fit, multilevel(**{**data, "study": [f"study {-j}" for j in data["study"]]}), smallest)
    assert_same(fit, multilevel(**{**data, "yi": -data["yi"]}), smallest, sign=-1.0)
    eighths = np.round(data["yi"] * 1024) / 1024
    far = multilevel(**{**data, "yi": eighths + 2.0**20})
    assert_same(multilevel(**{**data, "yi": eighths}), far, smallest, shift=2.0**20)


@pytest.mark.parametrize("factor", [1e-17, 1e-6, 1e6, 1e15])
@given(data=nested_data())
@settings(max_examples=8, deadline=None, derandomize=True)
def test_scale_only_scales(factor, data):
    fit = multilevel(**data)
    scaled = multilevel(**{**data, "yi": data["yi"] * factor, "vi": data["vi"] * factor**2})
    assert_same(fit, scaled, data["vi"].min(), factor=factor)
    df = data["yi"].size - len(fit.coefficients)
    assert scaled.log_likelihood == pytest.approx(fit.log_likelihood - df * np.log(factor), abs=1e-7)


def test_a_moderator_may_have_any_scale_and_a_design_any_basis():
    name = "konstantopoulos2011-year"
    data, fit = data_of(name), ours(name)
    years = data["X"] @ np.array([[1.0, 0.0], [0.0, 1e-9]])
    rescaled = multilevel(**{**data, "X": years})
    assert rescaled.coefficients[1].estimate == pytest.approx(fit.coefficients[1].estimate * 1e9, rel=1e-9)
    assert rescaled.coefficients[1].df == pytest.approx(fit.coefficients[1].df, rel=1e-9)
    early = (data["X"][:, 1] < 0).astype(float)
    cells = multilevel(**{**data, "X": np.column_stack([early, 1 - early])})
    contrast = multilevel(**{**data, "X": np.column_stack([np.ones(early.size), early])})
    assert cells.coefficients[1].estimate == pytest.approx(contrast.estimate, rel=1e-9)
    assert cells.coefficients[1].se == pytest.approx(contrast.se, rel=1e-9)
    assert cells.log_likelihood == pytest.approx(contrast.log_likelihood, abs=1e-10)
    assert cells.weights is None and cells.pi_lb is None


def test_one_effect_a_study_is_the_random_effects_model():
    data = data_of("knapp2017")
    each = list(range(data["yi"].size))
    fit = multilevel(data["yi"], data["vi"], each)
    plain = random_effects(data["yi"], data["vi"], "REML", "wald")
    assert fit.sigma2_study == pytest.approx(plain.tau2, rel=1e-9) and fit.sigma2_effect == 0.0
    assert fit.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert fit.coefficients[0].model_se == pytest.approx(plain.se, rel=1e-10)
    assert fit.weights == pytest.approx(plain.weights, rel=1e-9)
    assert (fit.QE, fit.QE_df) == (pytest.approx(plain.Q, rel=1e-12), plain.Q_df)
    assert "cannot tell sigma2_effect from sigma2_study" in sentence(fit.notes[0])
    correlated = multilevel(data["yi"], data["vi"], each, rho=0.7)
    assert correlated.estimate == pytest.approx(fit.estimate, rel=1e-10)
    assert correlated.se == pytest.approx(fit.se, rel=1e-10)


def test_balanced_effects_of_equal_variance_have_the_closed_form():
    rng = np.random.default_rng(3)
    studies, size, v = 12, 4, 0.05
    table = 0.4 + rng.normal(0, 0.5, (studies, 1)) + rng.normal(0, 0.4, (studies, size))
    fit = multilevel(table.ravel(), np.full(table.size, v), np.repeat(np.arange(studies), size))
    means = table.mean(axis=1)
    within = np.sum((table - means[:, None]) ** 2) / (studies * (size - 1))
    between = np.var(means, ddof=1)
    assert fit.sigma2_effect == pytest.approx(within - v, rel=1e-10)
    assert fit.sigma2_study == pytest.approx(between - within / size, rel=1e-10)
    assert fit.estimate == pytest.approx(table.mean(), rel=1e-12)
    assert fit.coefficients[0].model_se == pytest.approx(np.sqrt(between / studies), rel=1e-10)
    assert (fit.se, fit.df) == (
        pytest.approx(np.sqrt(between / studies), rel=1e-10),
        pytest.approx(studies - 1),
    )


def test_the_prediction_interval_has_the_t_of_the_estimate():
    fit = ours("assink2016-rho")
    shares = (fit.pi_ub - fit.estimate) / (fit.ci_ub - fit.estimate)
    assert shares == pytest.approx(np.sqrt(fit.sigma2_study + fit.sigma2_effect + fit.se**2) / fit.se)
    assert all(one.holds and abs(one.residual) < 1e-12 for one in fit.certificates)


def test_few_degrees_of_freedom_are_said():
    assert any("below 4 the p value" in note for note in sentences(ours("random-05").notes))
    assert ours("assink2016").notes == ()


def test_without_heterogeneity_both_components_are_zero():
    yi, vi, study = [0.1, 0.11, 0.1, 0.12, 0.09, 0.1], [0.04] * 6, [1, 1, 2, 2, 3, 3]
    fit = multilevel(yi, vi, study)
    assert (fit.sigma2_study, fit.sigma2_effect) == (0.0, 0.0)
    assert all(one.boundary and one.residual < 0 for one in fit.certificates)
    with pytest.raises(ValueError, match="lie exactly on the model"):
        multilevel([0.1] * 6, vi, study)
    equal = multilevel([0.1] * 6, vi, study, ci_method="wald")
    assert (equal.estimate, equal.sigma2_study, equal.sigma2_effect) == (0.1, 0.0, 0.0)


def test_a_design_that_fits_every_study_leaves_no_variance_between_them():
    data = data_of("berkey1998")
    X = np.equal.outer(data["study"], np.unique(data["study"])).astype(float)
    fit = multilevel(**{**data, "X": X}, ci_method="wald")
    assert fit.sigma2_study == 0.0 and fit.sigma2_effect > 0 and len(fit.certificates) == 1
    assert "fits the mean of every study" in sentence(fit.notes[0]) and "alone determines it" in sentence(fit.notes[1])


Y, V, STUDY = [0.1, 0.3, 0.2, 0.5], [0.04, 0.1, 0.05, 0.07], ["a", "a", "b", "c"]
ONES = np.ones(4)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"study": ["a"] * 4}, "all effects are of one study; clusters are needed"),
        ({"study": ["a", "b"]}, r"study has shape \(2,\) and yi has 4 values"),
        ({"study": ["a", None, "b", "c"]}, "effect 2: its study is missing"),
        ({"study": [1.0, 2.0, np.nan, 3.0]}, "effect 3: its study is missing"),
        ({"vi": V[:3]}, "yi has 4 values and vi has 3"),
        ({"yi": [0.1, np.nan, 0.2, 0.3]}, "effect 2: the effect is missing"),
        ({"vi": [0.04, 0.1, 0.0, 0.07]}, "effect 3: the variance is zero"),
        ({"vi": [0.04, -0.1, 0.1, 0.07]}, "effect 2: the variance is negative"),
        ({"yi": [], "vi": [], "study": []}, "empty"),
        ({"X": np.column_stack([ONES, 2 * ONES])}, "column 2 of X is a combination"),
        ({"X": np.column_stack([ONES, 0 * ONES])}, "column 2 of X is zero everywhere"),
        ({"X": ONES}, "X has shape"),
        ({"X": np.ones((3, 1))}, "one row an effect"),
        ({"X": np.array([[1.0, 2], [1, np.inf], [1, 3], [1, 4]])}, "effect 2: column 2 of X is not a finite"),
        ({"X": np.eye(4)}, "X has 4 columns for 4 effects"),
        ({"rho": 1.0}, "rho is 1.0; it must be at least 0 and below 1"),
        ({"rho": -0.1}, "rho is -0.1"),
        ({"rho": float("nan")}, "rho is nan"),
        ({"ci_method": "cr1"}, "ci_method is 'cr1'"),
        ({"level": 95}, "level is 95"),
        (
            {"X": np.column_stack([ONES, [0, 0, 0, 1]])},
            "coefficient 2: CR2 does not exist, because study 'c'",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(changed, sentence):
    with pytest.raises(ValueError, match=sentence):
        multilevel(**{"yi": Y, "vi": V, "study": STUDY, **changed})


@pytest.mark.parametrize("smallest", [1e-14, 1e-30, 1e-200])
@pytest.mark.parametrize("X", [None, np.column_stack([ONES, [1, 2, 3, 5]])])
def test_variances_too_far_apart_stop_with_a_sentence(smallest, X):
    with pytest.raises(ArithmeticError, match=r"too far apart for doubles|no certified solution"):
        multilevel([0.2, 0.21, 0.2, 0.2], [smallest, *V[1:]], STUDY, X=X, ci_method="wald")


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_given_components_must_be_variances(value):
    with pytest.raises(ValueError, match="sigma2_effect is"):
        cr2(Y, V, STUDY, sigma2_effect=value)


@pytest.mark.reference
def test_metafor_and_clubsandwich_still_give_the_stored_values(forked_r, tmp_path):
    """Every eighth set is fitted again, by the optimiser that was best: rma.mv takes two minutes over all of them."""
    output = tmp_path / "multilevel.json"
    run = forked_r(REFERENCE / "multilevel.R", output, "8")
    assert run.returncode == 0, run.stderr
    fresh = json.loads(output.read_text())
    for old, new in zip(stored()["sets"][::8], fresh["sets"], strict=True):
        assert (old["id"], old["study"]) == (new["id"], new["study"])
        assert new["yi"] == pytest.approx(old["yi"], rel=1e-12, abs=0.0)
        assert new["vi"] == pytest.approx(old["vi"], rel=1e-12, abs=0.0)
    for old, new in zip(stored()["fits"][::8], fresh["fits"], strict=True):
        for part in ("sigma2_study", "sigma2_effect"):
            assert abs(new[part] - old[part]) <= CLOSE * unit_of(old["set"]), (old["set"], part)
        for part in ("log_likelihood", "estimate", "model_se", "cr2_se", "cr2_df", "QE"):
            assert new[part] == pytest.approx(old[part], rel=CLOSE, abs=1e-9), (old["set"], part)
