"""The settings of a review: `config/review.yaml` with every default filled in, or every problem at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Contrast = Literal["randomised", "controlled", "before_after", "time_series"]
Tier = Literal["exact", "assumed"]
SLUG = r"^[a-z][a-z0-9_]*$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(_Part):
    title: str
    question: str
    evidence_set: str
    about: str = ""
    systematic_search: bool = False
    double_extraction: bool = True


class Scope(_Part):
    include: tuple[str, ...] = Field(min_length=1)
    leave_out: dict[str, str] = {}


class Domain(_Part):
    label: str
    population: Literal["patients", "children_youth", "staff", "carers"]
    scale: Literal["smd", "md"] = "smd"
    unit: str = ""
    target_months: float = Field(default=0, ge=0)
    asks: str = ""

    @model_validator(mode="after")
    def _unit_of_a_mean_difference(self) -> Domain:
        if self.scale == "md" and not self.unit:
            raise ValueError("a domain with scale md needs a unit, such as days")
        return self


class Correlation(_Part):
    value: Annotated[float, Field(gt=-1, lt=1)]
    grid: tuple[Annotated[float, Field(gt=-1, lt=1)], ...] = ()


class Factor(_Part):
    value: Annotated[float, Field(ge=1)]
    grid: tuple[Annotated[float, Field(ge=1)], ...] = ()


class Intracluster(_Part):
    """An intracluster correlation for cluster designs that print none; without a value they are not pooled."""

    value: Annotated[float, Field(ge=0, lt=1)] | None = None
    grid: tuple[Annotated[float, Field(ge=0, lt=1)], ...] = ()


class Assumptions(_Part):
    r_pre_post: Correlation = Correlation(value=0.5, grid=(0.3, 0.5, 0.7, 0.9))
    rho: Correlation = Correlation(value=0.6, grid=(0.4, 0.6, 0.8))
    overdispersion: Factor = Factor(value=1, grid=(1, 2, 5, 10))
    icc: Intracluster = Intracluster(grid=(0.01, 0.05, 0.1))
    cluster_adjustment: Literal["variance", "sample_size"] = "variance"
    shared_control: Literal["once", "split"] = "once"


class Combined(_Part):
    name: str = Field(pattern=SLUG)
    label: str
    contrasts: tuple[Literal["randomised", "controlled"], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _a_name_of_its_own(self) -> Combined:
        if self.name in get_args(Contrast):
            raise ValueError(f"a combined pool needs a name of its own, and {self.name} is that of a design")
        return self


class Pooling(_Part):
    tau2_method: Literal["REML", "ML", "DL", "PM", "HE", "HS", "SJ"] = "REML"
    ci_method: Literal["auto", "hksj", "hksj_modified", "wald"] = "auto"
    level: float = Field(default=0.95, gt=0, lt=1)
    prediction_df: Literal["k-1", "k-2"] = "k-1"
    pool_tiers: tuple[Tier, ...] = ("exact", "assumed")
    combined: tuple[Combined, ...] = ()


class Conclusion(_Part):
    outcome: str
    studies: int | None = None
    says: str
    domains: tuple[str, ...] = Field(min_length=1)


class Comparison(_Part):
    name: str
    citation: str
    doi: str = ""
    about: str = ""
    conclusions: tuple[Conclusion, ...] = Field(min_length=1)


class Received(_Part):
    """Two files as they were received, by their paths within the data folder, and the fields to compare."""

    first: str
    second: str
    key: str
    fields: tuple[str, ...] = Field(min_length=1)


class Agreement(_Part):
    coded_once: tuple[str, ...] = ()
    received: Received | None = None


class Settings(_Part):
    """Everything that could have been decided otherwise; `source` and `version` say which code decided."""

    review: Review
    scope: Scope
    domains: dict[str, Domain] = Field(min_length=1)
    assumptions: Assumptions = Assumptions()
    synthesis: Pooling = Pooling()
    agreement: Agreement = Agreement()
    compare_with: Comparison | None = None
    version: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _slugs(self) -> Settings:
        bad = [name for name in self.domains if not re.match(SLUG, name)]
        if bad:
            raise ValueError(
                f"domain names use a-z, 0-9 and _ only, and begin with a letter: {', '.join(bad)}"
            )
        return self

    @model_validator(mode="after")
    def _compared_domains(self) -> Settings:
        compared = self.compare_with.conclusions if self.compare_with else ()
        strange = sorted({name for row in compared for name in row.domains} - set(self.domains))
        if strange:
            raise ValueError(f"compare_with names domains that are not configured: {', '.join(strange)}")
        return self


class SettingsError(ValueError):
    """The settings cannot be used; `problems` holds one sentence for each reason."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def read_settings(path: Path) -> Settings:
    """Return the settings in a YAML file, or raise `SettingsError` with a sentence for every problem."""
    if not path.is_file():
        raise SettingsError([f"{path}: this file is missing. Every review needs its settings."])
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_EachKeyOnce)
    except yaml.YAMLError as error:
        raise SettingsError([_yaml_sentence(path, error)]) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{path}: this file is not UTF-8 text. Save it as UTF-8."]) from None
    if not isinstance(content, dict):
        raise SettingsError([f"{path}: this file holds no settings. Compare it with config/review.yaml."])
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError([_sentence(path, problem) for problem in error.errors()]) from None


class _EachKeyOnce(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error and not the last one wins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Return a mapping, or raise where one of its keys stands twice."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the word {key} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def settle(settings: Settings, version: str, source: str) -> str:
    """Return the settings as YAML, defaults filled in, with the version and fingerprint of the code."""
    settled = settings.model_copy(update={"version": version, "source": source})
    return yaml.safe_dump(settled.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)


def _yaml_sentence(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}" if mark else ""
    return f"{path}{where}: this is not YAML ({getattr(error, 'problem', None) or 'unreadable'}). Check the line."


def _sentence(path: Path, problem: dict) -> str:
    place = " > ".join(str(part) for part in problem["loc"]) or "the file as a whole"
    if problem["type"] == "extra_forbidden":
        return f"{path}, {place}: this word is not a setting. Remove it or correct its spelling."
    if problem["type"] == "missing":
        return f"{path}, {place}: this setting is missing."
    message = (
        problem["msg"].removeprefix("Value error, ").replace("String should match pattern", "It must match")
    )
    if problem["type"] == "value_error":
        return f"{path}, {place}: {message}."
    return f"{path}, {place}: found {problem['input']!r}. {message}."
