"""A location-scale model of a data frame: what explains effects, and what explains how much they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from taprev.interactive.fitted import DECIMALS, as_share
from taprev.interactive.moderators import Design, design_of
from taprev.interactive.numeric_columns import effect_columns
from taprev.synthesis.kernels.coefficients import Coefficients
from taprev.synthesis.kernels.location_scale import LocationScaleFit, predict_location_scale
from taprev.synthesis.kernels.location_scale import location_scale as fitted
from taprev.wording import labels


@dataclass(frozen=True)
class ScaledMeta:
    """A fitted location-scale model: `coefficients` of the mean, `scale_coefficients` of log tau2, `fit` all of it."""

    fit: LocationScaleFit
    design: Design
    scale_design: Design
    labels: tuple[str, ...]

    @property
    def coefficients(self) -> pd.DataFrame:
        """The coefficients of the mean, a row each."""
        return _table(self.fit.location, self.design)

    @property
    def scale_coefficients(self) -> pd.DataFrame:
        """The coefficients of log tau2, a row each."""
        return _table(self.fit.scale, self.scale_design)

    @property
    def tau2(self) -> pd.Series:
        """The variance between studies at the values of each study."""
        return pd.Series(self.fit.tau2, index=pd.Index(self.labels, name="study"), name="tau2")

    def predict(self, newmods: pd.DataFrame, level: float | None = None) -> pd.DataFrame:
        """Return the mean effect and the interval of a new study at values of the moderators of mean and scale.

        `newmods` has a column for each moderator and a row for each prediction; ValueError where one is missing.
        """
        if not isinstance(newmods, pd.DataFrame):
            raise ValueError(f"newmods is a {type(newmods).__name__}; it must be a pandas DataFrame, a row each")
        level = None if level is None else as_share(level)
        told = predict_location_scale(self.fit, self.design.rows_of(newmods), self.scale_design.rows_of(newmods), level)
        return pd.DataFrame(vars(told), index=newmods.index)

    def __str__(self) -> str:
        fit = self.fit
        said = [f"Location-scale model, k = {fit.k}, {fit.method.said}, test {fit.test}"]
        if fit.lrt is not None:
            said.append(
                f"One variance for all against this scale: LRT({fit.QS_df}) = {labels.number(fit.lrt, DECIMALS)}, "
                f"{labels.equation('p', labels.pvalue(fit.lrt_pval))}"
            )
        return "\n".join([*said, "", "Mean", str(self.coefficients), "", "log tau2", str(self.scale_coefficients)])


def location_scale(
    data: pd.DataFrame,
    yi: str = "yi",
    vi: str = "vi",
    *,
    scale: str | Sequence[str],
    sei: str | None = None,
    mods: str | Sequence[str] | None = None,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    slab: str | None = None,
) -> ScaledMeta:
    """Explain effects by moderators, and by others (or the same) how much true effects differ.

    Parameters
    ----------
    data : DataFrame
        A row for each effect.
    yi, vi, sei, mods, level, slab
        As in `taprev.meta`.
    scale : str or sequence of str
        The moderators of log tau2, as a formula or names of columns.
    method : str
        REML or ML.
    test : str
        z, t, knha or adhoc.

    Returns
    -------
    ScaledMeta

    Raises
    ------
    ValueError
        As in `taprev.meta`, and where the likelihood has no maximum.
    """
    effects = effect_columns(data, yi, vi, sei, slab)
    design, of_scale = design_of(data, mods), design_of(data, scale)
    fit = fitted(effects.yi, effects.vi, of_scale.matrix, design.matrix, method, test, as_share(level))
    return ScaledMeta(fit, design, of_scale, effects.labels)


def _table(part: Coefficients, design: Design) -> pd.DataFrame:
    freedom = {} if part.dfs is None else {"df": np.full(part.estimate.size, part.dfs)}
    columns = {"estimate": part.estimate, "se": part.se, "stat": part.stat, **freedom, "pval": part.pval}
    bounds = {"ci_lb": part.ci_lb, "ci_ub": part.ci_ub}
    return pd.DataFrame(columns | bounds, index=pd.Index(design.names, name="coefficient"))
