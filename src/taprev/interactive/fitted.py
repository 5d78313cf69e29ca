"""A fitted meta-analysis of a data frame, and what can be asked of it under metafor's names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from taprev.interactive.moderators import Design
from taprev.synthesis.kernels.asymmetry import (
    Asymmetry,
    RankCorrelation,
    from_sizes,
    rank_correlation,
    regression_test,
)
from taprev.synthesis.kernels.coefficients import coefficients, tested_together
from taprev.synthesis.kernels.fit_statistics import FitStatistics, fit_statistics, se_of_tau2, shrunken
from taprev.synthesis.kernels.henmi_copas import FixedWeighted, henmi_copas
from taprev.synthesis.kernels.mixed_effects import MixedFit
from taprev.synthesis.kernels.permutation import Permuted, permutation_test
from taprev.synthesis.kernels.prediction import Predicted, predict
from taprev.synthesis.kernels.profile_likelihood import profile_intervals
from taprev.synthesis.kernels.q_profile import q_profile
from taprev.synthesis.kernels.selection import SelectionFit, selection_model
from taprev.synthesis.kernels.trim_fill import TrimFill, trim_fill
from taprev.vocabulary import GeneralisedQ, MetaTest
from taprev.wording import labels

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
DECIMALS = 4


@dataclass(frozen=True)
class Meta:
    """A fitted meta-analysis: `coefficients` is its table, `fit` holds all that was computed.

    What `fit` holds can be asked of this object too, under the same names: `tau2 I2 H2 R2 QE QM k beta se` and so on.
    """

    fit: MixedFit
    design: Design
    labels: tuple[str, ...]
    yi: np.ndarray
    vi: np.ndarray
    own_weights: np.ndarray | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.fit, name)

    @property
    def coefficients(self) -> pd.DataFrame:
        """The coefficients with their errors, tests and intervals, a row each."""
        fit = self.fit
        stat = "zval" if fit.test == MetaTest.Z else "tval"
        freedom = {} if fit.dfs is None else {"df": fit.dfs}
        columns = {"estimate": fit.beta, "se": fit.se, stat: fit.stat, **freedom, "pval": fit.pval}
        bounds = {"ci_lb": fit.ci_lb, "ci_ub": fit.ci_ub}
        return pd.DataFrame(columns | bounds, index=pd.Index(self.design.names, name="coefficient"))

    @property
    def weights(self) -> pd.Series | None:
        """The weight of each study in percent; None with moderators, where each coefficient weighs otherwise."""
        if self.fit.weights is None:
            return None
        return pd.Series(self.fit.weights, index=pd.Index(self.labels, name="study"), name="weight")

    def predict(
        self,
        newmods: pd.DataFrame | None = None,
        level: float | None = None,
        transf: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> pd.DataFrame:
        """Return the mean effect with its interval and the interval of a new study, at values of the moderators.

        Parameters
        ----------
        newmods : DataFrame, optional
            A row for each prediction, with the columns of the moderators; without moderators it is left out.
        level : float, optional
            The level of the intervals (0.95, or 95 as in metafor); by default that of the fit.
        transf : callable, optional
            Turns effects and bounds, such as `numpy.exp`; the standard error is left out then.

        Returns
        -------
        DataFrame
            `pred se ci_lb ci_ub pi_lb pi_ub`, a row for each row of `newmods`.

        Raises
        ------
        ValueError
            Where the values of a moderator are missing or unknown, or `transf` is no function.
        """
        if newmods is None and self.design.spec is not None:
            needed = ", ".join(sorted(map(str, self.design.spec.required_variables)))
            raise ValueError(f"the model has moderators: give newmods, a data frame with the columns {needed}")
        if newmods is not None and not isinstance(newmods, pd.DataFrame):
            raise ValueError(f"newmods is a {type(newmods).__name__}; it must be a pandas DataFrame, a row each")
        at = pd.DataFrame(index=[0]) if newmods is None else newmods
        told = predict(self.fit, self.design.rows_of(at), None if level is None else as_share(level))
        return pd.DataFrame(vars(_turned(told, transf)), index=at.index)

    def intervals(self, levels: Sequence[float] = LEVELS, newmods: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return what `predict` does at several levels of confidence and prediction, a row for each.

        ValueError where no level is given, or one that is none.
        """
        if not isinstance(levels, Sequence | np.ndarray) or not len(levels):
            raise ValueError(f"levels is {levels!r}; give one or more in a list, such as [0.5, 0.8, 0.95]")
        made = {as_share(level): self.predict(newmods, level) for level in levels}
        table = pd.concat(made, names=["level"])
        return table.droplevel(1) if newmods is None else table.swaplevel()

    def contrasts(self, *rows: Sequence[float] | dict[str, float]) -> pd.DataFrame:
        """Return the sums of coefficients that rows of factors ask for, each with its test, and the test of all.

        Parameters
        ----------
        *rows : sequence of float, or dict of str to float
            A factor for each coefficient; or, by name, those that are not 0: `{"x[T.b]": 1, "x[T.c]": -1}`.

        Returns
        -------
        DataFrame
            A row for each contrast and one for all together, whose estimate is left out.

        Raises
        ------
        ValueError
            For an unknown coefficient, a row of another length, cells that are no numbers, and contrasts that follow
            from each other.
        """
        L = np.array([self._factors(row) for row in rows]).reshape(len(rows), len(self.design.names))
        if not rows or np.linalg.matrix_rank(L) < len(rows):
            raise ValueError("give one or more contrasts, none of zeros alone, and none that follows from the others")
        fit = self.fit
        each = coefficients(L @ fit.beta, L @ fit.vb @ L.T, fit.dfs, fit.level)
        statistic, m, pval = tested_together(each.estimate, each.covariance, fit.dfs)
        table = pd.DataFrame(
            {"estimate": each.estimate, "se": each.se, "stat": each.stat, "pval": each.pval}
            | {"ci_lb": each.ci_lb, "ci_ub": each.ci_ub}
        )
        table.loc[f"all {m}"] = {"stat": statistic, "pval": pval}
        return table.rename_axis("contrast")

    def _factors(self, row: Sequence[float] | dict[str, float]) -> np.ndarray:
        names = list(self.design.names)
        if isinstance(row, dict):
            if unknown := sorted(set(row) - set(names)):
                raise ValueError(f"no coefficient is called {unknown[0]}; there are {', '.join(names)}")
            row = [row.get(name, 0.0) for name in names]
        if not isinstance(row, Sequence | np.ndarray | pd.Series) or not all(map(_is_factor, row)):
            raise ValueError(
                f"a contrast is {row!r}; it must be a list of finite numbers, or a dict of them by coefficient. Give "
                "several contrasts as arguments of their own"
            )
        if len(row) != len(names):
            raise ValueError(f"a contrast has {len(row)} factors; the model has {len(names)} coefficients")
        return np.asarray(row, float)

    def confint(self, type: str = "QP", level: float | None = None) -> pd.DataFrame:
        """Return intervals of tau2, tau, I2 and H2 by the Q-profile (QP), or of tau2 and the coefficients by PL.

        PL is the profile likelihood, of tau2 by the fit's method (REML or ML), of the coefficients by the full
        likelihood. ValueError for another type, and for PL with another method.
        """
        level = self.fit.level if level is None else as_share(level)
        X = self.design.matrix
        if type == "PL":
            by = profile_intervals(self.yi, self.vi, X, str(self.fit.method), level)
            rows = {name: row for name, *row in zip(self.design.names, by.beta, by.ci_lb, by.ci_ub, strict=True)}
            return _bounds_table({"tau2": [by.tau2, by.tau2_lb, by.tau2_ub]} | rows)
        if type != "QP":
            raise ValueError(f"type is {type!r}; it must be QP (Q-profile) or PL (profile likelihood)")
        told = q_profile(self.yi, self.vi, X, level)
        fit = self.fit
        return _bounds_table(
            {
                "tau2": [fit.tau2, told.tau2_lb, told.tau2_ub],
                "tau": [fit.tau2**0.5, told.tau2_lb**0.5, told.tau2_ub**0.5],
                "I2": [fit.I2, told.I2_lb, told.I2_ub],
                "H2": [fit.H2, told.H2_lb, told.H2_ub],
            }
        )

    @property
    def se_tau2(self) -> float | None:
        """The standard error of tau2; None for one common effect."""
        method = self.fit.method
        if method is None:
            return None
        own = self.own_weights if method == GeneralisedQ.GENQ else None
        return se_of_tau2(self.yi, self.vi, self.fit.tau2, method, self.design.matrix, own)

    def fitstats(self, restricted: bool | None = None) -> FitStatistics:
        """Return the log likelihood with deviance, AIC, BIC and AICc; by default the restricted one after REML."""
        return fit_statistics(self.fit, self.yi, self.vi, self.design.matrix, restricted)

    @property
    def ll(self) -> float:
        """The log likelihood, as `fitstats` has it."""
        return self.fitstats().ll

    @property
    def AIC(self) -> float:
        """Akaike's information criterion, as `fitstats` has it."""
        return self.fitstats().AIC

    @property
    def BIC(self) -> float:
        """The Bayesian information criterion, as `fitstats` has it."""
        return self.fitstats().BIC

    def blup(self, level: float | None = None) -> pd.DataFrame:
        """Return what the model expects of the true effect of each study, with its interval; not with own weights."""
        if self.own_weights is not None:
            raise ValueError("blup rests on the weights of the model; fit one without your own")
        level = None if level is None else as_share(level)
        told = shrunken(self.fit, self.yi, self.vi, self.design.matrix, level)
        return pd.DataFrame(vars(told), index=pd.Index(self.labels, name="study"))

    def permutest(self, draws: int = 10_000, seed: int = 1) -> Permuted:
        """Return the permutation test of the coefficients, exact up to 50,000 arrangements."""
        if self.own_weights is not None:
            raise ValueError("permutest rests on the weights of the model; fit one without your own")
        method = None if self.fit.method is None else str(self.fit.method)
        X = None if self.design.spec is None else self.design.matrix
        return permutation_test(self.yi, self.vi, X, method, str(self.fit.test), self.fit.level, draws, seed)

    def hc(self) -> FixedWeighted:
        """Return the pooled effect and interval of Henmi and Copas, which small studies move little."""
        self._refuse_moderators("hc")
        return henmi_copas(self.yi, self.vi, self.fit.level)

    def regtest(
        self, predictor: str | ArrayLike = "sei", sizes: tuple[ArrayLike, ArrayLike] | None = None, model: str = "mixed"
    ) -> Asymmetry:
        """Return a regression test of whether small studies find other effects than large ones.

        Parameters
        ----------
        predictor : str or array_like
            sei, vi, or a number for each study. A standardised difference is part of its own standard error: give
            `sizes` there.
        sizes : tuple of array_like, optional
            The people of each arm; the predictor is then sqrt(1/n1 + 1/n2).
        model : str
            mixed (variance between studies by REML, normal test) or multiplicative (Egger's own).

        Returns
        -------
        Asymmetry

        Raises
        ------
        ValueError
            For fewer than ten studies, studies of one size, and what `regression_test` refuses.
        """
        self._refuse_moderators("regtest")
        if sizes is not None:
            return regression_test(self.yi, self.vi, from_sizes(*sizes), model, level=self.fit.level)
        if isinstance(predictor, str):
            known = {"sei": np.sqrt(self.vi), "vi": self.vi}
            if predictor not in known:
                raise ValueError(f"predictor is {predictor!r}; it must be sei, vi, or a number for each study")
            predictor = known[predictor]
        return regression_test(self.yi, self.vi, predictor, model, level=self.fit.level)

    def ranktest(self) -> RankCorrelation:
        """Return the rank test of Begg and Mazumdar; ValueError for fewer than ten studies."""
        self._refuse_moderators("ranktest")
        return rank_correlation(self.yi, self.vi)

    def trimfill(self, side: str, estimator: str = "L0") -> TrimFill:
        """Return the pool with the studies that a symmetrical funnel would have on a side (left, right).

        It uses the estimator and the test of the fit; ValueError for fewer than ten studies.
        """
        self._refuse_moderators("trimfill")
        return trim_fill(self.yi, self.vi, side, estimator, self.fit.method, self.fit.test, self.fit.level)

    def selmodel(self, steps: ArrayLike = (0.025,), alternative: str = "greater") -> SelectionFit:
        """Return a step-function selection model: weights by one-sided p values, and the effect without selection.

        `alternative` says which results are preferred: greater or less. ValueError for fewer than ten studies, or for
        an interval of p values without enough of them.
        """
        self._refuse_moderators("selmodel")
        return selection_model(self.yi, self.vi, steps, alternative, self.fit.level)

    def _refuse_moderators(self, method: str) -> None:
        if self.design.spec is not None:
            raise ValueError(f"{method} is for a model without moderators; fit one without mods")

    def __str__(self) -> str:
        return "\n".join([*_said(self), "", self.coefficients.to_string(float_format=_four, na_rep="")])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in _said(self))
        return lines + self.coefficients.to_html(float_format=_four, na_rep="", border=0)


