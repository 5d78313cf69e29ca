"""Documents that people take away: HTML, DOCX, XLSX and PDF, each read back by a program that is not its writer."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document as open_docx
from docx.oxml.ns import qn
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from helpers import ROOT
from samples.document import HOSTILE, WRITERS, brief, findings, hostile, nothing, picture, row, samples
from taprev.drawing.fonts import folders
from taprev.report.documents.document import (
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Table,
    TableCell,
    TableSection,
)
from taprev.report.writers import as_pdf as as_pdf_module
from taprev.report.writers import plain
from taprev.report.writers.as_docx import as_docx
from taprev.report.writers.as_html import as_html
from taprev.report.writers.as_pdf import as_pdf, lacking_words
from taprev.report.writers.as_xlsx import as_xlsx, is_number, sheet_names
from taprev.report.writers.paper import widths
from taprev.wording.addresses import followed, web_address

NAMES = ("findings", "many_findings", "brief", "hostile", "nothing")
A4 = {False: (595.28, 841.89), True: (841.89, 595.28)}
ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
HASHES = """
import hashlib
from samples.document import WRITERS, samples
for name, document in samples().items():
    for kind, write in WRITERS.items():
        print(name, kind, hashlib.sha256(write(document)).hexdigest())
"""


def held(text: str) -> str:
    """What a cell holds of a text once it is clean."""
    return "\n".join(plain.lines(text))


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def body(table: Table) -> list[list[str]]:
    """The rows of a table as they are shown, the names of sections among them."""
    shown = []
    for section in table.sections:
        shown += [[plain.line(section.name)] * len(table.columns)] if section.name else []
        shown += [[held(cell.text) for cell in cells] for cells in section.rows]
    return shown


def said_by(block) -> list[str]:
    """What a heading, a paragraph or a list says."""
    return [plain.line(text) for text in getattr(block, "lines", [getattr(block, "text", "")]) if text]


def heads(table: Table) -> list[str]:
    return [plain.line(column.head) for column in table.columns]


def one_table(*texts: str) -> Document:
    """A document with the texts everywhere that text can stand."""
    columns = tuple(Column(text, 1, numbers=True) for text in texts)
    table = Table(
        texts[0], texts[0], columns, (TableSection(texts[0], (row(*texts),)), TableSection("", (row(*texts),)))
    )
    said = [Heading(texts[0]), Heading(texts[0], 3), Items(texts)]
    said += [Paragraph(text, kind) for text in texts for kind in ("body", "lead", "note")]
    return Document(texts[0], texts[0], (*said, table), texts[0])


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Every sample in every format."""
    folder = tmp_path_factory.mktemp("documents")
    for name, document in samples().items():
        for kind, write in WRITERS.items():
            (folder / f"{name}.{kind}").write_bytes(write(document))
    return folder


@pytest.fixture(scope="module")
def by_libreoffice(written, soffice) -> Path:
    """What LibreOffice makes of the DOCX and XLSX files."""
    for kind, made in (("docx", "fodt"), ("docx", "pdf"), ("xlsx", "fods")):
        command = [soffice, f"-env:UserInstallation={(written / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", made, "--outdir", written / f"from {kind}"]
        command += [written / f"{name}.{kind}" for name in NAMES]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=240)
        assert done.returncode == 0 and "Error" not in done.stdout + done.stderr
    return written


def pdf_words(pdftotext: str, content: bytes) -> list[tuple[tuple[float, float], list[tuple[str, list[float]]]]]:
    """The pages of a PDF file: the size of each, and its words with their boxes."""
    done = subprocess.run([pdftotext, "-bbox", "-", "-"], input=content, capture_output=True, check=True)
    pages = []
    for part in done.stdout.decode("utf-8").split("<page ")[1:]:
        size = re.match(r'width="([\d.]+)" height="([\d.]+)"', part)
        found = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', part, re.S)
        pages.append((tuple(map(float, size.groups())), [(w, list(map(float, box))) for *box, w in found]))
    return pages


