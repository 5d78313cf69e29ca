"""What the decisions of an older file were made on, written beside them from the forms as they stand.

Only a person knows that the forms say what they said then: this is a command of its own (`taprev basis`), and changes
no decision that says already what it was made on.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from taprev.extraction.basis import READINGS, rule_in_words
from taprev.extraction.reconcile import reconcile
from taprev.extraction.rulings import adjudication_path, header_with, read_rulings
from taprev.extraction.sheets.write_back import write_back
from taprev.extraction.tables import header_of, number_of
from taprev.settings.extraction import ExtractionPlan


def record_readings(data: Path, plan: ExtractionPlan) -> int:
    """Write the present readings beside every decision that names none; return how many there were.

    Raises ValueError where forms or adjudications have problems, which are said.
    """
    merged, path = reconcile(data, plan), adjudication_path(data)
    if merged.problems:
        raise ValueError("\n".join(problem.sentence() for problem in merged.problems))
    cells: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for cell in merged.decided:
        if cell.ruling:
            cells[cell.ruling].append((cell.result, cell.basis))
    rulings = read_rulings(path)
    silent = [(number_of(ruling), ruling) for ruling in rulings if not ruling[READINGS] and cells[number_of(ruling)]]
    made_on = {
        (row, READINGS): cells[row][0][1] if ruling["result"] else rule_in_words(cells[row]) for row, ruling in silent
    }
    if made_on:
        write_back(path, made_on, header=header_with([*header_of(path), READINGS]))
    return len(silent)
