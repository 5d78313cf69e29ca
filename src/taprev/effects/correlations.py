"""A correlation and its Fisher transform, as metafor's `escalc`."""

from __future__ import annotations

import math

FEWEST = 4


def correlation(r: float, n_arm1: float) -> tuple[float, float]:
    """Return a correlation and its variance (1 - r^2)^2 / (n - 1).

    Parameters
    ----------
    r : float
        The correlation.
    n_arm1 : float
        Number of people.

    Returns
    -------
    tuple of float
        `yi` and `vi`.

    Raises
    ------
    ValueError
        If there are fewer than 4 people.
    """
    _refuse_few(n_arm1)
    return r, (1 - r**2) ** 2 / (n_arm1 - 1)


def fisher_z(r: float, n_arm1: float) -> tuple[float, float]:
    """Return Fisher's z = atanh(r) and its variance 1/(n - 3).

    Parameters
    ----------
    r : float
        The correlation.
    n_arm1 : float
        Number of people.

    Returns
    -------
    tuple of float
        `yi` as z, and `vi`.

    Raises
    ------
    ValueError
        If there are fewer than 4 people.
    """
    _refuse_few(n_arm1)
    return math.atanh(r), 1 / (n_arm1 - 3)


def _refuse_few(n_arm1: float) -> None:
    if n_arm1 < FEWEST:
        raise ValueError(f"a correlation needs at least {FEWEST} people, found n_arm1 = {n_arm1:g}")
