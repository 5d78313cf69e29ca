"""Measures: equal to escalc, exact in large samples, identities, and refusals."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taprev.effects import effect_size, medians
from taprev.effects.measures import MEASURES, TAKES, hedges_j

PARITY = 1e-12
ARMS = dict(mean_arm1=54.0, sd_arm1=9.0, n_arm1=41, mean_arm2=49.5, sd_arm2=11.0, n_arm2=38)
EVENTS = dict(event_arm1=7, totaln_arm1=60, event_arm2=15, totaln_arm2=58)
PAIRS = dict(mean_arm1=54.0, sd_arm1=9.0, mean_arm2=49.5, sd_arm2=11.0, n_arm1=41, r_pre_post=0.7)


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests" / "reference" / "effects.json").read_text())["cases"]


CASES = (
    *(measure for measure in MEASURES if measure != "GEN"),
    "GEN",
    "SMD_t",
    "SMD_change",
    "SMCR_change",
)


def test_every_measure_has_its_reference(reference):
    assert set(CASES) == set(reference) - {"medians"} and set(MEASURES) <= set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_effects_equal_escalc(reference, case):
    rows = [dict(row) for row in reference[case]]
    assert len(rows) >= 40
    for row in rows:
        yi, vi = row.pop("yi"), row.pop("vi")
        figures = {name.removesuffix("_given"): value for name, value in row.items()}
        es = effect_size(case.split("_")[0], **figures)
        assert es.yi == pytest.approx(yi, rel=PARITY, abs=PARITY)
        assert es.vi == pytest.approx(vi, rel=PARITY, abs=0)


@pytest.mark.parametrize("kind", ["quartiles", "extremes", "five"])
def test_medians_equal_the_published_formulas(reference, kind):
    quartiles, extremes = ("q1", "median", "q3"), ("min", "median", "max")
    skewed = 0
    for row in reference["medians"]:
        names = {"quartiles": quartiles, "extremes": extremes, "five": ("min", "q1", "median", "q3", "max")}[kind]
        figures = {f"{name}_arm1": row[name] for name in names}
        arguments = {{"min": "minimum", "max": "maximum"}.get(name, name): row[name] for name in names}
        statistic, critical = medians.skewness(row["n"], **arguments)
        assert statistic == pytest.approx(row[f"skew_{kind}"], rel=PARITY)
        assert critical == pytest.approx(row[f"critical_{kind}"], rel=PARITY)
        if statistic >= critical:
            skewed += 1
            with pytest.raises(ValueError, match="the scores of arm1 are skewed"):
                effect_size("MN", n_arm1=row["n"], **figures)
            continue
        es = effect_size("MN", n_arm1=row["n"], **figures)
        assert es.yi == pytest.approx(row[f"mean_{kind}"], rel=PARITY)
        assert es.vi == pytest.approx(row[f"sd_{kind}"] ** 2 / row["n"], rel=PARITY)
    assert 0 < skewed < 20


def test_the_test_of_skewness_rejects_one_normal_sample_in_twenty():
    rng = np.random.default_rng(20260101)
    for n, samples in ((41, 4000), (201, 2000)):
        q1, median, q3 = np.quantile(rng.normal(size=(samples, n)), (0.25, 0.5, 0.75), axis=1)
        statistic, critical = abs(q1 + q3 - 2 * median) / (q3 - q1), medians.skewness(n, 5, 3, 8)[1]
        assert 0.03 < (statistic >= critical).mean() < 0.07


@pytest.mark.reference
def test_the_reference_of_effects_is_what_r_gives(forked_r, tmp_path, reference):
    out = tmp_path / "effects.json"
    done = forked_r("tests/reference/effects.R", out)
    assert done.returncode == 0, done.stderr
    anew = json.loads(out.read_text())["cases"]
    assert anew.keys() == reference.keys()
    for case, rows in reference.items():
        for one, other in zip(rows, anew[case], strict=True):
            assert one == pytest.approx(other, rel=1e-13)


@pytest.mark.parametrize("m", [1.0001, 1.5, 2, 3, 7, 49, 49.999, 50, 51, 98, 399, 1e3, 12345, 1e5, 1e6, 1e7, 1e8])
def test_the_correction_j_is_exact_to_the_last_digits(m):
    with mpmath.workdps(60):
        half = mpmath.mpf(m) / 2
        exact = mpmath.gammaprod([half], [half - mpmath.mpf(0.5)]) / mpmath.sqrt(half)
        assert abs(hedges_j(m) / exact - 1) < 1e-15


def test_the_variance_of_smdh_is_that_of_bonett():
    """Bonett 2009, J Educ Behav Stat 34:225, with the corrected difference, in 60 digits."""
    with mpmath.workdps(60):
        m1, sd1, n1, m2, sd2, n2 = map(mpmath.mpf, (10, 2, 10, 8, 3, 10))
        square, df = (sd1**2 + sd2**2) / 2, n1 + n2 - 2
        yi = mpmath.gammaprod([df / 2], [(df - 1) / 2]) / mpmath.sqrt(df / 2) * (m1 - m2) / mpmath.sqrt(square)
        spread = (sd1**4 / (n1 - 1) + sd2**4 / (n2 - 1)) * yi**2 / (8 * square**2)
        vi = spread + (sd1**2 / (n1 - 1) + sd2**2 / (n2 - 1)) / square
        es = effect_size("SMDH", mean_arm1=10, sd_arm1=2, n_arm1=10, mean_arm2=8, sd_arm2=3, n_arm2=10)
        assert abs(es.yi / yi - 1) < 1e-14 and abs(es.vi / vi - 1) < 1e-14
    assert es.vi == pytest.approx(0.2402180, abs=5e-8)


def test_the_variance_of_smcrh_is_that_of_bonett():
    """Bonett 2008, equation 13, with the corrected effect, in 60 digits."""
    with mpmath.workdps(60):
        after, before, n, r = map(mpmath.mpf, ("54", "49.5", "12", "0.7"))
        sd1, sd2, df = mpmath.mpf(9), mpmath.mpf(11), mpmath.mpf(11)
        yi = mpmath.gammaprod([df / 2], [(df - 1) / 2]) / mpmath.sqrt(df / 2) * (after - before) / sd2
        vi = (sd1**2 + sd2**2 - 2 * r * sd1 * sd2) / (sd2**2 * (n - 1)) + yi**2 / (2 * (n - 1))
        es = effect_size("SMCRH", **{**PAIRS, "n_arm1": 12})
        assert abs(es.yi / yi - 1) < 1e-14 and abs(es.vi / vi - 1) < 1e-14


def test_the_variance_of_smd1h_is_that_of_bonett():
    """Bonett 2008, of Glass's delta where SDs differ, with the corrected effect, in 60 digits."""
    with mpmath.workdps(60):
        mean1, sd1, n1, mean2, sd2, n2 = map(mpmath.mpf, ("54", "9", "12", "49.5", "11", "20"))
        df1, df2 = n1 - 1, n2 - 1
        yi = mpmath.gammaprod([df2 / 2], [(df2 - 1) / 2]) / mpmath.sqrt(df2 / 2) * (mean1 - mean2) / sd2
        vi = sd1**2 / (sd2**2 * df1) + 1 / df2 + yi**2 / (2 * df2)
        arms = {"mean_arm1": 54, "sd_arm1": 9, "n_arm1": 12, "mean_arm2": 49.5, "sd_arm2": 11, "n_arm2": 20}
        es = effect_size("SMD1H", **arms)
        assert abs(es.yi / yi - 1) < 1e-14 and abs(es.vi / vi - 1) < 1e-14


