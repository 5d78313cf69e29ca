"""What a trace holds: the way from each extracted cell to the numbers it bears on, and the one reader of its JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from taprev.effects.working_line import WorkingLine
from taprev.extraction.tables import Row
from taprev.notes import Note
from taprev.vocabulary import Better, CellRole, Contrast, Fate, Scale, Tier, Vote
from taprev.wording.estimates import NumberStyle

KEPT = ("both are kept", "all are kept")


@dataclass(frozen=True)
class CellHistory:
    """A cell of the consensus, with the reading of each form and the row of adjudication.csv that decided it.

    There are readings where the forms, or they and the consensus, differ; in the column `result`, where a form lacks a
    result that was taken.

    `once` says that it was coded once for all forms, so that nobody can agree; `reason` is then the basis of it.

    `role` is `figure` (its number stands in the formula), `decides` (it steers which formula, sign, stratum or
    fate the row has) or `describes`. `settled` says how the readings became one.
    """

    column: str
    value: str
    readings: dict[str, str]
    settled: str
    reason: str
    ruling: int | None
    role: CellRole
    once: bool = False


@dataclass(frozen=True)
class IndirectNumber:
    """A pooled number; `estimate` is None where nothing can be pooled."""

    k: int
    estimate: float | None
    ci_lb: float | None
    ci_ub: float | None


@dataclass(frozen=True)
class Sway:
    """A number that would be another without a row that has no weight in it, or the pool of events that holds it."""

    label: str
    scale: Scale
    digits: int | None
    why: str
    before: IndirectNumber
    after: IndirectNumber

    @property
    def style(self) -> NumberStyle:
        """How its numbers are printed."""
        return NumberStyle(self.scale, self.digits)


@dataclass(frozen=True)
class Touch:
    """A number that a result bears on: its stratum, its weight there in percent, and the number without it.

    `shared_by` is the number of equal results that stand for the sample together; `yi`, `vi` and `weight` are those
    of their average, in which they are taken to correlate at `rho`. Counts with an empty cell have neither.
    """

    stratum: str
    label: str
    scale: Scale
    digits: int | None
    sensitivity: bool
    shared_by: int
    rho: float
    yi: float | None
    vi: float | None
    weight: float
    k: int
    estimate: float
    ci_lb: float
    ci_ub: float
    without: IndirectNumber

    @property
    def style(self) -> NumberStyle:
        """How its numbers are printed."""
        return NumberStyle(self.scale, self.digits)


@dataclass(frozen=True)
class TracedEffect:
    """The effect of a result and how it was derived."""

    measure: str
    scale: Scale
    yi: float
    vi: float
    derivation: str
    tier: Tier


@dataclass(frozen=True)
class RowVote:
    """The direction that a row gives its study among the designs of a contrast."""

    contrast: Contrast
    direction: Vote


@dataclass(frozen=True)
class ResultEvidence:
    """Everything that leads from one result back to its source and on to the numbers it bears on."""

    result: str
    study: str
    sample: str
    label: str
    outcome: str
    timepoint: str
    contrast: Contrast
    better: Better
    direction: str
    fate: Fate
    reason: Note | None
    places: dict[str, int]
    source: dict[str, str]
    programme: dict[str, str]
    cells: tuple[CellHistory, ...]
    queries: tuple[Row, ...]
    judgements: tuple[Row, ...]
    effect: TracedEffect | None
    assumptions: tuple[Note, ...]
    working: tuple[WorkingLine, ...]
    part_of: str
    touches: tuple[Touch, ...]
    sways: tuple[Sway, ...]
    otherwise: tuple[str, ...]
    votes: tuple[RowVote, ...]


@dataclass(frozen=True)
class DomainTrace:
    """The evidence of every row of a domain by its result, and what each column of the extraction means."""

    domain: str
    label: str
    seal: str
    columns: dict[str, str]
    results: dict[str, ResultEvidence]


@cache
def adapter() -> TypeAdapter[DomainTrace]:
    """Return the reader of a trace's JSON, which also knows its JSON Schema."""
    return TypeAdapter(DomainTrace)


def trace_json(trace: DomainTrace) -> str:
    """Return a trace as JSON at full precision."""
    return json.dumps(asdict(trace), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def read_trace(path: Path) -> DomainTrace:
    """Return the trace of a domain in a JSON file."""
    return adapter().validate_json(path.read_text(encoding="utf-8"))
