"""Effects of whole columns: equal to escalc with its additions and variances, and each refused row named.

The values and the script that made them are in `reference/columns.*`; its README says how closely they agree.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from helpers import REFERENCE
from taprev.effects import effect_size, effect_sizes
from taprev.effects.measures import MEASURES
from taprev.effects.variance_kinds import KINDS

STORED = json.loads((REFERENCE / "columns.json").read_text())
SETS = {one["id"]: one for one in STORED["sets"]}
ONE_ARM = {"event_arm1", "totaln_arm1"}
FIGURES = {"PR": ONE_ARM, "PLN": ONE_ARM, "PLO": ONE_ARM, "PAS": ONE_ARM, "PFT": ONE_ARM}
FIGURES |= {"IRLN": {"count_arm1", "time_arm1"}}
FIGURES |= {"SMCR": {"mean_arm1", "mean_arm2", "sd_arm2", "n_arm1", "r_pre_post"}}
MEASURES_OF = sorted({one["measure"] for one in STORED["effects"]})
PARITY = 1e-12
OF_J = 1e-9

EVENTS = dict(event_arm1=[0, 7, 3], totaln_arm1=[50, 60, 40], event_arm2=[4, 15, 8], totaln_arm2=[50, 58, 40])


def scalar(value):
    return value[0] if isinstance(value, list) else value


def columns_of(one: dict) -> dict:
    taken = FIGURES.get(one["measure"])
    return {
        name: values
        for name, values in SETS[one["set"]].items()
        if name not in ("id", "source") and (taken is None or name in taken)
    }


def test_the_grid_of_additions_and_variances_is_whole():
    added = {(scalar(one["add"]), one["to"]) for one in STORED["effects"]}
    assert added >= {(0.5, to) for to in ("only0", "all", "if0all", "none")} | {(0.1, "only0")}
    assert {(str(measure), str(vtype)) for measure, vtype in KINDS} <= {
        (one["measure"], one["vtype"]) for one in STORED["effects"]
    }
    tables = [one for one in STORED["sets"] if "event_arm1" in one]
    assert len(tables) == 10 and sum(0 in one["event_arm1"] or 0 in one["event_arm2"] for one in tables) >= 5
    assert sum("mean_arm1" in one for one in STORED["sets"]) == 8 and sum("r" in one for one in STORED["sets"]) == 5


@pytest.mark.parametrize("measure", MEASURES_OF)
def test_columns_equal_escalc(measure):
    """metafor's J, a difference of two lgamma, costs the unbiased variance digits in large samples."""
    for one in (one for one in STORED["effects"] if one["measure"] == measure):
        found = effect_sizes(measure, add=scalar(one["add"]), to=one["to"], vtype=one["vtype"], **columns_of(one))
        yi, vi = np.array(one["yi"], float), np.array(one["vi"], float)
        there = np.isfinite(yi) & (vi > 0)
        assert (there == np.isfinite(found.yi)).all() and (there == np.isfinite(found.vi)).all(), one["set"]
        assert {row.position for row in found.refused} == set(np.flatnonzero(~there)), one["set"]
        close = OF_J if one["vtype"] == "UB" and measure.startswith("SMD") else PARITY
        np.testing.assert_allclose(found.yi[there], yi[there], rtol=PARITY, atol=PARITY)
        np.testing.assert_allclose(found.vi[there], vi[there], rtol=close)


def test_rows_are_those_of_effect_size():
    found = effect_sizes("RR", **EVENTS)
    one = effect_size("RR", event_arm1=7, totaln_arm1=60, event_arm2=15, totaln_arm2=58)
    assert (found.yi[1], found.vi[1]) == (one.yi, one.vi)
    assert np.isnan(found.yi[0]) and np.isnan(found.vi[0])
    assert [(row.position, row.label) for row in found.refused] == [(0, 1)]
    assert found.refused[0].why == "event_arm1 is 0, so there is no log risk ratio; nothing is added to an empty cell"


def test_a_data_frame_keeps_its_index_and_names_its_rows():
    table = pd.DataFrame(EVENTS, index=["Ade 2001", "Bo 2004", "Cyr 2010"])
    found = effect_sizes("OR", **table)
    assert found.labels == tuple(table.index) and found.refused[0].label == "Ade 2001"
    joined = table.assign(yi=found.yi, vi=found.vi)
    assert np.isnan(joined.loc["Ade 2001", "yi"]) and joined.loc["Bo 2004", "yi"] == found.yi[1]
    added = effect_sizes("OR", add=0.5, **table)
    assert not added.refused and added.yi[1] == found.yi[1]


