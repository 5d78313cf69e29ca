"""The methods of RevMan: equal to metafor, and right where metafor has no such case."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import numpy as np
import pytest

from taprev.exchange.revman.methods import (
    between_subgroups,
    corrected,
    event_effects,
    inverse_variance,
    mantel_haenszel_pool,
    mean_effects,
    observed_minus_expected,
    peto_pool,
)
from taprev.vocabulary import RevManMeasure, Weighting

PARITY = 1e-9
MEANS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests" / "reference" / "revman.json").read_text())


def column(one, name):
    return np.atleast_1d(np.array(one[name], dtype=float))


def cells(one):
    a, n1, c, n2 = (column(one, name) for name in ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"))
    return np.array([a, n1 - a, c, n2 - c]).T


def pool(result, sets):
    one, measure, random = sets[result["set"]], RevManMeasure(result["measure"]), result["random"]
    if "mean_arm1" in one:
        return inverse_variance(*mean_effects(np.array([column(one, name) for name in MEANS]).T, measure), random)
    table = cells(one)
    if result["weighting"] == Weighting.PETO:
        gap, V = observed_minus_expected(table)
        return peto_pool(gap[V > 0], V[V > 0])
    yi, se = event_effects(table, measure)
    sound = np.isfinite(yi)
    if result["weighting"] == Weighting.MH:
        return mantel_haenszel_pool(table[sound], measure, random)
    return inverse_variance(yi[sound], se[sound], random)


def test_every_pool_equals_metafor(reference):
    sets = {one["id"]: one for one in (*reference["events"], *reference["means"])}
    assert len(reference["results"]) > 250
    kinds = {(one["measure"], one["weighting"], one["random"]) for one in reference["results"]}
    assert len(kinds) == 14
    for result in reference["results"]:
        made = pool(result, sets)
        for name, wanted in result.items():
            if name not in ("set", "measure", "weighting", "random"):
                found = getattr(made, name)
                assert found == pytest.approx(wanted, rel=PARITY, abs=PARITY), (result["set"], result["measure"], name)


@pytest.mark.reference
def test_r_gives_the_same_values_again(root, forked_r, tmp_path):
    made = tmp_path / "revman.json"
    done = forked_r("tests/reference/revman.R", made)
    assert done.returncode == 0, done.stderr
    again, stored = (
        json.loads(path.read_text("utf-8")) for path in (made, root / "tests" / "reference" / "revman.json")
    )
    assert again.pop("versions").keys() == stored.pop("versions").keys()
    ours, theirs = dict(leaves(again)), dict(leaves(stored))
    assert ours.keys() == theirs.keys()
    for place, value in theirs.items():
        assert ours[place] == (pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value), place


def leaves(node: object, place: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """Yield every value of a JSON text with its place: another R may write another last digit."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if parts is None:
        yield place, node
        return
    for name, part in parts:
        yield from leaves(part, (*place, name))


def test_a_published_analysis_is_what_revman_stored():
    """Spinks 2013, Cochrane Database Syst Rev CD000023, analysis 4.3: rheumatic fever in seven trials before 1975."""
    counts = "2 277 5 198; 26 650 12 220; 0 257 2 109; 2 798 17 804; 2 157 1 50; 0 605 2 608; 5 978 35 996"
    a, n1, c, n2 = np.array([[float(n) for n in row.split()] for row in counts.split("; ")]).T
    made = mantel_haenszel_pool(np.array([a, n1 - a, c, n2 - c]).T, RevManMeasure.RR, random=True)
    assert math.exp(made.estimate) == pytest.approx(0.26852367541999833, rel=1e-12)
    assert math.exp(made.ci_lb) == pytest.approx(0.12006602298627181, rel=1e-12)
    assert math.exp(made.ci_ub) == pytest.approx(0.60054428778164, rel=1e-12)
    assert pytest.approx(12.195290766294914, rel=1e-12) == made.Q and made.df == 6
    assert made.tau2 == pytest.approx(0.508448178642633, rel=1e-12)
    assert pytest.approx(50.80068105811242, rel=1e-12) == made.I2
    assert made.z == pytest.approx(3.2016412175438833, rel=1e-12)
    assert made.pval == pytest.approx(0.0013664707783243627, rel=1e-9)
    assert made.weights[0] == pytest.approx(14.056603881001163, rel=1e-12)


