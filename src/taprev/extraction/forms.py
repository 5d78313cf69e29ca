"""The forms of the extractors: `data/raw/form_NAME.csv`, one each, in the columns of the outcomes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.problems import Problem, empty_cells
from taprev.extraction.sheets.places import form_files
from taprev.extraction.tables import Row, file_name, file_problems, named, number_of, numbered_rows, read_rows
from taprev.vocabulary import Decision

FIRST_TWO = ("first", "second")
IN_ORDER = (*FIRST_TWO, "third", "fourth", "fifth", "sixth")
NAMED = re.compile(r"[a-z][a-z0-9_]*")
FormRows = dict[str, dict[str, Row]]
"""The rows of every form by result."""


@dataclass(frozen=True)
class ReadForms:
    """The forms as they were read, and what is wrong with them; the rows are complete where nothing is."""

    rows: FormRows
    problems: tuple[Problem, ...]


def form_paths(data: Path) -> dict[str, Path]:
    """Return the paths of the forms under the data folder by name: first, second and so on, then by letter.

    Where there are fewer than two, the first and the second are among them, whether they exist or not.
    """
    folder = data / "raw"
    names = [name.removeprefix("form_") for name in form_files(folder)]
    lacking = [name for name in FIRST_TWO if name not in names][: max(0, 2 - len(names))]
    return {name: folder / f"form_{name}.csv" for name in sorted((*names, *lacking), key=_place)}


def _place(name: str) -> tuple[int, str]:
    return (IN_ORDER.index(name) if name in IN_ORDER else len(IN_ORDER), name)


def read_forms(paths: dict[str, Path], header: list[str], required: Collection[str]) -> ReadForms:
    """Return the rows of every form, or everything for which they cannot be read.

    `required` are the columns that every row fills in.
    """
    problems = [*_names(paths, header)]
    problems += [p for path in paths.values() for p in file_problems(path, header) or ragged(path)]
    if problems:
        return ReadForms({}, tuple(problems))
    rows = {name: read_rows(path) for name, path in paths.items()}
    begun = any(rows.values())
    for name, path in paths.items():
        problems += _rows(path, rows[name], begun, required)
    problems += spelled_otherwise(paths, rows, "result")
    return ReadForms({name: {row["result"]: row for row in own} for name, own in rows.items()}, tuple(problems))


def unfilled(row: Row, required: Collection[str]) -> list[str]:
    """Return the columns that every row fills in and this one does not, but for its identifier, which can be made."""
    return [name for name in required if name != "result" and not row.get(name)]


def of_result(forms: FormRows, result: str) -> dict[str, Row]:
    """Return the rows of a result by form, of the forms that have it."""
    return {name: rows[result] for name, rows in forms.items() if result in rows}


def results_of(forms: FormRows) -> list[str]:
    """Return every result once: those of the first form in its order, then what each other form adds."""
    return list(dict.fromkeys(result for rows in forms.values() for result in rows))


def form_words(form: str) -> str:
    """Return the name of a form inside a sentence."""
    return form.replace("_", " ")


def ragged(path: Path, short: bool = True) -> list[Problem]:
    """Return a problem for every row that is longer than the header, or where `short` is true shorter."""
    return [
        Problem(
            named(path),
            number,
            row.get("result") or "",
            row.get("study") or "",
            "",
            f"the row has {'extra' if None in row else 'missing'} cells.",
            "Count its commas; a text with a comma needs quotation marks.",
        )
        for number, row in numbered_rows(path)
        if None in row or (short and None in row.values())
    ]


def spelled_otherwise(paths: Mapping[str, Path], rows: Mapping[str, list[Row]], column: str) -> Iterator[Problem]:
    """Yield a problem for a name with spaces around it, or that differs from an earlier one by capitals alone."""
    spelled: dict[str, tuple[str, str]] = {}
    for form, path in paths.items():
        file = file_name(path)
        for row in rows[form]:
            number = number_of(row)
            text, found = row[column], ""
            first, place = spelled.setdefault(text.strip().casefold(), (text.strip(), f"{file}, row {number}"))
            if text != text.strip():
                found, advice = f'found "{text}", with a space before or behind.', "Remove the space."
            elif text != first:
                found = f'found "{text}", and "{first}" in {place}; they differ by capitals alone.'
                advice = f"Write one {column} alike in every form; two need names that differ by more."
            if found:
                yield Problem(named(path), number, row["result"], row["study"], column, found, advice)


def _names(paths: dict[str, Path], header: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for a form whose name is that of another, a column or a decision, or has other characters."""
    taken: dict[str, str] = {}
    for name, path in paths.items():
        lower = name.casefold()
        if lower in taken:
            found = f"the form has the name of {taken[lower]}, but for capitals."
            yield Problem(named(path), None, "", "", "", found, "Give each form a name of its own.")
        elif not NAMED.fullmatch(name):
            advice = "Use only a-z, 0-9 and _, and begin with a letter: form_third.csv."
            yield Problem(named(path), None, "", "", "", f'found a form named "{name}".', advice)
        elif name in header or name in set(Decision):
            found = f'the form is named "{name}", which is a column of outcomes.csv or a decision.'
            yield Problem(named(path), None, "", "", "", found, "Rename it: form_third.csv.")
        taken.setdefault(lower, file_name(path))


def half_filled(path: Path, rows: Iterable[Row], required: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each row without an identifier in which cells are empty that every row fills in."""
    for row in rows:
        if not row["result"] and (empty := unfilled(row, required)):
            yield empty_cells(named(path), number_of(row), "", row["study"], empty)


def rows_in_words(numbers: Sequence[int]) -> str:
    """Return how many rows there are and which, with the verb: `11 rows (4 to 12, 15 and 16) have`."""
    if len(numbers) == 1:
        return f"row {numbers[0]} has"
    runs = [[number, number] for number in numbers[:1]]
    for number in numbers[1:]:
        if number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    said = [str(first) if first == last else f"{first} to {last}" for first, last in runs]
    which = " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
    return f"{len(numbers)} rows ({which}) have"


def _rows(path: Path, rows: list[Row], begun: bool, required: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for a form without rows where others have some, and for rows without a name of their own."""
    if begun and not rows:
        advice = "Fill it in, or remove the file; a part that nobody extracts twice is a sample: extraction > twice."
        yield Problem(named(path), None, "", "", "", "the form has no rows.", advice)
    yield from half_filled(path, rows, required)
    if lacking := [number_of(row) for row in rows if not row["result"] and not unfilled(row, required)]:
        advice = "Run taprev reconcile, which makes them."
        yield Problem(named(path), None, "", "", "result", f"{rows_in_words(lacking)} no identifier.", advice)
    seen: set[str] = set()
    for row in (row for row in rows if row["result"]):
        number, result = number_of(row), row["result"]
        if result in seen:
            found = f'found "{result}" again; it already stands in an earlier row.'
            advice = "Give the row an identifier of its own, or remove it."
            yield Problem(named(path), number, result, row["study"], "result", found, advice)
        seen.add(result)
