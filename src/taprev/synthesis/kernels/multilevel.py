"""Meta-analysis of several effects of one study: three levels, or correlated and hierarchical effects."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from taprev.notes import Note, note
from taprev.synthesis.kernels.blocks import BlockLayout, Blocks, blocks, laid_out
from taprev.synthesis.kernels.components import certify_components, highest, identifiable
from taprev.synthesis.kernels.intervals import interval, two_sided_quantile
from taprev.synthesis.kernels.nested_likelihood import LIKELIHOODS
from taprev.synthesis.kernels.refusals import refuse_level, refuse_word
from taprev.synthesis.kernels.robust import Robust, gls, linearised
from taprev.synthesis.results import FEW_DF, Certificate
from taprev.vocabulary import CiMethod, NoteCode, Tau2Method

CI_METHODS = (CiMethod.CR2, CiMethod.WALD)
METHODS = (Tau2Method.REML, Tau2Method.ML)


@dataclass(frozen=True)
class Coefficient:
    """One coefficient: `se`, the interval, `df` and `pval` are those of the fit's ci_method.

    `df` is None for Wald; `cr2_se` and `cr2_df` are None where CR2 does not exist, and a note says why.
    """

    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    df: float | None
    pval: float
    model_se: float
    cr2_se: float | None
    cr2_df: float | None


@dataclass(frozen=True)
class MultilevelFit:
    """A fit by REML or ML: `k` effects of `studies` studies, one coefficient for each column of the design.

    `weights` are the row sums of M^-1 in percent, in the order of the data; with `rho` above 0 some can be
    negative. They and the prediction interval, for an effect of a new study, are None for a design other than
    an intercept. `certificates` has one certificate for each estimated component, and `AIC` and `BIC` count these
    and the coefficients. Those of REML compare fits of one design only.
    """

    k: int
    studies: int
    coefficients: tuple[Coefficient, ...]
    sigma2_study: float
    sigma2_effect: float
    rho: float
    log_likelihood: float
    AIC: float
    BIC: float
    QE: float
    QE_df: int
    QE_pval: float
    pi_lb: float | None
    pi_ub: float | None
    weights: tuple[float, ...] | None
    method: str
    ci_method: str
    level: float
    certificates: tuple[Certificate, ...]
    notes: tuple[Note, ...] = ()

    @property
    def estimate(self) -> float:
        """The first coefficient: the pooled effect of a fit without moderators."""
        return self.coefficients[0].estimate

    @property
    def se(self) -> float:
        """The standard error of `estimate`."""
        return self.coefficients[0].se

    @property
    def ci_lb(self) -> float:
        """The lower end of the interval of `estimate`."""
        return self.coefficients[0].ci_lb

    @property
    def ci_ub(self) -> float:
        """The upper end of the interval of `estimate`."""
        return self.coefficients[0].ci_ub

    @property
    def df(self) -> float | None:
        """The degrees of freedom of `estimate`; None for Wald."""
        return self.coefficients[0].df

    @property
    def pval(self) -> float:
        """The p value of `estimate` against zero."""
        return self.coefficients[0].pval


def multilevel(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | np.ndarray,
    rho: float = 0.0,
    X: ArrayLike | None = None,
    ci_method: str = "cr2",
    level: float = 0.95,
    method: str = "REML",
) -> MultilevelFit:
    """Fit effects nested in studies by REML or ML, with cluster-robust inference.

    The model is y = X beta + study + effect + error, with variances sigma2_study, sigma2_effect and v, and a
    correlation `rho` of the errors within a study, or with covariances of the errors as they are given. The two
    components are the global maximum of the likelihood over values of at least 0. If the data cannot separate them
    (one effect in each study), all heterogeneity is sigma2_study; if the design fits the mean of every study,
    sigma2_study is 0; `notes` then say so. The log-likelihood has metafor's constant. The prediction interval is
    estimate ± quantile sqrt(sigma2_study + sigma2_effect + se^2).

    Parameters
    ----------
    yi : array_like, shape (n,)
        The effects.
    vi : array_like, shape (n,) or (n, n)
        Their sampling variances, in squared units of `yi`; or the matrix of all their covariances (V in metafor),
        which links no effects of different studies.
    study : sequence of hashable, length n
        The study of each effect.
    rho : float
        0 is the three-level model; a value in (0, 1) that of correlated and hierarchical effects. With a matrix 0.
    X : array_like, shape (n, p), optional
        The design, with its own intercept; a column of ones if not given.
    ci_method : str
        cr2 (the CR2 standard error with Satterthwaite's t, see `robust.cr2`) or wald (that of the model, normal).
    level : float
        The level of the intervals, between 0 and 1.
    method : str
        REML or ML.

    Returns
    -------
    MultilevelFit
        The coefficients, the components, and what surrounds them.

    Raises
    ------
    ValueError
        Before anything is computed, for what `blocks.laid_out` refuses and for unknown choices; with cr2, also if
        CR2 does not exist.
    ArithmeticError
        If the solution does not pass its certificate, or the variances are too far apart to judge it in doubles
        (about 1e9 times, and no component between them).

    References
    ----------
    Konstantopoulos 2011, Research Synthesis Methods 2:61-76 (three levels); Pustejovsky and Tipton 2022, Prevention
    Science 23:425-438 (correlated and hierarchical effects).
    """
    refuse_word("ci_method", ci_method, CI_METHODS)
    refuse_word("method", method, METHODS)
    refuse_level(level)
    by = Tau2Method(method)
    layout = laid_out(yi, vi, study, X, rho)
    free, notes = identifiable(layout)
    theta = highest(layout, free, by)
    certificates = certify_components(layout, theta, free, by)
    at = blocks(layout, *theta)
    robust, absent = _robust(at, ci_method)
    coefficients = _coefficients(at, robust, ci_method, level)
    alone = layout.Q.shape[0] == 1 and bool(layout.shares.any())
    log_likelihood, AIC, BIC = _likelihood(layout, theta, int(free.sum()), by)
    QE, QE_df, QE_pval = _residual_heterogeneity(layout)
    fit = MultilevelFit(
        k=layout.y.size,
        studies=layout.starts.size,
        coefficients=coefficients,
        sigma2_study=float(theta[0]) * layout.unit**2,
        sigma2_effect=float(theta[1]) * layout.unit**2,
        rho=layout.rho,
        log_likelihood=log_likelihood,
        AIC=AIC,
        BIC=BIC,
        QE=QE,
        QE_df=QE_df,
        QE_pval=QE_pval,
        pi_lb=None,
        pi_ub=None,
        weights=_weights(at) if alone else None,
        method=by,
        ci_method=ci_method,
        level=level,
        certificates=certificates,
        notes=(*notes, *absent, *_df_notes(coefficients)),
    )
    return _with_prediction(fit) if alone else fit


def _robust(at: Blocks, ci_method: str) -> tuple[Robust | None, tuple[Note, ...]]:
    try:
        return linearised(at), ()
    except (ValueError, ArithmeticError) as refusal:
        if ci_method == CiMethod.CR2:
            raise
        return None, (note(NoteCode.CR2_ABSENT, why=str(refusal)),)


def _coefficients(at: Blocks, robust: Robust | None, ci_method: str, level: float) -> tuple[Coefficient, ...]:
    layout, fit = at.layout, gls(at)
    estimates = layout.coefficients(fit.gamma)
    model_se = np.sqrt(np.sum((layout.back @ fit.root) ** 2, axis=1)) * layout.unit
    of_cr2 = ci_method == CiMethod.CR2 and robust is not None
    se, df = (robust.se, robust.df) if of_cr2 and robust else (model_se, np.full(len(estimates), np.nan))
    printed = interval(estimates, se, df, level)
    return tuple(
        Coefficient(
            estimate=float(estimates[i]),
            se=float(se[i]),
            ci_lb=float(printed.ci_lb[i]),
            ci_ub=float(printed.ci_ub[i]),
            df=float(df[i]) if of_cr2 else None,
            pval=float(printed.pval[i]),
            model_se=float(model_se[i]),
            cr2_se=float(robust.se[i]) if robust else None,
            cr2_df=float(robust.df[i]) if robust else None,
        )
        for i in range(len(estimates))
    )


def _likelihood(
    layout: BlockLayout, theta: np.ndarray, components: int, method: Tau2Method
) -> tuple[float, float, float]:
    """Return the log-likelihood with its constant, AIC and BIC; REML has as many values as degrees of freedom."""
    p, n = layout.Q.shape
    values = n - p if method == Tau2Method.REML else n
    height = LIKELIHOODS[method](layout, theta) - values * float(np.log(2 * np.pi) / 2 + np.log(layout.unit))
    parameters = p + components
    return height, 2 * parameters - 2 * height, parameters * float(np.log(values)) - 2 * height


def _residual_heterogeneity(layout: BlockLayout) -> tuple[float, int, float]:
    """Return QE, its degrees of freedom and its p value."""
    at = blocks(layout, 0.0, 0.0)
    residuals, df = gls(at).residuals, layout.y.size - layout.Q.shape[0]
    QE = float(residuals @ at.solve(residuals))
    return QE, df, float(chdtrc(df, QE))


def _weights(at: Blocks) -> tuple[float, ...]:
    one = at.layout.one
    sums = at.solve(one)
    shares = at.layout.of_effects(100.0 * sums / (one * sums).sum())
    return tuple(float(share) for share in shares)


def _with_prediction(fit: MultilevelFit) -> MultilevelFit:
    quantile = two_sided_quantile(np.array([np.nan if fit.df is None else fit.df]), fit.level)[0]
    half = float(quantile * np.sqrt(fit.sigma2_study + fit.sigma2_effect + fit.se**2))
    return replace(fit, pi_lb=fit.estimate - half, pi_ub=fit.estimate + half)


def _df_notes(coefficients: tuple[Coefficient, ...]) -> list[Note]:
    return [
        note(NoteCode.FEW_DEGREES_OF_FREEDOM, coefficient=number, df=coefficient.df, least=FEW_DF)
        for number, coefficient in enumerate(coefficients, 1)
        if coefficient.df is not None and coefficient.df < FEW_DF
    ]
