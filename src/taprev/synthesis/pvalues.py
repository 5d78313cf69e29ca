"""p values combined where no magnitude is printed (Cochrane Handbook 12.2.1.2), by PyMARE.

Fisher's and Stouffer's tests take one-sided p values, one from each study, and show whether there is any effect.
They do not show how large it is, nor in how many studies.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.special import ndtri_exp

from taprev.effects.rows import EffectRow
from taprev.notes import note
from taprev.synthesis.results import CombinedP
from taprev.vocabulary import Contrast, Direction, NoteCode

Deviate = tuple[float, str]
"""The normal deviate of a printed p, positive for better, and the result that prints it."""

QUESTIONS = {
    "Fisher": "Did the outcome change this way in at least one study?",
    "Stouffer": "Did the outcome change this way in these studies taken together, each counting the same?",
}


def combined_p(rows: Iterable[EffectRow], systematic_search: bool) -> list[CombinedP]:
    """Return Fisher's and Stouffer's tests for each contrast in which a study prints only p and a direction.

    Parameters
    ----------
    rows : iterable of EffectRow
        The rows of a domain.
    systematic_search : bool
        Whether the search was systematic; otherwise the tests are withheld.

    Returns
    -------
    list of CombinedP
        Two tests for each contrast.
    """
    by_contrast: dict[Contrast, dict[str, list[Deviate]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        signed = row.direction in (Direction.BETTER, Direction.WORSE)
        if row.votes and row.yi is None and signed and row.p is not None and 0 < row.p < 1:
            by_contrast[row.contrast][row.study].append((one_sided_z(row.p, row.direction), row.result))
    tests = []
    for contrast, studies in by_contrast.items():
        chosen = [_middle(deviates) for deviates in studies.values()]
        tests += [_combined(contrast, method, chosen, systematic_search) for method in QUESTIONS]
    return tests


def one_sided_z(p: float, direction: str) -> float:
    """Return the normal deviate of a two-sided p, positive where the recorded direction is better.

    Parameters
    ----------
    p : float
        The two-sided p, between 0 and 1.
    direction : str
        The recorded direction, better or worse.

    Returns
    -------
    float
        The deviate.

    References
    ----------
    Cochrane Handbook 12.2.1.2.
    """
    z = -float(ndtri_exp(math.log(p / 2)))
    return z if direction == Direction.BETTER else -z


def combine(z, method: str) -> tuple[float, float]:
    """Return the combined one-sided p of normal deviates, for better and for worse.

    Parameters
    ----------
    z : iterable of float
        One deviate from each study, positive for better.
    method : str
        Fisher or Stouffer.

    Returns
    -------
    tuple of float
        The p for better and the p for worse.

    Raises
    ------
    ValueError
        For no deviate or one that is not finite, and for an unknown method.

    References
    ----------
    Fisher (1932), Statistical Methods for Research Workers, 21.1; Stouffer and others (1949), The American
    Soldier 1:45.
    """
    z = np.array(list(z), float)[:, None]
    if not (z.size and np.isfinite(z).all()):
        raise ValueError("p values to be combined must lie between 0 and 1, and there must be one")
    if method not in QUESTIONS:
        raise ValueError(f"{method!r} does not combine p values; use {' or '.join(QUESTIONS)}")
    from pymare.estimators import FisherCombinationTest, StoufferCombinationTest

    test = {"Fisher": FisherCombinationTest, "Stouffer": StoufferCombinationTest}[method]()
    better, worse = (math.exp(float(np.ravel(test.log_p_value(side))[0])) for side in (z, -z))
    return better, worse


def _middle(deviates: list[Deviate]) -> Deviate:
    """Return the result of a study whose one-sided p is the median; of two, the one closer to one half."""
    ordered = sorted(deviates, key=lambda deviate: deviate[0], reverse=True)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return min(middle, key=lambda deviate: abs(deviate[0]))


def _combined(contrast: Contrast, method: str, chosen: list[Deviate], systematic_search: bool) -> CombinedP:
    better = worse = None
    withheld = None if systematic_search else note(NoteCode.COMBINED_P_WITHHELD)
    if len(chosen) < 2:
        withheld = note(NoteCode.ONE_P_ONLY)
    if withheld is None:
        better, worse = combine((z for z, _ in chosen), method)
    results = tuple(result for _, result in chosen)
    return CombinedP(contrast, method, QUESTIONS[method], len(chosen), results, better, worse, withheld)
