"""Joint tests (HTZ) and single contrasts with CR2 against clubSandwich, and against their definition.

The values and the script that made them are in `reference/contrasts.*`; its README says how closely they agree.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import REFERENCE
from taprev.synthesis.kernels.contrasts import joint_test, linear_contrasts
from taprev.synthesis.kernels.robust import cr2

STORED = json.loads((REFERENCE / "contrasts.json").read_text())
ONE_STUDY_DECIDES = ("assink2016-type", "bornmann2007")
CASES = [
    pytest.param(one, fit, id=one["id"])
    for one, fit in zip(STORED["sets"], STORED["fits"], strict=True)
    if one["id"] not in ONE_STUDY_DECIDES
]
CLOSE = 1e-8


def arguments(one: dict, fit: dict) -> dict:
    data = {name: one[name] for name in ("yi", "vi", "study", "contrasts", "X", "rho")}
    return {**data, "sigma2_study": fit["sigma2_study"], "sigma2_effect": fit["sigma2_effect"]}


def test_the_sets_cover_pairs_of_contrasts_and_more_in_ten_published_sets():
    assert len({one.values[0]["id"].split("-")[0] for one in CASES}) >= 10
    assert {len(one.values[0]["contrasts"]) for one in CASES} >= {2, 3, 4, 5}
    assert sum(one.values[0]["rho"] > 0 for one in CASES) >= 5


@pytest.mark.parametrize(("one", "theirs"), CASES)
def test_the_joint_test_equals_clubsandwich(one, theirs):
    found = joint_test(**arguments(one, theirs))
    assert found.df1 == theirs["df1"]
    assert (found.F, found.df2, found.pval) == pytest.approx((theirs["F"], theirs["df2"], theirs["pval"]), rel=CLOSE)


def test_the_joint_test_of_latitude_and_year_is_as_clubsandwich_prints_it():
    one, theirs = CASES[0].values
    found = joint_test(**arguments(one, theirs))
    assert (round(found.F, 3), found.df1, round(found.df2, 2)) == (6.709, 2, 2.53)


@pytest.mark.parametrize(("one", "theirs"), CASES)
def test_single_contrasts_equal_clubsandwich(one, theirs):
    found = linear_contrasts(**arguments(one, theirs))
    for mine, stored in (("estimate", "estimate"), ("se", "se"), ("df", "df"), ("pval", "pvals")):
        assert [getattr(row, mine) for row in found] == pytest.approx(theirs[stored], rel=CLOSE), mine
    for end in ("ci_lb", "ci_ub"):
        gaps = np.array([getattr(row, end) for row in found]) - theirs[end]
        assert np.max(np.abs(gaps) / theirs["se"]) <= CLOSE, end


@pytest.mark.parametrize("name", ONE_STUDY_DECIDES)
def test_what_one_study_decides_is_refused_where_clubsandwich_gives_a_number(name):
    one, theirs = next((one, fit) for one, fit in zip(STORED["sets"], STORED["fits"], strict=True) if one["id"] == name)
    assert theirs["F"] > 0
    for test in (joint_test, linear_contrasts):
        with pytest.raises(ValueError, match=r"CR2 does not exist, because study .* alone determines it"):
            test(**arguments(one, theirs))


@st.composite
def regressions(draw):
    """Effects of 12 to 16 studies with covariances of their errors, three moderators and two or three contrasts."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sizes = rng.integers(1, 4, draw(st.integers(12, 16)))
    study = rng.permutation(np.repeat(np.arange(sizes.size), sizes))
    n = study.size
    root = rng.normal(size=(n, n)) * np.equal.outer(study, study) * 0.3
    contrasts = rng.normal(size=(draw(st.integers(2, 3)), 4))
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    data = dict(yi=rng.normal(size=n), vi=root @ root.T + 0.02 * np.eye(n), study=study, X=X, contrasts=contrasts)
    return {**data, "sigma2_study": 0.1, "sigma2_effect": draw(st.sampled_from([0.0, 0.05]))}


@given(data=regressions())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_the_joint_test_is_that_of_its_definition(data):
    """All elements of D as quadratic forms, with their variances by the double sum over studies."""
    y, X, study, C = (data[name] for name in ("yi", "X", "study", "contrasts"))
    same = np.equal.outer(study, study)
    Phi = data["vi"] + data["sigma2_study"] * same + data["sigma2_effect"] * np.eye(y.size)
    W = np.linalg.inv(Phi)
    B = np.linalg.inv(X.T @ W @ X)
    IH = np.eye(y.size) - X @ B @ X.T @ W
    values, vectors = np.linalg.eigh(C @ B @ C.T)
    whiten = vectors / np.sqrt(values) @ vectors.T @ C
    rows = []
    for label in np.unique(study):
        j = np.flatnonzero(study == label)
        root = np.linalg.cholesky(Phi[np.ix_(j, j)]).T
        inner, axes = np.linalg.eigh(root @ (IH @ Phi @ IH.T)[np.ix_(j, j)] @ root.T)
        A = root.T @ (axes / np.sqrt(inner)) @ axes.T @ root
        rows.append(whiten @ B @ X[j].T @ W[np.ix_(j, j)] @ A @ IH[j])
    forms = np.stack(rows, axis=1)
    P = np.einsum("sim,mn,tjn->stij", forms, Phi, forms)
    variances = np.einsum("ssij,ttij->st", P, P) + np.einsum("stij,stji->st", P, P)
    q = len(C)
    eta = q * (q + 1) / variances.sum()
    scores = forms @ y
    b = whiten @ B @ X.T @ W @ y
    T2 = b @ np.linalg.solve(scores @ scores.T, b)
    found = joint_test(**data)
    assert found.df2 == pytest.approx(eta - q + 1, rel=1e-7)
    assert pytest.approx((eta - q + 1) / (eta * q) * T2, rel=1e-6) == found.F


