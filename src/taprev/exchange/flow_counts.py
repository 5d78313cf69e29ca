"""The CSV file of the R package PRISMA2020, as rows of flow.csv."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.imported import Imported
from taprev.exchange.prisma_csv import prisma_problems, read_prisma
from taprev.exchange.received import ReceivedFile
from taprev.extraction.flow import flow_csv

COLUMNS = ("data", "node", "box", "n")


def is_prisma(file: ReceivedFile) -> bool:
    """Return whether a table has the columns of the R package PRISMA2020."""
    return file.has(*COLUMNS)


def read_flow_counts(path: Path, answers: Answers) -> Imported:
    """Return the flow of records in a file; ValueError with everything that keeps it from being read."""
    if problems := prisma_problems(path):
        raise ValueError("\n".join(problem.sentence() for problem in problems))
    read = read_prisma(path)
    rows = csv.DictReader(io.StringIO(flow_csv(read.flow)))
    return Imported(format="flow of records (PRISMA2020)", tables={"flow": tuple(rows)}, remarks=read.remarks)
