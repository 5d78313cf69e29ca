"""The sibling figures of a domain, drawn next to its forest plot: one entry for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.figure import Figure

from taprev.drawing import saving, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import (
    baujat,
    baujat_text,
    bubble,
    bubble_text,
    cumulative,
    cumulative_text,
    frame,
    funnel,
    funnel_text,
    labbe,
    labbe_text,
    leave_one_out,
    leave_one_out_text,
    multiverse,
    multiverse_text,
    posterior,
    posterior_text,
)
from taprev.figures.twin_columns import table
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import Synthesis
from taprev.wording import labels, sentences


@dataclass(frozen=True)
class Sibling:
    """A figure of a domain besides its forest plot.

    Attributes
    ----------
    name : str
        What the names of its files end with.
    title : str
        What the page of figures calls it.
    heading : str
        What is printed beneath the name of the domain.
    sections : callable
        Returns the strata that it has a section for.
    why_not : callable
        Returns why a stratum has nothing in it, or an empty text where it has something.
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
    sections: Callable[[Synthesis], Sequence[frame.StratumSection]]
    why_not: Callable[[Any], str]
    draw: Callable[[Page, Synthesis, float], float]
    words: Callable[[Synthesis], Iterator[str]]
    twin: Callable[[Synthesis], Iterator[dict[str, Any]]]
    columns: tuple[str, ...]


SIBLINGS = (
    Sibling(
        name="leave_one_out",
        title="Each study left out in turn",
        heading=leave_one_out_text.NAME,
        sections=frame.pooled,
        why_not=leave_one_out_text.says_nothing,
        draw=leave_one_out.draw,
        words=leave_one_out_text.words,
        twin=leave_one_out_text.twin,
        columns=leave_one_out_text.COLUMNS,
    ),
    Sibling(
        name="multiverse",
        title="All combinations of choices",
        heading=multiverse_text.NAME,
        sections=multiverse_text.sections,
        why_not=multiverse_text.why_not,
        draw=multiverse.draw,
        words=multiverse_text.words,
        twin=multiverse_text.twin,
        columns=multiverse_text.COLUMNS,
    ),
    Sibling(
        name="posterior",
        title="Bayesian posteriors",
        heading=posterior_text.NAME,
        sections=frame.pooled,
        why_not=posterior_text.why_not,
        draw=posterior.draw,
        words=posterior_text.words,
        twin=posterior_text.twin,
        columns=posterior_text.COLUMNS,
    ),
    Sibling(
        name="funnel",
        title="Funnel plot",
        heading=funnel_text.NAME,
        sections=frame.pooled,
        why_not=funnel_text.why_not,
        draw=funnel.draw,
        words=funnel_text.words,
        twin=funnel_text.twin,
        columns=funnel_text.COLUMNS,
    ),
    Sibling(
        name="cumulative",
        title="As studies appeared",
        heading=cumulative_text.NAME,
        sections=frame.pooled,
        why_not=cumulative_text.why_not,
        draw=cumulative.draw,
        words=cumulative_text.words,
        twin=cumulative_text.twin,
        columns=leave_one_out_text.COLUMNS,
    ),
    Sibling(
        name="baujat",
        title="Studies that differ and studies that move",
        heading=baujat_text.NAME,
        sections=frame.pooled,
        why_not=baujat_text.why_not,
        draw=baujat.draw,
        words=baujat_text.words,
        twin=baujat_text.twin,
        columns=baujat_text.COLUMNS,
    ),
    Sibling(
        name="bubble",
        title="What might explain differences",
        heading=bubble_text.NAME,
        sections=frame.pooled,
        why_not=bubble_text.why_not,
        draw=bubble.draw,
        words=bubble_text.words,
        twin=bubble_text.twin,
        columns=bubble_text.COLUMNS,
    ),
    Sibling(
        name="labbe",
        title="Events in both groups",
        heading=labbe_text.NAME,
        sections=frame.pooled,
        why_not=labbe_text.why_not,
        draw=labbe.draw,
        words=labbe_text.words,
        twin=labbe_text.twin,
        columns=labbe_text.COLUMNS,
    ),
)


def why_no_sibling(sibling: Sibling, content: Synthesis) -> str:
    """Return why one of the figures would say nothing of a domain, or nothing where it says something.

    A figure is drawn where at least one of its sections is; the others give their reasons in it.
    """
    sections = sibling.sections(content)
    reasons = [sibling.why_not(section.stratum) for section in sections]
    if not reasons:
        return frame.nothing_pooled(content)
    if not all(reasons):
        return ""
    if len(reasons) == 1:
        return reasons[0]
    named = zip(sections, reasons, strict=True)
    return " ".join(f"{section.label.rstrip('.')}: {reason}" for section, reason in named)


def sibling_files(sibling: Sibling, content: Synthesis, how: Figures = USUAL) -> dict[str, bytes]:
    """Return the content of the files of one of the figures by their endings, further formats among them.

    The caption of the settings stands in place of its heading.
    """
    sibling = replace(sibling, heading=how.caption(sibling.name, content.domain) or sibling.heading)
    title, words = f"{sibling.heading}: {labels.clean(content.label)}", alternative_text(sibling, content)
    with theme.style():
        drawn, kinds = [figure(sibling, content)], saving.kinds_of(how.formats)
        pictures = saving.pictures(drawn, title, words, content, kinds=kinds)
    return {**pictures, ".csv": twin(sibling, content).encode(), ".txt": f"{words}\n".encode()}


def figure(sibling: Sibling, content: Synthesis) -> Figure:
    """Return one of the figures; call it within `theme.style()`."""
    page = Page()
    y = frame.head(page, content, sibling.heading)
    below = sibling.draw(page, content, y)
    return page.close(frame.foot(page, content, below) + theme.MARGIN)


def alternative_text(sibling: Sibling, content: Synthesis) -> str:
    """Return what the data of a figure say, in sentences."""
    opening = f"{labels.clean(content.label)}, {labels.inside(sibling.heading)}."
    closing = [sentences.fates(content.fates), sentences.sentence(content.evidence_set)]
    return " ".join([opening, *sibling.words(content), *closing, f"{sentences.made_by(content)}."])


def twin(sibling: Sibling, content: Synthesis) -> str:
    """Return what a figure draws as CSV text, at full precision and on the scale of the analysis."""
    return table(sibling.columns, (map(row.get, sibling.columns) for row in sibling.twin(content)))
