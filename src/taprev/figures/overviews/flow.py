"""The flow of records and reports into the review (PRISMA 2020), from the counts of `flow.csv`."""

from __future__ import annotations

from collections.abc import Iterator

from taprev.drawing import theme
from taprev.drawing.page import Page
from taprev.extraction.flow import COLUMNS, Flow, cell_of
from taprev.figures.overviews.flow_diagram import CELLS, MAIN, OTHER, OTHER_SIDE, PREVIOUS, Cells, diagram
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.vocabulary import OTHER_METHODS, FlowBox
from taprev.wording import flow as words
from taprev.wording import sentences

STEM, TITLE = "flow", "Flow of records and reports"
OPTIONAL = frozenset(
    {FlowBox.OTHER_REPORTS, *CELLS[6, MAIN], *CELLS[5, MAIN]},
)
"""Counts that have no line where nobody recorded them; those of a previous version and of other methods have no box."""


def flow(counts: Flow) -> ReviewFigure:
    """Return the diagram; a count that was not recorded says so, or is not drawn where PRISMA does not ask for it."""
    cells = drawn_cells(counts)
    boxes = [box for own in cells.values() for box in own]
    notes = [sentences.sentence(note) for note in words.remarks(counts, boxes)]

    def body(page: Page, y: float) -> float:
        y = diagram(page, y, counts, cells)
        for note in notes:
            y += 16 * page.paragraph(page.left, y + 8, note, theme.CAUTION, page.right - page.left, 16)
        return y

    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle="PRISMA 2020",
        bodies=(body,),
        words=(*map(sentences.sentence, words.told(counts, boxes)), *notes),
        twin=csv_text(COLUMNS, _twin(counts, boxes)),
    )


def drawn_cells(counts: Flow) -> Cells:
    """Return the boxes that are drawn, by step and column, each with the counts that it holds."""
    made = {}
    for place, boxes in CELLS.items():
        if place[1] == PREVIOUS and not counts.updates:
            continue
        if place[1] in (OTHER, OTHER_SIDE) and not counts.any_recorded(OTHER_METHODS):
            continue
        if own := tuple(box for box in boxes if box not in OPTIONAL or counts[box].recorded):
            made[place] = own
    return made


def _twin(counts: Flow, boxes: list[FlowBox]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of what is drawn, in the columns of the table."""
    for box in boxes:
        count = counts[box]
        yield box, "", cell_of(count.n), " ".join(filter(None, (count.note, count.doubt)))
        for part in count.parts:
            yield box, part.name, "" if part.typed else cell_of(part.n), part.note
