"""The picture of a place in a PDF with a figure marked in it."""

from __future__ import annotations

import io
import math

import pypdfium2
from PIL import Image, ImageDraw

from taprev.sources.page import Rectangle

SCALE = 2.0
"""Dots to the point: a picture is shown at half its size, and printed sharply."""
WIDEST, BESIDE, ABOVE = 520.0, 14.0, 18.0
MARK, EDGE = (255, 214, 0), (138, 59, 0)
AIR = 1.5
UPRIGHT = {0: 0, 1: 3, 2: 2, 3: 1}
"""The quarters by which print of each direction is turned to stand upright."""


def place_shown(page: tuple[float, float], figure: Rectangle, around: Rectangle) -> Rectangle:
    """Return the part of a page that a picture shows: the words around a figure, as far as they fit beside it."""
    width, height = page
    wide = min(WIDEST, max(around.right - around.left + 2 * BESIDE, WIDEST / 2))
    middle = around.middle if around.right - around.left + 2 * BESIDE <= WIDEST else figure.middle
    left = min(max(0.0, middle - wide / 2), max(0.0, width - wide))
    return Rectangle(left, max(0.0, figure.top - ABOVE), min(width, left + wide), min(height, figure.bottom + ABOVE))


def picture(page: pypdfium2.PdfPage, mark: Rectangle, around: Rectangle, turned: int) -> bytes:
    """Return a place on a page as PNG, turned so that its words stand upright, with the marked rectangle in a frame."""
    size = page.get_size()
    shown = place_shown(size, mark, around) if turned % 2 == 0 else _turned_place(size, mark, around)
    crop = (shown.left, size[1] - shown.bottom, size[0] - shown.right, shown.top)
    drawn = page.render(scale=SCALE, crop=crop).to_pil().convert("RGB")
    return _png(_marked(drawn, mark, shown).rotate(90 * UPRIGHT[turned], expand=True))


def _turned_place(size: tuple[float, float], figure: Rectangle, around: Rectangle) -> Rectangle:
    """Return the part of a page that is shown of words that run up or down it."""
    turned = place_shown((size[1], size[0]), _swapped(figure), _swapped(around))
    return _swapped(turned)


def _swapped(box: Rectangle) -> Rectangle:
    return Rectangle(box.top, box.left, box.bottom, box.right)


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
    drawn.quantize(64, Image.Quantize.FASTOCTREE).save(buffer, "png", dpi=(72 * SCALE, 72 * SCALE), optimize=True)
    return buffer.getvalue()
