"""How forest plots are drawn: their size in print, their columns, and the order and grouping of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from taprev.settings.sections import Part
from taprev.vocabulary import FigureFormat, FigureOfDomain, FigureOfReview, FigurePreset, ForestStyle, Sort

SMALLEST_TYPE = 6.0
NARROWEST, LOWEST = 60.0, 95.0
PAGE = {"width": 170.0, "height": 257.0, "type_size": SMALLEST_TYPE}
PRESETS = {
    FigurePreset.PAGE: PAGE,
    FigurePreset.COLUMN: {"width": 84.0, "height": 240.0, "type_size": 8.0},
    FigurePreset.SLIDE: {"width": 338.0, "height": 190.0, "type_size": 11.0},
}
"""Sizes in print of a page of A4 within its margins, a column of a journal, and a slide of 16:9."""
OF_DOMAIN = "."
Caption = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Figures(Part):
    """The drawing of figures, above all of forest plots.

    `preset` is what they are drawn for; it gives `width` and `height` of a page (millimetres) and `type_size` (points
    of the smallest text), each of which may be set by itself. They are those in print; SVG, PNG and PDF are twice as
    large. `style` is whose forest plots ours resemble, `formats` what is wanted besides SVG, PNG and PDF.
    `descriptors` and `subgroups` name columns of studies.csv or outcomes.csv. `ticks` gives a domain its own marks on
    the axis, as they are printed (ratios as ratios). What is higher than a page, or has more rows than `rows_per_page`,
    is divided; that number holds for figures of the whole review too. `captions` gives a figure another caption: by its
    name (`forest`), or for one domain by that of the domain before it (`sleep.forest`), which goes before the first.
    """

    preset: FigurePreset = FigurePreset.PAGE
    width: float = Field(default=PAGE["width"], le=400, allow_inf_nan=False)
    height: float | None = Field(default=PAGE["height"], allow_inf_nan=False)
    type_size: float = Field(default=PAGE["type_size"], le=24, allow_inf_nan=False)
    style: ForestStyle = ForestStyle.TAPREV
    formats: tuple[FigureFormat, ...] = ()
    descriptors: tuple[str, ...] = ()
    risk_of_bias: bool = True
    sort: Sort = Sort.GIVEN
    subgroups: str = ""
    rows_per_page: int | None = Field(default=40, ge=5)
    shade: bool = False
    ticks: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    captions: dict[str, Caption] = Field(default_factory=dict)

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
        return {**PRESETS[FigurePreset(asked)], **given} if isinstance(asked, str) and asked in PRESETS else given

    def caption(self, figure: str, domain: str = "") -> str:
        """Return the caption that the settings give a figure, nothing where it keeps its own."""
        return self.captions.get(f"{domain}{OF_DOMAIN}{figure}", self.captions.get(figure, ""))

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
        lowest = LOWEST * self.type_size / SMALLEST_TYPE
        if self.height is not None and self.height < lowest:
            raise ValueError(
                f"a page with text of {self.type_size:g} pt needs a height of {lowest:.0f} mm for title, heads, axis "
                f"and key, and has {self.height:g} mm"
            )
        return self


USUAL = Figures()


def unknown_captions(captions: Iterable[str], domains: Iterable[str]) -> str:
    """Return which captions are of no figure or of no domain, with the names that there are; nothing where none is."""
    known = list(domains)
    places = [(name, *name.rpartition(OF_DOMAIN)) for name in captions]
    of_any = {*FigureOfDomain, *FigureOfReview}
    no_figure = [name for name, _, dot, figure in places if figure not in (set(FigureOfDomain) if dot else of_any)]
    no_domain = [name for name, domain, dot, _ in places if dot and domain not in known]
    told = []
    if no_figure:
        names = (
            f"of a domain: {', '.join(FigureOfDomain)}; of the review, without a domain: {', '.join(FigureOfReview)}"
        )
        told.append(f"no figure is named {', '.join(no_figure)} ({names})")
    if no_domain:
        told.append(f"no domain stands before {', '.join(no_domain)} (domains: {', '.join(known)})")
    return f"figures > captions: {'; '.join(told)}" if told else ""
