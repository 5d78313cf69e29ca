"""What is shown with a number and is not part of it: its context, descriptors of the study, the risk of bias."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from taprev.effects.rows import EffectRow
from taprev.extraction.risk_of_bias.judged import standing
from taprev.extraction.tables import Row
from taprev.synthesis.results import Context, RiskOfBias
from taprev.vocabulary import Read, RobRung


def context(group: list[EffectRow]) -> Context:
    """Return the context of what is drawn or counted as one.

    Parameters
    ----------
    group : list of EffectRow
        Rows of one study, at least one.

    Returns
    -------
    Context
    """
    months = {row.months for row in group}
    return Context(
        timepoints=tuple(dict.fromkeys(row.timepoint for row in group if row.timepoint)),
        months=tuple(sorted(month for month in months if month is not None)),
        untimed=None in months,
        n_counts=together(row.n_counts for row in group),
        compared_with=group[0].compared_with,
        read=min((row.read for row in group), key=list(Read).index),
    )


def descriptors(group: list[EffectRow]) -> dict[str, str]:
    """Return the columns that the settings show, with every word that the results have in them.

    Parameters
    ----------
    group : list of EffectRow
        Rows of one study, at least one.

    Returns
    -------
    dict of str to str
        The columns by name; empty if the settings show none.
    """
    each = [json.loads(row.descriptors or "{}") for row in group]
    return {name: together(one[name] for one in each) for name in each[0]}


def together(values: Iterable[str]) -> str:
    """Return the words that several results have in a column, each once: `observer and self`."""
    return " and ".join(sorted({value for value in values if value}))


def judged(group: list[EffectRow]) -> RiskOfBias | None:
    """Return the judgements of what is drawn as one, or None where nothing was judged.

    Where several results were judged with one tool, each domain has the worst of their judgements. Of several tools
    the one with the gravest overall judgement counts, then one that was used, then the first by name and version.

    Parameters
    ----------
    group : list of EffectRow
        The rows of what is drawn as one.

    Returns
    -------
    RiskOfBias or None
    """
    assessments = [json.loads(row.judgements) for row in group if row.judgements]
    if not assessments:
        return None
    tool = standing(row for assessment in assessments for row in _rows(assessment))
    same = [assessment for assessment in assessments if (assessment["tool"], assessment["version"]) == tool]
    rungs = {level: RobRung(rung) for assessment in same for level, rung in assessment["rungs"].items()}
    worst: dict[str, str] = {}
    for assessment in same:
        for domain, judgement in assessment["judgements"].items():
            worst[domain] = max(worst.get(domain, judgement), judgement, key=lambda level: rungs[level].gravity)
    shorts: dict[str, str] = next((one["shorts"] for one in same if one.get("shorts")), {})
    return RiskOfBias(*tool, worst, {level: rungs[level] for level in dict.fromkeys(worst.values())}, shorts)


def _rows(assessment: dict) -> Iterator[Row]:
    """Yield the judgements of an assessment as rows of the table."""
    named, rungs = {name: assessment[name] for name in ("tool", "version")}, assessment["rungs"]
    for domain, level in assessment["judgements"].items():
        yield {**named, "domain": domain, "judgement": level, "rung": rungs[level]}
