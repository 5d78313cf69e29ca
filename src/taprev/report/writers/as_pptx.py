"""A document as slides: a heading begins one; its title is a real title, its picture has words, its aside is a note."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image
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

from taprev.drawing.theme import Type
from taprev.drawing.typeset import shorten
from taprev.report.documents.document import Aside, Block, Document, Heading, Items, Paragraph, Picture, Table
from taprev.report.writers import plain
from taprev.report.writers.archive import undated
from taprev.report.writers.paper import INK, LANGUAGE, MAKER, PETROL, QUIET, RULE, UNDATED
from taprev.report.writers.slide_room import (
    INDENT,
    LEADING,
    TITLES,
    SlideText,
    divided,
    height,
    largest,
    title_fits,
    title_size,
)

WIDE, HIGH = 960.0, 540.0
SIDE, TOP, FOOT = 44.0, 112.0, 500.0
TITLE_TOP, TITLE_HIGH = 28.0, 72.0
FOOTERS = (10.0, 9.0, 8.0, 7.0, 6.0)
ACROSS, BODY = WIDE - 2 * SIDE, FOOT - TOP
GAP, TEXT_BESIDE, FLAT, LEAST = 24.0, 300.0, 3.2, 170.0
BESIDE_SIZES = (20.0, 18.0, 16.0, 14.0, 13.0, 12.0)
COLUMN_SIZES = (20.0, 18.0, 16.0, 14.0, 12.0)
FONT, BULLET = "Arial", "•"
CONTINUED = " (continued)"
TITLE_ONLY, ONE, TWO = 5, 1, 3
UNUSED = ("/thumbnail", "/printerSettings")


@dataclass(frozen=True)
class Plan:
    """A slide as it will be: its title, its texts, the texts of a second column, its picture and its note."""

    title: str
    lines: tuple[SlideText, ...] = ()
    second: tuple[SlideText, ...] = ()
    picture: Picture | None = None
    note: str = ""


def as_pptx(document: Document) -> bytes:
    """Return the document as the bytes of a PPTX file."""
    pptx = _empty(document)
    plans = [part for plan in _plans(document) for part in _fitted(plan)]
    for number, plan in enumerate(plans, start=1):
        _add(pptx, plan, f"{plain.line(document.imprint)}", f"{number} / {len(plans)}")
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
    properties.last_modified_by, properties.language = MAKER, LANGUAGE
    properties.created = properties.modified = UNDATED.replace(tzinfo=None)
    for layout in (pptx.slide_master, *pptx.slide_layouts):
        for shape in layout.placeholders:
            shape.left, shape.width = Emu(int(shape.left * WIDE / 720)), Emu(int(shape.width * WIDE / 720))
    return pptx


def _plans(document: Document) -> list[Plan]:
    """Return a plan for each slide: the title of the document first, then one for each heading."""
    first = Plan(plain.line(document.title), tuple(_lines(Paragraph(document.subtitle, "lead"))))
    plans = [first]
    for block in document.blocks:
        if isinstance(block, Heading):
            plans.append(Plan(plain.line(block.text)))
        else:
            plans[-1] = _with(plans[-1], block)
    return [_named(plan) for plan in plans]


def _named(plan: Plan) -> Plan:
    """Return a slide whose title fits; a longer title is shortened and stands whole above the texts."""
    if title_fits(plan.title + CONTINUED, ACROSS, TITLE_HIGH):
        return plan
    short = shorten(plan.title, Type(TITLES[-1], weight="bold"), ACROSS * 2)
    return replace(plan, title=short, lines=(SlideText(plan.title), *plan.lines))


def _with(plan: Plan, block: Block) -> Plan:
    match block:
        case Aside(text):
            return replace(plan, note=plain.line(text))
        case Picture():
            return replace(plan, picture=block)
        case Table():
            one, two = _columns(block)
            return replace(plan, lines=(*plan.lines, *one), second=two)
        case _:
            return replace(plan, lines=(*plan.lines, *_lines(block)))


def _lines(block: Block) -> Iterator[SlideText]:
    match block:
        case Paragraph(text, kind) if plain.line(text):
            yield SlideText(plain.line(text), kind)
        case Items(lines):
            yield from (SlideText(plain.line(text), "body", True) for text in lines)


def _columns(table: Table) -> tuple[tuple[SlideText, ...], tuple[SlideText, ...]]:
    """Return the texts of the first two columns of a table, each beneath its head."""
    cells = [row for section in table.sections for row in section.rows]
    one, two = (
        (
            SlideText(plain.line(column.head), "lead"),
            *(SlideText(text, "body", True) for row in cells for text in plain.lines(row[place].text) if text),
        )
        for place, column in enumerate(table.columns[:2])
    )
    return one, two


def _fitted(plan: Plan) -> Iterator[Plan]:
    """Yield a slide, or as many as its texts need so that nothing runs over an edge."""
    again = plan.title + CONTINUED
    if plan.second:
        if _column_size(plan):
            yield plan
            return
        yield from _fitted(Plan(plan.title, plan.lines, note=plan.note))
        yield from _fitted(Plan(again, plan.second, note=plan.note))
        return
    if plan.picture and _place(plan) is None:
        yield from _fitted(Plan(plan.title, plan.lines, note=plan.note))
        yield Plan(again, picture=plan.picture, note=plan.note)
        return
    if plan.picture or largest(plan.lines, ACROSS, BODY):
        yield plan
        return
    for number, lines in enumerate(divided(plan.lines, 16.0, ACROSS, BODY)):
        yield Plan(again if number else plan.title, tuple(lines), note=plan.note)


def _column_size(plan: Plan) -> float | None:
    room = (ACROSS - GAP) / 2
    return next(
        (s for s in COLUMN_SIZES if max(height(plan.lines, s, room), height(plan.second, s, room)) <= BODY), None
    )


@dataclass(frozen=True)
class Box:
    """A place on a slide, in points from its top left corner."""

    left: float
    top: float
    width: float
    height: float


def _place(plan: Plan) -> tuple[float, Box, Box] | None:
    """Return the size of the texts, their box and that of the picture, beside or beneath; None where none fits.

    A flat picture lies beneath the texts, another beside them.
    """
    assert plan.picture
    wide, high = Image.open(io.BytesIO(plan.picture.png)).size
    shape = wide / high
    if not plan.lines:
        return 16.0, Box(SIDE, TOP, ACROSS, 0.0), _inside(Box(SIDE, TOP, ACROSS, BODY), shape)
    if shape < FLAT:
        size = largest(plan.lines, TEXT_BESIDE, BODY, BESIDE_SIZES)
        left = SIDE + TEXT_BESIDE + GAP
        room = Box(left, TOP, WIDE - SIDE - left, BODY)
        return (size, Box(SIDE, TOP, TEXT_BESIDE, BODY), _inside(room, shape)) if size else None
    least = min(ACROSS / shape, LEAST)
    size = largest(plan.lines, ACROSS, BODY - least - GAP, BESIDE_SIZES)
    if size is None:
        return None
    texts = height(plan.lines, size, ACROSS)
    room = Box(SIDE, TOP + texts + GAP / 2, ACROSS, BODY - texts - GAP / 2)
    return size, Box(SIDE, TOP, ACROSS, texts), _inside(room, shape)


def _inside(room: Box, shape: float) -> Box:
    """Return the largest box of a shape in a room, at its top and in its middle."""
    width = min(room.width, room.height * shape)
    return Box(room.left + (room.width - width) / 2, room.top, width, width / shape)


def _add(pptx: Pptx, plan: Plan, imprint: str, number: str) -> None:
    kind = TWO if plan.second else ONE if plan.lines else TITLE_ONLY
    slide = pptx.slides.add_slide(pptx.slide_layouts[kind])
    title = slide.shapes.title
    _put(title, Box(SIDE, TITLE_TOP, ACROSS, TITLE_HIGH))
    title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    _say(title.text_frame.paragraphs[0], plan.title, title_size(plan.title, ACROSS, TITLE_HIGH), PETROL, bold=True)
    if plan.second:
        size, room = _column_size(plan) or COLUMN_SIZES[-1], (ACROSS - GAP) / 2
        _write(slide.placeholders[1], plan.lines, size, Box(SIDE, TOP, room, BODY))
        _write(slide.placeholders[2], plan.second, size, Box(SIDE + room + GAP, TOP, room, BODY))
    elif plan.picture:
        placed = _place(plan)
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
