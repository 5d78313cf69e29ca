"""A decision carries what it was made on, and is open again where the forms say something else."""

from __future__ import annotations

import csv

import pytest
from openpyxl import load_workbook

import helpers
from taprev.extraction.answers import record_answers
from taprev.extraction.basis import checksum, in_words, stands
from taprev.extraction.consensus import consensus_problems
from taprev.extraction.plausibility.answers import answered, asked, outdated_answers, read_answers, record_findings
from taprev.extraction.reconcile import reconcile
from taprev.extraction.rulings import OLDER_HEADER
from taprev.extraction.spreadsheet import longer_csv, read_sheet
from taprev.extraction.tables import header_of, read_rows
from taprev.extraction.worksheet import EARLIER, NOT_ASKED, offer_worksheets, worksheet_paths
from taprev.ground.files import csv_text


def form(review, name):
    return review / "data" / "raw" / f"form_{name}.csv"


def rulings(review):
    return review / "data" / "raw" / "adjudication.csv"


def write(path, header, rows):
    lines = ([row.get(name, "") for name in header] for row in rows)
    path.write_text(csv_text(header, lines, guarded=False), encoding="utf-8")


def adjudicate(review, **cells):
    path = rulings(review)
    write(path, header_of(path), [*read_rows(path), cells])


def third(review, *results):
    """Let a third form join that reads these results as the first does."""
    rows = read_rows(form(review, "first"))
    write(form(review, "third"), rows[0], [row for row in rows if row["result"] in results])


def opened(review):
    return {(cell.result, cell.column): cell for cell in reconcile(review / "data").open_cells}


def decided(review):
    return {(cell.result, cell.column): cell for cell in reconcile(review / "data").decided}


def offer(review):
    return offer_worksheets(review / "data", reconcile(review / "data"), lambda cell: "none")


def fill(path, result, column, **answer):
    """Fill the last row of the worksheet that asks about a cell."""
    book = load_workbook(path)
    sheet = book["worksheet"]
    names = [cell.value for cell in sheet[1]]
    *_, row = (r for r in sheet.iter_rows(min_row=2) if (r[0].value, r[2].value) == (result, column))
    for name, value in answer.items():
        row[names.index(name)].value = value
    book.save(path)


def test_every_shipped_decision_says_what_it_was_made_on(root):
    rows = read_rows(root / "data" / "raw" / "adjudication.csv")
    assert all(row["readings"] for row in rows) and not opened(root)
    [row] = [row for row in rows if (row["result"], row["column"]) == ("r083", "p")]
    assert row["readings"].startswith("first: ") and "; second: " in row["readings"]


def test_a_form_that_is_edited_opens_the_decision_again(review, edit):
    edit(form(review, "first"), "r087", "n_arm1", "45")
    cell = opened(review)["r087", "n_arm1"]
    assert cell.value == "" and cell.earlier and cell.earlier.decision == "first" and not cell.earlier.rule
    [said] = [problem.sentence() for problem in consensus_problems(review / "data")]
    row = next(n for n, r in enumerate(read_rows(rulings(review)), start=2) if r["result"] == "r087")
    assert f"adjudication.csv, row {row} (r087, " in said and "column n_arm1: " in said
    assert 'decided first ("N = 90 may count' in said and "Now it is first: 45; second: " in said
    assert said.endswith("its worksheet asks again, and the old decision stays where it is.")


def test_a_number_in_other_digits_is_the_number(review, edit):
    edit(form(review, "first"), "r083", "p", "0.0770")
    assert not opened(review) and decided(review)["r083", "p"].value == "0.0770"


def test_only_the_cell_of_a_rule_that_changed_is_open(review, edit):
    before = {key for key, cell in decided(review).items() if cell.column == "as_reported"}
    edit(form(review, "second"), "r012", "as_reported", "another expression")
    [(key, cell)] = opened(review).items()
    assert key == ("r012", "as_reported") and cell.earlier.rule
    assert {key for key in decided(review) if key[1] == "as_reported"} == before - {key}
    [said] = [problem.sentence() for problem in consensus_problems(review / "data")]
    assert "on other readings, or before this result was there" in said and "second: another expression" in said


def test_a_rule_does_not_settle_a_result_that_came_later(review):
    for name in ("first", "second"):
        rows = read_rows(form(review, name))
        [like] = [row for row in rows if row["result"] == "r012"]
        write(form(review, name), rows[0], [*rows, like | {"result": "r999"}])
    assert {key[1] for key in opened(review)} == {
        key[1] for key, cell in decided(review).items() if key[0] == "r012"
    } and {key[0] for key in opened(review)} == {"r999"}


