"""The sensitivity panel of a stratum: each choice, each study, and all choices at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from taprev.effects.rows import Axis, EffectRow
from taprev.effects.variants import Variants
from taprev.notes import Note, note
from taprev.settings import Settings
from taprev.synthesis.kernels.henmi_copas import henmi_copas
from taprev.synthesis.kernels.influence import cumulative, influence, leave_one_out
from taprev.synthesis.kernels.multilevel import multilevel
from taprev.synthesis.kernels.permutation import permutation_test
from taprev.synthesis.kernels.profile_likelihood import profile_intervals
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.multiverse import Effects, multiverse, one_at_a_time
from taprev.synthesis.results import Alternative, Multiverse, Panel, Study
from taprev.vocabulary import (
    Choice,
    CiChoice,
    CiMethod,
    Contrast,
    DependenceModel,
    MetaTest,
    NoteCode,
    RobRung,
    Tau2Method,
)

StratumAxis = tuple[tuple[Contrast, ...], Axis]

MOST_LEFT_OUT = 1_000
PERMUTED = range(6, 11)
"""For how many effects the exact permutation test is made."""


def panel(
    pooled: list[Study],
    rows: list[EffectRow],
    at: StratumAxis,
    variants: Variants | None,
    nested: bool,
    settings: Settings,
) -> Panel:
    """Return the sensitivity panel of a stratum of at least two pooled effects.

    Above 1,000 pooled effects it holds no fits by study, whose cost grows with the square of their number.

    Parameters
    ----------
    pooled : list of Study
        The pooled effects.
    rows : list of EffectRow
        The results they were made of.
    at : StratumAxis
        The contrasts and the axis of the stratum.
    variants : Variants or None
        The effects under every combination of choices.
    nested : bool
        Whether the headline fit is a nested model; it is then marked among the nested models and not among the
        averages.
    settings : Settings
        The settings of the review.

    Returns
    -------
    Panel
        Single choices, models of dependence, fits by study, and the multiverse.
    """
    few = len(pooled) <= MOST_LEFT_OUT
    whole, refused = stratum_multiverse(variants, at, settings)
    lines = tuple(replace(line, usual=line.usual and not nested) for line in one_at_a_time(whole))
    return Panel(
        one_at_a_time=lines,
        intervals=tuple(other_intervals(pooled, nested, settings)),
        dependence=tuple(dependence(rows, nested, settings)),
        **(_by_study(pooled, rows, settings) if few else {}),
        multiverse=whole,
        notes=(
            *((note(NoteCode.PANEL_OF_COMPOSITES),) if nested else ()),
            *_unjudged(lines, rows),
            *refused,
            *(() if few else (note(NoteCode.TOO_MANY_TO_LEAVE_OUT, most=MOST_LEFT_OUT),)),
        ),
    )


def panel_otherwise(
    rows: list[EffectRow], at: StratumAxis, variants: Variants | None, settings: Settings
) -> Panel | None:
    """Return what other choices pool if the usual ones pool nothing, and how they change each effect that is shown.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of the stratum that are shown.
    at : StratumAxis
        The contrasts and the axis of the stratum.
    variants : Variants or None
        The effects under every combination of choices.
    settings : Settings
        The settings of the review.

    Returns
    -------
    Panel or None
        None if no choice changes anything.
    """
    whole, refused = stratum_multiverse(variants, at, settings)
    pooling = one_at_a_time(whole)
    useful = {line.factor for line in pooling if line.estimate is not None}
    lines = (
        *(line for line in pooling if line.factor in useful),
        *shown_otherwise(rows, variants, settings),
    )
    notes = (*_unjudged(lines, [row for row in rows if row.chosen]), *refused)
    return Panel(one_at_a_time=lines, multiverse=whole, notes=notes) if lines or refused else None


def _unjudged(lines: Iterable[Alternative], rows: Iterable[EffectRow]) -> tuple[Note, ...]:
    """Return how many results without an overall judgement stay where others leave for their risk of bias."""
    if Choice.RISK_OF_BIAS not in {line.factor for line in lines}:
        return ()
    stay = sum(row.risk_of_bias in ("", RobRung.NOT_ASSESSED) for row in rows)
    return (note(NoteCode.UNJUDGED_STAY, results=stay),) if stay else ()


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
) -> tuple[Multiverse | None, tuple[Note, ...]]:
    """Return the multiverse of the results of one contrast and axis, or why there is none.

    A pool of several contrasts is a sensitivity analysis already and has no multiverse.

    Parameters
    ----------
    variants : Variants or None
        The effects under every combination of choices.
    at : StratumAxis
        The contrasts and the axis of the stratum.
    settings : Settings
        The settings of the review.

    Returns
    -------
    tuple of Multiverse or None, tuple of Note
        The multiverse, None if no choice affects the results, and the reason if it was refused.
    """
    contrasts, axis = at
    if variants is None or len(contrasts) > 1:
        return None, ()
    own = [i for i, result in enumerate(variants.results) if (result.contrast, result.axis) == (contrasts[0], axis)]
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
        return None, (note(NoteCode.MULTIVERSE_REFUSED, why=str(error)),)
    return whole, ()


def shown_otherwise(rows: list[EffectRow], variants: Variants | None, settings: Settings) -> Iterable[Alternative]:
    """Yield how other choices change each effect that is shown and not pooled, one choice at a time.

    Parameters
    ----------
    rows : list of EffectRow
        The rows that are shown; those that do not represent their sample are left out.
    variants : Variants or None
        The effects under every combination of choices; nothing is yielded without them.
    settings : Settings
        The settings of the review, with the level of the intervals.

    Yields
    ------
    Alternative
        The effect at one level of one choice, the others as usual; its numbers are None if that level gives no effect.
        Choices that do not change the effect are left out.
    """
    if variants is None:
        return
    labels = {row.result: f"{row.label}, {row.outcome} ({row.result})" for row in rows if row.chosen}
    shape = tuple(len(axis.levels) for axis in variants.axes)
    usual = tuple(axis.usual for axis in variants.axes)
    half = float(ndtri((1 + settings.synthesis.level) / 2))
    for result, *arrays in zip(variants.results, variants.yi, variants.vi, strict=True):
        if result.result not in labels:
            continue
        yi, vi = (array.reshape(shape) for array in arrays)
        for varied, axis in enumerate(variants.axes):
            line = tuple(slice(None) if i == varied else level for i, level in enumerate(usual))
            effects = list(zip(axis.levels, yi[line].tolist(), vi[line].tolist(), strict=True))
            if len({effect[1:] for effect in effects if not math.isnan(effect[1])}) < 2:
                continue
            for position, (level, effect, variance) in enumerate(effects):
                label, usual_level = f"{level}: {labels[result.result]}", position == axis.usual
                if math.isnan(effect):
                    yield Alternative(axis.name, label, usual_level, 0, None, None, None, None)
                else:
                    spread = half * variance**0.5
                    yield Alternative(axis.name, label, usual_level, 1, effect, effect - spread, effect + spread, None)


def other_intervals(pooled: list[Study], nested: bool, settings: Settings) -> Iterable[Alternative]:
    """Yield the intervals that other methods give the same effects, and the estimate where it is another one.

    They are those of Wald, Hartung-Knapp-Sidik-Jonkman and its modification, of the profile likelihood, of Henmi and
    Copas, and, from six to ten effects, of the exact permutation test, which is exact whatever tau2 its statistic
    takes and takes that of DerSimonian and Laird. Fewer effects cannot refuse any value at a level of 0.95.

    Parameters
    ----------
    pooled : list of Study
        The pooled effects, two or more.
    nested : bool
        Whether the headline fit is a nested model; none of these is then the usual one.
    settings : Settings
        The settings of the review.

    Yields
    ------
    Alternative
    """
    how, k = settings.synthesis, len(pooled)
    yi, vi = np.array([study.yi for study in pooled]), np.array([study.vi for study in pooled])
    fit = random_effects(yi, vi, how.tau2_method, how.ci_method, how.level)
    for one in fit.intervals:
        usual = one.ci_method == fit.ci_method and not nested
        yield _interval(one.ci_method.said, usual, k, (fit.estimate, one.ci_lb, one.ci_ub, fit.variance))
    profile = profile_intervals(yi, vi, method=Tau2Method.ML, level=how.level)
    bounds = float(profile.ci_lb[0]), float(profile.ci_ub[0])
    yield _interval(CiMethod.PROFILE.said, False, k, (float(profile.beta[0]), *bounds, profile.tau2))
    copas = henmi_copas(yi, vi, how.level)
    yield _interval("Henmi and Copas", False, k, (copas.estimate, copas.ci_lb, copas.ci_ub, copas.tau2))
    if k in PERMUTED:
        by_moments = random_effects(yi, vi, Tau2Method.DL, CiChoice.WALD, how.level)
        exact = permutation_test(yi, vi, None, Tau2Method.DL, MetaTest.Z, how.level)
        if exact.ci_lb is not None and exact.ci_ub is not None:
            name = f"exact permutation test (p {exact.pval[0]:.3f})"
            yield _interval(name, False, k, (by_moments.estimate, exact.ci_lb, exact.ci_ub, by_moments.variance))


def _interval(name: str, usual: bool, k: int, numbers: tuple[float, float, float, float | None]) -> Alternative:
    return Alternative(Choice.INTERVAL, name, usual, k, *numbers)


def dependence(rows: Iterable[EffectRow], nested: bool, settings: Settings) -> Iterable[Alternative]:
    """Yield the three-level model, and the model of correlated and hierarchical effects for each rho of the grid.

    Nothing is yielded unless a study has several effects.

    Parameters
    ----------
    rows : iterable of EffectRow
        The results of the stratum.
    nested : bool
        Whether the headline fit is one of these models; it is then marked as the usual one.
    settings : Settings
        The settings of the review.

    Yields
    ------
    Alternative
        One fit, with its degrees of freedom in the label; its numbers are None if the model cannot be fitted.
    """
    rows = list(rows)
    studies = [row.study for row in rows]
    if len(set(studies)) == len(studies):
        return
    yi, vi = np.array([row.yi for row in rows], dtype=float), np.array([row.vi for row in rows], dtype=float)
    rho, how = settings.assumptions.rho, settings.synthesis
    usual = rho.value if how.dependence.model == DependenceModel.CHE else 0.0
    for correlation in sorted({0.0, *rho.grid, rho.value}):
        name = f"correlated effects, rho {correlation:g}" if correlation else "three levels"
        chosen = nested and correlation == usual
        try:
            fit = multilevel(yi, vi, studies, rho=correlation, level=how.level)
        except (ValueError, ArithmeticError):
            yield Alternative(Choice.DEPENDENCE, name, chosen, len(rows), None, None, None, None)
            continue
        label, tau2 = f"{name} (df {fit.df:.1f})", fit.sigma2_study + fit.sigma2_effect
        yield Alternative(Choice.DEPENDENCE, label, chosen, fit.k, fit.estimate, fit.ci_lb, fit.ci_ub, tau2)
