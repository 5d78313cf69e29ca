"""The data package of RevMan Web (a ZIP of CSV files), read as a review of RevMan; columns are found by their names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from taprev.exchange.archive import files_in
from taprev.exchange.references import References, read_ris
from taprev.exchange.revman_review import (
    Cells,
    RevManGroup,
    RevManJudgement,
    RevManOutcome,
    RevManResult,
    RevManReview,
    RevManStudy,
    refuse_no_numbers,
)
from taprev.exchange.rm5 import measure_of
from taprev.exchange.tabular import SourceTable, table_of
from taprev.extraction.risk_of_bias.spelling import level_key
from taprev.extraction.tables import Row
from taprev.vocabulary import OutcomeKind, Totals, Weighting

NAME = "RevMan Web data package"
DATA, SETTINGS, SUBGROUPS = "data-rows.csv", "overall-estimates-and-settings.csv", "subgroup-estimates.csv"
STUDIES, BIAS, REFERENCES = "study-information.csv", "risk-of-bias.csv", "included.ris"
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
JUDGED, SUPPORT = "Domain (judgement): ", "Domain (support): "
NOT_JUDGED = ("not applicable", "")
WITH_WORDS = "Char: "


def is_package(names: tuple[str, ...]) -> bool:
    """Return whether the names in an archive are those of a data package, or of an archive that holds one."""
    ends = (DATA, SETTINGS, "-data.zip")
    return any(name.endswith(end) for name in names for end in ends)


def read_package(path: Path) -> RevManReview:
    """Return the review in a data package; ValueError where it holds no analyses, or cannot be read."""
    files = {PurePosixPath(name).name: content for name, content in files_in(path).items()}

    def table(end: str) -> SourceTable:
        name = next((name for name in files if name.endswith(end)), None)
        return table_of(path / (name or end), files[name]) if name else SourceTable((), ())

    settings, data = table(SETTINGS), table(DATA)
    if not settings.rows or not data.rows:
        raise ValueError(f"{path}: the package has no {DATA} or {SETTINGS} with analyses in it.")
    _refuse_without(path, SETTINGS, settings, (GROUP, NUMBER, "Data type", "Statistical method", "Effect measure"))
    _refuse_without(path, DATA, data, (GROUP, NUMBER, "Study"))
    ris = next((content for name, content in files.items() if name.endswith(REFERENCES)), b"")
    references = read_ris(path / REFERENCES, ris) if ris else References(())
    judgements, not_judged = _judgements(table(BIAS))
    read = (DATA, SETTINGS, SUBGROUPS, STUDIES, BIAS, REFERENCES)
    others = sorted(name for name in files if not name.endswith(read))
    return RevManReview(
        format=NAME,
        file=path.name,
        title="",
        studies=tuple(_studies(table(STUDIES), data, references)),
        outcomes=tuple(_outcomes(settings, data, table(SUBGROUPS))),
        judgements=tuple(judgements),
        not_judged=not_judged,
        remarks=(f"Files of the package that were not read: {', '.join(others)}.",) if others else (),
        texts=tuple(_unread(data, settings)),
    )


def _refuse_without(path: Path, file: str, table: SourceTable, columns: tuple[str, ...]) -> None:
    if missing := [name for name in columns if name not in table.header]:
        raise ValueError(f"{path}: {file} has no column {', '.join(missing)}.")


def known(row: Row, column: str) -> str:
    """Return a cell, nothing where it is absent or says that it does not apply."""
    text = row.get(column, "").strip()
    return "" if text in ABSENT else text


def _unread(data: SourceTable, settings: SourceTable) -> Iterator[tuple[str, str]]:
    """Yield settings of analyses that have a value and no place in a review."""
    for name in ("Filter criteria", "Subgroup by", "Outcome", "Data source"):
        for _, row in settings.rows:
            if known(row, name):
                yield f"analysis {row[GROUP]}.{row[NUMBER]}, {name}", row[name]


def _studies(table: SourceTable, data: SourceTable, references: References) -> Iterator[RevManStudy]:
    cited = {one.study: one for one in references.every if one.study}
    rows = [row for _, row in table.rows] or [{"Study": name} for name in _named(data)]
    for row in rows:
        name, reference = known(row, "Study"), cited.get(known(row, "Study"))
        told = (
            (column.removeprefix(WITH_WORDS), known(row, column)) for column in row if column.startswith(WITH_WORDS)
        )
        yield RevManStudy(
            key=name,
            name=name,
            year=known(row, "Year") if known(row, "Year").isdecimal() else "",
            citation=reference.citation if reference else "",
            doi=reference.doi if reference else "",
            journal=bool(reference and reference.journal),
            note=" ".join(f"{column}: {text}" for column, text in told if text),
        )


def _named(data: SourceTable) -> list[str]:
    return list(dict.fromkeys(known(row, "Study") for _, row in data.rows))


def _judgements(table: SourceTable) -> tuple[list[RevManJudgement], int]:
    made, empty = [], 0
    for _, row in table.rows:
        for column in table.header:
            if column.startswith(JUDGED):
                item = column.removeprefix(JUDGED).strip()
                level = level_key(known(row, column))
                if level in NOT_JUDGED:
                    empty += 1
                else:
                    support = known(row, f"{SUPPORT}{item}")
                    made.append(RevManJudgement(known(row, "Study"), item, level, support))
    return made, empty


def _outcomes(settings: SourceTable, data: SourceTable, subgroups: SourceTable) -> Iterator[RevManOutcome]:
    for _, row in settings.rows:
        own = [one for _, one in data.rows if _key(one) == _key(row)]
        parts = {known(one, "Subgroup"): one for _, one in subgroups.rows if _key(one) == _key(row)}
        yield _outcome(row, own, parts)


def _key(row: Row) -> tuple[str, str]:
    return known(row, GROUP), known(row, NUMBER)


def _outcome(row: Row, data: list[Row], parts: Mapping[str, Row]) -> RevManOutcome:
    kind = KINDS.get(known(row, "Data type").casefold(), OutcomeKind.OTHER)
    typed, number = known(row, "Effect measure"), f"{row[GROUP]}.{row[NUMBER]}"
    named = list(dict.fromkeys(known(one, "Subgroup") for one in data))
    groups = (
        RevManGroup(
            name,
            tuple(_result(one, kind, number) for one in data if known(one, "Subgroup") == name),
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
    pairs = (
        ("Experimental group label", "Experimental intervention"),
        ("Control group label", "Control intervention"),
    )
    first, second = (next((known(row, name) for name in pair if known(row, name)), "") for pair in pairs)
    return first, second


def _weighting(typed: str, kind: OutcomeKind) -> Weighting:
    word = typed.upper()
    if word in set(Weighting):
        return Weighting(word)
    return {OutcomeKind.DICH: Weighting.MH, OutcomeKind.IPD: Weighting.PETO}.get(kind, Weighting.IV)


def _stored(row: Row, names: Mapping[str, str]) -> Cells:
    values = {name: text for name, column in names.items() if (text := known(row, column))}
    return refuse_no_numbers(values, f"analysis {row.get(GROUP, '')}.{row.get(NUMBER, '')}")


def _result(row: Row, kind: OutcomeKind, number: str) -> RevManResult:
    place = f"analysis {number}, {known(row, 'Study')}"
    figures = {name: text for name, column in {**FIGURES[kind], **PEOPLE}.items() if (text := known(row, column))}
    return RevManResult(
        study=known(row, "Study"),
        figures=refuse_no_numbers(figures, place),
        place=place,
        estimable=known(row, "Applicability").upper() != "NOT_APPLICABLE",
        footnote=known(row, "Footnotes"),
        stored=_stored(row, {"estimate": "Mean", "ci_lb": "CI start", "ci_ub": "CI end"}),
    )
