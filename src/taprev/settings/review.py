"""The settings of a review as a whole: what its parts must agree on."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, model_validator

from taprev.settings.certainty import Certainty
from taprev.settings.extraction import ExtractionPlan
from taprev.settings.figures import Figures, unknown_captions
from taprev.settings.gap_map import Counted, MapColumns
from taprev.settings.sections import (
    SLUG,
    Agreement,
    Assumptions,
    Comparison,
    Domain,
    Moderator,
    Part,
    Pooling,
    Review,
    Scope,
    Sensitivity,
    TauPrior,
    Tooltips,
)
from taprev.vocabulary import Contrast

EARLIER_WORD = "double_extraction"
GAP_MAP = ("domain", "label", "population", "studies", "results", "years", *Contrast)


class Settings(Part):
    """Everything that could have been decided otherwise; `source` and `version` say which code decided."""

    review: Review
    scope: Scope
    domains: dict[str, Domain] = Field(min_length=1)
    populations: dict[str, str] = Field(default_factory=dict)
    assumptions: Assumptions = Assumptions()
    synthesis: Pooling = Pooling()
    sensitivity: Sensitivity = Sensitivity()
    bayes: tuple[TauPrior, ...] = ()
    moderators: tuple[Moderator, ...] = ()
    figures: Figures = Figures()
    tooltips: Tooltips = Tooltips()
    extraction: ExtractionPlan = ExtractionPlan()
    agreement: Agreement = Agreement()
    compare_with: Comparison | None = None
    gap_map: tuple[Counted, ...] = ()
    map: MapColumns = MapColumns()
    certainty: Certainty = Certainty()
    earlier: str = ""
    version: str = ""
    source: str = ""

    @property
    def explaining(self) -> tuple[Moderator, ...]:
        """The moderators, and among them the column by which the rows of a forest plot are grouped."""
        column = self.figures.subgroups
        if not column or any(moderator.column == column for moderator in self.moderators):
            return self.moderators
        return (*self.moderators, Moderator(column=column, label=column.replace("_", " ").capitalize()))

    @model_validator(mode="before")
    @classmethod
    def _earlier_word_for_extraction(cls, given: Any) -> Any:
        """Take `review > double_extraction` of older reviews as `extraction > twice`."""
        review = given.get("review") if isinstance(given, dict) else None
        if not isinstance(review, dict) or EARLIER_WORD not in review:
            return given
        plan = given.get("extraction") or {}
        if not isinstance(review[EARLIER_WORD], bool):
            raise ValueError(f"review > {EARLIER_WORD} is true or false; a sample stands in extraction > twice")
        if "twice" in plan:
            raise ValueError(f"review > {EARLIER_WORD} and extraction > twice are one setting; keep the second alone")
        kept = {name: value for name, value in review.items() if name != EARLIER_WORD}
        return {**given, "review": kept, "extraction": {**plan, "twice": review[EARLIER_WORD]}}

    @model_validator(mode="after")
    def _subgroups_are_groups(self) -> Settings:
        if any(m.column == self.figures.subgroups and m.kind == "number" for m in self.moderators):
            raise ValueError(
                f"figures groups the rows by {self.figures.subgroups}, which is a number among the moderators"
            )
        return self

    @model_validator(mode="after")
    def _slugs(self) -> Settings:
        bad = [name for name in self.domains if not re.fullmatch(SLUG, name)]
        if bad:
            raise ValueError(f"domain names use a-z, 0-9 and _ only, and begin with a letter: {', '.join(bad)}")
        return self

    @model_validator(mode="after")
    def _gap_map_names_each_column_once(self) -> Settings:
        names = [*GAP_MAP, *(name for part in self.gap_map for name in (*part.levels, part.rest) if name)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the gap map would have two columns of the same name: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _domains_that_exist(self) -> Settings:
        compared = self.compare_with.domains if self.compare_with else set()
        moderated = {name for moderator in self.moderators for name in moderator.domains}
        parts = (
            ("compare_with names domains", compared),
            ("moderators names domains", moderated),
            ("certainty > critical names domains", set(self.certainty.critical)),
            ("figures has ticks for domains", set(self.figures.ticks)),
        )
        wrong = [
            f"{part} that are not configured: {', '.join(strange)}"
            for part, named in parts
            if (strange := sorted(named - set(self.domains)))
        ]
        if captions := unknown_captions(self.figures.captions, self.domains):
            wrong.append(captions)
        if wrong:
            raise ValueError("; ".join(wrong))
        return self
