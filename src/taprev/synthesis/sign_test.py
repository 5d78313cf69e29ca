"""The sign test of directions that were counted by study, and its exact interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scipy.special import bdtr, betaincinv

from taprev.notes import note
from taprev.synthesis.results import SignTest, StudyVote
from taprev.vocabulary import Contrast, NoteCode, Vote


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
