"""One extracted row to one effect: which derivation applies, what it assumes, and its tier.

The first derivation whose contrast, statistic and printed figures fit a row is used. A row that fits none
has no magnitude, and the reason says what is not printed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from taprev.effects.assumptions import assumption, leans_on
from taprev.effects.clusters import design_effect
from taprev.effects.derivations import DERIVATIONS, Derivation, PrintedFigures
from taprev.effects.medians import refuse_unsound
from taprev.effects.printed import Shares, family, figures_of
from taprev.effects.rounding import Reach, reach, rounding_note
from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions
from taprev.vocabulary import Direction, SdBasis, Statistic


@dataclass(frozen=True)
class Effect:
    """An effect with its derivation, what it assumes and its tier (`exact` or `assumed`).

    `reach` is how far the rounding of the printed figures reaches: the lowest and highest `yi`, then `vi`.
    """

    measure: str
    scale: str
    yi: float
    vi: float
    derivation: str
    tier: str
    assumptions: tuple[str, ...]
    reach: Reach
    leans_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ingredients:
    """What a formula takes: its figures, the sign of its effect, and the factor of its variance with its note."""

    figures: PrintedFigures
    sign: int
    inflation: float
    note: str


@dataclass(frozen=True)
class NoMagnitude:
    """Why a row has a direction only; `tier` is `bound` where a bound on p is printed.

    `scale` is that of events with an empty cell, which have no effect of their own but can be pooled with others.
    """

    tier: str
    reason: str
    scale: str = ""


def derive(row: Row, scale: str, assumptions: Assumptions, shared_by: int = 1) -> Effect | NoMagnitude:
    """Return the effect of an extracted row on the scale of its domain, or why it has none.

    `shared_by` is the number of arms among which the people of the control group (arm 2) are divided.
    """
    fitting, suited, ready = _ways(row, scale)
    refusal = _refusal(row, fitting, suited) if ready is None else _unusable(row, ready)
    if refusal:
        return refusal
    try:
        return _effect(row, ready, assumptions, shared_by)
    except ArithmeticError:
        return NoMagnitude("direction", f"the printed figures give no finite effect{_as_printed(row)}")
    except ValueError as error:
        return NoMagnitude("direction", str(error), ready.scale if ready.statistic == "events" else "")


def derivation_of(row: Row, scale: str) -> Derivation | None:
    """Return the derivation that a row takes on the scale of its domain, if its figures are printed for one."""
    return _ways(row, scale)[2]


def _ways(row: Row, scale: str) -> tuple[tuple[Derivation, ...], list[Derivation], Derivation | None]:
    """Return the derivations that fit a row's statistic, those that also suit its design, and the one it takes."""
    fitting = _fitting(row["statistic"], scale, row["ratio_kind"] == "risk")
    suited = [d for d in fitting if d.family in ("any", family(row))]
    ready = next((d for d in suited if all(row[name] for name in (*d.figures, *d.sizes))), None)
    return fitting, suited, ready


@cache
def _fitting(statistic: str, scale: str, risk: bool) -> tuple[Derivation, ...]:
    return tuple(
        d
        for d in DERIVATIONS
        if d.statistic == statistic and (d.scale == scale or d.scale.startswith("log_")) and d.risk in (None, risk)
    )


def _refusal(row: Row, fitting: tuple[Derivation, ...], suited: list[Derivation]) -> NoMagnitude:
    """Say why no derivation applies: the design first, then the figures that are not printed."""
    if row["p_bound"] and (not fitting or suited):
        return NoMagnitude("bound", f"the precision is printed only as a bound on p{_as_printed(row)}")
    if not fitting:
        what = "an effect and its variance do not follow from what is printed"
        return NoMagnitude("direction", f"{what}{_as_printed(row)}")
    if not suited:
        linked = {"partial": "matched only in part"}.get(row["pairing"], "not said to be the same people")
        if row["pairing"] == "matched" and row["statistic"] == "events":
            linked = "the same people, and how many of them changed does not follow from two counts"
        return NoMagnitude("direction", f"before and after are {linked}{_as_printed(row)}")
    missing = sorted({name for name in (*suited[0].figures, *suited[0].sizes) if not row[name]})
    return NoMagnitude("direction", f"not printed: {', '.join(missing)}")


def _as_printed(row: Row) -> str:
    return f" ({row['as_reported']})" if row["as_reported"] else ""


