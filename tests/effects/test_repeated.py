"""The cells for covariates and repeated measures: what is corrected, what is said, and what never changes."""

from __future__ import annotations

import math

import pytest

from taprev.effects import effect_size
from taprev.effects.derive import derive
from taprev.extraction.tables import columns
from taprev.settings import Assumptions
from taprev.wording.notes import sentences


@pytest.fixture(scope="module")
def blank(root):
    return dict.fromkeys(columns(root / "data" / "extracted", "outcomes"), "") | {
        "better": "higher",
        "direction": "better",
    }


@pytest.fixture(scope="module")
def pairs(blank):
    """The same people before and after, a printed t of 2.40 of 40 of them."""
    return blank | {
        "contrast": "before_after",
        "pairing": "matched",
        "statistic": "t",
        "t": "2.40",
        "n_arm1": "40",
        "r_pre_post": "0.60",
    }


def cell(row, word):
    return derive(row | {"allows_for_repeated_measures": word}, "smd", Assumptions())


def test_a_t_of_independent_samples_gives_the_change_that_the_means_give(pairs):
    """Means 12 and 10 with SDs of 4 have t = 2 / (4 sqrt(2/40)) as two samples, whatever the correlation."""
    t = 2 / (4 * math.sqrt(2 / 40))
    effect = cell(pairs | {"t": repr(t)}, "no")
    means = dict(mean_arm1=12, mean_arm2=10, sd_arm2=4, n_arm1=40, r_pre_post=0.6)
    wanted = effect_size("SMCR", **means)
    assert (effect.yi, effect.vi) == pytest.approx((wanted.yi, wanted.vi), rel=1e-12)
    assert sentences(effect.assumptions) == [
        "the analysis takes before and after of the same people as independent, and is turned into one of pairs by "
        "their correlation, 0.6"
    ]


def test_an_interval_and_a_p_of_independent_samples_have_their_degrees_of_freedom(pairs):
    from scipy.special import stdtr, stdtrit

    t = cell(pairs, "no")
    p = 2 * float(stdtr(78, -2.40))
    by_p = cell(pairs | {"t": "", "statistic": "p", "p": repr(p), "df1": "1"}, "no")
    half = float(stdtrit(78, 0.975)) * 5 / 2.40
    limits = {"md": "5", "ci_lb": repr(5 - half), "ci_ub": repr(5 + half)}
    by_interval = cell(pairs | {"t": "", "statistic": "mean_difference"} | limits, "no")
    assert by_p.yi == pytest.approx(t.yi, rel=1e-9) and by_interval.yi == pytest.approx(t.yi, rel=1e-9)


def test_the_variance_of_a_difference_of_independent_samples_becomes_that_of_pairs(pairs):
    row = pairs | {"t": "", "statistic": "mean_difference", "md": "2.0", "se": "0.80"}
    paired = derive(row, "md", Assumptions())
    independent = derive(row | {"allows_for_repeated_measures": "no"}, "md", Assumptions())
    assert independent.vi == pytest.approx(0.4 * paired.vi, rel=1e-12) and independent.yi == paired.yi
    assert paired.assumptions == ()
    without = derive(row | {"allows_for_repeated_measures": "no", "r_pre_post": ""}, "md", Assumptions())
    assert without.leans_on == ("r_pre_post",) and derive(row | {"r_pre_post": ""}, "md", Assumptions()).leans_on == ()


@pytest.mark.parametrize("word", ["", "yes"])
def test_a_paired_analysis_and_an_empty_cell_change_nothing(pairs, word):
    effect = cell(pairs, word)
    wanted = effect_size("SMCR", t=2.40, n_arm1=40, r_pre_post=0.6)
    assert (effect.yi, effect.vi, effect.assumptions) == (wanted.yi, wanted.vi, ())


def test_not_stated_is_taken_as_paired_and_says_the_other(pairs):
    effect, other = cell(pairs, "not_stated"), cell(pairs, "no")
    assert effect.yi == cell(pairs, "yes").yi
    [said] = sentences(effect.assumptions)
    assert said.endswith("if it takes them as independent, the effect is 1.58 times as large")
    assert other.yi / effect.yi == pytest.approx(1 / math.sqrt(0.4), rel=1e-12)


