"""The worksheet as a reviewer uses it: filled in Excel or LibreOffice, read back, and no answer overwritten."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import datetime
from unicodedata import category

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

import helpers
from taprev.extraction.answers import record_answers, value_problem
from taprev.extraction.consensus import consensus_problems
from taprev.extraction.reconcile import reconcile
from taprev.extraction.spreadsheet import cell_text, read_sheet
from taprev.extraction.tables import codebook, read_rows
from taprev.extraction.worksheet import offer_worksheets, sheet_header, worksheet_paths
from taprev.ground.files import guard, unguard

HEADER = sheet_header(("first", "second"))
FORMULA = '=HYPERLINK("x")'


@pytest.fixture
def disputed(review, edit):
    """The shipped review with four open disagreements: t, direction and measure of r057, n_arm1 of r058."""
    first, second = (review / "data" / "raw" / f"form_{name}.csv" for name in ("first", "second"))
    edit(first, "r057", "t", "9.86")
    edit(second, "r057", "direction", "worse")
    edit(first, "r057", "measure", FORMULA)
    edit(second, "r058", "n_arm1", "320")
    return review


def taprev(folder, *words):
    done = helpers.taprev(folder, *words)
    assert "Traceback" not in done.stderr
    return done


def offer(folder):
    return offer_worksheets(folder / "data", reconcile(folder / "data"), lambda cell: "none")


def fill(path, asked_result, asked_column, /, **answer):
    """Write an answer into an XLSX worksheet as a person would: with whatever type the cell then has."""
    book = load_workbook(path)
    sheet = book["worksheet"]
    row = next(r for r in sheet.iter_rows(min_row=2) if (r[0].value, r[2].value) == (asked_result, asked_column))
    for name, value in answer.items():
        row[HEADER.index(name)].value = value
    book.save(path)


def fill_all(folder):
    path = worksheet_paths(folder / "data")[0]
    fill(path, "r057", "t", decision="second", reason=" Looked up in the abstract. ")
    fill(path, "r057", "direction", decision="First ", reason="The mean is higher after.")
    fill(path, "r057", "measure", decision="second", reason="The first is a slip.")
    fill(path, "r058", "n_arm1", decision="value", value=34.0, reason="Thirty-four, of 320 invited – see p. 2.")
    return path


def as_csv(path, delimiter=",", mark="\ufeff", write=str):
    """Save the first sheet as Excel does, or as the worksheet itself is written where `write` guards its cells."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for row in load_workbook(path).worksheets[0].iter_rows(values_only=True):
        cells = [write(cell_text(cell)) for cell in row]
        writer.writerow([c.replace(".", ",") if c in ("9.86", "9.68") and delimiter == ";" else c for c in cells])
    saved = path.with_name("saved.csv")
    saved.write_bytes((mark + out.getvalue()).encode("utf-8"))
    return saved


def adjudication(folder):
    return folder / "data" / "raw" / "adjudication.csv"


def assert_settled(folder):
    decided = {(cell.result, cell.column): cell for cell in reconcile(folder / "data").decided}
    assert decided["r057", "t"].value == "9.68"
    assert decided["r057", "t"].reason == "Looked up in the abstract."
    assert decided["r057", "direction"].value == "better"
    assert decided["r058", "n_arm1"].value == "34"
    assert decided["r058", "n_arm1"].reason == "Thirty-four, of 320 invited – see p. 2."


def test_open_disagreements_become_a_worksheet(disputed):
    before = (disputed / "data" / "extracted" / "outcomes.csv").read_bytes()
    done = taprev(disputed, "reconcile")
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "4 disagreements are open" in done.stderr and "data/raw/worksheet.xlsx" in done.stderr
    xlsx, text = (read_sheet(path, "worksheet") for path in worksheet_paths(disputed / "data"))
    assert xlsx.header == text.header == HEADER and xlsx.rows == text.rows and not xlsx.odd
    rows = {(row["result"], row["column"]): row for row in xlsx.rows.values()}
    assert set(rows) == {("r057", "t"), ("r057", "direction"), ("r057", "measure"), ("r058", "n_arm1")}
    assert (rows["r057", "t"]["first"], rows["r057", "t"]["second"]) == ("9.86", "9.68")
    assert rows["r057", "t"]["source_url"].startswith("https://sswr.confex.com/")
    assert (disputed / "data" / "extracted" / "outcomes.csv").read_bytes() == before


