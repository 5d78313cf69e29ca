"""What goes with a random-effects fit: which interval is printed, and how far its numbers can be trusted."""

from __future__ import annotations

from taprev.notes import Note, note
from taprev.synthesis.results import Interval
from taprev.vocabulary import CiChoice, CiMethod, NoteCode

FEW = 5


def interval_note(asked: str, used: CiMethod, k: int) -> Note:
    """Return which rule chose the printed interval.

    Parameters
    ----------
    asked : str
        The choice of the settings, a `CiChoice`.
    used : CiMethod
        The interval that is printed.
    k : int
        The number of pooled effects.

    Returns
    -------
    Note
    """
    if asked == CiChoice.AUTO and used == CiMethod.HKSJ:
        return note(NoteCode.HKSJ_BY_RULE)
    if asked == CiChoice.AUTO:
        return note(NoteCode.WALD_FEWER_THAN_THREE if k < 3 else NoteCode.WALD_NO_SPREAD)
    if asked != used:
        return note(NoteCode.WALD_ONE_STUDY if k < 2 else NoteCode.WALD_EQUAL_EFFECTS, asked=str(asked))
    return note(NoteCode.INTERVAL_AS_ASKED, interval=str(used))


def size_notes(k: int) -> list[Note]:
    """Return that one study was not pooled, or that two are few.

    Parameters
    ----------
    k : int
        The number of pooled effects.

    Returns
    -------
    list of Note
        One note, or none from three effects on.
    """
    codes = {1: NoteCode.SINGLE_STUDY, 2: NoteCode.TWO_EFFECTS}
    return [note(codes[k])] if k in codes else []


def interval_notes(intervals: dict[CiMethod, Interval], k: int) -> list[Note]:
    """Return where HKSJ or CR2 is narrower than Wald, and where a small set's conclusion depends on the interval.

    Parameters
    ----------
    intervals : dict of CiMethod to Interval
        Every interval of the fit; Wald is among them.
    k : int
        The number of pooled effects, or of studies if the interval is CR2.

    Returns
    -------
    list of Note
        The notes; empty if there is only Wald.
    """
    name = next((name for name in (CiMethod.HKSJ, CiMethod.CR2) if name in intervals), None)
    if name is None:
        return []
    wald, robust = intervals[CiMethod.WALD], intervals[name]
    notes = []
    if robust.ci_ub - robust.ci_lb < wald.ci_ub - wald.ci_lb:
        notes.append(note(NoteCode.NARROWER_THAN_WALD, interval=str(name)))
    excluding = [str(name) for name, interval in intervals.items() if _excludes_zero(interval)]
    including = [str(name) for name, interval in intervals.items() if not _excludes_zero(interval)]
    if k < FEW and excluding and including:
        what = "studies" if name == CiMethod.CR2 else "effects"
        sides = {"excluding": " ".join(excluding), "including": " ".join(including)}
        notes.append(note(NoteCode.DEPENDS_ON_INTERVAL, **sides, k=k, what=what))
    return notes


def prediction_notes(k: int, tau2: float) -> list[Note]:
    """Return that the prediction interval is missing, or that it should not be relied on.

    Parameters
    ----------
    k : int
        The number of pooled effects, or of studies if they are nested.
    tau2 : float
        The between-study variance, in any units.

    Returns
    -------
    list of Note
        The notes; empty if there is nothing to warn of.
    """
    if k < 3:
        return [note(NoteCode.PREDICTION_NOT_ESTIMABLE)]
    few = [note(NoteCode.PREDICTION_UNCERTAIN, k=k)] if k < FEW else []
    return few + ([note(NoteCode.PREDICTION_WITHOUT_SPREAD)] if tau2 == 0.0 else [])


def _excludes_zero(interval: Interval) -> bool:
    return interval.ci_lb > 0.0 or interval.ci_ub < 0.0
