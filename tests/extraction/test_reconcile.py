"""Two forms and the adjudications between them: every cell is decided, and nothing is decided silently."""

from __future__ import annotations

import csv

import pytest

import helpers
from taprev.extraction.consensus import consensus_problems, replace_consensus
from taprev.extraction.reconcile import reconcile
from taprev.extraction.tables import header_of, read_rows


def sentences(review):
    return [problem.sentence() for problem in consensus_problems(review / "data")]


def adjudicate(review, **cells):
    path = review / "data" / "raw" / "adjudication.csv"
    with path.open("a", encoding="utf-8", newline="") as handle:
        csv.DictWriter(handle, header_of(path), restval="", lineterminator="\n").writerow(cells)


def test_the_consensus_is_what_forms_and_adjudications_give(review):
    assert sentences(review) == []
    merged = reconcile(review / "data")
    assert len(merged.rows) == 154 and not merged.open_cells
    assert all(cell.reason for cell in merged.decided)


def test_every_disagreement_is_decided_with_a_reason(review):
    decided = {(cell.result, cell.column): cell for cell in reconcile(review / "data").decided}
    assert decided["r058", "t"].value == "" and "15" not in decided["r058", "t"].value
    assert decided["r083", "p"].value == "0.077"
    assert decided["r110", "direction"].value == "better"
    assert decided["r098", "direction"].value == "no_difference"
    assert decided["r012", "n_arm2"].value == ""
    assert decided["r052", "population"].value == "carers"


def test_a_row_decision_stands_above_a_rule(review):
    adjudicate(review, result="r017", column="direction", decision="first", reason="for the test")
    decided = {(cell.result, cell.column): cell.value for cell in reconcile(review / "data").decided}
    assert decided["r017", "direction"] == "no_difference" and decided["r019", "direction"] == "better"


def test_notes_of_both_are_kept(review):
    row = next(row for row in reconcile(review / "data").rows if row["result"] == "r117")
    assert row["note"].startswith("First extractor: ") and "Second extractor: " in row["note"]


def test_a_changed_consensus_is_named(review, edit):
    edit(review / "data" / "extracted" / "outcomes.csv", "r057", "t", "9.86")
    [said] = sentences(review)
    assert "outcomes.csv, row 58 (r057, SSWR2018_MHtraining), column t: " in said
    assert 'found "9.86", but the forms and adjudications give "9.68"' in said


def test_an_open_disagreement_blocks(review, edit):
    edit(review / "data" / "raw" / "form_first.csv", "r057", "t", "9.86")
    [said] = sentences(review)
    assert 'row 58, r057, SSWR2018_MHtraining, column t: the forms disagree ("9.86" and "9.68")' in said


def test_reconcile_writes_what_check_wants(review, edit):
    for form in ("first", "second"):
        edit(review / "data" / "raw" / f"form_{form}.csv", "r057", "t", "9.86")
    assert len(sentences(review)) == 1
    replace_consensus(review / "data", reconcile(review / "data").rows)
    assert sentences(review) == []


def test_a_row_in_one_form_only(review):
    path = review / "data" / "raw" / "form_second.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    [said] = sentences(review)
    assert (
        "row 155, r154, Hall2016: the form first has this result, second has not, and no adjudication takes it" in said
    )


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"result": "r117", "column": "t", "decision": "first", "reason": "x"},
            "decides nothing: the forms agree",
        ),
        ({"result": "r999", "column": "t", "decision": "first", "reason": "x"}, "No form has this result"),
        (
            {"result": "r058", "column": "tt", "decision": "first", "reason": "x"},
            "Use a column of outcomes.csv",
        ),
        ({"result": "r058", "column": "p", "decision": "third", "reason": "x"}, "Use one of: first, second"),
        ({"result": "r058", "column": "t", "decision": "second", "reason": "x"}, "already decides this cell"),
        (
            {"result": "r087", "column": "p", "decision": "correct", "value": "1"},
            "Every decision needs its reason",
        ),
        (
            {"result": "r087", "column": "n_arm1", "where": "study=x", "decision": "first", "reason": "x"},
            "nothing",
        ),
    ],
)
def test_an_adjudication_that_cannot_stand(review, cells, said):
    adjudicate(review, **cells)
    last = len((review / "data" / "raw" / "adjudication.csv").read_text("utf-8").splitlines())
    found = sentences(review)
    assert len(found) == 1 and said in found[0] and f"adjudication.csv, row {last}" in found[0]


