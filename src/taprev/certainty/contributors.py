"""Who contributes to a stratum, how much, and what each contributor is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from taprev.synthesis.results import Stratum, Study, StudyVote
from taprev.vocabulary import RobRung
from taprev.wording.context import total

ROBINS_I = "ROBINS-I"


@dataclass(frozen=True)
class OverallJudgement:
    """The overall risk of bias of a result, the tool it was judged with, and what its level amounts to."""

    tool: str
    level: str
    rung: RobRung


NOT_ASSESSED = OverallJudgement("", RobRung.NOT_ASSESSED, RobRung.NOT_ASSESSED)


@dataclass(frozen=True)
class Contributor:
    """An effect of a stratum and its share in percent: of the weight, or of the studies where nothing is pooled.

    Several effects of one sample are of the same people.
    """

    study: str
    sample: str
    results: tuple[str, ...]
    share: float
    yi: float | None
    ci_lb: float | None
    ci_ub: float | None
    participants: float | None
    n_counts: str = ""


def contributors(stratum: Stratum, votes: Sequence[StudyVote]) -> tuple[Contributor, ...]:
    """Return the pooled samples with their weights, or every study among `votes`, in equal shares.

    Effects are turned so that a positive one is better.
    """
    if stratum.fit:
        return tuple(
            _pooled(study, study.weight, stratum.favours_sign) for study in stratum.studies if study.weight is not None
        )
    share = 100 / len(votes) if votes else 0.0
    return tuple(Contributor(vote.study, "", vote.results, share, None, None, None, *_people(vote)) for vote in votes)


def _pooled(study: Study, weight: float, sign: int) -> Contributor:
    own = study.own
    if own is None:
        return Contributor(study.study, study.sample, study.results, weight, None, None, None, *_people(study))
    lb, ub = sorted((sign * own.ci_lb, sign * own.ci_ub))
    return Contributor(study.study, study.sample, study.results, weight, sign * own.yi, lb, ub, *_people(study))


def _people(study: Study | StudyVote) -> tuple[float | None, str]:
    """Return how many a contrast rests on, None where a size is not printed, and what is counted if not people."""
    return total(study), study.context.n_counts


def people(many: Iterable[Contributor]) -> float | None:
    """Return how many people all effects have, those of one sample counted once; None if a size is not printed.

    Units that are not people, such as teachers beside the children they rate, are not counted.
    """
    most: dict[tuple[str, str], float] = {}
    for effect in many:
        if effect.n_counts:
            continue
        if effect.participants is None:
            return None
        at = (effect.study, effect.sample)
        most[at] = max(effect.participants, most.get(at, 0.0))
    return sum(most.values()) if most else None


def shares(many: Sequence[Contributor], kind: Callable[[Contributor], str]) -> dict[str, float]:
    """Return the share of every kind of contributor, in percent."""
    total: dict[str, float] = defaultdict(float)
    for effect in many:
        total[kind(effect)] += effect.share
    return dict(total)


def worst_judgement(effect: Contributor, judged: Mapping[str, OverallJudgement]) -> OverallJudgement:
    """Return the gravest overall judgement of risk of bias among the results of a contributor."""
    levels = [judged.get(result, NOT_ASSESSED) for result in effect.results]
    return max(levels, key=lambda judgement: judgement.rung.gravity, default=NOT_ASSESSED)


def by_robins(many: Iterable[Contributor], judged: Mapping[str, OverallJudgement]) -> bool:
    """Return whether every result was judged with ROBINS-I, and with information."""
    judgements = [judged.get(result, NOT_ASSESSED) for effect in many for result in effect.results]
    return bool(judgements) and all(
        judgement.tool == ROBINS_I and judgement.rung not in (RobRung.UNKNOWN, RobRung.NOT_ASSESSED)
        for judgement in judgements
    )
