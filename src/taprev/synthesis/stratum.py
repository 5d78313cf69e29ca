"""One stratum: what is drawn, the fit or why there is none, and what surrounds the number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.settings import Domain, Settings
from taprev.synthesis.bayes import BayesFit, bayes
from taprev.synthesis.explained import explained
from taprev.synthesis.nested import fallback_note, nested_fit, nests
from taprev.synthesis.priors import prior, refuse_prior
from taprev.synthesis.random_effects import random_effects
from taprev.synthesis.result import Fit, InUnits, MissingResults, Stratum, Study
from taprev.synthesis.sensitivity import panel, shown_otherwise, stratum_multiverse
from taprev.synthesis.sparse import SparseFit, mantel_haenszel, peto
from taprev.synthesis.studies import drawn_studies

EVENT_MEASURES = {"log_odds_ratio": "OR", "log_risk_ratio": "RR"}


@dataclass(frozen=True)
class Place:
    """Where a stratum stands: its domain, its name and label, the contrasts it holds and the axis they share."""

    domain: str
    name: str
    label: str
    contrasts: tuple[str, ...]
    axis: tuple[str, str]


def stratum(
    place: Place, drawn: list[EffectRow], voting: list[EffectRow], settings: Settings, variants: Variants | None = None
) -> Stratum:  # fmt: skip
    """Return a stratum; with `variants` its sensitivity panel holds the multiverse."""
    domain, (scale, better) = settings.domains[place.domain], place.axis
    rows = [row for row in drawn if row.fate == "pooled"]
    nested = nests(rows, settings)
    studies = drawn_studies(drawn, settings, together=not nested)
    pooled = [study for study in drawn_studies(rows, settings) if study.fate == "pooled"]
    missing = missing_results(voting, place.axis)
    made = Stratum(
        name=place.name,
        label=place.label,
        contrasts=place.contrasts,
        scale=scale,
        unit=domain.unit if scale == "md" else "",
        favours_sign=-1 if better == "lower" else 1,
        studies=tuple(studies),
        fit=None,
        not_estimable=None,
        missing_results=missing,
        sparse=_sparse(voting, place.axis, settings),
    )
    if len(pooled) < 2:
        otherwise = shown_otherwise(drawn, variants, settings)
        return replace(made, not_estimable=_why_not(drawn, missing), panel=otherwise)
    fit = nested_fit(rows, settings) if nested else _fit(pooled, settings, fallback_note(rows, settings))
    return replace(
        made,
        studies=_weighed(studies, fit),
        fit=fit,
        cautions=_cautions(pooled),
        panel=panel(
            pooled, rows, stratum_multiverse(variants, place.contrasts, place.axis, settings), settings
        ),
        bayes=_bayes(place, pooled, domain, made.favours_sign, settings),
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
        [study.yi for study in pooled], [study.vi for study in pooled],
        tau2_method=how.tau2_method, ci_method=how.ci_method, level=how.level, pi_df=how.prediction_df,
    )  # fmt: skip
    return replace(fit, notes=(*fit.notes, *notes))


def _bayes(
    place: Place, pooled: list[Study], domain: Domain, favours_sign: int, settings: Settings
) -> tuple[BayesFit, ...]:
    """Return a fit for each prior that applies; a scale in SD units becomes that of a mean difference by its SD."""
    scale = place.axis[0]
    unit = 1.0 if scale != "md" else domain.instrument.sd if domain.instrument else None
    if unit is None:
        return ()
    yi, vi = [study.yi for study in pooled], [study.vi for study in pooled]
    important = domain.important.value if domain.important and scale == domain.scale else None
    return tuple(
        bayes(
            yi, vi, prior(one.family, one.scale and one.scale * unit), settings.synthesis.level, important, favours_sign
        )
        for one in settings.bayes if not refuse_prior(one.family, place.contrasts, scale)
    )  # fmt: skip


def _in_units(fit: Fit, scale: str, domain: Domain) -> InUnits | None:
    """Return a pooled SMD in the units of the instrument of its domain (Cochrane Handbook 15.5.3.2)."""
    known = domain.instrument
    if scale != "smd" or known is None:
        return None
    numbers = (known.sd * value for value in (fit.estimate, fit.ci_lb, fit.ci_ub))
    return InUnits(known.name, known.sd, known.source, *numbers)


def _sparse(voting: list[EffectRow], axis: tuple[str, str], settings: Settings) -> SparseFit | None:
    """Return the pool of events without corrections, zero cells included, where the settings ask for one."""
    how, measure = settings.synthesis, EVENT_MEASURES.get(axis[0])
    cells = {
        (row.study, row.sample): (row.event_arm1, row.totaln_arm1, row.event_arm2, row.totaln_arm2)
        for row in reversed(voting) if row.votes and row.event_arm1 is not None and row.totaln_arm2 is not None
    }  # fmt: skip
    if how.events == "inverse_variance" or measure is None or len(cells) < 2:
        return None
    columns = list(zip(*cells.values(), strict=True))
    try:
        if how.events == "peto":
            return peto(*columns, level=how.level)
        return mantel_haenszel(*columns, measure=measure, level=how.level)
    except ValueError:
        return None


def _weighed(studies: list[Study], fit: Fit) -> tuple[Study, ...]:
    weights = iter(fit.weights)
    return tuple(
        replace(study, weight=next(weights)) if study.fate == "pooled" else study for study in studies
    )


def _why_not(drawn: list[EffectRow], missing: MissingResults) -> str:
    if not drawn:
        number = "the one study" if missing.studies == 1 else f"none of {missing.studies} studies"
        verb = "printed no usable magnitude" if missing.studies == 1 else "printed a usable magnitude"
        return f"Not estimable: {number} {verb}."
    reasons = dict.fromkeys(row.reason for row in drawn if row.chosen)
    return f"Not pooled: {'; '.join(reasons)}."


def _cautions(pooled: list[Study]) -> tuple[str, ...]:
    said = []
    studies = {study.study for study in pooled}
    if len(studies) < len(pooled):
        sources = "1 study" if len(studies) == 1 else f"{len(studies)} studies"
        said.append(f"{len(pooled)} independent samples come from {sources}.")
    assumed = sum(study.tier == "assumed" for study in pooled)
    if assumed:
        said.append(f"{assumed} of {len(pooled)} effects need a stated assumption.")
    return tuple(said)
