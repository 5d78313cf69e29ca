"""What the cells of a table are meant to hold, by the codebook that lies beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from taprev.extraction.sheets.places import CODEBOOK, FORM, OUTCOMES, codebook_folder
from taprev.ground.yaml_loader import Loader

NUMERIC = frozenset({"number", "integer", "year"})
DATE = "date"
OF_DECISIONS = {"decided_on": DATE}


@dataclass(frozen=True)
class ColumnTypes:
    """The type of each column of a table; a column that is not named holds text.

    `named_by` and `named` are for a table in which a row names the column whose value it holds.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    named_by: tuple[str, str] = ("column", "value")

    def numeric(self, column: str) -> bool:
        """Return whether a column holds numbers."""
        return self.types.get(column) in NUMERIC

    def holds_number(self, column: str, row: Mapping[str, str]) -> bool:
        """Return whether a cell holds a number, by its column or by the column that its row names."""
        naming, holding = self.named_by
        return self.numeric(column) or (column == holding and self.named.get(row.get(naming, "")) in NUMERIC)

    def dated(self, column: str) -> bool:
        """Return whether a column holds days."""
        return self.types.get(column) == DATE


def column_types(path: Path) -> ColumnTypes:
    """Return the types of the columns of a table; all of them hold text where no codebook describes it."""
    folder = codebook_folder(path)
    if folder is None:
        return ColumnTypes()
    tables = _types((folder / CODEBOOK).read_bytes())
    if FORM.fullmatch(path.stem):
        return ColumnTypes(tables.get(OUTCOMES, {}))
    if path.stem == "adjudication":
        return ColumnTypes(OF_DECISIONS, tables.get(OUTCOMES, {}))
    return ColumnTypes(tables.get(path.stem, {}))


@lru_cache(maxsize=8)
def codebook_of(content: bytes) -> dict:
    """Return what the text of a codebook says, read once; copy it before you change it."""
    return yaml.load(content.decode("utf-8"), Loader=Loader)


@lru_cache(maxsize=8)
def _types(codebook: bytes) -> dict[str, dict[str, str]]:
    """Return the types by table and column; nothing where the codebook is broken, which others say."""
    try:
        tables = codebook_of(codebook)["resources"]
        return {t["name"]: {f["name"]: f.get("type", "string") for f in t["schema"]["fields"]} for t in tables}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError):
        return {}
