"""From the rows of a domain to its strata: what may meet in one diamond, and the fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taprev.effects.rows import EffectRow
from taprev.settings import Domain, Settings
from taprev.synthesis.random_effects import random_effects
from taprev.synthesis.result import Fit, MissingResults, Stratum, Study
from taprev.synthesis.studies import drawn_studies

CONTRASTS = {
    "randomised": "Randomised",
    "controlled": "Controlled, not randomised",
    "before_after": "Before-after, no control group",
    "time_series": "Interrupted time series",
}


def strata(rows: list[EffectRow], domain: Domain, settings: Settings) -> list[Stratum]:
    """Return a stratum for each contrast and axis of the rows, the strongest design first.

    A stratum has the name of its contrast; where a contrast has several axes, the others add theirs.
    """
    made = []
    rows = [row for row in rows if row.fate != "excluded"]
    usual = min((row.axis for row in rows if row.yi is not None), default=(domain.scale, "higher"))
    for contrast, label in CONTRASTS.items():
        voting = [row for row in rows if row.contrast == contrast]
        axes = sorted({row.axis for row in voting if row.yi is not None}) or [usual] * bool(voting)
        for axis in axes:
            drawn = [row for row in voting if row.axis == axis and row.yi is not None and not row.part_of]
            name = contrast if len(axes) == 1 else "_".join((contrast, *axis))
            made.append(
                _with_parts(_stratum(name, label, (contrast,), axis, drawn, voting, domain, settings), voting)
            )
    return made


def _with_parts(stratum: Stratum, rows: list[EffectRow]) -> Stratum:
    """Name beside each effect the rows that are parts of it."""
    parts = {row.part_of: row.result for row in rows if row.part_of}
    studies = [
        replace(study, results=(*study.results, *(parts[r] for r in study.results if r in parts)))
        for study in stratum.studies
    ]
    return replace(stratum, studies=tuple(studies))


def combined_strata(rows: list[EffectRow], domain: Domain, settings: Settings) -> list[Stratum]:
    """Return the pools of several contrasts that the settings ask for, where they hold more than one design.

    A sample that stands in two designs is taken from the stronger one.
    """
    made = []
    for wish in settings.synthesis.combined:
        voting = [row for row in rows if row.contrast in wish.contrasts and row.fate != "excluded"]
        for axis in sorted({row.axis for row in voting if row.poolable}):
            drawn = _strongest_design([row for row in voting if row.poolable and row.axis == axis])
            if len({row.contrast for row in drawn}) > 1:
                pooled = [replace(row, fate="pooled", reason="") for row in drawn]
                made.append(
                    _stratum(wish.name, wish.label, wish.contrasts, axis, pooled, voting, domain, settings)
                )
    return made


def _strongest_design(rows: list[EffectRow]) -> list[EffectRow]:
    order = list(CONTRASTS)
    best: dict[tuple[str, str], int] = {}
    for row in rows:
        place = order.index(row.contrast)
        best[row.study, row.sample] = min(place, best.get((row.study, row.sample), place))
    return [row for row in rows if order.index(row.contrast) == best[row.study, row.sample]]


def missing_results(rows: Iterable[EffectRow], axis: tuple[str, str] | None = None) -> MissingResults:
    """Count the studies that measured something, and those of them that printed a usable magnitude (on an axis)."""
    rows = [row for row in rows if row.votes]
    with_magnitude = {row.study for row in rows if row.yi is not None and axis in (None, row.axis)}
    return MissingResults(len(with_magnitude), len({row.study for row in rows}))


def _stratum(
    name: str, label: str, contrasts: tuple[str, ...], axis: tuple[str, str], drawn: list[EffectRow],
    voting: list[EffectRow], domain: Domain, settings: Settings,
) -> Stratum:  # fmt: skip
    scale, better = axis
    studies = drawn_studies(drawn, settings)
    pooled = [study for study in studies if study.fate == "pooled"]
    fit = _fit(pooled, settings) if len(pooled) >= 2 else None
    return Stratum(
        name=name,
        label=label,
        contrasts=contrasts,
        scale=scale,
        unit=domain.unit if scale == "md" else "",
        favours_sign=-1 if better == "lower" else 1,
        studies=_weighed(studies, fit),
        fit=fit,
        not_estimable=None if fit else _why_not(drawn, missing_results(voting, axis)),
        missing_results=missing_results(voting, axis),
        cautions=_cautions(pooled) if fit else (),
    )


def _fit(pooled: list[Study], settings: Settings) -> Fit:
    how = settings.synthesis
    return random_effects(
        [study.yi for study in pooled], [study.vi for study in pooled],
        tau2_method=how.tau2_method, ci_method=how.ci_method, level=how.level, pi_df=how.prediction_df,
    )  # fmt: skip


def _weighed(studies: list[Study], fit: Fit | None) -> tuple[Study, ...]:
    weights = iter(fit.weights if fit else ())
    return tuple(
        replace(study, weight=next(weights)) if fit and study.fate == "pooled" else study for study in studies
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
