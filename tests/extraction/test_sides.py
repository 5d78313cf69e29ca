"""The two sides of a printed comparison, in the ways articles print them, and the slips that they show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.questioned import SOUND
from taprev.extraction.plausibility import row_queries
from taprev.extraction.plausibility.sides import comparisons

OF_EXPRESSIONS = {"cell_not_as_printed", "sign_not_as_printed", "n_not_as_printed", "order_not_as_printed"}


def asked(**cells):
    return {query.check for query in row_queries(SOUND | cells)} & OF_EXPRESSIONS


def sides(text):
    return [(one.left.figures, one.sign.value, one.right.figures) for one in comparisons(text)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "12.1 (3.06) → 13.75 (3.35); n = 79",
            [({"centre": (12.1,), "spread": (3.06,)}, "→", {"centre": (13.75,), "spread": (3.35,)})],
        ),
        ("53 of 254 vs 30/212", [({"centre": (53,), "total": (254,)}, "vs", {"centre": (30,), "total": (212,)})]),
        (
            "−12.3 (13.1), n = 55 vs −7.9 (12.6), n = 52",
            [
                (
                    {"n": (55,), "centre": (-12.3,), "spread": (13.1,)},
                    "vs",
                    {"n": (52,), "centre": (-7.9,), "spread": (12.6,)},
                )
            ],
        ),
        (
            "29 [19, 40] vs 35 [24–45]",
            [({"centre": (29,), "q1": (19,), "q3": (40,)}, "vs", {"centre": (35,), "q1": (24,), "q3": (45,)})],
        ),
        ("difference -5.4 (95% CI -9.3 to -1.5); n = 111 vs 102", [({"n": (111,)}, "vs", {"n": (102,)})]),
        ("93 → 31 (22 → 11 youth)", [({"centre": (a,)}, "→", {"centre": (b,)}) for a, b in ((93, 31), (22, 11))]),
        ("5.1 → 5.5 (mean difference: 0.4; 95% CI: 0.3–0.5)", [({"centre": (5.1,)}, "→", {"centre": (5.5,)})]),
        ("12 (15.0%) vs 20 (24.1%)", [({"centre": (12,)}, "vs", {"centre": (20,)})]),
        (
            "from 3.2 (SD 1.1) to 4.5 (SD 1.2), t(33) = 2.3",
            [({"centre": (3.2,), "spread": (1.1,)}, "→", {"centre": (4.5,), "spread": (1.2,)})],
        ),
        (
            "PCL 31.0 (12.7) vs 35.3 (13.3); PHQ 14.2 (6.8) vs 18.2 (8.8)",
            [
                ({"centre": (31.0,), "spread": (12.7,)}, "vs", {"centre": (35.3,), "spread": (13.3,)}),
                ({"centre": (14.2,), "spread": (6.8,)}, "vs", {"centre": (18.2,), "spread": (8.8,)}),
            ],
        ),
        ("OR 0.71 (95% CI 0.4 to 1.26), p = 0.241", []),
        ("p < .001", []),
        ("", []),
    ],
)
def test_an_expression_is_read_as_its_sides(text, read):
    assert sides(text) == read


MEANS = {"mean_arm1": "31.9", "sd_arm1": "15.5", "mean_arm2": "32.8", "sd_arm2": "14.9"}
EVENTS = {"event_arm1": "30", "totaln_arm1": "212", "event_arm2": "53", "totaln_arm2": "254"}


@pytest.mark.parametrize(
    ("right", "slip", "check"),
    [
        (
            MEANS | {"n_arm1": "57", "n_arm2": "70", "as_reported": "31.9 (15.5), n = 57 vs 32.8 (14.9), n = 70"},
            {"n_arm1": "70"},
            "n_not_as_printed",
        ),
        (
            EVENTS | {"n_arm1": "212", "n_arm2": "254", "as_reported": "30 of 212 vs 53 of 254"},
            {"totaln_arm2": "245"},
            "n_not_as_printed",
        ),
        (
            {"mean_change_arm1": "-12.3", "mean_change_arm2": "-7.9", "as_reported": "−12.3 (13.1) vs −7.9 (12.6)"},
            {"mean_change_arm2": "7.9"},
            "sign_not_as_printed",
        ),
        (
            MEANS | {"as_reported": "control 32.8 ± 14.9 vs 31.9 ± 15.5", "direction": "mixed"},
            {"mean_arm1": "32.8", "sd_arm1": "14.9", "mean_arm2": "31.9", "sd_arm2": "15.5"},
            "order_not_as_printed",
        ),
        (
            {"contrast": "before_after", "mean_arm1": "13.75", "mean_arm2": "12.1", "as_reported": "12.1 → 13.75"},
            {"mean_arm1": "12.1", "mean_arm2": "13.75", "direction": "worse"},
            "order_not_as_printed",
        ),
    ],
)
def test_a_slip_beside_a_right_expression_is_asked_about_by_name(right, slip, check):
    assert check not in asked(**right)
    assert check in asked(**right | slip)


means, spreads = st.floats(-40, 90).map(lambda value: f"{value:.1f}"), st.floats(0.5, 30).map(lambda v: f"{v:.2f}")
people = st.integers(12, 400).map(str)
MINUS = st.sampled_from(["-", "−"])
SPREAD = st.sampled_from(["{m} ({s})", "{m} (SD {s})", "{m} ± {s}", "M = {m}, SD = {s}"])
BETWEEN = st.sampled_from([" vs ", " vs. ", " versus ", " compared with "])
N = st.sampled_from([", n = {n}", " (n = {n})", ", N={n}"])
LATER = st.sampled_from(["", "; p = 0.03", "; t(98) = 2.31, p = .02", "; d = 0.41 (95% CI 0.02 to 0.80)"])


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(means, means), st.tuples(spreads, spreads), st.tuples(people, people), MINUS, SPREAD, BETWEEN, N, LATER
)
def test_two_arms_are_read_in_every_way_they_are_printed_and_exchanged_ones_are_seen(
    m, s, n, minus, how, mark, size, then
):
    parts = [(how + size).format(m=a.replace("-", minus), s=b, n=c) for a, b, c in zip(m, s, n, strict=True)]
    text = parts[0] + mark + parts[1] + then
    columns = ("mean", "sd", "n")
    cells = {f"{name}_arm{arm + 1}": pair[arm] for name, pair in zip(columns, (m, s, n), strict=True) for arm in (0, 1)}
    exchanged = {f"{name}_arm{2 - arm}": cells[f"{name}_arm{arm + 1}"] for name in columns for arm in (0, 1)}
    [one] = comparisons(text)
    assert one.left.figures == {"centre": (float(m[0]),), "spread": (float(s[0]),), "n": (int(n[0]),)}
    assert not asked(**cells, as_reported=text, direction="mixed")
    if float(m[0]) != float(m[1]):
        assert "order_not_as_printed" in asked(**exchanged, as_reported=text, direction="mixed")
    if n[0] != n[1]:
        assert "n_not_as_printed" in asked(**cells | {"n_arm1": n[1]}, as_reported=text, direction="mixed")


ARMS_AS_PRINTED = {
    "mean_arm1": "13.75",
    "sd_arm1": "3.35",
    "mean_arm2": "12.1",
    "sd_arm2": "3.06",
    "n_arm1": "79",
    "n_arm2": "81",
    "contrast": "randomised",
    "pairing": "",
}


@pytest.mark.parametrize(
    "text",
    [
        "13.75 (SD 3.35; n = 79) vs 12.1 (SD 3.06; n = 81)",
        "12.1 (3.06) (n = 81, waiting list) versus 13.75 (3.35) (n = 79, programme)",
        "n = 81 (control) vs n = 79 (programme); 12.1 (3.06) (control group) vs 13.75 (3.35)",
        "untrained 12.1 (3.06), n = 81 vs trained 13.75 (3.35), n = 79",
        "standard care 12.1 (3.06) n=81 vs programme 13.75 (3.35) n=79",
        "programme 13.75 (3.35), n=79; control 12.1 (3.06), n=81",
        "controls: 12.1 (3.06), n = 81; TIC: 13.75 (SD = 3.35), n = 79; t(158) = 3.25, p = .001",
        "13·75 (3·35) vs 12·1 (3·06); n = 79 vs 81",
    ],
)
def test_what_is_printed_in_other_words_is_not_asked_about_and_exchanged_figures_are(text):
    assert not asked(as_reported=text, **ARMS_AS_PRINTED)
    for name in ("mean", "sd"):
        one, two = f"{name}_arm1", f"{name}_arm2"
        exchanged = {one: ARMS_AS_PRINTED[two], two: ARMS_AS_PRINTED[one]}
        assert asked(as_reported=text, **ARMS_AS_PRINTED | exchanged) == {"order_not_as_printed"}, name


def test_n_that_counts_events_is_no_n_of_people():
    cells = {
        "event_arm1": "30",
        "totaln_arm1": "212",
        "event_arm2": "53",
        "totaln_arm2": "254",
        "contrast": "randomised",
    }
    cells |= {"n_arm1": "212", "n_arm2": "254", "mean_arm1": "", "sd_arm1": "", "mean_arm2": "", "sd_arm2": ""}
    text = "14% (n = 30) vs 21% (n = 53) of 212 and 254"
    assert not asked(as_reported=text, **cells)
    assert asked(as_reported=text, **cells | {"event_arm1": "53", "event_arm2": "30"})


def test_n_of_those_who_came_back_is_read_on_its_side():
    cells = {
        "as_reported": "n = 85 at baseline → 79 at follow-up; 12.1 (3.06) → 13.75 (3.35)",
        "contrast": "before_after",
    }
    assert not asked(**ARMS_AS_PRINTED | cells | {"n_arm2": ""})
    assert asked(**ARMS_AS_PRINTED | cells | {"n_arm1": "85", "n_arm2": ""}) == {"n_not_as_printed"}


@pytest.mark.parametrize(
    "text", ["–1.7 (95% CI –2.9 to –0.5)", "-1.7, 95% CI: -2.9–-0.5", "MD –1.7 [–2.9;–0.5]", "-1.7 (-2.9/-0.5)"]
)
def test_dashes_that_stand_for_a_minus_are_read_as_one(text):
    cells = {"mean_arm1": "", "sd_arm1": "", "mean_arm2": "", "sd_arm2": "", "n_arm1": "", "n_arm2": ""}
    cells |= {"as_reported": text, "md": "-1.7", "ci_lb": "-2.9", "ci_ub": "-0.5"}
    assert not asked(**cells)
    assert asked(**cells | {"ci_ub": "0.5"}) == {"sign_not_as_printed"}


def test_a_total_may_be_printed_as_those_with_an_event_and_those_without():
    cells = {
        "event_arm1": "4",
        "totaln_arm1": "123",
        "event_arm2": "11",
        "totaln_arm2": "139",
        "contrast": "randomised",
    }
    cells |= {"n_arm1": "123", "n_arm2": "139", "mean_arm1": "", "sd_arm1": "", "mean_arm2": "", "sd_arm2": ""}
    text = "tpos = 4, tneg = 119, cpos = 11, cneg = 128"
    assert not asked(as_reported=text, **cells)
    assert asked(as_reported=text, **cells | {"totaln_arm1": "132"}) == {"cell_not_as_printed"}


def test_arms_that_are_only_listed_are_compared_where_one_is_said_to_be_the_comparator():
    exchanged = {"mean_arm1": "12.1", "mean_arm2": "13.75"}
    text = "first 13.75 (3.35), n = 79; second 12.1 (3.06), n = 81"
    assert not asked(as_reported=text, **ARMS_AS_PRINTED | exchanged)
    told = text.replace("second", "controls")
    assert asked(as_reported=told, **ARMS_AS_PRINTED | exchanged) == {"order_not_as_printed"}
