"""The boxes of the flow of records on a page: where each stands, what it says, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from taprev.drawing import theme, typeset
from taprev.drawing.page import Page
from taprev.extraction.flow import Flow
from taprev.vocabulary import FlowBox
from taprev.wording import flow as words

Cells = Mapping[tuple[int, int], tuple[FlowBox, ...]]
PHASES = {"Identification": (0, 1), "Screening": (1, 4), "Included": (4, 7)}
"""The steps that a phase has, from the first up to before the last."""

PREVIOUS, MAIN, SIDE, OTHER, OTHER_SIDE = range(5)
CELLS: Cells = {
    (0, PREVIOUS): (FlowBox.PREVIOUS_STUDIES, FlowBox.PREVIOUS_REPORTS),
    (0, MAIN): (FlowBox.DATABASE_RESULTS, FlowBox.REGISTER_RESULTS),
    (0, SIDE): (FlowBox.DUPLICATES, FlowBox.EXCLUDED_AUTOMATIC, FlowBox.EXCLUDED_OTHER),
    (0, OTHER): (FlowBox.WEBSITE_RESULTS, FlowBox.ORGANISATION_RESULTS, FlowBox.CITATION_RESULTS),
    (1, MAIN): (FlowBox.RECORDS_SCREENED,),
    (1, SIDE): (FlowBox.RECORDS_EXCLUDED,),
    (2, MAIN): (FlowBox.REPORTS_SOUGHT,),
    (2, SIDE): (FlowBox.REPORTS_NOT_RETRIEVED,),
    (2, OTHER): (FlowBox.OTHER_SOUGHT,),
    (2, OTHER_SIDE): (FlowBox.OTHER_NOT_RETRIEVED,),
    (3, MAIN): (FlowBox.REPORTS_ASSESSED,),
    (3, SIDE): (FlowBox.REPORTS_EXCLUDED,),
    (3, OTHER): (FlowBox.OTHER_ASSESSED,),
    (3, OTHER_SIDE): (FlowBox.OTHER_EXCLUDED,),
    (4, MAIN): (FlowBox.NEW_STUDIES, FlowBox.NEW_REPORTS, FlowBox.OTHER_REPORTS),
    (5, MAIN): (FlowBox.TOTAL_STUDIES, FlowBox.TOTAL_REPORTS),
    (6, MAIN): (
        FlowBox.STUDIES_IN_META_ANALYSIS,
        FlowBox.REPORTS_IN_META_ANALYSIS,
        FlowBox.STUDIES_NARRATIVE_ONLY,
        FlowBox.STUDIES_IN_NO_SYNTHESIS,
    ),
}
"""Which counts stand in the box of a step (from the top) and a column."""

HEADS = {
    PREVIOUS: "Previous studies",
    MAIN: "Identification of {studies} via databases and registers",
    OTHER: "Identification of {studies} via other methods",
}
BAND, STEP, GAP, PAD = 24.0, 32.0, 24.0, 10.0
INDENT, HANGING, APART = 9.0, 7.0, 5.0
NARROW, NARROW_QUIET = theme.Type(12.0), theme.Type(12.0, theme.GREY)


@dataclass(frozen=True)
class BoxLine:
    """A line of text in a box: how far it is moved in, and how much room stands above it."""

    text: str
    recorded: bool
    indent: float
    above: float


@dataclass(frozen=True)
class FlowCell:
    """A box of the diagram: its lines, and where it stands."""

    lines: tuple[BoxLine, ...]
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Lettering:
    """How the boxes of a diagram are set: the narrower, the smaller."""

    kind: theme.Type
    quiet: theme.Type
    lead: float


def diagram(page: Page, top: float, counts: Flow, cells: Cells) -> float:
    """Draw the boxes below `top` with what leads from one to the other, and return where they end."""
    columns = sorted({column for _, column in cells})
    width = (page.right - page.left - BAND - GAP * len(columns)) / len(columns)
    lefts = {column: page.left + BAND + GAP + i * (width + GAP) for i, column in enumerate(columns)}
    wide = len(columns) <= SIDE
    letters = Lettering(theme.BODY, theme.BODY_QUIET, 18.0) if wide else Lettering(NARROW, NARROW_QUIET, 15.5)
    studies = "new studies" if counts.updates else "studies"
    y = _heads(page, top, lefts, width, letters, studies) if len(columns) > SIDE else top
    placed: dict[tuple[int, int], FlowCell] = {}
    spans: dict[int, tuple[float, float]] = {}
    for step in sorted({step for step, _ in cells}):
        own = {c: _lines(counts, boxes, width, letters) for (s, c), boxes in cells.items() if s == step}
        deep = max(_height(lines, letters) for lines in own.values())
        for column, lines in own.items():
            tall = _height(lines, letters)
            placed[step, column] = FlowCell(lines, lefts[column], y + (deep - tall) / 2, width, tall)
        spans[step] = (y, y + deep)
        y += deep + STEP
    _bands(page, spans)
    _arrows(page, placed)
    for cell in placed.values():
        _box(page, cell, letters)
    return y - STEP + 22


def _heads(page: Page, top: float, lefts: Mapping[int, float], width: float, letters: Lettering, studies: str) -> float:
    """Draw the heads of the columns, each over the boxes of its search, and return where the boxes begin."""
    kind = theme.Type(letters.kind.size, weight="bold")
    spans = {column: width if column == PREVIOUS else 2 * width + GAP for column in HEADS if column in lefts}
    wrapped = {
        c: typeset.wrap_even(HEADS[c].format(studies=studies), kind, room - 2 * PAD) for c, room in spans.items()
    }
    tall = 2 * PAD + letters.lead * max(map(len, wrapped.values())) - 4
    for column, lines in wrapped.items():
        page.box(lefts[column], top, spans[column], tall, theme.SHADE)
        for number, text in enumerate(lines):
            y = top + (tall - letters.lead * len(lines)) / 2 + letters.lead * (number + 0.75)
            page.text(lefts[column] + spans[column] / 2, y, text, kind, "center")
    return top + tall + 14


def _bands(page: Page, spans: Mapping[int, tuple[float, float]]) -> None:
    """Draw the phases on the left, each as high as its steps."""
    for phase, (first, last) in PHASES.items():
        own = [spans[step] for step in range(first, last) if step in spans]
        top, end = own[0][0], own[-1][1]
        needed = typeset.width(phase, NARROW) + 8
        top, end = min(top, (top + end - needed) / 2), max(end, (top + end + needed) / 2)
        page.box(page.left, top, BAND, end - top, theme.SHADE)
        page.upright(page.left + BAND / 2 + 5.5, (top + end + needed - 8) / 2, phase, theme.Type(12.0))


def _lines(counts: Flow, boxes: tuple[FlowBox, ...], width: float, letters: Lettering) -> tuple[BoxLine, ...]:
    """Return the lines of a box: each count with its number, then what it is made of."""
    made: list[BoxLine] = []
    for box in boxes:
        count, above = counts[box], APART if made else 0.0
        made += _wrapped(words.line(words.name(counts, box), count.n), count.n is not None, width, letters, 0.0, above)
        for part in count.parts:
            recorded = part.typed or part.n is not None
            made += _wrapped(words.part_line(part), recorded, width, letters, INDENT, 0.0)
    return tuple(made)


def _wrapped(
    text: str, recorded: bool, width: float, letters: Lettering, indent: float, above: float
) -> Iterator[BoxLine]:
    """Yield the lines of a text; those of a part after its first are moved in further."""
    hanging = HANGING if indent else 0.0
    for number, one in enumerate(typeset.wrap(text, letters.kind, width - 2 * PAD - indent - hanging)):
        yield BoxLine(one, recorded, indent + hanging * (number > 0), 0.0 if number else above)


def _height(lines: tuple[BoxLine, ...], letters: Lettering) -> float:
    return PAD * 2 + letters.lead * len(lines) + sum(line.above for line in lines) - 4


def _box(page: Page, cell: FlowCell, letters: Lettering) -> None:
    (x, y), (right, end) = (cell.x, cell.y), (cell.x + cell.width, cell.y + cell.height)
    recorded = any(line.recorded for line in cell.lines)
    corners = [(x, y), (right, y), (right, end), (x, end)]
    page.shape(corners, theme.PAPER, theme.INK if recorded else theme.RULE, 1.0, dashed=not recorded)
    base = y + PAD - 0.38 * letters.lead
    for line in cell.lines:
        base += letters.lead + line.above
        page.text(x + PAD + line.indent, base, line.text, letters.kind if line.recorded else letters.quiet)


def _arrows(page: Page, placed: Mapping[tuple[int, int], FlowCell]) -> None:
    """Draw the ways between the boxes: down a column, to its side, and from both sides into what is included."""
    for column in (MAIN, OTHER):
        own = [placed[step, column] for step in range(7) if (step, column) in placed]
        for upper, lower in pairwise(own):
            _arrow(page, (upper.middle[0], upper.y + upper.height), (lower.middle[0], lower.y))
    for (step, column), cell in placed.items():
        if column in (SIDE, OTHER_SIDE):
            before = placed[step, column - 1]
            _arrow(page, (before.x + before.width, before.middle[1]), (cell.x, cell.middle[1]))
    _into(page, placed.get((3, OTHER)), placed[4, MAIN])
    _into(page, placed.get((0, PREVIOUS)), placed.get((5, MAIN)))


def _into(page: Page, source: FlowCell | None, target: FlowCell | None) -> None:
    """Draw the way from the foot of a box in another column to the side of the box that it leads to."""
    if source is None or target is None:
        return
    x, y = source.middle[0], target.middle[1]
    page.line((x, x), (source.y + source.height, y), theme.INK, 1.0)
    _arrow(page, (x, y), (target.x if x < target.x else target.x + target.width, y))


def _arrow(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x0, y0), (x, y) = start, end
    page.line((x0, x), (y0, y), theme.INK, 1.0)
    back = (0.0, -7.0) if y0 != y else (-7.0 if x > x0 else 7.0, 0.0)
    across = (3.5, 0.0) if y0 != y else (0.0, 3.5)
    wings = [(x + back[0] + side * across[0], y + back[1] + side * across[1]) for side in (-1, 1)]
    page.shape([(x, y), *wings], theme.INK, theme.INK, 0.0)
