"""A stratum pooled under every combination of choices, in one batch.

Steegen and others (2016), Perspectives on Psychological Science 11:702-712; Voracek and others (2019),
Zeitschrift für Psychologie 227:64-82.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taprev.effects.variants import ChoiceAxis
from taprev.synthesis.kernels.random_effects import random_effects_batch
from taprev.synthesis.results import Alternative, Factor, Multiverse, Specification
from taprev.vocabulary import Choice

MOST_SPECIFICATIONS = 20_000


@dataclass(frozen=True)
class Effects:
    """The effects of a stratum under every combination of the choices that affect them.

    `yi` and `vi` have shape (results, combinations), NaN where a result does not represent its sample; `sample`
    numbers the sample of each result from 0. The combinations are the product of the levels of `axes`, the last
    axis changing fastest.
    """

    axes: tuple[ChoiceAxis, ...]
    sample: np.ndarray
    yi: np.ndarray
    vi: np.ndarray


@dataclass(frozen=True)
class Outcomes:
    """The pooled numbers in the shape of the choices, (levels of the first, levels of the second, ...); NaN if none."""

    k: np.ndarray
    estimate: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    tau2: np.ndarray


def multiverse(
    effects: Effects,
    rho: Sequence[float],
    usual_rho: float,
    tau2_methods: Sequence[str],
    usual_method: str,
    ci_method: str = "auto",
    level: float = 0.95,
) -> Multiverse | None:
    """Return a stratum pooled under every combination of choices.

    Several results of one sample are averaged with the correlation `rho` (see `composite`). A choice with only one
    level, or one that changes nothing here, is left out.

    Parameters
    ----------
    effects : Effects
        The effects of the stratum, of shape (results, combinations).
    rho : sequence of float
        The correlations to try.
    usual_rho : float
        The usual correlation.
    tau2_methods : sequence of str
        The estimators of tau2 to try.
    usual_method : str
        The usual estimator; one of `tau2_methods`.
    ci_method : str
        As in `random_effects`.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    Multiverse or None
        None if no choice affects the stratum, or none pools anything.

    Raises
    ------
    ValueError
        If there are more than 20,000 combinations.
    """
    if not effects.sample.size:
        return None
    axes, Y, V = _averaged(effects, rho, usual_rho)
    methods = ChoiceAxis(Choice.TAU2_METHOD, tuple(tau2_methods), list(tau2_methods).index(usual_method))
    size = V.shape[0] * len(methods.levels)
    if size > MOST_SPECIFICATIONS:
        raise ValueError(
            f"the choices have {size:,} combinations, and {MOST_SPECIFICATIONS:,} are the most that are pooled; "
            "shorten a grid of the settings"
        )
    axes = (*axes, methods)
    shape = tuple(len(axis.levels) for axis in axes)
    by_method = [_pooled(Y, V, method, ci_method, level) for method in methods.levels]
    every = {name: np.stack([f[name] for f in by_method], axis=-1).reshape(shape) for name in by_method[0]}
    keep = tuple(i for i, axis in enumerate(axes) if _bears(every, i, axis))
    axes, outcomes = _kept(axes, every, keep)
    usual = tuple(axis.usual for axis in axes)
    if not axes or not np.isfinite(outcomes.estimate).any():
        return None
    return _described(axes, outcomes, float(outcomes.estimate[usual]))


def one_at_a_time(whole: Multiverse | None) -> tuple[Alternative, ...]:
    """Return the specifications that differ from the usual one in a single choice, each with the usual level.

    Parameters
    ----------
    whole : Multiverse or None
        The multiverse of a stratum.

    Returns
    -------
    tuple of Alternative
        One for each level of each choice; empty without a multiverse.
    """
    if whole is None:
        return ()
    usual = tuple(factor.usual for factor in whole.factors)
    by_levels = {spec.levels: spec for spec in whole.specifications}
    alternatives = []
    for index, factor in enumerate(whole.factors):
        for position, level in enumerate(factor.levels):
            spec = by_levels[(*usual[:index], position, *usual[index + 1 :])]
            numbers = (spec.k, spec.estimate, spec.ci_lb, spec.ci_ub, spec.tau2)
            alternatives.append(Alternative(factor.name, level, position == factor.usual, *numbers))
    return tuple(alternatives)


def _averaged(
    effects: Effects, rho: Sequence[float], usual_rho: float
) -> tuple[tuple[ChoiceAxis, ...], np.ndarray, np.ndarray]:
    """Return the axes with that of rho, and the effects of the samples as (combinations, samples)."""
    present = np.isfinite(effects.yi)
    y, v = np.where(present, effects.yi, 0.0), np.where(present, effects.vi, 0.0)
    m, sum_y, sum_v, sum_s = (_by_sample(effects.sample, a) for a in (present.astype(float), y, v, np.sqrt(v)))
    levels = tuple(sorted({*rho, usual_rho})) if m.max() > 1 else (usual_rho,)
    axis = ChoiceAxis(Choice.RHO, tuple(f"{value:g}" for value in levels), levels.index(usual_rho))
    with np.errstate(invalid="ignore", divide="ignore"):
        Y = np.where(m > 0, sum_y / m, np.nan)
        V = np.stack([np.where(m > 0, ((1 - r) * sum_v + r * sum_s**2) / m**2, np.nan) for r in levels], axis=-1)
    samples, combinations = Y.shape
    Y = np.repeat(Y.T[:, None, :], len(levels), axis=1).reshape(-1, samples)
    return (*effects.axes, axis), Y, np.moveaxis(V, 0, -1).reshape(combinations * len(levels), samples)


def _by_sample(sample: np.ndarray, values: np.ndarray) -> np.ndarray:
    sums = np.zeros((int(sample.max()) + 1, values.shape[1]))
    np.add.at(sums, sample, values)
    return sums


def _pooled(Y: np.ndarray, V: np.ndarray, method: str, ci_method: str, level: float) -> dict[str, np.ndarray]:
    k = np.isfinite(Y).sum(axis=1)
    enough = k >= 2
    numbers = {name: np.full(k.size, np.nan) for name in ("estimate", "ci_lb", "ci_ub", "tau2")}
    if enough.any():
        fits = random_effects_batch(Y[enough], V[enough], method, ci_method, level)
        for name, column in numbers.items():
            column[enough] = getattr(fits, name)
    return {"k": k, **numbers}


def _bears(every: dict[str, np.ndarray], position: int, axis: ChoiceAxis) -> bool:
    """Return whether a choice changes any number."""
    if len(axis.levels) < 2:
        return False
    usual = {name: np.take(a, [axis.usual], axis=position) for name, a in every.items()}
    return any(not np.array_equal(a, np.broadcast_to(usual[n], a.shape), equal_nan=True) for n, a in every.items())


def _kept(
    axes: tuple[ChoiceAxis, ...], every: dict[str, np.ndarray], keep: tuple[int, ...]
) -> tuple[tuple[ChoiceAxis, ...], Outcomes]:
    index = tuple(slice(None) if i in keep else axis.usual for i, axis in enumerate(axes))
    return tuple(axes[i] for i in keep), Outcomes(**{name: a[index] for name, a in every.items()})


def _described(axes: tuple[ChoiceAxis, ...], outcomes: Outcomes, usual: float) -> Multiverse:
    estimates = outcomes.estimate[np.isfinite(outcomes.estimate)]
    side = np.sign(np.median(estimates) if math.isnan(usual) else usual)
    return Multiverse(
        factors=tuple(_factor(axis, index, outcomes.estimate) for index, axis in enumerate(axes)),
        specifications=tuple(_specification(levels, outcomes) for levels in np.ndindex(*outcomes.estimate.shape)),
        estimable=int(estimates.size),
        lowest=float(estimates.min()),
        median=float(np.median(estimates)),
        highest=float(estimates.max()),
        same_sign=int(np.sum(np.sign(estimates) == side)),
    )


def _factor(axis: ChoiceAxis, position: int, estimate: np.ndarray) -> Factor:
    several = np.isfinite(estimate).sum(axis=position) > 1
    moves: np.ndarray = np.empty(0)
    if several.any():
        line = np.moveaxis(estimate, position, -1)[several]
        moves = np.nanmax(line, axis=-1) - np.nanmin(line, axis=-1)
    middle, most = (float(np.median(moves)), float(moves.max())) if moves.size else (None, None)
    return Factor(axis.name, axis.levels, axis.usual, middle, most)


def _specification(levels: tuple[int, ...], outcomes: Outcomes) -> Specification:
    numbers = (float(getattr(outcomes, name)[levels]) for name in ("estimate", "ci_lb", "ci_ub", "tau2"))
    return Specification(levels, int(outcomes.k[levels]), *(None if math.isnan(n) else n for n in numbers))
