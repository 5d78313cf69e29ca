"""The multiverse against pooling each specification by itself, and what it says of the choices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from taprev.effects.fates import effect_rows
from taprev.effects.variants import LATEST, USUAL_SCOPE, ChoiceAxis, variants
from taprev.synthesis import random_effects
from taprev.synthesis.kernels.composite import composite
from taprev.synthesis.multiverse import Effects, multiverse, one_at_a_time

METHODS = ("REML", "DL")
RHO = (0.4, 0.6, 0.8)


@pytest.fixture(scope="module")
def effects() -> Effects:
    """Five samples, two with several results; an r that scales the variance; a scope that adds a sample."""
    rng = np.random.default_rng(8)
    sample = np.array([0, 0, 0, 1, 2, 2, 3, 4])
    yi = np.repeat(rng.normal(0.4, 0.3, 8)[:, None], 6, axis=1)
    vi = rng.uniform(0.02, 0.1, 8)[:, None] * np.tile([1.4, 1.0, 0.6], 2)
    yi = yi * np.tile([0.9, 1.0, 1.1], 2)
    yi[7, :3] = vi[7, :3] = np.nan
    axes = (ChoiceAxis("scope", ("usual", "wider"), 0), ChoiceAxis("r_pre_post", ("0.3", "0.5", "0.7"), 1))
    return Effects(axes, sample, yi, vi)


@pytest.fixture(scope="module")
def whole(effects):
    return multiverse(effects, RHO, 0.6, METHODS, "REML")


def by_hand(effects: Effects, combination: int, rho: float, method: str):
    pairs = []
    for sample in range(5):
        rows = [i for i in np.flatnonzero(effects.sample == sample) if np.isfinite(effects.yi[i, combination])]
        if rows:
            pairs.append(composite(effects.yi[rows, combination], effects.vi[rows, combination], rho))
    yi, vi = zip(*pairs, strict=True)
    return random_effects(yi, vi, tau2_method=method)


def test_every_specification_equals_pooling_it_by_itself(effects, whole):
    assert [factor.name for factor in whole.factors] == ["scope", "r_pre_post", "rho", "tau2_method"]
    assert len(whole.specifications) == 2 * 3 * 3 * 2 == whole.estimable
    for spec in whole.specifications:
        scope, r, rho, method = spec.levels
        fit = by_hand(effects, 3 * scope + r, RHO[rho], METHODS[method])
        assert (spec.k, spec.estimate, spec.ci_lb, spec.tau2) == pytest.approx(
            (fit.k, fit.estimate, fit.ci_lb, fit.tau2), rel=1e-12, abs=1e-15
        )


def test_the_summary_is_that_of_the_specifications(whole):
    estimates = np.array([spec.estimate for spec in whole.specifications])
    assert (whole.lowest, whole.median, whole.highest) == (
        estimates.min(),
        np.median(estimates),
        estimates.max(),
    )
    assert whole.same_sign == int(np.sum(estimates > 0)) == 36


def test_how_far_a_choice_moves_the_estimate(whole):
    cube = np.array([spec.estimate for spec in whole.specifications]).reshape(2, 3, 3, 2)
    for place, factor in enumerate(whole.factors):
        moves = np.ptp(cube, axis=place)
        assert (factor.moves, factor.moves_most) == pytest.approx((np.median(moves), moves.max()), rel=1e-12)


def test_one_choice_at_a_time_holds_the_usual_number_of_each(whole):
    lines = one_at_a_time(whole)
    assert [line.level for line in lines if line.usual] == ["usual", "0.5", "0.6", "REML"]
    assert len({line.estimate for line in lines if line.usual}) == 1
    assert [line.level for line in lines if line.factor == "tau2_method"] == ["REML", "DL"]
    assert one_at_a_time(None) == ()


def test_choices_that_bear_on_nothing_are_left_out(effects):
    single = Effects(effects.axes, np.arange(8), effects.yi, effects.vi)
    names = [factor.name for factor in multiverse(single, RHO, 0.6, METHODS, "REML").factors]
    assert names == ["scope", "r_pre_post", "tau2_method"]
    flat = np.full((2, 6), 0.3)
    assert multiverse(Effects(effects.axes, np.arange(2), flat, flat), (0.6,), 0.6, METHODS, "DL") is None


def test_a_specification_that_leaves_one_effect_is_not_estimable(effects):
    yi, vi = effects.yi[[0, 3]].copy(), effects.vi[[0, 3]].copy()
    yi[1, 3:] = vi[1, 3:] = np.nan
    found = multiverse(Effects(effects.axes, np.array([0, 1]), yi, vi), (0.6,), 0.6, ("REML",), "REML")
    gone = [spec for spec in found.specifications if spec.levels[0] == 1]
    assert len(gone) == 3 and all((spec.k, spec.estimate) == (1, None) for spec in gone)
    assert found.estimable == 3
    scope = found.factors[0]
    assert (scope.moves, scope.moves_most) == (None, None)


def test_where_the_usual_choice_pools_nothing_the_others_are_described(effects):
    yi, vi = effects.yi[[0, 3]].copy(), effects.vi[[0, 3]].copy()
    yi[1, :3] = vi[1, :3] = np.nan
    found = multiverse(Effects(effects.axes, np.array([0, 1]), yi, vi), (0.6,), 0.6, ("REML",), "REML")
    assert (found.estimable, found.same_sign) == (3, 3)
    assert [line.estimate is None for line in one_at_a_time(found)] == [True, False, True, True, True]


def test_nothing_is_described_where_no_choice_pools_anything(effects):
    alone = Effects(effects.axes, np.array([0]), effects.yi[:1], effects.vi[:1])
    assert multiverse(alone, (0.6,), 0.6, METHODS, "REML") is None
    nothing = Effects((), np.empty(0, int), np.empty((0, 1)), np.empty((0, 1)))
    assert multiverse(nothing, (0.6,), 0.6, METHODS, "REML") is None


def test_too_many_combinations_are_refused():
    axes = tuple(ChoiceAxis(f"choice {i}", tuple("abcdefghij"), 0) for i in range(4))
    yi = np.zeros((2, 10_000))
    effects = Effects(axes, np.array([0, 1]), yi, yi + 1)
    with pytest.raises(ValueError, match="30,000 combinations, and 20,000 are the most"):
        multiverse(effects, (0.6,), 0.6, ("REML", "DL", "PM"), "REML")


def under(settings, axes, levels):
    """Return the settings under a combination of levels, read from their words."""
    assumptions, scope, pooling = settings.assumptions, settings.scope, settings.synthesis
    domains = settings.domains
    for axis, level in zip(axes, levels, strict=True):
        word = axis.levels[level]
        if axis.name == "scope" and word != USUAL_SCOPE:
            added = next(one.add for one in settings.sensitivity.scopes if one.label == word)
            scope = scope.model_copy(update={"include": (*scope.include, *added)})
        elif axis.name == "pool_tiers" and word == "exact only":
            pooling = pooling.model_copy(update={"pool_tiers": ("exact",)})
        elif axis.name == "time" and word == "the latest":
            domains = {name: one.model_copy(update={"target_months": LATEST}) for name, one in domains.items()}
        elif hasattr(assumptions, axis.name):
            value = None if word == "none" else float(word)
            part = getattr(assumptions, axis.name).model_copy(update={"value": value})
            assumptions = assumptions.model_copy(update={axis.name: part})
    return settings.model_copy(
        update={"assumptions": assumptions, "scope": scope, "synthesis": pooling, "domains": domains}
    )


@pytest.mark.parametrize("icc", [None, 0.1])
def test_variants_are_those_of_the_whole_domain_derived_under_each_combination(shipped, icc):
    settings, outcomes, studies = shipped
    part = settings.assumptions.icc.model_copy(update={"value": icc})
    made = {"icc": part, "shared_control": "split", "cluster_adjustment": "sample_size"}
    settings = settings.model_copy(update={"assumptions": settings.assumptions.model_copy(update=made)})
    cluster = {
        "unit_of_allocation": "cluster",
        "cluster_size": "20",
        "n_clusters_arm1": "8",
        "n_clusters_arm2": "8",
    }
    outcomes = [row | {"domain": "staff_attitudes", "population": "staff"} for row in outcomes]
    outcomes = [row | (cluster if i % 9 == 0 else {}) for i, row in enumerate(outcomes)]
    high = {row["result"]: "high" for row in outcomes[::11]}
    found = variants("staff_attitudes", outcomes, studies, settings, high)
    assert [axis.name for axis in found.axes] == [
        "scope",
        "time",
        "pool_tiers",
        "risk_of_bias",
        "r_pre_post",
        "icc",
        "overdispersion",
        "retained",
    ]
    every = enumerate(itertools.product(*(range(len(axis.levels)) for axis in found.axes)))
    for column, levels in itertools.islice(every, 0, None, 41):
        kept = [row for row in outcomes if not (levels[3] and row["result"] in high)]
        rows = effect_rows("staff_attitudes", kept, studies, under(settings, found.axes, levels))
        wanted = {row.result: (row.yi, row.vi, row.poolable) for row in rows if row.chosen}
        numbers = zip(found.yi[:, column], found.vi[:, column], found.poolable[:, column], strict=True)
        told = {one.result: n for one, n in zip(found.results, numbers, strict=True) if np.isfinite(n[0])}
        assert told == wanted
