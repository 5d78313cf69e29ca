"""One extracted row to one effect: which derivation applies, what it assumes, and its tier.

The first derivation whose contrast, statistic and printed figures fit a row is used. A row that fits none
has no magnitude, and the reason says what is not printed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from taprev.effects.derivations import DERIVATIONS, Derivation, Figures
from taprev.effects.rounding import Reach, reach, rounding_note
from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions


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
    fitting = [d for d in DERIVATIONS if d.statistic == row["statistic"] and d.scale in (scale, "log_ratio")]
    suited = [d for d in fitting if d.family in ("any", family(row))]
    ready = [d for d in suited if all(row[name] for name in (*d.figures, *d.sizes))]
    refusal = _refusal(row, fitting, suited) if not ready else _unusable(row, ready[0])
    if refusal:
        return refusal
    try:
        return _effect(row, ready[0], assumptions)
    except ArithmeticError:
        return NoMagnitude("direction", f"the printed figures give no finite effect{_as_printed(row)}")
    except ValueError as error:
        return NoMagnitude("direction", str(error))


def _refusal(row: Row, fitting: list[Derivation], suited: list[Derivation]) -> NoMagnitude:
    """Say why no derivation applies: the design first, then the figures that are not printed."""
    if row["p_bound"] and (not fitting or suited):
        return NoMagnitude("bound", f"the precision is printed only as a bound on p{_as_printed(row)}")
    if not fitting:
        what = "an effect and its variance do not follow from what is printed"
        return NoMagnitude("direction", f"{what}{_as_printed(row)}")
    if not suited:
        linked = {"partial": "matched only in part"}.get(row["pairing"], "not said to be the same people")
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
    if chosen.statistic == "means" and row["sd_basis"] in ("change", "residual"):
        return NoMagnitude(
            "direction", f"the standard deviations are of {row['sd_basis']} scores, not of raw ones"
        )
    signed = chosen.statistic == "smd" or figure(row, chosen.figures[0]) == 0
    unsigned = row["direction"] not in ("better", "worse") and not signed
    if chosen.sign == "direction" and unsigned:
        return NoMagnitude("direction", f"{chosen.statistic} has no sign, and no direction is printed")
    if bool(row["time_arm1"]) != bool(row["time_arm2"]):
        return NoMagnitude("direction", "person-time is printed for one of two periods")
    return None


def _effect(row: Row, chosen: Derivation, assumptions: Assumptions) -> Effect:
    figures = _figures(row, assumptions)
    sign = _sign(row, chosen)
    yi, vi = _finite(sign, chosen.formula(figures))
    inflation, cluster_note = _design_effect(row)
    around = reach(row, chosen, figures, sign)
    notes = [row["assumes"], *(_assumption(key, row, figures) for key in chosen.assumes), cluster_note]
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
    )


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
    turned = 1 if row["better"] == "higher" else -1
    if chosen.sign == "figures":
        return turned
    if row["direction"] in ("better", "worse"):
        return 1 if row["direction"] == "better" else -1
    return turned if (figure(row, chosen.figures[0]) or 0) >= 0 else -turned


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


def _design_effect(row: Row) -> tuple[float, str]:
    """Return the design effect 1 + (m - 1) icc of a cluster design, with a note where it cannot be had."""
    if row["unit_of_allocation"] != "cluster":
        return 1.0, ""
    icc, size = figure(row, "icc"), figure(row, "cluster_size")
    if icc is None or size is None:
        return 1.0, "the printed precision ignores that clusters were allocated"
    return 1 + (size - 1) * icc, ""
