"""The sensitivity panel of a pooled stratum: each choice, each study, and all choices at once."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from scipy.special import ndtri

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.settings import Settings
from taprev.synthesis.influence import cumulative, influence, leave_one_out
from taprev.synthesis.multilevel import multilevel
from taprev.synthesis.multiverse import Effects, multiverse, one_at_a_time
from taprev.synthesis.panel import Alternative, Multiverse, Panel
from taprev.synthesis.result import Study

COMPOSED = (
    "Here several results of one sample are averaged, and the samples of one study are taken as independent."
)

MOST_LEFT_OUT = 1_000
TOO_MANY = (
    "Leave-one-out, influence diagnostics and cumulative pooling fit every effect with all others and are left out "
    f"above {MOST_LEFT_OUT:,} pooled effects."
)


def panel(pooled: list[Study], rows: list[EffectRow], whole: Multiverse | None, settings: Settings) -> Panel:
    """Return the panel of a stratum of at least two pooled effects; `rows` are the results they were made of.

    Above 1,000 pooled effects it holds no fits by study, whose cost grows with the square of their number.
    """
    few = len(pooled) <= MOST_LEFT_OUT
    notes = (
        (COMPOSED, settings.synthesis.dependence.model != "composite"),
        (TOO_MANY, not few),
    )
    return Panel(
        one_at_a_time=one_at_a_time(whole),
        dependence=tuple(dependence(rows, settings)),
        **(_by_study(pooled, rows, settings) if few else {}),
        multiverse=whole,
        notes=tuple(note for note, holds in notes if holds),
    )


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
        "leave_one_out": leave_one_out([names[study.study] for study in pooled], yi, vi, **choices),
        "influence": influence(labels, yi, vi, how.tau2_method),
        "cumulative": cumulative(labels, yi, vi, order, **choices),
    }


def stratum_multiverse(
    variants: Variants | None, contrasts: tuple[str, ...], axis: tuple[str, str], settings: Settings
) -> Multiverse | None:
    """Return the multiverse of the results of one contrast and axis, or None where no choice bears on them.

    A pool of several contrasts is itself a sensitivity analysis and has none.
    """
    if variants is None or len(contrasts) > 1:
        return None
    own = [i for i, one in enumerate(variants.results) if one.contrast == contrasts[0] and one.axis == axis]
    samples = {key: i for i, key in enumerate(dict.fromkeys(variants.results[i].person for i in own))}
    how, rho = settings.synthesis, settings.assumptions.rho
    effects = Effects(
        axes=variants.axes,
        sample=np.array([samples[variants.results[i].person] for i in own], int),
        yi=np.where(variants.poolable[own], variants.yi[own], np.nan),
        vi=np.where(variants.poolable[own], variants.vi[own], np.nan),
    )
    methods = dict.fromkeys((how.tau2_method, *settings.sensitivity.tau2_methods))
    return multiverse(effects, rho.grid, rho.value, tuple(methods), how.tau2_method, how.ci_method, how.level)


def shown_otherwise(rows: list[EffectRow], variants: Variants | None, settings: Settings) -> Panel | None:
    """Return what other choices make of each effect that is shown and not pooled, one choice at a time; or None."""
    if variants is None or not variants.axes:
        return None
    labels = {row.result: row.label for row in rows if row.chosen}
    shape = tuple(len(axis.levels) for axis in variants.axes)
    usual = tuple(axis.usual for axis in variants.axes)
    half = float(ndtri((1 + settings.synthesis.level) / 2))
    lines = []
    for one, yi, vi in zip(variants.results, variants.yi, variants.vi, strict=True):
        yi, vi = yi.reshape(shape), vi.reshape(shape)
        for place, axis in enumerate(variants.axes):
            line = tuple(slice(None) if i == place else level for i, level in enumerate(usual))
            if one.result not in labels or len({*zip(yi[line], vi[line], strict=True)}) < 2:
                continue
            for position, level in enumerate(axis.levels):
                effect, spread = float(yi[line][position]), half * float(vi[line][position]) ** 0.5
                there = not math.isnan(effect)
                numbers = (effect, effect - spread, effect + spread) if there else (None, None, None)
                told = f"{level}: {labels[one.result]}"
                lines.append(Alternative(axis.name, told, position == axis.usual, int(there), *numbers, None))
    return Panel(one_at_a_time=tuple(lines)) if lines else None


def dependence(rows: Iterable[EffectRow], settings: Settings) -> Iterable[Alternative]:
    """Yield the three-level and the correlated-and-hierarchical-effects model, rho over its grid.

    Only where a study has several effects, and only where the model can be fitted; otherwise the numbers are
    None and the level says why.
    """
    rows = list(rows)
    studies = [row.study for row in rows]
    if len(set(studies)) == len(studies):
        return
    yi, vi = [row.yi for row in rows], [row.vi for row in rows]
    rho = settings.assumptions.rho
    for correlation in (0.0, *sorted({*rho.grid, rho.value})):
        name = f"correlated effects, rho {correlation:g}" if correlation else "three levels"
        try:
            fit = multilevel(yi, vi, studies, rho=correlation, level=settings.synthesis.level)
        except (ValueError, ArithmeticError) as error:
            yield Alternative("dependence", f"{name}: {error}", False, len(rows), None, None, None, None)
            continue
        tau2 = fit.sigma2_study + fit.sigma2_effect
        yield Alternative(
            "dependence", name, False, fit.k, fit.estimate, fit.ci_lb, fit.ci_ub, tau2
        )  # fmt: skip
