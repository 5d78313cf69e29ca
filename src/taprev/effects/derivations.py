"""The ways from printed figures to an effect; METHODS.md explains each under its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from taprev.effects import changes, counts, means, medians
from taprev.effects import conversions as convert
from taprev.effects.hedges import hedges_j
from taprev.vocabulary import Statistic

PrintedFigures = dict[str, float]
Formula = Callable[[PrintedFigures], tuple[float, float]]


@dataclass(frozen=True)
class Derivation:
    """A way from printed figures to `yi` and `vi`.

    `family` is `paired` (the same people before and after), `parallel` (two groups of people) or `any`;
    `sign` says whether the figures or the recorded direction give the sign. `risk` is whether only a row whose
    ratio is one of risks takes it, or only one whose ratio is not (None: either).
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
    risk: bool | None = None

    @property
    def counts_people(self) -> bool:
        """Whether the numbers of people, or of their events, go into the variance."""
        return bool(self.sizes) or self.exact

    @property
    def exact(self) -> bool:
        """Whether the figures are counts, which are not rounded."""
        return self.statistic in (Statistic.COUNTS, Statistic.EVENTS)


BOTH, PAIRS = ("n_arm1", "n_arm2"), ("n_arm1",)
MEANS = ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
TWO_ARMS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
CHANGES = ("mean_change_arm1", "sd_change_arm1", "mean_change_arm2", "sd_change_arm2")
CHANGE = ("mean_change_arm1", "sd_change_arm1")
MEDIANS = ("median_arm1", "q1_arm1", "q3_arm1", "median_arm2", "q1_arm2", "q3_arm2")
EVENTS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
COUNTS = ("count_arm1", "time_arm1", "count_arm2", "time_arm2", "overdispersion")


def _from_t(
    name: str,
    statistic: str,
    figures: tuple[str, ...],
    sign: str,
    t: Callable[[PrintedFigures], float],
    assumes: tuple[str, ...] = (),
    one_df: bool = False,
) -> tuple[Derivation, Derivation]:
    """Return the two ways from what gives a t: two groups of people to an SMD, one group twice to an SMCR."""
    return (
        Derivation(
            f"SMD from {name}",
            "SMD",
            "smd",
            "parallel",
            statistic,
            figures,
            BOTH,
            sign,
            lambda f: _smd_of_t(t(f), f),
            ("basis", *assumes),
            one_df,
        ),
        Derivation(
            f"SMCR from {name}",
            "SMCR",
            "smd",
            "paired",
            statistic,
            figures,
            PAIRS,
            sign,
            lambda f: _smcr_of_t(t(f), f),
            ("r", *assumes),
            one_df,
        ),
    )


def _factor(f: PrintedFigures) -> float:
    if f["basis"] == "change":
        return math.sqrt(2 * (1 - f["r"]))
    return math.sqrt(1 - f["r"] ** 2) if f["basis"] == "residual" else 1.0


def _smd_of_t(t: float, f: PrintedFigures) -> tuple[float, float]:
    """Return g by the people behind the test, and its variance by the numbers that count in the pool."""
    factor = _factor(f)
    g, _ = means.smd_from_t(t, f["people_arm1"], f["people_arm2"], factor)
    return means.smd_from_g(g, f["n_arm1"], f["n_arm2"], factor)


def _smcr_of_t(t: float, f: PrintedFigures) -> tuple[float, float]:
    g, _ = changes.smcr_from_t(t, f["people_arm1"], f["r"])
    return changes.smcr_from_g(g, f["n_arm1"], f["r"])


def _t_of_interval(f: PrintedFigures) -> float:
    return f["md"] / convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"])


def _t_of_midpoint(f: PrintedFigures) -> float:
    return (f["ci_lb"] + f["ci_ub"]) / 2 / convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"])


def _t_of_p(f: PrintedFigures) -> float:
    return convert.t_from_p(f["p"], f["error_df"])


def _g_of_cohens_f(f: PrintedFigures) -> float:
    people = f["people_arm1"], f["people_arm2"]
    return hedges_j(sum(people) - 2) * convert.d_from_cohens_f(f["cohens_f"], *people)


def _md_of_interval(f: PrintedFigures) -> tuple[float, float]:
    """Return a printed difference and SE^2, widened where fewer people count in the pool than were tested."""
    counted = sum(1 / f[arm] for arm in BOTH if arm in f)
    tested = sum(1 / f[f"people{arm[1:]}"] for arm in BOTH if arm in f)
    return f["md"], convert.se_from_interval(f["ci_lb"], f["ci_ub"], f["error_df"]) ** 2 * (counted / tested)


