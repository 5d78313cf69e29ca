"""What is shown with a number and is not part of it: descriptors of the study and the risk of bias."""

from __future__ import annotations

import json
from collections.abc import Iterable

from taprev.effects.rows import EffectRow
from taprev.synthesis.results import RiskOfBias
from taprev.vocabulary import RobLevel


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

    Where several results were judged with the tool of the first, each domain has the worst of their judgements.

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
    tool, version = assessments[0]["tool"], assessments[0]["version"]
    worst: dict[str, str] = {}
    for assessment in assessments:
        if (assessment["tool"], assessment["version"]) == (tool, version):
            for domain, judgement in assessment["judgements"].items():
                worst[domain] = max(worst.get(domain, judgement), judgement, key=_severity)
    return RiskOfBias(tool, version, worst)


def _severity(judgement: str) -> int:
    return RobLevel(judgement).gravity if judgement in set(RobLevel) else len(RobLevel)
