"""Tables in workbooks as people save them: what is not what was typed is refused, what is read otherwise is said."""

from __future__ import annotations

import datetime as dt
import subprocess
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from PIL import Image as Picture

from samples.sheets import HEADER, book, csv_bytes, extracted, line
from taprev.extraction.sheets.books import xlsx_bytes
from taprev.extraction.sheets.canonical import canonical
from taprev.extraction.sheets.reading import read_table
from taprev.extraction.sheets.workbook import workbook_grid
from taprev.extraction.sheets.write_back import write_back
from taprev.extraction.snapshot import copies, keep, read_kept, said_otherwise, snapshot
from taprev.extraction.table_problems import table_problems
from taprev.extraction.tables import file_problems, numbered_rows, read_rows, said_of


@pytest.fixture
def path(tmp_path):
    return extracted(tmp_path)


@pytest.fixture
def saved(path):
    """Return a function that saves a workbook of rows as outcomes.xlsx, after a change, and returns its sentences."""

    def save(*rows, change=lambda made: None, name="outcomes.xlsx"):
        made = book([HEADER, *rows])
        change(made)
        made.save(path.with_name(name))
        return [problem.sentence() for problem in file_problems(path, HEADER)]

    return save


def test_a_workbook_stands_in_place_of_a_csv_file(path, saved):
    assert saved(["r1", "a", "means", 0.077, 34, None, " as typed "], [None] * 7, ["r2", "b", "t", "12.50", 30.0]) == []
    assert [(number, row["result"], row["mean_arm1"], row["n_arm1"]) for number, row in numbered_rows(path)] == [
        (2, "r1", "0.077", "34"),
        (4, "r2", "12.50", "30"),
    ]
    assert read_rows(path)[0]["note"] == " as typed "
    assert said_of(path) == [f"{path.with_suffix('.xlsx')}, sheet outcomes: 1 empty row passed over."]


def test_one_workbook_may_hold_every_table_and_other_sheets_are_left(path, saved):
    assert saved(line(), change=lambda made: made.create_sheet("notes").append(["x"]), name="tables.xlsx") == []
    assert [row["result"] for row in read_rows(path)] == ["r1"]
    assert "extracted/tables.xlsx" in snapshot(path.parents[1])
    assert "because the codebook has no such table: notes." in list(said_otherwise(path.parents[1]))[-1]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (4, "=3+4", "the cell holds a formula (=3+4)"),
        (4, "=[1]other!A1", "the cell holds a formula"),
        (4, dt.datetime(2026, 4, 3), "the spreadsheet made 2026-04-03 of what was typed, perhaps of 3-4"),
        (7, dt.datetime(2004, 3, 1), "the spreadsheet made 2004-03-01 of what was typed"),
        (4, "#N/A", "the cell shows the error #N/A"),
        (4, "1,234", "which may be 1234 (comma between thousands) or 1.234 (decimal comma)"),
    ],
)
def test_what_is_not_what_was_typed_is_refused_by_its_cell(path, saved, column, value, said):
    [refused] = saved(line(), change=lambda made: setattr(made.active.cell(2, column), "value", value))
    assert f"outcomes.xlsx, sheet outcomes, row 2 (r1, a), column {HEADER[column - 1]}: " in refused and said in refused


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_cell_far_below_the_others_is_refused_and_makes_no_rows(path, saved, ending):
    if ending == ".xlsx":
        stray = {"value": "stray"}
        saved(line(result="r1"), line(result="r2"), change=lambda made: made["outcomes"].cell(20_000, 2, **stray))
    else:
        path.write_bytes(csv_bytes([HEADER, line(result="r1"), line(result="r2")]) + b"\r\n" * 20_000 + b"stray\r\n")
    table = read_table(path)
    assert [*table.rows] == [2, 3] and len(canonical(path).splitlines()) == 3
    [problem] = [one for one in table.problems if "alone" in one.found]
    assert 'found "stray" alone, ' in problem.sentence() and "rows below row 3. Empty the cell" in problem.sentence()


def test_a_day_in_a_column_of_days_is_read_and_decimal_commas_in_text_too(path, saved):
    assert saved(["r1", "a", "means", "0,90", None, dt.date(2026, 4, 3)]) == []
    [row] = read_rows(path)
    assert (row["judged_on"], row["mean_arm1"]) == ("2026-04-03", "0.90")


