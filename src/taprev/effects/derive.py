"""One extracted row to one effect: which derivation applies, what it assumes, and its tier.

The first derivation whose contrast, statistic and printed figures fit a row is used. A row that fits none
has no magnitude, and the reason says what is not printed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from taprev.effects.assumptions import assumption, leans_on
from taprev.effects.attrition import attrition
from taprev.effects.clusters import allows_for_clusters, design_effect
from taprev.effects.derivations import DERIVATIONS, OF_TESTS, Derivation, PrintedFigures
from taprev.effects.medians import refuse_unsound
from taprev.effects.printed import Shares, family, figures_of
from taprev.effects.repeated import repeated_measures_note, variance_factor
from taprev.effects.rounding import Reach, reach, rounding_note
from taprev.extraction.interval_level import level_in_words
from taprev.extraction.tables import Row, figure, half_unit
from taprev.notes import Figure, Note, note
from taprev.settings import Assumptions
from taprev.vocabulary import (
    AS_MEASURED,
    BACK_TRANSFORMED,
    Allocation,
    BeforeScores,
    Direction,
    NoteCode,
    Pairing,
    RatioKind,
    Scale,
    SdBasis,
    Statistic,
    Tier,
)

OF_SCORES: dict[Statistic, tuple[str, str, tuple[SdBasis, ...]]] = {
    Statistic.MEANS: ("standard deviations", "raw ones", (SdBasis.CHANGE, SdBasis.RESIDUAL)),
    Statistic.MEDIANS: ("quartiles", "raw ones", (SdBasis.CHANGE, SdBasis.RESIDUAL)),
    Statistic.CHANGE: ("standard deviations", "changes", (SdBasis.RESIDUAL,)),
}
"""Figures that are those of scores: what they are, the scores that are wanted, and those that are refused."""


@dataclass(frozen=True)
class Effect:
    """An effect with its derivation, what it assumes and its tier (`exact` or `assumed`).

    `reach` is how far the rounding of the printed figures reaches: the lowest and highest `yi`, then `vi`.
    `own_precision` is whether the variance is that of the printed effect itself.
    """

    measure: str
    scale: Scale
    yi: float
    vi: float
    derivation: str
    tier: Tier
    assumptions: tuple[Note, ...]
    reach: Reach
    leans_on: tuple[str, ...] = ()
    own_precision: bool = False


@dataclass(frozen=True)
class Ingredients:
    """What a formula takes: its figures, the sign of its effect, the factors of its variance, and notes on these.

    `inflation` is the design effect of clusters, times what those not analysed make of it; `of_pairs` makes the
    variance of independent samples one of pairs.
    """

    figures: PrintedFigures
    sign: int
    inflation: float
    of_pairs: float
    taken: tuple[Note, ...]


@dataclass(frozen=True)
class NoMagnitude:
    """Why a row has a direction only; `tier` is `bound` where a bound on p is printed.

    `scale` is that of counts with an empty cell: they are printed in full but have no ratio of their own.
    """

    tier: Tier
    reason: Note
    scale: Scale | None = None


def derive(row: Row, scale: str, assumptions: Assumptions, shared_by: int = 1) -> Effect | NoMagnitude:
    """Return the effect of an extracted row on the scale of its domain, or why it has none.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    scale : str
        The scale of the domain.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    shared_by : int
        Number of arms between which the people of the control group (arm 2) are divided.

    Returns
    -------
    Effect or NoMagnitude
        The effect with its derivation, assumptions and tier, or the reason why the row has a direction only.
    """
    fitting, suited, ready = _ways(row, scale)
    if ready is None:
        return _refusal(row, fitting, suited)
    if refusal := _unusable(row, ready):
        return refusal
    try:
        return _effect(row, ready, assumptions, shared_by)
    except ArithmeticError:
        return _none(NoteCode.NOT_FINITE, printed=row["as_reported"])
    except ValueError as error:
        return NoMagnitude(
            Tier.DIRECTION,
            note(NoteCode.FIGURES_REFUSED, why=str(error)),
            ready.scale if ready.statistic in (Statistic.EVENTS, Statistic.COUNTS) else None,
        )


def derivation_of(row: Row, scale: str) -> Derivation | None:
    """Return the derivation that a row takes on the scale of its domain, or None if its figures allow none.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    scale : str
        The scale of the domain.

    Returns
    -------
    Derivation or None
        The first that fits the statistic and the design and has all its figures.
    """
    return _ways(row, scale)[2]


def _ways(row: Row, scale: str) -> tuple[tuple[Derivation, ...], list[Derivation], Derivation | None]:
    """Return the derivations that fit a row's statistic, those that also suit its design, and the one it takes."""
    risk = row["ratio_kind"] == RatioKind.RISK
    fitting = _fitting(row["statistic"], scale, risk, row.get("effect_measure") or None)
    suited = [d for d in fitting if d.family in ("any", family(row))]
    printed = [d for d in suited if all(_printed(row, name) for name in (*d.figures, *d.sizes))]
    ready = next((d for d in printed if "p" not in d.figures or _informative(row, d)), None)
    return fitting, suited, ready or next(iter(printed), None)


