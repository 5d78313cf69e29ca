"""A table of effects, or of figures under the names of metafor's `escalc`: yi and vi, ai bi ci di, m1i sd1i n1i, ri ni.

What the effects are stands in no such table, so the measure must be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taprev.exchange.answers import Answers, questions
from taprev.exchange.assembled import Gathered, Identifiers, NamedResult, assembled, of_the_same_people, with_results
from taprev.exchange.escalc_cells import MEASURES, OF_SCALES, cells_of_row, figure_rules, impossible_rows, lacking
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.metapsy import is_metapsy
from taprev.exchange.names import plain, with_year
from taprev.exchange.received import ReceivedFile
from taprev.exchange.references import YEAR
from taprev.exchange.tabular import SourceTable, read_table
from taprev.exchange.typed_figures import TypedRows, typed_rows, without_absence
from taprev.extraction.tables import Row
from taprev.vocabulary import Better, Contrast, GivenEffect, Read, Scale

NAME = "table of effects"
UNIT, EFFECTS = "units", "effects"
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "study": ("slab", "study", "trial", "author", "authors", "study_id", "id"),
    "year": ("year", "pubyear", "publication_year"),
    "outcome": ("outcome", "domain", "endpoint"),
    "sample": ("sample", "cohort", "subsample"),
    "yi": ("yi", "es", "effect", "te", "g", "smd", "logor", "logrr", "lnrr", "lnor"),
    "vi": ("vi", "var", "variance", "v"),
    "se": ("sei", "se", "sete", "seyi", "std.err"),
    "ci_lb": ("ci.lb", "ci_lb", "lower", "ci_lower", "lci"),
    "ci_ub": ("ci.ub", "ci_ub", "upper", "ci_upper", "uci"),
    **{name: (name,) for name in ("ai", "bi", "di", "m1i", "m2i", "sd1i", "sd2i", "ri", "ni")},
    **{"n1i": ("n1i", "n_arm1"), "n2i": ("n2i", "n_arm2"), "ci": ("ci",)},
}
IN_WORDS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("measure", "scale", frozenset(OF_SCALES)),
    ("measure", "measure", frozenset(name.casefold() for name in MEASURES)),
    ("better", "better", frozenset(Better)),
    ("contrast", "contrast", frozenset(Contrast)),
)
"""What is read from a column only where every cell is one of these words; another table may mean something else."""


def is_escalc(file: ReceivedFile) -> bool:
    """Return whether a table has effects with their variances, or figures under the names of escalc."""
    if is_metapsy(file):
        return False
    names = _columns(file.header)
    effects = "yi" in names and bool({"vi", "se"} & set(names) or {"ci_lb", "ci_ub"} <= set(names))
    events = {"ai", "ci"} <= set(names) and bool({"bi", "n1i"} & set(names))
    return "study" in names and (effects or events or {"m1i", "sd1i"} <= set(names) or {"ri", "ni"} <= set(names))


def _columns(header: tuple[str, ...]) -> dict[str, str]:
    """Return the column of a file for each name of ours, the first synonym that is there."""
    there = {name.casefold(): name for name in header}
    found: dict[str, str] = {}
    for name, synonyms in SYNONYMS.items():
        column = next((there[synonym] for synonym in synonyms if synonym in there), None)
        if column is not None and column not in found.values():
            found[name] = column
    return found


def read_escalc(path: Path, answers: Answers) -> Imported:
    """Return the effects of a table; ValueError where it has none, or where the measure is not given."""
    table = read_table(path, answers.sheet)
    names = {**_in_words(table), **_columns(table.header)}
    if "study" not in names:
        raise ValueError(f"{path}: no column names the study ({', '.join(SYNONYMS['study'])}).")
    measures = _measures(path, table, names, answers)
    typed = _typed(path, table, names, measures)
    results, without, studies, of_domain = [], [], dict[str, dict[str, str]](), dict[str, str]()
    for (number, received), (_, by_column), named in zip(table.rows, typed.rows, measures, strict=True):
        row = {name: by_column[column] for name, column in names.items()}
        study = with_year(row.get("study", ""), row.get("year", ""))
        measure = MEASURES[named]
        cells = cells_of_row(row, measure)
        if cells is None or not study:
            why = lacking(row, names, measure) if study else f"nothing in the column {names['study']}"
            without.append((str(number), why, *received.values()))
            continue
        year = YEAR.search(row.get("year", "") or study)
        studies.setdefault(study, {"year": year[0] if year else ""})
        told = {"location": f"{path.name}, row {number}", "measure": row.get("outcome") or named}
        told |= {name: row[name].casefold() for name in ("better", "contrast") if row.get(name)}
        of_domain.setdefault(_domain(row), named)
        results.append(NamedResult(study, str(number), _domain(row), {**cells, **told, "sample": _sample(row)}))
    return assembled(
        with_results(
            Gathered(
                format=NAME,
                path=path,
                results=results,
                domains={name: _read_domain(name, of_domain[name]) for name in {one.domain for one in results}},
                studies=studies,
                remarks=(*table.remarks, *typed.remarks, *_remarks(results, names), *_left_out(without)),
                read=Read.NOT_CODED,
                kept=(
                    _left(table, names),
                    KeptTable("rows", ("row", "why", *table.header), tuple(without), "rows that were left out"),
                ),
            )
        )
    )


def _in_words(table: SourceTable) -> dict[str, str]:
    """Return the columns that say in our words what is measured, what is better and what was compared."""
    found: dict[str, str] = {}
    for name, head, words in IN_WORDS:
        column = next((column for column in table.header if column.casefold() == head), "")
        if column and {row.get(column, "").strip().casefold() for _, row in table.rows} <= words:
            found.setdefault(name, column)
    return found


def _measures(path: Path, table: SourceTable, names: Mapping[str, str], answers: Answers) -> list[str]:
    """Return the measure of each row; ValueError where neither the table nor a person says it, or they disagree."""
    given, column = answers.measure.upper(), names.get("measure")
    if column is None:
        if given not in MEASURES:
            raise ValueError("\n".join(_asked(path, table, names, answers)))
        return [given] * len(table.rows)
    typed = [row[column].strip() for _, row in table.rows]
    told = [OF_SCALES.get(word.casefold(), word.upper()) for word in typed]
    if given and (others := sorted({*told} - {given})):
        raise ValueError(
            f"{path}: --measure says {given}, and the column {column} has {', '.join(others)}. Leave --measure out: "
            "each row is read by its own."
        )
    return told


def _asked(path: Path, table: SourceTable, names: Mapping[str, str], answers: Answers) -> list[str]:
    """Return the question what the effects are, and every other question that is open of their domains."""
    wrong = f'"{answers.measure}" is not a measure that can be read here.' if answers.measure else ""
    first = f"{path}: {wrong or 'the table does not say what its effects are.'} Add --measure {', '.join(MEASURES)}"
    ids, column = Identifiers(), names.get("outcome", "")
    found = dict.fromkeys(without_absence(row.get(column, "")) or EFFECTS for _, row in table.rows)
    domains = [ReadDomain(ids.domains.name(name, name), name) for name in found]
    paired = [one for one in domains if answers.of(answers.contrast, one.name) == Contrast.BEFORE_AFTER]
    asked = questions(domains, domains, paired, answers)
    return [f"{first} (one of these). A ratio is given as its log in yi.", *asked]


def _typed(path: Path, table: SourceTable, names: Mapping[str, str], measures: list[str]) -> TypedRows:
    """Return the rows as they are read; ValueError with every figure that is none, or that cannot be."""
    every = figure_rules([MEASURES[measure] for measure in measures])
    rules = {names[name]: rule for name, rule in every.items() if name in names}
    typed = typed_rows(path, table.rows, rules)
    if faults := typed.faults or tuple(impossible_rows(path, typed.rows, names)):
        raise ValueError("\n".join(faults))
    return typed


def _left_out(without: list[tuple[str, ...]]) -> list[str]:
    return [f"Row {number} was left out: {why}." for number, why, *_ in without]


def _domain(row: Row) -> str:
    return row.get("outcome") or EFFECTS


def _sample(row: Row) -> str:
    return plain(row["sample"], "all") if row.get("sample") else "all"


def _read_domain(name: str, measure: str) -> ReadDomain:
    md = MEASURES[measure].given == GivenEffect.MD
    label = f"Effects ({measure})" if name == EFFECTS else name
    return ReadDomain(name, label, Scale.MD if md else Scale.SMD, UNIT if md else "", measure=measure)


def _remarks(results: list[NamedResult], names: Mapping[str, str]) -> list[str]:
    read = ", ".join(f"{column} as {name}" for name, column in names.items() if column.casefold() != name)
    said = [*([f"Columns read: {read}."] if read else []), *of_the_same_people(results)]
    if any("note" in one.cells for one in results):
        said.append("Some effects have only an interval; their standard errors are computed from it (see note).")
    return said


def _left(table: SourceTable, names: Mapping[str, str]) -> KeptTable:
    left = [name for name in table.header if name not in names.values()]
    rows = tuple((str(number), *(row[name] for name in left)) for number, row in table.rows) if left else ()
    return KeptTable("columns", ("row", *left), rows, "columns without a place in the tables")
