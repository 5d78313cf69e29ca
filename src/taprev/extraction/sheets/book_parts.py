"""What lies in a workbook beside its cells, read from its parts: hidden rows, merged cells, comments, pictures."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree
from zipfile import ZipFile

from taprev.extraction.sheets.places import TAG

PREFIX = rb"<(?:\w+:)?"
HIDDEN = rb'[^>]*\bhidden="(?:1|true)"'
HIDDEN_ROW = re.compile(PREFIX + rb'row\b(?=[^>]*\br="(\d+)")' + HIDDEN)
HIDDEN_COLUMNS = re.compile(PREFIX + rb"col\b" + HIDDEN + rb"[^>]*>")
MERGED = re.compile(PREFIX + rb'mergeCell\b[^>]*ref="([A-Z0-9:]+)"')
FILTER = re.compile(PREFIX + rb"(?:autoFilter|filterColumn)\b")
COMMENT = re.compile(PREFIX + rb"comment\b")
SPAN = re.compile(rb'\b(min|max)="(\d+)"')
DRAWN = re.compile(r"xl/(charts|media|drawings/drawing|diagrams|embeddings|ctrlProps|slicers|pivotTables)")
LINKED = "xl/externalLinks/"


@dataclass(frozen=True)
class SheetPart:
    """A sheet of a workbook: its name, whether it is in sight, and the part of the file that holds it."""

    name: str
    in_sight: bool
    part: str


class BookParts:
    """The parts of an XLSX file; raises what `places.UNREADABLE` names where it is none."""

    def __init__(self, content: bytes) -> None:
        self._zip = ZipFile(io.BytesIO(content))

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """The sheets in their order."""
        targets = dict(self._relations("xl/workbook.xml"))
        found = []
        for part in ElementTree.fromstring(self._zip.read("xl/workbook.xml")).iter():
            if TAG.sub("", part.tag) == "sheet":
                own = next((text for name, text in part.items() if TAG.sub("", name) == "id"), "")
                in_sight = part.get("state", "visible") == "visible"
                found.append(SheetPart(part.get("name", ""), in_sight, targets.get(own, ("", ""))[1]))
        return tuple(found)

    @property
    def links(self) -> bool:
        """Whether cells may show what another workbook holds."""
        return any(name.startswith(LINKED) for name in self._zip.namelist())

    @property
    def drawn(self) -> bool:
        """Whether there are charts, pictures or controls, which openpyxl does not keep."""
        return any(DRAWN.match(name) for name in self._zip.namelist())

    def hidden_rows(self, sheet: SheetPart) -> frozenset[int]:
        """Return the numbers of the rows that are not in sight."""
        return frozenset(int(found[1]) for found in HIDDEN_ROW.finditer(self._content(sheet)))

    def hidden_columns(self, sheet: SheetPart) -> frozenset[int]:
        """Return the columns that are not in sight, the first being 0."""
        spans = (dict(SPAN.findall(found[0])) for found in HIDDEN_COLUMNS.finditer(self._content(sheet)))
        return frozenset(p for span in spans for p in range(int(span[b"min"]) - 1, min(int(span[b"max"]), 16_384)))

    def merged(self, sheet: SheetPart) -> tuple[str, ...]:
        """Return the ranges of merged cells, such as A2:A5."""
        return tuple(found[1].decode() for found in MERGED.finditer(self._content(sheet)))

    def filtered(self, sheet: SheetPart) -> bool:
        """Return whether a filter is set."""
        return FILTER.search(self._content(sheet)) is not None

    def comments(self, sheet: SheetPart) -> int:
        """Return how many cells have a comment."""
        own = (target for kind, target in dict(self._relations(sheet.part)).values() if kind.endswith("/comments"))
        return sum(len(COMMENT.findall(self._zip.read(part))) for part in own)

    def _content(self, sheet: SheetPart) -> bytes:
        return self._zip.read(sheet.part)

    def _relations(self, part: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield the kind and the target of each relation of a part, by its identifier."""
        folder, name = posixpath.split(part)
        path = f"{folder}/_rels/{name}.rels"
        if path not in self._zip.namelist():
            return
        for one in ElementTree.fromstring(self._zip.read(path)):
            target = one.get("Target", "")
            whole = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            yield one.get("Id", ""), (one.get("Type", ""), whole)
