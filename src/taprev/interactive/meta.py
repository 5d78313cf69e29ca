"""A meta-analysis of a data frame, under metafor's names, for somebody who has effects and no review."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from taprev.interactive.fitted import Meta, as_share
from taprev.interactive.moderators import design_of
from taprev.interactive.numeric_columns import effect_columns
from taprev.synthesis.kernels.mixed_effects import mixed_effects
from taprev.vocabulary import Tau2Method

COMMON = ("EE", "CE", "FE")
"""metafor's names of the model with one common effect; its estimate is the same under each."""
EMPIRICAL_BAYES = "EB"
"""metafor's name of an estimator whose value is that of Paule and Mandel (Morris 1983)."""


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
        REML, ML, DL, PM (also EB, whose value is the same), HE, HS, SJ, or GENQ by `weights`; EE (also CE, FE) for one
        common effect.
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
    effects = effect_columns(data, yi, vi, sei, slab, weights)
    design = design_of(data, mods)
    estimator = None if method in COMMON else Tau2Method.PM if method == EMPIRICAL_BAYES else method
    share = as_share(level)
    fit = mixed_effects(effects.yi, effects.vi, design.matrix, estimator, test, effects.weights, share)
    return Meta(fit, design, effects.labels, effects.yi, effects.vi, effects.weights)
