"""Masked, missing, misshapen and impossible values are refused by every kernel, never pooled and never dropped."""

from __future__ import annotations

import numpy as np
import pytest

from taprev.synthesis.kernels.bayes import bayes
from taprev.synthesis.kernels.component_profile import component_intervals
from taprev.synthesis.kernels.contrasts import joint_test, linear_contrasts
from taprev.synthesis.kernels.henmi_copas import henmi_copas
from taprev.synthesis.kernels.influence import cumulative, influence, leave_one_out
from taprev.synthesis.kernels.location_scale import location_scale
from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.kernels.permutation import permutation_test
from taprev.synthesis.kernels.priors import prior
from taprev.synthesis.kernels.profile_likelihood import profile_intervals
from taprev.synthesis.kernels.q_profile import q_profile
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.sparse import mantel_haenszel, peto
from taprev.synthesis.moderators import meta_regression, subgroups

Y, V = [0.1, 0.2, 0.9, 0.4, 0.5, 0.3], [0.02, 0.03, 0.02, 0.04, 0.02, 0.03]
NAMES, YEARS, HALVES, X = list("abcdef"), [1, 2, 3, 4, 5, 6], list("aabbab"), [[1], [2], [3], [5], [5], [6]]
PAIRS, DESIGN = list("aabbcc"), [[1, 1], [1, 2], [1, 3], [1, 5], [1, 5], [1, 6]]
KERNELS = {
    "random_effects": lambda y, v: random_effects(y, v),
    "influence": lambda y, v: influence(NAMES, y, v),
    "leave_one_out": lambda y, v: leave_one_out(NAMES, y, v),
    "cumulative": lambda y, v: cumulative(NAMES, y, v, YEARS),
    "subgroups": lambda y, v: subgroups(y, v, HALVES),
    "meta_regression": lambda y, v: meta_regression(y, v, X, ["x"]),
    "multilevel": lambda y, v: multilevel(y, v, HALVES, ci_method="wald", method="ML"),
    "component_intervals": lambda y, v: component_intervals(y, v, HALVES),
    "linear_contrasts": lambda y, v: linear_contrasts(y, v, PAIRS, [[0, 1]], DESIGN),
    "henmi_copas": lambda y, v: henmi_copas(y, v),
    "permutation_test": lambda y, v: permutation_test(y, v, method="DL"),
    "profile_intervals": lambda y, v: profile_intervals(y, v),
    "q_profile": lambda y, v: q_profile(y, v),
    "location_scale": lambda y, v: location_scale(y, v, np.ones((6, 1))),
    "joint_test": lambda y, v: joint_test(y, v, PAIRS, [[0, 1]], DESIGN),
}


def masked(values, place=2):
    mask = np.zeros(np.shape(values), bool)
    mask[place] = True
    return np.ma.masked_array(values, mask)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("y", "v", "said"),
    [
        (masked([0.1, 0.2, 9.0, 0.4, 0.5, 0.3]), V, "3: the effect is missing"),
        (Y, masked(V), "3: the variance is missing"),
        ([*Y[:5], np.nan], V, "6: the effect is missing"),
        (np.array(["2020-01-01"] * 6, dtype="datetime64[D]"), V, "yi must hold numbers only"),
        (np.array(Y) + 1j, V, "yi must hold numbers only"),
        ([1e308, -1e308, *Y[2:]], V, "1: the effect is too large to compute with"),
        (Y[:5], V, "yi has 5 values and vi has 6"),
        ([], [], "yi and vi are empty"),
    ],
)
def test_every_kernel_refuses_effects_that_are_none(kernel, y, v, said):
    KERNELS[kernel](Y, V)
    with pytest.raises(ValueError, match=said):
        KERNELS[kernel](y, v)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: influence(["a", "b"], Y, V), "labels has 2 values and there are 6 effects"),
        (lambda: leave_one_out(["a"], Y, V), "studies has 1 values and there are 6 effects"),
        (lambda: cumulative(["a", "b", "c"], Y, V, YEARS), "labels has 3 values"),
        (lambda: cumulative(NAMES, Y, V, masked(YEARS)), "study 3: order has no value"),
        (lambda: cumulative(NAMES, Y, V, [1.0, np.nan, 3, 4, 5, 6]), "study 2: order has no value"),
        (lambda: subgroups(Y, V, masked(HALVES)), "study 3: groups has no value"),
        (lambda: subgroups(Y, V, HALVES[:4]), "groups has 4 values and there are 6 effects"),
        (lambda: subgroups(Y, V, [1.0, np.nan, 2, 2, 1, 1]), "study 2: groups has no value"),
        (lambda: meta_regression(Y, V, masked(X), ["x"]), "a moderator has a value that is missing"),
        (lambda: meta_regression(Y, V, X[:4], ["x"]), "the moderators have 4 rows and there are 6 effects"),
        (lambda: mantel_haenszel(masked([5, 3, 2]), [50] * 3, [8, 9, 5], [50] * 3), "study 3: event_arm1 is nan"),
        (lambda: peto([5, 3, 2], masked([50] * 3), [8, 9, 5], [50] * 3), "study 3: totaln_arm1 is nan"),
        (lambda: bayes(Y, V, prior("half_normal", 0.5), favours_sign=5), "favours_sign is 5; it must be 1"),
    ],
)
def test_what_belongs_to_the_effects_has_one_value_for_each(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_one_moderator_may_be_a_row_of_numbers():
    column, row = (meta_regression(Y, V, x, ["x"]) for x in (X, [one for [one] in X]))
    assert row == column
