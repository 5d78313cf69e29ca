"""Writing files so that nothing finished is ever half overwritten, and tables as CSV text."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import astuple, fields
from itertools import chain
from pathlib import Path
from typing import Any

NEW = 0o644
"""The permissions of a new file: its owner may write it, and everybody read it."""
UNFINISHED = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp|\.(?:pages|places)\..+")
"""The names of files and folders that are not in place yet."""
FORMULA = re.compile(r"'*[=+\-@\t\r]")
PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


_written: ContextVar[list[Path] | None] = ContextVar("written", default=None)


@contextmanager
def journal() -> Iterator[list[Path]]:
    """Collect the path of every file that is written while the journal is open."""
    written: list[Path] = []
    token = _written.set(written)
    try:
        yield written
    finally:
        _written.reset(token)


def note_written(path: Path) -> None:
    """Note in an open journal that a file was written."""
    written = _written.get()
    if written is not None:
        written.append(path)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text to a temporary file beside `path`, then rename it into place."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes to a temporary file beside `path`, then rename it into place, as `write_pieces` does."""
    write_pieces(path, (content,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write pieces as they come to a temporary file beside `path`, then rename it into place.

    A file that is there keeps its permissions and, where that may be done, its owner; a link stays one, and the file
    that it leads to is written.
    """
    place = path.resolve() if path.is_symlink() else path
    place.parent.mkdir(parents=True, exist_ok=True)
    with _named(place):
        descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.writelines(pieces)
            _as_it_was(Path(temporary), place)
            Path(temporary).replace(place)
            note_written(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


@contextmanager
def _named(place: Path) -> Iterator[None]:
    """Have an error of the system name the file that people know, and not the temporary one beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            error.filename = place.as_posix()
        raise


def _as_it_was(temporary: Path, place: Path) -> None:
    """Give a file the permissions and the owner of the one that it replaces, or those of a new file."""
    try:
        was = place.stat()
    except FileNotFoundError:
        temporary.chmod(NEW)
        return
    with suppress(PermissionError):
        os.chown(temporary, was.st_uid, was.st_gid)
    temporary.chmod(stat.S_IMODE(was.st_mode))


def remove_unfinished(folder: Path) -> None:
    """Remove what a process that was killed had not put in place below a folder; nothing may write there meanwhile."""
    for path in [path for path in folder.rglob(".*") if UNFINISHED.fullmatch(path.name)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def is_file(path: Path) -> bool:
    """Return whether there is a file at a path.

    Raises OSError with the path where a folder or a link that leads nowhere stands in its place: it is not missing.
    """
    if path.is_file():
        return True
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path.as_posix())
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path.as_posix())
    return False


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder that holds nothing else afterwards; it is replaced as a whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        fresh = Path(temporary) / folder.name
        fresh.mkdir()
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    for path in sorted(folder.iterdir()):
        note_written(path)


def csv_text(header: Iterable[str], rows: Iterable[Iterable[Any]], guarded: bool = True) -> str:
    """Return a table as CSV text with its header; None is an empty cell and numbers keep every digit.

    Text that a spreadsheet would run as a formula is guarded by a quote, but not in data that must stay as is.
    """
    return csv_rows(chain([header], ([_cell(cell, guarded) for cell in row] for row in rows)))


def csv_rows(rows: Iterable[Iterable[Any]], delimiter: str = ",", newline: str = "\n") -> str:
    """Return rows as CSV text, for which this is the one place; a row without cells is an empty line."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return out.getvalue()


def _cell(cell: Any, guarded: bool) -> Any:
    if cell is None:
        return ""
    return guard(cell) if guarded and isinstance(cell, str) else cell


def guard(text: str) -> str:
    """Return text that no spreadsheet takes for a formula when it opens a CSV file; plain numbers stay."""
    return f"'{text}" if FORMULA.match(text) and not PLAIN_NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """Return what `guard` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def records_csv(kind: type, records: Iterable[Any]) -> str:
    """Return records of one dataclass as CSV text, a column for each of its fields."""
    return csv_text([field.name for field in fields(kind)], (astuple(record) for record in records))
