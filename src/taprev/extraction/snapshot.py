"""The inputs that a run was computed from, kept next to its results in the layout of `data/`.

The check reads tables as people saved them, and keeps each in one form: CSV in UTF-8 with commas and decimal points, a
file that has this form byte for byte. Every later command reads these copies, so that a table saved during a run cannot
reach half of the numbers, and no other command asks how a table was typed. `as_read.csv` says which file each copy is
of, and what was read otherwise than typed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from taprev.extraction.sheets.canonical import canonical
from taprev.extraction.sheets.grid import Remark
from taprev.extraction.sheets.places import BESIDE_THE_TABLES, BOOK, BOOKS, Place, form_files, places, sheet_names
from taprev.extraction.sheets.reading import read_table
from taprev.extraction.tables import codebook, there
from taprev.ground.files import records_csv, write_bytes
from taprev.ground.fingerprint import file_sha256
from taprev.ground.shipped import CODEBOOK
from taprev.vocabulary import READ_OTHERWISE

PACKAGE = Path(CODEBOOK).name
DECISIONS = ("adjudication", "answers", "verification")
AS_READ = "as_read.csv"
BETWEEN = "; "
NOT_READ = "not read"


@dataclass(frozen=True)
class KeptCopy:
    """An input and its copy, by their paths under `data`, the sheet of a workbook, and both checksums (SHA-256).

    `said` is what was read otherwise than typed, or nothing, and `about` the codes of these remarks. `copy` is empty
    where a file has no rows and was not read.
    """

    file: str
    sheet: str
    sha256: str
    copy: str
    copy_sha256: str
    said: str
    about: str = ""

    @property
    def otherwise(self) -> bool:
        """Whether data of the file were read otherwise than typed."""
        return bool(self.copy) and not READ_OTHERWISE.isdisjoint(self.about.split(BETWEEN))


def snapshot(data: Path) -> dict[str, bytes]:
    """Return the content of every input under `data` by its path there: tables, codebook, forms and files as received.

    Files that are missing are left out; whether they are needed is for the checks to say.
    """
    extracted, raw = data / "extracted", data / "raw"
    found = {file for ending in (".csv", *BOOKS) for file in extracted.glob(f"[!~.]*{ending}")}
    found |= {place.file for path in _raw_tables(raw) for place in places(path)}
    files = (extracted / PACKAGE, *sorted(found), *sorted((raw / "as_received").glob("*.csv")))
    return {file.relative_to(data).as_posix(): file.read_bytes() for file in files if file.is_file()}


def _tables(data: Path) -> Iterator[Path]:
    """Yield the path of every table that a run reads, whether it is there or not."""
    extracted = data / "extracted"
    yield from (extracted / table["path"] for table in codebook(extracted).values())
    yield from _raw_tables(data / "raw")


def _raw_tables(raw: Path) -> list[Path]:
    return [raw / f"{name}.csv" for name in (*form_files(raw), *DECISIONS)]


@dataclass(frozen=True)
class Copies:
    """The copies of every input by their path under `data`, and the record of what they are copies of."""

    contents: dict[str, bytes]
    record: tuple[KeptCopy, ...]


def copies(data: Path) -> Copies:
    """Return the copy of every input under `data`; a file beside a table that has no rows is recorded without one."""
    contents, record = {}, []
    for path in (data / "extracted" / PACKAGE, *sorted((data / "raw" / "as_received").glob("*.csv"))):
        contents[_inside(path, data)] = path.read_bytes()
        record.append(_kept(path, path.read_bytes(), Place(path), (), data))
    for path in filter(there, _tables(data)):
        table = read_table(path)
        contents[_inside(path, data)] = canonical(path)
        record.append(_kept(path, canonical(path), table.place, table.remarks, data))
        beside = (place for place in places(path) if place != table.place)
        record += [
            KeptCopy(_inside(one.file, data), one.sheet, file_sha256(one.file), "", "", NOT_READ) for one in beside
        ]
    return Copies(contents, tuple(record))


def _kept(path: Path, content: bytes, place: Place, remarks: Sequence[Remark], data: Path) -> KeptCopy:
    own, copy = _inside(place.file, data), _inside(path, data)
    said = BETWEEN.join(remark.words for remark in remarks)
    about = BETWEEN.join(dict.fromkeys(remark.code for remark in remarks))
    return KeptCopy(own, place.sheet, file_sha256(place.file), copy, sha256(content).hexdigest(), said, about)


def _inside(path: Path, data: Path) -> str:
    return path.relative_to(data).as_posix()


def keep(kept: Copies, into: Path) -> None:
    """Write copies into a folder, with the record of what they are copies of; remove those of what is there no longer.

    Only the tables that the codebook describes are kept.
    """
    for name, content in kept.contents.items():
        write_bytes(into / name, content)
    for copy in (*(into / "extracted").glob("[!.]*"), *(into / "raw").rglob("[!.]*")):
        if copy.is_file() and copy.relative_to(into).as_posix() not in kept.contents:
            copy.unlink()
    write_bytes(into / AS_READ, records_csv(KeptCopy, kept.record).encode("utf-8"))


def read_kept(folder: Path) -> list[KeptCopy]:
    """Return the record of what the copies in a folder are of; none where there is none."""
    path = folder / AS_READ
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [KeptCopy(**row) for row in csv.DictReader(handle)]


def standing_elsewhere(folder: Path) -> Iterator[str]:
    """Yield a sentence for each kept copy whose table stands in a file of another name."""
    for one in read_kept(folder):
        if one.copy not in ("", one.file):
            where = f"data/{one.file}, sheet {one.sheet}" if one.sheet else f"data/{one.file}"
            yield f"data/{one.copy} stands in {where}; its rows have the same numbers there."


def said_otherwise(data: Path) -> Iterator[str]:
    """Yield a sentence for each table that was read otherwise than typed, and for sheets that are no table.

    Sheets of one workbook of which the same is to be said share a sentence.
    """
    alike: dict[tuple[Path, tuple[Remark, ...]], list[str]] = {}
    for table in map(read_table, filter(there, _tables(data))):
        if table.remarks:
            alike.setdefault((table.place.file, table.remarks), []).append(table.place.sheet)
    for (file, remarks), sheets in alike.items():
        named = f", sheet{'s' if len(sheets) > 1 else ''} {', '.join(sheets)}" if any(sheets) else ""
        yield f"{file.as_posix()}{named}: {BETWEEN.join(remark.words for remark in remarks)}."
    tables = {*codebook(data / "extracted"), *BESIDE_THE_TABLES}
    for book in (data / "extracted" / f"{BOOK}{ending}" for ending in BOOKS):
        strange = [name for name in sheet_names(book) or () if name.strip().casefold() not in tables]
        if strange:
            yield f"{book.as_posix()}: not read, because the codebook has no such table: {', '.join(strange)}."


def changed_meanwhile(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Return the names of the files that differ between two snapshots, or are in one alone."""
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
