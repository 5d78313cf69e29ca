"""One extracted row to one effect: which derivation applies, what it assumes, and its tier.

The first derivation whose contrast, statistic and printed figures fit a row is used. A row that fits none
has no magnitude, and the reason says what is not printed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from taprev.effects.derivations import DERIVATIONS, Derivation, Figures
from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions

ROUNDING_LIMIT = 0.25


@dataclass(frozen=True)
class Effect:
    """An effect with its derivation, what it assumes and its tier (`exact` or `assumed`)."""

    measure: str
    scale: str
    yi: float
    vi: float
    derivation: str
    tier: str
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class NoMagnitude:
    """Why a row has a direction only; `tier` is `bound` where a bound on p is printed."""

    tier: str
    reason: str


def family(row: Row) -> str:
    """Return `paired`, `partial` or `parallel` for a row's contrast."""
    if row["contrast"] != "before_after":
        return "parallel"
    return {"matched": "paired", "unmatched": "parallel"}.get(row["pairing"], "partial")


def derive(row: Row, scale: str, assumptions: Assumptions) -> Effect | NoMagnitude:
    """Return the effect of an extracted row on the scale of its domain, or why it has none."""
    if row["statistic"] == "direction":
        return NoMagnitude("direction", "no magnitude is printed")
    fitting = [d for d in DERIVATIONS if d.statistic == row["statistic"] and d.scale in (scale, "log_ratio")]
    fitting = [d for d in fitting if d.family in ("any", family(row))]
    ready = [d for d in fitting if all(row[name] for name in (*d.figures, *d.sizes))]
    if not ready:
        return _not_derived(row, fitting)
    chosen = ready[0]
    if chosen.one_df and figure(row, "df1") != 1:
        found = f"df1 = {row['df1']}" if row["df1"] else "df1 is not printed"
        return NoMagnitude("direction", f"{chosen.statistic} gives an effect only where df1 = 1, and {found}")
    if chosen.sign == "direction" and row["direction"] not in ("better", "worse"):
        return NoMagnitude("direction", f"{chosen.statistic} has no sign, and no direction is printed")
    try:
        return _effect(row, chosen, assumptions)
    except (ValueError, ZeroDivisionError) as error:
        return NoMagnitude("direction", str(error))


def _not_derived(row: Row, fitting: list[Derivation]) -> NoMagnitude:
    if row["p_bound"]:
        return NoMagnitude("bound", f"only a bound on p is printed (p < {row['p_bound']})")
    if family(row) == "partial":
        linked = {"partial": "matched only in part"}.get(row["pairing"], "not said to be the same people")
        return NoMagnitude("direction", f"before and after are {linked}")
    missing = sorted({name for d in fitting[:1] for name in (*d.figures, *d.sizes) if not row[name]})
    if missing:
        return NoMagnitude("direction", f"not printed: {', '.join(missing)}")
    return NoMagnitude("direction", f"no derivation from {row['statistic']} for this contrast")


def _effect(row: Row, chosen: Derivation, assumptions: Assumptions) -> Effect:
    figures = _figures(row, assumptions)
    yi, vi = chosen.formula(figures)
    sign = _sign(row, chosen)
    notes = [note for key in chosen.assumes if (note := _assumption(key, row, figures))]
    inflation, cluster_note = _design_effect(row, chosen)
    rounding = _rounding(row, chosen, figures, sign)
    notes += [note for note in (cluster_note, rounding) if note]
    tier = "assumed" if notes else "exact"
    return Effect(chosen.measure, chosen.scale, sign * yi, vi * inflation, chosen.name, tier, tuple(notes))


def _figures(row: Row, assumptions: Assumptions) -> Figures:
    names = {name for d in DERIVATIONS for name in (*d.figures, *d.sizes)}
    figures = {name: value for name in names if (value := figure(row, name)) is not None}
    r = figure(row, "r_pre_post")
    n_arm1, n_arm2 = figure(row, "n_arm1") or math.nan, figure(row, "n_arm2")
    return {
        **figures,
        "r": assumptions.r_pre_post.value if r is None else r,
        "basis": row["sd_basis"],
        "error_df": n_arm1 - 1 if family(row) == "paired" or n_arm2 is None else n_arm1 + n_arm2 - 2,
        "overdispersion": assumptions.overdispersion.value,
        "time_arm1": figure(row, "time_arm1") or 1.0,
        "time_arm2": figure(row, "time_arm2") or 1.0,
    }


def _sign(row: Row, chosen: Derivation) -> int:
    if chosen.sign == "ratio":
        return 1
    if chosen.sign == "figures":
        return 1 if row["better"] == "higher" else -1
    return 1 if row["direction"] == "better" else -1


def _assumption(key: str, row: Row, figures: Figures) -> str:
    """Say one assumption in words, or nothing where the row prints what would have been assumed."""
    basis, printed_r = row["sd_basis"], bool(row["r_pre_post"])
    r = f"the correlation of before and after scores is taken as {figures['r']:g}"
    match key:
        case "r":
            return "" if printed_r else r
        case "basis" if basis in ("change", "residual"):
            return "" if printed_r else r
        case "basis":
            return "" if basis == "raw" else "the difference is taken to be one of raw scores"
        case "taken as g":
            return "" if basis == "raw" else "the printed effect size is taken as Hedges' g"
        case "taken as SMCR":
            return "" if basis == "raw" else "the printed effect size is taken to divide by the SD before"
        case "f of two arms":
            return "" if row["df1"] == "1" else "f is taken to compare the two arms (df1 = 1)"
        case "equal periods":
            return (
                ""
                if row["time_arm1"] and row["time_arm2"]
                else "the two periods are taken to be equally long"
            )
        case "overdispersion":
            return f"events are taken to vary {figures['overdispersion']:g} times as much as a Poisson count"
    return {
        "z read as t": "z of a rank test is taken as t of the scores",
        "midpoint": "the estimate is not printed and is taken as the middle of its interval",
        "SE from p": "the standard error is taken from the printed p",
    }[key]


def _design_effect(row: Row, chosen: Derivation) -> tuple[float, str]:
    """Return the design effect 1 + (m - 1) icc of a cluster design, with a note where it cannot be had."""
    if row["unit_of_allocation"] != "cluster":
        return 1.0, ""
    icc, size = figure(row, "icc"), figure(row, "cluster_size")
    if icc is None or size is None:
        return 1.0, "the printed precision ignores that clusters were allocated"
    return 1 + (size - 1) * icc, ""


def _rounding(row: Row, chosen: Derivation, figures: Figures, sign: int) -> str:
    """Say how far the rounding of the printed figures reaches, where it could move vi by more than a quarter."""
    if chosen.statistic == "counts":
        return ""
    vi = chosen.formula(figures)[1]
    reach = [(figures[n] - half_unit(row[n]), figures[n] + half_unit(row[n])) for n in chosen.figures]
    corners = []
    for corner in itertools.product(*reach):
        try:
            corners.append(chosen.formula({**figures, **dict(zip(chosen.figures, corner, strict=True))}))
        except (ValueError, ZeroDivisionError):
            return "the printed figures are rounded so far that their precision is open"
    if max(abs(v / vi - 1) for _, v in corners) <= ROUNDING_LIMIT:
        return ""
    lo, hi = min(sign * y for y, _ in corners), max(sign * y for y, _ in corners)
    return f"rounding of the printed figures leaves the effect between {lo:.2f} and {hi:.2f}"


def half_unit(text: str) -> float:
    """Return half a unit of the last printed digit: 0.05 for "0.3", 0.5 for "12"."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)
