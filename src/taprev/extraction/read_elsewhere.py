"""Figures that do not stand in the printed expression of their row, and where they were read instead.

The cell `read_elsewhere` names columns and their place, as in `n_arm1, n_arm2: table 1, page 3; sd_arm1: letter`.
"""

from __future__ import annotations

from collections.abc import Iterator

from taprev.extraction.tables import Row

COLUMN = "read_elsewhere"


def read_elsewhere(row: Row) -> dict[str, str]:
    """Return the place of each figure of a row that was read elsewhere, by its column."""
    return {
        name.strip(): place.strip()
        for part in row.get(COLUMN, "").split(";")
        for names, colon, place in [part.partition(":")]
        if colon and place.strip()
        for name in names.split(",")
    }


def place_without_figure(row: Row) -> Iterator[tuple[str, str, str]]:
    """A place of a figure that was read elsewhere names no figure of the row, or no place."""
    text = row.get(COLUMN, "")
    named = read_elsewhere(row)
    unread = [part.strip() for part in text.split(";") if part.strip() and not _has_place(part)]
    unread += [name for name in named if not row.get(name)]
    if unread:
        found = f'found "{text}", where {", ".join(unread)} is no filled column with its place.'
        yield COLUMN, found, "Write columns, a colon and the place, as in: n_arm1, n_arm2: table 1, page 3."


def _has_place(part: str) -> bool:
    _, colon, place = part.partition(":")
    return bool(colon and place.strip())
