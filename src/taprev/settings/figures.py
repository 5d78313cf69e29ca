"""How forest plots are drawn: their size in print, their columns, and the order and grouping of their rows."""

from __future__ import annotations

from pydantic import Field, model_validator

from taprev.settings.sections import Part
from taprev.vocabulary import Sort

SMALLEST_TYPE = 6.0
NARROWEST = 130.0


class Figures(Part):
    """The drawing of forest plots.

    `width` (millimetres) and `type_size` (points of the smallest text) are those in print; the files are twice as
    large. `descriptors` and `subgroups` name columns of studies.csv or outcomes.csv. `ticks` gives a domain its own
    marks on the axis, as they are printed (ratios as ratios). `rows_per_page` divides longer plots into pages, also
    those of the whole review.
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

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of studies.csv or outcomes.csv that a figure needs, each once."""
        wanted = (*self.descriptors, self.subgroups)
        return tuple(column for column in dict.fromkeys(wanted) if column)

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
