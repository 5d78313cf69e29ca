"""Mixed-effects models agree with metafor for every estimator, test and kind of weights, and refuse what has no fit."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import REFERENCE
from taprev.synthesis import random_effects
from taprev.synthesis.kernels.mixed_effects import MixedFit, mixed_effects
from taprev.synthesis.kernels.prediction import predict
from taprev.vocabulary import MetaTest, Tau2Method

COMMON = "EE"


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "mixed_effects.json").read_text("utf-8"))


def fitted(one: dict) -> tuple[MixedFit, np.ndarray]:
    case = next(case for case in stored()["cases"] if case["id"] == one["id"])
    design = np.array(case["X"], float).reshape(len(case["yi"]), -1)
    method = None if one["method"] == COMMON else one["method"]
    return mixed_effects(case["yi"], case["vi"], design, method, one["test"], case.get("weights")), design


def named(one: dict) -> str:
    return f"{one['id']}-{one['method']}-{one['test']}"


@pytest.mark.parametrize("one", stored()["fits"], ids=named)
def test_metafor_gives_the_same_fit(one):
    fit, design = fitted(one)
    unit = float(fit.se.min())
    for name in ("beta", "se", "ci_lb", "ci_ub", "vb", "tau2", "I2", "H2", "QE", "QE_pval"):
        assert np.ravel(getattr(fit, name)) == pytest.approx(np.ravel(one[name]), rel=1e-8, abs=1e-8 * unit), name
    assert fit.pval == pytest.approx(np.ravel(one["pval"]), rel=1e-6, abs=1e-12)
    told = predict(fit, design[:3])
    for name in ("pred", "ci_lb", "pi_lb"):
        stored_name = name if name == "pred" else f"pred_{name}"
        assert getattr(told, name) == pytest.approx(np.ravel(one[stored_name]), rel=1e-8, abs=1e-8 * unit), name
    assert told.se == pytest.approx(np.ravel(one["pred_se"]), rel=1e-8)


@pytest.mark.parametrize("one", stored()["omnibus"], ids=named)
def test_metafor_gives_the_same_omnibus_test_and_share_explained(one):
    fit, _ = fitted(one)
    assert pytest.approx(one["QM"], rel=1e-7) == fit.QM
    assert fit.QM_pval == pytest.approx(one["QM_pval"], rel=1e-6)
    if one["method"] != COMMON:
        assert pytest.approx(one["R2"], rel=1e-6, abs=1e-6) == fit.R2


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    """Of every third model: the fits with other moderators are of the same trials."""
    output = tmp_path / "fresh.json"
    done = forked_r(REFERENCE / "mixed_effects.R", output, "3")
    assert done.returncode == 0, done.stderr
    fresh = json.loads(output.read_text("utf-8"))
    again = {one["id"] for one in stored()["cases"][::3]}
    for part in ("fits", "omnibus"):
        for old, new in zip([one for one in stored()[part] if one["id"] in again], fresh[part], strict=True):
            for name, value in old.items():
                if isinstance(value, str):
                    assert new[name] == value
                elif value is not None:
                    assert np.ravel(new[name]) == pytest.approx(np.ravel(value), rel=1e-6, abs=1e-10), (
                        named(old),
                        name,
                    )


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=3, max_size=12),
    st.sampled_from(list(Tau2Method)),
)
def test_without_moderators_it_is_the_random_effects_model(rows, method):
    yi, vi = map(np.array, zip(*rows, strict=True))
    assume(np.ptp(yi) > 1e-3)
    usual, own = random_effects(yi, vi, method, "hksj"), mixed_effects(yi, vi, None, method, "knha")
    assert own.tau2 == pytest.approx(usual.tau2, rel=1e-7, abs=1e-9)
    assert own.beta[0] == pytest.approx(usual.estimate, rel=1e-6, abs=1e-8)
    assert (own.ci_lb[0], own.I2) == pytest.approx((usual.ci_lb, usual.I2), rel=1e-5, abs=1e-6)
    assert own.weights == pytest.approx(usual.weights, rel=1e-6)
    new = predict(own, [[1.0]])
    assert (new.pi_lb[0], new.pi_ub[0]) == pytest.approx((usual.pi_lb, usual.pi_ub), rel=1e-5, abs=1e-6)


def test_the_test_that_was_made_is_said():
    yi, vi = [0.1, 0.9, 0.4, 1.3], [0.02, 0.03, 0.02, 0.05]
    assert mixed_effects(yi, vi).test == MetaTest.KNHA
    assert mixed_effects(yi, vi, method=None).test == MetaTest.Z
    assert mixed_effects(yi, vi, weights=[1, 2, 3, 4]).test == MetaTest.Z
    assert mixed_effects([0.1, 0.1, 0.1], [0.2, 0.2, 0.2]).test == MetaTest.Z
    assert mixed_effects(yi[:2], vi[:2]).test == MetaTest.Z


ONES = [[1.0]] * 4


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"X": [[1.0, 2.0]] * 4}, "the design is singular"),
        ({"X": [[1.0, 0.0]] * 4}, "the design is singular"),
        ({"X": ONES[:3]}, "3 rows and there are 4 effects"),
        ({"X": np.eye(4)}, "more effects .here 4. than coefficients .here 4."),
        ({"X": [[1.0], [1.0], [1.0], [np.nan]]}, "missing or infinite"),
        ({"method": "FE"}, "it must be one of"),
        ({"test": "hksj"}, "it must be one of"),
        ({"level": 95}, "level is 95"),
        ({"weights": [1, 2, -1, 1]}, "none below 0"),
        ({"weights": [0, 0, 0, 0]}, "not all 0"),
        ({"weights": [1, 1, 1, 1], "test": "knha"}, "with your own use z or t"),
        ({"method": None, "test": "adhoc"}, "a common effect has none"),
        ({"yi": [1.0, 1.0, 1.0, 1.0], "test": "knha"}, "no spread"),
        ({"vi": [0.1, 0.0, 0.1, 0.1]}, "the variance is zero"),
    ],
)
def test_what_has_no_fit_is_refused_with_a_sentence(more, said):
    how = {"yi": [0.1, 0.5, 0.9, 0.2], "vi": [0.1, 0.2, 0.1, 0.2]} | more
    with pytest.raises(ValueError, match=said):
        mixed_effects(**how)


def test_a_prediction_needs_a_value_for_each_coefficient():
    fit = mixed_effects([0.1, 0.5, 0.9, 0.2], [0.1, 0.2, 0.1, 0.2])
    with pytest.raises(ValueError, match="newmods has 2 columns; the model has 1 coefficients"):
        predict(fit, [[1.0, 2.0]])