@pytest.mark.parametrize(
    ("design", "word", "said"),
    [
        ({"contrast": "before_after", "pairing": "matched"}, "no", "as independent and is too wide; by how much"),
        ({"contrast": "before_after", "pairing": "matched"}, "not_stated", "it is too wide if it does not"),
        ({"contrast": "randomised"}, "no", "as independent and is too narrow; by how much is not known"),
        ({"contrast": "randomised"}, "not_stated", "it is too narrow if it does not"),
    ],
)
def test_a_ratio_is_never_corrected_and_says_so(blank, design, word, said):
    row = blank | design | {"statistic": "ratio", "ratio": "1.50", "se": "0.20", "ratio_kind": "rate"}
    effect = derive(row | {"allows_for_repeated_measures": word}, "smd", Assumptions())
    assert effect.vi == derive(row, "smd", Assumptions()).vi
    assert said in sentences(effect.assumptions)[0]


def test_a_correlation_of_repeated_measurements_is_too_narrow(blank):
    row = blank | {"contrast": "before_after", "pairing": "matched", "statistic": "correlation", "pearson_r": "0.35"}
    effect = derive(row | {"se": "0.10", "allows_for_repeated_measures": "no"}, "smd", Assumptions())
    assert "is too narrow" in sentences(effect.assumptions)[0]


@pytest.mark.parametrize("word", ["yes", "no", "not_stated"])
def test_means_do_not_depend_on_how_they_were_tested(pairs, word):
    means = {"statistic": "means", "t": "", "mean_arm1": "12.00", "sd_arm1": "4.00", "mean_arm2": "10.00"}
    row = pairs | means | {"sd_arm2": "4.00"}
    one, other = cell(row, word), derive(row, "smd", Assumptions())
    assert (one.yi, one.vi, one.assumptions) == (other.yi, other.vi, other.assumptions)


@pytest.mark.parametrize(
    ("adjustment", "basis", "said"),
    [
        ("adjusted", "", "the test adjusts for covariates and is taken as one of raw scores"),
        ("adjusted", "unknown", "the test adjusts for covariates and is taken as one of raw scores"),
        ("not_stated", "", "whether the test adjusts for covariates is not stated"),
        ("crude", "", "the difference is taken to be one of raw scores"),
        ("", "", "the difference is taken to be one of raw scores"),
        ("adjusted", "raw", ""),
    ],
)
def test_what_an_adjusted_test_would_be_of_residuals_is_said(blank, adjustment, basis, said):
    row = blank | {"contrast": "randomised", "statistic": "t", "t": "2.40", "n_arm1": "40", "n_arm2": "42"}
    row |= {"adjustment": adjustment, "sd_basis": basis, "r_pre_post": "0.60"}
    effect = derive(row, "smd", Assumptions())
    assert effect.yi == derive(row | {"adjustment": "", "sd_basis": "raw"}, "smd", Assumptions()).yi
    told = "; ".join(sentences(effect.assumptions))
    assert told.startswith(said) and bool(told) == bool(said)
    residual = derive(row | {"sd_basis": "residual"}, "smd", Assumptions())
    if adjustment in ("adjusted", "not_stated") and said:
        assert told.endswith("which correlates at 0.6, the effect is 0.80 times as large")
        assert residual.yi / effect.yi == pytest.approx(0.8, rel=1e-12)


def test_an_interval_of_an_adjusted_difference_is_used_as_printed(blank):
    row = blank | {"contrast": "randomised", "statistic": "mean_difference", "md": "2.0", "se": "0.80"}
    crude, adjusted = (derive(row | {"adjustment": word}, "md", Assumptions()) for word in ("crude", "adjusted"))
    assert (crude.yi, crude.vi, crude.assumptions) == (adjusted.yi, adjusted.vi, adjusted.assumptions)
    assert adjusted.vi == pytest.approx(0.64) and adjusted.assumptions == ()


def test_a_table_without_the_column_takes_a_paired_test(pairs):
    older = {name: value for name, value in pairs.items() if name != "allows_for_repeated_measures"}
    assert derive(older, "smd", Assumptions()) == derive(pairs, "smd", Assumptions())
