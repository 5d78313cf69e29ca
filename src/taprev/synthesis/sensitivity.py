"""The sensitivity panel of a stratum: each choice, each study, and all choices at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.settings import Settings
from taprev.synthesis.kernels.influence import cumulative, influence, leave_one_out
from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.multiverse import Effects, multiverse, one_at_a_time
from taprev.synthesis.results import Alternative, Multiverse, Panel, Study

COMPOSED = (
    "This paragraph and the table, but for the rows of nested effects, average several results of one sample and take "
    "the samples of one study as independent; the number above does not."
)

StratumAxis = tuple[tuple[str, ...], tuple[str, str]]

MOST_LEFT_OUT = 1_000
TOO_MANY = (
    "Leave-one-out, influence diagnostics and cumulative pooling fit every effect with all others and are left out "
    f"above {MOST_LEFT_OUT:,} pooled effects."
)


def panel(
    pooled: list[Study],
    rows: list[EffectRow],
    at: StratumAxis,
    variants: Variants | None,
    nested: bool,
    settings: Settings,
) -> Panel:
    """Return the panel of a stratum of at least two pooled effects; `rows` are the results they were made of.

    Where the headline is `nested`, it is marked among the nested models and not among the averages. Above 1,000
    pooled effects it holds no fits by study, whose cost grows with the square of their number.
    """
    few = len(pooled) <= MOST_LEFT_OUT
    whole, refused = stratum_multiverse(variants, at, settings)
    return Panel(
        one_at_a_time=tuple(replace(one, usual=one.usual and not nested) for one in one_at_a_time(whole)),
        dependence=tuple(dependence(rows, nested, settings)),
        **(_by_study(pooled, rows, settings) if few else {}),
        multiverse=whole,
        notes=(*((COMPOSED,) if nested else ()), *refused, *(() if few else (TOO_MANY,))),
    )


def panel_otherwise(
    rows: list[EffectRow], at: StratumAxis, variants: Variants | None, settings: Settings
) -> Panel | None:
    """Return what other choices pool where the usual ones pool nothing, and make of each effect that is shown."""
    whole, refused = stratum_multiverse(variants, at, settings)
    pooling = one_at_a_time(whole)
    useful = {line.factor for line in pooling if line.estimate is not None}
    lines = (
        *(line for line in pooling if line.factor in useful),
        *shown_otherwise(rows, variants, settings),
    )
    return Panel(one_at_a_time=lines, multiverse=whole, notes=refused) if lines or refused else None


def _by_study(pooled: list[Study], rows: list[EffectRow], settings: Settings) -> dict[str, tuple]:
    """Return what each study does to the fit, under the names of the panel."""
    how = settings.synthesis
    yi, vi = np.array([study.yi for study in pooled]), np.array([study.vi for study in pooled])
    choices = {"tau2_method": how.tau2_method, "ci_method": how.ci_method, "level": how.level}
    years = {row.study: row.year for row in rows}
    order = np.array([math.inf if years[study.study] is None else years[study.study] for study in pooled])
    names = {row.study: row.label for row in rows}
    labels = [study.label for study in pooled]
    return {
        "leave_one_out": leave_one_out([study.study for study in pooled], yi, vi, names, **choices),
        "influence": influence(labels, yi, vi, how.tau2_method),
        "cumulative": cumulative(labels, yi, vi, order, **choices),
    }


def stratum_multiverse(
    variants: Variants | None, at: StratumAxis, settings: Settings
) -> tuple[Multiverse | None, tuple[str, ...]]:
    """Return the multiverse of the results of one contrast and axis, if choices bear on them, or why there is none.

    A pool of several contrasts is itself a sensitivity analysis and has none.
    """
    contrasts, axis = at
    if variants is None or len(contrasts) > 1:
        return None, ()
    own = [i for i, one in enumerate(variants.results) if (one.contrast, one.axis) == (contrasts[0], axis)]
    samples = {key: i for i, key in enumerate(dict.fromkeys(variants.results[i].person for i in own))}
    how, rho = settings.synthesis, settings.assumptions.rho
    effects = Effects(
        axes=variants.axes,
        sample=np.array([samples[variants.results[i].person] for i in own], int),
        yi=np.where(variants.poolable[own], variants.yi[own], np.nan),
        vi=np.where(variants.poolable[own], variants.vi[own], np.nan),
    )
    methods = tuple(dict.fromkeys((how.tau2_method, *settings.sensitivity.tau2_methods)))
    try:
        whole = multiverse(effects, rho.grid, rho.value, methods, how.tau2_method, how.ci_method, how.level)
    except (ValueError, ArithmeticError) as error:
        return None, (f"Not pooled under all combinations: {error}.",)
    return whole, ()


def shown_otherwise(rows: list[EffectRow], variants: Variants | None, settings: Settings) -> Iterable[Alternative]:
    """Yield what other choices make of each effect that is shown and not pooled, one choice at a time."""
    if variants is None:
        return
    labels = {row.result: f"{row.label}, {row.outcome} ({row.result})" for row in rows if row.chosen}
    shape = tuple(len(axis.levels) for axis in variants.axes)
    usual = tuple(axis.usual for axis in variants.axes)
    half = float(ndtri((1 + settings.synthesis.level) / 2))
    for one, *arrays in zip(variants.results, variants.yi, variants.vi, strict=True):
        if one.result not in labels:
            continue
        yi, vi = (array.reshape(shape) for array in arrays)
        for place, axis in enumerate(variants.axes):
            line = tuple(slice(None) if i == place else level for i, level in enumerate(usual))
            effects = list(zip(axis.levels, yi[line].tolist(), vi[line].tolist(), strict=True))
            if len({effect[1:] for effect in effects if not math.isnan(effect[1])}) < 2:
                continue
            for position, (level, effect, variance) in enumerate(effects):
                there, spread = not math.isnan(effect), half * variance**0.5
                numbers = (effect, effect - spread, effect + spread) if there else (None, None, None)
                told = f"{level}: {labels[one.result]}"
                yield Alternative(axis.name, told, position == axis.usual, int(there), *numbers, None)


def dependence(rows: Iterable[EffectRow], nested: bool, settings: Settings) -> Iterable[Alternative]:
    """Yield the three-level and the correlated-and-hierarchical-effects model, rho over its grid, with their df.

    Only where a study has several effects; where a model cannot be fitted the numbers are None.
    """
    rows = list(rows)
    studies = [row.study for row in rows]
    if len(set(studies)) == len(studies):
        return
    yi, vi = [row.yi for row in rows], [row.vi for row in rows]
    rho, how = settings.assumptions.rho, settings.synthesis
    usual = rho.value if how.dependence.model == "che" else 0.0
    for correlation in sorted({0.0, *rho.grid, rho.value}):
        name = f"correlated effects, rho {correlation:g}" if correlation else "three levels"
        chosen = nested and correlation == usual
        try:
            fit = multilevel(yi, vi, studies, rho=correlation, level=how.level)
        except (ValueError, ArithmeticError):
            yield Alternative("dependence", name, chosen, len(rows), None, None, None, None)
            continue
        told, tau2 = f"{name} (df {fit.df:.1f})", fit.sigma2_study + fit.sigma2_effect
        yield Alternative("dependence", told, chosen, fit.k, fit.estimate, fit.ci_lb, fit.ci_ub, tau2)