def test_with_equal_sds_glass_delta_has_its_usual_variance_but_for_n_less_one():
    equal = {**ARMS, "sd_arm1": ARMS["sd_arm2"]}
    one, other = effect_size("SMD1H", **equal), effect_size("SMD1", **equal)
    assert one.yi == pytest.approx(other.yi, rel=PARITY)
    most = max(n / (n - 1) for n in (equal["n_arm1"], equal["n_arm2"]))
    assert other.vi < one.vi <= most * other.vi


def test_the_correction_j_rises_towards_one():
    values = [hedges_j(m) for m in np.linspace(1.5, 120, 400)]
    assert all(one < other < 1 for one, other in pairwise(values))
    with pytest.raises(ValueError, match="more than 1 degree of freedom"):
        hedges_j(1)


def swapped(figures: dict[str, float]) -> dict[str, float]:
    other = {"arm1": "arm2", "arm2": "arm1"}
    return {f"{name[:-4]}{other[name[-4:]]}": value for name, value in figures.items()}


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        *((measure, ARMS) for measure in ("MD", "SMD", "SMDH", "ROM")),
        ("IRD", dict(count_arm1=9, time_arm1=310.5, count_arm2=14, time_arm2=290.0)),
        *((measure, EVENTS) for measure in ("OR", "RR", "RD", "PETO")),
        ("IRR", dict(count_arm1=9, time_arm1=310.5, count_arm2=14, time_arm2=290.0)),
    ],
)
def test_swapping_the_arms_turns_the_sign(measure, figures):
    one, other = effect_size(measure, **figures), effect_size(measure, **swapped(figures))
    assert other.yi == pytest.approx(-one.yi, rel=PARITY) and other.vi == pytest.approx(one.vi, rel=PARITY)


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        ("SMD", ARMS),
        ("SMDH", ARMS),
        ("ROM", ARMS),
        ("SMCR", PAIRS),
        ("SMCC", PAIRS),
    ],
)
@given(scale=st.floats(1e-6, 1e6))
def test_a_standardised_effect_does_not_depend_on_the_unit(measure, figures, scale):
    scaled = {n: v * scale if n.startswith(("mean", "sd")) else v for n, v in figures.items()}
    one, other = effect_size(measure, **figures), effect_size(measure, **scaled)
    assert other.yi == pytest.approx(one.yi, rel=1e-11) and other.vi == pytest.approx(one.vi, rel=1e-11)


