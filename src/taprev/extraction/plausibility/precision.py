"""Printed precision against its level, its n, its design and its digits, and a p that is printed as zero."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from taprev.extraction.interval_level import USUAL_LEVEL, level_of, named_level
from taprev.extraction.plausibility.design import paired, parallel
from taprev.extraction.plausibility.expression import CELLS
from taprev.extraction.plausibility.printed import numbers
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.plausibility.spans import quantile
from taprev.extraction.tables import Row, figure, half_unit, same_number
from taprev.vocabulary import (
    CLUSTERS_ALLOWED_FOR,
    FEWEST_CORRELATED,
    Adjustment,
    Allocation,
    SdBasis,
    Stated,
    Statistic,
)

APART = 1.25
TESTED = (Statistic.T, Statistic.F, Statistic.P)
EFFECTS = (Statistic.SMD, Statistic.RATIO, Statistic.MEAN_DIFFERENCE, Statistic.CORRELATION)
STATED = re.compile(CLUSTERS_ALLOWED_FOR, re.IGNORECASE)
PERHAPS = re.compile(
    r"\bGEE\b|generali[sz]ed estimating|mixed[- ](?:effects? )?model|multi-?level|hierarchical model"
    r"|random (?:effect|intercept)",
    re.IGNORECASE,
)


def level_not_as_printed(row: Row) -> Iterator[Finding]:
    """The printed expression names another level of the interval than the row."""
    named = named_level(row)
    if row["ci_lb"] and row["ci_ub"] and named and named != (figure(row, "ci_level") or USUAL_LEVEL):
        cell = row.get("ci_level")
        so = "" if cell else f", and the interval is read as one of {named:g} %"
        yield (
            "ci_level",
            f'found {cell or "nothing"} where "{named:g} %" is printed with the interval{so}.',
            f"Write {named:g}, or say what else is printed.",
        )


def precision_against_n(row: Row) -> Iterator[Finding]:
    """The standard error of a printed standardised effect or correlation is a quarter off what its n gives."""
    standard_errors = {Statistic.SMD: _of_smd, Statistic.CORRELATION: _of_correlation}.get(Statistic(row["statistic"]))
    both = standard_errors(row) if standard_errors else None
    if both is None:
        return
    printed, of_n = both
    if not 1 / APART <= printed / of_n <= APART:
        why = "clusters or another level of the interval" if printed > of_n else "covariates, or another level or unit"
        found = f"found a standard error of {printed:.3g} as printed, where n gives {of_n:.3g}."
        yield (
            "se" if row["se"] else "ci_ub",
            found,
            f"The printed one is used. Does it allow for {why}? Is n that analysed?",
        )


def _of_smd(row: Row) -> tuple[float, float] | None:
    """Return the printed standard error of a standardised effect and that of its n, or None where one is missing."""
    n_arm1, n_arm2, smd = figure(row, "n_arm1"), figure(row, "n_arm2"), figure(row, "smd")
    printed = _standard_error(row)
    if not parallel(row) or not (n_arm1 and n_arm2 and printed) or smd is None:
        return None
    return printed, math.sqrt(1 / n_arm1 + 1 / n_arm2 + smd**2 / (2 * (n_arm1 + n_arm2)))


def _of_correlation(row: Row) -> tuple[float, float] | None:
    """Return both standard errors of Fisher's z, of the interval or standard error and of n, or None."""
    r, n, se = figure(row, "pearson_r"), figure(row, "n_arm1"), figure(row, "se")
    if r is None or n is None or abs(r) >= 1 or n < FEWEST_CORRELATED:
        return None
    lb, ub = figure(row, "ci_lb"), figure(row, "ci_ub")
    if lb is not None and ub is not None and -1 < lb < ub < 1:
        width = math.atanh(ub) - math.atanh(lb)
        return width / (2 * quantile(math.inf, level_of(row) / 100)), 1 / math.sqrt(n - 3)
    return (se / (1 - r**2), 1 / math.sqrt(n - 3)) if se else None


def _standard_error(row: Row) -> float | None:
    if row["ci_lb"] and row["ci_ub"]:
        width = float(row["ci_ub"]) - float(row["ci_lb"])
        return width / (2 * quantile(math.inf, level_of(row) / 100))
    return figure(row, "se")


def clusters_allowed_for_in_words(row: Row) -> Iterator[Finding]:
    """The printed expression says that the analysis allows for clusters, and the row does not say so."""
    precise = row["statistic"] in EFFECTS and (row["se"] or row["p"] or (row["ci_lb"] and row["ci_ub"]))
    stated = STATED.search(row["as_reported"])
    words = stated or PERHAPS.search(row["as_reported"])
    if words and precise and row["unit_of_allocation"] == Allocation.CLUSTER and not row.get("allows_for_clusters"):
        so = "used as printed" if stated else "corrected for clusters again"
        found = f'found nothing where "{words.group()}" is printed, and the precision is {so}.'
        yield "allows_for_clusters", found, "Write yes if the interval, standard error or p is that of this analysis."