@given(data=regressions())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_units_and_the_way_contrasts_are_written_do_not_matter(data):
    found = joint_test(**data)
    turned = np.array([[1.0, 2.0], [0.5, -1.0]]) if len(data["contrasts"]) == 2 else np.triu(np.ones((3, 3)))
    other = joint_test(**{**data, "contrasts": turned @ data["contrasts"]})
    assert (other.F, other.df2) == pytest.approx((found.F, found.df2), rel=1e-8)
    large = {**data, "yi": data["yi"] * 1e6}
    for name in ("vi", "sigma2_study", "sigma2_effect"):
        large[name] = data[name] * 1e12
    assert pytest.approx(found.F, rel=1e-8) == joint_test(**large).F


def test_one_contrast_is_the_t_of_its_coefficient():
    one, theirs = CASES[0].values
    data = {**arguments(one, theirs), "contrasts": [[0, 1, 0]]}
    single, joint = linear_contrasts(**data)[0], joint_test(**data)
    del data["contrasts"]
    robust = cr2(**data)
    assert (single.estimate, single.se, single.df) == pytest.approx(
        (robust.coefficients[1], robust.se[1], robust.df[1]), rel=1e-12
    )
    assert (joint.F, joint.df2, joint.pval) == pytest.approx(
        ((single.estimate / single.se) ** 2, single.df, single.pval), rel=1e-9
    )


Y, V, STUDY = [0.1, 0.3, 0.2, 0.5, 0.4, 0.1], [0.04, 0.1, 0.05, 0.07, 0.05, 0.06], list("aabbcc")
X = np.column_stack([np.ones(6), [0, 1, 0, 1, 1, 0]])


@pytest.mark.parametrize(
    ("contrasts", "sentence"),
    [
        ([[0, 1, 0]], r"contrasts has shape \(1, 3\); each row must have a number for each of 2 coefficients"),
        ([0, 1], r"contrasts has shape \(2,\)"),
        ([[0, 1], [0, 0]], "row 2 of contrasts is zero everywhere"),
        ([[0, np.nan]], "row 1 of contrasts has a number that is missing"),
        (np.zeros((0, 2)), "contrasts has shape"),
    ],
)
def test_contrasts_that_are_none_are_refused(contrasts, sentence):
    for test in (joint_test, linear_contrasts):
        with pytest.raises(ValueError, match=sentence):
            test(Y, V, STUDY, contrasts, X)


def test_what_cannot_be_tested_together_is_refused():
    for dependent in ([[1, 0], [2, 0]], [[1, 0], [0, 1], [1, 1]]):
        with pytest.raises(ValueError, match="a row of contrasts follows from the others"):
            joint_test(Y, V, STUDY, dependent, X)
    with pytest.raises(ValueError, match="level is 95"):
        linear_contrasts(Y, V, STUDY, np.eye(2), X, level=95)
    with pytest.raises(ValueError, match="row 1 of contrasts: the effects lie exactly on the model"):
        joint_test([0.1] * 6, V, STUDY, np.eye(2), X)


def test_too_few_studies_for_a_joint_test_are_told():
    study = np.repeat(list("abcd"), 4)
    columns = [
        np.isin(study, ["a", "d"]),
        np.isin(study, ["c", "d"]),
        [0] * 4 + [1, 0, 0, 0] + [1, 1, 0, 0, 0, 0, 1, 1],
    ]
    design = np.column_stack([np.ones(16), *columns])
    yi = np.random.default_rng(3).normal(size=16)
    with pytest.raises(ValueError, match="4 studies leave no degree of freedom for a joint test of 3 combinations"):
        joint_test(yi, [0.04] * 16, study, np.eye(4)[1:], design)


@pytest.mark.reference
def test_clubsandwich_still_gives_the_stored_values(forked_r, tmp_path):
    output = tmp_path / "contrasts.json"
    run = forked_r(REFERENCE / "contrasts.R", output)
    assert run.returncode == 0, run.stderr
    for old, new in zip(STORED["fits"], json.loads(output.read_text())["fits"], strict=True):
        for name in ("F", "df2", "pval", "estimate", "se", "df"):
            assert new[name] == pytest.approx(old[name], rel=1e-6, abs=1e-9), (old["set"], name)
