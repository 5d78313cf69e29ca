"""Studies, reports and dates: one source under two studies, one result in two reports, years that cannot be."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from operator import itemgetter

from taprev.extraction.plausibility.across import grouped
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.tables import Row

SHARED_WORDS = 0.8
FEWEST_WORDS = 6
WORD = re.compile(r"[a-z]{3,}")
YEAR = re.compile(r"(?<![\d./:-])(19\d\d|20\d\d)(?![\d/:])")


def one_source_two_studies(tables: ExtractedTables) -> Iterator[RowFinding]:
    """One report, by its DOI or its address, stands under two studies, which may be one."""
    seen: set[tuple[str, ...]] = set()
    for column in ("doi", "source_url"):
        for group in grouped(tables.reports, partial(_address_in, column)):
            studies = tuple(sorted({report["study"] for report in group}))
            if len(studies) > 1 and studies not in seen:
                seen.add(studies)
                found = f"found {group[0][column]} for {', '.join(studies)}."
                yield RowFinding("", studies[0], column, found, "Is it one study, or a report of several?")


def _address_in(column: str, report: Row) -> str:
    return _address(report[column])


def _address(text: str) -> str:
    """Return a DOI or an address as it is compared, without its protocol and in small letters."""
    return re.sub(r"^https?://(www\.)?", "", text.strip().lower()).rstrip("/")


def overlapping_reports(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two reports of one study print the same measure at the same time."""
    cells = itemgetter("study", "sample", "domain", "measure", "timepoint")

    def key(row: Row) -> tuple[str, ...]:
        return tuple(map(str.lower, map(str.strip, cells(row))))

    for group in grouped(tables.rows, key):
        reports = sorted({row["report"] for row in group})
        if len(reports) > 1:
            found = f"found one measure at one time in {', '.join(reports)}."
            yield RowFinding(group[0]["result"], group[0]["study"], "report", found, "Which report is to be used?")


def year_against_citation(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The year of a report is not among the years of its citation."""
    for report in tables.reports:
        years = YEAR.findall(report["citation"])
        if report["year"] and years and report["year"] not in years:
            found = f"found {report['year']}, where the citation of {report['report']} prints {', '.join(years)}."
            yield RowFinding("", report["study"], "year", found, "Correct the year or the citation.")


def report_before_study(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A report is older than the first report of its study."""
    first = {study["study"]: study["year"] for study in tables.studies}
    for report in tables.reports:
        year = first.get(report["study"], "")
        if year and report["year"] and int(report["year"]) < int(year):
            found = f"found {year} as the year of the study, where {report['report']} is of {report['year']}."
            yield RowFinding("", report["study"], "year", found, "The year of a study is that of its first report.")


def measured_after_the_report(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A time point lies in a year after the year of its report."""
    printed = {report["report"]: report["year"] for report in tables.reports}
    for row in tables.rows:
        year = printed.get(row["report"], "")
        late = [named for named in YEAR.findall(row["timepoint"]) if year and int(named) > int(year)]
        if late:
            found = f'found {late[0]} in "{row["timepoint"]}", after the report of {year}.'
            yield RowFinding(row["result"], row["study"], "timepoint", found, "Which of the two years is right?")


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
    return any(one[name] and _address(one[name]) == _address(other[name]) for name in ("doi", "source_url"))


def year_to_come(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The year of a study or a report has not come yet."""
    today = datetime.date.today().year
    for row in (*tables.studies, *tables.reports):
        if row["year"] and int(row["year"]) > today:
            named = row.get("report") or row["study"]
            yield RowFinding("", row["study"], "year", f"found {row['year']} for {named}.", "Which year is meant?")