def _unusable(row: Row, chosen: Derivation) -> NoMagnitude | None:
    """Say why the printed figures of a derivation must not be used, or nothing."""
    df1 = figure(row, "df1")
    if (chosen.one_df and df1 != 1) or (df1 or 1) != 1:
        found = f"df1 = {row['df1']}" if row["df1"] else "df1 is not printed"
        return NoMagnitude("direction", f"{chosen.statistic} gives an effect only where df1 = 1, and {found}")
    other = {
        Statistic.MEANS: (SdBasis.CHANGE, SdBasis.RESIDUAL),
        Statistic.MEDIANS: (SdBasis.CHANGE, SdBasis.RESIDUAL),
        Statistic.CHANGE: ("residual",),
    }
    if row["sd_basis"] in other.get(chosen.statistic, ()):
        what, wanted = {
            Statistic.MEDIANS: ("quartiles", "raw ones"),
            Statistic.CHANGE: ("standard deviations", "changes"),
        }.get(chosen.statistic, ("standard deviations", "raw ones"))
        return NoMagnitude("direction", f"the {what} are of {row['sd_basis']} scores, not of {wanted}")
    signed = chosen.statistic == "smd" or figure(row, chosen.figures[0]) == 0
    unsigned = row["direction"] not in (Direction.BETTER, Direction.WORSE) and not signed
    if chosen.sign == "direction" and unsigned:
        return NoMagnitude("direction", f"{chosen.statistic} has no sign, and no direction is printed")
    if bool(row["time_arm1"]) != bool(row["time_arm2"]):
        return NoMagnitude("direction", "person-time is printed for one of two periods")
    return None


def ingredients(row: Row, chosen: Derivation, assumptions: Assumptions, shared_by: int = 1) -> Ingredients:
    """Return what the formula of a derivation takes from a row, and what is done to its result."""
    inflation, note = design_effect(row, assumptions)
    divisor = 1.0
    if assumptions.cluster_adjustment == "sample_size" and chosen.counts_people:
        divisor, inflation = inflation, 1.0
    figures = figures_of(row, chosen, assumptions, Shares(divisor, divisor * shared_by))
    return Ingredients(figures, _sign(row, chosen), inflation, note)


def _effect(row: Row, chosen: Derivation, assumptions: Assumptions, shared_by: int) -> Effect:
    taken = ingredients(row, chosen, assumptions, shared_by)
    figures, sign, inflation = taken.figures, taken.sign, taken.inflation
    if chosen.statistic == "medians":
        _refuse_unsound_medians(row, figures)
    yi, vi = _finite(sign, chosen.formula(figures))
    around = reach(row, chosen, figures, sign)
    notes = [row["assumes"], *(assumption(key, row, figures) for key in chosen.assumes), taken.note]
    notes += [f"the control group is divided evenly between {shared_by} arms"] if shared_by > 1 else []
    notes = [note for note in (*notes, rounding_note(vi, around)) if note]
    low, high, vi_low, vi_high = around
    return Effect(
        measure=chosen.measure,
        scale=_scale(row, chosen),
        yi=yi,
        vi=vi * inflation,
        derivation=chosen.name,
        tier="assumed" if notes else "exact",
        assumptions=tuple(notes),
        reach=(low, high, vi_low * inflation, vi_high * inflation),
        leans_on=leans_on(chosen.assumes, row),
    )


def _refuse_unsound_medians(row: Row, figures: dict[str, float]) -> None:
    for arm in ("arm1", "arm2"):
        people = figures["people_arm1" if family(row) == "paired" else f"people_{arm}"]
        refuse_unsound(arm, people, *(figures[f"{name}_{arm}"] for name in ("median", "q1", "q3")))


def _finite(sign: int, effect: tuple[float, float]) -> tuple[float, float]:
    yi, vi = sign * effect[0], effect[1]
    if not (math.isfinite(yi) and math.isfinite(vi) and vi > 0):
        raise ArithmeticError
    return yi, vi


def _scale(row: Row, chosen: Derivation) -> str:
    """Return the scale of an effect; ratios of different kinds do not share one."""
    if chosen.scale != "log_ratio":
        return chosen.scale
    kind = "rate" if row["statistic"] == "counts" else row["ratio_kind"]
    return f"log_{kind}_ratio" if kind else "log_ratio"


def _sign(row: Row, chosen: Derivation) -> int:
    if chosen.sign == "ratio":
        return 1
    turned = 1 if row["better"] == "higher" else -1
    if chosen.sign == "figures":
        return turned
    if row["direction"] in (Direction.BETTER, Direction.WORSE):
        return 1 if row["direction"] == "better" else -1
    return turned if (figure(row, chosen.figures[0]) or 0) >= 0 else -turned
