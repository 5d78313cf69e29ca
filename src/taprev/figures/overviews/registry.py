"""The figures of the whole review: gap map, components, effect directions, risk of bias, and the flow of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taprev.extraction.tables import allowed, read_rows
from taprev.figures.overviews.at_a_glance import at_a_glance
from taprev.figures.overviews.components import component_matrix
from taprev.figures.overviews.effect_direction import effect_direction
from taprev.figures.overviews.flow import flow
from taprev.figures.overviews.frame import Imprint, ReviewFigure, draw_review_figure
from taprev.figures.overviews.gap_map import gap_map
from taprev.figures.overviews.risk_of_bias import risk_of_bias
from taprev.settings import Settings
from taprev.vocabulary import Contrast

Content = Mapping[str, Any]


def draw_overviews(
    contents: Sequence[Content], settings: Settings, extracted: Path, tables: Path, out_dir: Path
) -> list[Path]:
    """Write every figure of the review into `out_dir` and return the paths.

    `extracted` holds the extracted tables, `tables` the gap map as the workflow counted it.
    """
    imprint = Imprint(settings.review.title, settings.review.evidence_set, settings.version)
    figures = overviews(contents, settings, extracted, tables)
    return [path for told in figures for path in draw_review_figure(told, imprint, out_dir)]


def overviews(
    contents: Sequence[Content], settings: Settings, extracted: Path, tables: Path
) -> tuple[ReviewFigure, ...]:
    """Return every figure of the review, not yet drawn."""
    studies = {row["study"]: row["label"] for row in read_rows(extracted / "studies.csv")}
    owner = {row["result"]: row["study"] for content in contents for row in content["rows"]}
    judged = [row for row in read_rows(extracted / "risk_of_bias.csv") if row["result"] in owner]
    parts = read_rows(extracted / "components.csv")
    return (
        at_a_glance(contents, settings.populations),
        gap_map(read_rows(tables / "gap_map.csv"), _groups(settings)),
        component_matrix(parts, _named(extracted, "component", parts), _named(extracted, "level", parts), len(studies)),
        effect_direction(contents),
        risk_of_bias(judged, {result: (study, studies[study]) for result, study in owner.items()}),
        flow(read_rows(extracted / "flow.csv")),
    )


def _groups(settings: Settings) -> dict[str, list[str]]:
    """Return the columns of the gap map under the name of what they count."""
    groups = {"Design": [*Contrast]}
    for part in settings.gap_map:
        groups[part.name.capitalize()] = [*part.levels, *([part.rest] if part.rest else [])]
    return groups


def _named(extracted: Path, column: str, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the values that the codebook allows in a column of the components, or those that occur."""
    return list(allowed(extracted, "components", column)) or sorted({row[column] for row in rows})
