"""The ways from printed figures to an effect; METHODS.md explains each under its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from taprev.effects import changes, correlations, counts, means, medians
from taprev.effects import conversions as convert
from taprev.effects.hedges import hedges_j
from taprev.vocabulary import GivenEffect, Scale, Statistic

PrintedFigures = dict[str, float]
Formula = Callable[[PrintedFigures], tuple[float, float]]


@dataclass(frozen=True)
class Derivation:
    """A way from printed figures to `yi` and `vi`.

    `family` is `paired` (the same people before and after), `parallel` (two groups of people) or `any`;
    `sign` says whether the figures or the recorded direction give the sign. `risk` is whether only a row whose
    ratio is one of risks takes it, or only one whose ratio is not (None: either). `own_precision` is whether the
    variance is that of the printed effect itself, its interval, standard error or p, and not made of n. `given` is
    what the row must say that it holds, where an effect of another analysis is taken.
    """

    name: str
    measure: str
    scale: Scale
    family: str
    statistic: Statistic
    figures: tuple[str, ...]
    sizes: tuple[str, ...]
    sign: str
    formula: Formula
    assumes: tuple[str, ...] = ()
    one_df: bool = False
    risk: bool | None = None
    own_precision: bool = False
    given: GivenEffect | None = None

    @property
    def counts_people(self) -> bool:
        """Whether the numbers of people, or of their events, go into the variance."""
        return bool(self.sizes) or self.exact

    @property
    def exact(self) -> bool:
        """Whether the figures are counts, which are not rounded."""
        return self.statistic in (Statistic.COUNTS, Statistic.EVENTS)


OF_TESTS = (Statistic.T, Statistic.F, Statistic.Z, Statistic.P, Statistic.MEAN_DIFFERENCE)
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
    statistic: Statistic,
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
            Scale.SMD,
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
            Scale.SMD,
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


def _smd_of_t(t: float, f: PrintedFigures) -> tuple[float, float]:
    """Return g by the people behind the test, and its variance by the numbers that count in the pool."""
    factor = f["factor"]
    g, _ = means.smd_from_t(t, f["people_arm1"], f["people_arm2"], factor)
    return means.smd_from_g(g, f["n_arm1"], f["n_arm2"], factor)


def _smcr_of_t(t: float, f: PrintedFigures) -> tuple[float, float]:
    g, _ = changes.smcr_from_t(t * f["to_pairs"], f["people_arm1"], f["r"])
    return changes.smcr_from_g(g, f["n_arm1"], f["r"])


def _se_of_interval(f: PrintedFigures, df: float) -> float:
    return convert.se_from_interval(f["ci_lb"], f["ci_ub"], df, f["level"])


def _t_of_interval(f: PrintedFigures) -> float:
    return f["md"] / _se_of_interval(f, f["error_df"])


def _t_of_midpoint(f: PrintedFigures) -> float:
    return (f["ci_lb"] + f["ci_ub"]) / 2 / _se_of_interval(f, f["error_df"])


def _t_of_p(f: PrintedFigures) -> float:
    return convert.t_from_p(f["p"], f["error_df"])


def _g_of_cohens_f(f: PrintedFigures) -> float:
    people = f["people_arm1"], f["people_arm2"]
    return hedges_j(sum(people) - 2) * convert.d_from_cohens_f(f["cohens_f"], *people)


def _md_of_interval(f: PrintedFigures) -> tuple[float, float]:
    """Return a printed difference and SE^2, widened where fewer people count in the pool than were tested."""
    counted = sum(1 / f[arm] for arm in BOTH if arm in f)
    tested = sum(1 / f[f"people{arm[1:]}"] for arm in BOTH if arm in f)
    return f["md"], _se_of_interval(f, f["error_df"]) ** 2 * (counted / tested)


def _with_precision(name: str, figures: tuple[str, ...], se: Callable[[PrintedFigures], float]) -> Iterator[Derivation]:
    """Yield the ways from a printed standardised effect and its own precision; n is then not needed."""
    assumed = ("SE from p",) if "p" in figures else ()
    for measure, family in (("SMD", "parallel"), ("SMCR", "paired")):
        yield Derivation(
            f"{measure} with printed {name}",
            measure,
            Scale.SMD,
            family,
            Statistic.SMD,
            ("smd", *figures),
            (),
            "direction",
            lambda f: (abs(f["smd"]), se(f) ** 2),
            ("taken as g" if measure == "SMD" else "taken as SMCR", *assumed),
            own_precision=True,
        )


def _mean_and_sd(f: PrintedFigures, arm: str, people: str) -> medians.Mean_SD:
    return medians.from_quartiles(f[f"median_{arm}"], f[f"q1_{arm}"], f[f"q3_{arm}"], f[people])


def _of_medians(measure: Callable[..., tuple[float, float]]) -> Formula:
    def formula(f: PrintedFigures) -> tuple[float, float]:
        programme, comparator = (_mean_and_sd(f, arm, f"people_{arm}") for arm in ("arm1", "arm2"))
        return measure(*programme, f["n_arm1"], *comparator, f["n_arm2"])

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
        Scale.SMD,
        "parallel",
        Statistic.MEANS,
        MEANS,
        BOTH,
        "figures",
        lambda f: means.smd(*(f[n] for n in TWO_ARMS)),
    ),
    Derivation(
        "SMCR from means",
        "SMCR",
        Scale.SMD,
        "paired",
        Statistic.MEANS,
        ("mean_arm1", "mean_arm2", "sd_arm2"),
        PAIRS,
        "figures",
        lambda f: changes.smcr(f["mean_arm1"], f["mean_arm2"], f["sd_arm2"], f["n_arm1"], f["r"]),
        ("r",),
    ),
    Derivation(
        "SMD from medians",
        "SMD",
        Scale.SMD,
        "parallel",
        Statistic.MEDIANS,
        MEDIANS,
        BOTH,
        "figures",
        _of_medians(means.smd),
        ("medians",),
    ),
    Derivation(
        "SMCR from medians",
        "SMCR",
        Scale.SMD,
        "paired",
        Statistic.MEDIANS,
        MEDIANS,
        PAIRS,
        "figures",
        _smcr_of_medians,
        ("medians", "r"),
    ),
    Derivation(
        "SMD from change scores",
        "SMD",
        Scale.SMD,
        "parallel",
        Statistic.CHANGE,
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
        Scale.SMD,
        "paired",
        Statistic.CHANGE,
        CHANGE,
        PAIRS,
        "figures",
        lambda f: changes.smcr_from_change(f["mean_change_arm1"], f["sd_change_arm1"], f["n_arm1"], f["r"]),
        ("r",),
    ),
    *_with_precision("interval", ("ci_lb", "ci_ub"), lambda f: _se_of_interval(f, math.inf)),
    *_with_precision("SE", ("se",), lambda f: f["se"]),
    Derivation(
        "SMD as printed",
        "SMD",
        Scale.SMD,
        "parallel",
        Statistic.SMD,
        ("smd",),
        BOTH,
        "direction",
        lambda f: means.smd_from_g(abs(f["smd"]), f["n_arm1"], f["n_arm2"]),
        ("taken as g",),
    ),
    Derivation(
        "SMCR as printed",
        "SMCR",
        Scale.SMD,
        "paired",
        Statistic.SMD,
        ("smd",),
        PAIRS,
        "direction",
        lambda f: changes.smcr_from_g(abs(f["smd"]), f["n_arm1"], f["r"]),
        ("taken as SMCR", "r"),
    ),
    *_with_precision("p", ("p",), lambda f: convert.se_from_p(abs(f["smd"]), f["p"], math.inf)),
    Derivation(
        "SMD from Cohen's f",
        "SMD",
        Scale.SMD,
        "parallel",
        Statistic.COHENS_F,
        ("cohens_f",),
        BOTH,
        "direction",
        lambda f: means.smd_from_g(_g_of_cohens_f(f), f["n_arm1"], f["n_arm2"]),
        ("f of two arms",),
    ),
    *_from_t("t", Statistic.T, ("t",), "direction", lambda f: abs(f["t"])),
    *_from_t("F", Statistic.F, ("F",), "direction", lambda f: math.sqrt(f["F"]), one_df=True),
    *_from_t("p", Statistic.P, ("p",), "direction", _t_of_p, one_df=True),
    *_from_t("z", Statistic.Z, ("z",), "direction", lambda f: abs(f["z"]), ("z read as t",)),
    *_from_t("interval", Statistic.MEAN_DIFFERENCE, ("md", "ci_lb", "ci_ub"), "figures", _t_of_interval),
    *_from_t("SE", Statistic.MEAN_DIFFERENCE, ("md", "se"), "figures", lambda f: f["md"] / f["se"]),
    *_from_t("interval alone", Statistic.MEAN_DIFFERENCE, ("ci_lb", "ci_ub"), "figures", _t_of_midpoint, ("midpoint",)),
    *_from_t("p of a difference", Statistic.MEAN_DIFFERENCE, ("p",), "direction", _t_of_p),
    Derivation(
        "MD from means",
        "MD",
        Scale.MD,
        "parallel",
        Statistic.MEANS,
        MEANS,
        BOTH,
        "figures",
        lambda f: means.md(*(f[n] for n in TWO_ARMS)),
    ),
    Derivation(
        "MD from means",
        "MD",
        Scale.MD,
        "paired",
        Statistic.MEANS,
        MEANS,
        PAIRS,
        "figures",
        lambda f: changes.mc(f["mean_arm1"], f["sd_arm1"], f["mean_arm2"], f["sd_arm2"], f["n_arm1"], f["r"]),
        ("r",),
    ),
    Derivation(
        "MD from medians",
        "MD",
        Scale.MD,
        "parallel",
        Statistic.MEDIANS,
        MEDIANS,
        BOTH,
        "figures",
        _of_medians(means.md),
        ("medians",),
    ),
    Derivation(
        "MD from medians",
        "MD",
        Scale.MD,
        "paired",
        Statistic.MEDIANS,
        MEDIANS,
        PAIRS,
        "figures",
        _mc_of_medians,
        ("medians", "r"),
    ),
    Derivation(
        "MD from change scores",
        "MD",
        Scale.MD,
        "parallel",
        Statistic.CHANGE,
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
        Scale.MD,
        "paired",
        Statistic.CHANGE,
        CHANGE,
        PAIRS,
        "figures",
        lambda f: changes.mc_from_change(f["mean_change_arm1"], f["sd_change_arm1"], f["n_arm1"]),
    ),
    Derivation(
        "MD from interval",
        "MD",
        Scale.MD,
        "parallel",
        Statistic.MEAN_DIFFERENCE,
        ("md", "ci_lb", "ci_ub"),
        BOTH,
        "figures",
        _md_of_interval,
        own_precision=True,
    ),
    Derivation(
        "MD from interval",
        "MD",
        Scale.MD,
        "paired",
        Statistic.MEAN_DIFFERENCE,
        ("md", "ci_lb", "ci_ub"),
        PAIRS,
        "figures",
        _md_of_interval,
        own_precision=True,
    ),
    Derivation(
        "MD from SE",
        "MD",
        Scale.MD,
        "any",
        Statistic.MEAN_DIFFERENCE,
        ("md", "se"),
        (),
        "figures",
        lambda f: means.generic(f["md"], se=f["se"]),
        own_precision=True,
    ),
    Derivation(
        "MD from interval without n",
        "MD",
        Scale.MD,
        "any",
        Statistic.MEAN_DIFFERENCE,
        ("md", "ci_lb", "ci_ub"),
        (),
        "figures",
        lambda f: (f["md"], _se_of_interval(f, math.inf) ** 2),
        ("normal without n",),
        own_precision=True,
    ),
    Derivation(
        "MD from p",
        "MD",
        Scale.MD,
        "any",
        Statistic.MEAN_DIFFERENCE,
        ("md", "p"),
        (),
        "figures",
        lambda f: (f["md"], convert.se_from_p(f["md"], f["p"], f["error_df"]) ** 2),
        ("SE from p", "normal without n"),
        own_precision=True,
    ),
    Derivation(
        "log odds ratio from events",
        "OR",
        Scale.LOG_ODDS_RATIO,
        "parallel",
        Statistic.EVENTS,
        EVENTS,
        (),
        "ratio",
        lambda f: counts.odds_ratio(*(f[n] for n in EVENTS)),
        risk=False,
    ),
    Derivation(
        "log risk ratio from events",
        "RR",
        Scale.LOG_RISK_RATIO,
        "parallel",
        Statistic.EVENTS,
        EVENTS,
        (),
        "ratio",
        lambda f: counts.risk_ratio(*(f[n] for n in EVENTS)),
        risk=True,
    ),
    Derivation(
        "log ratio from interval",
        "log ratio",
        Scale.LOG_RATIO,
        "any",
        Statistic.RATIO,
        ("ratio", "ci_lb", "ci_ub"),
        (),
        "ratio",
        lambda f: convert.log_ratio_from_interval(f["ratio"], f["ci_lb"], f["ci_ub"], f["level"]),
        own_precision=True,
    ),
    Derivation(
        "log ratio from SE",
        "log ratio",
        Scale.LOG_RATIO,
        "any",
        Statistic.RATIO,
        ("ratio", "se"),
        (),
        "ratio",
        lambda f: (math.log(f["ratio"]), f["se"] ** 2),
        own_precision=True,
    ),
    Derivation(
        "log ratio from p",
        "log ratio",
        Scale.LOG_RATIO,
        "any",
        Statistic.RATIO,
        ("ratio", "p"),
        (),
        "ratio",
        lambda f: convert.log_ratio_from_p(f["ratio"], f["p"]),
        ("SE from p",),
        own_precision=True,
    ),
    *(
        Derivation(
            f"Fisher's z from {precision}",
            "ZCOR",
            Scale.FISHER_Z,
            "any",
            Statistic.CORRELATION,
            ("pearson_r", *figures),
            sizes,
            "figures",
            formula,
            assumes,
            own_precision=not sizes,
        )
        for precision, figures, sizes, formula, assumes in (
            (
                "r and interval",
                ("ci_lb", "ci_ub"),
                (),
                lambda f: correlations.fisher_z_from_interval(f["pearson_r"], f["ci_lb"], f["ci_ub"], f["level"]),
                (),
            ),
            ("r and SE", ("se",), (), lambda f: correlations.fisher_z_from_se(f["pearson_r"], f["se"]), ()),
            ("r and n", (), PAIRS, lambda f: correlations.fisher_z(f["pearson_r"], f["n_arm1"]), ()),
            ("r and p", ("p",), (), lambda f: correlations.fisher_z_from_p(f["pearson_r"], f["p"]), ("SE from p",)),
        )
    ),
    *(
        Derivation(
            f"{measure} given with {'variance' if precision == 'vi' else 'SE'}",
            measure,
            scale,
            family,
            Statistic.EFFECT,
            ("yi", precision),
            (),
            "figures",
            lambda f: (f["yi"], f["vi"] if "vi" in f else f["se"] ** 2),
            own_precision=True,
            given=given,
        )
        for measure, scale, family, given in (
            ("SMD", Scale.SMD, "parallel", GivenEffect.SMD),
            ("SMCR", Scale.SMD, "paired", GivenEffect.SMD),
            ("MD", Scale.MD, "any", GivenEffect.MD),
            ("log ratio", Scale.LOG_RATIO, "any", GivenEffect.LOG_RATIO),
            ("Fisher's z", Scale.FISHER_Z, "any", GivenEffect.FISHER_Z),
        )
        for precision in ("vi", "se")
    ),
    Derivation(
        "log rate ratio from counts",
        "IRR",
        Scale.LOG_RATIO,
        "any",
        Statistic.COUNTS,
        ("count_arm1", "count_arm2"),
        (),
        "ratio",
        lambda f: counts.rate_ratio(*(f[n] for n in COUNTS)),
        ("equal periods", "overdispersion"),
    ),
)
