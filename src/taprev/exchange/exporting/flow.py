"""The flow of records as the R package PRISMA2020 reads it."""

from __future__ import annotations

from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.exchange.prisma_csv import write_prisma
from taprev.extraction.flow import read_flow
from taprev.synthesis.results.inclusion import with_syntheses


def to_prisma(review: ReviewToExport) -> Exported:
    """Return PRISMA.csv, with the studies in a meta-analysis counted from the results."""
    text, remarks = write_prisma(with_syntheses(read_flow(review.extracted), list(review.contents)))
    return Exported({"PRISMA.csv": text.encode()}, remarks)
