"""Effects: the hand-worked values, derivations, tiers, and the fate of every row."""

from __future__ import annotations

import math

import pytest

from taprev.effects import effect_size
from taprev.effects.derivations import DERIVATIONS
from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow, read_effect_rows, rows_csv
from taprev.extraction.tables import columns, half_unit, read_rows
from taprev.settings import Assumptions
from taprev.settings.sections import ArmWords, Correlation, Intracluster
from taprev.synthesis.studies import drawn_studies
from taprev.wording.notes import reason, sentence, sentences


@pytest.fixture(scope="module")
def settings(shipped):
    return shipped[0]


@pytest.fixture(scope="module")
def blank(root):
    row = dict.fromkeys(columns(root / "data" / "extracted", "outcomes"), "")
    return {**row, "better": "higher", "direction": "better", "contrast": "randomised"}


def found(shipped_rows, result) -> EffectRow:
    return next(row for rows in shipped_rows.values() for row in rows if row.result == result)


def assumed_of(row: EffectRow) -> str:
    """Return what an effect assumes, in words."""
    return "; ".join(sentences(row.assumptions))


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
    assert sentences(effect.assumptions) == [f"the correlation of before and after scores is taken as {r}"]


def test_a_printed_correlation_is_used_and_makes_the_effect_exact(blank):
    row = {
        **blank,
        "contrast": "before_after",
        "pairing": "matched",
        "statistic": "t",
        "t": "9.260",
        "n_arm1": "50",
        "r_pre_post": "0.7",
    }
    effect = derive(row, "smd", Assumptions())
    assert effect.tier == "exact" and effect.yi == pytest.approx(0.9988, abs=5e-5)


def test_a_lower_score_that_is_better_turns_a_standardised_effect_and_no_difference_in_its_own_units(blank):
    means = dict(mean_arm1="40.0", sd_arm1="10.0", n_arm1="30", mean_arm2="45.0", sd_arm2="10.0", n_arm2="30")
    row = {**blank, **means, "statistic": "means", "sd_basis": "raw"}
    assert derive(row, "smd", Assumptions()).yi < 0
    assert derive({**row, "better": "lower"}, "smd", Assumptions()).yi > 0
    assert derive({**row, "better": "lower"}, "md", Assumptions()).yi == -5.0


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
    assert isinstance(refused, NoMagnitude) and "no sign" in reason(refused.reason)


def test_f_and_p_need_one_degree_of_freedom(blank):
    arms = dict(n_arm1="40", n_arm2="41")
    one = derive({**blank, **arms, "statistic": "F", "F": "6.25", "df1": "1"}, "smd", Assumptions())
    t = derive({**blank, **arms, "statistic": "t", "t": "2.5"}, "smd", Assumptions())
    assert (one.yi, one.vi) == (t.yi, t.vi)
    three = derive({**blank, **arms, "statistic": "F", "F": "6.25", "df1": "3"}, "smd", Assumptions())
    silent = derive({**blank, **arms, "statistic": "p", "p": "0.007"}, "smd", Assumptions())
    assert reason(three.reason).endswith("df1 = 3") and reason(silent.reason).endswith("df1 is not printed")


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
    assert niimura.tier == "assumed" and "leaves the effect between 0.57 and 2.20" in assumed_of(niimura)
    assert "rounding" not in assumed_of(found(shipped_rows, "r117"))


@pytest.mark.parametrize(("text", "half"), [("0.3", 0.05), ("12", 0.5), ("-3.333", 0.0005), ("1e-3", 0.0005)])
def test_half_a_unit_of_the_last_digit(text, half):
    assert half_unit(text) == pytest.approx(half)


def test_partly_matched_samples_have_no_magnitude(shipped_rows):
    assert reason(found(shipped_rows, "r038").reason) == "before and after are matched only in part (0.5 SD; 0.4 SD)"


def test_a_ratio_keeps_its_orientation_and_a_zero_count_is_refused(blank):
    row = {
        **blank,
        "contrast": "before_after",
        "better": "lower",
        "statistic": "counts",
        "count_arm1": "6",
        "count_arm2": "73",
    }
    effect = derive(row, "smd", Assumptions())
    assert isinstance(effect, Effect) and effect.yi == pytest.approx(math.log(6 / 73))
    assert effect.vi == pytest.approx(1 / 6 + 1 / 73)
    refused = derive({**row, "count_arm1": "0"}, "smd", Assumptions())
    assert "count of zero" in reason(refused.reason)


