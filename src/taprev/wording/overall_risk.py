"""The overall risk of bias behind a direction, in the words of its tool."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.extraction.risk_of_bias.judged import NO_OVERALL
from taprev.extraction.risk_of_bias.tools import OVERALL
from taprev.synthesis.results import StudyVote
from taprev.vocabulary import RobRung


def risk(vote: StudyVote) -> tuple[str, RobRung]:
    """Return the overall judgement of risk of bias of a vote, and what it amounts to."""
    judged = vote.risk_of_bias
    if judged is None or not judged.assessed:
        return RobRung.NOT_ASSESSED.said, RobRung.NOT_ASSESSED
    level = judged.judgements.get(OVERALL)
    if level is None or judged.rungs[level] == RobRung.NOT_ASSESSED:
        return NO_OVERALL, RobRung.UNRATED
    return level, judged.rungs[level]


def gravest(votes: Iterable[StudyVote]) -> tuple[str, RobRung]:
    """Return the gravest overall judgement of several votes, at least one."""
    return max(map(risk, votes), key=lambda judged: judged[1].gravity)
