"""The drawn figures of a review as they are taken away: their files, their captions, and what is cited of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.figures.of_domain import FIGURES
from taprev.figures.overviews.registry import OVERVIEWS, overviews_not_drawn
from taprev.ground.places import WHOLE_REVIEW, figure_place
from taprev.ground.seal import seal_of
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis
from taprev.wording.citations import THE_REVIEW, CitedFigure


@dataclass(frozen=True)
class TakenFigure:
    """A figure as it is taken away: its files without ending, its caption, that of the settings, and what is cited."""

    stem: str
    caption: str
    given: str
    cited: CitedFigure


def domain_figures(content: Synthesis, settings: Settings, figures: Path) -> Iterator[TakenFigure]:
    """Yield the drawn figures of a domain, the forest plot first."""
    for figure in FIGURES:
        if not figure.why_not(content):
            stem = figure_place(content.domain, figure.name)
            given = settings.figures.caption(figure.name, content.domain)
            yield _taken(stem, figure.title, given, content.label, figures)


def review_figures(settings: Settings, figures: Path) -> list[TakenFigure]:
    """Return the drawn figures of the whole review."""
    missing = {gap.figure for gap in overviews_not_drawn(figures)}
    return [
        _taken(f"{WHOLE_REVIEW}/{one.name}", one.title, settings.figures.caption(one.name), THE_REVIEW, figures)
        for one in OVERVIEWS
        if one.name not in missing
    ]


def _taken(stem: str, title: str, given: str, subject: str, figures: Path) -> TakenFigure:
    caption, seal = given or title, seal_of(figures / f"{stem}.svg")
    cited = CitedFigure(Path(stem).name, caption, subject, seal.numbers if seal else "")
    return TakenFigure(stem, caption, given, cited)
