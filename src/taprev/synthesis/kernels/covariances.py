"""A given covariance of sampling errors: refused where no model can take it, and turned to its principal axes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.refusals import numbers

UNEQUAL = 1e-10
SMALLEST_EIGENVALUE = 1e-12


def sound_covariance(V: ArrayLike, codes: np.ndarray, labels: Sequence[Hashable]) -> np.ndarray:
    """Return a covariance matrix of sampling errors that is block diagonal by study, or refuse it.

    Parameters
    ----------
    V : array_like, shape (n, n)
        Variances in the diagonal and covariances beside it, in squared units of the effects.
    codes : ndarray of int, shape (n,)
        The number of each effect's study.
    labels : sequence of hashable
        The studies by these numbers.

    Returns
    -------
    ndarray, shape (n, n)
        The matrix, exactly symmetric.

    Raises
    ------
    ValueError
        For another shape, a value that is missing or infinite, a matrix that is not symmetric, a covariance of two
        studies, and a study whose matrix is not positive definite in doubles; the message names effects or study.
    """
    matrix, n = numbers("V", V, 2), codes.size
    if matrix.shape != (n, n):
        raise ValueError(f"V has shape {matrix.shape}; it must have a row and a column for each of the {n} effects")
    if (at := _first(~np.isfinite(matrix))) is not None:
        raise ValueError(f"row {at[0] + 1}, column {at[1] + 1} of V is missing or infinite")
    variances = np.abs(np.diag(matrix))
    if (at := _first(np.abs(matrix - matrix.T) > UNEQUAL * np.sqrt(np.outer(variances, variances)))) is not None:
        i, j = at
        raise ValueError(
            f"V is not symmetric: the covariance of effects {i + 1} and {j + 1} is {matrix[i, j]:g} in one place and "
            f"{matrix[j, i]:g} in the other"
        )
    if (at := _first((matrix != 0) & ~np.equal.outer(codes, codes))) is not None:
        i, j = at
        raise ValueError(
            f"V has a covariance of {matrix[i, j]:g} between effects {i + 1} and {j + 1}, which are of different "
            f"studies ({labels[codes[i]]!r} and {labels[codes[j]]!r}); give them one study, or no covariance"
        )
    return (matrix + matrix.T) / 2


def axes_of(V: np.ndarray, starts: np.ndarray, labels: Sequence[Hashable]) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the variances along the principal axes of every study, and the axes.

    Parameters
    ----------
    V : ndarray, shape (n, n)
        A symmetric matrix of effects sorted by study.
    starts : ndarray of int, shape (studies,)
        Where each study begins.
    labels : sequence of hashable, length studies

    Returns
    -------
    tuple of ndarray, shape (n,), and tuple of ndarray
        The eigenvalues, and an orthogonal matrix with an axis in each column for every study.

    Raises
    ------
    ValueError
        If a study's matrix has an eigenvalue that is not above zero, as far as doubles can tell.
    """
    values, axes = [], []
    for label, rows in zip(labels, np.split(np.arange(len(V)), starts[1:]), strict=True):
        of_study, vectors = np.linalg.eigh(V[np.ix_(rows, rows)])
        if of_study[0] <= SMALLEST_EIGENVALUE * of_study[-1]:
            raise ValueError(
                f"study {label!r}: its covariances in V are not positive definite (the least eigenvalue is "
                f"{of_study[0]:.3g}, the largest {of_study[-1]:.3g}); no errors can have them together"
            )
        values.append(of_study)
        axes.append(vectors)
    return np.concatenate(values), tuple(axes)


def turned(x: np.ndarray, axes: Sequence[np.ndarray], starts: np.ndarray) -> np.ndarray:
    """Return values of effects along the principal axes of their studies.

    Parameters
    ----------
    x : ndarray, shape (..., n)
        Values of effects sorted by study.
    axes : sequence of ndarray
        As `axes_of` returns them; without any, `x` is returned.
    starts : ndarray of int, shape (studies,)
        Where each study begins.

    Returns
    -------
    ndarray, shape (..., n)
    """
    if not axes:
        return x
    parts = np.split(x, starts[1:], axis=-1)
    return np.concatenate([part @ U for part, U in zip(parts, axes, strict=True)], axis=-1)


def turned_back(x: np.ndarray, axes: Sequence[np.ndarray], starts: np.ndarray) -> np.ndarray:
    """Return the values of effects from those along the principal axes, the reverse of `turned`.

    Parameters
    ----------
    x, axes, starts
        As in `turned`.

    Returns
    -------
    ndarray, shape (..., n)
    """
    return turned(x, [U.T for U in axes], starts)


def _first(where: np.ndarray) -> tuple[int, int] | None:
    found = np.argwhere(where)
    return (int(found[0][0]), int(found[0][1])) if found.size else None
