"""A file as it was received, looked at once: how it begins, what lies in it, and its columns where it is a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taprev.exchange.archive import is_zip, names_in
from taprev.exchange.tabular import header_only

HEAD = 64 * 1024
SHEET = "xl/workbook.xml"


@dataclass(frozen=True)
class ReceivedFile:
    """A file that is to be recognised by its content; `of_sheet` are the columns of a sheet that is not its first."""

    path: Path
    of_sheet: tuple[str, ...] = ()

    @cached_property
    def head(self) -> bytes:
        """Its first 64 kB."""
        with self.path.open("rb") as handle:
            return handle.read(HEAD)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names in it, where it is an archive."""
        return tuple(names_in(self.path)) if is_zip(self.head) else ()

    @property
    def sheet(self) -> bool:
        """Whether it is an XLSX file."""
        return SHEET in self.members

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Its columns, where it is a table (text or XLSX); none otherwise."""
        if self.of_sheet:
            return self.of_sheet
        if (is_zip(self.head) and not self.sheet) or self.head.lstrip()[:1] in (b"<", b"{", b"["):
            return ()
        return header_only(self.path, self.sheet)

    def has(self, *columns: str) -> bool:
        """Return whether its table has every one of some columns, whatever their capitals."""
        there = {name.casefold() for name in self.header}
        return all(column.casefold() in there for column in columns)
