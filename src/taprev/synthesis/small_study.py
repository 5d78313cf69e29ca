"""Small studies and selection in a stratum: tests and models that are valid for its measure, or why there are none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from taprev.notes import Note, note
from taprev.settings import Settings
from taprev.synthesis.kernels import asymmetry
from taprev.synthesis.kernels.asymmetry import Asymmetry
from taprev.synthesis.kernels.fit_statistics import se_of_tau2
from taprev.synthesis.kernels.preference import largest_bias, preference
from taprev.synthesis.kernels.refusals import EVENTS_AND_TOTALS
from taprev.synthesis.kernels.residual_tau2 import residual_tau2
from taprev.synthesis.kernels.selection import selection_model
from taprev.synthesis.kernels.shares import share_above
from taprev.synthesis.kernels.trim_fill import trim_fill
from taprev.synthesis.results import (
    FEWEST_STUDIES,
    Corrected,
    Fit,
    ImportantDifference,
    LargestBias,
    Preferred,
    SmallStudies,
    Study,
    Tested,
    TrueShare,
)
from taprev.vocabulary import (
    AsymmetryTest,
    Correction,
    MetaTest,
    MissingSide,
    NoteCode,
    Scale,
    SelectedSide,
    ShareOf,
)

USUAL = {
    Scale.SMD: AsymmetryTest.SIZES,
    Scale.LOG_RISK_RATIO: AsymmetryTest.SIZES,
    Scale.LOG_ODDS_RATIO: AsymmetryTest.PETERS,
}
"""The test that is valid for a scale whose standard error holds the effect; elsewhere it is Egger's."""
SECOND = {Scale.LOG_ODDS_RATIO: (AsymmetryTest.HARBORD,)}
STEPS = {Correction.ONE_STEP: (0.025,), Correction.TWO_STEPS: (0.025, 0.5)}
OF_COUNTS = {AsymmetryTest.PETERS: asymmetry.peters, AsymmetryTest.HARBORD: asymmetry.harbord}
UNPUBLISHED = (0.25, 0.5, 1.0)
"""Shares of the studies that were found, for which the largest bias is given."""


def small_studies(
    pooled: list[Study],
    fit: Fit,
    scale: Scale,
    favours_sign: int,
    important: ImportantDifference | None,
    settings: Settings,
) -> SmallStudies:
    """Return the panel of small studies and selection, or why there is none.

    Parameters
    ----------
    pooled : list of Study
        The pooled effects, one of each sample.
    fit : Fit
        What they are pooled to.
    scale : Scale
        The scale of the stratum.
    favours_sign : int
        1 where a larger effect is better, -1 where a smaller one is.
    important : ImportantDifference or None
        The smallest difference that matters.
    settings : Settings
        The settings of the review.

    Returns
    -------
    SmallStudies
        Below ten studies only `refused`.
    """
    studies = len({study.study for study in pooled})
    side = SelectedSide.GREATER if favours_sign > 0 else SelectedSide.LESS
    if studies < FEWEST_STUDIES:
        few = note(NoteCode.FEW_STUDIES_FOR_SELECTION, studies=studies, least=FEWEST_STUDIES)
        return SmallStudies(len(pooled), studies, side, refused=few)
    pool = _Pool(pooled, fit, scale, side, settings)
    preferred, unmoved = _preferred(pool)
    return SmallStudies(
        k=len(pooled),
        studies=studies,
        side=side,
        tests=tuple(_tested(pool, test, usual) for test, usual in _tests(scale, settings)),
        models=tuple(_corrected(pool, model) for model in Correction),
        preferred=preferred,
        unmoved=unmoved,
        biases=_biases(pool, studies),
        shares=tuple(_shares(pool, favours_sign, important)),
    )


