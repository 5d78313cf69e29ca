"""From the rows of a domain to its strata: what may be pooled together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from taprev.effects.rows import Axis, EffectRow
from taprev.effects.variants import Variants
from taprev.settings import Settings
from taprev.synthesis.results import Outside, Stratum
from taprev.synthesis.sensitivity import panel_otherwise
from taprev.synthesis.stratum import StratumKey, arm_names, stratum
from taprev.vocabulary import AS_MEASURED, Better, Contrast, Fate


def strata(
    domain: str,
    rows: list[EffectRow],
    settings: Settings,
    variants: Variants | None = None,
    alone: bool = False,
) -> list[Stratum]:
    """Return a stratum for each contrast and axis of the rows of a domain, the strongest design first.

    A stratum has the name of its contrast; if a contrast has several axes, the name of the axis is added.

    Parameters
    ----------
    domain : str
        The domain.
    rows : list of EffectRow
        The rows of its effects file.
    settings : Settings
        The settings of the review.
    variants : Variants, optional
        The effects under every combination of choices, for the multiverse of each stratum.
    alone : bool
        Whether to give the numbers without what accompanies them.

    Returns
    -------
    list of Stratum
        The strata.
    """
    return [
        _with_parts(stratum(key, drawn, voting, settings, variants, alone), voting)
        for key, drawn, voting in _places(domain, rows, settings)
    ]


Placed = tuple[StratumKey, list[EffectRow], list[EffectRow]]


def _places(domain: str, rows: list[EffectRow], settings: Settings) -> Iterator[Placed]:
    """Yield the key of every stratum with the rows that are drawn and the rows that vote in it."""
    rows = [row for row in rows if row.fate != Fate.EXCLUDED]
    usual = min(
        (row.axis for row in rows if row.axis and row.magnitude),
        default=(settings.domains[domain].scale, Better.HIGHER),
    )
    for contrast in Contrast:
        voting = [row for row in rows if row.contrast == contrast]
        axes = sorted({row.axis for row in voting if row.axis}) or [usual] * bool(voting)
        for axis in axes:
            drawn = _drawn([row for row in voting if row.axis == axis])
            name = contrast if len(axes) == 1 else "_".join((contrast, *axis))
            yield StratumKey(domain, name, _labelled(contrast.heading, axis, axes), (contrast,), axis), drawn, voting


def _drawn(rows: list[EffectRow]) -> list[EffectRow]:
    """Return the rows with an effect, and for a sample that has none its counts with an empty cell."""
    whole = [row for row in rows if not row.part_of]
    have = {(row.study, row.sample) for row in whole if row.yi is not None}
    marked = {(row.study, row.sample) for row in whole if row.events}
    return [
        row
        for row in whole
        if row.yi is not None
        or (
            row.magnitude
            and (row.study, row.sample) not in have
            and (row.events or (row.study, row.sample) not in marked)
        )
    ]


def _labelled(label: str, axis: Axis, axes: list[Axis]) -> str:
    return label if len(axes) == 1 else f"{label} ({axis_words(axis)})"


def axis_words(axis: Axis) -> str:
    """Return what a stratum is measured in, in words such as `odds ratio, lower is better`.

    Parameters
    ----------
    axis : Axis
        The scale, and which way is better.

    Returns
    -------
    str
        The words; which way is better is added where effects are not turned.
    """
    scale, better = axis
    words = scale.said
    return f"{words}, {better} is better" if scale in AS_MEASURED else words


def _with_parts(made: Stratum, rows: list[EffectRow]) -> Stratum:
    """Add to the results of each effect the rows that are parts of it."""
    parts = {row.part_of: row.result for row in rows if row.part_of}
    studies = [
        replace(study, results=(*study.results, *(parts[r] for r in study.results if r in parts)))
        for study in made.studies
    ]
    return replace(made, studies=tuple(studies))


def combined_strata(domain: str, rows: list[EffectRow], settings: Settings, alone: bool = False) -> list[Stratum]:
    """Return the pools of several contrasts that the settings ask for, if they hold more than one design.

    A sample with results in two designs is taken from the stronger one.

    Parameters
    ----------
    domain : str
        The domain.
    rows : list of EffectRow
        The rows of its effects file.
    settings : Settings
        The settings of the review.
    alone : bool
        As in `strata`.

    Returns
    -------
    list of Stratum
        The combined strata.
    """
    placed = _combined_places(domain, rows, settings)
    return [stratum(key, pooled, voting, settings, alone=alone) for key, pooled, voting in placed]


def _combined_places(domain: str, rows: list[EffectRow], settings: Settings) -> Iterator[Placed]:
    for wish in settings.synthesis.combined:
        voting = [row for row in rows if row.contrast in wish.contrasts and row.fate != Fate.EXCLUDED]
        axes = sorted({row.axis for row in voting if row.axis and row.poolable})
        for axis in axes:
            drawn = _strongest_design([row for row in voting if row.poolable and row.axis == axis])
            if len({row.contrast for row in drawn}) > 1:
                pooled = [replace(row, fate=Fate.POOLED, reason=None) for row in drawn]
                name = wish.name if len(axes) == 1 else "_".join((wish.name, *axis))
                yield (
                    StratumKey(domain, name, _labelled(wish.label, axis, axes), wish.contrasts, axis),
                    pooled,
                    voting,
                )


def _strongest_design(rows: list[EffectRow]) -> list[EffectRow]:
    order = list(Contrast)
    best: dict[tuple[str, str], int] = {}
    for row in rows:
        strength = order.index(row.contrast)
        best[row.study, row.sample] = min(strength, best.get((row.study, row.sample), strength))
    return [row for row in rows if order.index(row.contrast) == best[row.study, row.sample]]


def outside(made: list[Stratum], variants: Variants | None, settings: Settings) -> list[Outside]:
    """Return what other choices pool in contrasts and on scales for which there is no stratum.

    Parameters
    ----------
    made : list of Stratum
        The strata of the domain.
    variants : Variants or None
        The effects under every combination of choices.
    settings : Settings
        The settings of the review.

    Returns
    -------
    list of Outside
        One for each contrast and axis; empty without variants.
    """
    if variants is None:
        return []
    there = {(existing.contrasts[0], existing.scale, existing.favours_sign) for existing in made}
    elsewhere = []
    for contrast, axis in dict.fromkeys((result.contrast, result.axis) for result in variants.results):
        scale, sign = axis[0], -1 if axis[1] == Better.LOWER else 1
        if (contrast, scale, sign) in there:
            continue
        panel = panel_otherwise([], ((contrast,), axis), variants, settings)
        if panel:
            name = "_".join((contrast, *axis))
            label = f"{contrast.heading} ({axis_words(axis)})"
            elsewhere.append(Outside(name, label, (contrast,), scale, sign, panel, arm_names(settings)))
    return elsewhere
