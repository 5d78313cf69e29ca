"""The data package of RevMan Web (a ZIP of CSV files), read as a review of RevMan; columns are found by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from taprev.exchange.archive import files_in
from taprev.exchange.references import CitedWork, References, read_ris
from taprev.exchange.revman.package_outcomes import (
    GROUP,
    NUMBER,
    READ_OF_ROWS,
    READ_OF_SETTINGS,
    known,
    outcomes_of_package,
)
from taprev.exchange.revman.review import (
    FurtherReport,
    RevManJudgement,
    RevManReview,
    RevManStudy,
)
from taprev.exchange.tabular import SourceTable, table_of
from taprev.extraction.risk_of_bias.spelling import level_key

NAME = "RevMan Web data package"
DATA, SETTINGS, SUBGROUPS = "data-rows.csv", "overall-estimates-and-settings.csv", "subgroup-estimates.csv"
STUDIES, BIAS, REFERENCES = "study-information.csv", "risk-of-bias.csv", "included.ris"
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
        outcomes=tuple(outcomes_of_package(settings, data, table(SUBGROUPS), path.as_posix())),
        judgements=tuple(judgements),
        not_judged=not_judged,
        remarks=(f"Files of the package that were not read: {', '.join(others)}.",) if others else (),
        texts=(*_unread(data, DATA, READ_OF_ROWS), *_unread(settings, SETTINGS, READ_OF_SETTINGS)),
    )


def _refuse_without(path: Path, file: str, table: SourceTable, columns: tuple[str, ...]) -> None:
    if missing := [name for name in columns if name not in table.header]:
        raise ValueError(f"{path}: {file} has no column {', '.join(missing)}.")


def _unread(table: SourceTable, file: str, read: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield every cell in a column that has no place in a review."""
    for number, row in table.rows:
        for column in table.header:
            if column not in read and known(row, column):
                yield f"{file}, row {number}, {column}", row[column]


def _studies(table: SourceTable, data: SourceTable, references: References) -> Iterator[RevManStudy]:
    cited: dict[str, list[CitedWork]] = {}
    for one in references.every:
        cited.setdefault(one.study, []).append(one)
    rows = [row for _, row in table.rows] or [{"Study": name} for name in _named(data)]
    for row in rows:
        name = known(row, "Study")
        own = cited.get(name, [])
        reference = own[0] if own else None
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
            further=tuple(FurtherReport(one.citation, one.doi, one.year) for one in own[1:] if one.citation),
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