def test_the_consequence_is_the_pooled_number_under_each_reading(disputed):
    taprev(disputed, "reconcile")
    rows = read_sheet(worksheet_paths(disputed / "data")[1], "worksheet").rows.values()
    said = {(row["result"], row["column"]): row["consequence"] for row in rows}
    assert said["r057", "t"].startswith("Staff knowledge, Before-after, no control group: 0.8")
    assert said["r057", "t"].endswith("(k = 6) with the second") and "with the first, 0.79 [" in said["r057", "t"]
    assert said["r058", "n_arm1"] == "none: direction only"
    assert said["r057", "measure"] == "none: pooled, and the number is the same"


def test_readings_that_hang_together_are_seen_together(review):
    path = adjudication(review)
    path.write_text("".join(x for x in path.read_text().splitlines(keepends=True) if not x.startswith("r058,")))
    taprev(review, "reconcile")
    rows = read_sheet(worksheet_paths(review / "data")[1], "worksheet").rows.values()
    said = {row["column"]: row["consequence"] for row in rows}
    assert (
        said["t"].startswith("given the second form's statistic: Staff knowledge")
        and "(k = 7) with the second" in said["t"]
    )


def test_no_cell_of_a_worksheet_is_a_formula(disputed):
    offer(disputed)
    xlsx, text = worksheet_paths(disputed / "data")
    cells = [cell for row in load_workbook(xlsx)["worksheet"].iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"} and FORMULA in {cell.value for cell in cells}
    assert f"'{FORMULA}".replace('"', '""') in text.read_text("utf-8-sig")
    assert FORMULA in {row["first"] for row in read_sheet(text, "worksheet").rows.values()}


def test_a_filled_worksheet_settles_the_consensus(disputed):
    offer(disputed)
    before = adjudication(disputed).read_bytes()
    done = taprev(disputed, "reconcile", "--worksheet", fill_all(disputed))
    assert done.returncode == 0, done.stderr
    assert "Answers recorded in adjudication.csv: 4." in done.stdout
    assert adjudication(disputed).read_bytes().startswith(before)
    assert_settled(disputed)
    assert consensus_problems(disputed / "data") == []
    again = taprev(disputed, "reconcile", "--worksheet", worksheet_paths(disputed / "data")[0])
    assert again.returncode == 0 and "adjudication.csv: 0." in again.stdout


@pytest.mark.parametrize(("delimiter", "mark"), [(",", "\ufeff"), (";", "\ufeff"), ("\t", ""), (",", "")])
def test_a_worksheet_saved_as_csv(disputed, delimiter, mark):
    offer(disputed)
    saved = as_csv(fill_all(disputed), delimiter, mark)
    assert record_answers(disputed / "data", saved) == (4, [])
    assert_settled(disputed)


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "kind",
    ["xlsx", "csv:Text - txt - csv (StarCalc):44,34,76", "csv:Text - txt - csv (StarCalc):59,34,76"],
    ids=["xlsx", "csv", "semicolons"],
)
@pytest.mark.parametrize("source", [0, 1], ids=["from xlsx", "from csv"])
def test_a_worksheet_saved_by_libreoffice(disputed, libreoffice, tmp_path, kind, source):
    offer(disputed)
    path = fill_all(disputed)
    if source:
        path = as_csv(path, write=guard)
    utf8 = ["--infilter=Text - txt - csv (StarCalc):44,34,76,1"] * source
    words = [*libreoffice, *utf8, "--convert-to", kind, "--outdir", tmp_path / "saved", path]
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=120)
    [saved] = (tmp_path / "saved").iterdir()
    assert record_answers(disputed / "data", saved) == (4, [])
    assert_settled(disputed)


