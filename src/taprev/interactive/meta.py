"""A meta-analysis of a data frame, under metafor's names, for somebody who has effects and no review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from taprev.interactive.moderators import Design, design_of
from taprev.interactive.numeric_columns import numeric_columns, refuse_unknown
from taprev.synthesis.kernels.asymmetry import (
    Asymmetry,
    RankCorrelation,
    from_sizes,
    rank_correlation,
    regression_test,
)
from taprev.synthesis.kernels.mixed_effects import MixedFit, mixed_effects
from taprev.synthesis.kernels.prediction import Predicted, predict
from taprev.synthesis.kernels.selection import SelectionFit, selection_model
from taprev.synthesis.kernels.trim_fill import TrimFill, trim_fill
from taprev.vocabulary import MetaTest, Tau2Method
from taprev.wording import labels

COMMON = ("EE", "CE", "FE")
"""metafor's names of the model with one common effect; its estimate is the same under each."""
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
            Where the values of a moderator are missing or unknown.
        """
        if newmods is None and self.design.spec is not None:
            needed = ", ".join(sorted(map(str, self.design.spec.required_variables)))
            raise ValueError(f"the model has moderators: give newmods, a data frame with the columns {needed}")
        if newmods is not None and not isinstance(newmods, pd.DataFrame):
            raise ValueError(f"newmods is a {type(newmods).__name__}; it must be a pandas DataFrame, a row each")
        at = pd.DataFrame(index=[0]) if newmods is None else newmods
        told = predict(self.fit, self.design.rows_of(at), None if level is None else as_share(level))
        return pd.DataFrame(vars(_turned(told, transf)), index=at.index)

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


def meta(
    data: pd.DataFrame,
    yi: str = "yi",
    vi: str = "vi",
    *,
    sei: str | None = None,
    mods: str | Sequence[str] | None = None,
    method: str = "REML",
    test: str = "auto",
    weights: str | None = None,
    level: float = 0.95,
    slab: str | None = None,
) -> Meta:
    """Pool the effects of a data frame, or explain them by moderators; the names are those of metafor's `rma`.

    Parameters
    ----------
    data : DataFrame
        A row for each effect.
    yi, vi : str
        The columns of the effects and of their sampling variances.
    sei : str, optional
        The column of standard errors, in place of `vi`.
    mods : str or sequence of str, optional
        Moderators: a formula such as `~ year + C(setting)`, or names of columns. Words become groups.
    method : str
        REML, ML, DL, PM, HE, HS or SJ; EE (also CE, FE) for one common effect.
    test : str
        knha, adhoc, t or z; auto is knha where there is variance between studies to be allowed for, and z otherwise.
    weights : str, optional
        The column of weights of one's own.
    level : float
        The level of the intervals: 0.95, or 95 as in metafor.
    slab : str, optional
        The column with the names of the studies; by default the index.

    Returns
    -------
    Meta

    Raises
    ------
    ValueError
        For a column that is not there, a cell that is no finite number (text, NaN and truth values are named with
        their row), and everything that `mixed_effects` refuses.
    """
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"data is a {type(data).__name__}; it must be a pandas DataFrame with a row for each effect")
    error = sei or vi
    numbers = [yi, error, *([weights] if weights else [])]
    refuse_unknown(data, [*numbers, *([slab] if slab else [])])
    names = tuple(map(str, data[slab] if slab else data.index))
    read = numeric_columns(data, numbers, names)
    variance = read[error] ** 2 if sei else read[error]
    if (read[error] <= 0).any():
        rows = ", ".join(name for name, bad in zip(names, read[error] <= 0, strict=True) if bad)
        raise ValueError(f"column {error} must be above 0; it is not in row {rows}")
    design = design_of(data, mods)
    fit = mixed_effects(
        read[yi].to_numpy(),
        variance.to_numpy(),
        design.matrix,
        None if method in COMMON else method,
        test,
        read[weights].to_numpy() if weights else None,
        as_share(level),
    )
    return Meta(fit, design, names, read[yi].to_numpy(), variance.to_numpy())


def as_share(level: float) -> float:
    """Return a level as a share, also where it is given in percent."""
    return level / 100.0 if isinstance(level, (int, float)) and 1 < level < 100 else level


def _turned(told: Predicted, transf: Callable[[np.ndarray], np.ndarray] | None) -> Predicted:
    if transf is None:
        return told
    lower, upper = np.sort([transf(told.ci_lb), transf(told.ci_ub)], axis=0)
    far_lower, far_upper = np.sort([transf(told.pi_lb), transf(told.pi_ub)], axis=0)
    nothing = np.full(told.se.size, np.nan)
    return replace(told, pred=transf(told.pred), se=nothing, ci_lb=lower, ci_ub=upper, pi_lb=far_lower, pi_ub=far_upper)


def _said(made: Meta) -> list[str]:
    """Return what is said above the table of coefficients."""
    fit = made.fit
    kind = "Mixed-effects model" if fit.weights is None else "Random-effects model"
    how = "one effect common to all studies (EE)" if fit.method is None else Tau2Method(fit.method).said
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
