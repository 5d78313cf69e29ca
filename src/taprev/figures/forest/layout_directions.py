"""The rows of what was printed without a usable magnitude, and of the votes on direction."""

from __future__ import annotations

from collections.abc import Sequence

from taprev.figures.forest.rows import ColumnHeads, DirectionRow, Row, SectionHead, VotesRow
from taprev.figures.forest.study_columns import StudyColumns
from taprev.synthesis.results import SignTest, Stratum, StudyVote
from taprev.vocabulary import Contrast
from taprev.wording import labels, sentences


def direction_rows(votes: Sequence[StudyVote], study_columns: StudyColumns, drawn: Sequence[Stratum]) -> list[Row]:
    """Return the studies that printed a direction alone, by contrast; `drawn` are the strata that have an axis."""
    alone = [vote for vote in votes if not vote.with_magnitude]
    if not alone:
        return []
    rows: list[Row] = [] if drawn else [ColumnHeads(None, "")]
    rows += [SectionHead("Direction only", "no usable magnitude in what was read")]
    present = dict.fromkeys(vote.contrast for vote in alone)
    for contrast in sorted(present, key=labels.contrast_rank):
        group, right = [vote for vote in alone if vote.contrast == contrast], better_right(contrast, drawn)
        rows += [direction_row(vote, position == 0, study_columns, right) for position, vote in enumerate(group)]
    return rows


def better_right(contrast: Contrast, drawn: Sequence[Stratum]) -> bool:
    """Return whether better lies to the right on the axis of a design, and where it has none, on those there are."""
    own = {stratum.favours_sign for stratum in drawn if contrast in stratum.contrasts}
    return (own or {stratum.favours_sign for stratum in drawn}) != {-1}


def direction_row(vote: StudyVote, first: bool, study_columns: StudyColumns, better_right: bool = True) -> DirectionRow:
    """Return one study's direction in words and as a mark."""
    return DirectionRow(
        label=labels.clean(vote.label),
        n_arm1=labels.size(vote.n_arm1),
        n_arm2=labels.size(vote.n_arm2),
        direction=vote.direction,
        text=sentences.vote(vote.contrast, vote.direction),
        first=first,
        better_right=better_right,
        descriptors=study_columns.descriptors_of(vote),
        bias=study_columns.bias_of(vote),
    )


def votes_rows(tests: Sequence[SignTest]) -> list[Row]:
    """Return the count of directions of every contrast."""
    rows: list[Row] = [
        VotesRow(
            label=sentences.sentence(labels.contrast(test.contrast)).rstrip("."),
            counts=sentences.votes(test.votes),
            share=sentences.votes_share(test),
            pval="" if test.pval is None else labels.equation("p", labels.pvalue(test.pval)),
        )
        for test in tests
    ]
    return (
        [
            SectionHead("All directions", "one vote a study · share better of those clear, exact interval"),
            *rows,
        ]
        if rows
        else []
    )
