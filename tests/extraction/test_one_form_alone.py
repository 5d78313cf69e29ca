"""A result that one extractor alone found is adjudicated like any other disagreement, and no form is edited."""

from __future__ import annotations

import csv

import pytest
from openpyxl import load_workbook

from taprev.extraction.answers import record_answers
from taprev.extraction.consensus import consensus_problems, replace_consensus
from taprev.extraction.reconcile import reconcile
from taprev.extraction.rulings import OLDER_HEADER
from taprev.extraction.spreadsheet import read_sheet
from taprev.extraction.tables import read_rows
from taprev.extraction.worksheet import offer_worksheets, sheet_header, worksheet_paths
from taprev.ground.files import csv_text

ALONE = "r056"
SHEET = sheet_header(("first", "second"))


def form(review, name):
    return review / "data" / "raw" / f"form_{name}.csv"


def rulings(review):
    return review / "data" / "raw" / "adjudication.csv"


def without(path, *results):
    """Take results out of a table, as an extractor who did not find them."""
    rows = read_rows(path)
    kept = [row for row in rows if row["result"] not in results]
    path.write_text(csv_text(rows[0], ([*row.values()] for row in kept), guarded=False), encoding="utf-8")


def adjudicate(review, **cells):
    with rulings(review).open("a", encoding="utf-8", newline="") as handle:
        csv.DictWriter(handle, read_rows(rulings(review))[0], restval="", lineterminator="\n").writerow(cells)


def said(review):
    return [problem.sentence() for problem in consensus_problems(review / "data")]


@pytest.fixture
def alone(review):
    """The shipped review, of which the second extractor did not find one result."""
    without(form(review, "second"), ALONE)
    return review


def fill(path, **answer):
    book = load_workbook(path)
    for name, value in answer.items():
        book["worksheet"].cell(2, SHEET.index(name) + 1).value = value
    book.save(path)


def test_it_is_asked_about(alone):
    [sentence] = said(alone)
    assert f"form_first.csv, row 57, {ALONE}, SSWR2018_MHtraining: the form first has this result, second" in sentence
    [cell] = reconcile(alone / "data").open_cells
    assert cell.whole and cell.readings["second"] == "" and "t = " in cell.readings["first"]


@pytest.mark.parametrize("name", ["first", "second"])
def test_taken_it_stands_in_the_consensus_as_its_form_has_it(review, name):
    other = {"first": "second", "second": "first"}[name]
    without(form(review, other), ALONE)
    adjudicate(review, result=ALONE, column="result", decision="take", reason="It stands in table 2.")
    merged = reconcile(review / "data")
    assert not merged.open_cells and len(merged.rows) == 154
    [row] = [row for row in merged.rows if row["result"] == ALONE]
    assert row == next(row for row in read_rows(form(review, name)) if row["result"] == ALONE)
    replace_consensus(review / "data", merged.rows)
    assert said(review) == []


def test_left_out_it_does_not_and_its_form_stays(alone):
    adjudicate(alone, result=ALONE, column="result", decision="leave_out", reason="It is that of another paper.")
    before = form(alone, "first").read_bytes()
    merged = reconcile(alone / "data")
    assert merged.left_out == (ALONE,) and len(merged.rows) == 153 and form(alone, "first").read_bytes() == before
    [sentence] = said(alone)
    assert "an adjudication leaves this result out. Run taprev reconcile." in sentence
    replace_consensus(alone / "data", merged.rows)
    assert said(alone) == []


def test_a_rule_may_take_and_a_row_stands_above_it(review):
    without(form(review, "second"), ALONE, "r057")
    adjudicate(review, column="result", where="statistic=t", decision="take", reason="Printed figures are kept.")
    adjudicate(review, result="r057", column="result", decision="leave_out", reason="A slip.")
    merged = reconcile(review / "data")
    assert not merged.problems and not merged.open_cells and merged.left_out == ("r057",)