@pytest.mark.parametrize(("measure", "figures"), [("MD", ARMS), ("SMD", ARMS), ("SMDH", ARMS), ("MC", PAIRS)])
def test_a_difference_does_not_depend_on_the_origin(measure, figures):
    moved = {n: v + 100 if n.startswith("mean") else v for n, v in figures.items()}
    one, other = effect_size(measure, **figures), effect_size(measure, **moved)
    assert (one.yi, one.vi) == pytest.approx((other.yi, other.vi), rel=PARITY)


def test_relations_between_measures():
    odds, risks = effect_size("OR", **EVENTS), effect_size("RR", **EVENTS)
    logits = [
        effect_size("PLO", event_arm1=EVENTS[f"event_{a}"], totaln_arm1=EVENTS[f"totaln_{a}"]) for a in ("arm1", "arm2")
    ]
    logs = [
        effect_size("PLN", event_arm1=EVENTS[f"event_{a}"], totaln_arm1=EVENTS[f"totaln_{a}"]) for a in ("arm1", "arm2")
    ]
    for contrast, (one, other) in ((odds, logits), (risks, logs)):
        assert contrast.yi == pytest.approx(one.yi - other.yi, rel=PARITY)
        assert contrast.vi == pytest.approx(one.vi + other.vi, rel=PARITY)
    assert effect_size("SMD", **{**ARMS, "sd_arm2": 9.0}).yi == pytest.approx(
        effect_size("SMDH", **{**ARMS, "sd_arm2": 9.0}).yi, rel=PARITY
    )


def test_change_scores_and_their_t_give_the_same_effect():
    change = dict(mean_change_arm1=4.5, sd_change_arm1=7.0, n_arm1=41)
    t = 4.5 / (7.0 / math.sqrt(41))
    for measure, more in (("SMCR", {"r_pre_post": 0.7}), ("SMCC", {})):
        one, other = (effect_size(measure, **figures, **more) for figures in (change, dict(t=t, n_arm1=41)))
        assert (one.yi, one.vi) == pytest.approx((other.yi, other.vi), rel=PARITY)
    equal = {**PAIRS, "sd_arm1": 11.0}
    whole = effect_size("SMCR", **equal)
    sd = math.sqrt(2 * (1 - 0.7)) * 11.0
    split = effect_size("SMCR", mean_change_arm1=4.5, sd_change_arm1=sd, n_arm1=41, r_pre_post=0.7)
    assert (whole.yi, whole.vi) == pytest.approx((split.yi, split.vi), rel=PARITY)


