"""Declared tools read: those of `tools.yaml`, which taprev ships, and those that the codebook of a review adds.

A codebook declares a tool as `tools.yaml` does, under `tools` of its table risk_of_bias. What is wrong with a
declaration is said in one sentence each, and the tool is then not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

from taprev.extraction.risk_of_bias.spelling import tool_key, words
from taprev.extraction.risk_of_bias.tools import OVERALL_KEYS, BiasDomain, BiasLevel, BiasTool, BiasTools
from taprev.extraction.tables import codebook
from taprev.ground.yaml_loader import Loader
from taprev.vocabulary import Allocation, Contrast, RobRung

SHIPPED = Path(__file__).parent / "tools.yaml"
TABLE = "risk_of_bias"
DOMAIN_KEYS = ("name", "short", "also", "questions", "levels", "spelt")
KEYS = ("name", "also", "version", "versions", "source", "for", "allocation", "overall", "levels", "spelt", "domains")


class DeclarationFault(ValueError):
    """A declaration cannot be read; its text says why."""


@cache
def shipped_tools() -> BiasTools:
    """Return the tools that taprev ships."""
    entries = yaml.load(SHIPPED.read_text(encoding="utf-8"), Loader=Loader)["tools"]
    return BiasTools(tuple(_tool(entry) for entry in entries))


def tools_of(folder: Path) -> BiasTools:
    """Return the tools of the review whose tables are in `folder`: the shipped ones, and what its codebook declares.

    A declaration that cannot be read is left out; `declaration_faults` says why.
    """
    return _read(folder)[0]


def declaration_faults(folder: Path) -> list[str]:
    """Return what is wrong with the tools that the codebook in `folder` declares, a sentence each."""
    return _read(folder)[1]


def _read(folder: Path) -> tuple[BiasTools, list[str]]:
    tools, faults = list(shipped_tools().tools), []
    entries = codebook(folder).get(TABLE, {}).get("tools") or []
    if not isinstance(entries, list):
        return shipped_tools(), ["tools is not a list of tools. Begin each with a dash and its name."]
    for number, entry in enumerate(entries, 1):
        try:
            tool = _tool(entry)
            _beside(tool, tools)
        except DeclarationFault as fault:
            named = entry.get("name") if isinstance(entry, Mapping) else None
            faults.append(f"the tool {named or f'number {number}'} {fault}")
        else:
            tools.append(tool)
    return BiasTools(tuple(tools)), faults


def _beside(tool: BiasTool, others: list[BiasTool]) -> None:
    """Raise where a tool shares name and version with others, or gives a level another meaning than they do."""
    own = {tool_key(name): name for name in (tool.name, *tool.also)}
    for one in others:
        shared = [own[key] for key in map(tool_key, (one.name, *one.also)) if key in own]
        if not shared or not _versions(tool) & _versions(one):
            continue
        if tool_key(tool.name) in map(tool_key, shared):
            raise DeclarationFault(f"in version {tool.version} is known already. Give yours another name or version.")
        raise DeclarationFault(
            f'has the other name "{shared[0]}", which in version {tool.version} means {one.title}. Remove it from '
            "also, or give yours another version."
        )
    rungs = BiasTools(tuple(others)).rungs
    for level in BiasTools((tool,)).levels:
        known = rungs.get(level.name, level.rung)
        if known != level.rung:
            raise DeclarationFault(
                f'has the level "{level.name}" as {level.rung}, which other tools have as {known}. Give it that '
                "meaning, or another word."
            )


def _versions(tool: BiasTool) -> set[str]:
    return {words(version) for version in (tool.version, *tool.versions)}


def _tool(entry: object) -> BiasTool:
    if not isinstance(entry, Mapping):
        raise DeclarationFault("is not a list of its properties. Write its name, version, for, levels and domains.")
    unknown = [str(key) for key in entry if key not in KEYS]
    if unknown:
        raise DeclarationFault(f"has {', '.join(unknown)}, which is not known. A tool has {', '.join(KEYS)}.")
    for key in ("name", "version"):
        if not entry.get(key):
            raise DeclarationFault(f"has no {key}. Write it.")
    spelt = _spelt(entry.get("spelt"))
    levels = _levels(entry.get("levels"), spelt)
    if not levels:
        raise DeclarationFault("has no levels. List them, from the lightest, each with what it amounts to.")
    allocation = entry.get("allocation")
    if allocation is not None and allocation not in tuple(Allocation):
        raise DeclarationFault(f"is for the allocation {allocation!r}. It may be {' or '.join(Allocation)}.")
    overall = entry.get("overall", False)
    if not isinstance(overall, bool):
        raise DeclarationFault("does not say whether it gives an overall judgement. Write overall: true or false.")
    return BiasTool(
        name=str(entry["name"]),
        version=str(entry["version"]),
        source=str(entry.get("source", "")),
        designs=_designs(entry.get("for")),
        allocation=Allocation(allocation) if allocation else None,
        overall=overall,
        levels=levels,
        domains=_domains(entry.get("domains")),
        also=_texts(entry.get("also")),
        versions=_texts(entry.get("versions")),
    )


def _designs(named: object) -> tuple[Contrast, ...]:
    texts = _texts(named)
    unknown = [text for text in texts if text not in tuple(Contrast)]
    if unknown or not texts:
        found = f"is for {', '.join(unknown)}" if unknown else "is for no design"
        raise DeclarationFault(f"{found}. Under for, list some of {', '.join(Contrast)}.")
    return tuple(Contrast(text) for text in texts)


def _levels(levels: object, spelt: dict[str, tuple[str, ...]]) -> tuple[BiasLevel, ...]:
    if levels is None:
        return ()
    if not isinstance(levels, Mapping):
        raise DeclarationFault("does not say what its levels amount to. Write each as level: rung.")
    made = []
    for key, rung in levels.items():
        name = _text(key)
        if rung not in tuple(RobRung) or rung == RobRung.NOT_ASSESSED:
            rungs = ", ".join(one for one in RobRung if one != RobRung.NOT_ASSESSED)
            raise DeclarationFault(f'has the level "{name}" as {rung!r}. A level amounts to one of {rungs}.')
        made.append(BiasLevel(name, RobRung(rung), spelt.get(name, ())))
    return tuple(made)


def _domains(entries: object) -> tuple[BiasDomain, ...]:
    if not isinstance(entries, list) or not entries:
        raise DeclarationFault("has no domains. List them in their order.")
    domains = tuple(_domain(entry, f"D{number}") for number, entry in enumerate(entries, 1))
    seen: dict[str, str] = {}
    for domain in domains:
        if domain.keys & OVERALL_KEYS:
            raise DeclarationFault(
                f'has the domain "{domain.name}", which means the judgement of the whole. Name it otherwise, or remove '
                "it and write overall: true."
            )
        for key in domain.keys:
            other = seen.setdefault(key, domain.name)
            if other != domain.name or not key:
                raise DeclarationFault(f'has domains that cannot be told apart: "{other}" and "{domain.name}".')
    return domains


def _domain(entry: object, short: str) -> BiasDomain:
    if isinstance(entry, str):
        return BiasDomain(entry, short)
    if not isinstance(entry, Mapping) or not entry.get("name"):
        raise DeclarationFault("has a domain without a name. Write it.")
    unknown = [str(key) for key in entry if key not in DOMAIN_KEYS]
    if unknown:
        known = ", ".join(DOMAIN_KEYS)
        raise DeclarationFault(
            f'has {", ".join(unknown)} in the domain "{entry["name"]}", which is not known. A domain has {known}.'
        )
    return BiasDomain(
        name=str(entry["name"]),
        short=str(entry.get("short", short)),
        also=_texts(entry.get("also")),
        questions=_texts(entry.get("questions")),
        levels=_levels(entry.get("levels"), _spelt(entry.get("spelt"))),
    )


def _spelt(spellings: object) -> dict[str, tuple[str, ...]]:
    pairs: Iterator[tuple[object, object]] = iter(spellings.items() if isinstance(spellings, Mapping) else ())
    return {_text(key): _texts(names) for key, names in pairs}


def _texts(entry: object) -> tuple[str, ...]:
    parts = entry if isinstance(entry, list) else [] if entry is None else [entry]
    return tuple(_text(part) for part in parts)


def _text(part: object) -> str:
    """Return a word of YAML as text; an unquoted yes or no is a truth value there."""
    if isinstance(part, bool):
        return "yes" if part else "no"
    return str(part)
