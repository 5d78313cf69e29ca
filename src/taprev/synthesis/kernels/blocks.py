"""Several effects of one study: their layout, and the algebra of covariances that are block diagonal.

The effects of study j have M_j = diag((1-rho) v + sigma2_effect) + rho s s' + sigma2_study 1 1', s = sqrt(v).
That is a diagonal plus rank two, so the models need only sums over studies (Woodbury 1950) and the cost
grows with the number of effects. Where the covariances of the errors are given, every study is turned to their
principal axes, in which M_j is diagonal but for its part between studies, and a column of ones is another vector
(`one`). Units are powers of two and the most precise effect is the origin, as in `scaled`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.covariances import axes_of, sound_covariance, turned, turned_back
from taprev.synthesis.kernels.refusals import numbers, sound_effects

COLLINEAR = 1e-9


@dataclass(frozen=True)
class BlockLayout:
    """Effects sorted by study, in scaled units: `y`, `v` and `owner` of shape (n,), `starts` of (studies,).

    `Q`, of shape (p, n), holds orthonormal columns that span the design; `back` (p, p) turns its
    coefficients into those of the design, to which `shares` times `origin` is added. `order` sorts the data.
    `axes` are those of a given covariance, one matrix a study; `y`, `v`, `Q` and `one`, the column of ones, are
    along them.
    """

    y: np.ndarray
    v: np.ndarray
    Q: np.ndarray
    owner: np.ndarray
    starts: np.ndarray
    order: np.ndarray
    labels: tuple[Hashable, ...]
    rho: float
    origin: float
    unit: float
    back: np.ndarray
    shares: np.ndarray
    one: np.ndarray
    axes: tuple[np.ndarray, ...]

    @property
    def sizes(self) -> np.ndarray:
        """The number of effects of each study."""
        return np.diff(self.starts, append=self.y.size)

    def sums(self, x: np.ndarray) -> np.ndarray:
        """Return the sums of `x`, of shape (..., n), over the effects of each study."""
        return np.add.reduceat(x, self.starts, axis=-1)

    def coefficients(self, gamma: np.ndarray) -> np.ndarray:
        """Return the coefficients of the design, in the units of the data, from those of `Q`."""
        return self.back @ gamma * self.unit + self.shares * self.origin

    def of_effects(self, x: np.ndarray) -> np.ndarray:
        """Return what `x`, of shape (n,), is for each effect, in the order of the data."""
        of_each = np.empty(x.size)
        of_each[self.order] = turned_back(x, self.axes, self.starts)
        return of_each


@dataclass(frozen=True)
class Blocks:
    """The covariance M at one pair of components, in scaled units.

    With M1 = M less its part between studies, `ones` is M1^-1 1 of shape (n,), `inner` 1'M1^-1 1 of each
    study, `shrink` 1 / (1 + sigma2_study inner), and `tilt` rho / (1 + rho s'D^-1 s) of the diagonal D.
    """

    layout: BlockLayout
    sigma2_study: float
    sigma2_effect: float
    w: np.ndarray
    s: np.ndarray
    tilt: np.ndarray
    ones: np.ndarray
    inner: np.ndarray
    shrink: np.ndarray

    def _inner_solve(self, x: np.ndarray) -> np.ndarray:
        if self.layout.rho == 0.0:
            return self.w * x
        ws = self.w * self.s
        return self.w * x - ws * (self.tilt * self.layout.sums(ws * x))[..., self.layout.owner]

    def solve(self, x: np.ndarray) -> np.ndarray:
        """Return M^-1 x for the rows of `x`, (..., n), from their parts within and between studies."""
        means = self.layout.sums(self.ones * x) / self.inner
        between = (means * self.shrink)[..., self.layout.owner] * self.ones
        return self._inner_solve(x - means[..., self.layout.owner] * self.layout.one) + between

    def totals(self, x: np.ndarray) -> np.ndarray:
        """Return 1'M_j^-1 x_j of every study, of shape (..., studies)."""
        return self.layout.sums(self.ones * x) * self.shrink

    @property
    def precision(self) -> np.ndarray:
        """1'M_j^-1 1 of every study."""
        return self.inner * self.shrink

    @property
    def precision2(self) -> np.ndarray:
        """1'M_j^-2 1 of every study."""
        return self.layout.sums(self.ones**2) * self.shrink**2

    @property
    def log_det(self) -> float:
        """The logarithm of the determinant of M, the product of its diagonal and of two rank-one factors."""
        tilted = np.log1p(-self.tilt * self.layout.sums(self.w * self.s**2)).sum()
        return float(-np.log(self.w).sum() - tilted - np.log(self.shrink).sum())

    @property
    def trace(self) -> float:
        """The trace of M^-1, as the sum of its parts within and between studies."""
        square = self.layout.sums(self.ones**2) / self.inner
        tilted = self.layout.sums(self.w) - self.tilt * self.layout.sums((self.w * self.s) ** 2)
        within = np.where(self.layout.sizes > 1, tilted - square, 0.0)
        return float(np.sum(within + square * self.shrink))

    @property
    def trace2(self) -> float:
        """The trace of M^-2."""
        sums, ws2 = self.layout.sums, self.w * self.s**2
        tilted = sums(self.w**2) - 2 * self.tilt * sums(self.w**2 * ws2) + (self.tilt * sums(self.w * ws2)) ** 2
        ratio = self.sigma2_study * self.shrink
        cubic, square = sums(self.ones * self._inner_solve(self.ones)), sums(self.ones**2)
        return float(np.sum(tilted - 2 * ratio * cubic + (ratio * square) ** 2))

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Return x'M_j x of every study for the rows of `x`."""
        sums, rho = self.layout.sums, self.layout.rho
        return sums(x**2 / self.w) + rho * sums(self.s * x) ** 2 + self.sigma2_study * sums(self.layout.one * x) ** 2

    def products(self, x: np.ndarray) -> np.ndarray:
        """Return x'M_j z of every study for all pairs of rows of `x`, as (rows, rows, studies)."""
        sums, one = self.layout.sums, self.layout.one
        shared, tilted = sums(one * x), sums(self.s * x)
        own = sums(x[:, None] * x[None] / self.w)
        return (
            own + self.layout.rho * tilted[:, None] * tilted[None] + self.sigma2_study * shared[:, None] * shared[None]
        )


def blocks(layout: BlockLayout, sigma2_study: float, sigma2_effect: float) -> Blocks:
    """Return the covariance for these components, which are in scaled units.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    sigma2_study, sigma2_effect : float
        The variance components between and within studies, at least 0.

    Returns
    -------
    Blocks
        M and what is needed to solve with it.

    References
    ----------
    Konstantopoulos 2011, Research Synthesis Methods 2:61-76 (three levels); Pustejovsky and Tipton 2022, Prevention
    Science 23:425-438 (correlated errors).
    """
    rho, s = layout.rho, np.sqrt(layout.v)
    w = 1.0 / ((1.0 - rho) * layout.v + sigma2_effect)
    tilt = rho / (1.0 + rho * layout.sums(w * layout.v))
    ones = w * layout.one if rho == 0.0 else w - w * s * (tilt * layout.sums(w * s))[layout.owner]
    inner = layout.sums(layout.one * ones)
    return Blocks(layout, sigma2_study, sigma2_effect, w, s, tilt, ones, inner, 1.0 / (1.0 + sigma2_study * inner))


def laid_out(
    yi: ArrayLike, vi: ArrayLike, study: Sequence[Hashable] | np.ndarray, X: ArrayLike | None = None, rho: float = 0.0
) -> BlockLayout:
    """Sort effects by study and put them, with their design, into scaled units, or refuse them.

    Parameters
    ----------
    yi : array_like, shape (n,)
        The effects.
    vi : array_like, shape (n,) or (n, n)
        Their sampling variances, in squared units of `yi`; or the matrix of all their covariances, with `rho` 0.
    study : sequence of hashable, length n
        The study of each effect, in any order.
    X : array_like, shape (n, p), optional
        The design, with its own intercept; a column of ones if not given.
    rho : float
        The correlation of the errors within a study.

    Returns
    -------
    BlockLayout
        The effects sorted by study.

    Raises
    ------
    ValueError
        For unsound numbers, missing labels, fewer than two studies, `rho` outside [0, 1), no more effects than
        coefficients, and a design whose columns are zero or collinear; the message names the first such column. Also
        for what `sound_covariance` and `axes_of` refuse, and for covariances beside a `rho`.
    """
    if not (isinstance(rho, (int, float)) and 0.0 <= rho < 1.0):
        raise ValueError(f"rho is {rho!r}; it must be at least 0 and below 1, such as 0.6")
    given = _is_matrix(vi)
    if given and rho > 0:
        raise ValueError(f"V holds the covariances of the effects, so that rho must be 0; it is {rho:g}")
    y, v = sound_effects(yi, _diagonal(vi) if given else vi, "effect")
    codes, labels = _coded(study, y.size)
    V = sound_covariance(vi, codes, labels) if given else None
    design = np.ones((y.size, 1)) if X is None else _sound_design(X, y.size)
    Q, back = _orthonormal(design)
    shares = _shares_of_one(design)
    order = np.argsort(codes, kind="stable")
    owner = codes[order]
    first = v.argmin()
    origin = float(y[first]) if shares.any() else 0.0
    unit = float(np.ldexp(1.0, np.frexp(v[first])[1] // 2))
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    along, axes = axes_of((V / unit / unit)[np.ix_(order, order)], starts, labels) if V is not None else (v, ())
    return BlockLayout(
        y=turned(((y - origin) / unit)[order], axes, starts),
        v=along if axes else (v / unit / unit)[order],
        Q=np.ascontiguousarray(turned(Q[order].T, axes, starts)),
        owner=owner,
        starts=starts,
        order=order,
        labels=labels,
        rho=float(rho),
        origin=origin,
        unit=unit,
        back=back,
        shares=shares,
        one=turned(np.ones(y.size), axes, starts),
        axes=axes,
    )


def _is_matrix(vi: ArrayLike) -> bool:
    try:
        return np.ndim(vi) == 2
    except ValueError:
        return False


def _diagonal(V: ArrayLike) -> np.ndarray:
    diagonal: np.ndarray = np.ma.asarray(V).diagonal()
    return diagonal


def _coded(study: Sequence[Hashable] | np.ndarray, n: int) -> tuple[np.ndarray, tuple[Hashable, ...]]:
    """Return the number of each effect's study, in order of appearance, and the labels."""
    names = np.asarray(study, dtype=object)
    if names.ndim != 1 or names.size != n:
        raise ValueError(f"study has shape {names.shape} and yi has {n} values; every effect needs its study")
    known: dict[Hashable, int] = {}
    for position, name in enumerate(names.tolist()):
        if name is None or name != name or name == "":
            raise ValueError(f"effect {position + 1}: its study is missing")
        known.setdefault(name, len(known))
    if len(known) < 2:
        raise ValueError("all effects are of one study; clusters are needed, at least two studies")
    return np.array([known[name] for name in names.tolist()]), tuple(known)


def _sound_design(X: ArrayLike, n: int) -> np.ndarray:
    design = numbers("X", X, 2)
    if design.shape[0] != n or design.shape[1] == 0:
        raise ValueError(f"X has shape {design.shape}; it must have one row an effect ({n}) and a column")
    if not np.isfinite(design).all():
        row, column = (int(index) + 1 for index in np.argwhere(~np.isfinite(design))[0])
        raise ValueError(f"effect {row}: column {column} of X is not a finite number")
    if design.shape[1] >= n:
        raise ValueError(f"X has {design.shape[1]} columns for {n} effects; there must be more effects")
    return design


def _orthonormal(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return orthonormal columns of the same span and the matrix that turns their coefficients back."""
    largest = np.abs(design).max(axis=0)
    if (largest == 0).any():
        raise ValueError(f"column {int(np.argmin(largest)) + 1} of X is zero everywhere; leave it out")
    lengths = largest * np.linalg.norm(design / largest, axis=0)
    Q, R = np.linalg.qr(design / lengths)
    dependent = np.flatnonzero(np.abs(np.diag(R)) < COLLINEAR)
    if dependent.size:
        raise ValueError(
            f"column {dependent[0] + 1} of X is a combination of those before it (X is singular); leave it out"
        )
    return Q, np.linalg.inv(R) / lengths[:, None]


def _shares_of_one(design: np.ndarray) -> np.ndarray:
    """Return how the columns combine to a column of ones, or zeros where they do not."""
    shares: np.ndarray = np.linalg.lstsq(design, np.ones(len(design)), rcond=None)[0]
    if (design @ np.round(shares) == 1.0).all():
        return np.rint(shares)
    return shares if np.allclose(design @ shares, 1.0, rtol=0.0, atol=1e-12) else np.zeros(shares.size)
