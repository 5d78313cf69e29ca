"""The file that `--map` names: answers to what a file does not say, other names of domains, and columns by columns.

```yaml
better: {symptoms: lower, recovery: higher}     # or one word for all
contrast: randomised
pairing: matched                                # of results from before and after: are the people the same?
measure: SMD
tool: RoB 2
sheet: Results                                  # a sheet of an XLSX file
comparator: Usual care                          # the arm of SRDR+ that is arm 2
domains: {scores: symptoms}                     # a domain of the file: a domain of this review
tables:
  studies:
    constants: {scope: core}                    # the same in every row that was read
  outcomes:                                     # columns and values: see `taprev import --as table`
    columns: {study: Author, mean_arm1: M1}     # a column of taprev: a column of the file
    values: {better: {neg: lower}}              # a word of the file: a word of taprev
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from taprev.exchange.answers import EVERY, Answers
from taprev.exchange.imported import Imported
from taprev.exchange.table_map import TableMap
from taprev.extraction.tables import Row
from taprev.ground.yaml_loader import Loader

WHAT_IT_IS = (
    "The file of --map is text in YAML: entries such as `better: lower` and `contrast: randomised`, and columns under "
    "`tables:`. taprev import FILE --as table writes one to begin with."
)
OF_TYPES = ("str", "int", "float", "dict[str,str]")
"""What pydantic adds to the place of a fault where an entry may be of several types."""
IDENTIFIERS = ("result", "study", "report", "domain", "sample")


class MapFile(BaseModel):
    """What stands in the file of `--map`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    better: str | dict[str, str] | None = None
    contrast: str | dict[str, str] | None = None
    pairing: str | dict[str, str] | None = None
    measure: str = ""
    tool: str = ""
    address: str = ""
    sheet: str = ""
    comparator: str = ""
    domains: dict[str, str] = {}
    tables: dict[str, TableMap] = {}


@dataclass(frozen=True)
class ImportMap:
    """A mapping as it is used: answers, and other names of domains."""

    answers: Answers = field(default_factory=Answers)
    domains: Mapping[str, str] = field(default_factory=dict)


def read_map(path: Path) -> ImportMap:
    """Return the mapping in a file; ValueError with every fault of it."""
    given = _given(path)
    try:
        read = MapFile.model_validate(given)
    except ValidationError as error:
        faults = dict.fromkeys(_fault(path, one["loc"], one["type"]) for one in error.errors())
        raise ValueError("\n".join(faults)) from None
    answers = Answers(
        better=_each(read.better),
        contrast=_each(read.contrast),
        pairing=_each(read.pairing),
        measure=read.measure,
        tool=read.tool,
        address=read.address,
        sheet=read.sheet,
        comparator=read.comparator,
        tables=read.tables,
    )
    return ImportMap(answers, read.domains)


def _given(path: Path) -> dict[str, object]:
    """Return what stands in the file of a mapping by its keys; ValueError where it is no such file."""
    if path.is_dir():
        raise ValueError(f"{path}: this is a folder. {WHAT_IT_IS}")
    try:
        given = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is not UTF-8 text. {WHAT_IT_IS} Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        raise ValueError(f"{path}{where}: this cannot be read as YAML. Check colons, quotes and spaces.") from None
    if given is None:
        return {}
    if not isinstance(given, dict):
        kind = "a list" if isinstance(given, list) else "a single text"
        raise ValueError(f"{path}: this is {kind}. {WHAT_IT_IS}")
    return given


def _fault(path: Path, where: tuple[str | int, ...], kind: str) -> str:
    """Return a sentence about an entry of a mapping that cannot be used."""
    parts = [str(part) for part in where if part not in OF_TYPES]
    place, in_table = f"{path}: {' > '.join(parts) or 'the file'}", len(parts) > 2 and parts[0] == "tables"
    if kind == "extra_forbidden":
        known = TableMap.model_fields if in_table else MapFile.model_fields
        return f"{place}: a mapping has no such entry here. It has {', '.join(known)}."
    if parts[0] in ("better", "contrast", "pairing") and len(parts) == 1:
        return f"{place}: write one word for all domains, or a word for each: {{pain: WORD}}."
    if kind in ("dict_type", "model_type"):
        return f"{place}: write pairs beneath it, a name, a colon and a value."
    return f"{place}: write a single word or text, between quotation marks where it looks like a number or a date."


def _each(given: str | dict[str, str] | None) -> dict[str, str]:
    return given if isinstance(given, dict) else {EVERY: given} if given else {}


def joined(mapped: Answers, typed: Answers) -> Answers:
    """Return the answers of a mapping with those typed on the command, which go before."""
    return Answers(
        better={**mapped.better, **typed.better},
        contrast={**mapped.contrast, **typed.contrast},
        pairing={**mapped.pairing, **typed.pairing},
        measure=typed.measure or mapped.measure,
        tool=typed.tool or mapped.tool,
        address=typed.address or mapped.address,
        sheet=mapped.sheet,
        comparator=mapped.comparator,
        review=typed.review,
        tables=mapped.tables,
    )


def with_constants(imported: Imported, tables: Mapping[str, TableMap]) -> Imported:
    """Return what was read with the constants of a mapping in every row of their table, identifiers left alone."""

    def filled(name: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        given = tables[name].constants.items() if name in tables else ()
        constants = {column: str(value) for column, value in given if column not in IDENTIFIERS}
        return tuple({**row, **constants} for row in rows) if constants else rows

    made = {name: filled(name, rows) for name, rows in imported.tables.items()}
    forms = {name: filled("outcomes", rows) for name, rows in imported.forms.items()}
    return replace(imported, tables=made, forms=forms)


def with_domains(imported: Imported, names: Mapping[str, str]) -> Imported:
    """Return what was read with other names of domains; ValueError for names that the file does not have."""
    known = {domain.name for domain in imported.domains}
    if strange := sorted(set(names) - known):
        raise ValueError(
            f"The mapping names domains that the file does not have: {', '.join(strange)}. It has "
            f"{', '.join(sorted(known)) or 'none'}."
        )
    if not names:
        return imported
    other = [replace(one, name=names.get(one.name, one.name)) for one in imported.domains]
    domains = {one.name: one for one in other}

    def renamed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple({**row, "domain": names.get(row["domain"], row["domain"])} for row in rows)

    tables = {name: renamed(rows) if name == "outcomes" else rows for name, rows in imported.tables.items()}
    forms = {name: renamed(rows) for name, rows in imported.forms.items()}
    return replace(imported, tables=tables, forms=forms, domains=tuple(domains.values()))
