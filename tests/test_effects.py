"""Effects: equal to escalc, the hand-worked values, tiers, and the fate of every row."""

from __future__ import annotations

import json
import math
import subprocess

import pytest

from taprev.effects import effect_size
from taprev.effects.derivations import DERIVATIONS
from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow, read_effect_rows, rows_csv
from taprev.extraction.tables import columns, half_unit, read_rows
from taprev.settings import Assumptions, Correlation

PARITY = 1e-12


@pytest.fixture(scope="module")
def settings(shipped):
    return shipped[0]


@pytest.fixture(scope="module")
def blank(root):
    row = dict.fromkeys(columns(root / "data" / "extracted", "outcomes"), "")
    return {**row, "better": "higher", "direction": "better", "contrast": "randomised"}


def found(shipped_rows, result) -> EffectRow:
    return next(row for rows in shipped_rows.values() for row in rows if row.result == result)


REFERENCE = ("SMD", "MD", "SMCR", "SMD_t")


@pytest.mark.parametrize("case", REFERENCE)
def test_effects_equal_escalc(root, case):
    reference = json.loads((root / "tests" / "reference" / "effects.json").read_text())
    rows = reference["cases"][case]
    assert len(rows) == 60
    for row in rows:
        yi, vi = row.pop("yi"), row.pop("vi")
        es = effect_size(case.split("_")[0], **row)
        assert es.yi == pytest.approx(yi, rel=PARITY, abs=PARITY)
        assert es.vi == pytest.approx(vi, rel=PARITY)


@pytest.mark.reference
def test_the_reference_of_effects_is_what_r_gives(root, rscript, tmp_path):
    out = tmp_path / "effects.json"
    subprocess.run(
        [rscript, "tests/reference/effects.R", str(out)], cwd=root, check=True, capture_output=True
    )
    stored = json.loads((root / "tests" / "reference" / "effects.json").read_text())["cases"]
    anew = json.loads(out.read_text())["cases"]
    assert set(anew) == set(stored) == set(REFERENCE)
    for case in REFERENCE:
        for one, other in zip(stored[case], anew[case], strict=True):
            assert one == pytest.approx(other, rel=1e-13)


def test_the_hand_worked_values(shipped_rows):
    doi, kotake = found(shipped_rows, "r117"), found(shipped_rows, "r110")
    assert (round(doi.yi, 4), round(doi.vi, 4)) == (0.7204, 0.1014)
    assert (round(kotake.yi, 2), round(kotake.vi, 4)) == (0.39, 0.0418)
    assert doi.tier == kotake.tier == "assumed"
    assert (doi.contrast, kotake.contrast) == ("randomised", "controlled")


@pytest.mark.parametrize("r", [0.3, 0.7])
def test_smcr_from_a_paired_t_away_from_r_one_half(blank, r):
    """t(49) = 9.26: J(49) (9.26 / sqrt(50)) sqrt(2 (1 - r)), written out with the gamma function."""
    row = {
        **blank,
        "contrast": "before_after",
        "pairing": "matched",
        "statistic": "t",
        "t": "9.26",
        "n_arm1": "50",
    }
    effect = derive(row, "smd", Assumptions(r_pre_post=Correlation(value=r)))
    j = math.gamma(24.5) / (math.sqrt(24.5) * math.gamma(24.0))
    yi = j * 9.26 / math.sqrt(50) * math.sqrt(2 * (1 - r))
    assert effect.yi == pytest.approx(yi, rel=1e-13)
    assert effect.vi == pytest.approx(2 * (1 - r) / 50 + yi**2 / 100, rel=1e-13)
    assert effect.yi == pytest.approx({0.3: 1.5256, 0.7: 0.9988}[r], abs=5e-5)
    assert effect.assumptions == (f"the correlation of before and after scores is taken as {r}",)


def test_a_printed_correlation_is_used_and_makes_the_effect_exact(blank):
    row = {**blank, "contrast": "before_after", "pairing": "matched", "statistic": "t", "t": "9.260", "n_arm1": "50",
           "r_pre_post": "0.7"}  # fmt: skip
    effect = derive(row, "smd", Assumptions())
    assert effect.tier == "exact" and effect.yi == pytest.approx(0.9988, abs=5e-5)


def test_a_lower_score_that_is_better_turns_the_sign(blank):
    means = dict(mean_arm1="40.0", sd_arm1="10.0", n_arm1="30", mean_arm2="45.0", sd_arm2="10.0", n_arm2="30")
    row = {**blank, **means, "statistic": "means", "sd_basis": "raw"}
    assert derive(row, "smd", Assumptions()).yi < 0
    assert derive({**row, "better": "lower"}, "smd", Assumptions()).yi > 0
    assert derive({**row, "better": "lower"}, "md", Assumptions()).yi == 5.0


