"""The root of a falling function: Newton's method inside a bracket, for many roots at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

MOST_STEPS = 200
LAST_STEP = 1e-8
SMALLEST = 1e-15
Slope = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def falling_root(
    at: Slope,
    start: np.ndarray,
    low: np.ndarray | float = -np.inf,
    high: np.ndarray | float = np.inf,
    longest: np.ndarray | float = np.inf,
    near: np.ndarray | float | None = None,
) -> np.ndarray:
    """Return where functions that fall through zero once are zero.

    Parameters
    ----------
    at : callable
        Gives the values and the slopes of the functions at one point each.
    start : ndarray
        Where the search begins.
    low, high : ndarray or float
        Ends between which the roots lie.
    longest : ndarray or float
        The longest step of Newton's method.
    near : ndarray or float, optional
        How short the last step must be. The default leaves an error of its square, as small as the numbers allow.

    Returns
    -------
    ndarray
        The roots, in the shape of `start`.

    Raises
    ------
    ArithmeticError
        If a root is not found.
    """
    x = np.array(start, dtype=float)
    low, high = np.broadcast_to(low, x.shape), np.broadcast_to(high, x.shape)
    for _ in range(MOST_STEPS):
        value, slope = at(x)
        low, high = np.where(value > 0, x, low), np.where(value < 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.clip(np.where(slope < 0, -value / slope, np.copysign(np.inf, value)), -longest, longest)
            middle = 0.5 * (low + high)
        ahead = x + step
        exact = (value == 0) | (ahead == x)
        trusted = exact | ((ahead > low) & (ahead < high)) | ~np.isfinite(middle)
        x, moved = np.where(exact, x, np.where(trusted, ahead, middle)), np.where(exact, 0.0, np.abs(step))
        last = LAST_STEP * (1e-3 + np.abs(x)) if near is None else near
        if ((trusted & (moved <= last)) | (high - low <= SMALLEST * np.abs(x))).all():
            return x
    raise ArithmeticError("the search for the maximum found no end")
