"""Simulated rows of outcomes.csv, well formed and rounded as articles print them, for the study of the checker.

Nothing here is evidence. Studies and results are named `simulated...`, the seed is fixed, and each figure is
computed from the same invented sample: means, SDs, t, p, interval, ratio and counts agree to their rounding.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from scipy.special import ndtr, ndtri, stdtr, stdtrit

Row = dict[str, str]
EACH = 48


def simulated_rows(header: list[str], seed: int) -> list[Row]:
    """Return EACH rows of every kind, in the columns of outcomes.csv."""
    draw = random.Random(seed)
    kinds = (
        two_arms,
        two_arms_without_test,
        pairs,
        difference,
        odds_ratio,
        clusters,
        printed_smd,
        printed_correlation,
        counted,
        changes,
    )
    rows = [made for kind in kinds for number in range(EACH) for made in kind(draw, number)]
    return [
        dict.fromkeys(header, "") | row | {"result": f"simulated{number:03d}", "note": "Simulated."}
        for number, row in enumerate(rows)
    ]


def base(kind: str, number: int, **cells: str) -> Row:
    """Return what every simulated row says of itself."""
    study = f"simulated_{kind}_{number:02d}"
    return {
        "study": study,
        "sample": "all",
        "report": study,
        "domain": "simulated",
        "population": "staff",
        "measure": f"simulated scale of {study}",
        "timepoint": "3 months",
        "months": "3",
        **cells,
    }


def p_cells(p: float) -> Row:
    return {"p_bound": "0.001"} if p < 0.001 else {"p": f"{p:.3f}"}


def p_words(p: float) -> str:
    return "p < .001" if p < 0.001 else f"p = {p:.3f}"


def direction(difference: float, better: str) -> str:
    if difference == 0:
        return "no_difference"
    return "better" if (difference > 0) == (better == "higher") else "worse"


@dataclass(frozen=True)
class Arms:
    """Two arms as they are, and the cells as they are printed."""

    mean1: float
    sd1: float
    n1: int
    mean2: float
    sd2: float
    n2: int

    @property
    def cells(self) -> Row:
        figures = {"mean_arm1": self.mean1, "sd_arm1": self.sd1, "mean_arm2": self.mean2, "sd_arm2": self.sd2}
        return {name: f"{value:.2f}" for name, value in figures.items()} | {
            "n_arm1": str(self.n1),
            "n_arm2": str(self.n2),
        }

    @property
    def student(self) -> tuple[float, int]:
        """t and its degrees of freedom."""
        df = self.n1 + self.n2 - 2
        pooled = ((self.n1 - 1) * self.sd1**2 + (self.n2 - 1) * self.sd2**2) / df
        return (self.mean1 - self.mean2) / math.sqrt(pooled * (1 / self.n1 + 1 / self.n2)), df


def arms(draw: random.Random) -> Arms:
    """Return two arms of 20 to 165 people with unequal n, whose means lie about 0.4 SD apart."""
    n1, sd, mean = draw.randint(20, 150), draw.uniform(4, 20), draw.uniform(30, 80)
    n2 = n1 + draw.choice([-1, 1]) * draw.randint(3, 15)
    sd1, sd2 = (sd * draw.uniform(0.8, 1.25) for _ in range(2))
    return Arms(mean + draw.gauss(0.4, 0.3) * sd, sd1, n1, mean, sd2, n2)


def gap(cells: Row) -> float:
    """Return the printed difference of the means."""
    return round(float(cells["mean_arm1"]) - float(cells["mean_arm2"]), 6)


def in_words(cells: Row) -> str:
    return (
        f"{cells['mean_arm1']} ({cells['sd_arm1']}) vs {cells['mean_arm2']} ({cells['sd_arm2']}), "
        f"n = {cells['n_arm1']} vs {cells['n_arm2']}"
    )


def two_arms(draw: random.Random, number: int, kind: str = "two_arms") -> list[Row]:
    """A trial of individuals: means, SDs, n, t with its df, and p."""
    both = arms(draw)
    cells, (t, df) = both.cells, both.student
    p, better = 2 * float(stdtr(df, -abs(t))), draw.choice(["higher", "lower"])
    return [
        base(
            kind,
            number,
            contrast="randomised",
            unit_of_allocation="individual",
            sd_basis="raw",
            statistic="means",
            better=better,
            direction=direction(gap(cells), better),
            t=f"{t:.2f}",
            df=str(df),
            **cells,
            **p_cells(p),
            as_reported=f"{in_words(cells)}; t({df}) = {t:.2f}, {p_words(p)}",
        )
    ]


def two_arms_without_test(draw: random.Random, number: int) -> list[Row]:
    """A trial of individuals: means, SDs and n, and no test."""
    [row] = two_arms(draw, number, "two_arms_without_test")
    return [row | {"t": "", "df": "", "p": "", "p_bound": "", "as_reported": in_words(row)}]


def pairs(draw: random.Random, number: int) -> list[Row]:
    """The same people before and after: means, SDs, t and p; the correlation of the scores is .3 to .8."""
    both = arms(draw)
    cells, n, r = both.cells, both.n1, draw.uniform(0.3, 0.8)
    variance = both.sd1**2 + both.sd2**2 - 2 * r * both.sd1 * both.sd2
    t = (both.mean1 - both.mean2) / math.sqrt(variance / n)
    p = 2 * float(stdtr(n - 1, -abs(t)))
    better = draw.choice(["higher", "lower"])
    words = f"{cells['mean_arm2']} ({cells['sd_arm2']}) → {cells['mean_arm1']} ({cells['sd_arm1']}), n = {n}"
    return [
        base(
            "pairs",
            number,
            contrast="before_after",
            pairing="matched",
            sd_basis="raw",
            statistic="means",
            better=better,
            direction=direction(gap(cells), better),
            **cells | {"n_arm2": ""},
            t=f"{t:.2f}",
            df=str(n - 1),
            **p_cells(p),
            as_reported=f"{words}; t({n - 1}) = {t:.2f}, {p_words(p)}",
        )
    ]


def difference(draw: random.Random, number: int) -> list[Row]:
    """An adjusted mean difference with its 95 % interval and p."""
    n1, n2, se = draw.randint(20, 120), draw.randint(20, 120), draw.uniform(0.5, 3)
    df, md = n1 + n2 - 2, draw.gauss(1.5, 2) * se
    half, p = float(stdtrit(df, 0.975)) * se, 2 * float(stdtr(df, -abs(md / se)))
    md_text, low, high = (f"{value:.2f}" for value in (md, md - half, md + half))
    better = draw.choice(["higher", "lower"])
    return [
        base(
            "difference",
            number,
            contrast="controlled",
            unit_of_allocation="individual",
            sd_basis="raw",
            statistic="mean_difference",
            adjustment="adjusted",
            better=better,
            direction=direction(float(md_text), better),
            md=md_text,
            ci_lb=low,
            ci_ub=high,
            n_arm1=str(n1),
            n_arm2=str(n2),
            **p_cells(p),
            as_reported=f"difference {md_text} (95% CI {low} to {high}), {p_words(p)}; n = {n1} vs {n2}",
        )
    ]


def odds_ratio(draw: random.Random, number: int) -> list[Row]:
    """An odds ratio with its 95 % interval and p."""
    log, se = draw.gauss(-0.5, 0.4), draw.uniform(0.12, 0.4)
    half, p = float(ndtri(0.975)) * se, 2 * float(ndtr(-abs(log / se)))
    ratio, low, high = (f"{math.exp(value):.2f}" for value in (log, log - half, log + half))
    return [
        base(
            "odds_ratio",
            number,
            contrast="controlled",
            unit_of_allocation="individual",
            statistic="ratio",
            ratio_kind="odds",
            better="lower",
            direction=direction(float(ratio) - 1, "lower"),
            ratio=ratio,
            ci_lb=low,
            ci_ub=high,
            **p_cells(p),
            as_reported=f"OR = {ratio} (95% CI {low}–{high}), {p_words(p)}",
        )
    ]


def clusters(draw: random.Random, number: int) -> list[Row]:
    """A cluster trial; every second one has two outcomes, and every third row does not count its clusters."""
    rows = []
    for outcome in range(1 + number % 2):
        cells = arms(draw).cells
        better = draw.choice(["higher", "lower"])
        counted = {"n_clusters_arm1": "6", "n_clusters_arm2": "6"} if number % 3 else {}
        rows.append(
            base(
                "clusters",
                number,
                contrast="randomised",
                unit_of_allocation="cluster",
                sd_basis="raw",
                statistic="means",
                better=better,
                direction=direction(gap(cells), better),
                **cells,
                **counted,
                as_reported=in_words(cells),
            )
            | {"measure": f"simulated scale {outcome} of clusters {number}"}
        )
    return rows


def printed_smd(draw: random.Random, number: int) -> list[Row]:
    """A printed standardised mean difference of two groups with p, signed as arm 1 minus arm 2."""
    n1 = draw.randint(25, 120)
    n2 = n1 + draw.randint(3, 15)
    d = f"{draw.choice([-1, 1]) * abs(draw.gauss(0.45, 0.15)):.2f}"
    t = float(d) * math.sqrt(n1 * n2 / (n1 + n2))
    p, better = 2 * float(stdtr(n1 + n2 - 2, -abs(t))), draw.choice(["higher", "lower"])
    return [
        base(
            "printed_smd",
            number,
            contrast="controlled",
            unit_of_allocation="individual",
            sd_basis="unknown",
            statistic="smd",
            better=better,
            direction=direction(float(d), better),
            smd=d,
            n_arm1=str(n1),
            n_arm2=str(n2),
            **p_cells(p),
            as_reported=f"d = {d}, {p_words(p)}; n = {n1} vs {n2}",
        )
    ]


def printed_correlation(draw: random.Random, number: int) -> list[Row]:
    """A correlation of n people with its 95 % interval by Fisher's z, and p."""
    n = draw.randint(25, 200)
    r = f"{draw.choice([-1, 1]) * draw.uniform(0.1, 0.6):.2f}"
    z, half = math.atanh(float(r)), float(ndtri(0.975)) / math.sqrt(n - 3)
    low, high = (f"{math.tanh(z + side * half):.2f}" for side in (-1, 1))
    t = float(r) * math.sqrt((n - 2) / (1 - float(r) ** 2))
    p, better = 2 * float(stdtr(n - 2, -abs(t))), draw.choice(["higher", "lower"])
    return [
        base(
            "correlation",
            number,
            contrast="controlled",
            unit_of_allocation="individual",
            statistic="correlation",
            better=better,
            direction=direction(float(r), better),
            pearson_r=r,
            ci_lb=low,
            ci_ub=high,
            n_arm1=str(n),
            **p_cells(p),
            as_reported=f"r = {r} (95% CI {low} to {high}), {p_words(p)}; n = {n}",
        )
    ]


