"""The numbers that depend on a row although it has no weight in them, and pools of events that hold it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from taprev.effects.rows import Axis, EffectRow
from taprev.effects.variants import Variants
from taprev.provenance.trace.omission import (
    PooledSample,
    PoolKey,
    Remainder,
    Sample,
    Whole,
    pool,
    rows_left,
    samples_left,
)
from taprev.provenance.trace.results import IndirectNumber, Sway
from taprev.synthesis.results import Fit, SparseFit
from taprev.synthesis.strata import axis_words
from taprev.synthesis.stratum import pool_of_events
from taprev.vocabulary import Contrast, Fate
from taprev.wording import labels

HELD, WEIGHTLESS = (
    "its events are pooled here",
    "it has no weight here, but decides whether or how others are pooled",
)


def sways(row: EffectRow, given: Whole, left: Remainder) -> Iterator[Sway]:
    """Yield the numbers that depend on a row, other than those in which it is weighed."""
    yield from _events(row, given, left)
    for where in {**given.pools_by_study.get(row.study, {}), **left.brought}:
        held = given.pools_by_study.get(row.study, {}).get(where, {})
        if any(other.result == row.result for sample in held.values() for other in sample.rows):
            continue
        if _same(held, left.brought.get(where, {})):
            continue
        there = given.pools.get(where, {})
        before = number(pool(where, there, given.rows, given.settings), len(there))
        samples = samples_left(given, left, where)
        after = number(pool(where, samples, rows_left(given, left), given.settings), len(samples))
        if not _same_number(before, after):
            yield Sway(_label(where, given), where[1], _digits(given), WEIGHTLESS, before, after)


def _digits(given: Whole) -> int | None:
    return given.settings.domains[given.domain].digits


def number(fit: Fit | SparseFit | None, samples: int) -> IndirectNumber:
    """Return the pooled number of a fit, or the number of samples alone if there is no fit."""
    if fit is None:
        return IndirectNumber(samples, None, None, None)
    return IndirectNumber(fit.k, fit.estimate, fit.ci_lb, fit.ci_ub)


def _same(first: dict[Sample, PooledSample], second: dict[Sample, PooledSample]) -> bool:
    return {key: (p.yi, p.vi) for key, p in first.items()} == {key: (p.yi, p.vi) for key, p in second.items()}


def _same_number(one: IndirectNumber, other: IndirectNumber) -> bool:
    """Return whether two numbers are the same but for the order in which their sums were taken."""
    if one.estimate is None or other.estimate is None:
        return one.estimate is other.estimate
    return math.isclose(one.estimate, other.estimate, rel_tol=1e-9, abs_tol=1e-12)


def _label(where: PoolKey, given: Whole) -> str:
    contrasts, scale, better = where
    named: dict[tuple[Contrast, ...], str] = {wish.contrasts: wish.label for wish in given.settings.synthesis.combined}
    return f"{named.get(contrasts) or contrasts[0].heading} ({axis_words((scale, better))})"


def _events(row: EffectRow, given: Whole, left: Remainder) -> Iterator[Sway]:
    """Yield the pools of events that a row is in, or that would change without it."""
    own = (*given.rows_by_study[row.study], *left.rows)
    for contrast, axis in sorted({(effect.contrast, effect.axis) for effect in own if effect.events and effect.axis}):
        others = [effect for effect in given.rows if effect.study != row.study]
        fits = [_pool_of_events(contrast, axis, rows, given) for rows in (given.rows, [*others, *left.rows])]
        before, after = (number(*fit) for fit in fits)
        if before != after and any(fit for fit, _ in fits):
            method, _ = labels.events_pool(next(fit.measure for fit, _ in fits if fit))
            label = labels.with_events(f"{contrast.heading} ({axis_words(axis)})", method)
            yield Sway(label, axis[0], _digits(given), HELD if row.events else WEIGHTLESS, before, after)


def _pool_of_events(
    contrast: Contrast, axis: Axis, rows: list[EffectRow], given: Whole
) -> tuple[SparseFit | None, int]:
    """Return the pool of events of one contrast and axis, and how many samples could enter it."""
    voting = [row for row in rows if row.contrast == contrast and row.fate != Fate.EXCLUDED]
    fit, _ = pool_of_events((contrast,), axis, voting, given.settings)
    return fit, sum(row.events and row.axis == axis for row in voting)


def otherwise(result: str, variants: Variants | None) -> tuple[str, ...]:
    """Return the choices, each on its own, under which a result may be pooled that usually is not."""
    if variants is None:
        return ()
    position = next((i for i, variant in enumerate(variants.results) if variant.result == result), None)
    if position is None:
        return ()
    poolable = variants.poolable[position].reshape([len(axis.levels) for axis in variants.axes])
    usual = tuple(axis.usual for axis in variants.axes)
    if poolable[usual]:
        return ()
    return tuple(
        f"{axis.name.replace('_', ' ')}: {level}"
        for i, axis in enumerate(variants.axes)
        for j, level in enumerate(axis.levels)
        if poolable[(*usual[:i], j, *usual[i + 1 :])]
    )
