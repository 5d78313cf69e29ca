"""A control group that serves several arms of one study is counted once, or divided between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator

from taprev.effects.derivations import DERIVATIONS
from taprev.effects.rows import EffectRow, changed
from taprev.extraction.groups import control_identity
from taprev.extraction.tables import Row
from taprev.notes import note
from taprev.vocabulary import WITH_COMPARATOR, Fate, NoteCode

DIVISIBLE = {d.name for d in DERIVATIONS if "n_arm2" in d.sizes or d.exact}


def one_comparator_once(rows: list[EffectRow], extracted: list[Row], divided: Container[int] = ()) -> list[EffectRow]:
    """Show, and never pool, the arms of a study whose control group is already used by another of its arms.

    Two samples of one study share a control group if both name it alike (`group_arm2`) or, where none is named, if the
    same outcome at the same time has the same comparator figures in both. An n alone is no such figure. The sample that
    comes first in the table keeps it.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of a domain with their effects.
    extracted : list of Row
        The same rows as extracted, in the same order.
    divided : container of int
        Positions of the rows whose control group is divided, so that each has its own share.

    Returns
    -------
    list of EffectRow
        The rows in the same order.

    References
    ----------
    Cochrane Handbook 23.3.4.
    """
    used: dict[tuple[str, ...], EffectRow] = {}
    kept = list(rows)
    for position, control in _controlled(rows, extracted):
        row = rows[position]
        if position in divided or row.yi is None:
            continue
        first = used.setdefault(control, row)
        if first.sample != row.sample:
            why = note(NoteCode.CONTROL_COUNTED_ALREADY, result=first.result)
            kept[position] = changed(row, never_pooled=why, reason=why)
    return kept


def samples_by_control(rows: list[EffectRow], extracted: list[Row]) -> dict[int, int]:
    """Return, for every row whose control group can be divided, how many samples of its study share it.

    An effect from a printed ratio and its precision has no number of people to divide. Such rows stay as they are,
    and their control group is counted once.

    Parameters
    ----------
    rows : list of EffectRow
        The rows of a domain with their effects.
    extracted : list of Row
        The same rows as extracted, in the same order.

    Returns
    -------
    dict of int to int
        The number of samples by the position of the row.

    References
    ----------
    Cochrane Handbook 23.3.4.
    """
    sharing: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, control in _controlled(rows, extracted):
        sharing[control].append(position)
    samples_at: dict[int, int] = {}
    for positions in sharing.values():
        samples = len({rows[position].sample for position in positions})
        divisible = all(_divisible(rows[p]) and not extracted[p]["arm"] for p in positions)
        if samples > 1 and divisible:
            samples_at |= dict.fromkeys(positions, samples)
    return samples_at


def _divisible(row: EffectRow) -> bool:
    return row.derivation in DIVISIBLE or row.yi is None


def _controlled(rows: list[EffectRow], extracted: list[Row]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the position of every row that could be pooled, with what distinguishes its control group from others.

    Events with an empty cell are included: they have no effect of their own but may be pooled with others.
    """
    for position, (row, source) in enumerate(zip(rows, extracted, strict=True)):
        has_control = row.contrast in WITH_COMPARATOR and (
            source["n_arm2"] or source["totaln_arm2"] or source.get("group_arm2")
        )
        poolable = row.fate in (Fate.SHOWN, Fate.EMPTY_CELL)
        if has_control and poolable and not row.never_pooled and (identity := control_identity(source)):
            yield position, (row.study, row.contrast, row.outcome, row.timepoint, *identity)
