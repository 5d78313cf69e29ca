"""Each check flags the row it is for and leaves its sound twin alone; consistent figures are never questioned."""

from __future__ import annotations

import csv
import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import fdtrc, ndtr, ndtri, stdtr, stdtrit

from samples.questioned import BLANK, SOUND
from taprev.extraction.looked_up import LookedUpFigure
from taprev.extraction.plausibility import REGISTRY, queries, row_queries, table_queries
from taprev.extraction.plausibility.answers import OLDER_HEADER, answered, asked, read_answers
from taprev.extraction.plausibility.instruments import instruments
from taprev.extraction.plausibility.printed import figure_of_test, negative_numbers, numbers, sample_sizes
from taprev.extraction.plausibility.query import Query
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.judged import in_words
from taprev.extraction.tables import read_rows
from taprev.vocabulary import SourceVerdict

PAIRS = {"contrast": "before_after", "pairing": "matched", "n_arm1": "30"}
ARMS = {
    "mean_arm1": "12.00",
    "sd_arm1": "4.00",
    "mean_arm2": "10.00",
    "sd_arm2": "4.00",
    "n_arm1": "50",
    "n_arm2": "48",
}
RATIO = {"statistic": "ratio", "ratio": "0.80", "better": "lower"}
CLUSTERED = RATIO | {"unit_of_allocation": "cluster", "ci_lb": "0.62", "ci_ub": "1.03", "as_reported": "OR .80, GEE"}
BINARY = {"measure": "said yes (binary)"}
R = {"statistic": "correlation", "pearson_r": "0.35"}
ITEM = {"scale_part": "item", "n_arm1": "11", "n_arm2": "11"}

