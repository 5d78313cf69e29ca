"""The evidence map in a real browser: what it counts, filters, the keyboard, paper, and what it never hides."""

from __future__ import annotations

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from samples.audit_sites import grown
from taprev.effects.fates import effect_rows
from taprev.extraction.tables import read_rows
from taprev.report.audit.result_files import file_names
from taprev.report.evidence_map.entries import directions, entries
from taprev.report.evidence_map.page import page as map_page
from taprev.settings import read_settings
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json
from taprev.wording import estimates, labels, mapping
from taprev.wording.adverse import adverse

pytestmark = pytest.mark.browser

HOSTILE = (
    '<script>window.hurt=1</script><img src=x onerror="window.hurt=1">"\'`{{7*7}}</textarea></style> '
    "</option></select> javascript:alert(1) \u202eevil\u2066 مرحبا Ελληνικά 创伤 " + "long" * 30
)


@pytest.fixture(scope="module")
def made(root, shipped, shipped_rows, shipped_contents, tmp_path_factory):
    """The map of the shipped review, as a file."""
    file = tmp_path_factory.mktemp("a map") / "results" / "map.html"
    file.parent.mkdir()
    file.write_text(map_page(shipped_contents, shipped_rows, shipped[0], root / "data/extracted"), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def found(shipped, shipped_rows, shipped_contents):
    return entries(shipped_contents, shipped_rows, shipped[2].values(), shipped[0])


def map_of(example):
    """Return the map of the example review as it lies on disk."""
    extracted = example / "data" / "extracted"
    settings = read_settings(example / "config" / "review.yaml")
    outcomes = read_rows(extracted / "outcomes.csv")
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    rows = {name: effect_rows(name, outcomes, studies, settings, {}) for name in settings.domains}
    contents = [from_json(to_json(synthesise(name, own, settings, {}, None))) for name, own in rows.items()]
    return map_page(contents, rows, settings, extracted)


def shown(page):
    """Return what the cells of the map say, by their place."""
    cells = page.locator("#map td.held")
    told = cells.evaluate_all("all => all.map(one => [one.dataset.cell, one.innerText.trim()])")
    return {place: re.sub(r"\s+", " ", text) for place, text in told}


def expected(found, contents):
    """Return what the cells should say of these entries: studies and all three directions, those left out apart."""
    order = {content.domain: str(place) for place, content in enumerate(contents)}
    levels = list(dict.fromkeys(row.replace("_", " ") for row in ORDER_OF_SCOPE))
    cells = {}
    for entry in found:
        cells.setdefault(f"{order[entry.domain]}-{levels.index(entry.level)}", []).append(entry)
    said = {}
    for place, own in cells.items():
        counted = [entry for entry in own if entry.counted]
        aside = [entry for entry in own if entry.study not in {one.study for one in counted}]
        parts = []
        for group, note in ((counted, ""), (aside, f" {mapping.NOT_HEADLINE}")):
            ways = list(directions(group).values())
            if ways:
                each = " ".join(f"{mapping.SIGNS[way]} {ways.count(way)} {way}" for way in mapping.SIGNS)
                parts.append(f"{labels.count(len(ways), 'study', 'studies')}{note} {each}")
        wrong = sum(len(entry.wrong_way) for entry in own)
        if wrong:
            parts.append(f"{labels.count(wrong, 'result', 'results')} went the wrong way")
        said[place] = " ".join(parts)
    return said


ORDER_OF_SCOPE = (
    "organisational",
    "workforce_training",
    "organisational_and_client",
    "client_programme",
    "carer_programme",
)


def test_every_result_of_the_review_stands_in_one_entry(found, shipped_rows):
    listed = [result for entry in found for result, _ in entry.pages]
    assert sorted(listed) == sorted(row.result for rows in shipped_rows.values() for row in rows)
    assert len(listed) == len(set(listed)) == 154 and len({entry.study for entry in found}) == 62


def test_the_map_counts_what_the_gap_map_and_the_votes_count(found, shipped_contents):
    for content in shipped_contents:
        own = [entry for entry in found if entry.domain == content.domain and entry.counted]
        assert {entry.study for entry in own} == {row.study for row in content.rows if row.fate != "excluded"}
        voted = {(vote.study, vote.contrast.said): vote.direction for vote in content.votes}
        assert {(e.study, e.design): e.direction for e in own if (e.study, e.design) in voted} == voted


def test_cells_say_the_same_with_and_without_scripts_and_what_the_data_say(
    browser, page, made, found, shipped_contents
):
    page.goto(made.as_uri())
    told = shown(page)
    assert told == expected(found, shipped_contents) and len(told) > 25
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(made.as_uri())
    assert shown(plain) == told
    assert plain.locator("#list tbody tr:visible").count() == len(found)
    assert not plain.locator("button:visible, select:visible").count()
    context.close()


def test_an_empty_cell_never_says_that_there_is_no_evidence(page, made):
    page.goto(made.as_uri())
    assert set(page.locator("#map td.empty").all_inner_texts()) == {"no result in this set"}
    body = page.locator("body").inner_text().lower()
    assert body.count("no evidence exists") == body.count("does not say that no evidence exists") == 1


@pytest.mark.parametrize("facet", ["people", "design", "setting", "nation", "what was read", "overall risk of bias"])
def test_every_filter_changes_the_counts_to_what_the_data_say(page, made, found, shipped_contents, facet):
    page.goto(made.as_uri())
    select = page.locator(f'select[data-name="{facet}"]')
    for value in sorted({entry.facets[facet] for entry in found}):
        own = [entry for entry in found if entry.facets[facet] == value]
        select.select_option(label=value)
        studies = len({entry.study for entry in own})
        expect(page.locator("#found")).to_have_text(f"{studies} of 62 studies ({facet}: {value})")
        told = shown(page)
        wanted = expected(own, shipped_contents)
        assert {place: text for place, text in told.items() if text != "none with these filters"} == wanted
        assert page.locator("#list tbody tr:visible").count() == len(own)
        assert page.locator("#map td.held button:enabled").count() == len(wanted)
    page.locator("#all").click()
    expect(page.locator("#found")).to_have_text("62 of 62 studies")


def test_two_filters_hold_together(page, made, found):
    page.goto(made.as_uri())
    page.locator('select[data-name="people"]').select_option(label="staff")
    page.locator('select[data-name="design"]').select_option(label="controlled")
    own = {e.study for e in found if e.facets["people"] == "staff" and e.facets["design"] == "controlled"}
    expect(page.locator("#found")).to_have_text(f"{len(own)} of 62 studies (people: staff; design: controlled)")
    assert own


def test_every_result_that_went_the_wrong_way_stands_on_the_map_and_in_its_cell(page, made, shipped_contents):
    page.goto(made.as_uri())
    wrong = adverse(shipped_contents)
    assert len(wrong) >= 3
    cells = [text for text in shown(page).values() if "went the wrong way" in text]
    assert sum(int(re.search(r"(\d+) results? went the wrong way", text)[1]) for text in cells) == len(wrong)
    for one in wrong:
        row = page.locator("#list tbody tr", has=page.locator(f'a[href="audit/pages/result_{one.row.result}.html"]'))
        assert (
            f"went the wrong way: {one.alone}" in row.inner_text() and labels.clean(one.row.label) in row.inner_text()
        )
        page.locator(f"#cell-{row.get_attribute('data-cell')}").click()
        assert f"went the wrong way: {one.alone}" in page.locator("dialog").inner_text()
        page.keyboard.press("Escape")


def test_numbers_have_their_intervals_and_those_that_are_too_narrow_their_mark(page, made, shipped_contents):
    page.goto(made.as_uri())
    marked = 0
    for content in shipped_contents:
        for stratum in content.strata:
            for study in stratum.studies:
                row = page.locator(f'#list tr:has(a[href="audit/pages/result_{study.results[0]}.html"])')
                text = row.locator("td").nth(3).inner_text()
                if study.yi is not None:
                    assert estimates.estimate(study.yi, study.ci_lb, study.ci_ub, estimates.style(stratum)) in text
                assert ("‡" in text) >= bool(study.too_narrow)
                marked += bool(study.too_narrow)
    assert marked


def test_every_study_leads_to_its_audit_page(made, found, shipped_contents):
    files = set(file_names(row.result for content in shipped_contents for row in content.rows).values())
    links = set(re.findall(r'href="audit/pages/([^"]+)"', made.read_text("utf-8")))
    assert links == files == {file for entry in found for _, file in entry.pages}


def test_the_keyboard_alone_filters_opens_and_closes_and_finds_its_place_again(page, made):
    page.goto(made.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.name") == "people":
            break
    page.keyboard.press("s")
    expect(page.locator("#found")).to_contain_text("people: staff")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#map button')"):
            break
    place = page.evaluate("document.activeElement.id")
    assert place and page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    assert "Staff" in page.locator("#cell-title").inner_text() and page.locator("dialog li").count()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    assert page.evaluate("document.activeElement.id") == place
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).not_to_be_visible()
    assert page.evaluate("document.activeElement.id") == place


def test_an_opened_cell_has_the_studies_of_the_cell_with_all_that_is_known(page, made, found):
    page.goto(made.as_uri())
    page.locator("#map tr", has_text="Staff knowledge").locator("button").nth(1).click()
    own = [e for e in found if e.domain == "staff_knowledge" and e.level == "workforce training"]
    heads = page.locator("dialog h3").all_inner_texts()
    assert sorted(heads) == sorted(entry.label for entry in own)
    text = page.locator("dialog").inner_text()
    assert all(entry.number in text and entry.people in text and entry.time in text for entry in own)
    terms = set(page.locator("dialog dt").all_inner_texts())
    wanted = {"Direction", "Number", "People", "Measured", "Design", "Compared with", "What was read", "Results"}
    assert wanted <= terms


def test_a_screen_reader_hears_a_table_and_the_name_of_every_cell(page, made):
    page.goto(made.as_uri())
    table = page.get_by_role("table").first
    assert table.get_by_role("columnheader").count() == 6
    assert page.locator('#map th[scope="rowgroup"]').all_inner_texts() == ["Patients", "Children and youth", "Staff"]
    assert page.locator("#found").get_attribute("aria-live") == "polite"
    name = r"^Staff knowledge .*workforce training 19 studies .*18 better .*0 worse .*1 unclear"
    assert page.get_by_role("button", name=re.compile(name)).count() == 1


@pytest.mark.parametrize("opened", [False, True])
def test_axe_finds_nothing(anything, made, opened):
    anything.goto(made.as_uri())
    if opened:
        anything.locator("#map td.held button").first.click()
    problems = Axe().run(anything).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in problems] == []


