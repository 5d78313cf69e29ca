"""How figures of directions show a study: its size in classes, its risk of bias, and what nobody knows of either.

The effect direction plot has size and quality beside the direction (Boon and Thomson 2021, Res Synth Methods 12:29). A
size that is not known is a class of its own and never the smallest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum

from taprev.drawing.judgement_signs import LIGHTS
from taprev.synthesis.results import StudyVote, Synthesis
from taprev.vocabulary import RobRung
from taprev.wording import context, labels, sentences
from taprev.wording.overall_risk import risk

LARGE, MEDIUM = 300.0, 50.0
NOBODY = "nobody has judged the risk of bias"


class SizeClass(Enum):
    """How many people a direction is of, with its words in a key."""

    LARGE = "more than 300 people"
    MEDIUM = "50 to 300 people"
    SMALL = "fewer than 50 people"
    UNKNOWN = "number of people not given"


def people(vote: StudyVote) -> float | None:
    """Return how many people a vote is of; None where it is not given, or where n counts something else."""
    return None if vote.context.n_counts else context.total(vote)


def size_class(number: float | None) -> SizeClass:
    """Return the class of a number of people."""
    if number is None:
        return SizeClass.UNKNOWN
    return SizeClass.LARGE if number > LARGE else SizeClass.MEDIUM if number >= MEDIUM else SizeClass.SMALL


def risks(votes: Iterable[StudyVote]) -> dict[str, RobRung]:
    """Return the levels of risk of bias that occur, from light to grave; empty where nobody judged any."""
    found = dict(sorted(map(risk, votes), key=lambda judged: list(LIGHTS).index(judged[1])))
    return {} if set(found.values()) <= {RobRung.NOT_ASSESSED} else found


def size_words(size: SizeClass, unknown: str) -> str:
    """Return a class of sizes in the words of a key; `unknown` says how one that is not given is drawn."""
    return f"{size.value} ({unknown})" if size == SizeClass.UNKNOWN else size.value


def risk_words(votes: Sequence[tuple[Synthesis, StudyVote]]) -> list[str]:
    """Return how many directions are of which overall risk of bias, or that nobody judged it; nothing without votes."""
    judged = risks(vote for _, vote in votes)
    if not judged:
        return [sentences.sentence(NOBODY)] if votes else []
    counted = Counter(risk(vote)[0] for _, vote in votes)
    levels = ", ".join(f"{counted[level]} {labels.clean(level)}" for level in judged)
    return [sentences.sentence(f"risk of bias: {levels}")]


def every_vote(contents: Iterable[Synthesis]) -> list[tuple[Synthesis, StudyVote]]:
    """Return every vote with its domain."""
    return [(content, vote) for content in contents for vote in content.votes]
