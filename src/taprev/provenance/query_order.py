"""What the figure of each query moves, so that the queries of the numbers that depend on one most are read first.

A row moves a headline pool by |estimate without the row − estimate| / SE of the estimate, on the scale of the analysis.
The numbers without a row are those of the traces; nothing is pooled anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.tables import Row
from taprev.ground.files import csv_text
from taprev.provenance.trace.results import DomainTrace, ResultEvidence, read_trace
from taprev.synthesis.results import Synthesis, read_synthesis

MOVES, CONSEQUENCE = "moves", "consequence"
NOT_COMPUTED = "not computed yet"
IN_NO_POOL = "in no pool"
FIRST = 10


@dataclass(frozen=True)
class Moved:
    """How far a headline moves without a row, in standard errors; infinite where nothing is left to pool."""

    heading: str
    by: float

    def sentence(self) -> str:
        """Say which number moves, and how far."""
        if math.isinf(self.by):
            return f"{self.heading}: nothing is pooled without it"
        return f"{self.heading}: {self.by:.2f} standard errors without it"


def read_moved(traces: Path, synthesis: Path, domains: Iterable[str]) -> dict[str, Moved | None]:
    """Return what each result, and each study by its results, moves most; None where it is in no pool.

    A domain whose trace is missing, or is of another synthesis, is left out.
    """
    moved: dict[str, Moved | None] = {}
    for name in domains:
        trace, content = traces / f"{name}.json", synthesis / f"{name}.json"
        if trace.is_file() and content.is_file():
            for key, one in moved_by(read_trace(trace), read_synthesis(content)).items():
                moved[key] = _further(moved.get(key), one)
    return moved


def moved_by(trace: DomainTrace, content: Synthesis) -> dict[str, Moved | None]:
    """Return what each result of a domain, and each of its studies, moves most."""
    if trace.seal != content.seal:
        return {}
    errors = {stratum.name: stratum.fit.se for stratum in content.strata if stratum.fit}
    moved: dict[str, Moved | None] = {}
    for evidence in trace.results.values():
        most = _most(evidence, errors, content.label)
        moved[evidence.result] = most
        moved[evidence.study] = _further(moved.get(evidence.study), most)
    return moved


def _most(evidence: ResultEvidence, errors: Mapping[str, float], domain: str) -> Moved | None:
    most = None
    for touch in evidence.touches:
        if touch.sensitivity or touch.stratum not in errors:
            continue
        without = touch.without.estimate
        by = math.inf if without is None else abs(without - touch.estimate) / errors[touch.stratum]
        most = _further(most, Moved(f"{domain}, {touch.label}", by))
    return most


def _further(one: Moved | None, other: Moved | None) -> Moved | None:
    return max((moved for moved in (one, other) if moved), key=lambda moved: moved.by, default=None)


def by_consequence(queries: Iterable[Row], moved: Mapping[str, Moved | None]) -> list[Row]:
    """Return the queries with what they move, the open ones first, in each part those that move a number most first.

    `moves` is in standard errors, `inf` where nothing is pooled without the row, and empty where it moves no number.
    """
    told = [query | _told(query["result"] or query["study"], moved) for query in queries]
    return sorted(told, key=lambda query: (bool(query["answer"]), -float(query[MOVES] or -1)))


def _told(key: str, moved: Mapping[str, Moved | None]) -> Row:
    if key not in moved:
        return {MOVES: "", CONSEQUENCE: NOT_COMPUTED}
    one = moved[key]
    return {MOVES: str(one.by), CONSEQUENCE: one.sentence()} if one else {MOVES: "", CONSEQUENCE: IN_NO_POOL}


def ordered_csv(queries: list[Row], columns: Iterable[str]) -> str:
    """Return ordered queries as CSV: the columns of a query, and before its reason what it moves."""
    *asked, reason = columns
    header = [*asked, MOVES, CONSEQUENCE, reason]
    return csv_text(header, ([query[name] for name in header] for query in queries))


def open_in_lines(queries: list[Row]) -> list[str]:
    """Return the open queries that come first, a line each, and how many more are open, or that there is none."""
    still = [query for query in queries if not query["answer"]]
    lines = [
        f"{query['result'] or query['study']}, {query['check'].replace('_', ' ')} ({query[CONSEQUENCE]}): "
        f"{query['found']} {query['ask']}"
        for query in still[:FIRST]
    ]
    more = len(still) - FIRST
    if not still:
        return [f"No query is open; {len(queries)} answered." if queries else "There is no query."]
    return [*lines, f"{more} more queries are open."] if more > 0 else lines