def test_rows_may_print_different_figures_and_a_number_may_hold_for_all():
    nothing = np.nan
    found = effect_sizes(
        "SMD",
        mean_arm1=[54.0, nothing, nothing],
        sd_arm1=[9.0, nothing, nothing],
        mean_arm2=[49.5, nothing, nothing],
        sd_arm2=[11.0, nothing, nothing],
        t=[nothing, 2.1, nothing],
        n_arm1=[41, 30, 20],
        n_arm2=38,
    )
    assert (
        found.yi[0] == effect_size("SMD", mean_arm1=54, sd_arm1=9, n_arm1=41, mean_arm2=49.5, sd_arm2=11, n_arm2=38).yi
    )
    assert found.yi[1] == effect_size("SMD", t=2.1, n_arm1=30, n_arm2=38).yi
    assert found.refused[0].why == "SMD cannot be had from n_arm1, n_arm2"
    unbiased = effect_sizes("SMD", vtype="UB", t=[2.1, 0.4], n_arm1=[30, 25], n_arm2=[38, 25])
    assert (unbiased.vi > 0).all() and unbiased.yi[0] == found.yi[1]


def test_masked_cells_and_nullable_columns_are_missing_figures():
    masked = np.ma.array([7, 3], mask=[False, True])
    found = effect_sizes("PR", event_arm1=masked, totaln_arm1=pd.Series([60, 40], dtype="Int64"))
    assert found.yi[0] == 7 / 60 and found.refused[0].why == "PR cannot be had from totaln_arm1"
    nullable = effect_sizes("PR", event_arm1=pd.Series([7, None], dtype="Int64"), totaln_arm1=[60, 40])
    assert nullable.refused[0].why == "PR cannot be had from totaln_arm1"


def test_a_missing_overdispersion_is_no_poisson_count():
    found = effect_sizes("IRR", count_arm1=[3, 4], time_arm1=9, count_arm2=2, time_arm2=9, overdispersion=[1.5, np.nan])
    assert found.vi[0] == pytest.approx(1.5 * (1 / 3 + 1 / 2)) and "overdispersion" in found.refused[0].why


def test_if0all_adds_nowhere_without_an_empty_cell():
    full = {name: values[1:] for name, values in EVENTS.items()}
    for to in ("only0", "if0all", "none"):
        assert (effect_sizes("OR", add=0.5, to=to, **full).yi == effect_sizes("OR", **full).yi).all()
    assert (effect_sizes("OR", add=0.5, to="if0all", **EVENTS).yi[1:] != effect_sizes("OR", **full).yi).all()


def test_a_variance_of_another_type_wants_the_figures_of_escalc():
    changes = dict(mean_change_arm1=[4.0], sd_change_arm1=[9.0], n_arm1=[41], mean_change_arm2=[1.0])
    found = effect_sizes("SMD", vtype="UB", sd_change_arm2=[8.0], n_arm2=[38], r_pre_post=[0.5], **changes)
    assert "cannot be had of these figures, which hold" in found.refused[0].why
    of_t = effect_sizes("SMCR", vtype="LS2", t=[2.0], n_arm1=[20], r_pre_post=[0.5])
    assert of_t.vi[0] > 0
    lacking = effect_sizes("MD", vtype="HO", mean_arm1=[1.0], sd_arm1=[1.0], n_arm1=[9], mean_arm2=[0.5], n_arm2=[9])
    assert lacking.refused[0].why.startswith("MD cannot be had from") and np.isnan(lacking.vi[0])


