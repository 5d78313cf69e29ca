"""taprev flow: a file of the R package PRISMA2020 comes in, nothing is overwritten unsaid, and what goes out again."""

from __future__ import annotations

import csv
import io

import pytest

import helpers
from helpers import by_hand
from taprev.exchange.exporting.exported import ReviewToExport
from taprev.exchange.exporting.flow import to_prisma
from taprev.exchange.prisma_csv import write_prisma
from taprev.exchange.prisma_template import COLUMNS, ROWS
from taprev.extraction.flow import read_flow
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text
from taprev.settings import read_settings
from taprev.settings.citation import NOT_CITED

CELLS = {
    "database_results": "30",
    "database_specific_results": "MEDLINE, 10; Embase. 20",
    "duplicates": "xxx",
    "citations_results": "0",
    "new_studies": "9",
}


@pytest.fixture
def taprev(example):
    """Return a function that runs a command in a copy of the example review, which has a file of PRISMA2020."""
    rows = [[*row.cells, CELLS.get(row.key, "NA")] for row in ROWS]
    (example / "prisma.csv").write_text(csv_text(COLUMNS, rows, guarded=False), encoding="utf-8")
    return lambda *words: helpers.taprev(example, *words)


def counts(path):
    return {(row["box"], row["name"]): (row["n"], row["note"]) for row in read_rows(path)}


def test_a_file_is_read_and_what_was_read_otherwise_is_said(taprev, example):
    done = taprev("flow", "--from", "prisma.csv", "--replace")
    assert done.returncode == 0, done.stderr
    assert '"Embase. 20" has no comma before its number; read as Embase, 20.' in done.stdout
    assert '"xxx" is not a number; kept as not recorded.' in done.stdout
    assert done.stdout.endswith("data/extracted/flow.csv was written.\n")
    read = counts(example / "data" / "extracted" / "flow.csv")
    assert read["database_results", "Embase"] == ("20", "") and read["citation_results", ""] == ("0", "")
    assert read["duplicates", ""] == ("not recorded", 'Printed in the file: "xxx".')
    assert read["records_screened", ""] == ("not recorded", "")


def test_a_flow_that_is_there_is_not_overwritten_unless_told(taprev, example):
    path = example / "data" / "extracted" / "flow.csv"
    before = path.read_bytes()
    done = taprev("flow", "--from", "prisma.csv")
    assert done.returncode == 1 and path.read_bytes() == before
    assert "data/extracted/flow.csv is there already and was not touched." in done.stderr
    assert taprev("flow", "--from", "prisma.csv", "--out", "other.csv").returncode == 0
    assert (example / "other.csv").is_file() and path.read_bytes() == before


def test_a_codebook_that_is_older_than_the_boxes_is_named(taprev, example):
    codebook = example / "data" / "extracted" / "datapackage.yaml"
    codebook.write_text(codebook.read_text("utf-8").replace("              - other_sought\n", ""), encoding="utf-8")
    done = taprev("flow", "--from", "prisma.csv", "--replace")
    assert done.returncode == 0 and "(datapackage.yaml) does not know other_sought." in done.stdout


def test_the_flow_of_a_review_goes_out_and_comes_back(taprev, example):
    assert taprev("flow", "--from", "prisma.csv", "--replace").returncode == 0
    by_hand(example, ["settings"], ["check", "--out", "results/audit/checked.csv"], ["effects"])
    by_hand(example, ["synthesis", "length_of_stay"])
    settings = read_settings(example / "config" / "review.yaml")
    exported = to_prisma(ReviewToExport(example, example / "results", settings, NOT_CITED))
    assert any("Notes without a place in this file: of duplicates" in remark for remark in exported.remarks)
    rows = csv.DictReader(io.StringIO(exported.files["PRISMA.csv"].decode("utf-8-sig")))
    written = {row["data"]: row["n"] for row in rows if row["data"] != "NA"}
    assert written["database_specific_results"] == "MEDLINE, 10; Embase, 20"
    assert (written["duplicates"], written["citations_results"], written["new_studies"]) == ("NA", "0", "9")
    assert written["new_reports"] == str(len(read_rows(example / "data" / "extracted" / "reports.csv")))
    assert written["total_studies_ma"] == "9"


def test_what_is_not_counted_in_results_is_not_recorded(example):
    text, _ = write_prisma(read_flow(example / "data" / "extracted"))
    assert {row["data"]: row["n"] for row in csv.DictReader(io.StringIO(text))}["total_studies_ma"] == "NA"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "nowhere.csv", "--out", "new.csv"], "nowhere.csv: this file is missing."),
        (["--from", "data/extracted/studies.csv", "--out", "new.csv"], "column data: this column is missing."),
    ],
)
def test_a_mistake_ends_with_a_sentence(taprev, example, words, said):
    done = taprev("flow", *words)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr + done.stdout
    assert not (example / "new.csv").exists()


def test_it_says_which_command_writes_such_a_file(taprev):
    assert "taprev export prisma writes one" in taprev("flow", "--help").stdout.replace("\n ", "")
