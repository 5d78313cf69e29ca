"""The figures of one domain, each drawn where it says something and named with the reason where it would not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from taprev.drawing import saving
from taprev.figures.forest import plot
from taprev.figures.siblings.registry import SIBLINGS, Sibling, sibling_files, why_no_sibling
from taprev.figures.undrawn import NotDrawn
from taprev.ground.places import figure_stem
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import Synthesis

Files = dict[str, bytes]


@dataclass(frozen=True)
class DomainFigure:
    """A figure of a domain.

    Attributes
    ----------
    name : str
        What the names of its files end with.
    title : str
        What the page of figures calls it.
    files : callable
        Returns the content of its files by their endings.
    why_not : callable
        Returns why it would say nothing of a domain, or an empty text where it says something.
    """

    name: str
    title: str
    files: Callable[[Synthesis, Figures], Files]
    why_not: Callable[[Synthesis], str]


def _of_sibling(sibling: Sibling) -> DomainFigure:
    return DomainFigure(
        name=sibling.name,
        title=sibling.title,
        files=lambda content, how: sibling_files(sibling, content, how),
        why_not=lambda content: why_no_sibling(sibling, content),
    )


FOREST = DomainFigure(name=plot.NAME, title=plot.TITLE, files=plot.forest_files, why_not=plot.why_no_forest)
FIGURES = (FOREST, *(_of_sibling(sibling) for sibling in SIBLINGS))


def draw_domain(content: Synthesis, out_dir: Path, how: Figures = USUAL) -> list[Path]:
    """Write every figure of a domain that says something, and remove those of an earlier run that no longer do.

    Parameters
    ----------
    content : Synthesis
        A domain, as `read_synthesis` returns it.
    out_dir : Path
        The folder of figures; those of the domain lie in a folder of its name.
    how : Figures, optional
        The settings of figures.

    Returns
    -------
    list of Path
        The files of each figure, as .svg, .png, .pdf, .csv and .txt; each is replaced as a whole or not at all.

    Raises
    ------
    ValueError
        Where the name of the domain cannot be part of a file name.
    """
    stems = {figure.name: figure_stem(content.domain, figure.name) for figure in FIGURES}
    folder = out_dir / content.domain
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [
        path
        for figure in FIGURES
        if not figure.why_not(content)
        for path in saving.write(folder, stems[figure.name], figure.files(content, how))
    ]
    saving.remove_left_over(folder, stems.values(), drawn)
    return drawn


def not_drawn(content: Synthesis) -> list[NotDrawn]:
    """Return the figures of a domain that are not drawn, each with its reason."""
    reasons = ((figure.name, figure.why_not(content)) for figure in FIGURES)
    return [NotDrawn(content.domain, name, reason) for name, reason in reasons if reason]
