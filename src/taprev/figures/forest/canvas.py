"""What every drawing function of a forest plot works on: the page, its columns and its axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale
from taprev.figures.forest.columns import ForestColumns
from taprev.figures.forest.styles import Appearance
from taprev.vocabulary import RobRung


@dataclass(frozen=True)
class Canvas:
    """A page with the columns and the scales of one figure, and the heads of the columns next to its rows.

    `rungs` says what the levels of risk of bias amount to, `look` how the style of the figure differs from others.
    """

    page: Page
    columns: ForestColumns
    scales: tuple[AxisScale, ...]
    descriptors: tuple[str, ...] = ()
    bias: tuple[str, ...] = ()
    rungs: Mapping[str, RobRung] = field(default_factory=dict)
    look: Appearance = field(default_factory=Appearance)

    def track(self, panel: int) -> Track:
        """Return the axis of a panel between the edges of the plot."""
        left, right = self.columns.plot_left, self.columns.plot_right
        return Track(self.scales[panel].on(right - left), left, right)
