"""The pooled results that a file of RevMan stores, each beside the same result recomputed by the file's own method."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from taprev.exchange.imported import PoolFigure, StoredPool
from taprev.exchange.revman.methods import (
    RevManPool,
    between_subgroups,
    event_effects,
    inverse_variance,
    mantel_haenszel_pool,
    mean_effects,
    observed_minus_expected,
    peto_pool,
)
from taprev.exchange.revman.review import CI_LB, CI_UB, ESTIMATE, POOLED, WEIGHT, Cells, RevManOutcome, RevManResult
from taprev.vocabulary import OutcomeKind, RevManMeasure, Totals, Weighting

MEANS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
NOT_COMPUTED = "The file has 0 for the effect and both limits: nothing was computed when it was saved."
NOTHING_STORED = "The file stores no pooled result."


def pools_of(outcome: RevManOutcome) -> Iterator[StoredPool]:
    """Yield the pooled results of an outcome that the file shows: overall, of each subgroup, and between them."""
    if outcome.kind == OutcomeKind.OTHER:
        return
    name = f"{shown_number(outcome.number)} {outcome.name}"
    if outcome.totals == Totals.NONE:
        yield from _rows(name, outcome)
        return
    if outcome.totals == Totals.ALL or not outcome.subgroups:
        every = [result for group in outcome.groups for result in group.results]
        yield _compared(name, outcome, every, outcome.stored)
    yield from _rows(name, outcome)
    if not outcome.subgroups:
        return
    for group in outcome.groups:
        yield _compared(f"{name}: {group.name}", outcome, group.results, group.stored)
    if outcome.stored_between:
        yield _between(f"{name}: between subgroups", outcome)


def _rows(name: str, outcome: RevManOutcome) -> Iterator[StoredPool]:
    """Yield the effects and weights of single studies that the file stores, beside the recomputed ones."""
    together = outcome.totals == Totals.ALL or not outcome.subgroups
    every = tuple(result for group in outcome.groups for result in group.results)
    figures: list[PoolFigure] = []
    rows = 0
    for results in [every] if together else [group.results for group in outcome.groups]:
        shown = list(_effects_of_rows(outcome, results))
        weights = _weights(outcome, results) if outcome.totals != Totals.NONE else ()
        for number, (one, values) in enumerate(shown):
            if len(weights) == len(shown):
                values = {**values, WEIGHT: weights[number]}
            stored = _computed(one.stored)[0].items()
            own = [PoolFigure(f"{one.place}: {figure}", text, values.get(figure)) for figure, text in stored]
            figures += own
            rows += bool(own)
    if rows:
        yield StoredPool(f"{name}: its rows", method_words(outcome), rows, tuple(figures), of_rows=True)


def _effects_of_rows(
    outcome: RevManOutcome, results: Sequence[RevManResult]
) -> Iterator[tuple[RevManResult, dict[str, float]]]:
    """Yield each row that has an effect, with its effect, interval and standard error."""
    weighting = Weighting.PETO if outcome.weighting == Weighting.PETO else Weighting.IV
    single = replace(outcome, random=False, level=outcome.level_of_rows, weighting=weighting)
    for one in results:
        try:
            pool = pooled(single, [one])
        except ValueError:
            continue
        yield one, {**_values(single, pool), "se": pool.se}


def _weights(outcome: RevManOutcome, results: Sequence[RevManResult]) -> tuple[float, ...]:
    try:
        return pooled(outcome, results).weights
    except ValueError:
        return ()


def shown_number(number: str) -> str:
    """Return the number of an analysis as RevMan prints it: 001.01 is 1.1."""
    return ".".join(str(int(part)) if part.isdecimal() else part for part in number.split("."))


def method_words(outcome: RevManOutcome) -> str:
    """Return how the file says that it pools an outcome."""
    model = "random effects (DerSimonian and Laird)" if outcome.random else "fixed effect"
    return f"{outcome.weighting.said}, {outcome.typed_measure or outcome.measure.said}, {model}"


def _compared(name: str, outcome: RevManOutcome, results: Sequence[RevManResult], stored: Cells) -> StoredPool:
    kept, remark = _computed(stored)
    try:
        pool = pooled(outcome, results)
    except ValueError as error:
        why = f"It could not be recomputed: {error}."
        figures = tuple(PoolFigure(figure, kept[figure], None) for figure in POOLED if kept.get(figure))
        return StoredPool(name, method_words(outcome), 0, figures, f"{remark} {why}".strip())
    values = _values(outcome, pool)
    figures = tuple(PoolFigure(figure, kept.get(figure, ""), values[figure]) for figure in POOLED if figure in values)
    return StoredPool(name, method_words(outcome), pool.k, figures, remark)


def _computed(stored: Cells) -> tuple[Cells, str]:
    """Return the stored figures, none of them where the effect was never computed, and the remark on it."""
    effect = [stored.get(name, "") for name in (ESTIMATE, CI_LB, CI_UB)]
    if not any(effect):
        return {}, NOTHING_STORED
    return ({}, NOT_COMPUTED) if all(text and float(text) == 0 for text in effect) else (stored, "")


def _values(outcome: RevManOutcome, pool: RevManPool) -> dict[str, float]:
    """Return the figures of a pool as RevMan shows them: ratios as ratios; tau2 where effects are random."""
    values = {name: float(getattr(pool, name)) for name in POOLED}
    if outcome.ratio:
        values |= {name: math.exp(values[name]) for name in (ESTIMATE, CI_LB, CI_UB)}
    return values if outcome.random else {name: value for name, value in values.items() if name != "tau2"}


def _between(name: str, outcome: RevManOutcome) -> StoredPool:
    pools = []
    for group in outcome.groups:
        try:
            pools.append(pooled(outcome, group.results))
        except ValueError:
            continue
    if len(pools) < 2:
        return StoredPool(name, method_words(outcome), len(pools), (), "Fewer than two subgroups have an effect.")
    between = between_subgroups(pools)
    figures = (
        PoolFigure(figure, text, float(getattr(between, figure))) for figure, text in outcome.stored_between.items()
    )
    return StoredPool(name, "inverse variance of the subgroups", len(pools), tuple(figures))


def pooled(outcome: RevManOutcome, results: Sequence[RevManResult]) -> RevManPool:
    """Return the pool of rows by the method of their outcome; ValueError where none of them has an effect."""
    rows = [result.figures for result in results if result.estimable]
    if outcome.kind == OutcomeKind.DICH:
        return _pooled_events(outcome, _table(rows, ("event_arm1", "n_arm1", "event_arm2", "n_arm2")))
    if outcome.kind == OutcomeKind.IPD:
        gap, V = _table(rows, ("o_e", "variance")).T
        sound = V > 0
        _refuse_none(sound)
        return peto_pool(gap[sound], V[sound], outcome.level)
    if outcome.kind == OutcomeKind.CONT:
        table = _table(rows, MEANS)
        table = table[(table[:, [1, 4]] >= 0).all(axis=1) & (table[:, [2, 5]] >= 1).all(axis=1)]
        _refuse_none(table)
        with np.errstate(divide="ignore", invalid="ignore"):
            measure = RevManMeasure.MD if outcome.measure == RevManMeasure.MD else RevManMeasure.SMD
            yi, se = mean_effects(table, measure)
    else:
        yi, se = _table(rows, ("yi", "se")).T
    sound = np.isfinite(yi) & np.isfinite(se) & (se > 0)
    _refuse_none(sound)
    return inverse_variance(yi[sound], se[sound], outcome.random, outcome.level)


def _pooled_events(outcome: RevManOutcome, table: np.ndarray) -> RevManPool:
    cells = cells_of(table, outcome.swapped)
    measure = RevManMeasure.PETO_OR if outcome.weighting == Weighting.PETO else outcome.measure
    yi, se = event_effects(cells, measure)
    sound = np.isfinite(yi) & np.isfinite(se) & (se > 0)
    _refuse_none(sound)
    if outcome.weighting == Weighting.MH:
        return mantel_haenszel_pool(cells[sound], measure, outcome.random, outcome.level)
    if outcome.weighting == Weighting.PETO:
        gap, V = observed_minus_expected(cells)
        return peto_pool(gap[sound], V[sound], outcome.level)
    return inverse_variance(yi[sound], se[sound], outcome.random, outcome.level)


def cells_of(table: np.ndarray, swapped: bool) -> np.ndarray:
    """Return events and others of both arms, (studies, 4), of events and totals; exchanged where the file does so."""
    events1, n1, events2, n2 = table[(table[:, [1, 3]] > 0).all(axis=1)].T
    cells = np.array([events1, n1 - events1, events2, n2 - events2]).T
    return cells[:, [1, 0, 3, 2]] if swapped else cells


def _table(rows: Sequence[Cells], names: Sequence[str]) -> np.ndarray:
    """Return the named figures of the rows that have all of them, (rows, figures)."""
    whole = [[float(row[name]) for name in names] for row in rows if all(row.get(name) for name in names)]
    return np.array(whole).reshape(-1, len(names))


def _refuse_none(sound: np.ndarray) -> None:
    if not len(sound) or not sound.any():
        raise ValueError("no study has an effect with a standard error")
