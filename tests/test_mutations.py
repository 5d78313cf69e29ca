"""One wrong cell changes exactly the strata it should, or stops the review."""

from __future__ import annotations

import pytest

from taprev.effects.fates import effect_rows
from taprev.extraction.checks import CHECKS
from taprev.extraction.reconcile import reconcile
from taprev.extraction.tables import header_of
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json


def strata(outcomes, settings, studies) -> dict[tuple[str, str], str]:
    """Return what each stratum of each domain says, its fit, its studies and its votes, as text."""
    said = {}
    for name in settings.domains:
        rows = effect_rows(name, outcomes, studies, settings)
        content = from_json(to_json(synthesise(name, rows, settings, {})))
        counted = [*content.sign_tests, *content.votes]
        for stratum in (*content.strata, *content.sensitivity):
            votes = [vote for vote in counted if vote.contrast in stratum.contrasts]
            said[name, stratum.name] = repr([stratum, votes])
    return said


@pytest.fixture(scope="module")
def before(shipped) -> dict[tuple[str, str], str]:
    """What the strata of the shipped review say."""
    settings, outcomes, studies = shipped
    return strata(outcomes, settings, studies)


def changed(before, shipped, outcomes) -> set[tuple[str, str]]:
    settings, _, studies = shipped
    after = strata(outcomes, settings, studies)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def mutated(outcomes, result, **cells):
    return [{**row, **cells} if row["result"] == result else row for row in outcomes]


def cell(outcomes, result, column):
    return next(row[column] for row in outcomes if row["result"] == result)


def stopped(outcomes, result) -> list[str]:
    """Return the checks that stop the review at a row."""
    row = next(row for row in outcomes if row["result"] == result)
    return [check.__name__ for check in CHECKS if list(check(row))]


def reversed_adjudications(review, edits) -> list[dict[str, str]]:
    path = review / "data" / "raw" / "adjudication.csv"
    more = "," * (len(header_of(path)) - 6)
    with path.open("a", encoding="utf-8") as handle:
        handle.writelines(f"{result},{column},,{decision},,for the test{more}\n" for result, column, decision in edits)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    own = [f"{result},{column},," for result, column, _ in edits]
    kept = [line for line in lines if not line.startswith(tuple(own)) or "for the test" in line]
    path.write_text("".join(kept), encoding="utf-8")
    merged = reconcile(review / "data")
    assert not merged.open_cells and merged.rows
    return list(merged.rows)


@pytest.mark.parametrize(
    ("edits", "strata_moved"),
    [
        ([("r110", "direction", "first")], {("staff_attitudes", "controlled"), ("staff_attitudes", "controlled_any")}),
        ([("r017", "domain", "first")], {("staff_attitudes", "before_after"), ("staff_knowledge", "before_after")}),
        ([("r083", name, "second") for name in ("statistic", "p", "p_bound")], {("staff_knowledge", "before_after")}),
        ([("r066", "contrast", "first")], {("youth_behaviour", "before_after"), ("youth_behaviour", "time_series")}),
        ([("r113", "domain", "second")], {("staff_safety", "controlled"), ("staff_wellbeing", "controlled")}),
    ],
)
def test_reversing_an_adjudication_moves_exactly_its_strata(before, shipped, review, edits, strata_moved):
    assert changed(before, shipped, reversed_adjudications(review, edits)) == strata_moved


@pytest.mark.parametrize("result", ["r009", "r027", "r030", "r079", "r012"])
def test_a_flipped_better_stops_the_review(shipped, result):
    flipped = {"higher": "lower", "lower": "higher"}[cell(shipped[1], result, "better")]
    assert stopped(mutated(shipped[1], result, better=flipped), result) == ["direction_against_figures"]


def test_a_dropped_pairing_moves_exactly_its_stratum(before, shipped):
    assert changed(before, shipped, mutated(shipped[1], "r056", pairing="")) == {("staff_knowledge", "before_after")}


def test_swapped_times_stop_the_review(shipped):
    row = next(row for row in shipped[1] if row["result"] == "r078")
    swapped = {f"{name}_arm{arm}": row[f"{name}_arm{3 - arm}"] for name in ("mean", "sd") for arm in (1, 2)}
    assert stopped(mutated(shipped[1], "r078", **swapped), "r078") == ["direction_against_figures"]


def test_a_cluster_trial_called_individual_moves_exactly_its_stratum(before, shipped):
    outcomes = mutated(shipped[1], "r010", unit_of_allocation="individual")
    outcomes = mutated(outcomes, "r011", unit_of_allocation="individual")
    assert changed(before, shipped, outcomes) == {("seclusion_restraint", "randomised")}


def test_an_inverted_ratio_stops_the_review(shipped):
    assert stopped(mutated(shipped[1], "r009", ratio="5.650"), "r009") == ["direction_against_figures"]
    assert stopped(mutated(shipped[1], "r010", ratio="1.136"), "r010") == ["interval_excludes_estimate"]


def test_nothing_moves_where_nothing_was_changed(before, shipped):
    assert changed(before, shipped, [dict(row) for row in shipped[1]]) == set()
