"""Leave-one-out, cumulative and influence diagnostics: equal to metafor's, and right at their edges."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from helpers import REFERENCE
from taprev.figures.siblings.baujat_text import moved
from taprev.synthesis import random_effects, sensitivity
from taprev.synthesis.domain import synthesise
from taprev.synthesis.kernels.influence import cumulative, influence, leave_one_out
from taprev.wording.notes import sentences

CLOSE = 1e-9
DIAGNOSTICS = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "Q_del", "hat", "weight", "dfbs")


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "influence.json").read_text())


@cache
def data_of() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    sets = json.loads((REFERENCE / "random_effects.json").read_text())["sets"]
    return {one["id"]: (np.array(one["yi"]), np.array(one["vi"])) for one in sets}


def named(yi) -> list[str]:
    return [f"study {i + 1}" for i in range(len(yi))]


NAMES = [one["set"] for one in json.loads((REFERENCE / "influence.json").read_text())["sets"]]


def metafor(name: str) -> dict:
    return next(one for one in stored()["sets"] if one["set"] == name)


def test_the_grid_is_whole():
    assert len(NAMES) == 14 and sum(any(one["influential"]) for one in stored()["sets"]) >= 4
    assert {one["k"] for one in stored()["sets"]} >= {4, 9, 13, 40}


@pytest.mark.parametrize("name", NAMES)
def test_leave_one_out_equals_metafor(name):
    (yi, vi), theirs = data_of()[name], metafor(name)
    unit = random_effects(yi, vi, ci_method="wald").se
    wald = leave_one_out(named(yi), yi, vi, ci_method="wald")
    hksj = leave_one_out(named(yi), yi, vi, ci_method="hksj")
    for column, fits in (
        ("estimate", wald),
        ("wald_ci_lb", wald),
        ("hksj_ci_lb", hksj),
        ("hksj_ci_ub", hksj),
    ):
        mine = np.array([getattr(fit, column.split("_", 1)[-1] if "ci" in column else column) for fit in fits])
        assert np.max(np.abs(mine - theirs[column])) <= CLOSE * unit, column
    gap = np.abs(np.array([fit.tau2 for fit in wald]) - theirs["tau2"])
    assert np.max(gap / (np.array(theirs["tau2"]) + vi.min())) <= CLOSE


@pytest.mark.parametrize("name", NAMES)
def test_adding_studies_equals_metafor(name):
    (yi, vi), theirs = data_of()[name], metafor(name)
    fits = cumulative(named(yi), yi, vi, np.arange(yi.size), ci_method="wald")
    assert fits[0].estimate is None and fits[0].k == 1
    unit = vi.min() ** 0.5
    for column, attribute in (("estimate", "estimate"), ("ci_lb", "ci_lb")):
        mine = np.array([getattr(fit, attribute) for fit in fits[1:]])
        assert np.max(np.abs(mine - theirs[f"cumulative_{column}"][1:])) <= 10 * CLOSE * unit
    tau2 = np.array([fit.tau2 for fit in fits[1:]])
    assert np.max(np.abs(tau2 - theirs["cumulative_tau2"][1:]) / (tau2 + vi.min())) <= CLOSE


@pytest.mark.parametrize("name", NAMES)
def test_influence_equals_metafor(name):
    (yi, vi), theirs = data_of()[name], metafor(name)
    mine = influence(named(yi), yi, vi)
    for column in DIAGNOSTICS:
        expected = np.array(theirs[column])
        got = np.array([getattr(one, column) for one in mine])
        floor = vi.min() if column == "tau2_del" else 1.0
        assert np.max(np.abs(got - expected) / (np.abs(expected) + floor)) <= 1e-8, column
    assert [one.influential for one in mine] == theirs["influential"]


@pytest.mark.parametrize("name", NAMES)
def test_baujat_equals_metafor(name):
    (yi, vi), theirs = data_of()[name], metafor(name)
    fit = random_effects(yi, vi)
    made = [
        moved(one, y, v, fit.estimate, fit.tau2) for one, y, v in zip(influence(named(yi), yi, vi), yi, vi, strict=True)
    ]
    assert [one.differs for one in made] == pytest.approx(theirs["baujat_x"], rel=1e-6, abs=1e-9)
    assert [one.moves for one in made] == pytest.approx(theirs["baujat_y"], rel=1e-6, abs=1e-9)


def test_a_study_leaves_with_all_its_samples():
    yi, vi = np.array([0.1, 0.9, 0.4, 0.5]), np.array([0.04, 0.02, 0.05, 0.03])
    without_a, without_b, without_c = leave_one_out(["a", "a", "b", "c"], yi, vi)
    assert (without_a.k, without_b.k, without_c.k) == (2, 3, 3)
    assert without_a.estimate == random_effects(yi[2:], vi[2:]).estimate


def test_what_is_left_alone_is_not_pooled():
    left = leave_one_out(["a", "b"], [0.1, 0.2], [0.1, 0.1])
    assert [(one.k, one.estimate) for one in left] == [(1, None), (1, None)]
    alone = leave_one_out(["a", "a"], [0.1, 0.2], [0.1, 0.1])
    assert [(one.level, one.k, one.estimate) for one in alone] == [("a", 0, None)]
    assert influence(["a", "b"], [0.1, 0.2], [0.1, 0.1]) == ()


def test_studies_of_one_year_come_together():
    steps = cumulative(list("abcd"), [0.1, 0.2, 0.3, 0.4], [0.1] * 4, [2019, 2020, 2020, 2024])
    assert [(step.level, step.k) for step in steps] == [("a", 1), ("b, c", 3), ("d", 4)]
    assert steps[-1].estimate == random_effects([0.1, 0.2, 0.3, 0.4], [0.1] * 4).estimate
    together = cumulative(list("ab"), [0.1, 0.2], [0.1] * 2, [2019, 2019])
    assert [(step.level, step.k) for step in together] == [("a, b", 2)]


def test_many_studies_are_left_out_a_few_hundred_at_a_time():
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.01, 0.3, 700)
    yi = rng.normal(0.2, np.sqrt(vi))
    every = leave_one_out(named(yi), yi, vi)
    assert len(every) == 700
    assert every[650].estimate == pytest.approx(
        random_effects(np.delete(yi, 650), np.delete(vi, 650)).estimate, rel=1e-12
    )


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    """Of every third set: metafor takes twelve seconds over all of them."""
    output = tmp_path / "influence.json"
    run = forked_r(REFERENCE / "influence.R", output, "3")
    assert run.returncode == 0, run.stderr
    for old, new in zip(stored()["sets"][::3], json.loads(output.read_text())["sets"], strict=True):
        for column in ("estimate", "hksj_ci_ub", *DIAGNOSTICS):
            assert new[column] == pytest.approx(old[column], rel=1e-7, abs=1e-9), (old["set"], column)


@pytest.mark.parametrize(("most", "held"), [(6, True), (5, False)])
def test_above_a_limit_fits_by_study_are_left_out_and_it_is_said(shipped, shipped_rows, monkeypatch, most, held):
    monkeypatch.setattr(sensitivity, "MOST_LEFT_OUT", most)
    made = synthesise("staff_knowledge", shipped_rows["staff_knowledge"], shipped[0], {"version": "test"})
    [stratum] = [one for one in made.strata if one.fit]
    assert stratum.fit.k == 6
    parts = (stratum.panel.leave_one_out, stratum.panel.influence, stratum.panel.cumulative)
    assert all(bool(part) is held for part in parts)
    said = (
        "Leave-one-out, influence diagnostics and cumulative pooling fit every effect with all others and are left out "
        f"above {most} pooled effects."
    )
    assert (said in sentences(stratum.panel.notes)) is not held