COVARIATES = re.compile(
    r"(?<!un)(?<!not )adjust(?:ed|ing) for|(?<!un)(?<!-)adjusted (?:odds|risk|rate|mean|difference|OR|RR|MD)"
    r"|\bM?ANCOVA\b|controlling for|covariates?\b|\baOR\b|\baRR\b|multivaria(?:ble|te) (?:regression|model)",
    re.IGNORECASE,
)
NO_COVARIATES = re.compile(r"\bunadjusted\b|\bcrude\b|univaria(?:ble|te) (?:regression|model)", re.IGNORECASE)
REPEATED = re.compile(
    r"\bpaired\b|repeated[- ]measures|within[- ]subjects?\b|signed[- ]rank|McNemar"
    r"|mixed[- ](?:effects? )?model|\bMMRM\b",
    re.IGNORECASE,
)
INDEPENDENT = re.compile(
    r"\bunpaired\b|independent(?:[- ]samples?)? t\b|two[- ]sample t\b|Mann[- ]Whitney|rank[- ]sum", re.IGNORECASE
)


def covariates_in_words(row: Row) -> Iterator[Finding]:
    """The printed expression says whether covariates are adjusted for, and the row says otherwise or nothing."""
    text, cell = STATED.sub("", row["as_reported"]), row["adjustment"]
    patterns = {Adjustment.ADJUSTED: COVARIATES, Adjustment.CRUDE: NO_COVARIATES}
    said = {word: match.group() for word, pattern in patterns.items() if (match := pattern.search(text))}
    if said and cell not in said:
        printed = " and ".join(f'"{words}"' for words in said.values())
        found = f"found {cell or 'nothing'} where {printed} is printed."
        yield "adjustment", found, f"Write {' or '.join(said)} if that is said of this figure."


def adjusted_test_of_raw_scores(row: Row) -> Iterator[Finding]:
    """A test that adjusts for covariates is said to be one of raw scores, which divides by a larger SD."""
    tested = row["statistic"] in TESTED and row["adjustment"] == Adjustment.ADJUSTED
    if tested and row["sd_basis"] == SdBasis.RAW:
        ask = "Write residual if the test divides by the SD that the covariates leave (ANCOVA), or unknown."
        yield "sd_basis", "found raw beside an adjusted test.", ask


def repeated_measures_in_words(row: Row) -> Iterator[Finding]:
    """The printed expression names a test of the same or of different people, and the row says otherwise or nothing."""
    text, cell = row["as_reported"], row.get("allows_for_repeated_measures", "")
    same, other = REPEATED.search(text), INDEPENDENT.search(text)
    if same and cell == Stated.NO:
        found = f'found no where "{same.group()}" is printed.'
        yield "allows_for_repeated_measures", found, "Write yes if that is the analysis of this figure."
    elif other and not same and paired(row) and cell != Stated.NO:
        found = f'found {cell or "nothing"} for the same people where "{other.group()}" is printed.'
        yield "allows_for_repeated_measures", found, "Write no if the test took them as different people."


def repeated_measures_of_parallel_groups(row: Row) -> Iterator[Finding]:
    """The analysis of two groups is said to ignore that people were measured more than once."""
    if row.get("allows_for_repeated_measures") == Stated.NO and parallel(row):
        ask = "Was each person measured once? Then empty the cell. If not, the printed precision is too narrow."
        yield "allows_for_repeated_measures", "found no in a contrast of different people.", ask


def fewer_digits_than_printed(row: Row) -> Iterator[Finding]:
    """A figure has fewer digits than the same number in the printed expression, as after a spreadsheet saved it."""
    printed = numbers(row["as_reported"])
    for column in CELLS:
        text = row.get(column, "").lstrip("+-")
        longer = [number for number in printed if same_number(text, number) and decimals(number) > decimals(text)]
        if longer:
            ask = "Write it as it is printed: its last digit says how far it was rounded."
            yield column, f"found {row[column]}, printed as {longer[0]}.", ask


def decimals(number: str) -> int:
    """Return how many digits stand after the decimal point of a number as text."""
    return len(number.partition(".")[2])


def p_of_zero(row: Row) -> Iterator[Finding]:
    """A p is printed as zero, which no test gives: it is below half a unit of its last digit."""
    if row["p"] and float(row["p"]) == 0:
        bound = f"{half_unit(row['p']):g}"
        ask = f"Empty this cell and write {bound} in p_bound: it is a bound, p < {bound}."
        digits = "Look up with how many digits it is printed (.000 is p < .0005), and write the bound in p_bound."
        yield "p", f"found {row['p']}.", ask if decimals(row["p"]) else digits
