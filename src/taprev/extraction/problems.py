"""What is wrong with the extraction, in sentences that name the cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taprev.ground.files import records_csv

IN_SETTINGS = "config/review.yaml"


@dataclass(frozen=True)
class Problem:
    """One thing that stops the review: where it is, what was found, and what to do.

    `row` counts the lines of the table as a spreadsheet does, the header being row 1; it is empty where the
    problem belongs to the file as a whole. `column` names several with commas between them.
    """

    file: str
    row: int | None
    result: str
    study: str
    column: str
    found: str
    advice: str

    def sentence(self) -> str:
        """Return the problem as one line for a reviewer."""
        who = ", ".join(part for part in (self.result, self.study) if part)
        where = [
            self.file,
            f"row {self.row}" + (f" ({who})" if who else "") if self.row else who,
            f"column{'s' if ',' in self.column else ''} {self.column}" if self.column else "",
        ]
        return f"{', '.join(part for part in where if part)}: {self.found} {self.advice}".rstrip()


def empty_cells(file: str, row: int, result: str, study: str, columns: Iterable[str]) -> Problem:
    """Return the problem of a row in which cells are empty that every row fills in."""
    advice = "Fill them in, or remove the row."
    return Problem(file, row, result, study, ", ".join(columns), "empty, and every row needs them.", advice)


def first_of(names: Iterable[str], most: int = 8) -> str:
    """Return the first of some names, and how many more there are."""
    every = [*names]
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def problems_csv(problems: Iterable[Problem]) -> str:
    """Return the problems as CSV text with a header, one problem a row."""
    return records_csv(Problem, problems)
