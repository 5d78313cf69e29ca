"""Cells of a form that hold what their column may not are named before anybody is asked to decide."""

from __future__ import annotations

import csv

import pytest

import helpers
from taprev.extraction.checks import review_problems
from taprev.extraction.form_cells import form_cell_problems
from taprev.extraction.forms import rows_in_words
from taprev.extraction.tables import header_of
from taprev.settings import read_settings

WRONG = {
    "direction": ("Better", "the codebook allows better, worse, no_difference, mixed"),
    "n_arm1": ("28 people", "which is not a whole number"),
    "study": ("adams_2081", "which studies.csv does not have"),
    "domain": ("fall", "which is not a configured domain"),
    "t": ("1_000", "which is not a finite plain number"),
}


def problems(review):
    return form_cell_problems(review / "data", read_settings(review / "config" / "review.yaml"))


def test_the_forms_of_the_review_hold_what_they_may(review):
    assert problems(review) == []


@pytest.mark.parametrize("column", WRONG)
def test_a_cell_is_named_by_form_row_and_column_and_not_asked(review, edit, column):
    found, why = WRONG[column]
    edit(review / "data" / "raw" / "form_second.csv", "r057", column, found)
    [problem] = problems(review)
    assert problem.file.endswith("form_second.csv") and (problem.column, problem.result) == (column, "r057")
    assert f'found "{found}"' in problem.found and why in problem.found and problem.row
    settings = read_settings(review / "config" / "review.yaml")
    assert not any("the forms disagree" in one.found for one in review_problems(review / "data", settings))
    before = {path: path.read_bytes() for path in (review / "data").rglob("*.csv")}
    done = helpers.taprev(review, "reconcile")
    assert done.returncode == 1 and problem.sentence().partition("form_second")[2] in done.stderr
    assert "Nothing was written." in done.stderr
    assert {path: path.read_bytes() for path in (review / "data").rglob("*.csv")} == before


@pytest.mark.parametrize(
    "ruling", [{"column": "n_arm1", "decision": "value", "value": "28"}, {"column": "result", "decision": "leave_out"}]
)
def test_a_cell_that_was_decided_is_not_asked_about(review, edit, ruling):
    edit(review / "data" / "raw" / "form_second.csv", "r057", "n_arm1", "28 people")
    path = review / "data" / "raw" / "adjudication.csv"
    with path.open("a", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header_of(path), restval="", lineterminator="\n")
        writer.writerow({"result": "r057", "reason": "for the test", **ruling})
    assert problems(review) == []


def test_rows_are_counted_and_named():
    assert rows_in_words([7]) == "row 7 has"
    assert rows_in_words([4, 5, 6, 9, 12, 13]) == "6 rows (4 to 6, 9 and 12 to 13) have"
    assert rows_in_words([4, 5]) == "2 rows (4 to 5) have"
