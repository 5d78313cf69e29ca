"""The judgements of risk of bias in a file of RevMan: of which tool they are, and a row for each result."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from taprev.exchange.names import Names
from taprev.exchange.revman.review import RevManReview
from taprev.exchange.risk_of_bias.items import ToolOfFile, as_declared, as_known, tools_with
from taprev.extraction.tables import Row


def judged_results(
    review: RevManReview, contrasts: Collection[str], outcomes: Sequence[Row], studies: Names
) -> tuple[ToolOfFile | None, list[Row]]:
    """Return the tool of the file and a row for each result of a judged study.

    `contrasts` are those that a person named, which the tool must be for.
    """
    items = list(dict.fromkeys(one.item for one in review.judgements))
    if not items:
        return None, []
    fitting = tools_with(items, {one.level for one in review.judgements}, contrasts)
    tool = as_known(fitting[0], items) if fitting else as_declared(items, review.file)
    results: dict[str, list[str]] = {}
    for row in outcomes:
        results.setdefault(row["study"], []).append(row["result"])
    made = {"tool": tool.name, "version": tool.version}
    rows = [
        {"result": result, **made, "domain": tool.domains[one.item], "judgement": one.level, "reason": one.support}
        for one in review.judgements
        for result in results.get(studies.name(one.study, one.study), ())
    ]
    return tool, rows


def bias_remarks(review: RevManReview, tool: ToolOfFile | None) -> Iterator[str]:
    """Yield what a person must know of the judgements: those that are none, and a tool that is declared for them."""
    if review.not_judged:
        yield (
            f"Risk of bias: {review.not_judged} items were opened and not judged (unclear, without a text, or not "
            "applicable); they are no judgements."
        )
    if tool and tool.declaration:
        yield (
            "Risk of bias: the items of the file are those of no tool that taprev knows; the codebook declares them as "
            f"the tool {tool.name}."
        )
