"""The ways from printed figures to an effect; METHODS.md explains each under its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from taprev.effects import conversions as convert
from taprev.effects import measures

Figures = dict[str, float]
Formula = Callable[[Figures], tuple[float, float]]


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
    return {"change": math.sqrt(2 * (1 - f["r"])), "residual": math.sqrt(1 - f["r"] ** 2)}.get(
        f["basis"], 1.0
    )


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
    (
        "interval alone",
        "mean_difference",
        ("ci_lb", "ci_ub"),
        "figures",
        _t_of_midpoint,
        ("midpoint",),
        False,
    ),
    ("p of a difference", "mean_difference", ("p",), "direction", _t_of_p, (), False),
)
BOTH, PAIRS = ("n_arm1", "n_arm2"), ("n_arm1",)
MEANS = ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
TWO_ARMS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")


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
               lambda f: measures.smd(*(f[n] for n in TWO_ARMS))),
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
               lambda f: measures.md(*(f[n] for n in TWO_ARMS))),
    *(Derivation("MD from interval", "MD", "md", family, "mean_difference", ("md", "ci_lb", "ci_ub"), sizes, "figures",
                 lambda f: (f["md"], convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"]) ** 2))
      for family, sizes in (("parallel", BOTH), ("paired", PAIRS))),
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
