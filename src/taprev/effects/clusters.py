"""Designs that allocate clusters: the design effect, and why some of them are shown and never pooled."""

from __future__ import annotations

import re

from taprev.extraction.tables import Row, figure
from taprev.notes import Note, note
from taprev.settings import Assumptions
from taprev.vocabulary import CLUSTERS_ALLOWED_FOR, Allocation, NoteCode, Stated

FEW_CLUSTERS = 4
ALLOWED_FOR = re.compile(CLUSTERS_ALLOWED_FOR, re.IGNORECASE)


def design_effect(row: Row, assumptions: Assumptions, own_precision: bool = False) -> tuple[float, tuple[Note, ...]]:
    """Return the design effect 1 + (m - 1) icc of a cluster design, with notes on what is assumed or missing.

    It is 1 where the printed precision is used and already allows for clusters, by its cell or by the words of the
    printed expression, which a note then names; where that is not stated, a note says how much depends on it. An
    intracluster correlation that is not printed is that of the settings, if they have one.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    own_precision : bool
        Whether the variance is that of the printed effect itself.

    Returns
    -------
    tuple of float and tuple of Note
        The design effect, 1 for a design without clusters, and the notes.

    References
    ----------
    Cochrane Handbook 23.1.4.
    """
    if row["unit_of_allocation"] != Allocation.CLUSTER:
        return 1.0, ()
    if own_precision and allows_for_clusters(row):
        words = "" if row.get("allows_for_clusters") else _in_words(row)
        return 1.0, (note(NoteCode.CLUSTERS_IN_WORDS, words=words),) if words else ()
    unstated = own_precision and row.get("allows_for_clusters") != Stated.NO
    printed, size = figure(row, "icc"), figure(row, "cluster_size")
    icc = assumptions.icc.value if printed is None else printed
    if icc is None or size is None:
        return 1.0, (note(NoteCode.CLUSTERS_UNKNOWN if unstated else NoteCode.CLUSTERS_IGNORED),)
    effect = 1 + (size - 1) * icc
    taken = (note(NoteCode.ICC_TAKEN, icc=icc),) if printed is None else ()
    return effect, (*taken, note(NoteCode.CLUSTERS_NOT_STATED, factor=effect)) if unstated else taken


def allows_for_clusters(row: Row) -> bool:
    """Return whether a row says that its printed precision already allows for clusters.

    An empty cell leaves it to the words of the printed expression.
    """
    cell = row.get("allows_for_clusters", "")
    return cell == Stated.YES or (not cell and bool(_in_words(row)))


def _in_words(row: Row) -> str:
    said = ALLOWED_FOR.search(row["as_reported"])
    return said.group() if said else ""


def cluster_reason(row: Row, assumptions: Assumptions, own_precision: bool = False) -> Note | None:
    """Return why a cluster design is shown and never pooled, or None if it may be pooled.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    own_precision : bool
        Whether the variance is that of the printed effect itself.

    Returns
    -------
    Note or None
        The reason; None also for a design without clusters.
    """
    if row["unit_of_allocation"] != Allocation.CLUSTER:
        return None
    clusters = [figure(row, "n_clusters_arm1"), figure(row, "n_clusters_arm2")]
    if any(n == 1 for n in clusters):
        return note(NoteCode.ONE_CLUSTER)
    if any(n is not None and n < FEW_CLUSTERS for n in clusters):
        return note(NoteCode.FEW_CLUSTERS, least=FEW_CLUSTERS)
    if own_precision and allows_for_clusters(row):
        return None
    if None in clusters:
        return note(NoteCode.CLUSTERS_NOT_COUNTED)
    has_icc = row["icc"] or assumptions.icc.value is not None
    if not (has_icc and row["cluster_size"]):
        return note(NoteCode.NO_ICC)
    return None
