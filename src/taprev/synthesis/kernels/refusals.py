"""Refuse data and choices that no random-effects model can take, in a sentence that says where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized

import numpy as np
from numpy.typing import ArrayLike

from taprev.vocabulary import CiChoice, PredictionDf, Tau2Method

LARGEST_EFFECT = 1e100
EVENTS_AND_TOTALS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
COUNTS_AND_TIMES = ("count_arm1", "time_arm1", "count_arm2", "time_arm2")


def refuse_choices(tau2_method: str, ci_method: str, level: float, pi_df: str = "k-1") -> None:
    """Raise ValueError for a method that does not exist or a level outside (0, 1).

    Parameters
    ----------
    tau2_method : str
        A `Tau2Method`.
    ci_method : str
        A `CiChoice`.
    level : float
        The level of the intervals, between 0 and 1.
    pi_df : str
        A `PredictionDf`.

    Raises
    ------
    ValueError
        For the first choice that is none of these; the message says what it must be.
    """
    for name, value, known in (
        ("tau2_method", tau2_method, Tau2Method),
        ("ci_method", ci_method, CiChoice),
        ("pi_df", pi_df, PredictionDf),
    ):
        refuse_word(name, value, tuple(known))
    refuse_level(level)


def refuse_word(name: str, value: str, known: Sequence[str]) -> None:
    """Raise ValueError for a choice that is none of those there are.

    Parameters
    ----------
    name, value : str
        What is chosen, and how.
    known : sequence of str
        The choices there are.

    Raises
    ------
    ValueError
        The message names them.
    """
    if value not in known:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(known)}")


def refuse_level(level: float) -> None:
    """Raise ValueError for a level of confidence outside (0, 1).

    Parameters
    ----------
    level : float
        The level.

    Raises
    ------
    ValueError
        If it is not a number, or not between 0 and 1.
    """
    if not (isinstance(level, (int, float)) and 0.0 < level < 1.0):
        raise ValueError(f"level is {level!r}; it must lie between 0 and 1, such as 0.95")


def sound_set(yi: ArrayLike, vi: ArrayLike, one: str = "study") -> tuple[np.ndarray, np.ndarray]:
    """Return the effects and variances of one set as arrays of one row.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        The effects and their sampling variances.
    one : str
        What a single effect is called in a message.

    Returns
    -------
    tuple of ndarray
        Effects and variances, of shape (1, k).

    Raises
    ------
    ValueError
        If the set is empty, the lengths differ, or a value is missing, infinite or not a positive variance.
    """
    y, v = numbers("yi", yi, 1), numbers("vi", vi, 1)
    if y.size != v.size:
        raise ValueError(f"yi has {y.size} values and vi has {v.size}; every effect needs its variance")
    if y.size == 0:
        raise ValueError(f"yi and vi are empty; there is no {one} to pool")
    refuse_values(y[None], v[None], lambda row, column: f"{one} {column + 1}")
    return y[None], v[None]


def refuse_length(name: str, values: Sized, k: int) -> None:
    """Raise ValueError where there is not one value for each of k effects.

    Parameters
    ----------
    name : str
        What the message calls the values.
    values : sized
    k : int
        The number of effects.

    Raises
    ------
    ValueError
        With both numbers.
    """
    if len(values) != k:
        raise ValueError(f"{name} has {len(values)} values and there are {k} effects; every effect needs one")


def sound_labels(name: str, values: ArrayLike, k: int) -> np.ndarray:
    """Return what groups k effects, or what they are called, as an array.

    Parameters
    ----------
    name : str
        What the message calls the values.
    values : array_like, shape (k,)
    k : int
        The number of effects.

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        For another number of them, and for one that is masked or missing.
    """
    masked: np.ma.MaskedArray = np.ma.asarray(values)
    refuse_length(name, masked, k)
    array: np.ndarray = np.asarray(masked.data)
    missing = np.ma.getmaskarray(masked) | (array != array)
    if missing.any():
        raise ValueError(f"study {int(np.flatnonzero(missing)[0]) + 1}: {name} has no value")
    return array


def sound_effects(yi: ArrayLike, vi: ArrayLike, one: str = "study") -> tuple[np.ndarray, np.ndarray]:
    """Return the effects and variances of one set as one-dimensional arrays, refused as by `sound_set`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    one : str
        What a single effect is called in a message.

    Returns
    -------
    tuple of ndarray
        Effects and variances, of shape (k,).
    """
    y, v = sound_set(yi, vi, one)
    effects: np.ndarray = y[0]
    variances: np.ndarray = v[0]
    return effects, variances


def sound_sets(Y: ArrayLike, V: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects and variances of many sets as arrays.

    Parameters
    ----------
    Y, V : array_like, shape (sets, studies)
        The effects and their sampling variances. NaN in both marks an absent study; NaN in only one is refused.

    Returns
    -------
    tuple of ndarray
        Effects and variances, of shape (sets, studies).

    Raises
    ------
    ValueError
        If the shapes differ, a set is empty, or a value is missing, infinite or not a positive variance.
    """
    y, v = numbers("Y", Y, 2), numbers("V", V, 2)
    if y.shape != v.shape:
        raise ValueError(f"Y has shape {y.shape} and V has {v.shape}; every effect needs its variance")
    absent = np.isnan(y) & np.isnan(v)
    empty = np.flatnonzero(absent.all(axis=1))
    if y.shape[0] == 0 or empty.size:
        where = f"set {empty[0] + 1}" if empty.size else "the batch"
        raise ValueError(f"{where} is empty; there is no study to pool")
    refuse_values(
        np.where(absent, 0.0, y),
        np.where(absent, 1.0, v),
        lambda row, column: f"set {row + 1}, study {column + 1}",
    )
    return y, v


