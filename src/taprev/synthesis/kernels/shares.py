"""How many of the true effects that the studies are drawn from lie beyond a threshold, taken as normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from taprev.synthesis.kernels.refusals import refuse_level
from taprev.synthesis.results import FEWEST_STUDIES


@dataclass(frozen=True)
class ShareBeyond:
    """The share of true effects above a threshold, with its interval, all between 0 and 1."""

    threshold: float
    share: float
    ci_lb: float
    ci_ub: float


def share_above(
    estimate: float, se: float, tau2: float, se_of_tau2: float, k: int, threshold: float, level: float = 0.95
) -> ShareBeyond:
    """Return the share of true effects above a threshold.

    The share is Phi(z) with z = (estimate - threshold) / tau. The interval is z ± quantile times its standard error by
    the delta method, sqrt(se^2 / tau2 + (estimate - threshold)^2 se_of_tau2^2 / (4 tau2^3)), turned into shares, so
    that it stays between 0 and 1.

    Parameters
    ----------
    estimate, se : float
        The pooled effect and its standard error.
    tau2, se_of_tau2 : float
        The variance between studies and its standard error.
    k : int
        How many studies were pooled.
    threshold : float
        In the units of `estimate`.
    level : float
        The level of the interval.

    Returns
    -------
    ShareBeyond

    Raises
    ------
    ValueError
        For fewer than ten studies, and where the variance between studies is zero.

    References
    ----------
    Mathur and VanderWeele 2019, Statistics in Medicine 38:1336-1342.
    """
    refuse_level(level)
    if k < FEWEST_STUDIES:
        raise ValueError(f"{k} studies cannot tell how true effects are spread; it takes {FEWEST_STUDIES}")
    if not tau2 > 0:
        raise ValueError(
            "the variance between studies is estimated as zero, so that true effects have no spread to take a share of"
        )
    z = (estimate - threshold) / np.sqrt(tau2)
    error = np.sqrt(se**2 / tau2 + (estimate - threshold) ** 2 * se_of_tau2**2 / (4 * tau2**3))
    half = float(ndtri(0.5 + level / 2)) * error
    return ShareBeyond(threshold, float(ndtr(z)), float(ndtr(z - half)), float(ndtr(z + half)))
