"""What an importer read: rows for the tables of a review, and everything that a person must know of the reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from taprev.extraction.tables import Row
from taprev.vocabulary import Scale

TABLES = ("studies", "reports", "outcomes", "components", "risk_of_bias", "flow")
SUBGROUP = "subgroup"
"""A column that an imported review adds to outcomes.csv where its file divides the results of an outcome."""


@dataclass(frozen=True)
class ReadDomain:
    """An outcome domain as a file names it; `event` says that its results count people with an event.

    `scale` and `unit` are those of the settings. `measure` is what the file pools: OR, RR, RD, MD, SMD and so on.
    """

    name: str
    label: str
    scale: Scale = Scale.SMD
    unit: str = ""
    event: bool = False
    measure: str = ""


@dataclass(frozen=True)
class PoolFigure:
    """A figure of a pooled result: as the file has it, empty where it has none, and as it was recomputed."""

    name: str
    stored: str
    recomputed: float | None

    @property
    def difference(self) -> float | None:
        """The recomputed figure minus the stored one, where there are both."""
        return None if self.recomputed is None or not self.stored else self.recomputed - float(self.stored)


@dataclass(frozen=True)
class StoredPool:
    """A pooled result of the file beside the same result recomputed by the method that the file declares.

    `remark` says what a reader must know, such as why nothing could be recomputed or what is stored in its place.
    `of_rows` says that these are the effects of single studies, of which only differences are worth a line.
    """

    name: str
    method: str
    studies: int
    figures: tuple[PoolFigure, ...] = ()
    remark: str = ""
    of_rows: bool = False


@dataclass(frozen=True)
class KeptTable:
    """What has no place in the tables of a review and is kept beside the file: a name, a header and rows."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    why: str


@dataclass(frozen=True)
class Imported:
    """What a file holds.

    `tables` has rows by the name of their table, `forms` the rows of each extractor where the source has several. The
    cells `better`, `contrast` and `direction` are empty where the file does not say them. `tool` is a declaration for
    the codebook where no known tool of risk of bias has the domains of the file.
    """

    format: str
    tables: Mapping[str, tuple[Row, ...]]
    domains: tuple[ReadDomain, ...] = ()
    title: str = ""
    arms: tuple[str, str] = ("", "")
    forms: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    pooled: tuple[StoredPool, ...] = ()
    remarks: tuple[str, ...] = ()
    kept: tuple[KeptTable, ...] = ()
    tool: Mapping[str, object] | None = None

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table, none where the file has nothing for it."""
        return self.tables.get(table, ())

    @property
    def has_results(self) -> bool:
        """Whether the file holds results, and not only studies, references or a flow of records."""
        return bool(self.rows("outcomes") or self.forms)

    @property
    def columns_added(self) -> tuple[str, ...]:
        """Columns that outcomes.csv needs beside those of every codebook."""
        return (SUBGROUP,) if any(row.get(SUBGROUP) for row in self.rows("outcomes")) else ()
