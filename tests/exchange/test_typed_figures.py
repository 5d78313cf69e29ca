"""Cells of figures in the tables of others: absent, no number, impossible, or two things at once."""

from __future__ import annotations

import csv

import pytest
from openpyxl import Workbook

from taprev.exchange.answers import EVERY, Answers
from taprev.exchange.formats import format_of
from taprev.exchange.table_map import TableMap
from taprev.exchange.tabular import BEGINNING, header_only, read_table
from taprev.exchange.typed_figures import ANY_NUMBER, figure_of, whole_from

SAID = Answers(better={EVERY: "lower"}, contrast={EVERY: "randomised"}, measure="SMD")
MEANS = ["study", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"]
SOUND = ["Ash 2001", "5", "1", "20", "4", "1.5", "21"]


def table(folder, *rows, header=MEANS):
    path = folder / "table.csv"
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])
    return path


def read(path, answers=SAID, word=""):
    return format_of(path, word).read(path, answers)


def refused(path, answers=SAID, word=""):
    with pytest.raises(ValueError) as said:
        read(path, answers, word)
    return str(said.value).splitlines()


def changed(column, text):
    return [text if name == column else cell for name, cell in zip(MEANS, SOUND, strict=True)]


def test_every_cell_that_is_no_number_is_named_at_once(tmp_path):
    odd = ["12*", "<5", "1 234", "1.234,5", "#N/A", "2024-04-03", "inf", "see text"]
    path = table(tmp_path, *(changed("m1i", text) for text in odd))
    said = refused(path)
    assert len(said) == len(odd)
    for number, (line, text) in enumerate(zip(said, odd, strict=True), start=2):
        assert line.startswith(f'{path.as_posix()}, row {number}, column m1i: found "{text}"')
    assert "which is not a number" in said[0] and "may be 1234" in said[2] and "a date" in said[5]


@pytest.mark.parametrize("mark", ["n.r.", "NR", "-", "–", "NA", "n/a"])
def test_clear_marks_of_absence_are_empty_and_counted(tmp_path, mark):
    imported = read(table(tmp_path, SOUND, changed("sd2i", mark)))
    assert len(imported.rows("outcomes")) == 1
    assert f'Cells of figures that are read as absent: "{mark}" (1).' in imported.remarks
    assert "Row 3 was left out: nothing in the column sd2i." in imported.remarks
    [kept] = [one for one in imported.kept if one.name == "rows"]
    assert kept.rows[0][:3] == ("3", "nothing in the column sd2i", "Ash 2001")


@pytest.mark.parametrize(
    ("column", "text", "why"),
    [
        ("sd1i", "0", "which must be above 0"),
        ("n2i", "1", "which must be a whole number, at least 2"),
        ("n1i", "20.5", "which must be a whole number, at least 2"),
        ("n1i", "1.040", "which may be 1040 (point between thousands) or 1.040 (decimal point)"),
        ("n1i", "20.000", "which may be 20000 (point between thousands) or 20.000 (decimal point)"),
    ],
)
def test_impossible_figures_are_refused_by_row_and_column(tmp_path, column, text, why):
    [said] = refused(table(tmp_path, SOUND, changed(column, text)))
    assert f'row 3, column {column}: found "{text}", {why}.' in said


def test_variances_intervals_and_events_that_cannot_be_are_refused(tmp_path):
    effects = ["study", "yi", "vi"]
    assert "column vi" in refused(table(tmp_path, ["Ash", "0.1", "-0.2"], header=effects))[0]
    interval = table(tmp_path, ["Ash", "0.1", "0.3", "0.2"], header=["study", "yi", "ci.lb", "ci.ub"])
    assert 'column ci.ub: found "0.2"' in refused(interval)[0]
    header = ["study", "ai", "n1i", "ci", "n2i"]
    events = table(tmp_path, ["Ash", "9", "8", "1", "8"], header=header)
    assert 'column n1i: found "8", people, fewer than ("9"' in refused(events)[0]


def test_a_row_without_a_study_is_named(tmp_path):
    imported = read(table(tmp_path, SOUND, changed("study", "")))
    assert "Row 3 was left out: nothing in the column study." in imported.remarks


def test_a_formula_without_a_value_is_named(tmp_path):
    book = Workbook()
    for row in (MEANS, ["Ash", 5, 1, 20, 4, "=1+0.5", 21]):
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    [said] = refused(tmp_path / "table.xlsx")
    assert "row 2, column sd2i: found a formula without a value (=1+0.5)" in said


def test_a_mapped_table_reads_figures_alike(tmp_path):
    columns = {"study": "study", "mean_arm1": "m1i", "sd_arm1": "sd1i", "n_arm1": "n1i"}
    columns |= {"mean_arm2": "m2i", "sd_arm2": "sd2i", "n_arm2": "n2i"}
    mapped = Answers(tables={"outcomes": TableMap(columns=columns, constants={"domain": "mood"})})
    path = table(tmp_path, SOUND, changed("m1i", "12*"), changed("n1i", "1.040"))
    assert [line.partition(": found")[0] for line in refused(path, mapped, "table")] == [
        f"{path.as_posix()}, row 3, column mean_arm1",
        f"{path.as_posix()}, row 4, column n_arm1",
    ]


def test_a_long_minus_sign_is_a_minus_sign():
    assert figure_of("\u22120.2") == ("-0.2", None)
    assert figure_of("-0.2", ANY_NUMBER) == ("-0.2", None) and figure_of("20", whole_from(2)) == ("20", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_head_of_a_long_table_is_read_in_any_encoding(tmp_path, encoding):
    path = tmp_path / "long.csv"
    lines = ["Studie;Größe", *(f"Müller {number};{number}" for number in range(30_000))]
    path.write_bytes("\n".join(lines).encode(encoding))
    assert path.stat().st_size > BEGINNING and header_only(path, sheet=False) == ("Studie", "Größe")
    table = read_table(path)
    assert len(table.rows) == 30_000 and bool(table.remarks) == (encoding == "cp1252")


def test_a_text_in_no_known_encoding_is_refused(tmp_path):
    path = tmp_path / "strange.csv"
    path.write_bytes("study,yi\nAsh \x81,1\n".encode("latin-1"))
    with pytest.raises(ValueError, match="this is not text in UTF-8, UTF-16 or Windows-1252"):
        read_table(path)