def test_a_sheet_with_answers_is_only_appended_to(disputed, edit):
    offer(disputed)
    xlsx, text = worksheet_paths(disputed / "data")
    fill(xlsx, "r057", "t", decision="second", reason="looked up")
    book = load_workbook(xlsx)
    book["worksheet"]["M1"], book["worksheet"]["M3"] = "asked", "AB, by letter"
    book.create_sheet("my notes")["A1"] = "kept"
    book.save(xlsx)
    before = read_sheet(xlsx, "worksheet").rows
    edit(disputed / "data" / "raw" / "form_first.csv", "r056", "t", "9.62")
    offer(disputed)
    after = read_sheet(xlsx, "worksheet").rows
    assert {number: after[number] for number in before} == before and len(after) == 5
    assert after[6]["result"] == "r056" and load_workbook(xlsx)["my notes"]["A1"].value == "kept"
    assert len(read_sheet(text, "worksheet").rows) == 5
    bytes_before = xlsx.read_bytes()
    offer(disputed)
    assert xlsx.read_bytes() == bytes_before


def test_a_filled_csv_is_appended_to_in_its_own_dialect(disputed, edit):
    offer(disputed)
    text = worksheet_paths(disputed / "data")[1]
    text.write_bytes(as_csv(fill_all(disputed), ";").read_bytes())
    before = text.read_bytes()
    edit(disputed / "data" / "raw" / "form_first.csv", "r056", "t", "9.62")
    offer(disputed)
    assert text.read_bytes().startswith(before)
    rows = [*read_sheet(text, "worksheet").rows.values()]
    assert len(rows) == 5 and rows[-1]["first"] == "9.62" and rows[-1]["decision"] == ""


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_csv_in_another_encoding_is_read_and_appended_to_in_it(disputed, edit, encoding):
    offer(disputed)
    data = disputed / "data"
    text = worksheet_paths(data)[1]
    filled = as_csv(fill_all(disputed), ";").read_bytes().decode("utf-8-sig").replace("Looked up", "Geprüft")
    text.write_bytes(filled.encode(encoding))
    before = text.read_bytes()
    edit(data / "raw" / "form_first.csv", "r056", "t", "9.62")
    offer(disputed)
    assert text.read_bytes().startswith(before)
    rows = [*read_sheet(text, "worksheet").rows.values()]
    assert len(rows) == 5 and rows[-1]["first"] == "9.62" and any("Geprüft" in row["reason"] for row in rows)
    told = taprev(disputed, "reconcile", "--worksheet", text).stdout
    assert "read as semicolon-separated" in told and "Answers recorded in adjudication.csv: 4." in told
    assert any("Geprüft" in row["reason"] for row in read_rows(adjudication(disputed)))


