"""What explains differences between studies: groups with their test, or a regression."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.notes import Note


@dataclass(frozen=True)
class Term:
    """One coefficient of a meta-regression with its Student t interval."""

    name: str
    estimate: float
    se: float
    df: float
    ci_lb: float
    ci_ub: float
    pval: float


@dataclass(frozen=True)
class Regression:
    """A meta-regression; `R2` is the share, in percent, of tau2 that the moderators take up, None where there is none.

    `QM` tests all coefficients but the intercept together: F with (`QM_df1`, `QM_df2`), by HTZ with CR2; None where
    too few clusters inform the coefficients for it.
    """

    k: int
    ci_method: str
    terms: tuple[Term, ...]
    tau2: float
    tau2_without: float
    R2: float | None
    QE: float
    QE_df: int
    QE_pval: float
    QM: float | None
    QM_df1: int
    QM_df2: int | float | None
    QM_pval: float | None


@dataclass(frozen=True)
class Subgroup:
    """One group of a stratum, pooled by itself; Q is that within the group."""

    level: str
    k: int
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    ci_method: str
    I2: float
    Q: float
    Q_df: int
    Q_pval: float


@dataclass(frozen=True)
class Subgroups:
    """The groups of a stratum and the test of their difference: Q between groups, chi-square with `Q_df`."""

    groups: tuple[Subgroup, ...]
    Q: float
    Q_df: int
    Q_pval: float


@dataclass(frozen=True)
class ExplainedEffect:
    """An effect that a moderator is to explain: its sample, and what the moderator is there, as extracted."""

    label: str
    value: str
    yi: float
    vi: float


@dataclass(frozen=True)
class FittedPoint:
    """The mean effect that a meta-regression gives at a value of its moderator, with its interval."""

    value: float
    estimate: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True)
class Moderation:
    """One moderator of a stratum; `refused` says why there is neither groups nor a regression.

    `effects` are those that the groups or the regression were made of, so that they can be computed a second time.
    `line` is the fitted line of a regression from the least to the largest value.
    """

    column: str
    label: str
    refused: Note | None
    subgroups: Subgroups | None = None
    regression: Regression | None = None
    effects: tuple[ExplainedEffect, ...] = ()
    line: tuple[FittedPoint, ...] = ()
