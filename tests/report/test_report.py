"""The report and the tables: the same numbers as the JSON, hostile text as text, and a real browser."""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from helpers import captioned, draw_forest
from taprev.certainty.assessment import all_assessments, certainty_json
from taprev.effects.fates import effect_rows
from taprev.effects.variants import variants
from taprev.extraction.flow import read_flow
from taprev.extraction.snapshot import KeptCopy
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text, write_text
from taprev.report.documents.characteristics import characteristics
from taprev.report.documents.document import Table
from taprev.report.documents.findings import Known
from taprev.report.methods import methods_paragraphs
from taprev.report.page import page
from taprev.settings import read_settings
from taprev.settings.citation import Author, CitationFile, Reference
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json
from taprev.synthesis.results.inclusion import with_syntheses
from taprev.tables.write import all_tables
from taprev.vocabulary import CiChoice, CitedFrom, FlowBox, Tau2Method
from taprev.wording import estimates, labels, notes

INSIDE, OUTSIDE = "organisational", "client_programme"
HOSTILE = '<script>alert("x")</script> & =cmd|calc'


def made(folder, figures, drawn=()):
    """Return settings, contents and the report of the review in a folder; contents that are drawn already are not."""
    settings = read_settings(folder / "config" / "review.yaml")
    extracted = folder / "data" / "extracted"
    outcomes = read_rows(extracted / "outcomes.csv")
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    contents = []
    for name in settings.domains:
        rows = effect_rows(name, outcomes, studies, settings)
        every = variants(name, outcomes, studies, settings, {})
        contents.append(from_json(to_json(synthesise(name, rows, settings, {"version": "0"}, every))))
        if contents[-1] not in drawn:
            draw_forest(contents[-1], figures / name)
    for certainty in all_assessments(contents, extracted, settings):
        write_text(figures / "certainty" / f"{certainty.domain}.json", certainty_json(certainty))
    made = page(contents, settings, extracted, figures, figures / "audit", figures / "certainty")
    return settings, contents, made


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="module")
def shipped(root, figures):
    return made(root, figures)


