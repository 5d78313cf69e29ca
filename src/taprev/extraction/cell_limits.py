"""Cells that no codebook refuses and no reader can mean: invisible signs, texts and figures beyond any measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.tables import named, numbered_rows, numeric_fields

IDENTIFIERS = ("result", "study", "report", "sample", "domain")
IN_ONE_LINE = (*IDENTIFIERS, "label", "measure", "timepoint")
LONGEST_IDENTIFIER, LONGEST_LINE, LONGEST = 100, 500, 20_000
LARGEST = 1e15
BREAKS = {"\n": "line break", "\r": "line break", "\t": "tab"}
"""The invisible signs that a table may hold; every other is refused where it is read."""
OWN_KEY = {"studies": "study", "reports": "report", "outcomes": "result"}
"""The column that names the rows of a table."""


def limit_problems(described: dict, paths: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield every cell beyond the limits, and identifiers that differ by capitals alone, in the tables at `paths`."""
    for table in (table for table in described["resources"] if table["name"] in paths):
        path, numeric = paths[table["name"]], frozenset(numeric_fields(table))
        where, key, seen = named(path), OWN_KEY.get(table["name"]), dict[str, tuple[str, int]]()
        for number, row in numbered_rows(path):
            result, study = (_shown(row.get(name) or "") for name in ("result", "study"))
            for column in filter(None, row):
                text = row[column] or ""
                if text and (said := _beyond(column, text, column in numeric)):
                    found, advice = said
                    yield Problem(where, number, result, study, column, found, advice)
            own = (row.get(key) or "") if key else ""
            earlier, at = seen.setdefault(own.casefold(), (own, number))
            if key and own != earlier:
                found = f'found "{own}", where row {at} has "{earlier}": they differ by capitals alone.'
                yield Problem(where, number, result, study, key, found, "Give one of them another name.")


def _beyond(column: str, text: str, is_number: bool) -> tuple[str, str] | None:
    hidden = BREAKS.keys() & set(text)
    if hidden and (column in IN_ONE_LINE or text != text.strip()):
        signs = ", ".join(sorted({BREAKS[char] for char in hidden}))
        return f'found an invisible sign in "{_shown(text)}" ({signs}).', "Delete it (Alt+Enter makes a line break)."
    longest = LONGEST_IDENTIFIER if column in IDENTIFIERS else LONGEST_LINE if column in IN_ONE_LINE else LONGEST
    if len(text) > longest:
        return f"found a text of {len(text):,} signs; {longest:,} is the most here.", "Shorten it."
    if is_number and _too_large(text):
        return f"found {text}, which no figure of a study is.", "Look the figure up in the report and correct the cell."
    return None


def _too_large(text: str) -> bool:
    try:
        return LARGEST < abs(float(text)) < float("inf")
    except ValueError:
        return False


def _shown(text: str) -> str:
    text = "".join(char if char.isprintable() else "·" for char in text)
    return text if len(text) <= 40 else f"{text[:40]}…"
