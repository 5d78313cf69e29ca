"""Who contributes to a stratum, how much, and what each contributor is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OVERALL = "overall"
NOT_JUDGED = "not judged"
WORST_FIRST = (
    "critical", "serious", "high", "no information", NOT_JUDGED, "moderate", "some concerns", "low",
)  # fmt: skip
Row = Mapping[str, str]


@dataclass(frozen=True)
class Contributor:
    """A sample of a stratum and its share in percent: of the weight, or of the studies where nothing is pooled."""

    study: str
    results: tuple[str, ...]
    share: float
    yi: float | None
    ci_lb: float | None
    ci_ub: float | None
    participants: float | None


def contributors(stratum: Mapping[str, Any], votes: Iterable[Mapping[str, Any]]) -> tuple[Contributor, ...]:
    """Return the pooled samples with their weights, or every study that measured something, in equal shares.

    Effects are turned so that a positive one is better.
    """
    sign = stratum["favours_sign"]
    if stratum["fit"]:
        pooled = [study for study in stratum["studies"] if study["weight"] is not None]
        return tuple(
            Contributor(
                study["study"], tuple(study["results"]), study["weight"], sign * study["yi"],
                *sorted((sign * study["ci_lb"], sign * study["ci_ub"])), _people(study),
            )
            for study in pooled
        )  # fmt: skip
    own = [vote for vote in votes if vote["contrast"] in stratum["contrasts"]]
    return tuple(
        Contributor(vote["study"], tuple(vote["results"]), 100 / len(own), None, None, None, _people(vote))
        for vote in own
    )


def _people(one: Mapping[str, Any]) -> float | None:
    """Return how many people a contrast rests on, or None where a size is not printed."""
    if one["n_arm1"] is None:
        return None
    return one["n_arm1"] + (one["n_arm2"] or 0)


def shares(many: Sequence[Contributor], kind: Callable[[Contributor], str]) -> dict[str, float]:
    """Return the share of every kind of contributor, in percent."""
    total: dict[str, float] = defaultdict(float)
    for one in many:
        total[kind(one)] += one.share
    return dict(total)


def worst_judgement(one: Contributor, judged: Mapping[str, str]) -> str:
    """Return the gravest overall judgement of risk of bias among the results of a contributor."""
    found = {judged.get(result, NOT_JUDGED) for result in one.results}
    return min(found, key=WORST_FIRST.index, default=NOT_JUDGED)