def test_a_correction_is_asked_about_again_though_the_forms_agree(review, edit):
    for name in ("first", "second"):
        edit(form(review, name), "r073", "population", "patients")
    cell = opened(review)["r073", "population"]
    assert cell.value == "" and cell.earlier.value == "carers"
    offer(review)
    xlsx, text = worksheet_paths(review / "data")
    [row] = read_sheet(text, "worksheet").rows.values()
    assert "decided correct carers" in row[EARLIER] and "answer correct with the value that shall stand" in row[EARLIER]
    fill(xlsx, "r073", "population", decision="first", reason="x")
    recorded, [said] = record_answers(review / "data", xlsx)
    assert recorded == 0 and "Use one of: correct." in said
    fill(xlsx, "r073", "population", decision="correct", value="carers", reason="Foster parents still.")
    assert record_answers(review / "data", xlsx) == (1, [])
    assert decided(review)["r073", "population"].value == "carers" and not opened(review)


def test_an_answer_stands_until_the_forms_change_and_again_when_they_are_as_they_were(review, edit):
    def answer(decision):
        offer(review)
        xlsx, _ = worksheet_paths(review / "data")
        fill(xlsx, "r057", "t", decision=decision, reason="Looked up.")
        return record_answers(review / "data", xlsx)

    edit(form(review, "first"), "r057", "t", "9.86")
    assert answer("second") == (1, [])
    assert read_rows(rulings(review))[-1]["readings"] == "first: 9.86; second: 9.68"
    edit(form(review, "second"), "r057", "t", "9.7")
    assert opened(review)["r057", "t"].earlier.made_on == "first: 9.86; second: 9.68"
    assert answer("second") == (1, [])
    assert decided(review)["r057", "t"].value == "9.7" and not reconcile(review / "data").problems
    edit(form(review, "second"), "r057", "t", "9.68")
    assert decided(review)["r057", "t"].value == "9.68" and not reconcile(review / "data").problems


def test_a_whole_result_is_open_again_where_its_form_reads_otherwise(review, edit):
    path = form(review, "second")
    rows = read_rows(path)
    write(path, rows[0], [row for row in rows if row["result"] != "r056"])
    offer(review)
    xlsx, _ = worksheet_paths(review / "data")
    fill(xlsx, "r056", "result", decision="leave_out", reason="Not of this review.")
    assert record_answers(review / "data", xlsx) == (1, [])
    assert reconcile(review / "data").left_out == ("r056",)
    third(review, "r056", "r057", "r058")
    assert reconcile(review / "data").left_out == ("r056",) and not opened(review)
    edit(form(review, "third"), "r056", "t", "1.5")
    assert opened(review)["r056", "result"].earlier.decision == "leave_out"
    form(review, "third").unlink()
    edit(form(review, "first"), "r056", "t", "1.5")
    cell = opened(review)["r056", "result"]
    assert cell.whole and "t = 9.26" in cell.earlier.made_on and "t = 1.5" in cell.basis


@pytest.mark.parametrize(("reading", "again"), [("9.86", False), ("9.68", False), ("9.5", True), ("", True)])
def test_a_third_form_that_reads_something_else_opens_a_decision(review, edit, reading, again):
    edit(form(review, "first"), "r057", "t", "9.86")
    adjudicate(review, result="r057", column="t", decision="second", reason="x", readings="first: 9.86; second: 9.68")
    third(review, "r056", "r057", "r058")
    edit(form(review, "third"), "r057", "t", reading)
    assert (("r057", "t") in opened(review)) is again


def test_two_readings_that_change_places_are_not_what_was_decided_on():
    ruling = {"result": "a", "readings": "first: 1; second: 2"}
    assert stands(ruling, "a", {"first": "1.0", "second": "2"})
    assert not stands(ruling, "a", {"first": "2", "second": "1"})
    rule = {"result": "", "readings": f"xa {checksum(in_words({'first': '1'}))}"}
    assert stands(rule, "xa", {"first": "1.00"}) and not stands(rule, "a", {"first": "1"})


