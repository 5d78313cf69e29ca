"""Standardised differences and log odds ratios pooled together, as a sensitivity analysis that the settings ask for.

d = log OR sqrt(3)/pi, its variance times 3/pi^2, and the reverse (Hasselblad and Hedges 1995, Psychol Bull 117:167;
Chinn 2000, Stat Med 19:3127): the event is taken for a logistic score that is cut in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taprev.effects.means import LOGISTIC
from taprev.effects.rows import Axis, EffectRow, changed
from taprev.notes import Note, note
from taprev.settings import Settings
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.results import Alternative
from taprev.synthesis.studies import drawn_studies
from taprev.vocabulary import Better, Choice, Contrast, Conversion, Fate, NoteCode, Scale

SCALES = {
    Conversion.TO_DIFFERENCES: (Scale.SMD, Scale.LOG_ODDS_RATIO, 1 / LOGISTIC),
    Conversion.TO_ODDS_RATIOS: (Scale.LOG_ODDS_RATIO, Scale.SMD, LOGISTIC),
}
"""Which scale joins which, and the factor of its effects."""


def joined(
    domain: str, contrasts: tuple[Contrast, ...], axis: Axis, rows: Iterable[EffectRow], settings: Settings
) -> tuple[tuple[Alternative, ...], tuple[Note, ...]]:
    """Return the pool of a stratum that effects of the other scale join, and what that assumes.

    A sample with an effect on the scale of the stratum keeps it; only others are turned.

    Parameters
    ----------
    domain : str
        The domain, whose settings ask for it.
    contrasts : tuple of Contrast
        The contrasts of the stratum; a pool of several has none.
    axis : Axis
        The scale of the stratum, and which way is better.
    rows : iterable of EffectRow
        All rows of the contrast.
    settings : Settings
        The settings of the review.

    Returns
    -------
    tuple of tuple of Alternative, tuple of Note
        One line and one note; both are empty where nothing was asked for, nothing joins or fewer than two are pooled.
    """
    wish = settings.domains[domain].converted
    if wish is None or len(contrasts) > 1 or SCALES[wish][0] != axis[0]:
        return (), ()
    _, other, factor = SCALES[wish]
    poolable = [row for row in rows if row.contrast == contrasts[0] and row.poolable and row.yi is not None]
    own = [row for row in poolable if row.axis == axis]
    have = {(row.study, row.sample) for row in own}
    turned = list(_turned([r for r in poolable if r.scale == other and (r.study, r.sample) not in have], axis, factor))
    pooled = [changed(row, fate=Fate.POOLED, reason=None) for row in (*own, *turned)]
    studies = drawn_studies(pooled, settings)
    if not turned or len(studies) < 2:
        return (), ()
    how = settings.synthesis
    effects = [study.effect for study in studies]
    fit = random_effects(
        [effect.yi for effect in effects],
        [effect.vi for effect in effects],
        tau2_method=how.tau2_method,
        ci_method=how.ci_method,
        level=how.level,
    )
    line = Alternative(Choice.CONVERSION, wish.said, False, fit.k, fit.estimate, fit.ci_lb, fit.ci_ub, fit.variance)
    samples = len({(row.study, row.sample) for row in turned})
    return (line,), (note(NoteCode.CONVERTED, conversion=str(wish), samples=samples, k=fit.k),)


def _turned(rows: Iterable[EffectRow], axis: Axis, factor: float) -> Iterator[EffectRow]:
    """Yield rows on the axis of a stratum; a standardised difference is positive where it is better."""
    for row in rows:
        if row.yi is None or row.vi is None:
            continue
        better = row.better if axis[0] == Scale.SMD else axis[1]
        sign = -1 if better == Better.LOWER else 1
        yield changed(row, scale=axis[0], better=better, yi=sign * factor * row.yi, vi=factor**2 * row.vi)
