"""The parts of the settings, each with its defaults and what it refuses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taprev.vocabulary import (
    AsymmetryTest,
    CiChoice,
    ClusterAdjustment,
    Contrast,
    Conversion,
    DependenceModel,
    EmptyCells,
    EventPool,
    ModeratorKind,
    PredictionDf,
    PriorFamily,
    Scale,
    SharedControl,
    Tau2Method,
    Tier,
)

SLUG = r"^[a-z][a-z0-9_]*$"


LONGEST_TEXT = 5_000


class Part(BaseModel):
    """A part that cannot be changed and knows every word in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=LONGEST_TEXT)


class ArmWords(Part):
    """How the two arms are called in figures and sentences, without an article: `drug` and `placebo`."""

    programme: str = Field(default="programme", min_length=1, max_length=24)
    comparator: str = Field(default="comparator", min_length=1, max_length=24)

    @model_validator(mode="after")
    def _two_names(self) -> ArmWords:
        if self.programme.strip().casefold() == self.comparator.strip().casefold():
            raise ValueError("the two arms need two names")
        return self


class Review(Part):
    """What the review is; `plain_question` and `next_steps` are for the plain-language summary alone."""

    title: str
    question: str
    plain_question: str = ""
    next_steps: str = ""
    evidence_set: str
    about: str = ""
    content_note: str = ""
    protocol: str = ""
    registration: str = ""
    systematic_search: bool = False
    arms: ArmWords = ArmWords()


class ResultScope(Part):
    """The words of a column of outcomes.csv whose results belong to the review, and why others are left out."""

    column: str = Field(pattern=SLUG)
    include: tuple[str, ...] = Field(min_length=1)
    why: str = Field(min_length=1)


class Scope(Part):
    include: tuple[str, ...] = Field(min_length=1)
    leave_out: dict[str, str] = {}
    results: tuple[ResultScope, ...] = ()


class Important(Part):
    """The smallest difference that matters, in the units of the effect, and who says so.

    `moderate` and `large` are where a difference is no longer small, and where it is large.
    """

    value: float = Field(gt=0, allow_inf_nan=False)
    source: str = Field(min_length=1)
    moderate: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    large: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _in_order(self) -> Important:
        given = [size for size in (self.value, self.moderate, self.large) if size is not None]
        if given != sorted(set(given)):
            raise ValueError("value, moderate and large stand in this order, each above the one before")
        return self


class Instrument(Part):
    """An instrument people know, with the standard deviation of its scores and where that is printed."""

    name: str = Field(min_length=1)
    sd: float = Field(gt=0, allow_inf_nan=False)
    source: str = Field(min_length=1)


class Domain(Part):
    """An outcome domain; `event` names what ratios in it count, so that statements may say reduce and increase.

    `converted` asks for a sensitivity analysis in which odds ratios join standardised differences, or the reverse.
    `plain` names the outcome in everyday words for the plain-language summary; its label stands where it is empty.
    """

    label: str = Field(min_length=1)
    plain: str = ""
    population: str = Field(pattern=SLUG)
    scale: Literal[Scale.SMD, Scale.MD] = Scale.SMD
    unit: str = ""
    target_months: float | None = Field(default=None, ge=0)
    asks: str = ""
    event: str = ""
    digits: int | None = Field(default=None, ge=0, le=8)
    important: Important | None = None
    instrument: Instrument | None = None
    converted: Conversion | None = None

    @model_validator(mode="after")
    def _differences_to_convert(self) -> Domain:
        if self.converted and self.scale != Scale.SMD:
            raise ValueError(
                f"converted is {self.converted}, but a domain with scale {self.scale} has no standardised differences "
                "that odds ratios could join: take it out, or make the scale smd"
            )
        return self

    @model_validator(mode="after")
    def _unit_of_a_mean_difference(self) -> Domain:
        if self.scale == Scale.MD and not self.unit:
            raise ValueError("a domain with scale md needs a unit, such as days")
        return self


class Correlation(Part):
    value: Annotated[float, Field(gt=-1, lt=1)]
    grid: tuple[Annotated[float, Field(gt=-1, lt=1)], ...] = ()


class Share(Part):
    """A correlation that cannot be negative."""

    value: Annotated[float, Field(ge=0, lt=1)]
    grid: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = ()


class Inflation(Part):
    value: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    grid: tuple[Annotated[float, Field(ge=1, allow_inf_nan=False)], ...] = ()


class Intracluster(Part):
    """An intracluster correlation for cluster designs that print none; without a value they are not pooled."""

    value: Annotated[float, Field(ge=0, lt=1)] | None = None
    grid: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = ()


class Retained(Part):
    """The share of those enrolled who were analysed, where only the number enrolled is printed."""

    value: Annotated[float, Field(gt=0, le=1)] | None = None
    grid: tuple[Annotated[float, Field(gt=0, le=1)], ...] = ()


class Assumptions(Part):
    r_pre_post: Correlation = Correlation(value=0.5, grid=(0.3, 0.5, 0.7, 0.9))
    rho: Share = Share(value=0.6, grid=(0.4, 0.6, 0.8))
    overdispersion: Inflation = Inflation(value=1, grid=(1, 2, 5, 10))
    icc: Intracluster = Intracluster(grid=(0.01, 0.05, 0.1))
    retained: Retained = Retained(grid=(0.5, 0.75))
    cluster_adjustment: ClusterAdjustment = ClusterAdjustment.VARIANCE
    shared_control: SharedControl = SharedControl.ONCE