def test_two_changes_without_a_change_in_one_arm():
    """With r = 1/2 and no change in the comparator, the PPC is the SMD of the two changes."""
    before = dict(mean_pre_arm1=40.0, sd_pre_arm1=9.0, n_arm1=41, mean_pre_arm2=42.0, sd_pre_arm2=11.0, n_arm2=38)
    es = effect_size("PPC", mean_post_arm1=46.0, mean_post_arm2=42.0, r_pre_post=0.5, **before)
    smd = effect_size("SMD", **{**ARMS, "mean_arm1": 6.0, "mean_arm2": 0.0})
    assert (es.yi, es.vi) == pytest.approx((smd.yi, smd.vi), rel=PARITY)


def test_symmetric_quartiles_have_their_median_as_mean():
    es = effect_size("MN", median_arm1=20, q1_arm1=14, q3_arm1=26, n_arm1=60)
    assert es.yi == pytest.approx(20, rel=PARITY)
    arms = {
        f"{name}_{arm}": value
        for arm in ("arm1", "arm2")
        for name, value in (("median", 20), ("q1", 14), ("q3", 26), ("n", 60))
    }
    assert effect_size("SMD", **arms).yi == 0


@pytest.mark.parametrize("measure", ["OR", "RR", "PLN", "PLO"])
def test_an_empty_cell_has_no_ratio_and_nothing_is_added(measure):
    taken = {n: v for n, v in EVENTS.items() if any(n in TAKES[f][1] for f in MEASURES[measure])}
    with pytest.raises(ValueError, match=r"event_arm1 is 0.*nothing is added"):
        effect_size(measure, **{**taken, "event_arm1": 0})


def test_everybody_with_the_event_has_no_odds():
    for measure in ("OR", "PLO"):
        taken = EVENTS if measure == "OR" else dict(event_arm1=60, totaln_arm1=60)
        with pytest.raises(ValueError, match="everybody in arm1 has the event"):
            effect_size(measure, **{**taken, "event_arm1": 60})
    assert effect_size("RR", **{**EVENTS, "event_arm1": 60}).vi > 0


def test_differences_and_peto_take_an_empty_cell():
    for measure in ("RD", "PETO"):
        assert effect_size(measure, **{**EVENTS, "event_arm1": 0}).yi < 0
        with pytest.raises(ValueError, match=r"nobody has the event|no positive, finite variance"):
            effect_size(measure, **{**EVENTS, "event_arm1": 0, "event_arm2": 0})


@pytest.mark.parametrize(
    ("measure", "figures", "said"),
    [
        ("SMX", {}, "is not a measure"),
        ("SMD", {"t": 2.0}, "cannot be had from t"),
        (
            "MD",
            dict(mean_arm1=1, sd_arm1=0, n_arm1=9, mean_arm2=1, sd_arm2=1, n_arm2=9),
            "sd_arm1 must be above 0",
        ),
        (
            "MD",
            dict(mean_arm1=1, sd_arm1=1, n_arm1=1, mean_arm2=1, sd_arm2=1, n_arm2=9),
            "n_arm1 must be at least 2",
        ),
        ("SMCR", dict(t=2.0, n_arm1=2, r_pre_post=0.5), "more than 1 degree of freedom"),
        ("SMCR", dict(t=2.0, n_arm1=9, r_pre_post=1.0), "between -1 and 1"),
        ("GEN", dict(yi=float("nan"), vi=1.0), "yi must be a finite number"),
        ("GEN", dict(yi=1.0, vi=0.0), "vi must be above 0"),
        ("OR", {**EVENTS, "event_arm2": 59}, "event_arm2 is 59, above totaln_arm2, which is 58"),
        ("RD", {**EVENTS, "event_arm1": -1}, "event_arm1 must be at least 0, found -1"),
        ("IRR", dict(count_arm1=0, time_arm1=9, count_arm2=3, time_arm2=9), "a count of zero"),
        ("IRR", dict(count_arm1=-2, time_arm1=9, count_arm2=3, time_arm2=9), "count_arm1 must be at least 0"),
        ("IRR", dict(count_arm1=2, time_arm1=0, count_arm2=3, time_arm2=9), "time_arm1 must be above 0"),
        ("ROM", {**ARMS, "mean_arm2": -3.0}, "needs means above 0, found mean_arm2 = -3"),
        ("ZCOR", dict(r=1.0, n_arm1=30), "r must lie between -1 and 1"),
        ("COR", dict(r=0.2, n_arm1=3), "needs at least 4 people, found n_arm1 = 3"),
        ("SMCC", {**PAIRS, "r_pre_post": -1}, "r_pre_post must lie between -1 and 1"),
        ("PETO", dict(event_arm1=9, totaln_arm1=9, event_arm2=8, totaln_arm2=8), "everybody has the event"),
        ("MN", dict(median_arm1=5, q1_arm1=6, q3_arm1=9, n_arm1=40), "q1_arm1 is 6, above median_arm1"),
        ("MN", dict(median_arm1=5, q1_arm1=5, q3_arm1=5, n_arm1=40), "no spread is printed"),
        ("MN", dict(median_arm1=5, q1_arm1=4, n_arm1=40), "median_arm1 gives a mean only with"),
        ("MN", dict(median_arm1=5, q1_arm1=4, q3_arm1=6, n_arm1=4), "at least 5 people in arm1"),
        ("MN", dict(median_arm1=5, mean_arm1=5, sd_arm1=1, n_arm1=4), "MN cannot be had from"),
        ("MD", {**ARMS, "sd_arm1": "9"}, "sd_arm1 must be a finite number, found 9"),
    ],
)
def test_impossible_figures_are_refused_with_a_sentence(measure, figures, said):
    with pytest.raises(ValueError, match=said):
        effect_size(measure, **figures)


