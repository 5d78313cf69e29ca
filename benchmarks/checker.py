"""A study of the plausibility checks: which planted errors they find, and how often they ask without need.

    python benchmarks/checker.py [--out src/taprev/report/checker.csv]

Into the real consensus, and where it has too few rows into simulated ones, single errors are planted at random
with a fixed seed, and the checks are run again. An error is found where the planted row raises a question, or
an error, that it did not raise before. Every class is tried three ways: with the printed expression as it was
(a slip of the one who enters), without it but with another figure or cell that depends on the wrong one (a
misprint, or a slip in both), and with neither, which no check can see but by the size of a figure.

What the shares are not: the checks were narrowed on these real rows (time points with two times, wards that
are named in a time series), so that the false queries among them are not those of unseen rows; and the errors
and simulated rows come from the hands that wrote the checks.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import random
import sys
from pathlib import Path

from error_classes import CLASSES, EXPRESSION, NOTHING, OTHERS, ErrorClass
from planted_errors import Planted, Row
from simulated_rows import simulated_rows

from taprev.extraction.plausibility import row_queries, table_queries
from taprev.extraction.plausibility.printed import numbers
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.tables import codebook, columns, number_columns, read_rows

EXTRACTED = Path(__file__).parents[1] / "data" / "extracted"
PLANTS, FEWEST, SEED = 40, 20, 2026
COMPUTABLE = {EXPRESSION: "yes", OTHERS: "yes", NOTHING: "no"}
IN_PART = {
    ("swapped digits", OTHERS): "in part: only where the digits matter beyond rounding",
    ("swapped digits of people", OTHERS): "in part: only where two other rows of the people agree",
}
HEADER = ["error", "seen_by", "computable", "planted", "in_real_rows", "found", "share", "ci_lb", "ci_ub"]
NO_FALSE_QUERY = "n_not_printed"
"""What it asks is true of the expression, whether or not the cell is right."""
# Results whose printed figures contradict one another, as both extractors noted before any check was written.
PRINTED_ERRORS = {
    "r011",
    "r058",
    "r083",
    "r087",
    "r098",
    "r099",
    "r112",
    "r120",
    "r137",
    "r140",
    "r141",
    "r142",
}


def wilson(found: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    middle, spread = (found + z * z / 2), z * math.sqrt(found * (n - found) / n + z * z / 4)
    return max(0.0, (middle - spread) / (n + z * z)), min(1.0, (middle + spread) / (n + z * z))


class Study:
    """The clean rows, what is asked of them, and what a planted error adds."""

    def __init__(self, rows: list[Row], studies: list[Row], reports: list[Row]) -> None:
        self.rows, self.studies, self.reports = rows, studies, reports
        of_rows = {row["result"] for row in rows if row_queries(row)}
        of_tables = {q.result for q in self._of_tables(rows) if q.check != NO_FALSE_QUERY}
        self.asked = of_rows | of_tables
        fields = codebook(EXTRACTED)["outcomes"]["schema"]["fields"]
        self.limits = {field["name"]: field.get("constraints", {}) for field in fields}
        self.compared: dict[tuple[str, ...], frozenset[tuple[str, ...]]] = {}

    def _of_tables(self, rows: list[Row]) -> list:
        return table_queries(rows, self.studies, self.reports, tools=shipped_tools())

    def finds(self, planted: Planted) -> bool:
        """Return whether codebook or checks object to the planted row, or to its study, as they did not before."""
        if self._breaks_codebook(planted.after):
            return True
        before, after = ({(q.check, q.column) for q in row_queries(row)} for row in (planted.before, planted.after))
        return bool(after - before) or bool(self._compared(planted.after) - self._compared(planted.before))

    def _compared(self, row: Row) -> frozenset[tuple[str, ...]]:
        """Return what is asked of the tables with this row in place of its own."""
        rows = [row if other["result"] == row["result"] else other for other in self.rows]
        key = () if rows == self.rows else tuple(row.values())
        if key not in self.compared:
            self.compared[key] = frozenset((q.check, q.result, q.column, q.found) for q in self._of_tables(rows))
        return self.compared[key]

    def _breaks_codebook(self, row: Row) -> bool:
        for name in number_columns(EXTRACTED, "outcomes"):
            if row[name]:
                value, limit = float(row[name]), self.limits[name]
                if not limit.get("minimum", -math.inf) <= value <= limit.get("maximum", math.inf):
                    return True
                if not limit.get("exclusiveMinimum", -math.inf) < value < limit.get("exclusiveMaximum", math.inf):
                    return True
        return False


def plants(kind: ErrorClass, study: Study, real: list[Row], simulated: list[Row], way: str) -> list[Planted]:
    """Return up to PLANTS errors of a class: real rows in random order first, then simulated ones."""
    draw, chosen = random.Random(f"{SEED} {kind.name} {way}"), []
    for rows, wanted in ((real, PLANTS), (simulated, FEWEST if way == NOTHING else PLANTS)):
        for row in draw.sample(rows, len(rows)):
            if len(chosen) >= wanted:
                break
            planted = kind.plant(row if way == EXPRESSION else row | {"as_reported": ""}, draw)
            if planted and planted.after != planted.before and seen_by(kind, planted, study.rows) == way:
                chosen.append(planted)
    return chosen


def seen_by(kind: ErrorClass, planted: Planted, rows: list[Row]) -> str:
    """Return what could show the error: the printed expression, another figure or cell, or nothing."""
    text = planted.before["as_reported"]
    if kind.by_expression and float(planted.before[planted.column]) in signed_numbers(text):
        return EXPRESSION
    return OTHERS if kind.by_others(planted, rows) else NOTHING


def signed_numbers(text: str) -> set[float]:
    """Return the numbers of a printed expression with either sign."""
    return {sign * float(number) for number in numbers(text) for sign in (1, -1)}


def detection(study: Study, real: list[Row], simulated: list[Row]) -> list[list[str]]:
    """Return a line for every class and way."""
    known, lines = {row["result"] for row in real}, []
    for kind in CLASSES:
        for way in (EXPRESSION, OTHERS, NOTHING):
            if way == EXPRESSION and not kind.by_expression:
                continue
            chosen = plants(kind, study, real, simulated, way)
            if len(chosen) >= FEWEST or (chosen and way != NOTHING):
                found = sum(study.finds(planted) for planted in chosen)
                among = sum(planted.before["result"] in known for planted in chosen)
                computable = IN_PART.get((kind.name, way), COMPUTABLE[way])
                lines.append(line(kind.name, way, computable, len(chosen), str(among), found))
    return lines


def false_queries(study: Study, clean: list[Row], simulated: list[Row]) -> list[list[str]]:
    """Return how many clean rows raise a question: of each class the rows where it could be planted, then all."""
    lines = []
    for kind in CLASSES:
        draw = random.Random(SEED)
        open_to = [row for row in clean + simulated if kind.plant(row, draw)]
        lines.append(_asked(study, f"no error; open to {kind.name}", open_to, clean))
    return [
        *lines,
        _asked(study, "no error; real rows", clean, clean),
        _asked(study, "no error; simulated rows", simulated, clean),
    ]


def _asked(study: Study, name: str, rows: list[Row], real: list[Row]) -> list[str]:
    found = sum(row["result"] in study.asked for row in rows)
    known = {row["result"] for row in real}
    return line(name, "", "", len(rows), str(sum(row["result"] in known for row in rows)), found)


def line(name: str, way: str, computable: str, n: int, real: str, found: int) -> list[str]:
    low, high = wilson(found, n)
    return [name, way, computable, str(n), real, str(found), f"{found / n:.3f}", f"{low:.3f}", f"{high:.3f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, help="also write the table as CSV")
    arguments = parser.parse_args()
    real, studies, reports = (read_rows(EXTRACTED / f"{name}.csv") for name in ("outcomes", "studies", "reports"))
    simulated = simulated_rows(columns(EXTRACTED, "outcomes"), SEED)
    study = Study(real + simulated, studies, reports)
    sound = [row for row in real if row["result"] not in PRINTED_ERRORS]
    lines = detection(study, sound, simulated) + false_queries(study, sound, simulated)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([HEADER, *lines])
    if arguments.out:
        arguments.out.write_text(out.getvalue(), encoding="utf-8")
    for name, way, computable, n, among, found, share, low, high in [HEADER, *lines]:
        print(f"{name:42} {way:24} {computable:12.12} {n:>8} {among:>13} {found:>6} {share:>6} {low:>6} {high:>6}")


if __name__ == "__main__":
    sys.exit(main())
