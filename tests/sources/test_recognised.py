"""Scanned pages: read by tesseract where the settings ask for it and it is there, and said to be so."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pypdfium2
import pytest
from made_papers import compiled, made
from sourced_review import sourced_review, write_table

from taprev.extraction.looked_up import LookedUpFigure
from taprev.extraction.plausibility.looked_up import figure_not_in_source
from taprev.extraction.plausibility.query import ExtractedTables
from taprev.extraction.risk_of_bias.tools import BiasTools
from taprev.extraction.tables import read_rows
from taprev.report.audit.sources import place
from taprev.settings.extraction import ExtractionPlan, KeptSources
from taprev.sources import recognised
from taprev.sources.page import Rectangle
from taprev.sources.recognised import Recogniser, recogniser, why_not, words_of
from taprev.sources.review import look_up_all
from taprev.vocabulary import IN_PLACE, SourceVerdict

READ = KeptSources(ocr=True)
PAGE = """#set page(width: 12cm, height: 5cm, margin: 6mm)
#set text(size: 10pt)
The trial had two arms. On the Hope Scale the mean after the programme was 41.5 (SD 11.0) in 144 people,
and 47.8 (SD 12.8) in 60 with usual care. No other scale was used.
"""
ROW = {"mean_arm1": "41.5", "sd_arm1": "11.0", "mean_arm2": "47.8", "sd_arm2": "12.8", "n_arm1": "144", "n_arm2": "60"}
SLIP = "14.5"
TSV = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A review whose one source is a scan of a page with the figures of its row, one of which was slipped."""
    folder = tmp_path_factory.mktemp("scanned")
    own = sourced_review(folder / "review", {"first": made("one_column", 1)}, rows=1)
    scan = _scan(folder)
    (own / "data" / "raw" / "sources" / "first.pdf").write_bytes(scan)
    [report] = read_rows(own / "data" / "extracted" / "reports.csv")
    write_table(own, "reports", [report | {"source_sha256": hashlib.sha256(scan).hexdigest()}])
    [row] = read_rows(own / "data" / "extracted" / "outcomes.csv")
    named = {"measure": "Hope Scale", "source_quote": "", "page": "", "as_reported": "", **ROW}
    write_table(own, "outcomes", [row | named, row | named | {"result": "slipped", "mean_arm1": SLIP}])
    return own


def _scan(folder):
    source = folder / "typed.typ"
    source.write_text(PAGE, encoding="utf-8")
    with pypdfium2.PdfDocument(compiled(source)) as document:
        document[0].render(scale=200 / 72).to_pil().convert("RGB").save(folder / "scan.pdf", resolution=200)
    return (folder / "scan.pdf").read_bytes()


def looked_up(folder, wanted):
    return look_up_all(folder / "data", folder / "data" / "raw" / "sources", wanted)


def test_figures_of_a_scan_are_found_and_said_to_be_read_by_ocr(scanned, tesseract):
    read = looked_up(scanned, READ)
    told = {(one.result, one.column): one for one in read.figures}
    right = [one for (result, column), one in told.items() if (result, column) != ("slipped", "mean_arm1")]
    assert {one.verdict for one in right} <= IN_PLACE and len(right) == 11
    assert told["slipped", "mean_arm1"].verdict == SourceVerdict.NOT_FOUND
    assert {one.read_by.split()[0] for one in read.figures} == {"tesseract"}
    assert all("read by OCR (tesseract" in place(one)["where"] for one in read.figures)
    assert len(read.pictures) == len(right) and all(
        content.startswith(b"\x89PNG") for content in read.pictures.values()
    )
    [file] = read.files
    assert file.without_text == "1" and "It was read by OCR (tesseract" in file.said and "Run OCR" not in file.said


def test_a_page_is_read_once_in_a_run_and_within_its_time(scanned, tesseract, monkeypatch):
    program, counted = recogniser(READ), []
    monkeypatch.setattr(Recogniser, "_table", lambda self, picture: counted.append(picture) or "")
    path = scanned / "data" / "raw" / "sources" / "first.pdf"
    with pypdfium2.PdfDocument(path) as document:
        pages = [program.page(document, "checksum", 1) for _ in range(3)]
    assert len(counted) == 1 and all(page.recognised and not page.words for page in pages)
    assert program.unread("checksum") == (1,) and program.unread("another") == ()