def test_numbers_of_numpy_are_numbers():
    numpy = pytest.importorskip("numpy")
    es = effect_size("SMCR", t=numpy.float64(9.26), n_arm1=numpy.int64(50), r_pre_post=0.5)
    assert es.yi == pytest.approx(1.2894, abs=5e-5)


NAMES = sorted({name for _, taken in TAKES.values() for name in taken} | {"median_arm1", "q1_arm1", "q3_arm1"})
wild = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.integers(-3, 10**9), st.floats(-1, 1), st.just(10**400)
)


@given(st.sampled_from([(m, f) for m, formulas in MEASURES.items() for f in formulas]), st.data())
def test_wild_figures_give_a_finite_effect_or_a_sentence(chosen, data):
    measure, formula = chosen
    needed = sorted(TAKES[formula][0])
    figures = {name: data.draw(wild, label=name) for name in needed}
    finite_effect_or_sentence(measure, figures)


@given(st.sampled_from(sorted(MEASURES)), st.dictionaries(st.sampled_from(NAMES), wild, max_size=9))
def test_any_figures_give_a_finite_effect_or_a_sentence(measure, figures):
    finite_effect_or_sentence(measure, figures)


positive = st.floats(1e-300, 1e300)


@given(st.sampled_from([(m, f) for m, formulas in MEASURES.items() for f in formulas]), st.data())
def test_extreme_but_possible_figures_give_a_finite_effect_or_a_sentence(chosen, data):
    measure, formula = chosen
    draw = {"r": st.floats(-1, 1, exclude_min=True, exclude_max=True)}
    draw |= {"r_pre_post": draw["r"]}
    figures = {name: data.draw(draw.get(name, positive), label=name) for name in sorted(TAKES[formula][0])}
    for arm in ("arm1", "arm2"):
        if f"event_{arm}" in figures:
            figures[f"event_{arm}"] = min(figures[f"event_{arm}"], figures[f"totaln_{arm}"])
    finite_effect_or_sentence(measure, figures)


@pytest.mark.parametrize("name", ["count_both", "count_arm1", "count_arm2", "count_neither"])
@pytest.mark.parametrize("measure", ["MPRD", "MPRR", "MPOR", "MPORC", "MPPETO"])
def test_a_negative_count_of_pairs_is_refused(measure, name):
    pairs = {"count_both": 9, "count_arm1": 4, "count_arm2": 3, "count_neither": 8} | {name: -1}
    with pytest.raises(ValueError, match=f"{name} must be at least 0, found -1"):
        effect_size(measure, **pairs)


def finite_effect_or_sentence(measure: str, figures: dict) -> None:
    try:
        es = effect_size(measure, **figures)
    except ValueError as error:
        assert "math domain" not in str(error) and "expected a" not in str(error)
    else:
        assert math.isfinite(es.yi) and math.isfinite(es.vi) and es.vi > 0
