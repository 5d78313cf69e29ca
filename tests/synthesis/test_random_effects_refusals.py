"""Data and choices that no random-effects model can take are refused in a sentence that names the place."""

from __future__ import annotations

import numpy as np
import pytest

from taprev.synthesis import random_effects, random_effects_batch


@pytest.mark.parametrize(
    ("yi", "vi", "sentence"),
    [
        ([0.1, 0.2], [0.04, 0.0], "study 2: the variance is zero"),
        ([0.1, 0.2], [-0.04, 0.1], "study 1: the variance is negative"),
        ([0.1, np.nan, 0.3], [0.1, 0.1, 0.1], "study 2: the effect is missing"),
        ([0.1, 0.3], [0.1, np.nan], "study 2: the variance is missing"),
        ([np.inf, 0.3], [0.1, 0.1], "study 1: the effect is infinite"),
        ([0.1, 0.3], [np.inf, 0.1], "study 1: the variance is infinite"),
        ([], [], "empty"),
        ([0.1, 0.2, 0.3], [0.1, 0.2], "yi has 3 values and vi has 2"),
        (["a", "b"], [0.1, 0.2], "yi must hold numbers"),
        ([[0.1, 0.2]], [[0.1, 0.2]], "yi has shape"),
    ],
)
def test_unsound_data_are_refused_by_place(yi, vi, sentence):
    with pytest.raises(ValueError, match=sentence):
        random_effects(yi, vi)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"tau2_method": "reml"}, "tau2_method is 'reml'; it must be one of REML, ML, DL, PM, HE, HS, SJ"),
        ({"ci_method": "t"}, "ci_method is 't'"),
        ({"level": 95}, "level is 95"),
        ({"level": 0.0}, "level is 0.0"),
        ({"level": float("nan")}, "level is nan"),
        ({"pi_df": "k"}, "pi_df is 'k'"),
    ],
)
def test_unknown_choices_are_refused_before_the_data_are_looked_at(choice, sentence):
    with pytest.raises(ValueError, match=sentence):
        random_effects([0.1], [0.0], **choice)


@pytest.mark.parametrize(
    ("Y", "V", "sentence"),
    [
        ([[0.1, 0.2], [0.1, np.nan]], [[0.1, 0.1], [0.1, 0.1]], "set 2, study 2: the effect is missing"),
        ([[0.1, 0.2], [0.1, 0.3]], [[0.1, np.nan], [0.1, 0.1]], "set 1, study 2: the variance is missing"),
        ([[0.1, 0.2], [np.nan, np.nan]], [[0.1, 0.1], [np.nan, np.nan]], "set 2 is empty"),
        ([[0.1, 0.2]], [[0.1, 0.2, 0.3]], "shape"),
        ([[0.1, 0.2]], [[0.1, -1.0]], "set 1, study 2: the variance is negative"),
        (np.empty((0, 3)), np.empty((0, 3)), "the batch is empty"),
        ([0.1, 0.2], [0.1, 0.2], "Y has shape"),
    ],
)
def test_unsound_batches_are_refused_by_set_and_study(Y, V, sentence):
    with pytest.raises(ValueError, match=sentence):
        random_effects_batch(Y, V)


def test_a_masked_study_is_refused_and_not_used():
    masked = np.ma.masked_array([0.1, 0.2, 0.3], mask=[False, True, False])
    with pytest.raises(ValueError, match="study 2: the effect is missing"):
        random_effects(masked, [0.1, 0.1, 0.1])
