"""What the sensitivity panel of a stratum holds: how far its pooled number depends on a choice or on a study.

These classes only hold; they are part of the stratum in the domain's JSON.
"""

from __future__ import annotations

from dataclasses import dataclass

from taprev.notes import Note
from taprev.vocabulary import Choice


@dataclass(frozen=True)
class Alternative:
    """A stratum pooled otherwise; `level` names the choice or the study, `k` the effects that were pooled.

    The numbers are None where fewer than two effects were left.
    """

    factor: Choice
    level: str
    usual: bool
    k: int
    estimate: float | None
    ci_lb: float | None
    ci_ub: float | None
    tau2: float | None


@dataclass(frozen=True)
class Influence:
    """What one study does to the fit, under metafor's names; `hat` is a share, `weight` in percent.

    `influential` follows metafor's cut-offs: |dffits| > 3 sqrt(1/(k-1)), the chi-square distribution function of
    cook_d (1 df) above one half, hat > 3/k, or |dfbs| > 1.
    """

    label: str
    rstudent: float
    dffits: float
    cook_d: float
    cov_r: float
    tau2_del: float
    Q_del: float
    hat: float
    weight: float
    dfbs: float
    influential: bool


@dataclass(frozen=True)
class Factor:
    """A choice with its levels; `usual` is the position of the level that the settings use.

    `moves` is the median, over all combinations of the other choices, of how far the estimate ranges over the
    levels of this one, and `moves_most` the largest; None where no combination could be pooled at two levels.
    """

    name: Choice
    levels: tuple[str, ...]
    usual: int
    moves: float | None
    moves_most: float | None


@dataclass(frozen=True)
class Specification:
    """One combination of choices, by the position of each level, and what pooling gives under it."""

    levels: tuple[int, ...]
    k: int
    estimate: float | None
    ci_lb: float | None
    ci_ub: float | None
    tau2: float | None


@dataclass(frozen=True)
class Multiverse:
    """A stratum pooled under every combination of the choices that the settings list and that bear on it.

    `same_sign` counts the estimates on the side of the usual one, or of the median where the usual pools nothing.
    The counts describe these specifications. They are no probability: nobody drew the choices at random.
    """

    factors: tuple[Factor, ...]
    specifications: tuple[Specification, ...]
    estimable: int
    lowest: float
    median: float
    highest: float
    same_sign: int


@dataclass(frozen=True)
class Panel:
    """The sensitivity of a stratum: each choice on its own, each study left out, studies added, all choices at once.

    `intervals` are those that other methods give the same effects.

    Where the usual choices pool nothing, it holds what other choices pool, or make of each effect that is shown.
    `converted` holds the pool that odds ratios, or standardised differences, join where the settings ask for it.
    """

    one_at_a_time: tuple[Alternative, ...] = ()
    intervals: tuple[Alternative, ...] = ()
    dependence: tuple[Alternative, ...] = ()
    leave_one_out: tuple[Alternative, ...] = ()
    influence: tuple[Influence, ...] = ()
    cumulative: tuple[Alternative, ...] = ()
    multiverse: Multiverse | None = None
    notes: tuple[Note, ...] = ()
    converted: tuple[Alternative, ...] = ()

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Every pool of the stratum under another choice or without a study, in the order in which they are told."""
        choices = (*self.one_at_a_time, *self.intervals, *self.dependence, *self.converted)
        return (*choices, *self.leave_one_out, *self.cumulative)
