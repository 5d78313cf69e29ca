"""People who may be counted twice or belong elsewhere: samples of one size, figures of another study, other people."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from functools import cache
from operator import itemgetter

from taprev.extraction.plausibility.across import FEWEST_FIGURES, figures_in, filled, grouped
from taprev.extraction.plausibility.expression import FIGURES
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.tables import Row
from taprev.vocabulary import WITH_COMPARATOR

TELLING = 7
"""As many significant digits that agree are no chance among the few hundred rows of a review."""
FEWEST_OTHERS = 2
WITH_TOTALS = (*FIGURES, "totaln_arm1", "totaln_arm2")


def two_samples_of_one_size(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two samples of one report have one n and one contrast, as when one sample was given two names.

    Comparators of one n are asked about by a check of their own.
    """
    cells = itemgetter("study", "report", "contrast", "arm", "n_arm1", "n_arm2")

    def key(row: Row) -> Hashable:
        asked_otherwise = row["contrast"] in WITH_COMPARATOR and row["n_arm2"]
        return not asked_otherwise and row["n_arm1"] and cells(row)

    for group in grouped(tables.rows, key):
        samples = Counter(row["sample"] for row in group)
        if len(samples) > 1:
            *_, rarest = samples.most_common()
            row = next(row for row in group if row["sample"] == rarest[0])
            others = ", ".join(f'"{name}"' for name in samples if name != row["sample"])
            sizes = " and ".join(row[name] for name in ("n_arm1", "n_arm2") if row[name])
            found = f'found sample "{row["sample"]}" of {sizes} people, beside {others} of as many in the same report.'
            yield RowFinding(row["result"], row["study"], "sample", found, "Are they the same people? Then one name.")


def digits_of_n_exchanged(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The n of a row has the digits of that of most other rows of its people, in another order."""
    people: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in tables.rows:
        people[row["study"], row["sample"], row["contrast"]].append(row)
    for rows in people.values():
        for column in ("n_arm1", "n_arm2"):
            counted = Counter(row[column] for row in rows if row[column])
            if len(counted) == 1:
                continue
            usual = {"".join(sorted(n)): n for n, many in counted.items() if many >= FEWEST_OTHERS}
            for row in (row for row in rows if counted[row[column]] == 1):
                other = usual.get("".join(sorted(row[column])), row[column])
                if other != row[column]:
                    found = f"found {row[column]}, where {counted[other]} other rows of these people have {other}."
                    yield RowFinding(row["result"], row["study"], column, found, "Did a digit slip?")


def unmatched_samples_of_one_size(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Before and after are said to be different people, and there are as many of them before as after."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in tables.rows:
        if row["pairing"] == "unmatched" and row["n_arm1"] and row["n_arm1"] == row["n_arm2"]:
            groups[row["study"], row["sample"], row["n_arm1"]].append(row)
    for (study, _, n), rows in groups.items():
        found = f"found {n} people before and {n} after who are said to be others."
        yield RowFinding(rows[0]["result"], study, "pairing", found, "Are they the same people, measured twice?")


def population_of_another_domain(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The people of one row are not those of its domain, and are those of another domain of the review."""
    domains: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tables.rows:
        domains[row["domain"]][row["population"]] += 1
    usual = {domain: counted.most_common(1)[0] for domain, counted in domains.items()}
    of_a_domain = {word for word, _ in usual.values()}
    for row in tables.rows:
        people, (here, many) = row["population"], usual[row["domain"]]
        alone = people != here and domains[row["domain"]][people] == 1
        if alone and many >= FEWEST_OTHERS and people in of_a_domain:
            found = f'found "{people}", where {many} other rows of {row["domain"]} have "{here}".'
            yield RowFinding(
                row["result"], row["study"], "population", found, "Whose outcome is it? Or another domain?"
            )


def figures_of_another_study(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A few figures with many digits agree with a row of another study, as when a study has two names."""

    def key(row: Row) -> Hashable:
        figures = figures_in(row, WITH_TOTALS)
        few = filled(figures) <= FEWEST_FIGURES
        return figures if few and sum(map(_digits, figures)) >= TELLING else None

    for group in grouped(tables.rows, key):
        studies = dict.fromkeys(row["study"] for row in group)
        if len(studies) > 1:
            first = group[0]
            other = next(row for row in group if row["study"] != first["study"])
            found = f"found the figures of {other['result']} of {other['study']}, all of them."
            yield RowFinding(first["result"], first["study"], "study", found, "Is it one study under two names?")


@cache
def _digits(text: str) -> int:
    return len(re.sub(r"^[-+]?0*\.?0*|\.|[eE].*$", "", text))
