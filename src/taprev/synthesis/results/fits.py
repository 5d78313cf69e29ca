"""What a fit holds: random effects, rare events and Bayesian, under metafor's names."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.notes import Note
from taprev.vocabulary import CiMethod, DependenceModel, EventMeasure, PoolModel, Tau2Method

FEW_DF = 4.0
"""With fewer degrees of freedom a test by CR2 is too liberal (Tipton 2015, Psychological Methods 20:375-393)."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval for the pooled effect and the rule that made it."""

    ci_method: CiMethod
    se: float
    ci_lb: float
    ci_ub: float
    df: float | None
    pval: float


@dataclass(frozen=True)
class Certificate:
    """Proof that tau2 solves the estimating equation it claims to solve.

    `residual` is the score (REML, ML) or the estimating equation (PM, DL) at the solution, scaled to have
    no unit; at the boundary (`tau2 = 0`) it must not be positive, inside it must be zero to `tolerance`.
    """

    equation: str
    residual: float
    boundary: bool
    tolerance: float
    holds: bool


@dataclass(frozen=True)
class Nesting:
    """How effects of one study were pooled together: the model, its rho and its two variance components."""

    model: DependenceModel
    rho: float
    studies: int
    sigma2_study: float
    sigma2_effect: float


@dataclass(frozen=True)
class Fit:
    """A random-effects fit under metafor's names; `I2` in percent; `weights` sum to one hundred percent.

    The bounds of tau2, I2 and H2 are None for one study, the prediction interval below three, `df` for Wald.
    Where effects are nested in studies, tau2 is the sum of the components in `nesting` and has no bounds. A `model`
    with one common effect knows no tau2, and its intervals, estimator and certificate are missing.
    """

    k: int
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    ci_method: CiMethod
    df: float | None
    pval: float
    tau2: float | None
    tau2_lb: float | None
    tau2_ub: float | None
    I2: float | None
    I2_lb: float | None
    I2_ub: float | None
    H2: float | None
    H2_lb: float | None
    H2_ub: float | None
    Q: float
    Q_df: int
    Q_pval: float
    pi_lb: float | None
    pi_ub: float | None
    pi_df: float | None
    weights: tuple[float, ...]
    tau2_method: Tau2Method | None
    level: float
    intervals: tuple[Interval, ...]
    certificate: Certificate | None
    notes: tuple[Note, ...] = ()
    nesting: Nesting | None = None
    model: PoolModel = PoolModel.INVERSE_VARIANCE

    @property
    def variance(self) -> float:
        """The tau2 of a model with random effects; ValueError where the model has one common effect."""
        if self.tau2 is None:
            raise ValueError(f"{self.model} knows no variance between studies")
        return self.tau2


@dataclass(frozen=True)
class SparseFit:
    """A common effect of rare events; `estimate` is a log ratio for OR, RR, IRR and PETO, a difference for RD.

    `double_zero` holds the positions (from 0) of the studies left out, because nobody or everybody in them has
    the event; `k_used` counts the others. `Q` rests on the `Q_df + 1` studies with an effect of their own.
    `weights` sum to one hundred percent, 0 for a study left out.
    """

    measure: EventMeasure
    k: int
    k_used: int
    double_zero: tuple[int, ...]
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    pval: float
    Q: float
    Q_df: int
    Q_pval: float
    weights: tuple[float, ...]
    level: float
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Posterior:
    """A posterior: mean, SD, median and central interval; mean and SD are None where the prior leaves none."""

    mean: float | None
    sd: float | None
    median: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True)
class BayesFit:
    """A Bayesian random-effects fit; `studies` are the shrunken effects, `predictive` that of a new setting.

    `p_better` is the posterior probability that the mean effect goes the better way, `p_important` that it
    exceeds the minimal important difference `important`, and `p_important_new` that a new setting's does; the
    last two are None where none is set.
    """

    k: int
    prior: str
    level: float
    mu: Posterior
    tau: Posterior
    predictive: Posterior
    studies: tuple[Posterior, ...]
    p_better: float
    important: float | None
    p_important: float | None
    p_important_new: float | None
    log_marginal: float
    notes: tuple[Note, ...] = ()