# check: (what must be flagged, what must not)
ROWS = {
    "statistic_without_figures": ({"statistic": "t"}, {"statistic": "t", "t": "2.0"}),
    "interval_out_of_order": ({"ci_lb": "2", "ci_ub": "1"}, {"ci_lb": "1", "ci_ub": "2"}),
    "interval_excludes_estimate": ({"md": "3", "ci_lb": "1", "ci_ub": "2"}, {"md": "1.5", "ci_lb": "1", "ci_ub": "2"}),
    "ratio_limit_not_positive": (RATIO | {"ci_lb": "-0.1", "ci_ub": "1.2"}, RATIO | {"ci_lb": "0.60", "ci_ub": "1.07"}),
    "correlation_limit_beyond_one": (R | {"ci_lb": "0.05", "ci_ub": "1.05"}, R | {"ci_lb": "0.05", "ci_ub": "0.60"}),
    "correlation_of_too_few": (R | {"n_arm1": "3"}, R | {"n_arm1": "4"}),
    "correlation_with_a_second_n": (R | {"n_arm1": "20", "n_arm2": "20"}, R | {"n_arm1": "40"}),
    "p_against_correlation": (R | {"n_arm1": "40", "p": "0.003"}, R | {"n_arm1": "40", "p": "0.028"}),
    "events_above_total": ({"event_arm1": "12", "totaln_arm1": "10"}, {"event_arm1": "10", "totaln_arm1": "12"}),
    "quartiles_out_of_order": (
        {"median_arm1": "12", "q1_arm1": "13", "q3_arm1": "18"},
        {"median_arm1": "12", "q1_arm1": "12", "q3_arm1": "18"},
    ),
    "pairing_of_a_parallel_contrast": ({"pairing": "matched"}, PAIRS),
    "before_sample_of_matched_pairs": (PAIRS | {"n_arm2": "30"}, PAIRS),
    "direction_against_figures": (
        {"event_arm1": "5", "totaln_arm1": "50", "event_arm2": "9", "totaln_arm2": "50"},
        {"event_arm1": "9", "totaln_arm1": "50", "event_arm2": "5", "totaln_arm2": "50"},
    ),
    "p_against_t": ({"t": "0.29", "p": "0.98"}, {"t": "0.29", "p": "0.77"}),
    "p_against_F": (
        PAIRS | {"F": "4.56", "df1": "3", "p": "0.06", "n_arm1": "9"},
        PAIRS | {"F": "4.74", "df1": "3", "p": "0.01", "n_arm1": "8"},
    ),
    "p_against_z": ({"z": "-1.317", "p": "0.018"}, {"z": "-1.317", "p": "0.188"}),
    "p_against_interval": (
        RATIO | {"ratio": "0.97", "ci_lb": "0.93", "ci_ub": "1.01", "p": "0.056"},
        RATIO | {"ratio": "0.97", "ci_lb": "0.93", "ci_ub": "1.01", "p": "0.15"},
    ),
    "p_against_standard_error": ({"md": "2.0", "se": "1.0", "p": "0.50"}, {"md": "2.0", "se": "1.0", "p": "0.046"}),
    "interval_against_standard_error": (
        {"md": "2.00", "se": "5.00", "ci_lb": "0.04", "ci_ub": "3.96"},
        {"md": "2.00", "se": "1.00", "ci_lb": "0.04", "ci_ub": "3.96"},
    ),
    "interval_not_symmetric": (
        RATIO | {"ratio": "0.70", "ci_lb": "0.50", "ci_ub": "0.75"},
        RATIO | {"ratio": "0.29", "ci_lb": "0.10", "ci_ub": "0.86"},
    ),
    "df_against_n": (PAIRS | {"t": "2.1", "df": "38"}, PAIRS | {"t": "2.1", "df": "29"}),
    "md_against_means": (ARMS | {"md": "3.00"}, ARMS | {"md": "2.00"}),
    "t_against_means": (ARMS | {"t": "17.3"}, ARMS | {"t": "2.47"}),
    "p_against_means": (ARMS | {"p": "0.400"}, ARMS | {"p": "0.015"}),
    "smd_against_means": (ARMS | {"smd": "0.95"}, ARMS | {"smd": "0.50"}),
    "smd_against_test": (
        {"smd": "0.10", "n_arm1": "50", "n_arm2": "48", "p": "0.010"},
        {"smd": "0.53", "n_arm1": "50", "n_arm2": "48", "p": "0.010"},
    ),
    "p_against_cohens_f": (
        {"cohens_f": "0.42", "n_arm1": "32", "n_arm2": "39", "as_reported": "p > .001, f = .42"},
        {"cohens_f": "0.42", "n_arm1": "32", "n_arm2": "39", "as_reported": "p < .001, f = .42"},
    ),
    "level_not_as_printed": (
        RATIO | {"ci_lb": "0.62", "ci_ub": "1.03", "as_reported": "OR 0.80 (90% CI 0.62 to 1.03)"},
        RATIO | {"ci_lb": "0.62", "ci_ub": "1.03", "ci_level": "90", "as_reported": "OR 0.80 (90% CI 0.62 to 1.03)"},
    ),
    "precision_against_n": (
        {"statistic": "smd", "smd": "0.50", "ci_lb": "-0.20", "ci_ub": "1.20", "n_arm1": "50", "n_arm2": "50"},
        {"statistic": "smd", "smd": "0.50", "ci_lb": "0.10", "ci_ub": "0.90", "n_arm1": "50", "n_arm2": "50"},
    ),
    "clusters_allowed_for_in_words": (
        CLUSTERED,
        CLUSTERED | {"allows_for_clusters": "yes"},
    ),
    "covariates_in_words": (
        RATIO | {"as_reported": "OR 0.80, adjusted for age"},
        RATIO | {"as_reported": "OR 0.80, adjusted for age", "adjustment": "adjusted"},
    ),
    "adjusted_test_of_raw_scores": (
        {"statistic": "F", "F": "4.2", "adjustment": "adjusted", "sd_basis": "raw"},
        {"statistic": "F", "F": "4.2", "adjustment": "adjusted", "sd_basis": "residual"},
    ),
    "repeated_measures_in_words": (
        PAIRS | {"t": "2.1", "as_reported": "independent-samples t(58) = 2.1"},
        PAIRS | {"t": "2.1", "as_reported": "independent t(58) = 2.1", "allows_for_repeated_measures": "no"},
    ),
    "repeated_measures_of_parallel_groups": (
        {"allows_for_repeated_measures": "no"},
        PAIRS | {"allows_for_repeated_measures": "no"},
    ),
    "fewer_digits_than_printed": (
        RATIO | {"ci_lb": "0.3", "as_reported": "OR 0.80 (0.30 to 1.07)"},
        RATIO | {"ci_lb": "0.30", "as_reported": "OR 0.80 (0.30 to 1.07)"},
    ),
    "p_of_zero": ({"p": "0.000"}, {"p": "0.001"}),
    "effect_beyond_two": (
        PAIRS | {"as_reported": "(t(29) = 153, p < .001)"},
        PAIRS | {"as_reported": "(t(29) = 1.53, p = .14)"},
    ),
    "ratio_beyond_twenty": (RATIO | {"ratio": "80"}, RATIO),
    "standard_error_as_sd": (ARMS | {"sd_arm1": "0.57"}, ARMS),
    "mean_eight_times_the_other": ({"mean_arm1": "39", "mean_arm2": "3.2"}, {"mean_arm1": "3.9", "mean_arm2": "3.2"}),
    "mean_of_whole_numbers": (ITEM | {"mean_arm1": "3.49"}, ITEM | {"mean_arm1": "3.45"}),
    "sd_of_whole_numbers": (
        ITEM | {"mean_arm1": "3.45", "sd_arm1": "1.05"},
        ITEM | {"mean_arm1": "3.45", "sd_arm1": "1.04"},
    ),
    "correlation_of_changes": (
        PAIRS | {"sd_arm1": "4.0", "sd_arm2": "5.0", "sd_change_arm1": "0.8"},
        PAIRS | {"sd_arm1": "4.0", "sd_arm2": "5.0", "sd_change_arm1": "3.1"},
    ),
    "score_outside_instrument": (
        ARMS | {"statistic": "means", "measure": "PHQ-9", "better": "lower", "mean_arm1": "37.00"},
        ARMS | {"statistic": "means", "measure": "PHQ-9", "better": "lower"},
    ),
    "sd_unusual_for_instrument": (
        ARMS | {"statistic": "means", "measure": "PCL-5", "better": "lower", "sd_arm1": "1.24", "sd_arm2": "11.0"},
        ARMS | {"statistic": "means", "measure": "PCL-5", "better": "lower", "sd_arm1": "12.4", "sd_arm2": "11.0"},
    ),
    "sd_of_zero_and_one": (
        BINARY | {"mean_arm1": "0.35", "sd_arm1": "0.18", "n_arm1": "20"},
        BINARY | {"mean_arm1": "0.35", "sd_arm1": "0.49", "n_arm1": "20"},
    ),
    "better_against_instrument": ({"measure": "PCL-5"}, {"measure": "PCL-5, recoded"}),
    "percentage_against_counts": (
        {"event_arm1": "10", "totaln_arm1": "14", "as_reported": "10 of 14 (61%)"},
        {"event_arm1": "10", "totaln_arm1": "14", "as_reported": "10 of 14 (71%)"},
    ),
    "odds_against_percentages": (
        {"as_reported": "31% vs. 45%; 67% reduction in odds"},
        {"as_reported": "31% vs. 45%; 45% reduction in odds"},
    ),
    "cell_not_as_printed": ({"t": "926", "as_reported": "t(49) = 9.26"}, {"t": "9.26", "as_reported": "t(49) = 9.26"}),
    "sign_not_as_printed": ({"smd": "0.76", "as_reported": "d = −0.76"}, {"smd": "-0.76", "as_reported": "d = −0.76"}),
    "n_not_as_printed": (
        {"n_arm1": "58", "n_arm2": "58", "as_reported": "n = 58; n = 42"},
        {"n_arm1": "58", "n_arm2": "42", "as_reported": "n = 58; n = 42"},
    ),
    "order_not_as_printed": (
        PAIRS | {"mean_arm1": "3.2", "mean_arm2": "3.9", "as_reported": "3.2 → 3.9"},
        PAIRS | {"mean_arm1": "3.9", "mean_arm2": "3.2", "as_reported": "3.2 → 3.9"},
    ),
    "unusual_bound": ({"as_reported": "p < .077"}, {"as_reported": "p < .05"}),
    "lower_bound_on_small_p": ({"as_reported": "p > .001"}, {"as_reported": "p > .05"}),
    "brackets_do_not_close": ({"as_reported": "t987.1)=0.29"}, {"as_reported": "t(87.1)=0.29"}),
    "tie_called_change": ({"as_reported": "41.7 → 41.7"}, {"as_reported": "41.7 → 41.7", "direction": "no_difference"}),
    "smd_against_direction": ({"smd": "-0.4"}, {"smd": "-0.4", "better": "lower"}),
    "interval_against_direction": ({"ci_lb": "-0.86", "ci_ub": "-0.07"}, {"ci_lb": "0.07", "ci_ub": "0.86"}),
    "cluster_called_individual": (
        {"note": "Two wards per arm; wards were randomised."},
        {"note": "Wards were randomised.", "unit_of_allocation": "cluster"},
    ),
    "pairing_against_n": (PAIRS | {"as_reported": "n=76; n = 35"}, PAIRS | {"pairing": "unmatched", "n_arm2": "76"}),
    "place_without_figure": (
        {"read_elsewhere": "n_arm1, p", "n_arm1": "30"},
        {"read_elsewhere": "n_arm1, n_arm2: table 1, page 3", "n_arm1": "30", "n_arm2": "31"},
    ),
    "totals_against_n": (
        {"totaln_arm2": "245", "n_arm2": "254"},
        {"totaln_arm1": "245", "n_arm1": "245", "n_arm2": "254"},
    ),
    "n_against_clusters": (
        {"n_arm1": "20", "n_clusters_arm1": "6", "cluster_size": "20"},
        {"n_arm1": "112", "n_clusters_arm1": "6", "cluster_size": "20"},
    ),
    "no_more_people_than_clusters": (
        {"n_arm1": "6", "n_clusters_arm1": "6"},
        {"n_arm1": "60", "n_clusters_arm1": "6"},
    ),
    "months_against_timepoint": (
        {"timepoint": "6 months", "months": "3"},
        {"timepoint": "4-6 weeks", "months": "1.15"},
    ),
}