def pdf_text(pdftotext: str, content: bytes) -> str:
    return subprocess.run(
        [pdftotext, "-raw", "-enc", "UTF-8", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode("utf-8")


def pdf_structure(pdfinfo: str, content: bytes) -> list[str]:
    """The kinds of the tagged parts of a PDF file, in the order in which they are read."""
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        done = subprocess.run([pdfinfo, "-struct", file.name], capture_output=True, text=True, check=True)
    return re.findall(r"^ *([A-Z][A-Za-z0-9]*)(?= |:|$)", done.stdout, re.M)


def bare(text: str) -> str:
    return "".join(text.split())


def test_a_document_of_large_pictures_is_set_by_a_process_of_its_own_to_the_same_bytes(monkeypatch):
    here, started = as_pdf(brief()), []
    monkeypatch.setattr(as_pdf_module, "LARGE", 1)
    usual = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda words, **how: started.append(words[0]) or usual(words, **how))
    assert as_pdf(brief()) == here and started == [sys.executable]


def test_the_same_document_is_the_same_bytes_in_another_process(written):
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT / "tests"), "TZ": "Etc/GMT+1"}
    ran = subprocess.run([sys.executable, "-c", HASHES], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    files = {f"{name} {kind}": written / f"{name}.{kind}" for name in NAMES for kind in WRITERS}
    here = {f"{told} {hashlib.sha256(path.read_bytes()).hexdigest()}" for told, path in files.items()}
    assert set(ran.stdout.splitlines()) == here and len(here) == len(NAMES) * len(WRITERS)
    again = hashlib.sha256(as_pdf(brief())).hexdigest()
    assert f"brief pdf {again}" in ran.stdout


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_archives_carry_no_date_and_no_author(written, kind):
    with ZipFile(written / f"brief.{kind}") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode("utf-8")
        assert not [name for name in archive.namelist() if "thumbnail" in name or "customXml" in name]
    assert re.findall(r"\d{4}-\d{2}-\d{2}", core) == ["2000-01-01"] * 2
    assert re.findall(r"<dc:creator[^>]*>(.*?)<", core) == ["taprev"] and "python" not in core
    assert "Training of staff: what the evidence says" in core and "en-GB" in core


@pytest.mark.parametrize("name", NAMES)
def test_a_docx_file_read_back(written, name):
    document, docx = samples()[name], open_docx(written / f"{name}.docx")
    assert docx.paragraphs[0].style.name == "Title"
    assert docx.paragraphs[0].text == plain.line(document.title)
    assert len(docx.tables) == len(tables(document))
    for made, table in zip(docx.tables, tables(document), strict=True):
        shown = [[cell.text for cell in line.cells] for line in made.rows]
        assert shown == [heads(table), *body(table)]
        marked = [line._tr.find(f".//{qn('w:tblHeader')}") is not None for line in made.rows]
        assert marked == [True, *[False] * (len(marked) - 1)]
        assert all(line._tr.find(f".//{qn('w:cantSplit')}") is not None for line in made.rows)
        described = made._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert described == plain.line(table.caption or table.name)
    alternatives = [shape._inline.docPr.get("descr") for shape in docx.inline_shapes]
    pictures = [block for block in document.blocks if isinstance(block, Picture)]
    assert alternatives == [plain.line(one.alternative) for one in pictures]
    texts = [paragraph.text for paragraph in docx.paragraphs]
    for block in document.blocks:
        assert all(text in texts for text in said_by(block))


def test_a_docx_file_has_words_own_styles_and_our_paper(written):
    docx = open_docx(written / "brief.docx")
    used = {paragraph.style.name for paragraph in docx.paragraphs}
    assert used >= {"Title", "Subtitle", "Heading 1", "Heading 2", "List Bullet", "Caption", "Normal", "Lead"}
    assert {table.style.name for table in docx.tables} == {"Quiet Table"}
    language = docx.styles.element.find(f".//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "en-GB"
    section = open_docx(written / "findings.docx").sections[0]
    assert [round(length.mm) for length in (section.page_width, section.page_height, section.left_margin)] == [
        297,
        210,
        20,
    ]
    foot = section.footer.paragraphs[0]._p
    assert {field.get(qn("w:instr")) for field in foot.iter(qn("w:fldSimple"))} == {"PAGE", "NUMPAGES"}
    links = [one.target_ref for one in docx.part.rels.values() if one.is_external]
    assert links == ["https://example.org/alder"]


def test_text_from_right_to_left_is_marked_in_a_docx_file(written):
    docx = open_docx(written / "hostile.docx")
    for paragraph in docx.paragraphs:
        marked = paragraph._p.find(f".//{qn('w:bidi')}") is not None
        assert marked == plain.right_to_left(paragraph.text), paragraph.text


@pytest.mark.parametrize("name", NAMES)
def test_an_xlsx_file_read_back(written, name):
    document, book = samples()[name], load_workbook(written / f"{name}.xlsx")
    assert book.sheetnames[0] == "About" and len(book.sheetnames) == 1 + len(tables(document))
    assert book["About"]["A1"].value == plain.line(document.title)
    said = [cell.value or "" for (cell,) in book["About"].iter_rows(max_col=1)]
    for block in document.blocks:
        mark = "• " if isinstance(block, Items) else ""
        assert all(f"{mark}{text}".strip() in said for text in said_by(block))
    for sheet, table in zip(book.worksheets[1:], tables(document), strict=True):
        grouped = any(section.name for section in table.sections)
        rows = [
            [*[plain.line(section.name)] * grouped, *(held(cell.text) for cell in cells)]
            for section in table.sections
            for cells in section.rows
        ]
        shown = [[cell.value for cell in cells] for cells in sheet.iter_rows()]
        assert [str(value or "") for value in shown[0]] == ["Group"] * grouped + heads(table)
        numbers = [*[False] * grouped, *(column.numbers for column in table.columns)]
        for cells, row_held in zip(sheet.iter_rows(min_row=2), rows, strict=True):
            for cell, text, number in zip(cells, row_held, numbers, strict=True):
                if number and is_number(text):
                    assert cell.data_type == "n" and float(text) == cell.value
                else:
                    assert cell.data_type in ("s", "n") and (cell.value or "") == text
                assert cell.alignment.wrap_text
        assert sheet.freeze_panes == "A2" and sheet["A1"].font.bold and sheet.print_title_rows == "$1:$1"
        once = len({str(head).casefold() for head in shown[0]}) == len(shown[0]) and all(shown[0])
        assert [one.ref for one in sheet.tables.values()] == ([sheet.dimensions] if once and rows else [])
        assert bool(sheet.auto_filter.ref) == bool(rows and not once)


def test_numbers_of_an_xlsx_file_keep_their_decimals(written):
    sheet = load_workbook(written / "brief.xlsx")["Studies"]
    assert [cell.value for cell in sheet["D"]] == ["Change", 0.85, -0.1, 1.2]
    assert {cell.number_format for cell in sheet["D"][1:]} == {"0.00"}
    assert [cell.value for cell in sheet["C"]] == ["People", 32, 120, "not said"]
    assert [cell.value for cell in sheet["A"]] == ["Group", "Before and after", "Before and after", None]
    assert sheet["E2"].hyperlink.target == "https://example.org/alder" and sheet["E4"].hyperlink is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", True),
        ("-0.10", True),
        ("12", True),
        ("007", False),
        ("1e5", False),
        ("+3", False),
        ("−3", False),
        ("1,000", False),
        ("", False),
        ("٣", False),
        ("1.", False),
        ("1234567890123456", False),
        ("3 ", False),
    ],
)
def test_only_plain_numbers_become_numbers(text, number):
    assert is_number(text) is number


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://example.org/a?b=c#d", True),
        ("../figures/forest_x.svg", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc", False),
        ("//example.org", False),
        ("/etc", False),
        ("", False),
        ("https://a b", False),
        ("#here", False),
        ("C:\\x", False),
        ("\\\\server\\x", False),
    ],
)
def test_only_addresses_of_the_web_and_of_files_nearby_are_followed(text, kept):
    assert followed(text) == (text if kept else "")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("10.1136/bmj-2021-069155", "https://doi.org/10.1136/bmj-2021-069155"),
        ("doi:10.1002/(SICI)1097-0258", "https://doi.org/10.1002/(SICI)1097-0258"),
        ('10.1/"onclick="x', ""),
        ("10.1000/a b", ""),
        ("../figures/forest_x.svg", ""),
        ("notes.html", ""),
        ("vbscript:x", ""),
        ("java\nscript:alert(1)", ""),
        ("", ""),
    ],
)
def test_an_address_from_a_table_is_one_of_the_web_or_a_doi(text, address):
    assert web_address(text) == address


