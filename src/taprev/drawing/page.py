"""A page in points, filled from the top: text on baselines, rules, and marks; x grows right, y grows down."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import TransformedPath

from taprev.drawing import fonts, theme, typeset
from taprev.drawing.line import Line, Side

BLOCK_LEAD = 16.0


class Page:
    """A figure whose axes are the page itself; its height is settled when everything is drawn.

    `enlarged` is how many times larger than usual everything is drawn: a point of the page is that many points.
    """

    def __init__(self, width: float = theme.WIDTH, enlarged: float = 1.0, margin: float = theme.MARGIN) -> None:
        self.width, self.enlarged = width, enlarged
        self.left, self.right = margin, width - margin
        self.figure = Figure(figsize=(width * enlarged / 72, 1), facecolor=theme.PAPER)
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_autoscale_on(False)
        self._whole = TransformedPath(Path.unit_rectangle(), self.axes.transAxes)

    def close(self, height: float) -> Figure:
        """Settle the height of the page and return the figure."""
        self.figure.set_size_inches(self.width * self.enlarged / 72, height * self.enlarged / 72)
        self.axes.set_ylim(height, 0)
        return self.figure

    def _add(self, artist: Artist) -> None:
        """Add an artist, which is not clipped; half of the time of a figure would go into a clip path for each."""
        artist.set_clip_path(self._whole)
        self.axes.add_artist(artist)

    def text(self, x: float, y: float, words: str, kind: theme.Type, align: Side = "left") -> None:
        """Set one line of text with its baseline at y."""
        if words:
            self._add(Line(x, y, words, kind, align, self.enlarged))

    def upright(self, x: float, y: float, words: str, kind: theme.Type) -> None:
        """Set one line of text that is read from below, with its foot at y and its baseline at x."""
        if words:
            self.axes.text(
                x,
                y,
                words,
                fontfamily=list(fonts.FAMILIES),
                fontsize=kind.size * self.enlarged,
                color=kind.colour,
                fontweight=kind.weight,
                rotation=90,
                ha="right",
                va="bottom",
                rotation_mode="default",
                parse_math=False,
                fontfeatures=theme.NO_LIGATURES,
                zorder=5,
            )

    def paragraph(
        self,
        x: float,
        y: float,
        words: str,
        kind: theme.Type,
        room: float,
        lead: float,
        most: int = 99,
        backed: bool = False,
    ) -> int:
        """Set a text in even lines, the first with its baseline at y, and return how many lines it took.

        A `backed` one covers the lines of an axis behind it.
        """
        lines = typeset.wrap_even(words, kind, room, most)
        for position, line in enumerate(lines):
            base = y + position * lead
            if backed and line:
                self.box(x - 2, base - kind.size, typeset.width(line, kind) + 4, 1.3 * kind.size, theme.PAPER, 1.6)
            self.text(x, base, line, kind)
        return len(lines)

    def block(self, words: str, y: float, kind: theme.Type = theme.SMALL, x: float | None = None) -> float:
        """Set a text below y in as many lines as it needs, from `x` (by default the margin), and return its end."""
        left = self.left if x is None else x
        return y + BLOCK_LEAD * self.paragraph(left, y + 14, words, kind, self.right - left, BLOCK_LEAD) + 1

    def rule(self, x0: float, x1: float, y: float, colour: str = theme.RULE, width: float = theme.HAIRLINE) -> None:
        """Draw a level line."""
        self.line((x0, x1), (y, y), colour, width, order=1)

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str,
        width: float,
        order: float = 3,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a line through points, interrupted where one is NaN; `dash` is a stroke and a gap in line widths."""
        self._add(
            Line2D(
                xs,
                ys,
                color=colour,
                linewidth=width * self.enlarged,
                linestyle=(0, dash) if dash else "solid",
                solid_capstyle="butt",
                zorder=order,
                clip_on=False,
            )
        )

    def shape(
        self,
        points: Sequence[tuple[float, float]],
        face: str,
        edge: str,
        width: float,
        dashed: bool = False,
        order: float = 4,
    ) -> None:
        """Draw a closed shape."""
        style = (0, (2.6, 1.6)) if dashed else "solid"
        self._add(
            Polygon(
                points,
                closed=True,
                facecolor=face,
                edgecolor=edge,
                linewidth=width * self.enlarged,
                linestyle=style,
                joinstyle="miter",
                zorder=order,
                clip_on=False,
            )
        )

    def box(self, x: float, y: float, width: float, height: float, face: str, order: float = 2) -> None:
        """Fill a rectangle whose upper left corner is (x, y)."""
        self._add(Rectangle((x, y), width, height, facecolor=face, edgecolor="none", zorder=order, clip_on=False))

    def mark(self, x: float, y: float, marker: str, size: float, face: str, edge: str, width: float = 1.2) -> None:
        """Draw a marker of a size in points."""
        self.marks([x], [y], marker, size, face, edge, width)

    def marks(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        marker: str,
        size: float,
        face: str,
        edge: str,
        width: float = 1.2,
    ) -> None:
        """Draw one marker at many places."""
        self._add(
            Line2D(
                xs,
                ys,
                marker=marker,
                markersize=size * self.enlarged,
                markerfacecolor=face,
                markeredgecolor=edge,
                markeredgewidth=width * self.enlarged,
                linestyle="none",
                zorder=4,
                clip_on=False,
            )
        )