def test_the_sign_of_a_test_comes_from_the_direction(blank):
    row = {
        **blank,
        "contrast": "before_after",
        "pairing": "matched",
        "statistic": "z",
        "z": "-3.333",
        "n_arm1": "34",
    }
    assert derive(row, "smd", Assumptions()).yi > 0
    assert derive({**row, "direction": "worse"}, "smd", Assumptions()).yi < 0
    refused = derive({**row, "direction": "no_difference"}, "smd", Assumptions())
    assert isinstance(refused, NoMagnitude) and "no sign" in refused.reason


def test_f_and_p_need_one_degree_of_freedom(blank):
    arms = dict(n_arm1="40", n_arm2="41")
    one = derive({**blank, **arms, "statistic": "F", "F": "6.25", "df1": "1"}, "smd", Assumptions())
    t = derive({**blank, **arms, "statistic": "t", "t": "2.5"}, "smd", Assumptions())
    assert (one.yi, one.vi) == (t.yi, t.vi)
    three = derive({**blank, **arms, "statistic": "F", "F": "6.25", "df1": "3"}, "smd", Assumptions())
    silent = derive({**blank, **arms, "statistic": "p", "p": "0.007"}, "smd", Assumptions())
    assert three.reason.endswith("df1 = 3") and silent.reason.endswith("df1 is not printed")


def test_a_p_and_its_t_give_the_same_effect(blank):
    arms = dict(n_arm1="21", n_arm2="21", sd_basis="raw")
    t = derive({**blank, **arms, "statistic": "t", "t": "2.021075390306273"}, "smd", Assumptions())
    p = derive({**blank, **arms, "statistic": "p", "p": "0.05", "df1": "1"}, "smd", Assumptions())
    assert p.yi == pytest.approx(t.yi, rel=1e-12)


def test_change_scores_and_residuals_are_brought_to_raw_scores(blank):
    row = {**blank, "n_arm1": "40", "n_arm2": "40", "statistic": "t", "t": "2.50", "r_pre_post": "0.7"}
    raw, change, residual = (
        derive({**row, "sd_basis": basis}, "smd", Assumptions()) for basis in ("raw", "change", "residual")
    )
    assert change.yi / raw.yi == pytest.approx(math.sqrt(0.6))
    assert residual.yi / raw.yi == pytest.approx(math.sqrt(1 - 0.49))


def test_rounding_that_moves_the_variance_is_said(shipped_rows):
    niimura = found(shipped_rows, "r027")
    assert niimura.tier == "assumed" and "leaves the effect between 0.57 and 2.20" in niimura.assumptions
    assert "rounding" not in found(shipped_rows, "r117").assumptions


@pytest.mark.parametrize(("text", "half"), [("0.3", 0.05), ("12", 0.5), ("-3.333", 0.0005), ("1e-3", 0.0005)])
def test_half_a_unit_of_the_last_digit(text, half):
    assert half_unit(text) == pytest.approx(half)


def test_partly_matched_samples_have_no_magnitude(shipped_rows):
    assert found(shipped_rows, "r038").reason == "before and after are matched only in part (0.5 SD; 0.4 SD)"


def test_a_ratio_keeps_its_orientation_and_a_zero_count_is_refused(blank):
    row = {**blank, "contrast": "before_after", "better": "lower", "statistic": "counts", "count_arm1": "6",
           "count_arm2": "73"}  # fmt: skip
    effect = derive(row, "smd", Assumptions())
    assert isinstance(effect, Effect) and effect.yi == pytest.approx(math.log(6 / 73))
    assert effect.vi == pytest.approx(1 / 6 + 1 / 73)
    refused = derive({**row, "count_arm1": "0"}, "smd", Assumptions())
    assert "count of zero" in refused.reason


def test_the_trend_within_each_arm_becomes_the_contrast_between_the_arms(shipped_rows):
    programme, comparator = found(shipped_rows, "r010"), found(shipped_rows, "r011")
    assert programme.yi == pytest.approx(math.log(0.88 / 0.97))
    assert programme.reason == "fewer than 4 clusters in an arm"
    assert comparator.part_of == "r010" and not comparator.votes and not comparator.chosen
    assert "leaves the effect between" in programme.assumptions


def test_every_row_has_a_fate_and_every_fate_a_reason(shipped_rows, root):
    rows = [row for rows in shipped_rows.values() for row in rows]
    assert sorted(row.result for row in rows) == sorted(
        row["result"] for row in read_rows(root / "data" / "extracted" / "outcomes.csv")
    )
    assert {row.fate for row in rows} == {"pooled", "shown", "direction_only", "excluded"}
    assert all(row.reason for row in rows if row.fate != "pooled")
    assert all((row.yi is None) == (row.fate == "direction_only") for row in rows if row.fate != "excluded")


