"""The four sibling figures of a domain: studies left out, all choices at once, posteriors, and funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from taprev.drawing import saving, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import (
    frame,
    funnel,
    funnel_text,
    leave_one_out,
    leave_one_out_text,
    multiverse,
    multiverse_text,
    posterior,
    posterior_text,
)
from taprev.ground.files import csv_text
from taprev.synthesis.results import Synthesis
from taprev.wording import labels, sentences


@dataclass(frozen=True)
class Sibling:
    """A figure of a domain besides its forest plot.

    Attributes
    ----------
    name : str
        With which the names of its files begin.
    title : str
        What the page of figures calls it.
    heading : str
        What is printed beneath the name of the domain.
    draw : callable
        Draws every section of the figure on a page from y on, and returns where they end.
    words : callable
        Yields the sentences of the alternative text.
    twin : callable
        Yields the rows of the data twin.
    columns : tuple of str
        The columns of the data twin.
    """

    name: str
    title: str
    heading: str
    draw: Callable[[Page, Synthesis, float], float]
    words: Callable[[Synthesis], Iterator[str]]
    twin: Callable[[Synthesis], Iterator[dict[str, Any]]]
    columns: tuple[str, ...]


SIBLINGS = (
    Sibling(
        name="leave_one_out",
        title="Each study left out in turn",
        heading=leave_one_out_text.NAME,
        draw=leave_one_out.draw,
        words=leave_one_out_text.words,
        twin=leave_one_out_text.twin,
        columns=leave_one_out_text.COLUMNS,
    ),
    Sibling(
        name="multiverse",
        title="All combinations of choices",
        heading=multiverse_text.NAME,
        draw=multiverse.draw,
        words=multiverse_text.words,
        twin=multiverse_text.twin,
        columns=multiverse_text.COLUMNS,
    ),
    Sibling(
        name="posterior",
        title="Bayesian posteriors",
        heading=posterior_text.NAME,
        draw=posterior.draw,
        words=posterior_text.words,
        twin=posterior_text.twin,
        columns=posterior_text.COLUMNS,
    ),
    Sibling(
        name="funnel",
        title="Funnel plot",
        heading=funnel_text.NAME,
        draw=funnel.draw,
        words=funnel_text.words,
        twin=funnel_text.twin,
        columns=funnel_text.COLUMNS,
    ),
)


def draw_siblings(content: Synthesis, out_dir: Path) -> list[Path]:
    """Write the figures of a domain beside its forest plot, each as .svg, .png, .pdf, .csv and .txt.

    Parameters
    ----------
    content : Synthesis
        A domain, as `read_synthesis` returns it.
    out_dir : Path
        The folder of the files; each is replaced as a whole or not at all.

    Returns
    -------
    list of Path
        The paths of all files.

    Raises
    ------
    ValueError
        Where the name of the domain cannot be part of a file name.
    """
    return [path for sibling in SIBLINGS for path in draw_sibling(sibling, content, out_dir)]


def draw_sibling(sibling: Sibling, content: Synthesis, out_dir: Path) -> list[Path]:
    """Write one of the figures, and return the paths of its files."""
    stem = saving.stem(sibling.name, content.domain)
    title, words = f"{sibling.heading}: {labels.clean(content.label)}", alternative_text(sibling, content)
    with theme.style(printed=any(sibling.words(content))):
        pictures = saving.pictures(figure(sibling, content), title, words, content)
    files = {**pictures, ".csv": twin(sibling, content).encode(), ".txt": f"{words}\n".encode()}
    return saving.write(out_dir, stem, files)


def figure(sibling: Sibling, content: Synthesis) -> Figure:
    """Return one of the figures; call it within `theme.style()`."""
    page = Page()
    y = frame.head(page, content, sibling.heading)
    below = sibling.draw(page, content, y)
    if below == y:
        below = frame.no_rows(page, content, y)
        page.rule(page.left, page.right, below + 8)
        below += 18
    return page.close(frame.foot(page, content, below) + theme.MARGIN)


def alternative_text(sibling: Sibling, content: Synthesis) -> str:
    """Return what the data of a figure say, in sentences."""
    texts = list(sibling.words(content)) or frame.reasons(content)
    opening = f"{labels.clean(content.label)}, {sibling.heading[:1].lower()}{sibling.heading[1:]}."
    closing = [sentences.fates(content.fates), sentences.sentence(content.evidence_set)]
    return " ".join([opening, *texts, *closing, f"{sentences.made_by(content)}."])


def twin(sibling: Sibling, content: Synthesis) -> str:
    """Return what a figure draws as CSV text, at full precision and on the scale of the analysis."""
    rows = ([_plain(row.get(name)) for name in sibling.columns] for row in sibling.twin(content))
    return csv_text(sibling.columns, rows)


def _plain(value: Any) -> Any:
    return labels.clean(value) if isinstance(value, str) else value
