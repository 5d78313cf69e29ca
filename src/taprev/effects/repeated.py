"""Figures of the same people measured more than once: whether the printed analysis knew it, and what that changes."""

from __future__ import annotations

import math

from taprev.effects.derivations import OF_TESTS, Derivation
from taprev.effects.printed import as_independent, family
from taprev.extraction.tables import Row
from taprev.notes import Note, note
from taprev.vocabulary import NoteCode, Scale, Stated, Statistic


def of_printed_test(chosen: Derivation) -> bool:
    """Return whether a derivation takes a printed test or precision, which an analysis stands behind.

    Parameters
    ----------
    chosen : Derivation
        The derivation.

    Returns
    -------
    bool
        False for means, medians, changes and counts, of which the effect itself is made.
    """
    return chosen.own_precision or chosen.statistic in OF_TESTS


def variance_factor(row: Row, chosen: Derivation, r: float) -> float:
    """Return by what the variance of a printed mean difference is multiplied to be one of pairs.

    Two independent samples of n have 2 SD^2 / n, the same people twice 2 SD^2 (1 - r) / n.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    chosen : Derivation
        The derivation that the row takes.
    r : float
        The correlation of the scores before and after.

    Returns
    -------
    float
        1 - r where before and after of the same people were analysed as independent, and 1 otherwise.

    References
    ----------
    Cochrane Handbook, chapter 23, cross-over trials.
    """
    of_difference = chosen.own_precision and chosen.statistic == Statistic.MEAN_DIFFERENCE
    return 1 - r if of_difference and as_independent(row) else 1.0


def repeated_measures_note(row: Row, chosen: Derivation, r: float) -> Note | None:
    """Return what the cell `allows_for_repeated_measures` does to an effect, or None where nothing is open.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    chosen : Derivation
        The derivation that the row takes.
    r : float
        The correlation of the scores before and after.

    Returns
    -------
    Note or None
        What was corrected, what is not known, or both consequences where the analysis is not described; None where the
        cell is empty or yes, and where no printed test or precision is used.
    """
    cell = row.get("allows_for_repeated_measures", "")
    if cell in ("", Stated.YES) or not of_printed_test(chosen):
        return None
    paired, stated = family(row) == "paired", cell == Stated.NO
    if not paired or chosen.statistic not in OF_TESTS:
        code = NoteCode.REPEATED_IGNORED if stated else NoteCode.REPEATED_UNKNOWN
        return note(code, wide=paired and chosen.scale != Scale.FISHER_Z)
    if stated:
        return note(NoteCode.REPEATED_CORRECTED, r=r)
    precision = chosen.own_precision
    factor = 1 - r if precision else 1 / math.sqrt(1 - r)
    return note(NoteCode.REPEATED_NOT_STATED, what="variance" if precision else "effect", factor=factor)
