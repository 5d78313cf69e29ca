"""The signs of risk of bias: a sign in a circle for each judgement, so that no colour is needed to read it."""

from __future__ import annotations

from collections.abc import Callable

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.vocabulary import RobRung

SIZE = 15.0
LIGHTS = {
    RobRung.LOW: ("+", theme.PAPER, theme.ESTIMATE),
    RobRung.MODERATE: ("–", theme.INK, theme.BAND),
    RobRung.HIGH: ("×", theme.PAPER, theme.INK),
    RobRung.CRITICAL: ("!", theme.PAPER, theme.INK),
    RobRung.UNKNOWN: ("?", theme.GREY, theme.PAPER),
    RobRung.UNRATED: ("", theme.INK, theme.PAPER),
    RobRung.NOT_ASSESSED: ("", theme.GREY, theme.PAPER),
}


def sign(level: str, rung: RobRung) -> tuple[str, str, str]:
    """Return the sign of a level, its ink and its face; one without a place on the ladder has its first character."""
    mark, ink, face = LIGHTS[rung]
    return (level[:1] if rung == RobRung.UNRATED else mark), ink, face


def light(level: str, rung: RobRung) -> Callable[[Page, float, float], None]:
    """Return the painter of a judgement; what nobody assessed is an empty circle."""
    mark, ink, face = sign(level, rung)

    def paint(page: Page, x: float, y: float) -> None:
        page.mark(x, y, "o", SIZE, face, theme.GREY if face in (theme.PAPER, theme.BAND) else face, 1.0)
        page.text(x, y + 4.6, mark, theme.Type(13.0, ink, weight="bold"), "center")

    return paint
