"""What is added to the counts of studies with an empty cell, by the rules of metafor's `escalc`.

A review adds nothing; this is for columns of a table of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real

from taprev.vocabulary import AddedTo

TWO_ARMS = frozenset({"OR", "RR", "RD", "PETO", "OR2DL", "OR2DN"})
ONE_ARM = frozenset({"PR", "PLN", "PLO", "PAS", "PFT"})
RATES = frozenset({"IRR", "IRD", "IRLN"})
PAIRS = frozenset({"MPRD", "MPRR", "MPOR", "MPORC", "MPPETO"})
OF_COUNTS = TWO_ARMS | ONE_ARM | RATES | PAIRS
PAIR_CELLS = ("count_both", "count_arm1", "count_arm2", "count_neither")


def refuse_addition(measure: str, add: float, to: str) -> None:
    """Raise ValueError for an addition that `escalc` does not know.

    Parameters
    ----------
    measure : str
        One of `measures.MEASURES`.
    add : float
        What is added to a cell.
    to : str
        An `AddedTo`.

    Raises
    ------
    ValueError
        For a number that is negative or not finite, an unknown word, and a measure without counts.
    """
    if to not in set(AddedTo):
        raise ValueError(f"to is {to!r}; it must be one of {', '.join(AddedTo)}")
    if isinstance(add, bool) or not isinstance(add, Real) or not (math.isfinite(add) and add >= 0):
        raise ValueError(f"add is {add!r}; it must be a finite number of at least 0, such as 0.5")
    if add > 0 and measure not in OF_COUNTS:
        raise ValueError(f"{measure} has no cells that something could be added to; leave add at 0")


def with_addition(
    measure: str, rows: Sequence[Mapping[str, float]], add: float, to: str = AddedTo.ONLY0
) -> list[dict[str, float]]:
    """Return the figures of all studies with `add` in the cells where it belongs.

    Parameters
    ----------
    measure : str
        One of `measures.MEASURES`.
    rows : sequence of mapping of str to float
        The figures of each study under the names of `outcomes.csv`; rows that lack a count get nothing.
    add : float
        What is added to a cell; a total grows by both of its cells, person-time by nothing.
    to : str
        only0 (all cells of the studies with an empty one), if0all (of all studies if any has an empty one), all, none.

    Returns
    -------
    list of dict of str to float
        Copies of the rows.

    References
    ----------
    Viechtbauer 2010, Journal of Statistical Software 36(3), `escalc`.
    """
    if add == 0 or to == AddedTo.NONE or measure not in OF_COUNTS:
        return [dict(row) for row in rows]
    empty = [_has_empty_cell(measure, row) for row in rows]
    chosen = empty if to == AddedTo.ONLY0 else [to == AddedTo.ALL or any(empty)] * len(rows)
    return [_added(row, add) if here else dict(row) for row, here in zip(rows, chosen, strict=True)]


def _has_empty_cell(measure: str, row: Mapping[str, float]) -> bool:
    counts = [row[name] for name in _counts(row)]
    if measure in RATES or measure in PAIRS:
        return 0.0 in counts
    others = [row[f"totaln_{arm}"] - row[f"event_{arm}"] for arm in ("arm1", "arm2") if _has_arm(row, arm)]
    return 0.0 in (*counts, *others)


def _counts(row: Mapping[str, float]) -> list[str]:
    return [name for name in (*PAIR_CELLS, "event_arm1", "event_arm2") if name in row]


def _has_arm(row: Mapping[str, float], arm: str) -> bool:
    return f"event_{arm}" in row and f"totaln_{arm}" in row


def _added(row: Mapping[str, float], add: float) -> dict[str, float]:
    grown = dict(row)
    for name in _counts(row):
        grown[name] += add
    for arm in ("arm1", "arm2"):
        if f"totaln_{arm}" in row:
            grown[f"totaln_{arm}"] += 2 * add
    return grown