def test_a_narrow_screen_scrolls_tables_and_not_the_page(anything, made):
    opened = anything
    opened.set_viewport_size({"width": 360, "height": 700})
    opened.goto(made.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    opened.locator("#map td.held button").first.click()
    assert opened.evaluate("document.querySelector('dialog').scrollWidth <= window.innerWidth")
    assert opened.locator("#close").bounding_box()["height"] < 50


def test_no_column_is_cut_in_the_window_of_a_small_laptop(anything, made):
    narrow = anything
    narrow.set_viewport_size({"width": 1150, "height": 800})
    narrow.goto(made.as_uri())
    widths = narrow.evaluate("[...document.querySelectorAll('.wide')].map(e => [e.scrollWidth, e.clientWidth])")
    assert len(widths) == 2 and all(needed <= there for needed, there in widths)


def test_on_paper_stand_the_map_what_was_chosen_and_its_studies(page, made, found):
    page.goto(made.as_uri())
    page.locator('select[data-name="people"]').select_option(label="staff")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible() and page.locator("#map").is_visible()
    assert "people: staff" in page.locator("#found").inner_text()
    own = [entry for entry in found if entry.facets["people"] == "staff"]
    assert page.locator("#list tbody tr:visible").count() == len(own)


def test_another_column_of_the_studies_may_make_the_columns(
    page, root, shipped, shipped_rows, shipped_contents, tmp_path
):
    settings = shipped[0].model_copy(update={"map": shipped[0].map.model_copy(update={"columns": "country"})})
    file = tmp_path / "map.html"
    file.write_text(map_page(shipped_contents, shipped_rows, settings, root / "data/extracted"), encoding="utf-8")
    page.goto(file.as_uri())
    heads = page.locator("#map thead th").all_inner_texts()
    assert heads[0] == "Outcome" and set(heads[1:]) == {study["country"] for study in shipped[2].values()}
    assert page.locator("h2").first.inner_text() == "Outcomes by country"


def test_levels_that_no_study_has_are_named(example, page):
    file = example / "map.html"
    file.write_text(map_of(example), encoding="utf-8")
    page.goto(file.as_uri())
    known = page.locator("main p", has_text="No study in this set:").inner_text()
    assert known and page.locator("#map thead th").count() >= 2


def test_hostile_text_in_every_field_stays_text(page, example, edit):
    extracted = example / "data" / "extracted"
    for table, columns in (
        ("studies", ("label", "programme", "comparator", "country")),
        ("outcomes", ("measure", "timepoint", "as_reported")),
    ):
        for column in columns:
            edit(extracted / f"{table}.csv", 2, column, HOSTILE)
    config = example / "config" / "review.yaml"
    config.write_text(config.read_text("utf-8") + "\nmap: {columns: country}\n", encoding="utf-8")
    file = example / "map.html"
    file.write_text(map_of(example), encoding="utf-8")
    page.goto(file.as_uri())
    assert page.evaluate("window.hurt") is None
    assert page.locator("main script, main img").count() == 0
    text = page.locator("main").inner_text()
    assert "<script>window.hurt=1</script>" in text and "{{7*7}}" in text and "\u202e" not in text
    page.locator("#map td.held button").first.click()
    assert page.evaluate("window.hurt") is None and page.locator("dialog img, dialog script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_four_hundred_studies_stay_below_two_megabytes_and_are_filtered_within_a_second(page, example):
    grown(example, 400)
    text = map_of(example)
    assert len(text.encode()) < 2_000_000
    file = example / "map.html"
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    expect(page.locator("#found")).to_have_text("400 of 400 studies")
    began = time.perf_counter()
    page.locator('select[data-name="people"]').select_option(index=1)
    expect(page.locator("#found")).to_contain_text("(people: ")
    assert time.perf_counter() - began < 1


def test_the_map_is_the_same_from_run_to_run(root, made, shipped, shipped_rows, shipped_contents):
    again = map_page(shipped_contents, shipped_rows, shipped[0], root / "data/extracted")
    assert (
        again == made.read_text("utf-8") and "http:" not in again and "https:" not in re.sub(r"<p>.*?</p>", "", again)
    )
