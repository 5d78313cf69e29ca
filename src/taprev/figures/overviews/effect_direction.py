"""The effect-direction plot: which way each study points in each outcome domain (Boon and Thomson 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from taprev.drawing import legend, theme
from taprev.drawing.matrix import ColumnGroup, Matrix, MatrixRow, MatrixSection, Paint, draw_matrix, sheets
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.synthesis.results import StudyVote, Synthesis
from taprev.vocabulary import Contrast, Vote
from taprev.wording import labels, sentences

STEM, TITLE = "effect_direction", "Effect direction plot"
NAMES = 250.0
SIZES = ((300.0, 15.0), (50.0, 11.5), (0.0, 8.5))
WORDS = {Vote.BETTER: "better", Vote.WORSE: "worse", Vote.UNCLEAR: "mixed, no difference or not said"}
HEADER = ("contrast", "study", "label", "domain", "direction", "people", "results", "with_magnitude")


def effect_direction(contents: Sequence[Synthesis], most: int | None = None) -> ReviewFigure:
    """Return the plot of every vote: a row for each study within its design, a column for each domain with a vote.

    A page holds at most `most` studies.
    """
    domains = [content for content in contents if content.votes]
    votes = [(content, vote) for content in domains for vote in content.votes]
    contrasts = sorted({vote.contrast for _, vote in votes}, key=labels.contrast_rank)

    heads = ColumnGroup("", tuple(content.label for content in domains))
    sections = tuple(_section(contrast, votes, domains) for contrast in contrasts)

    def body(sheet: Matrix, page: Page, y: float) -> float:
        y = draw_matrix(page, sheet, y)
        entries = [(_arrow(name, 120.0, 1), words) for name, words in WORDS.items()]
        sizes = [
            (_arrow(Vote.BETTER, n, 1), words)
            for n, words in ((400.0, "more than 300 people"), (100.0, "50 to 300"), (10.0, "fewer, or not printed"))
        ]
        return legend.key(page, y, [*entries, *sizes])

    counted = [_counted(content) for content in domains]
    studies = len({vote.study for _, vote in votes})
    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=f"{labels.count(studies, 'study', 'studies')}; directions are counted, never significance; a small "
        "number tells of how many results",
        bodies=tuple(partial(body, sheet) for sheet in sheets(Matrix((heads,), sections, NAMES), most)),
        words=tuple(text for text in counted if text),
        twin=csv_text(HEADER, (_twin(content, vote) for content, vote in votes)),
    )


def _section(
    contrast: Contrast, votes: Sequence[tuple[Synthesis, StudyVote]], domains: Sequence[Synthesis]
) -> MatrixSection:
    own: dict[str, dict[str, StudyVote]] = {}
    for content, vote in votes:
        if vote.contrast == contrast:
            own.setdefault(vote.study, {})[content.domain] = vote
    lines = [
        MatrixRow(
            next(iter(by.values())).label,
            _people_words(by),
            tuple(_cell(by.get(c.domain)) for c in domains),
        )
        for by in sorted(own.values(), key=lambda by: next(iter(by.values())).label.lower())
    ]
    return MatrixSection(sentences.sentence(labels.contrast(contrast)).rstrip("."), tuple(lines))


def _people(vote: StudyVote) -> float:
    return (vote.n_arm1 or 0.0) + (vote.n_arm2 or 0.0)


def _people_words(by: Mapping[str, StudyVote]) -> str:
    most = max(_people(vote) for vote in by.values())
    return f"n = {most:g}" if most else ""


def _cell(vote: StudyVote | None) -> Paint | None:
    return None if vote is None else _arrow(vote.direction, _people(vote), len(vote.results))


def _arrow(direction: Vote, people: float, results: int) -> Paint:
    """Return the painter of a direction: up is better, down is worse, a lying double head is unclear."""
    size = next(size for least, size in SIZES if people >= least)

    def paint(page: Page, x: float, y: float) -> None:
        half = size / 2
        if direction == Vote.UNCLEAR:
            for sign in (-1, 1):
                page.shape(
                    [(x + sign * half, y), (x + sign * 1.5, y - half * 0.62), (x + sign * 1.5, y + half * 0.62)],
                    theme.PAPER,
                    theme.GREY,
                    1.2,
                )
        else:
            up = -1 if direction == Vote.BETTER else 1
            colour = theme.ESTIMATE if direction == Vote.BETTER else theme.INK
            page.shape(
                [(x, y + up * half), (x - half, y - up * half), (x + half, y - up * half)],
                colour,
                colour,
                0.6,
            )
        if results > 1:
            page.text(x + half + 1.5, y + 6.5, str(results), theme.SMALL)

    return paint


def _counted(content: Synthesis) -> str:
    parts = []
    for test in content.sign_tests:
        counts = f"{test.better} better, {test.worse} worse, {test.unclear} unclear"
        parts.append(f"{labels.contrast(test.contrast)}: {counts}")
    return sentences.sentence(f"{content.label}, {'; '.join(parts)}") if parts else ""


def _twin(content: Synthesis, vote: StudyVote) -> list[Any]:
    return [
        vote.contrast,
        vote.study,
        vote.label,
        content.domain,
        vote.direction,
        _people(vote) or None,
        "; ".join(vote.results),
        "yes" if vote.with_magnitude else "no",
    ]
