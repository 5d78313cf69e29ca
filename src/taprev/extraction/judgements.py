"""Judgements as people wrote them down: of risk of bias in the words of a tool, and certainties whose steps add up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taprev.extraction.problems import Problem
from taprev.extraction.risk_of_bias.refusals import bias_problems
from taprev.extraction.tables import Row, named, number_of, read_rows
from taprev.settings import Settings
from taprev.vocabulary import CertaintyLevel, Concern, Contrast, GradeDomain

TABLE = "certainty.csv"


def judgement_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    """Yield every judgement that its tool lacks, of an unknown domain or design, or whose steps do not add up."""
    yield from bias_problems(folder, settings)
    path = folder / TABLE
    rows = read_rows(path)
    for row in rows:
        for column, found, advice in _wrong(row, settings, rows):
            yield Problem(named(path), number_of(row), "", "", column, found, advice)


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
