"""Intervals of the two variance components of nested effects by their profile likelihoods."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from taprev.synthesis.kernels.blocks import BlockLayout, laid_out
from taprev.synthesis.kernels.components import certify_components, climb, grid, highest, identifiable
from taprev.synthesis.kernels.multilevel import METHODS
from taprev.synthesis.kernels.nested_likelihood import LIKELIHOODS, score
from taprev.synthesis.kernels.refusals import refuse_level, refuse_word
from taprev.synthesis.kernels.robust import in_doubles
from taprev.vocabulary import Tau2Method

STRIDE = 2.0
MOST_STRIDES = 400
LAST_STEP = 1e-12
MOST_STEPS = 200


@dataclass(frozen=True)
class ComponentInterval:
    """A variance component and the values of it that its profile likelihood does not reject."""

    sigma2: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True)
class ComponentIntervals:
    """The intervals of both components; None for one that the data cannot estimate."""

    study: ComponentInterval | None
    effect: ComponentInterval | None
    level: float
    method: str


@dataclass(frozen=True)
class _Profile:
    """The likelihood of one component with the other at its best, above the height that the interval asks for."""

    layout: BlockLayout
    method: Tau2Method
    component: int
    free: np.ndarray
    needed: float

    def at(self, value: float) -> tuple[float, float]:
        """Return how far the profile is above the height, and its slope."""
        theta = _best_beside(self, value)
        height = LIKELIHOODS[self.method](self.layout, theta) - self.needed
        return height, float(score(self.layout, theta, self.method).gradient[self.component])


@in_doubles()
def component_intervals(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Hashable] | np.ndarray,
    rho: float = 0.0,
    X: ArrayLike | None = None,
    level: float = 0.95,
    method: str = "REML",
) -> ComponentIntervals:
    """Return the intervals of sigma2_study and sigma2_effect, as metafor's `confint` of a model by `rma.mv`.

    An interval holds the values whose likelihood, with the other component and the coefficients at their best, is
    at most half a quantile of chi-squared with one degree of freedom below the highest of all. It is the part around
    the estimate, and its lower end is 0 where that is not rejected.

    Parameters
    ----------
    yi : array_like, shape (n,)
        The effects.
    vi : array_like, shape (n,) or (n, n)
        Their sampling variances, in squared units of `yi`, or the matrix of their covariances.
    study : sequence of hashable, length n
        The study of each effect.
    rho : float
        As in `multilevel`.
    X : array_like, shape (n, p), optional
        The design, with its own intercept; a column of ones if not given.
    level : float
        The level of the intervals, between 0 and 1.
    method : str
        REML or ML.

    Returns
    -------
    ComponentIntervals
        In squared units of `yi`.

    Raises
    ------
    ValueError
        For what `blocks.laid_out` refuses, and for unknown choices.
    ArithmeticError
        As in `multilevel`, and if an end is not found.

    References
    ----------
    Hardy and Thompson 1996, Statistics in Medicine 15:619-629 (profile likelihood); Viechtbauer 2010, Journal of
    Statistical Software 36(3) (confint).
    """
    refuse_word("method", method, METHODS)
    refuse_level(level)
    by = Tau2Method(method)
    layout = laid_out(yi, vi, study, X, rho)
    free, _ = identifiable(layout)
    theta = highest(layout, free, by)
    certify_components(layout, theta, free, by)
    needed = LIKELIHOODS[by](layout, theta) - float(chdtri(1.0, 1.0 - level)) / 2
    found = [
        _interval(_Profile(layout, by, component, free, needed), float(theta[component])) if free[component] else None
        for component in (0, 1)
    ]
    return ComponentIntervals(found[0], found[1], level, by)


def _interval(profile: _Profile, estimate: float) -> ComponentInterval:
    unit = profile.layout.unit**2
    lower, upper = _lower_end(profile, estimate), _upper_end(profile, estimate)
    return ComponentInterval(estimate * unit, lower * unit, upper * unit)


def _lower_end(profile: _Profile, estimate: float) -> float:
    """Return the end below the estimate, 0 if the profile is high enough everywhere on the way there."""
    smallest = float(grid(profile.layout, profile.free)[profile.component][1:2].sum()) / STRIDE**10
    inside = estimate
    while inside > smallest:
        outside = inside / STRIDE
        if profile.at(outside)[0] < 0:
            return _crossing(profile, inside, outside)
        inside = outside
    return _crossing(profile, inside, 0.0) if inside > 0 and profile.at(0.0)[0] < 0 else 0.0


def _upper_end(profile: _Profile, estimate: float) -> float:
    inside = estimate
    outside = max(estimate, float(profile.layout.v.min())) * STRIDE
    for _ in range(MOST_STRIDES):
        if profile.at(outside)[0] < 0:
            return _crossing(profile, inside, outside)
        inside, outside = outside, outside * STRIDE
    raise ArithmeticError("the profile likelihood of a variance component does not fall, and its interval has no end")


def _crossing(profile: _Profile, inside: float, outside: float) -> float:
    """Return where the profile crosses the height between both, by Newton's method inside a bracket."""
    value = 0.5 * (inside + outside)
    for _ in range(MOST_STEPS):
        height, slope = profile.at(value)
        inside, outside = (value, outside) if height >= 0 else (inside, value)
        low, high = min(inside, outside), max(inside, outside)
        ahead = value - height / slope if slope else np.nan
        following = ahead if low < ahead < high else 0.5 * (low + high)
        if abs(following - value) <= LAST_STEP * high:
            return float(following)
        value = following
    raise ArithmeticError("the end of an interval of a variance component was not found")


def _best_beside(profile: _Profile, value: float) -> np.ndarray:
    """Return both components, one at this value and the other where the likelihood is highest beside it."""
    layout, method, component = profile.layout, profile.method, profile.component
    other = 1 - component
    theta = np.zeros(2)
    theta[component] = value
    if not profile.free[other]:
        return theta
    scan = grid(layout, profile.free)[other]
    points = np.tile(theta, (scan.size, 1))
    points[:, other] = scan
    heights = np.array([LIKELIHOODS[method](layout, point) for point in points])
    beside = np.pad(heights, 1, constant_values=-np.inf)
    tops = points[(heights >= beside[:-2]) & (heights >= beside[2:])]
    moves = np.arange(2) == other
    maxima = [climb(layout, top, moves, method) for top in tops]
    return max(maxima, key=lambda one: LIKELIHOODS[method](layout, one))