def test_the_subgroups_of_a_published_analysis_differ_as_revman_stored():
    """Spinks 2013, Cochrane Database Syst Rev CD000023, analysis 1.4: sore throat on day 3 by throat swab."""
    groups = (
        "119 277 129 198; 21 42 26 40; 13 68 22 41; 13 55 36 55; 18 82 59 91; 89 157 48 50; 42 111 106 118; "
        "13 26 17 24; 2 24 5 23; 102 178 68 83; 39 53 28 43",
        "13 67 16 26; 31 60 29 51; 5 15 10 17; 60 89 74 90; 113 180 63 81; 40 47 10 13",
        "6 52 7 43; 135 215 122 187; 129 256 165 272",
    )
    tables = [np.array([[float(n) for n in row.split()] for row in group.split("; ")]) for group in groups]
    every = [np.array([t[:, 0], t[:, 1] - t[:, 0], t[:, 2], t[:, 3] - t[:, 2]]).T for t in tables]
    pools = [mantel_haenszel_pool(table, RevManMeasure.RR, random=True) for table in every]
    stored = [0.5817579323025055, 0.7828557745870603, 0.8948748908568085]
    assert [math.exp(made.estimate) for made in pools] == pytest.approx(stored, rel=1e-12)
    assert pytest.approx(13.853972946994332, rel=1e-12) == between_subgroups(pools).Q
    whole = mantel_haenszel_pool(np.vstack(every), RevManMeasure.RR, random=True)
    assert (whole.tau2, whole.z) == pytest.approx((0.06791603062321944, 5.462964842493046), rel=1e-12)
    assert sum(whole.weights[:11]) == pytest.approx(54.45084920807346, rel=1e-12)


def test_i_squared_is_the_share_of_q_above_its_degrees_of_freedom():
    made = inverse_variance(np.array([0.0, 1.0, 2.0]), np.array([0.5, 0.5, 0.5]), random=False)
    assert pytest.approx(8) == made.Q and made.df == 2 and pytest.approx(75) == made.I2
    assert inverse_variance(np.array([1.0]), np.array([0.5]), random=True).I2 == 0


def test_a_half_is_added_only_where_an_empty_cell_leaves_no_effect():
    table = np.array([[0, 10, 3, 7], [4, 6, 0, 10], [10, 0, 5, 5], [10, 0, 10, 0], [2, 8, 3, 7]], dtype=float)
    added = {measure: (corrected(table, measure) != table).any(axis=1).tolist() for measure in ("OR", "RR", "RD")}
    assert added == {
        "OR": [True, True, True, True, False],
        "RR": [True, True, False, True, False],
        "RD": [False, False, False, True, False],
    }


def test_a_study_in_which_all_have_the_event_has_a_risk_ratio_and_no_odds_ratio():
    table = np.array([[10, 0, 10, 0]], dtype=float)
    yi, se = event_effects(table, RevManMeasure.RR)
    lower, upper = (math.exp(yi[0] + sign * 1.959964 * se[0]) for sign in (-1, 1))
    assert (yi[0], round(lower, 2), round(upper, 2)) == (0, 0.83, 1.2)
    assert np.isnan(event_effects(table, RevManMeasure.OR)[0][0])
    assert np.isnan(event_effects(np.array([[0, 10, 0, 10]], dtype=float), RevManMeasure.RR)[0][0])


def test_the_risk_difference_has_the_standard_error_of_greenland_and_robins():
    table = np.array([[3, 7, 5, 15], [2, 8, 9, 11]], dtype=float)
    a, b, c, d = table.T
    n1, n2 = a + b, c + d
    J = ((a * b * n2**3 + c * d * n1**3) / (n1 * n2 * (n1 + n2) ** 2)).sum()
    K = (n1 * n2 / (n1 + n2)).sum()
    assert mantel_haenszel_pool(table, RevManMeasure.RD, random=False).se == pytest.approx(math.sqrt(J) / K)


def test_subgroups_that_say_the_same_do_not_differ():
    one = inverse_variance(np.array([0.2, 0.4]), np.array([0.1, 0.2]), random=False)
    assert pytest.approx(0, abs=1e-12) == between_subgroups([one, one]).Q
    other = inverse_variance(np.array([1.2, 1.4]), np.array([0.1, 0.2]), random=False)
    assert pytest.approx((other.estimate - one.estimate) ** 2 / (2 * one.se**2)) == between_subgroups([one, other]).Q
