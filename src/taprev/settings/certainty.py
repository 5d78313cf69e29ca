"""The settings of certainty and of the documents: what is asked about, and what counts as enough information."""

from __future__ import annotations

from pydantic import Field

from taprev.settings.sections import SLUG, Part


class Direct(Part):
    """A column of studies.csv, and the values in it that belong to what the review asks about."""

    column: str = Field(pattern=SLUG)
    levels: tuple[str, ...] = Field(min_length=1)
    label: str = Field(min_length=1)


class Certainty(Part):
    """What a judgement of certainty is made of.

    `programme` is the subject of every statement, `plural` its number. Without a minimal important difference the
    optimal information size is that of `small_effect` standard deviations; for events it is that of the relative
    risk reduction `modest_reduction`. `critical` are the domains, seven at most, that the summary of findings holds.
    """

    programme: str = Field(default="The programme", min_length=1)
    plural: bool = False
    direct: tuple[Direct, ...] = ()
    small_effect: float = Field(default=0.2, gt=0, allow_inf_nan=False)
    modest_reduction: float = Field(default=0.25, gt=0, lt=1)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    power: float = Field(default=0.8, gt=0, lt=1)
    critical: tuple[str, ...] = Field(default=(), max_length=7)
