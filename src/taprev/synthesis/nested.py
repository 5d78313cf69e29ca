"""The fit of a stratum whose studies have several effects, under the same names as every other fit."""

from __future__ import annotations

import numpy as np

from taprev.effects.rows import EffectRow
from taprev.notes import Note, note
from taprev.settings import Settings
from taprev.synthesis.kernels.intervals import interval
from taprev.synthesis.kernels.multilevel import MultilevelFit, multilevel
from taprev.synthesis.kernels.notes import interval_notes, prediction_notes
from taprev.synthesis.kernels.pool import H2_of, I2_of, pool
from taprev.synthesis.kernels.refusals import sound_set
from taprev.synthesis.results import Fit, Interval, Nesting
from taprev.vocabulary import CiMethod, DependenceModel, NoteCode, Tau2Method


def nested_or_none(rows: list[EffectRow], settings: Settings) -> tuple[Fit | None, list[Note]]:
    """Return the nested fit that the settings ask for, or None with a note on what replaces it and why.

    Parameters
    ----------
    rows : list of EffectRow
        The pooled results of the stratum.
    settings : Settings
        The settings of the review.

    Returns
    -------
    tuple of Fit or None, list of Note
        The fit and no note; or None, with a note unless no nested fit was to be made.
    """
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
    averaged = len({(row.study, row.sample) for row in rows}) < len(rows)
    return None, [note(NoteCode.COMPOSITE_INSTEAD, model=str(how.model), why=why, averaged=int(averaged))]


def nested_fit(rows: list[EffectRow], settings: Settings) -> Fit:
    """Return the three-level fit, or that of correlated and hierarchical effects, as the settings ask.

    Parameters
    ----------
    rows : list of EffectRow
        The pooled results of the stratum.
    settings : Settings
        The settings of the review.

    Returns
    -------
    Fit
        The fit, without bounds of tau2, I2 and H2.

    Raises
    ------
    ValueError, ArithmeticError
        As in `multilevel`.
    """
    how, level = settings.synthesis.dependence, settings.synthesis.level
    rho = settings.assumptions.rho.value if how.model == DependenceModel.CHE else 0.0
    yi, vi = np.array([row.yi for row in rows], dtype=float), np.array([row.vi for row in rows], dtype=float)
    studies = [row.study for row in rows]
    fit = multilevel(yi, vi, studies, rho, level=level)
    cr2 = Interval(CiMethod.CR2, fit.se, fit.ci_lb, fit.ci_ub, fit.df, fit.pval)
    intervals = {CiMethod.CR2: cr2, CiMethod.WALD: _wald(fit)}
    tau2 = fit.sigma2_study + fit.sigma2_effect
    s2 = float(pool(*sound_set(yi, vi), Tau2Method.DL).s2[0])
    return Fit(
        k=fit.k,
        estimate=fit.estimate,
        se=fit.se,
        ci_lb=fit.ci_lb,
        ci_ub=fit.ci_ub,
        ci_method=CiMethod.CR2,
        df=fit.df,
        pval=fit.pval,
        tau2=tau2,
        tau2_lb=None,
        tau2_ub=None,
        I2=I2_of(tau2, s2),
        I2_lb=None,
        I2_ub=None,
        H2=H2_of(tau2, s2),
        H2_lb=None,
        H2_ub=None,
        Q=fit.QE,
        Q_df=fit.QE_df,
        Q_pval=fit.QE_pval,
        pi_lb=fit.pi_lb,
        pi_ub=fit.pi_ub,
        pi_df=fit.df,
        weights=fit.weights or (),
        tau2_method=Tau2Method.REML,
        level=level,
        intervals=tuple(intervals.values()),
        certificate=max(
            fit.certificates, key=lambda certificate: abs(certificate.residual) if not certificate.boundary else 0.0
        ),
        notes=(
            note(NoteCode.NESTED_MODEL, model=str(how.model), k=fit.k, studies=fit.studies),
            *fit.notes,
            *interval_notes(intervals, fit.studies),
            *prediction_notes(fit.studies, tau2),
        ),
        nesting=Nesting(how.model, rho, fit.studies, fit.sigma2_study, fit.sigma2_effect),
    )


def _wald(fit: MultilevelFit) -> Interval:
    """Return the normal interval of the model, which goes with that of CR2."""
    wald = interval(np.array([fit.estimate]), np.array([fit.coefficients[0].model_se]), np.array([np.nan]), fit.level)
    se, lb, ub, pval = (float(numbers[0]) for numbers in (wald.se, wald.ci_lb, wald.ci_ub, wald.pval))
    return Interval(CiMethod.WALD, se, lb, ub, None, pval)
