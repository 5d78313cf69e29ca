"""Any table, read through a mapping: columns to columns, constants, and words for words; what is not mapped is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, NamedResult, assembled
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.names import plain
from taprev.exchange.proposal import MappingNeeded, normal, proposed
from taprev.exchange.table_map import TableMap
from taprev.exchange.tabular import SourceTable, read_table
from taprev.extraction.checks import FIGURES
from taprev.extraction.tables import Row, codebook
from taprev.ground.files import PLAIN_NUMBER
from taprev.ground.shipped import CODEBOOK, shipped
from taprev.vocabulary import Scale, Statistic

NAME = "table by a mapping"
MAPPED = ("studies", "reports", "outcomes")
OF_DOMAIN = ("scale", "unit")
ABSENT = ("NA", "N/A", "NR", "")
FREE = ("anew",)


def read_mapped(path: Path, answers: Answers) -> Imported:
    """Return the rows of a table by the mapping of the answers.

    Raises MappingNeeded where there is none, and ValueError with every fault of the mapping and of the cells.
    """
    table = read_table(path, answers.sheet)
    if not answers.tables:
        examples = {name: next((row[name] for _, row in table.rows if row[name]), "")[:40] for name in table.header}
        raise MappingNeeded(path, proposed(path, table.header, examples))
    return assembled(gathered_by(path, table, answers, NAME))


def gathered_by(path: Path, table: SourceTable, answers: Answers, name: str) -> Gathered:
    """Return what a table holds by the mapping of the answers; ValueError with every fault."""
    faults = [*_faults(table, answers.tables)]
    if faults:
        raise ValueError("\n".join(f"the mapping: {fault}" for fault in faults))
    outcomes = answers.tables.get("outcomes", TableMap())
    filled = [(number, _row(row, outcomes)) for number, row in table.rows]
    wrong = [*_wrong_cells(path, filled)]
    if wrong:
        raise ValueError("\n".join(wrong))
    results, without = [], []
    for number, row in filled:
        study, domain = row.get("study", ""), row.get("domain", "")
        cells = {
            **row,
            "statistic": row.get("statistic") or statistic_of(row),
            "location": f"{path.name}, row {number}",
        }
        if not study or not cells["statistic"]:
            without.append((str(number), *(row.get(column, "") for column in ("study", "domain", "measure"))))
            continue
        sample = plain(cells["sample"], "all") if cells.get("sample") else "all"
        named = {"measure": row.get("measure") or domain or "outcome", "sample": sample}
        results.append(NamedResult(study, str(number), domain or "outcome", {**cells, **named}))
    used = {column for one in answers.tables.values() for column in one.columns.values()}
    return Gathered(
        format=name,
        path=path,
        results=results,
        domains=_domains(filled),
        studies=_by_study(table, answers, "studies"),
        reports=_by_study(table, answers, "reports"),
        remarks=(*table.remarks,),
        kept=(_left(table, used), _without(without)),
    )


def statistic_of(row: Mapping[str, str]) -> str:
    """Return the group of figures that a row fills, or a direction alone, or nothing."""
    for statistic in (Statistic.EFFECT, *FIGURES):
        needed = FIGURES[statistic]
        if all(row.get(name) for name in needed) and (statistic != Statistic.EFFECT or row.get("effect_measure")):
            return str(statistic)
    return str(Statistic.DIRECTION) if row.get("direction") else ""


def _faults(table: SourceTable, tables: Mapping[str, TableMap]) -> Iterator[str]:
    """Yield every name of a mapping that neither the file nor the codebook has."""
    known = codebook(shipped(CODEBOOK).parent)
    heads = {normal(name): name for name in table.header}
    if "outcomes" not in tables:
        yield "it says nothing of the table outcomes, so there is nothing to read."
    for name, one in tables.items():
        if name not in MAPPED:
            yield f'"{name}" is no table that a mapping fills; it fills {", ".join(MAPPED)}.'
            continue
        columns = [field["name"] for field in known[name]["schema"]["fields"]]
        allowed = {*columns, *(OF_DOMAIN if name == "outcomes" else ())}
        for column in (*one.columns, *one.constants, *one.values):
            if column not in allowed:
                yield f'{name}: "{column}" is no column of taprev. It has {", ".join(columns)}.'
        for column, head in one.columns.items():
            if head not in table.header:
                near = heads.get(normal(head))
                yield f'{name}, {column}: the file has no column "{head}".' + (
                    f' Did you mean "{near}"?' if near else ""
                )
        if "study" not in one.columns:
            yield f"{name}: no column names the study."


def _row(typed: Row, one: TableMap) -> Row:
    row = {column: str(value) for column, value in one.constants.items()}
    for column, head in one.columns.items():
        text = "" if typed[head].strip() in ABSENT else typed[head].strip()
        row[column] = one.values.get(column, {}).get(text, text) or row.get(column, "")
    return row


def _wrong_cells(path: Path, filled: Sequence[tuple[int, Row]]) -> Iterator[str]:
    """Yield every cell that is no number where one belongs, or no word of the codebook where it has a closed list."""
    fields = codebook(shipped(CODEBOOK).parent)["outcomes"]["schema"]["fields"]
    numbers = {field["name"] for field in fields if field["type"] in ("number", "integer")}
    words = {
        f["name"]: f["constraints"]["enum"] for f in fields if "anew" not in f and "enum" in f.get("constraints", {})
    }
    for number, row in filled:
        for column, text in row.items():
            if column in numbers and text and not PLAIN_NUMBER.fullmatch(text):
                yield f'{path}, row {number}, column {column}: found "{text}", which is no number.'
            if column in words and text and text not in words[column]:
                known = ", ".join(map(str, words[column]))
                place = f"{path}, row {number}, column {column}"
                yield f'{place}: found "{text}"; taprev knows {known}. Map it under values.'


def _domains(filled: Sequence[tuple[int, Row]]) -> dict[str, ReadDomain]:
    made: dict[str, ReadDomain] = {}
    for _, row in filled:
        name = row.get("domain") or "outcome"
        md = row.get("scale") == Scale.MD
        event = row.get("statistic") == Statistic.EVENTS or bool(row.get("event_arm1"))
        made.setdefault(
            name, ReadDomain(name, name, Scale.MD if md else Scale.SMD, row.get("unit", "units") if md else "", event)
        )
    return made


def _by_study(table: SourceTable, answers: Answers, name: str) -> dict[str, dict[str, str]]:
    """Return what the first row of each study says in a mapped table."""
    one = answers.tables.get(name)
    made: dict[str, dict[str, str]] = {}
    for _, typed in table.rows if one else ():
        assert one is not None
        row = _row(typed, one)
        if study := row.pop("study", ""):
            own = made.setdefault(study, {})
            own |= {column: text for column, text in row.items() if text and column not in own}
    return made


def _left(table: SourceTable, used: set[str]) -> KeptTable:
    left = [name for name in table.header if name not in used]
    rows = tuple((str(number), *(row[name] for name in left)) for number, row in table.rows) if left else ()
    return KeptTable("columns", ("row", *left), rows, "columns that the mapping does not name")


def _without(rows: Sequence[tuple[str, ...]]) -> KeptTable:
    header = ("row", "study", "domain", "measure")
    return KeptTable("rows", header, tuple(rows), "rows without a study, or without figures of any statistic")