def _printed(row: Row, name: str) -> bool:
    """Return whether a figure is printed; a p of zero is a bound and no p."""
    return bool(row.get(name)) and not (name == "p" and float(row[name]) == 0)


def _informative(row: Row, way: Derivation) -> bool:
    """Return whether a p says how precise an effect is: not a p of 1, nor that of an effect of nothing."""
    nothing = 1.0 if way.statistic == Statistic.RATIO else 0.0
    return float(row["p"]) < 1 and not (way.own_precision and float(row[way.figures[0]]) == nothing)


@cache
def _fitting(statistic: str, scale: str, risk: bool, given: str | None) -> tuple[Derivation, ...]:
    return tuple(
        d
        for d in DERIVATIONS
        if d.statistic == statistic
        and (d.scale == scale or d.scale in BACK_TRANSFORMED)
        and d.risk in (None, risk)
        and d.given in (None, given)
    )


def _refusal(row: Row, fitting: tuple[Derivation, ...], suited: list[Derivation]) -> NoMagnitude:
    """Return why no derivation applies: the design first, then the figures that are not printed."""
    printed = row["as_reported"]
    if row["p"] and float(row["p"]) == 0 and (not fitting or suited):
        return NoMagnitude(Tier.BOUND, note(NoteCode.P_OF_ZERO, bound=half_unit(row["p"]), printed=printed))
    if row["p_bound"] and (not fitting or suited):
        return NoMagnitude(Tier.BOUND, note(NoteCode.BOUND_ON_P, printed=printed))
    if not fitting:
        return _none(NoteCode.NO_DERIVATION, printed=printed)
    if not suited:
        return _none(_unsuited(row), printed=printed)
    usual = next((d for d in suited if not d.own_precision), suited[0])
    missing = sorted({name for name in (*usual.figures, *usual.sizes) if not row.get(name)})
    return _none(NoteCode.NOT_PRINTED, figures=", ".join(missing))


def _unsuited(row: Row) -> NoteCode:
    """Return why no derivation suits a before-after contrast."""
    if row["pairing"] == Pairing.MATCHED and row["statistic"] == Statistic.EVENTS:
        return NoteCode.CHANGERS_NOT_COUNTED
    return NoteCode.MATCHED_IN_PART if row["pairing"] == Pairing.PARTIAL else NoteCode.NOT_SAID_TO_BE_SAME


def _none(code: NoteCode, **figures: Figure) -> NoMagnitude:
    return NoMagnitude(Tier.DIRECTION, note(code, **figures))


def _unusable(row: Row, chosen: Derivation) -> NoMagnitude | None:
    """Return why the printed figures of a derivation must not be used, or None."""
    df1 = figure(row, "df1")
    if (chosen.one_df and df1 != 1) or (df1 or 1) != 1:
        return _none(NoteCode.ONE_DF_NEEDED, statistic=str(chosen.statistic), df1=row["df1"])
    what, wanted, refused = OF_SCORES.get(chosen.statistic, ("", "", ()))
    if row["sd_basis"] in refused:
        return _none(NoteCode.OTHER_SCORES, what=what, basis=row["sd_basis"], wanted=wanted)
    signed = chosen.statistic == Statistic.SMD or figure(row, chosen.figures[0]) == 0
    unsigned = row["direction"] not in (Direction.BETTER, Direction.WORSE) and not signed
    if chosen.sign == "direction" and unsigned:
        return _none(NoteCode.NO_SIGN, statistic=str(chosen.statistic))
    if bool(row["time_arm1"]) != bool(row["time_arm2"]):
        return _none(NoteCode.ONE_PERIOD_ONLY)
    return None


def as_extracted(row: Row) -> tuple[Note, ...]:
    """Return the assumptions that a person wrote down for a row; a semicolon separates several.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.

    Returns
    -------
    tuple of Note
        One note for each assumption; empty if none is written down.
    """
    return tuple(note(NoteCode.AS_EXTRACTED, text=text) for text in row["assumes"].split("; ") if text)


