"""The two variance components of nested effects: the restricted likelihood and its certified maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taprev.notes import Note, note
from taprev.synthesis.kernels.blocks import BlockLayout, blocks
from taprev.synthesis.kernels.robust import TOO_FAR_APART, gls, in_doubles
from taprev.synthesis.results import Certificate
from taprev.vocabulary import NoteCode

TOLERANCE = 1e-9
LARGEST_LOSS = 1e-6
GRID_FACTOR = 6.0
MOST_POINTS = 24
MOST_STEPS = 200
MOST_HALVINGS = 40
SMALLEST_GAIN = 1e-9
NEAR = 4.0
IDENTIFIABLE = 1e-11
EQUATIONS = (
    "|1'Py|^2 by study / tr(1'P1) - 1, the score of sigma2_study over its trace term",
    "y'PPy / tr(P) - 1, the score of sigma2_effect over its trace term",
)


@dataclass(frozen=True)
class Score:
    """The restricted likelihood's derivatives: pairs for (sigma2_study, sigma2_effect).

    The gradient is (`data` - `trace`) / 2, `whole` the trace before the design's part is subtracted;
    `expected` is the expected information, `hessian` exact.
    """

    data: np.ndarray
    trace: np.ndarray
    whole: np.ndarray
    expected: np.ndarray
    hessian: np.ndarray

    @property
    def gradient(self) -> np.ndarray:
        """The slope of the restricted log-likelihood."""
        return (self.data - self.trace) / 2

    @property
    def residuals(self) -> np.ndarray:
        """The gradient without a unit, as the certificate has it."""
        return self.data / np.where(self.trace > 0, self.trace, 1.0) - 1.0


@in_doubles()
def restricted_maximum(layout: BlockLayout, free: np.ndarray) -> np.ndarray:
    """Return the two variance components with the highest restricted likelihood.

    The likelihood is scanned on a grid that is even in the logarithm and includes both boundaries. Newton's method
    climbs from the best point of every row and column that comes close to the best of all, and the highest of the
    maxima is taken.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    free : ndarray of bool, shape (2,)
        Which of the components are estimated; the others are 0.

    Returns
    -------
    ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.

    Raises
    ------
    ArithmeticError
        If the variances are too far apart for doubles.
    """
    study, effect = _grid(layout, free)
    heights = np.array([[restricted_likelihood(layout, (a, b)) for b in effect] for a in study])
    best = (heights == heights.max(axis=0)) | (heights == heights.max(axis=1)[:, None])
    starts = np.argwhere(best & (heights >= heights.max() - NEAR))
    if not starts.size:
        raise ArithmeticError(TOO_FAR_APART)
    maxima = [_climb(layout, np.array([study[i], effect[j]]), free) for i, j in starts]
    return max(maxima, key=lambda theta: restricted_likelihood(layout, theta))


def _grid(layout: BlockLayout, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = blocks(layout, 0.0, 0.0)
    top = float(np.sum((layout.y - (layout.Q @ layout.y) @ layout.Q) ** 2))
    grids = []
    for estimated, low in zip(free, (0.1 / at.precision.max(), 0.1 * layout.v.min()), strict=True):
        points = np.zeros(0)
        if estimated and top > low:
            number = int(np.ceil(np.log(top / low) / np.log(GRID_FACTOR))) + 1
            points = np.geomspace(low, top, min(max(number, 2), MOST_POINTS))
        grids.append(np.concatenate([[0.0], points]))
    return grids[0], grids[1]


def restricted_likelihood(layout: BlockLayout, theta: Sequence[float] | np.ndarray) -> float:
    """Return the restricted log-likelihood at `theta`, both scaled, without its constant.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : sequence of float or ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.

    Returns
    -------
    float
        The log-likelihood.

    References
    ----------
    Harville 1977, Journal of the American Statistical Association 72:320-338.
    """
    at = blocks(layout, *theta)
    fit = gls(at)
    log_root = np.log(np.diag(fit.root)).sum()
    return float(log_root - 0.5 * (at.log_det + fit.residuals @ at.solve(fit.residuals)))


def score(layout: BlockLayout, theta: np.ndarray) -> Score:
    """Return the derivatives at `theta`, all of them sums over studies.

    With P = W - WQ B Q'W, Py the weighted residuals and D the derivatives of M, 11' within studies and I:
    gradient (y'PDPy - tr(PD)) / 2, expected information tr(PDPD') / 2, Hessian tr(PDPD') / 2 - y'PDPD'Py.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.

    Returns
    -------
    Score
        The derivatives, in scaled units.

    References
    ----------
    Harville 1977, Journal of the American Statistical Association 72:320-338.
    """
    at = blocks(layout, *theta)
    fit = gls(at)
    Y = fit.root.T @ fit.WQ
    u = at.solve(fit.residuals)
    u_sums, S = at.totals(fit.residuals), at.totals(fit.root.T @ layout.Q)
    YY, SS, WY = Y @ Y.T, S @ S.T, at.solve(Y)
    precision, precision2 = at.precision, at.precision2
    whole = np.array([precision.sum(), at.trace])
    trace = whole - [np.trace(SS), np.trace(YY)]
    both = precision2.sum() - 2 * np.sum(layout.sums(WY) * S) + np.sum(SS * YY)
    study2 = np.sum(precision**2) - 2 * np.sum(precision * np.sum(S**2, axis=0)) + np.sum(SS**2)
    effect2 = at.trace2 - 2 * np.sum(Y * WY) + np.sum(YY**2)
    expected = np.array([[study2, both], [both, effect2]]) / 2
    moved = np.stack([u_sums[layout.owner], u])
    weighed = at.solve(moved)
    second = moved @ weighed.T - (moved @ Y.T) @ (moved @ Y.T).T
    return Score(np.array([u_sums @ u_sums, u @ u]), trace, whole, expected, expected - second)


def _climb(layout: BlockLayout, theta: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the maximum reached from `theta`: ascent while the likelihood grows, then Newton to the last digit."""
    height = restricted_likelihood(layout, theta)
    for _ in range(MOST_STEPS):
        here = score(layout, theta)
        higher = _ascent(layout, theta, height, here, free)
        if higher is None:
            break
        gain, (theta, height) = higher[1] - height, higher
        if gain <= SMALLEST_GAIN:
            break
    return _polish(layout, theta, free)


def _ascent(
    layout: BlockLayout, theta: np.ndarray, height: float, here: Score, free: np.ndarray
) -> tuple[np.ndarray, float] | None:
    """Return the first higher point along Newton's step or, if there is none, along the gradient; None if neither."""
    steepest = np.where(free, here.gradient / np.maximum(np.diag(here.expected), 1e-300), 0.0)
    for step in (_newton_step(theta, here, free), steepest):
        for halving in range(MOST_HALVINGS):
            trial = np.maximum(theta + 0.5**halving * step, 0.0)
            if (trial == theta).all():
                break
            if (trial_height := restricted_likelihood(layout, trial)) > height:
                return trial, trial_height
    return None


def _newton_step(theta: np.ndarray, here: Score, free: np.ndarray) -> np.ndarray:
    """Return Newton's step of the components that may move, by the expected information if not concave."""
    active = np.flatnonzero(free & ((theta > 0) | (here.gradient > 0)))
    information = -here.hessian[np.ix_(active, active)]
    if active.size and not (np.linalg.eigvalsh(information) > 0).all():
        information = here.expected[np.ix_(active, active)]
    step = np.zeros(2)
    step[active] = np.linalg.lstsq(information, here.gradient[active], rcond=None)[0]
    return step


def _polish(layout: BlockLayout, theta: np.ndarray, free: np.ndarray) -> np.ndarray:
    here = score(layout, theta)
    error = violations(here.residuals, theta, free).max()
    for _ in range(MOST_STEPS):
        trial = np.maximum(theta + _newton_step(theta, here, free), 0.0)
        there = score(layout, trial)
        smaller = violations(there.residuals, trial, free).max()
        if not smaller < error:
            break
        theta, here, error = trial, there, smaller
    return theta


def violations(residuals: np.ndarray, theta: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return how far each residual is from zero, or above zero where the component is 0.

    Parameters
    ----------
    residuals : ndarray, shape (2,)
        The gradient without a unit, as `Score.residuals`.
    theta : ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in any units.
    free : ndarray of bool, shape (2,)
        Which of the components are estimated.

    Returns
    -------
    ndarray, shape (2,)
        The distances, 0 for a component that is not estimated.
    """
    return np.where(free, np.where(theta > 0, np.abs(residuals), np.maximum(residuals, 0.0)), 0.0)


def certify_components(layout: BlockLayout, theta: np.ndarray, free: np.ndarray) -> tuple[Certificate, ...]:
    """Return a certificate for each estimated component.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.
    free : ndarray of bool, shape (2,)
        Which of the components are estimated.

    Returns
    -------
    tuple of Certificate
        One for each estimated component.

    Raises
    ------
    ArithmeticError
        If a certificate does not hold.
    """
    here = score(layout, theta)
    residuals = here.residuals
    if (free & ~(np.finfo(float).eps * here.whole <= LARGEST_LOSS * here.trace)).any():
        raise ArithmeticError(TOO_FAR_APART)
    failed = np.flatnonzero(~(violations(residuals, theta, free) <= TOLERANCE))
    if failed.size:
        raise ArithmeticError(
            f"REML found no certified solution: the residual of its equation for "
            f"{('sigma2_study', 'sigma2_effect')[failed[0]]} is {residuals[failed[0]]:.3g} and should be zero "
            f"within {TOLERANCE:g}"
        )
    return tuple(
        Certificate(EQUATIONS[i], float(residuals[i]), bool(theta[i] == 0), TOLERANCE, True)
        for i in np.flatnonzero(free)
    )


def identifiable(layout: BlockLayout) -> tuple[np.ndarray, tuple[Note, ...]]:
    """Return which components the data can separate, with notes; by the angle between their covariances.

    With R = I - QQ' the angle is that of R and R 11' R (within studies) as vectors.

    Parameters
    ----------
    layout : BlockLayout
        The data, sorted by study.

    Returns
    -------
    tuple of ndarray, shape (2,), and tuple of Note
        Whether the study and the effect component can be estimated, and why one cannot.
    """
    S, sizes, n = layout.sums(layout.Q), layout.sizes, layout.y.size
    lengths = np.sum(S**2, axis=0)
    effect, both = n - S.shape[0], n - lengths.sum()
    study = np.sum((sizes - lengths) ** 2) + np.sum((S @ S.T) ** 2) - np.sum(lengths**2)
    if study <= IDENTIFIABLE * np.sum(sizes**2):
        return np.array([False, True]), (note(NoteCode.STUDY_COMPONENT_FIXED),)
    if both**2 >= (1.0 - IDENTIFIABLE) * effect * study:
        return np.array([True, False]), (note(NoteCode.COMPONENTS_NOT_TOLD_APART),)
    return np.array([True, True]), ()
