"""A table without its empty columns."""

from __future__ import annotations

from dataclasses import replace

from taprev.report.documents.document import Table, TableSection
from taprev.wording import labels


def trimmed(table: Table) -> Table:
    """Return a table without columns that are empty or dashes throughout; the others share their width."""
    rows = [row for section in table.sections for row in section.rows]
    kept = [
        position
        for position in range(len(table.columns))
        if position == 0 or any(row[position].text not in ("", labels.MISSING) for row in rows)
    ]
    whole = sum(table.columns[position].share for position in kept)
    columns = tuple(replace(table.columns[position], share=table.columns[position].share / whole) for position in kept)
    sections = tuple(
        TableSection(section.name, tuple(tuple(row[position] for position in kept) for row in section.rows))
        for section in table.sections
    )
    return replace(table, columns=columns, sections=sections)