CONTROL = {"n_arm2": "40", "mean_arm2": "5.0", "sd_arm2": "2.0", "mean_arm1": "6.0"}
# check: (two rows that must be flagged together, two that must not)
TABLES = {
    "shared_comparator": (
        [CONTROL | {"n_arm1": "30"}, CONTROL | {"n_arm1": "35"}],
        [
            CONTROL | {"n_arm1": "30", "analysis_set": "intention_to_treat"},
            CONTROL | {"n_arm1": "25", "analysis_set": "per_protocol"},
        ],
    ),
    "same_n_of_comparators": (
        [{"sample": "men", "n_arm2": "50"}, {"sample": "women", "n_arm2": "50"}],
        [{"sample": "men", "n_arm2": "50", "group_arm2": "a"}, {"sample": "women", "n_arm2": "50", "group_arm2": "b"}],
    ),
    "arm_on_both_sides": (
        [
            {"sample": "a", "mean_arm1": "7.87", "sd_arm1": "8.0", "n_arm1": "25"},
            {"sample": "b", "mean_arm2": "7.87", "sd_arm2": "8.0", "n_arm2": "25"},
        ],
        [
            {"sample": "a", "mean_arm1": "7.87", "sd_arm1": "8.0", "n_arm1": "25"},
            {"sample": "b", "mean_arm2": "7.87", "sd_arm2": "8.1", "n_arm2": "25"},
        ],
    ),
    "whole_beside_its_parts": (
        [
            {"sample": "men", "n_arm1": "20", "n_arm2": "22"},
            {"sample": "women", "n_arm1": "30", "n_arm2": "31"},
            {"sample": "all", "n_arm1": "50", "n_arm2": "53"},
        ],
        [
            {"sample": "men", "n_arm1": "20", "n_arm2": "22"},
            {"sample": "women", "n_arm1": "30", "n_arm2": "31"},
            {"sample": "others", "n_arm1": "50", "n_arm2": "60"},
        ],
    ),
    "repeated_result": ([{}, {}], [{}, {"timepoint": "6 months"}]),
    "copied_figures": (
        [ARMS | {"study": "a"}, ARMS | {"study": "b"}],
        [ARMS | {"study": "a"}, ARMS | {"study": "b", "n_arm1": "51"}],
    ),
    "better_differs": ([{"study": "a"}, {"study": "b", "better": "lower"}], [{"study": "a"}, {"study": "b"}]),
    "unit_of_allocation_differs": (
        [{"unit_of_allocation": "cluster"}, {"unit_of_allocation": "individual"}],
        [{"unit_of_allocation": "cluster"}, {"unit_of_allocation": "cluster"}],
    ),
    "n_of_the_other_arm": (
        [{"n_arm1": "58", "n_arm2": "42"}, {"n_arm1": "42", "n_arm2": "42"}],
        [{"n_arm1": "58", "n_arm2": "42"}, {"n_arm1": "30", "n_arm2": "42"}],
    ),
    "sd_in_other_studies": (
        [ARMS | {"study": name, "sd_arm1": sd, "sd_arm2": sd} for name, sd in zip("abc", "691", strict=True)],
        [ARMS | {"study": name, "sd_arm1": sd, "sd_arm2": sd} for name, sd in zip("abc", "693", strict=True)],
    ),
    "effect_far_from_others": (
        [{"study": name, "smd": smd} for name, smd in zip("abcde", ("0.2", "0.3", "-0.2", "0.1", "1.8"), strict=True)],
        [{"study": name, "smd": smd} for name, smd in zip("abcde", ("0.2", "0.3", "-0.2", "0.1", "0.9"), strict=True)],
    ),
    "ratios_run_both_ways": (
        [{"study": "a", "ratio": "0.8", "better": "lower"}, {"study": "b", "ratio": "1.3", "better": "higher"}],
        [{"study": "a", "ratio": "0.8", "better": "lower"}, {"study": "b", "better": "higher"}],
    ),
    "almost_copied_figures": (
        [ARMS | {"study": "a"}, ARMS | {"study": "b", "mean_arm1": "9.99"}],
        [ARMS | {"study": "a"}, ARMS | {"study": "b", "mean_arm1": "9.99", "sd_arm1": "8.88"}],
    ),
    "n_that_grows": (
        [{"n_arm1": "40", "months": "3"}, {"n_arm1": "46", "months": "12"}],
        [{"n_arm1": "46", "months": "3"}, {"n_arm1": "40", "months": "12"}],
    ),
    "text_in_another_encoding": ([{"measure": "GÃ¼nther scale"}, {}], [{"measure": "Günther scale"}, {}]),
    "sd_of_the_same_measure": ([ARMS, ARMS | {"sd_arm1": "0.6", "sd_arm2": "0.6"}], [ARMS, ARMS]),
    "overlapping_reports": ([{"report": "a"}, {"report": "b"}], [{"report": "a"}, {"report": "b", "measure": "other"}]),
    "two_samples_of_one_size": (
        [PAIRS, PAIRS | {"sample": "all_nurses", "measure": "other"}],
        [PAIRS, PAIRS | {"sample": "all_nurses", "n_arm1": "31"}],
    ),
    "digits_of_n_exchanged": (
        [PAIRS | {"n_arm1": n, "measure": n + m} for n, m in (("34", "a"), ("34", "b"), ("43", "c"))],
        [PAIRS | {"n_arm1": n, "measure": n + m} for n, m in (("34", "a"), ("34", "b"), ("33", "c"))],
    ),
    "unmatched_samples_of_one_size": (
        [{"pairing": "unmatched", "n_arm1": "34", "n_arm2": "34"}],
        [{"pairing": "unmatched", "n_arm1": "34", "n_arm2": "36"}],
    ),
    "population_of_another_domain": (
        [
            {"population": "staff"},
            {"population": "staff", "measure": "b"},
            {"population": "patients", "measure": "c"},
            {"population": "patients", "domain": "e"},
        ],
        [
            {"population": "staff"},
            {"population": "staff", "measure": "b"},
            {"population": "carers", "measure": "c"},
            {"population": "patients", "domain": "e"},
        ],
    ),
    "figures_of_another_study": (
        [{"z": "-3.038", "p": "0.002", "n_arm1": "34"}, {"z": "-3.038", "p": "0.002", "n_arm1": "34", "study": "b"}],
        [{"smd": "0.50", "n_arm1": "34"}, {"smd": "0.50", "n_arm1": "34", "study": "b"}],
    ),
    "n_not_printed": (
        [{"statistic": "z", "z": "-3.33", "n_arm1": "34", "as_reported": "z = -3.33"}],
        [
            {"statistic": "z", "z": "-3.33", "n_arm1": "34", "as_reported": "z = -3.33; n = 34"},
            {"statistic": "t", "t": "9.26", "n_arm1": "50", "as_reported": "t(49) = 9.26"},
            {"statistic": "z", "z": "-1", "n_arm1": "34", "as_reported": "z = -1", "read_elsewhere": "n_arm1: table 1"},
            {"statistic": "ratio", "ratio": "0.8", "n_arm1": "34", "as_reported": "OR .8"},
        ],
    ),
    "figures_without_expression": (
        [{"statistic": "z", "z": "-3.33"}, {"statistic": "z", "z": "-1.1", "study": "b", "as_reported": "z = -1.1"}],
        [
            {"statistic": "direction"},
            {"statistic": "z", "z": "-1.1", "as_reported": "z = -1.1"},
            {"statistic": "z", "z": "-1.1", "source_quote": "the test gave z = -1.1"},
        ],
    ),
    "measured_after_the_report": ([{"timepoint": "May 2013"}], [{"timepoint": "May 2010"}]),
}

