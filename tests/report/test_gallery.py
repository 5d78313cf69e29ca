"""The page from which figures are taken, in a real browser: every figure, its words, its seal and its files."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from helpers import captioned
from taprev.figures.of_domain import FIGURES, draw_domain, not_drawn
from taprev.figures.overviews.registry import OVERVIEWS, draw_overviews
from taprev.ground.files import write_text
from taprev.ground.places import WHOLE_REVIEW, figure_pages
from taprev.ground.seal import seal_of
from taprev.report.gallery import CITATIONS, figures_bibtex, gallery
from taprev.settings.citation import Author, CitationFile, Reference
from taprev.tables.write import all_tables
from taprev.vocabulary import CitedFrom

pytestmark = pytest.mark.browser
DOMAINS = ("staff_knowledge", "harms")
HOSTILE = "<script>alert(1)</script> '$x$'"


@pytest.fixture(scope="module")
def folder(root, shipped, shipped_contents, tmp_path_factory):
    made = tmp_path_factory.mktemp("taken away")
    for name, text in all_tables(shipped_contents, root / "data/extracted", shipped[0]).items():
        write_text(made / "tables" / name, text)
    contents = [content for content in shipped_contents if content.domain in DOMAINS]
    for content in contents:
        draw_domain(content, made / "figures")
    draw_overviews(shipped_contents, shipped[0], root / "data/extracted", made / "tables", made / "figures")
    write_text(made / "figures" / "index.html", gallery(contents, shipped[0], made / "figures"))
    write_text(made / "figures" / CITATIONS, figures_bibtex(contents, shipped[0], made / "figures"))
    return made / "figures"


@pytest.fixture
def page(browser, folder) -> Iterator[Page]:
    opened = browser.new_page()
    opened.goto((folder / "index.html").as_uri())
    yield opened
    opened.close()


def test_every_figure_is_there_with_its_words_its_citation_and_its_files(page, folder, shipped):
    kinds = ("forest", "leave_one_out", "multiverse", "posterior")
    stems = [f"staff_knowledge/staff_knowledge_{kind}" for kind in kinds]
    stems += [f"{WHOLE_REVIEW}/{one.name}" for one in OVERVIEWS if one.name != "risk_of_bias"]
    pages = [path for stem in stems for path in figure_pages(folder / f"{stem}.svg")]
    sources = page.locator("figure img").evaluate_all("all => all.map(one => one.getAttribute('src'))")
    assert sorted(sources) == sorted(path.relative_to(folder).as_posix() for path in pages)
    assert len(pages) == len(stems) + 1, "the effect directions have two pages"
    text, bib = page.content(), (folder / CITATIONS).read_text("utf-8")
    assert bib.count("@misc{") == len(stems) + 1
    for stem in stems:
        files = page.locator(f'a[href^="{stem}."]').evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert files == [f"{stem}.{kind}" for kind in ("svg", "png", "pdf", "csv", "txt")]
        assert all((folder / file).is_file() for file in files)
        seal = seal_of(folder / f"{stem}.svg").numbers
        assert f"seal {seal}]. In: {shipped[0].review.title}. {shipped[0].review.evidence_set} Drawn by" in text
        assert f"@misc{{{Path(stem).name}_{seal},\n" in bib


def test_each_domain_begins_with_what_its_numbers_say(page):
    said = page.locator('section[aria-labelledby="staff_knowledge"]').inner_text()
    assert "Pooling 6 samples (434 people, measured straight after) gives a change of 0.79 standard deviations" in said
    assert "(95 % CI 0.35 to 1.24)" in said
    assert "Without a control group this is a change and not an effect of the programme." in said


def test_what_is_not_drawn_stands_with_its_reason_in_one_line(page, shipped_contents):
    held = page.locator('section[aria-labelledby="staff_knowledge"]').inner_text()
    [of_many] = [line for line in held.splitlines() if "Funnel plot" in line and line.startswith("Not drawn: ")]
    assert ". Only 5 studies are pooled." in of_many and held.count("Only 5 studies are pooled.") == 1
    last = page.locator('section[aria-labelledby="without-evidence"] li').all_inner_texts()
    assert last == ["Harms. No result in this non-systematic set."]
    whole = page.locator('section[aria-labelledby="the-review"]').inner_text()
    assert "Not drawn: Risk of bias. Nobody has assessed the risk of bias of any result." in whole
    [harms] = [content for content in shipped_contents if content.domain == "harms"]
    assert len(not_drawn(harms)) == len(FIGURES)


def test_every_figure_shows_its_citation_in_full_and_one_click_marks_it(page, shipped):
    shown = page.locator("figure:visible .cite")
    assert shown.count() == page.locator("figure:visible").count() > 1
    for one in shown.all():
        one.click()
        assert page.evaluate("getSelection().toString().trim()") == one.inner_text().strip()
    said = page.locator("header").inner_text()
    assert "Authors not recorded (no year)" in said and "This review has no CITATION.cff" in said


def test_a_caption_and_the_authors_of_the_review_stand_on_the_page_as_text(folder, shipped, shipped_contents):
    captions = {"forest": "All of it", "staff_knowledge.forest": HOSTILE, "flow": "Found & read"}
    settings = captioned(shipped[0], captions)
    cited = CitationFile(CitedFrom.FILE, Reference("R", (Author(HOSTILE, "Q"),), "2026", "2", "https://example.org"))
    made = gallery([one for one in shipped_contents if one.domain in DOMAINS], settings, folder, cited)
    assert "<script>" not in made
    text = html.unescape(made)
    assert f'<h3 dir="auto">{HOSTILE}</h3>' in text and "<h3>Found & read</h3>" in text
    assert f"{HOSTILE}, Q (2026). {HOSTILE} [Figure: Staff knowledge, seal " in text and "All of it" not in text
    assert ". In: R. Version 2. Drawn by taprev" in text and "https://example.org</span>" in text
    assert "Authors not recorded" not in text and "CITATION.cff" not in text


def test_pictures_are_shown_and_axe_finds_nothing(page):
    for summary in page.locator("section > details > summary, figcaption > details:has(img) > summary").all():
        summary.click()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    for image in page.locator("figure img").all():
        image.scroll_into_view_if_needed()
        page.wait_for_function("one => one.complete && one.naturalWidth > 0", arg=image.element_handle())
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 375, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