def test_intention_to_treat_stands_before_per_protocol_and_times_are_not_averaged(shipped_rows):
    assert found(shipped_rows, "r110").chosen and not found(shipped_rows, "r111").chosen
    assert (
        found(shipped_rows, "r111").reason == "per protocol; r110 (intention to treat) stands for this sample"
    )
    assert found(shipped_rows, "r027").fate == "pooled" and found(shipped_rows, "r028").fate == "shown"


def test_scope_and_population_exclude_with_a_reason(shipped_rows):
    assert (
        found(shipped_rows, "r053").fate == "excluded"
        and "foster carers" in found(shipped_rows, "r053").reason
    )


def test_effect_rows_survive_their_file(shipped_rows):
    for rows in shipped_rows.values():
        assert read_effect_rows(rows_csv(rows)) == rows


def test_every_derivation_stands_in_the_methods(root):
    methods = (root / "METHODS.md").read_text(encoding="utf-8")
    assert [d.name for d in DERIVATIONS if f"**{d.name}**" not in methods] == []


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
    ],
)
def test_impossible_figures_are_refused_with_a_sentence(measure, figures, said):
    with pytest.raises(ValueError, match=said):
        effect_size(measure, **figures)


def fates_of(settings, blank, *changes, domain="staff_attitudes"):
    """Return the effect rows of invented results of invented studies in one domain."""
    common = {"sample": "all", "report": "x", "domain": domain, "measure": "m", "timepoint": "post"}
    common["population"] = settings.domains[domain].population
    outcomes = [
        {**blank, **common, "result": f"i{number}", "study": f"s{number}", **change}
        for number, change in enumerate(changes, 1)
    ]
    studies = {row["study"]: {"label": row["study"], "scope": "organisational"} for row in outcomes}
    return effect_rows(domain, outcomes, studies, settings)


TRIAL = dict(statistic="t", t="2.50", n_arm1="40", n_arm2="40", sd_basis="raw")
RATIO = dict(statistic="ratio", better="lower", ci_lb="0.60", ci_ub="0.90", ratio_kind="rate")


def test_an_exact_zero_is_an_effect(settings, blank):
    [row, _] = fates_of(settings, blank, {**TRIAL, "t": "0.00", "direction": "no_difference"}, TRIAL)
    assert (row.yi, row.fate, row.tier) == (0.0, "pooled", "exact")


def test_ratios_of_different_kinds_stay_apart(settings, blank):
    rates = fates_of(settings, blank, {**RATIO, "ratio": "0.73"}, {**RATIO, "ratio": "0.74"})
    assert [row.fate for row in rates] == ["pooled", "pooled"]
    mixed = fates_of(
        settings, blank, {**RATIO, "ratio": "0.73"}, {**RATIO, "ratio": "0.74", "ratio_kind": "odds"}
    )
    assert [(row.fate, row.scale) for row in mixed] == [
        ("shown", "log_rate_ratio"),
        ("shown", "log_odds_ratio"),
    ]


def test_times_that_are_not_told_in_months_are_not_averaged(settings, blank):
    early, late, other = fates_of(
        settings,
        blank,
        {**TRIAL, "timepoint": "1 week"},
        {**TRIAL, "study": "s1", "timepoint": "2 years"},
        TRIAL,
    )
    assert early.fate == other.fate == "pooled" and late.fate == "shown"
    assert late.reason == "2 years; i1 (1 week) stands for this sample"


def test_a_change_within_one_arm_is_never_pooled(settings, blank):
    alone = {**RATIO, "ratio": "0.73", "arm": "programme"}
    rows = fates_of(settings, blank, alone, {**RATIO, "ratio": "0.75"}, {**RATIO, "ratio": "0.77"})
    assert [row.fate for row in rows] == ["shown", "pooled", "pooled"] and "within one arm" in rows[0].reason