def test_a_formula_is_refused_also_where_the_program_kept_its_last_value(disputed, libreoffice, tmp_path):
    offer(disputed)
    path = worksheet_paths(disputed / "data")[0]
    fill(path, "r057", "t", decision="value", value="=9+0.5", reason="Looked up.")
    words = [*libreoffice, "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*words, tmp_path / "saved", path], capture_output=True, check=True, timeout=180)
    saved = tmp_path / "saved" / path.name
    assert 9.5 in [cell.value for row in load_workbook(saved, data_only=True)["worksheet"].iter_rows() for cell in row]
    recorded, [said] = record_answers(disputed / "data", saved)
    assert recorded == 0 and "column value: the cell holds a formula (=9+0.5)" in said


def test_a_worksheet_that_cannot_be_read_is_left_alone(disputed):
    offer(disputed)
    xlsx = worksheet_paths(disputed / "data")[0]
    xlsx.write_bytes(b"not a workbook")
    done = taprev(disputed, "reconcile")
    assert done.returncode == 1 and "not a readable XLSX file" in done.stderr
    assert xlsx.read_bytes() == b"not a workbook"


@pytest.mark.parametrize(
    ("place", "answer", "said"),
    [
        (("r057", "t"), {"decision": "third"}, 'column decision: found "third". Use one of: first, second, value.'),
        (("r057", "t"), {"decision": None}, 'column decision: found "".'),
        (("r057", "t"), {"reason": "  "}, "column reason: the reason is empty."),
        (("r057", "t"), {"decision": "value"}, "column value: the value is empty. Write it, or (empty)"),
        (("r057", "t"), {"decision": "value", "value": "9,7"}, "not a plain number with a decimal point"),
        (("r057", "t"), {"decision": "value", "value": True}, 'found "TRUE" for t; it is not a plain number'),
        (("r057", "t"), {"decision": "value", "value": datetime(2024, 2, 1)}, "the spreadsheet made 2024-02-01 of"),
        (("r057", "t"), {"decision": "value", "value": "=1+1"}, "the cell holds a formula (=1+1)"),
        (("r057", "t"), {"decision": "value", "value": "#N/A"}, "the cell shows the error #N/A"),
        (("r057", "t"), {"value": "9.5"}, 'found "9.5", but second means "9.68"'),
        (("r057", "t"), {"first": "9.9"}, 'the sheet shows "9.9" and "9.68", the forms "9.86" and "9.68".'),
        (("r057", "direction"), {"decision": "value", "value": "up"}, "the codebook allows"),
        (("r058", "n_arm1"), {"decision": "value", "value": -3.0}, "it must be at least 2"),
        (("r057", "t"), {"result": "r999"}, 'column result: found "r999". No form has this result.'),
        (("r057", "t"), {"column": "tt"}, 'column column: found "tt". Use a column of outcomes.csv.'),
        (("r057", "t"), {"column": "z"}, "column z: the forms agree in this cell."),
        (("r057", "t"), {"column": "note"}, "The notes of both forms are kept"),
        (("r057", "t"), {"result": "r083", "column": "p"}, "already decides this cell"),
        (("r057", "t"), {"column": "direction"}, "answers the cell as it is now: empty the answer of this one."),
    ],
)
def test_an_answer_that_cannot_stand_is_named_and_the_others_are_kept(disputed, place, answer, said):
    offer(disputed)
    path = fill_all(disputed)
    before = adjudication(disputed).read_bytes()
    fill(path, *place, **answer)
    recorded, problems = record_answers(disputed / "data", path)
    assert any(said in problem for problem in problems), problems
    assert recorded == 3 and len(problems) == 1
    assert all("worksheet.xlsx, row " in problem for problem in problems)
    assert adjudication(disputed).read_bytes().startswith(before)


def test_all_problems_at_once_and_the_command_stops(disputed):
    offer(disputed)
    path = fill_all(disputed)
    fill(path, "r057", "t", decision="third", reason="")
    fill(path, "r058", "n_arm1", value="many")
    done = taprev(disputed, "reconcile", "--worksheet", path)
    assert done.returncode == 1 and "adjudication.csv: 2." in done.stdout
    assert len(done.stderr.splitlines()) == 4 and "2 disagreements are open" in done.stderr


def test_an_emptied_cell_is_said_in_words(disputed):
    offer(disputed)
    path = fill_all(disputed)
    fill(path, "r058", "n_arm1", value="(empty)")
    assert record_answers(disputed / "data", path) == (4, [])
    decided = {(cell.result, cell.column): cell.value for cell in reconcile(disputed / "data").decided}
    assert decided["r058", "n_arm1"] == ""


def test_a_recorded_decision_is_never_overwritten(disputed):
    offer(disputed)
    path = fill_all(disputed)
    assert record_answers(disputed / "data", path) == (4, [])
    kept = adjudication(disputed).read_bytes()
    fill(path, "r057", "t", decision="first", reason="changed my mind")
    recorded, [said] = record_answers(disputed / "data", path)
    assert recorded == 0 and 'already decides this cell ("Looked up in the abstract.")' in said
    assert adjudication(disputed).read_bytes() == kept


def test_the_last_line_of_the_adjudications_is_not_joined(disputed):
    path = adjudication(disputed)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    count = len(read_rows(path))
    offer(disputed)
    record_answers(disputed / "data", fill_all(disputed))
    assert len(read_rows(path)) == count + 4


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("sheet.ods", b"x", "neither XLSX nor CSV"),
        ("sheet.xlsx", b"x", "not a readable XLSX file"),
        ("sheet.csv", b"r\x81sum", "not text in UTF-8, UTF-16 or Windows-1252"),
        ("sheet.csv", b"", "the file is empty"),
        ("sheet.csv", b"result,result\n", "columns named twice: result"),
        (
            "sheet.csv",
            b"result,study,column,first,second,source_url,consequence,choice,value,reason\n",
            "columns missing: decision; columns it should not have: choice.",
        ),
    ],
)
def test_a_file_that_is_no_worksheet(disputed, name, content, said):
    (disputed / name).write_bytes(content)
    done = taprev(disputed, "reconcile", "--worksheet", name)
    assert done.returncode == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_workbook_with_several_sheets(disputed):
    book = Workbook()
    book.create_sheet("other")
    book.save(disputed / "two.xlsx")
    with pytest.raises(ValueError, match="none of them is worksheet"):
        record_answers(disputed / "data", disputed / "two.xlsx")


