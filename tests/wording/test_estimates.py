"""How many decimals an estimate has: two significant digits of its standard error."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taprev.certainty.judgements import number, same
from taprev.wording.estimates import NumberStyle, estimate, style

SMD, MD, RATIO = NumberStyle("smd"), NumberStyle("md"), NumberStyle("log_odds_ratio")


def about(value, se):
    return value, value - 1.96 * se, value + 1.96 * se


@pytest.fixture
def knowledge(shipped_contents):
    content = next(content for content in shipped_contents if content.domain == "staff_knowledge")
    return next(stratum for stratum in content.strata if stratum.fit)


@pytest.mark.parametrize(
    ("of", "how", "text"),
    [
        (about(0.0052, 0.0021), SMD, "0.0052 [0.0011, 0.0093]"),
        (about(0.0000123, 0.0000031), SMD, "0.0000123 [0.0000062, 0.0000184]"),
        (about(0.305, 0.041), SMD, "0.305 [0.225, 0.385]"),
        (about(0.79, 0.17), SMD, "0.79 [0.46, 1.12]"),
        (about(2.5, 1.4), SMD, "2.50 [−0.24, 5.24]"),
        (about(-1234.5, 123.0), MD, "−1234 [−1476, −993]"),
        (about(12.34, 1.9), MD, "12.3 [8.6, 16.1]"),
        ((math.log(0.03), math.log(0.0008), math.log(1.1)), RATIO, "0.03 [<0.01, 1.10]"),
        ((math.log(0.003), math.log(0.001), math.log(0.009)), RATIO, "0.003 [0.001, 0.009]"),
        ((math.log(0.49), math.log(0.34), math.log(0.7)), RATIO, "0.49 [0.34, 0.70]"),
        ((math.log(1.002), math.log(0.998), math.log(1.006)), RATIO, "1.0020 [0.9980, 1.0060]"),
        ((math.log(0.5), math.log(0.25), 0.0), RATIO, "0.50 [0.25, 1.00]"),
        ((math.log(150.0), math.log(12.5), math.log(1800)), RATIO, "150 [12.50, 1800]"),
        ((math.log(150), math.log(149.4), math.log(150.6)), RATIO, "150 [149, 151]"),
        ((math.log(150), math.log(149.94), math.log(150.06)), RATIO, "150.000 [149.940, 150.060]"),
        ((math.log(10), math.log(9.616), math.log(10.4)), RATIO, "10.00 [9.62, 10.40]"),
        ((-1.0, -math.inf, 0.2), RATIO, "0.37 [<0.01, 1.22]"),
        (about(0.305, 0.041), NumberStyle("smd", 2), "0.30 [0.22, 0.39]"),
        (about(0.0052, 0.0021), NumberStyle("smd", 2), "0.005 [0.001, 0.009]"),
        ((0.3, None, None), SMD, "0.30 [–, –]"),
    ],
)
def test_decimals_follow_the_standard_error(of, how, text):
    assert estimate(*of, how) == text


@given(st.floats(-5, 5), st.floats(1e-9, 5))
def test_no_interval_vanishes_in_its_decimals(value, se):
    for how in (SMD, MD, RATIO):
        shown, low, high = estimate(*about(value, se), how).split()
        assert low[1:-1] != high[:-1] or shown == "∞" or float(high[:-1].lstrip("<−")) > 99


def test_a_domain_says_how_many_decimals(knowledge):
    assert style(knowledge).digits == 2
    assert style(replace(knowledge, digits=3)).digits == 3
    assert number(replace(knowledge, digits=3), ()) == "0.791 [0.347, 1.236], k = 6"


def test_a_judgement_is_of_the_number_and_not_of_its_digits(knowledge):
    finer = replace(knowledge, digits=4)
    for one in (knowledge, finer):
        assert same("0.79 [0.35, 1.24], k = 6", one, ()) and same("0.7913 [0.3469,  1.2358], k = 6", one, ())
        assert not same("0.79 [0.35, 1.24], k = 5", one, ()) and not same("0.79 [0.35, 1.25], k = 6", one, ())
        assert not same("0.8 [0.3, 1.2], k = 6", one, ()) and not same("not pooled", one, ())
    large = replace(knowledge, scale="log_odds_ratio", fit=replace(knowledge.fit, estimate=5.0, ci_lb=3.0, ci_ub=7.0))
    assert number(large, ()) == "148 [20.09, 1097], k = 6" and same(number(large, ()), large, ())
    moved = replace(knowledge, fit=replace(knowledge.fit, estimate=knowledge.fit.estimate + 0.01))
    assert not same("0.79 [0.35, 1.24], k = 6", moved, ())
