"""Time the multiverse of one domain against pooling its specifications one by one: `python benchmarks/multiverse.py`.

Sixty results of thirty samples under six choices that bear on effects, three correlations of equals and three
estimators of tau2, 5,184 specifications. CPU seconds; one by one, a few hundred of them are pooled by
`random_effects` and the time is scaled up.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from kernels import SHORT, machine

from taprev.effects.variants import ChoiceAxis
from taprev.synthesis import random_effects
from taprev.synthesis.kernels.composite import composite
from taprev.synthesis.multiverse import Effects, multiverse
from taprev.synthesis.results import Multiverse, Specification

RESULTS, SAMPLES = 60, 30
AXES = (
    ChoiceAxis("scope", ("usual", "with clients", "with carers"), 0),
    ChoiceAxis("pool_tiers", ("exact and assumed", "exact only"), 0),
    ChoiceAxis("risk_of_bias", ("every judgement", "without high"), 0),
    ChoiceAxis("r_pre_post", ("0.3", "0.5", "0.7", "0.9"), 1),
    ChoiceAxis("icc", ("none", "0.01", "0.05", "0.1"), 0),
    ChoiceAxis("overdispersion", ("1", "2", "5"), 0),
)
RHO, METHODS, USUAL_RHO = (0.4, 0.6, 0.8), ("REML", "DL", "PM"), 0.6
TIMES, ONE_BY_ONE = (1, 20) if SHORT else (9, 300)


def main() -> None:
    print(f"machine: {machine()}")
    effects = drawn()
    whole = multiverse(effects, RHO, USUAL_RHO, METHODS, "REML")
    specifications = len(whole.specifications)
    batch = median_cpu(lambda: multiverse(effects, RHO, USUAL_RHO, METHODS, "REML"), TIMES)
    chosen = np.random.default_rng(7).choice(specifications, ONE_BY_ONE, replace=False)
    sample = [whole.specifications[i] for i in chosen]
    pairs = [(spec, *composites(effects, whole, spec)) for spec in sample]
    single = median_cpu(lambda: [pooled(*pair) for pair in pairs], 3) * specifications / ONE_BY_ONE
    widest = max(abs(pooled(*pair) - pair[0].estimate) for pair in pairs)
    print(f"{RESULTS} results of {SAMPLES} samples, {specifications:,} specifications")
    print(f"multiverse in one batch {batch:8.3f} s of CPU, median of {TIMES}")
    print(f"one by one              {single:8.3f} s of CPU, scaled up from {ONE_BY_ONE} of them")
    print(f"{single / batch:.0f} times; estimates differ by at most {widest:.1e}")


def drawn() -> Effects:
    """Return made-up effects under every combination, drawn with a fixed seed."""
    rng = np.random.default_rng(20240919)
    shape = tuple(len(axis.levels) for axis in AXES)
    at = np.indices(shape)
    present = np.ones((RESULTS, *shape), bool)
    vi = np.broadcast_to(rng.uniform(0.01, 0.2, RESULTS).reshape(-1, *(1,) * len(shape)), present.shape).copy()
    kind = rng.integers(0, 10, RESULTS)
    for i in range(RESULTS):
        if kind[i] < 2:
            present[i] &= at[0] == kind[i] + 1
        present[i] &= (at[1] == 0) | (kind[i] % 2 == 0)
        present[i] &= (at[2] == 0) | (kind[i] != 3)
        vi[i] *= np.array([1.4, 1.0, 0.6, 0.2])[at[3]] if kind[i] % 2 else 1.0
        vi[i] *= np.array([1.0, 1.3, 2.5, 4.0])[at[4]] if kind[i] == 5 else 1.0
        vi[i] *= np.array([1.0, 2.0, 5.0])[at[5]] if kind[i] == 7 else 1.0
    yi = np.broadcast_to(rng.normal(0.3, 0.35, RESULTS).reshape(-1, *(1,) * len(shape)), present.shape)
    yi, vi = (np.where(present, values, np.nan).reshape(RESULTS, -1) for values in (yi, vi))
    return Effects(AXES, np.arange(RESULTS) % SAMPLES, yi, vi)


def composites(effects: Effects, whole: Multiverse, spec: Specification) -> tuple[list[float], list[float], str]:
    """Return the effects of the samples under a specification, their variances and the estimator of tau2."""
    named = {factor.name: factor.levels[level] for factor, level in zip(whole.factors, spec.levels, strict=True)}
    level = [axis.levels.index(named[axis.name]) for axis in AXES]
    column = np.ravel_multi_index(level, [len(axis.levels) for axis in AXES])
    pairs = []
    for sample in range(SAMPLES):
        rows = np.flatnonzero((effects.sample == sample) & np.isfinite(effects.yi[:, column]))
        if rows.size:
            rho = float(named["rho"])
            pairs.append(composite(effects.yi[rows, column], effects.vi[rows, column], rho))
    return *map(list, zip(*pairs, strict=True)), named["tau2_method"]


def pooled(spec: Specification, yi: list[float], vi: list[float], method: str) -> float:
    """Return the estimate of a specification pooled by itself."""
    return random_effects(yi, vi, tau2_method=method).estimate


def median_cpu(work: Callable[[], object], times: int) -> float:
    """Return the median CPU seconds of `work` after one call to warm up."""
    work()
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
