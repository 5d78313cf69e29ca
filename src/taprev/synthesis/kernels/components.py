"""The two variance components of nested effects: the certified maximum of a likelihood."""

from __future__ import annotations

import numpy as np

from taprev.notes import Note, note
from taprev.synthesis.kernels.blocks import BlockLayout, blocks
from taprev.synthesis.kernels.nested_likelihood import LIKELIHOODS, Score, score
from taprev.synthesis.kernels.robust import TOO_FAR_APART, in_doubles
from taprev.synthesis.results import Certificate
from taprev.vocabulary import NoteCode, Tau2Method

TOLERANCE = 1e-9
LARGEST_LOSS = 1e-6
GRID_FACTOR = 6.0
MOST_POINTS = 24
MOST_STEPS = 200
MOST_HALVINGS = 40
SMALLEST_GAIN = 1e-9
NEAR = 4.0
IDENTIFIABLE = 1e-11
EQUATIONS = {
    Tau2Method.REML: (
        "|1'Py|^2 by study / tr(1'P1) - 1, the score of sigma2_study over its trace term",
        "y'PPy / tr(P) - 1, the score of sigma2_effect over its trace term",
    ),
    Tau2Method.ML: (
        "|1'Py|^2 by study / tr(1'W1) - 1, the score of sigma2_study over its trace term",
        "y'PPy / tr(W) - 1, the score of sigma2_effect over its trace term",
    ),
}


@in_doubles()
def highest(layout: BlockLayout, free: np.ndarray, method: Tau2Method = Tau2Method.REML) -> np.ndarray:
    """Return the two variance components with the highest likelihood.

    The likelihood is scanned on a grid that is even in the logarithm and includes both boundaries. Newton's method
    climbs from the best point of every row and column that comes close to the best of all, and the highest of the
    maxima is taken.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    free : ndarray of bool, shape (2,)
        Which of the components are estimated; the others are 0.
    method : Tau2Method
        REML for the restricted likelihood, ML for the full one.

    Returns
    -------
    ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.

    Raises
    ------
    ArithmeticError
        If the variances are too far apart for doubles.
    """
    likelihood = LIKELIHOODS[method]
    study, effect = grid(layout, free)
    heights = np.array([[likelihood(layout, (a, b)) for b in effect] for a in study])
    best = (heights == heights.max(axis=0)) | (heights == heights.max(axis=1)[:, None])
    starts = np.argwhere(best & (heights >= heights.max() - NEAR))
    if not starts.size:
        raise ArithmeticError(TOO_FAR_APART)
    maxima = [climb(layout, np.array([study[i], effect[j]]), free, method) for i, j in starts]
    return max(maxima, key=lambda theta: likelihood(layout, theta))


def grid(layout: BlockLayout, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of both components at which a likelihood is scanned: 0, and steps even in the logarithm.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    free : ndarray of bool, shape (2,)
        Which of the components are estimated; the others have 0 alone.

    Returns
    -------
    tuple of ndarray
        The values of sigma2_study and of sigma2_effect, in scaled units.
    """
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


def climb(layout: BlockLayout, theta: np.ndarray, free: np.ndarray, method: Tau2Method) -> np.ndarray:
    """Return the maximum reached from `theta`: ascent while the likelihood grows, then Newton to the last digit.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : ndarray, shape (2,)
        (sigma2_study, sigma2_effect) to begin at, in scaled units.
    free : ndarray of bool, shape (2,)
        Which of the components move; the others stay as they are.
    method : Tau2Method
        REML or ML.

    Returns
    -------
    ndarray, shape (2,)
        The components at the maximum, in scaled units.
    """
    height = LIKELIHOODS[method](layout, theta)
    for _ in range(MOST_STEPS):
        here = score(layout, theta, method)
        higher = _ascent(layout, theta, height, here, free, method)
        if higher is None:
            break
        gain, (theta, height) = higher[1] - height, higher
        if gain <= SMALLEST_GAIN:
            break
    return _polish(layout, theta, free, method)


def _ascent(
    layout: BlockLayout, theta: np.ndarray, height: float, here: Score, free: np.ndarray, method: Tau2Method
) -> tuple[np.ndarray, float] | None:
    """Return the first higher point along Newton's step or, if there is none, along the gradient; None if neither."""
    steepest = np.where(free, here.gradient / np.maximum(np.diag(here.expected), 1e-300), 0.0)
    for step in (_newton_step(theta, here, free), steepest):
        for halving in range(MOST_HALVINGS):
            trial = np.maximum(theta + 0.5**halving * step, 0.0)
            if (trial == theta).all():
                break
            if (trial_height := LIKELIHOODS[method](layout, trial)) > height:
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


def _polish(layout: BlockLayout, theta: np.ndarray, free: np.ndarray, method: Tau2Method) -> np.ndarray:
    here = score(layout, theta, method)
    error = violations(here.residuals, theta, free).max()
    for _ in range(MOST_STEPS):
        trial = np.maximum(theta + _newton_step(theta, here, free), 0.0)
        there = score(layout, trial, method)
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


def certify_components(
    layout: BlockLayout, theta: np.ndarray, free: np.ndarray, method: Tau2Method = Tau2Method.REML
) -> tuple[Certificate, ...]:
    """Return a certificate for each estimated component.

    Parameters
    ----------
    layout : BlockLayout
        The effects sorted by study, in scaled units.
    theta : ndarray, shape (2,)
        (sigma2_study, sigma2_effect), in scaled units.
    free : ndarray of bool, shape (2,)
        Which of the components are estimated.
    method : Tau2Method
        REML or ML.

    Returns
    -------
    tuple of Certificate
        One for each estimated component.

    Raises
    ------
    ArithmeticError
        If a certificate does not hold.
    """
    here = score(layout, theta, method)
    residuals = here.residuals
    if (free & ~(np.finfo(float).eps * here.whole <= LARGEST_LOSS * here.trace)).any():
        raise ArithmeticError(TOO_FAR_APART)
    failed = np.flatnonzero(~(violations(residuals, theta, free) <= TOLERANCE))
    if failed.size:
        raise ArithmeticError(
            f"{method} found no certified solution: the residual of its equation for "
            f"{('sigma2_study', 'sigma2_effect')[failed[0]]} is {residuals[failed[0]]:.3g} and should be zero "
            f"within {TOLERANCE:g}"
        )
    return tuple(
        Certificate(EQUATIONS[method][i], float(residuals[i]), bool(theta[i] == 0), TOLERANCE, True)
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
    S, sizes, n = layout.sums(layout.one * layout.Q), layout.sizes, layout.y.size
    lengths = np.sum(S**2, axis=0)
    effect, both = n - S.shape[0], n - lengths.sum()
    study = np.sum((sizes - lengths) ** 2) + np.sum((S @ S.T) ** 2) - np.sum(lengths**2)
    if study <= IDENTIFIABLE * np.sum(sizes**2):
        return np.array([False, True]), (note(NoteCode.STUDY_COMPONENT_FIXED),)
    if both**2 >= (1.0 - IDENTIFIABLE) * effect * study:
        return np.array([True, False]), (note(NoteCode.COMPONENTS_NOT_TOLD_APART),)
    return np.array([True, True]), ()
