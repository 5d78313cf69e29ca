"""Judgements of risk of bias in the columns of a data set (`rob_d1`, `rob_d2`, ..., `rob`), one for each row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from taprev.exchange.answers import Answers
from taprev.exchange.risk_of_bias.words import judged_word, judged_words, named_tools, tool_of
from taprev.exchange.tabular import SourceTable
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.sheets.grid import many
from taprev.extraction.tables import Row

COLUMN = re.compile(r"rob_d\d+|rob", re.IGNORECASE)


def judged_rows(
    table: SourceTable, sources: Sequence[tuple[Row, Row]], answers: Answers
) -> tuple[list[Row], list[str]]:
    """Return a row for each judgement of each result, from the columns rob_d1, rob_d2, ... and rob."""
    columns = [name for name in table.header if COLUMN.fullmatch(name)]
    if len(columns) < 2:
        return [], []
    words = judged_words(source[name] for source, _ in sources for name in columns)
    tool, question = tool_of(columns, words, answers.tool, shipped_tools())
    if tool is None:
        return [], [f"Risk of bias is not taken over. {question}"]
    [known] = [one for one in named_tools(tool.name, shipped_tools()) if one.version == tool.version]
    rows, remarks = [], Counter[str]()
    for source, made in sources:
        for column in columns:
            domain, typed = tool.domains[column], source[column]
            word = judged_word(known, domain, typed, set()) if typed else None
            if word is None:
                remarks[f'"{typed}" is not a judgement of {known.title}'] += bool(typed)
                continue
            rows.append(
                {
                    **{"result": made["result"], "tool": tool.name, "version": tool.version},
                    **{"domain": domain, "judgement": word.level, "reason": ""},
                }
            )
            remarks[word.remark] += bool(word.remark)
    said = [f"Risk of bias: {remark} ({many(count, 'time')})." for remark, count in remarks.items() if remark and count]
    return rows, [f"Risk of bias: the columns {', '.join(columns)} are read as {known.title}.", *said]
