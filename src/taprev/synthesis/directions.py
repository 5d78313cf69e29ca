"""Directions counted by study, never significance (SWiM; Boon and Thomson 2021, Res Synth Methods 12:29).

Every study with a direction votes once in each contrast, whether it printed a usable magnitude or not. A tie, a
mixed result and a null without a printed sign are unclear and are left out of the count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from scipy.special import bdtr, betaincinv

from taprev.effects.rows import EffectRow
from taprev.notes import note
from taprev.synthesis.descriptors import context, descriptors, judged
from taprev.synthesis.results import SignTest, StudyVote
from taprev.vocabulary import Contrast, NoteCode, Vote

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


def sign_test(contrast: Contrast, ballots: Iterable[StudyVote], systematic_search: bool, level: float) -> SignTest:
    """Count the votes of one contrast; exact two-sided sign test with the Clopper-Pearson interval.

    Parameters
    ----------
    contrast : Contrast
        The contrast, which the result names.
    ballots : iterable of StudyVote
        Its votes.
    systematic_search : bool
        Whether the search was systematic; otherwise p is withheld.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    SignTest
        The counts, the share of better among the clear directions with its interval, and p or why it is withheld.
        The share and its interval are None if no direction is clear.

    References
    ----------
    Campbell 2020, BMJ 368:l6890 (SWiM); Boon and Thomson 2021, Res Synth Methods 12:29.
    """
    counts = Counter(vote.direction for vote in ballots)
    better, worse = counts[Vote.BETTER], counts[Vote.WORSE]
    n = better + worse
    lb, ub = clopper_pearson(better, n, level) if n else (None, None)
    return SignTest(
        contrast=contrast,
        better=better,
        worse=worse,
        unclear=counts[Vote.UNCLEAR],
        proportion=better / n if n else None,
        ci_lb=lb,
        ci_ub=ub,
        pval=sign_pval(better, n) if n and systematic_search else None,
        pval_withheld=None
        if n and systematic_search
        else note(NoteCode.SIGN_TEST_WITHHELD if n else NoteCode.NO_DIRECTION),
    )


def clopper_pearson(x: int, n: int, level: float) -> tuple[float, float]:
    """Return the exact interval of a proportion x / n.

    Parameters
    ----------
    x : int
        Number of successes, from 0 to `n`.
    n : int
        Number of trials, at least 1.
    level : float
        The level of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        The lower and the upper end.
    """
    alpha = (1 - level) / 2
    lb = float(betaincinv(x, n - x + 1, alpha)) if x > 0 else 0.0
    ub = float(betaincinv(x + 1, n - x, 1 - alpha)) if x < n else 1.0
    return lb, ub


def sign_pval(x: int, n: int) -> float:
    """Return the two-sided p of x of n directions under even odds.

    Parameters
    ----------
    x : int
        Number of directions one way, from 0 to `n`.
    n : int
        Number of directions.

    Returns
    -------
    float
        The exact p, at most 1.
    """
    return min(1.0, 2 * float(bdtr(min(x, n - x), n, 0.5)))
