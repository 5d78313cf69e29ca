"""What a form offers for judgements of risk of bias: the words of the tools that the review uses."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTools


def bias_choices(tools: BiasTools, named: bool) -> dict[str, tuple[str, ...]]:
    """Return the words offered for each column; domains and judgements only where the settings name the tools."""
    offered = {"tool": _once(tool.name for tool in tools.tools), "version": _once(tool.version for tool in tools.tools)}
    if named:
        parts = [(tool, domain.name) for tool in tools.tools for domain in tool.domains]
        wholes = [(tool, OVERALL) for tool in tools.tools if tool.overall]
        offered["domain"] = _once(domain for _, domain in (*parts, *wholes))
        offered["judgement"] = _once(level.name for tool, domain in parts for level in tool.levels_of(domain))
    return {column: words for column, words in offered.items() if words}


def bias_example(tools: BiasTools) -> dict[str, str]:
    """Return the cells of the example row: the first domain of the first tool, at its first level."""
    if not tools.tools:
        return {}
    first = tools.tools[0]
    domain = first.domains[0]
    judged = first.levels_of(domain.name)[0].name
    return {"tool": first.name, "version": first.version, "domain": domain.short, "judgement": judged}


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
