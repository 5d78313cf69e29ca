"""Which cells were coded once for all forms, by whom and on what basis: that the forms agree there says nothing.

The settings name the columns (`agreement > coded_once`), and may name a table of what was filled into them
(`agreement > completions`): a row for each result, its cells, and in `basis`, `coded_by` and `coded_on` what is known
of how they came to be. With that table a cell counts as coded once where the table fills it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.problems import IN_SETTINGS, Problem
from taprev.extraction.tables import Row, by_value, columns, header_of, named, read_rows, there
from taprev.settings.sections import Agreement

KEY, BASIS, CODER = "result", "basis", ("coded_by", "coded_on")
SETTING = f"{IN_SETTINGS}, agreement > completions"


@dataclass(frozen=True)
class CodedOnce:
    """The columns that were coded once for all forms; `rows` holds what was filled in by result, None if no table."""

    columns: frozenset[str] = frozenset()
    rows: Mapping[str, Row] | None = None

    def holds(self, result: str, column: str) -> bool:
        """Return whether a cell on which the forms agree was coded once."""
        if column not in self.columns:
            return False
        return self.rows is None or bool(self.rows.get(result, {}).get(column))

    def basis(self, result: str) -> str:
        """Return on what the cells of a result were coded once, by whom and when, as far as it is recorded."""
        row = (self.rows or {}).get(result, {})
        who = ", ".join(filter(None, (row.get(name, "") for name in CODER)))
        return f"{row.get(BASIS, '')} ({who})".strip() if who else row.get(BASIS, "")


NOTHING_ONCE = CodedOnce()


def read_coded_once(data: Path, wanted: Agreement) -> CodedOnce:
    """Return which cells were coded once, by the settings and the table that they may name.

    Raises ValueError with a sentence for each problem where that table cannot be used.
    """
    names = frozenset(wanted.coded_once)
    if not wanted.completions:
        return CodedOnce(names)
    path = data / wanted.completions
    if not there(path):
        advice = "Correct the path, which begins in the data folder, or leave the setting empty."
        raise ValueError(Problem(SETTING, None, "", "", "", f"{path.as_posix()} is not there.", advice).sentence())
    rows = read_rows(path)
    if problems := list(_problems(path, rows, names, columns(data / "extracted", "outcomes"))):
        raise ValueError("\n".join(problem.sentence() for problem in problems))
    return CodedOnce(names, {row[KEY]: row for row in rows})


def _problems(path: Path, rows: list[Row], coded: frozenset[str], outcomes: list[str]) -> Iterator[Problem]:
    header = header_of(path)
    if KEY not in header:
        yield Problem(named(path), 1, "", "", KEY, f"the header lacks {KEY}.", "Name the result of each row.")
        return
    for name in header:
        if name in outcomes and name not in (KEY, *coded):
            yield Problem(named(path), 1, "", "", name, "it is not among agreement > coded_once.", "Name it there.")
    for result, own in by_value(rows, KEY).items():
        if len(own) > 1:
            yield Problem(named(path), None, result, "", KEY, "the result stands here twice.", "Keep one row.")