def test_a_program_that_hangs_or_fails_leaves_a_page_without_text(tmp_path, monkeypatch):
    monkeypatch.setattr(recognised, "LIMIT", 0.2)
    for does in ("import time; time.sleep(20)", "raise SystemExit(1)"):
        program = tmp_path / "tesseract"
        program.write_text(f"#!{sys.executable}\n{does}\n")
        program.chmod(0o755)
        assert Recogniser(str(program), "tesseract 0", ("eng",))._table(tmp_path / "page.png") == ""


def test_without_being_asked_or_without_the_program_a_scan_stays_a_scan(scanned, monkeypatch):
    for wanted, gone in ((KeptSources(), False), (READ, True)):
        if gone:
            monkeypatch.setattr(recognised, "_installed", lambda: ("", frozenset()))
        read = looked_up(scanned, wanted)
        assert {one.verdict for one in read.figures} == {SourceVerdict.NO_TEXT} and read.pictures == {}
        assert {one.read_by for one in read.figures} == {""}
        [file] = read.files
        assert "it has no text: a scan. Run OCR over it and keep the copy with text." in file.said
        assert ("tesseract is not installed here" in file.said) == gone


def test_a_language_without_its_data_is_named(monkeypatch):
    monkeypatch.setattr(recognised, "_installed", lambda: ("tesseract 5", frozenset({"eng"})))
    wanted = KeptSources(ocr=True, languages=("eng", "deu"))
    assert recogniser(wanted) is None and "lacks its language data for deu" in why_not(wanted)
    with pytest.raises(ValueError, match="languages"):
        ExtractionPlan(sources={"languages": ["--psm"]})


def test_no_picture_is_drawn_where_none_is_wanted(tmp_path):
    own = sourced_review(tmp_path / "review", {"first": made("one_column", 1)}, rows=1)
    drawn, plain = (looked_up(own, KeptSources(pictures=wanted)) for wanted in (True, False))
    assert len(drawn.pictures) == 6 and plain.pictures == {}
    assert [one.verdict for one in drawn.figures] == [one.verdict for one in plain.figures]
    assert {one.picture for one in plain.figures} == {""} and all(one.before or one.after for one in plain.figures)


def test_a_figure_that_ocr_did_not_find_is_asked_about_as_such():
    missing = LookedUpFigure("r1", "one", "t", "2.1", "", SourceVerdict.NOT_FOUND, read_by="tesseract 5.3.0")
    tables = ExtractedTables([{"result": "r1", "study": "s"}], [], [], [], BiasTools(()), looked_up=[missing])
    [asked] = figure_not_in_source(tables)
    assert asked.found == "found 2.1, which is not in the source (read by OCR, which misreads figures)."


def test_words_have_the_line_and_the_place_of_their_box():
    table = (
        f"{TSV}4\t1\t1\t1\t1\t0\t40\t80\t400\t40\t-1\t\n"
        '5\t1\t1\t1\t1\t1\t40\t80\t100\t40\t91\t"41.5\n5\t1\t1\t1\t1\t2\t180\t80\t60\t40\t91\t \n'
        "4\t1\t1\t1\t2\t0\t40\t160\t400\t44\t-1\t\n5\t1\t1\t1\t2\t1\t40\t160\t100\t40\t12\tn=60\n"
    )
    first, second = words_of(table, 4.0)
    assert (first.text, second.text, second.line - first.line) == ('"41.5', "n=60", 1)
    assert first.place == first.frame == Rectangle(10, 20, 35, 30)
    assert (second.place.bottom, second.frame.bottom) == (50, 51)
    assert list(words_of("", 4.0)) == []


def test_tesseract_is_told_a_picture_and_its_languages_alone(tesseract):
    assert recogniser(READ).languages == ("eng",)
    assert subprocess.run([tesseract, "--version"], capture_output=True).returncode == 0