def ingredients(row: Row, chosen: Derivation, assumptions: Assumptions, shared_by: int = 1) -> Ingredients:
    """Return what the formula of a derivation takes from a row, and what is done to its result.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    chosen : Derivation
        The derivation that the row takes.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    shared_by : int
        Number of arms between which the people of the control group (arm 2) are divided.

    Returns
    -------
    Ingredients
        The figures, the sign of the effect, the factors of its variance, and notes on clusters, on people not
        analysed and on repeated measures.
    """
    inflation, taken = design_effect(row, assumptions, chosen.own_precision)
    lost, said = attrition(row, assumptions, chosen.own_precision)
    divisor = 1.0
    if assumptions.cluster_adjustment == "sample_size" and chosen.counts_people:
        divisor, inflation = inflation, 1.0
    figures = figures_of(row, chosen, assumptions, Shares(divisor, divisor * shared_by))
    of_pairs = variance_factor(row, chosen, figures["r"])
    repeated = repeated_measures_note(row, chosen, figures["r"])
    taken = (*taken, *said, *((repeated,) if repeated else ()))
    return Ingredients(figures, _sign(row, chosen), inflation * lost, of_pairs, taken)


def _effect(row: Row, chosen: Derivation, assumptions: Assumptions, shared_by: int) -> Effect:
    taken = ingredients(row, chosen, assumptions, shared_by)
    figures, sign, times = taken.figures, taken.sign, taken.inflation * taken.of_pairs
    if chosen.statistic == "medians":
        _refuse_unsound_medians(row, figures)
    yi, vi = _finite(sign, chosen.formula(figures))
    around, level = reach(row, chosen, figures, sign), level_in_words(row)
    assumed = (
        *as_extracted(row),
        *(assumption(key, row, figures) for key in chosen.assumes),
        *taken.taken,
        note(NoteCode.LEVEL_IN_WORDS, level=level) if "ci_lb" in chosen.figures and level else None,
        note(NoteCode.CLUSTERS_IN_TEST) if _clusters_in_test(row, chosen) else None,
        note(NoteCode.BEFORE_RECALLED) if row.get("before_scores") == BeforeScores.RECALLED else None,
        note(NoteCode.CONTROL_DIVIDED, arms=shared_by) if shared_by > 1 else None,
        rounding_note(vi, around),
    )
    notes = tuple(assumed_note for assumed_note in assumed if assumed_note)
    low, high, vi_low, vi_high = around
    return Effect(
        measure=chosen.measure,
        scale=_scale(row, chosen),
        yi=yi,
        vi=vi * times,
        derivation=chosen.name,
        tier=Tier.ASSUMED if notes else Tier.EXACT,
        assumptions=notes,
        reach=(low, high, vi_low * times, vi_high * times),
        leans_on=leans_on(chosen.assumes, row, chosen.own_precision, taken.of_pairs != 1),
        own_precision=chosen.own_precision,
    )


def _clusters_in_test(row: Row, chosen: Derivation) -> bool:
    """Return whether an effect is made of a test that allows for clusters: by how much it is too small is not known."""
    clusters = row["unit_of_allocation"] == Allocation.CLUSTER and allows_for_clusters(row)
    return clusters and chosen.statistic in OF_TESTS and not chosen.own_precision


def _refuse_unsound_medians(row: Row, figures: dict[str, float]) -> None:
    for arm in ("arm1", "arm2"):
        people = figures["people_arm1" if family(row) == "paired" else f"people_{arm}"]
        refuse_unsound(arm, people, *(figures[f"{name}_{arm}"] for name in ("median", "q1", "q3")))


def _finite(sign: int, effect: tuple[float, float]) -> tuple[float, float]:
    yi, vi = sign * effect[0], effect[1]
    if not (math.isfinite(yi) and math.isfinite(vi) and vi > 0):
        raise ArithmeticError
    return yi, vi


def _scale(row: Row, chosen: Derivation) -> Scale:
    """Return the scale of an effect; ratios of different kinds do not share one."""
    if chosen.scale != Scale.LOG_RATIO:
        return chosen.scale
    kind = RatioKind.RATE if row["statistic"] == Statistic.COUNTS else row["ratio_kind"]
    return Scale(f"log_{kind}_ratio") if kind else Scale.LOG_RATIO


def _sign(row: Row, chosen: Derivation) -> int:
    if chosen.scale in AS_MEASURED:
        return 1
    turned = 1 if row["better"] == "higher" else -1
    if chosen.sign == "figures":
        return turned
    if row["direction"] in (Direction.BETTER, Direction.WORSE):
        return 1 if row["direction"] == "better" else -1
    return turned if (figure(row, chosen.figures[0]) or 0) >= 0 else -turned
