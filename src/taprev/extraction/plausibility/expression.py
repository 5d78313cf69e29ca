"""The cells of a row against the expression they were read from, and expressions that are printed oddly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from taprev.extraction.plausibility.printed import (
    negative_numbers,
    numbers,
    p_values,
    percentages,
    sample_sizes,
)
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.plausibility.sides import ARMS, CELLS_OF_ROLE, comparisons
from taprev.extraction.read_elsewhere import read_elsewhere
from taprev.extraction.tables import Row

CELLS = (
    "mean_arm1",
    "sd_arm1",
    "mean_arm2",
    "sd_arm2",
    "median_arm1",
    "q1_arm1",
    "q3_arm1",
    "median_arm2",
    "q1_arm2",
    "q3_arm2",
    "mean_change_arm1",
    "sd_change_arm1",
    "mean_change_arm2",
    "sd_change_arm2",
    "event_arm1",
    "event_arm2",
    "count_arm1",
    "count_arm2",
    "md",
    "smd",
    "cohens_f",
    "ratio",
    "pearson_r",
    "se",
    "ci_lb",
    "ci_ub",
    "t",
    "F",
    "z",
    "p",
    "p_bound",
)
PRINTED = (*CELLS, "totaln_arm1", "totaln_arm2", "time_arm1", "time_arm2")
SIGNED = (
    "mean_arm1",
    "mean_arm2",
    "median_arm1",
    "median_arm2",
    "mean_change_arm1",
    "mean_change_arm2",
    "md",
    "smd",
    "pearson_r",
    "ci_lb",
    "ci_ub",
    "t",
    "z",
)
USUAL_BOUNDS = {0.1, 0.05, 0.025, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0001}
LEAST_LOWER_BOUND = 0.05
FELL = re.compile(r"fewer|less|lower|decreas|reduc|fell|drop|declin", re.IGNORECASE)
SIZES = ("n_arm1", "n_arm2")
FIGURES = (*CELLS, *SIZES)
WHICH_N = "Which arm has which n?"
EXCHANGED_TIMES = "Arm 1 is after, arm 2 before: exchange them, or say in what order they are printed."
EXCHANGED_ARMS = "Arm 1 is the programme, arm 2 its comparator: exchange them, or say in what order they are printed."
ADVICE = "Read it again; if it was computed from the printed ones, say how in assumes and in the answer."


def cell_not_as_printed(row: Row) -> Iterator[Finding]:
    """A figure of the row is not among the numbers of its printed expression."""
    text = row["as_reported"]
    printed, elsewhere = printed_figures(row), read_elsewhere(row)
    if not printed:
        return
    for percent in percentages(text) if row["ratio"] else ():
        printed |= {round(1 + sign * float(percent) / 100, 10) for sign in (1, -1)}
    for column in PRINTED:
        if row.get(column) and column not in elsewhere and abs(float(row[column])) not in printed:
            yield column, f'found {row[column]}, which is not in the printed "{text}".', ADVICE


def printed_figures(row: Row) -> set[float]:
    """Return the numbers of the printed expression, and an arm that it prints as those with an event, those without."""
    printed = [float(number) for number in numbers(row["as_reported"])]
    events = {float(row[f"event_{arm}"]) for arm in ARMS if row[f"event_{arm}"]}
    return {*printed, *(with_event + without for with_event, without in pairwise(printed) if with_event in events)}


def sign_not_as_printed(row: Row) -> Iterator[Finding]:
    """A figure of the row has another sign than in its printed expression."""
    text = row["as_reported"]
    negative = {float(number) for number in negative_numbers(text)}
    printed = {float(number) for number in numbers(text)}
    for column in SIGNED:
        if not row.get(column) or (value := float(row[column])) == 0 or abs(value) not in printed:
            continue
        expected = abs(value) in negative
        if (value < 0) != expected and not (value < 0 and FELL.search(text)):
            yield column, f'found {row[column]}, printed with the other sign in "{text}".', ADVICE


def n_not_as_printed(row: Row) -> Iterator[Finding]:
    """The n or the totals of the row are not those that its printed expression has, on their side or anywhere."""
    by_side, elsewhere = _sizes_by_side(row), read_elsewhere(row)
    on_another = [name for name in by_side if row[name] and float(row[name]) not in by_side[name]]
    for column in (name for name in on_another if name not in elsewhere):
        there = ", ".join(f"{size:g}" for size in sorted(by_side[column]))
        yield column, f'found {row[column]}, where "{row["as_reported"]}" prints {there} there.', WHICH_N
    filled = [(name, float(row[name])) for name in SIZES if row[name] and name not in elsewhere]
    if all(name in by_side for name, _ in filled):
        return
    events = {float(row[name]) for name in ("event_arm1", "event_arm2") if row[name]}
    printed = [size for size in map(float, sample_sizes(row["as_reported"])) if size not in events]
    if on_another or not printed or len(printed) != len(filled):
        return
    sizes = [size for _, size in filled]
    allowed = [*printed, *(abs(a - b) for a in printed for b in printed if a != b)]
    unused = [size for size in printed if size not in (*sizes, sum(sizes))]
    for column, size in filled:
        if size not in allowed or unused:
            found = f'found {size:g}, where "{row["as_reported"]}" prints {", ".join(f"{n:g}" for n in printed)}.'
            yield column, found, WHICH_N
            return


def _sizes_by_side(row: Row) -> dict[str, set[float]]:
    """Return what its own side of a comparison prints as each n and total; the n of "14 % (n = 30)" counts events."""
    sides = [arms for one in comparisons(row["as_reported"]) if (arms := one.arms(row))]
    sizes: dict[str, set[float]] = {}
    for name in ("n", "totaln"):
        for place, arm in enumerate(ARMS):
            events = {float(row[f"event_{arm}"])} if row[f"event_{arm}"] else set()
            own = {size for pair in sides if all(side.of(name) for side in pair) for size in pair[place].of(name)}
            if own - events:
                sizes[f"{name}_{arm}"] = own
    return sizes


def order_not_as_printed(row: Row) -> Iterator[Finding]:
    """The figures of the arms, or before and after, stand on the other sides of the printed comparison."""
    sides = [arms for one in comparisons(row["as_reported"]) if (arms := one.arms(row))]
    for name in (name for name in CELLS_OF_ROLE if name not in ("n", "totaln")):
        one, two = (row.get(f"{name}_{arm}", "") for arm in ARMS)
        if not one or not two or float(one) == float(two):
            continue
        printed = [(first.of(name), second.of(name)) for first, second in sides]
        straight = any(float(one) in first and float(two) in second for first, second in printed)
        crossed = any(float(one) in second and float(two) in first for first, second in printed)
        if crossed and not straight:
            found = f'found {one} in arm 1 and {two} in arm 2, printed "{row["as_reported"]}".'
            yield f"{name}_arm1", found, EXCHANGED_TIMES if row["contrast"] == "before_after" else EXCHANGED_ARMS
            return


def unusual_bound(row: Row) -> Iterator[Finding]:
    """A bound on p at an unusual place is more often an exact p with a misprinted sign."""
    bounds = [(sign, value) for sign, value in p_values(row["as_reported"]) if sign in "<≤"]
    bounds = bounds or ([("<", row["p_bound"])] if row["p_bound"] else [])
    for sign, value in bounds:
        if float(value) not in USUAL_BOUNDS:
            yield "p_bound", f"found p {sign} {value}.", "Is it p = instead? Say what it is taken for."


def lower_bound_on_small_p(row: Row) -> Iterator[Finding]:
    """A printed p above a small bound says next to nothing; more often the sign is turned round."""
    for sign, value in p_values(row["as_reported"]):
        if sign in ">≥" and float(value) < LEAST_LOWER_BOUND:
            yield (
                "as_reported",
                f"found p {sign} {value}.",
                "Is the sign turned round? Say what it is taken for.",
            )


def brackets_do_not_close(row: Row) -> Iterator[Finding]:
    """The brackets of the printed expression do not close, so that a figure is garbled or cut off."""
    text = row["as_reported"]
    if any(text.count(left) != text.count(right) for left, right in ("()", "[]")):
        yield "as_reported", f'found "{text}".', "Which figure is meant, and is it used?"