def test_a_consensus_edited_by_hand_is_kept_and_said(review, edit):
    path = review / "data" / "extracted" / "outcomes.csv"
    edit(path, "r057", "t", "9.86")
    edited = path.read_bytes()
    said = replace_consensus(review / "data", reconcile(review / "data").rows)
    assert len(said) == 2
    assert 'column t: "9.86" was there; forms and adjudications give "9.68".' in said[0]
    [kept] = (review / "data" / "raw" / "replaced").iterdir()
    assert kept.read_bytes() == edited and kept.as_posix() in said[1]
    assert sentences(review) == []
    assert replace_consensus(review / "data", reconcile(review / "data").rows) == []


def test_a_row_added_to_the_consensus_by_hand_is_kept_and_said(review):
    path = review / "data" / "extracted" / "outcomes.csv"
    path.write_text(path.read_text() + path.read_text().splitlines(keepends=True)[-1].replace("r154,", "r999,", 1))
    said = replace_consensus(review / "data", reconcile(review / "data").rows)
    assert "(r999, " in said[0] and "no form has this result, and the row is taken out." in said[0]


def test_a_consensus_saved_with_semicolons_is_kept_whole(review):
    path = review / "data" / "extracted" / "outcomes.csv"
    path.write_text(path.read_text().replace(",", ";"))
    saved = path.read_bytes()
    said = replace_consensus(review / "data", reconcile(review / "data").rows)
    assert "columns missing" not in said[0] and "is kept as" in said[-1]
    assert path.read_text(encoding="utf-8").startswith("result;study;")
    assert [kept.read_bytes() for kept in (review / "data" / "raw" / "replaced").iterdir()] == [saved]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("form_first", lambda text: text.replace(",months,", ",month,", 1), "columns missing: months."),
        ("form_second", lambda text: text.rstrip("\n") + ",more\n", "(r154, Hall2016): the row has extra cells"),
        ("adjudication", lambda text: text + "r058,t\n", "the row has missing cells"),
        ("adjudication", lambda text: text.replace("reason", "why", 1), "columns missing: reason."),
    ],
)
def test_files_that_are_not_what_they_should_be(review, name, change, said):
    path = review / "data" / "raw" / f"{name}.csv"
    path.write_text(change(path.read_text()))
    found = sentences(review)
    assert len(found) == 1 and said in found[0] and f"{name}.csv" in found[0]


def test_two_rules_that_decide_one_cell_differently(review, edit):
    edit(review / "data" / "raw" / "form_first.csv", "r057", "t", "9.86")
    adjudicate(review, column="t", where="first=9.86", decision="first", reason="x")
    adjudicate(review, column="t", where="second=9.68", decision="second", reason="x")
    [said] = sentences(review)
    number = len(read_rows(review / "data" / "raw" / "adjudication.csv")) + 1
    assert f"rows {number - 1} and {number} decide this cell differently" in said and "r057" in said


def extracted_once(review):
    path = review / "config" / "review.yaml"
    path.write_text(path.read_text("utf-8").replace("  twice: all\n", "  twice: none\n"), encoding="utf-8")


def empty(review, *names):
    for name in names:
        path = review / "data" / "raw" / f"form_{name}.csv"
        path.write_text(path.read_text("utf-8").splitlines(keepends=True)[0], encoding="utf-8")


def everything_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("once", "emptied"), [(True, ["first", "second"]), (True, []), (False, ["first", "second"])])
def test_figures_that_no_form_has_are_never_taken_out(review, once, emptied):
    empty(review, *emptied)
    if once:
        extracted_once(review)
    before = everything_in(review / "data")
    done = helpers.taprev(review, "reconcile")
    words = "extraction > twice is none: the figures stand in" if once else "no form in data/raw has a row, and"
    assert done.returncode == 1 and words in done.stderr and "Nothing was written." in done.stderr
    assert everything_in(review / "data") == before


@pytest.mark.parametrize("emptied", [["first", "second"], ["first"], []])
def test_forms_that_nobody_compares_are_named(review, emptied):
    empty(review, *emptied)
    extracted_once(review)
    done = helpers.taprev(review, "check")
    assert done.returncode == 0
    filled = [f"form_{name}.csv" for name in ("first", "second") if name not in emptied]
    assert (f"{' and '.join(filled)} in data/raw: filled in, and not compared" in done.stdout) is bool(filled)
    assert ("not compared" in done.stdout) is bool(filled)
