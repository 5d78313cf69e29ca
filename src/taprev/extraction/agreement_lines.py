"""One line of the table of agreement, and the words in it that others look for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taprev.ground.files import records_csv

TWICE, PLANNED, CELLS = "twice", "planned", "cells"
NEVER = "empty in both: nothing to compare"
NO_INTERVAL = "the standard error is zero: no interval"


@dataclass(frozen=True)
class AgreementLine:
    """One line of the agreement table; shares lie between 0 and 1, and None is an empty cell.

    `exact`, `median_rel_diff` and `max_rel_diff` are over the `both_filled` pairs of a column of numbers;
    `one_empty` counts the pairs of which one cell is empty and the other is not. `forms` names the
    forms compared, with a space between them; in the layer `twice` the line says how many (`n`) of how many (`of`)
    were extracted twice, in the layer `planned` how many of those that were to be.
    """

    layer: str
    field: str
    n: int
    agreement: float | None = None
    kappa: float | None = None
    kappa_lb: float | None = None
    kappa_ub: float | None = None
    prevalence: float | None = None
    categories: int | None = None
    both_filled: int | None = None
    one_empty: int | None = None
    exact: float | None = None
    median_rel_diff: float | None = None
    max_rel_diff: float | None = None
    note: str = ""
    forms: str = ""
    of: int | None = None


def agreement_csv(lines: Iterable[AgreementLine]) -> str:
    """Return the table as CSV text at full precision; an empty cell is None."""
    return records_csv(AgreementLine, lines)
