"""A data set by the Metapsy standard (CSV with semicolons and decimal commas, or XLSX), one row a comparison.

https://docs.metapsy.org/data-preparation/format/. Arm 1 is the programme there too. The columns that taprev has no
place for are kept in a table of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.assembled import Gathered, NamedResult, assembled, with_results
from taprev.exchange.imported import Imported, KeptTable, ReadDomain
from taprev.exchange.metapsy_figures import (
    CHANGES,
    EVENTS,
    G_SE,
    LOG_RR,
    LOG_RR_SE,
    MEANS,
    RULES,
    TAKEN_G,
    G,
    cells_of_comparison,
    compared_g,
    g_turned,
    lacking_columns,
)
from taprev.exchange.names import Names
from taprev.exchange.received import ReceivedFile
from taprev.exchange.references import YEAR
from taprev.exchange.risk_of_bias.columns import COLUMN, judged_rows
from taprev.exchange.tabular import SourceTable, read_table
from taprev.exchange.typed_figures import typed_rows
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, Statistic

NAME = "Metapsy data standard"
REQUIRED = ("study", "condition_arm1", "condition_arm2", "outcome_type", "instrument")
ARMS = ("condition_arm1", "multi_arm1", "condition_arm2", "multi_arm2")
SCORES = "scores"
USED = frozenset(
    {*REQUIRED, *MEANS, *CHANGES, *EVENTS, *ARMS, G, G_SE, LOG_RR, LOG_RR_SE, "time", "rating", "full_ref", "country"}
)


def is_metapsy(file: ReceivedFile) -> bool:
    """Return whether a table has the columns that the standard requires."""
    return file.has(*REQUIRED) and (file.has("mean_arm1") or file.has("event_arm1"))


def read_metapsy(path: Path, answers: Answers) -> Imported:
    """Return the rows of a data set by the Metapsy standard; ValueError where it is none."""
    table = read_table(path, answers.sheet)
    if missing := [name for name in REQUIRED if name not in table.header]:
        raise ValueError(f"{path}: the columns {', '.join(missing)} of the Metapsy standard are missing.")
    typed = typed_rows(path, table.rows, {name: rule for name, rule in RULES.items() if name in table.header})
    if typed.faults:
        raise ValueError("\n".join(typed.faults))
    rows = typed.rows
    if lacking := lacking_columns(table.header, rows):
        raise ValueError(f"{path}: {lacking}")
    by_study: defaultdict[str, list[Row]] = defaultdict(list)
    for _, row in rows:
        by_study[row["study"]].append(row)
    samples, turn = {study: _samples(own) for study, own in by_study.items()}, g_turned(rows)
    results, sources, without = [], [], []
    for number, row in rows:
        if (cells := cells_of_comparison(row, turn)) is None:
            without.append((str(number), row["study"], row["instrument"], row["outcome_type"]))
            continue
        told = _words(row, number, samples[row["study"]], path)
        results.append(NamedResult(row["study"], str(number), _domain(row, cells), {**cells, **told}))
        sources.append(row)
    made = assembled(
        with_results(
            Gathered(
                format=NAME,
                path=path,
                results=results,
                domains=_domains(results),
                studies={name: _study(name, own) for name, own in by_study.items()},
                reports={name: {"citation": own[0].get("full_ref", "")} for name, own in by_study.items()},
                kept=(_without(without), unused(table, rows, USED)),
            )
        )
    )
    judged, remarks = judged_rows(table, list(zip(sources, made.rows("outcomes"), strict=True)), answers)
    return replace(
        made,
        tables={**made.tables, "risk_of_bias": tuple(judged)},
        pooled=tuple(compared_g(rows, turn)),
        remarks=(*table.remarks, *typed.remarks, *_remarks(made.rows("outcomes"), turn), *remarks),
    )


def _domain(row: Row, cells: Mapping[str, str]) -> str:
    """Return the domain of a comparison: all scores are one, events are one by their type."""
    ratio = cells["statistic"] == Statistic.EVENTS or cells.get("effect_measure") == GivenEffect.LOG_RATIO
    return row["outcome_type"] or "events" if ratio else SCORES


def _samples(own: Sequence[Row]) -> dict[tuple[str, ...], str]:
    """Return the sample of each pair of arms of a study: `all` where there is one pair."""
    pairs = list(dict.fromkeys(arms_of(row) for row in own))
    if len(pairs) == 1:
        return {pairs[0]: "all"}
    names = Names("sample")
    return {pair: names.name(" ".join(pair), pair[1] or pair[0]) for pair in pairs}


def arms_of(row: Row) -> tuple[str, ...]:
    """Return what tells a comparison of arms from the others of its study."""
    return tuple(row.get(name, "") for name in ARMS)


def _words(row: Row, number: int, samples: Mapping[tuple[str, ...], str], path: Path) -> dict[str, str]:
    several = len(samples) > 1
    told = [f"{name}: {row[name]}" for name in ("rating", "time_weeks", "dich_type", "g_data_source") if row.get(name)]
    return {
        "sample": samples[arms_of(row)],
        "group_arm1": (row.get("multi_arm1") or row["condition_arm1"]) if several else "",
        "group_arm2": (row.get("multi_arm2") or row["condition_arm2"]) if several else "",
        "measure": row["instrument"] or row["outcome_type"],
        "timepoint": row.get("time", ""),
        "months": "0" if row.get("time", "").casefold() == "post" else "",
        "location": f"{path.name}, row {number}",
        "note": "; ".join(told),
    }


def _study(name: str, own: Sequence[Row]) -> dict[str, str]:
    year = YEAR.search(name) or YEAR.search(own[0].get("year", ""))

    def joined(column: str) -> str:
        return " / ".join(dict.fromkeys(row[column] for row in own if row.get(column)))

    return {
        "year": year[0] if year else "",
        "country": joined("country"),
        "programme": joined("condition_arm1"),
        "comparator": joined("condition_arm2"),
    }


def _domains(results: Sequence[NamedResult]) -> dict[str, ReadDomain]:
    names = dict.fromkeys(one.domain for one in results)
    return {
        name: ReadDomain(name, "Scores") if name == SCORES else ReadDomain(name, f"Events ({name})", event=True)
        for name in names
    }


def _remarks(outcomes: Sequence[Row], turn: int) -> list[str]:
    given = [row for row in outcomes if row.get("assumes") == TAKEN_G]
    shared = {row["study"] for row in outcomes if row["sample"] != "all"}
    said = []
    if given:
        which = "arm 2 minus arm 1, and is turned" if turn < 0 else "arm 1 minus arm 2"
        said.append(
            f"Results without means, with a g that was computed before: {len(given)}; in this file g is {which}. What "
            "it divides by is assumed (raw scores), so an analysis of only exact effects leaves these results out."
        )
    if shared:
        said.append(
            f"Studies with several comparisons: {len(shared)}; their control groups have names (group_arm2), so that "
            "none is counted twice (assumptions > shared_control)."
        )
    return said


def _without(rows: Sequence[tuple[str, ...]]) -> KeptTable:
    header = ("row", "study", "instrument", "outcome_type")
    return KeptTable("results_without_figures", header, tuple(rows), "rows without figures that a table holds")


def unused(table: SourceTable, rows: Sequence[tuple[int, Row]], used: frozenset[str]) -> KeptTable:
    """Return the columns of a table that have no place in the tables of a review, with the number of each row."""
    left = [name for name in table.header if name not in used and not COLUMN.fullmatch(name)]
    kept = tuple((str(number), *(row.get(name, "") for name in left)) for number, row in rows) if left else ()
    return KeptTable("columns", ("row", *left), kept, "columns without a place in the tables")
