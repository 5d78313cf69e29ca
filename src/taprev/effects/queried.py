"""Rows marked with the queries about their figures that nobody has answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from taprev.effects.rows import EffectRow, changed
from taprev.notes import Note, note
from taprev.vocabulary import NoteCode


def with_open_queries(rows: Iterable[EffectRow], still_open: Mapping[str, Sequence[str]]) -> list[EffectRow]:
    """Return rows with a note on each effect about which a query is open.

    Parameters
    ----------
    rows : iterable of EffectRow
    still_open : mapping of str to sequence of str
        The names of the checks whose queries are open, by result or, where they are about a study, by study.

    Returns
    -------
    list of EffectRow
        In the same order; a row without a usable magnitude stays as it is.
    """
    return [_marked(row, still_open) for row in rows]


def _marked(row: EffectRow, still_open: Mapping[str, Sequence[str]]) -> EffectRow:
    checks = dict.fromkeys((*still_open.get(row.result, ()), *still_open.get(row.study, ())))
    if not checks or not row.magnitude:
        return row
    return changed(row, assumptions=(*row.assumptions, open_query(row.label, checks)))


def open_query(label: str, checks: Iterable[str]) -> Note:
    """Return the note on an effect about which queries of these checks are open."""
    said = ", ".join(check.replace("_", " ") for check in checks)
    return note(NoteCode.OPEN_QUERY, about=label, checks=said)
