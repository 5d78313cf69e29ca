"""What the screen says when a review has run."""

from __future__ import annotations

import csv
from pathlib import Path

from taprev.provenance.query_order import CONSEQUENCE, MOVES
from taprev.report.status import _queries

COLUMNS = ("check", "result", "study", "answer", MOVES, CONSEQUENCE)


def asked(path: Path, *rows: tuple[str, ...]) -> str:
    """The line of queries with these columns."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([COLUMNS, *rows])
    return _queries(path)


def test_open_queries_are_counted_by_kind_and_the_first_three_named_with_what_they_move(tmp_path):
    rows = [
        ("p_against_t", "r004", "A", "", "inf", "Length of stay: nothing left to pool without it"),
        ("p_against_t", "r002", "A", "", "0.6", "Length of stay: 0.60 standard errors without it"),
        ("unusual_sd", "", "B", "", "", "in no pool"),
        ("p_against_t", "r009", "C", "", "", "in no pool"),
        ("unusual_sd", "r010", "C", "printed so", "0.1", "Length of stay: 0.10 standard errors without it"),
    ]
    assert asked(tmp_path / "queries.csv", *rows) == (
        "Queries: 5, open: 4 (3 p against t, 1 unusual sd). Answer first, by what they move: r004 (p against t, "
        "Length of stay: nothing left to pool without it); r002 (p against t, Length of stay: 0.60 standard errors "
        "without it); B (unusual sd). All: taprev queries."
    )
    assert asked(tmp_path / "queries.csv", rows[-1]) == "Queries: 1, open: none."
    assert "By what they move: r002" in asked(tmp_path / "queries.csv", rows[1])