def _is_factor(cell: object) -> bool:
    return isinstance(cell, Real) and not isinstance(cell, bool | np.bool_) and math.isfinite(cell)


def as_share(level: float) -> float:
    """Return a level as a share, also where it is given in percent."""
    return level / 100.0 if isinstance(level, (int, float)) and 1 < level < 100 else level


def _turned(told: Predicted, transf: Callable[[np.ndarray], np.ndarray] | None) -> Predicted:
    if transf is None:
        return told
    if not callable(transf):
        raise ValueError(f"transf is {transf!r}; it must be a function of an array, such as numpy.exp")
    lower, upper = np.sort([transf(told.ci_lb), transf(told.ci_ub)], axis=0)
    far_lower, far_upper = np.sort([transf(told.pi_lb), transf(told.pi_ub)], axis=0)
    nothing = np.full(told.se.size, np.nan)
    return replace(told, pred=transf(told.pred), se=nothing, ci_lb=lower, ci_ub=upper, pi_lb=far_lower, pi_ub=far_upper)


def _bounds_table(rows: dict[str, list[float]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "ci_lb", "ci_ub"])


def _said(made: Meta) -> list[str]:
    """Return what is said above the table of coefficients."""
    fit = made.fit
    kind = "Mixed-effects model" if fit.weights is None else "Random-effects model"
    how = "one effect common to all studies (EE)" if fit.method is None else fit.method.said
    head = f"{'Common-effect model' if fit.method is None else kind}, k = {fit.k}, {how}, test {fit.test}"
    spread = f"tau2 = {_four(fit.tau2)}, " if fit.method is not None else ""
    explained = f", R2 = {labels.percent(fit.R2, 2)}" if fit.R2 is not None else ""
    said = [head, f"{spread}I2 = {labels.percent(fit.I2, 2)}, H2 = {labels.number(fit.H2, 2)}{explained}"]
    said.append(f"Heterogeneity: QE({fit.QE_df}) = {_four(fit.QE)}, {_p(fit.QE_pval)}")
    if fit.QM is not None:
        second = "" if fit.QM_df2 is None else f", {fit.QM_df2:g}"
        kind = "QM" if fit.QM_df2 is None else "F"
        said.append(f"Moderators: {kind}({fit.QM_df}{second}) = {_four(fit.QM)}, {_p(fit.QM_pval)}")
    return said


def _four(value: float) -> str:
    return labels.number(value, DECIMALS)


def _p(value: float | None) -> str:
    return labels.equation("p", labels.pvalue(value))
