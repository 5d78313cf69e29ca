"""The settings of a review as a whole: what its parts must agree on."""

from __future__ import annotations

import re

from pydantic import Field, model_validator

from taprev.settings.parts import (
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
)


class Settings(Part):
    """Everything that could have been decided otherwise; `source` and `version` say which code decided."""

    review: Review
    scope: Scope
    domains: dict[str, Domain] = Field(min_length=1)
    assumptions: Assumptions = Assumptions()
    synthesis: Pooling = Pooling()
    sensitivity: Sensitivity = Sensitivity()
    bayes: tuple[TauPrior, ...] = ()
    moderators: tuple[Moderator, ...] = ()
    agreement: Agreement = Agreement()
    compare_with: Comparison | None = None
    version: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _slugs(self) -> Settings:
        bad = [name for name in self.domains if not re.fullmatch(SLUG, name)]
        if bad:
            raise ValueError(
                f"domain names use a-z, 0-9 and _ only, and begin with a letter: {', '.join(bad)}"
            )
        return self

    @model_validator(mode="after")
    def _domains_that_exist(self) -> Settings:
        compared = self.compare_with.conclusions if self.compare_with else ()
        for part, named in (("compare_with", compared), ("moderators", self.moderators)):
            strange = sorted({name for row in named for name in row.domains} - set(self.domains))
            if strange:
                raise ValueError(f"{part} names domains that are not configured: {', '.join(strange)}")
        return self
