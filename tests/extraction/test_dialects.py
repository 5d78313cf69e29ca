"""CSV as Excel and others write it is read as it was meant, and what was read otherwise than typed is said."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.sheets import HEADER, csv_bytes, extracted, line
from taprev.extraction.sheets.canonical import canonical
from taprev.extraction.sheets.column_types import ColumnTypes
from taprev.extraction.sheets.grid import Dialect, Encoding
from taprev.extraction.sheets.places import Place
from taprev.extraction.sheets.reading import _at, _parsed, read_table
from taprev.extraction.sheets.write_back import rows_in_dialect, write_back
from taprev.extraction.tables import file_problems, number_of, numbered_rows, read_rows, said_of


def problems(path):
    return [problem.sentence() for problem in file_problems(path, HEADER)]


@pytest.fixture
def path(tmp_path):
    return extracted(tmp_path)


@pytest.mark.parametrize(
    ("delimiter", "encoding", "said"),
    [
        (",", "utf-8-sig", ""),
        (";", "utf-8-sig", "read as semicolon-separated text"),
        ("\t", "utf-16", "read as tab-separated UTF-16 text"),
        (
            ";",
            "cp1252",
            'read as semicolon-separated Windows-1252 text (the file does not say its encoding; right if "Müller"',
        ),
    ],
)
def test_the_dialects_that_excel_writes_are_read_alike(path, delimiter, encoding, said):
    rows = [HEADER, line(mean_arm1="12", note='Müller said "yes"; and, no'), line(result="r2", n_arm1="30")]
    path.write_bytes(csv_bytes(rows, delimiter, encoding))
    assert problems(path) == []
    assert [list(row.values()) for row in read_rows(path)] == rows[1:]
    assert said in "".join(said_of(path)) and bool(said) == bool(said_of(path))


def test_a_first_line_that_names_the_delimiter_is_no_row(path):
    path.write_bytes(b"sep=;\r\n" + csv_bytes([HEADER, line(mean_arm1="0,90")], ";"))
    assert [(n, row["mean_arm1"]) for n, row in numbered_rows(path)] == [(2, "0.90")]


def test_decimal_commas_between_semicolons_are_read_as_points_and_counted_once(path):
    rows = [HEADER, line(mean_arm1="0,90", note="1,5"), line(result="r2", mean_arm1="1,234")]
    path.write_bytes(csv_bytes(rows, ";"))
    assert problems(path) == []
    assert [row["mean_arm1"] for row in read_rows(path)] == ["0.90", "1.234"] and read_rows(path)[0]["note"] == "1,5"
    assert "2 decimal commas read as points" in said_of(path)[0]


@pytest.mark.parametrize(
    ("delimiter", "typed", "said"),
    [
        (",", ["0,90"], 'found "0,90", which may be 0.90 with a decimal comma.'),
        (",", ["1,234"], "which may be 1234 (comma between thousands) or 1.234 (decimal comma)"),
        (";", ["1,234"], "which may be 1234 (comma between thousands) or 1.234 (decimal comma)"),
        (";", ["0,90", "12.5"], "which may be 0.90 with a decimal comma, but other figures here have a decimal point"),
        (";", ["0,90", "1.234"], "which may be 1234 (point between thousands) or 1.234 (decimal point)"),
        (",", ["1.234,5"], "which may be 1234.5."),
        (",", ["1 234"], "which may be 1234."),
        (",", ["1\u00a0234"], "which may be 1234."),
        (",", ["45%"], "a percentage"),
        (",", ["#N/A"], "an error of the spreadsheet"),
        (",", ["03-Apr"], "may have made a date of a figure such as 3-4"),
        (",", ["Mar-04"], "may have made a date"),
        (",", ["31.01.2026"], "may have made a date"),
    ],
)
def test_what_is_not_certain_is_asked_and_never_guessed(path, delimiter, typed, said):
    rows = [line(result=f"r{number}", mean_arm1=text) for number, text in enumerate(typed)]
    path.write_bytes(csv_bytes([HEADER, *rows], delimiter))
    [asked] = problems(path)
    assert said in asked and "outcomes.csv, row " in asked and "column mean_arm1" in asked
    assert read_rows(path)[0]["mean_arm1"] in (typed[0], "0.90")


def test_an_error_in_a_column_of_text_is_refused(path):
    path.write_bytes(csv_bytes([HEADER, line(note="#REF!")]))
    assert 'column note: found "#REF!"' in problems(path)[0]


def test_a_text_that_excel_may_have_made_a_date_of_is_said_and_read_as_typed(path):
    path.write_bytes(csv_bytes([HEADER, line(note="03-Apr"), line(result="r2", note="Mar-04")]))
    assert '2 texts that a spreadsheet may have made a date of, first "03-Apr" in note of row 2' in said_of(path)[0]
    assert [row["note"] for row in read_rows(path)] == ["03-Apr", "Mar-04"] and problems(path) == []


def test_long_minus_signs_and_spaces_around_figures_are_read_and_said(path):
    path.write_bytes(csv_bytes([HEADER, line(mean_arm1="\u22120.5", n_arm1="30\u00a0", note="\u2212 ")]))
    [row] = read_rows(path)
    assert (row["mean_arm1"], row["n_arm1"], row["note"]) == ("-0.5", "30", "\u2212 ")
    assert "1 long minus sign" in said_of(path)[0] and "1 figure read without the spaces" in said_of(path)[0]
    assert problems(path) == []


def test_empty_rows_and_columns_are_passed_over_with_a_count_and_rows_keep_their_numbers(path):
    rows = [[*HEADER, "", ""], [""] * 9, [*line(), "", ""], [""] * 9, [*line(result="r2"), "", ""]]
    path.write_bytes(csv_bytes(rows))
    assert [(number, row["result"]) for number, row in numbered_rows(path)] == [(3, "r1"), (5, "r2")]
    assert "2 empty rows passed over; 2 empty columns passed over" in said_of(path)[0] and problems(path) == []
    copy = path.with_name("copy.csv")
    copy.write_bytes(canonical(path))
    assert [(number_of(row), row) for row in read_rows(copy)] == [(number_of(row), row) for row in read_rows(path)]


def test_a_column_with_cells_and_no_name_is_a_wrong_header(path):
    path.write_bytes(csv_bytes([[*HEADER, ""], [*line(), "stray"]]))
    assert "columns not in the codebook: (empty)" in problems(path)[0]


def test_the_last_cells_that_excel_leaves_out_are_empty_and_one_short_row_is_a_fault(path):
    rows = [HEADER, *(line(result=f"r{n}") for n in range(40))]
    short = [row if number < 16 else row[:-2] for number, row in enumerate(rows)]
    path.write_bytes(csv_bytes(short))
    assert [list(row.values()) for row in read_rows(path)] == rows[1:]
    assert "25 rows without the last, empty cells, as Excel leaves them out" in said_of(path)[0]
    path.write_bytes(csv_bytes([*rows[:20], rows[20][:-1], *rows[21:]]))
    assert read_rows(path)[19]["note"] is None


def test_canonical_files_are_kept_byte_for_byte(path):
    for content in (csv_bytes([HEADER, line(note="a")], end="\n"), csv_bytes([HEADER, line()], encoding="utf-8-sig")):
        path.write_bytes(content)
        assert canonical(path) == content and said_of(path) == []


def test_an_open_quotation_mark_and_another_encoding_are_said(path, request):
    usual = csv.field_size_limit(131_072)
    request.addfinalizer(lambda: csv.field_size_limit(usual))
    path.write_bytes(csv_bytes([HEADER, line()]) + b'"' + b"x" * 200_000)
    assert "a quotation mark is opened and never closed" in problems(path)[0]
    path.write_bytes(csv_bytes([HEADER, line()]) + b"\x81")
    assert "not text in UTF-8, UTF-16 or Windows-1252" in problems(path)[0]
    with pytest.raises(ValueError, match="not text"):
        read_rows(path)


TEXT = st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]), max_size=8)
FIGURE = st.one_of(
    st.just(""), st.integers(-9999, 9999).map(str), st.decimals(-99, 99, places=2).map(lambda number: f"{number:.2f}")
)
ROWS = st.lists(st.tuples(FIGURE, TEXT.filter(lambda text: not text.startswith("#"))), min_size=1, max_size=5)
DIALECTS = st.builds(
    Dialect,
    st.sampled_from(Encoding),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.just(""),
    st.booleans(),
).filter(lambda dialect: not (dialect.decimal_comma and dialect.delimiter == ","))


@given(ROWS, DIALECTS)
def test_rows_in_any_dialect_are_read_back_as_they_were(rows, dialect):
    table = [HEADER, *(line(result=f"r{n}", mean_arm1=figure, note=text) for n, (figure, text) in enumerate(rows))]
    typed = [
        [
            cell.replace(".", ",") if dialect.decimal_comma and position == 3 else cell
            for position, cell in enumerate(row)
        ]
        for row in table
    ]
    content = csv_bytes(typed, dialect.delimiter, dialect.encoding, dialect.newline)
    types = ColumnTypes({"mean_arm1": "number"})
    read = _parsed(content, False, "", tuple(types.types.items()), ())
    assert read.refusals == () and [list(row.values()) for row in read.rows.values()] == table[1:]


def test_what_is_written_back_keeps_the_dialect_and_every_other_byte(path):
    rows = [HEADER, line(result="", mean_arm1="0,90", note="Müller; x"), line(result="r2", mean_arm1="12,5")]
    path.write_bytes(csv_bytes(rows, ";", "cp1252"))
    write_back(path, {(2, "result"): "a_1"}, [dict(zip(HEADER, line(result="r3", mean_arm1="7.25"), strict=True))])
    rows[1][0] = "a_1"
    assert path.read_bytes() == csv_bytes([*rows, line(result="r3", mean_arm1="7,25")], ";", "cp1252")
    assert [row["mean_arm1"] for row in read_rows(path)] == ["0.90", "12.5", "7.25"]
    write_back(path, {(3, "note"): "日本"})
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and read_rows(path)[1]["note"] == "日本"
    assert read_rows(path)[0]["note"] == "Müller; x"


def test_a_table_written_anew_keeps_its_dialect(path):
    path.write_bytes(csv_bytes([HEADER, line(mean_arm1="0,90")], ";", "utf-16"))
    row = dict(zip(HEADER, line(mean_arm1="0.95"), strict=True))
    path.write_bytes(rows_in_dialect(path, HEADER, [row]))
    assert path.read_bytes() == csv_bytes([HEADER, line(mean_arm1="0,95")], ";", "utf-16")


def test_decisions_in_a_dialect_hold_figures_in_the_column_that_each_is_about(path):
    decisions = path.parents[1] / "raw" / "adjudication.csv"
    header = ["result", "column", "where", "decision", "value", "reason"]
    rows = [["r1", "mean_arm1", "", "value", "0,90", "x"], ["r1", "note", "", "value", "1,5", "x"]]
    decisions.write_bytes(csv_bytes([header, *rows], ";"))
    assert [row["value"] for row in read_rows(decisions)] == ["0.90", "1,5"]
    assert read_table(decisions).problems == ()


@given(st.one_of(st.binary(max_size=60), st.text("a\"',;\t\r\n=0.9 (é", max_size=60).map(str.encode)))
def test_no_file_ends_in_a_traceback(content):
    read = _at(Place(Path("outcomes.csv")), _parsed(content, False, "", (("a", "number"),), ()))
    assert read.legible or read.problems
