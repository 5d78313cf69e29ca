"""taprev flow: a file of the R package PRISMA2020 comes in and goes out, and nothing is overwritten unsaid."""

from __future__ import annotations

import csv

import pytest

import helpers
from helpers import by_hand
from taprev.exchange.prisma_template import COLUMNS, ROWS
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text

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
    assert taprev("flow", "--as-prisma", "prisma.csv").returncode == 1


def test_a_codebook_that_is_older_than_the_boxes_is_named(taprev, example):
    codebook = example / "data" / "extracted" / "datapackage.yaml"
    codebook.write_text(codebook.read_text("utf-8").replace("              - other_sought\n", ""), encoding="utf-8")
    done = taprev("flow", "--from", "prisma.csv", "--replace")
    assert done.returncode == 0 and "(datapackage.yaml) does not know other_sought." in done.stdout


def test_the_flow_of_a_review_goes_out_and_comes_back(taprev, example):
    assert taprev("flow", "--from", "prisma.csv", "--replace").returncode == 0
    done = taprev("flow", "--as-prisma", "out.csv")
    assert done.returncode == 0 and "Notes without a place in this file: of duplicates" in done.stdout
    with (example / "out.csv").open(encoding="utf-8", newline="") as handle:
        written = {row["data"]: row["n"] for row in csv.DictReader(handle) if row["data"] != "NA"}
    assert written["database_specific_results"] == "MEDLINE, 10; Embase, 20"
    assert (written["duplicates"], written["citations_results"], written["new_studies"]) == ("NA", "0", "9")
    assert written["new_reports"] == str(len(read_rows(example / "data" / "extracted" / "reports.csv")))
    assert written["total_studies_ma"] == "NA"


def test_studies_in_a_meta_analysis_are_counted_in_the_results_that_are_named(taprev, example):
    by_hand(example, ["settings"], ["check"], ["effects"], ["synthesis", "length_of_stay"])
    done = taprev("flow", "--as-prisma", "out.csv", "--results", "results")
    assert done.returncode == 0, done.stderr
    with (example / "out.csv").open(encoding="utf-8", newline="") as handle:
        assert {row["data"]: row["n"] for row in csv.DictReader(handle)}["total_studies_ma"] == "9"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Say either what to read (--from FILE) or where to write (--as-prisma FILE)."),
        (["--from", "prisma.csv", "--as-prisma", "out.csv"], "Say either what to read"),
        (["--from", "prisma.csv", "--results", "results"], "--results counts studies for a file that is written"),
        (["--from", "nowhere.csv", "--out", "new.csv"], "nowhere.csv: this file is missing."),
        (["--from", "data/extracted/studies.csv", "--out", "new.csv"], "column data: this column is missing."),
        (["--as-prisma", "out.csv", "--data", "nowhere"], "nowhere"),
    ],
)
def test_a_mistake_ends_with_a_sentence(taprev, example, words, said):
    done = taprev("flow", *words)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr + done.stdout
    assert not (example / "new.csv").exists() and not (example / "out.csv").exists()
