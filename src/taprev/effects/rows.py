"""A row of an effects file: one extracted result with its effect and its fate.

Fates are stored in `results/effects/{domain}.csv` only; the synthesis, the figure's footer and the tables read
them from there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from taprev.ground.files import csv_text, unguard
from taprev.notes import Note, notes_cell, read_notes
from taprev.vocabulary import AS_MEASURED, Better, Contrast, Fate, Read, Scale, Tier

Axis = tuple[Scale, Better]
"""What may share an axis: the scale, and which way is better where it matters."""


@dataclass(frozen=True)
class EffectRow:
    """One extracted result with its effect, if it has one, and its fate.

    `chosen` marks the results that represent their sample; several chosen results of one sample are equals and are
    combined. `never_pooled` says why the row could not be pooled even with a second sample, and `part_of` names the
    result whose effect contains this row's. `votes` is false if the row says nothing of its own about direction.
    `yi` and `vi` are None without a usable magnitude. Events and totals are those of the extraction; those of the
    comparator are divided, as `n_arm2` is, if a shared control group is split. `p` is the exact printed one, if it
    tests a single contrast of independent people. `events` marks the rows of a pool of events without corrections,
    which may have an empty cell. `moderators` holds the columns of the study that the settings name, as JSON, and
    `leans_on` the assumptions of the settings, by name, without which the effect would be different or missing.
    `descriptors` and `judgements`, as JSON, are shown beside the row in figures: columns of the study, and the risk
    of bias by the domains of a tool. `arm` is the arm that a figure is of which is drawn for one arm alone.
    `n_counts` is what n counts where that is not people, `trend_per` the unit of time of a trend. The context of the
    number follows: the printed expression, what the programme is compared with, and how much of the report was read.
    """

    result: str
    study: str
    sample: str
    label: str
    report: str
    domain: str
    population: str
    contrast: Contrast
    outcome: str
    timepoint: str
    months: float | None
    better: Better
    n_arm1: float | None
    n_arm2: float | None
    direction: str
    votes: bool
    scale: Scale | None = None
    measure: str = ""
    yi: float | None = None
    vi: float | None = None
    derivation: str = ""
    tier: Tier | None = None
    assumptions: tuple[Note, ...] = ()
    chosen: bool = False
    never_pooled: Note | None = None
    part_of: str = ""
    fate: Fate = Fate.DIRECTION_ONLY
    reason: Note | None = None
    event_arm1: float | None = None
    totaln_arm1: float | None = None
    event_arm2: float | None = None
    totaln_arm2: float | None = None
    p: float | None = None
    year: float | None = None
    risk_of_bias: str = ""
    moderators: str = ""
    leans_on: str = ""
    events: bool = False
    descriptors: str = ""
    judgements: str = ""
    arm: str = ""
    n_counts: str = ""
    trend_per: str = ""
    as_reported: str = ""
    compared_with: str = ""
    read: Read = Read.NOT_CODED

    @property
    def axis(self) -> Axis | None:
        """Return the scale and, where effects are not turned, which way is better; None without a scale."""
        if self.scale is None:
            return None
        return self.scale, self.better if self.scale in AS_MEASURED else Better.HIGHER

    @property
    def magnitude(self) -> bool:
        """Whether a usable magnitude is printed: an effect, or counts with an empty cell that have no ratio."""
        return self.yi is not None or self.fate in (Fate.COUNTED, Fate.EMPTY_CELL)

    @property
    def poolable(self) -> bool:
        """Whether the row may be pooled where its stratum has a second sample."""
        return self.chosen and not self.never_pooled


Place = tuple[Contrast, Axis | None]
"""The contrast and the axis of a row: what may be pooled together."""
Standing = tuple[Contrast, Axis | None, str, str]
"""Whose results a row is of, within what may be pooled: the study and the sample."""


def place_of(row: EffectRow) -> Place:
    """Return the contrast and axis of a row, which say what it may be pooled with.

    Parameters
    ----------
    row : EffectRow
        A row of an effects file.

    Returns
    -------
    Place
        The contrast and the axis; the axis is None without a scale.
    """
    return row.contrast, row.axis


def standing_of(row: EffectRow) -> Standing:
    """Return the contrast, axis, study and sample of a row.

    Parameters
    ----------
    row : EffectRow
        A row of an effects file.

    Returns
    -------
    Standing
        The four, in this order; the axis is None without a scale.
    """
    return row.contrast, row.axis, row.study, row.sample


def changed(row: EffectRow, **changes: Any) -> EffectRow:
    """Return a row with some fields changed, as `dataclasses.replace` does, which is slow for so many fields.

    Parameters
    ----------
    row : EffectRow
        A row of an effects file.
    **changes
        New values by the name of the field.

    Returns
    -------
    EffectRow
        A new row; the old one stays as it is.

    Raises
    ------
    TypeError
        If the row has no such field.
    """
    return EffectRow(**(vars(row) | changes))


def rows_csv(rows: Iterable[EffectRow]) -> str:
    """Return the rows as CSV text at full precision; an empty cell is None.

    Parameters
    ----------
    rows : iterable of EffectRow
        The rows, in the order of the file.

    Returns
    -------
    str
        The CSV text, with a header.
    """
    header = [field.name for field in fields(EffectRow)]
    cells = attrgetter(*header)
    return csv_text(header, ([_text(value) for value in cells(row)] for row in rows))


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Note):
        return notes_cell([value])
    if isinstance(value, tuple):
        return notes_cell(value)
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return f"{value:.0f}" if whole else value


def read_effect_rows(text: str) -> list[EffectRow]:
    """Return the rows of an effects file, given its CSV text.

    Parameters
    ----------
    text : str
        CSV text that `rows_csv` has written.

    Returns
    -------
    list of EffectRow
        The rows, in the order of the file.

    Raises
    ------
    ValueError
        If a cell cannot be read as the type of its field.
    """
    readers = {field.name: READERS[str(field.type)] for field in fields(EffectRow)}
    return [
        EffectRow(**{name: readers[name](unguard(cell)) for name, cell in row.items()})
        for row in csv.DictReader(io.StringIO(text))
    ]


READERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "bool": lambda cell: cell == "yes",
    "float | None": lambda cell: float(cell) if cell else None,
    "Contrast": Contrast,
    "Better": Better,
    "Fate": Fate,
    "Read": lambda cell: Read(cell or Read.NOT_CODED),
    "Scale | None": lambda cell: Scale(cell) if cell else None,
    "tuple[Note, ...]": read_notes,
    "Note | None": lambda cell: next(iter(read_notes(cell)), None),
    "Tier | None": lambda cell: Tier(cell) if cell else None,
}