def sound_design(X: ArrayLike | None, k: int) -> np.ndarray:
    """Return the design matrix of a regression of k effects.

    Parameters
    ----------
    X : array_like, shape (k, p), optional
        By default a column of ones.
    k : int
        The number of effects.

    Returns
    -------
    ndarray, shape (k, p)

    Raises
    ------
    ValueError
        For other shapes, a value that is not finite, a design without full rank, and too few effects.
    """
    design = np.ones((k, 1)) if X is None else numbers("X", X, 2)
    if design.shape[0] != k:
        raise ValueError(f"the moderators have {design.shape[0]} rows and there are {k} effects")
    if not np.isfinite(design).all():
        raise ValueError("a moderator has a value that is missing or infinite")
    p = design.shape[1]
    if k <= p:
        raise ValueError(f"a model needs more effects (here {k}) than coefficients (here {p})")
    lengths = np.linalg.norm(design, axis=0)
    if not lengths.all() or np.linalg.matrix_rank(design / lengths) < p:
        raise ValueError("the design is singular: a moderator is the same in all rows, or follows from the others")
    return design


def sound_weights(weights: ArrayLike, k: int) -> np.ndarray:
    """Return weights of one's own for k effects.

    Parameters
    ----------
    weights : array_like, shape (k,)
    k : int
        The number of effects.

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        For another number of them, one that is not finite or below 0, and where all are 0.
    """
    own = numbers("weights", weights, 1)
    if own.size != k or not np.isfinite(own).all() or (own < 0).any() or not own.any():
        raise ValueError(f"weights must be {k} finite numbers, none below 0 and not all 0")
    return own


def numbers(name: str, values: ArrayLike, dimensions: int) -> np.ndarray:
    """Return values as floats of so many dimensions, a masked one as NaN, or raise ValueError.

    Parameters
    ----------
    name : str
        What the message calls the values.
    values : array_like
        The values.
    dimensions : int
        1 or 2.

    Returns
    -------
    ndarray of float
        The values, in the shape they have.

    Raises
    ------
    ValueError
        If a value is not a number, the rows differ in length, or the dimensions are others.
    """
    try:
        if np.ma.asarray(values).dtype.kind in "mMc":
            raise TypeError("dates, durations and complex numbers are none")
        array: np.ndarray = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers only, in rows of equal length") from error
    if array.ndim != dimensions:
        wanted = "one row of numbers" if dimensions == 1 else "one row a set"
        raise ValueError(f"{name} has shape {array.shape}; it must be {wanted}")
    return array


