"""What the pooled numbers of a domain would be without one row.

Which results represent a sample depends on their study alone, so only the study of the row is derived again; the
samples of the other studies stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from taprev.effects.events import MODELS_OF_COUNTS
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row, by_value
from taprev.provenance.trace.extraction import Extraction
from taprev.settings import Settings
from taprev.synthesis.counted import Counts, KnownRatio, counts_of, fit_of_counts
from taprev.synthesis.kernels.composite import composite
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.nested import nested_or_none
from taprev.synthesis.results import Fit
from taprev.vocabulary import Better, Contrast, Fate, Scale

PoolKey = tuple[tuple[Contrast, ...], Scale, Better]
"""Where a stratum stands, whatever its name: its contrasts, its scale, and which way is better."""
Sample = tuple[str, str]


@dataclass(frozen=True)
class PooledSample:
    """A sample in a pool: its effect, and the rows that it is made of."""

    yi: float
    vi: float
    rows: tuple[EffectRow, ...]


Pools = dict[PoolKey, dict[Sample, PooledSample]]


@dataclass(frozen=True)
class Whole:
    """A domain as it is: its extracted rows by study, the rest of the extraction, its effect rows and its pools."""

    domain: str
    outcomes: dict[str, list[Row]]
    studies: dict[str, Row]
    bias: dict[str, str]
    settings: Settings
    rows: list[EffectRow]
    rows_by_study: dict[str, list[EffectRow]]
    pools: Pools
    pools_by_study: dict[str, Pools]


@dataclass(frozen=True)
class Remainder:
    """What is left without a result: the effect rows of its study, and what they bring into each pool."""

    study: str
    rows: list[EffectRow]
    brought: Pools


def whole(domain: str, rows: list[EffectRow], extraction: Extraction, settings: Settings) -> Whole:
    """Return a domain with what is needed to leave its rows out one by one."""
    outcomes = by_value(extraction.of_domain(domain), "study")
    by_pool = pools(rows, settings)
    by_study: dict[str, Pools] = defaultdict(lambda: defaultdict(dict))
    for where, samples in by_pool.items():
        for sample, pooled in samples.items():
            by_study[sample[0]][where][sample] = pooled
    own: dict[str, list[EffectRow]] = defaultdict(list)
    for row in rows:
        own[row.study].append(row)
    return Whole(domain, outcomes, extraction.study_rows, extraction.bias, settings, rows, own, by_pool, by_study)


def without(given: Whole, result: str, study: str) -> Remainder:
    """Return what is left of a study without one of its results; another one may take its place."""
    kept = [row for row in given.outcomes[study] if row["result"] != result]
    rows = effect_rows(given.domain, kept, given.studies, given.settings, given.bias)
    return Remainder(study, rows, pools(rows, given.settings))


def samples_left(given: Whole, left: Remainder, where: PoolKey) -> dict[Sample, PooledSample]:
    """Return the samples of a pool without a result."""
    others = {**given.pools.get(where, {})}
    for key in given.pools_by_study.get(left.study, {}).get(where, {}):
        del others[key]
    return others | left.brought.get(where, {})


def pools(rows: Iterable[EffectRow], settings: Settings) -> Pools:
    """Return the samples that rows bring into each pool, those of several contrasts included.

    A sample that occurs in two designs enters a pool of several by the stronger one.
    """
    by_pool: dict[PoolKey, dict[Sample, list[EffectRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.poolable and row.axis and row.yi is not None and row.fate != Fate.EXCLUDED and not row.part_of:
            by_pool[(row.contrast,), *row.axis][row.study, row.sample].append(row)
    for wish in settings.synthesis.combined:
        for axis in {where[1:] for where in by_pool if where[0][0] in wish.contrasts and len(where[0]) == 1}:
            joined: dict[Sample, list[EffectRow]] = {}
            for contrast in (name for name in Contrast if name in wish.contrasts):
                joined = by_pool.get(((contrast,), *axis), {}) | joined
            by_pool[wish.contrasts, *axis] = joined
    rho = settings.assumptions.rho.value
    return {where: {key: _averaged(own, rho) for key, own in samples.items()} for where, samples in by_pool.items()}


def _averaged(rows: list[EffectRow], rho: float) -> PooledSample:
    effects = [(row.yi, row.vi) for row in rows if row.yi is not None and row.vi is not None]
    yi, vi = effects[0] if len(effects) == 1 else composite([y for y, _ in effects], [v for _, v in effects], rho)
    return PooledSample(yi, vi, tuple(rows))


def rows_left(given: Whole, left: Remainder) -> Iterator[EffectRow]:
    """Yield the effect rows of the domain without a result."""
    yield from (row for row in given.rows if row.study != left.study)
    yield from left.rows


def pool(
    where: PoolKey, samples: dict[Sample, PooledSample], every: Iterable[EffectRow], settings: Settings
) -> Fit | None:
    """Return the fit of a pool, or None where it holds fewer than two samples, or fewer designs than it is for.

    `every` holds all rows of the domain, among which an empty cell may ask for a model of counts.
    """
    counts = _counts(where, samples, every, settings) if where[1] in MODELS_OF_COUNTS else None
    if counts:
        try:
            return fit_of_counts(counts, settings.synthesis)
        except (ValueError, ArithmeticError):
            pass
    rows = [row for sample in samples.values() for row in sample.rows]
    designs = {row.contrast for row in rows}
    if len(samples) < 2 or len(designs) < min(2, len(where[0])):
        return None
    nested, _ = nested_or_none(rows, settings)
    how = settings.synthesis
    return nested or random_effects(
        np.array([sample.yi for sample in samples.values()]),
        np.array([sample.vi for sample in samples.values()]),
        tau2_method=how.tau2_method,
        ci_method=how.ci_method,
        level=how.level,
        pi_df=how.prediction_df,
    )


def _counts(
    where: PoolKey, samples: dict[Sample, PooledSample], every: Iterable[EffectRow], settings: Settings
) -> Counts | None:
    known = [KnownRatio(*key, "", sample.yi, sample.vi) for key, sample in samples.items()]
    own = [row for row in every if (row.contrast,) == where[0] and row.axis == where[1:]]
    return counts_of(own, known, settings.synthesis.empty_cells)
