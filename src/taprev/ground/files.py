"""Writing files so that nothing finished is ever half overwritten, and tables as CSV text."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

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
    """Write bytes to a temporary file beside `path`, then rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        note_written(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


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
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(cell, guarded) for cell in row] for row in rows)
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
