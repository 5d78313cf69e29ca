"""What a difference between two editions holds, and the one reader of `results/audit/changes.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from taprev import __version__


@dataclass(frozen=True)
class CellChange:
    """One cell that reads otherwise."""

    column: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """A row that came, went, was renamed or changed; `study` is the label of its study, `was` the earlier name."""

    table: str
    row: str
    change: str
    study: str = ""
    domain: str = ""
    was: str = ""
    cells: tuple[CellChange, ...] = ()


@dataclass(frozen=True)
class SettingChange:
    """A setting by its dotted name; where it came or went, the other value is None."""

    name: str
    change: str
    old: Any
    new: Any
    old_text: str
    new_text: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class ColumnChange:
    """A column that the codebook of one edition only has; in the other it is taken as empty."""

    table: str
    column: str
    change: str


@dataclass(frozen=True)
class BareNumber:
    """A pooled number alone; `method` is that of a pool of events, whose `k` counts the samples with events.

    `digits` is how many decimals its domain prints, None where its precision decides.
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    k: int
    method: str
    digits: int | None


@dataclass(frozen=True)
class EditionNumber(BareNumber):
    """A pooled number as an edition has it.

    `computed` is the estimate that the present code makes of the same tables, None where it pools nothing; `code`
    says in words where the two differ.
    """

    text: str
    computed: float | None = None
    code: str = ""


@dataclass(frozen=True)
class ChangeShare:
    """What one unit of change alone does to an estimate; None, with the reason, where that is not defined."""

    kind: str
    name: str
    said: str
    part: float | None
    text: str
    why: str = ""


@dataclass(frozen=True)
class Move:
    """One pooled number in both editions; `change` is moved, unchanged, appeared or vanished.

    `whole` is new minus old estimate, on the log scale for ratios; where both numbers are there,
    whole = sum of the defined parts + interaction + code. `came` and `went` name the results that are pooled in
    one edition only, `notes` say where a stored number is not what the present code computes. `events` names the
    method where the number is a pool of events.
    """

    domain: str
    domain_label: str
    stratum: str
    stratum_label: str
    sensitivity: bool
    scale: str
    unit: str
    change: str
    old: EditionNumber | None
    new: EditionNumber | None
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    whole: float | None = None
    whole_text: str = ""
    parts: tuple[ChangeShare, ...] = ()
    interaction: float | None = None
    interaction_text: str = ""
    code: float = 0.0
    code_text: str = ""
    notes: tuple[str, ...] = ()
    events: str = ""


@dataclass(frozen=True)
class ConclusionChange:
    """What one stratum supports in either edition: the verdict in short, and the report's sentences."""

    domain: str
    domain_label: str
    stratum_label: str
    old: str
    new: str
    old_words: str
    new_words: str


@dataclass(frozen=True)
class FateChange:
    """What becomes of one result in either edition, and why."""

    result: str
    study: str
    domain: str
    old: str
    old_reason: str
    new: str
    new_reason: str


@dataclass(frozen=True)
class CountChange:
    """What a domain counts in either edition: its directions by design, or its studies, samples and results."""

    domain: str
    domain_label: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class EditionName:
    """An edition by its label, what it was read from, and the code that its settings name, if any."""

    label: str
    kind: str
    version: str
    source: str


@dataclass(frozen=True)
class Refused:
    """A domain that the present code cannot compute from an edition, and why."""

    domain: str
    edition: str
    why: str


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two editions; `said` sums it up in sentences."""

    old: EditionName
    new: EditionName
    said: tuple[str, ...]
    settings: tuple[SettingChange, ...]
    columns: tuple[ColumnChange, ...]
    rows: tuple[RowChange, ...]
    moves: tuple[Move, ...]
    conclusions: tuple[ConclusionChange, ...]
    fates: tuple[FateChange, ...]
    counts: tuple[CountChange, ...]
    refused: tuple[Refused, ...]
    taprev: str = __version__


@dataclass(frozen=True)
class SinceEarlier:
    """What changed since the edition that the settings name: its name, what is said of it, and the difference."""

    earlier: str
    said: str
    difference: Difference | None


def difference_json(made: Difference) -> str:
    """Return the difference as JSON at full precision."""
    return json.dumps(asdict(made), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def earlier_json(changes: SinceEarlier) -> str:
    """Return what `since_earlier` returned as JSON at full precision."""
    return json.dumps(asdict(changes), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@cache
def adapter() -> TypeAdapter[SinceEarlier]:
    """Return the reader of `changes.json`, which also knows its JSON Schema."""
    return TypeAdapter(SinceEarlier)


def read_changes(path: Path) -> SinceEarlier:
    """Return what changed since the earlier edition, from its JSON file."""
    return adapter().validate_json(path.read_text(encoding="utf-8"))
