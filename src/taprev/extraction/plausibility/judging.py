"""How the risk of bias was judged: with a tool for another unit of allocation, or with several tools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.risk_of_bias.judged import judgements, standing
from taprev.extraction.risk_of_bias.tools import titles
from taprev.extraction.tables import Row

EITHER = "Judge with one of these, or say why this tool was kept."
BOTH = "Is it meant to be judged twice? Keep the judgement that the review rests on, or say why both stand."


def tool_for_another_allocation(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The tool of risk of bias is for the contrast of the result, but for another unit of allocation."""
    outcomes = {row["result"]: row for row in tables.rows}
    for result, name, version in dict.fromkeys((row["result"], row["tool"], row["version"]) for row in tables.judged):
        tool, outcome = tables.tools.find(name, version), outcomes.get(result)
        if tool is None or outcome is None or outcome["contrast"] not in tool.designs:
            continue
        contrast, unit = outcome["contrast"], outcome["unit_of_allocation"]
        if not tool.is_for(contrast, unit):
            found = (
                f'found "{tool.title}" for a {contrast} contrast with {unit} allocation; it is for '
                f"{tool.words_for_designs}. For this one are {titles(tables.tools.for_design(contrast, unit))}."
            )
            yield RowFinding(result, outcome["study"], "tool", found, EITHER)


def judged_with_several_tools(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Several tools judged the risk of bias of one result, and only the graver overall judgement counts."""
    studies = {row["result"]: row["study"] for row in tables.rows}
    by_result: dict[str, list[Row]] = defaultdict(list)
    for row in judgements(tables.judged):
        by_result[row["result"]].append(row)
    for result, rows in by_result.items():
        named = sorted({(row["tool"], row["version"]) for row in rows})
        if len(named) > 1:
            told = " and ".join(f"{tool} ({version})" for tool, version in named)
            counts = "{} ({})".format(*standing(rows))
            found = f"found judgements with {told}, of which those with {counts} count."
            yield RowFinding(result, studies.get(result, ""), "tool", found, BOTH)