def test_the_trend_within_each_arm_becomes_the_contrast_between_the_arms(shipped_rows):
    programme, comparator = found(shipped_rows, "r010"), found(shipped_rows, "r011")
    assert programme.yi == pytest.approx(math.log(0.88 / 0.97))
    assert reason(programme.reason) == "fewer than 4 clusters in an arm"
    assert comparator.part_of == "r010" and not comparator.votes and not comparator.chosen
    assert "leaves the effect between" in assumed_of(programme)


def test_every_row_has_a_fate_and_every_fate_a_reason(shipped_rows, root):
    rows = [row for rows in shipped_rows.values() for row in rows]
    assert sorted(row.result for row in rows) == sorted(
        row["result"] for row in read_rows(root / "data" / "extracted" / "outcomes.csv")
    )
    assert {row.fate for row in rows} == {"pooled", "shown", "direction_only", "excluded"}
    assert all(reason(row.reason) for row in rows if row.fate != "pooled")
    assert all((row.yi is None) == (row.fate == "direction_only") for row in rows if row.fate != "excluded")


def test_intention_to_treat_stands_before_per_protocol_and_times_are_not_averaged(shipped_rows):
    protocol = found(shipped_rows, "r111")
    assert found(shipped_rows, "r110").chosen and not protocol.chosen
    assert reason(protocol.reason) == "per protocol; r110 (intention to treat) stands for this sample"
    assert found(shipped_rows, "r027").fate == "pooled" and found(shipped_rows, "r028").fate == "shown"


def test_scope_and_population_exclude_with_a_reason(shipped_rows):
    row = found(shipped_rows, "r053")
    assert row.fate == "excluded" and "foster carers" in reason(row.reason)


def test_effect_rows_survive_their_file(shipped_rows):
    for rows in shipped_rows.values():
        assert read_effect_rows(rows_csv(rows)) == rows


def test_every_derivation_stands_in_the_methods(root):
    methods = (root / "METHODS.md").read_text(encoding="utf-8")
    assert [d.name for d in DERIVATIONS if f"**{d.name}**" not in methods] == []


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
    mixed = fates_of(settings, blank, {**RATIO, "ratio": "0.73"}, {**RATIO, "ratio": "0.74", "ratio_kind": "odds"})
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
    assert reason(late.reason) == "2 years; i1 (1 week) stands for this sample"


def test_a_change_within_one_arm_is_never_pooled(settings, blank):
    alone = {**RATIO, "ratio": "0.73", "arm": "programme"}
    rows = fates_of(settings, blank, alone, {**RATIO, "ratio": "0.75"}, {**RATIO, "ratio": "0.77"})
    assert [row.fate for row in rows] == ["shown", "pooled", "pooled"] and "within one arm" in reason(rows[0].reason)
    assert [row.arm for row in rows] == ["programme", "", ""]
    named = settings.model_copy(
        update={"review": settings.review.model_copy(update={"arms": ArmWords(programme="drug")})}
    )
    first, second, _ = drawn_studies(rows, named)
    assert first.label.endswith(", drug arm alone") and "arm" not in second.label


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
    ("change", "said"),
    [
        ({"n_clusters_arm1": "2", "n_clusters_arm2": "9"}, "fewer than 4 clusters in an arm"),
        ({"n_clusters_arm1": "1", "n_clusters_arm2": "9"}, "one cluster in an arm"),
        ({}, "their number is not printed"),
        ({"n_clusters_arm1": "9", "n_clusters_arm2": "9"}, "no intracluster correlation"),
    ],
)
def test_clusters_without_what_they_need_are_shown(settings, blank, change, said):
    rows = fates_of(settings, blank, {**TRIAL, "unit_of_allocation": "cluster", **change}, TRIAL, TRIAL)
    assert rows[0].fate == "shown" and said in reason(rows[0].reason)
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
        (
            dict(
                statistic="means",
                mean_arm1="9",
                sd_arm1="1e200",
                n_arm1="9",
                mean_arm2="9",
                sd_arm2="1e200",
                n_arm2="9",
            ),
            "no finite effect",
        ),
        (dict(statistic="events", event_arm1="0", totaln_arm1="9", event_arm2="5", totaln_arm2="9"), "event_arm1 is 0"),
        (dict(statistic="events", event_arm1="3", totaln_arm1="9", event_arm2="5"), "not printed: totaln_arm2"),
        (dict(statistic="direction", as_reported="25%"), "what is printed (25%)"),
        (dict(statistic="p_bound", p_bound="0.001"), "only as a bound on p"),
        (dict(statistic="t", t="2.1", n_arm1="20"), "not printed: n_arm2"),
    ],
)
def test_figures_that_give_no_effect_say_why(blank, change, said):
    refused = derive({**blank, **change}, "smd", Assumptions())
    assert isinstance(refused, NoMagnitude) and said in reason(refused.reason)


