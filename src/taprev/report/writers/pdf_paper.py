"""Pages of a PDF file on which text is put line by line, with the imprint and the number at each foot.

Every line goes through `fitted` and `put`: the first divides text by the width there is, the second sets a line in
the order in which it is read. A character that the font lacks becomes a box and is kept in `lacking`.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass, replace
from importlib.resources import files

from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont
from PIL import Image

from taprev.report.documents.document import Document, Picture
from taprev.report.writers import plain
from taprev.report.writers.paper import INK, LANGUAGE, MAKER, QUIET, UNDATED, margin

FONTS = files("matplotlib") / "mpl-data" / "fonts" / "ttf"
FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
FAMILY = "DejaVu Sans"
BOX = "□"
TURNED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
POINT = 25.4 / 72
FOOT = 10
SMALLER, TIGHTER, CLOSE = 0.86, 0.45, 1.25


@dataclass(frozen=True)
class PrintType:
    """Type on the page: its size in points, its weight and colour, the height of a line, and the white around."""

    size: float
    bold: bool = False
    colour: str = INK
    leading: float = 1.4
    before: float = 0
    after: float = 0

    @property
    def line(self) -> float:
        """The height of a line in millimetres."""
        return self.size * self.leading * POINT


TITLE = PrintType(18, bold=True, leading=1.2, after=1.5)
SUBTITLE = PrintType(10, colour=QUIET, after=5)
BODY = PrintType(9.5, leading=1.45, after=2.2)
LEAD = PrintType(10.5, leading=1.45, before=1, after=4)
NOTE = PrintType(8, colour=QUIET, before=1, after=2)
PART = PrintType(13, bold=True, leading=1.25, before=5, after=1.5)
SMALLER_PART = PrintType(10.5, bold=True, leading=1.3, before=3, after=1)
CAPTION = PrintType(9, bold=True, before=3, after=1.5)
IMPRINT = PrintType(7, colour=QUIET)


class Paper(FPDF):
    """A4 pages in the orientation of the document, numbered out of a total that is known beforehand."""

    def __init__(self, document: Document, pages: int) -> None:
        super().__init__(orientation="landscape" if document.landscape else "portrait", format="A4")
        self.lacking: dict[str, None] = {}
        for style, name in FACES.items():
            self.add_font(FAMILY, style, str(FONTS / name))
        self.set_margin(margin(document))
        self.compact = document.compact
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.alias_nb_pages(None)  # type: ignore[arg-type]  # as its documentation says
        self.pages_in_all = pages
        self.set_lang(LANGUAGE)
        self.set_title(plain.line(document.title))
        self.set_author(MAKER)
        self.set_creator(MAKER)
        self.set_creation_date(UNDATED)
        self.imprint: list[str] = []
        self.add_page()
        self.imprint = self.fitted(document.imprint, self.epw - 30, IMPRINT)
        self.lowest = self.h - max(margin(document), FOOT + IMPRINT.line * len(self.imprint) + 4)

    def __enter__(self) -> Paper:
        return self

    def __exit__(self, *_: object) -> None:
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """Write the imprint and the number of the page."""
        top = self.h - FOOT - IMPRINT.line * len(self.imprint)
        for number, line in enumerate(self.imprint):
            self.put(line, self.l_margin, top + number * IMPRINT.line, self.epw - 30, IMPRINT)
        counted = f"page {self.page_no()} of {self.pages_in_all}"
        self.put(counted, self.l_margin, top, self.epw, IMPRINT, right=True)

    def use(self, kind: PrintType) -> None:
        """Set the font and its colour."""
        self.set_font(FAMILY, "B" if kind.bold else "", kind.size)
        self.set_text_color(f"#{kind.colour}")

    def suited(self, kind: PrintType) -> PrintType:
        """Return type as this document sets it: smaller and with less white in a compact one."""
        if not self.compact:
            return kind
        return replace(
            kind,
            size=SMALLER * kind.size,
            leading=min(kind.leading, CLOSE),
            before=TIGHTER * kind.before,
            after=TIGHTER * kind.after,
        )

    def room(self, height: float) -> bool:
        """Return whether so much height is left above the foot of the page."""
        return self.y + height <= self.lowest + 0.01

    def fitted(self, text: str, width: float, kind: PrintType) -> list[str]:
        """Return text divided into lines of a width."""
        self.use(kind)
        shown = self._shown(plain.line(text), width)
        lines = self.multi_cell(width, kind.line, shown, align="L", dry_run=True, output=MethodReturnValue.LINES)
        return [str(line) for line in lines] if isinstance(lines, list) else []

    def put(
        self, line: str, x: float, y: float, width: float, kind: PrintType, right: bool = False, link: str = ""
    ) -> None:
        """Put a line at a place, at the right of its width where asked or where it is read from there."""
        self.use(kind)
        self.set_xy(x, y)
        from_right = plain.right_to_left(line)
        self.cell(width, kind.line, _as_seen(line), align="R" if right or from_right else "L", link=link)
        self.set_xy(self.l_margin, y + kind.line)

    def say(self, text: str, kind: PrintType, indent: float = 0) -> None:
        """Put a paragraph below what is there, over as many pages as it needs."""
        kind = self.suited(kind)
        lines = self.fitted(text, self.epw - indent, kind)
        self.y += kind.before if self.y > self.t_margin else 0
        if not self.room(kind.line * min(len(lines), 2)):
            self.add_page()
        for line in lines:
            if not self.room(kind.line):
                self.add_page()
            self.put(line, self.l_margin + indent, self.y, self.epw - indent, kind)
        self.y += kind.after

    def draw(self, picture: Picture, x: float, y: float, width: float) -> None:
        """Draw a picture at a place."""
        self.image(io.BytesIO(picture.png), x, y, width)

    def _shown(self, text: str, width: float) -> str:
        """Return text with a box for every character that the font lacks or that is wider than its line."""
        known = self.current_font.cmap if isinstance(self.current_font, TTFFont) else {}
        boxed = {char for char in text if ord(char) not in known or self.get_string_width(char) > width}
        unseen = {char for char in boxed if unicodedata.category(char) == "Cf"}
        self.lacking |= dict.fromkeys(char for char in text if char in boxed - unseen)
        return "".join(("" if char in unseen else BOX) if char in boxed else char for char in text)


def picture_height(picture: Picture, whole: float) -> float:
    """Return the height of a picture that takes its share of the whole width."""
    with Image.open(io.BytesIO(picture.png)) as image:
        return whole * picture.share * image.height / image.width


def _as_seen(line: str) -> str:
    """Return the characters of a line from left to right as they are seen, brackets turned where they must be."""
    if not any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in line):
        return line
    seen = BidiParagraph(line).get_reordered_characters()
    return "".join(
        glyph.character.translate(TURNED) if glyph.get_direction_from_level() == "R" else glyph.character
        for glyph in seen
    )
