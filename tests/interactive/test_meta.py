"""A meta-analysis of a data frame: metafor's numbers under metafor's names, and a sentence for what is no number."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest

import taprev
from helpers import REFERENCE


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "mixed_effects.json").read_text("utf-8"))


@pytest.fixture
def bcg() -> pd.DataFrame:
    """The thirteen trials of Colditz and others 1994, with latitude and allocation."""
    alone, two = (next(one for one in stored()["cases"] if one["id"] == name) for name in ("bcg", "bcg-two"))
    _, latitude, random, systematic = np.array(two["X"]).T
    allocation = np.select([random == 1, systematic == 1], ["random", "systematic"], "alternate")
    return pd.DataFrame({"yi": alone["yi"], "vi": alone["vi"], "ablat": latitude, "alloc": allocation})


def of_metafor(name: str, method: str, test: str, part: str = "fits") -> dict:
    return next(one for one in stored()[part] if (one["id"], one["method"], one["test"]) == (name, method, test))


def test_the_names_are_those_of_metafor(bcg):
    made, wanted = taprev.meta(bcg), of_metafor("bcg", "REML", "knha")
    assert (made.test, made.k) == ("knha", 13)
    assert [made.tau2, made.I2, made.H2, made.QE] == pytest.approx([wanted[n] for n in ("tau2", "I2", "H2", "QE")])
    row = made.coefficients.loc["intercept"]
    assert list(row.index) == ["estimate", "se", "tval", "df", "pval", "ci_lb", "ci_ub"]
    assert [row["estimate"], row["se"], row["ci_lb"]] == pytest.approx([wanted[n] for n in ("beta", "se", "ci_lb")])
    assert made.weights.sum() == pytest.approx(100)
    with pytest.raises(AttributeError):
        _ = made.tau3


@pytest.mark.parametrize("mods", ["~ ablat + alloc", "~ 1 + ablat + C(alloc)", ["ablat", "alloc"]])
def test_moderators_are_a_formula_or_names_and_words_become_groups(bcg, mods):
    made, wanted = taprev.meta(bcg, mods=mods, test="z"), of_metafor("bcg-two", "REML", "z")
    assert made.beta == pytest.approx(np.ravel(wanted["beta"]), rel=1e-6)
    assert pytest.approx(of_metafor("bcg-two", "REML", "z", "omnibus")["QM"], rel=1e-6) == made.QM
    assert "zval" in made.coefficients and "df" not in made.coefficients and made.weights is None
    told = made.predict(bcg[["ablat", "alloc"]].head(3))
    assert told["pred"].to_numpy() == pytest.approx(wanted["pred"], rel=1e-6)
    assert list(told.columns) == ["pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub"]


def test_a_mean_for_each_group_without_an_intercept(bcg):
    made = taprev.meta(bcg, mods="~ 0 + alloc", method="DL", test="t")
    assert made.beta == pytest.approx(np.ravel(of_metafor("bcg-groups", "DL", "t")["beta"]), rel=1e-8)


def test_standard_errors_a_common_effect_and_weights_of_ones_own(bcg):
    people = next(one for one in stored()["cases"] if one["id"] == "bcg-alone")["weights"]
    data = bcg.assign(se=np.sqrt(bcg["vi"]), people=people)
    common = taprev.meta(data, sei="se", method="EE", test="z")
    assert common.beta[0] == pytest.approx(of_metafor("bcg", "EE", "z")["beta"])
    assert {taprev.meta(data, method=name).beta[0] for name in ("CE", "FE")} == {common.beta[0]}
    own = taprev.meta(data, weights="people", test="t")
    assert own.beta[0] == pytest.approx(of_metafor("bcg-alone", "REML", "t")["beta"])


def test_levels_and_transformations_are_as_in_metafor(bcg):
    assert taprev.meta(bcg, level=90).ci_lb[0] == taprev.meta(bcg, level=0.9).ci_lb[0]
    made = taprev.meta(bcg)
    plain, turned = made.predict().iloc[0], made.predict(transf=np.exp).iloc[0]
    assert turned["ci_lb"] == pytest.approx(np.exp(plain["ci_lb"])) and np.isnan(turned["se"])
    falling = made.predict(transf=lambda effect: -effect).iloc[0]
    with pytest.raises(ValueError, match="transf is 'exp'; it must be a function"):
        made.predict(transf="exp")
    assert (falling["ci_lb"], falling["ci_ub"]) == pytest.approx((-plain["ci_ub"], -plain["ci_lb"]))
    narrow = made.predict(level=50).iloc[0]
    assert plain["ci_lb"] < narrow["ci_lb"] < narrow["ci_ub"] < plain["ci_ub"]


def test_it_is_printed_and_shown_with_what_was_done(bcg):
    made = taprev.meta(bcg, mods="~ ablat")
    said = str(made)
    assert "Mixed-effects model, k = 13, restricted maximum likelihood (REML), test knha" in said
    assert "QE(11) = 30.7331, p = 0.001" in said and "Moderators: F(1, 11) = " in said
    named = bcg.rename(columns={"ablat": "<b>"})
    assert "&lt;b&gt;" in taprev.meta(named, mods=["<b>"])._repr_html_()
    assert str(taprev.meta(bcg, method="EE")).startswith("Common-effect model, k = 13, one effect common")


def test_every_cell_that_is_no_number_is_named(bcg):
    broken = bcg.astype(object)
    broken.loc[0, "yi"], broken.loc[1, "vi"], broken.loc[2, "vi"] = "-0,94", None, True
    broken.loc[3, "yi"], broken.loc[4, "vi"] = np.inf, np.nan
    with pytest.raises(ValueError) as refused:
        taprev.meta(broken.assign(trial=[f"T{number}" for number in range(13)]), slab="trial")
    for said in (
        'row T0, column yi: found the text "-0,94"',
        "row T1, column vi: found nothing",
        "row T2, column vi: found the truth value True",
        "row T3, column yi: found inf",
        "row T4, column vi: found nothing (NaN)",
    ):
        assert said in str(refused.value)


def test_a_column_of_truth_values_and_a_nullable_one_are_refused(bcg):
    with pytest.raises(ValueError, match="row 0, column yi: found the truth value"):
        taprev.meta(bcg.assign(yi=bcg["yi"] > 0))
    missing = bcg["yi"].astype("Float64")
    missing[5] = pd.NA
    with pytest.raises(ValueError, match="row 5, column yi: found nothing"):
        taprev.meta(bcg.assign(yi=missing))
    whole = taprev.meta(bcg.assign(yi=bcg["yi"].astype("Float64")))
    assert whole.tau2 == taprev.meta(bcg).tau2


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"yi": "effect"}, "the data have no column effect; their columns are yi, vi, ablat, alloc"),
        ({"mods": "yi ~ ablat"}, "write the right side alone"),
        ({"mods": "~ latitude"}, "the data have no column latitude"),
        ({"mods": "~ ablat +"}, "the formula of the moderators cannot be used"),
        ({"mods": "~ ablat + I("}, "the formula of the moderators cannot be used"),
        ({"mods": "~ ablat + twice"}, "the design is singular"),
        ({"mods": "~ gone"}, "the moderator gone is missing in row 2"),
        ({"mods": "~ yes"}, "the moderator yes holds truth values"),
        ({"method": "DLIT"}, "method is 'DLIT'"),
        ({"method": "GENQ"}, "give weights"),
        ({"test": "hksj"}, "test is 'hksj'"),
        ({"level": 120}, "level is 120"),
        ({"vi": "ablat0"}, "column ablat0 must be above 0; it is not in row 0"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(bcg, how, said):
    data = bcg.assign(
        twice=2 * bcg["ablat"],
        gone=bcg["ablat"].where(bcg.index != 2),
        yes=bcg["ablat"] > 20,
        ablat0=bcg["ablat"].where(bcg.index != 0, 0.0),
    )
    used = data if how.get("mods", "").split()[-1:] in (["twice"], ["gone"], ["yes"]) or "vi" in how else bcg
    with pytest.raises(ValueError, match="^[^\n]*" + said.replace("(", "\\(")):
        taprev.meta(used, **how)


def test_predictions_need_values_that_the_model_knows(bcg):
    made = taprev.meta(bcg, mods="~ ablat + alloc")
    with pytest.raises(ValueError, match="give newmods, a data frame with the columns ablat, alloc"):
        made.predict()
    with pytest.raises(ValueError, match="no column alloc"):
        made.predict(pd.DataFrame({"ablat": [10.0]}))
    with pytest.raises(ValueError, match="the levels alternate, random, systematic, and not by chance"):
        made.predict(pd.DataFrame({"ablat": [10.0], "alloc": ["by chance"]}))
    with pytest.raises(ValueError, match="the moderator ablat is missing in row 0"):
        made.predict(pd.DataFrame({"ablat": [np.nan], "alloc": ["random"]}))


def test_what_is_no_data_frame_is_refused():
    with pytest.raises(ValueError, match="data is a dict; it must be a pandas DataFrame"):
        taprev.meta({"yi": [1.0], "vi": [1.0]})


def test_new_values_that_are_no_data_frame_and_a_column_that_is_there_twice_are_refused(bcg):
    with pytest.raises(ValueError, match="newmods is a list; it must be a pandas DataFrame"):
        taprev.meta(bcg, mods="~ ablat").predict([1, 2])
    with pytest.raises(ValueError, match="the data have two columns yi; rename one of them"):
        taprev.meta(pd.concat([bcg, bcg["yi"]], axis=1))


def test_what_metafor_says_beside_an_estimate_is_asked_under_its_names(bcg):
    told = json.loads((REFERENCE / "estimation.json").read_text("utf-8"))
    made = taprev.meta(bcg, test="z")
    wanted = next(
        one for one in told["fits"] if one["id"] == "bcg" and one["method"] == "REML" and not one["moderated"]
    )
    ours = [made.se_tau2, made.ll, made.AIC, made.BIC, made.fitstats().AICc]
    assert ours == pytest.approx([wanted[name] for name in ("se_tau2", "ll", "AIC", "BIC", "AICc")], rel=1e-6)
    assert made.blup()["pred"].to_numpy() == pytest.approx(wanted["blup"], rel=1e-6)
    bounds = next(one for one in told["profiled"] if one["id"] == "bcg" and one["method"] == "REML")
    assert made.confint("PL").loc["tau2", "ci_ub"] == pytest.approx(bounds["tau2_ub"], rel=1e-6)
    assert made.confint().loc["I2", "ci_lb"] == pytest.approx(bounds["qp"][1], rel=1e-6)
    copas = next(one for one in told["copas"] if one["id"] == "bcg")
    assert (made.hc().ci_lb, made.hc().ci_ub) == pytest.approx((copas["ci_lb"], copas["ci_ub"]), rel=1e-6)
    common = taprev.meta(bcg, method="EE")
    assert common.se_tau2 is None
    assert taprev.meta(bcg, method="EB").tau2 == taprev.meta(bcg, method="PM").tau2


def test_intervals_at_several_levels_are_those_of_each(bcg):
    made = taprev.meta(bcg, mods="~ ablat")
    new = pd.DataFrame({"ablat": [20, 40]}, index=["south", "north"])
    table = made.intervals((0.5, 95), new)
    assert table.loc[("north", 0.95)].to_dict() == made.predict(new, 0.95).loc["north"].to_dict()
    alone = taprev.meta(bcg).intervals()
    assert (alone["ci_lb"].diff().dropna() < 0).all() and (alone["pi_ub"].diff().dropna() > 0).all()


def test_contrasts_are_by_name_or_by_factors_and_tested_together(bcg):
    made = taprev.meta(bcg, mods="~ alloc", test="knha")
    names = list(made.design.names)
    table = made.contrasts({names[1]: 1}, [0, 0, 1])
    assert table.loc["all 2", "stat"] == pytest.approx(made.QM) and table.loc["all 2", "pval"] == pytest.approx(
        made.QM_pval
    )
    assert table["se"].to_numpy()[:2] == pytest.approx(made.se[1:])
    difference = made.contrasts({names[1]: 1, names[2]: -1})
    assert difference.loc[0, "estimate"] == pytest.approx(made.beta[1] - made.beta[2])


def test_permutations_follow_the_model_that_was_fitted(bcg):
    few = bcg.head(7)
    signs, orders = taprev.meta(few, method="DL").permutest(), taprev.meta(few, mods="~ alloc", method="DL").permutest()
    assert (signs.arrangements, signs.exact) == (128, True)
    assert signs.ci_lb < taprev.meta(few, method="DL").beta[0] < signs.ci_ub
    assert orders.exact and orders.arrangements < 128 and orders.QM_pval is not None


def test_a_location_scale_model_has_two_tables(bcg):
    spread = taprev.location_scale(bcg, mods="~ ablat", scale="~ ablat")
    assert list(spread.coefficients.index) == list(spread.scale_coefficients.index) == ["intercept", "ablat"]
    assert len(spread.tau2) == 13 and "One variance for all" in str(spread)
    near = spread.predict(pd.DataFrame({"ablat": [20]}), 80)
    assert near.loc[0, "pi_lb"] < near.loc[0, "ci_lb"] < near.loc[0, "pred"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda d: taprev.meta(d).confint("HT"), "it must be QP"),
        (lambda d: taprev.meta(d, method="DL").confint("PL"), "must be one of REML, ML"),
        (lambda d: taprev.meta(d).contrasts(), "one or more contrasts"),
        (lambda d: taprev.meta(d).contrasts([1, 2]), "has 2 factors; the model has 1 coefficients"),
        (lambda d: taprev.meta(d).contrasts([float("nan")]), "must be a list of finite numbers"),
        (lambda d: taprev.meta(d).contrasts({"intercept": "1"}), "must be a list of finite numbers"),
        (lambda d: taprev.meta(d).contrasts([True]), "must be a list of finite numbers"),
        (lambda d: taprev.meta(d, mods="~ ablat").contrasts([[1, 0], [0, 1]]), "as arguments of their own"),
        (lambda d: taprev.meta(d).contrasts(None), "must be a list of finite numbers"),
        (lambda d: taprev.meta(d).intervals(0.9), "one or more in a list"),
        (lambda d: taprev.meta(d).intervals(()), "one or more in a list"),
        (lambda d: taprev.meta(d, mods=3), "mods is 3; it must be a formula"),
        (lambda d: taprev.meta(d).contrasts({"latitude": 1}), "no coefficient is called latitude"),
        (lambda d: taprev.meta(d, mods="~ ablat").hc(), "without moderators"),
        (lambda d: taprev.meta(d, weights="ablat").blup(), "rests on the weights of the model"),
        (lambda d: taprev.meta(d, weights="ablat").permutest(), "rests on the weights of the model"),
        (lambda d: taprev.location_scale(d, scale="~ south"), "no column south"),
        (lambda d: taprev.location_scale(d, scale="~ ablat", method="DL"), "must be one of REML, ML"),
        (lambda d: taprev.location_scale(d, scale="~ ablat").predict({"ablat": 3}), "must be a pandas DataFrame"),
    ],
)
def test_what_a_model_cannot_be_asked_is_said(bcg, asked, said):
    with pytest.raises(ValueError, match=said):
        asked(bcg)
