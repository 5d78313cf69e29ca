"""p values combined where no magnitude is printed (Cochrane Handbook 12.2.1.2), by PyMARE.

Fisher's and Stouffer's tests take one-sided p values, one of each study, and say that something differs from
nothing. They say nothing of how much, nor in how many studies.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.special import ndtri_exp

from taprev.effects.rows import EffectRow
from taprev.synthesis.results import CombinedP
from taprev.vocabulary import Direction

QUESTIONS = {
    "Fisher": "Did the outcome change this way in at least one study?",
    "Stouffer": "Did the outcome change this way in these studies taken together, each counting the same?",
}
WITHHELD = "The combined p is withheld: without a systematic search, reports that print a small p are over-represented."


def combined_p(rows: Iterable[EffectRow], systematic_search: bool) -> list[CombinedP]:
    """Return Fisher's and Stouffer's tests for each contrast in which a study prints p and a direction only."""
    by_contrast: dict[str, dict[str, list[EffectRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        printed = row.p is not None and 0 < row.p < 1 and row.direction in (Direction.BETTER, Direction.WORSE)
        if row.votes and row.yi is None and printed:
            by_contrast[row.contrast][row.study].append(row)
    found = []
    for contrast, studies in by_contrast.items():
        chosen = [_middle(results) for results in studies.values()]
        found += [_combined(contrast, method, chosen, systematic_search) for method in QUESTIONS]
    return found


def one_sided_z(p: float, direction: str) -> float:
    """Return the normal deviate of a two-sided p, positive where the recorded direction is better."""
    z = -float(ndtri_exp(math.log(p / 2)))
    return z if direction == "better" else -z


def combine(z, method: str) -> tuple[float, float]:
    """Return the combined one-sided p for better and for worse of normal deviates, by Fisher's or Stouffer's test.

    Fisher (1932), Statistical Methods for Research Workers, 21.1; Stouffer and others (1949), The American
    Soldier 1:45. Raises ValueError for a deviate that is not finite and for an unknown method.
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


def _middle(results: list[EffectRow]) -> EffectRow:
    """Return the result of a study whose one-sided p is the median, of two the one nearer to one half."""
    ordered = sorted(results, key=lambda row: one_sided_z(row.p, row.direction), reverse=True)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return min(middle, key=lambda row: abs(one_sided_z(row.p, row.direction)))


def _combined(contrast: str, method: str, chosen: list[EffectRow], systematic_search: bool) -> CombinedP:
    better = worse = None
    withheld = None if systematic_search else WITHHELD
    if len(chosen) < 2:
        withheld = "Only one study prints an exact p without a magnitude."
    if withheld is None:
        better, worse = combine((one_sided_z(row.p, row.direction) for row in chosen), method)
    results = tuple(row.result for row in chosen)
    return CombinedP(contrast, method, QUESTIONS[method], len(chosen), results, better, worse, withheld)