def test_what_a_figure_assumes_is_carried_to_its_effect(shipped_rows):
    for result, words in (
        ("r131", "multilevel model"),
        ("r059", "203 trainees"),
        ("r079", "standard deviation"),
    ):
        row = found(shipped_rows, result)
        assert words in assumed_of(row) and row.tier == "assumed"


def test_a_control_group_of_two_arms_is_counted_once(settings, blank):
    arms = {**TRIAL, "study": "s", "mean_arm2": "12.0", "sd_arm2": "3.0"}
    one, two, other = fates_of(settings, blank, {**arms, "sample": "a"}, {**arms, "sample": "b", "t": "3.10"}, TRIAL)
    assert (one.fate, two.fate, other.fate) == ("pooled", "shown", "pooled")
    assert reason(two.reason) == "shares its control group with i1, whose people are counted once"


def test_cohens_f_of_more_than_two_means_gives_no_effect(blank):
    row = {**blank, "statistic": "cohens_f", "cohens_f": "0.42", "n_arm1": "32", "n_arm2": "39"}
    assert derive(row, "smd", Assumptions()).tier == "assumed"
    assert derive({**row, "df1": "1"}, "smd", Assumptions()).tier == "exact"
    assert reason(derive({**row, "df1": "3"}, "smd", Assumptions()).reason).endswith("df1 = 3")


def test_means_with_the_sd_of_changes_give_no_raw_effect(blank):
    figures = dict(mean_arm1="9.0", sd_arm1="2.0", n_arm1="20", mean_arm2="8.0", sd_arm2="2.0", n_arm2="20")
    row = {**blank, **figures, "statistic": "means"}
    assert isinstance(derive(row, "smd", Assumptions()), Effect)
    assert "of change scores" in reason(derive({**row, "sd_basis": "change"}, "smd", Assumptions()).reason)


EVENTS = dict(statistic="events", event_arm1="7", totaln_arm1="60", event_arm2="15", totaln_arm2="58")
CHANGES = dict(statistic="change", mean_change_arm1="4.50", sd_change_arm1="7.00", n_arm1="41")
OTHER_CHANGES = dict(mean_change_arm2="1.25", sd_change_arm2="6.50", n_arm2="38")
QUARTILES = dict(
    statistic="medians",
    median_arm1="20.5",
    q1_arm1="14.0",
    q3_arm1="26.0",
    n_arm1="60",
    median_arm2="17.0",
    q1_arm2="11.5",
    q3_arm2="23.5",
    n_arm2="55",
)


@pytest.mark.parametrize(
    ("kind", "measure", "scale"),
    [("", "OR", "log_odds_ratio"), ("odds", "OR", "log_odds_ratio"), ("risk", "RR", "log_risk_ratio")],
)
def test_events_give_a_log_odds_ratio_unless_risks_are_compared(blank, kind, measure, scale):
    effect = derive({**blank, **EVENTS, "better": "lower", "ratio_kind": kind}, "smd", Assumptions())
    expected = effect_size(measure, event_arm1=7, totaln_arm1=60, event_arm2=15, totaln_arm2=58)
    assert (effect.yi, effect.vi) == (expected.yi, expected.vi) and effect.yi < 0
    assert (effect.measure, effect.scale, effect.tier) == (measure, scale, "exact")
    assert effect.reach == (effect.yi, effect.yi, effect.vi, effect.vi)


def test_events_before_and_after_need_two_groups(blank):
    row = {**blank, **EVENTS, "contrast": "before_after"}
    matched, unmatched = (
        derive({**row, "pairing": pairing}, "smd", Assumptions()) for pairing in ("matched", "unmatched")
    )
    assert "how many of them changed does not follow" in reason(matched.reason)
    assert isinstance(unmatched, Effect)