def refuse_values(y: np.ndarray, v: np.ndarray, place: Callable[[int, int], str]) -> None:
    """Raise ValueError for the first effect or variance that no model can take; `place` names it.

    Parameters
    ----------
    y, v : ndarray, shape (sets, studies)
        Effects and sampling variances.
    place : callable
        Takes row and column, counted from 0, and returns the words that name the study.

    Raises
    ------
    ValueError
        For a value that is missing or infinite, and for a variance that is zero or negative.
    """
    for bad, array, sentence in (
        (np.isnan(y), y, "the effect is missing (NaN)"),
        (np.isinf(y), y, "the effect is infinite"),
        (np.abs(y) > LARGEST_EFFECT, y, "the effect is too large to compute with"),
        (np.isnan(v), v, "the variance is missing (NaN)"),
        (np.isinf(v), v, "the variance is infinite"),
        (v == 0, v, "the variance is zero"),
        (v < 0, v, "the variance is negative"),
    ):
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            value_text = f"found {array[row, column]:g}"
            raise ValueError(f"{place(row, column)}: {sentence}; {value_text}, expected a finite {_wanted(sentence)}")


def _wanted(sentence: str) -> str:
    return "positive variance" if "variance" in sentence else "number"


def sound_tables(*figures: ArrayLike) -> tuple[np.ndarray, ...]:
    """Return events and totals of both arms as arrays of one length.

    Parameters
    ----------
    *figures : array_like, shape (studies,)
        The columns of `EVENTS_AND_TOTALS`, in their order.

    Returns
    -------
    tuple of ndarray
        The same columns.

    Raises
    ------
    ValueError
        For a figure that no study can have; the message names the study.
    """
    columns = _columns("events and totals", figures)
    for name, column in zip(EVENTS_AND_TOTALS, columns, strict=True):
        least = 1 if name.startswith("totaln") else 0
        _refuse_figure(~(np.isfinite(column) & (column >= least)), name, column, f"a number of at least {least}")
    for event, total in ((0, 1), (2, 3)):
        above = f"at most {EVENTS_AND_TOTALS[total]}"
        _refuse_figure(columns[event] > columns[total], EVENTS_AND_TOTALS[event], columns[event], above)
    return columns


def sound_counts(*figures: ArrayLike) -> tuple[np.ndarray, ...]:
    """Return counts and person-time of both arms as arrays of one length.

    Parameters
    ----------
    *figures : array_like, shape (studies,)
        The columns of `COUNTS_AND_TIMES`, in their order.

    Returns
    -------
    tuple of ndarray
        The same columns.

    Raises
    ------
    ValueError
        For a figure that no study can have; the message names the study.
    """
    columns = _columns("counts and person-time", figures)
    for name, column in zip(COUNTS_AND_TIMES, columns, strict=True):
        time = name.startswith("time")
        sound = np.isfinite(column) & (column > 0 if time else column >= 0)
        _refuse_figure(~sound, name, column, "above zero" if time else "a number of at least 0")
    return columns


def refuse_parts(names: Sequence[str], columns: Sequence[np.ndarray]) -> None:
    """Raise ValueError for counts that are no whole numbers, which no exact likelihood can take.

    Parameters
    ----------
    names : sequence of str
        What the columns are called.
    columns : sequence of ndarray, shape (studies,)
        The counts.

    Raises
    ------
    ValueError
        For the first part of an event or a person; the message names the study.
    """
    for name, column in zip(names, columns, strict=True):
        _refuse_figure(column != np.rint(column), name, column, "a whole number for the exact likelihood")


def _columns(what: str, figures: Sequence[ArrayLike]) -> tuple[np.ndarray, ...]:
    try:
        columns: tuple[np.ndarray, ...] = tuple(
            np.ma.filled(np.ma.asarray(values, dtype=float), np.nan) for values in figures
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must hold numbers only, one a study") from error
    if any(column.ndim != 1 or column.shape != columns[0].shape for column in columns):
        raise ValueError(f"{what} must be rows of equal length, one number a study")
    if columns[0].size == 0:
        raise ValueError(f"{what} are empty; there is no study to pool")
    return columns


def _refuse_figure(bad: np.ndarray, name: str, column: np.ndarray, wanted: str) -> None:
    if bad.any():
        position = int(np.flatnonzero(bad)[0])
        raise ValueError(f"study {position + 1}: {name} is {column[position]:g}, and must be {wanted}")