def counted(draw: random.Random, number: int) -> list[Row]:
    """People with an event among those of each arm."""
    totals = draw.randint(80, 280), draw.randint(80, 280)
    risk = draw.uniform(0.1, 0.4)
    events = [max(1, round(total * risk * draw.uniform(0.6, 1.3))) for total in totals]
    shares = [event / total for event, total in zip(events, totals, strict=True)]
    return [
        base(
            "counted",
            number,
            contrast="randomised",
            unit_of_allocation="individual",
            statistic="events",
            better="lower",
            direction=direction(shares[0] - shares[1], "lower"),
            event_arm1=str(events[0]),
            totaln_arm1=str(totals[0]),
            event_arm2=str(events[1]),
            totaln_arm2=str(totals[1]),
            n_arm1=str(totals[0]),
            n_arm2=str(totals[1]),
            as_reported=f"{events[0]} of {totals[0]} vs {events[1]} of {totals[1]}",
        )
    ]


def changes(draw: random.Random, number: int) -> list[Row]:
    """Mean changes below nought with their SDs and n."""
    both = arms(draw)
    fell = [-abs(draw.gauss(1.0, 0.2)) * sd for sd in (both.sd1, both.sd2)]
    means, spreads = [f"{value:.1f}" for value in fell], [f"{sd:.1f}" for sd in (both.sd1, both.sd2)]
    words = [f"−{m.lstrip('-')} ({s}), n = {n}" for m, s, n in zip(means, spreads, (both.n1, both.n2), strict=True)]
    return [
        base(
            "changes",
            number,
            contrast="randomised",
            unit_of_allocation="individual",
            sd_basis="change",
            statistic="change",
            better="lower",
            direction=direction(float(means[0]) - float(means[1]), "lower"),
            mean_change_arm1=means[0],
            sd_change_arm1=spreads[0],
            mean_change_arm2=means[1],
            sd_change_arm2=spreads[1],
            n_arm1=str(both.n1),
            n_arm2=str(both.n2),
            as_reported=" vs ".join(words),
        )
    ]
