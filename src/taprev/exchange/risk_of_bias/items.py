"""Items of risk of bias in a file, and the tool that they are: one that taprev knows, or one declared for the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.spelling import domain_key
from taprev.extraction.risk_of_bias.tools import BiasTool, BiasTools
from taprev.vocabulary import Contrast, RobRung

KIND = re.compile(r"\s*\([^()]*bias[^()]*\)\s*|[?:]+\s*$")
DECLARED_LEVELS: Mapping[str, RobRung] = {"low": RobRung.LOW, "unclear": RobRung.UNKNOWN, "high": RobRung.HIGH}


@dataclass(frozen=True)
class ToolOfFile:
    """The tool that the items of a file are: its name and version, the domain of each item, and its declaration."""

    name: str
    version: str
    domains: Mapping[str, str]
    declaration: Mapping[str, object] | None = None


def plain_item(item: str) -> str:
    """Return an item without what RevMan prints behind it, such as "(selection bias)" or a question mark."""
    return KIND.sub("", item).strip()


def tools_with(
    items: Sequence[str], levels: Collection[str], contrasts: Collection[str] = (), tools: BiasTools | None = None
) -> list[BiasTool]:
    """Return the tools that have every item and every level and are for every contrast, the best fit first."""
    fitting = []
    for tool in (tools or shipped_tools()).tools:
        domains = [tool.domain(plain_item(item)) for item in items]
        known = None not in domains and len(set(domains)) == len(domains)
        designs = all(contrast in tool.designs for contrast in contrasts)
        if known and designs and all(_has_level(tool, level) for level in levels):
            fitting.append((len(tool.domains) + tool.overall - len(items), tool))
    return [tool for _, tool in sorted(fitting, key=lambda one: one[0])]


def _has_level(tool: BiasTool, level: str) -> bool:
    return any(tool.level(domain.name, level) for domain in tool.domains)


def as_known(tool: BiasTool, items: Sequence[str]) -> ToolOfFile:
    """Return the items of a file as domains of a known tool."""
    return ToolOfFile(tool.name, tool.version, {item: tool.domain(plain_item(item)) or item for item in items})


def as_declared(items: Sequence[str], source: str) -> ToolOfFile:
    """Return the items of a file as a tool of the review's own, which its codebook declares."""
    domains: dict[str, str] = {}
    keys: set[str] = set()
    for item in items:
        name, number = plain_item(item) or "Item", 2
        while domain_key(name) in keys:
            name, number = f"{plain_item(item)} {number}", number + 1
        keys.add(domain_key(name))
        domains[item] = name
    declaration: dict[str, object] = {
        "name": "Items of the file",
        "version": "as imported",
        "source": f"the items of risk of bias in {source}",
        "for": [str(contrast) for contrast in Contrast],
        "overall": False,
        "levels": {level: str(rung) for level, rung in DECLARED_LEVELS.items()},
        "domains": list(domains.values()),
    }
    return ToolOfFile("Items of the file", "as imported", domains, declaration)
