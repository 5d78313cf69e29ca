"""A document as a DOCX file: Word's own styles, so that whoever takes it can change it."""

from __future__ import annotations

import io
from importlib.resources import files

from docx import Document as new_docx
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table as DocxTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph

from taprev.report.documents.document import (
    Block,
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
from taprev.report.writers import docx_marks as marks
from taprev.report.writers import plain
from taprev.report.writers.archive import undated
from taprev.report.writers.docx_pictures import Pictures
from taprev.report.writers.paper import LANGUAGE, MAKER, UNDATED, margin, size, text_width, widths
from taprev.wording.addresses import followed

STYLES = files("taprev.report.writers") / "document_styles.xml"
KINDS = {"body": "Normal", "lead": "Lead", "note": "Note"}
HEADINGS = {2: "Heading 1", 3: "Heading 2"}
FOOT = 10
PADDING = Mm(1.5)
TALLEST = 0.9
TABLES_AT_THE_MARGIN = "15"
UNUSED = ("/thumbnail", "/stylesWithEffects", "/customXml")


def as_docx(document: Document) -> bytes:
    """Return the document as the bytes of a DOCX file."""
    docx = _empty(document)
    _say(docx.add_paragraph(style="Title"), document.title)
    if document.subtitle:
        _say(docx.add_paragraph(style="Subtitle"), document.subtitle)
    pictures = Pictures(docx.part)
    for block in document.blocks:
        _add(docx, pictures, document, block)
    out = io.BytesIO()
    docx.save(out)
    return undated(out.getvalue())


def _empty(document: Document) -> Docx:
    """Return an empty file with our styles and our paper."""
    docx = new_docx()
    for owner in (docx.part, docx.part.package):
        for key in [key for key, relation in owner.rels.items() if relation.reltype.endswith(UNUSED)]:
            del owner.rels[key]
    styles = docx.styles.element
    styles[:] = parse_xml(STYLES.read_bytes())[:]
    if document.compact:
        marks.smaller(styles)
    docx.settings.element.find(qn("w:themeFontLang")).set(qn("w:val"), LANGUAGE)
    docx.settings.element.find(f".//{qn('w:compatSetting')}").set(qn("w:val"), TABLES_AT_THE_MARGIN)
    _name(docx, document)
    _lay(docx, document)
    return docx


def _name(docx: Docx, document: Document) -> None:
    properties = docx.core_properties
    properties.title, properties.author, properties.last_modified_by = (
        plain.line(document.title)[:255],
        MAKER,
        MAKER,
    )
    properties.comments, properties.keywords, properties.language = "", document.identifier, LANGUAGE
    properties.created = properties.modified = UNDATED.replace(tzinfo=None)


def _lay(docx: Docx, document: Document) -> None:
    """Set the paper, and the imprint and the number of the page at its foot."""
    section = docx.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if document.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = map(Mm, size(document))
    white = Mm(margin(document))
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = white
    section.header_distance = section.footer_distance = Mm(FOOT)
    foot = section.footer.paragraphs[0]
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(text_width(document)), WD_TAB_ALIGNMENT.RIGHT)
    foot.add_run(f"{plain.line(document.imprint)}\tpage ")
    marks.field(foot, "PAGE")
    foot.add_run(" of ")
    marks.field(foot, "NUMPAGES")


def _add(docx: Docx, pictures: Pictures, document: Document, block: Block) -> None:
    match block:
        case Heading(text, level):
            _say(docx.add_paragraph(style=HEADINGS[level]), text)
        case Paragraph(text, kind):
            _say(docx.add_paragraph(style=KINDS[kind]), text)
        case Items(lines):
            for line in lines:
                _say(docx.add_paragraph(style="List Bullet"), line)
        case Table():
            _add_table(docx, pictures, document, block)
        case Picture():
            tallest = Mm((size(document)[1] - 2 * margin(document)) * TALLEST)
            pictures.draw(docx.add_paragraph(style="Picture"), block, Mm(text_width(document)), tallest)


def _say(paragraph: DocxParagraph, text: str) -> None:
    paragraph.add_run(plain.line(text))
    if plain.right_to_left(text):
        marks.from_right_to_left(paragraph)


def _add_table(docx: Docx, pictures: Pictures, document: Document, table: Table) -> None:
    caption = plain.line(table.caption)
    if caption:
        _say(docx.add_paragraph(style="Caption"), caption)
    made = docx.add_table(rows=1, cols=len(table.columns), style="Quiet Table")
    made.autofit = False
    marks.described(made, caption or plain.line(table.name))
    links: dict[str, str] = {}
    across: list[int] = [Mm(width) for width in widths(table.columns, text_width(document))]
    head, text = (docx.styles[name].style_id for name in ("Table Head", "Table Text"))
    for cell, column in zip(made.rows[0].cells, table.columns, strict=True):
        _fill(cell, TableCell(plain.line(column.head)), column, head, links)
    for section in table.sections:
        _add_section(made, pictures, table, section, across, text, links)
    for column, width in zip(made.columns, across, strict=True):
        column.width = width
    for row in made.rows:
        marks.kept_whole(row)
        for cell in row._tr.tc_lst:
            cell.width = sum(across) if cell.grid_span > 1 else across[cell.grid_offset]
    marks.repeated(made.rows[0])
    docx.add_paragraph(style="Table End")


def _add_section(
    made: DocxTable,
    pictures: Pictures,
    table: Table,
    section: TableSection,
    across: list[int],
    style: str,
    links: dict[str, str],
) -> None:
    if section.name:
        whole = marks.across(made.add_row())
        marks.tinted(whole)
        whole.paragraphs[0].style = "Table Section"
        _say(whole.paragraphs[0], section.name)
    for row in section.rows:
        for docx_cell, cell, column, width in zip(made.add_row().cells, row, table.columns, across, strict=True):
            _fill(docx_cell, cell, column, style, links)
            if cell.picture:
                pictures.draw(docx_cell.add_paragraph(style="Table Text"), cell.picture, width - 2 * PADDING)


def _fill(docx_cell: _Cell, cell: TableCell, column: Column, style: str, links: dict[str, str]) -> None:
    """Write the lines of a cell into its first paragraph; `style` is the identifier of one, looked up once a table."""
    paragraph = docx_cell.paragraphs[0]
    paragraph._p.style = style
    run = paragraph.add_run("\n".join(plain.lines(cell.text)))
    if plain.right_to_left(cell.text):
        marks.from_right_to_left(paragraph)
    elif column.numbers:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if cell.text and followed(cell.address):
        run._r.style = "Hyperlink"
        marks.link(paragraph, run, cell.address, links)
