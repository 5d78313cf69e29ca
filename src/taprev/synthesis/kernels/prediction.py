"""What a mixed-effects model expects of studies with given values of its moderators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.coefficients import quantile
from taprev.synthesis.kernels.mixed_effects import MixedFit
from taprev.synthesis.kernels.refusals import numbers, refuse_level


@dataclass(frozen=True)
class Predicted:
    """What a model expects: the mean effect with its interval, and that of a new study; arrays of one length."""

    pred: np.ndarray
    se: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray


def predict(fit: MixedFit, X: ArrayLike, level: float | None = None) -> Predicted:
    """Return what a model expects at new values of its moderators.

    The interval of a new study has t with k - p degrees of freedom whatever the test, and the standard error
    sqrt(se^2 + tau2).

    Parameters
    ----------
    fit : MixedFit
    X : array_like, shape (n, p)
        Rows of the design matrix.
    level : float, optional
        The level of the intervals; by default that of the fit.

    Returns
    -------
    Predicted
        Arrays of shape (n,). Without tau2 (no method) both intervals are the same.

    Raises
    ------
    ValueError
        For a design of another width, and for a level outside (0, 1).
    """
    new = numbers("newmods", X, 2)
    level = fit.level if level is None else level
    refuse_level(level)
    if new.shape[1] != fit.beta.size:
        raise ValueError(f"newmods has {new.shape[1]} columns; the model has {fit.beta.size} coefficients")
    pred, se = new @ fit.beta, np.sqrt(np.einsum("ij,jk,ik->i", new, fit.vb, new))
    half = quantile(fit.dfs, level) * se
    freedom = fit.QE_df if fit.method is not None else fit.dfs
    far = quantile(freedom, level) * np.sqrt(se**2 + fit.tau2)
    return Predicted(pred, se, pred - half, pred + half, pred - far, pred + far)
