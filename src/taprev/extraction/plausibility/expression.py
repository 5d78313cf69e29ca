"""The cells of a row against the expression they were read from, and expressions that are printed oddly."""

from __future__ import annotations

import re
from collections.abc import Iterator

from taprev.extraction.plausibility.printed import (
    NUMBER,
    negative_numbers,
    numbers,
    p_values,
    percentages,
    plain,
    sample_sizes,
)
from taprev.extraction.plausibility.query import Finding
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
SIGNED = ("md", "smd", "pearson_r", "ci_lb", "ci_ub")
USUAL_BOUNDS = {0.1, 0.05, 0.025, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0001}
LEAST_LOWER_BOUND = 0.05
FELL = re.compile(r"fewer|less|lower|decreas|reduc|fell|drop|declin", re.IGNORECASE)
ARROW = re.compile(rf"({NUMBER})\s*(?:→|->)\s*({NUMBER})")
ADVICE = "Read it again; a figure that is computed from the printed ones needs its rule in assumes."


def cell_not_as_printed(row: Row) -> Iterator[Finding]:
    """A figure of the row is not among the numbers of its printed expression."""
    text = row["as_reported"]
    printed = {float(number) for number in numbers(text)}
    if not printed:
        return
    for percent in percentages(text) if row["ratio"] else ():
        printed |= {round(1 + sign * float(percent) / 100, 10) for sign in (1, -1)}
    for column in CELLS:
        if row.get(column) and abs(float(row[column])) not in printed:
            yield column, f'found {row[column]}, which is not in the printed "{text}".', ADVICE


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
    """The n of the row are not those of its printed expression."""
    printed = [float(size) for size in sample_sizes(row["as_reported"])]
    filled = [(name, float(row[name])) for name in ("n_arm1", "n_arm2") if row[name]]
    if not printed or len(printed) != len(filled):
        return
    sizes = [size for _, size in filled]
    allowed = [*printed, *(abs(a - b) for a in printed for b in printed if a != b)]
    unused = [size for size in printed if size not in (*sizes, sum(sizes))]
    for column, size in filled:
        if size not in allowed or unused:
            found = f'found {size:g}, where "{row["as_reported"]}" prints {", ".join(f"{n:g}" for n in printed)}.'
            yield column, found, "Which arm has which n?"
            return


def order_not_as_printed(row: Row) -> Iterator[Finding]:
    """The figures before and after stand in the other order than on the two sides of the printed arrow."""
    match = ARROW.search(plain(row["as_reported"]))
    if row["contrast"] != "before_after" or not match:
        return
    before, after = map(float, match.groups())
    for name in ("mean", "median", "count", "event"):
        arm1, arm2 = row[f"{name}_arm1"], row[f"{name}_arm2"]
        if arm1 and arm2 and before != after and (float(arm1), float(arm2)) == (before, after):
            found = f"found {arm1} after and {arm2} before, printed {match.group()}."
            yield f"{name}_arm1", found, "Arm 1 is after, arm 2 before: exchange them."


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
