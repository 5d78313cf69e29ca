"""The consensus on disk: written from forms and adjudications, compared with them, and never silently replaced."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from taprev.extraction.forms import form_paths
from taprev.extraction.problems import Problem
from taprev.extraction.reconcile import USUAL, ReconciledCell, Reconciliation, reconcile
from taprev.extraction.rulings import adjudication_path
from taprev.extraction.sheets.write_back import rows_in_dialect
from taprev.extraction.tables import (
    Row,
    columns,
    file_name,
    file_problems,
    filled_in,
    named,
    number_columns,
    numbered_rows,
    read_rows,
    same_number,
    there,
)
from taprev.ground.files import write_bytes
from taprev.ground.fingerprint import file_sha256
from taprev.settings.extraction import ExtractionPlan


def consensus_path(data: Path) -> Path:
    """Return the path of the consensus under the data folder."""
    return data / "extracted" / "outcomes.csv"


def not_merged(data: Path, plan: ExtractionPlan) -> str:
    """Return why the consensus is not to be written from forms: extracted once, or no form has a row; else nothing."""
    path = consensus_path(data)
    if plan.once:
        return (
            f"extraction > twice is none: the figures stand in {path.as_posix()} as they were extracted, and no form "
            "replaces them. Nothing was written. Where forms are to be merged, set extraction > twice to all or to a "
            "sample."
        )
    header, forms = columns(data / "extracted", "outcomes"), form_paths(data).values()
    if there(path) and filled_in(path) and file_name(path) != path.name:
        return (
            f"{named(path)} holds the figures, and taprev reconcile writes them from the forms into {path.name}. "
            "Nothing was written. Empty the sheet below its header, or set extraction > twice to none."
        )
    if any(file_problems(file, header) for file in (path, *forms)) or any(map(read_rows, forms)):
        return ""
    if not (rows := read_rows(path)):
        return ""
    return (
        f"no form in {(data / 'raw').as_posix()} has a row, and {path.as_posix()} has {len(rows)}, which would be "
        "lost. Nothing was written. Fill in the forms, or set extraction > twice to none where the figures were "
        "extracted once."
    )


def not_compared(data: Path, plan: ExtractionPlan) -> str:
    """Return a sentence where forms are filled in and, the figures being extracted once, nothing looks at them."""
    if not plan.once:
        return ""
    filled = [path.name for path in form_paths(data).values() if there(path) and filled_in(path)]
    if not filled:
        return ""
    return (
        f"{' and '.join(filled)} in {(data / 'raw').as_posix()}: filled in, and not compared with outcomes.csv, "
        "because extraction > twice is none."
    )


def replace_consensus(data: Path, rows: Iterable[Row]) -> list[str]:
    """Write the rows as `outcomes.csv` and return a sentence for every filled cell that is replaced.

    Where a filled cell or a row would be lost, an edit by hand perhaps, the earlier file is kept whole in
    `data/raw/replaced/`, under a name made from its content, so that nothing kept there is overwritten.
    """
    path, rows = consensus_path(data), tuple(rows)
    header, sentences = columns(data / "extracted", "outcomes"), []
    if path.is_file():
        unreadable = [problem.sentence() for problem in file_problems(path, header)]
        sentences = unreadable or _replaced(path, rows)
    if sentences:
        kept = data / "raw" / "replaced" / f"outcomes_{file_sha256(path)[:8]}.csv"
        write_bytes(kept, path.read_bytes())
        sentences.append(f"The earlier consensus is kept as {kept.as_posix()}.")
    written = rows_in_dialect(path, header, rows)
    if not path.is_file() or path.read_bytes() != written:
        write_bytes(path, written)
    return sentences


def _replaced(path: Path, rows: tuple[Row, ...]) -> list[str]:
    wanted = {row["result"]: row for row in rows}
    sentences = []
    for number, row in numbered_rows(path):
        where = f"{named(path)}, row {number} ({row['result']}, {row['study']})"
        if row["result"] not in wanted:
            sentences.append(f"{where}: no form has this result, and the row is taken out.")
            continue
        sentences += [
            f'{where}, column {column}: "{was}" was there; forms and adjudications give '
            f'"{wanted[row["result"]].get(column, "")}".'
            for column, was in row.items()
            if was and column and was != wanted[row["result"]].get(column, "")
        ]
    return sentences


def consensus_problems(data: Path, plan: ExtractionPlan = USUAL) -> list[Problem]:
    """Return every cell in which `outcomes.csv` is not what forms and adjudications give."""
    result = reconcile(data, plan)
    if result.problems:
        return list(result.problems)
    study = {row["result"]: row["study"] for rows in result.forms.values() for row in rows.values()}
    places = _places(data) if result.open_cells else {}
    open_cells = [_open(data, cell, study[cell.result], places[cell.result]) for cell in result.open_cells]
    numbers = frozenset(number_columns(data / "extracted", "outcomes"))
    return open_cells or _differences(consensus_path(data), result, numbers)


def _places(data: Path) -> dict[str, str]:
    """Return for each result the rows of the forms that have it, as people name them."""
    found: dict[str, list[str]] = {}
    for path in filter(there, form_paths(data).values()):
        for number, row in numbered_rows(path):
            found.setdefault(row["result"], []).append(f"{named(path)}, row {number}")
    return {result: " and ".join(rows) for result, rows in found.items()}


def _open(data: Path, cell: ReconciledCell, study: str, places: str) -> Problem:
    advice = "Run taprev reconcile and fill its worksheet, or add the decision and its reason to adjudication.csv."
    if earlier := cell.earlier:
        found = f"{earlier.sentence()}. Now it is {cell.basis}, so the decision is not counted and the cell is open."
        advice = "Run taprev reconcile: its worksheet asks again, and the old decision stays where it is."
        return Problem(adjudication_path(data).as_posix(), earlier.row, cell.result, study, cell.column, found, advice)
    if cell.whole:
        has, lacks = (
            " and ".join(form for form, text in cell.readings.items() if bool(text) == there) for there in (True, False)
        )
        found = f"the form {has} has this result, {lacks} has not, and no adjudication takes it or leaves it out."
        return Problem(places, None, cell.result, study, "", found, advice)
    said = " and ".join(f'"{text}"' for text in cell.readings.values())
    found = f"the forms disagree ({said}) and no adjudication decides."
    return Problem(places, None, cell.result, study, cell.column, found, advice)


def _differences(path: Path, merged: Reconciliation, numbers: frozenset[str]) -> list[Problem]:
    present = {row["result"]: (number, row) for number, row in numbered_rows(path)}
    wanted = {row["result"]: row for row in merged.rows}
    problems = [
        Problem(
            named(path),
            number,
            result,
            row["study"],
            "",
            "an adjudication leaves this result out." if result in merged.left_out else "no form has this result.",
            "Run taprev reconcile." if result in merged.left_out else "Enter it in a form, then run taprev reconcile.",
        )
        for result, (number, row) in present.items()
        if result not in wanted
    ]
    problems += [
        Problem(
            named(path),
            None,
            result,
            row["study"],
            "",
            "the forms have this result, the consensus has not.",
            "Run taprev reconcile.",
        )
        for result, row in wanted.items()
        if result not in present
    ]
    return problems + [
        Problem(
            named(path),
            number,
            result,
            row["study"],
            column,
            f'found "{row[column]}", but the forms and adjudications give "{wanted[result][column]}".',
            "Correct the forms or adjudicate with a reason, then run taprev reconcile.",
        )
        for result, (number, row) in present.items()
        if result in wanted
        for column in row
        if row[column] != wanted[result][column]
        and not (column in numbers and same_number(row[column], wanted[result][column]))
    ]
