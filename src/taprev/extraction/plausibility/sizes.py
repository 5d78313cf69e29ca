"""Figures of an unlikely size: effects, standard deviations, means of whole numbers, percentages, people."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import islice

from taprev.extraction.plausibility.design import paired, parallel
from taprev.extraction.plausibility.printed import NUMBER, figure_of_test, percentages, plain
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.plausibility.spans import apart, size_span, span, written
from taprev.extraction.tables import Row, figure, half_unit
from taprev.vocabulary import WITH_COMPARATOR

LARGEST_G = 2.0
LARGEST_RATIO = 20.0
LARGEST_SD_RATIO = 3.0
LARGEST_MEAN_RATIO = 8.0
AMISS = 0.25
"""How far people may lie from clusters times their size: some are not analysed, and sizes are means."""
NAMED_AS_SE = re.compile(r"(?<![A-Za-z])(SEM?|s\.e\.m?\.?|standard errors?)(?![A-Za-z])")
ODDS = re.compile(rf"({NUMBER})\s*%\s*(?:reduction|decrease|drop|fall|lower)[a-z ]*\bodds", re.IGNORECASE)
VERSUS = re.compile(rf"({NUMBER})\s*%\s*(?:vs\.?|versus|and|compared (?:with|to))\s*({NUMBER})\s*%")
COUNTED = re.compile(rf"(\d+)\s*(?:/|of|out of)\s*(\d+)\s*\(\s*({NUMBER})\s*%\s*\)")


def effect_beyond_two(row: Row) -> Iterator[Finding]:
    """A standardised effect beyond 2 is rare; more often a decimal point is lost or an SE stands for an SD."""
    for column, g in _effects(row):
        if abs(g) > LARGEST_G:
            printed = row[column] or f"{figure_of_test(row, column)} as printed"
            found = f"found {printed}, a standardised effect of about {g:.3g}."
            yield column, found, "Is it printed so, with a standard deviation and not a standard error?"
            return


def first_effect(row: Row) -> list[tuple[str, float]]:
    """Return the column and the size of the first standardised effect that the figures of a row give, or nothing."""
    return list(islice(_effects(row), 1))


def _effects(row: Row) -> Iterator[tuple[str, float]]:
    if row["smd"]:
        yield "smd", float(row["smd"])
    if all(row[name] for name in ("mean_arm1", "mean_arm2", "sd_arm2")):
        spread = float(row["sd_arm2"])
        if parallel(row) and row["sd_arm1"]:
            spread = math.sqrt((spread**2 + float(row["sd_arm1"]) ** 2) / 2)
        yield "mean_arm1", (float(row["mean_arm1"]) - float(row["mean_arm2"])) / spread
    n1, n2 = figure(row, "n_arm1"), figure(row, "n_arm2")
    if not n1:
        return
    factor = math.sqrt(1 / n1 + 1 / n2) if n2 else math.sqrt(1 / n1)
    for column in ("t", "z"):
        if (text := figure_of_test(row, column)) and (n2 or paired(row)):
            yield column, float(text) * factor
    if (text := figure_of_test(row, "F")) and figure_of_test(row, "df1") == "1" and (n2 or paired(row)):
        yield "F", math.sqrt(float(text)) * factor


def ratio_beyond_twenty(row: Row) -> Iterator[Finding]:
    """A ratio above 20 or below 1/20 is rare; more often a decimal point is lost."""
    value = figure(row, "ratio")
    if value and not 1 / LARGEST_RATIO <= value <= LARGEST_RATIO:
        yield "ratio", f"found {row['ratio']}.", "Is it printed so, or has it lost its decimal point?"


def standard_error_as_sd(row: Row) -> Iterator[Finding]:
    """One standard deviation is more than three times the other, or the figures are printed as standard errors."""
    sd1, sd2 = figure(row, "sd_arm1"), figure(row, "sd_arm2")
    if sd1 and sd2 and max(sd1, sd2) > LARGEST_SD_RATIO * min(sd1, sd2):
        found = f"found standard deviations of {row['sd_arm1']} and {row['sd_arm2']}."
        column = "sd_arm1" if sd1 < sd2 else "sd_arm2"
        yield column, found, "Is the smaller one a standard error, or has one lost its decimal point?"
    elif (sd1 or sd2) and (named := NAMED_AS_SE.search(row["as_reported"])):
        found = f'found standard deviations where the printed expression says "{named.group()}".'
        yield "sd_arm1", found, "Multiply a standard error by the root of n before it is entered."


def mean_eight_times_the_other(row: Row) -> Iterator[Finding]:
    """One mean is more than eight times the other, as when one of the two has lost its decimal point."""
    mean1, mean2 = figure(row, "mean_arm1"), figure(row, "mean_arm2")
    if mean1 and mean2 and mean1 * mean2 > 0:
        low, high = sorted((abs(mean1), abs(mean2)))
        if high > LARGEST_MEAN_RATIO * low:
            found = f"found means of {row['mean_arm1']} and {row['mean_arm2']}."
            yield "mean_arm1", found, "Has one of them lost its decimal point?"


def mean_of_whole_numbers(row: Row) -> Iterator[Finding]:
    """GRIM: the mean of one item answered in whole numbers is no whole number of points over its n."""
    if row["scale_part"] != "item":
        return
    for arm, size in (("arm1", "n_arm1"), ("arm2", "n_arm1" if paired(row) else "n_arm2")):
        text, n = row[f"mean_{arm}"], figure(row, size)
        if not text or not n or n * 2 * half_unit(text) >= 1:
            continue
        low, high = span(text)
        if math.floor(high * n + 1e-6) < math.ceil(low * n - 1e-6):
            found = f"found {text}, which is not the mean of {n:g} whole numbers."
            yield (
                f"mean_{arm}",
                found,
                "Is the n or the mean misread, or is the item not scored in whole numbers?",
            )


def percentage_against_counts(row: Row) -> Iterator[Finding]:
    """A printed percentage is not the share that its counts give."""
    shares = [
        ("as_reported", count, total, [percent]) for count, total, percent in COUNTED.findall(plain(row["as_reported"]))
    ]
    printed = percentages(row["as_reported"])
    shares += [
        (f"event_{arm}", row[f"event_{arm}"], row[f"totaln_{arm}"], printed)
        for arm in ("arm1", "arm2")
        if printed and row[f"event_{arm}"] and row[f"totaln_{arm}"]
    ]
    for column, count, total, candidates in shares:
        share = 100 * float(count) / float(total)
        if all(apart(size_span(text), (share, share)) for text in candidates):
            found = f"found {count} of {total}, which is {share:.3g} %, beside {', '.join(candidates)} %."
            yield column, found, "Look all three up."


def odds_against_percentages(row: Row) -> Iterator[Finding]:
    """A printed odds ratio, or reduction in odds, does not follow from the two percentages beside it."""
    text = plain(row["as_reported"])
    shares, reduction = VERSUS.search(text), ODDS.search(text)
    if not shares:
        return
    arm1, arm2 = (size_span(percent) for percent in shares.groups())
    if max(*arm1, *arm2) >= 100 or min(arm1[0], arm2[0]) <= 0:
        return
    wanted = _odds(arm1[0]) / _odds(arm2[1]), _odds(arm1[1]) / _odds(arm2[0])
    if row["ratio"] and row["ratio_kind"] == "odds":
        column, printed = "ratio", size_span(row["ratio"])
    elif reduction:
        low, high = size_span(reduction.group(1))
        column, printed = "as_reported", (1 - high / 100, 1 - low / 100)
    else:
        return
    if apart(printed, wanted):
        found = f"found an odds ratio of {written(printed)}, but {shares.group()} gives {written(wanted)}."
        yield column, found, "Is the odds ratio adjusted, or is one of the three misprinted?"


def _odds(percent: float) -> float:
    return percent / (100 - percent)


def totals_against_n(row: Row) -> Iterator[Finding]:
    """The total of an arm is not its n, as when a digit slipped in one of the two."""
    for arm in ("arm1", "arm2"):
        total, n = row[f"totaln_{arm}"], row[f"n_{arm}"]
        if total and n and float(total) != float(n):
            yield f"totaln_{arm}", f"found {total}, where n_{arm} is {n}.", "Which of the two is the number of people?"


def n_against_clusters(row: Row) -> Iterator[Finding]:
    """The n of an arm is far from the number of its clusters times their size."""
    size = figure(row, "cluster_size")
    for arm in ("arm1", "arm2"):
        n, clusters = figure(row, f"n_{arm}"), figure(row, f"n_clusters_{arm}")
        if n and clusters and size and abs(n - clusters * size) > AMISS * clusters * size:
            found = f"found {n:g} people in {clusters:g} clusters of {size:g}, which are about {clusters * size:g}."
            yield f"n_{arm}", found, "Is it the n of people, of one cluster, or of those analysed?"
            return


def no_more_people_than_clusters(row: Row) -> Iterator[Finding]:
    """There are as many people in an arm as clusters, or fewer."""
    for arm in ("arm1", "arm2"):
        n, clusters = figure(row, f"n_{arm}"), figure(row, f"n_clusters_{arm}")
        if row["contrast"] in WITH_COMPARATOR and n and clusters and n <= clusters:
            found = f"found {n:g} people in {clusters:g} clusters."
            yield f"n_{arm}", found, "Are clusters counted here, and not people?"
            return