class Text(HTMLParser):
    """The words of a page, its tags and its addresses."""

    def __init__(self, html):
        super().__init__()
        self.words, self.tags, self.loaded = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loaded += [value for name, value in attrs if name == "src" or (tag == "link" and name == "href")]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def said(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def pooled(contents):
    return [(c, s) for c in contents for s in (*c.strata, *c.sensitivity) if s.fit]


def test_every_pooled_number_is_the_same_text_everywhere(shipped, root):
    settings, contents, html = shipped
    said = Text(html).said
    summary = list(
        csv.DictReader(io.StringIO(all_tables(contents, root / "data" / "extracted", settings)["summary.csv"]))
    )
    assert len(pooled(contents)) == 4
    for content, stratum in pooled(contents):
        fit = stratum.fit
        text = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
        [row] = [r for r in summary if (r["domain"], r["stratum"]) == (content.domain, stratum.name)]
        assert text in said and row["estimate_text"] == text
        assert float(row["estimate"]) == fit.estimate and float(row["tau2"]) == fit.tau2


def test_every_figure_has_its_citation_and_the_caption_of_the_settings(shipped, root, figures):
    settings, contents, usual = shipped
    own = captioned(settings, {"forest": f"All of it {HOSTILE}", "staff_knowledge.forest": "What staff know"})
    work = Reference("R", (Author("Berg", "Ann"),), "2026", "2", "https://example.org/r")
    folders = (root / "data" / "extracted", figures, figures / "audit", figures / "certainty")
    changed = page(contents, own, *folders, CitationFile(CitedFrom.FILE, work))
    drawn = [content for content in contents if content.has_evidence]
    assert usual.count("<figcaption>The whole evidence on ") == len(drawn)
    assert changed.count('<figcaption><strong dir="auto">') == len(drawn)
    assert "<script>" not in changed and '<strong dir="auto">What staff know.</strong>' in changed
    said, then = Text(changed).said, Text(usual).said
    for content in drawn:
        caption = "What staff know" if content.domain == "staff_knowledge" else f"All of it {HOSTILE}"
        part = f"[Figure: {labels.clean(content.label)}, seal {content.seal}]. In: "
        assert f"Berg, Ann (2026). {caption} {part}R. Version 2. Drawn by taprev" in said
        assert (
            f"Authors not recorded (no year). Forest plot of the whole evidence {part}{settings.review.title}." in then
        )
    assert "Cite the review as: Berg, Ann (2026). R. Version 2." in said and "Authors not recorded" not in said


def test_the_page_loads_nothing(shipped):
    page_ = Text(shipped[2])
    assert "script" not in page_.tags and "link" not in page_.tags
    assert page_.loaded and all(address.startswith("data:image/svg+xml;base64,") for address in page_.loaded)
    assert not re.search(r"@import|url\(", shipped[2])


def test_it_says_what_the_evidence_is_not_and_names_every_gap(shipped):
    settings, contents, html = shipped
    said = Text(html).said
    assert settings.review.evidence_set in said
    gaps = html[html.index('id="gaps"') : html.index('id="methods"')]
    for content in contents:
        assert content.label in said
        listed = f"<strong>{content.label}</strong>".replace("'", "&#39;") in gaps
        assert listed == (not content.rows)


def test_every_row_that_was_not_pooled_stands_there_with_its_reason(shipped):
    _, contents, html = shipped
    said = Text(html).said
    rows = [row for content in contents for row in content.rows if row.fate != "pooled"]
    assert len(rows) == 154 - 28
    assert all(notes.reason(row.reason) in said and f" {row.result} " in said for row in rows)


def test_adverse_directions_are_listed(shipped):
    html = shipped[2]
    adverse = html[html.index('id="adverse"') : html.index('id="gaps"')]
    assert re.findall(r">(r\d+)</a></td>", adverse) == ["r127", "r116", "r031"]
    assert "20 → 25" in adverse and "no figure in what was read" in adverse


def test_methods_are_written_from_the_settings_and_the_measures(shipped):
    settings, contents, html = shipped
    said = " ".join(methods_paragraphs(settings, contents))
    assert "restricted maximum likelihood" in said and "SMCR" in said and "units of their instrument" not in said
    changes = {"tau2_method": Tau2Method.PM, "ci_method": CiChoice.WALD, "level": 0.9}
    other = settings.synthesis.model_copy(update=changes)
    said = " ".join(methods_paragraphs(settings.model_copy(update={"synthesis": other}), contents[-1:]))
    assert "Paule and Mandel" in said and "is Wald, at 90 %" in said and "restricted maximum" not in said
    assert "SMCR" not in said and "Ratios" not in said
    assert "Python 3." in Text(html).said and "pymare 0.0.13" in Text(html).said


def test_methods_say_where_tables_were_not_read_as_typed(shipped):
    settings, contents, _ = shipped
    typed = KeptCopy("raw/form_first.csv", "", "", "raw/form_first.csv", "", "")
    beside = KeptCopy("raw/form_second.csv", "", "", "", "", "not read")
    assert "as typed" not in methods_paragraphs(settings, contents, (), [typed, beside])[0]
    helped = replace(typed, said="1 line of help passed over; outcomes.csv beside it is not read")
    helped = replace(helped, about="of_form; other_file")
    assert "as typed" not in methods_paragraphs(settings, contents, (), [typed, helped])[0]
    other = replace(typed, said="1 line of help passed over; 2 decimal commas read as points", about="of_form; figures")
    said = methods_paragraphs(settings, contents, (), [typed, other])[0]
    assert "One table or form was not read as typed" in said and "results/audit/as_read.csv" in said


def test_before_after_evidence_gets_no_causal_word(shipped):
    html = shipped[2]
    for label in ("Staff knowledge", "Staff attitudes"):
        paragraph = re.search(rf'<h2 id="\w+">{label}</h2>.*?<strong>Before-after.*?</p>', html, flags=re.S).group(0)
        said = Text(paragraph).said
        assert "change and not an effect of the programme" in said
        assert not re.search(r"\b(increased|improves|reduces|caused|led to|favours the programme)\b", said)


def test_an_interval_that_includes_no_difference_gets_no_direction(shipped):
    said = Text(shipped[2]).said
    assert "0.70 standard deviations (95 % CI −0.10 to 1.50); the interval includes no change" in said


def test_hostile_text_stays_text(review, edit, shipped, figures, tmp_path):
    shutil.copytree(figures, tmp_path / "figures")
    edit(review / "data" / "extracted" / "studies.csv", 2, "label", HOSTILE)
    edit(review / "data" / "extracted" / "studies.csv", 2, "programme", "=HYPERLINK(1)")
    settings, contents, html = made(review, tmp_path / "figures", shipped[1])
    assert "script" not in Text(html).tags and HOSTILE in Text(html).said
    tables = all_tables(contents, review / "data" / "extracted", settings)
    studies = list(csv.DictReader(io.StringIO(tables["studies.csv"])))
    assert studies[0]["programme"] == "'=HYPERLINK(1)"


def test_an_included_study_without_an_outcome_is_named_beside_the_flow(review, shipped, figures):
    settings, contents, before = shipped
    extracted = review / "data" / "extracted"
    rows = read_rows(extracted / "studies.csv")
    more = [{**rows[0], "study": name, "label": name, "scope": name} for name in (INSIDE, OUTSIDE)]
    lines = ([*row.values()] for row in (*rows, *more))
    write_text(extracted / "studies.csv", csv_text([*rows[0]], lines, guarded=False))
    html = page(contents, settings, extracted, figures, figures / "audit", figures / "certainty")
    n = with_syntheses(read_flow(extracted), contents).n(FlowBox.STUDIES_IN_NO_SYNTHESIS)
    named = f"Included, no outcome extracted: {INSIDE}. The flow of records: studies in the review: n = {len(rows)}; "
    assert f"{named}studies in no synthesis: n = {n}." in Text(html).said
    assert "no outcome extracted" not in Text(before).said

    known = list(map(Known, contents, all_assessments(contents, extracted, settings)))
    [table] = [block for block in characteristics(known, extracted, settings).blocks if isinstance(block, Table)]
    texts = [cell.text for section in table.sections for row in section.rows for cell in row]
    assert texts.count("no outcome extracted") == 2


PROBE = """async () => {
    const images = [...document.images], drawn = images.filter(i => i.naturalWidth).length;
    images.forEach(i => i.loading = 'eager');
    await Promise.all(images.map(i => i.decode()));
    const given = i => i.getAttribute('width') / i.getAttribute('height');
    return {
        wide: document.documentElement.scrollWidth, seen: window.innerWidth, images: images.length, drawn,
        moved: images.filter(i => Math.abs(given(i) * i.naturalHeight / i.naturalWidth - 1) > 0.01).length,
        alt: images.every(i => i.alt.length > 200 || i.alt.includes(', page 2 of')),
        distinct: new Set(images.map(i => i.alt)).size}}"""


@pytest.mark.browser
def test_a_browser_opens_it_without_a_word_of_complaint(shipped, browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(shipped[2], encoding="utf-8")
    drawn = sum(content.has_evidence for content in shipped[1])
    # The figure of staff attitudes has two pages.
    for width in (1200, 500):
        page, complaints = browser.new_page(viewport={"width": width, "height": 900}), []
        page.on("console", lambda said, complaints=complaints: complaints.append(said.text))
        page.goto(path.as_uri())
        found = page.evaluate(PROBE)
        page.close()
        assert found["moved"] == 0 and found["images"] == found["distinct"] == drawn + 1 == 17 and found["alt"]
        assert found["wide"] <= found["seen"], f"the page is wider than a window of {width}"
        assert complaints == []
        assert found["drawn"] < found["images"], "pictures far below are drawn when they are reached"


def test_a_ratio_says_what_it_is_wherever_it_stands(shipped):
    said = Text(shipped[2]).said
    assert "not pooled: ratio of trends per month 0.907 [0.865, 0.951], lower is better" in said
    assert (
        "Shown: Putkonen 2013, ratio of trends per month 0.907 [0.865, 0.951], lower is better (n not given, 12 months"
        in said
    )
    assert "Shown: Doi 2025, 0.72 [0.10, 1.34] SD (42 people, 3 months after)." in said
