"""Several results of the same people: one effect from equals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def composite(yi: ArrayLike, vi: ArrayLike, rho: float) -> tuple[float, float]:
    """Return the mean of equal results of one sample and its variance.

    vi = sum over i, j of rho_ij sqrt(vi_i vi_j) / m^2, with rho_ij = 1 on the diagonal and `rho` off it. A single
    result is returned as it is.

    Parameters
    ----------
    yi, vi : array_like, shape (m,)
        The effects, and their sampling variances in squared units of `yi`.
    rho : float
        The correlation between the results.

    Returns
    -------
    tuple of float
        The mean effect and its variance.

    References
    ----------
    Borenstein and others 2009, Introduction to Meta-Analysis, chapter 24.
    """
    yi, se = np.asarray(yi, float), np.sqrt(np.asarray(vi, float))
    m = len(yi)
    variance = ((1 - rho) * np.sum(se**2) + rho * np.sum(se) ** 2) / m**2
    return float(yi.mean()), float(variance)
