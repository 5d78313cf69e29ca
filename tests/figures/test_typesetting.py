"""Typst behind one door: tagged figures, and a fork that can use it where its parent did."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from PIL import Image

from helpers import invented
from taprev.drawing import saving, theme
from taprev.drawing.page import Page

CONTENT = invented(domain="invented", seal="00000000")
FORKED = """
import os
from samples.document import brief
from taprev.report.writers.as_pdf import as_pdf

first = as_pdf(brief())
child = os.fork()
if not child:
    os._exit(0 if as_pdf(brief()) == first else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def drawn(*kinds: str) -> dict[str, bytes]:
    """Two pages of a figure."""
    with theme.style():
        pages = [Page(), Page(400)]
        for number, page in enumerate(pages, 1):
            page.text(20, 30, f"Page {number}, 研究", theme.STRONG)
            page.rule(20, 300, 40)
        return saving.pictures([page.close(60) for page in pages], "Both", "What both say.", CONTENT, 2, kinds)


def test_a_fork_of_a_process_that_has_set_pages_can_set_pages(root):
    done = subprocess.run([sys.executable, "-c", FORKED], cwd=root / "tests", timeout=60)
    assert done.returncode == 0


def test_every_page_of_a_figure_is_a_picture_with_its_words(pdfinfo, tmp_path):
    book = drawn(".pdf")[".pdf"]
    (tmp_path / "book.pdf").write_bytes(book)
    told = subprocess.run([pdfinfo, tmp_path / "book.pdf"], capture_output=True, text=True, check=True).stdout
    assert (
        re.search(r"Tagged: +yes", told)
        and re.search(r"Pages: +2", told)
        and re.search(r"Subject: +What both say", told)
    )
    parts = subprocess.run([pdfinfo, "-struct", tmp_path / "book.pdf"], capture_output=True, text=True, check=True)
    assert parts.stdout.count("Figure") == 2
    assert (
        b"/Alt(What both say.)" in book and b"/Alt(Both, page 2 of 2" in book and b"taprev:invented:00000000:" in book
    )


def test_eps_and_tiff_are_as_large_as_they_are_printed(tmp_path):
    files = drawn(".eps", ".tiff")
    assert set(files) == {".eps", "_2.eps", ".tiff", "_2.tiff"} and files == drawn(".eps", ".tiff")
    (tmp_path / "one.tiff").write_bytes(files[".tiff"])
    with Image.open(tmp_path / "one.tiff") as image:
        assert image.info["dpi"] == (600, 600) and image.width == pytest.approx(964 / 2 / 72 * 600, abs=2)
        assert image.info["compression"] == "tiff_lzw"
    text = files["_2.eps"].decode("ascii")
    assert "%%BoundingBox: 0 0 200 30\n" in text and "CreationDate" not in text and "taprev:invented:00000000:" in text


def test_another_program_draws_what_an_eps_says(ghostscript, tmp_path):
    files = drawn(".eps", ".png")
    (tmp_path / "one.eps").write_bytes(files[".eps"])
    (tmp_path / "one.png").write_bytes(files[".png"])
    ask = [ghostscript, "-q", "-dNOPAUSE", "-dBATCH", "-dEPSCrop", "-sDEVICE=pnggray", "-r300", "-dGraphicsAlphaBits=4"]
    subprocess.run([*ask, f"-sOutputFile={tmp_path / 'drawn.png'}", tmp_path / "one.eps"], check=True)
    with Image.open(tmp_path / "drawn.png") as theirs, Image.open(tmp_path / "one.png") as ours:
        boxes = [image.convert("L").point(lambda grey: 255 * (grey < 128)).getbbox() for image in (theirs, ours)]
    assert all(abs(a - b) <= 6 for a, b in zip(*boxes, strict=True))
