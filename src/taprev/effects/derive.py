"""One extracted row to one effect: which derivation applies, what it assumes, and its tier.

The derivations stand in one table, `DERIVATIONS`; METHODS.md explains each under its name. The first whose
contrast, statistic and printed figures fit a row is used. A row that fits none has no magnitude, and the
reason says what is not printed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

from taprev.effects import conversions as convert
from taprev.effects import measures
from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions

Figures = dict[str, float]
Formula = Callable[[Figures], tuple[float, float]]
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


@dataclass(frozen=True)
class Derivation:
    """A way from printed figures to `yi` and `vi`.

    `family` is `paired` (the same people before and after), `parallel` (two groups of people) or `any`;
    `sign` says whether the figures or the recorded direction give the sign.
    """

    name: str
    measure: str
    scale: str
    family: str
    statistic: str
    figures: tuple[str, ...]
    sizes: tuple[str, ...]
    sign: str
    formula: Formula
    assumes: tuple[str, ...] = ()
    one_df: bool = False


def _factor(f: Figures) -> float:
    return {"change": math.sqrt(2 * (1 - f["r"])), "residual": math.sqrt(1 - f["r"] ** 2)}.get(f["basis"], 1.0)


def _parallel_t(t: Callable[[Figures], float]) -> Formula:
    return lambda f: measures.smd_from_t(t(f), f["n_arm1"], f["n_arm2"], _factor(f))


def _paired_t(t: Callable[[Figures], float]) -> Formula:
    return lambda f: measures.smcr_from_t(t(f), f["n_arm1"], f["r"])


def _t_of_interval(f: Figures) -> float:
    return f["md"] / convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"])


def _t_of_midpoint(f: Figures) -> float:
    return (f["ci_lb"] + f["ci_ub"]) / 2 / convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"])


def _t_of_p(f: Figures) -> float:
    return convert.t_from_p(f["p"], f["error_df"])


T_SOURCES = (
    ("t", "t", ("t",), "direction", lambda f: abs(f["t"]), (), False),
    ("F", "F", ("F",), "direction", lambda f: math.sqrt(f["F"]), (), True),
    ("p", "p", ("p",), "direction", _t_of_p, (), True),
    ("z", "z", ("z",), "direction", lambda f: abs(f["z"]), ("z read as t",), False),
    ("interval", "mean_difference", ("md", "ci_lb", "ci_ub"), "figures", _t_of_interval, (), False),
    ("SE", "mean_difference", ("md", "se"), "figures", lambda f: f["md"] / f["se"], (), False),
    ("interval alone", "mean_difference", ("ci_lb", "ci_ub"), "figures", _t_of_midpoint, ("midpoint",), False),
    ("p of a difference", "mean_difference", ("p",), "direction", _t_of_p, (), False),
)
BOTH, PAIRS = ("n_arm1", "n_arm2"), ("n_arm1",)
MEANS = ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")


def _from_t(family: str) -> list[Derivation]:
    measure, sizes, made = ("SMD", BOTH, _parallel_t) if family == "parallel" else ("SMCR", PAIRS, _paired_t)
    assumed = ("r",) if family == "paired" else ("basis",)
    return [
        Derivation(f"{measure} from {name}", measure, "smd", family, statistic, figures, sizes, sign, made(t),
                   (*assumed, *extra), one_df)
        for name, statistic, figures, sign, t, extra, one_df in T_SOURCES
    ]  # fmt: skip


DERIVATIONS: tuple[Derivation, ...] = (
    Derivation("SMD from means", "SMD", "smd", "parallel", "means", MEANS, BOTH, "figures",
               lambda f: measures.smd(*(f[n] for n in ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")))),
    Derivation("SMCR from means", "SMCR", "smd", "paired", "means", ("mean_arm1", "mean_arm2", "sd_arm2"), PAIRS,
               "figures", lambda f: measures.smcr(f["mean_arm1"], f["mean_arm2"], f["sd_arm2"], f["n_arm1"], f["r"]),
               ("r",)),
    Derivation("SMD as printed", "SMD", "smd", "parallel", "smd", ("smd",), BOTH, "direction",
               lambda f: measures.smd_from_g(abs(f["smd"]), f["n_arm1"], f["n_arm2"]), ("taken as g",)),
    Derivation("SMCR as printed", "SMCR", "smd", "paired", "smd", ("smd",), PAIRS, "direction",
               lambda f: measures.smcr_from_g(abs(f["smd"]), f["n_arm1"], f["r"]), ("taken as SMCR", "r")),
    Derivation("SMD from Cohen's f", "SMD", "smd", "parallel", "cohens_f", ("cohens_f",), BOTH, "direction",
               lambda f: measures.smd_from_g(
                   measures.hedges_j(f["n_arm1"] + f["n_arm2"] - 2)
                   * convert.d_from_cohens_f(f["cohens_f"], f["n_arm1"], f["n_arm2"]), f["n_arm1"], f["n_arm2"]),
               ("f of two arms",)),
    *_from_t("parallel"),
    *_from_t("paired"),
    Derivation("MD from means", "MD", "md", "parallel", "means", MEANS, BOTH, "figures",
               lambda f: measures.md(*(f[n] for n in ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")))),
    Derivation("MD from interval", "MD", "md", "any", "mean_difference", ("md", "ci_lb", "ci_ub"), (), "figures",
               lambda f: (f["md"], convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"]) ** 2)),
    Derivation("MD from SE", "MD", "md", "any", "mean_difference", ("md", "se"), (), "figures",
               lambda f: measures.generic(f["md"], se=f["se"])),
    Derivation("log ratio from interval", "log ratio", "log_ratio", "any", "ratio", ("ratio", "ci_lb", "ci_ub"), (),
               "ratio", lambda f: convert.log_ratio_from_interval(f["ratio"], f["ci_lb"], f["ci_ub"])),
    Derivation("log ratio from SE", "log ratio", "log_ratio", "any", "ratio", ("ratio", "se"), (), "ratio",
               lambda f: (math.log(f["ratio"]), f["se"] ** 2)),
    Derivation("log ratio from p", "log ratio", "log_ratio", "any", "ratio", ("ratio", "p"), (), "ratio",
               lambda f: convert.log_ratio_from_p(f["ratio"], f["p"]), ("SE from p",)),
    Derivation("log rate ratio from counts", "IRR", "log_ratio", "any", "counts", ("count_arm1", "count_arm2"), (),
               "ratio", lambda f: convert.log_rate_ratio(
                   f["count_arm1"], f["count_arm2"], f["time_arm1"], f["time_arm2"], f["overdispersion"]),
               ("equal periods", "overdispersion")),
)  # fmt: skip


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
            return "" if row["time_arm1"] and row["time_arm2"] else "the two periods are taken to be equally long"
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
