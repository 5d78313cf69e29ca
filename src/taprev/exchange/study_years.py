"""Studies of a table that names authors and years in two columns: two trials of one author are two studies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from taprev.exchange.names import with_year
from taprev.exchange.table_map import TableMap
from taprev.exchange.tabular import SourceTable
from taprev.exchange.typed_figures import without_absence


def studies_with_years(table: SourceTable, tables: Mapping[str, TableMap]) -> SourceTable:
    """Return a table whose studies bear the year that the mapping names, and a remark where a name has several.

    A row without a year has that of its name, where the name has only one.
    """
    study, year = (_head(tables, column) for column in ("study", "year"))
    if not study or not year or study not in table.header or year not in table.header:
        return table
    years = defaultdict[str, dict[str, None]](dict)
    for _, row in table.rows:
        if typed := without_absence(row[year]):
            years[row[study]][typed] = None

    def named(row: Mapping[str, str]) -> str:
        known = list(years[row[study]])
        return with_year(row[study], without_absence(row[year]) or (known[0] if len(known) == 1 else ""))

    rows = tuple((number, {**row, study: named(row)}) for number, row in table.rows)
    several = [f"{name} ({', '.join(known)})" for name, known in years.items() if name and len(known) > 1]
    said = (
        f"Names that stand with several years, each year read as a study of its own: {'; '.join(several)}. Where they "
        f'are one study, write one year in the column "{year}".'
    )
    return replace(table, rows=rows, remarks=(*table.remarks, *([said] if several else [])))


def _head(tables: Mapping[str, TableMap], column: str) -> str:
    """Return the column of the file that a mapping names for one of ours, the studies before the other tables."""
    every = (tables[name].columns.get(column, "") for name in ("studies", "outcomes", "reports") if name in tables)
    return next(filter(None, every), "")