def test_what_was_typed_by_hand_into_the_column_does_not_settle_a_cell(review):
    path = rulings(review)
    rows = [row | {"readings": "as before"} if row["result"] == "r087" else row for row in read_rows(path)]
    write(path, header_of(path), rows)
    assert opened(review)["r087", "n_arm1"].earlier.made_on == "as before"


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_form_that_joins_while_a_filled_worksheet_lies_there(review, edit, suffix):
    edit(form(review, "first"), "r057", "t", "9.86")
    edit(form(review, "first"), "r056", "t", "9.62")
    edit(form(review, "first"), "r058", "n_arm1", "320")
    offer(review)
    xlsx, text = worksheet_paths(review / "data")
    for result, column in (("r057", "t"), ("r056", "t"), ("r058", "n_arm1")):
        fill(xlsx, result, column, decision="second", reason="Looked up.")
    path = xlsx
    if suffix == "csv":
        sheet = read_sheet(xlsx, "worksheet")
        lines = [";".join(sheet.header), *(";".join(row.values()) for row in sheet.rows.values())]
        text.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8"))
        path = text
    third(review, "r056", "r057", "r058")
    edit(form(review, "third"), "r057", "t", "9.5")
    offer(review)
    after = read_sheet(path, "worksheet")
    assert after.header[-1] == "third" and [row["third"] for row in after.rows.values()][:3] == [NOT_ASKED] * 3
    assert [(row["result"], row["third"]) for row in after.rows.values()][3:] == [("r057", "9.5")]
    recorded, [said] = record_answers(review / "data", path)
    assert recorded == 2 and "Run taprev reconcile for a fresh row" in said
    assert decided(review)["r058", "n_arm1"].value == "230" and decided(review)["r056", "t"].value == "9.26"
    if suffix == "xlsx":
        [choices] = load_workbook(xlsx)["worksheet"].data_validations.dataValidation
        assert "first,second,third,value" in choices.formula1
        fill(xlsx, "r057", "t", decision="third", reason="Looked up again.")
        recorded, [said] = record_answers(review / "data", xlsx)
        assert recorded == 1 and "Row 5 answers the cell as it is now" in said
        assert decided(review)["r057", "t"].value == "9.5"


def test_a_csv_is_widened_in_its_own_dialect():
    content = '\ufeffsep=;\r\na;b\r\n1;"x;\ny"\r\n2\r\n\r\n'.encode()
    assert longer_csv(content, [], {"third": "no"}) == (
        '\ufeffsep=;\r\na;b;third\r\n1;"x;\ny";no\r\n2;;no\r\n\r\n'.encode()
    )


def test_an_older_review_says_that_its_decisions_do_not_say_it(review, edit):
    path = rulings(review)
    whole = path.read_bytes()
    write(path, OLDER_HEADER, read_rows(path))
    done = helpers.taprev(review, "check")
    assert done.returncode == 0
    assert "48 of 48 decisions do not say what they were decided on (readings): they stand" in done.stdout
    before = form(review, "first").read_bytes()
    edit(form(review, "first"), "r087", "n_arm1", "45")
    assert decided(review)["r087", "n_arm1"].value == "45"
    form(review, "first").write_bytes(before)
    write(review / "data" / "raw" / "answers.csv", ["check", "result", "answer"], read_rows(answers(review)))
    done = helpers.taprev(review, "basis")
    assert done.returncode == 0 and "beside 48 decisions" in done.stdout and "beside 13 answers" in done.stdout
    assert path.read_bytes() == whole
    again = helpers.taprev(review, "basis")
    assert "beside 0 decisions" in again.stdout and path.read_bytes() == whole


def answers(review):
    return review / "data" / "raw" / "answers.csv"


def test_an_answer_to_another_finding_is_shown_and_not_counted(review, edit):
    queries = asked(review / "data")
    assert outdated_answers(review / "data") == []
    before = answered(queries, read_answers(review / "data", queries)[0])
    assert {row["check"] for row in before if not row["answer"]} == {"n_not_printed"}
    given = read_rows(answers(review))
    number, first = next((n, row) for n, row in enumerate(given, start=2))
    edit(answers(review), number, "found", "p: found 0.5.")
    [said] = outdated_answers(review / "data")
    assert f"answers.csv, row {number} ({first['result']})" in said and 'was given to "p: found 0.5."' in said
    rows = answered(queries, read_answers(review / "data", queries)[0])
    open_rows = [row for row in rows if not row["answer"]]
    assert {row["check"] for row in open_rows} == {first["check"], "n_not_printed"}
    assert {row["earlier_answer"] for row in open_rows} == {first["answer"], ""}
    edit(answers(review), number, "found", "")
    [said] = outdated_answers(review / "data")
    assert "1 of 13 answers do not say what the check had found" in said
    assert record_findings(review / "data") == 1 and outdated_answers(review / "data") == []
    assert read_rows(answers(review)) == given


def test_answers_cannot_be_read_in_another_header(review):
    with answers(review).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerow(["check", "found"])
    with pytest.raises(ValueError, match="columns missing: result, answer"):
        record_findings(review / "data")
