"""Any table, read through a mapping: columns to columns, constants, and words for words; what is not mapped is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, NamedResult, assembled, of_the_same_people, with_results
from taprev.exchange.escalc_cells import OF_METAFOR
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.mapped_cells import figure_rules, lacking, statistic_of, wrong_words
from taprev.exchange.names import plain
from taprev.exchange.proposal import MappingNeeded, normal, proposed
from taprev.exchange.study_years import studies_with_years
from taprev.exchange.table_map import TableMap
from taprev.exchange.tabular import SourceTable, read_table
from taprev.exchange.typed_figures import typed_rows, without_absence
from taprev.extraction.tables import Row, codebook
from taprev.ground.shipped import CODEBOOK, shipped
from taprev.vocabulary import Read, Scale, Statistic

NAME = "table by a mapping"
MAPPED = ("studies", "reports", "outcomes")
OF_DOMAIN = ("scale", "unit")
NAMED_BY = ("study", "domain", "measure")
NUMBERED = "{n}"
"""What stands in a head of a mapping for the number of a repeated question."""
MOST_REPEATS = 1_000


def read_mapped(path: Path, answers: Answers) -> Imported:
    """Return the rows of a table by the mapping of the answers.

    Raises MappingNeeded where there is none, and ValueError with every fault of the mapping and of the cells.
    """
    table = read_table(path, answers.sheet)
    if not answers.tables:
        examples = {name: next((row[name] for _, row in table.rows if row[name]), "")[:40] for name in table.header}
        raise MappingNeeded(path, proposed(path, table.header, examples))
    refuse_measure(answers)
    gathered = gathered_by(path, studies_with_years(table, answers.tables), answers, NAME)
    said = (*gathered.remarks, *of_the_same_people(gathered.results))
    return assembled(with_results(replace(gathered, remarks=said)))


def refuse_measure(answers: Answers) -> None:
    """Raise ValueError for a measure that nobody would read: the figures and constants of a mapping say what it is."""
    if answers.measure.upper() not in ("", "SMD"):
        raise ValueError(
            f"--measure {answers.measure} is for a table of effects. In a mapping the figures say what the effects "
            "are: means give standardised mean differences, events odds ratios. Otherwise write beneath outcomes "
            "constants: {scale: md, unit: YOURS} for mean differences, or {ratio_kind: risk} for risk ratios."
        )


def gathered_by(
    path: Path, table: SourceTable, answers: Answers, name: str, key: Callable[[int, Row], str] | None = None
) -> Gathered:
    """Return what a table holds by the mapping of the answers; ValueError with every fault.

    `key` tells one row of the file from another; by default the number of the row, which `location` says.
    """
    if faults := [*_faults(table, answers.tables)]:
        raise ValueError("\n".join(f"the mapping: {fault}" for fault in faults))
    repeats = repeated(table, answers.tables.get("outcomes", TableMap()))
    filled = [
        (number, f"{key(number, row) if key else number} {n}", _row(row, one))
        for number, row in table.rows
        for n, one in enumerate(repeats, start=1)
        if n == 1 or any(row[head] for head in one.columns.values() if head not in repeats[0].columns.values())
    ]
    typed = typed_rows(path, [(number, row) for number, _, row in filled], figure_rules())
    if wrong := [*typed.faults, *wrong_words(path, typed.rows)]:
        raise ValueError("\n".join(wrong))
    filled = [(number, identity, row) for (number, identity, _), (_, row) in zip(filled, typed.rows, strict=True)]
    results, without = [], []
    for number, identity, row in filled:
        made = _result(path, number, identity, row, key is None)
        if made is None:
            without.append((str(number), lacking(row), *(row.get(column, "") for column in NAMED_BY)))
        else:
            results.append(made)
    said = [f"Row {number} was left out: {why}." for number, why, *_ in without]
    used = {head for one in (*answers.tables.values(), *repeats) for head in one.columns.values()}
    return Gathered(
        format=name,
        path=path,
        results=results,
        domains=_domains([row for _, _, row in filled if row.get("domain")]),
        studies=_by_study(table, answers, "studies"),
        reports=_by_study(table, answers, "reports"),
        remarks=(*table.remarks, *typed.remarks, *said),
        kept=(_left(table, used), _without(without)),
        read=Read.NOT_CODED,
    )


def _with_ours(column: str) -> str:
    """Return a column in quotation marks, with ours behind it where it is one of metafor's."""
    ours = OF_METAFOR.get(column)
    return f'"{column}"' + (f" (metafor's name; here it is {ours})" if ours else "")


