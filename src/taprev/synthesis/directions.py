"""Directions counted by study, never significance (SWiM; Boon and Thomson 2021, Res Synth Methods 12:29).

Every study with a direction votes once in each contrast, whether it printed a usable magnitude or not. A tie, a
mixed result and a null without a printed sign are unclear and are left out of the count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from taprev.effects.rows import EffectRow
from taprev.synthesis.descriptors import context, descriptors, judged
from taprev.synthesis.results import StudyVote
from taprev.vocabulary import Vote

AGREEMENT = 0.7


def votes(rows: Iterable[EffectRow]) -> list[StudyVote]:
    """Return one vote for each study and contrast, in the order in which the studies first appear.

    Parameters
    ----------
    rows : iterable of EffectRow
        The rows of a domain; those that do not vote are left out.

    Returns
    -------
    list of StudyVote
        The votes.
    """
    return said_by_study(row for row in rows if row.votes)


def said_by_study(rows: Iterable[EffectRow]) -> list[StudyVote]:
    """Return what each study says in each contrast, whether or not its rows vote.

    Parameters
    ----------
    rows : iterable of EffectRow
        The rows of a domain.

    Returns
    -------
    list of StudyVote
        One for each study and contrast, in the order in which the studies first appear.
    """
    studies: dict[tuple[str, str], list[EffectRow]] = defaultdict(list)
    for row in rows:
        studies[row.study, row.contrast].append(row)
    return [_vote(results) for results in studies.values()]


def _vote(results: list[EffectRow]) -> StudyVote:
    first = results[0]
    return StudyVote(
        study=first.study,
        label=first.label,
        contrast=first.contrast,
        direction=direction_of([row.direction for row in results]),
        n_arm1=_total(results, "n_arm1"),
        n_arm2=_total(results, "n_arm2"),
        with_magnitude=any(row.magnitude for row in results),
        results=tuple(row.result for row in results),
        year=first.year,
        descriptors=descriptors(results),
        risk_of_bias=judged(results),
        context=context(results),
    )


def _total(results: list[EffectRow], arm: str) -> float | None:
    """Add up independent samples, taking the largest number printed for each."""
    sizes: dict[str, float] = {}
    for row in results:
        if (n := getattr(row, arm)) is not None:
            sizes[row.sample] = max(n, sizes.get(row.sample, 0))
    return sum(sizes.values()) if sizes else None


def direction_of(directions: list[str]) -> Vote:
    """Return the direction that at least 70 % of a study's results share, or `unclear`.

    Parameters
    ----------
    directions : list of str
        The direction of each result.

    Returns
    -------
    Vote
        `better`, `worse` or `unclear`.

    References
    ----------
    Boon and Thomson 2021, Res Synth Methods 12:29.
    """
    counts = Counter(directions)
    shared = [vote for vote in (Vote.BETTER, Vote.WORSE) if counts[vote] >= AGREEMENT * len(directions)]
    return shared[0] if shared else Vote.UNCLEAR
