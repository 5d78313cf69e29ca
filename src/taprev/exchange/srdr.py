"""The XLSX export of SRDR+: a row for each extraction, and a column for each measure of each arm.

A head says outcome, population, kind of result, time, arm and measure, and beneath them the identifiers of SRDR+. The
consolidated row of a study is its consensus; the rows of several people are forms. Descriptive statistics of two arms
become results; other kinds of results are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, Identifiers, NamedResult, assembled
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.received import ReceivedFile
from taprev.exchange.rows import whole
from taprev.exchange.tabular import SourceTable, read_table, sheet_headers
from taprev.extraction.forms import IN_ORDER
from taprev.extraction.tables import Row
from taprev.vocabulary import RatioKind, Statistic

NAME = "SRDR+ export"
EXTRACTION, CONSOLIDATED, USER, CITATION = "Extraction ID", "Consolidated", "Username", "Citation Name"
MACHINE = re.compile(r"\[Outcome ID: *\d+\]", re.IGNORECASE)
BEHIND = re.compile(r"[\r\n]|\[Outcome", re.IGNORECASE)
DESCRIPTIVE = "descriptive statistics"
COMPARATORS = re.compile(
    r"control|placebo|usual|wait|sham|no (?:treatment|intervention)|comparator|TAU\b", re.IGNORECASE
)
MEASURES = (
    (re.compile(r"^mean\b", re.I), "mean"),
    (re.compile(r"^(?:sd\b|standard deviation)", re.I), "sd"),
    (re.compile(r"^(?:events?|cases|counts?)\b|with event", re.I), "event"),
    (re.compile(r"^(?:total|n\b|number)", re.I), "n"),
)


@dataclass(frozen=True)
class MeasureHead:
    """What a head of SRDR+ says."""

    column: str
    outcome: str
    population: str
    kind: str
    time: str
    arm: str
    measure: str

    @property
    def result(self) -> tuple[str, str, str]:
        """What tells the result from others of its study."""
        return self.outcome, self.population, self.time


def is_srdr(file: ReceivedFile) -> bool:
    """Return whether a sheet of an XLSX file has the columns that SRDR+ puts before the measures."""
    if not file.sheet:
        return False
    try:
        return _sheet(file.path) is not None
    except ValueError:
        return False


def _sheet(path: Path) -> str | None:
    """Return the name of the first sheet with extractions and measures, or None."""
    for name, header in sheet_headers(path).items():
        if {EXTRACTION, CONSOLIDATED} <= set(header) and any(MACHINE.search(head) for head in header):
            return name
    return None


def read_srdr(path: Path, answers: Answers) -> Imported:
    """Return the results of an export; ValueError where it has none, or does not tell which arm is the comparator."""
    if (name := _sheet(path)) is None:
        raise ValueError(f"{path}: no sheet has the columns {EXTRACTION} and {CONSOLIDATED} and measures of outcomes.")
    table = read_table(path, name)
    heads = [head for name in table.header if (head := measure_head(name))]
    used = [head for head in heads if head.kind.casefold() == DESCRIPTIVE]
    comparator = _comparator(path, used, answers)
    ids = Identifiers()
    by_form: dict[str, list[NamedResult]] = {}
    people: dict[str, list[str]] = {}
    for _, row in table.rows:
        people.setdefault(row[CITATION], []).extend([row[USER]] if not _consolidated(row) else [])
    for _, row in table.rows:
        own = sorted(dict.fromkeys(people[row[CITATION]]))
        if len(own) > len(IN_ORDER):
            raise ValueError(f"{path}: {row[CITATION]} has {len(own)} extractors; at most {len(IN_ORDER)} are read.")
        form = "" if _consolidated(row) else IN_ORDER[own.index(row[USER])]
        by_form.setdefault(form, []).extend(_results(row, used, comparator, path))
    every = [one for results in by_form.values() for one in results]
    events = {one.domain for one in every if one.cells["statistic"] == Statistic.EVENTS}
    made = assembled(
        Gathered(
            format=NAME,
            path=path,
            results=every,
            domains={one.domain: ReadDomain(one.domain, one.domain, event=one.domain in events) for one in every},
            studies={row[CITATION]: {} for _, row in table.rows},
            reports={row[CITATION]: _report(row) for _, row in table.rows},
            remarks=(*table.remarks, f"Arm 2, the comparator, is {comparator}."),
            kept=(_left(table, used),),
        ),
        ids,
    )
    forms = {form: tuple(ids.row(one) for one in results) for form, results in by_form.items() if form}
    if len(forms) < 2:
        return made
    outcomes = tuple(ids.row(one) for one in by_form.get("", []))
    return replace(made, tables={**made.tables, "outcomes": outcomes}, forms=forms)


def _consolidated(row: Row) -> bool:
    return row[CONSOLIDATED].casefold() in ("true", "1", "yes")


def measure_head(column: str) -> MeasureHead | None:
    """Return what a head says, or None where it is no measure of an outcome."""
    if not MACHINE.search(column):
        return None
    words = BEHIND.split(column)[0].strip()
    parts = [part.strip() for part in re.split(r"\s-\s", words)]
    if len(parts) < 6:
        return None
    outcome = " - ".join(parts[: len(parts) - 5])
    return MeasureHead(column, outcome, *parts[len(parts) - 5 :])


def _comparator(path: Path, heads: Sequence[MeasureHead], answers: Answers) -> str:
    """Return the arm that is the comparator: the one that the answers name, or the only one whose name says so."""
    arms = list(dict.fromkeys(head.arm for head in heads))
    named = [arm for arm in arms if arm == answers.comparator] or [arm for arm in arms if COMPARATORS.search(arm)]
    if len(named) != 1:
        raise ValueError(
            f"{path}: which arm is the comparator? The arms are {', '.join(arms) or 'not there'}. Write it as "
            "comparator: NAME in the file of --map."
        )
    return named[0]


def _results(row: Row, heads: Sequence[MeasureHead], comparator: str, path: Path) -> Iterator[NamedResult]:
    for result in dict.fromkeys(head.result for head in heads):
        own = [head for head in heads if head.result == result and row[head.column]]
        arms = list(dict.fromkeys(head.arm for head in own if head.arm != comparator))
        for arm in arms:
            figures = {
                f"{name}_{place}": row[head.column]
                for head in own
                for place, wanted in (("arm1", arm), ("arm2", comparator))
                if head.arm == wanted and (name := _measure(head.measure))
            }
            if cells := _cells(figures):
                outcome, population, time = result
                told = {"measure": outcome, "timepoint": time, "group_arm1": arm, "group_arm2": comparator}
                told |= {"note": f"Population: {population}", "location": f"{path.name}, {outcome}, {time}"}
                key = f"{row[CITATION]} {result} {arm}"
                sample = {"sample": _sample(arm)} if len(arms) > 1 else {}
                yield NamedResult(row[CITATION], key, outcome, {**cells, **told, **sample})


def _sample(arm: str) -> str:
    from taprev.exchange.names import plain

    return plain(arm, "sample")


def _measure(typed: str) -> str:
    return next((name for pattern, name in MEASURES if pattern.search(typed)), "")


def _cells(figures: dict[str, str]) -> dict[str, str] | None:
    people = {f"n_{arm}": whole(figures.get(f"n_{arm}", "")) for arm in ("arm1", "arm2")}
    if not all(people.values()):
        return None
    means = [f"{name}_{arm}" for name in ("mean", "sd") for arm in ("arm1", "arm2")]
    if all(figures.get(name) for name in means):
        return {"statistic": Statistic.MEANS, **{name: figures[name] for name in means}, **people}
    events = {f"event_{arm}": whole(figures.get(f"event_{arm}", "")) for arm in ("arm1", "arm2")}
    if all(events.values()):
        totals = {f"totaln_{arm}": people[f"n_{arm}"] for arm in ("arm1", "arm2")}
        return {"statistic": Statistic.EVENTS, "ratio_kind": RatioKind.RISK, **events, **totals, **people}
    return None


def _report(row: Row) -> dict[str, str]:
    parts = (row.get("Authors", ""), row.get("Citation Name", ""), row.get("Publication Date", ""))
    pmid = row.get("PMID", "")
    address = {"source_url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"} if pmid.isdecimal() else {}
    return {"citation": ". ".join(filter(None, parts)), **address}


def _left(table: SourceTable, used: Sequence[MeasureHead]) -> KeptTable:
    known = {head.column for head in used} | {CITATION, "Authors", "Publication Date", "PMID"}
    left = [name for name in table.header if name not in known and any(row[name] for _, row in table.rows)]
    rows = tuple((str(number), *(row[name] for name in left)) for number, row in table.rows) if left else ()
    return KeptTable("columns", ("row", *left), rows, "columns without a place in the tables")