def _mean_and_sd(f: PrintedFigures, arm: str, people: str) -> medians.Mean_SD:
    return medians.from_quartiles(f[f"median_{arm}"], f[f"q1_{arm}"], f[f"q3_{arm}"], f[people])


def _of_medians(measure: Callable[..., tuple[float, float]]) -> Formula:
    def formula(f: PrintedFigures) -> tuple[float, float]:
        one, other = (_mean_and_sd(f, arm, f"people_{arm}") for arm in ("arm1", "arm2"))
        return measure(*one, f["n_arm1"], *other, f["n_arm2"])

    return formula


def _smcr_of_medians(f: PrintedFigures) -> tuple[float, float]:
    after, before = (_mean_and_sd(f, arm, "people_arm1") for arm in ("arm1", "arm2"))
    return changes.smcr(after[0], *before, f["n_arm1"], f["r"])


def _mc_of_medians(f: PrintedFigures) -> tuple[float, float]:
    after, before = (_mean_and_sd(f, arm, "people_arm1") for arm in ("arm1", "arm2"))
    return changes.mc(*after, *before, f["n_arm1"], f["r"])


DERIVATIONS: tuple[Derivation, ...] = (
    Derivation(
        "SMD from means",
        "SMD",
        "smd",
        "parallel",
        "means",
        MEANS,
        BOTH,
        "figures",
        lambda f: means.smd(*(f[n] for n in TWO_ARMS)),
    ),
    Derivation(
        "SMCR from means",
        "SMCR",
        "smd",
        "paired",
        "means",
        ("mean_arm1", "mean_arm2", "sd_arm2"),
        PAIRS,
        "figures",
        lambda f: changes.smcr(f["mean_arm1"], f["mean_arm2"], f["sd_arm2"], f["n_arm1"], f["r"]),
        ("r",),
    ),
    Derivation(
        "SMD from medians",
        "SMD",
        "smd",
        "parallel",
        "medians",
        MEDIANS,
        BOTH,
        "figures",
        _of_medians(means.smd),
        ("medians",),
    ),
    Derivation(
        "SMCR from medians",
        "SMCR",
        "smd",
        "paired",
        "medians",
        MEDIANS,
        PAIRS,
        "figures",
        _smcr_of_medians,
        ("medians", "r"),
    ),
    Derivation(
        "SMD from change scores",
        "SMD",
        "smd",
        "parallel",
        "change",
        CHANGES,
        BOTH,
        "figures",
        lambda f: means.smd_from_change(
            f["mean_change_arm1"],
            f["sd_change_arm1"],
            f["n_arm1"],
            f["mean_change_arm2"],
            f["sd_change_arm2"],
            f["n_arm2"],
            f["r"],
        ),
        ("r",),
    ),
    Derivation(
        "SMCR from change scores",
        "SMCR",
        "smd",
        "paired",
        "change",
        CHANGE,
        PAIRS,
        "figures",
        lambda f: changes.smcr_from_change(*(f[n] for n in CHANGE), f["n_arm1"], f["r"]),
        ("r",),
    ),
    Derivation(
        "SMD as printed",
        "SMD",
        "smd",
        "parallel",
        "smd",
        ("smd",),
        BOTH,
        "direction",
        lambda f: means.smd_from_g(abs(f["smd"]), f["n_arm1"], f["n_arm2"]),
        ("taken as g",),
    ),
    Derivation(
        "SMCR as printed",
        "SMCR",
        "smd",
        "paired",
        "smd",
        ("smd",),
        PAIRS,
        "direction",
        lambda f: changes.smcr_from_g(abs(f["smd"]), f["n_arm1"], f["r"]),
        ("taken as SMCR", "r"),
    ),
    Derivation(
        "SMD from Cohen's f",
        "SMD",
        "smd",
        "parallel",
        "cohens_f",
        ("cohens_f",),
        BOTH,
        "direction",
        lambda f: means.smd_from_g(_g_of_cohens_f(f), f["n_arm1"], f["n_arm2"]),
        ("f of two arms",),
    ),
    *_from_t("t", "t", ("t",), "direction", lambda f: abs(f["t"])),
    *_from_t("F", "F", ("F",), "direction", lambda f: math.sqrt(f["F"]), one_df=True),
    *_from_t("p", "p", ("p",), "direction", _t_of_p, one_df=True),
    *_from_t("z", "z", ("z",), "direction", lambda f: abs(f["z"]), ("z read as t",)),
    *_from_t("interval", "mean_difference", ("md", "ci_lb", "ci_ub"), "figures", _t_of_interval),
    *_from_t("SE", "mean_difference", ("md", "se"), "figures", lambda f: f["md"] / f["se"]),
    *_from_t("interval alone", "mean_difference", ("ci_lb", "ci_ub"), "figures", _t_of_midpoint, ("midpoint",)),
    *_from_t("p of a difference", "mean_difference", ("p",), "direction", _t_of_p),
    Derivation(
        "MD from means",
        "MD",
        "md",
        "parallel",
        "means",
        MEANS,
        BOTH,
        "figures",
        lambda f: means.md(*(f[n] for n in TWO_ARMS)),
    ),
    Derivation(
        "MD from means",
        "MD",
        "md",
        "paired",
        "means",
        MEANS,
        PAIRS,
        "figures",
        lambda f: changes.mc(*(f[n] for n in MEANS), f["n_arm1"], f["r"]),
        ("r",),
    ),
    Derivation(
        "MD from medians",
        "MD",
        "md",
        "parallel",
        "medians",
        MEDIANS,
        BOTH,
        "figures",
        _of_medians(means.md),
        ("medians",),
    ),
    Derivation(
        "MD from medians", "MD", "md", "paired", "medians", MEDIANS, PAIRS, "figures", _mc_of_medians, ("medians", "r")
    ),
    Derivation(
        "MD from change scores",
        "MD",
        "md",
        "parallel",
        "change",
        CHANGES,
        BOTH,
        "figures",
        lambda f: means.md(
            f["mean_change_arm1"],
            f["sd_change_arm1"],
            f["n_arm1"],
            f["mean_change_arm2"],
            f["sd_change_arm2"],
            f["n_arm2"],
        ),
    ),
    Derivation(
        "MD from change scores",
        "MD",
        "md",
        "paired",
        "change",
        CHANGE,
        PAIRS,
        "figures",
        lambda f: changes.mc_from_change(*(f[n] for n in CHANGE), f["n_arm1"]),
    ),
    Derivation(
        "MD from interval",
        "MD",
        "md",
        "parallel",
        "mean_difference",
        ("md", "ci_lb", "ci_ub"),
        BOTH,
        "figures",
        _md_of_interval,
    ),
    Derivation(
        "MD from interval",
        "MD",
        "md",
        "paired",
        "mean_difference",
        ("md", "ci_lb", "ci_ub"),
        PAIRS,
        "figures",
        _md_of_interval,
    ),
    Derivation(
        "MD from SE",
        "MD",
        "md",
        "any",
        "mean_difference",
        ("md", "se"),
        (),
        "figures",
        lambda f: means.generic(f["md"], se=f["se"]),
    ),
    Derivation(
        "log odds ratio from events",
        "OR",
        "log_odds_ratio",
        "parallel",
        "events",
        EVENTS,
        (),
        "ratio",
        lambda f: counts.odds_ratio(*(f[n] for n in EVENTS)),
        risk=False,
    ),
    Derivation(
        "log risk ratio from events",
        "RR",
        "log_risk_ratio",
        "parallel",
        "events",
        EVENTS,
        (),
        "ratio",
        lambda f: counts.risk_ratio(*(f[n] for n in EVENTS)),
        risk=True,
    ),
    Derivation(
        "log ratio from interval",
        "log ratio",
        "log_ratio",
        "any",
        "ratio",
        ("ratio", "ci_lb", "ci_ub"),
        (),
        "ratio",
        lambda f: convert.log_ratio_from_interval(f["ratio"], f["ci_lb"], f["ci_ub"]),
    ),
    Derivation(
        "log ratio from SE",
        "log ratio",
        "log_ratio",
        "any",
        "ratio",
        ("ratio", "se"),
        (),
        "ratio",
        lambda f: (math.log(f["ratio"]), f["se"] ** 2),
    ),
    Derivation(
        "log ratio from p",
        "log ratio",
        "log_ratio",
        "any",
        "ratio",
        ("ratio", "p"),
        (),
        "ratio",
        lambda f: convert.log_ratio_from_p(f["ratio"], f["p"]),
        ("SE from p",),
    ),
    Derivation(
        "log rate ratio from counts",
        "IRR",
        "log_ratio",
        "any",
        "counts",
        ("count_arm1", "count_arm2"),
        (),
        "ratio",
        lambda f: counts.rate_ratio(*(f[n] for n in COUNTS)),
        ("equal periods", "overdispersion"),
    ),
)
