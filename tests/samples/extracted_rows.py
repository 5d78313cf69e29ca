"""Made-up extracted rows that fit a derivation, of any design."""

from __future__ import annotations

import math
import random

from helpers import ROOT
from taprev.effects.derivations import Derivation
from taprev.extraction.tables import Row, columns

HEADER = columns(ROOT / "data" / "extracted", "outcomes")


SPREADS = {
    "mean": (20, 50, 2),
    "sd": (4, 12, 2),
    "mean_change": (-5, 5, 2),
    "sd_change": (3, 9, 2),
    "md": (-4, 4, 2),
    "smd": (-1, 1, 2),
    "cohens_f": (0.05, 0.5, 3),
    "ratio": (0.3, 2.5, 2),
    "pearson_r": (0.1, 0.8, 2),
    "yi": (-1, 1, 3),
    "vi": (0.02, 0.4, 4),
    "se": (0.5, 2, 2),
    "t": (-3, 3, 2),
    "F": (0, 9, 2),
    "z": (-3, 3, 2),
    "p": (0.001, 0.9, 4),
    "count": (5, 300, 0),
    "event": (2, 30, 0),
    "totaln": (31, 200, 0),
    "n": (8, 200, 0),
}


def figures(draw: random.Random, way: Derivation) -> Row:
    """Return made-up printed figures for a derivation."""
    alone = way.family == "paired" or way.statistic == "correlation"
    people = (
        []
        if way.name.endswith(("without n", "with printed p", "r and p")) or way.given
        else ["n_arm1", *(["n_arm2"] * (not alone))]
    )
    names = [*way.figures, *people]
    made = {}
    for name in names:
        low, high, digits = SPREADS.get(name.partition("_arm")[0], (0, 1, 2))
        made[name] = f"{draw.uniform(low, high):.{digits}f}"
    if way.statistic == "correlation":
        made["pearson_r"] = draw.choice(["", "-"]) + made["pearson_r"]
    for arm in ("arm1", "arm2") if way.statistic == "medians" else ():
        median = draw.uniform(20, 40)
        numbers = {"median": median, "q1": median - 5.1, "q3": median + 5.3}
        made |= {f"{name}_{arm}": f"{value:.1f}" for name, value in numbers.items()}
    if "ci_lb" in way.figures:
        middle, half = float(made.get("md", draw.uniform(-4, 4))), draw.uniform(1, 5)
        low, high = middle - half, middle + half
        if way.statistic == "correlation":
            low, high = (math.tanh(math.atanh(float(made["pearson_r"])) + side * half / 10) for side in (-1, 1))
        if way.statistic == "ratio":
            low, high = float(made["ratio"]) / (1 + half), float(made["ratio"]) * (1 + half)
        made |= {"ci_lb": f"{low:.3f}", "ci_ub": f"{high:.3f}", "ci_level": draw.choice(["", "90", "99"])}
    return made


def made_up_row(draw: random.Random, way: Derivation, domain: str) -> Row:
    """Return a row that a derivation fits, of any design, with or without clusters and a printed correlation."""
    paired = way.family == "paired"
    contrast = "before_after" if paired else draw.choice(["randomised", "controlled", "before_after"])
    matched = "matched" if paired else "unmatched"
    kind = {True: "risk", False: "odds", None: draw.choice(["odds", "rate", ""])}[way.risk]
    row = dict.fromkeys(HEADER, "") | {
        "study": f"S{draw.randint(1, 40)}",
        "sample": draw.choice("abc"),
        "report": "R",
        "domain": domain,
        "population": "patients",
        "measure": 'a "score"',
        "timepoint": "after",
        "months": draw.choice("136"),
        "better": draw.choice(["higher", "lower"]),
        "direction": draw.choice(["better", "worse"]),
        "contrast": contrast,
        "pairing": matched if contrast == "before_after" else "",
        "statistic": way.statistic,
        "ratio_kind": kind,
        "effect_measure": way.given or "",
        "df1": "1" if way.one_df else "",
    }
    if way.statistic in ("t", "F", "p", "z", "mean_difference"):
        row["sd_basis"] = draw.choice(["raw", "change", "residual", ""])
    if way.statistic == "counts" and draw.random() < 0.5:
        row |= {"time_arm1": "120.5", "time_arm2": "88"}
    apart = random.Random(f"{sorted(row.items())}")
    if apart.random() < 0.4:
        row["allows_for_repeated_measures"] = apart.choice(["yes", "no", "not_stated"])
        row["adjustment"] = apart.choice(["adjusted", "not_stated", "crude"])
    if way.statistic == "smd" and draw.random() < 0.2:
        row["direction"] = "no_difference"
    if draw.random() < 0.2:
        row["n_basis"] = draw.choice(["enrolled", "analysed"])
    if draw.random() < 0.3:
        row["r_pre_post"] = f"{draw.uniform(0.1, 0.9):.2f}"
    if draw.random() < 0.3:
        row |= {
            "unit_of_allocation": "cluster",
            "n_clusters_arm1": "6",
            "n_clusters_arm2": "7",
            "cluster_size": "2.5",
            "icc": draw.choice(["", "0.04", "0.2"]),
            "allows_for_clusters": draw.choice(["", "yes", "no", "not_stated"]),
        }
    return row | figures(draw, way)
