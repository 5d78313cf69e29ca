"""Data sets laid out for the kernels: one column for each set, centred and scaled so that nothing cancels.

The most precise study of every set is in row 0 and its effect is the origin, so that sums over the other
studies keep their digits even if one variance is 1e16 times another. Units are powers of two, so scaling is
exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
        """Return the columns at these positions only."""
        y, v = self.y.take(columns, axis=1), self.v.take(columns, axis=1)
        return Sets(y, v, self.k[columns], self.origin[columns], self.unit[columns])


@dataclass(frozen=True)
class Moments:
    """The sums that every estimator is made of, at one tau2 for each set.

    `y` are the effects, `w` the weights, `u` the weighted residuals, `rest` the sum of all weights but the largest,
    `total` the sum of all, `mean` the pooled effect. P is the projection of the model with an intercept only.
    """

    y: np.ndarray
    w: np.ndarray
    u: np.ndarray
    rest: np.ndarray
    total: np.ndarray
    mean: np.ndarray

    @property
    def Q(self) -> np.ndarray:
        """The weighted sum of squares, y'Py."""
        return products(self.u, self.y - self.mean)

    @property
    def slope(self) -> np.ndarray:
        """How fast Q falls with tau2, y'PPy."""
        return products(self.u, self.u)

    @cached_property
    def squares(self) -> np.ndarray:
        """The sum of the squares of all weights but the largest."""
        return products(self.w[1:], self.w[1:])

    @property
    def trace(self) -> np.ndarray:
        """The trace of P. The total is at least twice any weight but the largest, so that nothing cancels."""
        return (self.w[0] * self.rest + self.total * self.rest - self.squares) / self.total


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
    by_set = np.where(present, V, np.inf)
    first, columns = by_set.argmin(axis=1), np.arange(len(V))
    v, y = by_set.T.copy(), np.where(present, Y, 0.0).T.copy()
    for array in (y, v):
        array[0, columns], array[first, columns] = array[first, columns], array[0, columns].copy()
    origin = y[0].copy()
    unit = np.ldexp(1.0, np.frexp(v[0])[1] // 2)
    y = np.where(np.isfinite(v), (y - origin) / unit, 0.0)
    return Sets(y, v / unit / unit, present.sum(axis=1), origin, unit)


def room_for(sets: Sets) -> np.ndarray:
    """Return memory for the moments of these sets, one after the other.

    Parameters
    ----------
    sets : Sets
        The data.

    Returns
    -------
    ndarray, shape (2 studies sets,)
        To be given to `moments`; to fetch memory anew for every call costs more than the arithmetic.
    """
    return np.empty(2 * sets.v.size)


def moments(sets: Sets, tau2: np.ndarray, room: np.ndarray | None = None) -> Moments:
    """Return the sums at `tau2`, given in scaled units with one value for each set.

    Parameters
    ----------
    sets : Sets
        The data, in scaled units.
    tau2 : ndarray, shape (sets,)
        The between-study variances.
    room : ndarray, optional
        What `room_for` gave for as many sets or more: weights and weighted residuals stay there until the next call.

    Returns
    -------
    Moments
        Weights and weighted residuals of shape (studies, sets), sums and means of shape (sets,).
    """
    if room is None or room.size < 2 * sets.v.size:
        room = room_for(sets)
    w, u = room[: 2 * sets.v.size].reshape(2, *sets.v.shape)
    np.reciprocal(np.add(sets.v, tau2, out=w), out=w)
    others = w[1:]
    rest = others.sum(axis=0)
    total = w[0] + rest
    mean = products(others, sets.y[1:]) / total
    np.multiply(w, np.subtract(sets.y, mean, out=u), out=u)
    return Moments(sets.y, w, u, rest, total, mean)


def products(*factors: np.ndarray) -> np.ndarray:
    """Return the sum over studies of the product of the factors, one value for each set.

    Parameters
    ----------
    *factors : ndarray, shape (studies, sets)
        Two or three factors.

    Returns
    -------
    ndarray, shape (sets,)
        The sums.
    """
    return np.einsum("ij,ij->j" if len(factors) == 2 else "ij,ij,ij->j", *factors)


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
    return products(m.w, spread, spread)


def trace_of_square(m: Moments) -> np.ndarray:
    """Return tr(PP): how fast tr(P) falls with tau2.

    Parameters
    ----------
    m : Moments
        The sums at one tau2 for each set.

    Returns
    -------
    ndarray, shape (sets,)
        The traces, in scaled units. T^2 tr(PP) = w0^2 (R^2 + 2 S2) + T (T S2 - 2 S3) + S2^2, with w0 the largest
        weight, T the total, and R, S2 and S3 the sums of the others, their squares and their cubes; T is at least
        twice any of the others, so that no digit is lost to the difference.
    """
    largest, others = m.w[0], m.w[1:]
    cubes = products(others, others, others)
    of_largest = largest**2 * (m.rest**2 + 2.0 * m.squares)
    of_others = m.total * (m.total * m.squares - 2.0 * cubes) + m.squares**2
    return (of_largest + of_others) / m.total**2
