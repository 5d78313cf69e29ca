"""Where a table stands: in its CSV file, in a workbook of its own name, or in its sheet of `tables.xlsx`.

Code names a table by the path of its CSV file, whether it stands there or not. Nothing heavy is imported: the Snakefile
asks here for the files that it depends on.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile
from zlib import error as DeflateError

from taprev.ground.files import is_file

CODEBOOK = "datapackage.yaml"
BOOK = "tables"
OUTCOMES = "outcomes"
BESIDE_THE_TABLES = ("read me", "lists")
"""The sheets of a form that are no tables."""
BOOKS, OTHER_BOOKS = (".xlsx", ".xlsm"), (".xls", ".xlsb", ".ods", ".numbers")
LOCKS = ("~${name}", ".~lock.{name}#")
"""What Excel and LibreOffice put beside a workbook that somebody has open."""
FORM = re.compile(r"form_.*")
TAG = re.compile(r"\{.*\}")
UNREADABLE = (BadZipFile, KeyError, ValueError, OSError, ElementTree.ParseError, DeflateError, RuntimeError)


@dataclass(frozen=True)
class Place:
    """A file that holds a table, and in a workbook the sheet that does."""

    file: Path
    sheet: str = ""

    def said(self) -> str:
        """Return the place as people name it."""
        return f"{self.file.as_posix()}, sheet {self.sheet}" if self.sheet else self.file.as_posix()


def places(path: Path) -> tuple[Place, ...]:
    """Return every place in which the table of a path is; a workbook counts in the folders of a review alone."""
    own = [Place(path)] if is_file(path) else []
    if path.suffix != ".csv" or not _of_review(path.parent):
        return tuple(own)
    named = (path.with_suffix(ending) for ending in (*BOOKS, *OTHER_BOOKS))
    own += [Place(file, _sheet_of(file, path.stem)) for file in named if is_file(file)]
    books = (path.with_name(f"{BOOK}{ending}") for ending in BOOKS)
    return (*own, *(Place(book, path.stem) for book in books if is_file(book) and _may_hold(book, path.stem)))


def files(folder: Path | str, tables: Iterable[str]) -> list[str]:
    """Return the files under `folder` in which tables of these names stand, each once."""
    found = (place.file.as_posix() for name in tables for place in places(Path(folder) / f"{name}.csv"))
    return list(dict.fromkeys(found))


def tables_there(folder: Path | str, wanted: str) -> list[str]:
    """Return the names of the tables under `folder`, in files or sheets, that match a regular expression whole."""
    folder = Path(folder)
    endings = (".csv", *BOOKS, *OTHER_BOOKS) if _of_review(folder) else (".csv",)
    names = {path.stem for path in folder.glob("[!.~]*") if path.suffix in endings}
    if _of_review(folder):
        names |= {sheet for ending in BOOKS for sheet in sheet_names(folder / f"{BOOK}{ending}") or ()}
    return sorted(name for name in names if re.fullmatch(wanted, name))


def form_files(raw: Path) -> list[str]:
    """Return the names of the forms in a folder, such as `form_first`."""
    return tables_there(raw, FORM.pattern)


def sheet_names(book: Path) -> tuple[str, ...] | None:
    """Return the names of the sheets of a workbook, nothing where there is none, or None where it cannot be read."""
    if not book.is_file():
        return ()
    try:
        with ZipFile(io.BytesIO(book.read_bytes())) as parts:
            tree = ElementTree.fromstring(parts.read("xl/workbook.xml"))
    except UNREADABLE:
        return None
    return tuple(part.get("name", "") for part in tree.iter() if TAG.sub("", part.tag) == "sheet")


def open_elsewhere(file: Path) -> bool:
    """Return whether a lock file says that somebody has the workbook open."""
    return any(file.with_name(lock.format(name=file.name)).exists() for lock in LOCKS)


def codebook_folder(path: Path) -> Path | None:
    """Return the folder of the codebook that describes a table, an extracted one or one under `raw`."""
    for folder in (path.parent, path.parent.parent / "extracted"):
        if (folder / CODEBOOK).is_file():
            return folder
    return None


def _of_review(folder: Path) -> bool:
    return (folder / CODEBOOK).is_file() or (
        folder.name == "raw" and (folder.parent / "extracted" / CODEBOOK).is_file()
    )


def _sheet_of(file: Path, table: str) -> str:
    """Return the sheet of a table in a workbook of its own: of its name, of a form also `outcomes`, or the only one."""
    names = sheet_names(file) or ()
    wanted = (OUTCOMES, table) if FORM.fullmatch(table) else (table,)
    fitting = [name for one in wanted for name in names if name.strip().casefold() == one]
    return next(iter(fitting or (names if len(names) == 1 else wanted)))


def _may_hold(book: Path, table: str) -> bool:
    """Return whether a workbook has a sheet of a table; one that cannot be read may."""
    names = sheet_names(book)
    return names is None or table in (name.strip().casefold() for name in names)
