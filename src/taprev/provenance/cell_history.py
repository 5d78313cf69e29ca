"""What a cell of an extracted table said in every commit that changed it, as git has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from taprev.extraction.tables import codebook, header_of, read_rows, there
from taprev.provenance.diff.revisions import git

KEYS = {"outcomes": "result", "studies": "study", "reports": "report"}
LOG = "--format=%H%x09%ad%x09%an"


@dataclass(frozen=True)
class CellEdition:
    """What a cell said from a commit on: its text, or None where its row was not there; day and author are git's."""

    value: str | None
    day: str
    commit: str
    author: str

    def sentence(self) -> str:
        """Return the edition in a line."""
        return f"{self.day}  {self.commit[:10]}  {self.author}: {_said(self.value)}"


def _said(value: str | None) -> str:
    return "no such row" if value is None else f'"{value}"' if value else "empty"


def history(data: Path, row: str, column: str) -> list[str]:
    """Return what a cell said, a line for each commit that changed it, the oldest first, and what is not committed.

    `row` is a result, a study or a report. Raises ValueError with a sentence where there is no such cell, or no git.
    """
    path, key = _table(data, row, column)
    shown = git("ls-files", "--full-name", "--error-unmatch", "--", path.as_posix())
    if shown is None:
        raise ValueError(
            f"{path.as_posix()}: git does not keep this file, so that nothing says what it said before. Put the review "
            "into a git repository (git init, git add, git commit), and commit every change of a table."
        )
    name = shown.decode("utf-8", "replace").strip()
    editions = list(_changes(path, name, key, row, column))
    lines = [edition.sentence() for edition in editions]
    now = _cell(path, key, row, column)
    if not editions or editions[-1].value != now:
        lines.append(f"not committed: {_said(now)}")
    return lines


def _table(data: Path, row: str, column: str) -> tuple[Path, str]:
    """Return the table in which a row has a column, and the column that names its rows."""
    extracted = data / "extracted"
    for table, key in KEYS.items():
        path = extracted / codebook(extracted)[table]["path"]
        if there(path) and any(own[key] == row for own in read_rows(path)):
            if column not in header_of(path):
                raise ValueError(f'{path.as_posix()}: found no column "{column}". It has {", ".join(header_of(path))}.')
            return path, key
    raise ValueError(f'found no result, study or report "{row}" in {extracted.as_posix()}. Write it as its table does.')


def _changes(path: Path, name: str, key: str, row: str, column: str) -> Iterator[CellEdition]:
    """Yield what the cell said after each commit that made it another."""
    log = (git("log", "--reverse", "--date=short", LOG, "--", path.as_posix()) or b"").decode("utf-8", "replace")
    before: str | None = None
    with TemporaryDirectory() as place:
        for line in log.splitlines():
            commit, day, author = line.split("\t", 2)
            copy = Path(place) / path.name
            copy.write_bytes(git("cat-file", "blob", f"{commit}:{name}") or b"")
            value = _cell(copy, key, row, column)
            if value != before:
                yield CellEdition(value, day, commit, author)
            before = value


def _cell(path: Path, key: str, row: str, column: str) -> str | None:
    """Return a cell of a table, or None where the table cannot be read or has no such row."""
    try:
        return next((own.get(column) or "" for own in read_rows(path) if own.get(key) == row), None)
    except ValueError:
        return None
