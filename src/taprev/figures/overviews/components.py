"""Which components the programmes work through, and at which level: studies by component and level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from taprev.drawing import legend
from taprev.drawing.matrix import ColumnGroup, Matrix, MatrixRow, MatrixSection, Paint, draw_matrix, sheets
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.figures.overviews.gap_map import count_mark, gap_mark
from taprev.ground.files import csv_text
from taprev.wording import labels, sentences

STEM, TITLE = "components", "Components of the programmes, by level"
NAMES = 330.0
NOT_SAID = "no study says so, which does not say that no programme does it"


def component_matrix(
    rows: Sequence[Mapping[str, str]],
    components: Sequence[str],
    levels: Sequence[str],
    studies: int,
    most: int | None = None,
) -> ReviewFigure:
    """Return the matrix of `rows` (study, component, level), with a row for every component of the codebook.

    A page holds at most `most` components.
    """
    named_by = {
        (c, level): sorted({r["study"] for r in rows if (r["component"], r["level"]) == (c, level)})
        for c in components
        for level in levels
    }
    named = len({row["study"] for row in rows})

    lines = tuple(
        MatrixRow(_name(c), "", tuple(_cell(len(named_by[c, level])) for level in levels)) for c in components
    )
    heads = ColumnGroup("Level", tuple(level.replace("_", " ") for level in levels))
    whole = Matrix((heads,), (MatrixSection("", lines),), NAMES)

    def body(sheet: Matrix, page: Page, y: float) -> float:
        y = draw_matrix(page, sheet, y)
        return legend.key(page, y, [(count_mark("2"), "studies"), (gap_mark, NOT_SAID)])

    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=f"{named} of {labels.count(studies, 'study', 'studies')} name a component",
        bodies=tuple(partial(body, sheet) for sheet in sheets(whole, most)),
        words=tuple(_words(c, levels, named_by) for c in components),
        twin=csv_text(
            ("component", "level", "studies", "names"),
            ((c, level, len(names), "; ".join(names)) for (c, level), names in named_by.items()),
        ),
    )


def _name(component: str) -> str:
    return sentences.sentence(component.replace("_", " ")).rstrip(".")


def _cell(count: int) -> Paint:
    return count_mark(str(count)) if count else gap_mark


def _words(component: str, levels: Sequence[str], named_by: Mapping[tuple[str, str], Sequence[str]]) -> str:
    held = [
        f"{len(named_by[component, v])} at the level {v.replace('_', ' ')}" for v in levels if named_by[component, v]
    ]
    return sentences.sentence(f"{component.replace('_', ' ')}: {', '.join(held) or 'no study'}")
