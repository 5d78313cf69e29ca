"""Cells and codebooks that nobody can mean are refused with a sentence, and never with a traceback."""

from __future__ import annotations

import csv
import re
import shutil

import pytest
import yaml

from helpers import EXAMPLE
from taprev.extraction.plausibility.answers import read_answers
from taprev.extraction.table_problems import table_problems
from taprev.ground.yaml_loader import LoaderOfEachKeyOnce, LoaderOfWordsAsWritten


@pytest.fixture
def extracted(tmp_path):
    return shutil.copytree(EXAMPLE / "data", tmp_path / "data") / "extracted"


def said(extracted):
    return [problem.sentence().rpartition("extracted/")[2] for problem in table_problems(extracted)]


def with_cell(extracted, table, row, column, text):
    path = extracted / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    rows[row][column] = text
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("table", "column", "text", "found"),
    [
        ("outcomes", "sample", "all\n", 'column sample: found an invisible sign in "all·" (line break).'),
        ("outcomes", "result", "n1\n", 'column result: found an invisible sign in "n1·" (line break).'),
        ("outcomes", "measure", "days\nin bed", 'found an invisible sign in "days·in bed" (line break).'),
        ("outcomes", "note", "seen \x07", "found the control character U+0007."),
        ("outcomes", "note", "seen\n", "(line break)"),
        ("outcomes", "result", "r" * 101, "found a text of 101 signs; 100 is the most here. Shorten it."),
        ("studies", "label", "l" * 501, "found a text of 501 signs; 500 is the most here."),
        ("outcomes", "note", "x" * 20_001, "found a text of 20,001 signs; 20,000 is the most here."),
        ("outcomes", "note", "x" * 140_000, "0 signs; 20,000 is the most here."),
        ("outcomes", "sd_arm1", "1e308", "found 1e308, which no figure of a study is."),
        ("outcomes", "mean_arm1", "-2e15", "found -2e15, which no figure of a study is."),
    ],
)
def test_a_cell_beyond_any_measure_is_named(extracted, table, column, text, found):
    assert said(extracted) == []
    with_cell(extracted, table, 0, column, text)
    assert any(found in sentence and sentence.startswith(f"{table}.csv") for sentence in said(extracted))


def test_a_cell_beyond_what_a_csv_file_may_hold_is_not_called_an_open_quotation_mark(extracted):
    before = csv.field_size_limit(131_072)
    try:
        with_cell(extracted, "outcomes", 0, "note", "x" * 140_000)
        assert all(" signs" in sentence and "Shorten it" in sentence for sentence in said(extracted)) and said(
            extracted
        )
    finally:
        csv.field_size_limit(before)


def test_a_note_may_have_lines_and_a_large_figure_is_a_figure(extracted):
    with_cell(extracted, "outcomes", 0, "note", "one line\nand another\twith a tab")
    with_cell(extracted, "outcomes", 0, "months", "999")
    assert said(extracted) == []


def test_identifiers_that_differ_by_capitals_alone_are_named(extracted):
    rows = list(csv.DictReader((extracted / "outcomes.csv").open(encoding="utf-8")))
    twin = rows[1]["result"].upper()
    with_cell(extracted, "outcomes", 0, "result", twin)
    [sentence] = [s for s in said(extracted) if "capitals" in s]
    assert f'found "{rows[1]["result"]}", where row 2 has "{twin}": they differ by capitals alone.' in sentence


