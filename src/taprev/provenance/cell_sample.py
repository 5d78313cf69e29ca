"""A random sample of extracted cells for a person who holds the sources, and the sheet that the person fills in."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from taprev.ground.files import csv_text
from taprev.provenance.trace.results import CellHistory, DomainTrace, ResultEvidence
from taprev.vocabulary import CellRole, Fate

NAME = "verification"
HEADER = (
    "result",
    "column",
    "value",
    "part",
    "study",
    "measure",
    "timepoint",
    "citation",
    "address",
    "location",
    "page",
    "means",
    "verdict",
    "printed",
    "checked_by",
    "checked_on",
    "note",
)
POOLED, OTHER = "pooled", "other"
SHARE_POOLED = 2 / 3
"""The part of a sample that is drawn from results behind a pooled number, where there are enough."""
WEIGHED = (CellRole.FIGURE, CellRole.DECIDES)
OF_THE_REVIEW = frozenset({"study", "sample", "report", "domain", "statistic", "assumes"})
"""Columns that the review fills in by its own words; no source prints them."""


@dataclass(frozen=True)
class SampledCell:
    """A cell of the consensus, the result that it belongs to, and what its column means."""

    evidence: ResultEvidence
    cell: CellHistory
    means: str

    @property
    def part(self) -> str:
        """Whether the result is pooled."""
        return POOLED if self.evidence.fate == Fate.POOLED else OTHER

    def row(self) -> list[str]:
        """Return its row of the sheet; what the person fills in is empty."""
        source = self.evidence.source
        return [
            self.evidence.result,
            self.cell.column,
            self.cell.value,
            self.part,
            self.evidence.study,
            self.evidence.outcome,
            self.evidence.timepoint,
            source.get("citation", ""),
            source.get("source_url", ""),
            source.get("location", ""),
            source.get("page", ""),
            self.means,
            *[""] * 5,
        ]


def every_cell(traces: Iterable[DomainTrace]) -> Iterator[SampledCell]:
    """Yield every filled cell that stands in a formula or steers it, and that a source can show."""
    for trace in traces:
        for evidence in trace.results.values():
            for cell in evidence.cells:
                if cell.role in WEIGHED and cell.value and cell.column not in OF_THE_REVIEW:
                    yield SampledCell(evidence, cell, trace.columns.get(cell.column, ""))


def drawn(traces: Iterable[DomainTrace], cells: int, seed: int) -> list[SampledCell]:
    """Return a random sample of cells, two thirds of it from pooled results, in the order of the results.

    Parameters
    ----------
    traces : iterable of DomainTrace
    cells : int
        How many; all of a part where it has fewer.
    seed : int
        The same seed draws the same cells of the same data.

    Returns
    -------
    list of SampledCell
    """
    parts: dict[str, list[SampledCell]] = {POOLED: [], OTHER: []}
    for one in sorted(every_cell(traces), key=_place):
        parts[one.part].append(one)
    draw = random.Random(seed)
    wanted = max(ceil(SHARE_POOLED * cells), cells - len(parts[OTHER]))
    pooled = draw.sample(parts[POOLED], min(wanted, len(parts[POOLED])))
    others = draw.sample(parts[OTHER], min(cells - len(pooled), len(parts[OTHER])))
    return sorted((*pooled, *others), key=_place)


def _place(one: SampledCell) -> tuple[str, str]:
    return one.evidence.result, one.cell.column


def sheet(sample: Iterable[SampledCell]) -> str:
    """Return the sheet as CSV text."""
    return csv_text(HEADER, (one.row() for one in sample))
