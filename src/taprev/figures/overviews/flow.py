"""The flow of records and reports into the review (PRISMA 2020), from the counts of `flow.csv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taprev.drawing import theme, typeset
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.vocabulary import DETAILED_BOXES
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
INDENT = 10.0
Row = Mapping[str, str]
Line = tuple[str, str]


def flow(rows: Sequence[Row]) -> ReviewFigure:
    """Return the diagram; a box whose count was not recorded says so."""
    counts = {row["box"]: row["n"] for row in rows}
    told = details(rows)
    notes = list(dict.fromkeys(row["note"] for row in rows if row["n"] == NOT_RECORDED and row["note"]))

    def lines(boxes: str) -> list[Line]:
        return [line for words, box in BOXES[boxes] for line in _lines(words, _count(counts, box), told.get(box, ()))]

    def body(page: Page, y: float) -> float:
        for phase, (main, side) in zip(PHASES, STEPS, strict=True):
            own = lines(main)
            tall = deep = _height(own)
            if phase:
                page.text(page.left, y + tall / 2 + 4, phase, theme.STRONG)
            _box(page, LEFT, y, own)
            if side:
                x, middle, beside = LEFT + WIDTH, y + tall / 2, lines(side)
                deep = max(tall, _height(beside))
                _arrow(page, (x, x + GAP - 3), (middle, middle))
                _box(page, LEFT + WIDTH + GAP, y + max(tall - _height(beside), 0) / 2, beside)
                _arrow(page, (LEFT + WIDTH / 2,) * 2, (y + tall, y + deep + 31))
            y += deep + 34
        for note in notes:
            y += 16 * page.paragraph(page.left, y + 8, note, theme.CAUTION, page.right - page.left, 16)
        return y

    names = [(words, box) for boxes in BOXES.values() for words, box in boxes]
    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle="PRISMA 2020",
        bodies=(body,),
        words=tuple(sentences.sentence(_told(words, _count(counts, box), told.get(box, ()))) for words, box in names)
        + tuple(map(sentences.sentence, notes)),
        twin=csv_text(("box", "n", "note"), ((row["box"], row["n"], row["note"]) for row in rows)),
    )


def details(rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return what a counted box is made of, by its note: databases, registers, reasons, each after a semicolon."""
    counted = (row for row in rows if row["box"] in DETAILED_BOXES and row["n"] != NOT_RECORDED)
    return {row["box"]: tuple(part.strip() for part in row["note"].split(";") if part.strip()) for row in counted}


def _told(words: str, count: str, parts: Sequence[str]) -> str:
    return f"{words}: {count} ({'; '.join(parts)})" if parts else f"{words}: {count}"


def _lines(words: str, count: str, parts: Sequence[str]) -> list[Line]:
    """Return the lines of one count in its box: its name and number, then what it is made of."""
    room = WIDTH - 2 * PAD - INDENT
    return [(words, count), *((line, "") for part in parts for line in typeset.wrap(part, theme.BODY_QUIET, room))]


def _height(lines: Sequence[Line]) -> float:
    return PAD * 2 + LEAD * len(lines) - 4


def _count(counts: Mapping[str, str], box: str) -> str:
    text = counts.get(box, NOT_RECORDED)
    return text if text == NOT_RECORDED else f"n = {int(text):,}".replace(",", " ")


def _box(page: Page, x: float, y: float, lines: Sequence[Line]) -> None:
    tall = _height(lines)
    recorded = any(count not in ("", NOT_RECORDED) for _, count in lines)
    corners = [(x, y), (x + WIDTH, y), (x + WIDTH, y + tall), (x, y + tall)]
    page.shape(corners, theme.PAPER, theme.INK if recorded else theme.RULE, 1.0, dashed=not recorded)
    for number, (words, count) in enumerate(lines):
        base = y + PAD + 11 + number * LEAD
        kind = theme.BODY if count not in ("", NOT_RECORDED) else theme.BODY_QUIET
        page.text(x + PAD + (0 if count else INDENT), base, words, kind if not count else theme.BODY)
        if count:
            page.text(x + WIDTH - PAD, base, typeset.shorten(count, kind, WIDTH / 2), kind, "right")


def _arrow(page: Page, xs: tuple[float, float], ys: tuple[float, float]) -> None:
    page.line(xs, ys, theme.INK, 1.0)
    (x, y), level = (xs[1], ys[1]), ys[0] == ys[1]
    wings = [(x - 7, y - 3.5), (x - 7, y + 3.5)] if level else [(x - 3.5, y - 7), (x + 3.5, y - 7)]
    page.shape([(x, y), *wings], theme.INK, theme.INK, 0.0)
