"""Figures that no data can give together, and text that was read in the wrong encoding."""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Iterator

from taprev.extraction.plausibility.design import crude, paired
from taprev.extraction.plausibility.query import ExtractedTables, Finding, RowFinding
from taprev.extraction.plausibility.spans import Span, apart, size_span, span
from taprev.extraction.tables import Row, figure, half_unit
from taprev.vocabulary import ScalePart

MOST_SUMS = 20_000
BINARY = re.compile(r"\b(?:binary|dichotom\w+|yes[ /-](?:or[ -]|and[ -])?no|0[ /](?:or )?1)\b", re.IGNORECASE)
"""How a measure says that each answer is 0 or 1; a mean between 0 and 1 alone does not: a mean item has one too."""
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
LOST = "\ufffd"
WORDS = ("measure", "timepoint", "as_reported", "location", "note")


def correlation_of_changes(row: Row) -> Iterator[Finding]:
    """The SDs before, after and of the change leave no correlation between -1 and 1."""
    if not (paired(row) and all(row[name] for name in ("sd_arm1", "sd_arm2", "sd_change_arm1"))):
        return
    after, before, change = (size_span(row[name]) for name in ("sd_arm1", "sd_arm2", "sd_change_arm1"))
    least, most = max(before[0] - after[1], after[0] - before[1], 0.0), before[1] + after[1]
    if change[1] < least or change[0] > most:
        found = f"found an SD of changes of {row['sd_change_arm1']} beside {row['sd_arm2']} and {row['sd_arm1']}."
        yield "sd_change_arm1", found, "It must lie between their difference and their sum. Is one a standard error?"


def sd_of_whole_numbers(row: Row) -> Iterator[Finding]:
    """GRIMMER: no whole-number answers to one item have this mean and this standard deviation."""
    if row["scale_part"] != ScalePart.ITEM:
        return
    for arm in ("arm1", "arm2"):
        n = figure(row, "n_arm1" if paired(row) else f"n_{arm}")
        mean, sd = row[f"mean_{arm}"], row[f"sd_{arm}"]
        if not (mean and sd and n and n > 1) or n * 2 * half_unit(mean) >= 1:
            continue
        if not _whole_numbers_fit(span(mean), size_span(sd), int(n)):
            found = f"found a mean of {mean} and an SD of {sd}, which {n:g} whole numbers cannot have."
            yield f"sd_{arm}", found, "Is the n, the mean or the SD misread, or is the item not in whole numbers?"


def _whole_numbers_fit(mean: tuple[float, float], sd: tuple[float, float], n: int) -> bool:
    """Return whether a sum and a sum of squares of n whole numbers fit; both are odd or both even.

    A sum that no mean leaves open is left to the check of the mean (Brown and Heathers 2017; Anaya 2016).
    """
    sums = range(math.ceil(mean[0] * n - 1e-6), math.floor(mean[1] * n + 1e-6) + 1)
    if len(sums) > MOST_SUMS:
        return True
    for total in sums:
        low, high = (s**2 * (n - 1) + total**2 / n for s in sd)
        first = math.ceil(low - 1e-6)
        first += (first - total) % 2
        if first <= high + 1e-6:
            return True
    return not sums


def sd_of_zero_and_one(row: Row) -> Iterator[Finding]:
    """DEBIT: no answers of yes and no, scored 1 and 0, have this mean and this standard deviation."""
    if not (BINARY.search(row["measure"]) and crude(row)):
        return
    for arm in ("arm1", "arm2"):
        n = figure(row, "n_arm1" if paired(row) else f"n_{arm}")
        mean, sd = row[f"mean_{arm}"], row[f"sd_{arm}"]
        if not (mean and sd and n and n > 1 and n == int(n)) or not 0 <= float(mean) <= 1 or float(sd) > 1:
            continue
        if not _zeros_and_ones_fit(span(mean), size_span(sd), int(n)):
            found = f"found a mean of {mean} and an SD of {sd}, which {n:g} answers of yes and no cannot have."
            yield f"sd_{arm}", found, "Is it a standard error, or the n, the mean or the SD misread?"


def _zeros_and_ones_fit(mean: Span, sd: Span, n: int) -> bool:
    """Return whether some number of ones among n answers gives the mean and the SD, divided by n - 1 or by n.

    SD = sqrt(n / (n - 1) m (1 - m)) where m is the mean (Heathers and Brown 2019, DEBIT, osf.io/5vb3u). Where no count
    gives the mean, the mean may be weighted: every mean that is printed so is tried.
    """
    ones = range(max(0, math.ceil(mean[0] * n - 1e-6)), min(n, math.floor(mean[1] * n + 1e-6)) + 1)
    low, high = (min(max(m, 0.0), 1.0) for m in mean)
    means = [one / n for one in ones] or [low, high, min(max(0.5, low), high)]
    spreads = [math.sqrt(m * (1 - m) * factor) for m in means for factor in (1.0, n / (n - 1))]
    return not apart((min(spreads), max(spreads)), sd)


def n_that_grows(tables: ExtractedTables) -> Iterator[RowFinding]:
    """More people of one sample are measured later than earlier."""
    people = operator.itemgetter("study", "sample", "measure", "contrast", "analysis_set", "report")
    groups: dict[tuple[str, ...], list[tuple[float, Row]]] = {}
    for row in tables.rows:
        months = figure(row, "months")
        if months is not None and not row["arm"]:
            groups.setdefault(people(row), []).append((months, row))
    for group in groups.values():
        ordered = sorted(group, key=lambda item: item[0])
        for (before, earlier), (after, later) in itertools.pairwise(ordered):
            for column in ("n_arm1", "n_arm2"):
                one, two = figure(earlier, column), figure(later, column)
                if after > before and one and two and two > one:
                    found = f"found {later[column]}, where {earlier['result']} has {earlier[column]} people earlier."
                    yield RowFinding(later["result"], later["study"], column, found, "Are the two n exchanged?")


def text_in_another_encoding(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A text holds the signs that appear where UTF-8 was read as another encoding."""
    ask = "Look the word up and write it anew, or save the table as UTF-8."
    for row in tables.rows:
        for column in WORDS:
            if broken := _misread(row[column]):
                found = f'found "{broken}" in "{row[column][:60]}".'
                yield RowFinding(row["result"], row["study"], column, found, ask)
    for study in tables.studies:
        if broken := _misread(study.get("label", "")):
            found = f'found "{broken}" in the label "{study["label"]}" of studies.csv.'
            yield RowFinding("", study["study"], "study", found, ask)


def _misread(text: str) -> str:
    """Return the first signs of a text that are the bytes of UTF-8 read one by one, or whose bytes are lost."""
    for signs in () if text.isascii() else BEYOND_ASCII.findall(text):
        if LOST in signs or any(_is_utf_8(signs, encoding) for encoding in ("cp1252", "latin-1")):
            return signs
    return ""


def _is_utf_8(signs: str, encoding: str) -> bool:
    try:
        signs.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True
