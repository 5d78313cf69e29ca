"""The order of the rows of a stratum, and their groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from taprev.synthesis.results import Study
from taprev.vocabulary import UNSAID, Sort
from taprev.wording import labels

NOT_REPORTED = "not reported"

ORDERS: dict[Sort, Callable[[Study], Any]] = {
    Sort.LABEL: lambda study: labels.clean(study.label).casefold(),
    Sort.YEAR: lambda study: (study.year is None, study.year or 0.0),
    Sort.EFFECT: lambda study: study.yi,
    Sort.PRECISION: lambda study: study.vi,
    Sort.WEIGHT: lambda study: -(study.weight or 0.0),
}


def ordered(studies: Sequence[Study], sort: Sort) -> list[Study]:
    """Return studies in the order asked for: the earliest, smallest, most precise or heaviest first."""
    return list(studies) if sort == Sort.GIVEN else sorted(studies, key=ORDERS[sort])


def grouped(studies: Sequence[Study], column: str) -> dict[str, list[Study]]:
    """Return studies by the level of a column, in the order of their appearance, those without one last."""
    groups: dict[str, list[Study]] = {}
    for study in studies:
        groups.setdefault(level_of(study, column), []).append(study)
    unknown = groups.pop("", [])
    return {**groups, **({"": unknown} if unknown else {})}


def level_of(study: Study, column: str) -> str:
    """Return the level of a study in a column, empty where it is not known."""
    level = study.descriptors.get(column, "")
    return "" if level in UNSAID else level


def level_words(value: str) -> str:
    """Return a value of a column in words, a dash where it is not known."""
    return labels.MISSING if value in UNSAID else labels.clean(value.replace("_", " "))
