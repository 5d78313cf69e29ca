"""A small review folder whose tables a test writes as people save them: in dialects of CSV, or as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from openpyxl import Workbook

FIELDS = {
    "result": "string",
    "study": "string",
    "statistic": "string",
    "mean_arm1": "number",
    "n_arm1": "integer",
    "judged_on": "date",
    "note": "string",
}
HEADER = list(FIELDS)


def extracted(folder: Path, fields: Mapping[str, str] = FIELDS) -> Path:
    """Return the path of outcomes.csv, which does not exist yet, beside a codebook of its columns."""
    place = folder / "data" / "extracted"
    (place.parent / "raw").mkdir(parents=True)
    place.mkdir()
    described = [{"name": name, "type": kind} for name, kind in fields.items()]
    tables = [{"name": "outcomes", "path": "outcomes.csv", "schema": {"fields": described}}]
    (place / "datapackage.yaml").write_text(yaml.safe_dump({"resources": tables}), encoding="utf-8")
    return place / "outcomes.csv"


def line(**cells: str) -> list[str]:
    """Return a row of the table: r1 of study a, with these cells."""
    return [{"result": "r1", "study": "a", "statistic": "means", **cells}.get(name, "") for name in HEADER]


def csv_bytes(rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """Return rows as Excel writes them: CRLF, quotation marks where they are needed."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue().encode(encoding)


def book(rows: Sequence[Sequence[object]], name: str = "outcomes") -> Workbook:
    """Return a workbook with one sheet of these rows."""
    made = Workbook()
    made.active.title = name
    for row in rows:
        made.active.append(list(row))
    return made