REPORT = {
    "report": "s",
    "study": "s",
    "year": "2011",
    "citation": "Brown A 2011. Training of nurses about trauma in hospitals: a trial",
    "doi": "10.1/x",
    "source_url": "u",
}
REPORTS = {
    "one_source_two_studies": (
        {"report": "b", "study": "b", "source_url": "v"},
        {"report": "b", "study": "s"},
    ),
    "year_against_citation": ({"year": "2101"}, {"citation": "A 2010. Title 2011"}),
    "studies_cited_alike": (
        {
            "study": "b",
            "doi": "",
            "source_url": "",
            "citation": "Brown A 2011. Training of nurses about trauma in hospitals: trial",
            "year": "2011",
        },
        {
            "study": "b",
            "doi": "",
            "source_url": "",
            "citation": "Brown A 2011. Nurses and sleep in wards: a survey of habits",
            "year": "2011",
        },
    ),
    "year_to_come": ({"year": "2101", "citation": ""}, {"year": "2012", "citation": ""}),
    "report_before_study": ({"year": "1999", "citation": ""}, {"year": "2012", "citation": ""}),
}
OWN_WORDS = {"as_reported": "z = -3.3, p = .001; n = 34", "location": "table 3", "note": "Seen in the abstract only."}
FORM = {
    name: OWN_WORDS | {"z": z, "n_arm1": "34"}
    for name, z in (("x1", "-3.3"), ("x2", "-2.1"), ("x3", "-1.0"), ("x4", "0.2"))
}
REWORDED = {name: row | {"location": "tab. 3", "note": "Abstract."} for name, row in FORM.items()}
# What the second form holds beside FORM, flagged and not.
FORMS = {
    "form_copied": (FORM, REWORDED),
    "identifiers_exchanged": (REWORDED | {"x1": REWORDED["x2"], "x2": REWORDED["x1"]}, REWORDED),
}
# The unit of allocation of a randomised x1 and the tools that judged it overall, flagged and not.
JUDGING = {
    "tool_for_another_allocation": (("cluster", {"RoB 2": "low"}), ("cluster", {"RoB 2 cluster": "low"})),
    "judged_with_several_tools": (
        ("individual", {"RoB 2": "low", "EPHPP": "weak"}),
        ("individual", {"RoB 2": "low"}),
    ),
}
VERSIONS = {"RoB 2": "2019", "RoB 2 cluster": "2021", "RoB 2 crossover": "2021", "EPHPP": "2004"}
# RoB 2: what was answered and judged of x1, flagged and not.
JUDGED = {
    "judgement_against_answers": (
        {"1.1": "Y", "1.2": "PY", "1.3": "N", "D1": "high"},
        {"1.1": "Y", "1.2": "PY", "1.3": "N", "D1": "low"},
    ),
    "answers_that_stop": ({"3.1": "N", "3.2": "NI"}, {"3.1": "N", "3.2": "N", "3.3": "PN"}),
    "overall_against_domains": (
        {"D1": "high", "D2": "low", "D3": "low", "D4": "low", "D5": "low", "Overall": "low"},
        {"D1": "high", "D2": "low", "D3": "low", "D4": "low", "D5": "low", "Overall": "high"},
    ),
}
# A figure of a row as it was looked up in its source, flagged and not; another of the row stands in its place.
LOOKED = {
    "figure_not_in_source": (
        {"verdict": SourceVerdict.NOT_FOUND},
        {"verdict": SourceVerdict.NO_SOURCE},
    ),
    "figure_away_from_its_row": (
        {"verdict": SourceVerdict.ON_PAGE, "page_found": "3"},
        {"verdict": SourceVerdict.WITH_ROW, "page_found": "3"},
    ),
}