def test_names_of_sheets_are_short_legal_and_single():
    names = sheet_names(["About", "a" * 40, "A" * 40, "[x]/y?", "", "'", "History", "Table", "x\x00y"])
    assert len({name.casefold() for name in (*names, "About")}) == 10
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)
    assert "history" not in {name.casefold() for name in names}


def test_columns_share_the_width_and_none_is_too_narrow():
    shared = widths((Column("a", 3), Column("b", 1), Column("c", 0)), 100)
    assert sum(shared) == pytest.approx(100) and min(shared) > 4 and shared[0] == pytest.approx(3 * shared[1])


def odf_text(element: ElementTree.Element) -> str:
    """The text of a cell, a line for every paragraph and every break."""
    text, space = ODF % "text", ""
    parts = []
    for paragraph in element.iter(f"{text}p"):
        line = paragraph.text or ""
        for one in paragraph.iter():
            if one is not paragraph:
                line += {f"{text}line-break": "\n", f"{text}s": " ", f"{text}tab": "\t"}.get(one.tag, space)
                line += (one.text or "") + (one.tail or "")
        parts.append(line)
    return "\n".join(parts)


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", NAMES)
def test_libreoffice_reads_every_cell_of_a_docx_file(by_libreoffice, name):
    tree = ElementTree.parse(by_libreoffice / "from docx" / f"{name}.fodt")
    made = list(tree.iter(f"{ODF % 'table'}table"))
    wanted = tables(samples()[name])
    assert len(made) == len(wanted)
    for one, table in zip(made, wanted, strict=True):
        [header] = one.iter(f"{ODF % 'table'}table-header-rows")
        assert [odf_text(cell) for cell in header.iter(f"{ODF % 'table'}table-cell")] == heads(table)
        rows = [
            [odf_text(cell) for cell in line.iter(f"{ODF % 'table'}table-cell")]
            for line in one.iter(f"{ODF % 'table'}table-row")
        ]
        shown = [
            line[:1] if len(set(line)) == 1 and len(rows[number]) == 1 else line
            for number, line in enumerate([heads(table), *body(table)])
        ]
        assert rows == shown
    assert (by_libreoffice / "from docx" / f"{name}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", NAMES)
