"""How forest plots are drawn: their size in print, their columns, and the order and grouping of their rows."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from taprev.settings.sections import Part
from taprev.vocabulary import FigureFormat, FigurePreset, ForestStyle, Sort

SMALLEST_TYPE = 6.0
NARROWEST = 60.0
PRESETS = {
    FigurePreset.PAGE: {"width": 170.0, "height": 257.0, "type_size": SMALLEST_TYPE},
    FigurePreset.COLUMN: {"width": 84.0, "height": 240.0, "type_size": 8.0},
    FigurePreset.SLIDE: {"width": 338.0, "height": 190.0, "type_size": 11.0},
}
"""Sizes in print of a page of A4 within its margins, a column of a journal, and a slide of 16:9."""


class Figures(Part):
    """The drawing of figures, above all of forest plots.

    `preset` is what they are drawn for; it gives `width` and `height` of a page (millimetres) and `type_size` (points
    of the smallest text), each of which may be set by itself. They are those in print; SVG, PNG and PDF are twice as
    large. `style` is whose forest plots ours resemble, `formats` what is wanted besides SVG, PNG and PDF.
    `descriptors` and `subgroups` name columns of studies.csv or outcomes.csv. `ticks` gives a domain its own marks on
    the axis, as they are printed (ratios as ratios). What is higher than a page, or has more rows than `rows_per_page`,
    is divided; that number holds for figures of the whole review too.
    """

    preset: FigurePreset = FigurePreset.PAGE
    width: float = Field(default=170, le=400, allow_inf_nan=False)
    height: float | None = Field(default=257, ge=80, allow_inf_nan=False)
    type_size: float = Field(default=SMALLEST_TYPE, le=24, allow_inf_nan=False)
    style: ForestStyle = ForestStyle.TAPREV
    formats: tuple[FigureFormat, ...] = ()
    descriptors: tuple[str, ...] = ()
    risk_of_bias: bool = True
    sort: Sort = Sort.GIVEN
    subgroups: str = ""
    rows_per_page: int | None = Field(default=40, ge=5)
    shade: bool = False
    ticks: dict[str, tuple[float, ...]] = Field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of studies.csv or outcomes.csv that a figure needs, each once."""
        wanted = (*self.descriptors, self.subgroups)
        return tuple(column for column in dict.fromkeys(wanted) if column)

    def drawn_for(self, preset: FigurePreset) -> Figures:
        """Return these settings with the size and the type of a preset."""
        return self.model_copy(update={"preset": preset, **PRESETS[preset]})

    @model_validator(mode="before")
    @classmethod
    def _as_the_preset(cls, given: Any) -> Any:
        """Fill in what the preset says and nobody set."""
        asked = given.get("preset") if isinstance(given, dict) else None
        return {**PRESETS[asked], **given} if asked in PRESETS else given

    @model_validator(mode="after")
    def _legible(self) -> Figures:
        if self.type_size < SMALLEST_TYPE:
            raise ValueError(
                f"text of {self.type_size:g} pt cannot be read in print: the smallest is {SMALLEST_TYPE:g} pt"
            )
        needed = NARROWEST * self.type_size / SMALLEST_TYPE
        if self.width < needed:
            raise ValueError(
                f"a forest plot with text of {self.type_size:g} pt needs {needed:.0f} mm, and its width is "
                f"{self.width:g} mm"
            )
        return self


USUAL = Figures()
