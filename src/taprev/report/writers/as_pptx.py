"""A document as slides: a heading begins one; its title is a real title, its picture has words, its aside is a note."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Pptx
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.text.text import TextFrame, _Paragraph
from pptx.util import Emu, Pt

from taprev.report.documents.document import Document, Picture
from taprev.report.writers import plain
from taprev.report.writers.archive import undated
from taprev.report.writers.paper import INK, LANGUAGE, MAKER, PETROL, QUIET, RULE, UNDATED
from taprev.report.writers.slide_plan import (
    ACROSS,
    BODY,
    COLUMN_SIZES,
    FOOT,
    GAP,
    HIGH,
    SIDE,
    TITLE_HIGH,
    TITLE_TOP,
    TOP,
    WIDE,
    Box,
    Plan,
    column_size,
    fitted,
    place_of,
    plans,
)
from taprev.report.writers.slide_room import (
    INDENT,
    LEADING,
    SlideText,
    largest,
    title_size,
)

FOOTERS = (10.0, 9.0, 8.0, 7.0, 6.0)
FONT, BULLET = "Arial", "•"
TITLE_ONLY, ONE, TWO = 5, 1, 3
UNUSED = ("/thumbnail", "/printerSettings")


def as_pptx(document: Document) -> bytes:
    """Return the document as the bytes of a PPTX file."""
    pptx = _empty(document)
    made = [part for plan in plans(document) for part in fitted(plan)]
    for number, plan in enumerate(made, start=1):
        _add(pptx, plan, f"{plain.line(document.imprint)}", f"{number} / {len(made)}")
    out = io.BytesIO()
    pptx.save(out)
    return undated(out.getvalue())


def _empty(document: Document) -> Pptx:
    """Return an empty file of our size, with our fonts and without what we do not use."""
    pptx = Presentation()
    pptx.slide_width, pptx.slide_height = Pt(WIDE), Pt(HIGH)
    for owner in (pptx.part, pptx.part.package):
        rels = getattr(owner, "rels", None) or owner._rels
        for key in [key for key, relation in rels.items() if relation.reltype.endswith(UNUSED)]:
            rels.pop(key)
    properties = pptx.core_properties
    properties.title, properties.author = plain.line(document.title)[:255], MAKER
    properties.keywords = document.identifier
    properties.last_modified_by, properties.language = MAKER, LANGUAGE
    properties.created = properties.modified = UNDATED.replace(tzinfo=None)
    for layout in (pptx.slide_master, *pptx.slide_layouts):
        for shape in layout.placeholders:
            shape.left, shape.width = Emu(int(shape.left * WIDE / 720)), Emu(int(shape.width * WIDE / 720))
    return pptx


def _add(pptx: Pptx, plan: Plan, imprint: str, number: str) -> None:
    kind = TWO if plan.second else ONE if plan.lines else TITLE_ONLY
    slide = pptx.slides.add_slide(pptx.slide_layouts[kind])
    title = slide.shapes.title
    _put(title, Box(SIDE, TITLE_TOP, ACROSS, TITLE_HIGH))
    title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    _say(title.text_frame.paragraphs[0], plan.title, title_size(plan.title, ACROSS, TITLE_HIGH), PETROL, bold=True)
    if plan.second:
        size, room = column_size(plan) or COLUMN_SIZES[-1], (ACROSS - GAP) / 2
        _write(slide.placeholders[1], plan.lines, size, Box(SIDE, TOP, room, BODY))
        _write(slide.placeholders[2], plan.second, size, Box(SIDE + room + GAP, TOP, room, BODY))
    elif plan.picture:
        placed = place_of(plan)
        assert placed
        size, texts, room_of_picture = placed
        if plan.lines:
            _write(slide.placeholders[1], plan.lines, size, texts)
        _draw(slide, plan.picture, room_of_picture)
    elif plan.lines:
        size = largest(plan.lines, ACROSS, BODY) or 16.0
        _write(slide.placeholders[1], plan.lines, size, Box(SIDE, TOP, ACROSS, BODY))
    _foot(slide, imprint, number)
    if plan.note:
        slide.notes_slide.notes_text_frame.text = plan.note


def _put(shape: Shape, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = (
        Pt(value) for value in (box.left, box.top, box.width, box.height)
    )
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0


def _write(shape: Shape, lines: Sequence[SlideText], size: float, box: Box) -> None:
    _put(shape, box)
    frame: TextFrame = shape.text_frame
    frame.vertical_anchor = MSO_ANCHOR.TOP
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        own = line.size(size)
        colour = QUIET if line.kind == "note" else INK
        _say(paragraph, line.text, own, colour, bold=line.kind == "lead")
        paragraph.space_before, paragraph.space_after = Pt(0), Pt(own * 0.5)
        _bullet(paragraph, line.item)


def _say(paragraph: _Paragraph, text: str, size: float, colour: str, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold, run.font.name = text, Pt(size), bold, FONT
    run.font.color.rgb = RGBColor.from_string(colour)
    run._r.get_or_add_rPr().set("lang", LANGUAGE)
    paragraph.line_spacing = Pt(round(size * (LEADING - 0.08), 1))
    properties = paragraph._p.get_or_add_pPr()
    properties.set("algn", "l")
    if plain.right_to_left(text):
        properties.set("rtl", "1")
        properties.set("algn", "r")


def _bullet(paragraph: _Paragraph, item: bool) -> None:
    """Give an item its bullet, and take it from every other paragraph."""
    properties = paragraph._p.get_or_add_pPr()
    indent = int(Pt(INDENT)) if item else 0
    properties.set("marL", str(indent))
    properties.set("indent", str(-indent))
    mark = properties.makeelement(qn("a:buChar"), {"char": BULLET}) if item else properties.makeelement(qn("a:buNone"))
    properties.append(mark)


def _draw(slide: Slide, picture: Picture, box: Box) -> None:
    drawn = slide.shapes.add_picture(io.BytesIO(picture.png), *(Pt(v) for v in (box.left, box.top, box.width)))
    drawn._element.xpath("./p:nvPicPr/p:cNvPr")[0].set("descr", plain.line(picture.alternative))


def _foot(slide: Slide, imprint: str, number: str) -> None:
    """Write the imprint and the number of the slide beneath a line of the house's colour."""
    rule = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Pt(SIDE), Pt(FOOT + 2), Pt(WIDE - SIDE), Pt(FOOT + 2))
    rule.line.color.rgb, rule.line.width = RGBColor.from_string(RULE), Pt(0.75)
    rule._element.remove(rule._element.find(qn("p:style")))
    for text, left, width in ((imprint, SIDE, ACROSS - 60), (number, WIDE - SIDE - 50, 50.0)):
        box = slide.shapes.add_textbox(Pt(left), Pt(FOOT + 6), Pt(width), Pt(HIGH - FOOT - 10))
        _put(box, Box(left, FOOT + 6, width, HIGH - FOOT - 10))
        _say(box.text_frame.paragraphs[0], text, title_size(text, width, HIGH - FOOT - 10, FOOTERS), QUIET)
