"""What documents say: every number is that of the JSON, for every kind of domain, in every format."""

from __future__ import annotations

import io
import re
import subprocess
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document as open_docx
from lxml import html
from openpyxl import load_workbook

from helpers import draw_forest
from samples.documents import every_document, files_of
from samples.known import known_of, known_sample
from taprev.extraction.tables import columns
from taprev.figures.overviews.at_a_glance import at_a_glance
from taprev.figures.overviews.frame import Imprint, draw_review_figure
from taprev.ground.files import csv_text
from taprev.report.documents.brief import brief
from taprev.report.documents.document import Document, Table
from taprev.report.documents.exclusions import exclusions
from taprev.report.documents.prisma import prisma
from taprev.report.documents.registry import DOCUMENTS
from taprev.report.methods import methods
from taprev.settings.involvement import Involvement
from taprev.synthesis.results import Fit, Stratum
from taprev.vocabulary import GradeDomain

NUMBER = re.compile(r"(−?\d+(?:\.\d+)?) \[(−?\d+(?:\.\d+)?), (−?\d+(?:\.\d+)?)\]")
KINDS = [
    "empty",
    "one_study",
    "two_studies",
    "sixty_studies",
    "long_labels",
    "hostile",
    "mixed_scales",
    "directions_only",
    "awkward_numbers",
    "before_after_only",
]
NOBODY = Involvement()
READ_BACK = {"policy_brief", "slides", "summary_of_findings", "evidence_profile", "reporting"}
WITHOUT_POOLED_NUMBERS = {"plain_summary", "characteristics", "exclusions", "missing_evidence"}


@pytest.fixture(scope="module")
def shipped_known(root, shipped, shipped_contents):
    return known_of(shipped_contents, root / "data" / "extracted", shipped[0])


@pytest.fixture(scope="module")
def shipped_documents(root, shipped, shipped_known):
    return every_document(shipped_known, root / "data" / "extracted", shipped[0], NOBODY)


@pytest.fixture(scope="module")
def shipped_files(shipped_documents):
    return files_of(shipped_documents)


