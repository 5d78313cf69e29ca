"""The whole way: files that are kept, figures looked up, pictures, queries, audit pages, the seal."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from zipfile import ZipFile

import pytest
from made_papers import made, scan_of
from PIL import Image
from sourced_review import sourced_review, write_table
from test_reading import broken

from helpers import run, taprev
from taprev.extraction.looked_up import read_looked_up, read_source_files
from taprev.extraction.plausibility.answers import answered, asked, outdated_answers, read_answers
from taprev.extraction.tables import read_rows
from taprev.ground.fingerprint import fingerprint_on_disk
from taprev.provenance.verify import verify
from taprev.sources.picture import EDGE
from taprev.sources.review import in_lines, look_up_all
from taprev.vocabulary import IN_PLACE, SourceVerdict

LAYOUT_OF = {"first": "one_column", "second": "supplement", "third": "landscape"}
PAPERS = {name: made(layout, 1) for name, layout in LAYOUT_OF.items()}
WRONG = {
    "second_r00": {"mean_arm1": "-" + PAPERS["second"].rows[0]["mean_arm1"]},
    "third_r1": {"sd_arm1": PAPERS["third"].rows[0]["sd_arm1"]},
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A review that keeps the sources of its three reports, with two slips in their figures."""
    return sourced_review(tmp_path_factory.mktemp("kept") / "review", PAPERS, corrected=WRONG)


@pytest.fixture
def own(kept, tmp_path):
    """A copy of that review for one test."""
    return shutil.copytree(kept, tmp_path / "review")


def looked_up(folder):
    return look_up_all(folder / "data", folder / "data" / "raw" / "sources")


def reports(folder, **changes):
    """Change the cells of the reports of a review, by report."""
    rows = read_rows(folder / "data" / "extracted" / "reports.csv")
    write_table(folder, "reports", [row | changes.get(row["report"], {}) for row in rows])


def test_every_figure_is_found_in_its_place_but_those_that_are_wrong(kept):
    figures = looked_up(kept).figures
    away = {(one.result, one.column): (one.verdict, one.said) for one in figures if not one.in_place}
    assert away == {
        ("second_r00", "mean_arm1"): (SourceVerdict.NOT_FOUND, "printed with the other sign"),
        ("third_r1", "sd_arm1"): (SourceVerdict.ON_PAGE, ""),
    }
    assert len(figures) == 36 and all(one.file == f"{one.report}.pdf" for one in figures)


def test_a_picture_shows_the_words_of_the_place_with_the_figure_in_a_frame(kept):
    read = looked_up(kept)
    assert len(read.pictures) == sum(bool(one.picture) for one in read.figures) == 36
    for content in read.pictures.values():
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        framed = sum(count for count, pixel in picture.getcolors(maxcolors=64) if _near(pixel, EDGE))
        assert framed > 60 and 60 < picture.height < 160 and 200 < picture.width < 1100


def _near(pixel, colour):
    return all(abs(one - other) < 48 for one, other in zip(pixel, colour, strict=True))


def test_a_file_that_is_not_the_one_that_was_read_is_named_with_both_checksums(own):
    reports(own, first={"source_sha256": "0" * 64}, second={"source_sha256": ""})
    said = {one.file: one.said for one in looked_up(own).files}
    checksum = hashlib.sha256(PAPERS["first"].pdf).hexdigest()
    assert said["first.pdf"].startswith(f"its SHA-256 is {checksum}, and reports.csv records {'0' * 64}")
    assert said["second.pdf"].startswith("its SHA-256 is not recorded. Write ") and said["third.pdf"] == ""


def test_a_file_that_is_missing_outside_or_of_no_report_is_said(own):
    folder = own / "data" / "raw" / "sources"
    (folder / "second.pdf").unlink()
    (folder / "stray.pdf").write_bytes(PAPERS["second"].pdf)
    reports(own, third={"source_file": "../../../secret.pdf"})
    read = looked_up(own)
    said = {one.file: one.said for one in read.files}
    assert said["second.pdf"] == "reports.csv names it, and data/raw/sources does not hold it. Put it there."
    assert said["stray.pdf"].startswith("no report names it.")
    assert said["../../../secret.pdf"].startswith("it lies outside data/raw/sources, and is not read.")
    verdicts = {one.report: one.verdict for one in read.figures if one.report != "first"}
    assert verdicts == {"second": SourceVerdict.NOT_HERE, "third": SourceVerdict.NOT_HERE}


def test_every_file_that_cannot_be_read_is_said_at_once_and_nothing_stops(own):
    folder = own / "data" / "raw" / "sources"
    files = broken(folder)
    names = "; ".join(path.name for path in files)
    reports(own, first={"source_file": names, "source_sha256": ""})
    read = looked_up(own)
    said = {one.file: one.said for one in read.files}
    assert [path.name for path, why in files.items() if why not in said[path.name]] == []
    assert {one.verdict for one in read.figures if one.report == "first"} == {SourceVerdict.UNREADABLE}
    assert len([line for line in in_lines(read) if line.startswith(tuple(path.name for path in files))]) == len(files)


