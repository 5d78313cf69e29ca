"""A review of RevMan as both of its formats hold it: studies, outcomes with their rows, judgements of risk of bias."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from taprev.ground.files import PLAIN_NUMBER
from taprev.vocabulary import OutcomeKind, RevManMeasure, Totals, Weighting

Cells = Mapping[str, str]
ESTIMATE, CI_LB, CI_UB, WEIGHT = "estimate", "ci_lb", "ci_ub", "weight"
POOLED = (ESTIMATE, CI_LB, CI_UB, "Q", "df", "Q_pval", "I2", "tau2", "z", "pval")
"""The figures of a pooled result, under the names that taprev has for them."""


def refuse_no_numbers(figures: Cells, place: str) -> Cells:
    """Return the figures of a row; raise ValueError, with its place, where one of them is no finite plain number."""
    for name, text in figures.items():
        if not PLAIN_NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            raise ValueError(f'{place}: found "{text}" for {name}, which is not a number. Correct it in the program.')
    return figures


def stored_numbers(values: Cells) -> Cells:
    """Return the stored figures that are numbers; a program that could not compute one writes none, or infinity."""
    return {name: text for name, text in values.items() if PLAIN_NUMBER.fullmatch(text) and math.isfinite(float(text))}


@dataclass(frozen=True)
class FurtherReport:
    """A reference of a study beside its first one."""

    citation: str
    doi: str = ""
    year: str = ""


@dataclass(frozen=True)
class RevManStudy:
    """A study by the key that results have for it, with what the file says of it and its further references."""

    key: str
    name: str
    year: str = ""
    citation: str = ""
    doi: str = ""
    journal: bool = False
    note: str = ""
    further: tuple[FurtherReport, ...] = ()


@dataclass(frozen=True)
class RevManResult:
    """A row of an outcome: the figures of a study as the file has them, and what the file computed of them.

    `figures` has events, totals, means, SDs (`event_arm1`, `n_arm1`, `mean_arm1`, `sd_arm1`, ...), `yi` and `se` on the
    scale of analysis, or `o_e` and `variance`.
    """

    study: str
    figures: Cells
    place: str
    estimable: bool = True
    footnote: str = ""
    stored: Cells = field(default_factory=dict)


@dataclass(frozen=True)
class RevManGroup:
    """The rows of a subgroup, or of an outcome that has none (its name is then empty), and its stored pool."""

    name: str
    results: tuple[RevManResult, ...]
    stored: Cells = field(default_factory=dict)
    footnote: str = ""


@dataclass(frozen=True)
class RevManOutcome:
    """An outcome of a comparison with its method, its groups and its stored pool.

    `swapped` says that the file analyses people without the event, `logged` that its estimates are logs. `arms` are the
    labels of both arms.
    """

    number: str
    name: str
    comparison: str
    kind: OutcomeKind
    measure: RevManMeasure
    weighting: Weighting
    random: bool
    groups: tuple[RevManGroup, ...]
    level: float = 0.95
    level_of_rows: float = 0.95
    totals: Totals = Totals.ALL
    swapped: bool = False
    logged: bool = False
    unit: str = ""
    typed_measure: str = ""
    arms: tuple[str, str] = ("", "")
    stored: Cells = field(default_factory=dict)
    stored_between: Cells = field(default_factory=dict)
    footnote: str = ""

    @property
    def ratio(self) -> bool:
        """Whether its effects are ratios, pooled as logs."""
        return self.logged or self.measure.ratio_kind is not None

    @property
    def subgroups(self) -> bool:
        """Whether its rows stand in named groups."""
        return any(group.name for group in self.groups)


@dataclass(frozen=True)
class RevManJudgement:
    """A judgement of risk of bias: study, item, level (low, unclear, high) and the text that supports it."""

    study: str
    item: str
    level: str
    support: str


@dataclass(frozen=True)
class RevManReview:
    """What a file of RevMan holds, with the remarks on its reading and the number of items that nobody judged."""

    format: str
    file: str
    title: str
    studies: tuple[RevManStudy, ...]
    outcomes: tuple[RevManOutcome, ...]
    judgements: tuple[RevManJudgement, ...] = ()
    not_judged: int = 0
    remarks: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