def test_events_share_an_axis_with_printed_odds_ratios(settings, blank):
    printed = {**RATIO, "ratio": "0.50", "ci_lb": "0.30", "ci_ub": "0.83", "ratio_kind": "odds"}
    rows = fates_of(settings, blank, {**EVENTS, "better": "lower"}, printed)
    assert [row.fate for row in rows] == ["pooled", "pooled"]
    assert (rows[0].event_arm1, rows[0].totaln_arm1, rows[0].event_arm2, rows[0].totaln_arm2) == (
        7,
        60,
        15,
        58,
    )
    assert rows[1].event_arm1 is None and read_effect_rows(rows_csv(rows)) == rows


@pytest.mark.parametrize("r", [0.3, 0.7])
def test_change_scores_of_two_arms_are_brought_to_raw_scores(blank, r):
    row = {**blank, **CHANGES, **OTHER_CHANGES}
    effect = derive(row, "smd", Assumptions(r_pre_post=Correlation(value=r)))
    pooled_sd = math.sqrt((40 * 7.0**2 + 37 * 6.5**2) / 77)
    j = math.gamma(38.5) / (math.sqrt(38.5) * math.gamma(38.0))
    yi = j * (4.5 - 1.25) / pooled_sd * math.sqrt(2 * (1 - r))
    assert effect.yi == pytest.approx(yi, rel=1e-13)
    assert effect.vi == pytest.approx(2 * (1 - r) * (1 / 41 + 1 / 38) + yi**2 / (2 * 79), rel=1e-13)
    assert sentences(effect.assumptions) == [f"the correlation of before and after scores is taken as {r}"]
    assert derive({**row, "r_pre_post": f"{r}"}, "smd", Assumptions()).tier == "exact"
    assert derive({**row, "better": "lower"}, "smd", Assumptions()).yi < 0
    assert "of residual scores" in reason(derive({**row, "sd_basis": "residual"}, "smd", Assumptions()).reason)


@pytest.mark.parametrize("r", [0.3, 0.7])
def test_change_scores_of_one_group_equal_their_paired_t(blank, r):
    pair = {**blank, "contrast": "before_after", "pairing": "matched", "r_pre_post": f"{r}"}
    effect = derive({**pair, **CHANGES}, "smd", Assumptions())
    t = 4.5 / 7.0 * math.sqrt(41)
    from_t = derive({**pair, "statistic": "t", "t": repr(t), "n_arm1": "41"}, "smd", Assumptions())
    assert (effect.yi, effect.vi) == pytest.approx((from_t.yi, from_t.vi), rel=1e-13)
    assert effect.measure == "SMCR" and effect.tier == "exact"


def test_change_scores_in_their_own_unit(blank):
    two = derive({**blank, **CHANGES, **OTHER_CHANGES}, "md", Assumptions())
    assert (two.yi, two.vi) == pytest.approx((3.25, 49 / 41 + 6.5**2 / 38), rel=1e-13)
    one = derive({**blank, **CHANGES, "contrast": "before_after", "pairing": "matched"}, "md", Assumptions())
    assert (one.yi, one.vi) == pytest.approx((4.5, 49 / 41), rel=1e-13) and one.tier == "exact"


def test_medians_and_quartiles_are_assumed_to_be_those_of_normal_scores(blank):
    figures = {name: float(value) for name, value in QUARTILES.items() if name != "statistic"}
    for scale, measure in (("smd", "SMD"), ("md", "MD")):
        effect, expected = (
            derive({**blank, **QUARTILES}, scale, Assumptions()),
            effect_size(measure, **figures),
        )
        assert (effect.yi, effect.vi) == (expected.yi, expected.vi)
        assert effect.tier == "assumed" and "medians and quartiles" in sentence(effect.assumptions[0])


