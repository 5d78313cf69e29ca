"""Marks of WordprocessingML that python-docx has no words for."""

from __future__ import annotations

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from taprev.report.writers.paper import TINT

SMALLEST, SMALLER, TIGHTER, CLOSE = 14, 0.82, 0.4, 252
_AFTER_BIDI = (
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:jc",
    "w:rPr",
)


def element(name: str, **values: str) -> BaseOxmlElement:
    """Return an element of the namespace `w` with its attributes."""
    made = OxmlElement(f"w:{name}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def from_right_to_left(paragraph: Paragraph) -> None:
    """Mark a paragraph and its text as read from right to left."""
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(element("bidi"), *_AFTER_BIDI)
    for run in paragraph.runs:
        run.font.rtl = True


def field(paragraph: Paragraph, code: str) -> None:
    """Add a field, such as the number of the page, that the word processor fills in."""
    made = element("fldSimple", instr=code)
    run = element("r")
    run.append(element("t"))
    run[0].text = "1"
    made.append(run)
    paragraph._p.append(made)


def link(paragraph: Paragraph, run: Run, address: str, known: dict[str, str]) -> None:
    """Let a run of a paragraph lead to an address; `known` holds the relation of each address so far.

    python-docx would go through all relations for every link.
    """
    if address not in known:
        relations = paragraph.part.rels
        known[address] = f"link{len(relations)}"
        relations.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, known[address], is_external=True)
    made = OxmlElement("w:hyperlink")
    made.set(qn("r:id"), known[address])
    paragraph._p.append(made)
    made.append(run._r)


def kept_whole(row: _Row) -> None:
    """Mark a row as not to be divided between pages."""
    row._tr.get_or_add_trPr().append(element("cantSplit"))


def repeated(row: _Row) -> None:
    """Mark a row as the heads of the table, shown again on every page."""
    row._tr.get_or_add_trPr().append(element("tblHeader"))


def across(row: _Row) -> _Cell:
    """Return the one cell that a row of empty cells becomes; python-docx would look at every row before it."""
    first, *others = row._tr.tc_lst
    first.grid_span = 1 + len(others)
    for other in others:
        row._tr.remove(other)
    return row.cells[0]


def tinted(cell: _Cell) -> None:
    """Give a cell the tint of our pages."""
    cell._tc.get_or_add_tcPr().append(element("shd", val="clear", color="auto", fill=TINT))


def described(table: Table, text: str) -> None:
    """Give a table the text that stands for it."""
    table._tbl.tblPr.append(element("tblCaption", val=text))


def smaller(styles: BaseOxmlElement) -> None:
    """Set every style smaller and with less white around it, down to the size of the imprint."""
    for tag in ("w:sz", "w:szCs"):
        for size in styles.iter(qn(tag)):
            half_points = int(size.get(qn("w:val")))
            size.set(qn("w:val"), str(max(min(half_points, SMALLEST), round(SMALLER * half_points))))
    for spacing in styles.iter(qn("w:spacing")):
        for side in ("w:before", "w:after"):
            if spacing.get(qn(side)):
                spacing.set(qn(side), str(round(TIGHTER * int(spacing.get(qn(side))))))
        if spacing.get(qn("w:line")):
            spacing.set(qn("w:line"), str(min(CLOSE, int(spacing.get(qn("w:line"))))))
