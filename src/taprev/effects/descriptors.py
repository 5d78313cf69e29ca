"""What is shown beside an effect in a figure: columns of its study, and how its risk of bias was judged."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from taprev.effects.rows import EffectRow, changed
from taprev.extraction.risk_of_bias.judged import assessed, judgements, standing
from taprev.extraction.risk_of_bias.tools import BiasTools
from taprev.extraction.tables import Row
from taprev.settings import Settings
from taprev.vocabulary import Read


def described(
    rows: Iterable[EffectRow],
    studies: Mapping[str, Row],
    judged: Iterable[Row],
    settings: Settings,
    outcomes: Iterable[Row] = (),
    *,
    tools: BiasTools,
    reports: Mapping[str, Row] | None = None,
) -> list[EffectRow]:
    """Return the rows with what is shown beside them: columns of the settings, judgements, and how much was read.

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
    tools : BiasTools
        The tools of the codebook.
    reports : mapping of str to Row, optional
        The rows of `reports.csv` by report, for how much of each was read.

    Returns
    -------
    list of EffectRow
        The rows in the same order, with `descriptors`, `judgements` and `read` filled.
    """
    made, extracted = _tools(judged, tools), {row["result"]: row for row in outcomes}
    columns = settings.figures.columns
    return [
        changed(
            row,
            descriptors=_json(characteristics(columns, extracted.get(row.result, {}), studies[row.study])),
            judgements=_json(made.get(row.result, {})),
            read=_read((reports or {}).get(row.report, {})),
        )
        for row in rows
    ]


def _read(report: Mapping[str, str]) -> Read:
    return Read(report.get("read") or Read.NOT_CODED)


def characteristics(columns: Iterable[str], row: Mapping[str, str], study: Row) -> dict[str, str]:
    """Return what a result has in columns of `studies.csv`, or else of `outcomes.csv`."""
    return {name: study[name] if name in study else row.get(name, "") for name in columns}


def _tools(judged: Iterable[Row], tools: BiasTools) -> dict[str, dict[str, object]]:
    by_result: dict[str, list[Row]] = defaultdict(list)
    for row in judgements(judged):
        by_result[row["result"]].append(row)
    return {result: _one_tool(rows, tools) for result, rows in by_result.items()}


def _one_tool(rows: list[Row], tools: BiasTools) -> dict[str, object]:
    name, version = standing(rows)
    own = [row for row in rows if (row["tool"], row["version"]) == (name, version)]
    told: dict[str, object] = {
        "tool": name,
        "version": version,
        "judgements": {row["domain"]: row["judgement"] for row in own},
        "rungs": {row["judgement"]: row["rung"] for row in own},
    }
    tool = tools.find(name, version)
    if tool is None or not any(map(assessed, own)):
        return told
    return told | {"shorts": {domain.name: domain.short for domain in tool.domains}}


def _json(told: Mapping[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False) if told else ""
