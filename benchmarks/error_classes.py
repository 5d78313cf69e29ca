"""The classes of planted errors, and beside what each could be seen.

A class says what redundancy it needs before any check is run: the printed expression, another figure, cell or
row that depends on the wrong one, or nothing. What stands beside nothing is not computable.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import planted_errors as plant
from planted_errors import ESTIMATES, LIMITS, MEANS, Planted, Row, has, has_sizes

EXPRESSION, OTHERS, NOTHING = "printed expression", "another figure or cell", "nothing"


@dataclass(frozen=True)
class ErrorClass:
    """A class of errors: how one is planted, or None where the row has no place for it, and what shows it.

    `by_expression` says whether the printed expression can show it; `by_others` whether the rest of the
    planted row, or another row of its study, can.
    """

    name: str
    plant: Callable[[Row, random.Random], Planted | None]
    by_expression: bool
    by_others: Callable[[Planted, list[Row]], bool]


def another_figure(planted: Planted, _: list[Row]) -> bool:
    """Return whether another printed figure of the row depends on the changed one."""
    row, column = planted.before, planted.column
    test = has(row, "t") or has(row, "p")
    if column in MEANS:
        return (has(row, *MEANS) and test and has_sizes(row)) or (has(row, "md") and column.startswith("mean"))
    if column in LIMITS:
        return any(row[name] for name in (*ESTIMATES, "p"))
    if column == "smd":
        return (test and has_sizes(row)) or has(row, *LIMITS)
    if column == "pearson_r":
        return has(row, "n_arm1") and (has(row, "p") or has(row, *LIMITS))
    if column in ("md", "ratio"):
        return has(row, *LIMITS)
    if column in ("t", "F", "z"):
        return has(row, "p") or has(row, *MEANS)
    if column == "p":
        return any(row[name] for name in ("t", "F", "z", *LIMITS)) or has(row, *MEANS)
    return False


def sign_is_recorded(planted: Planted, _: list[Row]) -> bool:
    """Return whether the sign meant something: a positive effect size may be printed without its sign.

    Then it is recorded only where it agreed with direction and better, and where the new one is negative.
    """
    row, turned = planted.before, planted.after["smd"].startswith("-")
    agreed = (row["direction"] == "better") == (row["better"] == "higher")
    return planted.column != "smd" or (turned and agreed)


def signed_figures(planted: Planted, _: list[Row]) -> bool:
    """Return whether the row prints a figure with a sign, so that direction follows from it and from better."""
    row = planted.before
    pairs = any(has(row, f"{name}_arm1", f"{name}_arm2") for name in ("mean", "count", "event"))
    interval = has(row, *LIMITS) and float(row["ci_lb"]) * float(row["ci_ub"]) > 0
    return (
        pairs
        or bool(row["md"] or row["ratio"] or row["pearson_r"])
        or row["smd"].startswith("-")
        or (interval and not row["smd"])
    )


def n_elsewhere(planted: Planted, rows: list[Row]) -> bool:
    """Return whether degrees of freedom, or another result of the same people, print the n."""
    row = planted.before
    same = ("study", "sample", "analysis_set", "n_arm1", "n_arm2")
    others = [r for r in rows if r["result"] != row["result"] and all(r[name] == row[name] for name in same)]
    return bool(row["df"]) or bool(others)


def clusters_elsewhere(planted: Planted, rows: list[Row]) -> bool:
    """Return whether clusters are still counted in the row, or named in another row of the study."""
    row = planted.after
    others = [r for r in rows if r["study"] == row["study"] and r["result"] != row["result"]]
    named = any(r["unit_of_allocation"] == "cluster" and r["contrast"] == row["contrast"] for r in others)
    return named or any(row[name] for name in ("n_clusters_arm1", "n_clusters_arm2", "icc", "cluster_size"))


def not_within_an_arm(planted: Planted, _: list[Row]) -> bool:
    """Return whether the ratio compares the arms, so that direction says on which side of one it lies."""
    return not planted.before["arm"]


CLASSES = (
    ErrorClass("lost decimal point", plant.lost_decimal_point, True, another_figure),
    ErrorClass("standard error for SD", plant.standard_error_for_sd, True, another_figure),
    ErrorClass("swapped arms or times", plant.swapped_arms, True, lambda planted, rows: True),
    ErrorClass("swapped, direction follows", plant.swapped_with_direction, True, lambda planted, rows: False),
    ErrorClass("lost minus", plant.lost_minus, True, lambda planted, rows: False),
    ErrorClass("swapped digits of people", plant.swapped_digits_of_people, True, n_elsewhere),
    ErrorClass("n of one cluster", plant.n_of_one_cluster, True, lambda planted, rows: True),
    ErrorClass("flipped sign", plant.flipped_sign, True, sign_is_recorded),
    ErrorClass("flipped better", plant.flipped_better, False, signed_figures),
    ErrorClass("swapped digits", plant.swapped_digits, True, another_figure),
    ErrorClass("n of the wrong arm", plant.n_of_wrong_arm, True, n_elsewhere),
    ErrorClass("cluster relabelled", plant.cluster_relabelled, False, clusters_elsewhere),
    ErrorClass("ratio inverted", plant.inverted_ratio, True, not_within_an_arm),
    ErrorClass("level of the interval lost", plant.lost_level, True, lambda planted, rows: False),
    ErrorClass("last zero lost", plant.lost_last_zero, True, lambda planted, rows: False),
    ErrorClass("p entered as zero", plant.p_as_zero, False, lambda planted, rows: True),
    ErrorClass("standard error of 0/1 answers", plant.standard_error_of_binary, False, lambda planted, rows: True),
    ErrorClass("SD of another scale", plant.sd_of_another_scale, False, lambda planted, rows: True),
    ErrorClass("n of another correlation", plant.n_of_another_correlation, True, lambda planted, rows: True),
    ErrorClass("covariates lost", plant.lost_covariates, True, lambda planted, rows: False),
    ErrorClass("paired test as independent", plant.paired_test_as_independent, True, lambda planted, rows: False),
    ErrorClass("text in another encoding", plant.wrong_encoding, False, lambda planted, rows: True),
)