def test_medians_of_one_group_twice(blank):
    twice = {
        **blank,
        **QUARTILES,
        "n_arm2": "",
        "contrast": "before_after",
        "pairing": "matched",
        "r_pre_post": "0.6",
    }
    effect = derive(twice, "smd", Assumptions())
    figures = {n: float(v) for n, v in QUARTILES.items() if n not in ("statistic", "n_arm2")}
    expected = effect_size("SMCR", **figures, r_pre_post=0.6)
    assert (effect.yi, effect.vi, effect.measure) == (expected.yi, expected.vi, "SMCR")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"q3_arm2": "49.5"}, "the scores of arm2 are skewed"),
        ({"q1_arm1": "21.0"}, "q1_arm1 is 21, above median_arm1, which is 20.5"),
        ({"q1_arm1": ""}, "not printed: q1_arm1"),
        ({"n_arm1": "4"}, "at least 5 people in arm1"),
        ({"sd_basis": "change"}, "the quartiles are of change scores"),
    ],
)
def test_medians_that_give_no_mean_say_why(blank, change, said):
    refused = derive({**blank, **QUARTILES, **change}, "smd", Assumptions())
    assert isinstance(refused, NoMagnitude) and said in reason(refused.reason)


CLUSTERS = dict(unit_of_allocation="cluster", n_clusters_arm1="9", n_clusters_arm2="9", cluster_size="21")
MEAN_FIGURES = dict(
    statistic="means",
    sd_basis="raw",
    mean_arm1="54.0",
    sd_arm1="9.0",
    n_arm1="200",
    mean_arm2="49.5",
    sd_arm2="11.0",
    n_arm2="190",
)
ASSUMED_ICC = Intracluster(value=0.05)


def test_an_assumed_icc_is_used_where_none_is_printed(settings, blank):
    assumed = settings.model_copy(update={"assumptions": Assumptions(icc=ASSUMED_ICC)})
    row, people, printed = fates_of(
        assumed,
        blank,
        {**MEAN_FIGURES, **CLUSTERS},
        MEAN_FIGURES,
        {**MEAN_FIGURES, **CLUSTERS, "icc": "0.10"},
    )
    assert row.vi == pytest.approx(2.0 * people.vi) and row.fate == "pooled" and row.tier == "assumed"
    assert "the intracluster correlation is taken as 0.05" in assumed_of(row)
    assert printed.vi == pytest.approx(3.0 * people.vi) and printed.tier == "exact"
    [without, *_] = fates_of(assumed, blank, {**MEAN_FIGURES, **CLUSTERS, "cluster_size": ""}, MEAN_FIGURES)
    assert without.fate == "shown" and "cluster size" in reason(without.reason)
    [unknown, *_] = fates_of(settings, blank, {**MEAN_FIGURES, **CLUSTERS}, MEAN_FIGURES)
    assert unknown.fate == "shown" and unknown.vi == people.vi


@pytest.mark.parametrize("figures", [EVENTS, MEAN_FIGURES, {**CHANGES, **OTHER_CHANGES}, QUARTILES, "t", "md", "ratio"])
def test_dividing_the_people_is_nearly_multiplying_the_variance(blank, figures):
    """By Cochrane Handbook 23.1.4 both are allowed; they differ in J alone, and not at all without it."""
    t = dict(statistic="t", t="2.50", n_arm1="200", n_arm2="190", sd_basis="raw")
    md = dict(statistic="mean_difference", md="2.0", ci_lb="0.5", ci_ub="3.5", n_arm1="200", n_arm2="190")
    ratio = dict(statistic="ratio", ratio="0.73", ci_lb="0.60", ci_ub="0.90", ratio_kind="odds")
    row = {
        **blank,
        **{"t": t, "md": md, "ratio": ratio}.get(str(figures), figures),
        **CLUSTERS,
        "icc": "0.05",
    }
    scale = "md" if figures == "md" else "smd"
    variance, size = (derive(row, scale, Assumptions(cluster_adjustment=way)) for way in ("variance", "sample_size"))
    assert size.yi == pytest.approx(variance.yi, rel=0.02) and size.vi == pytest.approx(variance.vi, rel=0.02)
    if figures in (EVENTS, "t", "md", "ratio"):
        assert (size.yi, size.vi) == pytest.approx((variance.yi, variance.vi), rel=1e-12)


def test_effective_people_go_into_the_formula(blank):
    row = {**blank, **MEAN_FIGURES, **CLUSTERS, "icc": "0.05"}
    effect = derive(row, "smd", Assumptions(cluster_adjustment="sample_size"))
    halved = effect_size("SMD", mean_arm1=54, sd_arm1=9, n_arm1=100, mean_arm2=49.5, sd_arm2=11, n_arm2=95)
    assert (effect.yi, effect.vi) == pytest.approx((halved.yi, halved.vi), rel=1e-13)


