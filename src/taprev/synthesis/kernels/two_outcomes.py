"""Two outcomes of the same studies pooled together, with the correlation of their errors known or assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.climb import Hill, climbed
from taprev.synthesis.kernels.coefficients import Coefficients, coefficients, tested_together
from taprev.synthesis.kernels.refusals import numbers, refuse_level, refuse_values, refuse_word
from taprev.synthesis.kernels.residual_tau2 import residual_tau2
from taprev.vocabulary import MetaTest, Tau2Method

LIKELIHOODS = (Tau2Method.REML, Tau2Method.ML)
TESTS = (MetaTest.Z, MetaTest.T)
SMALLEST_TAU2 = 1e-8
"""The least variance between studies that is looked for, in units of the smallest sampling variance."""
LARGEST_TAU2 = 1e4
"""The largest one, in units of the squares of all effects and the largest sampling variance."""
STEEPEST = 12.0
"""The inverse hyperbolic tangent of the strongest correlation between true effects that is looked for."""
FEWEST_OF_BOTH = 3
LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class TwoOutcomes:
    """Two pooled outcomes: `pooled` holds both with their covariance, `difference` the first less the second.

    `k` are the studies of each outcome and `both` those that have the two. `tau2` are the variances between studies,
    `rho` the correlation of true effects; `at_edge` says that a variance is zero or the correlation 1 or -1, as far as
    the data tell. `within` is the correlation of errors that was taken, None where it differs between studies. `QM`
    tests both together.
    """

    k: tuple[int, int]
    both: int
    method: Tau2Method
    test: MetaTest
    level: float
    within: float | None
    pooled: Coefficients
    difference: Coefficients
    tau2: tuple[float, float]
    rho: float
    at_edge: bool
    ll: float
    QM: float
    QM_pval: float


@dataclass(frozen=True)
class _Pairs:
    """All effects in a row, with their sampling covariance, the design of both means, and what tau2 and rho build."""

    y: np.ndarray
    S: np.ndarray
    X: np.ndarray
    parts: np.ndarray
    restricted: bool


def two_outcomes(
    yi: ArrayLike,
    vi: ArrayLike,
    within: ArrayLike,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> TwoOutcomes:
    """Pool two outcomes together, so that each lends strength to the other.

    (y1, y2) ~ N((mu1, mu2), S + T), S holding v1, v2 and within sqrt(v1 v2), T holding tau2 of each outcome and
    rho sqrt(tau2_1 tau2_2). The three parameters of T maximise the (restricted) likelihood.

    Parameters
    ----------
    yi, vi : array_like, shape (k, 2)
        The effects of both outcomes, and their sampling variances; NaN in both where a study lacks an outcome.
    within : float or array_like, shape (k,)
        The correlation of the errors of the two outcomes within a study, the same for all or one for each.
    method : str
        REML or ML.
    test : str
        z, or t with as many degrees of freedom as there are effects, less 2.
    level : float
        The level of the intervals, between 0 and 1.

    Returns
    -------
    TwoOutcomes

    Raises
    ------
    ValueError
        For unsound data, a correlation outside (-1, 1), fewer than three studies with both outcomes, and unknown
        choices.

    References
    ----------
    van Houwelingen, Arends and Stijnen 2002, Statistics in Medicine 21:589-624; Jackson, Riley and White 2011,
    Statistics in Medicine 30:2481-2498.
    """
    refuse_level(level)
    refuse_word("method", method, LIKELIHOODS)
    refuse_word("test", test, TESTS)
    y, v, r = _sound(yi, vi, within)
    data = _data(y, v, r, method == Tau2Method.REML)
    there = np.isfinite(y)
    low, high = _range(y[there], v[there])
    starts = [np.array([*_apart(y, v, Tau2Method(method), low[0]), slope]) for slope in (0.0, 0.8, -0.8)]
    theta, hill = max((climbed(lambda at: _hill(data, at), one, low, high) for one in starts), key=_height_of)
    V = data.S + np.tensordot(_covariance(theta), data.parts, axes=1)
    root = np.linalg.cholesky(V)
    X, z = np.linalg.solve(root, data.X), np.linalg.solve(root, data.y)
    vb = np.linalg.inv(X.T @ X)
    beta = vb @ (X.T @ z)
    dfs = float(data.y.size - 2) if test == MetaTest.T else None
    contrast = np.array([[1.0, -1.0]])
    QM, _, QM_pval = tested_together(beta, vb, dfs)
    constant = data.y.size * LOG_2PI
    if data.restricted:
        constant -= 2 * LOG_2PI + float(np.linalg.slogdet(data.X.T @ data.X)[1])
    return TwoOutcomes(
        k=(int(there[:, 0].sum()), int(there[:, 1].sum())),
        both=int(there.all(axis=1).sum()),
        method=Tau2Method(method),
        test=MetaTest(test),
        level=level,
        within=float(r[0]) if np.ptp(r) == 0 else None,
        pooled=coefficients(beta, vb, dfs, level),
        difference=coefficients(contrast @ beta, contrast @ vb @ contrast.T, dfs, level),
        tau2=(float(np.exp(theta[0])), float(np.exp(theta[1]))),
        rho=float(np.tanh(theta[2])),
        at_edge=bool(np.any((theta <= low) | (theta >= high))),
        ll=hill.height - constant / 2,
        QM=QM,
        QM_pval=QM_pval,
    )


def two_outcomes_grid(
    yi: ArrayLike,
    vi: ArrayLike,
    grid: Iterable[float],
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> tuple[TwoOutcomes, ...]:
    """Pool two outcomes together under each of several correlations of their errors, where none is known.

    Parameters
    ----------
    yi, vi, method, test, level
        As in `two_outcomes`.
    grid : iterable of float
        The correlations, each for all studies.

    Returns
    -------
    tuple of TwoOutcomes

    Raises
    ------
    ValueError
        As in `two_outcomes`.
    """
    return tuple(two_outcomes(yi, vi, within, method, test, level) for within in grid)


def _sound(yi: ArrayLike, vi: ArrayLike, within: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, v = numbers("yi", yi, 2), numbers("vi", vi, 2)
    for name, array in (("yi", y), ("vi", v)):
        if array.shape != (len(y), 2):
            raise ValueError(f"{name} has the shape {array.shape}; it needs a row for each study and two columns")
    if np.any(np.isnan(y) != np.isnan(v)):
        row, column = np.argwhere(np.isnan(y) != np.isnan(v))[0]
        raise ValueError(f"study {row + 1} has an effect or a variance of outcome {column + 1}, and not both")
    for column in range(2):
        there = ~np.isnan(y[:, column])
        place = _place(np.flatnonzero(there) + 1, column + 1)
        refuse_values(y[None, there, column], v[None, there, column], place)
    both = int((~np.isnan(y)).all(axis=1).sum())
    if both < FEWEST_OF_BOTH:
        raise ValueError(f"{both} studies have both outcomes; their correlation needs {FEWEST_OF_BOTH} or more")
    r = np.broadcast_to(np.asarray(within, float), (len(y),))
    if not np.all(np.abs(r) < 1):
        raise ValueError("within must be correlations between -1 and 1, the same for all studies or one for each")
    return y, v, r


def _place(studies: np.ndarray, outcome: int) -> Callable[[int, int], str]:
    return lambda _, i: f"study {studies[i]}, outcome {outcome}"


def _data(y: np.ndarray, v: np.ndarray, r: np.ndarray, restricted: bool) -> _Pairs:
    study, outcome = np.nonzero(~np.isnan(y))
    same = study[:, None] == study
    variance = v[study, outcome]
    between = np.where(np.eye(study.size, dtype=bool), 1.0, r[study][:, None])
    X = np.eye(2)[outcome]
    crossed = same & (outcome[:, None] != outcome)
    parts = np.stack([np.diag(X[:, 0]), np.diag(X[:, 1]), crossed.astype(float)])
    return _Pairs(y[study, outcome], same * between * np.sqrt(np.outer(variance, variance)), X, parts, restricted)


def _range(y: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    least, most = float(np.log(SMALLEST_TAU2 * v.min())), float(np.log(LARGEST_TAU2 * (np.sum(y**2) + v.max())))
    return np.array([least, least, -STEEPEST]), np.array([most, most, STEEPEST])


def _apart(y: np.ndarray, v: np.ndarray, method: Tau2Method, least: float) -> list[float]:
    """Return the log variance between studies of each outcome alone, where the search begins."""
    logs = []
    for column in range(2):
        there = ~np.isnan(y[:, column])
        tau2 = residual_tau2(y[there, column], v[there, column], np.ones((int(there.sum()), 1)), method)
        logs.append(max(float(np.log(max(tau2, 0.05 * float(np.median(v[there, column]))))), least))
    return logs


def _height_of(found: tuple[np.ndarray, Hill]) -> float:
    return found[1].height


def _covariance(theta: np.ndarray) -> np.ndarray:
    """Return both variances and the covariance between studies."""
    return np.array([np.exp(theta[0]), np.exp(theta[1]), np.tanh(theta[2]) * np.exp((theta[0] + theta[1]) / 2)])


def _hill(data: _Pairs, theta: np.ndarray) -> Hill:
    """Return the (restricted) log likelihood with its derivatives, first by the covariance, then by the parameters."""
    first, second, joint = _covariance(theta)
    V = data.S + np.tensordot(np.array([first, second, joint]), data.parts, axes=1)
    inverse = np.linalg.inv(V)
    information = data.X.T @ inverse @ data.X
    P = inverse - inverse @ data.X @ np.linalg.solve(information, data.X.T @ inverse)
    u = P @ data.y
    by = P if data.restricted else inverse
    height = -0.5 * float(np.linalg.slogdet(V)[1] + data.y @ u)
    if data.restricted:
        height -= 0.5 * float(np.linalg.slogdet(information)[1])
    moved, turned = data.parts @ u, by @ data.parts
    slope = 0.5 * (moved @ u - np.trace(turned, axis1=1, axis2=2))
    curvature = 0.5 * np.einsum("aij,bji->ab", turned, turned) - moved @ P @ moved.T
    steep = 1.0 - np.tanh(theta[2]) ** 2
    by_z = steep * np.exp((theta[0] + theta[1]) / 2)
    J = np.array([[first, 0.0, 0.0], [0.0, second, 0.0], [joint / 2, joint / 2, by_z]])
    bent = np.array(
        [
            [joint / 4, joint / 4, by_z / 2],
            [joint / 4, joint / 4, by_z / 2],
            [by_z / 2, by_z / 2, -2 * np.tanh(theta[2]) * by_z],
        ]
    )
    more = np.diag([slope[0] * first, slope[1] * second, 0.0]) + slope[2] * bent
    return Hill(height, J.T @ slope, J.T @ curvature @ J + more)