def test_within_arm_figures_that_cannot_be_told_apart_are_never_pooled(settings, blank):
    pairs = [
        {**RATIO, "study": "s", "measure": measure, "ratio": ratio, "arm": arm}
        for measure, ratios in (("seclusion", ("0.70", "0.80")), ("restraint", ("0.75", "0.85")))
        for arm, ratio in zip(("programme", "comparator"), ratios, strict=True)
    ]
    rows = fates_of(settings, blank, *pairs, {**RATIO, "ratio": "0.75"}, {**RATIO, "ratio": "0.77"})
    assert [row.fate for row in rows] == ["shown"] * 4 + ["pooled"] * 2
    assert [row.votes for row in rows] == [True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"n_clusters_arm1": "2", "n_clusters_arm2": "9"}, "fewer than 4 clusters in an arm"),
        ({"n_clusters_arm1": "1", "n_clusters_arm2": "9"}, "one cluster in an arm"),
        ({}, "their number is not printed"),
        ({"n_clusters_arm1": "9", "n_clusters_arm2": "9"}, "no intracluster correlation"),
    ],
)
def test_clusters_without_what_they_need_are_shown(settings, blank, change, reason):
    rows = fates_of(settings, blank, {**TRIAL, "unit_of_allocation": "cluster", **change}, TRIAL, TRIAL)
    assert rows[0].fate == "shown" and reason in rows[0].reason
    assert [row.fate for row in rows[1:]] == ["pooled", "pooled"]


def test_a_cluster_trial_with_its_icc_has_its_variance_inflated(settings, blank):
    full = dict(n_clusters_arm1="9", n_clusters_arm2="9", icc="0.05", cluster_size="21")
    clusters, people = fates_of(settings, blank, {**TRIAL, **full, "unit_of_allocation": "cluster"}, TRIAL)
    assert clusters.vi == pytest.approx(2.0 * people.vi) and clusters.fate == "pooled"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dict(statistic="counts", count_arm1="6", count_arm2="73", time_arm1="180"), "one of two periods"),
        (dict(statistic="ratio", ratio="1.00", p="0.900"), "a ratio of 1 has no standard error"),
        (dict(statistic="p", p="1e-320", df1="1", n_arm1="9", n_arm2="9"), "no finite effect"),
        (dict(statistic="means", mean_arm1="9", sd_arm1="1e200", n_arm1="9", mean_arm2="9", sd_arm2="1e200",
              n_arm2="9"), "no finite effect"),
        (dict(statistic="events", event_arm1="3", totaln_arm1="9", event_arm2="5", totaln_arm2="9"), "do not follow"),
        (dict(statistic="direction", as_reported="25%"), "what is printed (25%)"),
        (dict(statistic="p_bound", p_bound="0.001"), "only as a bound on p"),
        (dict(statistic="t", t="2.1", n_arm1="20"), "not printed: n_arm2"),
    ],
)  # fmt: skip
def test_figures_that_give_no_effect_say_why(blank, change, said):
    refused = derive({**blank, **change}, "smd", Assumptions())
    assert isinstance(refused, NoMagnitude) and said in refused.reason


def test_what_a_figure_assumes_is_carried_to_its_effect(shipped_rows):
    for result, words in (
        ("r131", "multilevel model"),
        ("r059", "203 trainees"),
        ("r079", "standard deviation"),
    ):
        row = found(shipped_rows, result)
        assert words in row.assumptions and row.tier == "assumed"


def test_a_control_group_of_two_arms_is_counted_once(settings, blank):
    arms = {**TRIAL, "study": "s", "mean_arm2": "12.0", "sd_arm2": "3.0"}
    one, two, other = fates_of(
        settings, blank, {**arms, "sample": "a"}, {**arms, "sample": "b", "t": "3.10"}, TRIAL
    )
    assert (one.fate, two.fate, other.fate) == ("pooled", "shown", "pooled")
    assert two.reason == "shares its control group with i1, whose people are counted once"


def test_cohens_f_of_more_than_two_means_gives_no_effect(blank):
    row = {**blank, "statistic": "cohens_f", "cohens_f": "0.42", "n_arm1": "32", "n_arm2": "39"}
    assert derive(row, "smd", Assumptions()).tier == "assumed"
    assert derive({**row, "df1": "1"}, "smd", Assumptions()).tier == "exact"
    assert derive({**row, "df1": "3"}, "smd", Assumptions()).reason.endswith("df1 = 3")


def test_means_with_the_sd_of_changes_give_no_raw_effect(blank):
    figures = dict(mean_arm1="9.0", sd_arm1="2.0", n_arm1="20", mean_arm2="8.0", sd_arm2="2.0", n_arm2="20")
    row = {**blank, **figures, "statistic": "means"}
    assert isinstance(derive(row, "smd", Assumptions()), Effect)
    assert "of change scores" in derive({**row, "sd_basis": "change"}, "smd", Assumptions()).reason


def test_numbers_of_numpy_are_numbers():
    numpy = pytest.importorskip("numpy")
    es = effect_size("SMCR", t=numpy.float64(9.26), n_arm1=numpy.int64(50), r_pre_post=0.5)
    assert es.yi == pytest.approx(1.2894, abs=5e-5)