@pytest.mark.parametrize("measure", [measure for measure in MEASURES if measure not in ("MD",)])
def test_every_measure_has_its_types_and_refuses_the_others(measure):
    has = {str(vtype) for of, vtype in KINDS if of == measure}
    for vtype in {"UB", "LS2", "HO", "AV", "AVHO"} - has:
        with pytest.raises(ValueError, match=f"{measure} has no variance of the type {vtype}; it has LS"):
            effect_sizes(measure, vtype=vtype, yi=[1.0])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: effect_sizes("XYZ", yi=[1]), "'XYZ' is not a measure"),
        (lambda: effect_sizes("OR", to="some", **EVENTS), "to is 'some'; it must be one of only0"),
        (lambda: effect_sizes("OR", add=-1, **EVENTS), "add is -1; it must be a finite number of at least 0"),
        (lambda: effect_sizes("MD", add=0.5, mean_arm1=[1]), "MD has no cells"),
        (lambda: effect_sizes("OR", vtype="XX", **EVENTS), "vtype is 'XX'; it must be one of LS"),
        (lambda: effect_sizes("OR", event_arm1=1, totaln_arm1=9, event_arm2=2, totaln_arm2=9), "no column is given"),
        (
            lambda: effect_sizes("PR", event_arm1=[1, 2], totaln_arm1=[9]),
            "different lengths: event_arm1 2, totaln_arm1 1",
        ),
        (lambda: effect_sizes("PR", event_arm1=[[1, 2]], totaln_arm1=[9, 9]), r"event_arm1 has shape \(1, 2\)"),
        (lambda: effect_sizes("PR", event_arm1=["1", "two"], totaln_arm1=[9, 9]), "event_arm1 must hold numbers only"),
        (
            lambda: effect_sizes("PR", event_arm1=pd.Series([1, "2"]), totaln_arm1=[9, 9]),
            "event_arm1 must hold numbers",
        ),
        (lambda: effect_sizes("PR", event_arm1=[True, False], totaln_arm1=[9, 9]), "event_arm1 must hold numbers only"),
        (lambda: effect_sizes("PR", event_arm1=[True, 2], totaln_arm1=[9, 9]), "event_arm1 must hold numbers only"),
        (lambda: effect_sizes("OR", add="half", **EVENTS), "add is 'half'; it must be a finite number"),
        (lambda: effect_sizes("OR", add=True, **EVENTS), "add is True; it must be a finite number"),
        (lambda: effect_sizes("PR", ai=[1], n1i=[9]), "takes a column ai, n1i; PR takes event_arm1, totaln_arm1"),
        (
            lambda: effect_sizes("PR", event_arm1=pd.Series([1, 2]), totaln_arm1=pd.Series([9, 9], index=[5, 6])),
            "the index of totaln_arm1 is another than that of event_arm1",
        ),
    ],
)
def test_what_is_no_table_is_refused(call, told):
    with pytest.raises(ValueError, match=told):
        call()


@pytest.mark.reference
def test_metafor_still_gives_the_stored_values(forked_r, tmp_path):
    output = tmp_path / "columns.json"
    run = forked_r(REFERENCE / "columns.R", output)
    assert run.returncode == 0, run.stderr
    for old, new in zip(STORED["effects"], json.loads(output.read_text())["effects"], strict=True):
        assert (old["set"], old["measure"]) == (new["set"], new["measure"])
        for name in ("yi", "vi"):
            theirs, again = np.array(old[name], float), np.array(new[name], float)
            np.testing.assert_allclose(again, theirs, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (-0.3, "event_arm1 must be at least 0, found -0.3"),
        (10.4, "event_arm1 is 10.4, above totaln_arm1, which is 10"),
        (11, "event_arm1 is 11, above totaln_arm1, which is 10"),
    ],
)
def test_what_is_added_makes_no_impossible_count_possible(event, why):
    made = effect_sizes("OR", add=1, to="all", event_arm1=[event, 4], totaln_arm1=10, event_arm2=[3, 3], totaln_arm2=10)
    assert [(row.position, row.why) for row in made.refused] == [(0, why)]
    assert np.isnan(made.yi[0]) and np.isfinite(made.yi[1])


def test_an_index_with_a_missing_label_is_one_index():
    columns = {name: pd.Series(values, index=[1, np.nan, 2]) for name, values in EVENTS.items()}
    np.testing.assert_array_equal(effect_sizes("RD", **columns).yi, effect_sizes("RD", **EVENTS).yi)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([[1], [2, 3], 4], "several values"),
        (np.array([np.True_, None, 3], dtype=object), "numbers only"),
        ([10**400, 1, 1], "numbers only"),
    ],
)
def test_cells_that_are_no_numbers_are_refused(cells, said):
    with pytest.raises(ValueError, match=f"event_arm1 .*{said}"):
        effect_sizes("RD", **{**EVENTS, "event_arm1": cells})


@pytest.mark.parametrize("add", ["half", None, [0.5, 0.5]])
def test_what_is_added_must_be_one_number(add):
    with pytest.raises(ValueError, match=r"add is .*; it must be a finite number"):
        effect_sizes("OR", add=add, **EVENTS)
