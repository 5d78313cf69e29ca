"""One stratum: what is drawn, the fit or why there is none, and what surrounds the number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.settings import Domain, Settings
from taprev.synthesis.kernels.bayes import bayes
from taprev.synthesis.kernels.priors import prior, refuse_prior
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.sparse import COLUMNS, mantel_haenszel, peto
from taprev.synthesis.moderation import explained
from taprev.synthesis.nested import nested_or_none
from taprev.synthesis.results import (
    BayesFit,
    Fit,
    ImportantDifference,
    InUnits,
    MissingResults,
    SparseFit,
    Stratum,
    Study,
)
from taprev.synthesis.sensitivity import panel, panel_otherwise
from taprev.synthesis.studies import drawn_studies
from taprev.vocabulary import Better, EventMeasure, EventPool, Fate, Scale, Tier

NO_SD = "No Bayesian fit: a prior for mean differences needs the SD of an instrument, which the domain does not name."
EVENT_MEASURES = {Scale.LOG_ODDS_RATIO: EventMeasure.OR, Scale.LOG_RISK_RATIO: EventMeasure.RR}


@dataclass(frozen=True)
class StratumKey:
    """Where a stratum stands: its domain, its name and label, the contrasts it holds and the axis they share."""

    domain: str
    name: str
    label: str
    contrasts: tuple[str, ...]
    axis: tuple[str, str]


def stratum(
    place: StratumKey,
    drawn: list[EffectRow],
    voting: list[EffectRow],
    settings: Settings,
    variants: Variants | None = None,
    alone: bool = False,
) -> Stratum:
    """Return a stratum; with `variants` its sensitivity panel holds the multiverse.

    `alone` leaves out what surrounds the number (panel, Bayesian fits, moderators); the fit is the same.
    """
    domain, (scale, better) = settings.domains[place.domain], place.axis
    at = (place.contrasts, place.axis)
    rows = [row for row in drawn if row.fate == Fate.POOLED]
    pooled = [study for study in drawn_studies(rows, settings) if study.fate == Fate.POOLED]
    missing = missing_results(voting, place.axis)
    sparse, sparse_note = pool_of_events(place.contrasts, place.axis, voting, settings)
    made = Stratum(
        name=place.name,
        label=place.label,
        contrasts=place.contrasts,
        scale=scale,
        unit=domain.unit if scale == Scale.MD else "",
        favours_sign=-1 if better == Better.LOWER else 1,
        studies=tuple(drawn_studies(drawn, settings)),
        fit=None,
        not_estimable=None,
        missing_results=missing,
        sparse=sparse,
        sparse_note=sparse_note,
        important=_important(scale, domain),
    )
    if len(pooled) < 2:
        otherwise = None if alone else panel_otherwise(drawn, at, variants, settings)
        empty = any(row.scale and row.yi is None and row.axis == place.axis for row in voting)
        return replace(made, not_estimable=_why_not(drawn, missing, empty), panel=otherwise)
    fit, notes = nested_or_none(rows, settings)
    nested = fit is not None
    if fit is None:
        fit = _fit(pooled, settings, notes)
    studies = drawn_studies(drawn, settings, together=not nested)
    cautions = _cautions([study for study in studies if study.fate == Fate.POOLED], nested)
    made = replace(made, studies=_weighed(studies, fit), fit=fit, cautions=cautions)
    if alone:
        return made
    fits, refused = _bayes(place, pooled, domain, made.favours_sign, settings)
    surroundings = panel(pooled, rows, at, variants, nested, settings)
    return replace(
        made,
        panel=replace(surroundings, notes=(*surroundings.notes, *refused)),
        bayes=fits,
        moderators=explained(place.domain, pooled, rows, settings),
        in_units=_in_units(fit, scale, domain),
    )


def missing_results(rows: list[EffectRow], axis: tuple[str, str] | None = None) -> MissingResults:
    """Count the studies that measured something, and those of them that printed a usable magnitude (on an axis)."""
    rows = [row for row in rows if row.votes]
    with_magnitude = {row.study for row in rows if row.yi is not None and axis in (None, row.axis)}
    return MissingResults(len(with_magnitude), len({row.study for row in rows}))


def _fit(pooled: list[Study], settings: Settings, notes: list[str]) -> Fit:
    how = settings.synthesis
    fit = random_effects(
        [study.yi for study in pooled],
        [study.vi for study in pooled],
        tau2_method=how.tau2_method,
        ci_method=how.ci_method,
        level=how.level,
        pi_df=how.prediction_df,
    )
    return replace(fit, notes=(*fit.notes, *notes))


def _bayes(
    place: StratumKey, pooled: list[Study], domain: Domain, favours_sign: int, settings: Settings
) -> tuple[tuple[BayesFit, ...], list[str]]:
    """Return a fit for each prior that applies, and why others do not.

    A scale in SD units becomes that of a mean difference by the SD of its instrument.
    """
    scale = place.axis[0]
    unit = 1.0 if scale != Scale.MD else domain.instrument.sd if domain.instrument else None
    if unit is None:
        return (), [NO_SD] if settings.bayes else []
    yi, vi = [study.yi for study in pooled], [study.vi for study in pooled]
    important = domain.important.value if domain.important and scale == domain.scale else None
    fits, refused = [], []
    for one in settings.bayes:
        if why := refuse_prior(one.family, place.contrasts, scale):
            refused.append(why)
            continue
        chosen = prior(one.family, one.scale and one.scale * unit)
        fits.append(bayes(yi, vi, chosen, settings.synthesis.level, important, favours_sign))
    return tuple(fits), refused


def _important(scale: str, domain: Domain) -> ImportantDifference | None:
    """Return the smallest difference that matters where it is on the scale of the stratum."""
    given = domain.important
    return ImportantDifference(given.value, given.source) if given and scale == domain.scale else None


def _in_units(fit: Fit, scale: str, domain: Domain) -> InUnits | None:
    """Return a pooled SMD in the units of the instrument of its domain (Cochrane Handbook 15.5.3.2)."""
    known = domain.instrument
    if scale != Scale.SMD or known is None:
        return None
    numbers = (known.sd * value for value in (fit.estimate, fit.ci_lb, fit.ci_ub))
    return InUnits(known.name, known.sd, known.source, *numbers)


def pooled_events(rows: list[EffectRow], contrasts: tuple[str, ...], axis: tuple[str, str]) -> list[EffectRow]:
    """Return the rows that a pool of events takes, in its order."""
    own = [row for row in rows if row.contrast in contrasts and row.axis == axis]
    return [row for row in own if row.events and row.fate != Fate.EXCLUDED]


def pool_of_events(
    contrasts: tuple[str, ...], axis: tuple[str, str], voting: list[EffectRow], settings: Settings
) -> tuple[SparseFit | None, str]:
    """Return the pool of events without corrections, empty cells included, or why events have none.

    Only within one contrast; the rows are those that `effects.events` marks.
    """
    how, measure = settings.synthesis, EVENT_MEASURES.get(axis[0])
    rows = pooled_events(voting, contrasts, axis)
    if how.events == EventPool.INVERSE_VARIANCE or measure is None or len(contrasts) > 1 or len(rows) < 2:
        return None, ""
    columns = [[getattr(row, name) for row in rows] for name in COLUMNS]
    try:
        if how.events == EventPool.PETO:
            return peto(*columns, level=how.level), ""
        return mantel_haenszel(*columns, measure=measure, level=how.level), ""
    except ValueError as error:
        return None, f"Events are not pooled: {error}."


def _weighed(studies: list[Study], fit: Fit) -> tuple[Study, ...]:
    weights = iter(fit.weights)
    return tuple(replace(study, weight=next(weights)) if study.fate == Fate.POOLED else study for study in studies)


def _why_not(drawn: list[EffectRow], missing: MissingResults, empty_cells: bool) -> str:
    if not drawn and empty_cells:
        return "Not estimable study by study: the events of this scale have an empty cell."
    if not drawn:
        number = "the one study" if missing.studies == 1 else f"none of {missing.studies} studies"
        verb = "printed no usable magnitude" if missing.studies == 1 else "printed a usable magnitude"
        return f"Not estimable: {number} {verb}."
    reasons = dict.fromkeys(row.reason for row in drawn if row.chosen)
    return f"Not pooled: {'; '.join(reasons)}."


def _cautions(pooled: list[Study], nested: bool) -> tuple[str, ...]:
    said = []
    studies = {study.study for study in pooled}
    if len(studies) < len(pooled) and not nested:
        sources = "1 study" if len(studies) == 1 else f"{len(studies)} studies"
        said.append(f"{len(pooled)} independent samples come from {sources}.")
    assumed = sum(study.tier == Tier.ASSUMED for study in pooled)
    if assumed:
        said.append(f"{assumed} of {len(pooled)} effects need a stated assumption.")
    return tuple(said)
