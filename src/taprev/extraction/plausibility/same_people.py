"""People who may be counted twice or belong elsewhere: samples of one size, studies that look alike, other people."""

from __future__ import annotations

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from itertools import combinations

from taprev.extraction.plausibility.across import FEWEST_FIGURES, grouped
from taprev.extraction.plausibility.expression import CELLS
from taprev.extraction.plausibility.query import ExtractedTables, Finding, RowFinding
from taprev.extraction.plausibility.sources import address
from taprev.extraction.tables import Row, figure
from taprev.vocabulary import WITH_COMPARATOR

TELLING = 7
"""As many significant digits that agree are no chance among the few hundred rows of a review."""
SHARED_WORDS = 0.8
FEWEST_WORDS = 6
FEWEST_OTHERS = 2
AMISS = 0.25
"""How far people may lie from clusters times their size: some are not analysed, and sizes are means."""
FIGURES = (*CELLS, "n_arm1", "n_arm2", "totaln_arm1", "totaln_arm2")
WORD = re.compile(r"[a-z]{3,}")


def two_samples_of_one_size(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two samples of one report have one n and one contrast, as when one sample was given two names.

    Comparators of one n are asked about by a check of their own.
    """

    def key(row: Row) -> Hashable:
        asked_otherwise = row["contrast"] in WITH_COMPARATOR and row["n_arm2"]
        sizes = ("study", "report", "contrast", "arm", "n_arm1", "n_arm2")
        return not asked_otherwise and row["n_arm1"] and tuple(row[name] for name in sizes)

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
        people[tuple(row[name] for name in ("study", "sample", "contrast"))].append(row)
    for rows in people.values():
        for column in ("n_arm1", "n_arm2"):
            counted = Counter(row[column] for row in rows if row[column])
            usual = {"".join(sorted(n)): n for n, many in counted.items() if many >= FEWEST_OTHERS}
            for row in rows:
                other = usual.get("".join(sorted(row[column])), row[column])
                if counted[row[column]] == 1 and other != row[column]:
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
    for row in tables.rows:
        people, (here, many) = row["population"], usual[row["domain"]]
        elsewhere = [domain for domain, (word, _) in usual.items() if word == people]
        if people != here and domains[row["domain"]][people] == 1 and many >= FEWEST_OTHERS and elsewhere:
            found = f'found "{people}", where {many} other rows of {row["domain"]} have "{here}".'
            yield RowFinding(
                row["result"], row["study"], "population", found, "Whose outcome is it? Or another domain?"
            )


def figures_of_another_study(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A few figures with many digits agree with a row of another study, as when a study has two names."""

    def key(row: Row) -> Hashable:
        figures = tuple(row.get(name, "") for name in FIGURES)
        few = sum(map(bool, figures)) <= FEWEST_FIGURES
        return figures if few and sum(map(_digits, figures)) >= TELLING else None

    for group in grouped(tables.rows, key):
        studies = dict.fromkeys(row["study"] for row in group)
        if len(studies) > 1:
            first = group[0]
            other = next(row for row in group if row["study"] != first["study"])
            found = f"found the figures of {other['result']} of {other['study']}, all of them."
            yield RowFinding(first["result"], first["study"], "study", found, "Is it one study under two names?")


def _digits(text: str) -> int:
    return len(re.sub(r"^[-+]?0*\.?0*|\.|[eE].*$", "", text))


def studies_cited_alike(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The citations of two studies share most of their words, as when a study was entered twice under two names."""
    cited = [(report, frozenset(WORD.findall(report["citation"].lower()))) for report in tables.reports]
    cited = [(report, words) for report, words in cited if len(words) >= FEWEST_WORDS]
    by_word: dict[str, list[int]] = defaultdict(list)
    for place, (_, words) in enumerate(cited):
        for word in words:
            by_word[word].append(place)
    rare = {word: places for word, places in by_word.items() if 1 < len(places) <= 20}
    alike: dict[str, dict[str, float]] = defaultdict(dict)
    named: set[str] = set()
    for one, other in sorted({pair for places in rare.values() for pair in combinations(places, 2)}):
        (first, words), (second, others) = cited[one], cited[other]
        shared = len(words & others) / len(words | others)
        apart = first["study"] != second["study"] and first["year"] == second["year"] and not _one_source(first, second)
        if apart and shared >= SHARED_WORDS and first["study"] not in named:
            alike[first["study"]][second["report"]] = shared
            named.add(second["study"])
    years = {report["study"]: report["year"] for report, _ in cited}
    for study, by_report in alike.items():
        least = f"{min(by_report.values()):.0%}{' or more' if len(by_report) > 1 else ''}"
        found = f"found a citation of {years[study]} that shares {least} of its words with {', '.join(by_report)}."
        yield RowFinding("", study, "citation", found, "Is it one study under two names?")


def _one_source(one: Row, other: Row) -> bool:
    """Return whether two reports have one DOI or address, which `one_source_two_studies` asks about."""
    return any(one[name] and address(one[name]) == address(other[name]) for name in ("doi", "source_url"))


def year_to_come(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The year of a study or a report has not come yet."""
    today = datetime.date.today().year
    for row in (*tables.studies, *tables.reports):
        if row["year"] and int(row["year"]) > today:
            named = row.get("report") or row["study"]
            yield RowFinding("", row["study"], "year", f"found {row['year']} for {named}.", "Which year is meant?")


def n_against_clusters(row: Row) -> Iterator[Finding]:
    """The n of an arm is far from the number of its clusters times their size."""
    size = figure(row, "cluster_size")
    for arm in ("arm1", "arm2"):
        n, clusters = figure(row, f"n_{arm}"), figure(row, f"n_clusters_{arm}")
        if n and clusters and size and abs(n - clusters * size) > AMISS * clusters * size:
            found = f"found {n:g} people in {clusters:g} clusters of {size:g}, which are about {clusters * size:g}."
            yield f"n_{arm}", found, "Is it the n of people, of one cluster, or of those analysed?"
            return


def allocation_without_clusters(row: Row) -> Iterator[Finding]:
    """There are as many people in an arm as clusters, or fewer."""
    for arm in ("arm1", "arm2"):
        n, clusters = figure(row, f"n_{arm}"), figure(row, f"n_clusters_{arm}")
        if row["contrast"] in WITH_COMPARATOR and n and clusters and n <= clusters:
            found = f"found {n:g} people in {clusters:g} clusters."
            yield f"n_{arm}", found, "Are clusters counted here, and not people?"
            return
