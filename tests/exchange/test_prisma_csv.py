"""The CSV file of the R package PRISMA2020: what is read of it, what is said, and that it comes back as it was."""

from __future__ import annotations

import csv
import io
import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taprev.exchange.prisma_cells import read_part
from taprev.exchange.prisma_csv import prisma_problems, read_prisma, write_prisma
from taprev.exchange.prisma_template import COLUMNS, HELD, HELD_PARTS, ROWS, Cell
from taprev.extraction.flow import Flow, FlowCount, FlowPart, flow_csv, flow_of
from taprev.ground.files import csv_text
from taprev.vocabulary import FlowBox

REASONS = {row.counts for row in ROWS if row.cell is Cell.REASONS}
SOURCES = HELD_PARTS - REASONS


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file with other cells than an unfilled one, by key, and further rows."""

    def made(changes=(), further=(), words=(), n="0"):
        cells, labels = dict(changes), dict(words)
        rows = []
        for row in ROWS:
            own = list(row.cells)
            own[4] = labels.get(row.key or row.box, own[4])
            rows.append([*own, cells.get(row.key or row.box, n)])
        path = tmp_path / "prisma.csv"
        path.write_text(csv_text(COLUMNS, [*rows, *further], guarded=False), encoding="utf-8")
        return path

    return made


def without_nought(remarks):
    return [remark for remark in remarks if not remark.startswith("0 is read as 0")]


def test_a_filled_file_is_read(file):
    cells = {
        "database_results": "300",
        "database_specific_results": "MEDLINE, 100; Web of Science, Core, 200",
        "register_results": "NA",
        "register_specific_results": "NA",
        "citations_results": "0",
        "dbr_excluded": "No outcome, 20; No comparison, 5",
        "other_excluded": "7",
        "total_studies_ma": "9",
    }
    read = read_prisma(file(cells, n="NA"))
    assert read.flow[FlowBox.DATABASE_RESULTS] == FlowCount(
        300, "", (FlowPart("MEDLINE", 100), FlowPart("Web of Science, Core", 200))
    )
    assert read.flow[FlowBox.REGISTER_RESULTS] == FlowCount()
    assert read.flow.n(FlowBox.CITATION_RESULTS) == 0
    assert read.flow[FlowBox.REPORTS_EXCLUDED] == FlowCount(
        25, "", (FlowPart("No outcome", 20), FlowPart("No comparison", 5))
    )
    assert read.flow[FlowBox.OTHER_EXCLUDED] == FlowCount(7)
    assert read.flow.n(FlowBox.STUDIES_IN_META_ANALYSIS) == 9
    assert not read.flow[FlowBox.STUDIES_NARRATIVE_ONLY].recorded
    assert without_nought(read.remarks) == [
        "row 24, dbr_excluded: the file has no total beside reasons; 25 is their sum."
    ]


def test_a_nought_is_a_nought_and_na_is_not_recorded(file):
    read = read_prisma(file({"register_results": "NA", "duplicates": ""}))
    assert read.flow.n(FlowBox.REGISTER_RESULTS) is None and read.flow.n(FlowBox.DUPLICATES) is None
    assert read.flow.n(FlowBox.DATABASE_RESULTS) == 0
    [said] = [remark for remark in read.remarks if remark.startswith("0 is read as 0")]
    assert "database_results" in said and "register_results" not in said and "duplicates" not in said


def test_what_is_no_number_is_kept_as_not_recorded_with_what_is_printed(file):
    cells = {
        "duplicates": "about 12",
        "database_specific_results": "Database 1, xxx; Database 2, xxx",
        "dbr_excluded": "No outcome, xxx; No comparison, 5; Language",
    }
    read = read_prisma(file(cells, n="NA"))
    assert read.flow[FlowBox.DUPLICATES] == FlowCount(None, 'Printed in the file: "about 12".')
    assert read.flow[FlowBox.DATABASE_RESULTS] == FlowCount(
        None, 'Printed in the file: "Database 1, xxx; Database 2, xxx".'
    )
    assert read.flow[FlowBox.REPORTS_EXCLUDED] == FlowCount(
        None,
        "",
        (
            FlowPart("No outcome", None, 'Printed in the file: "xxx".'),
            FlowPart("No comparison", 5),
            FlowPart("Language", None, "Printed without a number."),
        ),
    )
    said = "\n".join(read.remarks)
    assert 'row 14, duplicates: "about 12" is not a number; kept as not recorded.' in said
    assert '"Database 1, xxx; Database 2, xxx" holds no count; kept as not recorded.' in said
    assert "the file has no total beside reasons; not all of them are numbers" in said


@pytest.mark.parametrize("text", [";", "xxx", "Reason1, xxx", ", 5", "No outcome"])
def test_reasons_without_a_number_are_never_none_at_all(file, text):
    count = read_prisma(file({"dbr_excluded": text}, n="NA")).flow[FlowBox.REPORTS_EXCLUDED]
    assert count.n is None and (count.note or count.parts)


@pytest.mark.parametrize(
    ("entry", "name", "n"),
    [
        ("EMBASE. 1332", "EMBASE", 1332),
        ("Embase: 1,332", "Embase", 1332),
        ("Embase (n = 12)", "Embase", 12),
        ("CENTRAL, 1,212", "CENTRAL", 1212),
        ("CENTRAL, 1 212", "CENTRAL", 1212),
        ("COVID-19 register, about 70", "COVID-19 register", None),
        ("COVID-19", "COVID-19", None),
        ("PubMed 5", "PubMed 5", None),
        (", 5", "", None),
    ],
)
def test_what_is_read_otherwise_than_typed_is_said(entry, name, n):
    part, remark = read_part(entry)
    assert (part.name, part.n) == (name, n) and entry in remark


@pytest.mark.parametrize("entry", ["MEDLINE, 5", "Web of Science, Core, 0", "A, 1, 5"])
def test_what_is_read_as_typed_needs_no_remark(entry):
    assert read_part(entry)[1] == ""


def test_a_number_with_other_signs_is_read_and_said(file):
    read = read_prisma(file({"database_results": "6,347", "duplicates": "n = 5", "excluded_other": "12.0"}, n="NA"))
    boxes = (FlowBox.DATABASE_RESULTS, FlowBox.DUPLICATES, FlowBox.EXCLUDED_OTHER)
    assert [read.flow.n(box) for box in boxes] == [6347, 5, 12]
    assert [remark.split(": ", 1)[1] for remark in read.remarks[:3]] == [
        '"6,347" is read as 6347.',
        '"n = 5" is read as 5.',
        '"12.0" is read as 12.',
    ]


def test_rows_and_columns_without_a_place_are_named(file):
    further = [
        ["my_box", "NA", "box99", "", "", "", "", "8"],
        ["duplicates", "NA", "box3", "", "", "", "", "9"],
    ]
    path = file({"othstud": "1", "duplicates": "4"}, further, {"records_screened": "Abstracts read"}, n="NA")
    lines = path.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("total_reports_ma")]
    path.write_text("\n".join([f"{kept[0]},colour", *kept[1:]]) + "\n", encoding="utf-8")
    read = read_prisma(path)
    assert read.flow.n(FlowBox.DUPLICATES) == 4
    assert read.remarks == (
        "Columns that the file does not have by rule, not kept: colour.",
        'row 10: found "1" beside the heading "Identification of new studies via other methods", which has no count; '
        "not read.",
        'row 17: the words of the box, "Abstracts read", are not kept; taprev has its own.',
        'row 35: "my_box" is not a key of this file, so its count "8" is not kept.',
        'row 36: duplicates is in row 14 already, so "9" is not read.',
        "Rows that the file does not have, kept as not recorded: total_reports_ma.",
    )


def test_sums_that_do_not_hold_are_said_and_nothing_is_corrected(file):
    read = read_prisma(file({"previous_studies": "3", "new_studies": "25", "total_studies": "0"}, n="NA"))
    assert read.flow.n(FlowBox.TOTAL_STUDIES) == 0
    assert any(
        "found 0 for total_studies, but previous_studies (3) + new_studies (25) is 28." in r for r in read.remarks
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "this file is missing."),
        (b"", "the file is empty."),
        (b"data,n\nduplicates,\x81\n", "not text in UTF-8"),
        (b"box,name,n,note\nduplicates,,5,\n", "column data: this column is missing."),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(tmp_path, content, said):
    path = tmp_path / "prisma.csv"
    if content is not None:
        path.write_bytes(content)
    [problem] = prisma_problems(path)
    assert said in problem.sentence()


def test_a_file_of_two_columns_is_enough(tmp_path):
    path = tmp_path / "prisma.csv"
    path.write_bytes(b"\xef\xbb\xbfn,data\r\n5,duplicates\r\n")
    assert prisma_problems(path) == [] and read_prisma(path).flow.n(FlowBox.DUPLICATES) == 5


names = (
    st.text(
        st.characters(exclude_categories=("C", "Z"), exclude_characters=";") | st.sampled_from(" ,.:1("), min_size=1
    )
    .map(str.strip)
    .filter(lambda name: name and not name.startswith("\ufeff"))
)
numbers = st.none() | st.integers(0, 10**7)
parts = st.lists(st.builds(FlowPart, names, numbers), max_size=4).map(tuple)


@st.composite
def flows(draw):
    """A flow of what the file has a place for: no notes, and a total beside reasons only where it is their sum."""
    counts = {box: FlowCount() for box in FlowBox}
    for box in HELD:
        own = draw(parts) if box in HELD_PARTS else ()
        n = draw(numbers)
        if box in REASONS and own:
            known = [part.n for part in own if part.n is not None]
            n = sum(known) if len(known) == len(own) else None
        counts[box] = FlowCount(n, "", own)
    return Flow(counts)


@settings(deadline=None)
@given(flow=flows())
def test_what_was_written_is_read_as_the_same_flow(tmp_path_factory, flow):
    text, losses = write_prisma(flow)
    path = tmp_path_factory.mktemp("prisma") / "prisma.csv"
    path.write_text(text, encoding="utf-8")
    assert prisma_problems(path) == []
    read = read_prisma(path)
    assert read.flow == flow
    assert all("first comma" in loss for loss in losses)
    assert not any("read as" in remark.replace("0 is read as 0", "") for remark in read.remarks)
    assert flow_of([*csv.DictReader(io.StringIO(flow_csv(read.flow)))]) == flow


def cells_of(text):
    return {row["data"]: row["n"] for row in csv.DictReader(io.StringIO(text)) if row["data"] != "NA"}


def test_not_recorded_is_na_and_nought_is_nought():
    cells = cells_of(write_prisma(Flow({FlowBox.DUPLICATES: FlowCount(0)}))[0])
    assert cells.pop("duplicates") == "0" and set(cells.values()) == {"NA"}


def test_every_row_of_the_package_is_written_in_its_order():
    text, _ = write_prisma(Flow({}))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 34
    assert sorted(int(row["node"][4:]) for row in rows if row["node"] != "NA") == list(range(1, 24))
    assert [row["box"] for row in rows if row["data"] == "NA"] == ["prevstud", "newstud", "othstud"]
    assert {row.counts for row in ROWS if row.counts} == HELD
    keys = [row["data"] for row in rows]
    for key in set(keys) - {"NA", "total_studies", "total_reports"}:
        assert sum(bool(re.search(key, other)) for other in keys) == 1, f"the package finds {key} by a search for it"


def test_what_the_file_has_no_place_for_is_said():
    flow = Flow(
        {
            FlowBox.STUDIES_NARRATIVE_ONLY: FlowCount(4),
            FlowBox.WEBSITE_RESULTS: FlowCount(4, "a note", (FlowPart("a page", 4),)),
            FlowBox.REPORTS_EXCLUDED: FlowCount(9, "", (FlowPart("No outcome, late", 3), FlowPart("Language"))),
            FlowBox.OTHER_EXCLUDED: FlowCount(3, "No outcome 3", (FlowPart("No outcome 3", typed=True),)),
            FlowBox.STUDIES_IN_META_ANALYSIS: FlowCount(2, doubt="flow.csv says 3."),
        }
    )
    text, losses = write_prisma(flow)
    assert losses == (
        "Boxes without a place in this file: studies_narrative_only.",
        "Parts without a place in this file: of website_results, other_excluded.",
        "Notes without a place in this file: of website_results, other_excluded.",
        "studies_in_meta_analysis: flow.csv says 3.",
        "reports_excluded: the file has no place for a total beside reasons; 9 is left out.",
        "reports_excluded: R prints these names up to their first comma: No outcome, late.",
    )
    assert cells_of(text)["dbr_excluded"] == "No outcome, late, 3; Language, NA"
    assert cells_of(text)["other_excluded"] == "3"


def test_r_reads_every_count_of_a_written_file(rscript, tmp_path):
    path = tmp_path / "prisma.csv"
    flow = Flow(
        {FlowBox.DUPLICATES: FlowCount(0), FlowBox.DATABASE_RESULTS: FlowCount(12, "", (FlowPart("Ovid", 12),))}
    )
    path.write_text(write_prisma(flow)[0], encoding="utf-8")
    script = f"""
    d <- read.csv("{path.as_posix()}")
    of <- function(key) d[grep(key, d[, 1]), ]$n
    cat(of("duplicates"), of("database_results"), of("database_specific_results"), of("register_results"), sep = "|")
    """
    done = subprocess.run([rscript, "-e", script], capture_output=True, text=True, check=True)
    assert done.stdout == "0|12|Ovid, 12|NA"
