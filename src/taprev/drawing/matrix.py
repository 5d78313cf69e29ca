"""A matrix on a page: named rows, groups of named columns, and a small drawing in every cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from taprev.drawing import theme, typeset
from taprev.drawing.page import Page
from taprev.drawing.paging import CONTINUED, parts
from taprev.wording import labels

PITCH, WRAPPED, HEAD_GAP, GROUP_GAP = 25.0, 15.5, 10.0, 16.0
NARROWEST, WIDEST = 23.0, 64.0
HEAD_ROOM, HEAD_LINE = 168.0, 14.0
SIGN_ROOM = 26.0

Paint = Callable[[Page, float, float], None]


@dataclass(frozen=True)
class ColumnGroup:
    """A group of columns under a common name; `heads` are the names of its columns."""

    name: str
    heads: tuple[str, ...]


@dataclass(frozen=True)
class MatrixRow:
    """A row of a matrix: its name, a quiet word behind it, and a drawing for each cell (None leaves it empty).

    `sign` is a drawing between the name and the cells, `face` the colour behind the row.
    """

    name: str
    aside: str = ""
    cells: tuple[Paint | None, ...] = field(default_factory=tuple)
    sign: Paint | None = None
    face: str = ""


@dataclass(frozen=True)
class MatrixSection:
    """Rows under a heading; an empty heading is not drawn."""

    heading: str
    lines: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix, or as much of it as stands on a page; `names` is the room for the names of the rows, in points."""

    columns: tuple[ColumnGroup, ...]
    sections: tuple[MatrixSection, ...]
    names: float

    @property
    def lines(self) -> int:
        """How many rows it has."""
        return sum(len(section.lines) for section in self.sections)


def sheets(whole: Matrix, most: int | None) -> list[Matrix]:
    """Return the pages of a matrix: at most so many rows on each, and no more columns than the page is wide.

    Where columns are divided, a page has only the rows with something in its columns.
    """
    return [page for part in _by_columns(whole) for page in _by_rows(part, most)]


def _by_columns(whole: Matrix) -> Iterator[Matrix]:
    heads = [(group, head) for group in whole.columns for head in group.heads]
    sizes = [NARROWEST + GROUP_GAP * (place == 0) for group in whole.columns for place in range(len(group.heads))]
    room = theme.WIDTH - 2 * theme.MARGIN - whole.names
    if sum(sizes) <= room:
        yield whole
        return
    begun: set[ColumnGroup] = set()
    for part in parts(sizes, room - GROUP_GAP):
        groups = []
        for group, own in groupby(heads[part], key=lambda pair: pair[0]):
            again = CONTINUED if group.name and group in begun else ""
            groups.append(ColumnGroup(group.name + again, tuple(head for _, head in own)))
            begun.add(group)
        lines = (
            tuple(replace(line, cells=line.cells[part]) for line in section.lines if any(line.cells[part]))
            for section in whole.sections
        )
        held = zip(whole.sections, lines, strict=True)
        yield replace(whole, columns=tuple(groups), sections=tuple(replace(s, lines=own) for s, own in held if own))


def _by_rows(whole: Matrix, most: int | None) -> Iterator[Matrix]:
    lines = [(place, line) for place, section in enumerate(whole.sections) for line in section.lines]
    begun: set[int] = set()
    for part in parts([1] * len(lines), most):
        sections = []
        for place, own in groupby(lines[part], key=lambda pair: pair[0]):
            heading = whole.sections[place].heading
            again = CONTINUED if heading and place in begun else ""
            sections.append(MatrixSection(heading + again, tuple(line for _, line in own)))
            begun.add(place)
        yield replace(whole, sections=tuple(sections))


def draw_matrix(page: Page, what: Matrix, y: float) -> float:
    """Draw a matrix from y on and return where it ends."""
    positions = _positions(page, what.columns, what.names)
    y = _heads(page, what.columns, positions, y)
    for section in what.sections:
        if section.heading:
            y = _heading(page, section.heading, y)
        for line in section.lines:
            y = _line(page, line, positions, y, what.names)
    return y


def _positions(page: Page, columns: Sequence[ColumnGroup], names: float) -> list[list[float]]:
    """Return the middle of every column, group by group."""
    count = sum(len(group.heads) for group in columns)
    room = page.right - page.left - names - GROUP_GAP * len(columns)
    step = max(NARROWEST, min(WIDEST, room / max(count, 1)))
    positions, x = [], page.left + names + GROUP_GAP
    for group in columns:
        positions.append([x + step * (position + 0.5) for position in range(len(group.heads))])
        x += step * len(group.heads) + GROUP_GAP
    return positions


def _heads(page: Page, columns: Sequence[ColumnGroup], positions: list[list[float]], y: float) -> float:
    """Draw the heads upright on a common foot, and the name of each group above its columns."""
    heads = [typeset.wrap(labels.clean(h), theme.SMALL, HEAD_ROOM, 2) for group in columns for h in group.heads]
    tall = max((typeset.width(line, theme.SMALL) for head in heads for line in head), default=0.0)
    top = y + 22 * any(group.name for group in columns)
    foot = top + tall + HEAD_GAP
    upright = iter(heads)
    for group, middles in zip(columns, positions, strict=True):
        if not middles:
            continue
        room = middles[-1] - middles[0] + (page.right - middles[-1] if group is columns[-1] else GROUP_GAP + 20)
        page.text(middles[0] - 8, y + 14, typeset.shorten(group.name, theme.HEAD, room), theme.HEAD)
        for x in middles:
            lines = next(upright)
            for position, line in enumerate(lines):
                page.upright(x + 4 + (position - (len(lines) - 1) / 2) * HEAD_LINE, foot - 4, line, theme.SMALL)
    page.rule(page.left, page.right, foot)
    return foot + 4


def _heading(page: Page, heading: str, y: float) -> float:
    page.text(page.left, y + 22, labels.clean(heading), theme.STRONG)
    return y + 28


def _line(page: Page, line: MatrixRow, positions: list[list[float]], y: float, names: float) -> float:
    end = names - SIGN_ROOM * (line.sign is not None)
    aside = typeset.width(line.aside, theme.SMALL) + 10 if line.aside else 0.0
    lines = typeset.wrap(labels.clean(line.name), theme.BODY, end - aside, 3)
    base, below = y + 17, y + PITCH + (len(lines) - 1) * WRAPPED
    if line.face:
        page.box(page.left, y, page.right - page.left, below - y, line.face, order=0.5)
    if line.sign:
        line.sign(page, page.left + names - SIGN_ROOM / 2, base - 4.6)
    for position, text in enumerate(lines):
        page.text(page.left, base + position * WRAPPED, text, theme.BODY)
    page.text(page.left + end, base, line.aside, theme.SMALL, "right")
    for x, paint in zip((x for group in positions for x in group), line.cells, strict=True):
        if paint is not None:
            paint(page, x, base - 4.6)
    page.rule(page.left, page.right, below, theme.BAND, 0.9)
    return below
