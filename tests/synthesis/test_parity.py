"""The kernels against metafor under tight control: 200 random and twenty published sets, every method.

The values and the script that made them are in `reference/`; its README says what is compared, how closely.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import product

import numpy as np
import pytest

from helpers import REFERENCE
from taprev.synthesis import random_effects
from taprev.synthesis.results import Fit
from taprev.vocabulary import Tau2Method
from taprev.wording.notes import sentences

METHODS = tuple(str(method) for method in Tau2Method)
CLOSE = 1e-9
PROFILE_CLOSE = 1e-8


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "random_effects.json").read_text())


@cache
def data_of() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {one["id"]: (np.array(one["yi"]), np.array(one["vi"])) for one in stored()["sets"]}


@cache
def ours(name: str, method: str) -> Fit:
    return random_effects(*data_of()[name], tau2_method=method, ci_method="hksj")


def metafors(method: str) -> list[dict]:
    return [fit for fit in stored()["fits"] if fit["tau2_method"] == method]


def log_likelihood(yi: np.ndarray, vi: np.ndarray, tau2: float, method: str) -> float:
    w = 1 / (vi + tau2)
    spread = yi - np.sum(w * yi) / np.sum(w)
    restriction = np.log(np.sum(w)) if method == "REML" else 0.0
    return -0.5 * (np.sum(np.log(vi + tau2)) + restriction + np.sum(w * spread**2))


def likelier(name: str, found: float, theirs: float, method: str) -> bool:
    """Whether our tau2 has the higher likelihood, by more than rounding."""
    yi, vi = data_of()[name]
    ours, metafors = (log_likelihood(yi, vi, tau2, method) for tau2 in (found, theirs))
    return ours > metafors + 1e-9


def assert_close(errors: dict[str, float], tolerance: float) -> None:
    beyond = {name: error for name, error in errors.items() if not error <= tolerance}
    assert not beyond, f"beyond {tolerance:g}: {beyond}"
    assert len(errors) >= 200


def test_the_whole_grid_of_sets_and_methods_is_stored():
    names = {one["id"] for one in stored()["sets"]}
    assert (len(names), sum(name.startswith("random-") for name in names)) == (220, 200)
    stored_grid = [(fit["set"], fit["tau2_method"]) for fit in stored()["fits"]]
    assert sorted(stored_grid) == sorted(product(names, METHODS))
    assert sorted(one["set"] for one in stored()["heterogeneity"]) == sorted(names)


def test_the_sets_cover_sizes_scales_and_the_boundary():
    sizes = [yi.size for yi, _ in data_of().values()]
    assert (min(sizes), max(sizes)) == (2, 160)
    assert max(vi.max() for _, vi in data_of().values()) / min(vi.min() for _, vi in data_of().values()) > 1e15
    at_zero = {method: sum(fit["tau2"] == 0 for fit in metafors(method)) for method in METHODS}
    assert at_zero.pop("SJ") == 0
    assert min(at_zero.values()) >= 40 and max(at_zero.values()) <= 140


def test_versions_and_control_are_recorded():
    made_by = stored()["made_by"]
    assert made_by["metafor"] and made_by["R"] and made_by["seed"]
    assert {"threshold", "tol", "maxiter", "tau2.max", "stepadj"} <= made_by["control"].keys()


@pytest.mark.parametrize("method", METHODS)
def test_tau2_and_the_estimate(method):
    tau2, estimate, higher = {}, {}, []
    for theirs in metafors(method):
        name = theirs["set"]
        fit = ours(name, method)
        if method in ("REML", "ML") and likelier(name, fit.tau2, theirs["tau2"], method):
            higher.append(name)
            continue
        tau2[name] = abs(fit.tau2 - theirs["tau2"]) / (theirs["tau2"] + data_of()[name][1].min())
        estimate[name] = abs(fit.estimate - theirs["estimate"]) / theirs["wald_se"]
    assert_close(tau2, CLOSE)
    assert_close(estimate, CLOSE)
    assert higher == []


@pytest.mark.parametrize(("method", "interval"), list(product(METHODS, ("wald", "hksj", "hksj_modified"))))
def test_standard_errors_intervals_and_p(method, interval):
    errors, pvals = {}, {}
    for theirs in metafors(method):
        mine = next(one for one in ours(theirs["set"], method).intervals if one.ci_method == interval)
        se = theirs[f"{interval}_se"]
        gaps = [abs(getattr(mine, end) - theirs[f"{interval}_{end}"]) / se for end in ("se", "ci_lb", "ci_ub")]
        errors[theirs["set"]] = max(gaps)
        pvals[theirs["set"]] = abs(mine.pval - theirs[f"{interval}_pval"])
    assert_close(errors, CLOSE)
    assert_close(pvals, CLOSE)


@pytest.mark.parametrize("method", METHODS)
def test_prediction_intervals_with_hksj(method):
    errors = {}
    for theirs in metafors(method):
        fit = ours(theirs["set"], method)
        if fit.k < 3:
            continue
        width = theirs["pi_ub"] - theirs["pi_lb"]
        errors[theirs["set"]] = max(abs(getattr(fit, end) - theirs[end]) / width for end in ("pi_lb", "pi_ub"))
    assert len(errors) > 170 and max(errors.values()) <= CLOSE


@pytest.mark.parametrize("method", METHODS)
def test_I2_H2_and_weights(method):
    I2, H2, weights = {}, {}, {}
    for theirs in metafors(method):
        fit = ours(theirs["set"], method)
        I2[theirs["set"]] = abs(fit.I2 - theirs["I2"]) / 100
        H2[theirs["set"]] = abs(fit.H2 / theirs["H2"] - 1)
        if theirs["weights"]:
            weights[theirs["set"]] = float(np.max(np.abs(np.array(fit.weights) / theirs["weights"] - 1)))
    assert_close(I2, CLOSE)
    assert_close(H2, CLOSE)
    assert len(weights) == 20
    assert max(weights.values()) <= CLOSE


def test_Q_and_its_p():
    for theirs in stored()["heterogeneity"]:
        fit = ours(theirs["set"], "DL")
        assert (fit.Q, fit.Q_pval) == pytest.approx((theirs["Q"], theirs["Q_pval"]), rel=CLOSE, abs=1e-12)


def test_q_profile_bounds():
    tau2, I2, H2 = {}, {}, {}
    for theirs in stored()["heterogeneity"]:
        name = theirs["set"]
        fit, smallest = ours(name, "DL"), data_of()[name][1].min()
        tau2[name] = max(
            abs(getattr(fit, end) - theirs[end]) / (theirs[end] + smallest) for end in ("tau2_lb", "tau2_ub")
        )
        I2[name] = max(abs(getattr(fit, end) - theirs[end]) / 100 for end in ("I2_lb", "I2_ub"))
        H2[name] = max(abs(getattr(fit, end) / theirs[end] - 1) for end in ("H2_lb", "H2_ub"))
    for errors in (tau2, I2, H2):
        assert_close(errors, PROFILE_CLOSE)


def test_empty_profile_sets_are_the_same_ones():
    empty = {one["set"] for one in stored()["heterogeneity"] if one["empty_profile"]}
    told = {name for name in data_of() if any("profile set" in note for note in sentences(ours(name, "DL").notes))}
    assert told == empty != set()


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    """Of every fourth set: metafor takes half a minute over all of them."""
    output = tmp_path / "random_effects.json"
    run = forked_r(REFERENCE / "random_effects.R", output, "4")
    assert run.returncode == 0, run.stderr
    fresh = json.loads(output.read_text())
    for old, new in zip(stored()["sets"][::4], fresh["sets"], strict=True):
        assert old["id"] == new["id"]
        assert new["yi"] == pytest.approx(old["yi"], rel=1e-12, abs=0.0)
        assert new["vi"] == pytest.approx(old["vi"], rel=1e-12, abs=0.0)
    again = {one["id"] for one in fresh["sets"]}
    for part in ("heterogeneity", "fits"):
        for old, new in zip([one for one in stored()[part] if one["set"] in again], fresh[part], strict=True):
            assert_unchanged(old, new, data_of()[old["set"]][1].min())


def assert_unchanged(old: dict, new: dict, smallest: float) -> None:
    """Assert that recomputed values agree to 1e-7 of the value and its unit."""
    assert old.keys() == new.keys()
    for key, value in old.items():
        if key in ("threshold", "stepadj"):
            continue
        unit = smallest if key.startswith("tau2") else old.get("wald_se", 1.0)
        if isinstance(value, float):
            assert abs(new[key] - value) <= 1e-7 * (abs(value) + unit), (old["set"], key)
        elif isinstance(value, list):
            assert new[key] == pytest.approx(value, rel=1e-7), (old["set"], key)
        else:
            assert new[key] == value, (old["set"], key)
