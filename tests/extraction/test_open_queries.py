"""What an open query does: it marks the numbers behind which it stands, or it stops the review."""

from __future__ import annotations

import csv

import pytest

from helpers import taprev
from taprev.effects.fates import effect_rows
from taprev.effects.queried import with_open_queries
from taprev.extraction.plausibility.answers import HEADER, open_checks
from taprev.vocabulary import NoteCode
from taprev.wording.strata import marked, marks_words


def test_the_open_queries_of_a_review_are_known_by_result_and_by_study(root):
    still_open = open_checks(root / "data")
    assert set(still_open) >= {"Hall2016", "Doi2025"}
    assert {check for checks in still_open.values() for check in checks} == {"n_not_printed"}


def test_an_effect_is_marked_and_a_row_without_one_is_not(rows_of):
    rows = rows_of("staff_knowledge")
    marked_rows = with_open_queries(rows, {rows[0].study: ["n_not_printed"], "elsewhere": ["p_of_zero"]})
    for before, after in zip(rows, marked_rows, strict=True):
        added = [note for note in after.assumptions if note.code == NoteCode.OPEN_QUERY]
        expected = before.study == rows[0].study and before.magnitude
        assert len(added) == expected and (expected or before is after)


def test_the_mark_names_who_and_what(rows_of):
    rows = [row for row in rows_of("staff_knowledge") if row.magnitude][:2]
    asked = with_open_queries(rows, {row.study: ["n_not_printed"] for row in rows})
    notes = [note for row in asked for note in row.assumptions if note.code == NoteCode.OPEN_QUERY]
    named = ", ".join(dict.fromkeys(row.label for row in rows))
    assert marks_words(notes) == f"§ Queries about figures behind this number are open: {named} (n not printed)."
    assert marked("0.79", notes) == "0.79\u00a0§" and marked("0.79", ()) == "0.79" and marks_words(()) == ""


def test_an_open_query_stops_a_review_that_asks_for_it(review):
    settings = review / "config" / "review.yaml"
    assert taprev(review, "check").returncode == 0
    settings.write_text(settings.read_text("utf-8").replace("open_queries: mark", "open_queries: stop"), "utf-8")
    done = taprev(review, "check")
    assert done.returncode == 1 and "problems stop the review" in done.stderr
    said = [line for line in done.stderr.splitlines() if "n_not_printed is open: found n_arm1 34 in r012, " in line]
    assert len(said) == 1 and said[0].startswith("data/extracted/outcomes.csv, Hall2016, column n_arm1: ")
    assert "open_queries: mark goes on without" in said[0]
    answers = review / "data" / "raw" / "answers.csv"
    with answers.open("a", encoding="utf-8", newline="") as handle:
        for study in open_checks(review / "data"):
            csv.writer(handle).writerow(["n_not_printed", study, "Read in the abstract.", ""])
    assert taprev(review, "check").returncode == 0


@pytest.fixture(scope="module")
def rows_of(root, shipped):
    settings, outcomes, studies = shipped

    def of_domain(name):
        own = [row for row in outcomes if row["domain"] == name]
        return effect_rows(name, own, studies, settings, {})

    return of_domain


def test_a_query_that_stops_says_what_its_answer_stands_under(review):
    settings = review / "config" / "review.yaml"
    settings.write_text(settings.read_text("utf-8").replace("open_queries: mark", "open_queries: stop"), "utf-8")
    said = taprev(review, "check").stderr
    assert "Answer in data/raw/answers.csv (check n_not_printed, result Hall2016, and your answer)" in said


def test_the_example_has_no_open_query(tmp_path):
    assert taprev(tmp_path, "init", "--example", "example").returncode == 0
    assert "No query is open" in taprev(tmp_path / "example", "queries").stdout


def test_queries_of_a_table_that_cannot_be_read_say_which_cell(tmp_path):
    assert taprev(tmp_path, "init", "--example", "example").returncode == 0
    studies = tmp_path / "example" / "data" / "extracted" / "studies.csv"
    studies.write_text(studies.read_text("utf-8").replace(",1948,", ",in press,", 1), "utf-8")
    done = taprev(tmp_path / "example", "queries")
    assert done.returncode == 1
    assert 'studies.csv, row 2 (aronson_1948), column year: found "in press", which is not a number.' in done.stderr


def test_the_readme_of_a_new_review_tells_how_a_query_is_answered(root):
    readme = (root / "src" / "taprev" / "starter" / "blank" / "README.md").read_text("utf-8")
    said = next(line for line in readme.splitlines() if "data/raw/answers.csv" in line)
    assert all(f"`{column}`" in said for column in HEADER) and "§" in said and "`open_queries: mark`" in said
