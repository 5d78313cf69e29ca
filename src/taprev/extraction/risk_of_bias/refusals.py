"""What stops a review in its judgements of risk of bias: words and designs that a tool does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from taprev.extraction.problems import IN_SETTINGS, Problem
from taprev.extraction.risk_of_bias.declarations import TABLE, declaration_faults, tools_of
from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTool, BiasTools, titles
from taprev.extraction.tables import Row, named, numbered_rows, read_rows
from taprev.settings import Settings
from taprev.vocabulary import RobRung

Finding = tuple[str, str, str]
Seen = dict[tuple[str, str, str, str], int]
OF_SETTINGS = "extraction > risk_of_bias"
ALL_TOOLS = "A tool of your own is declared in the codebook, under tools of the table risk_of_bias."


def bias_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    """Yield every fault of a declared tool, every word and design that a tool lacks, and every judgement made twice."""
    for fault in declaration_faults(folder):
        yield Problem((folder / "datapackage.yaml").as_posix(), None, "", "", TABLE, fault, "")
    tools, path = tools_of(folder), folder / f"{TABLE}.csv"
    yield from _settings_problems(settings, tools)
    wanted = tools.chosen(settings.extraction.risk_of_bias)
    outcomes = {row["result"]: row for row in read_rows(folder / "outcomes.csv")}
    seen: Seen = {}
    for number, row in numbered_rows(path):
        outcome = outcomes.get(row["result"], {})
        for column, found, advice in _findings(row, number, outcome, tools, wanted, seen):
            study = outcome.get("study", "")
            yield Problem(named(path), number, row["result"], study, column, found, advice)


def _settings_problems(settings: Settings, tools: BiasTools) -> Iterator[Problem]:
    for name in settings.extraction.risk_of_bias:
        if not tools.named(name):
            yield Problem(f"{IN_SETTINGS}, {OF_SETTINGS}", None, "", "", "", *_unknown(name, tools))
    known = {*RobRung, *tools.rungs}
    for word in settings.sensitivity.without_risk_of_bias:
        if word not in known:
            found = f'found "{word}", which is no level of a tool.'
            advice = f"Tools have {', '.join(dict.fromkeys(level.name for level in tools.levels))}."
            where = f"{IN_SETTINGS}, sensitivity > without_risk_of_bias"
            yield Problem(where, None, "", "", "", found, advice)


def _unknown(name: str, tools: BiasTools) -> tuple[str, str]:
    found = f'found "{name}", which is not a tool that taprev knows.'
    return found, f"It knows {titles(tools.tools)}. {ALL_TOOLS}"


def _findings(
    row: Row, number: int, outcome: Row, tools: BiasTools, wanted: BiasTools, seen: Seen
) -> Iterator[Finding]:
    versions = tools.named(row["tool"])
    if not versions:
        yield "tool", *_unknown(row["tool"], tools)
        return
    tool = tools.find(row["tool"], row["version"])
    if tool is None:
        found = f'found "{row["version"]}", a version of {versions[0].name} that taprev does not know.'
        yield "version", found, f"It knows {', '.join(one.version for one in versions)}. {ALL_TOOLS}"
        return
    if tool not in wanted.tools:
        found = f'found "{row["tool"]}", which is not among the tools that the settings name.'
        yield "tool", found, f"They name {titles(wanted.tools)}: {OF_SETTINGS}."
    new = (row["result"], tool.name, tool.version) not in {key[:3] for key in seen}
    if tool in wanted.tools and new and outcome and outcome["contrast"] not in tool.designs:
        yield _wrong_design(tool, outcome, tools)
    yield from _wrong_words(row, number, tool, seen)


def _wrong_design(tool: BiasTool, outcome: Row, tools: BiasTools) -> Finding:
    contrast, unit = outcome["contrast"], outcome["unit_of_allocation"]
    what = f"a {contrast} contrast" + (f" with {unit} allocation" if unit else "")
    found = f'found "{tool.name}" for {what}, but it is for {tool.words_for_designs}.'
    return "tool", found, f"For this one are {titles(tools.for_design(contrast, unit))}."


def _wrong_words(row: Row, number: int, tool: BiasTool, seen: Seen) -> Iterator[Finding]:
    domain = tool.domain(row["domain"])
    if domain is None:
        yield "domain", f'found "{row["domain"]}", which {tool.title} does not have.', f"It has {_has(tool)}."
        seen.setdefault((row["result"], tool.name, tool.version, row["domain"]), number)
        return
    before = seen.setdefault((row["result"], tool.name, tool.version, domain), number)
    if before != number:
        yield "domain", f'found "{row["domain"]}" again, which stands in row {before}.', "Keep one of the two."
    if tool.level(domain, row["judgement"]) is None:
        listed = ", ".join(level.name for level in tool.levels_of(domain))
        if domain == OVERALL and not tool.overall:
            found = f'found "{row["judgement"]}", but {tool.title} gives no overall judgement.'
            yield "judgement", found, "Remove the row, or judge the domains."
        else:
            found = f'found "{row["judgement"]}", which {tool.title} does not have for {_named(domain, tool)}.'
            yield "judgement", found, f"It has {listed}."


def _named(domain: str, tool: BiasTool) -> str:
    return f"question {domain}" if domain in tool.questions else domain


def _has(tool: BiasTool) -> str:
    named: Iterable[str] = (f"{one.short} {one.name}" for one in tool.domains)
    asked = ["the signalling questions " + ", ".join(tool.questions)] if tool.questions else []
    return "; ".join([*named, *([OVERALL] if tool.overall else []), *asked])