@dataclass(frozen=True)
class _Pool:
    """The pooled effects of a stratum, and what all tests and models are told of it."""

    pooled: list[Study]
    fit: Fit
    scale: Scale
    side: SelectedSide
    settings: Settings

    @property
    def yi(self) -> np.ndarray:
        return np.array([study.effect.yi for study in self.pooled])

    @property
    def vi(self) -> np.ndarray:
        return np.array([study.effect.vi for study in self.pooled])

    @property
    def names(self) -> list[str]:
        return [study.study for study in self.pooled]

    @property
    def clustered(self) -> bool:
        """Whether a study has several effects."""
        return len(set(self.names)) < len(self.pooled)


def _tests(scale: Scale, settings: Settings) -> list[tuple[AsymmetryTest, bool]]:
    """Return the tests of a stratum, each with whether it is the usual one: that, its sisters, those asked for."""
    usual = USUAL.get(scale, AsymmetryTest.EGGER)
    others = dict.fromkeys((*SECOND.get(scale, ()), *settings.sensitivity.asymmetry_tests))
    return [(usual, True), *((test, False) for test in others if test != usual)]


def _why(error: Exception) -> Note:
    return note(NoteCode.SMALL_STUDY_REFUSED, why=str(error))


def _tested(pool: _Pool, test: AsymmetryTest, usual: bool) -> Tested:
    try:
        if test == AsymmetryTest.BEGG:
            _refuse_clustered(pool)
            ranks = asymmetry.rank_correlation(pool.yi, pool.vi)
            return Tested(test, usual, slope=ranks.tau, pval=ranks.pval)
        told = _regressed(pool, test)
    except (ValueError, ArithmeticError) as error:
        return Tested(test, usual, refused=_why(error))
    return Tested(test, usual, told.slope, told.se, told.df, told.pval, told.limit)


def _regressed(pool: _Pool, test: AsymmetryTest) -> Asymmetry:
    how = pool.settings.synthesis
    if test in OF_COUNTS:
        _refuse_clustered(pool)
        event_arm1, totaln_arm1, event_arm2, totaln_arm2 = _counts(pool.pooled)
        return OF_COUNTS[test](event_arm1, totaln_arm1, event_arm2, totaln_arm2, how.level)
    x = np.sqrt(pool.vi) if test == AsymmetryTest.EGGER else _from_sizes(pool.pooled)
    if pool.clustered:
        return asymmetry.clustered_test(pool.yi, pool.vi, pool.names, x, level=how.level)
    return asymmetry.regression_test(pool.yi, pool.vi, x, test=MetaTest.KNHA, level=how.level)


def _refuse_clustered(pool: _Pool) -> None:
    if pool.clustered:
        effects, studies = len(pool.pooled), len(set(pool.names))
        raise ValueError(
            f"{effects} effects come from {studies} studies, and this method needs one effect of each study"
        )


def _from_sizes(pooled: list[Study]) -> np.ndarray:
    """Return sqrt(1/n1 + 1/n2), or sqrt(1/n) where there is one arm."""
    one_arm = all(study.n_arm2 is None for study in pooled)
    unknown = [study.label for study in pooled if study.n_arm1 is None or (study.n_arm2 is None and not one_arm)]
    if unknown:
        raise ValueError(f"the number of people in each arm is not known for {unknown[0]}")
    first = np.array([study.n_arm1 for study in pooled], float)
    if one_arm:
        return np.sqrt(1 / first)
    return asymmetry.from_sizes(first, np.array([study.n_arm2 for study in pooled], float))


def _counts(pooled: list[Study]) -> tuple[list[float], ...]:
    without = [study.label for study in pooled if study.events is None]
    if without:
        raise ValueError(f"the counts of events are not known for {without[0]}")
    return tuple([float(getattr(study.events, name)) for study in pooled] for name in EVENTS_AND_TOTALS)


def _corrected(pool: _Pool, model: Correction) -> Corrected:
    try:
        match model:
            case Correction.PET:
                return _straight(pool, model, np.sqrt(pool.vi))
            case Correction.PEESE:
                return _straight(pool, model, pool.vi)
            case Correction.TRIM_FILL:
                return _filled(pool, model)
            case Correction.ONE_STEP | Correction.TWO_STEPS:
                return _selected(pool, model)
    except (ValueError, ArithmeticError) as error:
        return Corrected(model, refused=_why(error))


