"""Judgements as people wrote them down: how grave a risk of bias is, and certainties whose steps add up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings
from taprev.settings.sections import Contrast

TABLE = "certainty.csv"
GRAVITY = ("low", "some concerns", "moderate", "no information", "high", "serious", "critical")
LEVELS = ("very_low", "low", "moderate", "high")
DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
STEPS = {"not_serious": 0, "serious": 1, "very_serious": 2, "extremely_serious": 3}


def judgement_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    """Yield every judgement of an unknown domain or design, and every one whose steps do not add up."""
    path = folder / TABLE
    rows = read_rows(path)
    for place, row in enumerate(rows, start=2):
        for column, found, advice in _wrong(row, settings, rows):
            yield Problem(path.as_posix(), place, "", "", column, found, advice)


def _wrong(row: Row, settings: Settings, rows: list[Row]) -> Iterator[tuple[str, str, str]]:
    if row["domain"] not in settings.domains:
        yield (
            "domain",
            f'found "{row["domain"]}", which is not a configured domain.',
            "Use a name of the settings.",
        )
    if not row["stratum"].startswith(get_args(Contrast)):
        known = ", ".join(get_args(Contrast))
        yield "stratum", f'found "{row["stratum"]}", which begins with no design.', f"Designs are {known}."
    if [(one["domain"], one["stratum"]) for one in rows].count((row["domain"], row["stratum"])) > 1:
        yield (
            "stratum",
            f'found "{row["domain"]}, {row["stratum"]}" more than once.',
            "Keep one judgement of it.",
        )
    raised, lowered = int(row["raised"] or 0), sum(STEPS[row[name]] for name in DOMAINS)
    end = LEVELS.index(row["start"]) - lowered + raised
    expected = LEVELS[min(max(end, 0), len(LEVELS) - 1)]
    if row["certainty"] != expected:
        steps = f"{row['start']}, lowered by {lowered} and raised by {raised}, is {expected}"
        yield (
            "certainty",
            f'found "{row["certainty"]}", but {steps}.',
            "Correct it, or the steps that lead to it.",
        )
