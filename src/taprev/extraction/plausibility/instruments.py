"""Figures against the instrument that they are scores of: its range, its usual SD, and which way is better.

`instruments.csv` holds the total scores of instruments that are often used, with the range that each publication
gives, and where a publication was read that prints one, an SD. An SD differs by who is asked, so that only one of
another order of size is asked about; where none was read, nothing is.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from taprev.extraction.plausibility.design import crude
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.tables import Row, figure
from taprev.vocabulary import Better, ScalePart, SdBasis, Statistic

RECODED = re.compile(r"recoded|reversed|inverted|percent|%|t[- ]score|z[- ]score|mean item|item mean", re.IGNORECASE)
TABLE = Path(__file__).with_name("instruments.csv")
OF_SCORES = (Statistic.MEANS, Statistic.MEDIANS)
LOCATIONS = ("mean_arm1", "mean_arm2", "median_arm1", "median_arm2")
SPREADS = ("sd_arm1", "sd_arm2")
TIMES_USUAL = 3.0


@dataclass(frozen=True)
class ScoreRange:
    """An instrument: how a measure names it, the least and the greatest total, which way is better, and who says so.

    `usual_sd` is an SD of the total in a published sample, `sd_source` that publication; None where none was read.
    """

    name: str
    pattern: str
    low: float
    high: float
    better: Better
    source: str
    usual_sd: float | None
    sd_source: str


@cache
def instruments() -> tuple[ScoreRange, ...]:
    """Return the table of instruments, `instruments.csv` beside this module."""
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return tuple(
            ScoreRange(
                row["instrument"],
                row["pattern"],
                float(row["lowest"]),
                float(row["highest"]),
                Better(row["better"]),
                row["source"],
                float(row["usual_sd"]) if row["usual_sd"] else None,
                row["sd_source"],
            )
            for row in csv.DictReader(handle)
        )


def instrument_of(row: Row) -> ScoreRange | None:
    """Return the one instrument that a measure names with its total in points, or None."""
    measure = row["measure"]
    if RECODED.search(measure) or row["scale_part"] in (ScalePart.SUBSCALE, ScalePart.ITEM):
        return None
    named = [one for one in instruments() if re.search(rf"(?<![\w-]){one.pattern}(?![\w-])", measure, re.IGNORECASE)]
    return named[0] if len(named) == 1 else None


def score_outside_instrument(row: Row) -> Iterator[Finding]:
    """A mean, median or standard deviation lies outside what the named instrument can give."""
    one = instrument_of(row)
    if one is None or row["statistic"] not in OF_SCORES or row["sd_basis"] == SdBasis.CHANGE:
        return
    ask = f"Is it a total, a subscale or a percentage ({one.source})? Name it so, or correct the figure."
    for column in LOCATIONS:
        value = figure(row, column)
        if value is not None and not one.low <= value <= one.high:
            yield column, f"found {row[column]}, where {one.name} runs from {one.low:g} to {one.high:g}.", ask
    for column in SPREADS:
        value, n = figure(row, column), figure(row, f"n_{column[3:]}")
        most = (one.high - one.low) / 2 * math.sqrt(n / (n - 1) if n and n > 1 else 2.0)
        if value is not None and value > most:
            yield column, f"found an SD of {row[column]}, where {one.name} allows {most:.3g} at most.", ask


def sd_unusual_for_instrument(row: Row) -> Iterator[Finding]:
    """A standard deviation is above three times that of a published sample of the instrument, or below a third."""
    one = instrument_of(row)
    if one is None or one.usual_sd is None or row["statistic"] != Statistic.MEANS or not crude(row):
        return
    for column in SPREADS:
        value = figure(row, column)
        if value and not one.usual_sd / TIMES_USUAL <= value <= one.usual_sd * TIMES_USUAL:
            found = f"found an SD of {row[column]}, where {one.usual_sd:g} is printed for {one.name} ({one.sd_source})."
            yield column, found, "Is it a standard error, the SD of a mean item, or that of people who are much alike?"


def better_against_instrument(row: Row) -> Iterator[Finding]:
    """The row calls the other way better than the named instrument does."""
    one = instrument_of(row)
    if one and row["better"] and row["better"] != one.better:
        found = f'found "{row["better"]}", where {one.better} scores of {one.name} are better.'
        yield "better", found, f"Was it recoded ({one.source})? Say so in the measure, or turn the cell."
