"""How the figures were extracted: which of them twice, and by whom."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Annotated, Any

from pydantic import Field, model_validator

from taprev.settings.sections import SLUG, Part
from taprev.vocabulary import ExtractorKind, OpenQueries, Twice

Language = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z_]*$")]
PARTS = "studies, results, or column with levels"


class TwiceExtracted(Part):
    """The results that more than one form should have: all, none, or those of a sample.

    A sample is named by its studies, by its results, or by the levels of a column of studies.csv. In the settings it is
    a word (`all`, `none`) or the parts of a sample.
    """

    which: Twice = Twice.ALL
    studies: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    column: str = ""
    levels: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _word_or_sample(cls, given: Any) -> Any:
        if isinstance(given, bool):
            return {"which": Twice.ALL if given else Twice.NONE}
        if isinstance(given, str):
            return {"which": given}
        return {"which": Twice.SAMPLE, **given} if isinstance(given, dict) and given else given

    @model_validator(mode="after")
    def _one_way_to_name_a_sample(self) -> TwiceExtracted:
        named = [bool(self.studies), bool(self.results), bool(self.column or self.levels)]
        if self.which != Twice.SAMPLE and any(named):
            raise ValueError(f"{self.which} names no sample; remove {PARTS}")
        if self.which == Twice.SAMPLE and (sum(named) != 1 or bool(self.column) != bool(self.levels)):
            raise ValueError(f"a sample is named in one way: by {PARTS}")
        return self


class Extractor(Part):
    """Who filled in a form; the name may be initials, or the name and version of a program."""

    kind: ExtractorKind
    name: str = ""


class KeptSources(Part):
    """What is done with the reports that are kept: whether places are shown as pictures, and whether scans are read.

    `ocr` has tesseract read pages without text, where it is installed; `languages` are those of its data.
    """

    pictures: bool = True
    ocr: bool = False
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("eng",)


class ExtractionPlan(Part):
    """What was extracted twice and by whom, the tools of risk of bias, what an open query does, what sources are for.

    Extractors are named by their forms (`first` filled in form_first.csv). Tools are named as in risk_of_bias.csv (RoB
    2, ROBINS-I); where none is named, each that taprev knows may be used.
    """

    twice: TwiceExtracted = TwiceExtracted()
    risk_of_bias: tuple[str, ...] = ()
    open_queries: OpenQueries = OpenQueries.MARK
    extractors: dict[str, Extractor] = Field(default_factory=dict)
    sources: KeptSources = KeptSources()

    @property
    def once(self) -> bool:
        """Whether no result was extracted twice."""
        return self.twice.which == Twice.NONE

    @model_validator(mode="after")
    def _each_extractor_once(self) -> ExtractionPlan:
        for (form, one), (other_form, other) in combinations(self.extractors.items(), 2):
            if one.name and one.name.casefold() == other.name.casefold():
                raise ValueError(
                    f"the forms {form} and {other_form} both name {one.name}; two forms of one extractor are not "
                    "independent, so give each its own name or keep one of the forms"
                )
        return self

    @model_validator(mode="after")
    def _forms_by_name(self) -> ExtractionPlan:
        if wrong := [name for name in self.extractors if not re.fullmatch(SLUG, name)]:
            raise ValueError(f"extractors are named by their forms, such as first for form_first.csv, not {wrong[0]}")
        return self
