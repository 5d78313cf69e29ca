"""From the rows of a domain to its strata: what may meet in one diamond, and the fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taprev.effects.rows import EffectRow
from taprev.settings import Combined, Domain, Settings
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
    """Return a stratum for each contrast and scale of the rows, the strongest design first."""
    made = []
    usual = min((row.scale for row in rows if row.yi is not None), default=domain.scale)
    for contrast, label in CONTRASTS.items():
        voting = [row for row in rows if row.contrast == contrast and row.fate != "excluded"]
        scales = sorted({row.scale for row in voting if row.yi is not None}) or [usual] * bool(voting)
        for scale in scales:
            drawn = [row for row in voting if row.scale == scale and row.yi is not None and not row.part_of]
            name = contrast if len(scales) == 1 else f"{contrast}_{scale}"
            made.append(
                _with_parts(
                    _stratum(name, label, (contrast,), scale, drawn, voting, domain, settings), voting
                )
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
    """Return the pools of several contrasts that the settings ask for, where they hold more than one design."""
    made = []
    for wish in settings.synthesis.combined:
        voting = [row for row in rows if row.contrast in wish.contrasts and row.fate != "excluded"]
        poolable = [row for row in voting if row.poolable]
        for scale in sorted({row.scale for row in poolable}):
            drawn = [row for row in poolable if row.scale == scale]
            if len({row.contrast for row in drawn}) > 1:
                made.append(_combined(wish, scale, drawn, voting, domain, settings))
    return made


def missing_results(rows: Iterable[EffectRow]) -> MissingResults:
    """Count the studies that measured something, and those of them that printed a usable magnitude."""
    rows = [row for row in rows if row.votes]
    with_magnitude = {row.study for row in rows if row.yi is not None}
    return MissingResults(len(with_magnitude), len({row.study for row in rows}))


def _stratum(
    name: str, label: str, contrasts: tuple[str, ...], scale: str, drawn: list[EffectRow],
    voting: list[EffectRow], domain: Domain, settings: Settings,
) -> Stratum:  # fmt: skip
    studies = drawn_studies(drawn, settings)
    pooled = [study for study in studies if study.fate == "pooled"]
    fit = _fit(pooled, settings) if len(pooled) >= 2 else None
    return Stratum(
        name=name,
        label=label,
        contrasts=contrasts,
        scale=scale,
        unit=domain.unit if scale == "md" else "",
        favours_sign=_favours_sign(scale, drawn),
        studies=_weighed(studies, fit),
        fit=fit,
        not_estimable=None if fit else _why_not(drawn, missing_results(voting)),
        missing_results=missing_results(voting),
        cautions=_cautions(pooled) if fit else (),
    )


def _combined(
    wish: Combined,
    scale: str,
    drawn: list[EffectRow],
    voting: list[EffectRow],
    domain: Domain,
    settings: Settings,
) -> Stratum:
    pooled = [replace(row, fate="pooled", reason="") for row in drawn]
    return _stratum(wish.name, wish.label, wish.contrasts, scale, pooled, voting, domain, settings)


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


def _favours_sign(scale: str, drawn: list[EffectRow]) -> int:
    """Return 1 where a positive effect is better; ratios keep their orientation and differences are turned."""
    if scale in ("smd", "md"):
        return 1
    orientations = {row.better for row in drawn}
    if len(orientations) > 1:
        raise ValueError(
            f"{drawn[0].domain}: ratios of outcomes where higher is better and where lower is better stand in one "
            f"stratum ({', '.join(row.result for row in drawn)}); give them domains of their own"
        )
    return 1 if orientations == {"higher"} else -1


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
        said.append(f"{len(pooled)} independent samples come from {len(studies)} studies.")
    assumed = sum(study.tier == "assumed" for study in pooled)
    if assumed:
        said.append(f"{assumed} of {len(pooled)} effects need a stated assumption.")
    return tuple(said)