def names(found):
    return {query.check for query in found}


def test_every_check_has_a_test_a_reason_and_a_severity():
    assert {check.name for check in REGISTRY} == {*ROWS, *TABLES, *REPORTS, *FORMS, *JUDGING, *JUDGED, *LOOKED}
    for check in REGISTRY:
        assert check.reason.endswith(".") and len(check.reason) > 30
        assert check.severity in ("error", "query") and bool(check.of_row) != bool(check.of_tables)


@pytest.mark.parametrize("check", ROWS)
def test_a_check_of_a_row(check):
    wrong, right = ROWS[check]
    assert check in names(row_queries(SOUND | wrong))
    assert check not in names(row_queries(SOUND | right))


@pytest.mark.parametrize("check", TABLES)
def test_a_check_that_compares_rows(check):
    for flagged, cells in zip((True, False), TABLES[check], strict=True):
        rows = [SOUND | row | {"result": f"x{number}"} for number, row in enumerate(cells)]
        assert (check in names(table_queries(rows, [], [REPORT], tools=shipped_tools()))) is flagged


@pytest.mark.parametrize("check", REPORTS)
def test_a_check_of_reports(check):
    study = {"study": "s", "year": "2011"}
    for flagged, cells in zip((True, False), REPORTS[check], strict=True):
        assert (check in names(table_queries([], [study], [REPORT, REPORT | cells], tools=shipped_tools()))) is flagged


@pytest.mark.parametrize("check", FORMS)
def test_a_check_of_two_forms(check):
    for flagged, second in zip((True, False), FORMS[check], strict=True):
        forms = {
            form: {name: SOUND | cells | {"result": name} for name, cells in rows.items()}
            for form, rows in (("first", FORM), ("second", second))
        }
        found = table_queries([], [], [REPORT], tools=shipped_tools(), forms=forms)
        assert (check in names(found)) is flagged


def judged(told, tool="RoB 2"):
    rows = [
        {"result": "x1", "tool": tool, "version": VERSIONS[tool], "domain": domain, "judgement": level, "reason": ""}
        for domain, level in told.items()
    ]
    return in_words(rows, shipped_tools())


@pytest.mark.parametrize("check", JUDGING)
def test_a_check_of_the_tools_that_judged(check):
    for flagged, (unit, told) in zip((True, False), JUDGING[check], strict=True):
        row = SOUND | {"contrast": "randomised", "unit_of_allocation": unit}
        made = [one for tool, level in told.items() for one in judged({"overall": level}, tool)]
        found = [
            query for query in table_queries([row], [], [REPORT], made, tools=shipped_tools()) if query.check == check
        ]
        assert [(query.result, query.study, query.column) for query in found] == [("x1", "s", "tool")] * flagged
        if flagged and check == "judged_with_several_tools":
            assert found[0].found == (
                "found judgements with EPHPP (2004) and RoB 2 (2019), of which those with EPHPP (2004) count."
            )


@pytest.mark.parametrize("tool", ["RoB 2", "RoB 2 cluster", "RoB 2 crossover"])
def test_one_high_domain_makes_the_overall_judgement_high_whatever_is_missing(tool):
    def asked_of(**told):
        row = SOUND | {"contrast": "randomised"}
        made = table_queries([row], [], [REPORT], judged(told, tool), tools=shipped_tools())
        return [query.found for query in made if query.check == "overall_against_domains"]

    assert asked_of(D1="high", overall="low") == ['found "low" overall, where the domains lead to high.']
    assert asked_of(D1="high", overall="high") == [] == asked_of(D1="low", overall="some concerns")


