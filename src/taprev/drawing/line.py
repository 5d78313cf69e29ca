"""One line of text, placed by the width that was measured for it."""

from __future__ import annotations

from typing import Literal

from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text

from taprev.drawing import fonts, theme, typeset

Side = Literal["left", "center", "right"]

BEFORE: dict[Side, float] = {"left": 0.0, "center": 0.5, "right": 1.0}


class Line(Text):
    """A line of text with its baseline at y.

    matplotlib measures a text anew for every kind of file, which takes longer than drawing it. Here text that begins at
    x is not measured, and centred or right-aligned text once, when it is made.
    """

    def __init__(self, x: float, y: float, words: str, kind: theme.Type, align: Side, enlarged: float) -> None:
        super().__init__(
            x,
            y,
            words,
            fontfamily=list(fonts.FAMILIES),
            fontsize=kind.size * enlarged,
            color=kind.colour,
            fontweight=kind.weight,
            fontstyle=kind.slant,
            horizontalalignment=align,
            verticalalignment="baseline",
            fontfeatures=theme.NO_LIGATURES,
            zorder=5,
        )
        share = BEFORE[align]
        self._before = share * enlarged * typeset.drawn_width(words, kind) if share else 0.0

    def draw(self, renderer: RendererBase) -> None:
        """Draw the line; x, where it is not the beginning, is its middle or its end."""
        x, y = self.get_transform().transform(self.get_unitless_position())
        if renderer.flipy():
            y = renderer.get_canvas_width_height()[1] - y
        graphics = renderer.new_gc()
        graphics.set_foreground(self.get_color())
        renderer.open_group("text", self.get_gid())
        left = x - renderer.points_to_pixels(self._before)
        renderer.draw_text(graphics, left, y, self.get_text(), self.get_fontproperties(), 0.0, mtext=self)
        renderer.close_group("text")
        graphics.restore()
