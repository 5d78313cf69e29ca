"""What stands on each slide and where: nothing runs over an edge, and what does not fit goes to a further slide."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PIL import Image

from taprev.drawing.theme import Type
from taprev.drawing.typeset import shorten
from taprev.report.documents.document import Aside, Block, Document, Heading, Items, Paragraph, Picture, Table
from taprev.report.writers import plain
from taprev.report.writers.slide_room import TITLES, SlideText, divided, height, largest, title_fits

WIDE, HIGH = 960.0, 540.0
SIDE, TOP, FOOT = 44.0, 112.0, 500.0
TITLE_TOP, TITLE_HIGH = 28.0, 72.0
ACROSS, BODY = WIDE - 2 * SIDE, FOOT - TOP
GAP, TEXT_BESIDE, FLAT, LEAST = 24.0, 300.0, 3.2, 170.0
BESIDE_SIZES = (20.0, 18.0, 16.0, 14.0, 13.0, 12.0)
COLUMN_SIZES = (20.0, 18.0, 16.0, 14.0, 12.0)
CONTINUED = " (continued)"


@dataclass(frozen=True)
class Plan:
    """A slide as it will be: its title, its texts, the texts of a second column, its picture and its note."""

    title: str
    lines: tuple[SlideText, ...] = ()
    second: tuple[SlideText, ...] = ()
    picture: Picture | None = None
    note: str = ""


def plans(document: Document) -> list[Plan]:
    """Return a plan for each slide: the title of the document first, then one for each heading."""
    first = Plan(plain.line(document.title), tuple(_lines(Paragraph(document.subtitle, "lead"))))
    made = [first]
    for block in document.blocks:
        if isinstance(block, Heading):
            made.append(Plan(plain.line(block.text)))
        else:
            made[-1] = _with(made[-1], block)
    return [_named(plan) for plan in made]


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


def fitted(plan: Plan) -> Iterator[Plan]:
    """Yield a slide, or as many as its texts need so that nothing runs over an edge."""
    again = plan.title + CONTINUED
    if plan.second:
        if column_size(plan):
            yield plan
            return
        yield from fitted(Plan(plan.title, plan.lines, note=plan.note))
        yield from fitted(Plan(again, plan.second, note=plan.note))
        return
    if plan.picture and place_of(plan) is None:
        yield from fitted(Plan(plan.title, plan.lines, note=plan.note))
        yield Plan(again, picture=plan.picture, note=plan.note)
        return
    if plan.picture or largest(plan.lines, ACROSS, BODY):
        yield plan
        return
    for number, lines in enumerate(divided(plan.lines, 16.0, ACROSS, BODY)):
        yield Plan(again if number else plan.title, tuple(lines), note=plan.note)


def column_size(plan: Plan) -> float | None:
    """Return the size at which both columns of a slide fit; None where none does."""
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


def place_of(plan: Plan) -> tuple[float, Box, Box] | None:
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
