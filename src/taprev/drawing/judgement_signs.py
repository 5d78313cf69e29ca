"""The signs of risk of bias: a sign in a circle for each judgement, so that no colour is needed to read it."""

from __future__ import annotations

from collections.abc import Callable

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.vocabulary import RobLevel

SIZE = 15.0
LIGHTS = {
    RobLevel.LOW: ("+", theme.PAPER, theme.ESTIMATE),
    RobLevel.SOME_CONCERNS: ("–", theme.INK, theme.BAND),
    RobLevel.MODERATE: ("–", theme.INK, theme.BAND),
    RobLevel.HIGH: ("×", theme.PAPER, theme.INK),
    RobLevel.SERIOUS: ("×", theme.PAPER, theme.INK),
    RobLevel.CRITICAL: ("!", theme.PAPER, theme.INK),
    RobLevel.NO_INFORMATION: ("?", theme.GREY, theme.PAPER),
}


def light(judgement: RobLevel) -> Callable[[Page, float, float], None]:
    """Return the painter of a judgement."""
    sign, ink, face = LIGHTS[judgement]

    def paint(page: Page, x: float, y: float) -> None:
        page.mark(x, y, "o", SIZE, face, theme.GREY if face in (theme.PAPER, theme.BAND) else face, 1.0)
        page.text(x, y + 4.6, sign, theme.Type(13.0, ink, weight="bold"), "center")

    return paint
