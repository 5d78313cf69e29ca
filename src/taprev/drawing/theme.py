"""One theme for every figure: colours, type, widths and the settings that make drawing repeatable.

Figures are drawn at twice the size at which they are printed: 340 mm wide for a page of 170 mm. The smallest
type is 12 pt, so that nothing falls below 6 pt in print, and a PNG has 300 dots to the printed inch. Lengths are in
points (1/72 inch). Ligatures are off: they would be glyphs of their own, for which a PDF embeds each font twice.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import matplotlib

from taprev.drawing import fonts

WIDTH = 964.0
MARGIN = 16.0
DPI = 150

PAPER = "#FFFFFF"
INK = "#1A1A1A"
GREY = "#595959"
RULE = "#8A8A8A"
ESTIMATE = "#0B5A73"
PREDICTION = "#5A93A6"
BAND = "#EEF2F3"
SHADE = "#DDE5E8"
ZEBRA = "#F6F8F9"

NO_LIGATURES = ("-liga",)
FALLBACK = "'DejaVu Sans', Verdana, Geneva, sans-serif"

HAIRLINE = 0.7
LINE = 1.3
EDGE = 1.6


@dataclass(frozen=True)
class Type:
    """A style of type: size in points, weight, slant and colour."""

    size: float
    colour: str = INK
    weight: str = "normal"
    slant: Literal["normal", "italic"] = "normal"


TITLE = Type(21.0, weight="bold")
SUBTITLE = Type(13.5, GREY)
HEAD = Type(12.5, GREY)
SECTION = Type(14.5, weight="bold")
SECTION_QUIET = Type(13.5, GREY, weight="bold")
NOTE = Type(12.5, GREY)
BODY = Type(13.5)
BODY_QUIET = Type(13.5, GREY)
STRONG = Type(13.5, weight="bold")
SMALL = Type(12.0, GREY)
CAUTION = Type(12.0, INK, slant="italic")
REASON = Type(12.0, GREY, slant="italic")
AXIS = Type(12.5)
SMALLEST = 12.0


def style() -> AbstractContextManager[None]:
    """Return the matplotlib settings of the theme as a context: text stays text, and two runs agree.

    A PDF embeds its fonts as TrueType, which printers ask for; matplotlib takes the size of their parts from
    `ps.fonttype`.
    """
    return matplotlib.rc_context(
        {
            "font.family": list(fonts.FAMILIES),
            "svg.fonttype": "none",
            "svg.hashsalt": "taprev",
            "pdf.fonttype": 42,
            "ps.fonttype": 42,
            "text.usetex": False,
            "text.parse_math": False,
            "text.hinting": "none",
            "axes.unicode_minus": True,
            "path.simplify": False,
            "savefig.facecolor": PAPER,
            "savefig.bbox": None,
            "figure.dpi": 72.0,
        }
    )


def luminance(colour: str) -> float:
    """Return the relative luminance (0 to 1, WCAG 2) of a colour written `#RRGGBB`."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, ground: str = PAPER) -> float:
    """Return the contrast ratio (1 to 21, WCAG 2) of a colour on its ground; grey printing keeps it."""
    lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
