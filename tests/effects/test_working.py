"""The written formulas give the effects again: with the numbers put in, every line comes out."""

from __future__ import annotations

import ast
import math
import random

import pytest

from samples.extracted_rows import made_up_row
from taprev.effects.derivations import DERIVATIONS
from taprev.effects.derive import Effect, derive
from taprev.effects.formulas import FACTORS, FORMULAS, TESTS, formula
from taprev.effects.working import evaluate, short, working, written
from taprev.settings import Assumptions

HARDER = Assumptions.model_validate(
    {"r_pre_post": {"value": 0.7}, "icc": {"value": 0.05}, "overdispersion": {"value": 3}}
)
BY_SIZE = HARDER.model_copy(update={"cluster_adjustment": "sample_size"})


def close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-14)


@pytest.mark.parametrize("way", DERIVATIONS, ids=lambda way: f"{way.name}, {way.family}")
@pytest.mark.parametrize("assumptions", [Assumptions(), HARDER, BY_SIZE], ids=["usual", "harder", "by size"])
@pytest.mark.parametrize("shared_by", [1, 3])
def test_the_working_of_every_derivation_ends_in_its_effect(way, assumptions, shared_by):
    draw, seen, families = random.Random(f"{way.name} {way.family}"), 0, set()
    scale = way.scale if way.scale in ("smd", "md") else "smd"
    for _ in range(60):
        row = made_up_row(draw, way, "domain")
        effect = derive(row, scale, assumptions, shared_by)
        if not isinstance(effect, Effect) or effect.derivation != way.name:
            continue
        lines = working(row, scale, assumptions, shared_by)
        values = {line.name: line.value for line in lines}
        assert close(values["yi"], effect.yi) and close(values["vi"], effect.vi), (row, lines)
        seen, families = seen + 1, families | {way.family}
    assert seen > 5 and families == {way.family}


def test_every_written_formula_belongs_to_a_derivation():
    ways = {(way.name, way.family) for way in DERIVATIONS}
    assert set(FORMULAS) <= ways
    assert all(formula(name, family, basis) for name, family in ways for basis in FACTORS)
    assert {name.partition(" from ")[2] for name, _ in ways} >= set(TESTS)


def test_the_working_of_shipped_rows_ends_in_their_effects(shipped, shipped_rows):
    settings, outcomes, _ = shipped
    by = {row["result"]: row for row in outcomes}
    within = "log ratio of the ratios within each arm"
    found = 0
    for name, rows in shipped_rows.items():
        for row in rows:
            if row.yi is None or row.derivation == within:
                continue
            values = {
                line.name: line.value
                for line in working(by[row.result], settings.domains[name].scale, settings.assumptions)
            }
            assert close(values["yi"], row.yi) and close(values["vi"], row.vi), row.result
            found += 1
    assert found > 50


def test_the_numbers_are_put_in_as_they_are_printed(shipped):
    settings, outcomes, _ = shipped
    row = next(row for row in outcomes if row["result"] == "r081")
    first = working(row, "smd", settings.assumptions)[0]
    assert first.formula == "J(n_arm1 − 1) × (mean_arm1 − mean_arm2) / sd_arm2"
    assert first.filled == "J(11 − 1) × (76.82 − 35.00) / 32.25"


def test_a_row_without_a_magnitude_has_no_working(shipped):
    settings, outcomes, _ = shipped
    row = next(row for row in outcomes if row["statistic"] == "direction")
    assert working(row, "smd", settings.assumptions) == ()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a - (b - c)", "a − (b − c)"),
        ("a / (b * c)", "a / (b × c)"),
        ("(a + b)**2 / c", "(a + b)² / c"),
        ("a - b + c", "a − b + c"),
        ("sqrt(a) * sqrt(a - b)", "√a × √(a − b)"),
        ("-a * abs(b)", "−a × |b|"),
        ("2 * (1 - a) / b", "2 × (1 − a) / b"),
    ],
)
def test_formulas_are_written_with_the_brackets_they_need(text, seen):
    (line,) = written((("x", text),), {"a": 2.0, "b": -3.5, "c": 7.0}, {})
    assert line.formula == seen
    plain = line.filled.replace("−", "-").replace("×", "*").replace("²", "**2").replace("√", "sqrt")
    if "|" not in plain:
        plain = plain.replace("sqrt2", "sqrt(2)")
        assert close(evaluate(ast.parse(plain, mode="eval").body, {}), line.value)


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "a if b else c", "unknown + 1", "'a' * 3", "a[0]"])
def test_only_arithmetic_of_known_names_is_evaluated(text):
    with pytest.raises(ValueError, match="no arithmetic of known names"):
        evaluate(ast.parse(text, mode="eval").body, {"a": 1.0, "b": 2.0, "c": 3.0})


def test_short_numbers():
    assert [short(v) for v in (34.0, 0.000123456789, 1 / 3, 1e20)] == [
        "34",
        "0.000123457",
        "0.333333",
        "1e+20",
    ]
