"""The judgements of a review in the words of their tools, whatever spelling stands in the table.

A row in those words has a column more, `rung`: what its level amounts to. An answer to a signalling question is no
judgement, and its `rung` is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from taprev.extraction.risk_of_bias.declarations import TABLE, tools_of
from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTools
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings
from taprev.vocabulary import RobRung

NO_OVERALL = "assessed, without an overall judgement"


def read_judged(folder: Path) -> list[Row]:
    """Return the rows of `risk_of_bias.csv` in `folder` in the words of their tools."""
    return in_words(read_rows(folder / f"{TABLE}.csv"), tools_of(folder))


def in_words(rows: Iterable[Row], tools: BiasTools) -> list[Row]:
    """Return rows in the words of their tools, those of one result and tool in the order of the tool.

    What a tool does not have is refused by `taprev check`; here it stays as it was typed and amounts to nothing known.
    """
    told = [_in_words(row, tools) for row in rows]
    first: dict[tuple[str, ...], int] = {}
    for number, (row, _) in enumerate(told):
        first.setdefault((row["result"], row["tool"], row["version"]), number)
    ordered = sorted(told, key=lambda one: (first[one[0]["result"], one[0]["tool"], one[0]["version"]], one[1]))
    return [row for row, _ in ordered]


def _in_words(row: Row, tools: BiasTools) -> tuple[Row, int]:
    """Return a row in the words of its tool, and the place of its domain there."""
    tool = tools.find(row["tool"], row["version"])
    if tool is None:
        return {**row, "rung": RobRung.UNKNOWN}, 0
    named = {**row, "tool": tool.name, "version": tool.version}
    domain = tool.domain(row["domain"])
    level = tool.level(domain, row["judgement"]) if domain else None
    if domain is None or level is None:
        return {**named, "rung": RobRung.UNKNOWN}, 0
    rung = "" if domain in tool.questions else str(level.rung)
    return {**named, "domain": domain, "judgement": str(level.name), "rung": rung}, tool.place(domain)


def judgements(rows: Iterable[Row]) -> list[Row]:
    """Return the judgements among rows in the words of their tools: no answers to signalling questions."""
    return [row for row in rows if row["rung"]]


def assessed(row: Row) -> bool:
    """Return whether somebody judged what a row is about."""
    return row["rung"] not in ("", RobRung.NOT_ASSESSED)


def standing(rows: Iterable[Row]) -> tuple[str, str]:
    """Return the name and version of the tool that counts among the judgements of one result.

    It is the tool of the gravest overall judgement, then one by which somebody assessed a domain; among equals the
    first by name and version. The order of the rows says nothing.
    """
    by_tool: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_tool[row["tool"], row["version"]].append(row)
    return min(by_tool, key=lambda tool: (*_lightness(by_tool[tool]), tool))


def _lightness(rows: list[Row]) -> tuple[int, bool]:
    """Return the less, the graver the overall judgement is, and whether nobody assessed anything."""
    graves = [RobRung(row["rung"]).gravity for row in rows if row["domain"] == OVERALL and assessed(row)]
    return -max(graves, default=-1), not any(map(assessed, rows))


def overall(rows: Iterable[Row]) -> dict[str, Row]:
    """Return the overall judgement of each result that has a row for it; of several tools the graver judgement."""
    by_result: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["domain"] == OVERALL:
            by_result[row["result"]].append(row)
    counts = {result: standing(own) for result, own in by_result.items()}
    return {
        result: next(row for row in own if (row["tool"], row["version"]) == counts[result])
        for result, own in by_result.items()
    }


def overall_levels(rows: Iterable[Row]) -> dict[str, str]:
    """Return the level of the overall judgement of each result that has one."""
    return {result: row["judgement"] for result, row in overall(rows).items()}


def with_levels_of_tools(settings: Settings, rows: Iterable[Row]) -> Settings:
    """Return the settings with every level that `without_risk_of_bias` means.

    A word there is a level, or a rung of the ladder that all tools share; a rung stands for each level on it that an
    overall judgement of the review has, so that `high` leaves out what EPHPP calls weak.
    """
    named = settings.sensitivity.without_risk_of_bias
    meant = {row["judgement"]: None for row in overall(rows).values() if row["rung"] in named}
    levels = (*named, *(level for level in meant if level not in named))
    sensitivity = settings.sensitivity.model_copy(update={"without_risk_of_bias": levels})
    return settings.model_copy(update={"sensitivity": sensitivity})
