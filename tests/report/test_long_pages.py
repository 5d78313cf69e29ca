"""Pages of very many rows: a section waits until it is reached, and on paper nothing is missing."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from helpers import by_hand
from taprev.report import templates

pytestmark = [pytest.mark.browser, pytest.mark.workflow]
PAGES = ("report.html", "map.html", "audit/index.html", "audit/pages/domain_length_of_stay.html")
LAST_IS_LAID_OUT = """
    [...document.querySelectorAll('main > section > h2')].at(-1).checkVisibility({contentVisibilityAuto: true})"""


@pytest.fixture(scope="module")
def long_pages(finished_example, tmp_path_factory):
    """The example review whose pages were made as if its nine rows were very many."""
    folder = shutil.copytree(finished_example, tmp_path_factory.mktemp("long") / "a review")
    how = ("results/synthesis/length_of_stay.json", "--settings", "results/settings.yaml", "--data", "results/audit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "MANY_ROWS", 8)
        by_hand(folder, ("report", *how), ("map", *how), ("audit", *how))
    return folder / "results"


def printed(page, path, pdftotext, folder):
    """Open a page in a window of a few lines; return whether its last section is laid out, and what it prints."""
    page.set_viewport_size({"width": 800, "height": 100})
    page.goto(path.as_uri())
    laid_out = page.evaluate(LAST_IS_LAID_OUT)
    page.pdf(path=folder / "page.pdf")
    words = subprocess.run([pdftotext, folder / "page.pdf", "-"], capture_output=True, text=True, check=True).stdout
    return laid_out, words.split()


@pytest.mark.parametrize("name", PAGES)
def test_the_sections_of_a_long_page_wait_and_are_all_printed(
    browser, long_pages, finished_example, pdftotext, tmp_path, name
):
    page = browser.new_page()
    usual, whole = printed(page, finished_example / "results" / name, pdftotext, tmp_path)
    waits, words = printed(page, long_pages / name, pdftotext, tmp_path)
    page.close()
    assert usual and not waits
    assert words == whole and len(words) > 100


def test_a_table_that_scrolls_in_its_box_is_one_of_a_long_page(root):
    script = (root / "src/taprev/report/audit/cards.js").read_text("utf-8")
    assert f"MOST = {templates.MANY_ROWS};" in script