@pytest.mark.parametrize("check", JUDGED)
def test_a_check_of_judgements(check):
    for flagged, told in zip((True, False), JUDGED[check], strict=True):
        found = [
            query
            for query in table_queries([SOUND], [], [REPORT], judged(told), tools=shipped_tools())
            if query.check == check
        ]
        assert [(query.result, query.study, query.column) for query in found] == [("x1", "s", "judgement")] * flagged


def test_the_algorithm_asks_only_what_people_judged_and_fills_nothing_in():
    answers = {"1.1": "Y", "1.2": "N", "1.3": "N", "2.1 adhering": "N"}
    [stops] = table_queries([SOUND], [], [REPORT], judged(answers), tools=shipped_tools())
    assert stops.found.startswith("found no answer to question 2.2 adhering of Bias due to deviations")
    told = judged(answers | {"D1": "some concerns", "D2": "not assessed"})
    [asked_of, _] = table_queries([SOUND], [], [REPORT], told, tools=shipped_tools())
    assert asked_of.found == (
        'found "some concerns" for Bias arising from the randomisation process, where the answers 1.2 N lead to high.'
    )
    concerned = {f"D{number}": "some concerns" for number in range(1, 6)}
    for overall, expected in (("some concerns", 0), ("high", 0), ("low", 1)):
        assert (
            len(table_queries([SOUND], [], [REPORT], judged(concerned | {"Overall": overall}), tools=shipped_tools()))
            == expected
        )


# The errors that are printed in the sources of the shipped evidence, as their rows are received.
PRINTED = {
    "r011": (
        RATIO
        | {
            "ratio": "0.97",
            "ci_lb": "0.93",
            "ci_ub": "1.01",
            "p": "0.056",
            "arm": "comparator",
            "contrast": "randomised",
            "as_reported": "25% to 19% (IRR=.97, CI=.93–1.01, p=.056)",
        },
        {"p_against_interval"},
    ),
    "r058": (
        PAIRS | {"n_arm1": "230", "df": "229", "p_bound": "0.001", "as_reported": "19.3% (t(229) = 1532, p < .001)"},
        {"effect_beyond_two"},
    ),
    "r083": (PAIRS | {"n_arm1": "44", "df1": "1", "p": "0.077", "as_reported": "p < .077"}, {"unusual_bound"}),
    "r087": (
        {"contrast": "before_after", "t": "0.29", "p": "0.98", "as_reported": "t987.1)=0.29, p=0.98"},
        {"p_against_t", "brackets_do_not_close"},
    ),
    "r098": (
        PAIRS | {"n_arm1": "9", "F": "4.56", "df1": "3", "p": "0.06", "as_reported": "F₃ = 4.56, p = .06; n = 9"},
        {"p_against_F"},
    ),
    "r099": (PAIRS | {"n_arm1": "14", "p": "0.21", "as_reported": "F3 = 4.32, p = .21; n = 14"}, {"p_against_F"}),
    "r120": (
        {
            "contrast": "randomised",
            "cohens_f": "0.42",
            "n_arm1": "32",
            "n_arm2": "39",
            "as_reported": "p > .001, f = .42",
        },
        {"p_against_cohens_f", "lower_bound_on_small_p"},
    ),
    "r137": (
        {"better": "lower", "p_bound": "0.05", "as_reported": "31% vs. 45%; 67% reduction in odds, p < .05"},
        {"odds_against_percentages"},
    ),
}


@pytest.mark.parametrize("result", PRINTED)
def test_a_printed_error_is_flagged_by_name(result):
    cells, checks = PRINTED[result]
    assert names(row_queries(SOUND | cells)) == checks


def test_an_expression_that_prints_both_an_adjusted_and_a_crude_figure_asks_only_where_the_cell_is_empty():
    row = SOUND | RATIO | {"as_reported": "crude OR 0.80; 0.85 adjusted for age"}
    asked = {
        cell: [q.ask for q in row_queries(row | {"adjustment": cell}) if q.check == "covariates_in_words"]
        for cell in ("", "adjusted", "crude")
    }
    assert asked == {"": ["Write adjusted or crude if that is said of this figure."], "adjusted": [], "crude": []}


def test_the_standard_error_of_a_correlation_is_compared_with_its_n():
    row = SOUND | R | {"n_arm1": "100", "ci_lb": "0.17", "ci_ub": "0.51"}
    named = {n: {q.check for q in row_queries(row | {"n_arm1": n})} for n in ("100", "40")}
    assert "precision_against_n" in named["40"] - named["100"]


def test_the_shipped_rows_raise_these_questions_and_few_others(root):
    outcomes, studies, reports = (
        read_rows(root / "data" / "extracted" / f"{name}.csv") for name in ("outcomes", "studies", "reports")
    )
    found = queries(outcomes, studies, reports, tools=shipped_tools())
    present = {row["result"] for row in outcomes}
    for result, (_, checks) in PRINTED.items():
        assert result not in present or checks <= names(q for q in found if q.result == result), result
    clean = present - set(PRINTED)
    assert len({q.result for q in found} & clean) < 0.1 * len(clean)
    assert all(q.severity == "query" for q in found)


def test_no_identifier_stands_in_the_checks(root):
    folder = root / "src" / "taprev" / "extraction"
    text = "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.py")))
    extracted = root / "data" / "extracted"
    known = {row["result"] for row in read_rows(extracted / "outcomes.csv")}
    known |= {row["study"] for row in read_rows(extracted / "studies.csv")}
    assert [name for name in sorted(known) if name in text] == []


def printed(value, digits):
    return f"{value:.{digits}f}"


