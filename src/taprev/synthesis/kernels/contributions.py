"""What one study says about its own effect theta: the log-likelihood and its first four derivatives.

Three kinds of evidence enter one model: the events of two arms (noncentral hypergeometric, theta a log odds ratio),
the counts of two arms with their person-time (binomial, theta a log rate ratio), and a printed effect with its
variance (normal). Each is conditional on the events of both arms together, which frees it of the rate of the comparator
(Stijnen, Hamza and Ozdemir 2010, Statistics in Medicine 29:3046).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln, xlogy

LARGEST_SUPPORT = 5_000_000
SPREADS = 12
LEAST_REACH = 40
Derivatives = tuple[np.ndarray, ...]


class Contributions(Protocol):
    """Studies of one kind; `least` and `most` are whether theta has no lower, or no upper, end in them."""

    @property
    def least(self) -> np.ndarray: ...

    @property
    def most(self) -> np.ndarray: ...

    @property
    def breadth(self) -> int:
        """How many numbers one value of theta costs in each study."""
        ...

    def derivatives(self, theta: np.ndarray, order: int = 4) -> Derivatives:
        """Return the log-likelihood at theta, shape (..., studies, nodes), and its derivatives to order 0, 2 or 4."""
        ...


@dataclass(frozen=True)
class Tables:
    """Events of two arms; row i of `log_ratio` is log P(u)/P(a) at theta = 0 for u from the least to the most events.

    `observed` is a, `first` the least u, `size` how many u there are. Beyond `size` the row holds minus infinity.
    `reach` is how many u around the mode are summed; all of them unless there are very many.
    """

    observed: np.ndarray
    first: np.ndarray
    size: np.ndarray
    margins: np.ndarray
    log_ratio: np.ndarray
    reach: int

    @property
    def least(self) -> np.ndarray:
        return self.observed == self.first

    @property
    def most(self) -> np.ndarray:
        return self.observed == self.first + self.size - 1

    @property
    def breadth(self) -> int:
        return self.reach

    def derivatives(self, theta: np.ndarray, order: int = 4) -> Derivatives:
        terms, u = self._terms(theta)
        u = u - self.observed[:, None, None]
        terms = terms + u * theta[..., None]
        highest = terms.max(axis=-1)
        weights = np.exp(terms - highest[..., None])
        total = weights.sum(axis=-1)
        found = [-(highest + np.log(total))]
        if order > 0:
            mean = (weights * u).sum(axis=-1) / total
            gap = u - mean[..., None]
            squares = weights * (gap * gap)
            second = squares.sum(axis=-1) / total
            found += [-mean, -second]
        if order > 2:
            squares *= gap
            third = squares.sum(axis=-1) / total
            squares *= gap
            fourth = squares.sum(axis=-1) / total
            found += [-third, -(fourth - 3.0 * second**2)]
        return tuple(found)

    def _terms(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log ratios that count at theta, and which numbers of events they belong to."""
        if self.reach == self.log_ratio.shape[1]:
            positions = np.arange(self.reach)
            return self.log_ratio[:, None, :], self.first[:, None, None] + positions
        start = np.rint(self._mode(theta)) - self.first[:, None] - self.reach // 2
        start = np.clip(start, 0, np.maximum(self.size - self.reach, 0)[:, None]).astype(int)
        positions = start[..., None] + np.arange(self.reach)
        studies = np.arange(self.size.size)[:, None, None]
        return self.log_ratio[studies, positions], self.first[:, None, None] + positions

    def _mode(self, theta: np.ndarray) -> np.ndarray:
        """Return the most probable number of events: the root of (n1 - u)(t - u) exp(theta) = u (n2 - t + u)."""
        n1, n2, t = (column[:, None] for column in self.margins)
        p, q = expit(theta), expit(-theta)
        b = p * (n1 + t) + q * (n2 - t)
        root = np.sqrt(np.maximum(b**2 - 4.0 * (p - q) * p * n1 * t, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(b > 0, 2.0 * p * n1 * t / (b + root), (b - root) / (2.0 * (p - q)))


@dataclass(frozen=True)
class Rates:
    """Counts: `observed` of `total` events fall in arm 1, which had exp(`offset`) times the person-time of arm 2."""

    observed: np.ndarray
    total: np.ndarray
    offset: np.ndarray

    @property
    def least(self) -> np.ndarray:
        return self.observed == 0

    @property
    def most(self) -> np.ndarray:
        return self.observed == self.total

    @property
    def breadth(self) -> int:
        return 1

    def derivatives(self, theta: np.ndarray, order: int = 4) -> Derivatives:
        a, t = self.observed[:, None], self.total[:, None]
        at = theta + self.offset[:, None]
        p, q = expit(at), expit(-at)
        log = self._highest()[:, None] + _below_highest(a, t, at)
        every = (log, a - t * p, -t * p * q, -t * p * q * (q - p), -t * p * q * (1.0 - 6.0 * p * q))
        return every[: order + 1]

    def _highest(self) -> np.ndarray:
        """Return the log-likelihood where the share of events is as observed; 0 where all are in one arm."""
        a, t = self.observed, self.total
        ways = gammaln(t + 1.0) - gammaln(a + 1.0) - gammaln(t - a + 1.0)
        return ways + xlogy(a, a / t) + xlogy(t - a, (t - a) / t)


def _below_highest(a: np.ndarray, t: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return how far a binomial log-likelihood lies below its maximum at a log odds, without large sums."""
    inside = (a > 0) & (a < t)
    share = np.where(inside, a / t, 0.5)
    away = at - np.log(share / (1.0 - share))
    with np.errstate(over="ignore"):
        between = a * away - t * np.where(away < 700.0, np.log1p(share * np.expm1(away)), np.log(share) + away)
    return np.where(inside, between, np.where(a == 0, -t * np.logaddexp(0.0, at), -t * np.logaddexp(0.0, -at)))


@dataclass(frozen=True)
class Printed:
    """Effects that are known by a number and its variance."""

    yi: np.ndarray
    vi: np.ndarray

    @property
    def least(self) -> np.ndarray:
        return np.zeros(self.yi.size, dtype=bool)

    most = least

    @property
    def breadth(self) -> int:
        return 1

    def derivatives(self, theta: np.ndarray, order: int = 4) -> Derivatives:
        v = self.vi[:, None]
        gap = (self.yi[:, None] - theta) / v
        none = np.zeros_like(gap)
        every = (-0.5 * (gap**2 * v + np.log(2.0 * math.pi * v)), gap, none - 1.0 / v, none, none)
        return every[: order + 1]


def tables(a: np.ndarray, n1: np.ndarray, c: np.ndarray, n2: np.ndarray) -> tuple[Tables, ...]:
    """Return the contributions of two-by-two tables, in groups of similar size.

    Parameters
    ----------
    a, n1 : ndarray, shape (studies,)
        Events and people of arm 1, whole numbers.
    c, n2 : ndarray, shape (studies,)
        The same for arm 2.

    Returns
    -------
    tuple of Tables
        The groups, together in the order of `order_of_tables`.

    Raises
    ------
    ValueError
        If the tables are too large to be summed over.
    """
    first, size = _support(a, n1, c, n2)
    if size.sum() > LARGEST_SUPPORT:
        raise ValueError(
            f"the events could be divided between the arms in {size.sum():.3g} ways, and the exact likelihood takes "
            f"at most {LARGEST_SUPPORT:,}; tables so large need no exact likelihood"
        )
    return tuple(_group(*(column[chosen] for column in (a, n1, c, n2, first, size))) for chosen in _groups(size))


def order_of_tables(a: np.ndarray, n1: np.ndarray, c: np.ndarray, n2: np.ndarray) -> np.ndarray:
    """Return the positions of the studies in the order in which `tables` groups them.

    Parameters
    ----------
    a, n1, c, n2 : ndarray, shape (studies,)
        As in `tables`.

    Returns
    -------
    ndarray, shape (studies,)
        Positions from 0.
    """
    return np.concatenate(_groups(_support(a, n1, c, n2)[1]))


def _support(a: np.ndarray, n1: np.ndarray, c: np.ndarray, n2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first = np.maximum(0, a + c - n2)
    return first, np.minimum(n1, a + c) - first + 1


def _groups(size: np.ndarray) -> Sequence[np.ndarray]:
    """Return the positions of the studies whose supports have a similar length, shortest first."""
    power = np.ceil(np.log2(np.maximum(size, 32))).astype(int)
    return [np.flatnonzero(power == each) for each in np.unique(power)]


def _group(a: np.ndarray, n1: np.ndarray, c: np.ndarray, n2: np.ndarray, first: np.ndarray, size: np.ndarray) -> Tables:
    longest = int(size.max())
    log_ratio = np.full((a.size, longest), -np.inf)
    for row, study in enumerate(zip(a, n1, a + c, n2, first, size, strict=True)):
        log_ratio[row, : int(study[-1])] = _log_ratios(*study)
    spread = math.sqrt(longest) / 2.0
    reach = min(longest, 2 * math.ceil(SPREADS * spread) + LEAST_REACH)
    return Tables(a, first, size, np.stack([n1, n2, a + c]), log_ratio, reach)


def _log_ratios(a: float, n1: float, t: float, n2: float, first: float, size: float) -> np.ndarray:
    """Return log P(u)/P(a) at theta = 0, as sums of the logs of the steps from one u to the next."""
    u = first + np.arange(size - 1)
    steps = np.log(n1 - u) + np.log(t - u) - np.log(u + 1.0) - np.log(n2 - t + u + 1.0)
    whole = np.concatenate([[0.0], np.cumsum(steps)])
    return whole - whole[int(a - first)]