def repeated(table: SourceTable, one: TableMap) -> list[TableMap]:
    """Return the mapping once for each number that its heads have in the place of `{n}`; as it is where none has."""
    if not any(NUMBERED in head for head in one.columns.values()):
        return [one]
    made = []
    for n in range(1, MOST_REPEATS):
        heads = {column: head.replace(NUMBERED, str(n)) for column, head in one.columns.items()}
        numbered = [heads[column] for column, head in one.columns.items() if NUMBERED in head]
        if not any(head in table.header for head in numbered):
            break
        there = {column: head for column, head in heads.items() if head in table.header}
        made.append(one.model_copy(update={"columns": there}))
    return made


def _result(path: Path, number: int, identity: str, row: Row, located: bool) -> NamedResult | None:
    """Return a row as a result; None where it has no study, no domain, or fills no group of figures."""
    study, domain, statistic = row.get("study", ""), row.get("domain", ""), row.get("statistic") or statistic_of(row)
    if not study or not domain or not statistic:
        return None
    cells = {name: text for name, text in row.items() if name not in OF_DOMAIN}
    sample = plain(cells["sample"], "all") if cells.get("sample") else "all"
    told = {"measure": row.get("measure") or domain, "sample": sample, "statistic": statistic}
    place = {"location": row.get("location") or f"{path.name}, row {number}"} if located else {}
    return NamedResult(study, identity, domain, {**cells, **told, **place})


def _faults(table: SourceTable, tables: Mapping[str, TableMap]) -> Iterator[str]:
    """Yield every name of a mapping that neither the file nor the codebook has."""
    known = codebook(shipped(CODEBOOK).parent)
    heads = {normal(name): name for name in table.header}
    if "outcomes" not in tables:
        yield "it says nothing of the table outcomes, so there is nothing to read."
    for name, one in tables.items():
        if name not in MAPPED:
            yield f'"{name}" is not a table that a mapping fills; it fills {", ".join(MAPPED)}.'
            continue
        columns = [field["name"] for field in known[name]["schema"]["fields"]]
        allowed = {*columns, *(OF_DOMAIN if name == "outcomes" else ())}
        named = dict.fromkeys((*one.columns, *one.constants, *one.values))
        if strange := [column for column in named if column not in allowed]:
            yield f"{name} has no column {', '.join(map(_with_ours, strange))}. It has {', '.join(columns)}."
        for column, head in one.columns.items():
            if head.replace(NUMBERED, "1") not in table.header:
                near = heads.get(normal(head))
                yield f'{name}, {column}: the file has no column "{head}".' + (
                    f' Did you mean "{near}"?' if near else ""
                )
        if "study" not in one.columns and (one.columns or name == "outcomes"):
            yield f"{name}: no column names the study."
        if name == "outcomes" and "domain" not in {*one.columns, *one.constants}:
            yield "outcomes: nothing names the domain. Name its column, or write constants: {domain: YOURS}."


def _row(typed: Row, one: TableMap) -> Row:
    row = {column: str(value) for column, value in one.constants.items()}
    for column, head in one.columns.items():
        text = without_absence(typed[head])
        row[column] = one.values.get(column, {}).get(text, text) or row.get(column, "")
    return row


def _domains(rows: Sequence[Row]) -> dict[str, ReadDomain]:
    made: dict[str, ReadDomain] = {}
    for row in rows:
        name = row["domain"]
        md = row.get("scale") == Scale.MD
        event = row.get("statistic") == Statistic.EVENTS or bool(row.get("event_arm1"))
        made.setdefault(
            name, ReadDomain(name, name, Scale.MD if md else Scale.SMD, row.get("unit", "units") if md else "", event)
        )
    return made


def _by_study(table: SourceTable, answers: Answers, name: str) -> dict[str, dict[str, str]]:
    """Return what the rows of each study say in a mapped table, the first that says something."""
    one = answers.tables.get(name)
    made: dict[str, dict[str, str]] = {}
    if one is None or "study" not in one.columns:
        return made
    for _, typed in table.rows:
        row = _row(typed, one)
        if study := row.pop("study", ""):
            own = made.setdefault(study, {})
            own |= {column: text for column, text in row.items() if text and column not in own}
    return made


def _left(table: SourceTable, used: set[str]) -> KeptTable:
    left = [name for name in table.header if name not in used and any(row[name] for _, row in table.rows)]
    rows = tuple((str(number), *(row[name] for name in left)) for number, row in table.rows) if left else ()
    return KeptTable("columns", ("row", *left), rows, "columns that the mapping does not name")


def _without(rows: Sequence[tuple[str, ...]]) -> KeptTable:
    return KeptTable("rows", ("row", "why", *NAMED_BY), tuple(rows), "rows that were left out")
