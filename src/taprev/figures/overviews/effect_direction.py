"""The effect direction plot: which way each study points in each outcome domain, how large it is, and its quality.

Boon and Thomson 2021, Res Synth Methods 12:29: the size of an arrow is that of the study, the shade of its row its
quality. An arrow in a ring is of a size that nobody gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from taprev.drawing import legend, theme
from taprev.drawing.judgement_signs import light
from taprev.drawing.matrix import ColumnGroup, Matrix, MatrixRow, MatrixSection, Paint, draw_matrix, sheets
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.figures.overviews.voters import (
    NOBODY,
    SizeClass,
    every_vote,
    people,
    risk_words,
    risks,
    size_class,
    size_words,
)
from taprev.ground.files import csv_text
from taprev.synthesis.results import StudyVote, Synthesis
from taprev.vocabulary import Contrast, RobRung, Vote
from taprev.wording import labels, sentences
from taprev.wording.context import total
from taprev.wording.overall_risk import gravest, risk

STEM, TITLE = "effect_direction", "Effect direction plot"
NAMES = 250.0
SIZES = {SizeClass.LARGE: 15.0, SizeClass.MEDIUM: 11.5, SizeClass.SMALL: 8.5, SizeClass.UNKNOWN: 11.5}
RING = 19.0
SHADES = {
    RobRung.MODERATE: theme.BAND,
    RobRung.HIGH: theme.SHADE,
    RobRung.CRITICAL: theme.SHADE,
}
WORDS = {Vote.BETTER: "better", Vote.WORSE: "worse", Vote.UNCLEAR: "mixed, no difference or not said"}
HEADER = (
    "contrast",
    "study",
    "label",
    "domain",
    "direction",
    "n",
    "n_counts",
    "size",
    "risk_of_bias",
    "results",
    "with_magnitude",
)


def effect_direction(contents: Sequence[Synthesis], most: int | None = None) -> ReviewFigure:
    """Return the plot of every vote: a row for each study within its design, a column for each domain with a vote.

    A page holds at most `most` studies.
    """
    domains = [content for content in contents if content.votes]
    votes = every_vote(domains)
    judged = risks(vote for _, vote in votes)
    contrasts = sorted({vote.contrast for _, vote in votes}, key=labels.contrast_rank)

    heads = ColumnGroup("", tuple(content.label for content in domains))
    sections = tuple(_section(contrast, votes, domains, bool(judged)) for contrast in contrasts)

    def body(sheet: Matrix, page: Page, y: float) -> float:
        y = draw_matrix(page, sheet, y)
        entries = [(_arrow(name, SizeClass.MEDIUM, 1), words) for name, words in WORDS.items()]
        sizes = [(_arrow(Vote.BETTER, size, 1), size_words(size, "in a ring")) for size in SizeClass]
        signs = [(light(level, rung), f"risk of bias: {labels.clean(level)}") for level, rung in judged.items()]
        return legend.key(page, y, [*entries, *sizes, *signs])

    counted = [_counted(content) for content in domains]
    studies = len({vote.study for _, vote in votes})
    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=f"{labels.count(studies, 'study', 'studies')}; directions are counted, never significance; a small "
        f"number tells of how many results{'' if judged else f'; {NOBODY}'}",
        bodies=tuple(partial(body, sheet) for sheet in sheets(Matrix((heads,), sections, NAMES), most)),
        words=(*(text for text in counted if text), *_sizes_words(votes), *risk_words(votes)),
        twin=csv_text(HEADER, (_twin(content, vote) for content, vote in votes)),
    )


def _section(
    contrast: Contrast, votes: Sequence[tuple[Synthesis, StudyVote]], domains: Sequence[Synthesis], judged: bool
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
            light(*gravest(by.values())) if judged else None,
            SHADES.get(gravest(by.values())[1], "") if judged else "",
        )
        for by in sorted(own.values(), key=lambda by: next(iter(by.values())).label.lower())
    ]
    return MatrixSection(sentences.sentence(labels.contrast(contrast)).rstrip("."), tuple(lines))


def _people_words(by: Mapping[str, StudyVote]) -> str:
    """Return the largest n of a study, and what it counts where that is not people."""
    given = [(n, vote.context.n_counts) for vote in by.values() if (n := total(vote)) is not None]
    most, what = max(given, default=(None, ""))
    return "n not given" if most is None else f"n = {most:g} {what}".rstrip()


def _sizes_words(votes: Sequence[tuple[Synthesis, StudyVote]]) -> list[str]:
    """Return of how many directions the number of people is not given."""
    unknown = sum(people(vote) is None for _, vote in votes)
    return [f"The number of people is not given for {unknown} of {len(votes)} directions."] if unknown else []


def _cell(vote: StudyVote | None) -> Paint | None:
    return None if vote is None else _arrow(vote.direction, size_class(people(vote)), len(vote.results))


def _arrow(direction: Vote, given: SizeClass, results: int) -> Paint:
    """Return the painter of a direction: up is better, down is worse, a lying double head is unclear."""
    size, unknown = SIZES[given], given == SizeClass.UNKNOWN

    def paint(page: Page, x: float, y: float) -> None:
        half = size / 2
        if unknown:
            page.mark(x, y, "o", RING, theme.PAPER, theme.GREY, 0.9)
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
            page.text(x + (RING / 2 if unknown else half) + 1.5, y + 6.5, str(results), theme.SMALL)

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
        total(vote),
        vote.context.n_counts,
        size_class(people(vote)).value,
        risk(vote)[0],
        "; ".join(vote.results),
        "yes" if vote.with_magnitude else "no",
    ]
