"""Files that no format recognises: each kind is said in a sentence of its own."""

from __future__ import annotations

import zipfile

import pytest
from openpyxl import Workbook

from samples import foreign
from taprev.exchange.answers import Answers
from taprev.exchange.formats import format_of
from taprev.exchange.tabular import BEGINNING
from taprev.extraction.sheets.workbook import LOCKED_BY, OLD_FORMAT

LIST = "taprev reads rm5 (RevMan 5)"
EFFECTS = [["study", "yi", "vi"], ["Ash 2001", 0.1, 0.2]]


def archive(**members):
    def write(path):
        with zipfile.ZipFile(path, "w") as file:
            for name, content in members.items():
                file.writestr(name.replace("__", "/"), content)

    return write


def cut_off(path):
    foreign.xlsx(path, EFFECTS)
    path.write_bytes(path.read_bytes()[:-200])


def holding(content):
    return lambda path: path.write_bytes(content)


KINDS = [
    (holding(b""), "the file is empty"),
    (holding(OLD_FORMAT + b"x" * 99 + LOCKED_BY), "protected by a password"),
    (holding(OLD_FORMAT + b"x" * 99), "of the old kind (.xls)"),
    (holding(b"\n<!DOCTYPE HTML><table><tr><td>study"), "a web page (HTML)"),
    (holding(b"%PDF-1.7\n1 0 obj"), "this is a PDF"),
    (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<a/>"}), "OpenDocument"),
    (archive(**{"..__..__etc": "x"}), "leads out of it"),
    (cut_off, "damaged, or cut off"),
]


@pytest.mark.parametrize(("write", "said"), KINDS)
@pytest.mark.parametrize("word", ["", "effects"])
def test_a_file_that_cannot_be_read_is_named_by_its_kind(tmp_path, write, said, word):
    path = tmp_path / "file.data"
    write(path)
    with pytest.raises(ValueError) as error:
        format_of(path, word)
    assert said in str(error.value) and str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('study,yi,vi\nAsh,0.1,0.2\n"Bee', "ends within quotation marks"),
        ("study,yi,vi\nAsh,0.1,0.2\nBeech,0.3", "ends in row 3, which has 2 cells where all others have 3"),
        ("study;yi;vi\nAsh;0,1", "ends in row 2, which has 2 cells where all others have 3"),
    ],
)
def test_a_text_that_is_cut_off_is_refused(tmp_path, text, said):
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        format_of(path).read(path, Answers(measure="SMD"))
    assert said in str(error.value) and str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "text",
    [
        "study,yi,vi\nAsh,0.1,0.2\nBeech,0.3\n",
        "study,yi,vi,note\nAsh,0.1,0.2\nBeech,0.3,0.2",
        'study,yi,vi,note\nAsh,0.1,0.2,12" long\nBeech,0.3,0.2,x',
    ],
)
def test_short_rows_and_lone_marks_alone_do_not_cut_a_text_off(tmp_path, text):
    path = tmp_path / "file.csv"
    path.write_text(text)
    assert format_of(path).read(path, Answers(measure="SMD")).rows("outcomes")


def test_the_head_of_a_long_text_is_read_where_its_beginning_ends_within_quotation_marks(tmp_path):
    path = tmp_path / "file.csv"
    note = "words\n" * 1000
    rows = [f'Ash {year},0.1,0.2,"{note}"\n' for year in range(1980, 2030)]
    text = "study,yi,vi,note\n" + "".join(rows)
    assert text[:BEGINNING].count('"') % 2 == 1
    path.write_text(text)
    assert format_of(path).word == "effects"


def test_a_folder_is_said_to_be_one(tmp_path):
    with pytest.raises(ValueError, match="this is a folder"):
        format_of(tmp_path)
    with pytest.raises(ValueError, match="this file is missing"):
        format_of(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Table 2. Effects,,,\nwho,effect size,n,notes\nAsh,0.1,3,x\n", "1 filled cell, and row 2 has 4"),
        ("\nwho,effect size,n,notes\nAsh,0.1,3,x\n", "0 filled cells, and row 2 has 4"),
        ("who,size,who\nAsh,0.1,3\n", "columns named twice: who"),
        ("who,size\nAsh,0.1\n", "its columns are who, size."),
    ],
)
def test_a_table_that_is_not_recognised_is_described_before_the_formats(tmp_path, text, said):
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        format_of(path)
    assert said in str(error.value) and str(error.value).index(said) < str(error.value).index(LIST)


def test_a_table_on_another_sheet_is_found(tmp_path):
    book = Workbook()
    book.active.append(["About this file"])
    sheet = book.create_sheet("Data")
    for row in EFFECTS:
        sheet.append(row)
    book.save(tmp_path / "file.xlsx")
    with pytest.raises(ValueError, match=r'its sheet "Data" is a table of effects.*--as effects --map'):
        format_of(tmp_path / "file.xlsx")
