"""What the gap map and the evidence map count: columns of studies.csv, and how the report tells their values."""

from __future__ import annotations

from pydantic import Field, model_validator

from taprev.settings.sections import SLUG, Part


class CountSentence(Part):
    """A sentence of the report: how it begins, and the values it counts, each with its name."""

    begins: str = Field(min_length=1)
    levels: dict[str, str] = Field(min_length=1)


class Counted(Part):
    """A column of studies.csv; each of `levels` is a column of the gap map, and `rest` counts what is left.

    `report` gives columns of the report's gap map by their heading, each the sum of some levels.
    """

    column: str = Field(pattern=SLUG)
    label: str = ""
    levels: tuple[str, ...] = Field(min_length=1)
    rest: str = ""
    report: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sentence: CountSentence | None = None

    @property
    def name(self) -> str:
        """The column in words."""
        return self.label or self.column.replace("_", " ")

    @property
    def named(self) -> set[str]:
        """Every value that is named in any place."""
        sentence_levels = self.sentence.levels if self.sentence else ()
        return {*self.levels, *(level for levels in self.report.values() for level in levels), *sentence_levels}

    @model_validator(mode="after")
    def _sums_of_what_is_counted(self) -> Counted:
        strange = sorted({level for levels in self.report.values() for level in levels} - set(self.levels))
        if strange:
            raise ValueError(f"report adds up levels that are not counted: {', '.join(strange)}")
        return self


class MapColumns(Part):
    """The column of studies.csv whose values are the columns of the evidence map."""

    columns: str = Field(default="scope", pattern=SLUG)