class Combined(Part):
    name: str = Field(pattern=SLUG)
    label: str
    contrasts: tuple[Literal[Contrast.RANDOMISED, Contrast.CONTROLLED], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _a_name_of_its_own(self) -> Combined:
        if self.name in set(Contrast):
            raise ValueError(f"a combined pool needs a name of its own, and {self.name} is that of a design")
        return self


class Dependence(Part):
    """How several effects of one study are pooled, and below how many studies the composite is used instead."""

    model: DependenceModel = DependenceModel.COMPOSITE
    fewest_studies: int = Field(default=5, ge=3)


class Pooling(Part):
    tau2_method: Tau2Method = Tau2Method.REML
    ci_method: CiChoice = CiChoice.AUTO
    level: float = Field(default=0.95, gt=0, lt=1)
    prediction_df: PredictionDf = PredictionDf.K_MINUS_1
    pool_tiers: tuple[Literal[Tier.EXACT, Tier.ASSUMED], ...] = (Tier.EXACT, Tier.ASSUMED)
    combined: tuple[Combined, ...] = ()
    dependence: Dependence = Dependence()
    events: EventPool = EventPool.MANTEL_HAENSZEL
    empty_cells: EmptyCells = EmptyCells.POOLED


class ScopeSet(Part):
    """Programmes left out of the review that a sensitivity analysis adds."""

    name: str = Field(pattern=SLUG)
    label: str
    add: tuple[str, ...] = Field(min_length=1)


class Sensitivity(Part):
    tau2_methods: tuple[Tau2Method, ...] = (Tau2Method.REML, Tau2Method.DL, Tau2Method.PM)
    exact_only: bool = True
    without_risk_of_bias: tuple[str, ...] = ("high", "serious", "critical")
    asymmetry_tests: tuple[AsymmetryTest, ...] = ()
    scopes: tuple[ScopeSet, ...] = ()


class TauPrior(Part):
    """A prior of tau; the scale of half_normal and half_cauchy is in standard deviations or logs."""

    family: PriorFamily
    scale: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _scale_where_it_belongs(self) -> TauPrior:
        if self.family.has_scale and self.scale is None:
            raise ValueError(f"the prior {self.family} needs a scale above 0")
        if not self.family.has_scale and self.scale is not None:
            raise ValueError(f"the prior {self.family} is fixed and takes no scale")
        return self


class Moderator(Part):
    """A column of studies.csv or outcomes.csv by which a stratum is divided, or on which its effects are regressed."""

    column: str = Field(pattern=SLUG)
    label: str
    kind: ModeratorKind = ModeratorKind.GROUPS
    domains: tuple[str, ...] = ()
    knowingly: bool = False


class Conclusion(Part):
    outcome: str
    studies: int | None = None
    says: str
    domains: tuple[str, ...] = Field(min_length=1)


class ProgrammePart(Part):
    """A part of programmes as another review names it, and the words that components.csv has for it."""

    name: str = Field(min_length=1)
    components: tuple[str, ...] = Field(min_length=1)


class Advice(Part):
    """A recommendation of another source, and where evidence that bears on it would stand here."""

    says: str = Field(min_length=1)
    components: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class NamedGap(Part):
    """A gap that another source names, and the domains here that would fill it."""

    name: str = Field(min_length=1)
    domains: tuple[str, ...] = Field(min_length=1)


class Shared(Part):
    """A study that stands in both reviews, and how much of it the other one counts."""

    study: str = Field(min_length=1)
    note: str = ""


class Comparison(Part):
    """Another review of the same question: what it concluded, recommends and misses, and the studies in both."""

    name: str
    citation: str
    doi: str = ""
    about: str = ""
    conclusions: tuple[Conclusion, ...] = Field(min_length=1)
    parts: tuple[ProgrammePart, ...] = ()
    parts_source: str = ""
    advice: tuple[Advice, ...] = ()
    advice_source: str = ""
    gaps: tuple[NamedGap, ...] = ()
    context: str = ""
    in_both: tuple[Shared, ...] = ()

    @property
    def domains(self) -> set[str]:
        """Every domain that the comparison names."""
        of_conclusions = [one.domains for one in self.conclusions]
        of_others = [*(one.domains for one in self.advice), *(one.domains for one in self.gaps)]
        return {name for domains in (*of_conclusions, *of_others) for name in domains}


class Tooltips(Part):
    """What the audit pages say of a sign where the pointer rests on it.

    `assumed` is of the letter beside an effect that needs an assumption, `differs` of ≠ beside a reading of a form that
    is not the consensus.
    """

    assumed: str = Field(default="needs a stated assumption", min_length=1, max_length=200)
    differs: str = Field(default="differs from the consensus", min_length=1, max_length=200)


class Received(Part):
    """Two files as they were received, by their paths within the data folder, and the fields to compare."""

    first: str
    second: str
    key: str
    fields: tuple[str, ...] = Field(min_length=1)


class Agreement(Part):
    """What of the extraction was coded once for all forms, and which received files are compared.

    `completions` is a table under the data folder, in raw/as_received, of what was filled in once: its columns are
    `result`, those of `coded_once`, `basis`, and where they are known `coded_by` and `coded_on`.
    """

    coded_once: tuple[str, ...] = ()
    completions: str = ""
    received: Received | None = None
