"""The analyses of a data package of RevMan Web: their settings, rows, and the numbers that the package stores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from taprev.exchange.revman.review import (
    WEIGHT,
    Cells,
    RevManGroup,
    RevManOutcome,
    RevManResult,
    refuse_no_numbers,
    stored_numbers,
)
from taprev.exchange.revman.rm5_outcomes import measure_of
from taprev.exchange.tabular import SourceTable
from taprev.extraction.tables import Row
from taprev.vocabulary import OutcomeKind, Totals, Weighting

ABSENT = ("#N/A", "N/A", "")
GROUP, NUMBER = "Analysis group", "Analysis number"
KINDS = {
    "dichotomous": OutcomeKind.DICH,
    "continuous": OutcomeKind.CONT,
    "contrast level": OutcomeKind.IV,
    "generic inverse variance": OutcomeKind.IV,
    "o-e and variance": OutcomeKind.IPD,
}
FIGURES = {
    OutcomeKind.DICH: {"event_arm1": "Experimental cases", "event_arm2": "Control cases"},
    OutcomeKind.CONT: {
        "mean_arm1": "Experimental mean",
        "sd_arm1": "Experimental SD",
        "mean_arm2": "Control mean",
        "sd_arm2": "Control SD",
    },
    OutcomeKind.IV: {"yi": "GIV Mean", "se": "GIV SE"},
    OutcomeKind.IPD: {"o_e": "O-E", "variance": "Variance"},
    OutcomeKind.OTHER: {},
}
PEOPLE = {"n_arm1": "Experimental N", "n_arm2": "Control N"}
STORED = {
    "estimate": "Mean",
    "ci_lb": "CI start",
    "ci_ub": "CI end",
    "tau2": "Heterogeneity Tau²",
    "Q": "Heterogeneity Chi²",
    "df": "Heterogeneity df",
    "Q_pval": "Heterogeneity P",
    "I2": "Heterogeneity I²",
    "z": "Effect Z",
    "pval": "Effect P",
}
BETWEEN = {"Q": "Subgroup Chi²", "Q_pval": "Subgroup P", "I2": "Subgroup I²"}


ARMS = (
    ("Experimental group label", "Experimental intervention"),
    ("Control group label", "Control intervention"),
)
READ_OF_ROWS = frozenset(
    {GROUP, NUMBER, "Analysis name", "Subgroup", "Applicability", "Study", "Study year", "Weight", "Footnotes"}
    | {*PEOPLE.values(), *(column for columns in FIGURES.values() for column in columns.values())}
    | {"Mean", "CI start", "CI end"}
)
"""The columns of the rows of analyses that are read, or told by others that are."""
READ_OF_SETTINGS = frozenset(
    {GROUP, NUMBER, "Analysis name", "Analysis group name", "Data type", "Log-scale data", "Statistical method", "ID"}
    | {"Effect measure", "Unit of effect measure", "Analysis model", "Subgroup estimates", "Overall estimates"}
    | {"Test for subgroup differences", "Swap event and non-event", "Study CI", "Estimate CI", "Subgroup df"}
    | {"Experimental cases", "Experimental N", "Control cases", "Control N", *STORED.values(), *BETWEEN.values()}
    | {column for pair in ARMS for column in pair}
)
"""The same of the settings of analyses."""


def known(row: Row, column: str) -> str:
    """Return a cell, nothing where it is absent or says that it does not apply."""
    text = row.get(column, "").strip()
    return "" if text in ABSENT else text


def outcomes_of_package(
    settings: SourceTable, data: SourceTable, subgroups: SourceTable, file: str
) -> Iterator[RevManOutcome]:
    """Yield the analyses of a package; `file` names it in faults."""
    for _, row in settings.rows:
        own = [one for _, one in data.rows if _key(one) == _key(row)]
        parts = {known(one, "Subgroup"): one for _, one in subgroups.rows if _key(one) == _key(row)}
        yield _outcome(row, own, parts, file)


def _key(row: Row) -> tuple[str, str]:
    return known(row, GROUP), known(row, NUMBER)


def _outcome(row: Row, data: list[Row], parts: Mapping[str, Row], file: str) -> RevManOutcome:
    kind = KINDS.get(known(row, "Data type").casefold(), OutcomeKind.OTHER)
    typed, number = known(row, "Effect measure"), f"{row[GROUP]}.{row[NUMBER]}"
    named = list(dict.fromkeys(known(one, "Subgroup") for one in data))
    groups = (
        RevManGroup(
            name,
            tuple(_result(one, kind, number, file) for one in data if known(one, "Subgroup") == name),
            _stored(parts[name], STORED) if name in parts else {},
        )
        for name in named
    )
    return RevManOutcome(
        number=number,
        name=known(row, "Analysis name"),
        comparison=known(row, "Analysis group name"),
        kind=kind,
        measure=measure_of(typed, kind),
        weighting=_weighting(known(row, "Statistical method"), kind),
        random="random" in known(row, "Analysis model").casefold(),
        groups=tuple(groups),
        level=_level(known(row, "Estimate CI")),
        level_of_rows=_level(known(row, "Study CI")),
        totals=_totals(row),
        swapped=_true(row, "Swap event and non-event"),
        logged=kind == OutcomeKind.IV and _true(row, "Log-scale data"),
        unit=known(row, "Unit of effect measure"),
        typed_measure=typed,
        arms=_arms(row),
        stored=_stored(row, STORED),
        stored_between=_stored(row, BETWEEN) if any(named) else {},
    )


def _true(row: Row, column: str) -> bool:
    return known(row, column).casefold() == "true"


def _totals(row: Row) -> Totals:
    if _true(row, "Overall estimates") or not known(row, "Overall estimates"):
        return Totals.ALL
    return Totals.SUBTOTALS if _true(row, "Subgroup estimates") else Totals.NONE


def _level(text: str) -> float:
    try:
        level = float(text.rstrip("%")) / 100
    except ValueError:
        return 0.95
    return level if 0 < level < 1 and math.isfinite(level) else 0.95


def _arms(row: Row) -> tuple[str, str]:
    first, second = (next((known(row, name) for name in pair if known(row, name)), "") for pair in ARMS)
    return first, second


def _weighting(typed: str, kind: OutcomeKind) -> Weighting:
    word = typed.upper()
    if word in set(Weighting):
        return Weighting(word)
    return {OutcomeKind.DICH: Weighting.MH, OutcomeKind.IPD: Weighting.PETO}.get(kind, Weighting.IV)


def _stored(row: Row, names: Mapping[str, str]) -> Cells:
    values = {name: text for name, column in names.items() if (text := known(row, column))}
    return stored_numbers(values)


def _result(row: Row, kind: OutcomeKind, number: str, file: str) -> RevManResult:
    place = f"analysis {number}, {known(row, 'Study')}"
    figures = {name: text for name, column in {**FIGURES[kind], **PEOPLE}.items() if (text := known(row, column))}
    return RevManResult(
        study=known(row, "Study"),
        figures=refuse_no_numbers(figures, f"{file}, {place}"),
        place=place,
        estimable=known(row, "Applicability").upper() != "NOT_APPLICABLE",
        footnote=known(row, "Footnotes"),
        stored=_stored(row, {"estimate": "Mean", "ci_lb": "CI start", "ci_ub": "CI end", WEIGHT: "Weight"}),
    )