def test_a_worksheet_that_does_not_exist(disputed):
    done = taprev(disputed, "reconcile", "--worksheet", "nowhere.xlsx")
    assert done.returncode == 1 and "nowhere.xlsx: No such file" in done.stderr


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.datetimes()))
def test_every_cell_has_a_text(value):
    text = cell_text(value)
    assert isinstance(text, str) and text == text.strip()


@given(st.floats(-1e300, 1e300))
def test_a_number_keeps_its_value(value):
    assert float(cell_text(value)) == pytest.approx(value, rel=1e-14)


@given(st.text(st.sampled_from("'=+-@\t\r1.e a")))
def test_guarded_text_is_no_formula_and_comes_back(text):
    guarded = guard(text)
    assert unguard(guarded) == text or not guarded.startswith("'") or text.startswith("'")
    assert guarded[:1] not in ("=", "@", "\t", "\r")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(decision=st.text(max_size=8), value=st.text(max_size=12), reason=st.text(max_size=12))
@example(decision="", value="", reason="\x1f")
def test_wild_answers_end_in_sentences(review, edit, decision, value, reason):
    data = review / "data"
    edit(data / "raw" / "form_first.csv", "r057", "t", "9.86")
    kept = adjudication(review).read_bytes()
    asked = {"result": "r057", "study": "", "column": "t", "first": "9.86", "second": "9.68"}
    row = {**dict.fromkeys(HEADER, ""), **asked, "decision": decision, "value": value, "reason": reason}
    path = review / "wild.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as handle:
        writer = csv.DictWriter(handle, HEADER)
        writer.writeheader()
        writer.writerow(row)
    recorded, problems = record_answers(data, path)
    assert adjudication(review).read_bytes().startswith(kept)
    typed = decision + value + reason
    answered = bool(typed.strip()) or any(category(sign) == "Cc" and sign not in "\t\r\n" for sign in typed)
    assert bool(recorded or problems) == answered
    adjudication(review).write_bytes(kept)


@given(st.text(max_size=10))
def test_a_value_is_tested_without_an_exception(root, text):
    fields = codebook(root / "data" / "extracted")["outcomes"]["schema"]["fields"]
    for field in fields:
        assert isinstance(value_problem(text, field), str)
