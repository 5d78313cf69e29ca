"""What each study does to a pool of counts with one common effect: the same pool without it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from taprev.synthesis.kernels.refusals import refuse_length, sound_labels
from taprev.synthesis.results import SparseFit


@dataclass(frozen=True)
class WithoutStudy:
    """The pool without a study; `fit` is None where the others have none, and `refused` says why."""

    study: Hashable
    fit: SparseFit | None
    refused: str = ""


def without_each(
    pool: Callable[..., SparseFit], studies: Sequence[Hashable] | np.ndarray, *figures: ArrayLike, **how: object
) -> tuple[WithoutStudy, ...]:
    """Return a pool of counts without each study in turn, with all its tables, as metafor's `leave1out`.

    Parameters
    ----------
    pool : callable
        `mantel_haenszel`, `mantel_haenszel_rates` or `peto`.
    studies : sequence of hashable, length k
        The study of each table.
    *figures : array_like, shape (k,)
        The columns that `pool` takes, in its order.
    **how
        Its choices: `measure`, `level`.

    Returns
    -------
    tuple of WithoutStudy
        One for each study, in the order of their first tables.

    Raises
    ------
    ValueError
        For what `pool` refuses with all studies, for studies of another number than tables, and for one study alone.

    References
    ----------
    Viechtbauer 2010, Journal of Statistical Software 36(3).
    """
    pool(*figures, **how)
    columns = [np.asarray(column, dtype=float) for column in figures]
    refuse_length("studies", studies, columns[0].size)
    names = sound_labels("studies", np.asarray(studies), columns[0].size)
    distinct = list(dict.fromkeys(names.tolist()))
    if len(distinct) < 2:
        raise ValueError("there is one study only, and nothing is left without it")
    return tuple(_without(pool, study, [column[names != study] for column in columns], how) for study in distinct)


def _without(
    pool: Callable[..., SparseFit], study: Hashable, columns: list[np.ndarray], how: dict[str, object]
) -> WithoutStudy:
    try:
        return WithoutStudy(study, pool(*columns, **how))
    except ValueError as refusal:
        return WithoutStudy(study, None, str(refusal))
