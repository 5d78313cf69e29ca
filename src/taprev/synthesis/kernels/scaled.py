"""Data sets laid out for the kernels: one column for each set, centred and scaled so that nothing cancels.

The most precise study of every set is in row 0 and its effect is the origin, so that sums over the other
studies keep their digits even if one variance is 1e16 times another. Units are powers of two, so scaling is
exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sets:
    """Sets as columns: `y` and `v` of shape (studies, sets), an absent study having infinite `v`."""

    y: np.ndarray
    v: np.ndarray
    k: np.ndarray
    origin: np.ndarray
    unit: np.ndarray

    @property
    def smallest(self) -> np.ndarray:
        """The smallest variance of each set, in scaled units."""
        return self.v[0]

    def take(self, columns: np.ndarray) -> Sets:
        """Return the named columns only."""
        return Sets(self.y[:, columns], self.v[:, columns], self.k[columns], self.origin[columns], self.unit[columns])


@dataclass(frozen=True)
class Moments:
    """The sums that every estimator is made of, at one tau2 for each set.

    `w` are the weights, `u` the weighted residuals, `rest` the sum of all weights but the largest, `total`
    the sum of all, `mean` the pooled effect. P is the projection of the model with an intercept only.
    """

    w: np.ndarray
    r: np.ndarray
    u: np.ndarray
    rest: np.ndarray
    total: np.ndarray
    mean: np.ndarray

    @property
    def Q(self) -> np.ndarray:
        """The weighted sum of squares, y'Py."""
        return products(self.u, self.r)

    @property
    def slope(self) -> np.ndarray:
        """How fast Q falls with tau2, y'PPy."""
        return products(self.u, self.u)

    @property
    def trace(self) -> np.ndarray:
        """The trace of P, summed without subtracting the largest weight from the total."""
        others = self.w[1:]
        return (self.w[0] * self.rest + products(others, self.total - others)) / self.total


def scaled(Y: np.ndarray, V: np.ndarray) -> Sets:
    """Lay out data for the kernels: one column for each set, centred and scaled.

    Parameters
    ----------
    Y, V : ndarray, shape (sets, studies)
        Effects and sampling variances, NaN for an absent study.

    Returns
    -------
    Sets
        The same data, of shape (studies, sets), with the most precise study in row 0.
    """
    present = ~np.isnan(V)
    v = np.where(present, V, np.inf).T.copy()
    y = np.where(present, Y, 0.0).T.copy()
    columns = np.arange(v.shape[1])
    first = v.argmin(axis=0)
    for array in (y, v):
        array[0, columns], array[first, columns] = array[first, columns], array[0, columns].copy()
    origin = y[0].copy()
    unit = np.ldexp(1.0, np.frexp(v[0])[1] // 2)
    y = np.where(np.isfinite(v), (y - origin) / unit, 0.0)
    return Sets(y, v / unit / unit, present.sum(axis=1), origin, unit)


def moments(sets: Sets, tau2: np.ndarray) -> Moments:
    """Return the sums at `tau2`, given in scaled units with one value for each set.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    tau2 : ndarray, shape (sets,)
        The between-study variances.

    Returns
    -------
    Moments
        Weights and residuals of shape (studies, sets), sums and means of shape (sets,).
    """
    w = 1.0 / (sets.v + tau2)
    others = w[1:]
    rest = others.sum(axis=0)
    total = w[0] + rest
    mean = products(others, sets.y[1:]) / total
    r = sets.y - mean
    return Moments(w, r, w * r, rest, total, mean)


def products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the sum over studies of a times b, one value for each set.

    Parameters
    ----------
    a, b : ndarray, shape (studies, sets)
        The factors.

    Returns
    -------
    ndarray, shape (sets,)
        The sums.
    """
    return np.einsum("ij,ij->j", a, b)


def cubic(m: Moments) -> np.ndarray:
    """Return y'PPPy: half of how fast y'PPy falls with tau2.

    Parameters
    ----------
    m : Moments
        The sums at one tau2 for each set.

    Returns
    -------
    ndarray, shape (sets,)
        The values, in scaled units.
    """
    spread = m.u - products(m.w, m.u) / m.total
    return products(m.w * spread, spread)


def trace_of_square(m: Moments) -> np.ndarray:
    """Return tr(PP): how fast tr(P) falls with tau2.

    Parameters
    ----------
    m : Moments
        The sums at one tau2 for each set.

    Returns
    -------
    ndarray, shape (sets,)
        The traces, in scaled units, summed without cancellation.
    """
    squares = m.w * m.w
    without = m.total - m.w
    without[0] = m.rest
    squares_without = squares.sum(axis=0) - squares
    squares_without[0] = squares[1:].sum(axis=0)
    return products(squares, without * without + squares_without) / (m.total * m.total)
