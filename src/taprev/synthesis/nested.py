"""The fit of a stratum whose studies have several effects, under the names of every other fit."""

from __future__ import annotations

import numpy as np

from taprev.effects.rows import EffectRow
from taprev.settings import Settings
from taprev.synthesis import cautions
from taprev.synthesis.kernels.intervals import interval
from taprev.synthesis.kernels.multilevel import MultilevelFit, multilevel
from taprev.synthesis.kernels.pool import H2_of, I2_of, pool
from taprev.synthesis.kernels.refusals import sound_set
from taprev.synthesis.results import Fit, Interval, Nesting
from taprev.vocabulary import CiMethod, DependenceModel

CHOSEN = "The {model} pools {k} effects of {studies} studies; its interval is CR2 with Satterthwaite's t."
FALLBACK = "The settings ask for the {model}; {why}, and {instead}."


def nested_or_none(rows: list[EffectRow], settings: Settings) -> tuple[Fit | None, list[str]]:
    """Return the nested fit that the settings ask for, or None and a note of what stands in for it and why."""
    how, studies = settings.synthesis.dependence, {row.study for row in rows}
    if how.model == DependenceModel.COMPOSITE or len(studies) == len(rows):
        return None, []
    if len(studies) < how.fewest_studies:
        count = "1 study is" if len(studies) == 1 else f"{len(studies)} studies are"
        why = f"{count} fewer than {how.fewest_studies}, too few for its standard error"
    else:
        try:
            return nested_fit(rows, settings), []
        except (ValueError, ArithmeticError) as error:
            why = str(error)
    samples = {(row.study, row.sample) for row in rows}
    averaged = "several results of one sample are averaged and the samples of one study taken as independent"
    alone = "the samples of one study are taken as independent"
    instead = averaged if len(samples) < len(rows) else alone
    return None, [FALLBACK.format(model=how.model.said, why=why, instead=instead)]


def nested_fit(rows: list[EffectRow], settings: Settings) -> Fit:
    """Return the three-level fit, or that of correlated and hierarchical effects, as the settings ask."""
    how, level = settings.synthesis.dependence, settings.synthesis.level
    rho = settings.assumptions.rho.value if how.model == DependenceModel.CHE else 0.0
    yi, vi, studies = [row.yi for row in rows], [row.vi for row in rows], [row.study for row in rows]
    fit = multilevel(yi, vi, studies, rho, level=level)
    cr2 = Interval("cr2", fit.se, fit.ci_lb, fit.ci_ub, fit.df, fit.pval)
    intervals = {CiMethod.CR2: cr2, CiMethod.WALD: _wald(fit)}
    tau2 = fit.sigma2_study + fit.sigma2_effect
    s2 = float(pool(*sound_set(yi, vi), "DL").s2[0])
    absent = {f"{name}_{end}": None for name in ("tau2", "I2", "H2") for end in ("lb", "ub")}
    told = CHOSEN.format(model=how.model.said, k=fit.k, studies=fit.studies)
    return Fit(
        k=fit.k,
        estimate=fit.estimate,
        **{name: getattr(fit, name) for name in ("se", "ci_lb", "ci_ub", "df", "pval", "pi_lb", "pi_ub")},
        ci_method="cr2",
        tau2=tau2,
        I2=I2_of(tau2, s2),
        H2=H2_of(tau2, s2),
        **absent,
        Q=fit.QE,
        Q_df=fit.QE_df,
        Q_pval=fit.QE_pval,
        pi_df=fit.df,
        weights=fit.weights,
        tau2_method="REML",
        level=level,
        intervals=tuple(intervals.values()),
        certificate=max(fit.certificates, key=lambda one: abs(one.residual) if not one.boundary else 0.0),
        notes=(
            told,
            *fit.notes,
            *cautions.interval_notes(intervals, fit.studies),
            *cautions.prediction_notes(fit.studies, tau2),
        ),
        nesting=Nesting(how.model, rho, fit.studies, fit.sigma2_study, fit.sigma2_effect),
    )


def _wald(fit: MultilevelFit) -> Interval:
    """Return the interval of the model beside that of CR2, normal."""
    one = interval(np.array([fit.estimate]), np.array([fit.coefficients[0].model_se]), np.array([np.nan]), fit.level)
    se, lb, ub, pval = (float(numbers[0]) for numbers in (one.se, one.ci_lb, one.ci_ub, one.pval))
    return Interval("wald", se, lb, ub, None, pval)
