"""Judgements as people wrote them down: how grave a risk of bias is, and certainties whose steps add up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings
from taprev.vocabulary import LEVELS_OF_TOOL, CertaintyLevel, Concern, Contrast, GradeDomain, RobTool

TABLE, BIAS = "certainty.csv", "risk_of_bias.csv"
OVERALL = "overall"


def judgement_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    """Yield every judgement that its tool lacks, of an unknown domain or design, or whose steps do not add up."""
    for number, row in enumerate(read_rows(folder / BIAS), start=2):
        for column, found, advice in _not_of_the_tool(row):
            yield Problem((folder / BIAS).as_posix(), number, row["result"], "", column, found, advice)
    path = folder / TABLE
    rows = read_rows(path)
    for number, row in enumerate(rows, start=2):
        for column, found, advice in _wrong(row, settings, rows):
            yield Problem(path.as_posix(), number, "", "", column, found, advice)


def _not_of_the_tool(row: Row) -> Iterator[tuple[str, str, str]]:
    levels = LEVELS_OF_TOOL[RobTool(row["tool"])]
    if row["judgement"] not in levels:
        found = f'found "{row["judgement"]}", which {row["tool"]} does not have.'
        yield "judgement", found, f"It has {', '.join(levels)}."
    if row["domain"] != OVERALL and row["domain"].strip().lower().startswith(OVERALL):
        found = f'found "{row["domain"]}", which would not count as the overall judgement.'
        yield "domain", found, f"Write {OVERALL}."


def _wrong(row: Row, settings: Settings, rows: list[Row]) -> Iterator[tuple[str, str, str]]:
    if row["domain"] not in settings.domains:
        yield (
            "domain",
            f'found "{row["domain"]}", which is not a configured domain.',
            "Use a name of the settings.",
        )
    if not row["stratum"].startswith(tuple(Contrast)):
        known = ", ".join(tuple(Contrast))
        yield "stratum", f'found "{row["stratum"]}", which begins with no design.', f"Designs are {known}."
    if [(other["domain"], other["stratum"]) for other in rows].count((row["domain"], row["stratum"])) > 1:
        yield (
            "stratum",
            f'found "{row["domain"]}, {row["stratum"]}" more than once.',
            "Keep one judgement of it.",
        )
    raised, lowered = int(row["raised"] or 0), sum(Concern(row[name]).steps for name in GradeDomain)
    expected = CertaintyLevel(row["start"]).lowered(lowered - raised)
    if row["certainty"] != expected:
        steps = f"{row['start']}, lowered by {lowered} and raised by {raised}, is {expected}"
        yield (
            "certainty",
            f'found "{row["certainty"]}", but {steps}.',
            "Correct it, or the steps that lead to it.",
        )
