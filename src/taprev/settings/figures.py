"""How forest plots are drawn: their size in print, their columns, and the order and grouping of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from taprev.settings.sections import Part
from taprev.vocabulary import FigureOfDomain, FigureOfReview, Sort

SMALLEST_TYPE = 6.0
NARROWEST = 130.0
OF_DOMAIN = "."
Caption = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Figures(Part):
    """The drawing of forest plots.

    `width` (millimetres) and `type_size` (points of the smallest text) are those in print; the files are twice as
    large. `descriptors` and `subgroups` name columns of studies.csv or outcomes.csv. `ticks` gives a domain its own
    marks on the axis, as they are printed (ratios as ratios). `rows_per_page` divides longer plots into pages, also
    those of the whole review. `captions` gives a figure another caption: by its name (`forest`), or for one domain by
    that of the domain before it (`sleep.forest`), which goes before the first.
    """

    width: float = Field(default=170, le=400, allow_inf_nan=False)
    type_size: float = Field(default=SMALLEST_TYPE, le=12, allow_inf_nan=False)
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