def test_libreoffice_reads_every_cell_of_an_xlsx_file(by_libreoffice, name):
    tree = ElementTree.parse(by_libreoffice / "from xlsx" / f"{name}.fods")
    sheets = list(tree.iter(f"{ODF % 'table'}table"))
    wanted = tables(samples()[name])
    assert len(sheets) == 1 + len(wanted)
    for sheet, table in zip(sheets[1:], wanted, strict=True):
        found = {odf_text(cell) for cell in sheet.iter(f"{ODF % 'table'}table-cell")}
        rows = [line for line in body(table) if len(set(line)) > 1 or not line[0]]
        assert all(text in found for line in rows for text in line if text)
        assert all(head in found for head in heads(table) if head)
    assert not list(tree.iterfind(f".//*[@{ODF % 'table'}formula]"))


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_a_page_in_a_browser(written, browser, name):
    document = samples()[name]
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((written / f"{name}.html").as_uri())
    assert Axe().run(page).response["violations"] == []
    assert [url for url in asked[1:] if not url.startswith("data:")] == [] and said == []
    assert page.locator("html").get_attribute("lang") == "en-GB"
    for made, table in zip(page.locator("table").all(), tables(document), strict=True):
        shown = made.evaluate("""one => [...one.rows].map(row => [...row.cells].map(cell => cell.innerText))""")
        texts = [[" ".join(text.split()) for text in line] for line in shown]
        wanted = [line[:1] if section else line for line, section in _lines(table)]
        assert texts == [[" ".join(text.split()) for text in line] for line in wanted]
        scopes = made.evaluate("one => [...one.querySelectorAll('th')].map(cell => cell.scope)")
        assert set(scopes) <= {"col", "row", "rowgroup"}
    assert page.locator("img").evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    page.set_viewport_size({"width": 375, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def _lines(table: Table) -> list[tuple[list[str], bool]]:
    """Every row of a table as a page shows it, and whether it is the name of a section."""
    shown = [(heads(table), False)]
    for section in table.sections:
        shown += [([plain.line(section.name)], True)] if section.name else []
        shown += [([held(cell.text) for cell in cells], False) for cells in section.rows]
    return shown


def test_a_page_is_whole_and_lies_on_paper_as_it_should():
    text = as_html(brief()).decode("utf-8")
    assert "size: A4 portrait" in text and "size: A4 landscape" in as_html(findings()).decode("utf-8")
    assert base64.b64encode(picture()).decode("ascii") in text
    assert set(re.findall(r'(?:src|href)="([^"]{0,30})', text)) == {
        "https://example.org/alder",
        "data:image/png;base64,iVBORw0K",
    }
    assert "23 of 1,000<br>[17 to 31]" in as_html(findings()).decode("utf-8")
    assert "<script>" not in as_html(hostile()).decode("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_out_of_a_page_of_a_pdf_file(written, pdftotext, name):
    document = samples()[name]
    pages = pdf_words(pdftotext, (written / f"{name}.pdf").read_bytes())
    margin, edge = 20 / 25.4 * 72, 1.5
    for size, words in pages:
        assert size == pytest.approx(A4[document.landscape], abs=0.02)
        for word, (left, top, right, bottom) in words:
            assert margin - edge <= left and right <= size[0] - margin + edge, word
            assert margin - 6 <= top and bottom <= size[1] - 20, word
    last = " ".join(word for word, _ in pages[-1][1])
    assert f"page {len(pages)} of {len(pages)}" in last


def test_heads_are_repeated_on_every_page_of_a_pdf_file(written, pdftotext):
    pages = pdf_words(pdftotext, (written / "many_findings.pdf").read_bytes())
    assert len(pages) >= 4
    for number, (_, words) in enumerate(pages, start=1):
        said = " ".join(word for word, _ in words)
        assert said.startswith("⊕⊕⊕⊕ high") or ("Outcome" in said and "Certainty" in said)
        assert f"page {number} of {len(pages)}" in said


@pytest.mark.parametrize("name", ["findings", "many_findings", "brief", "nothing"])
def test_the_text_of_a_pdf_file_comes_back(written, pdftotext, name):
    document = samples()[name]
    said = pdf_text(pdftotext, (written / f"{name}.pdf").read_bytes())
    words = set(said.split())
    for table in tables(document):
        for line in [heads(table), *body(table)]:
            assert all(word in words for text in line for word in text.split()), line
    for block in document.blocks:
        assert all(word in words for text in said_by(block) for word in text.split())


def test_a_pdf_file_says_which_characters_it_lacks(written, pdftotext, monkeypatch):
    said = bare(pdf_text(pdftotext, (written / "hostile.pdf").read_bytes()))
    assert "系统评价" in said and bare("U+1F389 PARTY POPPER") in said and "□□□" in said
    monkeypatch.setattr(as_pdf_module, "lacking", lambda text: {char for char in text if char >= "\u4e00"})
    said = bare(pdf_text(pdftotext, as_pdf(hostile())))
    assert bare("U+7CFB CJK UNIFIED IDEOGRAPH-7CFB") in said and "□□□□□□" in said
    assert lacking_words(["中"] * 25).endswith("and 5 more.")
    assert "□" not in pdf_text(pdftotext, as_pdf(findings()))


def test_a_pdf_file_names_itself(written):
    content = (written / "brief.pdf").read_bytes()
    assert b"/Lang(en-GB)" in content and b"/CreationDate(D:20000101" in content
    assert b"/Title(" in content and content.count(b"/ID[(") == 1
    assert content.count(b"/FontFile2") == 2


def test_a_screen_reader_meets_the_parts_of_a_pdf_file(written, pdfinfo):
    parts = pdf_structure(pdfinfo, (written / "brief.pdf").read_bytes())
    assert {"H1", "H2", "P", "Table", "TH", "TD", "LI", "Figure"} <= set(parts)
    content = (written / "brief.pdf").read_bytes()
    drawn = [block for block in brief().blocks if isinstance(block, Picture)]
    assert drawn and content.count(b"/Alt(") >= len(drawn) and b"<pdfuaid:part>1</pdfuaid:part>" in content


def test_a_row_that_no_page_can_hold_goes_on_with_the_next(pdftotext):
    words = [f"w{number}" for number in range(4000)]
    table = Table("t", "c", (Column("Head", 1), Column("Other", 1)), (TableSection("s", (row(" ".join(words), "x"),)),))
    pages = pdf_words(pdftotext, as_pdf(Document("t", "", (table,), "i")))
    found = [word for _, page in pages for word, _ in page if re.fullmatch(r"w\d+", word)]
    assert sorted(found) == sorted(words) and len(pages) > 2
    assert all("Head" in [word for word, _ in page] for _, page in pages)


def test_heads_that_no_page_can_hold_do_not_stop_the_pdf_file(pdftotext):
    table = Table("t", "c", (Column("head " * 3000, 1), Column("Other", 1)), (TableSection("s", (row("x", "y"),)),))
    assert pdf_text(pdftotext, as_pdf(Document("t", "", (table,), "i"))).count("head") >= 3000


def test_letters_from_the_right_are_put_in_the_order_in_which_they_are_seen(pdftotext):
    said = pdf_text(pdftotext, as_pdf(Document("t", "", (Paragraph("שלום (עולם) 12"),), "i")))
    assert "שלום" in said and "עולם" in said


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_no_text_stops_a_writer(texts):
    for write in WRITERS.values():
        assert write(one_table(*texts))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE)), min_size=1, max_size=4))
