"""The flow of records and reports into the review (PRISMA 2020), from the counts of `flow.csv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taprev.drawing import theme, typeset
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.wording import sentences

BOXES = {
    "identified": (
        ("Records from databases", "database_results"),
        ("Records from registers", "register_results"),
    ),
    "duplicates": (("Duplicates removed", "duplicates"),),
    "screened": (("Records screened", "records_screened"),),
    "excluded": (("Records excluded", "records_excluded"),),
    "sought": (("Reports sought", "reports_sought"),),
    "not_retrieved": (("Reports not retrieved", "reports_not_retrieved"),),
    "assessed": (("Reports assessed", "reports_assessed"),),
    "reports_excluded": (("Reports excluded", "reports_excluded"),),
    "included": (
        ("Studies in the review", "new_studies"),
        ("Reports of these studies", "new_reports"),
        ("Reports from other methods", "other_reports"),
    ),
}
STEPS = (
    ("identified", "duplicates"),
    ("screened", "excluded"),
    ("sought", "not_retrieved"),
    ("assessed", "reports_excluded"),
    ("included", None),
)
PHASES = ("Identification", "Screening", "", "", "Included")
STEM, TITLE = "flow", "Flow of records and reports"
LEFT, WIDTH, GAP, LEAD, PAD = 130.0, 330.0, 92.0, 18.0, 12.0
NOT_RECORDED = "not recorded"
Row = Mapping[str, str]


def flow(rows: Sequence[Row]) -> ReviewFigure:
    """Return the diagram; a box whose count was not recorded says so."""
    counts = {row["box"]: row["n"] for row in rows}
    notes = list(dict.fromkeys(row["note"] for row in rows if row["n"] == NOT_RECORDED and row["note"]))

    def body(page: Page, y: float) -> float:
        for phase, (main, side) in zip(PHASES, STEPS, strict=True):
            tall = PAD * 2 + LEAD * len(BOXES[main]) - 4
            if phase:
                page.text(page.left, y + tall / 2 + 4, phase, theme.STRONG)
            _box(page, LEFT, y, BOXES[main], counts)
            if side:
                x, middle = LEFT + WIDTH, y + tall / 2
                _arrow(page, (x, x + GAP - 3), (middle, middle))
                low = (tall - (PAD * 2 + LEAD * len(BOXES[side]) - 4)) / 2
                _box(page, LEFT + WIDTH + GAP, y + low, BOXES[side], counts)
                _arrow(page, (LEFT + WIDTH / 2,) * 2, (y + tall, y + tall + 31))
            y += tall + 34
        for note in notes:
            y += 16 * page.paragraph(page.left, y + 8, note, theme.CAUTION, page.right - page.left, 16)
        return y

    names = [(words, box) for boxes in BOXES.values() for words, box in boxes]
    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle="PRISMA 2020",
        bodies=(body,),
        words=tuple(sentences.sentence(f"{words}: {_count(counts, box)}") for words, box in names)
        + tuple(map(sentences.sentence, notes)),
        twin=csv_text(("box", "n", "note"), ((row["box"], row["n"], row["note"]) for row in rows)),
    )


def _count(counts: Mapping[str, str], box: str) -> str:
    text = counts.get(box, NOT_RECORDED)
    return text if text == NOT_RECORDED else f"n = {int(text):,}".replace(",", " ")


def _box(page: Page, x: float, y: float, lines: Sequence[tuple[str, str]], counts: Mapping[str, str]) -> None:
    tall = PAD * 2 + LEAD * len(lines) - 4
    recorded = any(counts.get(box, NOT_RECORDED) != NOT_RECORDED for _, box in lines)
    corners = [(x, y), (x + WIDTH, y), (x + WIDTH, y + tall), (x, y + tall)]
    page.shape(corners, theme.PAPER, theme.INK if recorded else theme.RULE, 1.0, dashed=not recorded)
    for number, (words, box) in enumerate(lines):
        count, base = _count(counts, box), y + PAD + 11 + number * LEAD
        kind = theme.BODY if count != NOT_RECORDED else theme.BODY_QUIET
        page.text(x + PAD, base, words, kind)
        page.text(x + WIDTH - PAD, base, typeset.shorten(count, kind, WIDTH / 2), kind, "right")


def _arrow(page: Page, xs: tuple[float, float], ys: tuple[float, float]) -> None:
    page.line(xs, ys, theme.INK, 1.0)
    (x, y), level = (xs[1], ys[1]), ys[0] == ys[1]
    wings = [(x - 7, y - 3.5), (x - 7, y + 3.5)] if level else [(x - 3.5, y - 7), (x + 3.5, y - 7)]
    page.shape([(x, y), *wings], theme.INK, theme.INK, 0.0)