def tables_of(name: str, content: bytes) -> list[list[list[str]]]:
    """Return the cells of every table of a file, read by another library than wrote them."""
    if name.endswith(".docx"):
        return [
            [[cell.text for cell in row.cells] for row in table.rows] for table in open_docx(io.BytesIO(content)).tables
        ]
    if name.endswith(".xlsx"):
        sheets = load_workbook(io.BytesIO(content)).worksheets[1:]
        return [
            [["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)]
            for sheet in sheets
        ]
    page = html.fromstring(content.decode())
    return [
        [["\n".join(cell.itertext()) for cell in row.xpath("./th|./td")] for row in table.xpath(".//tr")]
        for table in page.xpath("//table")
    ]


def shown(text: str) -> tuple[float, ...]:
    """Return the first estimate with its limits that a text prints."""
    found = NUMBER.search(" ".join(text.split()))
    assert found, text
    return tuple(float(part.replace("−", "-")) for part in found.groups())


def pooled(known) -> dict[tuple[str, str], Stratum]:
    return {(one.label, stratum.label): stratum for one in known for stratum, _ in one.strata if stratum.fit}


def assert_same(printed: tuple[float, ...], fit: Fit) -> None:
    for text, number in zip(printed, (fit.estimate, fit.ci_lb, fit.ci_ub), strict=True):
        assert abs(text - number) <= 0.005 + 1e-12, (text, number)


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx"])
def test_the_numbers_of_the_profile_are_those_of_the_json(kind, shipped_known, shipped_files):
    name = f"evidence_profile.{kind}"
    [rows] = [table for table in tables_of(name, shipped_files[name]) if len(table) > 2]
    told = [" ".join(row[0].split()) for row in rows if NUMBER.search(" ".join(row[0].split()))]
    for (outcome, design), stratum in pooled(shipped_known).items():
        own = {text for text in told if text.startswith(f"{outcome}, {design}: ")}
        assert len(own) == 1 and all(f"k = {stratum.fit.k}" in text for text in own)
        assert_same(shown(own.pop()), stratum.fit)


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx"])
def test_the_numbers_of_the_summary_are_those_of_the_json(kind, root, shipped, shipped_known):
    name = f"summary_of_findings.{kind}"
    certainty = shipped[0].certainty.model_copy(update={"critical": ()})
    of_all = shipped[0].model_copy(update={"certainty": certainty})
    made = every_document(shipped_known, root / "data" / "extracted", of_all, NOBODY)
    files = files_of({"summary_of_findings": made["summary_of_findings"]})
    [rows] = [table for table in tables_of(name, files[name]) if len(table) > 2]
    expected = pooled(shipped_known)
    seen = 0
    for (outcome, design), stratum in expected.items():
        [row] = [r for r in rows if any(" ".join(c.split()) == f"{outcome} {design}" for c in r)]
        text = next(cell for cell in row if NUMBER.search(" ".join(cell.split())))
        assert_same(shown(text), stratum.fit)
        assert any(f"k = {stratum.fit.k}" in " ".join(cell.split()) for cell in row)
        seen += 1
    assert seen == len(expected) >= 3


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_the_numbers_of_the_brief_are_those_of_the_json(kind, shipped_known, shipped_files):
    rows = [row for table in tables_of(f"policy_brief.{kind}", shipped_files[f"policy_brief.{kind}"]) for row in table]
    for one in shipped_known:
        for stratum, _ in one.strata:
            if stratum.fit:
                [row] = [row for row in rows if row[0].strip().startswith(f"{one.label}")]
                [line] = [
                    part for part in re.split(r"(?=Randomised|Controlled|Before-after)", row[1]) if " pooled: " in part
                ]
                assert_same(shown(line), stratum.fit)
                assert f"{stratum.fit.k} pooled" in line


def test_the_numbers_of_svg_text_are_those_of_the_json(shipped, shipped_contents, tmp_path):
    seen = 0
    for content in shipped_contents:
        if not any(stratum.fit for stratum in content.strata):
            continue
        svg = next(path for path in draw_forest(content, tmp_path) if path.suffix == ".svg")
        lines: dict[float, list[str]] = {}
        for text in ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text"):
            y = re.search(r"translate\(\S+ (\S+)\)", text.get("transform", "")) or re.search(r"()", "")
            at = float(y.group(1)) if y and y.group(1) else float(text.get("y", "nan"))
            lines.setdefault(round(at, 1), []).append("".join(text.itertext()))
        joined = [" ".join(parts) for parts in lines.values()]
        for stratum in content.strata:
            if stratum.fit:
                own = [shown(line) for line in joined if "Random effects" in line and f"k = {stratum.fit.k}" in line]
                assert any(abs(one[0] - stratum.fit.estimate) <= 0.005 + 1e-12 for one in own)
                best = min(own, key=lambda one: abs(one[0] - stratum.fit.estimate))
                assert_same(best, stratum.fit)
                seen += 1
    assert seen >= 3


def test_the_numbers_at_a_glance_are_those_of_the_json(shipped, shipped_contents, tmp_path):
    told = at_a_glance(shipped_contents, shipped[0].populations)
    svg = next(p for p in draw_review_figure(told, Imprint("r", "e", "v"), tmp_path) if p.suffix == ".svg")
    said = " ".join(" ".join("".join(t.itertext()) for t in ElementTree.parse(svg).iter()).split())
    drawn = {found.groups() for found in NUMBER.finditer(said)}
    for content in shipped_contents:
        for stratum in content.strata:
            if stratum.fit:
                values = (stratum.fit.estimate, stratum.fit.ci_lb, stratum.fit.ci_ub)
                digits = 3 if stratum.fit.se < 0.095 else 2
                assert tuple(f"{v:.{digits}f}".replace("-", "−") for v in values) in drawn


def test_the_numbers_of_the_checklists_are_those_of_the_json(shipped_known, shipped_documents):
    said = words(shipped_documents["reporting"])
    for (outcome, _design), stratum in pooled(shipped_known).items():
        [line] = {
            part
            for part in re.split(r"[;\n]", said)
            if f"{outcome}, {stratum.contrasts[0].said}: " in part and f"k = {stratum.fit.k}" in part
        }
        assert_same(shown(line.partition(": ")[2]), stratum.fit)


def test_the_checklists_of_prisma_are_whole_and_leave_to_people_what_is_theirs(shipped_documents):
    tables = {block.name: block for block in shipped_documents["reporting"].blocks if isinstance(block, Table)}
    rows = {name: [row for s in tables[name].sections for row in s.rows] for name in tables if "PRISMA" in name}
    numbers = [row[0].text.split()[0] for row in rows["PRISMA 2020"]]
    assert sorted({int(re.match(r"\d+", one).group()) for one in numbers}) == list(range(1, 28)) and len(numbers) == 42
    assert (len(rows["PRISMA abstract"]), len(rows["PRISMA-S"])) == (12, 16)
    assert all(row[2].text == "" for own in rows.values() for row in own)
    said = {row[0].text: row[1].text for row in rows["PRISMA 2020"]}
    assert said["26 Competing interests"] == "To be written by people."
    assert "reviews identified" not in said["16a Flow of studies"]


def checklists(known, review, settings, rows=None):
    """Return what the checklists say of a review whose flow has these rows, by checklist and item."""
    if rows is not None:
        path = review / "data" / "extracted" / "flow.csv"
        path.write_text(csv_text(("box", "name", "n", "note"), rows), encoding="utf-8")
    texts = methods(settings, [outcome.synthesis for outcome in known])
    blocks = list(prisma(known, review / "data" / "extracted", settings, texts))
    return {
        block.name: {row[0].text.split()[0]: row[1].text.replace("\u00a0", " ") for row in block.sections[0].rows}
        for block in blocks
        if isinstance(block, Table)
    }


FLOW = [
    ("previous_studies", "", "5", ""),
    ("database_results", "", "1200", ""),
    ("database_results", "MEDLINE", "1200", ""),
    ("register_results", "", "0", ""),
    ("citation_results", "", "4", ""),
    ("duplicates", "", "not recorded", "lost"),
    ("reports_excluded", "", "7", ""),
    ("reports_excluded", "No outcome", "7", ""),
]


def test_the_checklists_of_prisma_say_what_the_flow_holds(shipped_known, shipped, review):
    said = checklists(shipped_known, review, shipped[0], FLOW)
    whole, search = said["PRISMA 2020"], said["PRISMA-S"]
    assert "Records from databases: n = 1 200, of these MEDLINE (n = 1 200)" in whole["6"]
    assert whole["6"] == said["PRISMA abstract"]["4"] and whole["6"].endswith("to be written by people.")
    assert "records from registers: n = 0" in whole["16a"].lower()
    assert "not recorded: duplicates removed; " in whole["16a"].lower()
    assert "organisations" not in whole["16a"]
    assert whole["16b"].startswith("Reports excluded: n = 7, of these No outcome (n = 7).")
    assert search["1"].startswith("Records from databases: n = 1 200, of these MEDLINE (n = 1 200).")
    assert search["5"].startswith("Records from citation searching: n = 4.")
    assert search["12"].startswith("Studies in the previous version of the review: n = 5.")
    assert search["15"].startswith("Records from databases: n = 1 200")
    people = "To be written by people: taprev keeps no search."
    assert {search[item] for item in ("3", "4", "16", "8")} == {people}


def test_a_search_that_was_not_recorded_is_left_to_people(shipped_known, shipped, review):
    said = checklists(shipped_known, review, shipped[0])
    assert said["PRISMA 2020"]["6"] == said["PRISMA abstract"]["4"] == "To be written by people."
    assert said["PRISMA 2020"]["16b"].startswith("Reports excluded after they were read in full: not recorded.")
    assert "Studies in the review: n = 62" in said["PRISMA 2020"]["16a"]
    assert said["PRISMA-S"]["15"] == "Records identified: not recorded."


def test_registration_and_protocol_are_answered_apart(shipped_known, shipped, review):
    settings = shipped[0]

    def items(**changes):
        own = settings.model_copy(update={"review": settings.review.model_copy(update=changes)})
        said = checklists(shipped_known, review, own)
        assert said["PRISMA abstract"]["12"] == said["PRISMA 2020"]["24a"]
        return said["PRISMA 2020"]["24a"], said["PRISMA 2020"]["24b"]

    none = ("The settings name no registration.", "The settings name no protocol.")
    assert items(protocol="", registration="") == none
    assert items(protocol="a page", registration="") == (none[0], "Protocol: a page.")
    assert items(protocol="", registration="a number") == ("Registration: a number.", none[1])


def test_the_document_on_exclusions_has_the_reasons_of_reports(shipped_known, shipped, review):
    checklists(shipped_known, review, shipped[0], FLOW)
    said = words(exclusions(shipped_known, review / "data" / "extracted", shipped[0])).replace("\u00a0", " ")
    assert "Reports excluded: n = 7, of these No outcome (n = 7)." in said
    assert "Reports excluded, by other methods: not recorded." in said


def test_missing_evidence_names_every_study_that_measured_an_outcome(shipped_documents, shipped_contents):
    table, to_judge = (block for block in shipped_documents["missing_evidence"].blocks if isinstance(block, Table))
    rows = [(section.name, row) for section in table.sections for row in section.rows]
    for content in shipped_contents:
        for stratum in content.strata:
            *own, judged = [row for name, row in rows if name.startswith(f"{content.label}, {stratum.label}: ")]
            assert [cell.text for cell in judged[1:]] == ["not assessed", "", "", ""]
            voted = [vote for vote in content.votes if vote.contrast in stratum.contrasts]
            assert [row[0].text for row in own] == [vote.label for vote in voted]
            counted = sum(row[1].text == "in the number" for row in own)
            assert counted == (len({study.study for study in stratum.shown}) if stratum.fit else 0)
            for row in own:
                assert row[1].text == "in the number" or row[4].text
    named = [(row[1].text, row[2].text) for section in to_judge.sections for row in section.rows]
    assert named == [(content.domain, stratum.name) for content in shipped_contents for stratum in content.strata]


def test_the_pooled_numbers_of_every_document_are_read_back_or_it_has_none():
    assert {entry.stem for entry in DOCUMENTS} == READ_BACK | WITHOUT_POOLED_NUMBERS
    assert not READ_BACK & WITHOUT_POOLED_NUMBERS


def test_every_document_has_a_title_and_formats(shipped_documents, shipped_files):
    assert list(shipped_documents) == [entry.stem for entry in DOCUMENTS]
    assert all(entry.title and entry.formats for entry in DOCUMENTS)
    assert set(shipped_files) == {file for entry in DOCUMENTS for file in entry.files}
    for document in shipped_documents.values():
        for table in (block for block in document.blocks if isinstance(block, Table)):
            assert abs(sum(column.share for column in table.columns) - 1) < 1e-9
            assert all(len(row) == len(table.columns) for section in table.sections for row in section.rows)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_domain_has_every_document(name, tmp_path, root):
    known, extracted, settings = known_sample(name, tmp_path / "extracted", root / "data" / "extracted")
    documents = every_document(known, extracted, settings, NOBODY)
    files = files_of(documents)
    assert all(files.values()) and set(files) == {file for entry in DOCUMENTS for file in entry.files}
    [rows] = list(tables_of("x.docx", files["summary_of_findings.docx"])) or [[]]
    assert len([row for row in rows if row[-1] or row[0]]) >= 1 + len(known[0].strata)


def words(document: Document) -> str:
    parts = []
    for block in document.blocks:
        parts += [getattr(block, "text", "")] + list(getattr(block, "lines", ()))
        if isinstance(block, Table):
            parts += [cell.text for section in block.sections for row in section.rows for cell in row]
    return "\n".join(parts)


def test_nothing_is_called_certain_that_nobody_judged(shipped_documents):
    summary, policy = (
        words(shipped_documents["summary_of_findings"]),
        words(shipped_documents["policy_brief"]),
    )
    assert "not yet judged" in summary and "Nobody has judged the certainty of this evidence yet" in policy
    for said in (summary, policy):
        assert not re.search(r"⊕|probably|\bmay\b", said)


def test_a_judgement_reaches_every_document_with_its_reason(review, shipped, shipped_contents, shipped_known):
    extracted = review / "data" / "extracted"
    number = next(
        assessed.number
        for one in shipped_known
        for stratum, assessed in one.strata
        if (one.synthesis.domain, stratum.name) == ("staff_knowledge", "before_after")
    )
    row = {
        "domain": "staff_knowledge",
        "stratum": "before_after",
        "number": number,
        "start": "low",
        **dict.fromkeys(GradeDomain, "not_serious"),
        "raised": "",
        "certainty": "low",
        "reason": "Invented reason.",
        "judged_by": "first assessor",
        "judged_on": "2026-11-20",
    }
    header = columns(extracted, "certainty")
    cells = [f'"{row[name]}"' for name in header]
    (extracted / "certainty.csv").write_text(",".join(header) + "\n" + ",".join(cells) + "\n", encoding="utf-8")
    critical = shipped[0].certainty.model_copy(update={"critical": ("staff_knowledge",)})
    settings = shipped[0].model_copy(update={"certainty": critical})
    known = known_of(shipped_contents, extracted, settings)
    documents = every_document(known, extracted, settings, Involvement(aim="To be asked first"))
    statement = (
        "Results on staff knowledge may have been better after trauma-informed programmes than before; nothing shows "
        "what caused this."
    )
    for stem in ("policy_brief", "summary_of_findings"):
        said = words(documents[stem])
        assert statement in said and "⊕⊕◯◯ low" in said
    assert "Invented reason. (first assessor, 2026-11-20)" in words(documents["summary_of_findings"])
    assert "⊕⊕◯◯ low" in words(documents["evidence_profile"])
    assert "to be asked first." in words(documents["policy_brief"])
    assert "Methods: not reported" in words(documents["policy_brief"])


def test_the_brief_names_what_is_missing(root, shipped, shipped_known):
    said = words(brief(shipped_known, root / "data" / "extracted", shipped[0], NOBODY))
    expected = (
        "harms; cost-effectiveness",
        "quality of life of patients",
        "Silence is not safety",
        "Allocate a budget; involve all staff and people with lived experience.",
        "England 0, Scotland 0, Wales 0, Northern Ireland 1",
        "not reported",
    )
    for text in expected:
        assert text in said
    assert shipped[0].review.content_note in said and shipped[0].review.evidence_set in said


def test_swim_has_its_nine_items(shipped_documents):
    swim = next(
        block for block in shipped_documents["reporting"].blocks if isinstance(block, Table) and block.name == "SWiM"
    )
    items = [row[0].text for section in swim.sections for row in section.rows]
    assert [item.split()[0] for item in items] == ["1a", "1b", *"23456789"]
    assert all(len(row[1].text) > 20 for section in swim.sections for row in section.rows)


@pytest.mark.workflow
def test_the_brief_is_two_pages_in_pdf_and_in_docx(shipped_files, soffice, tmp_path):
    docx = tmp_path / "policy_brief.docx"
    docx.write_bytes(shipped_files["policy_brief.docx"])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(docx)]
    subprocess.run(command, check=True, capture_output=True)
    for content in (shipped_files["policy_brief.pdf"], docx.with_suffix(".pdf").read_bytes()):
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", content)) == 2


def test_axe_finds_nothing_on_any_page_of_the_shipped_review(shipped_files, browser, tmp_path):
    page = browser.new_page(viewport={"width": 375, "height": 800})
    for stem in (entry.stem for entry in DOCUMENTS if "html" in entry.formats):
        file = tmp_path / f"{stem}.html"
        file.write_bytes(shipped_files[file.name])
        page.goto(file.as_uri())
        assert [one["id"] for one in Axe().run(page).response["violations"]] == [], stem
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, stem
    page.close()
