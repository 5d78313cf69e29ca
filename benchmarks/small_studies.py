"""How often tests and models of small studies find results that were held back: `python benchmarks/small_studies.py`.

Made-up reviews of twenty published studies with standardised mean differences. Studies have 15 to 150 people an arm,
evenly in the logarithm, and true effects that vary by 0.15 around a mean. Either every study is published, or one that
is not significant in favour of the programme (one-sided p < .025) with a chance of one in five. Each row is of 1,000
reviews (`--reviews N` for another number); the last line is the CPU time of the whole panel for fifty studies.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from kernels import SHORT, machine
from scipy.special import ndtri

from taprev.settings import read_settings
from taprev.synthesis.kernels.asymmetry import from_sizes, regression_test
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.selection import selection_model
from taprev.synthesis.results import ImportantDifference, Study
from taprev.synthesis.small_study import small_studies
from taprev.vocabulary import Fate, Scale, Tier

ROOT = Path(__file__).parents[1]
STUDIES, TAU, PASSES, ALPHA = 20, 0.15, 0.2, 0.1
MEANS = (0.0, 0.3, 0.8)
REVIEWS = int(sys.argv[sys.argv.index("--reviews") + 1]) if "--reviews" in sys.argv else 10 if SHORT else 1_000
SEED = 20261130


@dataclass(frozen=True)
class Found:
    """What one review's tests say (p values), and what its models make of the mean."""

    egger: float
    sizes: float
    selection: float
    pooled: float
    corrected: float
    peese: float


def main() -> None:
    """Print how often each test is below 0.1, and the mean of each estimate."""
    print(f"machine: {machine()}")
    print("                        share of reviews below p = 0.10      mean of the estimates")
    print(" mean  held back   Egger   root of 1/n   selection model   pooled  selection  PEESE")
    for mean in MEANS:
        for held_back in (False, True):
            print(line(mean, held_back, rates(mean, held_back, REVIEWS)))
    print(f"the whole panel of 50 studies: {panel_seconds():.3f} s of CPU")


def line(mean: float, held_back: bool, told: Found) -> str:
    """Return a row of the table."""
    shares = f"{told.egger:9.3f}{told.sizes:14.3f}{told.selection:18.3f}"
    means = f"{told.pooled:9.3f}{told.corrected:11.3f}{told.peese:7.3f}"
    return f"{mean:5.1f}  {'yes' if held_back else 'no':9}{shares}{means}"


def rates(mean: float, held_back: bool, reviews: int) -> Found:
    """Return how often each test finds something, and the mean of each estimate, over so many reviews."""
    every = list(found(mean, held_back, reviews))
    below = [np.mean([getattr(one, name) < ALPHA for one in every]) for name in ("egger", "sizes", "selection")]
    means = [np.nanmean([getattr(one, name) for one in every]) for name in ("pooled", "corrected", "peese")]
    return Found(*map(float, (*below, *means)))


def found(mean: float, held_back: bool, reviews: int) -> Iterator[Found]:
    """Yield what each review gives."""
    for number in range(reviews):
        y, v, n = review(np.random.default_rng([SEED, round(10 * mean), held_back, number]), mean, held_back)
        by_size = from_sizes(n, n)
        try:
            selected = selection_model(y, v)
            selection, corrected = selected.lrt_pval, selected.estimate
        except ValueError:
            selection, corrected = 1.0, np.nan
        yield Found(
            egger=regression_test(y, v, model="multiplicative").pval,
            sizes=regression_test(y, v, by_size, test="knha").pval,
            selection=selection,
            pooled=random_effects(y, v).estimate,
            corrected=corrected,
            peese=regression_test(y, v, by_size**2, "multiplicative").limit,
        )


def review(draw: np.random.Generator, mean: float, held_back: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the published effects of a review, their variances, and the people of an arm."""
    rows: list[tuple[float, float, float]] = []
    while len(rows) < STUDIES:
        n = float(np.round(np.exp(draw.uniform(np.log(15), np.log(150)))))
        y = float(draw.normal(mean, np.sqrt(TAU**2 + 2 / n)))
        v = 2 / n + y**2 / (4 * n)
        significant = y / np.sqrt(v) > ndtri(0.975)
        if not held_back or significant or draw.uniform() < PASSES:
            rows.append((y, v, n))
    y, v, n = map(np.array, zip(*rows, strict=True))
    return y, v, n


def panel_seconds() -> float:
    """Return the CPU seconds of the panel of fifty studies, the best of five."""
    draw = np.random.default_rng(SEED)
    n = np.round(np.exp(draw.uniform(np.log(15), np.log(150), 50)))
    y = draw.normal(0.3, np.sqrt(TAU**2 + 2 / n))
    v = 2 / n + y**2 / (4 * n)
    fit, settings = random_effects(y, v), read_settings(ROOT / "config" / "review.yaml")
    pooled = [study(number, *row) for number, row in enumerate(zip(y, v, n, strict=True))]
    important = ImportantDifference(0.2, "made up")

    def seconds() -> float:
        start = time.process_time()
        small_studies(pooled, fit, Scale.SMD, 1, important, settings)
        return time.process_time() - start

    return min(seconds() for _ in range(2 if SHORT else 5))


def study(number: int, yi: float, vi: float, n: float) -> Study:
    """Return a made-up pooled study."""
    half = 1.96 * vi**0.5
    return Study(
        study=f"s{number}",
        sample="all",
        label=f"Study {number}",
        n_arm1=n,
        n_arm2=n,
        yi=float(yi),
        vi=float(vi),
        ci_lb=yi - half,
        ci_ub=yi + half,
        measure="SMD",
        derivation="smd_from_means",
        tier=Tier.EXACT,
        assumptions=(),
        fate=Fate.POOLED,
        reason=None,
        weight=None,
        results=(f"r{number}",),
    )


if __name__ == "__main__":
    main()