def p_cells(p):
    return {"p": printed(p, 3)} if p >= 0.001 else {"p_bound": "0.001"}


sizes = st.integers(8, 300)
effects = st.floats(-1.5, 1.5)
spreads = st.floats(1.0, 30.0)
digits = st.integers(1, 3)


@settings(max_examples=150, deadline=None)
@given(sizes, sizes, effects, spreads, spreads, digits, st.booleans())
def test_two_consistent_arms_are_never_questioned(n1, n2, effect, sd1, sd2, places, welch):
    mean = 50 + effect * sd2
    if welch:
        parts = sd1**2 / n1, sd2**2 / n2
        se, df = (
            math.sqrt(sum(parts)),
            sum(parts) ** 2 / (parts[0] ** 2 / (n1 - 1) + parts[1] ** 2 / (n2 - 1)),
        )
    else:
        df = n1 + n2 - 2
        se = math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df * (1 / n1 + 1 / n2))
    t = (mean - 50) / se
    figures = {"mean_arm1": mean, "sd_arm1": sd1, "mean_arm2": 50, "sd_arm2": sd2, "t": t}
    row = {name: printed(value, places) for name, value in figures.items()} | p_cells(2 * stdtr(df, -abs(t)))
    row |= {"n_arm1": str(n1), "n_arm2": str(n2), "df": printed(df, 1) if welch else str(df)}
    assert recomputed(row) == set()
    assert recomputed(row | {"df": ""}) == set()
    assert recomputed(row | {"t": "", "df": ""}) == set()


@settings(max_examples=150, deadline=None)
@given(sizes, effects, spreads, spreads, digits, st.floats(-0.9, 0.95))
def test_consistent_pairs_are_never_questioned(n, effect, sd1, sd2, places, r):
    mean = 50 + effect * sd2
    t = (mean - 50) / math.sqrt((sd1**2 + sd2**2 - 2 * r * sd1 * sd2) / n)
    p = 2 * stdtr(n - 1, -abs(t))
    figures = {"mean_arm1": mean, "sd_arm1": sd1, "mean_arm2": 50, "sd_arm2": sd2, "t": t}
    row = PAIRS | {name: printed(value, places) for name, value in figures.items()} | p_cells(p)
    assert recomputed(row | {"n_arm1": str(n), "df": str(n - 1)}) == set()


@settings(max_examples=200, deadline=None)
@given(st.floats(-6, 6), st.floats(0.05, 2), digits, st.booleans(), sizes)
def test_a_consistent_interval_is_never_questioned(z, se, places, ratio, n):
    quantile, p = (
        (ndtri(0.975), 2 * ndtr(-abs(z))) if ratio else (stdtrit(2 * n - 2, 0.975), 2 * stdtr(2 * n - 2, -abs(z)))
    )
    column, turn = ("ratio", math.exp) if ratio else ("md", float)
    figures = {column: z * se, "ci_lb": (z - quantile) * se, "ci_ub": (z + quantile) * se}
    row = {name: printed(turn(value), places) for name, value in figures.items()}
    row |= p_cells(p) | {"se": printed(se, 3), "n_arm1": str(n), "n_arm2": str(n)}
    if float(row[column]) > 0 or not ratio:
        assert recomputed(row) == set()


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 60), st.integers(1, 5), st.integers(6, 200), digits)
def test_consistent_F_and_z_are_never_questioned(f, df1, n, places):
    row = PAIRS | {"n_arm1": str(n), "df1": str(df1), "F": printed(f, places)}
    for df2 in (n - df1, df1 * (n - 1)):
        assert recomputed(row | p_cells(fdtrc(df1, df2, f))) == set()
    z = math.sqrt(f)
    assert recomputed({"z": printed(-z, places)} | p_cells(2 * ndtr(-z))) == set()


RECOMPUTED = (
    "p_against",
    "t_against",
    "md_against",
    "smd_against_means",
    "smd_against_test",
    "df_against",
    "interval_not_symmetric",
    "interval_against_standard_error",
)


def recomputed(cells):
    return {name for name in names(row_queries(SOUND | cells)) if name.startswith(RECOMPUTED)}


@pytest.mark.parametrize(
    ("text", "t", "df"),
    [
        ("62% (t(49) = 9.26, p < .001)", "9.26", "49"),
        ("t987.1)=0.29, p=0.98", "0.29", ""),
        ("t = -2.1", "-2.1", ""),
        ("post = 3.0", "", ""),
        ("t(9) = 1.0; t(9) = 2.0", "", ""),
    ],
)
def test_a_printed_t_is_read(text, t, df):
    row = BLANK | {"as_reported": text}
    assert (figure_of_test(row, "t"), figure_of_test(row, "df")) == (t, df)


def test_printed_words_are_read():
    row = BLANK | {"as_reported": "F(3, 24) = 4.56"}
    assert [figure_of_test(row, name) for name in ("F", "df1", "df2")] == ["4.56", "3", "24"]
    assert figure_of_test(BLANK | {"as_reported": "f = .42"}, "F") == ""
    assert numbers("48-68% vs 1,018") == ["48", "68", "1018"]
    assert negative_numbers("[−0.74, -0.2] 48-68%") == ["0.74", "0.2"]
    assert sample_sizes("n = 1,018 vs 1,008; N = 9") == ["1018", "1008", "9"]


@pytest.mark.parametrize(
    ("mean", "sd", "fits"),
    [
        ("0.53", "0.50", True),
        ("0.44", "0.50", True),
        ("0.77", "0.42", True),
        ("0.19", "0.35", False),
        ("0.34", "0.47", True),
        ("0.93", "0.25", True),
        ("0.12", "0.33", True),
        ("0.00", "0.00", True),
        ("1.00", "0.20", False),
    ],
)
def test_means_and_sds_of_zeros_and_ones(mean, sd, fits):
    """The means, SDs and n of the published example of DEBIT (0.19 with 0.35 cannot be: its SD is 0.39), and edges."""
    row = SOUND | BINARY | {"mean_arm1": mean, "sd_arm1": sd, "n_arm1": "1683"}
    assert ("sd_of_zero_and_one" not in names(row_queries(row))) is fits
    assert "sd_of_zero_and_one" not in names(row_queries(row | {"measure": "share of hours"}))


