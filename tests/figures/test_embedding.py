"""Fonts that HarfBuzz cuts for a PDF draw what those that matplotlib cuts draw, and their text can be copied."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from helpers import invented
from taprev.drawing import fonts, saving, theme
from taprev.drawing.embedding import cut
from taprev.drawing.page import Page

TEXTS = (
    "office, affluent, first: AVATAR fjord 0.79 [−0.26, 1.84]",
    "τ² ≤ 0.14 · I² = 87 % → ← ↓ “quoted” – ★",
    "Ärger, œuvre, Żółć, ελληνικά, русский, עברית",
    "心的外傷 🙂 \u0378",
)
CONTENT = invented(domain="invented", seal="00000000")


def drawn() -> bytes:
    page = Page()
    for place, text in enumerate(TEXTS):
        for column, kind in enumerate((theme.BODY, theme.STRONG, theme.REASON)):
            page.text(20 + 310 * column, 30 + 30 * place, text[:36], kind)
    with theme.style():
        return saving.pictures([page.close(160)], "Texts", "Texts.", CONTENT, kinds=[".pdf"])[".pdf"]


def dots(pdf: bytes) -> np.ndarray:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=3).to_numpy().astype(int)


def test_the_page_is_the_same_to_the_dot_as_with_fonts_that_matplotlib_cuts(monkeypatch):
    ours = drawn()
    monkeypatch.setattr(saving, "cut_by_harfbuzz", contextlib.nullcontext)
    theirs = drawn()
    off = np.abs(dots(ours) - dots(theirs))
    quadratic = slice(3 * 100, 3 * 130)  # the line whose cubic curves became quadratic ones
    assert off[: quadratic.start].max() == off[quadratic.stop :].max() == 0 and len(ours) < len(theirs)
    assert 0 < off[quadratic].mean() < 1.0
    assert ours.count(b"/FontFile2") == theirs.count(b"/FontFile2") >= 3


def test_text_can_be_copied(pdftotext, tmp_path):
    (tmp_path / "texts.pdf").write_bytes(drawn())
    done = subprocess.run([pdftotext, "-layout", tmp_path / "texts.pdf", "-"], capture_output=True, text=True)
    assert done.stderr == ""
    for text in TEXTS[:2]:
        assert done.stdout.count(text[:36].rstrip()) == 3


def test_every_glyph_that_is_asked_for_has_its_place():
    from matplotlib import font_manager

    path = font_manager.findfont(fonts.FAMILY)
    glyphs = {font_manager.get_font(path).get_char_index(ord(letter)) for letter in "ÄÖé½"}
    small = cut(font_manager.FontPath(path, 0), glyphs)
    assert glyphs <= set(small.glyph_index_map) and len(small.data) < 30_000


@pytest.mark.parametrize("kind", saving.KINDS)
def test_only_what_is_wanted_is_made(kind):
    with theme.style():
        assert set(saving.pictures([Page().close(30)], "Nothing", "", CONTENT, kinds=[kind])) == {kind}


@pytest.mark.parametrize("words", ["0.79 [0.35, 1.24]", "心的外傷後成長評価", "A 心的 of 12"])
@pytest.mark.parametrize(("align", "share"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_a_picture_has_a_text_where_it_is_aligned(words, align, share):
    page = Page()
    page.text(500, 40, words, theme.BODY, align)
    with theme.style():
        png = saving.pictures([page.close(60)], "Aligned", "", CONTENT, kinds=[".png"])[".png"]
    ink = Image.open(io.BytesIO(png)).convert("L").point(lambda grey: 255 * (grey < 128)).getbbox()
    left, right = (x * 72 / theme.DPI for x in ink[::2])
    assert left + share * (right - left) == pytest.approx(500, abs=3)


def test_fonts_of_the_same_name_on_the_machine_are_not_taken(tmp_path):
    home = tmp_path / "home"
    there = home / ".local" / "share" / "fonts"
    there.mkdir(parents=True)
    for file in fonts.OWN.glob("DejaVuSans*.ttf"):
        shutil.copy(file, there / f"another-{file.name}")
    code = (
        "from matplotlib import font_manager as m; everywhere = [f.fname for f in m.fontManager.ttflist]\n"
        "from taprev.drawing import fonts\n"
        "found = [m.findfont(m.FontProperties(family=[fonts.FAMILY], weight=w, style=s)) for w in ('normal', 'bold') "
        "for s in ('normal', 'italic')]\n"
        "print(any('another-' in name for name in everywhere), *found, sep='\\n')"
    )
    asked = {
        **os.environ,
        "HOME": str(home),
        "MPLCONFIGDIR": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(there.parent),
    }
    done = subprocess.run([sys.executable, "-c", code], env=asked, check=True, capture_output=True, text=True)
    seen, *found = done.stdout.splitlines()
    assert seen == "True", "the machine's fonts were looked at"
    assert {Path(file).parent for file in found} == {fonts.OWN} and len(set(found)) == 4