def test_any_text_comes_back_from_docx_xlsx_and_html(texts):
    document = one_table(*texts)
    [table] = tables(document)
    docx = open_docx(io.BytesIO(as_docx(document)))
    assert [[cell.text for cell in line.cells] for line in docx.tables[0].rows] == [
        heads(table),
        *body(table),
    ]
    sheet = load_workbook(io.BytesIO(as_xlsx(document))).worksheets[1]
    values = ["" if cell.value is None else str(cell.value) for cell in next(sheet.iter_rows(min_row=2))][-len(texts) :]
    for value, text in zip(values, texts, strict=True):
        assert value == held(text) or float(value) == float(held(text))
    page = as_html(document).decode("utf-8")
    for text in texts:
        for line in plain.lines(text):
            assert _escaped(line) in page


def _escaped(text: str) -> str:
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
        text = text.replace(char, name)
    return text


def _simple() -> list[str]:
    """The characters of the font that read from the left and are no compound of others."""
    known = TTFont(str(folders()[0] / "DejaVuSans-Bold.ttf")).getBestCmap()
    return [
        char
        for char in map(chr, known)
        if unicodedata.category(char) in ("Lu", "Ll", "Nd", "Po", "Sm")
        and ord(char) < 0x500
        and unicodedata.normalize("NFKC", char) == char
        and unicodedata.bidirectional(char) in ("L", "EN", "ON")
    ]


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.sampled_from(_simple()), min_size=1, max_size=80))
def test_any_text_comes_back_from_pdf(pdftotext, text):
    table = Table("t", "", (Column("", 1), Column("", 1)), (TableSection("", ((TableCell(text), TableCell("")),)),))
    assert bare(text) in bare(pdf_text(pdftotext, as_pdf(Document("", "", (table,), ""))))


