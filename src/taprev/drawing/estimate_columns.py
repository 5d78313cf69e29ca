"""The columns of printed estimates: figures end at their column's x, so that decimal points are aligned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taprev.drawing import theme, typeset
from taprev.drawing.page import Page


@dataclass(frozen=True)
class FigureColumns:
    """Where an estimate and both ends of its interval end, and where the widest of them begins."""

    begin: float
    estimate: float
    lower: float
    upper: float

    def write(self, page: Page, parts: tuple[str, ...], y: float, kind: theme.Type) -> None:
        """Set the pieces of an estimate on a baseline."""
        for x, part in zip((self.estimate, self.lower, self.upper), parts, strict=True):
            page.text(x, y, part, kind, "right")


def fit_columns(parts: Iterable[tuple[str, ...]], right: float, head: str = "") -> FigureColumns:
    """Return the columns that hold every estimate, and the head over them, and end at `right`."""
    first, second, third = (
        max((typeset.width(text, theme.STRONG) for text in column), default=0.0)
        for column in (zip(*parts, strict=True))
    )
    lower = right - third - 5
    estimate = lower - second - 9
    begin = min(estimate - first, right - typeset.width(head, theme.HEAD))
    return FigureColumns(begin, estimate, lower, right)