def test_the_worksheet_takes_the_answer_with_who_decided_and_when(alone):
    data = alone / "data"
    older = read_rows(rulings(alone))
    offer_worksheets(data, reconcile(data), lambda cell: "none")
    xlsx, text = worksheet_paths(data)
    [row] = read_sheet(text, "worksheet").rows.values()
    assert row["column"] == "result" and row["second"] == "" and "staff_knowledge" in row["first"]
    fill(xlsx, decision="take", reason="Found in the abstract.", decided_by="AB", decided_on="2026-02-28")
    assert record_answers(data, xlsx) == (1, [])
    recorded = read_rows(rulings(alone))
    assert recorded[:-1] == [{**ruling, "decided_by": "", "decided_on": ""} for ruling in older]
    made_on = recorded[-1].pop("readings")
    assert made_on.startswith("first: staff_knowledge, ") and made_on.endswith("; better; second: (empty)")
    assert recorded[-1] == {
        "result": ALONE,
        "column": "result",
        "where": "",
        "decision": "take",
        "value": "",
        "reason": "Found in the abstract.",
        "decided_by": "AB",
        "decided_on": "2026-02-28",
    }
    assert record_answers(data, xlsx) == (0, [])


def test_who_decided_may_be_said_for_all_answers(alone):
    data = alone / "data"
    offer_worksheets(data, reconcile(data), lambda cell: "none")
    xlsx = worksheet_paths(data)[0]
    fill(xlsx, decision="leave_out", reason="Not of this review.")
    assert record_answers(data, xlsx, decided_by="AB and CD", decided_on="2026-03-01") == (1, [])
    assert read_rows(rulings(alone))[-1]["decided_by"] == "AB and CD"
    with pytest.raises(ValueError, match=r'--decided-on: found "1.3.2026"'):
        record_answers(data, xlsx, decided_on="1.3.2026")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"decision": "first", "reason": "x"}, 'found "first". Use one of: take, leave_out.'),
        ({"decision": "take", "reason": "x", "value": "1"}, "A whole result is taken or left out"),
        ({"decision": "take", "reason": "x", "decided_on": "yesterday"}, 'column decided_on: found "yesterday"'),
        ({"decision": "take"}, "the reason is empty"),
    ],
)
def test_an_answer_that_cannot_stand(alone, answer, words):
    data = alone / "data"
    offer_worksheets(data, reconcile(data), lambda cell: "none")
    xlsx = worksheet_paths(data)[0]
    fill(xlsx, **answer)
    recorded, [sentence] = record_answers(data, xlsx)
    assert recorded == 0 and words in sentence


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"result": ALONE, "column": "t", "decision": "take", "reason": "x"}, "write result in its column"),
        ({"result": ALONE, "column": "result", "decision": "second", "reason": "x"}, "is decided by take or leave_out"),
        ({"result": "r057", "column": "result", "decision": "take", "reason": "x"}, "decides nothing"),
        ({"result": "r999", "column": "result", "decision": "take", "reason": "x"}, "No form has this result"),
        ({"result": ALONE, "column": "result", "decision": "keep", "reason": "x"}, "Use one of: first, second, value"),
    ],
)
def test_an_adjudication_that_cannot_stand(alone, cells, words):
    adjudicate(alone, **cells)
    number = len(read_rows(rulings(alone))) + 1
    assert any(words in sentence and f"adjudication.csv, row {number}" in sentence for sentence in said(alone))


def test_a_day_that_is_none_is_named(review):
    rows = read_rows(rulings(review))
    header = [*OLDER_HEADER, "decided_by", "decided_on"]
    days = ["2026-02-30", "", "2026-02-28", *[""] * (len(rows) - 3)]
    lines = ([*(row[name] for name in OLDER_HEADER), "AB", day] for row, day in zip(rows, days, strict=True))
    rulings(review).write_text(csv_text(header, lines, guarded=False), encoding="utf-8")
    [sentence] = said(review)
    assert 'adjudication.csv, row 2, column decided_on: found "2026-02-30". Write the day as 2026-01-31' in sentence
