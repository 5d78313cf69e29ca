"""What the review says of one domain: its strata, its directions and the fate of every row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from taprev.notes import Note
from taprev.synthesis.results.context import Context
from taprev.synthesis.results.stratum import MissingResults, Outside, RiskOfBias, Stratum
from taprev.vocabulary import Contrast, Fate, Read, Tier, Vote


@dataclass(frozen=True)
class StudyVote:
    """The direction one study reports within one contrast: better, worse, or unclear."""

    study: str
    label: str
    contrast: Contrast
    direction: Vote
    n_arm1: float | None
    n_arm2: float | None
    with_magnitude: bool
    results: tuple[str, ...]
    year: float | None = None
    descriptors: dict[str, str] = field(default_factory=dict)
    risk_of_bias: RiskOfBias | None = None
    context: Context = field(default_factory=Context)


@dataclass(frozen=True)
class SignTest:
    """Votes counted within one contrast; `pval` is None, with a reason, where it would mislead."""

    contrast: Contrast
    better: int
    worse: int
    unclear: int
    proportion: float | None
    ci_lb: float | None
    ci_ub: float | None
    pval: float | None
    pval_withheld: Note | None

    @property
    def votes(self) -> dict[Vote, int]:
        """The number of votes for each direction."""
        return {Vote.BETTER: self.better, Vote.WORSE: self.worse, Vote.UNCLEAR: self.unclear}


def votes_together(tests: Iterable[SignTest]) -> dict[Vote, int]:
    """Return the number of votes for each direction, over several contrasts."""
    tests = list(tests)
    return {vote: sum(test.votes[vote] for test in tests) for vote in Vote}


@dataclass(frozen=True)
class CombinedP:
    """Printed p values of one contrast combined; `pval_better` and `pval_worse` are one-sided.

    The p values are None, with a reason, where they would mislead or where fewer than two studies print one.
    """

    contrast: Contrast
    method: str
    question: str
    studies: int
    results: tuple[str, ...]
    pval_better: float | None
    pval_worse: float | None
    pval_withheld: Note | None


@dataclass(frozen=True)
class RowFate:
    """One extracted result with its fate, the printed expression, and how much of its report was read."""

    result: str
    study: str
    label: str
    sample: str
    contrast: Contrast
    measure_text: str
    direction: str
    fate: Fate
    reason: Note | None
    tier: Tier
    timepoint: str = ""
    as_reported: str = ""
    read: Read = Read.NOT_CODED


@dataclass(frozen=True)
class Synthesis:
    """Everything the review says about one domain."""

    domain: str
    label: str
    population: str
    evidence_set: str
    strata: tuple[Stratum, ...]
    sensitivity: tuple[Stratum, ...]
    outside: tuple[Outside, ...]
    votes: tuple[StudyVote, ...]
    sign_tests: tuple[SignTest, ...]
    combined_p: tuple[CombinedP, ...]
    rows: tuple[RowFate, ...]
    fates: dict[Fate, int]
    studies: int
    samples: int
    missing_results: MissingResults
    notes: tuple[Note, ...] = ()
    made_by: dict[str, Any] = field(default_factory=dict)
    seal: str = ""

    @property
    def unpooled(self) -> tuple[RowFate, ...]:
        """The results in no pooled number."""
        return tuple(row for row in self.rows if row.fate not in (Fate.POOLED, Fate.COUNTED))

    @property
    def has_evidence(self) -> bool:
        """Whether a row is left that is not excluded."""
        return any(row.fate != Fate.EXCLUDED for row in self.rows)


def evidence_first(contents: Iterable[Synthesis]) -> list[Synthesis]:
    """Return domains in their order, those without evidence last and together.

    Parameters
    ----------
    contents : iterable of Synthesis
        The domains.

    Returns
    -------
    list of Synthesis
        The same domains.
    """
    return sorted(contents, key=lambda content: not content.has_evidence)
