"""Bounds and prediction intervals of many sets at once are those of each set by itself."""

from __future__ import annotations

import json

import numpy as np
import pytest

from helpers import REFERENCE
from taprev.synthesis import random_effects, random_effects_batch
from taprev.synthesis.results import Fit
from taprev.vocabulary import Tau2Method
from taprev.wording.notes import sentences

STORED = json.loads((REFERENCE / "random_effects.json").read_text())
OF_BOUNDS = ("tau2_lb", "tau2_ub", "I2_lb", "I2_ub", "H2_lb", "H2_ub")
OF_PREDICTION = ("pi_lb", "pi_ub", "pi_df")


def stored_sets() -> list[tuple[np.ndarray, np.ndarray]]:
    return [(np.array(one["yi"]), np.array(one["vi"])) for one in STORED["sets"]]


def together(sets) -> tuple[np.ndarray, np.ndarray]:
    """All sets as rows of one length, in another order of columns for every second one."""
    widest = max(yi.size for yi, _ in sets)
    Y, V = np.full((2, len(sets), widest), np.nan)
    for row, (yi, vi) in enumerate(sets):
        columns = slice(widest - yi.size, None) if row % 2 else slice(0, yi.size)
        Y[row, columns], V[row, columns] = yi, vi
    return Y, V


def assert_equal(batch, row: int, one: Fit, names) -> None:
    for name in names:
        value, wanted = getattr(batch, name)[row], getattr(one, name)
        assert np.isnan(value) if wanted is None else value == pytest.approx(wanted, rel=1e-9, abs=1e-300), name


@pytest.mark.parametrize("ci_method", ["auto", "wald", "hksj"])
def test_published_and_random_sets_have_the_bounds_of_each_by_itself(ci_method):
    """Twenty published sets and two hundred random ones, which metafor's values are compared with one by one."""
    sets = stored_sets()
    batch = random_effects_batch(*together(sets), ci_method=ci_method, bounds=True, prediction=True)
    empty = 0
    for row, (yi, vi) in enumerate(sets):
        one = random_effects(yi, vi, ci_method=ci_method)
        assert_equal(batch, row, one, (*OF_BOUNDS, *OF_PREDICTION))
        told = any("profile" in text for text in sentences(one.notes))
        assert batch.empty_profile[row] == told
        empty += told
    assert empty == 9


@pytest.mark.parametrize("method", [str(method) for method in Tau2Method])
def test_every_estimator_and_other_choices(method):
    sets = [one for one in stored_sets() if one[0].size < 12][:40]
    how = dict(tau2_method=method, level=0.8, pi_df="k-2")
    batch = random_effects_batch(*together(sets), bounds=True, prediction=True, **how)
    for row, (yi, vi) in enumerate(sets):
        assert_equal(batch, row, random_effects(yi, vi, **how), (*OF_BOUNDS, *OF_PREDICTION))


def test_bounds_of_the_batch_equal_metafor():
    """The Q-profile of metafor itself, for all twenty published sets at once."""
    sets = {
        one["id"]: (np.array(one["yi"]), np.array(one["vi"])) for one in STORED["sets"] if "random" not in one["id"]
    }
    theirs = {one["set"]: one for one in STORED["heterogeneity"] if one["set"] in sets}
    assert len(sets) == len(theirs) == 20
    batch = random_effects_batch(*together(list(sets.values())), bounds=True)
    for row, (name, (_, vi)) in enumerate(sets.items()):
        for mine, wanted in ((batch.tau2_lb, "tau2_lb"), (batch.tau2_ub, "tau2_ub")):
            assert abs(mine[row] - theirs[name][wanted]) <= 1e-8 * (theirs[name][wanted] + vi.min()), name


def test_too_few_studies_have_neither_and_nothing_is_computed_unasked():
    Y, V = np.array([[0.1, np.nan, np.nan], [0.1, 0.4, np.nan], [0.1, 0.4, 0.9]]), np.full((3, 3), 0.04)
    V[np.isnan(Y)] = np.nan
    fits = random_effects_batch(Y, V, bounds=True, prediction=True)
    assert np.isnan(fits.tau2_lb).tolist() == np.isnan(fits.I2_ub).tolist() == [True, False, False]
    assert np.isnan(fits.pi_lb).tolist() == np.isnan(fits.pi_df).tolist() == [True, True, False]
    plain = random_effects_batch(Y, V)
    assert [getattr(plain, name) for name in (*OF_BOUNDS, *OF_PREDICTION, "empty_profile")] == [None] * 10
    assert plain.estimate.tolist() == fits.estimate.tolist()
    with pytest.raises(ValueError, match="pi_df is 'k-3'"):
        random_effects_batch(Y, V, prediction=True, pi_df="k-3")
