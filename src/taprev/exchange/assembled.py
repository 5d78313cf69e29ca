"""Results by the names of their studies, put together: identifiers, and a row for each study and report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.names import Names
from taprev.exchange.references import DOI
from taprev.exchange.rows import outcome_row, report_row, study_row
from taprev.extraction.tables import Row
from taprev.vocabulary import Read

NAMED = ("study", "result", "report", "domain")


@dataclass(frozen=True)
class NamedResult:
    """A result: the name of its study, its key (such as a row of the file), the name of its domain, and its cells."""

    study: str
    key: str
    domain: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Gathered:
    """Everything of a file by names, before it has identifiers.

    `studies` has what is known of a study beside its name, `reports` the same of its report, `domains` the domain for
    each name that results have, without its identifier. `read` is what the file says of how much of each report was
    read: the figures of a database are another source's account, those of a table of one's own may be of anything.
    """

    format: str
    path: Path
    results: Sequence[NamedResult]
    domains: Mapping[str, ReadDomain]
    studies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    kept: tuple[KeptTable, ...] = ()
    read: Read = Read.SECONDARY


def with_results(gathered: Gathered) -> Gathered:
    """Return what was gathered; ValueError with the reason of each row where no row gives a result."""
    if gathered.results:
        return gathered
    raise ValueError("\n".join([f"{gathered.path}: no row gives a result. Nothing was written.", *gathered.remarks]))


def of_the_same_people(results: Sequence[NamedResult]) -> tuple[str, ...]:
    """Return a remark where a study has several rows of one outcome and one sample."""
    times = Counter((one.study, one.domain, one.cells["sample"]) for one in results)
    several = sum(count > 1 for count in times.values())
    if not several:
        return ()
    return (
        f"Studies with several rows: {several}; these are taken as results of the same people. Where they are of "
        "different people, name these in a column sample.",
    )


class Identifiers:
    """Identifiers of studies, reports, results and domains, the same wherever the same name stands."""

    def __init__(self) -> None:
        self.studies, self.reports = Names("study"), Names("report")
        self.results, self.domains = Names("result"), Names("outcome")

    def row(self, one: NamedResult) -> Row:
        """Return the row of outcomes.csv of a result."""
        cells = {name: value for name, value in one.cells.items() if name not in NAMED}
        typed = one.cells.get("result", "")
        return outcome_row(
            self.results.name(one.key, typed or f"{one.study} {one.cells.get('measure', '')}"),
            self.studies.name(one.study, one.study),
            self.reports.name(one.study, one.study),
            self.domains.name(one.domain, one.domain),
            **cells,
        )


def assembled(gathered: Gathered, ids: Identifiers | None = None) -> Imported:
    """Return what was gathered with identifiers, and a row for each study and report."""
    ids = ids or Identifiers()
    rows = tuple(ids.row(one) for one in gathered.results)
    names = list(dict.fromkeys([*gathered.studies, *(one.study for one in gathered.results)]))
    known: defaultdict[str, Mapping[str, str]] = defaultdict(dict, gathered.studies)
    cited: defaultdict[str, Mapping[str, str]] = defaultdict(dict, gathered.reports)
    used = dict.fromkeys(one.domain for one in gathered.results)
    domains = (
        ReadDomain(ids.domains.name(name, name), one.label, one.scale, one.unit, one.event, one.measure)
        for name in used
        if (one := gathered.domains.get(name) or ReadDomain(name, name))
    )
    return Imported(
        format=gathered.format,
        tables={
            "studies": tuple(_study(ids, name, known[name]) for name in names),
            "reports": tuple(_report(ids, name, known[name], cited[name], gathered) for name in names),
            "outcomes": rows,
        },
        domains=tuple(domains),
        remarks=gathered.remarks,
        kept=tuple(table for table in gathered.kept if table.rows),
    )


def _study(ids: Identifiers, name: str, known: Mapping[str, str]) -> Row:
    cells = {column: value for column, value in known.items() if column not in ("study", "label")}
    return study_row(ids.studies.name(name, name), known.get("label") or name, **cells)


def _report(ids: Identifiers, name: str, study: Mapping[str, str], known: Mapping[str, str], of: Gathered) -> Row:
    doi = DOI.search(known.get("doi", "") or known.get("citation", ""))
    cells = {column: value for column, value in known.items() if column not in ("report", "study", "citation", "doi")}
    return report_row(
        ids.reports.name(name, name),
        ids.studies.name(name, name),
        known.get("citation") or study.get("label") or name,
        cells.pop("read_in", "") or f"the file {of.path.name}",
        **{"year": study.get("year", ""), "read": of.read, **cells, "doi": doi[0].rstrip(".,;") if doi else ""},
    )