def _straight(pool: _Pool, model: Correction, x: np.ndarray) -> Corrected:
    """Return the effect in the limit of an endless study; a standardised difference stands by its people alone."""
    level = pool.settings.synthesis.level
    if USUAL.get(pool.scale) == AsymmetryTest.SIZES:
        sizes = _from_sizes(pool.pooled)
        x = sizes if model == Correction.PET else sizes**2
    if pool.clustered:
        told = asymmetry.clustered_test(pool.yi, pool.vi, pool.names, x, level=level)
    else:
        told = asymmetry.regression_test(pool.yi, pool.vi, x, "multiplicative", level=level)
    return Corrected(model, told.limit, told.limit_lb, told.limit_ub)


def _selected(pool: _Pool, model: Correction) -> Corrected:
    _refuse_clustered(pool)
    fit = selection_model(pool.yi, pool.vi, STEPS[model], pool.side, pool.settings.synthesis.level)
    return Corrected(model, fit.estimate, fit.ci_lb, fit.ci_ub, fit.lrt_pval, tuple(map(float, fit.delta)))


def _filled(pool: _Pool, model: Correction) -> Corrected:
    _refuse_clustered(pool)
    how = pool.settings.synthesis
    missing = MissingSide.LEFT if pool.side == SelectedSide.GREATER else MissingSide.RIGHT
    told = trim_fill(pool.yi, pool.vi, missing, method=how.tau2_method, level=how.level)
    estimate, lower, upper = (float(one[0]) for one in (told.fit.beta, told.fit.ci_lb, told.fit.ci_ub))
    return Corrected(model, estimate, lower, upper, added=told.k0)


def _preferred(pool: _Pool) -> tuple[Preferred | None, Note | None]:
    how = pool.settings.synthesis
    try:
        return preference(pool.yi, pool.vi, pool.names, pool.side, how.tau2_method, how.ci_method, how.level), None
    except (ValueError, ArithmeticError) as error:
        return None, _why(error)


def _biases(pool: _Pool, studies: int) -> tuple[LargestBias, ...]:
    """Return the largest bias for a quarter, a half and as many studies as were found that were not published."""
    if pool.clustered:
        return ()
    tau2 = residual_tau2(pool.yi, pool.vi, np.ones((studies, 1)), pool.settings.synthesis.tau2_method)
    numbers = dict.fromkeys(math.ceil(share * studies) for share in UNPUBLISHED)
    return tuple(LargestBias(number, largest_bias(pool.vi, tau2, number)) for number in numbers)


def _shares(pool: _Pool, favours_sign: int, important: ImportantDifference | None) -> Iterator[TrueShare]:
    """Yield the shares of true effects that are better at all, and by the important difference."""
    if important:
        yield _share(pool, ShareOf.IMPORTANT, favours_sign * abs(important.value), favours_sign)
    yield _share(pool, ShareOf.BETTER, 0.0, favours_sign)


def _share(pool: _Pool, of: ShareOf, threshold: float, favours_sign: int) -> TrueShare:
    fit, level = pool.fit, pool.settings.synthesis.level
    try:
        _refuse_clustered(pool)
        if fit.nesting:
            raise ValueError("the pooled number takes results as nested in studies, and this method takes one of each")
        estimator = fit.tau2_method or pool.settings.synthesis.tau2_method
        spread = se_of_tau2(pool.yi, pool.vi, fit.variance, estimator)
        mean = favours_sign * fit.estimate
        told = share_above(mean, fit.se, fit.variance, spread, fit.k, favours_sign * threshold, level)
    except ValueError as error:
        return TrueShare(of, threshold, refused=_why(error))
    return TrueShare(of, threshold, told.share, told.ci_lb, told.ci_ub)
