"""What a synthesis holds of small studies and of selection: tests, models, and how far missing studies could matter.

These classes only hold; they are part of the stratum in the domain's JSON.
"""

from __future__ import annotations

from dataclasses import dataclass

from taprev.notes import Note
from taprev.synthesis.results.fits import FEW_DF
from taprev.vocabulary import AsymmetryTest, Correction, SelectedSide, ShareOf

FEWEST_STUDIES = 10
"""Fewer studies cannot tell asymmetry from chance (Sterne and others 2011, BMJ 343:d4002)."""


@dataclass(frozen=True)
class Tested:
    """A test of asymmetry: the slope on imprecision, or Kendall's tau of ranks; None where it was refused, and why.

    `df` is None where the test is normal or by ranks. `usual` marks the test that is valid for the measure.
    """

    test: AsymmetryTest
    usual: bool
    slope: float | None = None
    se: float | None = None
    df: float | None = None
    pval: float | None = None
    intercept: float | None = None
    refused: Note | None = None

    @property
    def few_df(self) -> bool:
        """Whether CR2 leaves so few degrees of freedom that the p value cannot be relied on."""
        return self.df is not None and self.df < FEW_DF


@dataclass(frozen=True)
class Corrected:
    """What a model of selection makes of a pooled effect; None where it is not identified, and why.

    `weights` are the chances of being published of each interval of p values relative to the first, `pval` tests that
    all are the same, `added` counts the studies that trim and fill adds.
    """

    model: Correction
    estimate: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None
    pval: float | None = None
    weights: tuple[float, ...] = ()
    added: int | None = None
    refused: Note | None = None


@dataclass(frozen=True)
class Preferred:
    """How many times as often significant results would have to be published to move a number to nothing.

    `affirmative` counts those that are significant and on the preferred side. `for_estimate` and `for_bound`, of the
    bound that is nearer to nothing, are 1 where the number lies there already and None where no preference moves it
    there. The worst case pools the others alone; its numbers are None where fewer than two are left.
    """

    affirmative: int
    for_estimate: float | None
    for_bound: float | None
    worst_estimate: float | None
    worst_ci_lb: float | None
    worst_ci_ub: float | None


@dataclass(frozen=True)
class LargestBias:
    """The most by which a pooled effect can be too large where so many studies were not published."""

    unpublished: int
    largest: float


@dataclass(frozen=True)
class TrueShare:
    """The share of true effects beyond a threshold, on the better side; None where it is refused, and why."""

    of: ShareOf
    threshold: float
    share: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None
    refused: Note | None = None


@dataclass(frozen=True)
class SmallStudies:
    """The panel of small studies and selection of a stratum.

    `refused` says why there is no panel at all; everything else is then empty. `side` is that of the results that are
    taken to be preferred. `preferred` is None where `unmoved` says why.
    """

    k: int
    studies: int
    side: SelectedSide
    refused: Note | None = None
    tests: tuple[Tested, ...] = ()
    models: tuple[Corrected, ...] = ()
    preferred: Preferred | None = None
    unmoved: Note | None = None
    biases: tuple[LargestBias, ...] = ()
    shares: tuple[TrueShare, ...] = ()

    @property
    def usual(self) -> Tested | None:
        """The test that is valid for the measure, where there is a panel."""
        return next((test for test in self.tests if test.usual), None)