def test_hidden_merged_commented_and_percentages_are_said(path, saved):
    def change(made):
        sheet = made.active
        sheet["D2"].number_format = "0%"
        sheet["D3"].number_format = "0.00"
        sheet["A2"].comment = Comment("look", "me")
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.merge_cells("G2:G3")
        sheet.auto_filter.ref = "A1:G3"
        made.create_sheet("other")
        sheet.sheet_state = "hidden"
        made.active = 1

    assert saved(["r1", "a", "means", 0.45, 30, None, "x"], ["r2", "a", "means", 0.5, 30], change=change) == []
    [said] = said_of(path)
    for part in (
        "1 percentage read",
        "1 figure shown with more decimals",
        "1 comment of cells not read",
        "1 hidden row by a filter",
        "1 hidden column",
        "G2:G3",
    ):
        assert part in said
    assert "the sheet is hidden, and is read" in said and len(read_rows(path)) == 2


def test_a_workbook_that_somebody_has_open_is_read_as_last_saved_and_not_written(path, saved):
    saved(line())
    path.with_name("~$outcomes.xlsx").write_bytes(b"me")
    assert "somebody has it open" in said_of(path)[0]
    with pytest.raises(ValueError, match="Save and close it"):
        write_back(path, {(2, "note"): "x"})


def test_a_table_with_rows_in_two_places_names_both(path, saved):
    path.write_bytes(csv_bytes([HEADER]))
    assert saved(line()) == []
    assert f"{path} beside it has no rows and is not read" in said_of(path)[0]
    path.write_bytes(csv_bytes([HEADER, line()]))
    [said] = saved(line())
    assert f"{path}: this table has rows here and in {path.with_suffix('.xlsx')}, sheet outcomes." in said
    assert "Keep one of them" in said


def test_a_workbook_of_another_kind_beside_a_filled_table_is_left_and_said(path):
    path.write_bytes(csv_bytes([HEADER, line()]))
    path.with_suffix(".ods").write_bytes(b"PK\x03\x04")
    assert file_problems(path, HEADER) == [] and len(read_rows(path)) == 1
    assert said_of(path) == [f"{path}: {path.with_suffix('.ods')}, sheet outcomes beside it is not read."]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("outcomes.xlsx", b"PK\x03\x04 and no more", "it may be damaged"),
        ("outcomes.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        ("outcomes.xls", b"\xd0\xcf\x11\xe0", "the old kind (.xls)"),
    ],
)
def test_workbooks_that_cannot_be_read_are_refused_in_one_sentence(path, name, content, said):
    path.with_name(name).write_bytes(content)
    [problem] = file_problems(path, HEADER)
    assert said in problem.sentence()


def test_macros_are_data(path, saved):
    assert saved(line(), name="outcomes.xlsm") == [] and len(read_rows(path)) == 1


def test_an_example_and_a_line_of_help_are_passed_over_whatever_stands_beside_them(path, saved):
    rows = (
        ["(what to write) an identifier", "=1", 5],
        line(result="(example, not read)", study="example_2020", note="mine"),
        line(),
    )
    assert saved(*rows) == []
    assert [number for number, _ in numbered_rows(path)] == [4]
    assert '1 line of help passed over; row 3 marked "(example, not read)" passed over' in said_of(path)[0]


def test_identifiers_and_rows_are_written_into_a_workbook_and_formats_stay(path, saved):
    def change(made):
        made.active["D2"].number_format = "0.00"
        made.active.freeze_panes = "A2"

    saved(["", "a", "means", 0.5, 30, None, "=no formula"[1:]], change=change)
    row = dict(zip(HEADER, line(result="r9", note="=1+1"), strict=True))
    write_back(path, {(2, "result"): "a_1"}, [row])
    assert [one["result"] for one in read_rows(path)] == ["a_1", "r9"] and read_rows(path)[1]["note"] == "=1+1"
    sheet = load_workbook(path.with_suffix(".xlsx")).active
    assert (sheet["D2"].number_format, sheet.freeze_panes, sheet["D2"].value) == ("0.00", "A2", 0.5)


def test_a_workbook_with_pictures_is_not_written(path, saved, tmp_path):
    Picture.new("RGB", (4, 4)).save(tmp_path / "p.png")
    saved(line(), change=lambda made: made.active.add_image(Image(tmp_path / "p.png"), "J1"))
    before = path.with_suffix(".xlsx").read_bytes()
    with pytest.raises(ValueError, match="charts, pictures or controls"):
        write_back(path, {(2, "note"): "x"})
    assert path.with_suffix(".xlsx").read_bytes() == before


def test_the_copy_is_canonical_and_says_what_it_is_of(path, saved):
    saved(["r1", "a", "means", "0,90"], [None] * 7, line(result="r2"))
    data, into = path.parents[1], path.parents[2] / "audit"
    keep(copies(data), into)
    kept = {one.copy: one for one in read_kept(into)}["extracted/outcomes.csv"]
    assert (kept.file, kept.sheet) == ("extracted/outcomes.xlsx", "outcomes")
    assert "1 decimal comma read as a point; 1 empty row passed over" in "; ".join(sorted(kept.said.split("; ")))
    content = (into / "extracted" / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    assert content[1].startswith("r1,a,means,0.90,") and content[2] == "" and content[3].startswith("r2,")
    assert list(numbered_rows(into / "extracted" / "outcomes.csv")) == list(numbered_rows(path))


CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=8)
ROWS = st.lists(st.tuples(CELLS, st.floats(-1e6, 1e6).map(lambda number: round(number, 4))), min_size=1, max_size=4)


