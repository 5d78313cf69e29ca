"""Between-study variance for many sets at once: the estimators without a likelihood, and the Q-profile bounds.

All functions take `Sets` (see `scaled`) and return tau2 in its scaled units, one value for each set.
"""

from __future__ import annotations

import numpy as np

from taprev.synthesis.kernels.scaled import Sets, moments

MOST_PASSES = 200
LAST_STEP = 1e-10


def dersimonian_laird(sets: Sets) -> np.ndarray:
    """Return the DerSimonian-Laird moment estimate, `max(0, (Q - (k - 1)) / tr(P))` at tau2 = 0.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.

    References
    ----------
    DerSimonian and Laird (1986), Controlled Clinical Trials 7:177-188.
    """
    at_zero = moments(sets, np.zeros(sets.k.size))
    excess = np.maximum(at_zero.Q - (sets.k - 1), 0.0)
    return np.divide(excess, at_zero.trace, out=np.zeros_like(excess), where=excess > 0)


def paule_mandel(sets: Sets) -> np.ndarray:
    """Return the Paule-Mandel estimate, the root of `Q(tau2) = k - 1`, or 0 if Q(0) is smaller.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.

    References
    ----------
    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87:377-385.
    """
    return q_root(sets, sets.k - 1.0)


def q_profile(sets: Sets, lower_chi2: np.ndarray, upper_chi2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Q-profile bounds, the roots of `Q(tau2)` at the upper and the lower chi-square quantile.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    lower_chi2, upper_chi2 : ndarray, shape (sets,)
        The chi-square quantiles.

    Returns
    -------
    tuple of ndarray
        The lower and the upper bound, (sets,) each; 0 and 0 for an empty profile set.

    References
    ----------
    Viechtbauer (2007), Statistics in Medicine 26:37-52.
    """
    return q_root(sets, upper_chi2), q_root(sets, lower_chi2)


def q_root(sets: Sets, target: np.ndarray) -> np.ndarray:
    """Return where `Q(tau2)` falls to `target`, or 0 if it never exceeds it.

    1/Q is concave in tau2, so Newton's method on 1/Q climbs from 0 to the root without overshooting.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    target : ndarray, shape (sets,)
        The value of Q to reach in each set.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.
    """
    tau2 = np.zeros(sets.k.size)
    active = np.arange(tau2.size)
    for _ in range(MOST_PASSES):
        m = moments(sets, tau2[active])
        Q, aim = m.Q, target[active]
        step = np.divide((Q / aim - 1.0) * Q, m.slope, out=np.zeros_like(Q), where=aim < Q)
        tau2[active] += step
        moving = np.flatnonzero(step > LAST_STEP * (tau2[active] + sets.smallest))
        if not moving.size:
            break
        active, sets = active[moving], sets.take(moving)
    return tau2


def hedges(sets: Sets) -> np.ndarray:
    """Return the Hedges estimate, `max(0, sum (y - mean)^2 / (k - 1) - sum v / k)`, with unweighted means.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.

    References
    ----------
    Hedges and Olkin (1985), Statistical Methods for Meta-Analysis, ch. 9.
    """
    squares, mean_v = unweighted(sets)
    spread = squares / np.maximum(sets.k - 1, 1)
    return np.where(sets.k > 1, np.maximum(spread - mean_v, 0.0), 0.0)


def hunter_schmidt(sets: Sets) -> np.ndarray:
    """Return the Hunter-Schmidt estimate, `max(0, (Q - k) / sum w)` at tau2 = 0.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.

    References
    ----------
    Hunter and Schmidt (1990), Methods of Meta-Analysis; Viechtbauer (2005), J Educ Behav Stat 30:261-293.
    """
    at_zero = moments(sets, np.zeros(sets.k.size))
    return np.maximum(at_zero.Q - sets.k, 0.0) / at_zero.total


def sidik_jonkman(sets: Sets) -> np.ndarray:
    """Return the Sidik-Jonkman estimate, `start Q(start) / (k - 1)` with `start = sum (y - mean)^2 / k`.

    It is above 0 unless all effects are equal.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    ndarray, shape (sets,)
        tau2 of each set, in scaled units.

    References
    ----------
    Sidik and Jonkman (2005), Journal of the Royal Statistical Society C 54:367-384.
    """
    start = unweighted(sets)[0] / sets.k
    return start * moments(sets, start).Q / np.maximum(sets.k - 1, 1)


def unweighted(sets: Sets) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of squares about the unweighted mean, and the mean variance.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.

    Returns
    -------
    tuple of ndarray, each of shape (sets,)
        The sums of squares and the mean variances, in scaled units; absent studies do not count.
    """
    present = np.isfinite(sets.v)
    mean = sets.y.sum(axis=0) / sets.k
    squares = (np.where(present, sets.y - mean, 0.0) ** 2).sum(axis=0)
    return squares, np.where(present, sets.v, 0.0).sum(axis=0) / sets.k
