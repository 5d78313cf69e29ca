"""A row of an effects file: one extracted result with its effect and its fate.

`results/effects/{domain}.csv` is the one home of fates; the synthesis, the figure's footer and the tables
derive from it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter

from taprev.ground.files import csv_text, unguard


@dataclass(frozen=True)
class EffectRow:
    """One extracted result with its effect, if it has one, and its fate.

    `chosen` marks the results that stand for their sample; several chosen results of one sample are equals
    and are combined. `never_pooled` says why no second sample could make the row pooled, and `part_of` names
    the result whose effect contains this row's. `votes` is false where the row says nothing of its own about
    direction. `yi` and `vi` are None without a usable magnitude. Events and totals are those of the extraction,
    the comparator's divided, as `n_arm2` is, where a shared control group is split. `p` is the printed exact
    one, where it tests one contrast of independent people;
    `events` marks what a pool of events without corrections takes, also with an empty cell;
    `moderators` the columns of the study that the settings name, as JSON, and `leans_on` the assumptions of the
    settings, by name, without which the effect would be another or none. `descriptors` and `judgements`, as JSON,
    stand beside the row in figures: columns of the study, and the risk of bias by the domains of a tool.
    """

    result: str
    study: str
    sample: str
    label: str
    report: str
    domain: str
    population: str
    contrast: str
    outcome: str
    timepoint: str
    months: float | None
    better: str
    n_arm1: float | None
    n_arm2: float | None
    direction: str
    votes: bool
    scale: str = ""
    measure: str = ""
    yi: float | None = None
    vi: float | None = None
    derivation: str = ""
    tier: str = ""
    assumptions: str = ""
    chosen: bool = False
    never_pooled: str = ""
    part_of: str = ""
    fate: str = ""
    reason: str = ""
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

    @property
    def axis(self) -> tuple[str, str]:
        """Return the scale and, for ratios, which are not turned, which way is better: what may share an axis."""
        return self.scale, self.better if self.scale.startswith("log_") else "higher"

    @property
    def poolable(self) -> bool:
        """Whether the row may be pooled where its stratum has a second sample."""
        return self.chosen and not self.never_pooled


def changed(row: EffectRow, **changes: object) -> EffectRow:
    """Return a row with some fields changed; as `dataclasses.replace`, which is slow for so many fields."""
    return EffectRow(**(vars(row) | changes))


def rows_csv(rows: Iterable[EffectRow]) -> str:
    """Return the rows as CSV text at full precision; an empty cell is None."""
    header = [field.name for field in fields(EffectRow)]
    cells = attrgetter(*header)
    return csv_text(header, ([_text(value) for value in cells(row)] for row in rows))


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return f"{value:.0f}" if whole else value


def read_effect_rows(text: str) -> list[EffectRow]:
    """Return the rows of an effects file."""
    kinds = {field.name: str(field.type) for field in fields(EffectRow)}
    return [
        EffectRow(**{name: _value(kinds[name], unguard(cell)) for name, cell in row.items()})
        for row in csv.DictReader(io.StringIO(text))
    ]


def _value(kind: str, cell: str) -> object:
    if kind == "bool":
        return cell == "yes"
    if kind.startswith("float"):
        return float(cell) if cell else None
    return cell