@given(ROWS)
def test_text_and_numbers_in_a_workbook_are_read_back_as_they_were(rows):
    made = book([HEADER])
    for number, (text, figure) in enumerate(rows, start=2):
        cell = made.active.cell(number, 1, text)
        cell.data_type = "s"
        made.active.cell(number, 4, figure)
    grid = workbook_grid(xlsx_bytes(made), "outcomes")
    assert grid.refusals == () and [float(row[3]) for row in grid.rows.values()] == [figure for _, figure in rows]
    assert [row[0] for row in grid.rows.values()] == [text for text, _ in rows]


@pytest.mark.libreoffice
@pytest.mark.parametrize(("ending", "saved_as"), [("xlsx", "xlsx"), ("csv", "csv:Text - txt - csv (StarCalc):59,34,1")])
def test_libreoffice_saves_the_example_and_its_tables_stay_the_same(example, libreoffice, tmp_path, ending, saved_as):
    place, into = example / "data" / "extracted", tmp_path / "saved"
    before = {path.name: read_rows(path) for path in place.glob("*.csv")}
    wanted = [place / name for name in ("outcomes.csv", "studies.csv", "reports.csv")]
    words = [*libreoffice, "--convert-to", saved_as, "--outdir", into]
    done = subprocess.run([*words, *wanted], capture_output=True, text=True, timeout=180)
    for path in wanted:
        path.unlink()
        (into / f"{path.stem}.{ending}").rename(path.with_suffix(f".{ending}"))
    assert done.returncode == 0 and (ending == "xlsx" or said_of(wanted[0]))
    assert {path.name: read_rows(path) for path in wanted} == {path.name: before[path.name] for path in wanted}


def test_columns_that_a_table_of_decisions_lacks_are_put_in_their_place(path):
    decisions = path.parents[1] / "raw" / "adjudication.csv"
    book([["result", "reason", "readings"], ["r1", "as printed", "first: 1"]], "x").save(decisions.with_suffix(".xlsx"))
    new = {"result": "r2", "reason": "misread", "decided_by": "AB", "readings": "first: 2"}
    write_back(decisions, more=[new], header=["result", "reason", "decided_by", "readings"])
    assert [list(row.values()) for row in read_rows(decisions)] == [
        ["r1", "as printed", "", "first: 1"],
        ["r2", "misread", "AB", "first: 2"],
    ]


LOCKED = b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"PK\x03\x04 cut off", "this is not a readable XLSX file"), (LOCKED, "the workbook is protected by a password")],
)
@pytest.mark.parametrize("beside", [(), ("flow.csv", "outcomes.csv")])
def test_a_workbook_that_cannot_be_read_has_one_sentence_and_none_about_its_tables(example, content, found, beside):
    extracted = example / "data" / "extracted"
    for table in extracted.glob("*.csv"):
        if table.name not in beside:
            table.unlink()
    book = extracted / "tables.xlsx"
    book.write_bytes(content)
    [problem] = table_problems(extracted)
    assert problem.sentence().startswith(f"{book.as_posix()}: {found}")
    with pytest.raises(ValueError, match=found):
        write_back(extracted / "studies.csv", {(2, "label"): "x"})


@pytest.mark.parametrize(("n", "about", "otherwise"), [(34, "of_form", False), ("3,5", "figures; of_form", True)])
def test_the_record_says_by_codes_whether_data_were_read_otherwise_than_typed(
    path, saved, tmp_path, n, about, otherwise
):
    help_line = ["(what to write) an identifier"]
    assert saved(help_line, ["r1", "a", "means", n, 34]) == []
    keep(copies(path.parents[1]), tmp_path / "kept")
    [kept] = [one for one in read_kept(tmp_path / "kept") if one.sheet]
    assert (kept.about, kept.otherwise) == (about, otherwise)


def test_a_damaged_sheet_is_named_and_the_others_are_read(path):
    made = book([HEADER, line()])
    made.create_sheet("flow").append(["box"])
    made.save(path.with_name("tables.xlsx"))
    with zipfile.ZipFile(path.with_name("tables.xlsx")) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path.with_name("tables.xlsx"), "w") as cut:
        for name, content in parts.items():
            cut.writestr(name, content[:200] if name.endswith("sheet2.xml") else content)
    assert file_problems(path, HEADER) == []
    [problem] = file_problems(path.with_name("flow.csv"), ["box"])
    assert "tables.xlsx, sheet flow: this sheet cannot be read" in problem.sentence()
