"""The figures of the whole review: at a glance, gap map, effect directions, components, risk of bias, and flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.tables import Row, allowed, read_rows
from taprev.figures.overviews import at_a_glance, components, effect_direction, flow, gap_map, risk_of_bias
from taprev.figures.overviews.frame import Imprint, ReviewFigure, draw_review_figure
from taprev.ground.places import WHOLE_REVIEW
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis
from taprev.vocabulary import Contrast


@dataclass(frozen=True)
class ReviewData:
    """What the figures of a review are drawn from: its domains, its settings, and its tables.

    `extracted` is the folder of the extracted tables, `tables` that of the gap map as the workflow counted it.
    """

    contents: Sequence[Synthesis]
    settings: Settings
    extracted: Path
    tables: Path

    @property
    def most(self) -> int | None:
        """How many rows a page of a figure may have."""
        return self.settings.figures.rows_per_page

    def read(self, name: str) -> list[Row]:
        """Return the rows of an extracted table."""
        return read_rows(self.extracted / f"{name}.csv")

    @property
    def labels(self) -> dict[str, str]:
        """The label of every study."""
        return {row["study"]: row["label"] for row in self.read("studies")}

    @property
    def owners(self) -> dict[str, str]:
        """The study of every result."""
        return {row.result: row.study for content in self.contents for row in content.rows}


@dataclass(frozen=True)
class Overview:
    """A figure of the whole review.

    Attributes
    ----------
    name : str
        The name of its files.
    title : str
        What is printed on it and what the page of figures calls it.
    of : callable
        Returns the figure, not yet drawn.
    """

    name: str
    title: str
    of: Callable[[ReviewData], ReviewFigure]


def _at_a_glance(data: ReviewData) -> ReviewFigure:
    return at_a_glance.at_a_glance(data.contents, data.settings.populations, data.most)


def _gap_map(data: ReviewData) -> ReviewFigure:
    return gap_map.gap_map(read_rows(data.tables / "gap_map.csv"), _groups(data.settings), data.most)


def _effect_direction(data: ReviewData) -> ReviewFigure:
    return effect_direction.effect_direction(data.contents, data.most)


def _components(data: ReviewData) -> ReviewFigure:
    rows = data.read("components")
    names, levels = (_allowed(data.extracted, column, rows) for column in ("component", "level"))
    return components.component_matrix(rows, names, levels, len(data.labels), data.most)


def _risk_of_bias(data: ReviewData) -> ReviewFigure:
    labels, owners = data.labels, data.owners
    judged = [row for row in data.read("risk_of_bias") if row["result"] in owners]
    named = {result: (study, labels[study]) for result, study in owners.items()}
    return risk_of_bias.risk_of_bias(judged, named, data.most)


def _flow(data: ReviewData) -> ReviewFigure:
    return flow.flow(data.read("flow"))


OVERVIEWS = (
    Overview(at_a_glance.STEM, at_a_glance.TITLE, _at_a_glance),
    Overview(gap_map.STEM, gap_map.TITLE, _gap_map),
    Overview(effect_direction.STEM, effect_direction.TITLE, _effect_direction),
    Overview(components.STEM, components.TITLE, _components),
    Overview(risk_of_bias.STEM, risk_of_bias.TITLE, _risk_of_bias),
    Overview(flow.STEM, flow.TITLE, _flow),
)


def draw_overviews(
    contents: Sequence[Synthesis], settings: Settings, extracted: Path, tables: Path, out_dir: Path
) -> list[Path]:
    """Write every figure of the review.

    Parameters
    ----------
    contents : sequence of Synthesis
        The domains of the review.
    settings : Settings
    extracted : Path
        The folder of the extracted tables.
    tables : Path
        The folder of the gap map as the workflow counted it.
    out_dir : Path
        The folder of figures; those of the review lie in a folder of their own, which no domain can be named like.

    Returns
    -------
    list of Path
        The paths of all files.
    """
    imprint = Imprint(settings.review.title, settings.review.evidence_set, settings.version)
    figures = overviews(contents, settings, extracted, tables)
    folder = out_dir / WHOLE_REVIEW
    return [path for overview in figures for path in draw_review_figure(overview, imprint, folder)]


def overviews(
    contents: Sequence[Synthesis], settings: Settings, extracted: Path, tables: Path
) -> tuple[ReviewFigure, ...]:
    """Return every figure of the review, not yet drawn."""
    data = ReviewData(contents, settings, extracted, tables)
    return tuple(overview.of(data) for overview in OVERVIEWS)


def _groups(settings: Settings) -> dict[str, list[str]]:
    """Return the columns of the gap map under the name of what they count."""
    groups = {"Design": [*Contrast]}
    for part in settings.gap_map:
        groups[part.name.capitalize()] = [*part.levels, *([part.rest] if part.rest else [])]
    return groups


def _allowed(extracted: Path, column: str, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the values that the codebook allows in a column of the components, or those that occur."""
    return list(allowed(extracted, "components", column)) or sorted({row[column] for row in rows})
