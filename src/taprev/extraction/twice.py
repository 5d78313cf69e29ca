"""Which results should stand in more than one form, and how many of them do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.forms import FormRows, of_result, results_of
from taprev.extraction.problems import IN_SETTINGS, Problem
from taprev.extraction.tables import Row, columns, read_rows
from taprev.settings.extraction import TwiceExtracted
from taprev.vocabulary import Twice

COUNTED = (("studies", "study"), ("results", "result"))
SETTING = f"{IN_SETTINGS}, extraction > twice"


@dataclass(frozen=True)
class TwiceShare:
    """How many studies or results of the consensus stand in two forms at least, and what of the sample does."""

    of: int
    twice: int
    planned: int
    planned_twice: int

    @property
    def as_planned(self) -> bool:
        """Whether what stands in two forms is the sample, no more and no less."""
        return self.twice == self.planned == self.planned_twice


def sampled_studies(extracted: Path, twice: TwiceExtracted) -> frozenset[str]:
    """Return the studies that the sample names, itself or by a column of studies.csv."""
    if not twice.column:
        return frozenset(twice.studies)
    rows = read_rows(extracted / "studies.csv")
    return frozenset(row["study"] for row in rows if row.get(twice.column, "") in twice.levels)


def is_twice(row: Row, twice: TwiceExtracted, studies: frozenset[str]) -> bool:
    """Return whether a result should stand in more than one form; `studies` are those of the sample."""
    if twice.which != Twice.SAMPLE:
        return twice.which == Twice.ALL
    return row["study"] in studies or row["result"] in twice.results


def studies_read(forms: FormRows) -> dict[str, frozenset[str]]:
    """Return for each form the studies of which it has a result."""
    return {form: frozenset(row["study"] for row in rows.values()) for form, rows in forms.items()}


def asked_forms(rows: dict[str, Row], read: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the forms that are asked about a result which should stand in more than one of them.

    `rows` holds the row of each form that has it, `read` what `studies_read` returns. Where two forms or more have rows
    of its study, these are asked: the other extractors did not read it. Where one alone has, all are asked.
    """
    study = next(iter(rows.values()))["study"]
    there = tuple(form for form, studies in read.items() if form in rows or study in studies)
    return there if len(there) > 1 else tuple(read)


def twice_shares(extracted: Path, twice: TwiceExtracted, forms: FormRows) -> dict[str, TwiceShare]:
    """Return how much of the consensus was extracted twice, of its studies and of its results.

    A study counts where any of its results does; it is of the sample where any of them is.
    """
    rows, sampled = read_rows(extracted / "outcomes.csv"), sampled_studies(extracted, twice)
    planned = [row for row in rows if is_twice(row, twice, sampled)]
    done = [row for row in rows if len(of_result(forms, row["result"])) > 1]
    return {name: _share(*({row[key] for row in some} for some in (rows, done, planned))) for name, key in COUNTED}


def _share(every: set[str], done: set[str], planned: set[str]) -> TwiceShare:
    return TwiceShare(len(every), len(done), len(planned), len(done & planned))


def sample_problems(extracted: Path, twice: TwiceExtracted, forms: FormRows) -> Iterator[Problem]:
    """Yield a problem for every study, result, column or level of the sample that does not exist."""
    if twice.which != Twice.SAMPLE:
        return
    studies = read_rows(extracted / "studies.csv")
    known, results = {row["study"] for row in studies}, set(results_of(forms))
    for study in twice.studies:
        if study not in known:
            yield _problem("studies", f'found "{study}", which studies.csv does not have.', "Correct its spelling.")
        elif not any(row["study"] == study for rows in forms.values() for row in rows.values()):
            yield _problem("studies", f'found "{study}", of which no form has a result.', "Extract it, or remove it.")
    for result in twice.results:
        if result not in results:
            yield _problem("results", f'found "{result}", which no form has.', "Correct it, or remove it.")
    if not twice.column:
        return
    if twice.column not in (header := columns(extracted, "studies")):
        found = f'found "{twice.column}", which is no column of studies.csv.'
        yield _problem("column", found, f"Use one of {', '.join(header)}.")
        return
    there = {row[twice.column] for row in studies}
    for level in twice.levels:
        if level not in there:
            found = f'found "{level}", which no study has in {twice.column}.'
            yield _problem("levels", found, f"There are: {', '.join(sorted(there))}.")


def _problem(part: str, found: str, advice: str) -> Problem:
    return Problem(f"{SETTING} > {part}", None, "", "", "", found, advice)
