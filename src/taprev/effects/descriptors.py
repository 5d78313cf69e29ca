"""What is shown beside an effect in a figure: columns of its study, and how its risk of bias was judged."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from taprev.effects.rows import EffectRow, changed
from taprev.extraction.risk_of_bias.judged import judgements, standing
from taprev.extraction.tables import Row
from taprev.settings import Settings


def described(
    rows: Iterable[EffectRow],
    studies: Mapping[str, Row],
    judged: Iterable[Row],
    settings: Settings,
    outcomes: Iterable[Row] = (),
) -> list[EffectRow]:
    """Return the rows with the columns that the settings show, and the risk-of-bias judgements of their result.

    Parameters
    ----------
    rows : iterable of EffectRow
        The rows of a domain.
    studies : mapping of str to Row
        The rows of `studies.csv` by study.
    judged : iterable of Row
        The judgements in the words of their tools, one row for each domain. If a result has several tools, the one
        that counts is kept (`standing`).
    settings : Settings
        The settings of the review.
    outcomes : iterable of Row, optional
        The rows of `outcomes.csv`, for columns that `studies.csv` does not have.

    Returns
    -------
    list of EffectRow
        The rows in the same order, with `descriptors` and `judgements` filled.
    """
    tools, extracted = _tools(judged), {row["result"]: row for row in outcomes}
    columns = settings.figures.columns
    return [
        changed(
            row,
            descriptors=_json(characteristics(columns, extracted.get(row.result, {}), studies[row.study])),
            judgements=_json(tools.get(row.result, {})),
        )
        for row in rows
    ]


def characteristics(columns: Iterable[str], row: Mapping[str, str], study: Row) -> dict[str, str]:
    """Return what a result has in columns of `studies.csv`, or else of `outcomes.csv`."""
    return {name: study[name] if name in study else row.get(name, "") for name in columns}


def _tools(judged: Iterable[Row]) -> dict[str, dict[str, object]]:
    by_result: dict[str, list[Row]] = defaultdict(list)
    for row in judgements(judged):
        by_result[row["result"]].append(row)
    return {result: _one_tool(rows) for result, rows in by_result.items()}


def _one_tool(rows: list[Row]) -> dict[str, object]:
    tool = dict(zip(("tool", "version"), standing(rows), strict=True))
    own = [row for row in rows if all(row[name] == value for name, value in tool.items())]
    return {
        **tool,
        "judgements": {row["domain"]: row["judgement"] for row in own},
        "rungs": {row["judgement"]: row["rung"] for row in own},
    }


def _json(told: Mapping[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False) if told else ""
