"""Hedges' exact small-sample correction, without loss of digits in large samples."""

from __future__ import annotations

import math
from functools import lru_cache

MANY = 50
SERIES = (-174317 / 2**27, 631 / 2**19, -19 / 2**13, 1 / 2**6, 1.0)


@lru_cache(maxsize=4096)
def hedges_j(m: float) -> float:
    """Return the exact small-sample correction J(m) = G(m/2) / (sqrt(m/2) G((m-1)/2)), where G is the gamma function.

    From m = 50 on it uses the series sqrt(w / (m/2)) (1 + 1/(64 w^2) - 19/(8192 w^4) + ...) with w = m/2 - 3/4,
    which keeps 15 digits; the difference of two log gammas would lose some of them.

    Parameters
    ----------
    m : float
        Degrees of freedom, above 1.

    Returns
    -------
    float
        The factor that turns d into g, below 1.

    Raises
    ------
    ValueError
        If `m` is 1 or less.

    References
    ----------
    Hedges 1981, J Educ Stat 6:107; series: Tricomi and Erdelyi 1951, Pacific J Math 1:133.
    """
    if m <= 1:
        raise ValueError(f"the correction J needs more than 1 degree of freedom, found {m:g}")
    if m < MANY:
        return math.gamma(m / 2) / (math.sqrt(m / 2) * math.gamma((m - 1) / 2))
    inverse_square, total = (m / 2 - 0.75) ** -2, 0.0
    for coefficient in SERIES:
        total = total * inverse_square + coefficient
    return math.sqrt(1 - 1.5 / m) * total