def test_a_shared_control_group_is_split_where_the_settings_say_so(settings, blank):
    split = settings.model_copy(update={"assumptions": Assumptions(shared_control="split")})
    arms = {**MEAN_FIGURES, "study": "s", "n_arm2": "90"}
    one, two, three, other = fates_of(
        split,
        blank,
        {**arms, "sample": "a"},
        {**arms, "sample": "b", "mean_arm1": "52.0"},
        {**arms, "sample": "c", "mean_arm1": "51.0"},
        MEAN_FIGURES,
    )
    assert [row.fate for row in (one, two, three, other)] == ["pooled"] * 4
    third = effect_size("SMD", mean_arm1=54, sd_arm1=9, n_arm1=200, mean_arm2=49.5, sd_arm2=11, n_arm2=30)
    assert (one.yi, one.vi) == pytest.approx((third.yi, third.vi), rel=1e-13)
    assert one.n_arm2 == two.n_arm2 == three.n_arm2 == 30 and other.n_arm2 == 190
    assert assumed_of(one) == "the control group is divided evenly between 3 arms" and one.tier == "assumed"
    assert other.tier == "exact"


def test_the_events_of_a_shared_control_group_are_split(settings, blank):
    split = settings.model_copy(update={"assumptions": Assumptions(shared_control="split")})
    arms = {**EVENTS, "study": "s"}
    one, two = fates_of(split, blank, {**arms, "sample": "a"}, {**arms, "sample": "b", "event_arm1": "9"})
    half = effect_size("OR", event_arm1=7, totaln_arm1=60, event_arm2=7.5, totaln_arm2=29)
    assert (one.yi, one.vi) == pytest.approx((half.yi, half.vi), rel=1e-13)
    assert one.yi == pytest.approx(effect_size("OR", event_arm1=7, totaln_arm1=60, event_arm2=15, totaln_arm2=58).yi)
    assert (two.event_arm2, two.totaln_arm2, two.event_arm1) == (7.5, 29, 9) and two.fate == "pooled"
    kept, aside = fates_of(settings, blank, {**arms, "sample": "a"}, {**arms, "sample": "b", "event_arm1": "9"})
    assert (kept.event_arm2, aside.never_pooled is not None) == (15, True)


def test_a_test_against_a_split_control_group_keeps_its_size(settings, blank):
    split = settings.model_copy(update={"assumptions": Assumptions(shared_control="split")})
    arms = {**TRIAL, "study": "s", "group_arm2": "usual care"}
    one, _, other = fates_of(split, blank, {**arms, "sample": "a"}, {**arms, "sample": "b", "t": "3.10"}, TRIAL)
    assert one.yi == other.yi and one.vi == pytest.approx(1 / 40 + 1 / 20 + one.yi**2 / 120)


def test_a_printed_ratio_has_no_control_group_to_split(settings, blank):
    split = settings.model_copy(update={"assumptions": Assumptions(shared_control="split")})
    arms = {**RATIO, "study": "s", "n_arm2": "40", "group_arm2": "usual care"}
    one, two, other = fates_of(
        split,
        blank,
        {**arms, "sample": "a", "ratio": "0.73"},
        {**arms, "sample": "b", "ratio": "0.70"},
        {**RATIO, "ratio": "0.75"},
    )
    assert (one.fate, two.fate, other.fate) == ("pooled", "shown", "pooled")
    assert "counted once" in reason(two.reason)


def test_a_matched_change_in_its_own_units_uses_the_printed_correlation(shipped):
    from taprev.effects.measures import effect_size

    base = next(row for row in shipped[1] if row["statistic"] == "means" and row["contrast"] == "before_after")
    row = {**base, "pairing": "matched", "r_pre_post": "0.7", "better": "higher"}
    figures = {name: float(row[name]) for name in ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2", "n_arm1")}
    effect = derive(row, "md", Assumptions())
    mc = effect_size("MC", **figures, r_pre_post=0.7)
    assert (effect.yi, effect.vi, effect.derivation) == (mc.yi, mc.vi, "MD from means")
    assumed = derive({**row, "r_pre_post": ""}, "md", Assumptions())
    assert assumed.tier == "assumed" and assumed.leans_on == ("r_pre_post",)
