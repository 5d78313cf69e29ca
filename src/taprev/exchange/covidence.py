"""The extraction export of Covidence (one sheet, CSV): a row for each study and reviewer, and one for the consensus.

The questions of a form are of its authors, so a mapping says what they are. Reviewers become forms, the consensus the
rows of outcomes.csv, with a decision for each cell in which the consensus is not what the forms agree on. A study
without a consensus stays open: nobody's form is taken for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, Identifiers, assembled, with_results
from taprev.exchange.imported import Imported, ReadDomain
from taprev.exchange.mapped_table import gathered_by
from taprev.exchange.proposal import MappingNeeded, proposed
from taprev.exchange.received import ReceivedFile
from taprev.exchange.tabular import SourceTable, read_table
from taprev.extraction.forms import IN_ORDER
from taprev.extraction.sheets.grid import many
from taprev.extraction.tables import Row

NAME = "Covidence extraction"
NUMBER, STUDY, TITLE, REVIEWER = "Covidence #", "Study ID", "Title", "Reviewer Name"
FIXED = (NUMBER, STUDY, TITLE, REVIEWER)
CONSENSUS = "consensus"


def is_covidence(file: ReceivedFile) -> bool:
    """Return whether a table has the columns that Covidence puts before the questions."""
    return file.has(NUMBER, STUDY, REVIEWER)


def read_covidence(path: Path, answers: Answers) -> Imported:
    """Return the forms and the consensus of an export.

    Raises MappingNeeded where no mapping says what the questions are, and ValueError for every fault of it.
    """
    table = read_table(path, answers.sheet, repeated=True)
    if missing := [name for name in (NUMBER, STUDY, REVIEWER) if name not in table.header]:
        raise ValueError(f"{path}: the columns {', '.join(missing)} of Covidence are missing.")
    if not answers.tables:
        examples = {name: next((row[name] for _, row in table.rows if row[name]), "")[:40] for name in table.header}
        heads = [name for name in table.header if name not in FIXED and examples[name]]
        raise MappingNeeded(path, proposed(path, [STUDY, TITLE, *heads], examples, {"study": STUDY, "citation": TITLE}))
    ids = Identifiers()
    by_form, said = _by_form(path, table)
    gathered = {form: _gathered(path, own, table, answers) for form, own in by_form.items()}
    everyone = _joined(gathered)
    whole = assembled(with_results(everyone), ids)
    forms = {form: tuple(ids.row(one) for one in own.results) for form, own in gathered.items() if form != CONSENSUS}
    agreed = gathered.get(CONSENSUS)
    outcomes = tuple(ids.row(one) for one in agreed.results) if agreed else ()
    if not forms:
        return replace(whole, remarks=(*whole.remarks, *said))
    return replace(
        whole,
        tables={**whole.tables, "outcomes": outcomes},
        forms=forms,
        remarks=(*whole.remarks, *said, *_open(table)),
    )


def _by_form(path: Path, table: SourceTable) -> tuple[dict[str, SourceTable], list[str]]:
    """Return the rows of the consensus and of each form: the reviewers of a study in the order of their names."""
    rows: dict[str, list[tuple[int, Row]]] = {}
    names: dict[str, dict[str, int]] = {}
    reviewers: dict[str, list[str]] = {}
    for _, row in table.rows:
        if row[REVIEWER].casefold() != CONSENSUS:
            reviewers.setdefault(row[NUMBER], []).append(row[REVIEWER])
    _refuse_crowds(path, reviewers)
    for number, row in table.rows:
        own = sorted(dict.fromkeys(reviewers.get(row[NUMBER], [])))
        form = CONSENSUS if row[REVIEWER].casefold() == CONSENSUS else IN_ORDER[own.index(row[REVIEWER])]
        rows.setdefault(form, []).append((number, row))
        names.setdefault(form, {}).setdefault(row[REVIEWER], 0)
        names[form][row[REVIEWER]] += 1
    told = [
        f"Form {form}: "
        + ", ".join(f"{name} ({many(count, 'study', 'studies')})" for name, count in names[form].items())
        + "."
        for form in IN_ORDER
        if form in names
    ]
    ordered = [form for form in (CONSENSUS, *IN_ORDER) if form in rows]
    return {form: SourceTable(table.header, tuple(rows[form]), table.remarks) for form in ordered}, told


def _refuse_crowds(path: Path, reviewers: Mapping[str, list[str]]) -> None:
    """Raise ValueError where a reviewer has two rows of a study, or a study more reviewers than there are forms."""
    for number, names in reviewers.items():
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(f"{path}: Covidence #{number} has two rows of {twice[0]}. Take one of them out.")
        if len(names) > len(IN_ORDER):
            raise ValueError(
                f"{path}: Covidence #{number} has {len(names)} reviewers; at most {len(IN_ORDER)} are read."
            )


def _gathered(path: Path, own: SourceTable, table: SourceTable, answers: Answers) -> Gathered:
    """Return the results of one form; two studies of one name are told apart by their number in Covidence."""
    numbers: dict[str, list[str]] = {}
    for _, row in table.rows:
        named = numbers.setdefault(row[STUDY], [])
        named += [row[NUMBER]] if row[NUMBER] not in named else []
    rows = tuple(
        (number, {**row, STUDY: row[STUDY] if len(numbers[row[STUDY]]) == 1 else f"{row[STUDY]} (#{row[NUMBER]})"})
        for number, row in own.rows
    )
    header = tuple(name for name in own.header if name not in (NUMBER, REVIEWER))
    made = gathered_by(path, SourceTable(header, rows, ()), answers, NAME, lambda _, row: row[NUMBER])
    place = {"location": f"{path.name}, Covidence"}
    return replace(made, results=[replace(one, cells={**place, **one.cells}) for one in made.results])


def _joined(gathered: Mapping[str, Gathered]) -> Gathered:
    """Return everything of all forms together: what the consensus says of a study goes before."""
    every = list(gathered.values())
    studies: dict[str, dict[str, str]] = {}
    reports: dict[str, dict[str, str]] = {}
    domains: dict[str, ReadDomain] = {}
    for one in every:
        for name, cells in one.studies.items():
            studies[name] = {**cells, **studies.get(name, {})}
        for name, cells in one.reports.items():
            reports[name] = {**cells, **reports.get(name, {})}
        domains = {**one.domains, **domains}
    return replace(
        every[0],
        results=[result for one in every for result in one.results],
        studies=studies,
        reports=reports,
        domains=domains,
        kept=tuple(replace(table, name=f"{table.name}_{form}") for form, one in gathered.items() for table in one.kept),
    )


def _open(table: SourceTable) -> list[str]:
    """Return which studies have no consensus and stay open."""
    agreed = {row[NUMBER] for _, row in table.rows if row[REVIEWER].casefold() == CONSENSUS}
    left = list(dict.fromkeys(row[STUDY] for _, row in table.rows if row[NUMBER] not in agreed))
    if not left:
        return []
    return [
        f"Studies that have no consensus and stay open in the forms: {len(left)} ({', '.join(left[:8])}). "
        "taprev reconcile takes what both forms agree on, and asks about the rest."
    ]