CLUSTERS = "          constraints:\n            minimum: 1\n        - name: n_clusters_arm2"
REFERS = "            resource: studies\n            fields:\n              - study"
KEY = "      foreignKeys:\n        - fields:\n            - study\n"
CODEBOOKS = {
    "a description that is empty": ("description: Identifier of the extracted result", "description: #", "no text"),
    "a column without a type": ("          type: string\n", "", "its type is missing"),
    "an unknown type": ("          type: integer\n", "          type: whole\n", "its type is whole"),
    "a column named yes": ("- name: page", "- name: yes", "a column is named True"),
    "a pattern that is none": ("pattern: ^[A-Za-z0-9_\\-]+$", 'pattern: "[a-"', "everywhere, from character 1 on."),
    "a pattern that may mean another thing": (
        "pattern: ^[A-Za-z0-9_\\-]+$",
        'pattern: "^[A-Z--a]+$"',
        "it is no regular expression that is read alike everywhere.",
    ),
    "empty constraints": (CLUSTERS, CLUSTERS.replace("            minimum: 1\n", ""), "are empty"),
    "a bound that is gone": ("            minimum: 2\n", "", "(minimum: 2)"),
    "a bound that is wider": ("exclusiveMinimum: 0", "minimum: 0", "(exclusiveMinimum: 0)"),
    "another empty cell": ("missingValues:\n        - ''", "missingValues: ['', NA]", "takes other cells"),
    "lines that are passed over": ("delimiter: ','", "commentChar: r", "another way (dialect)"),
    "a table twice": ("  - name: reports\n", "  - name: studies\n", "the table studies stands twice"),
    "a word twice": ("    path: studies.csv\n", "    path: studies.csv\n    path: studies.csv\n", "path stands twice"),
    "a column twice": ("- name: page\n", "- name: location\n", "the column location stands twice"),
    "a key to a table that is not there": (REFERS, REFERS.replace("studies", "study"), "to study, which is no table"),
    "a key to a column that is not there": (REFERS, f"{REFERS}s", "refers by studys, which is no column"),
    "a key of a column that is not there": (KEY, KEY.replace("- study", "- studie"), "by studie, which is no column"),
    "a key that names no column": (KEY, KEY.replace("- study", "- 3"), "refers to another in a way that cannot be"),
    "a key that refers to nothing": ("          reference:\n", "          refers:\n", "in a way that cannot be read"),
    "a key that is a number": (
        "      foreignKeys:\n",
        "      foreignKeys: 3\n      keys:\n",
        "in a way that cannot be read",
    ),
    "a key to a list of tables": (REFERS, REFERS.replace("studies", "[studies]"), "in a way that cannot be read"),
    "a word that YAML takes for a truth": ("- higher", "- yes", "it is a list of words"),
}


@pytest.mark.parametrize("slip", CODEBOOKS)
def test_a_slip_in_the_codebook_is_named_with_its_line(extracted, slip):
    old, new, found = CODEBOOKS[slip]
    path = extracted / "datapackage.yaml"
    text = path.read_text("utf-8")
    assert old in text, slip
    path.write_text(text.replace(old, new, 1), "utf-8")
    sentences = said(extracted)
    assert len(sentences) >= 1 and all(re.match(r"datapackage\.yaml, row \d+: ", sentence) for sentence in sentences)
    assert any(found in sentence for sentence in sentences), sentences


def test_a_codebook_in_another_encoding_is_said_so(extracted):
    path = extracted / "datapackage.yaml"
    path.write_bytes(path.read_bytes().decode("utf-8").encode("utf-16"))
    assert said(extracted) == ["datapackage.yaml: this file is not UTF-8 text. Save it as UTF-8."]


def test_a_word_that_frictionless_does_not_know_is_a_sentence(extracted):
    path = extracted / "datapackage.yaml"
    path.write_text(path.read_text("utf-8").replace("    type: table\n", "    type: odd\n"), "utf-8")
    [sentence] = said(extracted)
    assert (
        sentence.startswith("datapackage.yaml: the codebook cannot be used as a data package: ") and '"odd"' in sentence
    )


@pytest.mark.parametrize("text", ["", "resources", "resources: 3", "resources: [1]", "- a", "a: [", "\x00"])
def test_what_is_no_codebook_is_said_so(extracted, text):
    (extracted / "datapackage.yaml").write_text(text, "utf-8")
    assert len(said(extracted)) == 1


def test_a_narrower_bound_is_no_slip(extracted):
    path = extracted / "datapackage.yaml"
    path.write_text(path.read_text("utf-8").replace("            minimum: 2\n", "            minimum: 3\n", 1), "utf-8")
    assert said(extracted) == []


@pytest.mark.parametrize("loader", [LoaderOfEachKeyOnce, LoaderOfWordsAsWritten])
def test_aliases_are_refused_before_they_can_grow(loader):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(yaml.MarkedYAMLError, match=r"\*a says a part again by an alias"):
        yaml.load(bomb, Loader=loader)
    assert yaml.load("a: 'p < .05*'\nb: 2*3\nc: '*not one'", Loader=loader)["c"] == "*not one"


def test_an_answer_with_a_comma_too_many_is_not_cut_off(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "answers.csv").write_text("check,result,answer,found\np_of_zero,r1,it is so, really,x\n")
    answers, [problem] = read_answers(tmp_path, [])
    assert answers == [] and "the row has extra cells. Count its commas" in problem.sentence()
