"""The evidence gap map: how many studies each domain has, by design, setting and whatever else the settings count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from taprev.drawing import legend, theme
from taprev.drawing.matrix import ColumnGroup, Matrix, MatrixRow, MatrixSection, Paint, draw_matrix, sheets
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.wording import labels, mapping, sentences

STEM, TITLE = "gap_map", "Evidence gap map"
NAMES = 344.0
HALF, WIDE = 8.6, 10.5
Rows = Sequence[Mapping[str, str]]


def gap_map(
    rows: Rows,
    groups: Mapping[str, Sequence[str]],
    most: int | None = None,
    populations: Mapping[str, str] | None = None,
) -> ReviewFigure:
    """Return the map of `rows`, one a domain, with counts of studies in the columns of every group.

    A page holds at most `most` domains; `populations` is how people are called whose name is not yet in words.
    """
    called = populations or {}
    columns = tuple(ColumnGroup(name, tuple(h.replace("_", " ") for h in heads)) for name, heads in groups.items())
    names = [head for heads in groups.values() for head in heads]

    sections = tuple(
        MatrixSection(
            labels.population(called.get(population, population)).capitalize(), tuple(_line(row, names) for row in own)
        )
        for population, own in _by_population(rows).items()
    )

    def body(sheet: Matrix, page: Page, y: float) -> float:
        y = draw_matrix(page, sheet, y)
        entries = [(count_mark("2"), mapping.COUNTS), (gap_mark, mapping.GAP_NO_PROOF)]
        return legend.key(page, y, entries)

    header = ("domain", "label", "population", "studies", "results", "years", *names)
    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle="studies by outcome, their number and the span of their years; a study may stand in several outcomes",
        bodies=tuple(partial(body, sheet) for sheet in sheets(Matrix(columns, sections, NAMES), most)),
        words=tuple(_words(row, groups) for row in rows),
        twin=csv_text(header, ([row[name] for name in header] for row in rows)),
    )


def _by_population(rows: Rows) -> dict[str, list[Mapping[str, str]]]:
    by_population: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        by_population.setdefault(row["population"], []).append(row)
    return by_population


def _line(row: Mapping[str, str], names: Sequence[str]) -> MatrixRow:
    cells = tuple(count_mark(str(row[name])) if int(row[name]) else gap_mark for name in names)
    return MatrixRow(row["label"], ", ".join(filter(None, [_studies(row), row["years"]])), cells)


def _studies(row: Mapping[str, str]) -> str:
    return labels.count(int(row["studies"]), "study", "studies")


def count_mark(number: str) -> Paint:
    """Return the painter of a number of studies on a tinted square."""

    def paint(page: Page, x: float, y: float) -> None:
        page.box(x - WIDE, y - HALF, 2 * WIDE, 2 * HALF, theme.ESTIMATE)
        page.text(x, y + 4.6, number, theme.Type(12.0, theme.PAPER, weight="bold"), "center")

    return paint


def gap_mark(page: Page, x: float, y: float) -> None:
    """Draw the outline of a gap."""
    corners = [(x - WIDE, y - HALF), (x + WIDE, y - HALF), (x + WIDE, y + HALF), (x - WIDE, y + HALF)]
    page.shape(corners, theme.PAPER, theme.RULE, 0.8, dashed=True)


def _words(row: Mapping[str, str], groups: Mapping[str, Sequence[str]]) -> str:
    if not int(row["studies"]):
        return sentences.sentence(f"{row['label']}: {mapping.GAP}")
    parts = []
    for name, heads in groups.items():
        held = [f"{row[head]} {head.replace('_', ' ')}" for head in heads if int(row[head])]
        parts.append(f"{name.lower()}: {', '.join(held) or 'none'}")
    return sentences.sentence(
        f"{row['label']}: {', '.join(filter(None, [_studies(row), row['years']]))}; {'; '.join(parts)}"
    )
