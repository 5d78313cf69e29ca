"""The figures of the whole review: at a glance, gap map, directions, harvest, components, risk of bias, flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.drawing import saving
from taprev.extraction.flow import read_flow
from taprev.extraction.risk_of_bias.judged import judgements, read_judged
from taprev.extraction.tables import Row, allowed, read_rows
from taprev.figures.overviews import at_a_glance, components, effect_direction, flow, gap_map, harvest, risk_of_bias
from taprev.figures.overviews.frame import Imprint, ReviewFigure, draw_review_figure
from taprev.figures.undrawn import NOT_DRAWN, NotDrawn
from taprev.ground.files import records_csv, write_text
from taprev.ground.places import WHOLE_REVIEW
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis
from taprev.synthesis.results.inclusion import with_syntheses
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
    why_not : callable
        Returns why it would say nothing of the review, or an empty text where it says something.
    """

    name: str
    title: str
    of: Callable[[ReviewData], ReviewFigure]
    why_not: Callable[[ReviewData], str] = lambda data: ""


def _at_a_glance(data: ReviewData) -> ReviewFigure:
    return at_a_glance.at_a_glance(data.contents, data.settings.populations, data.most)


def _gap_map(data: ReviewData) -> ReviewFigure:
    rows, settings = read_rows(data.tables / "gap_map.csv"), data.settings
    return gap_map.gap_map(rows, _groups(settings), data.most, settings.populations)


def _effect_direction(data: ReviewData) -> ReviewFigure:
    return effect_direction.effect_direction(data.contents, data.most)


def _harvest(data: ReviewData) -> ReviewFigure:
    return harvest.harvest(data.contents, data.most)


def _why_no_harvest(data: ReviewData) -> str:
    return harvest.why_not(data.contents)


def _components(data: ReviewData) -> ReviewFigure:
    rows = data.read("components")
    names, levels = (_allowed(data.extracted, column, rows) for column in ("component", "level"))
    return components.component_matrix(rows, names, levels, len(data.labels), data.most)


def _risk_of_bias(data: ReviewData) -> ReviewFigure:
    labels, owners = data.labels, data.owners
    named = {result: (study, labels[study]) for result, study in owners.items()}
    return risk_of_bias.risk_of_bias(_judged(data), named, data.most)


def _why_no_risk_of_bias(data: ReviewData) -> str:
    return risk_of_bias.why_not(_judged(data))


def _judged(data: ReviewData) -> list[Row]:
    owners = data.owners
    return [row for row in judgements(read_judged(data.extracted)) if row["result"] in owners]


def _flow(data: ReviewData) -> ReviewFigure:
    return flow.flow(with_syntheses(read_flow(data.extracted), data.contents))


OVERVIEWS = (
    Overview(at_a_glance.STEM, at_a_glance.TITLE, _at_a_glance),
    Overview(gap_map.STEM, gap_map.TITLE, _gap_map),
    Overview(effect_direction.STEM, effect_direction.TITLE, _effect_direction),
    Overview(harvest.STEM, harvest.TITLE, _harvest, _why_no_harvest),
    Overview(components.STEM, components.TITLE, _components),
    Overview(risk_of_bias.STEM, risk_of_bias.TITLE, _risk_of_bias, _why_no_risk_of_bias),
    Overview(flow.STEM, flow.TITLE, _flow),
)


def draw_overviews(
    contents: Sequence[Synthesis], settings: Settings, extracted: Path, tables: Path, out_dir: Path
) -> list[Path]:
    """Write every figure of the review that says something, and which are not drawn and why.

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
        The paths of all files of figures.
    """
    imprint = Imprint(settings.review.title, settings.review.evidence_set, settings.version)
    data, folder = ReviewData(contents, settings, extracted, tables), out_dir / WHOLE_REVIEW
    reasons = {overview.name: overview.why_not(data) for overview in OVERVIEWS}
    gaps = [NotDrawn(WHOLE_REVIEW, name, reason) for name, reason in reasons.items() if reason]
    drawn = [_captioned(overview, data) for overview in OVERVIEWS if not reasons[overview.name]]
    formats = settings.figures.formats
    made = [path for figure in drawn for path in draw_review_figure(figure, imprint, folder, formats)]
    saving.remove_left_over(folder, reasons, made)
    write_text(folder / NOT_DRAWN, records_csv(NotDrawn, gaps))
    return made


def overviews(
    contents: Sequence[Synthesis], settings: Settings, extracted: Path, tables: Path
) -> tuple[ReviewFigure, ...]:
    """Return every figure of the review that says something, not yet drawn."""
    data = ReviewData(contents, settings, extracted, tables)
    return tuple(_captioned(overview, data) for overview in OVERVIEWS if not overview.why_not(data))


def _captioned(overview: Overview, data: ReviewData) -> ReviewFigure:
    """Return a figure of the review under its own title, or under the caption of the settings."""
    figure = overview.of(data)
    return replace(figure, title=data.settings.figures.caption(overview.name) or figure.title)


def overviews_not_drawn(figures: Path) -> list[NotDrawn]:
    """Return which figures of the review were not drawn into the folder of figures, and why."""
    return [NotDrawn(**row) for row in read_rows(figures / WHOLE_REVIEW / NOT_DRAWN)]


def _groups(settings: Settings) -> dict[str, list[str]]:
    """Return the columns of the gap map under the name of what they count."""
    groups = {"Design": [*Contrast]}
    for part in settings.gap_map:
        groups[part.name.capitalize()] = [*part.levels, *([part.rest] if part.rest else [])]
    return groups


def _allowed(extracted: Path, column: str, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the values that the codebook allows in a column of the components, or those that occur."""
    return list(allowed(extracted, "components", column)) or sorted({row[column] for row in rows})
