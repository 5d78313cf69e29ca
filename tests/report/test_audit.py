"""The audit pages in a real browser: two clicks to the printed figure, by mouse and by keyboard, without scripts."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from samples.audit_sites import grown, site_of
from taprev.extraction.looked_up import LookedUpFigure, SourceFile
from taprev.extraction.snapshot import KeptCopy
from taprev.extraction.tables import NumberedRow
from taprev.report.audit.linked import row_links
from taprev.report.audit.sign_off import looked, sign_off
from taprev.report.audit.site import opening, pages, write_site
from taprev.settings import read_settings
from taprev.settings.extraction import ExtractionPlan
from taprev.settings.sections import Tooltips
from taprev.vocabulary import SourceVerdict, Tau2Method
from taprev.wording import estimates, labels

pytestmark = pytest.mark.browser

HOSTILE = (
    '<script>window.hurt=1</script><img src=x onerror="window.hurt=1">"\'`{{7*7}}</textarea></style> '
    "javascript:alert(1) \u202eevil\u2066 مرحبا Ελληνικά 创伤 " + "long" * 30
)
SEEN_LINKS = """wanted => wanted.map(name => {
    const link = document.querySelector(`a[href$="${name}"]`)
    return {href: link.getAttribute('href'), seen: link.checkVisibility({visibilityProperty: true})
                                                   && link.getBoundingClientRect().width > 0}
})"""
PRINTED = """() => {
    const quote = document.querySelector('.printed blockquote')
    return {seen: quote.checkVisibility({visibilityProperty: true}) && quote.getBoundingClientRect().height > 0,
            text: quote.innerText,
            sources: [...document.querySelectorAll('.printed a.source')]
                     .map(link => [link.getAttribute('href'), link.innerText])}
}"""


@pytest.fixture(scope="module")
def shipped_site(root, shipped, tmp_path_factory):
    index = tmp_path_factory.mktemp("an audit") / "results" / "audit" / "index.html"
    return index, site_of(root / "data", shipped[0], index)


def test_the_opening_page_lists_tables_that_were_read_otherwise_than_typed(shipped_site):
    _, review = shipped_site
    assert "Tables as they were read" not in opening(review)
    kept = KeptCopy("extracted/tables.xlsx", "outcomes", "", "extracted/outcomes.csv", "", "1 <b> passed over")
    page = opening(replace(review, as_read=(kept,)))
    assert (
        "data/extracted/tables.xlsx, sheet outcomes (kept as extracted/outcomes.csv): 1 &lt;b&gt; passed over." in page
    )


def framed(page, path, addresses):
    """Return the frames of a page in which addresses are opened, in half the time that a window takes for each."""
    frames = (f'<iframe src="{address}" width="1280" height="900"></iframe>' for address in addresses)
    path.write_text("<!doctype html>" + "".join(frames), encoding="utf-8")
    page.goto(path.as_uri())
    return page.main_frame.child_frames


def test_two_clicks_from_the_opening_page_to_every_printed_figure_and_its_address(page, shipped_site, tmp_path):
    index, review = shipped_site
    used = {
        domain: [one for one in trace.results.values() if one.fate != "excluded"]
        for domain, trace in review.traces.items()
        if {one.fate for one in trace.results.values()} - {"excluded"}
    }
    page.goto(index.as_uri())
    domains, led = [], {}
    for domain in used:
        link = page.locator(f'#domains ~ .wide a[href$="domain_{domain}.html"]')
        link.click(trial=True)
        domains.append(urljoin(page.url, link.get_attribute("href")))
    opened = framed(page, tmp_path / "domains.html", domains)
    for results, frame in zip(used.values(), opened, strict=True):
        links = frame.evaluate(SEEN_LINKS, [f"result_{one.result}.html" for one in results])
        assert all(link["seen"] for link in links)
        led |= {urljoin(frame.url, link["href"]): one for link, one in zip(links, results, strict=True)}
    opened = framed(page, tmp_path / "results.html", led)
    for (address, one), frame in zip(led.items(), opened, strict=True):
        shown = frame.evaluate(PRINTED)
        assert shown["seen"] and frame.url == address
        if one.source["as_reported"]:
            assert shown["text"] == labels.clean(one.source["as_reported"])
        assert shown["sources"] == [[one.source["source_url"]] * 2]
    assert len(led) == 154 - 28


def domains_framed(page, site, folder):
    """Yield every domain of a site, and the frame in which its page is opened."""
    index, review = site
    addresses = [(index.parent / "pages" / f"domain_{content.domain}.html").as_uri() for content in review.contents]
    yield from zip(review.contents, framed(page, folder / "domains.html", addresses), strict=True)


def test_every_row_of_a_forest_plot_opens_its_evidence(page, shipped_site, tmp_path):
    index, _ = shipped_site
    for content, frame in domains_framed(page, shipped_site, tmp_path):
        drawn = {result for s in content.strata for study in s.studies for result in study.results}
        links = frame.locator("table.forest a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        assert {f"result_{result}.html" for result in drawn} <= set(links)
        assert all((index.parent / "pages" / link).is_file() for link in links)


def test_a_click_on_a_mark_of_the_forest_plot_opens_its_evidence(page, shipped_site):
    index, _ = shipped_site
    page.goto((index.parent / "pages" / "domain_staff_knowledge.html").as_uri())
    page.locator("table.forest tr", has_text="Kenny 2017").locator("svg").click()
    page.wait_for_url("**/result_r059.html")


def test_every_link_within_the_site_leads_to_a_page_and_a_place(shipped_site):
    index, _ = shipped_site
    texts = {path: path.read_text("utf-8") for path in (index, *index.parent.rglob("*.html"))}
    wrong = []
    for path, text in texts.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            if link.startswith(("http", "#")) or any(f"../{page}" in link for page in ("figures", "report", "map")):
                continue
            file, _, place = link.partition("#")
            target = (path.parent / file).resolve()
            outside = not target.is_relative_to(index.parent) or "trace" in target.parts
            if outside:
                continue
            if not target.is_file() or (place and f'id="{place}"' not in texts[target]):
                wrong.append(f"{path.name}: {link}")
    assert wrong == []


def test_the_numbers_of_the_pages_are_those_of_the_synthesis(page, shipped_site, tmp_path):
    for content, frame in domains_framed(page, shipped_site, tmp_path):
        for stratum in (*content.strata, *content.sensitivity):
            if fit := stratum.fit:
                said = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
                assert said in frame.locator(f'section[aria-labelledby="pool-{stratum.name}"] tr.sum').inner_text()


def test_leaving_a_study_out_shows_the_number_of_the_panel(page, shipped_site):
    index, review = shipped_site
    content = next(c for c in review.contents if c.domain == "staff_attitudes")
    (stratum,) = (s for s in content.strata if s.fit)
    page.goto((index.parent / "pages" / "domain_staff_attitudes.html").as_uri())
    section = page.locator(f'section[aria-labelledby="pool-{stratum.name}"]')
    for one in stratum.panel.leave_one_out:
        button = section.get_by_role("button", name=f"Leave out {one.level}", exact=True)
        said = estimates.estimate(one.estimate, one.ci_lb, one.ci_ub, estimates.style(stratum))
        button.click()
        expect(section.locator("output")).to_have_text(f"Without {one.level}: {said}, k = {one.k}")
        assert section.locator(".ghost").get_attribute("points")
        assert section.locator('button[aria-pressed="true"]').count() == 1
        button.click()
        expect(section.locator("output")).to_have_text("")


def test_the_keyboard_alone_finds_sorts_and_opens(page, shipped_site):
    index, _ = shipped_site
    page.goto(index.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.locator("#find-rows").focus()
    page.keyboard.type("hall 2016 confident")
    expect(page.locator("#found-rows")).to_have_text(re.compile(r"^[1-9]\d* of 154$"))
    assert page.locator("#rows tbody tr:visible").count() == int(page.locator("#found-rows").inner_text().split()[0])
    heads = page.locator("#rows thead button")
    heads.first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#rows thead th").first.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert page.locator("#rows thead th").first.get_attribute("aria-sort") == "descending"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#rows tbody a')"):
            break
    result = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/result_{result}.html")
    assert page.evaluate("document.activeElement") is not None
    expect(page.locator(".printed")).to_be_visible()


def test_numbers_are_sorted_as_numbers_and_empty_cells_come_last(page, shipped_site):
    index, _ = shipped_site
    page.goto(index.as_uri())
    page.locator("#rows thead button", has_text="Effect").click()
    cells = [text.strip() for text in page.locator("#rows tbody td:nth-child(7)").all_inner_texts()]
    filled = [float(text.replace("−", "-")) for text in cells if text]
    assert filled == sorted(filled) and len(filled) > 40
    assert all(cells[: len(filled)]) and not any(cells[len(filled) :])


def test_studies_of_the_same_name_are_left_out_each_on_its_own(page, example, edit):
    for row in (2, 3):
        edit(example / "data" / "extracted" / "studies.csv", row, "label", "Smith 2020")
    index = example / "results" / "audit" / "index.html"
    review = site_of(example / "data", read_settings(example / "config" / "review.yaml"), index)
    (content,) = review.contents
    (stratum,) = (s for s in content.strata if s.fit)
    page.goto((index.parent / "pages" / f"domain_{content.domain}.html").as_uri())
    shown = page.locator("table.forest tbody tr", has_text="Smith 2020").all_inner_texts()
    listed = stratum.panel.leave_one_out
    numbers = [estimates.estimate(n.estimate, n.ci_lb, n.ci_ub, estimates.style(stratum)) for n in listed]
    places = [i for i, study in enumerate(stratum.studies) if study.label.startswith("Smith 2020")]
    assert len(places) == 2 and numbers[places[0]] != numbers[places[1]]
    assert all(numbers[place] in text for place, text in zip(places, shown, strict=True))


def test_on_paper_tables_have_their_heads_and_all_their_rows(page, shipped_site):
    index, _ = shipped_site
    page.goto(index.as_uri())
    page.locator("#find-rows").fill("nothing like it")
    assert page.locator("#rows tbody tr:visible").count() == 0
    page.emulate_media(media="print")
    assert page.locator("#rows tbody tr:visible").count() == 154
    assert page.locator("#rows thead button:visible").count() == 9
    assert not page.locator("nav").first.is_visible()


def test_without_scripts_everything_can_be_read(browser, shipped_site):
    index, _ = shipped_site
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(index.as_uri())
    assert opened.locator("#rows tbody tr:visible").count() == 154
    assert not opened.locator(".finder").first.is_visible()
    opened.locator('a[href$="domain_staff_attitudes.html"]').first.click()
    assert not opened.locator("button:visible").count()
    assert "0.87 [−0.32, 2.06], k = 3" in opened.locator("table.forest").nth(2).inner_text()
    opened.locator('a[href$="result_r012.html"]').first.click()
    for said in ("As printed", "First extractor", "J(34 − 1)", "Without this row it would be"):
        assert said in opened.locator("main").inner_text()
    context.close()


def test_a_figure_a_piece_of_a_quote_a_study_a_report_or_a_number_finds_its_row(page, shipped_site):
    index, review = shipped_site
    every = {result: one for trace in review.traces.values() for result, one in trace.results.items()}
    one = every["r012"]
    page.goto(index.as_uri())
    assert page.evaluate("window.taprevRows === undefined")
    asked = {
        "z -3.333": "Figures",
        "3.2 → 3.9; z": "Printed",
        "z = −3.333": "Printed",
        "HALL2016 table 3": "Named",
        "Educating emergency department": "Report",
        "s12912-016-0141": "Address",
    }
    for text, field in asked.items():
        page.locator("#find").fill(text)
        hit = page.locator("#hits li", has=page.locator('a[href$="result_r012.html"]'))
        expect(hit).to_have_count(1)
        assert hit.locator("mark").count() == 1
        assert field in " ".join(hit.locator(".excerpt").all_inner_texts()), text
    for text in ("r012", str(one.places["outcomes"])):
        page.locator("#find").fill(text)
        expect(page.locator("#hits li a").first).to_have_attribute("href", re.compile("result_r012.html$"))
    page.locator("#find").fill("0.005, <b>nowhere")
    expect(page.locator("#hits-said")).to_have_text("0 of 154 rows")


def test_what_only_one_form_says_is_found_too(page, shipped_site):
    index, review = shipped_site
    page.goto(index.as_uri())
    every = [one for trace in review.traces.values() for one in trace.results.values()]
    apart = [(one.result, c.column, r) for one in every for c in one.cells for r in c.readings.values() if c.value != r]
    result, column, reading = next(one for one in apart if one[1].startswith("n_arm") and len(one[2]) > 2)
    page.locator("#find").fill(f"{reading} {column}")
    expect(page.locator(f'#hits a[href$="result_{result}.html"]')).to_have_count(1)


def test_any_result_is_ten_keys_away_from_the_opening_page(page, shipped_site):
    index, review = shipped_site
    page.goto(index.as_uri())
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    every = [one for trace in review.traces.values() for one in trace.results.values()]
    for one in every[::4]:
        page.locator("#find").fill(str(one.places["outcomes"]))
        assert page.locator("#hits a").first.get_attribute("href").endswith(f"/result_{one.result}.html")
    for one in every[:: len(every) // 4]:
        page.goto(index.as_uri())
        pressed = ["/", *str(one.places["outcomes"])]
        for key in pressed:
            page.keyboard.press(key)
        expect(page.locator("#hits a").first).to_have_attribute("href", re.compile(f"result_{one.result}.html$"))
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/result_{one.result}.html")
        assert len(pressed) + 1 <= 10


def test_keys_lead_through_hits_to_the_next_result_and_up_again(anything, shipped_site):
    index, review = shipped_site
    page = anything
    first, second, third = list(review.traces["staff_attitudes"].results)[:3]
    page.goto(index.as_uri())
    page.keyboard.press("/")
    page.keyboard.type("staff attitudes")
    expect(page.locator("#hits li")).to_have_count(30)
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    at = page.evaluate("[...document.querySelectorAll('#hits a')].indexOf(document.activeElement)")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert (at, outline) == (0, "3px")
    page.keyboard.press("Escape")
    expect(page.locator("#find")).to_have_value("")
    page.goto((index.parent / "pages" / f"result_{first}.html").as_uri())
    for key, led in (("j", f"result_{second}"), ("j", f"result_{third}"), ("k", f"result_{second}")):
        page.keyboard.press(key)
        page.wait_for_url(f"**/{led}.html")
    page.keyboard.press("u")
    page.wait_for_url("**/domain_staff_attitudes.html")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("u")
    page.wait_for_url("**/index.html")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()


def test_a_page_says_who_looked_at_the_row_and_no_more_than_is_recorded(page, shipped_site):
    index, review = shipped_site
    page.goto((index.parent / "pages" / "result_r012.html").as_uri())
    said = page.locator("dl.looked").inner_text()
    evidence = review.traces["staff_attitudes"].results["r012"]
    decided = sum(bool(cell.ruling) for cell in evidence.cells)
    for part in (
        "who filled it in is not recorded",
        f"{decided} cells, by whom: not recorded",
        "Read once, for both forms",
    ):
        assert part in said
    assert "no cell of this row is recorded as compared" in said
    once = [cell.column for cell in evidence.cells if cell.once]
    assert len(once) == 6
    for column in once:
        row = page.locator(f"#cell-{column}").inner_text()
        assert "no reading of its own" in row and "agree" not in row and "paired Wilcoxon z" in row
    assert "both agree" in page.locator("#cell-z").inner_text()
    filled = page.locator("#filled + ul").inner_text()
    assert "all 34 nurses gave both ratings" in filled and "the correlation of before and after" in filled


def test_both_forms_the_consensus_and_the_picture_of_the_source_stand_side_by_side(anything, shipped_site, tmp_path):
    _, review = shipped_site
    shown = LookedUpFigure(
        "r012", "Hall2016", "n_arm2", "", "1", SourceVerdict.AT_QUOTE, "1", "hall.pdf", picture="x.png"
    )
    computed = LookedUpFigure("r012", "Hall2016", "z", "-3.333", "", SourceVerdict.COMPUTED)
    found = (shown, replace(shown, column="n_arm1", printed="34", read_by="tesseract 5.3.0"), computed)
    file = SourceFile("hall.pdf", "Hall2016", "2026-01-31", "0", "0", "1", "", "")
    own = replace(review, looked_up=found, source_files=(file,))
    write_site(own, tmp_path / "audit" / "index.html")
    (tmp_path / "audit" / "places").mkdir()
    Image.new("RGB", (700, 90), "white").save(tmp_path / "audit" / "places" / "x.png")
    page = tmp_path / "audit" / "pages" / "result_r012.html"
    anything.goto(page.as_uri())
    heads = anything.locator(".cells thead th").all_inner_texts()
    assert heads == [
        *("Column", "First extractor", "Second extractor", "Consensus", "How it was settled", "In its source"),
    ]
    apart, agreed = (anything.locator(f"#cell-{column} td") for column in ("n_arm2", "n_arm1"))
    assert [text.split("\n")[0] for text in apart.all_inner_texts()[:3]] == ["≠ 34", "(empty)", "(empty)"]
    assert agreed.all_inner_texts()[:4] == ["34", "34", "34", "both agree"]
    assert apart.locator("img").count() == agreed.locator("img").count() == 1
    assert "read by OCR (tesseract 5.3.0)" in agreed.last.inner_text()
    filled = anything.locator("#filled + ul").inner_text()
    assert "z = -3.333: computed, not printed" in filled
    for width in (1100, 800, 375):
        assert cut_off(anything, width, [page]) == []


def test_who_decided_compared_and_extracted_is_said_where_it_is_recorded(shipped_site):
    _, review = shipped_site
    evidence = review.traces["staff_attitudes"].results["r012"]
    rulings = [
        NumberedRow({**row, "decided_by": "AB", "decided_on": "2026-01-31"}, row.number) for row in review.rulings
    ]
    plan = ExtractionPlan(extractors={"first": {"kind": "person", "name": "CD"}, "second": {"kind": "program"}})
    seen = {
        "result": "r012",
        "column": "z",
        "value": "-3.333",
        "verdict": "right",
        "checked_by": "EF",
        "checked_on": "",
    }
    other = {**seen, "column": "n_arm1", "value": "33", "verdict": "not_found", "checked_by": ""}
    lines = sign_off(evidence, looked(plan, rulings, [seen, other]))
    said = [f"{what}: {text}" for what, text in lines["lines"]]
    assert "First form: filled in by CD, a person" in said
    assert "Second form: filled in by a program who is not named" in said
    assert "Decided, each with its reason: 2 cells, by whom: AB, 2026-01-31" in said
    assert "Compared with the source by a person: z right; by whom: EF" in said
    assert any("n_arm1 not found (of 33, which stands there no longer); by whom: not recorded" in one for one in said)
    assert lines["short"].startswith("2 forms, 2 decided, 2 compared with source")


def test_rows_that_a_working_or_a_reason_names_are_links(page, shipped_site):
    index, review = shipped_site
    every = {result: one for trace in review.traces.values() for result, one in trace.results.items()}
    part = next(one for one in every.values() if one.part_of)
    page.goto((index.parent / "pages" / f"result_{part.part_of}.html").as_uri())
    assert page.locator(f'.working a[href="result_{part.result}.html"]').count() >= 2
    assert page.locator(f'#uses + ul a[href="result_{part.result}.html"]').count() == 1
    named = [one for one in every.values() if one.reason and one.reason.figures.get("result")]
    assert len(named) == 3
    for one in named:
        page.goto((index.parent / "pages" / f"result_{one.result}.html").as_uri())
        assert page.locator(f'main a[href="result_{one.reason.figures["result"]}.html"]').count() >= 1


def test_names_are_links_and_words_are_not():
    linked = row_links(["r01", "b", "2", "a_1", "x1<"], "to_{}".format)
    assert str(linked("see r01, a b, 2 and a_1.")) == (
        'see <a href="to_r01">r01</a>, a b, 2 and <a href="to_a_1">a_1</a>.'
    )
    assert str(linked("<b>r012</b>")) == "&lt;b&gt;r012&lt;/b&gt;"


PAGES = (
    "../index.html",
    "domain_staff_attitudes.html",
    "domain_harms.html",
    "domain_seclusion_restraint.html",
    "result_r012.html",
    "result_r010.html",
    "result_r058.html",
    "studies.html",
    "adjudications.html",
    "queries.html",
    "changes.html",
)


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(anything, shipped_site, name):
    index, _ = shipped_site
    anything.goto((index.parent / "pages" / name).resolve().as_uri())
    found = Axe().run(anything).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


CUT = """() => {
    const cells = [...document.querySelectorAll('td, th')].filter(cell => cell.checkVisibility());
    const over = cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth
                                      || cell.getBoundingClientRect().right > window.innerWidth + 1);
    return {over: over.map(cell => cell.textContent.trim().slice(0, 60)), cells: cells.length,
            page: document.documentElement.scrollWidth - window.innerWidth,
            boxes: [...document.querySelectorAll('.wide')].filter(box => box.scrollWidth > box.clientWidth + 1).length}
}"""


def cut_off(opened, width, pages):
    """Return on which of these pages a cell is cut, a table scrolls or the page is wider than the window."""
    opened.set_viewport_size({"width": width, "height": 900})
    wrong = []
    for path in pages:
        opened.goto(path.resolve().as_uri())
        seen = opened.evaluate(CUT)
        if seen["over"] or seen["page"] > 0 or seen["boxes"] or not seen["cells"]:
            wrong.append((path.name, seen))
    return wrong


@pytest.mark.parametrize("width", [1100, 800, 375])
def test_no_cell_is_cut_and_no_page_scrolls_sideways(page, shipped_site, width):
    index, _ = shipped_site
    named = [name for name in PAGES if name not in ("domain_harms.html", "changes.html")]
    pages = [index.parent / "pages" / name for name in (*named, "codebook.html", "domain_staff_knowledge.html")]
    assert cut_off(page, width, pages) == []


@pytest.mark.workflow
@pytest.mark.parametrize("width", [1100, 800, 375])
def test_no_cell_of_the_example_is_cut(page, finished_example, width):
    audit = finished_example / "results" / "audit"
    kinds = ("domain_*", "result_*", "studies", "queries", "codebook")
    pages = [min((audit / "pages").glob(f"{kind}.html")) for kind in kinds]
    assert cut_off(page, width, [audit / "index.html", *pages]) == []


@pytest.mark.parametrize("width", [800, 375])
def test_a_table_that_does_not_fit_becomes_cards_with_its_heads(anything, shipped_site, width):
    index, _ = shipped_site
    anything.set_viewport_size({"width": width, "height": 900})
    anything.goto((index.parent / "pages" / "domain_staff_knowledge.html").as_uri())
    card = anything.locator("table.cards.forest tbody tr", has_text="Kenny 2017").first
    heads = card.locator("td").evaluate_all("all => all.map(cell => cell.dataset.head)")
    assert heads[:2] == ["Results", "n"] and heads[3:] == ["Effect [95 % CI]", "Weight", "Without this study"]
    shown = card.locator("td").last.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert shown == "attr(data-head)" or "Without this study" in shown
    found = Axe().run(anything).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    anything.set_viewport_size({"width": 1400, "height": 900})
    expect(anything.locator("table.cards")).to_have_count(0)


def test_without_scripts_a_narrow_screen_scrolls_tables_and_not_the_page(browser, shipped_site):
    index, _ = shipped_site
    context = browser.new_context(viewport={"width": 375, "height": 700}, java_script_enabled=False)
    opened = context.new_page()
    for name in PAGES:
        opened.goto((index.parent / "pages" / name).resolve().as_uri())
        assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    context.close()


def test_the_tooltips_are_those_of_the_settings(shipped_site):
    _, review = shipped_site
    own = Tooltips(assumed="rests on <our> guess", differs="read otherwise")
    changed = replace(review, settings=review.settings.model_copy(update={"tooltips": own}))
    usual, other = ("".join(text for _, text in pages(one)) for one in (review, changed))
    for said, instead in (
        ('title="needs a stated assumption"', 'title="rests on &lt;our&gt; guess"'),
        ('title="differs from the consensus"', 'title="read otherwise"'),
    ):
        assert usual.count(said) == other.count(instead) > 0 and said not in other and instead not in usual


def test_hostile_text_in_every_field_stays_text(page, example, edit):
    extracted = example / "data" / "extracted"
    for table, columns in (
        ("studies", ("label", "programme", "comparator", "note", "country", "funding")),
        ("reports", ("citation", "read_in")),
        ("outcomes", ("measure", "timepoint", "as_reported", "location", "source_quote", "note")),
    ):
        for column in columns:
            edit(extracted / f"{table}.csv", 2, column, HOSTILE)
    config = example / "config" / "review.yaml"
    settings = read_settings(config)
    review_part = settings.review.model_copy(update={"title": HOSTILE, "evidence_set": HOSTILE})
    domains = {name: domain.model_copy(update={"label": HOSTILE}) for name, domain in settings.domains.items()}
    settings = settings.model_copy(update={"review": review_part, "domains": domains})
    index = example / "results" / "audit" / "index.html"
    review = site_of(example / "data", settings, index)
    (trace,) = review.traces.values()
    first = next(iter(trace.results))
    names = (
        "index.html",
        f"pages/domain_{trace.domain}.html",
        f"pages/result_{first}.html",
        "pages/studies.html",
    )
    for name in names:
        page.goto((index.parent / name).as_uri())
        assert page.evaluate("window.hurt") is None
        assert page.locator("main script, main img").count() == 0
        text = page.locator("main").inner_text()
        assert "<script>window.hurt=1</script>" in text and "{{7*7}}" in text and "\u202e" not in text
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def test_names_that_differ_in_case_alone_have_pages_of_their_own(example, edit):
    outcomes = example / "data" / "extracted" / "outcomes.csv"
    edit(outcomes, 2, "result", "Case")
    edit(outcomes, 3, "result", "case")
    index = example / "results" / "audit" / "index.html"
    site_of(example / "data", read_settings(example / "config" / "review.yaml"), index)
    names = [path.name.lower() for path in (index.parent / "pages").iterdir()]
    assert len(names) == len(set(names))


def test_a_page_of_a_result_that_is_gone_does_not_stay(example):
    index = example / "results" / "audit" / "index.html"
    stale = index.parent / "pages" / "result_gone.html"
    stale.parent.mkdir(parents=True)
    stale.write_text("gone", encoding="utf-8")
    site_of(example / "data", read_settings(example / "config" / "review.yaml"), index)
    assert not stale.exists() and not [path for path in index.parent.iterdir() if path.name.startswith(".")]


def test_two_thousand_rows_stay_below_twenty_two_megabytes_and_can_be_searched(page, example):
    grown(example, 2000)
    index = example / "results" / "audit" / "index.html"
    settings = read_settings(example / "config" / "review.yaml")
    quick = settings.synthesis.model_copy(update={"tau2_method": Tau2Method.DL})
    site_of(example / "data", settings.model_copy(update={"synthesis": quick}), index, panels=False)
    size = sum(path.stat().st_size for path in index.parent.rglob("*") if path.is_file())
    assert size < 22_000_000
    page.goto(index.as_uri())
    page.locator("#find-rows").fill("r01234")
    expect(page.locator("#found-rows")).to_have_text("1 of 2000")
    page.locator("#rows tbody tr:visible a").first.click()
    assert "as made up" in page.locator(".printed blockquote").inner_text()
    page.locator("#find").fill("as made up")
    expect(page.locator("#hits-said")).to_have_text("2000 of 2000 rows, the first 30 shown")


def test_the_site_is_the_same_from_run_to_run(root, shipped, shipped_site, tmp_path):
    site_of(root / "data", shipped[0], tmp_path / "index.html")
    folders = (shipped_site[0].parent, tmp_path)
    made = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in folders
    ]
    assert made[0] == made[1] and len(made[0]) > 150
