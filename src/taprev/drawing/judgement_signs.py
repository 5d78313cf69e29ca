"""The signs of risk of bias: a sign in a circle for each judgement, so that no colour is needed to read it."""

from __future__ import annotations

from collections.abc import Callable

from taprev.drawing import theme
from taprev.drawing.page import Page

SIZE = 15.0
LIGHTS = {
    "low": ("+", theme.PAPER, theme.ESTIMATE),
    "some concerns": ("–", theme.INK, theme.BAND),
    "moderate": ("–", theme.INK, theme.BAND),
    "high": ("×", theme.PAPER, theme.INK),
    "serious": ("×", theme.PAPER, theme.INK),
    "critical": ("!", theme.PAPER, theme.INK),
    "no information": ("?", theme.GREY, theme.PAPER),
}


def light(judgement: str) -> Callable[[Page, float, float], None]:
    """Return the painter of a judgement."""
    sign, ink, face = LIGHTS[judgement]

    def paint(page: Page, x: float, y: float) -> None:
        page.mark(x, y, "o", SIZE, face, theme.GREY if face in (theme.PAPER, theme.BAND) else face, 1.0)
        page.text(x, y + 4.6, sign, theme.Type(13.0, ink, weight="bold"), "center")

    return paint
