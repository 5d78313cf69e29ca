"""Cohen's kappa for two codings of the same things, with its asymptotic interval and the prevalence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from taprev.extraction.agreement_lines import NO_INTERVAL

ROUNDING = 1e-12


@dataclass(frozen=True)
class Kappa:
    """Agreement of two codings: `n` pairs, shares between 0 and 1, and why kappa is missing where it is None.

    `prevalence` is the share of the commonest category among all codings of both; `categories` counts the
    categories that either used. `se` is None with `kappa`.
    """

    n: int
    agreement: float | None
    kappa: float | None
    se: float | None
    kappa_lb: float | None
    kappa_ub: float | None
    prevalence: float | None
    categories: int
    note: str = ""


def cohens_kappa(first: Sequence[str], second: Sequence[str], level: float = 0.95) -> Kappa:
    """Return the unweighted kappa of two codings of equal length; an empty text is a category like any other.

    `kappa = (po - pe)/(1 - pe)` with `po` the agreement observed and `pe` the one expected from the margins
    (Cohen 1960, Educ Psychol Meas 20:37-46). Its large-sample standard error is that of Fleiss, Cohen and
    Everitt (1969, Psychol Bull 72:323-327, formula for the unweighted kappa):
    `var = {sum_i p_ii [1 - (p_i. + p_.i)(1 - kappa)]^2 + (1 - kappa)^2 sum_{i != j} p_ij (p_.i + p_j.)^2
    - [kappa - pe (1 - kappa)]^2} / [n (1 - pe)^2]`. The Wald interval is cut at -1 and 1. Raises ValueError
    for codings of unequal length. Where both use one category only, `pe` is 1 and kappa is not defined; where
    the standard error is zero (complete agreement, say) the interval would have no width and is left out.
    """
    if len(first) != len(second):
        raise ValueError(f"the codings differ in length: {len(first)} and {len(second)}")
    n = len(first)
    if n == 0:
        return Kappa(0, None, None, None, None, None, None, 0, "nothing to compare")
    counts = _counts(first, second)
    rows, cols = counts.sum(axis=1), counts.sum(axis=0)
    agreed, by_chance = int(np.trace(counts)), int(rows @ cols)
    prevalence = int((rows + cols).max()) / (2 * n)
    if len(counts) == 1:
        note = "one category only: kappa is not defined"
        return Kappa(n, 1.0, None, None, None, None, 1.0, 1, note)
    kappa = (n * agreed - by_chance) / (n * n - by_chance)
    se = _standard_error(counts, kappa)
    if se == 0:
        note = NO_INTERVAL
        return Kappa(n, agreed / n, kappa, 0.0, None, None, prevalence, len(counts), note)
    half = NormalDist().inv_cdf((1 + level) / 2) * se
    lb, ub = max(-1.0, kappa - half), min(1.0, kappa + half)
    return Kappa(n, agreed / n, kappa, se, lb, ub, prevalence, len(counts))


def _counts(first: Sequence[str], second: Sequence[str]) -> np.ndarray:
    """Return the square table of counts, the first coding in rows, the second in columns."""
    place = {category: position for position, category in enumerate(sorted({*first, *second}))}
    counts = np.zeros((len(place), len(place)), dtype=np.int64)
    np.add.at(counts, ([place[category] for category in first], [place[category] for category in second]), 1)
    return counts


def _standard_error(counts: np.ndarray, kappa: float) -> float:
    n = counts.sum()
    shares, rows, cols = counts / n, counts.sum(axis=1) / n, counts.sum(axis=0) / n
    diagonal, expected = np.diag(shares), float(rows @ cols)
    agreed = float(diagonal @ (1 - (rows + cols) * (1 - kappa)) ** 2)
    margins = (cols[:, None] + rows[None, :]) ** 2
    apart = float((shares * margins).sum() - (diagonal * np.diag(margins)).sum()) * (1 - kappa) ** 2
    variance = agreed + apart - (kappa - expected * (1 - kappa)) ** 2
    return sqrt(variance / n) / (1 - expected) if variance > ROUNDING else 0.0