def test_a_scan_is_called_one_and_a_second_file_of_the_report_is_read(own, tmp_path):
    (own / "data" / "raw" / "sources" / "scan.pdf").write_bytes(scan_of(PAPERS["first"], tmp_path))
    reports(own, first={"source_file": "scan.pdf", "source_sha256": ""})
    read = looked_up(own)
    assert {one.verdict for one in read.figures if one.report == "first"} == {SourceVerdict.NO_TEXT}
    [scan] = [one for one in read.files if one.file == "scan.pdf"]
    assert scan.without_text == "1" and "it has no text: a scan." in scan.said
    reports(own, first={"source_file": "scan.pdf; first.pdf"})
    assert {one.file for one in looked_up(own).figures if one.report == "first"} == {"first.pdf"}


def test_without_any_source_every_figure_is_said_to_have_none_and_nothing_is_asked(own):
    shutil.rmtree(own / "data" / "raw" / "sources")
    reports(own, **{name: {"source_file": "", "source_sha256": ""} for name in PAPERS})
    read = looked_up(own)
    assert {one.verdict for one in read.figures} == {SourceVerdict.NO_SOURCE} and len(read.figures) == 36
    assert read.files == () and read.pictures == {}
    [line] = in_lines(read)
    assert line.startswith("No source is kept: no figure is looked up.")


def test_a_figure_that_was_computed_is_not_looked_up(own):
    rows = read_rows(own / "data" / "extracted" / "outcomes.csv")
    computed = {"as_reported": "41.2 (4.9)", "assumes": "the SD of arm 1 is that of arm 2"}
    write_table(own, "outcomes", [row | (computed if row["result"] == "first_r0" else {}) for row in rows])
    told = {one.column: one.verdict for one in looked_up(own).figures if one.result == "first_r0"}
    assert told["sd_arm1"] == SourceVerdict.COMPUTED and told["mean_arm2"] in IN_PLACE


def test_answers_about_sources_stand_where_the_sources_are_not(own):
    answers = own / "data" / "raw" / "answers.csv"
    answer = "check,result,answer,found\nfigure_not_in_source,second_r00,The table has it in a note.,"
    answers.write_text(f"{answer}another figure\n")
    assert outdated_answers(own / "data") == []
    answers.write_text(f"{answer}\n")
    assert read_answers(own / "data", asked(own / "data"))[1] == []
    done = taprev(own, "sources")
    assert done.returncode == 0, done.stderr
    queries = asked(own / "data", own / "results" / "audit" / "sources.csv")
    told = answered(queries, read_answers(own / "data", queries)[0])
    assert [row["answer"] for row in told if row["check"] == "figure_not_in_source"] == ["The table has it in a note."]
    assert "1 figure: not found" in done.stdout


@pytest.mark.workflow
def test_a_run_shows_the_places_asks_about_what_is_away_and_seals_the_sources(own):
    run(own)
    audit = own / "results" / "audit"
    with (audit / "queries.csv").open(encoding="utf-8", newline="") as handle:
        of_sources = {(row["check"], row["result"]): row["column"] for row in csv.DictReader(handle)}
    assert of_sources["figure_not_in_source", "second_r00"] == "mean_arm1"
    assert of_sources["figure_away_from_its_row", "third_r1"] == "sd_arm1"
    page = (audit / "pages" / "result_second_r00.html").read_text("utf-8")
    pictures = re.findall(r'<img class="place"[^>]* src="\.\./places/([^"]+)"[^>]* alt="([^"]+)"', page)
    assert len(pictures) == 6 and all((audit / "places" / name).is_file() for name, _ in pictures)
    assert all("page 2 of second.pdf, with" in words for _, words in pictures)
    assert "Not found, printed with the other sign, page 2 of second.pdf" in page
    assert 'href="result_third_r1.html#cell-sd_arm1"' in (audit / "pages" / "sources.html").read_text("utf-8")
    assert {one.verdict for one in read_looked_up(audit / "sources.csv")} >= {SourceVerdict.AT_QUOTE}
    assert [one.pages for one in read_source_files(audit / "source_files.csv")] == ["2", "6", "3"]
    assert 'href="result_second_r00.html"' in (audit / "pages" / "domain_symptoms.html").read_text("utf-8")
    _passed_on(own)
    _sealed(own)


def _passed_on(own):
    """What is exported for Zenodo holds no report, and says so."""
    done = taprev(own, "export", "research-object", "--out", "exported")
    assert done.returncode == 0, done.stderr
    [crate] = own.glob("exported/**/research_object.zip")
    names = ZipFile(crate).namelist()
    assert "results/audit/sources.csv" in names and [name for name in names if name.endswith("first.pdf")] == []
    assert "The reports in data/raw/sources are not passed on." in done.stdout + done.stderr


def _sealed(own):
    """A source that went away is remarked, one that changed or came later is found."""
    code, sources = fingerprint_on_disk(), own / "data" / "raw" / "sources"
    whole = verify(own / "results", code)
    assert whole.findings == () and whole.remarks == ()
    (sources / "first.pdf").rename(own / "first.pdf")
    gone = verify(own / "results", code)
    assert gone.findings == () and gone.files == whole.files - 1
    assert gone.remarks == ("Sources not here, so not compared: data/raw/sources/first.pdf.",)
    (own / "first.pdf").rename(sources / "late.pdf")
    (sources / "second.pdf").write_bytes(PAPERS["third"].pdf)
    found = {finding.file: finding.sentence for finding in verify(own / "results", code).findings}
    assert found == {
        "data/raw/sources/late.pdf": "came after the results were made.",
        "data/raw/sources/second.pdf": "changed since the results were made.",
    }
