"""The tools of risk of bias: which domains and levels each has, which designs it is for, and what its levels amount to.

Whoever asks what a tool has asks here; `declarations.py` reads the tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from taprev.extraction.risk_of_bias.spelling import domain_key, level_key, tool_key, words
from taprev.vocabulary import Allocation, Contrast, RobRung, SignallingAnswer

OVERALL = "overall"
OVERALL_KEYS = frozenset(
    {
        "overall",
        *(f"overall {word}" for word in ("bia", "risk", "risk of bia", "judgement", "judgment", "rating")),
        "global rating",
    }
)


@dataclass(frozen=True)
class BiasLevel:
    """A judgement that a tool has, what it amounts to, and its other spellings."""

    name: str
    rung: RobRung
    also: tuple[str, ...] = ()


NOT_ASSESSED = BiasLevel(RobRung.NOT_ASSESSED, RobRung.NOT_ASSESSED)
ANSWERS = tuple(BiasLevel(answer, RobRung.UNRATED, (answer.said,)) for answer in SignallingAnswer)


@dataclass(frozen=True)
class BiasDomain:
    """A domain of a tool: its short name, its other names, its signalling questions, and levels of its own."""

    name: str
    short: str
    also: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    levels: tuple[BiasLevel, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """What every spelling of its names comes to."""
        return frozenset(domain_key(name) for name in (self.name, self.short, *self.also))


@dataclass(frozen=True)
class BiasTool:
    """A tool in one version.

    `allocation` is None where the tool is for individuals and clusters alike, `overall` says whether the tool gives
    an overall judgement.
    """

    name: str
    version: str
    source: str
    designs: tuple[Contrast, ...]
    allocation: Allocation | None
    overall: bool
    levels: tuple[BiasLevel, ...]
    domains: tuple[BiasDomain, ...]
    also: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name and version, `RoB 2 (2019)`."""
        return f"{self.name} ({self.version})"

    @property
    def words_for_designs(self) -> str:
        """The designs it is for, as a sentence lists them."""
        unit = {Allocation.CLUSTER: " by clusters", Allocation.INDIVIDUAL: " by individuals", None: ""}[self.allocation]
        return ", ".join(f"{design.said}{unit}" for design in self.designs)

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Its signalling questions in order; none where the declaration has none."""
        return tuple(question for domain in self.domains for question in domain.questions)

    def is_for(self, contrast: str, unit: str) -> bool:
        """Return whether it is for a contrast and a unit of allocation, which may be empty: not printed."""
        return contrast in self.designs and (not self.allocation or not unit or unit == self.allocation)

    def domain(self, typed: str) -> str | None:
        """Return the domain, signalling question or `overall` that a cell means, or None where it has no such one."""
        key = domain_key(typed)
        if key in OVERALL_KEYS:
            return OVERALL
        asked = " ".join(typed.casefold().split())
        named = (domain.name for domain in self.domains if key in domain.keys)
        return asked if asked in self.questions else next(named, None)

    def levels_of(self, domain: str) -> tuple[BiasLevel, ...]:
        """Return what may be judged of a domain, or answered to a question, as this tool names it."""
        if domain in self.questions:
            return ANSWERS
        own = next((one.levels for one in self.domains if one.name == domain), ())
        if domain == OVERALL and not self.overall:
            return (NOT_ASSESSED,)
        return (*(own or self.levels), NOT_ASSESSED)

    def level(self, domain: str, typed: str) -> BiasLevel | None:
        """Return the level that a cell means for a domain, or None where the tool has no such level."""
        exact, key = typed.strip().casefold(), level_key(typed)
        for level in self.levels_of(domain):
            spellings = (level.name, *level.also)
            if exact in {name.casefold() for name in spellings} or key in {level_key(name) for name in spellings}:
                return level
        return None

    def place(self, domain: str) -> int:
        """Return where a domain stands in the order of the tool, a question after all domains, `overall` the last."""
        names = [domain.name for domain in self.domains]
        return names.index(domain) if domain in names else len(names) + (domain == OVERALL)


@dataclass(frozen=True)
class BiasTools:
    """The tools that a review may use."""

    tools: tuple[BiasTool, ...]

    def named(self, typed: str) -> tuple[BiasTool, ...]:
        """Return every version of the tool that a cell means; none where there is no such tool."""
        key = tool_key(typed)
        return tuple(tool for tool in self.tools if key in {tool_key(name) for name in (tool.name, *tool.also)})

    def chosen(self, names: Iterable[str]) -> BiasTools:
        """Return the tools with these names, in every version; all of them where no name is that of a tool."""
        named = tuple(dict.fromkeys(tool for name in names for tool in self.named(name)))
        return BiasTools(named) if named else self

    def find(self, typed: str, version: str) -> BiasTool | None:
        """Return the tool that two cells mean: a version is known by its words, or by its year in a longer date."""
        named, asked = self.named(typed), words(version)
        exact = (tool for tool in named if asked in {words(name) for name in (tool.version, *tool.versions)})
        dated = (tool for tool in named if words(tool.version) in asked.split())
        return next(exact, None) or next(dated, None)

    def for_design(self, contrast: str, unit: str) -> tuple[BiasTool, ...]:
        """Return the tools that are for a contrast and a unit of allocation."""
        return tuple(tool for tool in self.tools if tool.is_for(contrast, unit))

    @cached_property
    def rungs(self) -> dict[str, RobRung]:
        """What each level of each tool amounts to; a word means the same in all of them."""
        return {level.name: level.rung for level in self.levels}

    @property
    def levels(self) -> Iterator[BiasLevel]:
        """Every level of every tool, those of single domains included."""
        for tool in self.tools:
            yield from tool.levels
            for domain in tool.domains:
                yield from domain.levels
        yield NOT_ASSESSED


def titles(tools: Iterable[BiasTool]) -> str:
    """Return tools as a sentence lists them."""
    return ", ".join(tool.title for tool in tools)
