"""The words of a PDF with their places, whatever the direction in which they are printed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from ctypes import byref, c_double, c_int
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium

from taprev.sources.page import PrintedWord, Rectangle, SourcePage

SMALL, RAISED = 0.85, 0.12
"""A mark is smaller than the letters before it by this factor, and raised by this part of their height."""
INK_ABOVE, ALMOST_LEVEL = 0.4, 0.01
GAP = 0.25
"""Letters that are farther apart than this part of their height belong to two words."""
HYPHENS = "\u00ad\u0002\ufffe"
MOST_LETTERS = 60_000
FINE = 100


@dataclass(frozen=True)
class _Letter:
    text: str
    left: float
    right: float
    foot: float
    height: float
    turned: int
    place: Rectangle
    raised: bool


def pdf_page(document: pypdfium2.PdfDocument, number: int) -> SourcePage:
    """Return a page of a PDF by its number, with the words that it prints."""
    page = document[number - 1]
    text = page.get_textpage()
    try:
        words = tuple(replace(word, place=_shown(page, word.place)) for word in _words(list(_letters(text))))
        return SourcePage(number, document.get_page_label(number - 1) or "", words)
    finally:
        text.close()
        page.close()


def has_text(document: pypdfium2.PdfDocument, number: int) -> bool:
    """Return whether a page prints any letter that can be read."""
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return False
    text = page.get_textpage()
    try:
        return text.count_chars() > 0
    finally:
        text.close()
        page.close()


def _shown(page: pypdfium2.PdfPage, place: Rectangle | None) -> Rectangle | None:
    """Return where a rectangle of the PDF's own space lies on the page as it is shown, from its upper left corner."""
    if place is None:
        return None
    width, height = (round(FINE * side) for side in page.get_size())
    corners = []
    for x, y in ((place.left, -place.top), (place.right, -place.bottom)):
        across, down = c_int(), c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, byref(across), byref(down))
        corners.append((across.value / FINE, down.value / FINE))
    (x0, y0), (x1, y1) = corners
    return Rectangle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _letters(text: pypdfium2.PdfTextpage) -> Iterator[_Letter | None]:
    """Yield the letters of a page in the order of its text, and None where a space or the end of a line is."""
    loose, x, y = pdfium.FS_RECTF(), c_double(), c_double()
    after_digit = False
    for i in range(min(text.count_chars(), MOST_LETTERS)):
        code = pdfium.FPDFText_GetUnicode(text, i)
        letter = chr(code) if 0 < code < 0x110000 else ""
        if letter in HYPHENS and letter:
            letter = "-"
        if not letter or letter in " \r\n\t":
            yield None
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text, i, loose):
            continue
        pdfium.FPDFText_GetCharOrigin(text, i, x, y)
        raised = (letter.isdigit() or (after_digit and letter.isalnum())) and _is_raised(text, i, y.value)
        after_digit = letter.isdigit()
        angle = -round(math.degrees(pdfium.FPDFText_GetCharAngle(text, i)) / 90) % 4
        place = Rectangle(loose.left, -loose.top, loose.right, -loose.bottom)
        yield _as_read(letter, place, (x.value, -y.value), angle, raised)


def _is_raised(text: pypdfium2.PdfTextpage, i: int, foot: float) -> bool:
    """Return whether the ink of a letter or digit stands above its foot, as in a font that has raised figures."""
    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    pdfium.FPDFText_GetCharBox(text, i, byref(left), byref(right), byref(bottom), byref(top))
    upright = abs(pdfium.FPDFText_GetCharAngle(text, i)) < ALMOST_LEVEL
    return upright and bottom.value - foot > INK_ABOVE * (top.value - bottom.value) > 0


def _as_read(letter: str, place: Rectangle, origin: tuple[float, float], turned: int, raised: bool) -> _Letter:
    """Return a letter with its place along its line and across it."""
    x, y = origin
    left, right, foot = {
        0: (place.left, place.right, y),
        1: (-place.bottom, -place.top, x),
        2: (-place.right, -place.left, -y),
        3: (place.top, place.bottom, -x),
    }[turned]
    height = place.bottom - place.top if turned % 2 == 0 else place.right - place.left
    return _Letter(letter, left, right, foot, height, turned, place, raised)


def _words(letters: list[_Letter | None]) -> Iterator[PrintedWord]:
    line, before = 0, None
    word: list[_Letter] = []
    for letter in letters:
        if word and (letter is None or _begins_another(word[-1], letter)):
            yield _word(word, line)
            word = []
        if letter is None:
            continue
        if before is not None and _on_another_line(before, letter):
            line += 1
        word.append(letter)
        before = letter
    if word:
        yield _word(word, line)


def _begins_another(last: _Letter, letter: _Letter) -> bool:
    if letter.turned != last.turned or _on_another_line(last, letter):
        return True
    gap = letter.left - last.right
    if gap > GAP * last.height or letter.left < last.left - last.height:
        return True
    if letter.raised != last.raised and letter.text.isalnum() and last.text.isalnum():
        return True
    return letter.height < SMALL * last.height and last.foot - letter.foot > RAISED * last.height


def _on_another_line(last: _Letter, letter: _Letter) -> bool:
    return letter.turned != last.turned or abs(letter.foot - last.foot) > 0.6 * max(letter.height, last.height)


def _word(letters: list[_Letter], line: int) -> PrintedWord:
    """Return letters as a word; the frame of each ends at its foot."""
    first = letters[0]
    left, right = min(one.left for one in letters), max(one.right for one in letters)
    foot, height = first.foot, max(one.height for one in letters)
    place = first.place
    for letter in letters[1:]:
        place = place.around(letter.place)
    text = "".join(one.text for one in letters)
    return PrintedWord(text, Rectangle(left, foot - height, right, foot), place, first.turned, line)
