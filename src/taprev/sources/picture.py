"""The picture of a place in a PDF with a figure marked in it."""

from __future__ import annotations

import io
import math

import pypdfium2
from PIL import Image, ImageDraw

from taprev.sources.page import PrintedWord, Rectangle

SCALE = 2.0
"""Dots to the point: a picture is shown at half its size, and printed sharply."""
WIDEST, BESIDE, ABOVE = 430.0, 14.0, 16.0
MARK, EDGE = (255, 214, 0), (138, 59, 0)
AIR = 1.5


def place_shown(page: tuple[float, float], figure: Rectangle, around: Rectangle) -> Rectangle:
    """Return the part of a page that a picture shows: the words around a figure, as far as they fit beside it."""
    width, height = page
    wide = min(WIDEST, max(around.right - around.left + 2 * BESIDE, WIDEST / 2))
    middle = around.middle if around.right - around.left + 2 * BESIDE <= WIDEST else figure.middle
    left = min(max(0.0, middle - wide / 2), max(0.0, width - wide))
    return Rectangle(left, max(0.0, figure.top - ABOVE), min(width, left + wide), min(height, figure.bottom + ABOVE))


def picture(document: pypdfium2.PdfDocument, number: int, words: list[PrintedWord], figure: list[PrintedWord]) -> bytes:
    """Return a place on a page as PNG, turned so that its words stand upright, with the figure in a frame."""
    page = document[number - 1]
    try:
        marked, around = _hull(figure), _hull(words)
        size = page.get_size()
        shown = place_shown(size, marked, around) if figure[0].turned % 2 == 0 else _turned_place(size, marked, around)
        crop = (shown.left, size[1] - shown.bottom, size[0] - shown.right, shown.top)
        drawn = page.render(scale=SCALE, crop=crop).to_pil().convert("RGB")
    finally:
        page.close()
    return _png(_marked(drawn, marked, shown).rotate(90 * _quarters(figure[0]), expand=True))


def _turned_place(size: tuple[float, float], figure: Rectangle, around: Rectangle) -> Rectangle:
    """Return the part of a page that is shown of words that run up or down it."""
    turned = place_shown((size[1], size[0]), _swapped(figure), _swapped(around))
    return _swapped(turned)


def _swapped(box: Rectangle) -> Rectangle:
    return Rectangle(box.top, box.left, box.bottom, box.right)


def _quarters(word: PrintedWord) -> int:
    return {0: 0, 1: 3, 2: 2, 3: 1}[word.turned]


def _hull(words: list[PrintedWord]) -> Rectangle:
    places = [word.place for word in words if word.place is not None]
    hull = places[0]
    for place in places[1:]:
        hull = hull.around(place)
    return hull


def _marked(drawn: Image.Image, figure: Rectangle, shown: Rectangle) -> Image.Image:
    """Return a picture in which a rectangle is tinted, as with a marker, and framed."""
    frame = (
        math.floor(SCALE * (figure.left - shown.left - AIR)),
        math.floor(SCALE * (figure.top - shown.top - AIR)),
        math.ceil(SCALE * (figure.right - shown.left + AIR)),
        math.ceil(SCALE * (figure.bottom - shown.top + AIR)),
    )
    tint = Image.new("RGB", drawn.size, "white")
    ImageDraw.Draw(tint).rectangle(frame, fill=MARK)
    marked = Image.composite(Image.blend(drawn, tint, 0.35), drawn, _inside(drawn.size, frame))
    ImageDraw.Draw(marked).rectangle(frame, outline=EDGE, width=2)
    return marked


def _inside(size: tuple[int, int], frame: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rectangle(frame, fill=255)
    return mask


def _png(drawn: Image.Image) -> bytes:
    buffer = io.BytesIO()
    drawn.quantize(32).save(buffer, "png", dpi=(72 * SCALE, 72 * SCALE), optimize=True)
    return buffer.getvalue()