@pytest.mark.parametrize("measure", ["yes/no item", "yes or no", "dichotomous answer", "scored 0/1"])
def test_a_measure_says_that_its_answers_are_zero_or_one(measure):
    row = SOUND | {"measure": measure, "mean_arm1": "0.35", "sd_arm1": "0.18", "n_arm1": "20"}
    assert "sd_of_zero_and_one" in names(row_queries(row))


def test_an_instrument_without_a_published_sd_is_not_asked_about():
    row = SOUND | ARMS | {"statistic": "means", "measure": "CES-D", "better": "lower", "sd_arm1": "0.40"}
    assert "sd_unusual_for_instrument" not in names(row_queries(row))
    assert all(bool(one.usual_sd) == bool(one.sd_source) for one in instruments())


def write_answers(folder, *rows):
    with (folder / "data" / "raw" / "answers.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([OLDER_HEADER, *rows])


def test_answers_stand_beside_their_queries(review):
    found = [Query("unusual_bound", "query", "x1", "s", "p_bound", "found p < .077.", "Is it p = instead?")]
    write_answers(review, ["unusual_bound", "x1", "It is p = .077."])
    answers, problems = read_answers(review / "data", found)
    assert problems == []
    [row] = answered(found, answers)
    assert row["answer"] == "It is p = .077." and row["reason"].startswith("A bound on p")
    (review / "data" / "raw" / "answers.csv").unlink()
    assert read_answers(review / "data", found) == ([], [])


def test_an_answer_that_answers_nothing_is_named(review):
    write_answers(review, ["unusual_bound", "x9", "Yes."], ["no_such_check", "x1", "Yes."], ["unusual_bound", "x1", ""])
    found = [Query("unusual_bound", "query", "x1", "s", "p_bound", "found p < .077.", "Is it p = instead?")]
    said = [problem.sentence() for problem in read_answers(review / "data", found)[1]]
    assert len(said) == 3
    assert "answers.csv, row 2 (x9), column result: this answer answers nothing" in said[0]
    assert 'found "no_such_check", which is no check' in said[1] and "found an empty answer" in said[2]


def test_the_shipped_answers_answer_something(root):
    answers, problems = read_answers(root / "data", asked(root / "data"))
    assert problems == [] and all(answer["answer"] for answer in answers)


def test_the_study_of_the_checker_gives_the_committed_table(root, tmp_path):
    out = tmp_path / "checker.csv"
    command = [sys.executable, root / "benchmarks" / "checker.py", "--out", out]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    again = "run python benchmarks/checker.py --out src/taprev/report/checker.csv"
    assert out.read_text("utf-8") == (root / "src" / "taprev" / "report" / "checker.csv").read_text("utf-8"), again
    with out.open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    planted = [line for line in lines if line["computable"]]
    assert all(float(line["share"]) >= 0.8 for line in planted if line["computable"] == "yes")
    assert all(int(line["planted"]) >= 20 for line in planted)
    assert all(float(line["share"]) < 0.1 for line in lines if not line["computable"])


def looked_up(**changes):
    return LookedUpFigure(
        **{"result": "x1", "report": "s", "column": "mean_arm1", "value": "12.3", "page": "3"} | changes
    )


@pytest.mark.parametrize("check", LOOKED)
def test_a_check_of_sources_asks_of_a_figure_that_stands_elsewhere_and_not_of_one_in_its_place(check):
    beside = looked_up(column="sd_arm1", value="4.5", verdict=SourceVerdict.WITH_ROW)
    for changes, expected in zip(LOOKED[check], ({check}, set()), strict=True):
        found = table_queries([SOUND], [], [], tools=shipped_tools(), looked_up=[looked_up(**changes), beside])
        assert names(found) == expected


def test_a_figure_on_another_page_is_asked_about_with_both_pages():
    there = looked_up(verdict=SourceVerdict.OTHER_PAGE, page_found="5", file="paper.pdf", printed="12.3", after="(4.5)")
    [query] = table_queries([SOUND], [], [], tools=shipped_tools(), looked_up=[there])
    assert query.found == 'found 12.3, not on page 3 but on page 5 of paper.pdf: "12.3 (4.5)".'


def test_a_figure_that_stands_alone_on_its_page_is_not_asked_about():
    alone = looked_up(verdict=SourceVerdict.ON_PAGE, page_found="3")
    assert table_queries([SOUND], [], [], tools=shipped_tools(), looked_up=[alone]) == []


def test_the_methods_tell_what_the_study_of_the_checker_found(root):
    with (root / "src" / "taprev" / "report" / "checker.csv").open(encoding="utf-8", newline="") as handle:
        told = {
            (line["error"], line["seen_by"]): f"{line['found']} of {line['planted']}" for line in csv.DictReader(handle)
        }
    methods = (root / "METHODS.md").read_text("utf-8")
    expression, others, nothing = "printed expression", "another figure or cell", "nothing"
    follows = told["swapped, direction follows", expression], told["swapped, direction follows", nothing]
    assert f"found in {told['swapped arms or times', others]} rows where the direction contradicts" in methods
    assert (
        f"in {follows[0]} rows whose expression prints both sides, and in {follows[1]} where no expression" in methods
    )
    people = (told["swapped digits of people", way] for way in (expression, others))
    assert (
        "found in {} rows with the figure in the expression, and otherwise only where other rows of the same people "
        "agree ({})".format(*people)
        in methods
    )