def test_a_picture_in_a_cell_is_in_the_cell_of_every_format(pdftotext):
    drawn = Picture(picture(300, 60), "Bars of one outcome", 0.9)
    cells = (TableCell("first"), TableCell("second\nline", picture=drawn))
    table = Table("t", "c", (Column("a", 1), Column("b", 2)), (TableSection("s", (cells,) * 40),))
    document = Document("t", "", (table,), "i")
    page = as_html(document).decode("utf-8")
    assert page.count('alt="Bars of one outcome"') == 40 and "second<br>line<img" in bare(page)
    docx = open_docx(io.BytesIO(as_docx(document)))
    place = docx.tables[0].cell(2, 1)
    assert place.text.strip() == "second\nline" and len(place._tc.findall(f".//{qn('w:drawing')}")) == 1
    assert {shape._inline.docPr.get("descr") for shape in docx.inline_shapes} == {"Bars of one outcome"}
    assert load_workbook(io.BytesIO(as_xlsx(document)))["t"]["C2"].value == "second\nline"
    content = as_pdf(document)
    pages = pdf_words(pdftotext, content)
    tops = [[box[1] for word, box in words if word == "second"] for _, words in pages]
    assert sum(map(len, tops)) == 40 and content.count(b"/Subtype/Image") == 1
    assert min(b - a for page in tops for a, b in pairwise(page)) > 60


def test_a_document_without_studies_can_be_written():
    for write in WRITERS.values():
        assert write(nothing()) and write(Document("", "", (), ""))
