"""People who were enrolled and not analysed: what their number does to the precision of an effect."""

from __future__ import annotations

from taprev.extraction.tables import Row
from taprev.notes import Note, note
from taprev.settings import Assumptions
from taprev.vocabulary import NBasis, NoteCode


def attrition(row: Row, assumptions: Assumptions, own_precision: bool = False) -> tuple[float, tuple[Note, ...]]:
    """Return the factor of the variance of an effect whose n is that of those enrolled, with a note.

    The variance goes by 1 / n: where the settings say which share of those enrolled was analysed, it is divided by
    that share. Otherwise the factor is 1, and the note says that the interval is too narrow.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    own_precision : bool
        Whether the variance is that of the printed effect itself, and n has no part in it.

    Returns
    -------
    tuple of float and tuple of Note
        The factor and the note; 1 and none where n is that of the people analysed.
    """
    if row.get("n_basis") != NBasis.ENROLLED or own_precision:
        return 1.0, ()
    share = assumptions.retained.value
    if share is None:
        return 1.0, (note(NoteCode.N_ENROLLED),)
    return 1 / share, (note(NoteCode.N_RETAINED, share=100 * share),)
