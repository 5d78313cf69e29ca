"""The maximum of a smooth likelihood of a few parameters, by Newton's steps turned uphill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ENOUGH, SMALLEST_BEND = 1e-14, 1e-200
MOST_STEPS, MOST_HALVINGS = 100, 40


@dataclass(frozen=True)
class Hill:
    """A log likelihood at some parameters, with its slope and its curvature there."""

    height: float
    slope: np.ndarray
    curvature: np.ndarray


def climbed(
    hill: Callable[[np.ndarray], Hill],
    start: np.ndarray,
    low: np.ndarray | float = -np.inf,
    high: np.ndarray | float = np.inf,
    free: np.ndarray | bool = True,
) -> tuple[np.ndarray, Hill]:
    """Return the maximum that Newton's steps reach from a start, within bounds.

    Parameters
    ----------
    hill : callable
        Gives the likelihood at parameters.
    start : ndarray, shape (p,)
    low, high : ndarray or float
        The bounds of the parameters.
    free : ndarray or bool
        Which parameters may move.

    Returns
    -------
    tuple of ndarray and Hill
        The parameters and the likelihood there.
    """

    def step_at(theta: np.ndarray, here: Hill) -> np.ndarray:
        held = ((theta <= low) & (here.slope < 0)) | ((theta >= high) & (here.slope > 0)) | ~np.asarray(free)
        return _uphill(here, ~held)

    def moved(theta: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, Hill]:
        trial = np.clip(theta + step, low, high)
        return trial, hill(trial)

    theta, here = start, hill(start)
    for _ in range(MOST_STEPS):
        step = step_at(theta, here)
        if not step @ here.slope > ENOUGH:
            break
        trials = (moved(theta, 0.5**halving * step) for halving in range(MOST_HALVINGS))
        higher = next((one for one in trials if one[1].height > here.height), None)
        if higher is None:
            break
        theta, here = higher
    return _polished(theta, here, step_at, moved)


def _polished(
    theta: np.ndarray,
    here: Hill,
    step_at: Callable[[np.ndarray, Hill], np.ndarray],
    moved: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, Hill]],
) -> tuple[np.ndarray, Hill]:
    """Return the maximum to the last digits: Newton's steps as long as the slope falls, where heights are all equal."""
    step = step_at(theta, here)
    for _ in range(MOST_STEPS):
        trial, there = moved(theta, step)
        following = step_at(trial, there)
        if not following @ there.slope < step @ here.slope:
            break
        theta, here, step = trial, there, following
    return theta, here


def _uphill(here: Hill, moving: np.ndarray) -> np.ndarray:
    """Return Newton's step of the parameters that move, turned uphill where the likelihood is not concave.

    Each parameter is counted in units of its own curvature, so that the step does not depend on the unit of the
    effects.
    """
    step = np.zeros(here.slope.size)
    index = np.flatnonzero(moving)
    if index.size:
        own = np.abs(np.diag(here.curvature))[index]
        unit = 1 / np.sqrt(np.where(own > SMALLEST_BEND, own, 1.0))
        values, vectors = np.linalg.eigh(here.curvature[np.ix_(index, index)] * np.outer(unit, unit))
        bend = np.maximum(np.abs(values), 1e-9 * np.abs(values).max(initial=1e-300))
        step[index] = unit * (vectors @ ((vectors.T @ (unit * here.slope[index])) / bend))
    return step
