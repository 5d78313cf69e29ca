"""The rows of what was printed without a usable magnitude, and of the votes on direction."""

from __future__ import annotations

from collections.abc import Sequence

from taprev.figures.forest.rows import ColumnHeads, DirectionRow, Row, SectionHead, VotesRow
from taprev.figures.forest.study_columns import StudyColumns
from taprev.synthesis.results import SignTest, StudyVote
from taprev.wording import labels, sentences


def direction_rows(votes: Sequence[StudyVote], study_columns: StudyColumns, headed: bool) -> list[Row]:
    """Return the studies that printed a direction alone, by contrast; `headed` is whether the columns have heads."""
    alone = [vote for vote in votes if not vote.with_magnitude]
    if not alone:
        return []
    rows: list[Row] = [] if headed else [ColumnHeads(None, "")]
    rows += [SectionHead("Direction only", "printed without a usable magnitude")]
    present = dict.fromkeys(vote.contrast for vote in alone)
    for contrast in sorted(present, key=labels.contrast_rank):
        group = [vote for vote in alone if vote.contrast == contrast]
        rows += [direction_row(vote, position == 0, study_columns) for position, vote in enumerate(group)]
    return rows


def direction_row(vote: StudyVote, first: bool, study_columns: StudyColumns) -> DirectionRow:
    """Return one study's direction in words and as a mark."""
    return DirectionRow(
        label=labels.clean(vote.label),
        n_arm1=labels.size(vote.n_arm1),
        n_arm2=labels.size(vote.n_arm2),
        direction=vote.direction,
        text=sentences.vote(vote.contrast, vote.direction),
        first=first,
        descriptors=study_columns.descriptors_of(vote),
        bias=study_columns.bias_of(vote),
    )


def votes_rows(tests: Sequence[SignTest]) -> list[Row]:
    """Return the count of directions of every contrast."""
    rows: list[Row] = [
        VotesRow(
            label=sentences.sentence(labels.contrast(test.contrast)).rstrip("."),
            counts=sentences.votes(test),
            share=sentences.votes_share(test),
            pval="" if test.pval is None else labels.equation("p", labels.pvalue(test.pval)),
        )
        for test in tests
    ]
    return (
        [
            SectionHead("All directions", "one vote a study, pooled ones too · share better, exact interval"),
            *rows,
        ]
        if rows
        else []
    )
