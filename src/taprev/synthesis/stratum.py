"""One stratum: what is drawn, the fit or why there is none, and what accompanies the number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from taprev.effects.events import informative
from taprev.effects.rows import Axis, EffectRow
from taprev.effects.variants import Variants
from taprev.notes import Note, note, unique
from taprev.settings import Domain, Settings
from taprev.synthesis.counted import (
    Counts,
    KnownRatio,
    caution_of_counts,
    counts_of,
    fit_of_counts,
    models_of,
    panel_of_counts,
    weighed_by_counts,
)
from taprev.synthesis.joined import joined
from taprev.synthesis.kernels.bayes import bayes
from taprev.synthesis.kernels.priors import prior, refuse_prior
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.refusals import EVENTS_AND_TOTALS
from taprev.synthesis.kernels.sparse import mantel_haenszel, peto
from taprev.synthesis.moderation import explained, refused_by_counts
from taprev.synthesis.nested import nested_or_none
from taprev.synthesis.results import (
    ArmNames,
    BayesFit,
    Fit,
    ImportantDifference,
    InUnits,
    MissingResults,
    Panel,
    SparseFit,
    Stratum,
    Study,
)
from taprev.synthesis.sensitivity import panel, panel_otherwise
from taprev.synthesis.small_study import small_studies
from taprev.synthesis.studies import drawn_studies
from taprev.vocabulary import Better, Contrast, EventMeasure, EventPool, Fate, NoteCode, Read, Scale, Tier

EVENT_MEASURES = {Scale.LOG_ODDS_RATIO: EventMeasure.OR, Scale.LOG_RISK_RATIO: EventMeasure.RR}


@dataclass(frozen=True)
class StratumKey:
    """What identifies a stratum: its domain, its name and label, the contrasts it holds and the axis they share."""

    domain: str
    name: str
    label: str
    contrasts: tuple[Contrast, ...]
    axis: Axis


def stratum(
    key: StratumKey,
    drawn: list[EffectRow],
    voting: list[EffectRow],
    settings: Settings,
    variants: Variants | None = None,
    alone: bool = False,
) -> Stratum:
    """Return a stratum with its fit, or with the reasons why nothing is pooled.

    Parameters
    ----------
    key : StratumKey
        The domain, name, contrasts and axis of the stratum.
    drawn : list of EffectRow
        The rows with an effect that is drawn.
    voting : list of EffectRow
        All rows that count for directions and missing results.
    settings : Settings
        The settings of the review.
    variants : Variants, optional
        The effects under every combination of choices; with them the sensitivity panel holds the multiverse.
    alone : bool
        Whether to leave out what accompanies the number (panel, Bayesian fits, moderators); the fit is the same.

    Returns
    -------
    Stratum
        The stratum.
    """
    domain, (scale, better) = settings.domains[key.domain], key.axis
    at = (key.contrasts, key.axis)
    rows = [row for row in drawn if row.fate == Fate.POOLED]
    pooled = [study for study in drawn_studies(rows, settings) if study.fate == Fate.POOLED]
    missing = missing_results(voting, key.axis)
    sparse, sparse_note = pool_of_events(key.contrasts, key.axis, voting, settings)
    base = Stratum(
        name=key.name,
        label=key.label,
        contrasts=key.contrasts,
        scale=scale,
        unit=_unit(scale, domain, drawn),
        favours_sign=-1 if better == Better.LOWER else 1,
        digits=domain.digits,
        arms=arm_names(settings),
        studies=tuple(drawn_studies(drawn, settings)),
        fit=None,
        not_estimable=(),
        missing_results=missing,
        sparse=sparse,
        sparse_note=sparse_note,
        important=_important(scale, domain),
    )
    counts, counted_fit, refused = _by_counts(key, pooled, voting, settings)
    if counts and counted_fit:
        return _headline_of_counts(key, base, counts, counted_fit, voting, settings, alone)
    if len(pooled) < 2:
        otherwise = None if alone else panel_otherwise(drawn, at, variants, settings)
        if not alone:
            otherwise = _with_joined(otherwise, key, voting, settings)
        return replace(base, not_estimable=refused or _why_not(drawn, missing), panel=otherwise)
    fit, notes = nested_or_none(rows, settings)
    nested = fit is not None
    if fit is None:
        fit = _fit(pooled, settings, notes)
    studies = drawn_studies(drawn, settings, together=not nested)
    cautions = _cautions([study for study in studies if study.fate == Fate.POOLED], nested)
    cautions += (*refused, *_left_out(voting, key.axis))
    base = replace(base, studies=_weighed(studies, fit), fit=fit, cautions=cautions)
    if alone:
        return base
    fits, no_prior = _bayes(key, pooled, domain, base.favours_sign, settings)
    surroundings = panel(pooled, rows, at, variants, nested, settings)
    return replace(
        base,
        panel=_with_joined(replace(surroundings, notes=(*surroundings.notes, *no_prior)), key, voting, settings),
        bayes=fits,
        moderators=explained(key.domain, pooled, rows, settings),
        in_units=_in_units(fit, scale, domain),
        small_studies=small_studies(pooled, fit, scale, base.favours_sign, base.important, settings),
    )


def _unit(scale: Scale, domain: Domain, drawn: list[EffectRow]) -> str:
    """Return the unit of mean differences, or the unit of time of trends where all have the same."""
    if scale == Scale.LOG_TREND_RATIO:
        units = {row.trend_per for row in drawn}
        return units.pop() if len(units) == 1 else ""
    return domain.unit if scale == Scale.MD else ""


def _with_joined(held: Panel | None, key: StratumKey, voting: list[EffectRow], settings: Settings) -> Panel | None:
    """Return a panel with the pool that effects of the other scale join, where the settings ask for one."""
    lines, said = joined(key.domain, key.contrasts, key.axis, voting, settings)
    if not lines:
        return held
    panel = held or Panel()
    return replace(panel, converted=lines, notes=(*panel.notes, *said))


def arm_names(settings: Settings) -> ArmNames:
    """Return how the settings call the two arms."""
    return ArmNames(settings.review.arms.programme, settings.review.arms.comparator)


def missing_results(rows: list[EffectRow], axis: Axis | None = None) -> MissingResults:
    """Count the studies that measured an outcome, and those that give a usable magnitude in what was read of them.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of a domain or a stratum.
    axis : Axis, optional
        Count magnitudes on this axis only, and leave out the studies that give one on another axis alone.

    Returns
    -------
    MissingResults
        The two counts, and how much was read of the studies without a magnitude.
    """
    rows = [row for row in rows if row.votes]
    with_magnitude = {row.study for row in rows if row.magnitude and axis in (None, row.axis)}
    elsewhere = {row.study for row in rows if row.magnitude} - with_magnitude
    rows = [row for row in rows if row.study not in elsewhere]
    without: dict[str, Read] = {}
    for row in rows:
        if row.study not in with_magnitude:
            without[row.study] = min(without.get(row.study, row.read), row.read, key=list(Read).index)
    read = Counter(without.values())
    counted = {word: read[word] for word in Read if read[word]}
    return MissingResults(len(with_magnitude), len({row.study for row in rows}), counted)


def _fit(pooled: list[Study], settings: Settings, notes: list[Note]) -> Fit:
    how = settings.synthesis
    fit = random_effects(
        [study.effect.yi for study in pooled],
        [study.effect.vi for study in pooled],
        tau2_method=how.tau2_method,
        ci_method=how.ci_method,
        level=how.level,
        pi_df=how.prediction_df,
    )
    return replace(fit, notes=(*fit.notes, *notes))


def _bayes(
    key: StratumKey, pooled: list[Study], domain: Domain, favours_sign: int, settings: Settings
) -> tuple[tuple[BayesFit, ...], list[Note]]:
    """Return a fit for each prior that applies, and why others do not.

    For a mean difference, a scale given in SD units is multiplied by the SD of the instrument.
    """
    scale = key.axis[0]
    unit = 1.0 if scale != Scale.MD else domain.instrument.sd if domain.instrument else None
    if unit is None:
        return (), [note(NoteCode.PRIOR_WITHOUT_SD)] if settings.bayes else []
    yi, vi = [study.effect.yi for study in pooled], [study.effect.vi for study in pooled]
    important = domain.important.value if domain.important and scale == domain.scale else None
    fits: list[BayesFit] = []
    refused: list[Note] = []
    for choice in settings.bayes:
        if why := refuse_prior(choice.family, key.contrasts, scale):
            refused.append(why)
            continue
        chosen = prior(choice.family, choice.scale and choice.scale * unit)
        fits.append(bayes(yi, vi, chosen, settings.synthesis.level, important, favours_sign))
    return tuple(fits), refused


def _important(scale: Scale, domain: Domain) -> ImportantDifference | None:
    """Return the smallest difference that matters where it is on the scale of the stratum."""
    given = domain.important
    return ImportantDifference(given.value, given.source) if given and scale == domain.scale else None


def _in_units(fit: Fit, scale: Scale, domain: Domain) -> InUnits | None:
    """Return a pooled SMD in the units of the instrument of its domain (Cochrane Handbook 15.5.3.2)."""
    known = domain.instrument
    if scale != Scale.SMD or known is None:
        return None
    numbers = (known.sd * value for value in (fit.estimate, fit.ci_lb, fit.ci_ub))
    return InUnits(known.name, known.sd, known.source, *numbers)


def pooled_events(rows: list[EffectRow], contrasts: tuple[Contrast, ...], axis: Axis) -> list[EffectRow]:
    """Return the rows that a pool of events takes, in the order of the pool.

    Parameters
    ----------
    rows : list of EffectRow
        Rows of a domain.
    contrasts : tuple of Contrast
        The contrasts of the stratum.
    axis : Axis
        Its scale, and which way is better.

    Returns
    -------
    list of EffectRow
        The rows that `effects.events` marks, without excluded ones.
    """
    own = [row for row in rows if row.contrast in contrasts and row.axis == axis]
    return [row for row in own if row.events and row.fate != Fate.EXCLUDED]


def pool_of_events(
    contrasts: tuple[Contrast, ...], axis: Axis, voting: list[EffectRow], settings: Settings
) -> tuple[SparseFit | None, Note | None]:
    """Return the pool of events without corrections, empty cells included, or why the events are not pooled.

    Only events of one contrast are pooled.

    Parameters
    ----------
    contrasts : tuple of Contrast
        The contrasts of the stratum.
    axis : Axis
        Its scale, and which way is better.
    voting : list of EffectRow
        The rows of the stratum; those that `effects.events` marks are pooled.
    settings : Settings
        The settings of the review.

    Returns
    -------
    tuple of SparseFit or None, Note or None
        The pool, and the reason where the method refuses the events.
    """
    how, measure = settings.synthesis, EVENT_MEASURES.get(axis[0])
    rows = pooled_events(voting, contrasts, axis)
    if how.events == EventPool.INVERSE_VARIANCE or measure is None or len(contrasts) > 1 or len(rows) < 2:
        return None, None
    event_arm1, totaln_arm1, event_arm2, totaln_arm2 = (
        [getattr(row, name) for row in rows] for name in EVENTS_AND_TOTALS
    )
    try:
        if how.events == EventPool.PETO:
            return peto(event_arm1, totaln_arm1, event_arm2, totaln_arm2, how.level), None
        return mantel_haenszel(event_arm1, totaln_arm1, event_arm2, totaln_arm2, measure, how.level), None
    except ValueError as error:
        return None, note(NoteCode.EVENTS_NOT_POOLED, why=str(error))


def _weighed(studies: list[Study], fit: Fit) -> tuple[Study, ...]:
    weights = iter(fit.weights)
    return tuple(replace(study, weight=next(weights)) if study.fate == Fate.POOLED else study for study in studies)


def _by_counts(
    key: StratumKey, pooled: list[Study], voting: list[EffectRow], settings: Settings
) -> tuple[Counts | None, Fit | None, tuple[Note, ...]]:
    """Return what a model of counts pools and its fit where an empty cell asks for one, or why it has none."""
    if len(key.contrasts) > 1:
        return None, None, ()
    own = [row for row in voting if row.axis == key.axis]
    known = [KnownRatio(one.study, one.sample, one.label, one.effect.yi, one.effect.vi) for one in pooled]
    counts = counts_of(own, known, settings.synthesis.empty_cells)
    if counts is None:
        return None, None, ()
    try:
        return counts, fit_of_counts(counts, settings.synthesis), ()
    except (ValueError, ArithmeticError) as error:
        return counts, None, (note(NoteCode.COUNTS_NOT_ESTIMABLE, model=str(counts.model), why=str(error)),)


def _headline_of_counts(
    key: StratumKey, base: Stratum, counts: Counts, fit: Fit, voting: list[EffectRow], settings: Settings, alone: bool
) -> Stratum:
    """Return a stratum whose headline is pooled by counts, with the models that stand beside it."""
    studies = weighed_by_counts(base.studies, counts, fit)
    weighed = [study for study in studies if study.weight is not None]
    base = replace(base, studies=studies, fit=fit, cautions=_cautions(weighed, nested=False))
    models = models_of(counts, fit, settings.synthesis)
    left_out = _left_out(voting, key.axis, counts.rows)
    base = replace(base, cautions=(*base.cautions, *left_out, *caution_of_counts(models, fit)))
    if alone:
        return base
    panel = panel_of_counts(counts, models, settings.synthesis)
    return replace(base, panel=panel, moderators=refused_by_counts(key.domain, settings))


def _left_out(voting: list[EffectRow], axis: Axis, rows_held: Sequence[EffectRow] = ()) -> tuple[Note, ...]:
    """Return how many samples with an empty cell that say something about the ratio a headline leaves out."""
    own = [row for row in voting if row.axis == axis and row.events and row.magnitude]
    empty = [row for row in own if row.yi is None and not row.never_pooled and informative(row)]
    samples = {(row.study, row.sample) for row in empty} - {(row.study, row.sample) for row in rows_held}
    return (note(NoteCode.EMPTY_CELLS_LEFT_OUT, samples=len(samples)),) if samples else ()


def _why_not(drawn: list[EffectRow], missing: MissingResults) -> tuple[Note, ...]:
    """Return why nothing is pooled: nothing has a magnitude, or the reasons of the effects that are shown."""
    if not drawn:
        kinds = list(missing.read)
        read = kinds[0] if len(kinds) == 1 else Read.NOT_CODED
        return (note(NoteCode.NO_MAGNITUDE, studies=missing.studies, read=str(read)),)
    reasons = unique(row.reason for row in drawn if row.chosen and row.reason)
    return reasons or (note(NoteCode.EMPTY_CELL),)


def _cautions(pooled: list[Study], nested: bool) -> tuple[Note, ...]:
    cautions = []
    studies = {study.study for study in pooled}
    if len(studies) < len(pooled) and not nested:
        cautions.append(note(NoteCode.SAMPLES_OF_FEWER_STUDIES, samples=len(pooled), studies=len(studies)))
    if assumed := sum(study.tier == Tier.ASSUMED for study in pooled):
        cautions.append(note(NoteCode.EFFECTS_NEED_ASSUMPTIONS, assumed=assumed, k=len(pooled)))
    return tuple(cautions)
